"""Plotting on machines with GRBL: the driver against a simulated GRBL 1.1 that was written from its documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from plot_cases import DyingPort, Killed, distance

from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import Machine, load_machine
from plotsketch.output.gcode_dialect import dialect_of
from plotsketch.output.gcode_frame import Frame
from plotsketch.plotter.grbl_driver import GrblDriver
from plotsketch.plotter.grbl_file import grbl_bytes
from plotsketch.plotter.grbl_words import ALARMS, ERRORS, settings_of, status_of
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke
from plotsketch.plotter.port import Port, PortLost
from plotsketch.plotter.serial_recorder import Recorder
from plotsketch.plotter.serial_settings import serial_settings
from plotsketch.plotter.simulators.wire import Running, running

Floats = NDArray[np.float64]
A5 = (210.0, 148.0)
SERVO, AXIS = load_machine("grbl"), load_machine("grbl-z")
INCHES = replace(SERVO, gcode={**SERVO.gcode, "units": "inch"})
# what $$ says of the profile's machine
SETTINGS = ["110=6000", "111=6000", "112=600", "120=500", "121=500", "122=100", "130=300", "131=220", "11=0.01"]


def never() -> bool:
    return False


def layer(number: int, **code: Any) -> PlanLayer:
    return PlanLayer(number, str(number), "#000000", 0.3, LayerCode(number, **code))


def plan_of(
    machine: Machine, count: int, *, page: tuple[float, float] = A5, most: int = 15, layers: int = 1,
) -> Plan:  # fmt: skip
    rng = np.random.default_rng(count)
    strokes = []
    for number in range(count):
        start = rng.uniform([40, 40], [page[0] - 40, page[1] - 40])
        turns = rng.uniform(0, 6.28) + np.cumsum(rng.normal(0, 0.4, int(rng.integers(0, most))))
        ways = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1) * 2, axis=0)
        points = np.concatenate([[start], start + ways]).clip(5, np.array(page) - 5)
        strokes.append(Stroke(number * layers // count, points))
    return Plan(machine, page, tuple(layer(n + 1) for n in range(layers)), tuple(strokes))


def one_stroke(machine: Machine, points: object) -> Plan:
    return Plan(machine, A5, (layer(1),), (Stroke(0, np.array(points, dtype=float)),))


def simulated(machine: Machine = SERVO, *more: str, **options: object) -> Any:
    rule = "Z<=0" if "Z" in machine.gcode["pen_up"] else "S>=45"
    return running("grbl", **({"pen_down": rule, "set": [*SETTINGS, *more]} | options))


@contextmanager
def driving(simulator: Running, machine: Machine = SERVO, port: type[Port] = Port) -> Iterator[GrblDriver]:
    driver = GrblDriver(machine, port(simulator.port, serial_settings(machine).baud))
    try:
        yield driver
    finally:
        driver.close()


def draw(driver: GrblDriver, plan: Plan, first: int = 0, sent: Callable[[int], None] = lambda count: None) -> None:
    current = None
    for number, stroke in enumerate(plan.strokes[first:], first):
        if stroke.layer != current:
            current = stroke.layer
            driver.layer(plan.layers[current])
        drawn = driver.draw(stroke.points, never)
        assert drawn.is_whole and drawn.mm == pytest.approx(stroke.mm, abs=0.01)
        sent(number + 1)
    driver.settle()


def plotted(plan: Plan, *more: str, **options: object) -> dict[str, Any]:
    with simulated(plan.machine, *more, **options) as simulator, driving(simulator, plan.machine) as driver:
        driver.open()
        driver.begin(plan)
        draw(driver, plan)
        assert driver.inked == len(plan.strokes)
        driver.park()
        return simulator.trace()


def distinct(points: object) -> Floats:
    found = np.array(points, dtype=float)
    return found[np.append(True, (np.abs(np.diff(found, axis=0)) > 1e-6).any(axis=1))]


def wanted(plan: Plan) -> list[Floats]:
    """A plan's strokes in mm of the work coordinates, to the micrometre as they are sent."""
    frame = Frame.of(plan.machine, plan.page, dialect_of(plan.machine).y)
    return [distinct(frame.on_machine(stroke.points).round(3)) for stroke in plan.strokes]


def same(ink: object, stroke: Floats) -> bool:
    """Whether a line of ink is a stroke, within a motor step."""
    drawn = distinct(ink)
    return drawn.shape == stroke.shape and bool(np.abs(drawn - stroke).max(initial=0) <= SERVO.step)


