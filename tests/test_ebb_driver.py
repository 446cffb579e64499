"""The driver of EiBotBoards against a board that somebody else simulated from the documents."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from plot_cases import Answers

from plotsketch.api.plot import run
from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import Machine, load_machine
from plotsketch.output.gcode_frame import Frame
from plotsketch.plotter.ebb_driver import EbbDriver
from plotsketch.plotter.ebb_file import ebb_bytes
from plotsketch.plotter.ebb_protocol import Restarted
from plotsketch.plotter.journal import Job, Progress
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke
from plotsketch.plotter.port import Port, PortLost
from plotsketch.plotter.simulators.wire import Running, running

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="simulators hang on pseudo-terminals")

Floats = NDArray[np.float64]
V3 = load_machine("axidraw-v3")
A_STEP = 0.0125  # mm
VERSIONS = ["2.5.3", "2.6.5", "2.8.1", "3.0.3"]
GENTLE = 600  # steps/s: moves of even speed, which old firmware gets, begin and end with half of what a slice gains
ALONG = [[10.0, 10.0], [250.0, 100.0]]


def on(*strokes: Any, machine: Machine = V3, page: tuple[float, float] = (300.0, 218.0), code: bool = False) -> Plan:
    codes = LayerCode(height=10, speed=50, delay=1_600) if code else LayerCode()
    layer = PlanLayer(1, "1", "#000", 0.3, codes)
    return Plan(machine, page, (layer,), tuple(Stroke(0, np.array(stroke, dtype=np.float64)) for stroke in strokes))


def wavy(rng: np.random.Generator, count: int, mm: float) -> Floats:
    """A line of `count` segments of about `mm` that bends as sketches do."""
    angles = rng.normal(0, 0.35, count).cumsum() + rng.uniform(0, 6.28)
    ways = mm * rng.uniform(0.5, 1.5, (count, 1)) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    line: Floats = np.clip(rng.uniform(20, 180, 2) + np.cumsum(ways, axis=0), 1, 199)
    return line


def circle(x: float, y: float, radius: float, count: int) -> Floats:
    angles = np.linspace(0, 2 * np.pi, count)
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)


def sketches(seed: int, count: int, mm: float = 2.0) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [wavy(rng, int(rng.integers(2, 30)), mm) for _ in range(count)]


SHEETS: dict[str, Plan] = {
    "sketches": on(*sketches(1, 4), circle(100, 100, 30, 200), circle(60, 60, 0.4, 24), [[5, 5]], [[299, 217]]),
    "fine": on(*sketches(2, 6, 0.3), circle(150, 100, 2, 90), [[9, 9], [9, 9]]),
    "turned page": on(*sketches(3, 4), page=(210.0, 297.0)),
    "coarse steps": on(*sketches(4, 4), machine=replace(V3, step=0.025, ebb={**V3.ebb, "microsteps": 8})),
    "brushless": on(*sketches(8, 3), machine=load_machine("axidraw-v3-brushless")),
    "fast": on(*sketches(5, 6), machine=replace(V3, draw_speed=200.0)),
}


@contextmanager
def at_work(plan: Plan, **options: Any) -> Iterator[tuple[EbbDriver, Running]]:
    with running("ebb", rest=GENTLE, **options) as simulator:
        driver = EbbDriver(plan.machine, Port(simulator.port))
        try:
            driver.open()
            driver.begin(plan)
            driver.layer(plan.layers[0])
            yield driver, simulator
        finally:
            driver.close()


def drawn(driver: EbbDriver, plan: Plan) -> None:
    for stroke in plan.strokes:
        assert driver.draw(stroke.points, lambda: False).is_whole
    driver.settle()
    driver.park()


def ink(trace: dict[str, Any]) -> list[Floats]:
    """What is on paper."""
    return [np.array(line) for line in trace["ink"]]


def off(line: Floats, points: Floats) -> float:
    """How far the farthest of `points` is from a line."""
    shape = shapely.LineString(line) if len(line) > 1 else shapely.Point(line[0])
    return float(shapely.distance(shape, shapely.points(points)).max())


def worst(trace: dict[str, Any], plan: Plan) -> float:
    """How far ink is from the sheet, and the sheet from ink, at worst."""
    frame = Frame.of(plan.machine, plan.page, "down")
    lines = ink(trace)
    assert len(lines) == len(plan.strokes)
    pairs = [(line, frame.on_machine(stroke.points)) for line, stroke in zip(lines, plan.strokes, strict=True)]
    return max(max(off(meant, line), off(line, meant)) for line, meant in pairs)


def stops(after: int) -> Callable[[], bool]:
    asked = iter(range(10**9))
    return lambda: next(asked) >= after


@pytest.mark.parametrize(
    ("name", "firmware"),
    [(name, firmware) for name in ("sketches", "fine", "fast") for firmware in VERSIONS]
    + [("turned page", "2.8.1"), ("coarse steps", "2.6.5"), ("coarse steps", "3.0.3"), ("brushless", "2.8.1")],
)
def test_ink_is_the_sheet_within_a_step_in_the_time_estimated(name: str, firmware: str) -> None:
    plan = SHEETS[name]
    servo_pin = 2 if name == "brushless" else 1
    with at_work(plan, firmware=firmware, servo_pin=servo_pin) as (driver, simulator):
        before = simulator.trace()["seconds"]
        drawn(driver, plan)
        assert driver.inked == len(plan.strokes)
        trace = simulator.trace()
    assert trace["errors"] == []
    assert trace["underruns"] == []
    assert worst(trace, plan) <= max(plan.machine.step, A_STEP)
    assert trace["seconds"] - before == pytest.approx(sum(times.seconds for times in plan.times()), rel=0.01)
    assert trace["place"] == [0, 0]
    assert trace["motors"] == [False, False]
    assert max(trace["peak_steps_per_second"]) <= 25_000


def test_every_single_step_is_within_a_step_of_the_sheet() -> None:
    plan = SHEETS["sketches"]
    with at_work(plan, firmware="2.8.1", fine_ink=True) as (driver, simulator):
        drawn(driver, plan)
        assert worst(simulator.trace(), plan) <= A_STEP


def test_a_sheet_of_five_hundred_strokes() -> None:
    places = [(10 + 4 * column, 10 + 4 * row) for row in range(20) for column in range(25)]
    lines = sketches(6, 500, 0.8)
    plan = on(*(line[:4] - line[0] + place for line, place in zip(lines, places, strict=True)))
    with at_work(plan, firmware="2.8.1") as (driver, simulator):
        drawn(driver, plan)
        trace = simulator.trace()
    assert (trace["errors"], trace["underruns"]) == ([], [])
    assert worst(trace, plan) <= A_STEP


@pytest.mark.parametrize("firmware", VERSIONS)
def test_a_stop_brings_the_pen_to_rest_on_the_line_and_lifts_it(firmware: str) -> None:
    plan = on(circle(120, 100, 60, 300))
    with at_work(plan, firmware=firmware) as (driver, simulator):
        first = driver.draw(plan.strokes[0].points, stops(after=30))
        assert (first.why, driver.inked) == ("asked", 0)
        assert 1 < first.mm < plan.strokes[0].mm - 1
        trace = simulator.trace()
        assert trace["abrupt"] == []
        assert trace["underruns"] == []
        line = ink(trace)[-1]
        length = float(np.hypot(*np.diff(line, axis=0).T).sum())
        assert length == pytest.approx(first.mm, abs=0.15)  # the steps of its stairs are longer than the way
        assert off(plan.strokes[0].points, line) <= A_STEP
        assert trace["pen"]["told_up"]
        assert driver.where() == pytest.approx(tuple(line[-1]))
        assert driver.draw(plan.strokes[0].points, lambda: False).is_whole
        assert driver.inked == 1


@pytest.mark.parametrize("firmware", ["2.5.3", "2.8.1", "3.0.3"])
def test_stop_now_lifts_in_the_middle_and_the_board_knows_where_it_is(firmware: str) -> None:
    plan = on(ALONG)
    with at_work(plan, firmware=firmware) as (driver, simulator):
        asked = iter(range(100))

        def interrupt() -> bool:
            if next(asked) > 6:
                raise KeyboardInterrupt
            return False

        with pytest.raises(KeyboardInterrupt):
            driver.draw(plan.strokes[0].points, interrupt)
        trace = simulator.trace()
        assert trace["pen"]["told_up"]
        assert driver.where() == pytest.approx(tuple(trace["place"]))
        assert driver.where() != (0, 0)
        driver.stop_now()  # and once more, from rest
        driver.park()
        assert simulator.trace()["place"] == [0, 0]


@pytest.mark.parametrize("firmware", ["2.6.5", "2.8.1", "3.0.3"])
def test_the_button_is_a_pause_within_a_stroke(firmware: str) -> None:
    plan = on(ALONG)
    with at_work(plan, firmware=firmware, button_at=3) as (driver, simulator):
        first = driver.draw(plan.strokes[0].points, lambda: False)
        assert first.why == "button"
        assert 100 < first.mm < 220
        assert off(plan.strokes[0].points, ink(simulator.trace())[0]) <= A_STEP
        assert driver.draw(plan.strokes[0].points, lambda: False).is_whole


@pytest.mark.parametrize("firmware", ["2.6.5", "2.8.1", "3.0.0", "3.0.3"])
def test_the_button_is_a_pause_within_a_stroke_of_short_moves(firmware: str) -> None:
    plan = on(circle(100, 100, 80, 1200))  # moves of 8 ms
    with at_work(plan, firmware=firmware, button_at=3) as (driver, simulator):
        first = driver.draw(plan.strokes[0].points, lambda: False)
        assert first.why == "button"
        assert 40 < first.mm < 90
        trace = simulator.trace()
    assert trace["underruns"] == []
    assert trace["errors"] == []


@pytest.mark.parametrize("firmware", ["2.8.1", "3.0.3"])
def test_a_button_pressed_once_more_before_the_plot_goes_on_is_no_second_pause(firmware: str) -> None:
    plan = on(ALONG)
    with at_work(plan, firmware=firmware, button_at=[3, 3.45]) as (driver, simulator):
        assert driver.draw(plan.strokes[0].points, lambda: False).why == "button"
        assert [what for _, what in simulator.trace()["events"]].count("button") == 2
        assert driver.draw(plan.strokes[0].points, lambda: False).is_whole


def test_before_there_was_a_general_query_the_button_is_a_pause_between_strokes() -> None:
    plan = on(ALONG, ALONG)
    with at_work(plan, firmware="2.5.3", button_at=3) as (driver, _):
        assert driver.draw(plan.strokes[0].points, lambda: False).is_whole
        second = driver.draw(plan.strokes[1].points, lambda: False)
        assert (second.mm, second.why) == (0, "button")
        assert driver.draw(plan.strokes[1].points, lambda: False).is_whole


@pytest.mark.parametrize("firmware", ["2.5.3", "2.8.1", "3.0.3"])
def test_motors_without_power_are_seen_and_the_stroke_is_not_counted(firmware: str) -> None:
    plan = on(ALONG)
    with at_work(plan, firmware=firmware, supply_off_after=3) as (driver, simulator):
        with pytest.raises(UserError, match=r"lost its motors' power .*`plotsketch plot --resume`"):
            driver.draw(plan.strokes[0].points, lambda: False)
        assert driver.inked == 0
        assert driver.where() is None
        assert simulator.trace()["pen"]["told_up"]


def test_a_board_that_began_anew_is_told_from_one_that_went_on() -> None:
    plan = on(ALONG)
    with at_work(plan, firmware="3.0.3", power_off_after=3, power_on_after=3.1) as (driver, simulator):
        with pytest.raises(Restarted):
            driver.draw(plan.strokes[0].points, lambda: False)
        assert (driver.inked, driver.where()) == (0, None)
        assert simulator.trace()["pen"]["told_up"]


def test_nothing_is_drawn_without_power() -> None:
    plan = on(ALONG)
    with running("ebb", no_supply=True) as simulator:
        driver = EbbDriver(V3, Port(simulator.port))
        assert driver.open().facts["power"] == "off"
        with pytest.raises(UserError, match="its motors have no power"):
            driver.begin(plan)
        driver.close()


def test_a_plot_that_goes_on_without_power_asks_nobody_to_put_the_pen_home() -> None:
    desk, job = Answers(), Job.create(on(ALONG, [[5, 5], [9, 9]]), "sheet.svg", {}, Progress(sent=1, inked=1))
    with running("ebb", no_supply=True) as simulator, pytest.raises(UserError, match="its motors have no power"):
        run(job, simulator.port, desk=desk, is_resumed=True)
    assert desk.questions == []


@pytest.mark.parametrize("firmware", ["2.8.1", "3.0.3"])
def test_a_cable_that_is_pulled_is_said(firmware: str) -> None:
    plan = on(ALONG)
    with (
        at_work(plan, firmware=firmware, unplug_after=3) as (driver, _),
        pytest.raises(PortLost, match="is gone: is the cable in"),
    ):
        driver.draw(plan.strokes[0].points, lambda: False)


@pytest.mark.parametrize("firmware", ["2.6.5", "2.8.1", "3.0.3"])
def test_noise_on_the_line_changes_nothing(firmware: str) -> None:
    plan = on(*sketches(7, 3))
    with at_work(plan, firmware=firmware, garbage=0.1, seed=5) as (driver, simulator):
        drawn(driver, plan)
        trace = simulator.trace()
    assert any("noise" in event for _, event in trace["events"])
    assert trace["errors"] == []
    assert worst(trace, plan) <= A_STEP


def test_a_board_left_in_the_future_syntax_is_left_in_the_old_one() -> None:
    with running("ebb", firmware="3.0.3", future_syntax=True) as simulator:
        driver = EbbDriver(V3, Port(simulator.port))
        assert driver.open().firmware == "3.0.3"
        driver.close()
        port = Port(simulator.port)
        port.write(b"QS\r")
        assert port.read_until(b"\r\n", 1.0).strip() == b"0,0"
        port.close()


def test_a_host_that_is_killed_leaves_one_stroke_at_most_and_the_next_knows_where_the_pen_is() -> None:
    plan = on(ALONG)
    with running("ebb", firmware="2.8.1") as simulator:
        pid = os.fork()
        if not pid:  # the host: killed in the middle of its stroke, without a word
            driver = EbbDriver(V3, Port(simulator.port))
            driver.open()
            driver.begin(plan)
            asked = iter(range(100))

            def die() -> bool:
                if next(asked) > 8:
                    os.kill(os.getpid(), signal.SIGKILL)
                return False

            driver.draw(plan.strokes[0].points, die)
            os._exit(1)
        assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
        port = Port(simulator.port)
        port.write(b"LM,8589934")  # half a command on its way
        port.close()
        driver = EbbDriver(V3, Port(simulator.port))
        driver.open()
        trace = simulator.trace()
        assert trace["pen"]["told_up"]
        assert driver.where() == pytest.approx(tuple(trace["place"]))
        assert driver.resumed(3, 3) == 3
        driver.begin(plan)
        assert driver.draw(plan.strokes[0].points, lambda: False).is_whole
        lines = ink(simulator.trace())
        assert off(np.array(ALONG), lines[-1]) <= A_STEP
        driver.close()


def test_the_machine_is_moved_by_hand_of_the_program() -> None:
    with running("ebb", firmware="2.8.1") as simulator:
        driver = EbbDriver(V3, Port(simulator.port))
        driver.open()
        assert driver.where() is None
        driver.jog(12, 5)
        assert driver.where() == (12, 5)
        assert simulator.trace()["place"] == [12, 5]
        driver.pen(up=False)
        assert not simulator.trace()["pen"]["up"]
        driver.pen(up=True)
        assert simulator.trace()["pen"]["up"]
        driver.home()
        assert simulator.trace()["place"] == [0, 0]
        assert simulator.trace()["errors"] == []
        driver.close()


def test_a_pen_that_was_lowered_by_hand_is_lifted_before_the_first_hop() -> None:
    plan = on([[50, 50], [60, 50]])
    with at_work(plan) as (driver, simulator):
        driver.pen(up=False)
        driver.draw(plan.strokes[0].points, lambda: False)
        assert [len(line) > 1 for line in ink(simulator.trace())] == [False, True]


def test_home_is_found_without_the_command_for_it() -> None:
    with running("ebb", firmware="2.5.3") as simulator:
        driver = EbbDriver(V3, Port(simulator.port))
        driver.open()
        with pytest.raises(UserError, match="does not know where its home is"):
            driver.home()
        driver.jog(12, 5)
        driver.home()
        assert simulator.trace()["place"] == [0, 0]
        driver.close()


def test_a_place_on_the_page_is_gone_to_with_the_pen_up() -> None:
    plan = on([[10, 10], [100, 20]], page=(210.0, 297.0))
    with at_work(plan) as (driver, simulator):
        driver.go(200, 20)
        assert simulator.trace()["place"] == [20, 10]  # a page that lies turned
        assert simulator.trace()["ink"] == []


def test_codes_of_a_layer_are_honoured() -> None:
    plan = on(ALONG, code=True)
    with running("ebb") as simulator:
        driver = EbbDriver(V3, Port(simulator.port))
        driver.open()
        driver.begin(plan)
        before = simulator.trace()["seconds"]
        driver.layer(plan.layers[0])
        driver.draw(plan.strokes[0].points, lambda: False)
        driver.settle()
        trace = simulator.trace()
        driver.pen(up=False)
        assert simulator.trace()["pen"]["width"] == 9855 + round((27831 - 9855) * 0.1)  # at 10 percent
        driver.close()
    assert trace["errors"] == []
    took = sum(times.seconds for times in plan.times()) - 256.3 / 150.6 - 0.132  # but for the way home
    assert trace["seconds"] - before == pytest.approx(took, abs=0.2)  # a lower pen takes longer


@pytest.mark.parametrize(
    ("stroke", "words"),
    [
        ([[10, 10], [301, 50]], "1.00 mm at the right"),
        ([[-2.5, 10], [30, 250]], "2.50 mm at the left, 32.00 mm at the bottom"),
    ],
)
def test_what_the_pen_does_not_reach_is_refused_with_the_overhang(stroke: Any, words: str) -> None:
    plan = on(stroke)
    with running("ebb") as simulator:
        driver = EbbDriver(V3, Port(simulator.port))
        driver.open()
        with pytest.raises(UserError, match=f"300 x 218 mm on this page: {words}"):
            driver.begin(plan)
        assert simulator.trace()["motors"] == [False, False]
        driver.close()


def test_a_plot_as_bytes_is_what_would_be_sent() -> None:
    plan = on([[10, 10], [40, 10]])
    old, new = ebb_bytes(plan, "2.6.5"), ebb_bytes(plan)
    assert b"\rEM,1,1\r" in new
    assert b"\rSP,0,146\rLM," in new
    assert b",3\rSP,1,130\r" in new
    assert new.endswith(b"\rSL,0\rEM,0,0\r")
    assert b"LM" not in old
    assert b"\rSP,0,146\rSM," in old
    assert b"CU,10,1\r" in ebb_bytes(plan, "3.0.3")
    with pytest.raises(UserError, match="is no version"):
        ebb_bytes(plan, "newest")


@pytest.mark.parametrize("firmware", ["2.8.1", "3.0.3"])
def test_a_board_does_the_bytes_of_a_file_as_it_does_what_is_sent(firmware: str) -> None:
    """Every command of the file is known to the simulated board, which draws the sheet when it gets them one by one."""
    plan = on([[10, 10], [40, 10], [40, 30]])
    with running("ebb", firmware=firmware) as simulator:
        port = Port(simulator.port)
        for command in ebb_bytes(plan, firmware).split(b"\r"):
            port.write(command + b"\r")
            port.read(0.3)
        port.close()
        trace = simulator.trace()
    assert trace["errors"] == []
    assert worst(trace, plan) <= A_STEP


def test_a_module_of_the_driver_starts_no_torch() -> None:
    code = "import sys, plotsketch.plotter.ebb_driver; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
