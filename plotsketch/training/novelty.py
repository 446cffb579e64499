"""How far a drawing is from the nearest one of a training set: a model that copies is found out by it.

The distance is that of two clouds of points. A drawing becomes 64 points, equally spaced along its ink and fitted
into a box whose longer side is 1; the distance of clouds A and B is the symmetric Chamfer distance

    d(A, B) = (mean over a of min over b |a - b| + mean over b of min over a |a - b|) / 2,

a share of the drawing's longer side. Dots have no ink and do not count, unless a drawing has nothing else.

A whole training set is searched in two passes: the distances read from a coarse grid, as one matrix product, choose
the likeliest few, and those are measured exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

CLOUD = 64
GRID = 16  # nodes a side of the coarse grid
SHORTLIST = 64
_BLOCK = 512  # reference drawings whose grids are computed at once: 32 MiB


def clouds(rows: NDArray[np.floating], lengths: NDArray[np.integer]) -> NDArray[np.float32]:
    """(n, 64, 2) from stroke-3 rows (N, 3) of n drawings end to end, the first row of each drawn; lengths (n,)."""
    if not len(lengths):
        return np.zeros((0, CLOUD, 2), np.float32)
    lengths = np.asarray(lengths, np.int64)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    offsets = rows[:, :2].astype(np.float64)
    drawn = np.concatenate([[True], rows[:-1, 2] < 0.5])
    drawn[starts] = True
    ink = np.cumsum(np.hypot(offsets[:, 0], offsets[:, 1]) * drawn)
    before = np.concatenate([[0.0], ink])[starts]
    share = (np.arange(CLOUD) + 0.5) / CLOUD
    wanted = before[:, None] + share * (ink[ends - 1] - before)[:, None]
    at = np.clip(np.searchsorted(ink, wanted), starts[:, None], ends[:, None] - 1)
    way = np.concatenate([[0.0], ink])[at]
    step = np.where(ink[at] > way, ink[at] - way, 1.0)
    absolute = np.cumsum(offsets, axis=0)
    fraction = np.clip((ink[at] - wanted) / step, 0.0, 1.0)[:, :, None]
    return _fitted(absolute[at] - fraction * offsets[at])


def _fitted(points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Clouds (n, 64, 2) moved and scaled so that their bounds are centred on 0 and their longer side is 1."""
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    size = (high - low).max(axis=2, keepdims=True)
    fitted = (points - (low + high) / 2) / np.where(size > 0, size, 1.0)
    return np.asarray(fitted, dtype=np.float32)


def chamfer(a: Tensor, b: Tensor) -> Tensor:
    """Distances (...) of clouds a (..., K, 2) and b (..., L, 2); exactly 0 for equal ones."""
    x = a[..., :, None, 0] - b[..., None, :, 0]
    y = a[..., :, None, 1] - b[..., None, :, 1]
    squares = x.square_().add_(y.square_())
    return (squares.amin(-1).sqrt().mean(-1) + squares.amin(-2).sqrt().mean(-1)) / 2


@dataclass(frozen=True, eq=False)
class Nearest:
    """Distance (q,) of each query to its nearest reference drawing, and which one that is (q,)."""

    distance: NDArray[np.float32]
    index: NDArray[np.int64]


@torch.no_grad()
def nearest(
    queries: NDArray[np.float32], reference: NDArray[np.float32], shortlist: int = SHORTLIST
) -> Nearest:
    """Clouds (q, 64, 2) against clouds (n, 64, 2), n >= 1. ``shortlist`` reference drawings a query are measured
    exactly; with n or more of them the search is exhaustive."""
    asked, known = torch.from_numpy(queries), torch.from_numpy(reference)
    likeliest = _likeliest(asked, known, min(shortlist, len(known)))
    found = [chamfer(query, known[chosen]).min(dim=0) for query, chosen in zip(asked, likeliest, strict=True)]
    distance = np.array([float(best.values) for best in found], np.float32)
    index = [int(chosen[best.indices]) for best, chosen in zip(found, likeliest, strict=True)]
    return Nearest(distance, np.array(index, np.int64))


def _likeliest(asked: Tensor, known: Tensor, count: int) -> Tensor:
    """(q, count): the reference drawings nearest by the grid's approximate distances."""
    weights, fields = _weights(asked), _fields(asked)
    values = torch.empty(len(asked), 0)
    indices = torch.empty(len(asked), 0, dtype=torch.long)
    for first in range(0, len(known), _BLOCK):
        block = known[first : first + _BLOCK]
        both = weights @ _fields(block).T + fields @ _weights(block).T
        place = torch.arange(first, first + len(block)).expand(len(asked), -1)
        values, indices = torch.cat([values, both], 1), torch.cat([indices, place], 1)
        values, kept = values.topk(min(count, values.shape[1]), dim=1, largest=False)
        indices = indices.gather(1, kept)
    return indices


def _nodes() -> Tensor:
    """(GRID * GRID, 2), x slowest."""
    side = torch.linspace(-0.5, 0.5, GRID)
    return torch.cartesian_prod(side, side)


def _fields(points: Tensor) -> Tensor:
    """(n, GRID * GRID): distance of each grid node to the nearest point of each cloud."""
    nodes = _nodes()
    squares = points.square().sum(-1)[:, None, :] - 2 * nodes @ points.transpose(1, 2)
    return (squares.amin(-1) + nodes.square().sum(-1)).clamp_min_(0).sqrt_()


def _weights(points: Tensor) -> Tensor:
    """(n, GRID * GRID): share of each cloud at each node, every point split bilinearly between its four."""
    place = ((points + 0.5) * (GRID - 1)).clamp(0, GRID - 1 - 1e-4)
    low = place.floor()
    high_share = place - low
    corner = low.long()
    total = points.new_zeros(len(points), GRID * GRID)
    for right in (0, 1):
        for down in (0, 1):
            share_x = high_share[..., 0] if right else 1 - high_share[..., 0]
            share_y = high_share[..., 1] if down else 1 - high_share[..., 1]
            node = (corner[..., 0] + right) * GRID + corner[..., 1] + down
            total.scatter_add_(1, node, share_x * share_y / points.shape[1])
    return total
