"""Where a pattern is still empty: the largest circles that fit between outlines, for fillers and for a second try."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from plotsketch.errors import UserError
from plotsketch.sheet.lattice import Lattice, area, steps
from plotsketch.sheet.neighbours import copies_near
from plotsketch.sheet.room import Place

FINENESS = 6.0  # points looked at in the area of the smallest circle
MOST = 400_000  # points, which bound the time


def circles(
    outlines: Sequence[BaseGeometry],
    lattice: Lattice,
    smallest: float,
    largest: float,
    gap: float,
    count: int,
) -> NDArray[np.float64]:
    """Up to ``count`` circles (k, 3), rows of x, y and radius in mm, in the holes between placed ``outlines``.

    Their diameters are from ``smallest`` to ``largest``, as large as the hole lets them be, the largest first; they
    keep the gap from outlines, from one another and from their copies over the lattice.
    """
    points = _grid(lattice, smallest)
    room = np.minimum(_distances(points, outlines, lattice) - gap, min(largest / 2, _own_room(lattice, gap)))
    found: list[tuple[float, float, float]] = []
    while len(found) < count:
        open_ = room >= smallest / 2
        points, room = points[open_], room[open_]
        if not len(points):
            break
        at = int(room.argmax())
        found.append((*points[at].tolist(), float(room[at])))
        room = np.minimum(room, _away(points, points[at], lattice) - room[at] - gap)
    return np.array(found).reshape(-1, 3)


def fillers(
    outlines: Sequence[BaseGeometry],
    motifs: Sequence[BaseGeometry],
    lattice: Lattice,
    sizes: tuple[float, float],
    gap: float,
    seed: int = 0,
) -> list[Place]:
    """Small motifs in the holes between placed ``outlines``: each of ``motifs`` in turn, at any angle.

    ``sizes``: the least and the largest diameter in mm of the circle about a filler. Raises UserError when no hole
    is as large as the least.
    """
    holes = circles(outlines, lattice, *sizes, gap, count=10_000)
    if not len(holes):
        raise UserError(f"no hole between the motifs has room for a filler of {sizes[0]:g} mm; take a smaller one")
    angles = np.random.default_rng([seed, len(outlines)]).uniform(0, 360, len(holes))
    places = []
    for index, ((x, y, radius), angle) in enumerate(zip(holes.tolist(), angles.tolist(), strict=True)):
        motif = index % len(motifs)
        circle = shapely.minimum_bounding_circle(motifs[motif])
        size = radius / max(shapely.minimum_bounding_radius(motifs[motif]), 1e-9)
        turned = Place(0, 0, size, motif, angle)
        middle = turned.matrix[:, :2] @ (circle.centroid.x, circle.centroid.y)
        places.append(Place(x - float(middle[0]), y - float(middle[1]), size, motif, angle))
    return places


def _away(points: NDArray[np.float64], point: NDArray[np.float64], lattice: Lattice) -> NDArray[np.float64]:
    """How far points (n, 2) are from one of them and its copies on the lattice."""
    counts = steps(points - point, lattice)
    counts -= np.round(counts)
    around = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]) @ lattice
    return np.asarray(np.hypot(*(counts @ lattice - around[:, None]).transpose(2, 0, 1)).min(axis=0))


def _own_room(lattice: Lattice, gap: float) -> float:
    """The radius at which a circle meets its own nearest copy."""
    counts = np.array([(i, j) for i in range(-3, 4) for j in range(-3, 4) if i or j])
    return float((np.hypot(*(counts @ lattice).T).min() - gap) / 2)


def _grid(lattice: Lattice, smallest: float) -> NDArray[np.float64]:
    """Points (n, 2) evenly over the lattice's cell."""
    step = max(smallest / np.sqrt(FINENESS), np.sqrt(area(lattice) / MOST))
    counts = np.maximum(1, np.ceil(np.hypot(*lattice.T) / step)).astype(int)
    i, j = np.meshgrid((np.arange(counts[0]) + 0.5) / counts[0], (np.arange(counts[1]) + 0.5) / counts[1])
    return np.asarray(np.stack([i.ravel(), j.ravel()], axis=1) @ lattice)


def _distances(points: NDArray[np.float64], outlines: Sequence[BaseGeometry], lattice: Lattice) -> NDArray[np.float64]:
    """From each point to the nearest outline or copy of one, 0 inside."""
    low, high = points.min(axis=0), points.max(axis=0)
    far = np.abs(lattice).max() / 2
    copies = copies_near(outlines, lattice, low - far, high + far)
    if not len(copies):
        return np.full(len(points), np.inf)
    tree = shapely.STRtree(copies)
    which, found = tree.query_nearest(shapely.points(points), return_distance=True, all_matches=False)
    distances = np.empty(len(points))
    distances[which[0]] = found
    return distances
