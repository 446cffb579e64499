"""How far two drawings are from one another, as far as a look at their ink can tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .sketch import Sketch

POINTS = 64  # along the ink of a drawing: some three times as many as its lines have corners
MANY = 400  # drawings a gallery can take, from which on machine code saves more time than it takes to be loaded
CELLS = 32  # a side of the lattice on which a gallery looks up distances
SLACK = 0.006  # of a distance looked up there; among 20,000 pairs of cats and pigs the worst was off by 0.0032

Array = NDArray[np.float64]


def chamfer(a: Sketch, b: Sketch) -> float:
    """The distance between the ink of two drawings, in diagonals: 0 for the same ink, 0.02 for drawings that look the
    same, 0.05 for two of one kind, and never above 1.

    Both are fitted to one box: the middle of their bounds on the same place, diagonals of 1. Then it is the mean of the
    distance from a point of either drawing to the nearest one of the other, over points that lie evenly along the ink
    (the Chamfer distance: Barrow et al. 1977, "Parametric correspondence and chamfer matching"). It is symmetric, and
    knows nothing of size, place, order and direction of the lines. Dots weigh nothing, unless there is nothing else.
    Raises ValueError for an empty sketch.
    """
    return float(_chamfer(ink_points(a), ink_points(b)[None])[0])


def ink_points(sketch: Sketch, count: int = POINTS) -> Array:
    """(count, 2): points at equal distances along a sketch's lines, fitted to a box with a diagonal of 1 around (0, 0).

    Raises ValueError for an empty sketch.
    """
    if sketch.is_empty:
        raise ValueError("an empty drawing is no distance from another")
    xmin, ymin, xmax, ymax = sketch.bounds
    middle, diagonal = ((xmin + xmax) / 2, (ymin + ymax) / 2), float(np.hypot(xmax - xmin, ymax - ymin))
    points = (_along(sketch, count) - middle) / (diagonal or 1.0)
    return np.clip(np.nan_to_num(points), -0.5, 0.5)  # rounding, and what a damaged model may draw


def _along(sketch: Sketch, count: int) -> Array:
    """Each point in the middle of its share of the ink, so that none stands at a joint of two lines."""
    points: Array = sketch.points
    steps = np.hypot(*np.diff(points, axis=0).T)
    steps[np.cumsum([len(line) for line in sketch.lines])[:-1] - 1] = 0.0  # no ink on the way to the next line
    way = np.concatenate([[0.0], np.cumsum(steps)])
    if way[-1] == 0:  # dots alone
        return np.asarray(points[np.arange(count) * len(points) // count])
    at = (np.arange(count) + 0.5) * way[-1] / count
    after = np.searchsorted(way, at, side="right")  # the first point that lies further: the step before it has ink
    share = ((at - way[after - 1]) / steps[after - 1])[:, None]
    return np.asarray((1 - share) * points[after - 1] + share * points[after])


def _chamfer(points: Array, others: Array) -> Array:
    """(m,): from ``points`` (n, 2) to each of ``others`` (m, n, 2)."""
    distances = np.sqrt(((points[None, :, None] - others[:, None]) ** 2).sum(axis=-1))
    near: Array = (distances.min(axis=1).mean(axis=1) + distances.min(axis=2).mean(axis=1)) / 2
    return near


class Gallery:
    """Drawings of which no two are nearer than ``apart``, by ``chamfer``.

    A thousand drawings make half a million pairs. So each drawing brings a table of the distance from the middle of
    every cell of a lattice to its ink. Looking up another's points in it gives their mean distance to within SLACK, and
    only pairs that this leaves in doubt are measured.
    """

    def __init__(self, apart: float, capacity: int) -> None:
        """``capacity``: how many drawings it can take."""
        self.apart = apart
        self.count = 0
        self._points = np.empty((capacity, POINTS, 2))
        self._cells = np.empty((capacity, POINTS), dtype=np.int16)
        self._tables = np.empty((CELLS * CELLS, capacity), dtype=np.float32)  # a cell's distances to all side by side

    def admit(self, sketch: Sketch) -> bool:
        """Takes a drawing unless it is too near to one that was taken before; says whether it did.

        Raises ValueError for an empty sketch.
        """
        if self.apart <= 0:
            return True
        points = ink_points(sketch)
        column, row = np.minimum((points.T + 0.5) * CELLS, CELLS - 1).astype(np.int16)
        cells, table = row * CELLS + column, self._table(points)
        if self._is_near(points, cells, table):
            return False
        self._points[self.count], self._cells[self.count], self._tables[:, self.count] = points, cells, table
        self.count += 1
        return True

    def _table(self, points: Array) -> NDArray[np.float32]:
        if len(self._points) < MANY:
            return _table(points)
        from plotsketch.strokes.nearness import table_of  # in machine code, which takes time to be loaded

        return table_of(points, CELLS)

    def _is_near(self, points: Array, cells: NDArray[np.int16], table: NDArray[np.float32]) -> bool:
        if len(self._points) >= MANY:
            from plotsketch.strokes.nearness import is_near

            drawings = (self._points, self._cells, self._tables)
            return is_near(points, cells, table, *drawings, self.count, self.apart, SLACK)
        there = self._tables[cells, : self.count].mean(axis=0)
        back = table[self._cells[: self.count]].mean(axis=1)
        beyond = (there + back) / 2 - self.apart
        if (beyond < -SLACK).any():
            return True
        doubtful = np.flatnonzero(beyond < SLACK)
        return bool((_chamfer(points, self._points[doubtful]) < self.apart).any())


def _table(points: Array) -> NDArray[np.float32]:
    """(CELLS * CELLS,): how far the middle of each cell, row by row, is from the nearest of ``points``."""
    middles = ((np.arange(CELLS) + 0.5) / CELLS - 0.5).astype(np.float32)
    across, down = ((middles[:, None] - axis.astype(np.float32)) ** 2 for axis in points.T)  # (CELLS, n) each
    squares = (down[:, None] + across[None]).min(axis=-1)
    return np.asarray(np.sqrt(squares).ravel(), dtype=np.float32)
