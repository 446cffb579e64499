"""How a pen moves: constant acceleration between corners, and a speed at each corner that the machine can turn at.

A polyline is drawn from rest to rest. Each corner has a top speed (`corner_speeds`); a forward and a backward pass
lower the speeds until every segment can be driven within the acceleration; each segment is then at most three blocks:
faster, even, slower. The same blocks predict a plot's time and drive a machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.machine import Machine

Floats = NDArray[np.float64]

SAME = 1e-9  # mm: points that are nearer than this are one
SHORTEST = 1e-9  # seconds: what is left of a block that rounding alone makes


@dataclass(frozen=True)
class Blocks:
    """Straight moves of constant acceleration, in the order in which they are driven.

    Attributes:
        start, end: (n, 2) mm.
        v0, v1: (n,) speed along the way at start and end, mm/s.
        seconds: (n,) how long each takes.
        line: (n,) the number of the line that each belongs to, ascending.
    """

    start: Floats
    end: Floats
    v0: Floats
    v1: Floats
    seconds: Floats
    line: NDArray[np.intp]

    def line_seconds(self, count: int) -> Floats:
        """(count,) seconds of each of the `count` lines that were planned."""
        sums: Floats = np.bincount(self.line, self.seconds, minlength=count).astype(np.float64)
        return sums


def stroke_blocks(lines: Sequence[Floats], machine: Machine) -> Blocks:
    """The pen-down moves along each of `lines`, (k, 2) mm, from rest to rest; all lines are planned at once.

    Points that repeat the one before are skipped; a line that is one point has no block. Points must be finite.
    """
    points, line = _joined(lines)
    inner = line[1:] == line[:-1]  # a step from a point to the next of its line, none from line to line
    ways = np.where(inner[:, None], np.diff(points, axis=0), 0.0)
    lengths = np.hypot(ways[:, 0], ways[:, 1])
    tops = np.zeros(len(points))
    corners = np.flatnonzero(inner[1:] & inner[:-1]) + 1
    tops[corners] = corner_speeds(ways[corners - 1], ways[corners], machine)
    accelerations = machine.acceleration * on_the_slant(ways, machine)
    speeds = _within_reach(tops, lengths, accelerations)
    segments = np.flatnonzero(inner)
    return _blocks(
        points[segments], points[segments + 1], speeds[segments], speeds[segments + 1], line[segments],
        np.full(len(segments), float(machine.draw_speed)), accelerations[segments],
    )  # fmt: skip


def hop_blocks(starts: Floats, ends: Floats, machine: Machine) -> Blocks:
    """The pen-up moves from each of `starts` straight to the one of `ends`, (n, 2) mm, from rest to rest."""
    still = np.zeros(len(starts))
    moving = np.flatnonzero((starts != ends).any(axis=1))
    quicker = on_the_slant((ends - starts)[moving], machine)
    return _blocks(
        starts[moving], ends[moving], still[moving], still[moving], moving,
        machine.travel_speed * quicker, machine.travel_acceleration * quicker,
    )  # fmt: skip


def on_the_slant(ways: Floats, machine: Machine) -> Floats:
    """(n,) how much more the machine can do along `ways`, (n, 2), than along an axis: 1, or, where its limits are those
    of its axes, up to the root of 2."""
    if not machine.axis_limits:
        return np.ones(len(ways))
    lengths, most = np.hypot(*ways.T), np.abs(ways).max(axis=1, initial=0.0)
    quicker: Floats = np.divide(lengths, most, out=np.ones(len(ways)), where=most > 0)
    return quicker


def corner_speeds(before: Floats, after: Floats, machine: Machine) -> Floats:
    """(n,) mm/s at which the pen may turn from the way `before` a corner to the way `after`, (n, 2) each, not zero.

    As if the path rounded the corner on an arc that leaves the corner by `machine.junction` at most and turned on it at
    no more than the acceleration: v² = a·δ·s / (1 - s), s the sine of half the angle between the ways. S. Jeon,
    "Improving Grbl: cornering algorithm" (2011); axi, saxi and the AxiDraw software turn by the same rule.
    """
    cosine = (before * after).sum(axis=1) / np.hypot(*before.T) / np.hypot(*after.T)
    sine = np.sqrt(np.clip((1 + cosine) / 2, 0.0, 1.0))
    top = machine.draw_speed**2
    # GRBL turns by the acceleration that its axes have in the direction in which the way is bent
    bends = after / np.hypot(*after.T)[:, None] - before / np.hypot(*before.T)[:, None]
    acceleration = machine.acceleration * on_the_slant(bends, machine)
    with np.errstate(divide="ignore", invalid="ignore"):  # straight on there is no limit
        squares = np.where(sine < 1, acceleration * machine.junction * sine / (1 - sine), top)
    return np.sqrt(np.minimum(squares, top))


def _joined(lines: Sequence[Floats]) -> tuple[Floats, NDArray[np.intp]]:
    """All points (n, 2) that differ from the one before on their line, and the number of each point's line (n,)."""
    if not lines:
        return np.zeros((0, 2)), np.zeros(0, dtype=np.intp)
    points = np.concatenate(lines).astype(np.float64, copy=False)
    line = np.repeat(np.arange(len(lines)), [len(one) for one in lines])
    same = np.zeros(len(points), dtype=bool)
    # by length and not by coordinate: the square of a step of 1e-170 mm is no length to divide by
    same[1:] = (line[1:] == line[:-1]) & (np.abs(np.diff(points, axis=0)).max(axis=1, initial=0.0) < SAME)
    return points[~same], line[~same]


