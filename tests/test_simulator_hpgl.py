"""The simulated HP-GL plotters, by what the 7475A's and 7470A's Interfacing and Programming Manuals say."""

from __future__ import annotations

import argparse
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.plotter.simulators import hpgl
from plotsketch.plotter.simulators.hpgl_machine import Plotter
from plotsketch.plotter.simulators.hpgl_pen import clip
from plotsketch.plotter.simulators.wire import Unplugged, running

UNIT = 0.02488  # mm
ZIGZAG = b",".join(b"%d,%d" % (n % 2 * 5000, 10 * n) for n in range(400))  # 3 kB, far more than the buffer


def plotter(*words: str, kind: str = "hp7475a") -> Plotter:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind")
    hpgl.add_options(parser)
    return hpgl.machine(parser.parse_args([kind, *words]))


def said(machine: Plotter, data: bytes) -> list[str]:
    return machine.receive(data).decode().split("\r")[:-1]


def faults(machine: Plotter) -> list[str]:
    return [one["what"] for one in machine.trace()["errors"]]


def leg(mm: float, speed: float, acceleration: float = 19600) -> float:
    """Seconds from rest to rest."""
    top = min(speed, math.sqrt(mm * acceleration))
    return mm / top + top / acceleration


# --- time


def test_paced_it_answers_device_control_while_it_draws_and_buffered_questions_when_it_comes_to_them() -> None:
    machine = plotter()
    assert machine.pass_time(1.0) == b""
    assert said(machine, b"SP1;VS1;PA5000,0;PD5000,5000;OS;\x1b.B") == ["996"]
    assert machine.seconds < 1.1
    assert machine.pass_time(10.0) == b""
    assert said(machine, b"\x1b.L") == []
    assert machine.pass_time(25.0) == b"25\r1024\r"


# --- status and errors


def test_status_is_24_at_power_up_and_reading_it_clears_initialized() -> None:
    machine = plotter()
    assert said(machine, b"OS;") == ["24"]
    assert said(machine, b"OS;") == ["16"]
    assert said(machine, b"IN;OS;") == ["24"]


def test_status_tells_of_the_pen_p1_p2_and_errors() -> None:
    machine = plotter()
    machine.receive(b"OS;SP1;PD;")
    assert said(machine, b"OS;") == ["17"]
    assert said(machine, b"PU;IP0,0,1000,1000;OS;OP;OS;") == ["18", "0,0,1000,1000", "16"]
    assert said(machine, b"XX;OS;OE;OS;OE;") == ["48", "1", "16", "0"]


@pytest.mark.parametrize(
    "wrong, number",
    [
        (b"ZZ;", 1),
        (b"7;", 1),
        (b"PA1;", 2),
        (b"IP1,2,3;", 2),
        (b"SP9;", 3),
        (b"PA40000,0;", 3),
        (b"PA1.2.3,4;", 3),
        (b"SC0,0,0,10;", 3),
        (b"RO45;", 3),
        (b"FS3;", 1),  # the 7550A's
        (b"PA32000,0;PR32000,0;", 6),
    ],
)
def test_wrong_instructions_have_their_numbers(wrong: bytes, number: int) -> None:
    assert said(plotter(), wrong + b"OE;") == [str(number)]


def test_the_larger_plotter_has_what_the_smaller_has_not() -> None:
    machine = plotter(kind="hp7550a")
    assert said(machine, b"FS3;VS40,2;SP8;OE;OI;\x1b.L") == ["0", "7550A", "12800"]
    assert said(machine, b"PS4;OE;") == ["1"]


def test_letters_may_be_small_and_a_semicolon_may_be_missing() -> None:
    machine = plotter()
    assert said(machine, b"in sp1 pa 100 200 pd300,-0+400\noa") == ["300,0,1"]  # -0 and +400: numbers of their own
    assert said(machine, b";OE") == ["2"]


def test_output_is_where_the_pen_is_when_it_is_reached() -> None:
    machine = plotter()
    assert said(machine, b"SP1;PA1000,2000;OA;PD3000,2000;OC;OH;OP;OF;") == [
        "1000,2000,0",
        "3000,2000,1",
        "0,0,11040,7721",
        "603,521,10603,7721",
        "40,40",
    ]


