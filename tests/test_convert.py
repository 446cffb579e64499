"""plotsketch convert and its like: whose files are read and written, what is kept, and what is refused beforehand."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from plotsketch.api.convert import recipe_in
from plotsketch.output import sheet_in
from plotsketch.output.sheet_in import read_sheet

Command = Callable[..., Result]
RECIPE = {"program": "plotsketch", "command": "grid", "title": 'Zoë; (a "b") ~!?'}
PATHS = '<path d="M30,30 L60,30"/><path d="M60,60 L90,60"/>'


def sheet(path: Path, body: str = PATHS, size: tuple[int, int] = (297, 210), recipe: object = None) -> Path:
    said = "" if recipe is None else f"<metadata>{json.dumps(recipe)}</metadata>"
    width, height = size
    page = f'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}"'
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {page}>{said}{body}</svg>', encoding="utf-8")
    return path


def test_a_recipe_goes_through_g_code_and_hpgl(plotsketch: Command, tmp_path: Path) -> None:
    given = sheet(tmp_path / "a.svg", recipe=RECIPE)
    talkative = tmp_path / "mine.toml"
    talkative.write_text('like = "hp7475a"\n[hpgl]\ncomments = true\n')
    for name, machine in (("b.gcode", "grbl"), ("b.plt", talkative)):
        assert plotsketch("convert", given, "-o", tmp_path / name, "--machine", machine).exit_code == 0
        kept = recipe_in(tmp_path / name)
        assert kept.pop("passed") == [{"by": "convert", "read": ".svg"}]
        assert kept == RECIPE
        assert plotsketch("optimize", tmp_path / name, "-o", tmp_path / "c.svg", "--effort", "fast").exit_code == 0
        kept = recipe_in(tmp_path / "c.svg")
        assert kept.pop("optimized")["by"] == "plotsketch"
        assert [(read["by"], read["read"]) for read in kept.pop("passed")] == [
            ("convert", ".svg"), ("optimize", (tmp_path / name).suffix),
        ]  # fmt: skip
        assert kept == RECIPE


@pytest.mark.parametrize("text", ['CO "%7B";', 'CO "{}";', 'CO "[1]";', 'CO "%FF";', 'CO "NaN";', "CO hello;"])
def test_comments_of_others_are_no_recipe(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.plt").write_text(f"IN;\n{text}\nSP1;PU0,0;PD9,9;SP0;\n")
    assert recipe_in(tmp_path / "a.plt") == {}


def test_svgz_is_read_with_its_recipe(plotsketch: Command, tmp_path: Path) -> None:
    packed = tmp_path / "a.svgz"
    packed.write_bytes(gzip.compress(sheet(tmp_path / "a.svg", recipe=RECIPE).read_bytes()))
    assert len(read_sheet(packed).layers[1]) == 2
    assert plotsketch("convert", packed, "-o", tmp_path / "b.svg").exit_code == 0
    assert recipe_in(tmp_path / "b.svg") == {**RECIPE, "passed": [{"by": "convert", "read": ".svgz"}]}


def test_svgz_does_not_grow_without_end(plotsketch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_in, "LARGEST_FILE", 1 << 20)
    (tmp_path / "a.svgz").write_bytes(gzip.compress(b" " * (2 << 20)))
    done = plotsketch("estimate", tmp_path / "a.svgz")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "unpacks to more than 1 MiB" in done.stderr


def test_speed_is_vs_in_hpgl_and_feed_in_g_code(plotsketch: Command, tmp_path: Path) -> None:
    given, hpgl, gcode = sheet(tmp_path / "a.svg"), tmp_path / "b.hpgl", tmp_path / "b.gcode"
    assert plotsketch("convert", given, "-o", hpgl, "--machine", "hp7475a", "--speed", 100).exit_code == 0
    assert "VS10;" in hpgl.read_text()
    for command in ("convert", "optimize"):
        assert plotsketch(command, given, "-o", gcode, "--machine", "grbl", "--speed", 20).exit_code == 0
        assert set(re.findall(r"F\d+", gcode.read_text())) == {"F1200"}
    refused = plotsketch("convert", given, "-o", tmp_path / "c.svg", "--speed", 20)
    assert refused.exit_code == 1 and "--machine" in refused.stderr


def test_from_is_a_machine_that_reads_the_file(plotsketch: Command, tmp_path: Path) -> None:
    given, out = tmp_path / "a.plt", tmp_path / "b.svg"
    given.write_text("IN;SP1;PU1000,1000;PD3000,1000;SP0;")
    assert plotsketch("optimize", given, "-o", out, "--from", "hp7475a").exit_code == 0
    (line,) = read_sheet(out).layers[1]
    assert abs(line[1] - line[0]) * 25.4 / 96 == pytest.approx(2000 * 0.02488, abs=0.002)
    for path, machine in ((given, "grbl"), (given, "axidraw-v3"), (sheet(tmp_path / "a.svg"), "hp7475a")):
        refused = plotsketch("convert", path, "-o", out, "--from", machine)
        assert refused.exit_code == 1 and f"--from {machine}" in refused.stderr


@pytest.mark.parametrize(
    ("body", "machine", "word"),
    [
        ('<path d="M-5,30 L60,30"/>', "hp7475a", "at the left"),
        ('<path d="M5,30 L290,30"/>', "marlin", "at the right"),
        ('<g id="layer7"><path d="M50,50 L60,60"/></g>', "hp7475a", "layer 7 has no pen"),
    ],
)
def test_what_does_not_fit_is_refused_before_any_work(
    plotsketch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, machine: str, word: str
) -> None:
    monkeypatch.setattr("plotsketch.api.optimize.treated", lambda *_: pytest.fail("lines were ordered"))
    given = sheet(tmp_path / "a.svg", body)
    plotter = tmp_path / ("b.gcode" if machine == "marlin" else "b.hpgl")
    for command in ("optimize", "convert"):
        done = plotsketch(command, given, "-o", tmp_path / "b.svg", "-o", plotter, "--machine", machine)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.output
        assert word in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_a_mask_may_lie_beyond_the_reach(plotsketch: Command, tmp_path: Path) -> None:
    body = f'<g id="layer1">{PATHS}</g><g id="layer2"><path d="M-9,-9 L50,-9 L50,50 L-9,50 Z"/></g>'
    words = ["-o", tmp_path / "b.hpgl", "--machine", "hp7475a", "--mask", "2", "--effort", "fast"]
    done = plotsketch("optimize", sheet(tmp_path / "a.svg", body), *words)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("command", ["convert", "preview", "estimate", "optimize"])
def test_what_is_not_drawn_is_said(plotsketch: Command, tmp_path: Path, command: str) -> None:
    words = [] if command == "estimate" else ["-o", tmp_path / "b.png", "--dpi", 20]
    done = plotsketch(command, sheet(tmp_path / "a.svg", f"{PATHS}<text>no</text>"), *words)
    assert done.exit_code == 0 and "Warning: 1 text not drawn" in done.stderr, done.output


@pytest.mark.parametrize("command", ["convert", "optimize"])
@pytest.mark.parametrize(
    ("oversize", "word"),
    [("clip", "20.0 mm of ink lie beyond what GRBL 1.1 with a servo can draw"), ("scale", "at 84.62% of its size")],
)
def test_what_is_cut_off_or_made_smaller_is_said(
    plotsketch: Command, tmp_path: Path, command: str, oversize: str, word: str
) -> None:
    given = sheet(tmp_path / "a.svg", '<path d="M-10,20 L120,20"/>', size=(100, 60))
    mine = tmp_path / "mine.toml"
    mine.write_text('like = "grbl"\ntitle = "GRBL 1.1 with a servo"\ntravel = [110, 100]\n')
    done = plotsketch(command, given, "-o", tmp_path / "b.gcode", "--machine", mine, "--oversize", oversize)
    assert done.exit_code == 0 and word in done.stderr and done.stderr.count("\n") == 1, done.output


def test_a_drawing_that_is_only_moved_is_said_to_be(plotsketch: Command, tmp_path: Path) -> None:
    given = sheet(tmp_path / "a.svg", '<path d="M-10,20 L20,20"/>')
    done = plotsketch("convert", given, "-o", tmp_path / "b.gcode", "--machine", "grbl", "--oversize", "scale")
    assert done.exit_code == 0 and "at its size, moved +10.00 mm across and +0.00 mm down" in done.stderr


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("convert", ["--dpi", 300]),
        ("optimize", ["--dpi", 300]),
        ("convert", ["--machine", "grbl"]),
        ("convert", ["--machine", "hp7475a", "--speed", 100]),
    ],
)
def test_what_means_nothing_to_any_file_is_refused(
    plotsketch: Command, tmp_path: Path, command: str, words: list[str]
) -> None:
    done = plotsketch(command, sheet(tmp_path / "a.svg"), "-o", tmp_path / "b.svg", *words)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1) and words[0] in done.stderr
    assert not (tmp_path / "b.svg").exists()


def test_a_machine_that_stands_in_the_environment_is_no_matter(
    plotsketch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOTSKETCH_MACHINE", "grbl")
    assert plotsketch("convert", sheet(tmp_path / "a.svg"), "-o", tmp_path / "b.svg").exit_code == 0


@pytest.mark.parametrize(
    "words", [["--hatch-gap", "1mm"], ["--hatch-angle", "30"], ["--hatch-cross"], ["--closed", "2mm"]]
)
def test_options_without_what_they_are_for_are_refused(plotsketch: Command, tmp_path: Path, words: list[str]) -> None:
    done = plotsketch("optimize", sheet(tmp_path / "a.svg"), "-o", tmp_path / "b.svg", *words)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1) and words[0] in done.stderr
