"""The simulated GRBL 1.1, by what its interface, commands, jogging and settings documents say."""

from __future__ import annotations

import argparse
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.plotter.simulators import grbl
from plotsketch.plotter.simulators.grbl_machine import Grbl
from plotsketch.plotter.simulators.grbl_planner import profile
from plotsketch.plotter.simulators.wire import Unplugged, running

BANNER = b"\r\nGrbl 1.1h ['$' for help]\r\n"
DOWN = b"M3 S90\n"
UP = b"M3 S0\n"


def machine(*words: str) -> Grbl:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind")
    grbl.add_options(parser)
    return grbl.machine(parser.parse_args(["grbl", *words]))


def said(one: Grbl, data: bytes) -> list[str]:
    return one.receive(data).decode().split("\r\n")[:-1]


def state(one: Grbl) -> str:
    return said(one, b"?")[0].strip("<>").split("|")[0]


def place(one: Grbl) -> tuple[float, ...]:
    found = re.search(r"MPos:([-\d.,]+)", said(one, b"?")[0])
    assert found
    return tuple(map(float, found[1].split(",")))


def until(one: Grbl, wanted: str) -> None:
    for _ in range(5000):
        if state(one) == wanted:
            return
    raise AssertionError(f"never {wanted}")


def leg(mm: float, speed: float, acceleration: float = 500) -> float:
    top = min(speed, math.sqrt(mm * acceleration))
    return mm / top + top / acceleration


# --- lines and their answers


@pytest.mark.parametrize(
    "line, number",
    [
        (b"10", 1),
        (b"GX1", 2),
        (b"$Q", 3),
        (b"G1X1F-3", 4),
        (b"$H", 5),
        (b"$0=2", 6),
        (b"$20=1", 10),
        (b"G0X" + b"1" * 90, 11),
        (b"$J=X10", 22),
        (b"$J=G1X10F100", 16),
        (b"$J=F100", 26),
        (b"G99", 20),
        (b"V1", 20),
        (b"G0G1X1F1", 24),
        (b"G20G21", 21),
        (b"M3M5", 21),
        (b"G1X1", 22),
        (b"M3.5", 23),
        (b"G92X1G0X1", 24),
        (b"G0X1X2", 25),
        (b"G92", 26),
        (b"G4", 28),
        (b"G80X1", 31),
        (b"G0X1P3", 36),
    ],
)
def test_wrong_lines_have_their_numbers(line: bytes, number: int) -> None:
    one = machine()
    assert said(one, line + b"\n") == [f"error:{number}"]
    assert said(one, b"G0 X1\n") == ["ok"]
    assert str(number) in one.trace()["errors"][0]["what"]


def test_blanks_comments_and_empty_lines_are_nothing() -> None:
    one = machine()
    assert said(one, b"g0 x 1 (to the right) y2 ; and up\n\n\r\n(only this)\n") == ["ok"] * 5
    assert place_when_idle(one) == (1, 2, 0)


def place_when_idle(one: Grbl) -> tuple[float, ...]:
    until(one, "Idle")
    return place(one)


def test_it_tells_of_itself() -> None:
    one = machine("--set", "120=700")
    assert "$120=700.000" in said(one, b"$$\n") and "$30=1000" in said(one, b"$$\n")
    assert said(one, b"G91 G20 F2 M3 S7\n$G\n")[1] == "[GC:G0 G54 G17 G20 G91 G94 M3 M9 T0 F50.8 S7]"
    assert said(one, b"G92 X1\n$#\n")[-4] == "[G92:-25.400,0.000,0.000]"
    assert said(one, b"$I\n")[-1] == "ok" and said(one, b"$\n")[0].startswith("[HLP:")


def test_settings_are_kept_and_bytes_that_come_meanwhile_are_lost() -> None:
    one = machine()
    assert said(one, b"$110=3000\n") == ["ok"]
    assert "$110=3000.000" in said(one, b"$$\n")
    assert said(one, b"$111=3000\nG0X1\n") == ["ok"]
    assert "EEPROM" in one.trace()["errors"][0]["what"]


