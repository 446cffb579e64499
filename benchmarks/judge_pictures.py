"""Drawings as small pictures with smooth edges, one layer a direction of ink: what the judge (``judge.py``) sees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SIDE = 32  # pixels
MARGIN = 2.0  # pixels left free around a drawing
DIRECTIONS = 4
STEP = 0.5  # pixels of ink that one splat stands for


def rasters(rows: NDArray[np.floating], lengths: NDArray[np.integer], turns: NDArray[np.floating] | None = None,
            shift: NDArray[np.floating] | float = 0.0) -> NDArray[np.float32]:  # fmt: skip
    """Pictures (n, 4, 32, 32) in [0, 1] of n drawings: stroke-3 rows (N, 3) end to end, the first of each drawn.

    ``turns`` (n, 2, 2) are applied to each drawing first; then its ink is centred and its longer side fitted, whatever
    the units were, and moved by ``shift`` (n, 2) pixels. A layer holds the ink of one direction (0, 45, 90, 135
    degrees; others are shared between two); a pixel is full where a line goes through it.
    """
    owner = np.repeat(np.arange(len(lengths)), lengths)
    offsets = rows[:, :2].astype(np.float64)
    if turns is not None:
        offsets = np.einsum("nij,nj->ni", turns[owner], offsets)
    ends = np.cumsum(offsets, axis=0)
    firsts = np.cumsum(lengths) - lengths
    drawn = np.concatenate([[True], rows[:-1, 2] < 0.5])
    drawn[firsts] = True
    owner, begins, ends = owner[drawn], (ends - offsets)[drawn], ends[drawn]
    placed = _placed(begins, ends, owner, len(lengths), np.broadcast_to(shift, (len(lengths), 2)))
    return _splatted(*placed, owner, len(lengths))


def _placed(begins: NDArray[np.float64], ends: NDArray[np.float64], owner: NDArray[np.int64], count: int,
            shift: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Both ends (k, 2) of all segments in pixels, each drawing centred and fitted. ``owner`` (k,) is sorted."""
    first = np.searchsorted(owner, np.arange(count))
    low = np.minimum(np.minimum.reduceat(begins, first), np.minimum.reduceat(ends, first))
    high = np.maximum(np.maximum.reduceat(begins, first), np.maximum.reduceat(ends, first))
    size = (high - low).max(axis=1)
    scale = ((SIDE - 1 - 2 * MARGIN) / np.where(size > 0, size, 1.0))[owner, None]
    middle = ((low + high) / 2)[owner]
    centre = (SIDE - 1) / 2 + shift[owner]
    return (begins - middle) * scale + centre, (ends - middle) * scale + centre


def _splatted(begins: NDArray[np.float64], ends: NDArray[np.float64], owner: NDArray[np.int64],
              count: int) -> NDArray[np.float32]:  # fmt: skip
    """Segments cut into pieces of half a pixel, each shared between four pixels and two directions."""
    way = ends - begins
    length = np.hypot(*way.T)
    pieces = np.maximum(1, np.ceil(length / STEP)).astype(np.int64)
    number = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    segment = np.repeat(np.arange(len(pieces)), pieces)
    at = begins[segment] + ((number + 0.5) / pieces[segment])[:, None] * way[segment]
    ink = (np.maximum(length, STEP) / pieces)[segment]  # a dot is no shorter than a piece
    direction = (np.arctan2(way[:, 1], way[:, 0]) / np.pi % 1.0 * DIRECTIONS)[segment]
    cells, shares = zip(*_four(np.clip(at, 0, SIDE - 1.001)), strict=True)
    low, part = direction.astype(np.int64), direction % 1.0
    sides = ((low % DIRECTIONS, 1 - part), ((low + 1) % DIRECTIONS, part))
    layers = [(owner[segment] * DIRECTIONS + layer, weight * ink) for layer, weight in sides]
    places = np.concatenate([layer * SIDE * SIDE + cell for layer, _ in layers for cell in cells])
    weights = np.concatenate([weight * share for _, weight in layers for share in shares])
    flat = np.bincount(places, weights, count * DIRECTIONS * SIDE * SIDE)
    return np.minimum(flat, 1.0).astype(np.float32).reshape(count, DIRECTIONS, SIDE, SIDE)


def _four(at: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Number (k,) and share (k,) of each of the four pixels around points (k, 2)."""
    low = at.astype(np.int64)
    part = at - low
    for right in (0, 1):
        for down in (0, 1):
            share_x, share_y = (part[:, 0] if right else 1 - part[:, 0]), (part[:, 1] if down else 1 - part[:, 1])
            yield (low[:, 1] + down) * SIDE + low[:, 0] + right, share_x * share_y


def distortions(count: int, random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Matrices (n, 2, 2) that turn by some 6 degrees, squeeze by a tenth, slant a little and mirror half of the
    drawings, and shifts (n, 2) of up to a pixel."""
    angle, slant = random.normal(0, 0.1, count), random.normal(0, 0.06, count)
    mirror = random.choice([-1.0, 1.0], count)
    wide, high = np.exp(random.normal(0, 0.1, (2, count)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    squeeze = np.zeros((count, 2, 2))
    squeeze[:, 0, 0], squeeze[:, 0, 1], squeeze[:, 1, 1] = mirror * wide, slant, high
    return turn @ squeeze, random.uniform(-1, 1, (count, 2))