# --- ink and time


def test_ink_is_what_is_drawn_with_the_pens_of_their_stalls() -> None:
    machine = plotter()
    machine.receive(b"IN;SP1;PU100,100;PD200,100,200,200;PU;SP2;PU500,500;PD;PU;PR10,0;PD0,10;PU;SP0;")
    trace = machine.trace()
    assert trace["ink"] == [[[100, 100], [200, 100], [200, 200]], [[500, 500]], [[510, 500], [510, 510]]]
    assert trace["pens"] == [1, 2, 2]
    assert trace["errors"] == []
    assert trace["idle_pen_down_seconds"] < 0.02


def test_a_drawing_takes_the_time_of_its_ramps_lifts_and_pens() -> None:
    machine = plotter("--baud", "10000000")
    machine.receive(b"IN;SP1;VS10;PU4000,0;PD8000,0;PU;SP0;")
    expected = 5 + leg(4000 * UNIT, 508) + 0.05 + leg(4000 * UNIT, 100) + 0.05 + 5
    assert machine.trace()["seconds"] == pytest.approx(expected, abs=0.001)


def test_a_pen_that_waits_on_paper_for_data_makes_a_blot() -> None:
    machine = plotter("--away", "3")
    machine.receive(b"SP1;PU100,100;PD200,100;")
    machine.hello()
    machine.hello()
    machine.receive(b"PU;")
    assert machine.trace()["idle_pen_down_seconds"] == pytest.approx(6 - 5, abs=0.5)  # 5 s for the pen


def test_scale_window_and_rotation() -> None:
    machine = plotter()
    machine.receive(b"SP1;IP0,0,1000,1000;SC0,10,0,10;PU1,2;PD3,2;PU;SC;")
    machine.receive(b"IW100,100,300,300;PU0,200;PD400,200;PU;IW;RO90;PU0,0;PD100,0;PU;")
    trace = machine.trace()
    assert trace["ink"] == [[[100, 200], [300, 200]], [[100, 200], [300, 200]], [[11040, 0], [11040, 100]]]
    assert trace["errors"] == []  # a window is no error
    assert said(machine, b"OH;OA;") == ["0,0,7721,11040", "100,0,0"]


def test_motion_beyond_the_limits_is_clipped_and_told() -> None:
    machine = plotter("--area", "0,0,1000,1000")
    machine.receive(b"SP1;PU500,500;PD1500,500,1500,600,500,600;PU;")
    trace = machine.trace()
    assert trace["ink"] == [[[500, 500], [1000, 500]], [[1000, 600], [500, 600]]]
    assert len(trace["errors"]) == 2 and "1500,500" in trace["errors"][0]["what"]


def test_paper_that_does_not_lie_in_it_is_told() -> None:
    assert "another lies in the plotter" in faults_after("--paper", "a4", data=b"PS0;")[0]
    assert faults_after(data=b"PS0;PA16000,11000;") == []
    assert said(plotter("--paper", "a3"), b"PS0;OH;") == ["0,0,16158,11040"]
    with pytest.raises(UserError, match="a4, a3"):
        plotter("--paper", "a5")


def faults_after(*words: str, data: bytes) -> list[str]:
    machine = plotter(*words)
    machine.receive(data)
    return faults(machine)


def test_a_holder_without_a_pen_draws_nothing() -> None:
    machine = plotter()
    machine.receive(b"PD1000,1000;PU;")
    assert machine.trace()["ink"] == [] and faults(machine) == ["the pen holder went down without a pen"]


# --- the buffer


def test_more_than_the_buffer_takes_is_lost() -> None:
    machine = plotter()
    machine.receive(b"IN;SP1;PU0,0;PD" + ZIGZAG + b";PU;")
    trace = machine.trace()
    assert trace["overflows"] > 1000 and trace["high_water"] == 1024
    assert said(machine, b"\x1b.E") == ["16"] and said(machine, b"\x1b.E") == ["0"]
    assert "I/O error 16" in faults(machine)[0]


def test_the_larger_buffer_takes_it() -> None:
    machine = plotter(kind="hp7550a")
    machine.receive(b"IN;SP1;PU0,0;PD" + ZIGZAG + b";PU;")
    trace = machine.trace()
    assert trace["overflows"] == 0 and 1024 < trace["high_water"] <= 12800 and len(trace["ink"][0]) == 400


