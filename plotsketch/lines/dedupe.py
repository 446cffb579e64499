"""Parts of lines that are drawn twice are drawn once.

A part is left out if all of it lies within the tolerance of ink that stays; so a chain of lines, each near the next,
does not vanish as a whole. The longest lines stay as they are and shorter ones give way: fewer pieces are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import ceil

import numpy as np
import shapely
from numpy.typing import NDArray

from plotsketch.lines.cuts import Segments, Span, length_of, parts, segments_of

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

SHORTEST = 20.0  # tolerances: lines that cross at a slant, 6 degrees or more, run together for less
BACK = -0.9  # cosine of a turn: two pieces of one line that follow each other and turn by more go there and back
TOUCHING = 1e-9  # mm


def deduped(lines: Sequence[Floats], tolerance: float) -> list[Floats]:
    """The lines (k, 2) in mm, without what lies within `tolerance` mm of others or of the line's own earlier parts.

    Lines that are drawn twice as a whole go; a part goes if it is longer than 20 tolerances, and ends where the other
    line ends. What remains keeps its order and direction. Lines without points are left out.
    """
    kept = list(_once(line for line in lines if len(line)))
    if not kept:
        return []
    pieces = segments_of(kept)
    lengths = np.array([length_of(line) for line in kept])
    turn = np.argsort(-lengths, kind="stable")
    # the pieces are taken line by line, the longest line first
    order = np.argsort(np.argsort(turn)[pieces.line], kind="stable")
    pieces = Segments(pieces.start[order], pieces.stop[order], pieces.line[order], pieces.place[order])
    left = _Ink(pieces, tolerance).remaining()
    found = ([line] if number not in left else parts(line, left[number]) for number, line in enumerate(kept))
    return [part for pieces_of_line in found for part in pieces_of_line]


def _once(lines: Iterable[Floats]) -> Iterator[Floats]:
    """The lines without those that have all the points of one before, either way round.

    Each piece is held against all that it lies near to, so that a thousand copies of a line would be a million pairs.
    """
    seen = set()
    for line in lines:
        points = min(line.tobytes(), line[::-1].tobytes())
        if points not in seen:
            seen.add(points)
            yield line


class _Ink:
    """The pieces in the order in which they are put down, each with those before it that it runs near to."""

    def __init__(self, pieces: Segments, tolerance: float) -> None:
        self.pieces, self.tolerance = pieces, tolerance
        self.lengths = np.hypot(*(pieces.stop - pieces.start).T)
        ways = np.concatenate([[0.0], np.cumsum(self.lengths)])
        self.firsts = np.flatnonzero(pieces.place == 0)  # of each line
        self.begins = ways[:-1] - np.repeat(ways[self.firsts], np.diff(np.append(self.firsts, len(pieces.line))))
        self.late, self.early = late, early = self._pairs()
        later, earlier = ((pieces.start[which], pieces.stop[which]) for which in (late, early))
        self.spans = near_spans(*later, *earlier, tolerance)  # shares of the later one that are near
        self.origins = near_spans(*earlier, *later, tolerance).tolist()  # and of the earlier one, near which they are
        self.kept: dict[int, list[Span]] = {}  # shares of pieces that are not there as a whole

    def _pairs(self) -> tuple[Numbers, Numbers]:
        """Pieces within the tolerance of earlier ones, in their order; no neighbours on the same line."""
        lines = shapely.linestrings(np.stack([self.pieces.start, self.pieces.stop], axis=1))
        lines = np.where(
            self.lengths > 0, lines, shapely.points(self.pieces.start)
        )  # a line of no length is near nothing
        late, early = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=self.tolerance)
        after = early < late
        late, early = late[after], early[after]
        apart = self.begins[late] - self.begins[early] - self.lengths[early] >= SHORTEST * self.tolerance
        ahead = (self.pieces.stop - self.pieces.start) / np.maximum(self.lengths, TOUCHING)[:, None]
        back = (ahead[late] * ahead[early]).sum(axis=1) < BACK
        fine = (self.pieces.line[late] != self.pieces.line[early]) | apart | back
        late, early = late[fine], early[fine]
        order = np.lexsort([early, late])
        return late[order], early[order]

    def remaining(self) -> dict[int, list[Span]]:
        """What is left of each line that something is cut from, as places on it."""
        ends = np.append(self.firsts[1:], len(self.pieces.line))
        bounds = np.searchsorted(self.late, np.append(self.firsts, ends[-1]))
        widths = (self.spans[:, 1] - self.spans[:, 0]).clip(0) * self.lengths[self.late]
        most = np.append(0.0, np.cumsum(widths))[bounds]  # what lies near to others, counted as often as it does
        enough = np.minimum(SHORTEST * self.tolerance, self.begins[ends - 1] + self.lengths[ends - 1]) - TOUCHING
        found = {}
        for row, (first, end) in enumerate(zip(self.firsts.tolist(), ends.tolist(), strict=True)):
            if bounds[row] < bounds[row + 1] and most[row + 1] - most[row] >= enough[row]:
                gone = self._gone(first, end, range(bounds[row], bounds[row + 1]))
                if gone:
                    found[int(self.pieces.line[first])] = self._cut(first, end, gone)
        return found

    def _gone(self, first: int, end: int, pairs: range) -> list[Span]:
        """The stretches of the line with the pieces `first` to `end`, in mm along it, that are to be left out."""
        covered: dict[int, list[Span]] = {}
        for late, group in groupby(pairs, lambda pair: int(self.late[pair])):
            near = [span for pair in group for span in self._covering(late, pair, covered, first)]
            covered[late] = merged([(float(a), float(b)) for a, b in near if a <= b], 0.0)
        ways = [
            (float(self.begins[n] + a * self.lengths[n]), float(self.begins[n] + b * self.lengths[n]))
            for n, spans in covered.items()
            for a, b in spans
        ]
        return self._worth(merged(ways, TOUCHING), float(self.begins[end - 1] + self.lengths[end - 1]))

    def _worth(self, stretches: list[Span], total: float) -> list[Span]:
        """Those that are long enough, each ending where what it runs along ends; all of a line that is covered."""
        if stretches and stretches[0][0] <= TOUCHING and stretches[0][1] >= total - TOUCHING:
            return [(0.0, total)]
        margin = self.tolerance  # so far beyond the end of the ink that covers it a line is still near
        return [
            (a + margin * (a > TOUCHING), b - margin * (b < total - TOUCHING))
            for a, b in stretches
            if b - a >= SHORTEST * self.tolerance
        ]

    def _covering(self, late: int, pair: int, covered: dict[int, list[Span]], first: int) -> Iterator[Floats]:
        """The shares between which a piece is near what is left of the earlier one in a pair."""
        early = int(self.early[pair])
        if early >= first:  # of the line itself; what may yet be left out covers nothing
            left = _without(covered[early]) if early in covered else None
        else:
            left = self.kept.get(early)
        near, far = self.origins[pair]
        if left is None or any(a <= near and far <= b for a, b in left):
            yield self.spans[pair]
            return
        start, stop = self.pieces.start[[early]], self.pieces.stop[[early]]
        ends = self.pieces.start[[late]], self.pieces.stop[[late]]
        for a, b in ((a, b) for a, b in left if a <= far and near <= b):
            yield near_spans(*ends, start + a * (stop - start), start + b * (stop - start), self.tolerance)[0]

    def _cut(self, first: int, end: int, gone: list[Span]) -> list[Span]:
        """Notes what is left of a line's pieces, and gives it as places on the line."""
        begins = self.begins[first:end]
        edges = [0.0, *(edge for span in gone for edge in span), float(begins[-1] + self.lengths[end - 1])]
        stays = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > TOUCHING]
        left = [(self._place(begins, first, a), self._place(begins, first, b)) for a, b in stays]
        shares: dict[int, list[Span]] = {number: [] for number in range(first, end)}
        for a, b in left:
            for row in range(int(a), ceil(b)):
                shares[first + row].append((max(a - row, 0.0), min(b - row, 1.0)))
        self.kept.update((number, spans) for number, spans in shares.items() if spans != [(0.0, 1.0)])
        return left

    def _place(self, begins: Floats, first: int, way: float) -> float:
        row = max(int(np.searchsorted(begins, way, "right")) - 1, 0)
        length = self.lengths[first + row]
        return row + (min((way - begins[row]) / length, 1.0) if length else 0.0)


