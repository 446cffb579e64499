"""Times and numbers as people read them."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """``1:02:03``, ``2:03``, or ``0:00``: hours where there are any, minutes, seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def counted(number: int, thing: str) -> str:
    """1 cell, 2 cells."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
