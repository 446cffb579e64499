"""The lines of a sheet as a network: where they touch, and the quickest ways along them from end to end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from plotsketch.lines.rings import line_shapes

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

MOST_CONTACTS = 300_000  # pairs of lines that touch; more would take minutes
LARGEST_TABLE = 10_000_000  # ends times places of a part
NEVER = 1e-12  # seconds: a way of no length is still a way


@dataclass(frozen=True)
class Network:
    """Places where lines end or touch, and the ways between them.

    Attributes:
        line, at: (n,) the line that each place is on, and how far along, in mm.
        ends: (lines, 2) the places of each line's ends; -1 for a dot.
        ways: (n, n) the seconds from a place to the next on its line, or over a gap to another line.
        part: (n,) the same number for places that hang together.
    """

    line: Indices
    at: Floats
    ends: Indices
    ways: csr_array
    part: Indices


@dataclass(frozen=True)
class Trips:
    """The quickest ways within one part: of `ends` (e,), as 2i and 2i + 1 for line i's, the `seconds` (e, e) between.

    `nodes` (p,) are the part's places, and `before` (e, p) the place before each on the way from an end, by its number
    among them.
    """

    ends: Indices
    seconds: Floats
    nodes: Indices
    before: NDArray[np.int32]
    stops: Indices

    def places(self, start: int, stop: int) -> list[int]:
        """The places from the end number `start` of these to that number `stop`."""
        found = [int(self.stops[stop])]
        while found[-1] != self.stops[start]:
            found.append(int(self.before[start, found[-1]]))
        return [int(self.nodes[place]) for place in reversed(found)]


def network(lines: Sequence[Floats], gap: float, paces: Floats, speed: float) -> Network | None:
    """The network of lines (k, 2) that come within `gap` mm of one another; None if it is too large.

    Two lines touch where they are nearest, and where either ends at the other. `paces` (lines,) are the seconds that a
    mm of each line takes, `speed` the mm/s over gaps.
    """
    shapes, numbers = line_shapes(lines)
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap)
    pairs = pairs[:, pairs[0] < pairs[1]]
    if pairs.shape[1] > MOST_CONTACTS:
        return None
    sides, apart = _contacts(lines, shapes, numbers, pairs, gap)
    each = np.arange(len(shapes))
    tips = [np.column_stack([each, length]) for length in (np.zeros(len(shapes)), shapely.length(shapes))]
    found, names = np.unique(np.concatenate([*sides, *tips]), axis=0, return_inverse=True)
    one, other, starts, stops = np.split(names.ravel(), np.cumsum([len(apart), len(apart), len(each)]))
    line, at = numbers[found[:, 0].astype(np.intp)], found[:, 1]
    inner = np.flatnonzero(line[1:] == line[:-1])
    seconds = np.concatenate([apart / speed, (at[inner + 1] - at[inner]) * paces[line[inner]]])
    ways = _graph(np.append(one, inner), np.append(other, inner + 1), seconds, len(found))
    ends = np.full((len(lines), 2), -1)
    ends[numbers] = np.column_stack([starts, stops])
    return Network(line, at, ends, ways, connected_components(ways, directed=False)[1])


def _contacts(
    lines: Sequence[Floats], shapes: NDArray[np.object_], numbers: Indices, pairs: Indices, gap: float
) -> tuple[list[Floats], Floats]:
    """The places where pairs (2, n) of lines touch, on the one and the other (m, 2): number, mm; and how far apart."""
    ones, others = [shapes[pairs[0]]], [shapes[pairs[1]]]
    for end in (0, -1):
        tips = [np.array([lines[number][end] for number in numbers[side]]).reshape(-1, 2) for side in pairs]
        first, second = map(shapely.points, tips)
        ones += [first, shapes[pairs[0]]]
        others += [shapes[pairs[1]], second]
    nearest = shapely.shortest_line(np.concatenate(ones), np.concatenate(others))
    spans = shapely.get_coordinates(nearest).reshape(-1, 2, 2)
    apart = np.hypot(*(spans[:, 0] - spans[:, 1]).T)
    kept = apart <= gap
    sides = []
    for side in (0, 1):
        which = np.tile(pairs[side], len(ones))[kept]
        along = shapely.line_locate_point(shapes[which], shapely.points(spans[kept, side]))
        sides.append(np.column_stack([which, along]))
    return sides, apart[kept]


def _graph(a: Indices, b: Indices, seconds: Floats, count: int) -> csr_array:
    """The ways both ways; of several between the same two places the quickest."""
    low, high, cost = np.minimum(a, b), np.maximum(a, b), np.maximum(seconds, NEVER)
    order = np.lexsort((cost, high, low))
    low, high, cost = low[order], high[order], cost[order]
    first = np.append(True, (np.diff(low) != 0) | (np.diff(high) != 0)) & (low != high)
    low, high, cost = low[first], high[first], cost[first]
    whole = coo_array((np.append(cost, cost), (np.append(low, high), np.append(high, low))), shape=(count, count))
    return whole.tocsr()


def trips(net: Network, is_open: NDArray[np.bool_], limit: float) -> Iterator[Trips]:
    """The ways of at most `limit` seconds within each part that has two open lines or more, of those not too large."""
    order = np.argsort(net.part, kind="stable")
    for nodes in np.split(order, np.flatnonzero(np.diff(net.part[order])) + 1):
        lines = np.unique(net.line[nodes])
        lines = lines[is_open[lines]]
        if len(lines) < 2 or 2 * len(lines) * len(nodes) > LARGEST_TABLE:
            continue
        stops = np.searchsorted(nodes, net.ends[lines].ravel())
        part = net.ways[nodes][:, nodes]
        seconds, before = dijkstra(part, directed=False, indices=stops, limit=limit, return_predecessors=True)
        ends = (2 * lines[:, None] + (0, 1)).ravel()
        yield Trips(ends, seconds[:, stops], nodes, before, stops)
