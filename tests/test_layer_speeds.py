"""Speeds of single layers: what a file, a label or a profile says is what is counted, written and plotted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import plotsketch as ps
from plotsketch.lines.machine import load_machine
from plotsketch.output.sheet_in import read_sheet
from plotsketch.plotter.plan import plan_of

Command = Callable[..., Result]
NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
# 100 mm on a 7475A (0.02488 mm a unit), with what stands before
HPGL = "IN;{0}SP1;{1}PU1000,1000;PD5019,1000;PU;SP0;"
GCODE = "G21 G90\nG0 Z5\nG0 X10 Y10\nG1 Z-1 F300\nG1 X110 {}\nG0 Z5\n"


def drawing(plotsketch: Command, path: Path, *words: object) -> float:
    """Seconds with the pen down."""
    done = plotsketch("estimate", path, *words, "--json")
    assert done.exit_code == 0, done.output
    return float(json.loads(done.stdout)["draw_seconds"])


def takes(speed: float, machine: str, length: float = 100.0) -> Any:
    """Seconds of a straight line at a speed, from rest to rest."""
    return pytest.approx(length / speed + speed / load_machine(machine).acceleration, rel=2e-3)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def labelled(path: Path, label: str) -> Path:
    return written(
        path,
        f'<svg {NS} width="297mm" height="210mm" viewBox="0 0 297 210"><g inkscape:groupmode="layer" '
        f'inkscape:label="{label}"><path d="M50,50 H150" stroke="#000"/></g></svg>',
    )


@pytest.mark.parametrize(
    ("before", "after", "speed"),
    [
        ("", "", 381),
        ("VS11;", "", 110),
        ("", "VS2.5;", 25),
        ("VS11;", "VS;", 381),
        ("VS11;IN;", "", 381),
        ("VS11,2;", "", 381),
        ("VS20,2;VS11,1;", "", 110),
        ("VS99;", "", 381),
        ("VS0;", "", 381),
    ],
)
def test_vs_is_counted(plotsketch: Command, tmp_path: Path, before: str, after: str, speed: float) -> None:
    path = written(tmp_path / "in.plt", HPGL.format(before, after))
    assert drawing(plotsketch, path, "--machine", "hp7475a") == takes(speed, "hp7475a")


def test_a_speed_that_changes_within_a_pen_is_counted_by_its_mean(plotsketch: Command, tmp_path: Path) -> None:
    text = "IN;SP1;VS10;PU0,0;PD4019,0;VS5;PU0,100;PD2010,100;SP0;"  # 100 mm at 100 mm/s, 50 mm at 50 mm/s
    found = drawing(plotsketch, written(tmp_path / "in.plt", text), "--machine", "hp7475a")
    assert found == pytest.approx(2.0, rel=0.02)


@pytest.mark.parametrize(("feed", "speed"), [("F600", 10), ("F6000", 100), ("F99999", 100), ("", 5), ("F0", 50)])
def test_f_is_counted(plotsketch: Command, tmp_path: Path, feed: str, speed: float) -> None:
    path = written(tmp_path / "in.gcode", GCODE.format(feed))
    assert drawing(plotsketch, path, "--machine", "grbl") == takes(speed, "grbl")


def test_f_in_inches_and_of_turns(plotsketch: Command, tmp_path: Path) -> None:
    inches = written(tmp_path / "in.gcode", "G20 G90\nG0 Z1\nG0 X1 Y1\nG1 Z0 F9\nG1 X5 F20\nG0 Z1\n")
    assert drawing(plotsketch, inches, "--machine", "grbl") == takes(20 * 25.4 / 60, "grbl", 101.6)
    turns = written(tmp_path / "in.nc", "G21 G90\nG0 Z5\nG0 X10\nG1 Z0 F9\nG95\nG1 X110 F2\nG0 Z5\n")
    assert drawing(plotsketch, turns, "--machine", "grbl") == takes(50, "grbl")


def test_a_speed_given_holds_whatever_the_file_says(plotsketch: Command, tmp_path: Path) -> None:
    path = written(tmp_path / "in.plt", HPGL.format("VS11;", ""))
    assert drawing(plotsketch, path, "--machine", "hp7475a", "--speed", 200) == takes(200, "hp7475a")
    own = written(tmp_path / "own.toml", 'like = "hp7475a"\nfile_speeds = false\n')
    assert drawing(plotsketch, path, "--machine", own) == takes(381, "hp7475a")


def test_an_axidraw_is_slowed_and_never_hurried_by_a_file(plotsketch: Command, tmp_path: Path) -> None:
    # without a plotter of its own HP-GL has 40 units a mm
    for velocity, speed in [("VS2;", 20), ("VS30;", 50.2)]:
        path = written(tmp_path / "in.plt", HPGL.format(velocity, ""))
        assert drawing(plotsketch, path) == takes(speed, "axidraw-v3", 4019 / 40)


@pytest.mark.parametrize(
    ("machine", "label", "speed"),
    [
        ("hp7475a", "1+S10 a", 30),  # VS takes whole cm/s: 3.81 is 3
        ("hp7475a", "1+S100 a", 380),
        ("grbl", "1+S50 a", 25),
        ("grbl", "+S20 a", 10),
        ("axidraw-v3", "1+S10 a", 20.084),
    ],
)
def test_labels_are_counted_and_written(
    plotsketch: Command, tmp_path: Path, machine: str, label: str, speed: float
) -> None:
    path = labelled(tmp_path / "in.svg", label)
    assert drawing(plotsketch, path, "--machine", machine) == takes(speed, machine)
    chosen = load_machine(machine)
    assert sum(times.draw_seconds for times in plan_of(read_sheet(path), chosen).times()) == takes(speed, machine)
    shown = ps.preview(path, machine=machine)
    assert shown.estimate.total.draw_seconds == takes(speed, machine)
    assert shown.plot.timeline.total == pytest.approx(shown.estimate.total.seconds)
    if machine == "grbl":
        ps.convert(path, tmp_path / "out.gcode", machine=machine)
        assert f"F{60 * speed:g}\n" in (tmp_path / "out.gcode").read_text()
        assert drawing(plotsketch, tmp_path / "out.gcode", "--machine", machine) == takes(speed, machine)


def test_percent_of_a_g_code_machine_is_what_its_profile_says(tmp_path: Path) -> None:
    machine = replace(load_machine("grbl"), percent_speed=0.7)
    ps.convert(labelled(tmp_path / "in.svg", "1+S50 a"), tmp_path / "out.gcode", machine=machine)
    assert "F2100\n" in (tmp_path / "out.gcode").read_text()


def test_velocity_of_a_profile_is_counted_before_all_else(plotsketch: Command, tmp_path: Path) -> None:
    own = written(tmp_path / "own.toml", 'like = "hp7475a"\n[hpgl.layers.1]\nvelocity = 5\n')
    for path in (
        labelled(tmp_path / "in.svg", "1+S90 a"),
        written(tmp_path / "in.plt", HPGL.format("VS11;", "")),
    ):
        assert drawing(plotsketch, path, "--machine", own) == takes(50, "hp7475a")
        assert drawing(plotsketch, path, "--machine", own, "--speed", 100) == takes(50, "hp7475a")


@pytest.mark.parametrize("command", ["convert", "optimize"])
def test_speeds_go_with_a_sheet_from_file_to_file(plotsketch: Command, tmp_path: Path, command: str) -> None:
    path = written(tmp_path / "in.plt", HPGL.format("VS8;", "").replace("SP0", "SP2;VS3.5;PU0,0;PD99,99;PU;SP0"))
    out = tmp_path / "out.hpgl"
    assert plotsketch(command, path, "-o", out, "--machine", "hp7475a").exit_code == 0
    assert re.findall(r"VS[\d.]*;|SP\d;", out.read_text()) == ["SP1;", "VS8;", "SP2;", "VS3.5;", "SP0;"]
    assert plotsketch("convert", path, "-o", out, "--machine", "hp7475a", "--speed", 60).exit_code == 0
    assert re.findall(r"VS[\d.]*;", out.read_text()) == ["VS6;"]
    words = ["--from", "hp7475a", "--machine", "grbl"]
    assert plotsketch(command, path, "-o", tmp_path / "out.gcode", *words).exit_code == 0
    assert re.findall(r"F\d+", (tmp_path / "out.gcode").read_text()) == ["F4800", "F2100"]


def test_what_a_plot_sends_and_counts(tmp_path: Path) -> None:
    machine = load_machine("hp7475a")
    plan = plan_of(read_sheet(written(tmp_path / "in.plt", HPGL.format("VS11;", "")), machine), machine)
    assert plan.layers[0].code.mm_s == 110 and plan.times()[0].draw_seconds == takes(110, "hp7475a")
