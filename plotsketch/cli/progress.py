"""Progress of long work on stderr: a bar with an ETA on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from plotsketch.cli.options import is_quiet

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress(label: str, total: float) -> Iterator[Callable[[float], None]]:
    """Yield a function that reports `amount` more of `total` done (in any unit: drawings, bytes, steps)."""
    if is_quiet():
        yield lambda amount: None
        return
    show = _bar if sys.stderr.isatty() else _lines
    with show(label, total) as advance:
        yield advance


@contextmanager
def _bar(label: str, total: float) -> Iterator[Callable[[float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda amount: bar.advance(task, amount)


@contextmanager
def _lines(label: str, total: float) -> Iterator[Callable[[float], None]]:
    """A line now and then: the first after ten seconds, so that short work stays silent."""
    done, started = 0.0, time.monotonic()
    due = started + SECONDS_BETWEEN_LINES

    def advance(amount: float) -> None:
        nonlocal done, due
        done += amount
        now = time.monotonic()
        if now >= due and done > 0:
            due = now + SECONDS_BETWEEN_LINES
            left = (now - started) * max(total - done, 0.0) / done
            click.echo(f"{label}: {100 * done / total:.0f} %, about {left:.0f} s left", err=True)

    yield advance
