"""Sets of pens: read from files and configuration, shared out among layers, and told to machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotsketch.api.pens import read_pens
from plotsketch.api.plot import bytes_of
from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import parse
from plotsketch.lines.layer_speeds import as_coded
from plotsketch.lines.machine import Machine, load_machine
from plotsketch.plotter.pen_set import PenSet, SetPen, describe, pens_for
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke

STUDIO = """
rose = "#d0607a 0.4mm"

[teal]
colour = "teal"
width = "0.5mm"
speed = "30%"
height = 40
delay = 200
slot = 2

[broad-teal]
like = "teal"
width = 0.8
speed = "2.5 cm/s"
slot = 3
"""


def written(tmp_path: Path, text: str, name: str = "pens.toml") -> str:
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def plan(*layers: tuple[str, str], machine: str | Machine = "axidraw-v3") -> Plan:
    """A plan with a stroke a layer; a layer is its label, which says its number, and a colour."""
    made = [PlanLayer(parse(label).number or 0, label, colour, 0.3, parse(label)) for label, colour in layers]
    strokes = [Stroke(n, np.array([[20.0, 20.0], [30.0, 20.0 + n]])) for n in range(len(made))]
    chosen = machine if isinstance(machine, Machine) else load_machine(machine)
    return Plan(chosen, (297.0, 210.0), tuple(made), tuple(strokes))


def pens(*names_and_colours: str, **first: Any) -> PenSet:
    made = [SetPen(name=text.split("=")[0], colour=text.split("=")[1]) for text in names_and_colours]
    made[0] = replace(made[0], **first)
    return PenSet("studio", tuple(made))


def names(found: Plan) -> list[str]:
    return [layer.code.name for layer in found.layers]


def test_a_file_of_pens_is_read_with_units_and_likenesses(tmp_path: Path) -> None:
    rose, teal, broad = read_pens(written(tmp_path, STUDIO)).pens
    assert rose == SetPen(name="rose", colour="#d0607a", width=0.4)
    assert teal == SetPen(name="teal", colour="#13807f", width=0.5, percent=30, height=40, delay=200, slot=2)
    assert (broad.colour, broad.width, broad.height, broad.slot) == ("#13807f", 0.8, 40, 3)
    assert (broad.speed, broad.percent) == (25.0, None)  # mm/s in place of the percent that it is like


def test_a_file_takes_from_another_what_it_does_not_say(tmp_path: Path) -> None:
    written(tmp_path, STUDIO)
    (tmp_path / "sub").mkdir()
    text = 'like = "../pens.toml"\n[teal]\nheight = 55\n[ink]\ncolour = "#102030"\n'
    found = read_pens(written(tmp_path / "sub", text, "mine.toml"))
    assert [pen.name for pen in found.pens] == ["rose", "teal", "broad-teal", "ink"]
    assert (found.pen("teal").height, found.pen("teal").slot) == (55, 2)
    assert found.pen("broad-teal").height == 55  # like the teal of this file
    over = read_pens(written(tmp_path / "sub", 'like = "../pens.toml"\nteal = "teal 0.2mm"\nrose = "red"', "o.toml"))
    assert (over.pen("teal").width, over.pen("teal").slot) == (0.2, 2)
    assert (over.pen("rose").width, over.pen("rose").colour) == (0.4, "#d42a1e")


def test_a_set_of_the_configuration_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOTSKETCH_CONFIG", written(tmp_path, '[pens.studio]\nrose = "#d0607a 0.4mm"\n', "config.toml"))
    assert read_pens("studio") == PenSet("studio", (SetPen(name="rose", colour="#d0607a", width=0.4),))
    found = read_pens(written(tmp_path, 'like = "studio"\n[rose]\nheight = 20'))
    assert found.pens == (SetPen(name="rose", colour="#d0607a", width=0.4, height=20),)
    with pytest.raises(UserError, match="no set of pens 'studoi': did you mean 'studio'"):
        read_pens("studoi")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no pens"),
        ("rose = 3", "rose = 3"),
        ("[rose]\nwidth = 1", "pen rose has no colour"),
        ('[rose]\ncolour = "#d0607a"\nforc = 2', "pen rose has no 'forc'; did you mean 'force'"),
        ('[rose]\ncolour = "#d0607a"\nspeed = "fast"', "pen rose: speed is 'fast'"),
        ('[rose]\ncolour = "#d0607a"\nspeed = "130%"', "pen rose: percent is 130; it takes a whole number"),
        ('[rose]\ncolour = "#d0607a"\nspeed = 0', "pen rose: speed is 0; it is above 0"),
        ('[rose]\ncolour = "#d0607a"\nheight = 101', "pen rose: height is 101"),
        ('[rose]\ncolour = "#d0607a"\nslot = true', "pen rose: slot is True"),
        ('[rose]\ncolour = "rse"', "unknown ink 'rse'"),
        ("[rose]\ncolour = 12", "pen rose: colour is 12"),
        ('[rose]\nlike = "rose"', "pen rose: like = 'rose' leads back to the same pen"),
        ('[a]\nlike = "b"\n[b]\nlike = "a"', "leads back to the same pen"),
        ('[a]\nlike = "c"\ncolour = "red"', "pen a: like is 'c', which is no pen of the set"),
        ('like = "pens.toml"\na = "red"', "leads back to itself"),
        ('like = "none.toml"\na = "red"', "cannot read the pens in"),
        ('Rose = "red"', "a pen's name has small letters"),
        ("rose = [", "is no TOML"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_line(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as error:
        read_pens(path)
    assert words in str(error.value) and "\n" not in str(error.value)
    assert "pens.toml" in str(error.value) or "none.toml" in str(error.value)


@given(st.text(max_size=60))
def test_any_text_is_pens_or_an_error_of_the_users(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("pens") / "pens.toml"
    path.write_text(f"[a]\ncolour = {text}", encoding="utf-8")
    try:
        assert read_pens(str(path)).pens
    except UserError as error:
        assert str(error)


def test_what_is_asked_for_goes_before_the_name_that_before_the_colour_and_that_before_the_order() -> None:
    layers = [("1 teal", "#000000"), ("2 teal", "#d0607a"), ("3", "#d0607a"), ("4", "#c8566f"), ("5", "#ffff00")]
    found = pens_for(
        plan(*layers),
        pens("blue=#1f4fb4", "teal=#13807f", "rose=#d0607a", "brick=#a63d2f", "ink=#000000"),
        {1: "ink"},
    )
    assert names(found) == ["ink", "teal", "rose", "brick", "blue"]
    assert [layer.colour for layer in found.layers][:2] == ["#000000", "#13807f"]
    assert [layer.label for layer in found.layers] == [label for label, _ in layers]


def test_of_pens_of_one_colour_the_nearest_width_is_taken() -> None:
    fine, broad = (SetPen(name=name, colour="#000000", width=width) for name, width in [("broad", 0.8), ("fine", 0.25)])
    found = pens_for(plan(("1", "#000000"), ("2", "#000000")), PenSet("black", (fine, broad)))
    assert names(found) == ["fine", "fine"]
    assert [layer.pen_width for layer in found.layers] == [0.25, 0.25]


def test_colours_that_are_alike_find_one_another_and_unlike_ones_do_not() -> None:
    layers = [("1", "#2040a0"), ("2", "#e02020"), ("3", "#404040")]
    found = pens_for(plan(*layers), pens("black=#000000", "red=#d42a1e", "blue=#1f4fb4"))
    assert names(found) == ["blue", "red", "black"]


def test_a_layer_without_a_pen_and_unknown_names_are_refused() -> None:
    some = plan(("1", "#000000"), ("2", "#ff0000"))
    with pytest.raises(UserError, match=r"layer 2 \(#ff0000\) has no pen: the 1 of studio are taken; .*--pen 2=ink"):
        pens_for(some, pens("ink=#000000"))
    with pytest.raises(UserError, match="no pen 'rsoe' in studio: did you mean 'rose'"):
        pens_for(some, pens("rose=#d0607a"), {1: "rsoe"})
    with pytest.raises(UserError, match="--pen 7=rose: there is no layer 7 to be drawn; there are 1, 2"):
        pens_for(some, pens("rose=#d0607a"), {7: "rose"})
    assert names(pens_for(some, pens("rose=#d0607a"), {1: "rose", 2: "rose"})) == ["rose", "rose"]


def test_a_label_goes_before_the_pen() -> None:
    some = pens("rose=#d0607a", percent=50, height=40, delay=300)
    codes = [layer.code for layer in pens_for(plan(("!1+S20+H10", "#d0607a"), ("2", "#d0607a")), some).layers]
    assert (codes[0].speed, codes[0].height, codes[0].delay, codes[0].pause) == (20, 10, 300, True)
    assert (codes[1].speed, codes[1].height, codes[1].delay, codes[1].pause) == (50, 40, 300, False)


def test_millimetres_a_second_become_the_percent_that_is_nearest() -> None:
    found = pens_for(plan(("1", "#d0607a")), pens("rose=#d0607a", speed=40.0))
    assert found.layers[0].code.speed == 20  # 40.17 mm/s
    slower = pens_for(plan(("1", "#d0607a")), pens("rose=#d0607a", speed=10.0))
    assert found.times()[0].draw_seconds < slower.times()[0].draw_seconds
    with pytest.raises(UserError, match="pen rose: AxiDraw V3.* draws at 2.01 to 221 mm/s, not 400"):
        pens_for(plan(("1", "#d0607a")), pens("rose=#d0607a", speed=400.0))


def test_a_machine_that_reads_no_codes_is_told_what_a_percent_is() -> None:
    grbl = load_machine("grbl")  # 50 mm/s
    layers = [("1", "#d0607a"), ("2+S20", "#000000")]
    found = pens_for(plan(*layers, machine=grbl), pens("rose=#d0607a", "ink=#000000", speed=80.0))
    assert found.machine.percent_speed * (found.layers[0].code.speed or 0) == pytest.approx(80)
    assert as_coded(found.machine, found.layers[1].code).draw_speed == pytest.approx(10, rel=0.05)  # as its label says
    half = pens_for(plan(*layers, machine=grbl), pens("rose=#d0607a", "ink=#000000", percent=50))
    assert half.machine.percent_speed * (half.layers[0].code.speed or 0) == pytest.approx(25)
    assert pens_for(plan(*layers, machine=grbl), pens("rose=#d0607a", "ink=#000000")).machine == grbl


@pytest.mark.parametrize("machine", ["axidraw-v3", "grbl", "hp7475a"])
def test_every_machine_waits_before_the_layer_of_a_pen_that_says_so(machine: str) -> None:
    found = pens_for(plan(("1", "#d0607a"), machine=machine), pens("rose=#d0607a", delay=1500))
    assert found.times()[0].wait_seconds == pytest.approx(1.5)
    assert as_coded(found.machine, found.layers[0].code).draw_speed == load_machine(machine).draw_speed
    if machine == "grbl":
        assert b"G4 P1.5\n" in bytes_of(found)


def test_an_hpgl_plotter_is_told_velocity_force_and_place() -> None:
    layers = [("1", "#d0607a"), ("2+S20", "#000000")]
    found = pens_for(
        plan(*layers, machine="hp7550a"), pens("rose=#d0607a", "ink=#000000", speed=100.0, force=3, slot=5)
    )
    assert found.machine.hpgl["layers"] == {"1": {"velocity": 10.0, "force": 3}}
    assert [layer.pen for layer in found.layers] == [5, None]
    assert describe(found.layers[0]) == "pen 5, rose (#d0607a, 0.3 mm)"
    with pytest.raises(UserError, match="pen rose: HP 7550A draws at 10 to 800 mm/s, not 900"):
        pens_for(plan(*layers, machine="hp7550a"), pens("rose=#d0607a", "ink=#000000", speed=900.0))
    with pytest.raises(UserError, match="force is 90"):
        pens_for(plan(*layers, machine="hp7550a"), pens("rose=#d0607a", "ink=#000000", force=90))
    with pytest.raises(UserError, match="pen rose: slot is 7; the plotter has places 1 to 6"):
        pens_for(plan(*layers, machine="hp7475a"), pens("rose=#d0607a", "ink=#000000", slot=7))
    with pytest.raises(UserError, match="pens rose and ink would both be in place 2"):
        pens_for(plan(*layers, machine="hp7475a"), pens("rose=#d0607a", "ink=#000000", slot=2))


def test_what_the_profile_says_of_a_layer_stays() -> None:
    own = load_machine("hp7550a")
    own = replace(own, hpgl={**own.hpgl, "layers": {"1": {"velocity": 5}}})
    found = pens_for(plan(("1", "#d0607a"), machine=own), pens("rose=#d0607a", speed=100.0, force=2))
    assert found.machine.hpgl["layers"] == {"1": {"velocity": 5, "force": 2}}


def test_a_machine_has_no_use_for_a_carousels_place() -> None:
    found = pens_for(plan(("1", "#d0607a")), pens("rose=#d0607a", slot=5, force=2, width=0.4))
    assert found.layers[0].pen is None
    assert describe(found.layers[0]) == "pen rose (#d0607a, 0.4 mm)"


def test_a_layer_without_a_set_is_described_too() -> None:
    first, second = plan(("1 black", "#000000"), ("2", "#d0607a")).layers
    assert describe(first) == "pen black (#000000, 0.3 mm)"
    assert describe(second) == "pen for layer 2 (#d0607a, 0.3 mm)"
    assert describe(plan(("1 #D0607A", "#d0607a")).layers[0]) == "pen #D0607A (0.3 mm)"
