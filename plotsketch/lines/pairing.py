"""Which ends are joined where more than two could be: the pairs that are worth most together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Pairs = NDArray[np.intp]
Choice = tuple[float, tuple[int, int], int]  # cost, ends, number

LARGEST_JUNCTION = 10  # ends; in a larger crowd pairs are taken one by one, the best first


def paired(pairs: Pairs, costs: Floats, ends: int) -> list[int]:
    """The numbers of those `pairs` (n, 2) of ends whose costs, all below 0, are least in sum; the cheapest first.

    No end of the `ends` is in two of them. Where more than LARGEST_JUNCTION hang together: the cheapest one by one.
    """
    found = [choice for junction in _junctions(pairs, ends) for choice in _chosen(pairs, costs, junction)]
    return [number for *_, number in sorted(found)]


def _junctions(pairs: Pairs, ends: int) -> Iterator[NDArray[np.intp]]:
    """The numbers of the pairs that hang together, place by place."""
    if not len(pairs):
        return
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(ends, ends))
    _, names = connected_components(graph, directed=False)
    where = names[pairs[:, 0]]
    order = np.argsort(where, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(where[order])) + 1)


def _chosen(pairs: Pairs, costs: Floats, junction: NDArray[np.intp]) -> list[Choice]:
    """The pairs of one junction that are joined: cost, ends and number."""
    choices = sorted((float(costs[n]), (int(pairs[n, 0]), int(pairs[n, 1])), int(n)) for n in junction)
    if len(choices) == 1:
        return choices
    if len(np.unique(pairs[junction])) <= LARGEST_JUNCTION:
        return _best_pairing(choices)
    return _first_come(choices)


def _best_pairing(choices: list[Choice]) -> list[Choice]:
    """The pairs of least cost in sum, by trying for one end after another all that it may be joined to, and none."""
    bits = {end: 1 << place for place, end in enumerate(sorted({end for _, pair, _ in choices for end in pair}))}
    partners: dict[int, list[tuple[int, int]]] = {bit: [] for bit in bits.values()}
    for place, (_, (a, b), _) in enumerate(choices):
        partners[bits[a]].append((bits[b], place))
        partners[bits[b]].append((bits[a], place))

    @cache
    def best(free: int) -> tuple[float, tuple[int, ...]]:
        if not free:
            return 0.0, ()
        end = free & -free
        found = best(free ^ end)
        for other, place in partners[end]:
            if free & other:
                cost, places = best(free ^ end ^ other)
                found = min(found, (cost + choices[place][0], (place, *places)))
        return found

    return [choices[place] for place in best(sum(bits.values()))[1]]


def _first_come(choices: list[Choice]) -> list[Choice]:
    taken: set[int] = set()
    kept = []
    for choice in choices:
        if not taken & set(choice[1]):
            taken |= set(choice[1])
            kept.append(choice)
    return kept
