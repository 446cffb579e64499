"""G-code that we write, run on a GRBL of the tests' own: its ink is the sheet's, its time the estimate's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vpype
from click.testing import Result
from gcode_interpreter import Grbl, Move
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import plotsketch as ps
from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine, load_machine, machine_names
from plotsketch.output.gcode import gcode_bytes
from plotsketch.output.gcode_in import document_of
from plotsketch.output.layers import layers, page_size

Floats = NDArray[np.float64]
Points = list[tuple[float, float]]
MM = 96 / 25.4  # px
MACHINES = [name for name in machine_names() if load_machine(name).gcode]
RECIPE = {"program": "plotsketch", "command": "grid"}


def sheet(
    *drawn: Sequence[Sequence[tuple[float, float]]], page: tuple[float, float] = (200, 180), names: Sequence[str] = ()
) -> Any:
    """A document with a layer for each of ``drawn``, lines in mm."""
    document = vpype.Document(page_size=(page[0] * MM, page[1] * MM))
    for number, lines in enumerate(drawn, 1):
        layer = vpype.LineCollection([np.array([complex(x, y) for x, y in line]) * MM for line in lines])
        layer.set_property("vp_name", names[number - 1] if names else f"{number} pen")
        layer.set_property("vp_color", vpype.Color("#ff0000" if number > 1 else "#000000"))
        document.add(layer, number, with_metadata=True)
    return document


def dialect(name: str = "grbl", **changes: Any) -> Machine:
    machine = load_machine(name)
    own = {key: changes.pop(key) for key in list(changes) if key not in ("corner", "home", "travel", "draw_speed")}
    return replace(machine, **changes, gcode={**machine.gcode, **own})


def run(data: bytes) -> Grbl:
    """What GRBL makes of a file; the words after M0, which Marlin shows, are cut off."""
    assert all(len(line) <= 80 for line in data.split(b"\n"))
    return Grbl().run(re.sub(rb"M0 .*", b"M0", data))


def is_down(move: Move, machine: Machine) -> bool:
    """Whether the machine's pen is on the paper throughout a move."""
    if "Z" in machine.gcode["pen_down"]:
        return max(move.start[2], move.end[2]) <= 0 and len(move.start) == 3
    return move.spindle == 3 and move.speed == 90


def ink(grbl: Grbl, machine: Machine) -> list[list[Points]]:
    """For each pen the strokes in mm as the machine counts."""
    found: list[list[Points]] = [[] for _ in range(grbl.pauses + 1)]
    last: Move | None = None
    for move in grbl.moves:
        if move.flat and move.start[2] != move.end[2]:
            last = None
        elif is_down(move, machine):
            if last is None:
                found[move.pauses].append([move.start[:2]])
            assert move.feed == pytest.approx(machine.draw_speed * 60, rel=1e-3)
            found[move.pauses][-1].append(move.end[:2])
            last = move
        else:
            last = None
    return found


def expected(line: Points, page: tuple[float, float], turned: bool, corner: str, y: str) -> Floats:
    """A line as the machine counts: a turned page's right edge lies at the top, its top at the left."""
    points = np.array(line, dtype=float)
    down = page[1]
    if turned:
        points, down = np.stack([points[:, 1], page[0] - points[:, 0]], axis=1), page[0]
    over = points[:, 1] - (down if corner == "lower-left" else 0)
    return np.stack([points[:, 0], -over if y == "up" else over], axis=1)


