"""The pen goes back along lines that it has drawn where that is quicker than to lift it: no new ink, some of it twice.

Lines that touch one another are a network. It takes half as many strokes as there are ends, since every end must begin
or end one; a way along the ink from an end to another makes two ends fewer. This is the rural postman's problem, with a
price on every new beginning (Edmonds and Johnson, 1973, "Matching, Euler tours and the Chinese postman").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.chains import Joint, chained, end_to_end
from plotsketch.lines.join import CROWD, ROUNDING, is_open
from plotsketch.lines.machine import Machine
from plotsketch.lines.motion import stroke_blocks
from plotsketch.lines.neighbours import nearest_ends
from plotsketch.lines.network import Network, Trips, network, trips
from plotsketch.lines.pairing import paired
from plotsketch.lines.rings import marks_of, place_at, weave_rings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Retraced:
    """Lines (k, 2) in mm, the lengths of the gaps drawn over, and how many mm of ink are drawn twice."""

    lines: list[Floats]
    bridges: list[float]
    twice_mm: float


@dataclass(frozen=True)
class Way:
    """A way along ink between two ends, both included: its points (k, 2), mm over ink, and the gaps that it crosses."""

    points: Floats
    ink_mm: float
    bridges: list[float]


def retraced(lines: Sequence[Floats], machine: Machine, gap: float, longest: float) -> Retraced:
    """The lines as fewer lines, with ways of up to `longest` mm back along ink where `machine` is sooner for it.

    Ends are joined over ink, or over ink and gaps of up to `gap` mm, and rings that come of it are woven into the lines
    that they touch (`weave_rings`). Drawing and lifts take no longer than before; if they would, or if more lines touch
    than can be searched, all stays as it was.
    """
    given = list(lines)
    opened = np.array([is_open(line) for line in given], dtype=bool)
    net = _network(given, machine, gap) if opened.sum() > 1 else None
    if net is None:
        return Retraced(given, [], 0.0)
    gains = _gains(given, opened, machine)
    parts = trips(net, opened, float(gains.max()))
    chosen = [pair for trip in parts for pair in _pairs(given, net, trip, gains, machine, longest)]
    seconds = stroke_blocks([way.points for *_, way in chosen], machine).line_seconds(len(chosen))
    chosen = [pair for pair, time in zip(chosen, seconds, strict=True) if time < min(gains[pair[0]], gains[pair[1]])]
    joints = {(a, b): way for a, b, way in chosen}
    found, used = chained(given, [Joint(a, b, way.points[1:-1], closes=True) for a, b, way in chosen])
    taken = [joints[joint.a, joint.b] for joint in used]
    found, bridges = weave_rings(found, gap + ROUNDING)
    if _seconds(found, machine) >= _seconds(given, machine):
        return Retraced(given, [], 0.0)
    return Retraced(found, [one for way in taken for one in way.bridges] + bridges, sum(way.ink_mm for way in taken))


def _network(lines: list[Floats], machine: Machine, gap: float) -> Network | None:
    """The lines' network; a mm of each takes what it takes when the machine draws it, but for start and stop."""
    seconds = stroke_blocks(lines, machine).line_seconds(len(lines))
    lengths = np.array([marks_of(line)[-1] for line in lines])
    moving = (seconds - _stop(machine)) / np.maximum(lengths, ROUNDING)
    return network(lines, gap + ROUNDING, np.maximum(moving, 1 / machine.draw_speed), machine.draw_speed)


def _stop(machine: Machine) -> float:
    """Seconds that a start and a stop take more than going on."""
    return machine.draw_speed / machine.acceleration


def _gains(lines: list[Floats], opened: NDArray[np.bool_], machine: Machine) -> Floats:
    """(2n,): the seconds of the shortest hop that can lead away from each end."""
    numbers = np.flatnonzero(opened)
    points = np.array([point for number in numbers for point in (lines[number][0], lines[number][-1])])
    gains = np.zeros(2 * len(lines))
    distances = nearest_ends(points, min(CROWD, len(points) - 2))[1][:, 0]
    gains[(2 * numbers[:, None] + (0, 1)).ravel()] = machine.lift_s + machine.drop_s + machine.travel_seconds(distances)
    return gains


def _pairs(
    lines: list[Floats], net: Network, trip: Trips, gains: Floats, machine: Machine, longest: float
) -> Iterator[tuple[int, int, Way]]:
    """The ends of one part that are joined and the ways between. One pair is left: a part is a line at the least."""
    rows, columns = np.nonzero(np.triu(np.isfinite(trip.seconds), 1))
    a, b = trip.ends[rows], trip.ends[columns]
    stops = np.where(a >> 1 == b >> 1, 3, 1)  # a line there and back is a ring, to which its host must turn off
    costs = trip.seconds[rows, columns] + stops * _stop(machine) - np.minimum(gains[a], gains[b])
    worth = np.flatnonzero(costs < 0)
    ways = {number: _way(lines, net, trip.places(rows[number], columns[number])) for number in worth}
    kept = np.array([number for number, way in ways.items() if way.ink_mm <= longest], dtype=np.intp)
    found = paired(np.column_stack([rows, columns])[kept], costs[kept], len(trip.ends))
    for number in kept[found[: len(trip.ends) // 2 - 1]]:
        yield int(a[number]), int(b[number]), ways[number]


def _way(lines: list[Floats], net: Network, places: list[int]) -> Way:
    """The way through places of the network."""
    pieces = []
    for number, group in groupby(places, key=lambda place: int(net.line[place])):
        on_it = list(group)
        pieces.append(_piece(lines[number], float(net.at[on_it[0]]), float(net.at[on_it[-1]])))
    gaps = [float(np.hypot(*(after[0] - before[-1]))) for before, after in pairwise(pieces)]
    ink = sum(float(marks_of(piece)[-1]) for piece in pieces)
    return Way(end_to_end(pieces), ink, [gap for gap in gaps if gap > ROUNDING])


def _piece(line: Floats, start: float, stop: float) -> Floats:
    """The part of a line between two places, in mm along it, in the direction from `start` to `stop`."""
    marks = marks_of(line)
    (first, begin), (last, end) = (place_at(line, marks, at) for at in sorted((start, stop)))
    piece = end_to_end([begin[None], line[first:last], end[None]])
    return piece if start <= stop else piece[::-1]


def _seconds(lines: list[Floats], machine: Machine) -> float:
    drawing = stroke_blocks(lines, machine).line_seconds(len(lines)).sum()
    return float(drawing) + len(lines) * (machine.lift_s + machine.drop_s)