def test_a_host_that_asks_for_room_loses_nothing_and_polling_passes_time() -> None:
    machine, data, polls = plotter(), b"IN;SP1;PU0,0;PD" + ZIGZAG + b";PU;", 0
    for start in range(0, len(data), 200):
        while int(said(machine, b"\x1b.B")[0]) < 300:
            polls += 1
        machine.receive(data[start : start + 200])
    trace = machine.trace()
    assert trace["overflows"] == 0 and trace["errors"] == [] and len(trace["ink"][0]) == 400
    assert 0 < polls * 0.02 < trace["seconds"]


def test_the_size_is_told_when_the_buffer_is_empty() -> None:
    machine = plotter()
    before = machine.seconds
    assert said(machine, b"SP1;PU9000,0;\x1b.L") == ["1024"]
    assert machine.seconds - before > 5
    assert said(machine, b"\x1b.O") == ["8"]


def test_extended_status_is_0_while_it_has_something_to_do() -> None:
    machine = plotter()
    machine.receive(b"SP1;PU9000,0;PU0,0;")
    assert said(machine, b"\x1b.O") == ["0"]


def test_abort_forgets_the_buffer_and_half_an_instruction() -> None:
    machine = plotter()
    machine.receive(b"SP1;PU5000,0;PD5000,500;PU;PA1")
    machine.receive(b"\x1b.K")
    assert said(machine, b"PU;OE;OS;") == ["0", "24"]
    assert machine.trace()["ink"] == []


def test_device_control_that_is_wrong_has_its_numbers() -> None:
    machine = plotter()
    for wrong, number in [(b"\x1b.X", 11), (b"\x1b.Mx", 12), (b"\x1b.I99999:", 13), (b"\x1b.@1;1;1:", 14)]:
        machine.receive(wrong)
        assert said(machine, b"\x1b.E") == [str(number)]
    assert len(said(machine, b"\x1b.B\x1b.B")) == 1  # the second comes while the first is being answered
    assert said(machine, b"\x1b.E") == ["10"]


def test_xon_and_xoff_hold_a_host_back_that_heeds_them() -> None:
    data = b"IN;SP1;PU0,0;PD" + ZIGZAG + b";PU;"
    machine = plotter()
    machine.receive(b"\x1b.I81;;17:\x1b.N;19:")
    signs = machine.receive(data)
    assert set(signs) == {0x11, 0x13} and all(a != b for a, b in pairwise(signs))
    assert machine.trace()["overflows"] == 0
    deaf = plotter("--deaf")
    deaf.receive(b"\x1b.I81;;17:\x1b.N;19:" + data)
    assert deaf.trace()["overflows"] > 0


def test_an_enquiry_is_acknowledged_when_there_is_room_for_a_block() -> None:
    machine = plotter()
    machine.receive(b"\x1b.H200;5;6:SP1;PU0,0;PD" + ZIGZAG[:900])
    assert machine.room < 200
    assert machine.receive(b"\x05") == b"\x06\r" and machine.room >= 200


def test_an_enquiry_without_a_handshake_gets_a_dummy() -> None:
    assert plotter().receive(b"\x05") == b"\x06"


def test_output_has_the_terminator_and_the_delay_that_were_set() -> None:
    machine = plotter()
    machine.receive(b"\x1b.M500;0;0;13;10;33:")
    before = machine.seconds
    assert machine.receive(b"OI;") == b"!7475A\r\n"
    assert machine.seconds - before > 0.5
    machine.receive(b"\x1b.R")
    assert machine.receive(b"OI;") == b"7475A\r"


def test_output_waits_for_its_trigger() -> None:
    machine = plotter()
    assert machine.receive(b"\x1b.M;17:OI;") == b""
    assert machine.receive(b"\x11") == b"7475A\r"


def test_a_plotter_that_is_off_hears_nothing() -> None:
    machine = plotter()
    assert machine.receive(b"\x1b.)OI;\x1b.B") == b""
    assert machine.receive(b"\x1b.(OI;") == b"7475A\r"


# --- what happens to it


