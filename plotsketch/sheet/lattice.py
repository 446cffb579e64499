"""Lattices: the two vectors by which a pattern repeats. Lengths are mm, x grows to the right and y down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Lattice = NDArray[np.float64]  # (2, 2): a vector a row

FARTHEST = 24  # lattice vectors are looked for among sums of at most so many of either
NEAR = 1e-9  # of a lattice's longest vector: what is nearer than this is in one place


def plain_tile(lattice: Lattice) -> tuple[float, float] | None:
    """Width and height of the smallest upright rectangle that repeats straight; None where the lattice has none."""
    counts = np.arange(-FARTHEST, FARTHEST + 1)
    i, j = (axis.ravel() for axis in np.meshgrid(counts, counts))
    vectors = np.stack([i, j], axis=1) @ lattice
    near = NEAR * np.abs(lattice).max()
    level = np.abs(vectors[np.abs(vectors[:, 1]) < near, 0])
    plumb = np.abs(vectors[np.abs(vectors[:, 0]) < near, 1])
    level, plumb = level[level > near], plumb[plumb > near]
    return (float(level.min()), float(plumb.min())) if len(level) and len(plumb) else None


def area(lattice: Lattice) -> float:
    return float(abs(np.linalg.det(lattice)))


def steps(vectors: NDArray[np.float64], lattice: Lattice) -> NDArray[np.float64]:
    """``vectors`` (n, 2) in mm counted in lattice vectors."""
    return np.asarray(vectors @ np.linalg.inv(lattice))


def brought_home(points: NDArray[np.float64], lattice: Lattice) -> NDArray[np.float64]:
    """The lattice vectors (n, 2) that bring each of ``points`` (n, 2) into the cell between 0 and 1 steps."""
    return np.asarray(-np.floor(steps(points, lattice)) @ lattice)


def within(lattice: Lattice, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """All lattice vectors (n, 2) from ``low`` to ``high`` (x, y), row by row from the top left: the same always."""
    corners = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])])
    reached = steps(corners, lattice)
    first, last = np.floor(reached.min(axis=0) - 1e-6), np.ceil(reached.max(axis=0) + 1e-6)
    i, j = np.meshgrid(np.arange(first[0], last[0] + 1), np.arange(first[1], last[1] + 1), indexing="ij")
    vectors = np.stack([i.ravel(), j.ravel()], axis=1) @ lattice
    near = NEAR * np.abs(lattice).max()
    inside = ((vectors >= low - near) & (vectors <= high + near)).all(axis=1)
    found = vectors[inside]
    return np.asarray(found[np.lexsort(np.round(found, 6).T)])
