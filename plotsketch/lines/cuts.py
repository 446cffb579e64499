"""Lines cut up: into pieces no longer than a length, into what is left of them, and closed ones begun elsewhere.

A place on a line (k, 2) is a number from 0 to k - 1: 2.25 lies a quarter of the way from its point 2 to its point 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.seams import is_closed

Floats = NDArray[np.float64]
Span = tuple[float, float]

DOT = 0.1  # mm: a line that takes no more room is a dot
LIFT_GAP = 0.04  # mm that are left out where the pen is to lift: more than a plotter's unit, and no pen draws as fine
ROUNDING = 0.005  # mm: dots that went through a file


@dataclass(frozen=True)
class Segments:
    """All pieces between two points of some lines: where they `start` and `stop` (n, 2), whose they are, and the place
    of their start on that line. A line of one point has one, of no length."""

    start: Floats
    stop: Floats
    line: NDArray[np.intp]
    place: NDArray[np.intp]


def segments_of(lines: Sequence[Floats]) -> Segments:
    """The segments of lines (k, 2), none of them without points, in their order."""
    if not lines:
        return Segments(np.empty((0, 2)), np.empty((0, 2)), np.empty(0, np.intp), np.empty(0, np.intp))
    whole = [line if len(line) > 1 else line[[0, 0]] for line in lines]
    counts = np.array([len(line) - 1 for line in whole])
    return Segments(
        np.concatenate([line[:-1] for line in whole]),
        np.concatenate([line[1:] for line in whole]),
        np.repeat(np.arange(len(whole)), counts),
        np.concatenate([np.arange(count) for count in counts]),
    )


def length_of(line: Floats) -> float:
    """Millimetres along a line (k, 2)."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def is_dot(line: Floats) -> bool:
    """Whether a line is a dot, or the short stroke as which one is drawn."""
    return bool(np.hypot(*np.ptp(line, axis=0)) <= DOT + ROUNDING)


def parts(line: Floats, spans: Sequence[Span]) -> list[Floats]:
    """The pieces of a line from place to place, in their order. On a closed line two that meet at its seam are one."""
    last = len(line) - 1
    found = [_part(line, *span) for span in spans]
    if len(found) > 1 and is_closed(line) and spans[0][0] == 0 and spans[-1][1] == last:
        found = [*found[1:-1], np.concatenate([found[-1], found[0][1:]])]
    return found


def split(line: Floats, longest: float, gap: float = 0.0) -> list[Floats]:
    """The line in equal pieces no longer than `longest` mm, each ending `gap` mm before the next begins.

    Of a closed line the last one ends as far before the first. A gap is at most half of a piece.
    """
    total = length_of(line)
    count = int(np.ceil(total / longest - 1e-9))
    if count < 2:
        return [line]
    ways = np.linspace(0, total, count + 1)
    ends = ways[1:] - min(gap, total / count / 2)
    if not is_closed(line):
        ends[-1] = total
    places = zip(_places(line, ways[:-1]).tolist(), _places(line, ends).tolist(), strict=True)
    return [_part(line, a, b) for a, b in places]


def relooped(line: Floats, random: np.random.Generator) -> Floats:
    """A closed line begun anywhere along it, each millimetre as likely as any other; other lines as they are."""
    if not is_closed(line):
        return line
    seam = float(_places(line, np.array(random.uniform(0, length_of(line)))))
    return np.concatenate([_part(line, seam, len(line) - 1), _part(line, 0, seam)[1:]])


def between(line: Floats, start: float, stop: float) -> Floats:
    """The part of a line from so many mm along it to so many."""
    return _part(line, *_places(line, np.array([start, stop])).tolist())


def _places(line: Floats, ways: Floats) -> Floats:
    """The places so many mm along the line, any shape."""
    known = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    return np.asarray(np.interp(ways, known, np.arange(len(line))))


def _part(line: Floats, start: float, stop: float) -> Floats:
    between = line[int(start) + 1 : int(np.ceil(stop))]
    return np.vstack([_at(line, start), between, _at(line, stop)])


def _at(line: Floats, place: float) -> Floats:
    before = int(place)
    share = place - before
    return np.asarray(line[before] if share == 0 else (1 - share) * line[before] + share * line[before + 1])
