"""Lines whose ends meet become one line: the pen stays down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from plotsketch.lines.neighbours import nearest_ends
from plotsketch.lines.seams import is_closed

Floats = NDArray[np.float64]
Pair = tuple[int, int]

DEFAULT_GAP = 0.05  # mm, less than any pen is wide
CROWD = 8  # ends near an end that are looked at
LARGEST_JUNCTION = 10  # ends; in a larger crowd pairs are taken one by one, the best first
ROUNDING = 1e-6  # mm: ends that were the same before they went through a file


def join_lines(lines: Sequence[Floats], gap: float = DEFAULT_GAP) -> list[Floats]:
    """The lines (k, 2) in mm, those whose ends lie within `gap` mm joined by a stroke from end to end.

    Where more than two ends meet, as many as can be are joined, and of all such pairings the one that goes straightest
    on. Dots and closed lines stay as they are; no line is joined to itself. What is joined stands where the first of
    its lines stood, and goes in that one's direction. Lines without points are left out.
    """
    kept = [line for line in lines if len(line)]
    free = [place for place, line in enumerate(kept) if not is_closed(line) and (line != line[0]).any()]
    if len(free) < 2:
        return kept
    open_lines = [kept[place] for place in free]
    chains = _chains(_joints(open_lines, gap + ROUNDING), len(open_lines))
    joined = {free[min(entry >> 1 for entry in chain)]: _strung(open_lines, chain) for chain in chains}
    gone = set(free) - set(joined)
    return [joined.get(place, line) for place, line in enumerate(kept) if place not in gone]


def _joints(lines: list[Floats], gap: float) -> list[Pair]:
    """Pairs of ends (2i and 2i + 1 are line i's) to join, the best first; each end at most once."""
    points = np.array([point for line in lines for point in (line[0], line[-1])])
    near, distances = nearest_ends(points, min(CROWD, len(points) - 2))
    starts, columns = np.nonzero(distances <= gap)
    stops = near[starts, columns]
    once = np.unique(np.sort(np.column_stack([starts, stops]), axis=1), axis=0)
    costs = _costs(lines, points, once, gap)
    found = [pair for junction in _junctions(once, len(points)) for pair in _paired(once[junction], costs[junction])]
    return [pair for _, pair in sorted(found)]


def _costs(lines: list[Floats], points: Floats, pairs: NDArray[np.intp], gap: float) -> Floats:
    """How little a joint is wanted: 0 straight on without a gap, 2 straight back, and up to 0.5 for the gap."""
    ways = np.array([way for line in lines for way in (_way_out(line[::-1]), _way_out(line))])
    a, b = pairs.T
    bends = 1 + (ways[a] * ways[b]).sum(axis=1)
    return np.asarray(bends + 0.5 * np.hypot(*(points[a] - points[b]).T) / gap)


def _way_out(line: Floats) -> Floats:
    """The direction in which a line leaves its last point, of length 1."""
    steps = line[-1] - line[:-1]
    lengths = np.hypot(*steps.T)
    last = np.flatnonzero(lengths)[-1]
    return np.asarray(steps[last] / lengths[last])


def _junctions(pairs: NDArray[np.intp], ends: int) -> Iterator[NDArray[np.intp]]:
    """The numbers of the pairs that hang together, place by place."""
    if not len(pairs):
        return
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(ends, ends))
    _, names = connected_components(graph, directed=False)
    where = names[pairs[:, 0]]
    order = np.argsort(where, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(where[order])) + 1)


def _paired(pairs: NDArray[np.intp], costs: Floats) -> list[tuple[float, Pair]]:
    """The pairs of one junction that are joined, with their costs."""
    choices = [(float(cost), (int(a), int(b))) for cost, (a, b) in zip(costs, pairs, strict=True)]
    if len(choices) == 1:
        return choices
    if len(np.unique(pairs)) <= LARGEST_JUNCTION:
        return _best_pairing(sorted(choices), frozenset())[1]
    return _first_come(sorted(choices))


def _best_pairing(
    choices: list[tuple[float, Pair]], taken: frozenset[int]
) -> tuple[tuple[int, float], list[tuple[float, Pair]]]:
    """The most pairs, at the least cost: ((-pairs, cost), pairs). Tries for one end after another all of its pairs."""
    left = [choice for choice in choices if not taken & set(choice[1])]
    if not left:
        return (0, 0.0), []
    end = left[0][1][0]
    options = []
    for cost, pair in left:
        if end in pair:
            (count, total), rest = _best_pairing(left, taken | set(pair))
            options.append(((count - 1, total + cost), [(cost, pair), *rest]))
    if any(end not in pair for _, pair in left):
        options.append(_best_pairing([choice for choice in left if end not in choice[1]], taken))
    return min(options)


def _first_come(choices: list[tuple[float, Pair]]) -> list[tuple[float, Pair]]:
    taken: set[int] = set()
    kept = []
    for cost, pair in choices:
        if not taken & set(pair):
            taken |= set(pair)
            kept.append((cost, pair))
    return kept


def _chains(joints: list[Pair], count: int) -> list[list[int]]:
    """What hangs together, each as the ends at which its lines are entered; a joint that would make a ring is left."""
    hops = np.full(2 * count, -1, dtype=np.int32)
    other = [end ^ 1 for end in range(2 * count)]
    for a, b in joints:
        if other[a] != b:
            hops[a], hops[b] = b, a
            far_a, far_b = other[a], other[b]
            other[far_a], other[far_b] = far_b, far_a
    return [_chain(hops, end) for end in range(2 * count) if hops[end] < 0 and end < other[end]]


def _chain(hops: NDArray[np.int32], start: int) -> list[int]:
    """The entries from a free end on, in the direction of the line that comes first among all."""
    chain = [start]
    while (after := int(hops[chain[-1] ^ 1])) >= 0:
        chain.append(after)
    first = min(chain, key=lambda entry: entry >> 1)
    return chain if first % 2 == 0 else [entry ^ 1 for entry in reversed(chain)]


def _strung(lines: list[Floats], chain: list[int]) -> Floats:
    """The lines of a chain as one; a point that two of them share stands once."""
    parts = [lines[entry >> 1] if entry % 2 == 0 else lines[entry >> 1][::-1] for entry in chain]
    kept = [parts[0]]
    for before, part in pairwise(parts):
        kept.append(part[1:] if (before[-1] == part[0]).all() else part)
    return np.concatenate(kept)
