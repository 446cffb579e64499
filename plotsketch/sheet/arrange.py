"""Arrangements: where the cells of a sheet stand to one another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from plotsketch.strokes.figure import Figure

Points = NDArray[np.float64]  # (n, 2)

ROUND = ("hex", "ring", "map")  # neighbours stand at a slant there, so that cells are discs
FEW_RINGS = 0.6  # of the largest size that any number of rings allows: good enough for fewer rings
ROW = math.sqrt(3) / 2  # between the rows of a hexagonal packing, in distances within a row


def slots(arrangement: str, figures: Sequence[Figure], cols: int) -> list[int]:
    """Which place, counted from 0, each figure takes: by row and column, on a ring one after the other."""
    if arrangement in ("ring", "map"):
        order = sorted(range(len(figures)), key=lambda i: (figures[i].row, figures[i].col))
        taken = [0] * len(figures)
        for place, index in enumerate(order):
            taken[index] = place
        return taken
    back = arrangement == "snake"
    return [f.row * cols + (cols - 1 - f.col if back and f.row % 2 else f.col) for f in figures]


def grid(rows: int, cols: int, width: float, height: float, gap: float) -> Points:
    """(rows * cols, 2): middles of boxes, row by row, about (0, 0)."""
    x = (np.arange(cols) - (cols - 1) / 2) * (width + gap)
    y = (np.arange(rows) - (rows - 1) / 2) * (height + gap)
    return np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1).reshape(-1, 2)


def hexagonal(rows: int, cols: int, diameter: float, gap: float) -> Points:
    """(rows * cols, 2): every second row is shifted by half a distance to the right, and the rows move closer."""
    points = grid(rows, cols, diameter, diameter, gap).reshape(rows, cols, 2)
    if rows > 1:
        points[::2, :, 0] -= (diameter + gap) / 4
        points[1::2, :, 0] += (diameter + gap) / 4
    points[..., 1] *= ROW
    return points.reshape(-1, 2)


def rings(shares: Sequence[int], reach: float, pitch: float) -> Points:
    """(n, 2): middles on rings about (0, 0), the outermost of radius ``reach``, each ``pitch`` inside the last.

    From the top, clockwise, the outermost ring first; on each ring all stand equally far apart.
    """
    circles = []
    for number, share in enumerate(shares):
        angles = 2 * np.pi * np.arange(share) / max(share, 1)
        circles.append((reach - number * pitch) * np.stack([np.sin(angles), -np.cos(angles)], axis=1))
    return np.concatenate(circles)


def ring_shares(count: int, number: int, reach: float, pitch: float) -> list[int] | None:
    """How many of ``count`` stand on each of ``number`` rings, none nearer to another than ``pitch``: in proportion to
    a ring's length, as far as it holds them. None where there is no room."""
    if count == 1 and number == 1:
        return [1] if reach >= 0 else None
    radii = reach - pitch * np.arange(number)
    if radii[-1] < pitch / 2:
        return None
    # as many points fit on a circle as chords of at least the pitch between them
    capacities = np.floor(np.pi / np.arcsin(np.minimum(pitch / (2 * radii), 1.0)) + 1e-9).astype(int)
    if capacities.sum() < count:
        return None
    shares = np.minimum((count * radii / radii.sum()).astype(int), capacities)
    while shares.sum() < count:  # the next one goes where it crowds the others least
        shares[np.argmax(np.where(shares < capacities, radii / (shares + 1), 0.0))] += 1
    return [int(share) for share in shares]


def largest(fits: Callable[[float], bool], most: float) -> float:
    """The largest length below ``most`` that fits, where all smaller ones do; 0 where none does."""
    low, high = 0.0, most
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def nearest_first(points: Points) -> list[int]:
    """An order in which a pen visits points: from the top left always on to the nearest that is left."""
    left = list(range(len(points)))
    order: list[int] = []
    here = points.min(axis=0) if len(points) else np.zeros(2)
    while left:
        next_one = left[int(np.argmin(np.hypot(*(points[left] - here).T)))]
        left.remove(next_one)
        order.append(next_one)
        here = points[next_one]
    return order


def back_and_forth(points: Points) -> list[int]:
    """An order in which a pen visits points that stand in rows: every second row from right to left."""
    heights = np.unique(points[:, 1].round(6))
    rows = np.searchsorted(heights, points[:, 1].round(6))
    towards = np.where(rows % 2, -points[:, 0], points[:, 0])
    return [int(i) for i in np.lexsort((towards, rows))]
