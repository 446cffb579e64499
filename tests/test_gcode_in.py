"""G-code from elsewhere, read: every way in which programs for plotters write it, and what is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
import vpype
from hypothesis import given
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.lines.machine import load_machine
from plotsketch.output.gcode_in import document_of

MM = 96 / 25.4
SQUARE = [(10, 10), (20, 10), (20, 20)]  # as the machine counts


def strokes(text: str, machine: str | None = None) -> list[list[list[tuple[float, float]]]]:
    """For each layer its lines in mm, x from the page's left and y from its foot up."""
    document = document_of(text.encode(), "a.nc", load_machine(machine) if machine else None)
    height = document.page_size[1] / MM
    return [
        [[(round(p.real / MM, 3), round(height - p.imag / MM, 3)) for p in line] for line in document.layers[number]]
        for number in sorted(document.layers)
    ]


SAME_SQUARE = {
    "no pen at all, as vpype-gcode writes": "G21\nG17\nG90\nG00 X10 Y10\nG01 X20 Y10\nG01 X20 Y20\nM2\n",
    "inches": "G20 G90\nG0 X0.393701 Y0.393701\nG1 X0.787402 F9\nY0.787402\n",
    "relative": "G91\nG0X10Y10\nG1 X10 F300\nY10\nG0 X5\n",
    "modal words, no blanks, small letters": "g0x10y10\ng1f300x20\ny20\ng0x0y0",
    "line numbers and checksums": "N1 G0 X10 Y10*85\nN2 G1 X20 F9*12\nN3 G1 Y20 *7\n",
    "comments of both kinds": "(a\n; b\n( square ) G0 X10 (to) Y10 ; go\nG1 X20 F9\nY20;G1 Y90\n",
    "a servo": "M3 S10\nG0 X10 Y10\nM3 S80\nG4 P0.1\nG1 X20 F9\nG1 Y20\nM3 S10\nG0 X0 Y0\nM30",
    "a servo, larger is up": "M3 S80\nG0 X10 Y10\nM3 S10\nG1 X20 F9\nG1 Y20\nM3 S80\nG0 X0 Y0\n",
    "a servo told by S alone": "M3 S10\nG0 X10 Y10\nS80\nG1 X20 F9\nG1 Y20\nS10\nG0 X0 Y0\n",
    "M3 and M5": "M5\nG0 X10 Y10\nM3\nG1 X20 F9\nY20\nM5\nG0 X0 Y0\n",
    "M5 down, M3 up": "M3 S1\nG0 X10 Y10\nM5\nG1 X20 F9\nY20\nM3\nG0 X0 Y0\n",
    "Marlin's servo": "M280 P0 S60\nG0 X10 Y10 F9\nM280 P0 S20\nG4 S1\nG1 X20\nG1 Y20\nM280 P0 S60\nG0 X0 Y0",
    "Z": "G0 Z5\nG0 X10 Y10\nG1 Z-0.2 F100\nG1 X20 F900\nY20\nG0 Z5\nG0 X0 Y0\n",
    "Z, higher is down": "G0 Z3\nG0 X10 Y10\nG0 Z6\nG1 X20 F900\nY20\nG0 Z3\nG0 X0 Y0\n",
    "Z, a safe height and a low one": "G0 Z50\nG0 X5 Y5\nG0 Z2\nG0 X10 Y10\nG1 Z0 F9\nX20\nY20\nG0 Z2\nG0 X0\nG0 Z50",
    "Z and a spindle that only runs": "G0 X0 Y0\nG0 Z5\nM3 S1000\nG0 X10 Y10\nG1 Z0 F9\nX20\nY20\nG0 Z5\nM5\nG0 X0 Y0",
    "Z, all moves by feed": "G1 Z5 F9\nX10 Y10\nZ0\nX20\nY20\nZ5\nX0 Y0\n",
    "set to zero elsewhere": "G0 X-10 Y-10\nG92 X0 Y0\nG0 X10 Y10\nG1 X20 F9\nY20\nG0 X0 Y0\n",
    "renamed on the way": "G0 X10 Y10\nG1 X20 F9\nG92 X0 Y0\nY10\nG92.1\nG0 X0\n",
    "work zero, and a machine's own": "G10 L2 P1 X9 Y9\nG54\nG10 L20 P1 X0 Y0\nG0 X10 Y10\nG1 X20 F9\nY20\n",
    "a printer's": "M104 S200\nM82\nG28 X Y\nG92 E0\nM117 Hello you\nM106 S255\nG0 X10 Y10 F9\nG1 X20 E1\nY20\nM84 X Y",
    "frames of a sender": "%\n$H\nO0\nG0 X10 Y10\nG1 X20 F9\nY20\n%\n".replace("O0\n", ""),
    "skipped by a switch that is off": "/G0 X10 Y10\n/G1 X20 F9\nY20\n",
    "after the end": "G0 X10 Y10\nG1 X20 F9\nY20\nM2\nG1 X90\n",
}


