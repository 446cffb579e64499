"""A pen's way as moves of an EiBotBoard, step-exact: integers only, as the board counts.

Where moves end is an absolute place, rounded to the motors' steps, so that no error adds up; motor 1 turns by x + y and
motor 2 by x - y. The board looks 25,000 times a second (a tick) whether a step is due. For LM it keeps, for each motor,
a rate that grows by a fixed amount a tick, and a sum of rates: at every 2^31 of it the motor steps (ebb.html, LM).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotsketch.plotter.ebb_way import Way, cut_at_turns, merged, slowed, softened, split

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TICKS = 25_000  # a second
FULL = 1 << 31  # what a step costs
FASTEST = 24_995  # steps a second of a motor, as in axidraw_conf.py; the board itself ends at 25,000
TOP_RATE = FASTEST * FULL // TICKS
ROOM = 0.25  # steps: how far a short move may cut a bend; rounding takes as much and more besides
MORE_ROOM = 0.5  # where it would be drawn too slowly otherwise
TOO_SLOW = 1.005  # of the planned time
SOFT = (0.024, 0.006)  # seconds: the first and the last of an SM way, and its moves there
LEAD = 0.25  # steps: see `lead`
SLOWEST = 2  # steps a second; below 0.002 steps a millisecond AxiDraw's software sends nothing


@dataclass(frozen=True)
class Tactics:
    """How moves are told to a board.

    Attributes:
        is_low_level: as LM, which speeds up and slows down by itself; else as SM, each of even speed.
        longest: seconds of a move; a board that is stopped or asked ends the move under way first.
        each: seconds that the board takes to take in a move: ebb.html, Performance, the slower figures.
        depth: how many moves it keeps beside the one under way.
        look: seconds of motion between two looks at the board (QG) within a stroke; a look takes no longer than a move
            to be taken in. Infinite where a look would not pass the moves that wait.
    """

    is_low_level: bool
    longest: float
    each: float
    depth: int
    look: float = math.inf


@dataclass(frozen=True)
class Moves:
    """What is sent for a way, move by move.

    Attributes:
        commands: LM or SM.
        steps: (n, 2) of the two motors.
        seconds: (n,) how long each takes.
        mm: (n,) how far along the way each ends; speeds: (n,) how fast, mm/s.
        knots: (n,) the knot of ``way`` at which each ends.
        looks: (n,) whether there is time for a look at the board once it is sent.
        way: the way as it was cut.
    """

    commands: list[str]
    steps: Integers
    seconds: Floats
    mm: Floats
    speeds: Floats
    knots: NDArray[np.intp]
    looks: NDArray[np.bool_]
    way: Way

    def __len__(self) -> int:
        return len(self.commands)


def steps_of(points: Floats, steps_per_mm: int) -> Integers:
    """(n, 2) whole steps of the two motors, from home, at points (n, 2) in mm."""
    return np.floor(_motors(points) * steps_per_mm + 0.5).astype(np.int64)


def lead(points: Floats, steps_per_mm: int) -> Floats:
    """By how much, (n, 2) mm, motors are sent on beyond points (n, 2) of a way, in the direction in which they turn.

    A motor steps when a whole step is due, so on its way it is behind by half a step on the average and by one at most,
    while at its targets it is off by half a step at most, either way. A quarter of a step forward levels the two out;
    where a motor turns back it gets none.
    """
    if len(points) < 2:
        return np.zeros(points.shape)
    turns = np.sign(np.round(np.diff(_motors(points) * steps_per_mm, axis=0), 6))
    before, after = np.concatenate([turns[:1], turns]), np.concatenate([turns, turns[-1:]])
    quarter = np.where(before * after < 0, 0.0, np.sign(before + after)) * (LEAD / steps_per_mm)
    forward: Floats = _motors(quarter) / 2
    return forward


def _motors(points: Floats) -> Floats:
    """Points (n, 2) in x + y and x - y; twice over, it is twice the points."""
    return np.stack([points[:, 0] + points[:, 1], points[:, 0] - points[:, 1]], axis=1)


def mm_of(steps: Integers, steps_per_mm: int) -> Floats:
    """Where the pen is, (2,) mm from home, when the motors are at `steps` (2,)."""
    place: Floats = np.array([steps[0] + steps[1], steps[0] - steps[1]]) / (2.0 * steps_per_mm)
    return place


def moves_of(
    way: Way, at: Integers, steps_per_mm: int, tactics: Tactics, ahead: float = 0.0, *, leads: bool = True
) -> Moves:
    """The moves along a way for motors that are `at` (2,) steps from home; `ahead`: see `ebb_way.slowed`; `leads`: see
    `lead`, a hop needs none."""
    cut = _cut(way, steps_per_mm, tactics, ROOM)
    if slowed(cut.seconds, tactics.each, tactics.depth, ahead).sum() > TOO_SLOW * way.seconds.sum():
        cut = _cut(way, steps_per_mm, tactics, MORE_ROOM)
    goals = cut.points + lead(cut.points, steps_per_mm) if leads else cut.points
    targets = np.concatenate([at[None], steps_of(goals[1:], steps_per_mm)])
    # a move without a step is none: its time goes to the next that has one
    kept = np.concatenate([[0], np.flatnonzero((np.diff(targets, axis=0) != 0).any(axis=1)) + 1])
    knots = kept[1:]
    steps = np.diff(targets[kept], axis=0)
    planned = np.diff(np.concatenate([[0.0], np.cumsum(cut.seconds)])[kept])
    looks = np.diff(np.cumsum(planned) // tactics.look, prepend=0.0) > 0
    takes = tactics.each * (1.0 + np.append(False, looks)[: len(looks)])  # a move that comes behind a look comes later
    wanted = _within_bounds(slowed(planned, takes, tactics.depth, ahead), steps)
    speeds = cut.speeds[kept] * np.concatenate([[1.0], planned / wanted])
    if tactics.is_low_level:
        ticks = _whole(wanted * TICKS, _least_ticks(steps))
        lengths = np.maximum(np.diff(cut.mm[kept]), 1e-9)
        commands = _lm_commands(steps, ticks, np.diff(speeds) * wanted / lengths)
        seconds = ticks / TICKS
    else:
        ms = _whole(wanted * 1000, np.ceil(np.abs(steps).max(axis=1, initial=0) * 1000 / FASTEST))
        commands = [f"SM,{t},{a},{b}" for t, (a, b) in zip(ms.tolist(), steps.tolist(), strict=True)]
        seconds = ms / 1000
    return Moves(commands, steps, seconds, cut.mm[knots], speeds[1:], knots, looks, cut)


def _cut(way: Way, steps_per_mm: int, tactics: Tactics, room: float) -> Way:
    """The way with the knots at which moves begin and end; short moves may cut bends by `room` steps."""
    briefest = 0.0 if tactics.is_low_level else tactics.each
    whole = merged(way, tactics.each, room / steps_per_mm)
    knotted = cut_at_turns(whole, 1 / steps_per_mm, briefest)
    return split(knotted if tactics.is_low_level else softened(knotted, *SOFT), tactics.longest)


def low_level(steps: Integers, ticks: Integers, lean: Floats) -> tuple[Integers, Integers]:
    """Rate and acceleration of LM for motors that make `steps` in `ticks`, each any shape, steps 0 or more.

    ``lean``: the change of speed during the move, in mean speeds: 0 is even, 2 from rest, -2 to rest.

    In tick k the rate is r(k) = R - trunc(A/2) + k·A, and after T ticks the sum is

        S(T) = T·(R - trunc(A/2)) + A·T·(T+1)/2.

    The last of n steps comes when S reaches n·2^31. So A is what the lean asks for, R the least whole number for which
    S(T) reaches it; then S(T) is beyond by less than T, which the last tick's rate is, but for moves that end nearly at
    rest: they end a few ticks early. A is bounded so that all rates are from 1 to TOP_RATE: a negative one would be
    taken for 2^31 more, and the motor race.
    """
    mean = steps * (FULL / ticks)
    wish = np.trunc(mean * lean / ticks)
    down = np.minimum(
        np.floor(2 * (mean - 1) / np.maximum(ticks - 1, 1)), np.floor(2 * (TOP_RATE - mean) / (ticks + 1))
    )
    up = np.minimum(np.floor((2 * mean - 3) / ticks), np.floor(2 * (TOP_RATE - mean) / (ticks + 1)))
    accel = np.clip(wish, -np.maximum(down, 0), np.maximum(up, 0)).astype(np.int64)
    half = np.sign(accel) * (np.abs(accel) // 2)
    rate = -((accel * (ticks * (ticks + 1) // 2) - steps * FULL) // ticks) + half
    still = steps == 0
    return np.where(still, 0, rate), np.where(still, 0, accel)


def ticks_of(steps: int, rate: int, accel: int) -> int:
    """The tick in which LM makes the last of `steps` (0 or more): the least T for which S(T) of `low_level` reaches
    steps·2^31. Raises ValueError where it never does.
    """
    if steps == 0:
        return 0
    start = rate - (abs(accel) // 2) * (1 if accel >= 0 else -1)
    goal = steps * FULL

    def total(tick: int) -> int:
        return tick * start + accel * (tick * (tick + 1) // 2)

    if accel < 0:  # the sum grows as long as the rate is above 0
        last = max((start - 1) // -accel, 0)
    else:
        last = 1
        while total(last) < goal:
            if start <= 0 and accel == 0:
                raise ValueError("a motor that stands makes no step")
            last *= 2
    if total(last) < goal:
        raise ValueError(f"{steps} steps at rate {rate} and acceleration {accel} never end")
    first = 0
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (first, middle) if total(middle) >= goal else (middle, last)
    return last


def _lm_commands(steps: Integers, ticks: Integers, lean: Floats) -> list[str]:
    """LM for each move; its sums begin at 0 (the last parameter), as the moves before ended on a step."""
    rates, accels = low_level(np.abs(steps), ticks[:, None], lean[:, None])
    rows = np.stack([rates, steps, accels], axis=2).reshape(-1, 6).tolist()
    return ["LM,{},{},{},{},{},{},3".format(*row) for row in rows]


def _within_bounds(seconds: Floats, steps: Integers) -> Floats:
    """No motor that turns is slower than SLOWEST: times (n,) that are longer than that allows are cut."""
    fewest = np.where(steps == 0, np.iinfo(np.int64).max, np.abs(steps)).min(axis=1, initial=np.iinfo(np.int64).max)
    bounded: Floats = np.minimum(seconds, fewest / SLOWEST)
    return bounded


def _least_ticks(steps: Integers) -> Floats:
    most: Integers = np.abs(steps).max(axis=1, initial=0)
    least: Floats = np.ceil(most * (FULL / TOP_RATE))
    return least


def _whole(times: Floats, least: Floats) -> Integers:
    """Times (n,) as whole numbers of 1 and `least` (n,) or more, whose sums stay with those of `times`."""
    ends = np.floor(np.cumsum(times) + 0.5)
    return np.maximum(np.maximum(np.diff(ends, prepend=0.0), least), 1).astype(np.int64)
