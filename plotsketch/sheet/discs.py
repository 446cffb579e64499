"""Outlines as a handful of discs, which many bodies can be pushed apart by without a thought for corners."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from plotsketch.compiled import compiled

Floats = NDArray[np.float64]

GRID = 0.04  # of a shape's diagonal, between the points that have to be covered
SPILL = 0.045  # of the diagonal: how far a disc may reach beyond the shape


def cover(shape: BaseGeometry) -> Floats:
    """Discs (k, 3), rows of x, y and radius, that cover the shape and reach at most SPILL of its diagonal beyond it.

    Each next disc is the largest about a point that is not covered yet. A point that lies between the sampled ones
    may stick out by half of SPILL.
    """
    xmin, ymin, xmax, ymax = shape.bounds
    span = float(np.hypot(xmax - xmin, ymax - ymin))
    step = GRID * span
    x, y = np.meshgrid(np.arange(xmin + step / 2, xmax, step), np.arange(ymin + step / 2, ymax, step))
    shapely.prepare(shape)
    within = shapely.contains_xy(shape, x.ravel(), y.ravel())
    edges = [shapely.get_coordinates(ring) for ring in shapely.get_parts(shape.boundary)]
    starts, ends = np.concatenate([edge[:-1] for edge in edges]), np.concatenate([edge[1:] for edge in edges])
    inner = np.stack([x.ravel()[within], y.ravel()[within]], axis=1)
    outer = shapely.get_coordinates(shapely.segmentize(shape.boundary, 1.5 * step))
    clear = np.concatenate([_clearance(inner, starts, ends), np.zeros(len(outer))])
    order = np.argsort(-clear, kind="stable")
    points = np.concatenate([inner, outer])[order]
    return np.asarray(_greedy(points, clear[order] + SPILL * span))


@compiled
def _greedy(points: Floats, radii: Floats) -> Floats:
    """Discs about ``points`` (n, 2), which come with the largest radius first, that cover all of them."""
    covered = np.zeros(len(points), dtype=np.bool_)
    discs = np.empty((len(points), 3))
    count = 0
    for at in range(len(points)):
        if covered[at]:
            continue
        discs[count, 0], discs[count, 1], discs[count, 2] = points[at, 0], points[at, 1], radii[at]
        count += 1
        for other in range(at, len(points)):
            x, y = points[other, 0] - points[at, 0], points[other, 1] - points[at, 1]
            if x * x + y * y <= radii[at] * radii[at]:
                covered[other] = True
    return discs[:count]


@compiled
def _clearance(points: Floats, starts: Floats, ends: Floats) -> Floats:
    """Distances (n,) from points (n, 2) to the nearest of the segments from ``starts`` to ``ends`` (k, 2)."""
    clear = np.full(len(points), np.inf)
    for segment in range(len(starts)):
        way_x, way_y = ends[segment, 0] - starts[segment, 0], ends[segment, 1] - starts[segment, 1]
        square = max(way_x * way_x + way_y * way_y, 1e-300)
        for point in range(len(points)):
            x, y = points[point, 0] - starts[segment, 0], points[point, 1] - starts[segment, 1]
            share = max(0.0, min(1.0, (x * way_x + y * way_y) / square))
            x, y = x - share * way_x, y - share * way_y
            clear[point] = min(clear[point], x * x + y * y)
    return np.asarray(np.sqrt(clear))
