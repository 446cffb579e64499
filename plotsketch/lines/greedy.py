"""A first order: the shortest hops of all that still fit, as Kruskal would take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotsketch.compiled import compiled
from plotsketch.lines.neighbours import nearest_ends


def greedy_path(
    points: NDArray[np.float64], near: NDArray[np.int32], distances: NDArray[np.float64]
) -> NDArray[np.int32]:
    """A path through all lines as the ends at which they are entered (n,).

    `points` (2n, 2) are the lines' ends, `near` and `distances` their nearest ends (`nearest_ends`). Ties are taken in
    the order of the ends.
    """
    count = len(points) // 2
    hops = np.full(2 * count, -1, dtype=np.int32)
    other = np.arange(2 * count, dtype=np.int32) ^ 1  # of an end of a chain of lines: the chain's other end
    ends = np.arange(2 * count)
    while len(ends) > 2:
        _chain(*_by_length(ends, near, distances), hops, other)
        ends = np.flatnonzero(hops < 0)
        near, distances = _nearest_chains(points, ends, other)
    return _walk(hops, int(ends[0]))


def _by_length(
    ends: NDArray[np.intp], near: NDArray[np.int32], distances: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The hops from `ends` to what is near them, shortest first, each once."""
    starts = np.repeat(ends, near.shape[1]).astype(np.int32)
    stops, lengths = near.ravel(), distances.ravel()
    # a hop that only one of its ends knows is kept as well
    fine = np.isfinite(lengths)
    starts, stops, lengths = starts[fine], stops[fine], lengths[fine]
    order = np.argsort(lengths, kind="stable")
    return starts[order], stops[order]


def _nearest_chains(
    points: NDArray[np.float64], ends: NDArray[np.intp], other: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """As `nearest_ends` among the ends of chains, where a chain's two ends count as a line's."""
    pairs = ends[ends < other[ends]]
    names = np.column_stack([pairs, other[pairs]]).ravel()
    near, distances = nearest_ends(points[names], min(5, max(1, len(names) - 2)))
    order = np.argsort(names, kind="stable")
    return names[near[order]].astype(np.int32), distances[order]


@compiled
def _chain(
    starts: NDArray[np.int32], stops: NDArray[np.int32], hops: NDArray[np.int32], other: NDArray[np.int32]
) -> None:
    """Puts in every hop between free ends of two chains, in the order given."""
    for place in range(len(starts)):
        a, b = starts[place], stops[place]
        if hops[a] >= 0 or hops[b] >= 0 or other[a] == b:
            continue
        hops[a], hops[b] = b, a
        far_a, far_b = other[a], other[b]
        other[far_a], other[far_b] = far_b, far_a


@compiled
def _walk(hops: NDArray[np.int32], start: int) -> NDArray[np.int32]:
    """The entries of all lines from the free end `start` on, along hops[end] = the end that follows it."""
    entries = np.empty(len(hops) // 2, dtype=np.int32)
    end = start
    for place in range(len(entries)):
        entries[place] = end
        end = hops[end ^ 1]
    return entries
