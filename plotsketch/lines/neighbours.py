"""The nearest ends of every line's ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

APART = 1e-6  # mm: a tree of points that all lie in one place has a single leaf, and searching it takes n² steps


def nearest_ends(points: NDArray[np.float64], count: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """For every end (2n, 2), the `count` nearest ends of other lines, nearest first, and how far they are.

    Ends 2i and 2i + 1 are one line's; an end that is not a number is nobody's neighbour and has none. Where there are
    fewer, an end's own line fills up, at an infinite distance. Shapes (2n, count), distances in mm.
    """
    real = np.flatnonzero(np.isfinite(points).all(axis=1))
    near = np.repeat(np.arange(len(points))[:, None], count, axis=1)
    far = np.full(near.shape, np.inf)
    if len(real) > 2:
        spread = np.random.default_rng(0).uniform(-APART, APART, (len(real), 2))
        tree = cKDTree(points[real] + spread)
        wanted = min(count + 2, len(real))  # the end itself and its line's other end are among them
        others = real[tree.query(tree.data, k=wanted)[1]]
        # measured anew, where the points are: a search that believes in other lengths makes moves without end
        distances = np.hypot(*(points[others] - points[real][:, None]).transpose(2, 0, 1))
        distances[others // 2 == real[:, None] // 2] = np.inf
        order = np.argsort(distances, axis=1, kind="stable")[:, : min(count, wanted)]
        rows = np.arange(len(real))[:, None]
        near[real, : order.shape[1]] = others[rows, order]
        far[real, : order.shape[1]] = distances[rows, order]
    return near.astype(np.int32), far
