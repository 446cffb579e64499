"""Areas filled by parallel lines, with few lifts of the pen.

A line ends on the area's edge; from there the pen goes on along the edge to where the next line begins, so it never
leaves the area. A dense filling also draws the edge all round, once, when the pen first comes to it: then no place is
further from ink than half the gap between lines, however the edge lies to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

DENSE = 2.0  # pens: links along the edge between lines no further apart cannot be told from the filling
LONGEST_LINK = 10.0  # gaps along the edge; a lift is quicker than a longer way
ROUND_ENDS = 16  # pieces of a quarter circle, where the area is drawn in from a corner


def hatched(area: shapely.Geometry, pen: float, gap: float, angle: float) -> list[Floats]:
    """Lines (k, 2) in mm that fill an area (polygons, mm) with a pen `pen` wide, `gap` apart, at `angle` degrees.

    The angle is counter-clockwise on paper. All ink stays inside the area: lines keep half a pen from its edge. Those
    of all areas lie on one grid. With gaps under two pens they are linked and the edge is drawn.
    """
    inner = shapely.buffer(area, -pen / 2, quad_segs=ROUND_ENDS)
    if inner.is_empty:
        return []
    turn = np.radians(angle)  # y points down
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    rings = [shapely.get_coordinates(ring) @ matrix for ring in shapely.get_rings(shapely.get_parts(inner))]
    dense = gap < DENSE * pen
    strokes = _Filling(rings, gap, LONGEST_LINK * gap if dense else 0.0, edges=dense).strokes()
    return [stroke @ matrix.T for stroke in strokes]


@dataclass(frozen=True)
class _Crossings:
    """Where the edge meets the grid's lines, sorted along these: two by two the ends of a line to draw.

    `ring` and `way` say where on the edge each is, in mm; `point` (n, 2) on paper.
    """

    point: Floats
    ring: Numbers
    way: Floats


class _Filling:
    """A walk along the lines of a filling and its edge."""

    def __init__(self, rings: list[Floats], gap: float, reach: float, *, edges: bool) -> None:
        self.rings, self.reach = rings, reach
        self.ways = [np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))]) for ring in rings]
        self.at = _crossings(rings, self.ways, gap)
        self.drawn = np.zeros(len(self.at.way) // 2, dtype=bool)
        self.edges_left = set(range(len(rings))) if edges else set()

    def strokes(self) -> Iterator[Floats]:
        after, before = self._neighbours()
        for line in range(len(self.drawn)):
            if not self.drawn[line]:
                yield np.vstack(list(self._stroke(2 * line, after, before)))
        for ring in sorted(self.edges_left):  # too small for any line
            yield self.rings[ring]

    def _neighbours(self) -> tuple[Numbers, Numbers]:
        """The next and the last crossing along the edge from each."""
        order = np.lexsort([self.at.way, self.at.ring])
        firsts = np.flatnonzero(np.diff(self.at.ring[order], prepend=-1))
        after, before = np.empty_like(order), np.empty_like(order)
        for run in np.split(order, firsts[1:]):
            after[run], before[run] = np.roll(run, -1), np.roll(run, 1)
        return after, before

    def _stroke(self, here: int, after: Numbers, before: Numbers) -> Iterator[Floats]:
        """Points of a stroke that begins at the crossing `here` and goes on as long as there is a line near."""
        while True:
            yield from self._edge(here)
            yield self.at.point[[here, here ^ 1]]
            self.drawn[here >> 1] = True
            here ^= 1
            yield from self._edge(here)
            ways = [(self._along(here, int(after[here])), int(after[here]), 1)]
            ways.append((self._along(int(before[here]), here), int(before[here]), -1))
            near = [way for way in ways if way[0] <= self.reach and not self.drawn[way[1] >> 1]]
            if not near:
                return
            _, there, direction = min(near)
            yield self._between(here, there) if direction > 0 else self._between(there, here)[::-1]
            here = there

    def _edge(self, here: int) -> Iterator[Floats]:
        """The whole ring on which a crossing lies, round to it again, if that is still to be drawn."""
        ring = int(self.at.ring[here])
        if ring in self.edges_left:
            self.edges_left.remove(ring)
            yield self.at.point[[here]]
            yield self._between(here, here)
            yield self.at.point[[here]]

    def _along(self, start: int, stop: int) -> float:
        """Millimetres along the edge, forward; a whole round to where one is."""
        way = float(self.at.way[stop] - self.at.way[start])
        return way if way > 0 else way + float(self.ways[self.at.ring[start]][-1])

    def _between(self, start: int, stop: int) -> Floats:
        """The corners of the edge on the way forward from one crossing to another on the same ring."""
        ring, ways = self.rings[self.at.ring[start]], self.ways[self.at.ring[start]]
        first = int(np.searchsorted(ways, self.at.way[start], "right"))
        last = int(np.searchsorted(ways, self.at.way[stop], "left"))
        if self.at.way[stop] > self.at.way[start]:
            return np.asarray(ring[first:last])
        return np.concatenate([ring[first:-1], ring[:last]])


def _crossings(rings: list[Floats], ways: list[Floats], gap: float) -> _Crossings:
    """Where closed rings (k, 2) meet the lines y = (n + 1/2) gap, sorted by these and by x."""
    start, stop = (np.concatenate([ring[cut] for ring in rings]) for cut in (slice(None, -1), slice(1, None)))
    counts = [len(ring) - 1 for ring in rings]
    owner = np.repeat(np.arange(len(rings)), counts)
    before, after = (np.concatenate([way[cut] for way in ways]) for cut in (slice(None, -1), slice(1, None)))
    low, high = start[:, 1] / gap - 0.5, stop[:, 1] / gap - 0.5
    # a line through a corner meets one of its two sides, or both or none at a tip: never an odd number in all
    first = np.floor(np.minimum(low, high)).astype(np.int64) + 1
    number = np.floor(np.maximum(low, high)).astype(np.int64) + 1 - first
    edge = np.repeat(np.arange(len(start)), number)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(number) - number, number) + first[edge]
    share = (row - low[edge]) / (high - low)[edge]
    x = start[edge, 0] + share * (stop[edge, 0] - start[edge, 0])
    order = np.lexsort([x, row])
    way = before[edge] + share * (after - before)[edge]
    return _Crossings(np.column_stack([x, (row + 0.5) * gap])[order], owner[edge][order], way[order])
