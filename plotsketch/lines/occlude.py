"""Hidden lines: what lies under a closed line is not drawn.

Each line is cut where it crosses the outline of a mask above it, and what lies between two cuts is hidden if its middle
is inside of one. So a line that crosses itself stays in one piece, and only what is near a mask is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from plotsketch.lines.cuts import DOT, Segments, Span, length_of, parts, segments_of

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

EDGE = 0.001  # mm: what runs so near a mask's outline lies on it, and is seen
TOGETHER = 2_000  # segments looked at together: those near many masks would not fit into memory all at once


def visible(
    lines: Sequence[Floats], levels: Sequence[int], masks: Sequence[shapely.Geometry], mask_levels: Sequence[int]
) -> list[list[Floats]]:
    """For each line (k, 2) in mm the pieces of it that no mask hides, in their order; a line in sight comes back whole.

    A mask, a polygon or several, hides what lies inside it on a lower level than its own. Pieces that a mask has cut
    down to less than a dot are left out. Lines have one point or more.
    """
    if not len(masks) or not len(lines):
        return [[line] for line in lines]
    pieces = segments_of(lines)
    above = _Masks(np.array(masks, dtype=object), np.array(mask_levels))
    numbers, starts, stops = _hidden(pieces, np.array(levels), above)
    found = [[line] for line in lines]
    if not len(numbers):
        return found
    spans = np.column_stack([starts, stops]) + pieces.place[numbers][:, None]
    owners, firsts = np.unique(pieces.line[numbers], return_index=True)
    for owner, hidden in zip(owners, np.split(spans, firsts[1:]), strict=True):
        line = lines[owner]
        kept = parts(line, _rest(hidden, len(line) - 1))
        found[owner] = [part for part in kept if length_of(part) > DOT]
    return found


class _Masks:
    """Masks with all edges of their outlines, and trees to find both by place."""

    def __init__(self, masks: NDArray[np.object_], levels: Numbers) -> None:
        self.masks, self.levels, self.tree = masks, levels, shapely.STRtree(masks)
        self.outlines = shapely.boundary(masks)
        shapely.prepare(self.masks)
        shapely.prepare(self.outlines)
        rings, whose = _rings(masks)
        edges = segments_of(rings)
        self.start, self.stop, self.whose = edges.start, edges.stop, whose[edges.line]
        self.edge_tree = shapely.STRtree(shapely.linestrings(np.stack([self.start, self.stop], axis=1)))

    def crossings(self, boxes: NDArray[np.object_], pieces: Segments, chosen: Numbers, levels: Numbers) -> Floats:
        """(n, 2): the number of a segment among those `chosen`, and the share of it before it meets an outline."""
        number, edge = self.edge_tree.query(boxes)
        high = self.levels[self.whose[edge]] > levels[number]
        number, edge = number[high], edge[high]
        a, b = pieces.start[chosen[number]], pieces.stop[chosen[number]]
        c, d = self.start[edge], self.stop[edge]
        bend = _cross(b - a, d - c)
        with np.errstate(divide="ignore", invalid="ignore"):
            share, along = _cross(c - a, d - c) / bend, _cross(c - a, b - a) / bend
        slack = 1e-9  # an edge that ends on the segment counts; a cut too many does no harm
        met = (bend != 0) & (share > 0) & (share < 1) & (along >= -slack) & (along <= 1 + slack)
        return np.column_stack([number[met], share[met]])

    def hide(self, points: Floats, levels: Numbers) -> NDArray[np.bool_]:
        """Whether a mask on a higher level than a point's covers it, and not with its edge."""
        spots = shapely.points(points)
        number, mask = self.tree.query(spots)  # in the order of the points
        high = self.levels[mask] > levels[number]
        number, mask = number[high], mask[high]
        inside = shapely.contains_xy(self.masks[mask], *points[number].T)
        number, mask = number[inside], mask[inside]
        hidden = np.zeros(len(points), dtype=bool)
        while len(number):  # a mask a point in turn: the first hides most, and distances take the longest
            turn = np.diff(number, prepend=-1) > 0
            deep = ~shapely.dwithin(self.outlines[mask[turn]], spots[number[turn]], EDGE)
            hidden[number[turn][deep]] = True
            left = ~turn & ~hidden[number]
            number, mask = number[left], mask[left]
        return hidden


def _rings(masks: NDArray[np.object_]) -> tuple[list[Floats], Numbers]:
    """The outlines of all masks and of their holes, and whose they are."""
    polygons, whose = shapely.get_parts(masks, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    return [shapely.get_coordinates(ring) for ring in rings], whose[polygon]


def _hidden(pieces: Segments, levels: Numbers, above: _Masks) -> tuple[Numbers, Floats, Floats]:
    """Numbers of segments, and the shares (from, to) between which a mask hides them."""
    found = [
        _hidden_of(pieces, np.arange(first, min(first + TOGETHER, len(pieces.line))), levels, above)
        for first in range(0, len(pieces.line), TOGETHER)
    ]
    numbers, starts, stops = (np.concatenate(column) for column in zip(*found, strict=True))
    return numbers, starts, stops


def _hidden_of(pieces: Segments, chosen: Numbers, levels: Numbers, above: _Masks) -> tuple[Numbers, Floats, Floats]:
    heights = levels[pieces.line[chosen]]
    boxes = shapely.linestrings(np.stack([pieces.start[chosen], pieces.stop[chosen]], axis=1))
    numbers, mask = above.tree.query(boxes)
    near = np.unique(numbers[above.levels[mask] > heights[numbers]])
    chosen, heights, boxes = chosen[near], heights[near], boxes[near]
    ends = np.column_stack([np.repeat(np.arange(len(chosen)), 2), np.tile([0.0, 1.0], len(chosen))])
    cuts = np.unique(np.vstack([ends, above.crossings(boxes, pieces, chosen, heights)]), axis=0)
    within = cuts[:-1, 0] == cuts[1:, 0]
    number, start, stop = cuts[:-1][within, 0].astype(np.intp), cuts[:-1][within, 1], cuts[1:][within, 1]
    middle = ((start + stop) / 2)[:, None]
    points = (1 - middle) * pieces.start[chosen[number]] + middle * pieces.stop[chosen[number]]
    hidden = above.hide(points, heights[number])
    return chosen[number[hidden]], start[hidden], stop[hidden]


def _rest(hidden: Floats, last: int) -> list[Span]:
    """What is left of the places 0 to `last` of a line without some spans (n, 2), which are in order and apart."""
    stops, starts = np.append(hidden[:, 0], float(last)), np.insert(hidden[:, 1], 0, 0.0)
    return [(float(a), float(b)) for a, b in zip(starts, stops, strict=True) if a < b]


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