def begins(ink: Floats, stroke: Floats) -> bool:
    """Whether a line of ink is a stroke up to where it was broken off, be that between two corners."""
    if len(ink) == 1 or len(ink) > len(stroke):
        return same(ink, stroke[:1])
    return same(ink[:-1], stroke[: len(ink) - 1]) and distance(ink[-1], stroke[len(ink) - 2 : len(ink)]) <= SERVO.step


def assert_drawn(trace: dict[str, Any], plan: Plan) -> None:
    strokes = wanted(plan)
    assert len(trace["ink"]) == len(strokes)
    assert all(same(ink, stroke) for ink, stroke in zip(trace["ink"], strokes, strict=True))
    assert trace["errors"] == [] and trace["alarms"] == []
    assert trace["overflows"] == 0 and trace["starved"] == 0 and trace["rx_high_water"] <= 127
    assert not trace["pen_down"] and trace["state"] == "Idle"


FINE = [(x, 70 + 20 * np.sin(x / 5)) for x in np.linspace(20, 190, 800)]
PLANS = {
    "servo": plan_of(SERVO, 30, layers=2),
    "axis": plan_of(AXIS, 15),
    "inches": plan_of(INCHES, 15),
    "standing": plan_of(SERVO, 15, page=(148, 210)),
    "fine": one_stroke(SERVO, FINE),
    "dot": one_stroke(SERVO, [(50, 50)]),
    "upper left": plan_of(replace(SERVO, corner="upper-left", gcode={**SERVO.gcode, "y": "down"}), 10),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_ink_is_the_sheet(plan: Plan) -> None:
    trace = plotted(plan)
    assert_drawn(trace, plan)
    assert trace["at"][:2] == [0, 0]


def test_500_strokes_take_as_long_as_was_estimated() -> None:
    plan = plan_of(SERVO, 500)
    trace = plotted(plan)
    assert_drawn(trace, plan)
    assert trace["seconds"] == pytest.approx(sum(times.seconds for times in plan.times()), rel=0.01)


def test_2_mm_segments_at_200_mm_a_second_never_starve_it() -> None:
    quick = replace(SERVO, draw_speed=200, travel_speed=200, acceleration=2000, travel_acceleration=2000)
    x = np.arange(20, 190, 2.0)
    plan = one_stroke(quick, np.stack([x, 70 + 10 * np.sin(x / 30)], axis=1))
    assert_drawn(plotted(plan, "110=12000", "111=12000", "120=2000", "121=2000"), plan)


def test_a_layers_code_is_its_feed_and_its_wait() -> None:
    coded = replace(SERVO, percent_speed=0.5)
    plan = replace(one_stroke(coded, [(50, 50), (60, 50)]), layers=(layer(1, speed=40, delay=1500),))
    lines = grbl_bytes(plan).decode("ascii").splitlines()
    assert "G4 P1.5" in lines and "G1 X60 Y98 F1200" in lines


def test_the_delay_of_a_label_needs_no_pen_set() -> None:
    plan = replace(one_stroke(SERVO, [(50, 50), (60, 50)]), layers=(layer(1, delay=1500),))
    assert b"\nG4 P1.5\n" in grbl_bytes(plan)
    assert plan.times()[0].wait_seconds == 1.5


@pytest.mark.parametrize("report", ["10=0", "10=1", "10=2"])
def test_the_place_is_known_however_it_is_reported(report: str) -> None:
    with simulated(SERVO, report) as simulator, driving(simulator) as driver:
        driver.open()
        assert driver.where() is None
        driver.begin(plan_of(SERVO, 1))
        driver.go(70, 100)
        assert driver.where() == pytest.approx((70, 48), abs=0.02)
        driver.jog(5, -10)
        assert driver.where() == pytest.approx((75, 38), abs=0.02)
        driver.home()
        assert driver.where() == pytest.approx((0, 0), abs=0.02)


def test_reports_in_inches_are_taken_for_such() -> None:
    said = {
        b"?": b"<Idle|WPos:2.000,1.000,0.000|FS:0,0>\n",
        b"$$\n": b"$13=1\nok\n",
        b"$G\n": b"[GC:G0 G54 G21 G90 T73]\nok\n",
    }
    driver = GrblDriver(SERVO, Recorder(lambda data: said.get(data, b"ok\n" * data.count(b"\n"))))
    driver.open()
    assert driver.where() == pytest.approx((50.8, 25.4))


def test_the_pen_goes_up_and_down_where_it_is() -> None:
    with simulated() as simulator, driving(simulator) as driver:
        driver.open()
        driver.pen(up=False)
        assert simulator.trace()["pen_down"]
        driver.pen(up=True)
        assert not simulator.trace()["pen_down"]


def test_its_own_settings_are_held_against_the_profile() -> None:
    with (
        simulated(SERVO, "130=200", "110=3000", "120=100", "32=1", "11=0.02") as simulator,
        driving(simulator) as driver,
    ):
        identity = driver.open()
    assert identity.kind == "GRBL" and identity.firmware.startswith("1.1")
    for words in ("laser mode", "x travels 200 mm", "3000 mm/min at most", "$120 is 100", "$11 is 0.02"):
        assert words in identity.facts["warning"]
    with simulated() as simulator, driving(simulator) as driver:
        assert "warning" not in driver.open().facts


def test_a_machine_with_switches_is_homed_before_a_plot() -> None:
    plan = plan_of(SERVO, 5)
    with simulated(SERVO, "22=1") as simulator, driving(simulator) as driver:
        assert "locked" in driver.open().facts["alarm"]
        with pytest.raises(UserError, match="locked by an alarm"):
            driver.pen(up=False)
        assert driver.where() is None
        driver.begin(plan)
        draw(driver, plan)
        driver.park()
        assert_drawn(simulator.trace() | {"at": None}, plan)


@pytest.mark.parametrize("sides", [0, 1, 2, 3])
@pytest.mark.parametrize("corner", ["lower-left", "upper-left"])
def test_wherever_its_switches_are_it_draws_within_its_travel(sides: int, corner: str) -> None:
    machine = replace(SERVO, corner=corner)
    plan = plan_of(machine, 6)
    with (
        simulated(machine, "22=1", "20=1", f"23={sides}", "27=2") as simulator,
        driving(simulator, machine) as driver,
    ):
        driver.open()
        driver.begin(plan)
        draw(driver, plan)
        driver.park()
        assert_drawn(simulator.trace(), plan)
        # of x from -300 to 0 and y from -220 to 0, 2 mm from the switches at the paper's corner
        assert simulator.trace()["at"][:2] == [-298, -218 if corner == "lower-left" else -2]
        assert driver.where() == pytest.approx((0, 0), abs=0.01)


def test_homing_that_fails_is_named() -> None:
    with simulated(SERVO, "22=1", homing_fails=True) as simulator, driving(simulator) as driver:
        driver.open()
        with pytest.raises(UserError, match="alarm 9, homing did not find a switch"):
            driver.home()


def test_a_limit_switch_ends_a_plot_with_the_pen_up() -> None:
    plan = plan_of(SERVO, 30)
    with simulated(SERVO, "21=1", limit_at=20) as simulator, driving(simulator) as driver:
        driver.open()
        driver.begin(plan)
        with pytest.raises(UserError, match="alarm 1, a limit switch was hit.*put the pen home"):
            draw(driver, plan)
        assert not simulator.trace()["pen_down"]
        assert 0 < driver.inked < 30 and driver.where() is None


def test_a_power_cut_is_told_and_its_place_is_lost() -> None:
    plan = plan_of(SERVO, 30)
    with simulated(power_off_after=20) as simulator, driving(simulator) as driver:
        driver.open()
        driver.begin(plan)
        with pytest.raises(UserError, match="begun anew"):
            draw(driver, plan)
        trace = simulator.trace()
        assert not trace["pen_down"] and driver.where() is None
    assert [same(ink, stroke) for ink, stroke in zip(trace["ink"], wanted(plan), strict=False)][: driver.inked] == (
        [True] * driver.inked
    )


def test_a_cable_that_is_pulled_is_a_lost_port() -> None:
    plan = plan_of(SERVO, 30)
    with simulated(unplug_after=20) as simulator, driving(simulator) as driver:
        driver.open()
        driver.begin(plan)
        with pytest.raises(PortLost):
            draw(driver, plan)


def test_a_line_that_is_refused_is_named_with_its_error_and_the_pen_lifts() -> None:
    odd = replace(SERVO, gcode={**SERVO.gcode, "drop_dwell": 0.1, "dwell": "G4 P{seconds} Q1"})
    with simulated() as simulator, driving(simulator, odd) as driver, pytest.raises(UserError) as caught:
        driver.open()
    assert "says error 2" in str(caught.value) or "says error 20" in str(caught.value)
    assert "to the line 'G4 P0.15 Q1'" in str(caught.value)


@pytest.mark.parametrize("seed", range(4))
def test_a_program_that_is_killed_leaves_nothing_undone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plan = plan_of(SERVO, 25)
    sent = deaths = 0
    with simulated(dtr_reset=seed % 2 > 0, hand_home=True) as simulator:
        for lifetime in [*rng.integers(150, 3000, 3).tolist(), 1 << 30]:
            time.sleep(0.1)  # the simulator sees that the host before is gone
            with driving(simulator, SERVO, DyingPort) as driver:
                driver._port.left = lifetime  # type: ignore[attr-defined]
                try:
                    driver.open()
                    sent = driver.resumed(sent, sent)
                    driver.begin(plan)

                    def note(count: int) -> None:
                        nonlocal sent
                        sent = count

                    draw(driver, plan, sent, note)
                    driver.park()
                except Killed:
                    deaths += 1
        trace = simulator.trace()
    strokes = wanted(plan)
    which = [next((n for n, stroke in enumerate(strokes) if same(ink, stroke)), None) for ink in trace["ink"]]
    whole = [n for n in which if n is not None]
    assert set(whole) == set(range(len(strokes)))
    assert len(trace["ink"]) - len(strokes) <= deaths  # drawn twice, or in part before
    parts = [distinct(ink) for ink, n in zip(trace["ink"], which, strict=True) if n is None]
    assert all(any(begins(part, stroke) for stroke in strokes) for part in parts)
    assert not trace["pen_down"]


def test_a_place_that_was_kept_is_known_to_the_next_program() -> None:
    with simulated() as simulator:
        with driving(simulator) as driver:
            driver.open()
            driver.begin(plan_of(SERVO, 1))
            driver.go(70, 100)
        with driving(simulator) as driver:
            driver.open()
            assert driver.where() == pytest.approx((70, 48), abs=0.02)


def test_a_place_that_a_reset_has_taken_is_not() -> None:
    with simulated() as simulator:
        with driving(simulator) as driver:
            driver.open()
            driver.begin(plan_of(SERVO, 1))
            driver.go(70, 100)
            driver._port.write(b"\x18")
        with driving(simulator) as driver:
            driver.open()
            assert driver.where() is None
            with pytest.raises(UserError, match="does not know where the pen is"):
                driver.home()


def test_when_asked_to_stop_it_brakes_lifts_and_says_how_far_it_came() -> None:
    plan = one_stroke(SERVO, FINE)
    points = plan.strokes[0].points
    with simulated() as simulator, driving(simulator) as driver:
        driver.open()
        driver.begin(plan)
        driver.layer(plan.layers[0])
        asked = iter([False] * 60)
        drawn = driver.draw(points, lambda: next(asked, True))
        trace = simulator.trace()
        assert drawn.why == "asked" and 0 < drawn.mm < plan.strokes[0].mm
        ink = np.array(trace["ink"][0])
        assert np.hypot(*np.diff(ink, axis=0).T).sum() == pytest.approx(drawn.mm, abs=0.1)
        assert not trace["pen_down"] and driver.inked == 0
        assert driver.draw(points, lambda: True).mm == 0
        assert len(simulator.trace()["ink"]) == 1


def test_an_emergency_stop_lifts_and_keeps_the_place() -> None:
    plan = one_stroke(SERVO, FINE)

    class Twice(Exception):
        pass

    with simulated() as simulator, driving(simulator) as driver:
        driver.open()
        driver.begin(plan)
        driver.layer(plan.layers[0])
        asked = 0

        def interrupted() -> bool:
            nonlocal asked
            asked += 1
            if asked == 60:
                driver.stop_now()
                raise Twice
            return False

        with pytest.raises(Twice):
            driver.draw(plan.strokes[0].points, interrupted)
        trace = simulator.trace()
        assert not trace["pen_down"] and trace["alarms"] == []
        place = driver.where()
        assert place is not None
        x, y = np.array(trace["ink"][0])[-1]
        assert place == pytest.approx((x, y), abs=0.05)
        driver.stop_now()
        assert driver.where() == pytest.approx(place, abs=0.05)


def test_check_mode_reads_all_lines_and_draws_none() -> None:
    plan = plan_of(SERVO, 10)
    with simulated() as simulator, driving(simulator) as driver:
        driver.open()
        assert driver.check(plan) > 60
        assert simulator.trace()["ink"] == []
        driver.begin(plan)
        draw(driver, plan)
        driver.park()
        assert_drawn(simulator.trace(), plan)


def test_check_mode_names_the_line_that_would_be_refused() -> None:
    odd = replace(SERVO, gcode={**SERVO.gcode, "end": ["G99"]})
    with simulated() as simulator, driving(simulator, odd) as driver:
        driver.open()
        with pytest.raises(UserError, match=r"error 20, it does not know this command, to the line 'G99'"):
            driver.check(plan_of(odd, 3))
        assert simulator.trace()["state"] == "Idle"


def test_a_feed_hold_at_the_machine_is_waited_for() -> None:
    plan = one_stroke(SERVO, FINE)
    with simulated() as simulator, driving(simulator) as driver:
        driver.open()
        driver.begin(plan)
        driver.layer(plan.layers[0])
        asked = 0

        def pressed() -> bool:
            nonlocal asked
            asked += 1
            if asked in (60, 75):
                driver._port.write(b"!" if asked == 60 else b"~")
            return False

        assert driver.draw(plan.strokes[0].points, pressed).is_whole
        driver.park()
        trace = simulator.trace()
    (ink,), (stroke,) = trace["ink"], wanted(plan)
    assert asked > 60 and len(stroke) <= len(ink) <= len(stroke) + 2  # it may have stopped within a segment
    assert all(np.abs(np.array(ink) - point).max(axis=1).min() <= SERVO.step for point in stroke)


def test_what_does_not_fit_is_refused() -> None:
    plan = replace(one_stroke(SERVO, [(10, 10), (320, 10)]), page=(330, 200))
    with simulated() as simulator, driving(simulator) as driver:
        driver.open()
        with pytest.raises(UserError, match=r"20\.00 mm at the right"):
            driver.begin(plan)


def test_ports_where_nobody_or_somebody_else_answers_are_told_apart() -> None:
    with pytest.raises(UserError, match="nothing answers on"):
        GrblDriver(SERVO, Recorder(lambda data: b"")).open()
    with pytest.raises(UserError, match="answers, but not as GRBL does .'start'."):
        GrblDriver(SERVO, Recorder(lambda data: b"start\n")).open()
    with pytest.raises(UserError, match="is not driven by plotsketch"):
        serial_settings(load_machine("marlin"))


def test_a_file_has_the_bytes_that_draw_the_sheet() -> None:
    plan = plan_of(SERVO, 20, layers=2)
    data = grbl_bytes(plan)
    assert grbl_bytes(plan) == data and b"G92 X0.000 Y0.000" in data
    with simulated() as simulator:
        port = Port(simulator.port)
        for line in data.replace(b"?", b"").splitlines(keepends=True):
            port.write(line)
            port.read_until(b"k", 1.0)  # of ok
        port.close()
        trace = simulator.trace()
    assert_drawn(trace, plan)


@given(st.text(alphabet="<>|:,.-0123456789IdleRunHoldMPosWCOFS\n", max_size=60))
def test_reports_that_are_cut_short_are_none(text: str) -> None:
    status = status_of(text)
    assert status is None or text.strip().startswith("<")


@settings(max_examples=50)
@given(
    st.sampled_from(["Idle", "Run", "Hold:0", "Hold:1", "Alarm", "Jog"]),
    st.tuples(*[st.floats(-999, 999)] * 3),
    st.booleans(),
)
def test_reports_are_read(state: str, place: tuple[float, float, float], with_offset: bool) -> None:
    numbers = ",".join(f"{number:.3f}" for number in place)
    status = status_of(f"<{state}|MPos:{numbers}|Bf:15,128|FS:0,0{f'|WCO:{numbers}' if with_offset else ''}>")
    assert status is not None and status.state == state.partition(":")[0]
    assert status.mpos == pytest.approx(place[:2], abs=0.001)
    assert (status.wco is not None) == with_offset
    assert status.is_at_rest == (state in ("Idle", "Hold:0", "Alarm"))


def test_settings_and_numbers_are_read() -> None:
    assert settings_of(["$130=200.000", "$22=1", "$N0=G54", "$x=1", "ok"]) == {130: 200.0, 22: 1.0}
    assert set(ALARMS) == set(range(1, 10)) and {1, 9, 15, 20, 22, 33, 38} <= set(ERRORS)