@pytest.mark.parametrize("text", SAME_SQUARE.values(), ids=SAME_SQUARE)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_many_ways_to_draw_the_same(text: str, ends: str) -> None:
    assert strokes(text.replace("\n", ends)) == [[SQUARE]]


@pytest.mark.parametrize(
    "arc",
    [
        "G3 X0 Y10 I-10 J0",
        "G3 X0 Y10 R10",
        "G90.1\nG3 X0 Y10 I0 J0",
        "G91\nG3 X-10 Y10 I-10",
        "G20\nG3 X0 Y.393701 I-.393701",
    ],
)
def test_arcs_are_round(arc: str) -> None:
    points = strokes(f"G0 X10 Y0\nF9\n{arc}\n")[0][0]
    assert points[0] == (10, 0) and points[-1] == pytest.approx((0, 10), abs=0.001)
    assert np.hypot(*np.array(points).T) == pytest.approx(10, abs=0.002)
    assert min(x + y for x, y in points) >= 10 - 0.001  # the quarter, not the other three


@pytest.mark.parametrize(
    ("arc", "turn"),
    [
        ("G2 X20 Y0 I10 J0", -math.pi),
        ("G3 X20 Y0 I10 J0", math.pi),
        ("G2 I10", -math.tau),
        ("G3 X0 Y0 I10", math.tau),
        ("G2 X10 Y-10 R-10", -1.5 * math.pi),
        ("G3 X10 Y-10 R-10", 1.5 * math.pi),
        ("G3 X10 Y10 R-10", 1.5 * math.pi),
    ],
)
def test_arcs_go_the_way_they_say(arc: str, turn: float) -> None:
    lines = strokes(f"G92 X-50 Y-50\nG0 X0 Y0\nF9\n{arc}\n")
    ways = np.diff(np.array(lines[0][0]), axis=0)
    angles = np.unwrap(np.arctan2(ways[:, 1], ways[:, 0]))
    assert angles[-1] - angles[0] == pytest.approx(turn, abs=0.1)
    assert np.hypot(*ways.T).sum() == pytest.approx(abs(turn) * 10, rel=1e-3)


def test_pauses_and_tools_begin_layers() -> None:
    one, other = "G0 X1 Y1\nG1 X2 F9\n", "G0 X5 Y5\nG1 X6 F9\n"
    for change in ("M0", "M1", "M6", "T2", "T2 M6", "T2\nM0", "M0 put in red", "M00 (red)"):
        found = strokes(f"T1 M6\n{one}{change}\n{other}")
        assert found == [[[(1, 1), (2, 1)]], [[(5, 5), (6, 5)]]], change
    assert len(strokes(f"{one}T1\n{other}")) == 1


@pytest.mark.parametrize(
    ("home", "end"), [("G28", (9, 9)), ("G28 X Y Z", (9, 9)), ("G28 Z", (14, 14)), ("G28 X", (9, 14))]
)
def test_homing_moves_the_axes_that_it_names(home: str, end: tuple[float, float]) -> None:
    *_, last = strokes(f"G0 X5 Y5\nG1 X6 F9\nG0 X5\n{home}\nG91\nG1 X9 Y9 F100\n")[0]
    assert last[-1] == pytest.approx(end)


def test_the_pen_of_a_machine_is_known() -> None:
    text = "G1 Z0.5 F9\nX1 Y1\nZ0\nX2\nZ0.5\nX5\nZ0\nX6\n"  # no rapid move tells which is which
    assert strokes(text, "grbl-servo-z") == [[[(1, 1), (2, 1)], [(5, 1), (6, 1)]]]
    document = document_of(text.encode(), "a.nc", load_machine("grbl-servo-z"))
    assert np.array(document.page_size) / MM == pytest.approx([300, 220])
    servo = "M3 S0\nG1 X1 Y1 F9\nM3 S90\nX2\nY2\nY3\nM5\nX3\n"
    assert strokes(servo, "grbl") == [[[(1, 1), (2, 1), (2, 2), (2, 3)]]]
    assert strokes(servo, "grbl-z") == strokes(servo, "grbl")  # a pen that is never put down is no use


