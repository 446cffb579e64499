"""Lines whose ends meet, or meet the same line, become one line: the pen stays down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from plotsketch.lines.chains import NO_POINTS, Joint, chained
from plotsketch.lines.neighbours import nearest_ends
from plotsketch.lines.pace import MILLIMETRES, Pace
from plotsketch.lines.pairing import paired
from plotsketch.lines.rings import line_shapes, weave_rings
from plotsketch.lines.seams import is_closed

Floats = NDArray[np.float64]
Pairs = NDArray[np.intp]

DEFAULT_GAP = 0.05  # mm, less than any pen is wide
CROWD = 8  # ends near an end that are looked at
ROUNDING = 1e-6  # mm: ends that were the same before they went through a file
ANY = -100.0  # what a joint costs beside its bend and length: one more is better than all of them straight


@dataclass(frozen=True)
class Joined:
    """Lines (k, 2) in mm, and the lengths of the gaps that were drawn over to join them."""

    lines: list[Floats]
    bridges: list[float]


def join_lines(lines: Sequence[Floats], gap: float = DEFAULT_GAP) -> list[Floats]:
    """The lines of `joined`."""
    return joined(lines, gap).lines


def join_ends(lines: Sequence[Floats], gap: float = 0.0) -> list[Floats]:
    """The lines, joined where ends lie within the gap of one another, and in no other way: closed lines stay closed."""
    return _strung([line for line in lines if len(line)], _meeting, gap + ROUNDING, [])


def joined(lines: Sequence[Floats], gap: float = DEFAULT_GAP, pace: Pace = MILLIMETRES) -> Joined:
    """The lines (k, 2) in mm as fewer lines, joined over gaps of up to `gap` mm. All ink stays as it is.

    Three joints are made, one after another:

    - Ends within the gap of one another, by a stroke. Where more than two meet, as many as can be are joined, and of
      all such pairings the one that goes straightest on.
    - Ends on both sides of a line, both within the gap of one place on it: by a stroke to there and one from there.
    - Closed lines, and those that the gap closes, with a line that they touch: `weave_rings`.

    No gap beyond `DEFAULT_GAP` is drawn over where `pace` has the pen lift and hop sooner; the latter two joints draw
    over two. Dots stay as they are. What is joined stands where the first of its lines stood, and goes in that one's
    direction. Lines without points are left out.
    """
    widest, least = pace.widest_bridge(2 * gap), min(gap, DEFAULT_GAP)
    reach, both = (max(min(gap, way), least) + ROUNDING for way in (widest, widest / 2))
    bridges: list[float] = []
    found = _strung([line for line in lines if len(line)], _meeting, reach, bridges)
    found = _strung(found, _across, both, bridges)
    found, more = weave_rings(found, both)
    return Joined(found, bridges + more)


def _strung(
    lines: list[Floats], seek: Callable[[list[Floats], Pairs, float], list[Joint]], gap: float, bridges: list[float]
) -> list[Floats]:
    """The lines, with the joints that `seek` finds for ends of open ones; the gaps that these cross go to `bridges`."""
    ends = np.array([end for place, line in enumerate(lines) if is_open(line) for end in (2 * place, 2 * place + 1)])
    if len(ends) < 4:  # a line has no other to be joined to
        return lines
    result, used = chained(lines, seek(lines, ends, gap))
    for joint in used:
        stops = np.vstack([_end(lines, joint.a), joint.via, _end(lines, joint.b)])
        steps = np.hypot(*np.diff(stops, axis=0).T)
        bridges += steps[steps > ROUNDING].tolist()
    return result


def is_open(line: Floats) -> bool:
    """Whether a line (k, 2) is neither closed nor a dot."""
    return not is_closed(line) and bool((line != line[0]).any())


def _end(lines: list[Floats], end: int) -> Floats:
    return np.asarray(lines[end >> 1][-1 if end % 2 else 0])


def _meeting(lines: list[Floats], ends: Pairs, gap: float) -> list[Joint]:
    """Joints of ends that lie within the gap of one another, the best first."""
    points = np.array([_end(lines, end) for end in ends])
    near, distances = nearest_ends(points, min(CROWD, len(points) - 2))
    starts, columns = np.nonzero(distances <= gap)
    pairs = _once(starts, near[starts, columns])
    lengths = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    costs = ANY + _bends(lines, ends[pairs]) + 0.5 * lengths / gap
    return [Joint(int(a), int(b), NO_POINTS) for a, b in ends[pairs[paired(pairs, costs, len(ends))]]]


def _across(lines: list[Floats], ends: Pairs, gap: float) -> list[Joint]:
    """Joints of ends with a line between them, both within the gap of one place on it, the best first.

    The places that are within the gap of both make a lens; its longer axis is where a line would pass between them.
    The two ends of one line may be joined too: it is then closed, and touches that other line.
    """
    points = np.array([_end(lines, end) for end in ends])
    near, distances = nearest_ends(points, min(CROWD, len(points) - 2))
    starts, columns = np.nonzero((distances > gap) & (distances < 2 * gap))
    own = np.arange(0, len(ends), 2)
    pairs = _once(np.append(starts, own), np.append(near[starts, columns], own + 1))
    ways = points[pairs[:, 1]] - points[pairs[:, 0]]
    lengths = np.hypot(*ways.T)
    pairs, ways, lengths = (column[(lengths > gap) & (lengths < 2 * gap)] for column in (pairs, ways, lengths))
    middles = points[pairs[:, 0]] + ways / 2
    axes = np.sqrt(gap**2 - (lengths / 2) ** 2)[:, None] * (ways / lengths[:, None])[:, ::-1] * (1, -1)
    found, places = _crossed(lines, middles, axes, ends[pairs] >> 1)
    pairs, lengths = pairs[found], lengths[found]
    costs = ANY + _bends(lines, ends[pairs]) + 0.25 * lengths / gap
    return [
        Joint(a, b, places[number][None], closes=a >> 1 == b >> 1)
        for number in paired(pairs, costs, len(ends))
        for a, b in [ends[pairs[number]].tolist()]
    ]


def _crossed(lines: list[Floats], middles: Floats, axes: Floats, owners: Pairs) -> tuple[Pairs, Floats]:
    """Which strokes (n,) from middle - axis to middle + axis a line crosses, and where nearest to the middle (m, 2).

    `owners` (n, 2) are the lines whose ends a stroke stands between: one line's own ends need another between them.
    """
    strokes = shapely.linestrings(np.stack([middles - axes, middles + axes], axis=1))
    shapes, numbers = line_shapes(lines)
    asked, hit = shapely.STRtree(shapes).query(strokes, predicate="intersects")
    kept = (owners[asked, 0] != owners[asked, 1]) | (numbers[hit] != owners[asked, 0])
    asked, hit = asked[kept], hit[kept]
    found, first = np.unique(asked, return_index=True)
    where = shapely.intersection(strokes[found], shapes[hit[first]])
    nearest = shapely.shortest_line(where, shapely.points(middles[found]))
    return found, shapely.get_coordinates(nearest).reshape(-1, 2, 2)[:, 0]


def _once(a: Pairs, b: NDArray[Any]) -> Pairs:
    """The pairs of numbers (n, 2), each once, the smaller first."""
    return np.unique(np.sort(np.column_stack([a, b]), axis=1), axis=0)


def _bends(lines: list[Floats], pairs: Pairs) -> Floats:
    """How far from straight on joints of pairs of ends (n, 2) are: 0 straight on, 2 straight back."""
    ways = {end: _way_out(lines[end >> 1][:: 1 if end % 2 else -1]) for end in set(pairs.ravel().tolist())}
    return np.array([1 + float(ways[a] @ ways[b]) for a, b in pairs.tolist()])


def _way_out(line: Floats) -> Floats:
    """The direction in which a line leaves its last point, of length 1."""
    steps = line[-1] - line[:-1]
    lengths = np.hypot(*steps.T)
    last = np.flatnonzero(lengths)[-1]
    return np.asarray(steps[last] / lengths[last])
