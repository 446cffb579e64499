"""Magenta's two augmentations of stroke-3 drawings, on many drawings at once.

Each drawing is stretched along x and y by its own factors, and points within a line are dropped, their offsets added
to the last point that was kept (not in the paper; Magenta's ``augment_strokes``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIRST_DROPPABLE = 3  # three points of a line always stay, so that short lines keep their shape


@dataclass(frozen=True)
class Augmentation:
    """``scale``: factors are uniform in 1 +- scale. ``drop``: chance that an inner point of a line goes."""

    scale: float = 0.15
    drop: float = 0.10


NO_AUGMENTATION = Augmentation(0.0, 0.0)


def augment(
    rows: NDArray[np.float32], lengths: NDArray[np.int64], how: Augmentation, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """rows (N, 3) of drawings laid end to end, and their lengths (n,): both anew."""
    drawing = np.repeat(np.arange(len(lengths)), lengths)
    if how.scale:
        factors = 1 + how.scale * random.uniform(-1, 1, (len(lengths), 2)).astype(np.float32)
        rows = np.concatenate([rows[:, :2] * factors[drawing], rows[:, 2:]], axis=1)
    if how.drop:
        rows, drawing = _drop_points(rows, drawing, how.drop, random)
    return rows, np.bincount(drawing, minlength=len(lengths))


def _drop_points(
    rows: NDArray[np.float32], drawing: NDArray[np.int64], chance: float, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    keep = ~(_droppable(rows, drawing) & (random.random(len(rows)) < chance))
    firsts = np.flatnonzero(keep)
    moved = np.add.reduceat(rows[:, :2], firsts, axis=0)  # each kept point takes the dropped ones that follow it
    return np.concatenate([moved, rows[firsts, 2:]], axis=1), drawing[firsts]


def _droppable(rows: NDArray[np.float32], drawing: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Points that are neither among the first three of their line nor its last."""
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = (rows[:-1, 2] == 1) | (drawing[1:] != drawing[:-1])
    index = np.arange(len(rows))
    place = index - np.maximum.accumulate(np.where(starts, index, 0))
    return np.asarray((place >= FIRST_DROPPABLE) & (rows[:, 2] == 0))
