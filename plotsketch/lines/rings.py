"""Closed lines that touch another line are drawn on the way along it: the pen goes round and on, and is never up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from plotsketch.lines.chains import end_to_end

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

CROWD = 8  # lines near a ring that are looked at
TOGETHER = 200  # rings whose surroundings are looked at together, and
AT_ONCE = 64  # lines that are held against each of them at once: thousands of rings may lie in one place
ROUNDING = 1e-6  # mm: points that are one
BOTH_WAYS = 2.0  # what a bridge that is crossed and crossed back costs, to one that is crossed


@dataclass(frozen=True)
class Contacts:
    """Places (n,) where rings come near hosts: the lines' numbers, how far along each in mm, and what a visit costs."""

    ring: Indices
    host: Indices
    ring_at: Floats
    host_at: Floats
    cost: Floats


@dataclass
class Weaving:
    """The rings to visit on a line's way, and how far along; and where on a ring its own host comes to it; in mm."""

    stops: list[tuple[float, int]] = field(default_factory=list)
    seam: float | None = None


def weave_rings(lines: Sequence[Floats], gap: float) -> tuple[list[Floats], list[float]]:
    """The lines (k, 2) in mm, each ring within `gap` of another line drawn as a detour of that; and the gaps bridged.

    A ring is a line whose ends lie within the gap of one another; it is begun where the two lines are nearest. Nothing
    is drawn anew but what closes it and the way to it, there and back; not back where an open line ends at it. Rings
    that touch nothing but rings are woven into the first of them. What is woven stands where the first of its lines
    stood. Dots stay alone.
    """
    apart = np.array([np.hypot(*(line[0] - line[-1])) if (line != line[0]).any() else np.inf for line in lines])
    is_ring = apart <= gap
    if len(lines) < 2 or not is_ring.any():
        return list(lines), []
    found = _contacts(lines, is_ring, gap)
    return _drawn(lines, found, _forest(found, is_ring), is_ring)


def line_shapes(lines: Sequence[Floats]) -> tuple[NDArray[np.object_], Indices]:
    """Those of the lines that are no dots as shapely's, and their numbers."""
    numbers = np.array([number for number, line in enumerate(lines) if (line != line[0]).any()], dtype=np.intp)
    solid = [lines[number] for number in numbers]
    points = np.concatenate(solid) if solid else np.zeros((0, 2))
    return shapely.linestrings(points, indices=np.repeat(np.arange(len(solid)), [len(line) for line in solid])), numbers


def _contacts(lines: Sequence[Floats], is_ring: NDArray[np.bool_], gap: float) -> Contacts:
    """Where rings are nearest to other lines, and where open lines end at rings."""
    shapes, numbers = line_shapes(lines)
    ring, host = _near(shapes, is_ring[numbers], gap)
    hosted = ~is_ring[numbers[host]]
    spans = [(ring, host, _ways(shapes[ring], shapes[host]), np.full(len(ring), BOTH_WAYS))]
    ring, host = ring[hosted], host[hosted]
    for end in (0, -1):
        tips = shapely.points(np.array([lines[number][end] for number in numbers[host]]).reshape(-1, 2))
        spans.append((ring, host, _ways(shapes[ring], tips), np.ones(len(ring))))
    ring, host, ways, factor = (np.concatenate(column) for column in zip(*spans, strict=True))
    lengths = np.hypot(*(ways[:, 0] - ways[:, 1]).T)
    kept = lengths <= gap
    ring, host, ways = ring[kept], host[kept], ways[kept]
    ring_at = shapely.line_locate_point(shapes[ring], shapely.points(ways[:, 0]))
    host_at = shapely.line_locate_point(shapes[host], shapely.points(ways[:, 1]))
    cost = (factor * (lengths + gap / 10))[kept]
    return Contacts(numbers[ring], numbers[host], ring_at, host_at, cost)


def _near(shapes: NDArray[np.object_], is_ring: NDArray[np.bool_], gap: float) -> tuple[Indices, Indices]:
    """Rings, in order, and for each of them up to CROWD lines within the gap; two rings are one pair."""
    tree = shapely.STRtree(shapes)
    rings = np.flatnonzero(is_ring)
    found = [np.zeros((2, 0), dtype=np.intp)]
    for first in range(0, len(rings), TOGETHER):
        some = rings[first : first + TOGETHER]
        asked, host = tree.query(shapely.box(*(shapely.bounds(shapes[some]) + np.array([-gap, -gap, gap, gap])).T))
        ring = some[asked]
        left = np.stack([ring, host])[:, ~is_ring[host] | (ring < host)]
        kept = np.zeros((2, 0), dtype=np.intp)
        while left.shape[1]:
            nth = np.arange(left.shape[1]) - np.searchsorted(left[0], left[0])  # a query's answer is sorted
            now, left = left[:, nth < AT_ONCE], left[:, nth >= AT_ONCE]
            kept = np.hstack([kept, now[:, shapely.dwithin(shapes[now[0]], shapes[now[1]], gap)]])
            full = np.bincount(kept[0], minlength=len(shapes)) >= CROWD
            left = left[:, ~full[left[0]]]
        kept = kept[:, np.argsort(kept[0], kind="stable")]
        found.append(kept[:, np.arange(kept.shape[1]) - np.searchsorted(kept[0], kept[0]) < CROWD])
    ring, host = np.hstack(found)
    return ring, host


def _ways(a: NDArray[np.object_], b: NDArray[np.object_]) -> Floats:
    """(n, 2, 2): the nearest points of each of the shapes `a` and of `b`."""
    return np.asarray(shapely.get_coordinates(shapely.shortest_line(a, b)).reshape(-1, 2, 2))


