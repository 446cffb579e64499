"""The way of a pen through one stroke or hop, in time: what the planner made of it, cut as an EiBotBoard wants it.

All lengths are mm on the machine's axes, from its home; nothing here knows of steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.machine import Machine
from plotsketch.lines.motion import Blocks, hop_blocks, stroke_blocks
from plotsketch.output.gcode_frame import Frame

Floats = NDArray[np.float64]
FAR_OFF = 0.35  # steps: by how much a turn's rounded place is off that makes a knot worth while
TINY = 1e-12  # mm: two knots nearer than this are one


def from_home(machine: Machine, page: tuple[float, float], points: Floats) -> Floats:
    """Points (n, 2) in mm on a page of (width, height) mm, in mm from the machine's home along its axes."""
    frame = Frame.of(machine, page, "down")
    place: Floats = frame.on_machine(np.asarray(points, dtype=np.float64)) - np.array(machine.home)
    return place


@dataclass(frozen=True)
class Way:
    """Knots, and straight moves of constant acceleration from each to the next.

    Attributes:
        points: (k + 1, 2) mm.
        mm: (k + 1,) how far along the way each knot is.
        speeds: (k + 1,) mm/s at each.
        seconds: (k,) how long each move takes.
    """

    points: Floats
    mm: Floats
    speeds: Floats
    seconds: Floats

    def __len__(self) -> int:
        """How many moves there are."""
        return len(self.seconds)


def stroke_way(points: Floats, machine: Machine, fastest: float) -> Way:
    """The pen's way along a stroke, (k, 2) mm, from rest to rest; no motor has to go faster than `fastest` mm/s.

    A motor that goes by x + y, or x - y, is as fast as both together; so the stroke's steepest diagonal says how fast
    all of it may be drawn.
    """
    slower = replace(machine, draw_speed=min(machine.draw_speed, fastest / _both_axes(points)))
    return _way(points[:1], stroke_blocks([points], slower))


def hop_way(start: Floats, end: Floats, machine: Machine, fastest: float) -> Way:
    """The pen's way straight from `start` to `end`, (2,) mm each."""
    both = np.stack([start, end])
    slower = replace(machine, travel_speed=min(machine.travel_speed, fastest / _both_axes(both)))
    return _way(both[:1], hop_blocks(both[:1], both[1:], slower))


def brake_way(way: Way, knot: int, speed: float, acceleration: float) -> Way:
    """The way on from a knot at which the pen has `speed`, until it rests: braking as hard as the machine may.

    The plan brakes nowhere harder either, so this is never faster than planned, in corners too; it ends where the
    stroke does at the latest.
    """
    gone = way.mm[knot:] - way.mm[knot]
    squares = speed**2 - 2 * acceleration * gone
    rest = np.flatnonzero(squares <= 0)
    last = int(rest[0]) if len(rest) else len(gone) - 1
    points, gone = way.points[knot : knot + last + 1].copy(), gone[: last + 1].copy()
    speeds = np.sqrt(np.maximum(squares[: last + 1], 0.0))
    if last and squares[last] < 0:  # it rests on the way to that knot
        length = speed**2 / (2 * acceleration)
        share = (length - gone[last - 1]) / (gone[last] - gone[last - 1])
        points[last] = points[last - 1] + share * (points[last] - points[last - 1])
        gone[last] = length
    moving = np.diff(gone) > TINY
    kept = np.concatenate([[True], moving])
    points, gone, speeds = points[kept], gone[kept], speeds[kept]
    seconds = 2 * np.diff(gone) / np.maximum(speeds[1:] + speeds[:-1], TINY)
    return Way(points, way.mm[knot] + gone, speeds, seconds)


def split(way: Way, longest: float) -> Way:
    """The same way with moves of `longest` seconds at most, each of them cut into parts that take equal times."""
    counts = np.maximum(np.ceil(way.seconds / longest - 1e-9).astype(np.intp), 1)
    cuts = counts - 1
    move = np.repeat(np.arange(len(way)), cuts)
    part = np.arange(len(move)) - np.repeat(np.cumsum(cuts) - cuts, cuts) + 1
    return _cut(way, move, part / counts[move])


def softened(way: Way, ramp: float, longest: float) -> Way:
    """The same way with moves of `longest` seconds at most within the first and the last `ramp` seconds: where a board
    cannot change its speed within a move, it starts and stops by smaller jerks."""
    if not len(way):
        return way
    parts = np.arange(longest, ramp + longest / 2, longest)
    first, last = parts[parts < way.seconds[0] / 2], parts[::-1][parts[::-1] < way.seconds[-1] / 2]
    move = np.concatenate([np.zeros(len(first), dtype=np.intp), np.full(len(last), len(way) - 1)])
    return _cut(way, move, np.concatenate([first / way.seconds[0], 1 - last / way.seconds[-1]]))


