"""Which bodies of a pattern come near one another, over the edges of the lattice's cell too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from plotsketch.sheet.lattice import Lattice, within

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def near_bodies(at: Floats, reach: Floats, lattice: Lattice) -> tuple[Indices, Indices, Floats]:
    """Pairs of bodies, and of a body and its own copies, whose circles of radius ``reach`` (n,) about ``at`` meet.

    Each pair once: (first, second, the lattice vector that brings the second near the first).
    """
    low, high = (at - reach[:, None]).min(axis=0), (at + reach[:, None]).max(axis=0)
    who, shift = [], []
    for vector in within(lattice, low - high, high - low):
        moved = at + vector
        seen = np.flatnonzero(((moved + reach[:, None] >= low) & (moved - reach[:, None] <= high)).all(axis=1))
        who.append(seen)
        shift.append(np.broadcast_to(vector, (len(seen), 2)))
    copies, shifts = np.concatenate(who), np.concatenate(shift)
    first, found = _within(at, at[copies] + shifts, 2 * float(reach.max()))
    second, vector = copies[found], shifts[found]
    away = at[first] - at[second] - vector
    meet = (away * away).sum(axis=1) < (reach[first] + reach[second]) ** 2
    keep = np.flatnonzero(meet & _once(first, second, vector))
    rounded = np.round(vector[keep], 6)
    keep = keep[np.lexsort((rounded[:, 0], rounded[:, 1], second[keep], first[keep]))]
    return first[keep], second[keep], vector[keep]


def copies_near(shapes: Sequence[BaseGeometry], lattice: Lattice, low: Floats, high: Floats) -> NDArray[np.object_]:
    """All copies of ``shapes`` on the lattice whose bounds meet the box from ``low`` to ``high`` (x, y)."""
    present = np.array([shape for shape in shapes if not shape.is_empty], dtype=object)
    bounds = shapely.bounds(present).reshape(-1, 4)
    copies: list[BaseGeometry] = []
    if not len(present):
        return present
    for vector in within(lattice, low - bounds[:, 2:].max(axis=0), high - bounds[:, :2].min(axis=0)):
        near = ((bounds[:, :2] + vector <= high) & (bounds[:, 2:] + vector >= low)).all(axis=1)
        copies.extend(moved(shape, vector) for shape in present[near])
    return np.array(copies, dtype=object)


def moved(shape: BaseGeometry, vector: Floats) -> BaseGeometry:
    return shapely.transform(shape, lambda points: points + vector)


def _within(points: Floats, others: Floats, distance: float) -> tuple[Indices, Indices]:
    """Pairs of one of ``points`` (n, 2) and one of ``others`` (m, 2) that are no further apart."""
    found = cKDTree(points).query_ball_tree(cKDTree(others), distance)
    counts = np.array([len(others) for others in found])
    return np.repeat(np.arange(len(points)), counts), np.array([other for own in found for other in own], dtype=np.intp)


def _once(first: Indices, second: Indices, vector: Floats) -> NDArray[np.bool_]:
    """Of a pair and the same pair seen from the other body, one; never a body with itself where it is."""
    below = (vector[:, 1] > 1e-9) | ((np.abs(vector[:, 1]) <= 1e-9) & (vector[:, 0] > 1e-9))
    return np.asarray((first < second) | ((first == second) & below))
