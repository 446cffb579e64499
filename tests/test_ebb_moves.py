"""Moves of an EiBotBoard: the closed form against the board's own loop, step for step, and what must hold for a way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plotsketch.lines.machine import load_machine
from plotsketch.lines.motion import stroke_blocks
from plotsketch.plotter.ebb_moves import (
    FULL,
    TICKS,
    TOP_RATE,
    Moves,
    low_level,
    mm_of,
    moves_of,
    steps_of,
    ticks_of,
)
from plotsketch.plotter.ebb_protocol import Firmware
from plotsketch.plotter.ebb_stream import tactics_for
from plotsketch.plotter.ebb_way import Way, brake_way, hop_way, slowed, stroke_way

Floats = NDArray[np.float64]
V3 = load_machine("axidraw-v3")
HOME = np.zeros(2, dtype=np.int64)
FASTEST_MM = 24_995 / 80
VERSIONS = [(2, 5, 3), (2, 6, 5), (2, 8, 1), (3, 0, 0), (3, 0, 3)]


def board_ticks(steps: int, rate: int, accel: int, limit: int = 10**6) -> tuple[int, int]:
    """Ticks of LM for one motor, and what its sum holds then, counted as ebb.html tells the board to count."""
    rate -= int(accel / 2)
    total = tick = 0
    while steps:
        tick += 1
        assert tick < limit
        rate += accel
        assert 0 <= rate < FULL, "a rate below 0 rolls over, and the motor races"
        total += rate
        if total >= FULL:
            total -= FULL
            steps -= 1
    return tick, total


@pytest.mark.parametrize(
    ("steps", "rate", "accel", "ticks"),
    [
        (60, 3865471, 1732, 10_169),
        (10, 85899346, 0, 250),
        (50, 42950000, 13400, 1_924),
        (75, 17179000, -687, 12_500),
        (75, 8592000, 687, 12_500),
    ],
)
def test_the_documents_examples_take_the_time_that_they_say(steps: int, rate: int, accel: int, ticks: int) -> None:
    assert ticks_of(steps, rate, accel) == ticks
    assert board_ticks(steps, rate, accel)[0] == ticks


def test_the_first_example_leaves_what_the_documents_say() -> None:
    assert board_ticks(60, 3865471, 1732) == (10_169, 10_769_545)


@settings(deadline=None, max_examples=150)
@given(st.integers(1, 120), st.integers(10, 3_000), st.floats(-2.5, 2.5))
def test_a_motor_makes_its_steps_in_the_time_given(steps: int, ticks: int, lean: float) -> None:
    ticks = max(ticks, -(-steps * FULL // TOP_RATE))
    rate, accel = (int(value) for value in low_level(np.array(steps), np.array(ticks), np.array(lean)))
    counted, _ = board_ticks(steps, rate, accel)
    assert counted == ticks_of(steps, rate, accel)
    assert ticks - 5 <= counted <= ticks
    assert rate > 0


def test_nearly_all_moves_end_within_a_tick_or_two() -> None:
    rng = np.random.default_rng(3)
    steps = rng.integers(1, 400, 5_000)
    ticks = np.maximum(rng.integers(25, 6_250, 5_000), np.ceil(steps * FULL / TOP_RATE).astype(np.int64))
    rates, accels = low_level(steps, ticks, rng.uniform(-2, 2, 5_000))
    rows = zip(steps.tolist(), rates.tolist(), accels.tolist(), strict=True)
    late = ticks - np.array([ticks_of(*row) for row in rows])
    assert late.min() >= 0
    assert late.max() <= 5
    assert (late <= 2).mean() > 0.999
    first = rates - np.sign(accels) * (np.abs(accels) // 2) + accels
    last = first + accels * (ticks - 1)
    assert min(first.min(), last.min()) >= 1
    assert max(first.max(), last.max()) <= TOP_RATE + 1


def test_steps_that_never_end_are_no_time() -> None:
    with pytest.raises(ValueError, match="never end"):
        ticks_of(100, 1_000_000, -10)
    with pytest.raises(ValueError, match="no step"):
        ticks_of(1, 0, 0)


def wavy(seed: int, low: float, high: float, count: int = 120) -> Floats:
    """A line of `count` segments of `low` to `high` mm that bends this way and that."""
    rng = np.random.default_rng(seed)
    angles = rng.normal(0, 0.3, count).cumsum()
    ways = rng.uniform(low, high, count)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.concatenate([[[100.0, 80.0]], 100 + np.cumsum(ways, axis=0) + (0, -20)])


def moves_for(way: Way, version: tuple[int, ...], ahead: float = 0.146) -> Moves:
    return moves_of(way, steps_of(way.points[:1], 80)[0], 80, tactics_for(Firmware(version)), ahead)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("low", "high"), [(0.1, 0.5), (1.0, 3.0), (20.0, 60.0)])
def test_moves_end_where_the_line_does_and_take_as_long(version: tuple[int, ...], low: float, high: float) -> None:
    planned = sent = 0.0
    for seed in range(8):
        line = wavy(seed, low, high)
        way = stroke_way(line, V3, FASTEST_MM)
        moves = moves_for(way, version)
        reached = steps_of(line[:1], 80)[0] + moves.steps.sum(axis=0)
        assert np.hypot(*(mm_of(reached, 80) - line[-1])) < 0.0125
        planned += float(way.seconds.sum())
        sent += float(moves.seconds.sum())
    assert sent == pytest.approx(planned, rel=0.01)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_move_is_longer_or_faster_than_a_board_may_have(version: tuple[int, ...]) -> None:
    tactics = tactics_for(Firmware(version))
    for line in (wavy(1, 0.1, 0.5), wavy(2, 5, 90), np.array([[0.0, 0.0], [200.0, 200.0], [1.0, 0.0]])):
        moves = moves_for(stroke_way(line, replace(V3, draw_speed=400.0), FASTEST_MM), version)
        speeds = np.abs(moves.steps) / moves.seconds[:, None]
        assert speeds.max() <= 24_995
        assert speeds[moves.steps != 0].min() >= 2
        assert moves.seconds.max() <= tactics.longest + 0.001


def test_a_speed_that_no_motor_has_is_brought_down_to_the_motors_fastest() -> None:
    for end, fastest in [((200.0, 0.0), 24_995 / 80), ((150.0, 150.0), 24_995 / 80 / 2**0.5)]:
        way = hop_way(np.zeros(2), np.array(end), replace(V3, travel_speed=1_000.0), FASTEST_MM)
        assert way.speeds.max() == pytest.approx(fastest)


def test_older_boards_get_slices_of_whole_milliseconds_and_even_speed() -> None:
    moves = moves_for(stroke_way(wavy(4, 2, 9), V3, FASTEST_MM), (2, 6, 5))
    rows = [command.split(",") for command in moves.commands]
    assert {row[0] for row in rows} == {"SM"}
    assert max(int(row[1]) for row in rows) <= 25
    assert [[int(row[2]), int(row[3])] for row in rows] == moves.steps.tolist()
    assert sum(int(row[1]) for row in rows) == round(moves.seconds.sum() * 1000)


def test_low_level_moves_say_what_they_do() -> None:
    moves = moves_for(stroke_way(wavy(4, 2, 9), V3, FASTEST_MM), (2, 8, 1))
    for command, steps, seconds in zip(moves.commands, moves.steps.tolist(), moves.seconds, strict=True):
        name, *numbers = command.split(",")
        rate1, steps1, accel1, rate2, steps2, accel2, clear = map(int, numbers)
        assert (name, clear, [steps1, steps2]) == ("LM", 3, steps)
        ends = [ticks_of(abs(steps1), rate1, accel1), ticks_of(abs(steps2), rate2, accel2)]
        assert max(ends) == pytest.approx(seconds * TICKS, abs=3)


def shortest_gap(seconds: list[float], each: float, depth: int, ahead: float) -> float:
    """How long before its turn a move comes into the queue, at worst: `each` after the one before, and not before there
    is room, which a move leaves when its own turn comes; the first when the board has `ahead` seconds to do."""
    starts = np.concatenate([[ahead], ahead + np.cumsum(seconds)])
    taken, worst = 0.0, np.inf
    for number in range(len(seconds)):
        taken += each if number else 0.0
        if number >= depth:
            taken = max(taken, float(starts[number - depth]))
        worst = min(worst, float(starts[number]) - taken)
    return worst


@settings(deadline=None)
@given(
    st.lists(st.floats(0.0005, 0.05), min_size=1, max_size=60), st.sampled_from([0.002, 0.004, 0.007]),
    st.sampled_from([1, 4, 32]), st.floats(0, 0.2),
)  # fmt: skip
def test_a_board_is_never_asked_for_more_than_it_can_take_in(
    wishes: list[float], each: float, depth: int, ahead: float
) -> None:
    times = slowed(np.array(wishes), each, depth, ahead)
    assert (times >= np.array(wishes)).all()
    assert shortest_gap(times.tolist(), each, depth, ahead) >= -1e-9
    if depth >= len(wishes) and ahead > each * len(wishes):
        assert times.tolist() == wishes


def test_a_move_that_comes_late_for_a_look_at_the_board_finds_it_with_work_to_do() -> None:
    line = np.stack([np.linspace(0, 60, 400), np.sin(np.linspace(0, 40, 400))], axis=1)
    moves = moves_for(stroke_way(line, V3, FASTEST_MM), (2, 8, 1))
    assert moves.looks.sum() >= 4
    each, taken, starts = 0.004, 0.0, np.concatenate([[0.0], np.cumsum(moves.seconds)])
    for number in range(1, len(moves)):
        taken = max(taken + each * (2 if moves.looks[number - 1] else 1), starts[number - 1])
        assert taken <= starts[number] + 1 / 25_000


def test_a_brake_ends_on_the_line_at_rest_as_soon_as_it_may() -> None:
    line = wavy(5, 1, 4)
    way = stroke_way(line, V3, FASTEST_MM)
    for knot in range(0, len(way), 7):
        speed = float(way.speeds[knot])
        ramp = brake_way(way, knot, speed, V3.acceleration)
        assert ramp.speeds[-1] == pytest.approx(0, abs=1e-3)
        assert ramp.mm[-1] - way.mm[knot] == pytest.approx(speed**2 / 2 / V3.acceleration, abs=1e-6)
        assert (np.diff(ramp.speeds) <= 0).all()
        slowing = -np.diff(ramp.speeds) / np.maximum(ramp.seconds, 1e-12)
        assert slowing == pytest.approx(V3.acceleration, rel=1e-6)
        at = np.interp(ramp.mm, way.mm, way.points[:, 0]), np.interp(ramp.mm, way.mm, way.points[:, 1])
        assert np.abs(np.stack(at, axis=1) - ramp.points).max() < 1e-9


def test_a_stroke_of_one_point_and_a_hop_to_where_the_pen_is_have_no_move() -> None:
    dot = np.array([[3.0, 4.0]])
    assert len(moves_for(stroke_way(dot, V3, FASTEST_MM), (2, 8, 1))) == 0
    assert len(moves_for(hop_way(dot[0], dot[0], V3, FASTEST_MM), (3, 0, 3))) == 0


def test_the_plan_is_the_planners() -> None:
    line = wavy(6, 1, 4)
    blocks = stroke_blocks([line], V3)
    way = stroke_way(line, V3, FASTEST_MM)
    assert way.seconds.tolist() == blocks.seconds.tolist()
    assert way.speeds[1:].tolist() == blocks.v1.tolist()
