"""Where the pen of a G-code file is on the paper: by what its profile says, or by how the file goes about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.output.gcode_dialect import UNIT_WORDS
from plotsketch.output.gcode_motion import Follower, Moves
from plotsketch.output.gcode_words import blocks

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SIGNALS = ("z", "servo")
ALIKE = 4  # decimals by which levels of the pen differ


@dataclass(frozen=True)
class Pen:
    """What tells that the pen is down: ``signal`` (``z`` in mm or ``servo``) is nearer to ``down`` than to ``up``."""

    signal: str
    up: float
    down: float

    @classmethod
    def of(cls, pen_up: object, pen_down: object, units: object) -> Pen | None:
        """By the words of a profile; None if they say nothing that can be told apart."""
        if not isinstance(pen_up, str) or not isinstance(pen_down, str) or units not in UNIT_WORDS:
            return None
        follower = Follower("the profile")
        try:
            follower.follow(blocks(f"{UNIT_WORDS[str(units)]} G90\n{pen_up}\n{pen_down}\n{pen_up}\n{pen_down}", ""))
        except UserError:  # words that only the machine itself knows
            return None
        for signal in SIGNALS:
            values = getattr(follower.moves, signal)
            if len(values) > 2 and values[-2] != values[-1] and not np.isnan(values[-2:]).any():
                return cls(signal, up=values[-2], down=values[-1])
        return None


def strokes(moves: Moves, pen: Pen | None) -> list[tuple[int, NDArray[np.intp]]]:
    """The places, as numbers into ``moves``, between a drop of the pen and the next lift, and the pen of each.

    ``pen`` None, or one that the file never puts down: by the heights, else the servo values, at which the file draws
    (`_levels_down`), else every move by feed is drawn and every rapid one is not.
    """
    if pen is not None:
        values = _column(moves, pen.signal)
        down = np.abs(values - pen.down) < np.abs(values - pen.up)  # never for NaN, before the pen is told anything
        if down.any():
            return _runs(down, moves, lead=0)
    for signal in SIGNALS:
        inferred = _levels_down(moves, signal)
        if inferred is not None:
            return _runs(inferred, moves, lead=0)
    return _runs(np.frombuffer(moves.feed, dtype=np.int8) == 1, moves, lead=1)


def _levels_down(moves: Moves, signal: str) -> Flags | None:
    """Where the pen is down (places,) if a ``signal`` tells; None if it does not.

    One that tells has two values or more as it moves across the page. Those at which it goes by feed more often than
    rapidly are down; in a file without rapid moves, those nearer to the commonest than to the one farthest from it. As
    often, lower is down on an axis, and more on a servo.
    """
    levels, which = np.unique(np.round(_column(moves, signal), ALIKE), return_inverse=True)
    moving = np.append(False, (np.diff(_column(moves, "x")) != 0) | (np.diff(_column(moves, "y")) != 0))
    by_feed = np.frombuffer(moves.feed, dtype=np.int8) == 1
    fed = np.bincount(which[moving & by_feed], minlength=len(levels))
    rapid = np.bincount(which[moving & ~by_feed], minlength=len(levels))
    used = (fed + rapid > 0) & ~np.isnan(levels)
    if np.count_nonzero(fed + rapid) < 2 or not used.any():
        return None
    down = (fed > rapid) & used if rapid.any() else _commonest(levels, np.where(used, fed, 0), lower=signal == "z")
    return down[which] if down.any() and not down[fed + rapid > 0].all() else None


def _commonest(levels: Floats, count: NDArray[np.intp], *, lower: bool) -> Flags:
    """The levels nearer to the one with the greatest ``count`` than to the one farthest from it that has any."""
    order = np.argsort(levels if lower else -levels)
    main = levels[order[np.argmax(count[order])]]
    far = levels[count > 0][np.argmax(np.abs(levels[count > 0] - main))]
    nearer: Flags = np.abs(levels - main) < np.abs(levels - far) if far != main else levels == main
    return nearer


def _runs(down: Flags, moves: Moves, lead: int) -> list[tuple[int, NDArray[np.intp]]]:
    """The runs of places at which the pen is down, with ``lead`` places before each; another pen begins another run."""
    pens = np.frombuffer(moves.pen, dtype=f"i{moves.pen.itemsize}")
    breaks = np.flatnonzero(np.append(True, (np.diff(down.astype(np.int8)) != 0) | (np.diff(pens) != 0)))
    ends = np.append(breaks[1:], len(down))
    return [
        (int(pens[begin]), np.arange(max(0, begin - lead), end))
        for begin, end in zip(breaks.tolist(), ends.tolist(), strict=True)
        if down[begin]
    ]


def _column(moves: Moves, signal: str) -> Floats:
    return np.frombuffer(getattr(moves, signal), dtype=np.float64)
