"""Between two drawings: whose lines go with which, and the lines half-way.

A line of the one that has a counterpart in the other moves there point by point; the others are drawn, or taken back,
along themselves. Nothing jumps: a point's way in a small step of time is bounded by ``Tween.reach``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .assignment import assign
from .sketch import Line, Sketch

SAMPLES = 24  # points by which two lines are compared
ALONE = 0.1  # of a drawing's diagonal: the distance that a line with no counterpart costs on top of its own size
DOT_SHARE = 0.02  # of a drawing's ink: the time that a pen takes to begin a line

Span = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Move:
    """A line that goes from ``start`` to ``end``, arrays (n, 2) of as many points each.

    ``grows`` is 1 for a line that only the later drawing has (``start`` is then ``end``), -1 for one that only the
    earlier one has, 0 for the others. ``spans`` are when it is drawn in the earlier and in the later drawing, as shares
    of their ink.
    """

    start: Line
    end: Line
    grows: int
    spans: tuple[Span, Span]

    def at(self, u: float, reveal: float = 1.0) -> Line | None:
        """The line at ``u`` from 0 to 1, as far as a pen has come at ``reveal``; None where there is no ink yet."""
        here = {0: 1.0, 1: u, -1: 1.0 - u}[self.grows]
        begin, end = ((1 - u) * a + u * b for a, b in zip(*self.spans, strict=True))
        share = here * min(1.0, max(0.0, (reveal - begin) / (end - begin)))
        if share <= 0:
            return None
        line = (1 - u) * self.start + u * self.end
        return line if share >= 1 else _head(line, share)

    @property
    def reach(self) -> float:
        """The farthest way of a point of it from u = 0 to 1, along its own line if it grows."""
        if self.grows:
            return _length(self.end)
        return float(np.hypot(*(self.end - self.start).T).max())


@dataclass(frozen=True, eq=False)
class Tween:
    """All lines on their way from ``start`` to ``end``, which are reached exactly."""

    start: Sketch
    end: Sketch
    moves: tuple[Move, ...]

    def at(self, u: float, reveal: float = 1.0) -> Sketch:
        """The drawing at ``u`` from 0 to 1. Between the two, its lines and points are the same in number.

        ``reveal`` below 1 shows only as much of it as a pen has drawn that does one line after the other: at u = 0
        in the order of ``start``, at u = 1 in that of ``end``, and gliding from the one to the other between.
        """
        if reveal >= 1 and u in (0.0, 1.0):
            return self.end if u else self.start
        lines = (move.at(u, reveal) for move in self.moves)
        finished = (self.end if u > 0.5 else self.start).finished
        return Sketch(tuple(line for line in lines if line is not None), finished)

    @cached_property
    def reach(self) -> float:
        """The farthest that any point moves between the two drawings."""
        return max((move.reach for move in self.moves), default=0.0)


def tween(start: Sketch, end: Sketch, *, reverse: bool = True) -> Tween:
    """The way between two drawings.

    Lines are paired so that their points have the least way to go in all (position and shape both count), and with
    ``reverse`` a line may run backwards for that. A pair farther apart than it costs to take one line away and to draw
    the other is none.
    """
    unit = _diagonal((start, end))
    here, there = [[_resample(line, SAMPLES) for line in sketch.lines] for sketch in (start, end)]
    ways, backwards = _distances(here, there, reverse)
    pairs = _pair(ways, *(np.array([_alone(line, unit) for line in lines]) for lines in (here, there)))
    spans = _spans(start), _spans(end)
    moves = [
        _move(start.lines[i], end.lines[j][:: -1 if backwards[i, j] else 1], (spans[0][i], spans[1][j]))
        for i, j in pairs.items()
    ]
    moves += [_alone_move(start.lines[i], -1, spans[0][i]) for i in range(len(here)) if i not in pairs]
    new = set(range(len(there))) - set(pairs.values())
    moves += [_alone_move(end.lines[j], 1, spans[1][j]) for j in sorted(new)]
    return Tween(start, end, tuple(sorted(moves, key=lambda move: sum(map(sum, move.spans)))))


def _pair(ways: NDArray[np.float64], lost: NDArray[np.float64], new: NDArray[np.float64]) -> dict[int, int]:
    """Row -> column of each pair that costs less than its two lines alone."""
    if not ways.size:
        return {}
    gains = np.minimum(ways - lost[:, None] - new, 0.0)
    wide = gains.shape[0] <= gains.shape[1]
    columns = assign(gains if wide else gains.T)
    found = [(i, int(j)) if wide else (int(j), i) for i, j in enumerate(columns)]
    return {i: j for i, j in sorted(found) if gains[i, j] < 0}


def _distances(
    here: Sequence[Line], there: Sequence[Line], reverse: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(n, m): the mean way of a point of one line to its place in the other, and whether that is backwards."""
    if not here or not there:
        return np.zeros((len(here), len(there))), np.zeros((len(here), len(there)), dtype=bool)
    a, b = np.stack(here)[:, None], np.stack(there)[None]
    straight = np.linalg.norm(a - b, axis=-1).mean(axis=-1)
    turned = np.linalg.norm(a - b[:, :, ::-1], axis=-1).mean(axis=-1)
    backwards = (turned < straight) if reverse else np.zeros_like(straight, dtype=bool)
    return np.where(backwards, turned, straight), backwards


