"""Ways between latent vectors: straight, spherical, through several points, and over a grid of corners.

Latents drawn from N(0, I) lie near a sphere of radius sqrt(Nz). A straight line between two of them cuts
through the empty middle, where drawings are dull; a great circle stays where the decoder was trained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Way = Callable[[ArrayLike, ArrayLike, ArrayLike], Array]


def lerp(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> Array:
    """Straight line from ``a`` (Nz,) at t=0 to ``b`` (Nz,) at t=1. t of shape S gives S + (Nz,)."""
    a, b, t = _vectors(a, b, t)
    return _keep_ends((1 - t) * a + t * b, a, b, t)


def slerp(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> Array:
    """Great circle from ``a`` (Nz,) at t=0 to ``b`` (Nz,) at t=1. t of shape S gives S + (Nz,).

    The direction turns at a constant rate (Shoemake 1985, "Animating rotation with quaternion curves") and
    the length goes in a straight line from |a| to |b|; for vectors of one length this is Shoemake's formula
    itself. The ends are returned exactly. With a zero vector, which has no direction, the way is a straight
    line. Opposite vectors have no shortest way; it then passes the axis on which ``a`` is smallest, always
    the same one.
    """
    a, b, t = _vectors(a, b, t)
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    if length_a == 0 or length_b == 0:
        return lerp(a, b, t[..., 0])
    start, end = a / length_a, b / length_b
    side, angle = _turn(start, end)
    direction = np.cos(t * angle) * start + np.sin(t * angle) * side
    return _keep_ends(((1 - t) * length_a + t * length_b) * direction, a, b, t)


WAYS: dict[str, Way] = {"slerp": slerp, "lerp": lerp}


def path(latents: Sequence[ArrayLike] | Array, n: int, way: Way = slerp, loop: bool = False) -> Array:
    """``n`` points (n, Nz) on ways through ``latents`` (k, Nz), which stand at their ``stops``.

    A loop goes on from the last of them to the first and ends one step before it. Raises ValueError for no latents or
    n < 1.
    """
    points = np.asarray(latents, dtype=np.float64)
    if points.ndim != 2 or len(points) == 0 or n < 1:
        raise ValueError(f"a path needs latents (k, Nz) and n >= 1, not {points.shape} and {n}")
    if len(points) == 1:
        return np.repeat(points, n, axis=0)
    places = [*stops(len(points), n, loop), *([n] if loop else [])]
    ends = np.concatenate([points, points[:1]]) if loop else points
    cells = np.empty((n, points.shape[1]))
    for (start, end), (a, b) in zip(pairwise(places), pairwise(ends), strict=True):
        cells[start:end] = way(a, b, np.arange(end - start) / max(end - start, 1))
    cells[0] = points[0]
    if n > 1 and not loop:
        cells[-1] = points[-1]
    return cells


def stops(count: int, n: int, loop: bool = False) -> list[int]:
    """Places from 0 to n - 1 of ``count`` latents on a path of n points: as evenly apart as whole numbers go.

    With fewer points than latents some places are the same; of the latents that share one, the path shows one (at its
    ends the very first and the very last).
    """
    last = n if loop else n - 1
    return [round(place) for place in np.linspace(0, last, count + loop)[:count].tolist()]


def grid(corners: Sequence[ArrayLike] | Array, rows: int, cols: int) -> Array:
    """Latents (rows, cols, Nz) of a sheet, read left to right, then top to bottom.

    Two corners: one path runs through all cells in reading order, from the first cell to the last. Four
    corners (top left, top right, bottom left, bottom right): a ``lattice`` of two by two. Raises ValueError for
    another number of corners or fewer than one row or column.
    """
    points = np.asarray(corners, dtype=np.float64)
    if points.ndim != 2 or len(points) not in (2, 4):
        raise ValueError(f"a grid needs 2 or 4 corners (k, Nz), not {points.shape}")
    if rows < 1 or cols < 1:
        raise ValueError(f"a grid needs rows and columns, not {rows} x {cols}")
    if len(points) == 2:
        return path(points, rows * cols).reshape(rows, cols, -1)
    return lattice(points.reshape(2, 2, -1), rows, cols)


def lattice(given: ArrayLike, rows: int, cols: int) -> Array:
    """Latents (rows, cols, Nz) between ``given`` (m, n, Nz), which stand at the ``stops`` of m over the rows and of n
    over the columns: great circles along the rows that hold them, then down every column.

    Raises ValueError for fewer than one row or column, given or to be filled.
    """
    points = np.asarray(given, dtype=np.float64)
    if points.ndim != 3 or 0 in points.shape:
        raise ValueError(f"a lattice needs given latents (m, n, Nz), not {points.shape}")
    across = np.stack([path(row, cols) for row in points], axis=1)
    return np.stack([path(column, rows) for column in across], axis=1)


def _vectors(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> tuple[Array, Array, Array]:
    """Float64 vectors (Nz,) and t with a last axis of 1, ready to be multiplied with them."""
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"latents must be vectors of one size, not {first.shape} and {second.shape}")
    return first, second, np.asarray(t, dtype=np.float64)[..., None]


def _turn(start: Array, end: Array) -> tuple[Array, float]:
    """Unit vector at a right angle to ``start`` towards ``end``, and the angle between the two."""
    cosine = float(start @ end)
    side = end - cosine * start
    sine = float(np.linalg.norm(side))
    if sine < 1e-12:  # equal or opposite: no plane is given, so any one must do
        side = np.zeros_like(start)
        side[int(np.argmin(np.abs(start)))] = 1.0
        side -= (side @ start) * start
        norm = float(np.linalg.norm(side))
        return (side / norm if norm > 1e-12 else side), (0.0 if cosine > 0 else np.pi)
    return side / sine, float(np.arctan2(sine, cosine))


def _keep_ends(values: Array, a: Array, b: Array, t: Array) -> Array:
    """The corners of a sheet must be the very latents that were asked for, not ones that rounding moved."""
    return np.where(t == 0, a, np.where(t == 1, b, values))