def test_status_reports_tell_of_offsets_now_and_then() -> None:
    one = machine()
    said(one, b"G92 X-5\n")
    reports = [said(one, b"?")[0] for _ in range(25)]
    assert reports[0] == "<Idle|MPos:0.000,0.000,0.000|FS:0,0|WCO:5.000,0.000,0.000>"
    assert reports[1] == "<Idle|MPos:0.000,0.000,0.000|FS:0,0|Ov:100,100,100>"
    assert reports[2] == "<Idle|MPos:0.000,0.000,0.000|FS:0,0>"
    assert sum("WCO" in one for one in reports) == 3
    assert "WPos:-5.000" in said(one, b"$10=2\n?")[-1] or "WPos:-5.000" in said(one, b"?")[0]
    assert "Bf:15,128" in said(one, b"?")[0]


# --- motion


def test_a_move_takes_the_time_of_its_ramps() -> None:
    one = machine("--latency", "0", "--baud", "100000000")
    said(one, b"G1 X100 F3000\nG4 P0\n")
    assert one.seconds == pytest.approx(leg(100, 50), abs=1e-4)
    said(one, b"G0 X0 Y0\nG4 P0.5\n")
    assert one.seconds == pytest.approx(leg(100, 50) + leg(100, 100) + 0.5, abs=1e-4)


def test_points_in_line_do_not_slow_it() -> None:
    one = machine("--latency", "0", "--baud", "100000000")
    said(one, b"F3000\n" + b"".join(b"G1 X%d\n" % x for x in range(10, 101, 10)) + b"G4 P0\n")
    assert one.seconds == pytest.approx(leg(100, 50), abs=1e-4)


def test_a_right_corner_is_taken_at_the_speed_of_its_junction_deviation() -> None:
    one = machine("--latency", "0", "--baud", "100000000")
    said(one, b"G1 X100 F3000\nG1 Y100\nG4 P0\n")
    sine = math.sqrt(0.5)
    corner = math.sqrt(500 / sine * 0.01 * sine / (1 - sine))  # the corner's direction uses both axes
    half = 100 / 50 + (50 / 2 + (50 - corner) ** 2 / 2 / 50) / 500
    assert one.seconds == pytest.approx(2 * half, abs=1e-4)


def test_axes_keep_to_their_own_limits() -> None:
    one = machine("--latency", "0", "--baud", "100000000", "--set", "111=600", "--set", "121=100")
    said(one, b"G1 Y10 F6000\nG4 P0\n")
    assert one.seconds == pytest.approx(leg(10, 10, 100), abs=1e-4)


def test_ink_is_what_is_drawn_with_the_pen_down_in_work_coordinates() -> None:
    one = machine()
    said(one, b"G21 G90\nG92 X100 Y100\n" + UP + b"G0 X110 Y100\n" + DOWN + b"G4 P0.15\nG1 X120 F3000\n")
    said(one, b"G91\nG1 Y10\n" + UP + b"G4 P0.1\n" + DOWN + UP + b"M5\n")
    trace = one.trace()
    assert trace["ink"] == [[[110, 100], [120, 100], [120, 110]], [[120, 110]]]
    assert trace["errors"] == [] and not trace["pen_down"]


def test_a_pen_on_z_draws_where_z_is_low() -> None:
    one = machine("--pen-down", "Z<=0")
    said(one, b"G0 Z2\nG0 X10\nG1 Z-1 F600\nG1 X20\nG0 Z2\nG1 X40 Z-2\nG0 Z2\nX0\n")
    ink = one.trace()["ink"]
    assert ink == [[[10, 0], [20, 0]], [[pytest.approx(30), 0], [40, 0]]]
    with pytest.raises(UserError, match="S>=50"):
        machine("--pen-down", "down")