def _alone(line: Line, unit: float) -> float:
    """What it costs to draw a line from nothing, as a distance: how far its points lie from their middle, and more."""
    return float(np.linalg.norm(line - line.mean(axis=0), axis=-1).mean()) + ALONE * unit


def _move(start: Line, end: Line, spans: tuple[Span, Span]) -> Move:
    """Both lines get all corners of either, so that each keeps its own shape exactly."""
    places = np.union1d(_places(start)[1], _places(end)[1])
    return Move(_at_places(start, places), _at_places(end, places), 0, spans)


def _alone_move(line: Line, grows: int, span: Span) -> Move:
    places, line = _places(line)[1], _places(line)[0]
    whole = _at_places(line, places)
    return Move(whole, whole, grows, (span, span))


def _places(line: Line) -> tuple[Line, NDArray[np.float64]]:
    """The line without points that repeat, and where its points lie along it, from 0 to 1; a dot is two points."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    total = steps.sum()
    if not total > 0:
        return np.repeat(line[:1], 2, axis=0), np.array([0.0, 1.0])
    places = np.concatenate([[0.0], np.cumsum(steps) / total])
    places[-1] = 1.0
    kept = np.concatenate([[True], np.diff(places) > 0])
    kept[-1] = True
    kept[:-1] &= places[:-1] < 1.0
    return line[kept], places[kept]


def _at_places(line: Line, places: NDArray[np.float64]) -> Line:
    points, own = _places(line)
    return np.stack([np.interp(places, own, axis) for axis in points.T], axis=1)


def _resample(line: Line, count: int) -> Line:
    return _at_places(line, np.linspace(0, 1, count))


def _head(line: Line, share: float) -> Line:
    """The first ``share`` of a line; the points of the rest all wait at its tip, so that their number stays."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    end = share * along[-1]
    tip = [np.interp(end, along, axis) for axis in line.T]
    return np.where((along <= end)[:, None], line, tip)


def _spans(sketch: Sketch) -> list[Span]:
    """When each line is drawn, as shares of the sketch's ink; a dot takes a little too."""
    lengths = np.array([_length(line) for line in sketch.lines])
    takes = lengths + DOT_SHARE * (lengths.sum() or 1.0)
    ends = (np.cumsum(takes) / (takes.sum() or 1.0)).tolist()
    return list(zip([0.0, *ends], ends, strict=False))


def _length(line: Line) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _diagonal(sketches: Sequence[Sketch]) -> float:
    """Of the larger drawing; 1 where all are dots or empty."""
    sizes = [np.ptp(sketch.points, axis=0) for sketch in sketches if not sketch.is_empty]
    return float(max((np.hypot(*size) for size in sizes), default=0.0)) or 1.0