def _within_reach(tops: Floats, lengths: Floats, acceleration: Floats) -> Floats:
    """The greatest speeds (n,) under `tops` between which `acceleration` (n - 1,) suffices on the (n - 1,) `lengths`.

    In squares the passes are v²[i+1] = min(top²[i+1], v²[i] + 2·a·length[i]), which is a running minimum once the sum
    of 2·a·length up to each point is taken away; so too backward.
    """
    squares = tops**2
    reach = np.concatenate([[0.0], np.cumsum(2 * acceleration * lengths)])[: len(tops)]
    squares = np.minimum(squares, np.minimum.accumulate(squares - reach) + reach)
    squares = np.minimum(squares, np.minimum.accumulate((squares + reach)[::-1])[::-1] - reach)
    speeds: Floats = np.sqrt(np.maximum(squares, 0.0))  # rounding may leave less than the 0 of a line's end
    return speeds


def _blocks(
    start: Floats, end: Floats, v0: Floats, v1: Floats, line: NDArray[np.intp], speed: Floats, acceleration: Floats
) -> Blocks:
    """Each segment as the quickest way between its speeds: faster, even, slower, and no block that takes no time."""
    ways = end - start
    lengths = np.hypot(ways[:, 0], ways[:, 1])
    peak = np.minimum(speed, np.sqrt((v0**2 + v1**2) / 2 + acceleration * lengths))
    peak = np.maximum(peak, np.maximum(v0, v1))
    faster = np.minimum((peak**2 - v0**2) / (2 * acceleration), lengths)
    slower = np.minimum((peak**2 - v1**2) / (2 * acceleration), lengths - faster)
    even = lengths - faster - slower
    share = np.stack([faster, faster + even], axis=1) / lengths[:, None]
    stops = start[:, None] + share[:, :, None] * ways[:, None]
    corners = np.concatenate([start[:, None], stops, end[:, None]], axis=1)
    speeds = np.stack([v0, peak, peak, v1], axis=1)
    seconds = np.stack([(peak - v0) / acceleration, even / peak, (peak - v1) / acceleration], axis=1)
    kept = seconds > SHORTEST
    return Blocks(
        start=corners[:, :-1][kept],
        end=corners[:, 1:][kept],
        v0=speeds[:, :-1][kept],
        v1=speeds[:, 1:][kept],
        seconds=seconds[kept],
        line=np.repeat(line, 3).reshape(-1, 3)[kept],
    )