def _forest(contacts: Contacts, is_ring: NDArray[np.bool_]) -> list[int]:
    """The contacts that hang every ring on an open line, or on one ring, at the least cost in all (Kruskal, 1956)."""
    above = list(range(len(is_ring)))
    open_ended = (~is_ring).tolist()

    def top(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    kept = []
    for number in np.argsort(contacts.cost, kind="stable").tolist():
        a, b = top(int(contacts.ring[number])), top(int(contacts.host[number]))
        if a != b and not (open_ended[a] and open_ended[b]):
            above[b] = a
            open_ended[a] |= open_ended[b]
            kept.append(number)
    return kept


def _drawn(
    lines: Sequence[Floats], contacts: Contacts, chosen: list[int], is_ring: NDArray[np.bool_]
) -> tuple[list[Floats], list[float]]:
    """The lines with their detours, and the gaps bridged."""
    near: dict[int, list[tuple[int, float, float]]] = defaultdict(list)
    for number in chosen:
        a, b = int(contacts.ring[number]), int(contacts.host[number])
        a_at, b_at = float(contacts.ring_at[number]), float(contacts.host_at[number])
        near[a].append((b, a_at, b_at))
        near[b].append((a, b_at, a_at))
    plan: dict[int, Weaving] = {}
    order: list[int] = []
    first: dict[int, int] = {}
    for root in sorted(near, key=lambda place: (is_ring[place], place)):
        if root not in plan:
            reached = _reached(root, near, plan)
            order += reached
            first[root] = min(reached)
    done: dict[int, Floats] = {}
    bridges: list[float] = []
    for place in reversed(order):  # a ring is whole before it is put into its host
        line, stops = lines[place], plan[place].stops
        if plan[place].seam is not None:
            line, stops = _closed(line, plan[place], bridges)
        done[place] = _detoured(line, stops, plan[place].seam is None, done, bridges)
    kept = {place: line for place, line in enumerate(lines) if place not in plan}
    kept |= {first[root]: done[root] for root in first}
    return [kept[place] for place in sorted(kept)], bridges


def _reached(root: int, near: dict[int, list[tuple[int, float, float]]], plan: dict[int, Weaving]) -> list[int]:
    """The lines that hang on a root, each behind its host; `plan` is told what stands where."""
    plan[root] = Weaving()
    reached = [root]
    for host in reached:  # grows while it is read
        for ring, host_at, ring_at in near[host]:
            if ring not in plan:
                plan[ring] = Weaving(seam=ring_at)
                plan[host].stops.append((host_at, ring))
                reached.append(ring)
    return reached


def _closed(line: Floats, weaving: Weaving, bridges: list[float]) -> tuple[Floats, list[tuple[float, int]]]:
    """A ring from its seam round to its seam, and its stops as far from there."""
    closing = float(np.hypot(*(line[0] - line[-1])))
    bridges += [closing] if closing > ROUNDING else []
    whole = end_to_end([line, line[:1]])
    marks = marks_of(whole)
    place, point = place_at(whole, marks, weaving.seam or 0.0)
    turned = end_to_end([point[None], whole[place:], whole[:place], point[None]])
    return turned, [((at - (weaving.seam or 0.0)) % marks[-1], ring) for at, ring in weaving.stops]


def _detoured(
    line: Floats, stops: list[tuple[float, int]], is_open: bool, loops: dict[int, Floats], bridges: list[float]
) -> Floats:
    """A line that goes round each ring on its way; from the end of an open one there is no way back."""
    marks = marks_of(line)
    parts: list[Floats] = []
    begin = 0
    for at, ring in sorted(stops):
        place, point = place_at(line, marks, at)
        loop = _smoother(line, place, point, loops.pop(ring))
        away = float(np.hypot(*(loop[0] - point)))
        bridges += [away] if away > ROUNDING else []
        parts += [line[begin:place], point[None], loop, point[None]]
        begin = place
    if is_open and parts and not len(parts[0]) and (parts[1][0] == line[0]).all():
        parts = parts[2:]
    if is_open and parts and begin == len(line) - 1 and (parts[-1][0] == line[-1]).all():
        return end_to_end(parts[:-1])
    return end_to_end([*parts, line[begin:]])


def marks_of(line: Floats) -> Floats:
    """How far along a line its points are, mm."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def place_at(line: Floats, marks: Floats, at: float) -> tuple[int, Floats]:
    """The number of the first point of a line behind `at` mm, and the point there; one of the line's if it is there."""
    place = min(int(np.searchsorted(marks, at - ROUNDING)), len(line) - 1)
    if place == 0 or marks[place] - at <= ROUNDING:
        return place, line[place]
    share = (at - marks[place - 1]) / (marks[place] - marks[place - 1])
    return place, np.asarray(line[place - 1] + share * (line[place] - line[place - 1]))


def _smoother(line: Floats, place: int, point: Floats, loop: Floats) -> Floats:
    """A loop, in the direction in which the pen turns less where it comes from the line and goes back to it."""
    if np.hypot(*(loop[0] - point)) <= ROUNDING:
        loop = np.concatenate([point[None], loop[1:-1], point[None]])
    after = line[min(place + 1, len(line) - 1)] if (line[place] == point).all() else line[place]
    pen = point - line[max(place - 1, 0)], after - point
    ring = loop[1] - loop[0], loop[-1] - loop[-2]
    way_on, round_it = (sum(way / max(np.hypot(*way), ROUNDING) for way in ways) for ways in (pen, ring))
    return loop if np.dot(way_on, round_it) >= 0 else loop[::-1]