def test_a_dot_is_a_dot() -> None:
    assert strokes("G0 Z1\nG0 X5 Y5\nG1 Z0 F9\nG0 Z1\nG0 X8\nG1 Z0\nX9\nG0 Z1\nG0 X0") == [
        [[(5, 5), (5, 5)], [(8, 5), (9, 5)]]
    ]


@pytest.mark.parametrize(
    ("text", "page", "first"),
    [
        ("G0 X10 Y20\nG1 X30 Y50 F9\n", (40, 70), (10, 50)),
        ("G0 X-30 Y-50\nG1 X-10 Y-20 F9\n", (40, 70), (10, 50 + 0)),
        ("G0 X-5 Y-5\nG1 X5 Y5 F9\n", (10, 10), (0, 10)),
    ],
)
def test_a_page_is_found_for_a_file_that_says_none(
    text: str, page: tuple[float, float], first: tuple[float, float]
) -> None:
    document = document_of(text.encode(), "a.nc")
    assert np.array(document.page_size) / MM == pytest.approx(page)
    start = document.layers[1][0][0] / MM
    assert (start.real, start.imag) == pytest.approx(first)


REFUSED = {
    "": "no lines to draw",
    "; nothing\n": "no lines to draw",
    "G0 X1 Y1\nG0 X5": "no lines to draw",
    "<svg/>": "line 1: '<svg/>' is no G-code",
    "G1 X1 F9\nhello": "line 2: 'hello' is no G-code",
    "G1 XNaN": "line 1",
    "G1 X": "line 1",
    "#1=2\nG1 X#1": "line 1",
    "G1 X[1+2]": "line 1",
    "G5 X1 Y1 I0 J1 P0 Q1": "G5 is not understood",
    "G18\nG2 X1 I1": "G18 is not understood",
    "G1 X1e9": "line 1",
    "G1 X2000000": "a kilometre away",
    "G91\n" + "G1 X900000\n" * 3: "line 3: a place a kilometre",
    "G1 X99999999999": "a number above",
    "G2 X5 Y0 I1": "not equally far",
    "G2 X5 Y0": "neither a centre",
    "G2 X50 R1": "farther apart",
    "G2 X0 Y0 R5": "or not at all",
    "G80\nX5": "no motion is on",
    "G1 " + "X1" * 6000: "line 1: a line of 12,003 characters",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items())
def test_what_is_no_drawing_is_refused_in_a_line(text: str, words: str) -> None:
    with pytest.raises(UserError) as refused:
        document_of(text.encode(), "a.nc")
    assert words in str(refused.value) and "a.nc" in str(refused.value) and "\n" not in str(refused.value)


word = st.builds(
    "{}{}".format, st.sampled_from("GGGMTXYZIJRFSPEN/*("), st.one_of(st.integers(-3, 99), st.floats(-9, 99).map(str))
)
programs = st.lists(st.lists(word, max_size=5).map(" ".join), max_size=12).map("\n".join)


@given(st.one_of(st.binary(max_size=200), programs.map(str.encode)), st.sampled_from([None, "grbl", "grbl-z"]))
def test_whatever_comes_is_read_or_refused(data: bytes, machine: str | None) -> None:
    try:
        document = document_of(data, "a.nc", load_machine(machine) if machine else None)
    except UserError as refused:
        assert "\n" not in str(refused)
        return
    assert isinstance(document, vpype.Document) and not document.is_empty()
    assert all(np.isfinite(line).all() for layer in document.layers.values() for line in layer)


@pytest.mark.parametrize(
    "note",
    [
        'page {"width":-5,"height":1e999,"turned":1,"corner":"x","y":0,"pen_up":3}',
        'page [1,2]\n; plotsketch layer "x"',
        'layer {"number":true,"name":7,"colour":"url(x)","pen_width":-1}',
        'layer {"number":99999999999,"name":"' + "x" * 999 + '","colour":"#12345g"}',
        "layer {" + "[" * 5000,
        "page {",
        "+ more",
    ],
)
def test_notes_like_ours_are_not_trusted(note: str) -> None:
    document = document_of(f"; plotsketch {note}\nG0 X1 Y1\nG1 X2 F9\n".encode(), "a.nc")
    assert len(document.layers) == 1 and np.array(document.page_size) / MM == pytest.approx([3, 2])