def cut_at_turns(way: Way, step: float, briefest: float) -> Way:
    """The same way with knots more, three quarters of a step (mm of x + y, or of x - y) from where a motor turns back.

    A motor steps when a whole step is due. Where it turns, and the rounded place is nearly half a step off, it would be
    behind by one and a half before its last step, or before the first on its way back; the knot lets it step in time.
    None is put in where it would leave a move of less than `briefest` seconds.
    """
    moves, shares = [], []
    for sign in (1, -1):
        places = (way.points[:, 0] + sign * way.points[:, 1]) / step
        gone = np.diff(places)
        turns = np.flatnonzero(gone[1:] * gone[:-1] < 0) + 1
        beyond = (np.floor(places + 0.5) - places)[turns] * np.sign(gone[turns - 1])
        there, back = turns[beyond < -FAR_OFF], turns[beyond > FAR_OFF]
        moves += [there - 1, back]
        shares += [1 - 0.75 / np.abs(gone[there - 1]), 0.75 / np.abs(gone[back])]
    move, share = np.concatenate(moves), np.concatenate(shares)
    kept = (share > 0) & (share < 1)
    order = np.lexsort((share[kept], move[kept]))
    move, share = move[kept][order], share[kept][order]
    v0, v1 = way.speeds[:-1][move], way.speeds[1:][move]
    reached = np.sqrt(v0**2 + share * (v1**2 - v0**2))
    share = np.minimum(share * (v0 + v1) / np.maximum(v0 + reached, TINY), 1.0)  # of the length, and so of the time
    long = np.minimum(share, 1 - share) * way.seconds[move] >= briefest
    return _cut(way, move[long], share[long])


def _cut(way: Way, move: NDArray[np.intp], share: Floats) -> Way:
    """The same way with knots more: in each of `move` (n,), ascending, where a `share` (n,) of its time has gone."""
    if not len(move):
        return way
    v0, v1, lengths = way.speeds[:-1][move], way.speeds[1:][move], np.diff(way.mm)[move]
    # of the length too, and not only of the time: what a move is long is what its mean speed makes of its time
    along = np.minimum(share * (v0 + (v1 - v0) * share / 2) / np.maximum((v0 + v1) / 2, TINY), 1.0)
    starts, ends = way.points[:-1][move], way.points[1:][move]
    times = np.concatenate([[0.0], np.cumsum(way.seconds)])
    at = move + 1  # each comes before the end of its move
    return Way(
        points=np.insert(way.points, at, starts + along[:, None] * (ends - starts), axis=0),
        mm=np.insert(way.mm, at, way.mm[:-1][move] + along * lengths),
        speeds=np.insert(way.speeds, at, v0 + (v1 - v0) * share),
        seconds=np.diff(np.insert(times, at, times[:-1][move] + share * way.seconds[move])),
    )


def merged(way: Way, shortest: float, tolerance: float) -> Way:
    """The way with as few moves shorter than `shortest` seconds as can be, straight where it bends by no more than
    `tolerance` mm. What is merged comes to no more than three times `shortest`."""
    if len(way) < 2 or way.seconds.min() >= shortest:
        return way
    points = way.points.tolist()
    seconds = [*way.seconds.tolist(), math.inf]
    kept, total = [0], 0.0
    for knot in range(1, len(points)):
        total += seconds[knot - 1]
        goes_on = total < shortest or seconds[knot] < shortest
        if goes_on and total + seconds[knot] <= 3 * shortest and _is_straight(points, kept[-1], knot + 1, tolerance):
            continue
        kept.append(knot)
        total = 0.0
    chosen = np.array(kept)
    sums = np.add.reduceat(way.seconds, chosen[:-1])
    return Way(way.points[chosen], way.mm[chosen], way.speeds[chosen], sums)


def slowed(seconds: Floats, each: float | Floats, depth: int, ahead: float) -> Floats:
    """Times (n,) of moves that a board can take in time, longer than `seconds` only where need be.

    Args:
        seconds: (n,) what the moves should take.
        each: what the board needs to take in a move, one number or (n,).
        depth: how many moves it keeps beside the one under way.
        ahead: by how much it is ahead of its work at the start, as the pen takes its time to come down.

    A move is taken in while those before it are made, so a short one is no harm after long ones: `ahead` says for how
    long the board knows what to do beyond the move under way. It grows by what a move takes longer than `each`, up to
    what fits in the queue, and is never less than nothing: the move is made longer by the rest.
    """
    if (seconds >= each).all():
        return seconds
    result = [ahead]  # what is done first is in the queue as well
    for wish, cost in zip(seconds.tolist(), np.broadcast_to(each, seconds.shape).tolist(), strict=True):
        result.append(max(wish, cost - ahead))
        ahead = min(ahead + result[-1] - cost, sum(result[-depth:]))
    return np.array(result[1:])


def _way(first: Floats, blocks: Blocks) -> Way:
    points = np.concatenate([first, blocks.end])
    lengths = np.hypot(*np.diff(points, axis=0).T)
    mm = np.concatenate([[0.0], np.cumsum(lengths)])
    return Way(
        points, mm, np.concatenate([blocks.v0[:1], blocks.v1]) if len(blocks.v0) else np.zeros(1), blocks.seconds
    )


def _both_axes(points: Floats) -> float:
    """The largest |x| + |y| of a way of length 1 among the segments: 1 along an axis, the root of 2 on a diagonal."""
    ways = np.abs(np.diff(points, axis=0))
    lengths = np.hypot(ways[:, 0], ways[:, 1])
    moving = lengths > TINY
    return float((ways[moving].sum(axis=1) / lengths[moving]).max(initial=1.0))


def _is_straight(points: list[list[float]], first: int, last: int, tolerance: float) -> bool:
    """Whether the points between two lie within `tolerance` of the line from one to the other, and none goes back."""
    (x0, y0), (x1, y1) = points[first], points[last]
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy)
    if length < TINY:
        return False
    along = 0.0
    for x, y in points[first + 1 : last]:
        if abs((x - x0) * dy - (y - y0) * dx) > tolerance * length:
            return False
        before, along = along, (x - x0) * dx + (y - y0) * dy
        if not before <= along <= length * length:
            return False
    return True