def near_spans(start: Floats, stop: Floats, first: Floats, last: Floats, distance: float) -> Floats:
    """(n, 2): the shares of pieces from `start` to `stop` (n, 2) between which they are within `distance` of the pieces
    from `first` to `last`, row by row; (inf, -inf) where nowhere.

    Near to a piece is near to one of its ends or to its side. That is a convex set, so it holds one stretch of a piece.
    """
    low = np.full(len(start), np.inf)
    high = np.full(len(start), -np.inf)
    along = last - first
    length = np.hypot(*along.T)
    unit = along / np.where(length > 0, length, 1.0)[:, None]
    step, way = stop - start, start - first
    beside = _between(_dot(way, unit), _dot(step, unit), 0.0, length)
    side = np.column_stack([-unit[:, 1], unit[:, 0]])
    across = _between(_dot(way, side), _dot(step, side), -distance, np.where(length > 0, distance, -np.inf))
    for a, b in (_in_disc(way, step, distance), _in_disc(start - last, step, distance), _both(beside, across)):
        a, b = np.maximum(a, 0.0), np.minimum(b, 1.0)
        met = a <= b
        low, high = np.where(met, np.minimum(low, a), low), np.where(met, np.maximum(high, b), high)
    return np.column_stack([low, high])


def merged(spans: Sequence[Span], gap: float) -> list[Span]:
    """The spans in order, as one where they overlap or are no further apart than `gap`."""
    result: list[Span] = []
    for a, b in sorted(spans):
        if result and a <= result[-1][1] + gap:
            result[-1] = (result[-1][0], max(result[-1][1], b))
        else:
            result.append((a, b))
    return result