def test_view_is_told_and_passes() -> None:
    machine = plotter("--pause-at", "6", "--pause-for", "20")
    machine.receive(b"SP1;PU100,100;VS1;PD4000,100,100,100,100,4000;PU;")
    states = set()
    while machine.seconds < 70:
        states |= set(said(machine, b"\x1b.O"))
    assert states == {"0", "16", "8"}
    trace = machine.trace()
    assert len(trace["ink"]) == 1 and trace["seconds"] > 25 and trace["idle_pen_down_seconds"] < 0.1


def test_power_takes_the_buffer_and_the_status_tells() -> None:
    machine = plotter("--power-off-after", "6")
    machine.receive(b"OS;SP1;VS1;PU0,0;PD8000,0;PU;PU0,100;PD100,100;PU;")
    while machine.seconds < 7:
        machine.receive(b"\x1b.O")
    assert said(machine, b"OS;") == ["24"]
    trace = machine.trace()
    assert len(trace["ink"]) == 1 and 0 < trace["ink"][0][1][0] < 8000 and not trace["pen_down"]


def test_a_pulled_cable_does_not_stop_the_plotter() -> None:
    machine = plotter("--unplug-after", "1")
    with pytest.raises(Unplugged):
        machine.receive(b"SP1;PU0,0;PD8000,0,0,100;PU;OA;")
    assert machine.trace()["ink"] == [[[0, 0], [8000, 0], [0, 100]]]


def test_another_host_finds_it_done_with_all_it_had() -> None:
    machine = plotter()
    machine.receive(b"SP1;PU0,0;PD8000,0;PU;PU0,100;PD50")
    machine.hello()
    assert said(machine, b"\x1b.K\x1b.B") == ["1024"]
    assert said(machine, b"PU;OS;") == ["24"]  # it has not been switched off, but nobody has asked before


def test_a_trace_changes_nothing() -> None:
    machine = plotter()
    machine.receive(b"SP1;PU0,0;PD8000,0;PU;")
    before = machine.seconds
    assert machine.trace()["ink"] == [[[0, 0], [8000, 0]]]
    assert machine.seconds == before and machine.trace() == machine.trace()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from(
                [b"PA", b"PD", b"PU;", b"SP1;", b"IN;", b"OA;", b"1,2,", b"SC", b"\x1b.", b"\x1b.B", b"LB"]
            ),
            st.sampled_from([b"\x1b.I80;5;6:", b"\x1b.M;17:", b"\x1b.N;19:", b"\x1b.I80;;17:", b"\x05", b"IW1,1,9,9;"]),
        ),
        max_size=30,
    )
)
def test_no_bytes_break_it(pieces: list[bytes]) -> None:
    for kind in ("hp7475a", "hp7550a"):
        machine, before = plotter(kind=kind), 0.0
        for piece in pieces:
            machine.receive(piece)
            assert machine.seconds >= before
            before = machine.seconds
        trace = machine.trace()
        assert len(trace["ink"]) == len(trace["pens"])
        x0, y0, x1, y1 = machine.language.area
        assert all(x0 <= x <= x1 and y0 <= y <= y1 for line in trace["ink"] for x, y in line)


@given(*[st.tuples(st.integers(-50, 50), st.integers(-50, 50))] * 2)
def test_clipping_keeps_what_is_within(start: tuple[int, int], end: tuple[int, int]) -> None:
    window = (-20, -20, 20, 20)
    inside = clip(start, end, window)
    if all(abs(one) <= 20 for one in (*start, *end)):
        assert inside == (start, end)
    if inside is not None:
        assert all(abs(one) <= 20 for place in inside for one in place)
    else:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        assert max(abs(middle[0]), abs(middle[1])) > 20


def test_it_serves_at_a_terminal() -> None:
    import serial

    with running("hp7550a", paper="a3") as simulator:
        with serial.Serial(simulator.port.removeprefix("simulator:"), timeout=20) as port:
            port.write(b"IN;SP3;PU100,100;PD200,100;PU;OH;")
            assert port.read_until(b"\r") == b"0,0,15970,10870\r"
        trace = simulator.trace()
    assert trace["ink"] == [[[100, 100], [200, 100]]] and trace["pens"] == [3] and trace["kind"] == "hp7550a"