# on a grid of 0.05 mm, off the halves of all decimals; far enough apart that none is a touch, or the same place
numbers = st.integers(0, 3000).map(lambda n: n / 20 + 0.0123)
lines = st.lists(st.tuples(numbers, numbers), min_size=2, max_size=5).map(
    lambda points: [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
)
sheets = st.lists(st.lists(lines.filter(lambda line: len(line) > 1), min_size=1, max_size=6), min_size=1, max_size=3)


def joined(lines: list[Points]) -> list[Points]:
    """Lines that begin where the one before ends are one stroke."""
    found: list[Points] = []
    for line in lines:
        if found and found[-1][-1] == line[0]:
            found[-1] = found[-1] + line[1:]
        else:
            found.append(line)
    return found


CHANGES: list[dict[str, Any]] = [
    {},
    {"units": "inch"},
    {"travel_word": "G1", "decimals": 2, "comments": "parentheses"},
    {"corner": "upper-left", "y": "down", "comments": "none"},
    {"corner": "upper-left"},
    {"y": "down", "lift_dwell": 0, "drop_dwell": 0.2},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
@pytest.mark.parametrize("name", MACHINES)
@given(drawn=sheets, portrait=st.booleans())
@settings(max_examples=4)
def test_what_the_machine_draws_is_the_sheet(
    name: str, changes: dict[str, Any], drawn: list[list[Points]], portrait: bool
) -> None:
    if "Z" in load_machine(name).gcode["pen_up"] and changes.get("units"):
        changes = {**changes, "pen_up": "G0 Z0.1", "pen_down": "G1 Z0 F20"}
    machine = dialect(name, **changes)
    page = (160.0, 190.0) if portrait else (190.0, 160.0)
    grbl = run(gcode_bytes(sheet(*drawn, page=page), RECIPE, machine))
    corner, y = changes.get("corner", "lower-left"), changes.get("y", "up")
    turned = portrait and machine.travel[0] > machine.travel[1]
    unit = 25.4e-4 if "units" in changes else 10.0 ** -changes.get("decimals", 3)
    for strokes, layer in zip(ink(grbl, machine), drawn, strict=True):
        for stroke, line in zip(strokes, joined(layer), strict=True):
            assert np.array(stroke) == pytest.approx(expected(line, page, turned, corner, y), abs=unit / 2 + 1e-9)


@pytest.mark.parametrize("name", MACHINES)
@given(drawn=sheets)
@settings(max_examples=8)
def test_the_pen_is_up_and_waited_for_before_it_travels(name: str, drawn: list[list[Points]]) -> None:
    machine = load_machine(name)
    grbl = run(gcode_bytes(sheet(*drawn), RECIPE, machine))
    moved_pen, waited = False, True
    for event in grbl.events:
        if isinstance(event, float):
            waited = True
        elif isinstance(event, tuple) or event.flat:  # type: ignore[attr-defined]
            moved_pen, waited = True, "Z" in machine.gcode["pen_up"] and "lift_dwell" not in machine.gcode
        else:
            assert moved_pen and waited
    first, last = next(move for move in grbl.moves if not move.flat), grbl.moves[-1]
    assert not is_down(first, machine) and not is_down(last, machine)
    assert last.end[:2] == (0, 0)


@pytest.mark.parametrize("name", MACHINES)
@given(drawn=sheets, portrait=st.booleans())
@settings(max_examples=8)
def test_the_file_takes_what_the_estimate_says(name: str, drawn: list[list[Points]], portrait: bool) -> None:
    machine = load_machine(name)
    document = sheet(*drawn, page=(160.0, 190.0) if portrait else (190.0, 160.0))
    told = ps.estimate(document, machine).total
    grbl = run(gcode_bytes(document, RECIPE, machine))
    drawn_mm = sum(move.length for move in grbl.moves if is_down(move, machine))
    travelled = sum(move.length for move in grbl.moves if not move.flat and not is_down(move, machine))
    assert drawn_mm == pytest.approx(told.ink_mm, abs=0.01)
    assert travelled == pytest.approx(told.travel_mm, abs=0.01)
    assert grbl.pauses == told.pen_changes
    first = machine.lift_s  # the pen is told to be up before anything, which the estimate takes for granted
    assert pen_seconds(grbl, 5 if name == "marlin" else 10) == pytest.approx(told.lift_seconds + first, rel=0.01)


def pen_seconds(grbl: Grbl, top: float) -> float:
    """Dwells, and lifts on an axis at the pace that the profiles name: 100 mm/s² up to ``top`` mm/s."""
    seconds = sum(grbl.dwells)
    for move in grbl.moves:
        height = abs(move.end[2] - move.start[2])
        if height:
            seconds += height / top + top / 100 if height > top**2 / 100 else 2 * (height / 100) ** 0.5
    return seconds


@given(st.text(max_size=300), st.lists(st.text(max_size=60), min_size=2, max_size=2), st.sampled_from(MACHINES))
def test_no_name_and_no_recipe_trips_the_machine(words: str, names: list[str], name: str) -> None:
    drawn: list[list[Points]] = [[[(1, 1), (9, 1)]], [[(5, 5), (9, 5)]], [[(7, 7), (9, 7)]]]
    document = sheet(*drawn, names=["ink", *names])
    for comments in ("semicolon", "parentheses", "none"):
        run(gcode_bytes(document, {"words": words, **RECIPE}, dialect(name, comments=comments)))


def test_a_layer_that_is_not_to_be_plotted_is_left_out() -> None:
    document = sheet([[(1, 1), (9, 1)]], [[(5, 5), (900, 5)]], names=["1 ink", "%2 guides"])
    data = gcode_bytes(document, RECIPE, load_machine("grbl"))
    assert len(ink(run(data), load_machine("grbl"))) == 1 and b"2 guides" in data
    with pytest.raises(UserError, match="not plotted"):
        gcode_bytes(sheet([[(1, 1), (9, 1)]], names=["% all"]), RECIPE, load_machine("grbl"))


def test_a_file_says_what_it_is() -> None:
    data = gcode_bytes(sheet([[(10, 10), (20, 10)]], [[(5, 5), (9, 5)]], names=["1 black", "2 röd!"]), RECIPE,
                       load_machine("grbl")).decode()  # fmt: skip
    assert '"command":"grid"' in data and "; MSG, Pen for layer 2 rod, #ff0000\nM0\n" in data
    assert [line for line in data.splitlines() if not line.startswith(";")] == [
        "G17 G94", "G21 G90", "M3 S0", "G4 P0.15",
        "G0 X10 Y170", "M3 S90", "G4 P0.15", "G1 X20 Y170 F3000", "M3 S0", "G4 P0.15", "M0",
        "G0 X5 Y175", "M3 S90", "G4 P0.15", "G1 X9 Y175 F3000", "M3 S0", "G4 P0.15", "G0 X0 Y0", "M5",
    ]  # fmt: skip


def test_the_same_sheet_makes_the_same_bytes() -> None:
    made = [gcode_bytes(sheet([[(1, 1), (9, 1)]]), RECIPE, load_machine("grbl")) for _ in range(2)]
    assert made[0] == made[1]


def test_points_do_not_drift() -> None:
    line = [(i / 3, 5 + i / 7) for i in range(400)]
    (stroke,) = ink(run(gcode_bytes(sheet([line]), RECIPE, dialect(decimals=1))), dialect())[0]
    ends = expected(line, (200, 180), False, "lower-left", "up")
    assert np.array(stroke)[-1] == pytest.approx(ends[-1], abs=0.05 + 1e-9)


def test_lines_that_touch_are_drawn_without_a_lift_and_dots_are_dots() -> None:
    touching = [[(1, 1), (5, 1)], [(5, 1.004), (5, 9)], [(5, 9.01), (1, 9)], [(3, 3), (3, 3)]]
    data = gcode_bytes(sheet(touching), RECIPE, load_machine("grbl")).decode()
    assert data.count("\nM3 S90\n") == 3  # half a step is 0.00625 mm
    assert "G0 X3 Y177\nM3 S90\nG4 P0.15\nM3 S0" in data


def test_what_does_not_fit_is_refused_clipped_or_scaled() -> None:
    document, machine = sheet([[(10, 10), (350, 10)]], page=(400, 200)), load_machine("grbl")
    with pytest.raises(UserError, match="50.00 mm at the right"):
        gcode_bytes(document, RECIPE, machine)
    for choice, begin in (("clip", 10), ("scale", 0)):
        (stroke,) = ink(run(gcode_bytes(document, RECIPE, machine, oversize=choice)), machine)[0]  # type: ignore[arg-type]
        assert np.array(stroke)[:, 0] == pytest.approx([begin, 300], abs=0.001)


def test_a_portrait_page_lies_turned_and_is_measured_so() -> None:
    machine = load_machine("grbl")  # 300 x 220
    gcode_bytes(sheet([[(10, 10), (210, 290)]], page=(210, 297)), RECIPE, machine)
    with pytest.raises(UserError, match="2.00 mm at the bottom"):
        gcode_bytes(sheet([[(10, 10), (210, 302)]], page=(210, 310)), RECIPE, machine)


@pytest.mark.parametrize("page", [(200, 100), (100, 200)])
@pytest.mark.parametrize(("corner", "y"), [("upper-left", "down"), ("lower-left", "up")])
def test_home_and_reach_lie_where_the_file_puts_them(page: tuple[float, float], corner: str, y: str) -> None:
    machine = dialect(corner=corner, y=y, home=(7, 3))
    document = sheet([[(50, 50), (60, 50)]], page=page)
    assert run(gcode_bytes(document, RECIPE, machine)).moves[-1].end[:2] == (7, 3)
    left, top, right, bottom = machine.reach_on(*page)
    corners = np.sort(expected([(left, top), (right, bottom)], page, machine.turns(*page), corner, y), axis=0)
    assert corners.tolist() == [[0, 0], [300, 220]]


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(UserError, match="no numbers"):
        gcode_bytes(sheet([[(1, 1), (2, value)]]), RECIPE, load_machine("grbl"))


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(UserError, match="no lines"):
        gcode_bytes(sheet([]), RECIPE, load_machine("grbl"))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "reads no G-code"),
        ({"pen_up": "M3 S0"}, "lacks pen_down"),
        ({"pen_down": "M3 S0"}, "are the same"),
        ({"pen_up": "up"}, "it takes words such as"),
        ({"pen_up": "G0 X5 Z3"}, "without X and Y"),
        ({"penup": "M3 S0"}, "did you mean 'pen_up'"),
        ({"units": "cm"}, "'mm' or 'inch'"),
        ({"travel_word": "G2"}, "'G0' or 'G1'"),
        ({"travel_feed": 3}, "true or false"),
        ({"lift_dwell": -1}, "from 0 to 60"),
        ({"drop_dwell": float("nan")}, "from 0 to 60"),
        ({"decimals": 2.5}, "whole number"),
        ({"longest": 10}, "whole number from 48"),
        ({"dwell": "G4"}, "{seconds}"),
        ({"dwell": "G4 P{seconds} {more}"}, "{seconds}"),
        ({"start": "G17"}, "a list of lines"),
        ({"start": ["G20"]}, "see units"),
        ({"start": ["G17 G91"]}, "without G20"),
        ({"end": ["M5\nM2"]}, "plain ASCII"),
        ({"end": ["M117 Bye!"]}, "without ? ! ~"),
        ({"end": ["M117 " + "y" * 90]}, "longer than 80"),
        ({"pen_change": "M0 {name}"}, "{message}"),
        ({"comments": "yes"}, "'semicolon'"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(table: dict[str, Any], words: str) -> None:
    whole = table if table in ({}, {"pen_up": "M3 S0"}) else {**load_machine("grbl").gcode, **table}
    with pytest.raises(UserError, match=re.escape(words)):
        gcode_bytes(sheet([[(1, 1), (9, 1)]]), RECIPE, replace(load_machine("grbl"), gcode=whole))


@pytest.mark.parametrize("name", MACHINES)
@given(drawn=sheets, portrait=st.booleans())
@settings(max_examples=8)
def test_a_file_of_ours_comes_back_as_it_was(name: str, drawn: list[list[Points]], portrait: bool) -> None:
    document = sheet(*drawn, page=(160.0, 190.0) if portrait else (190.0, 160.0))
    back = document_of(gcode_bytes(document, RECIPE, load_machine(name)), "a.gcode")
    assert page_size(back) == pytest.approx(page_size(document))
    for mine, theirs, lines in zip(layers(document), layers(back), drawn, strict=True):
        assert (mine.number, mine.label, mine.colour, mine.pen_width) == pytest.approx(
            (theirs.number, theirs.label, theirs.colour, theirs.pen_width)
        )
        for line, stroke in zip(joined(lines), theirs.lines, strict=True):
            assert np.array(line) == pytest.approx(stroke, abs=0.0006)


def test_a_sheet_goes_through_optimize_to_a_machine(plotsketch: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "in.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="100mm" height="80mm" viewBox="0 0 100 80">'
        '<path d="M10 10 H50 V30 M80 70 L20 60" fill="none" stroke="#000"/></svg>'
    )
    target = tmp_path / "out.gcode"
    done = plotsketch("optimize", tmp_path / "in.svg", "-o", target, "--machine", "grbl-z", "--effort", "fast")
    assert done.exit_code == 0, done.output
    machine = load_machine("grbl-z")
    grbl = run(target.read_bytes())
    assert sum(move.length for move in grbl.moves if is_down(move, machine)) == pytest.approx(60 + 3700**0.5, abs=0.01)
    told = json.loads(plotsketch("estimate", target, "--machine", "grbl-z", "--json").stdout)
    assert told["ink_mm"] == pytest.approx(60 + 3700**0.5, abs=0.01) and told["page_mm"] == [100, 80]