def _without(spans: list[Span]) -> list[Span]:
    """What is left of 0 to 1."""
    edges = [0.0, *(edge for span in spans for edge in span), 1.0]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", a, b))


def _between(at: Floats, step: Floats, least: float | Floats, most: float | Floats) -> tuple[Floats, Floats]:
    """The t between which least <= at + t step <= most."""
    still = step == 0
    safe = np.where(still, 1.0, step)
    one, other = (least - at) / safe, (most - at) / safe
    fine = (at >= least) & (at <= most)
    low = np.where(still, np.where(fine, -np.inf, np.inf), np.minimum(one, other))
    high = np.where(still, np.where(fine, np.inf, -np.inf), np.maximum(one, other))
    empty = np.asarray(least) > np.asarray(most)
    return np.where(empty, np.inf, low), np.where(empty, -np.inf, high)


def _both(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    return np.maximum(one[0], other[0]), np.minimum(one[1], other[1])


def _in_disc(way: Floats, step: Floats, radius: float) -> tuple[Floats, Floats]:
    """The t between which |way + t step| <= radius."""
    square, half = _dot(step, step), _dot(way, step)
    rest = _dot(way, way) - radius**2
    still = square == 0
    root = half**2 - square * rest
    reach = np.sqrt(np.maximum(root, 0.0))
    safe = np.where(still, 1.0, square)
    low, high = (-half - reach) / safe, (-half + reach) / safe
    met = np.where(still, rest <= 0, root >= 0)
    low, high = np.where(still, -np.inf, low), np.where(still, np.inf, high)
    return np.where(met, low, np.inf), np.where(met, high, -np.inf)
