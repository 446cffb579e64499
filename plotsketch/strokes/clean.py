"""Levers that clean drawings: closing, smoothing, and leaving out what is too small. All of them rest until pulled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plotsketch.errors import UserError
from plotsketch.strokes.sketch import Line, Sketch
from plotsketch.strokes.smooth import smooth

CORNER = 80.0  # degrees; ears of cats turn by more, rounds that a model draws in a few pieces by less
DOT = 0.1  # mm; a line that takes no more room is a dot
ROUND = 4.0  # times its gap: a line must be so long to be taken for a ring that is not quite closed, not for a V


@dataclass(frozen=True)
class Levers:
    """How drawings are cleaned. Lengths are millimetres on the paper, and 0 leaves a lever at rest.

    ``smooth`` is how far a curve may leave the polyline that it replaces; it keeps corners that turn by ``corner``
    degrees or more. Lines shorter than ``drop_short`` are left out, and dots with ``drop_dots`` (they are often eyes).
    Lines whose ends are no farther apart than ``close`` become rings. Raises UserError for numbers that make no sense.
    """

    smooth: float = 0.0
    corner: float = CORNER
    drop_short: float = 0.0
    drop_dots: bool = False
    close: float = 0.0

    def __post_init__(self) -> None:
        for option, length in (("smooth", self.smooth), ("drop-short", self.drop_short), ("close", self.close)):
            if not (math.isfinite(length) and length >= 0):
                raise UserError(f"--{option} is {length:g} mm; give a length of 0 or more, such as 0.3mm")
        if not 0 <= self.corner <= 180:
            raise UserError(f"--corner is {self.corner:g}; give degrees from 0 (all corners stay) to 180 (hardly one)")

    @property
    def at_rest(self) -> bool:
        return not (self.smooth or self.drop_short or self.drop_dots or self.close)


def clean(sketch: Sketch, levers: Levers) -> Sketch:
    """The sketch, in mm on the paper, after all levers; its lines stay in their order.

    What is too short is measured as it was drawn. A sketch may lose all its lines. Where nothing is pulled, the sketch
    comes back as it is.
    """
    if levers.at_rest:
        return sketch
    kept = (line for line in sketch.lines if not _is_dropped(line, levers))
    return Sketch(tuple(_cleaned(line, levers) for line in kept), sketch.finished)


def close(line: Line, gap: float) -> Line:
    """The line (k, 2), as a ring if its ends are within ``gap`` and it goes round far enough to be meant as one.

    The ends meet half-way, and every point between them moves by its share, as surveyors close a traverse (Bowditch's
    rule): no point moves by more than half the gap, and there is no new piece with corners at its ends.
    """
    ways = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    away = line[0] - line[-1]
    distance = float(np.hypot(*away))
    if not 0 < distance <= gap or ways[-1] < ROUND * distance:
        return line
    ring: Line = line + (ways / ways[-1] - 0.5)[:, None] * away
    ring[-1] = ring[0]
    return ring


def _is_dropped(line: Line, levers: Levers) -> bool:
    if np.hypot(*np.ptp(line, axis=0)) < DOT:
        return levers.drop_dots
    return bool(np.hypot(*np.diff(line, axis=0).T).sum() < levers.drop_short)


def _cleaned(line: Line, levers: Levers) -> Line:
    if levers.close:
        line = close(line, levers.close)
    return smooth(line, levers.smooth, levers.corner) if levers.smooth else line