def test_inches_and_machine_coordinates() -> None:
    one = machine()
    said(one, b"G92 X5\nG20 G0 X1\nG53 G0 Y2\nG4 P0\n")
    assert place(one) == (20.4, 50.8, 0)


def test_a_program_that_stops_waits_for_a_person() -> None:
    one = machine()
    assert said(one, b"G0 X1\nM0\nG0 X2\n") == ["ok"]
    assert state(one) == "Hold:0"
    assert said(one, b"~") == ["ok", "ok"]
    assert said(one, b"M2\n") == ["[MSG:Pgm End]", "ok"]


# --- buffers


def test_a_line_waits_for_room_in_the_planner() -> None:
    one = machine("--set", "10=3")
    assert said(one, b"G91 F600\n" + b"G1 X1\n" * 15) == ["ok"] * 16
    assert one.seconds < 0.1
    assert "Bf:0," in said(one, b"?")[0]
    assert said(one, b"G1 X1\nG1 X1\n") == ["ok", "ok"]
    assert one.seconds > 0.1


def test_a_flood_overruns_the_receive_buffer() -> None:
    one = machine()
    answers = said(one, b"G91 F60\n" + b"G1 X1\n" * 100)
    trace = one.trace()
    assert trace["overflows"] > 0 and trace["rx_high_water"] == 127 and len(answers) < 101
    assert "receive buffer" in trace["errors"][0]["what"]


