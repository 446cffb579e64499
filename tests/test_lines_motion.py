"""The planner of motion: what it promises, and what a step-exact machine makes of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from plot_simulation import simulate

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine, load_machine, machine_names
from plotsketch.lines.motion import Blocks, corner_speeds, hop_blocks, stroke_blocks
from plotsketch.lines.times import Times, layer_times

AXIDRAW = load_machine("axidraw-v3")
MACHINES = [replace(load_machine(name), axis_limits=False) for name in ("axidraw-v3", "hp7475a", "grbl")]

# coordinates that make long and short steps, points twice, corners of any angle and reversals
places = st.one_of(st.floats(0, 200), st.integers(0, 3).map(float), st.floats(0, 0.02)).map(lambda mm: round(mm, 5))
lines = st.lists(st.tuples(places, places), min_size=1, max_size=12).map(np.array)
machines = st.sampled_from(MACHINES)


def line(*points: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(points, dtype=np.float64)


def circle(radius: float, points: int) -> NDArray[np.float64]:
    angles = np.linspace(0, 2 * np.pi, points)
    return np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)


def seconds(points: NDArray[np.float64], machine: Machine = AXIDRAW) -> float:
    return float(stroke_blocks([points], machine).seconds.sum())


def lengths(blocks: Blocks) -> NDArray[np.float64]:
    return np.hypot(*(blocks.end - blocks.start).T)


def test_a_machine_whose_axes_are_limited_is_quicker_on_the_slant_and_as_quick_along_an_axis() -> None:
    grbl = load_machine("grbl")
    along, slanting = line((0, 0), (100, 0)), line((0, 0), (60, 60))
    path = replace(grbl, axis_limits=False)
    assert seconds(along, grbl) == pytest.approx(seconds(along, path))
    root = np.sqrt(2)
    quicker = replace(path, acceleration=500 * root, travel_acceleration=500 * root, travel_speed=100 * root)
    assert seconds(slanting, grbl) == pytest.approx(seconds(slanting, quicker))
    hop, same = (hop_blocks(slanting[:1], slanting[1:], machine).seconds.sum() for machine in (grbl, quicker))
    assert hop == pytest.approx(same)


# what every plan keeps


@given(st.lists(lines, min_size=1, max_size=4), machines)
def test_a_plan_keeps_to_the_lines_and_to_the_machine(drawn: list[NDArray[np.float64]], machine: Machine) -> None:
    blocks = stroke_blocks(drawn, machine)
    assert (np.diff(blocks.line) >= 0).all() and (blocks.seconds > 0).all()
    assert np.maximum(blocks.v0, blocks.v1).max(initial=0) <= machine.draw_speed * (1 + 1e-9)
    assert (np.abs(blocks.v1 - blocks.v0) <= machine.acceleration * blocks.seconds * (1 + 1e-6)).all()
    np.testing.assert_allclose((blocks.v0 + blocks.v1) / 2 * blocks.seconds, lengths(blocks), rtol=1e-3, atol=1e-7)
    for number, points in enumerate(drawn):
        mine = np.flatnonzero(blocks.line == number)
        if len(mine) == 0:
            assert np.ptp(points, axis=0).max() < 1e-9
            continue
        first, last = mine[0], mine[-1]
        np.testing.assert_allclose(blocks.start[first], points[0], atol=1e-7)
        np.testing.assert_allclose(blocks.end[last], points[-1], atol=1e-7)
        np.testing.assert_allclose(blocks.end[mine[:-1]], blocks.start[mine[1:]], atol=1e-6)
        np.testing.assert_allclose(blocks.v1[mine[:-1]], blocks.v0[mine[1:]], atol=1e-3)
        assert blocks.v0[first] < 1e-3 and blocks.v1[last] < 1e-3
        way = np.hypot(*np.diff(points, axis=0).T).sum()
        assert lengths(blocks)[mine].sum() == pytest.approx(way, abs=1e-6)


@given(lines, machines)
def test_a_line_takes_as_long_in_either_direction(points: NDArray[np.float64], machine: Machine) -> None:
    assert seconds(points[::-1], machine) == pytest.approx(seconds(points, machine), rel=1e-6, abs=1e-5)


@given(st.lists(lines, min_size=1, max_size=4), machines)
def test_lines_planned_together_are_planned_as_if_alone(drawn: list[NDArray[np.float64]], machine: Machine) -> None:
    together = stroke_blocks(drawn, machine).line_seconds(len(drawn))
    np.testing.assert_allclose(together, [seconds(points, machine) for points in drawn], rtol=1e-6, atol=1e-6)


@settings(max_examples=40)
@given(st.lists(lines, min_size=1, max_size=2), machines)
def test_a_machine_that_counts_steps_arrives_in_time(drawn: list[NDArray[np.float64]], machine: Machine) -> None:
    for points in drawn:
        blocks = stroke_blocks([points], machine)
        trace = simulate(blocks, machine.step)
        assert trace.seconds == pytest.approx(blocks.seconds.sum(), rel=0.01, abs=2 / 25_000)
        if len(trace.places) and trace.seconds:
            reached = blocks.start[0] + trace.places * machine.step
            assert np.abs(reached[-1] - blocks.end[-1]).max() <= machine.step
            if trace.seconds > 0.1:
                assert trace.top_speed() <= machine.draw_speed * 1.02
                assert trace.top_acceleration() <= machine.acceleration * 1.1


def test_a_sheet_of_strokes_comes_out_within_a_hundredth_and_a_step() -> None:
    random = np.random.default_rng(4)
    drawn = [np.cumsum([random.uniform(10, 200, 2), *random.normal(0, 2, (8, 2))], axis=0) for _ in range(60)]
    begins, ends = np.array([points[0] for points in drawn[1:]]), np.array([points[-1] for points in drawn[:-1]])
    pen_down = [simulate(stroke_blocks([points], AXIDRAW), AXIDRAW.step) for points in drawn]
    pen_up = simulate(hop_blocks(ends, begins, AXIDRAW), AXIDRAW.step)
    for points, trace in zip(drawn, pen_down, strict=True):
        assert np.abs(points[0] + trace.places[-1] * AXIDRAW.step - points[-1]).max() <= AXIDRAW.step
    lifted = 60 * (AXIDRAW.lift_s + AXIDRAW.drop_s)
    simulated = sum(trace.seconds for trace in pen_down) + pen_up.seconds + lifted
    (times,) = layer_times([drawn], AXIDRAW, home=tuple(drawn[0][0]))
    home = float(AXIDRAW.travel_seconds(np.hypot(*(drawn[-1][-1] - drawn[0][0]))))
    assert times.seconds == pytest.approx(simulated + home, rel=0.01)


# how it drives


def test_a_long_line_is_a_trapezoid_and_a_short_one_a_triangle() -> None:
    speed, acceleration = AXIDRAW.draw_speed, AXIDRAW.acceleration
    assert seconds(line((0, 0), (100, 0))) == pytest.approx(100 / speed + speed / acceleration)
    assert seconds(line((0, 0), (0.3, 0.4))) == pytest.approx(2 * np.sqrt(0.5 / acceleration))
    assert len(stroke_blocks([line((0, 0), (100, 0))], AXIDRAW).seconds) == 3
    assert len(stroke_blocks([line((0, 0), (0, 1))], AXIDRAW).seconds) == 2


def test_points_on_the_way_cost_nothing() -> None:
    straight = line((0, 0), (30, 40))
    pieces = np.linspace((0, 0), (30, 40), 300)
    assert seconds(pieces) == pytest.approx(seconds(straight), rel=1e-6)
    jitter = np.random.default_rng(0).normal(0, 1e-13, (900, 2))
    assert seconds(np.repeat(pieces, 3, axis=0) + jitter) == pytest.approx(seconds(straight), rel=1e-6)


def test_a_corner_is_slower_the_sharper_it_is() -> None:
    angles = np.radians([0, 10, 45, 90, 135, 180])
    after = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    speeds = corner_speeds(np.tile([1.0, 0.0], (6, 1)), after, AXIDRAW)
    assert (np.diff(speeds) <= 0).all()
    assert speeds[0] == AXIDRAW.draw_speed and speeds[-1] == pytest.approx(0, abs=1e-3)
    assert speeds[3] == pytest.approx(9.7, abs=0.05)  # the AxiDraw software's at a right angle
    assert seconds(line((0, 0), (20, 0), (20, 20))) > seconds(line((0, 0), (40, 0)))


def test_without_a_junction_every_corner_is_a_stop() -> None:
    machine = replace(AXIDRAW, junction=0)
    corner = line((0, 0), (20, 0), (20, 20))
    assert seconds(corner, machine) == pytest.approx(2 * seconds(line((0, 0), (20, 0)), machine))


def test_a_round_line_is_hardly_slower_than_a_straight_one() -> None:
    around = circle(20, 200)
    straight = line((0, 0), (np.hypot(*np.diff(around, axis=0).T).sum(), 0))
    assert seconds(around) == pytest.approx(seconds(straight), rel=0.01)


@pytest.mark.parametrize("drawn", [[], [line((3, 3))], [line((3, 3), (3, 3))], [np.zeros((0, 2))]])
def test_what_has_no_length_takes_no_motion(drawn: list[NDArray[np.float64]]) -> None:
    assert len(stroke_blocks(drawn, AXIDRAW).seconds) == 0


@given(st.lists(st.tuples(places, places, places, places), min_size=1, max_size=6).map(np.array), machines)
def test_hops_are_straight_and_take_what_the_machine_says(hops: NDArray[np.float64], machine: Machine) -> None:
    starts, ends = hops[:, :2], hops[:, 2:]
    blocks = hop_blocks(starts, ends, machine)
    distances = np.hypot(*(ends - starts).T)
    np.testing.assert_allclose(blocks.line_seconds(len(hops)), machine.travel_seconds(distances), rtol=1e-6, atol=1e-5)
    assert np.maximum(blocks.v0, blocks.v1).max(initial=0) <= machine.travel_speed * (1 + 1e-9)


# machines


def test_a_hop_is_a_lift_a_way_and_a_drop() -> None:
    lifted = AXIDRAW.lift_s + AXIDRAW.drop_s
    hops = AXIDRAW.hop_seconds(np.array([0.0, 0.001, 1.0, 100.0]))
    cruise = AXIDRAW.travel_speed / AXIDRAW.travel_acceleration
    expected = [0, 0, lifted + 2 * np.sqrt(1 / 1143), lifted + 100 / 150.6 + cruise]
    np.testing.assert_allclose(hops, expected)


def test_the_lifts_of_898_strokes_take_an_axidraw_248_seconds() -> None:
    strokes = [line((x, y), (x + 1, y)) for x in range(30) for y in range(30)][:898]
    (times,) = layer_times([strokes], AXIDRAW)
    assert (times.strokes, times.lifts) == (898, 898)
    assert times.lift_seconds == pytest.approx(248, abs=0.5)


@pytest.mark.parametrize("name", machine_names())
def test_a_shipped_machine_is_whole(name: str) -> None:
    machine = load_machine(name)
    assert machine.name == name and machine.title and machine.source
    assert machine.draw_speed <= machine.travel_speed and min(machine.travel) > 100


def test_axidraws_differ_in_reach_alone() -> None:
    found = [load_machine(name) for name in machine_names() if name.startswith("axidraw")]
    servos = [machine for machine in found if machine.ebb.get("lift") != "brushless"]
    assert {(machine.draw_speed, machine.acceleration) for machine in found} == {(50.2, 762)}
    assert {machine.lift_s for machine in servos} == {0.13}
    assert len({machine.travel for machine in servos}) == len(servos) == len(found) - 1 == 7


def test_a_portrait_page_lies_turned_on_a_landscape_machine() -> None:
    assert AXIDRAW.turns(210, 297) and not AXIDRAW.turns(297, 210) and not AXIDRAW.turns(200, 200)
    assert AXIDRAW.home_on(210, 297) == (210, 0) and AXIDRAW.home_on(297, 210) == (0, 0)
    assert AXIDRAW.reach_on(210, 297) == (-8, 0, 210, 300)
    assert AXIDRAW.reach_on(297, 210) == (0, 0, 300, 218)


def test_a_machine_of_ones_own_is_like_another(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('like = "axidraw-v3-a3"\nlift_s = 0.5\n')
    (tmp_path / "mine.toml").write_text('like = "base.toml"\ntitle = "Mine"\nhome = [10, 20]\n')
    machine = load_machine(str(tmp_path / "mine.toml"))
    assert (machine.name, machine.title, machine.lift_s, machine.travel) == ("mine", "Mine", 0.5, (430, 297))
    assert machine.home_on(297, 210) == (10, 20) and machine.home_on(210, 297) == (190, 10)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("draw_speed = ", "is no TOML"),
        ('like = "axidraw-v3"\ndraw_sped = 4', "no 'draw_sped': did you mean 'draw_speed'"),
        ('like = "axidraw"', "no profile and no file; did you mean 'axidraw"),
        ('like = "mine.toml"', "leads back"),
        ("draw_speed = 4", "missing"),
        ('like = "grbl"\ndraw_speed = 0', "draw_speed is 0; it takes a number above 0"),
        ('like = "grbl"\nacceleration = inf', "acceleration is inf"),
        ('like = "grbl"\nlift_s = "long"', "lift_s is 'long'"),
        ('like = "grbl"\ntravel = [1]', "two numbers"),
        ('like = "grbl"\ntitle = 3', "title is 3"),
        ("like = 3", "like = '3'"),
    ],
)
def test_what_is_no_machine_is_said_in_a_line(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(UserError, match=reason) as error:
        load_machine(str(tmp_path / "mine.toml"))
    assert "\n" not in str(error.value) and "mine.toml" in str(error.value)


def test_unknown_machines_come_with_near_ones(tmp_path: Path) -> None:
    for name, near in (("axidraw-v3a3", "axidraw-v3-a3"), ("hp7475", "hp7475a"), ("nothing", "axidraw-minikit, ")):
        with pytest.raises(UserError, match=near):
            load_machine(name)
    with pytest.raises(UserError, match="cannot read"):
        load_machine(str(tmp_path / "none.toml"))


# times of layers


def test_a_layer_is_charged_for_the_way_to_it_and_the_last_for_the_way_home() -> None:
    first, second = [line((10, 0), (20, 0)), line((20, 0), (20, 5))], [line((20, 10), (20, 30))]
    one, none, two = layer_times([first, [], second], AXIDRAW)
    assert (one.strokes, one.lifts, one.pen_changes, one.ink_mm, one.travel_mm) == (2, 0, 0, 15, 10)
    assert none == Times()
    assert (two.strokes, two.lifts, two.pen_changes, two.ink_mm) == (1, 2, 1, 20)
    assert two.travel_mm == pytest.approx(5 + np.hypot(20, 30))
    assert one.lift_seconds == pytest.approx(0.146) and two.lift_seconds == pytest.approx(0.13 + 0.146 + 0.13)
    assert two.change_seconds == AXIDRAW.pen_change_s
    total = one + none + two
    assert total.lifts == 2 and total.seconds == pytest.approx(one.seconds + two.seconds)


@settings(max_examples=30)
@given(st.lists(lines, min_size=1, max_size=4), machines)
def test_a_layer_takes_what_its_lines_and_hops_take(drawn: list[NDArray[np.float64]], machine: Machine) -> None:
    (times,) = layer_times([drawn], machine)
    assert times.draw_seconds == pytest.approx(sum(seconds(points, machine) for points in drawn), rel=1e-6, abs=1e-5)
    gaps = np.array([np.hypot(*(after[0] - before[-1])) for before, after in pairwise(drawn)])
    ways = np.array([np.hypot(*drawn[0][0]), np.hypot(*drawn[-1][-1])])
    hops = machine.hop_seconds(gaps).sum() + machine.lift_s + machine.drop_s + machine.travel_seconds(ways).sum()
    assert times.travel_seconds + times.lift_seconds == pytest.approx(hops, rel=1e-6, abs=1e-4)
