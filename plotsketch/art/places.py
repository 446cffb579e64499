"""Places for drawings on a map: spread until no two overlap, or set on a grid, and neighbours kept where it can be.

An area is ``aspect`` times as wide as it is high; its shorter side has length 1. Drawings stand in discs, for then
they may be of any shape and none comes into another.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from plotsketch.strokes.assignment import assign

Array = NDArray[np.float64]

STEPS = 300
LOOK_AROUND = 10  # steps between two searches for discs that may touch
EVEN = 0.6  # share of the even spacing by rank in where a disc starts; the rest is its true place
EDGE = 0.03  # of the drawings at either end of an axis stand at its edge, or one stray drawing would crowd all others
LARGEST = 0.45  # of the shorter side, for a map of a few drawings


def spread(places: Array, aspect: float, cover: float) -> tuple[Array, float]:
    """Places (n, 2), from 0 to 1 both ways over the area, and the diameter that n discs there can have.

    The axes of ``places`` (n, 2), n of 1 or more, are stretched to fill the area; discs grow until they cover the share
    ``cover`` of it, and push each other aside as they touch. The same places make the same map.
    """
    size = _area(aspect)
    diameter = min(LARGEST, math.sqrt(4 * cover * size.prod() / (math.pi * len(places))))
    at = _started(places) * (size - diameter) + diameter / 2
    for step in range(STEPS):
        if step % LOOK_AROUND == 0:
            near = _pairs_within(at, 1.5 * diameter)
        grown = diameter * min(1.0, 0.3 + step / (0.6 * STEPS))
        at = np.clip(at + _push(at, near, grown), diameter / 2, size - diameter / 2)
    return at / size, min(diameter, _least_distance(at))


def snap(places: Array, aspect: float) -> tuple[NDArray[np.int64], int, int]:
    """Cells (n,), counted row by row, for ``places`` (n, 2) from 0 to 1; and the grid's rows and columns.

    Each drawing moves as little as can be, all together (least squares).
    """
    size = _area(aspect)
    rows, cols = grid_shape(len(places), aspect)
    row, col = np.divmod(np.arange(rows * cols), cols)
    middles = np.stack([(col + 0.5) / cols, (row + 0.5) / rows], axis=1)
    moves = (places[:, None] - middles[None]) * size
    return assign((moves**2).sum(axis=-1)).astype(np.int64), rows, cols


def grid_shape(count: int, aspect: float) -> tuple[int, int]:
    """Rows and columns for so many cells, about square ones, without a row or a column to spare."""
    cols = max(1, round(math.sqrt(count * aspect)))
    rows = math.ceil(count / cols)
    return rows, math.ceil(count / rows)


def _area(aspect: float) -> Array:
    """Width and height."""
    return np.array([aspect, 1.0]) / min(aspect, 1.0)


def _started(places: Array) -> Array:
    """(n, 2) from 0 to 1: between true places and even ones, which a crowd in the middle would take long to reach.

    Equal places are told apart by tiny steps along a spiral.
    """
    low, high = np.quantile(places, (EDGE, 1 - EDGE), axis=0)
    true = np.where(high > low, (places - low) / np.where(high > low, high - low, 1.0), 0.5).clip(0.0, 1.0)
    ranks = np.argsort(np.argsort(places, axis=0, kind="stable"), axis=0, kind="stable")
    even = np.where(high > low, (ranks + 0.5) / len(places), 0.5)
    number = np.arange(len(places))
    spiral = np.sqrt(number)[:, None] * np.stack([np.cos(2.4 * number), np.sin(2.4 * number)], axis=1)
    started: Array = (1 - EVEN) * true + EVEN * even + 1e-6 * spiral
    return started


def _pairs_within(at: Array, reach: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The numbers of all pairs of discs whose middles are nearer than ``reach``."""
    apart = np.hypot(at[:, None, 0] - at[None, :, 0], at[:, None, 1] - at[None, :, 1])
    first, second = np.nonzero(np.triu(apart < reach, 1))
    return first, second


def _push(at: Array, pairs: tuple[NDArray[np.intp], NDArray[np.intp]], diameter: float) -> Array:
    """(n, 2): where each disc is sent by those that it overlaps, less far the more of them there are."""
    first, second = pairs
    way = at[first] - at[second]
    distance = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-12)
    overlap = np.maximum(diameter - distance, 0.0)
    half = way * (overlap / distance / 2)[:, None]
    ends, count = np.concatenate([first, second]), len(at)
    moves = np.concatenate([half, -half])
    touched = np.bincount(ends, np.tile(overlap > 0, 2), count)
    move = np.stack([np.bincount(ends, moves[:, axis], count) for axis in (0, 1)], axis=1)
    pushed: Array = move / np.maximum(1.0, 0.6 * touched)[:, None]
    return pushed


def _least_distance(at: Array) -> float:
    apart = np.hypot(at[:, None, 0] - at[None, :, 0], at[:, None, 1] - at[None, :, 1])
    np.fill_diagonal(apart, math.inf)
    return float(apart.min())