def test_counting_characters_fills_the_buffer_and_overruns_nothing() -> None:
    one = machine()
    lines = [b"G91F6000\n"] + [b"G1X%d\n" % (2 - 4 * (n // 20 % 2)) for n in range(200)]
    sent: list[int] = []
    answered = 0
    while lines:
        block = b""
        while lines and sum(sent) + len(block) + len(lines[0]) <= 127:
            block += lines.pop(0)
        answered += len(said(one, block))
    trace = one.trace()
    assert answered == 201 and trace["overflows"] == 0 and 100 < trace["rx_high_water"] <= 127


def test_a_host_that_is_late_starves_the_planner_on_paper() -> None:
    def drawn(late: bool) -> dict[str, object]:
        one = machine("--latency", "0.2") if late else machine()
        said(one, DOWN + b"G91 F6000\n")
        for _ in range(20):
            said(one, b"G1 X1\n")
        said(one, UP)
        return one.trace()

    assert drawn(late=False)["starved"] == 0
    late = drawn(late=True)
    assert late["starved"] == 19
    assert isinstance(late["idle_pen_down_seconds"], float) and late["idle_pen_down_seconds"] > 0.1


def test_dwells_are_no_blots() -> None:
    one = machine()
    said(one, DOWN + b"G4 P3\nG1 X10 F3000\n" + UP)
    assert one.trace()["idle_pen_down_seconds"] < 0.02


# --- real time


def test_a_hold_slows_down_and_keeps_the_pen_and_the_place() -> None:
    one = machine()
    said(one, DOWN + b"G1 X100 F3000\nG1 X0\n")
    while place(one)[0] < 30:
        pass
    one.receive(b"!")
    assert state(one) == "Hold:1"
    until(one, "Hold:0")
    x = place(one)[0]
    assert x == pytest.approx(30 + 50**2 / 2 / 500, abs=2.5)
    assert one.trace()["pen_down"]
    assert one.receive(b"\x18") == BANNER
    assert place(one)[0] == x and state(one) == "Idle" and one.trace()["alarms"] == []
    assert one.trace()["ink"] == [[[0, 0], [pytest.approx(x, abs=0.001), 0]]]


def test_a_hold_goes_on_where_it_stopped() -> None:
    one = machine()
    said(one, DOWN + b"G1 X100 F3000\nG1 Y100\n")
    one.receive(b"?" * 30)
    one.receive(b"!")
    until(one, "Hold:0")
    one.receive(b"~")
    until(one, "Idle")
    ink = one.trace()["ink"]
    assert len(ink) == 1 and ink[0][0] == [0, 0] and ink[0][-2:] == [[100, 0], [100, 100]]
    assert all(y == 0 for _, y in ink[0][:-1])


def test_a_reset_while_moving_loses_the_position() -> None:
    one = machine()
    said(one, b"G1 X100 F3000\n")
    while place(one)[0] < 30:
        pass
    assert said(one, b"\x18") == ["ALARM:3", "", "Grbl 1.1h ['$' for help]", "[MSG:'$H'|'$X' to unlock]"]
    assert state(one) == "Alarm" and said(one, b"G0 X0\n") == ["error:9"]
    assert said(one, b"$X\n") == ["[MSG:Caution: Unlocked]", "ok"]
    assert one.drift[0] == pytest.approx(50**2 / 2 / 500)
    said(one, b"G0 X0\n" + DOWN + UP)
    assert one.trace()["ink"] == [[[pytest.approx(2.5), 0]]]


def test_overrides_change_the_speed_of_what_is_under_way() -> None:
    one = machine("--latency", "0", "--baud", "100000000")
    said(one, b"G1 X100 F3000\n")
    for _ in range(20):
        said(one, b"?")
    one.receive(b"\x91" * 10)  # 200 %
    reports = [said(one, b"?")[0] for _ in range(10)]
    assert any("FS:6000" in report for report in reports) and any("Ov:200,100,100" in report for report in reports)
    one.receive(b"\x90\x92\x92\x92\x92\x92")
    for _ in range(10):
        said(one, b"?")
    assert "FS:1500" in said(one, b"?")[0]
    one.receive(b"\x90\x97")
    until(one, "Idle")
    before = one.seconds
    said(one, b"G0 X0\nG4 P0\n")
    assert one.seconds - before == pytest.approx(leg(100, 25), abs=1e-3)


def test_check_mode_moves_nothing() -> None:
    one = machine()
    assert said(one, b"$C\n") == ["[MSG:Enabled]", "ok"]
    assert said(one, b"G0 X10\nG1 X20\nM3 S90\n") == ["ok", "error:22", "ok"] and state(one) == "Check"
    assert said(one, b"$C\n")[:2] == ["[MSG:Disabled]", "ok"]
    assert place(one) == (0, 0, 0) and one.trace()["ink"] == []


def test_a_jog_can_be_cancelled() -> None:
    one = machine()
    assert said(one, b"$J=G91 X100 F6000\n") == ["ok"]
    assert state(one) == "Jog" and said(one, b"G0 X0\n") == ["error:9"]
    for _ in range(10):
        said(one, b"?")
    one.receive(b"\x85")
    until(one, "Idle")
    x = place(one)[0]
    assert 0 < x < 100
    said(one, b"G91 G0 X1\nG4 P0\n")
    assert place(one)[0] == pytest.approx(x + 1, abs=0.002)


# --- limits, homing, power


def test_soft_limits_stop_it_and_jogs_are_refused() -> None:
    one = machine("--set", "22=1", "--set", "20=1")
    assert state(one) == "Alarm"
    assert said(one, b"$H\n") == ["ok"] and place(one) == (-1, -1, -1)
    assert said(one, b"$J=G91 X10 F100\n") == ["error:15"]
    assert said(one, b"G0 X-20\nG0 X5\n") == ["ok", "ALARM:2", "[MSG:Reset to continue]"]
    assert one.receive(b"?$X\n") == b""
    assert said(one, b"\x18")[-1] == "[MSG:'$H'|'$X' to unlock]"
    assert said(one, b"$X\n")[-1] == "ok"


def test_homing_that_finds_no_switch() -> None:
    one = machine("--set", "22=1", "--homing-fails")
    assert said(one, b"$H\n") == ["ALARM:9"] and state(one) == "Alarm"


def test_a_limit_switch_stops_everything() -> None:
    one = machine("--set", "21=1", "--limit-at", "0.5")
    said(one, DOWN + b"G1 X100 F3000\n")
    heard = b""
    for _ in range(40):
        heard += one.receive(b"?")
    assert b"ALARM:1\r\n" in heard and b"Reset to continue" in heard
    assert one.trace()["alarms"][0]["alarm"] == 1 and len(one.trace()["ink"]) == 1


def test_power_that_goes_takes_the_position() -> None:
    one = machine("--power-off-after", "2")
    said(one, b"G0 X50\n")
    heard = b""
    while one.seconds < 2.1:
        heard += one.receive(b"?")
    assert BANNER in heard and place(one) == (0, 0, 0)
    said(one, DOWN + UP)
    assert one.trace()["ink"] == [[[50, 0]]]


def test_a_new_host_resets_an_arduino() -> None:
    one = machine("--dtr-reset", "--hand-home")
    assert one.receive(b"\n") == BANNER + b"ok\r\n"
    said(one, DOWN + b"G1 X50 F3000\n")
    assert one.hello() == BANNER
    said(one, UP + DOWN + UP)
    assert one.trace()["ink"][-1] == [[0, 0]]
    assert machine().hello() == b""


def test_a_pulled_cable_does_not_stop_it() -> None:
    one = machine("--unplug-after", "0.5")
    with pytest.raises(Unplugged):
        one.receive(DOWN + b"G1 X100 F3000\nG4 P0\n")
    assert one.trace()["ink"] == [[[0, 0], [100, 0]]]


# --- whatever comes


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from([b"\n", b"?", b"!", b"~", b"\x18", b"\x85", b"\x91", b"\x92", b"$X\n", b"$H\n", b"$C\n"]),
            st.sampled_from([b"G1X10F600\n", b"G0X0Y0Z1\n", b"M3S90\n", b"M5\n", b"M0\n", b"G4P.1\n", b"G92X1\n"]),
            st.sampled_from([b"$J=G91X3F500\n", b"$22=1\n", b"$20=1\n", b"G10L20P1X0\n", b"G28\n", b"G91G1Y3\n"]),
        ),
        max_size=30,
    )
)
def test_no_bytes_break_it(pieces: list[bytes]) -> None:
    one, before = machine(), 0.0
    for piece in pieces:
        one.receive(piece)
        assert one.seconds >= before
        before = one.seconds
    trace = one.trace()
    assert all(math.isfinite(x) for line in trace["ink"] for point in line for x in point)


