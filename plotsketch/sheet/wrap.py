"""Lines on a lattice: from the strokes of one period to a tile that repeats without a seam, or to a whole sheet.

A period is a list of lines (k, 2) in mm that may lie anywhere: two lines that a lattice vector takes into one another
are the same line. A line whose ends are a lattice vector apart goes on for ever (a stripe, a wave).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from plotsketch.sheet.clip import Box, clipped
from plotsketch.sheet.lattice import Lattice, steps, within
from plotsketch.strokes.sketch import Line

SAME = 1e-6  # of a lattice step: what is nearer than this is in one place


def fill(
    lines: Sequence[Line],
    lattice: Lattice,
    width: float,
    height: float,
    offset: tuple[float, float] = (0.0, 0.0),
    margin: float = 0.0,
    *,
    whole: bool = False,
) -> list[Line]:
    """A rectangle from (0, 0) to (``width``, ``height``) mm full of the pattern.

    Strokes are whole wherever they lie and cut at the rectangle alone, ``margin`` mm inside it. ``offset`` is where the
    pattern's origin lies. With the pattern's ``plain_tile`` as size this is the tile: what leaves it on one side comes
    in on the other. A picture of a tile needs the ink of strokes that run just outside it: take a negative margin,
    of half a pen and a pixel at least, and ``whole`` strokes, which are not cut at all.
    """
    box = (margin, margin, width - margin, height - margin)
    moved = [line + offset for line in lines]
    endless = are_endless(moved, lattice).tolist()
    found = _copies([line for line, goes_on in zip(moved, endless, strict=True) if not goes_on], lattice, box)
    for line, goes_on in zip(moved, endless, strict=True):
        if goes_on:
            found.extend(_endless_copies(line, lattice, box))
    return found if whole else clipped(found, box)


def fill_shapes(
    shapes: Sequence[BaseGeometry],
    lattice: Lattice,
    width: float,
    height: float,
    offset: tuple[float, float] = (0.0, 0.0),
    margin: float = 0.0,
) -> list[BaseGeometry]:
    """As ``fill``, for areas: filled silhouettes, dots. Each copy is cut at the rectangle."""
    box = (margin, margin, width - margin, height - margin)
    moved = [shapely.transform(shape, lambda points: points + offset) for shape in shapes if not shape.is_empty]
    frame, found = shapely.box(*box), []
    for shift, which in _placed(shapely.bounds(moved).reshape(-1, 4), lattice, box):
        for index in which:
            copy = shapely.transform(moved[index], lambda points, shift=shift: points + shift)
            found.append(copy if shapely.covers(frame, copy) else shapely.intersection(copy, frame))
    return [shape for shape in found if not shape.is_empty]


def _copies(lines: Sequence[Line], lattice: Lattice, box: Box) -> list[Line]:
    """The copies of ``lines`` that meet the box, motif by motif in the order of their lattice vectors."""
    if not lines:
        return []
    bounds = np.array([[*line.min(axis=0), *line.max(axis=0)] for line in lines])
    return [lines[index] + shift for shift, which in _placed(bounds, lattice, box) for index in which]


def _placed(
    bounds: NDArray[np.float64], lattice: Lattice, box: Box
) -> list[tuple[NDArray[np.float64], NDArray[np.intp]]]:
    """For each lattice vector which of the things with ``bounds`` (n, 4) meet the box when it has moved them."""
    if not len(bounds):
        return []
    low, high = np.array(box[:2]), np.array(box[2:])
    found = []
    for shift in within(lattice, low - bounds[:, 2:].max(axis=0), high - bounds[:, :2].min(axis=0)):
        meets = ((bounds[:, :2] + shift <= high) & (bounds[:, 2:] + shift >= low)).all(axis=1)
        if meets.any():
            found.append((shift, np.flatnonzero(meets)))
    return found


def are_endless(lines: Sequence[Line], lattice: Lattice) -> NDArray[np.bool_]:
    """For each line (n,) whether it ends where its own copy begins."""
    ends = np.array([line[-1] - line[0] for line in lines]).reshape(-1, 2)
    counts = steps(ends, lattice)
    whole = np.round(counts)
    return np.asarray(whole.any(axis=1) & (np.abs(counts - whole).max(axis=1) < SAME))


def _endless_copies(line: Line, lattice: Lattice, box: Box) -> list[Line]:
    """Each copy in one piece, from one side of the box to the other."""
    i, j = np.round(steps((line[-1] - line[0])[None], lattice)[0]).astype(int).tolist()
    along = np.array([i, j]) @ lattice
    beside, parts = _other_vector(i, j), math.gcd(i, j)
    rows = [line + along * part / parts for part in range(parts)]
    reach = np.hypot(box[2] - box[0], box[3] - box[1]) + np.hypot(*np.ptp(line, axis=0))
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    across = np.array(beside) @ lattice
    found = []
    for row in rows:
        from_middle = steps((middle - row.mean(axis=0))[None], np.array([along, across]))[0]
        normal = abs(along[0] * across[1] - along[1] * across[0]) / np.hypot(*along)
        number = math.ceil(reach / normal) + 1
        for k in range(math.floor(from_middle[1]) - number, math.ceil(from_middle[1]) + number + 1):
            whole = _prolonged(row + k * across, along, box)
            if len(whole):
                found.append(whole)
    return found


def _other_vector(i: int, j: int) -> tuple[int, int]:
    """Whole numbers (p, q) that make a basis of the lattice with (i, j) brought to lowest terms (Bezout)."""
    divisor = math.gcd(i, j)
    i, j = i // divisor, j // divisor
    old, new, s, t = i, j, (1, 0), (0, 1)
    while new:
        times = old // new
        old, new = new, old - times * new
        s, t = (s[1], s[0] - times * s[1]), (t[1], t[0] - times * t[1])
    return -t[0] * old, s[0] * old


def _prolonged(line: Line, along: NDArray[np.float64], box: Box) -> Line:
    """The line with as many repeats of itself before and behind as the box sees; of no points when it sees none."""
    low, high = np.array(box[:2]), np.array(box[2:])
    axis = int(np.abs(along).argmax())
    first, last = line[:, axis].min(), line[:, axis].max()
    ends = sorted(((low[axis] - last) / along[axis], (high[axis] - first) / along[axis]))
    turns = np.arange(math.floor(ends[0]), math.ceil(ends[1]) + 1)
    whole = (line[None, :-1] + turns[:, None, None] * along).reshape(-1, 2)
    whole = np.concatenate([whole, line[-1:] + turns[-1] * along])
    seen = (whole.min(axis=0) <= high).all() and (whole.max(axis=0) >= low).all()
    return whole if seen else np.empty((0, 2))