speeds = st.floats(0.1, 200)


@given(speeds, speeds, st.floats(0, 200), st.floats(10, 5000), st.floats(0.01, 300))
def test_profiles_cover_their_way(speed: float, nominal: float, last: float, acceleration: float, mm: float) -> None:
    # exits that can be reached at all, as the planner's passes give them
    low, high = max(speed**2 - 2 * acceleration * mm, 0.0), speed**2 + 2 * acceleration * mm
    exit_sqr = min(max(min(last, nominal) ** 2, low), high)
    phases = profile(speed, nominal, exit_sqr, acceleration, mm)
    way = sum(seconds * (v + a * seconds / 2) for seconds, v, a in phases)
    assert way == pytest.approx(mm, rel=1e-6, abs=1e-9)
    assert all(seconds >= 0 for seconds, _, _ in phases)
    seconds, v, a = phases[-1]
    assert v + a * seconds == pytest.approx(math.sqrt(exit_sqr), rel=1e-5, abs=1e-3)


def test_it_serves_at_a_terminal() -> None:
    import serial

    with running("grbl", set=["110=9000", "111=9000"], pen_down="S>=50") as simulator:
        with serial.Serial(simulator.port.removeprefix("simulator:"), timeout=20) as port:
            port.write(DOWN + b"G1 X10 F3000\n" + UP)
            assert [port.read_until(b"\r\n") for _ in range(3)] == [b"ok\r\n"] * 3
        trace = simulator.trace()
    assert trace["ink"] == [[[0, 0], [10, 0]]] and trace["kind"] == "grbl"
