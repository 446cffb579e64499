"""plotsketch optimize, and plotsort and plotjoin in vpype."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import vpype
import vpype_cli

import plotsketch
from plotsketch.output.sheet_in import read_sheet

SQUARE = 'width="100mm" height="100mm" viewBox="0 0 100 100" stroke="#000"'
STYLE = 'fill="none" stroke="#ff0000"'


def svg(body: str, attributes: str = 'width="100mm" height="50mm" viewBox="0 0 100 50"') -> str:
    inkscape = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {inkscape} {attributes}>{body}</svg>'


def strokes(count: int, seed: int, colour: str = "#ff0000") -> str:
    places = np.random.default_rng(seed).uniform(0, 40, (count, 4)).round(2)
    return "".join(f'<path d="M{a},{b} L{c},{d}" fill="none" stroke="{colour}"/>' for a, b, c, d in places)


def layer(label: str, body: str, transform: str = "") -> str:
    return f'<g inkscape:groupmode="layer" inkscape:label="{label}" transform="{transform}">{body}</g>'


def segments(layer: vpype.LineCollection) -> list[tuple[tuple[float, float], ...]]:
    ends = [(a, b) for line in layer for a, b in pairwise(line)]
    return sorted(tuple(sorted((round(p.real, 1), round(p.imag, 1)) for p in pair)) for pair in ends)


@pytest.fixture
def two_pens(tmp_path: Path) -> Path:
    path = tmp_path / "two.svg"
    moved = f'<g transform="translate(5 2)">{strokes(30, 2, "#0000ff")}</g>'
    path.write_text(svg(layer("1 red 0.3mm", strokes(40, 1)) + layer("2 blue 0.3mm", moved, "scale(0.9)")))
    return path


def test_layers_names_colours_page_and_ink_stay_and_time_goes_down(plotsketch, two_pens: Path, tmp_path: Path) -> None:
    done = plotsketch("optimize", str(two_pens), "-o", str(tmp_path / "o.svg"), "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["after"]["seconds"] < told["before"]["seconds"]
    before, after = read_sheet(two_pens), read_sheet(tmp_path / "o.svg")
    assert after.page_size == pytest.approx(before.page_size, abs=0.01)
    assert list(after.layers) == [1, 2]
    for number, name, colour in ((1, "1 red 0.3mm", "#ff0000"), (2, "2 blue 0.3mm", "#0000ff")):
        assert after.layers[number].property("vp_name") == name
        assert after.layers[number].property("vp_color").as_rgb_hex() == colour
        found, wanted = (np.array(segments(document.layers[number])) for document in (after, before))
        assert found == pytest.approx(wanted, abs=0.11)


def test_a_person_reads_before_and_after(plotsketch, two_pens: Path, tmp_path: Path) -> None:
    done = plotsketch("optimize", str(two_pens), "-o", str(tmp_path / "o.svg"), "--join", "0.2mm", "--effort", "fast")
    assert done.exit_code == 0, done.output
    assert "before" in done.stdout and "after" in done.stdout and "saved" in done.stdout


def test_no_time_is_added_where_there_is_none_to_save(plotsketch, tmp_path: Path) -> None:
    (tmp_path / "in.svg").write_text(svg(layer("1", '<path d="M50,50 L50,51 L50,50" stroke="red"/>' * 60)))
    done = plotsketch("optimize", tmp_path / "in.svg", "-o", tmp_path / "out.svg", "--effort", "fast")
    assert done.exit_code == 0 and re.search(r"^0% of the time on .* is saved$", done.stdout, re.MULTILINE)


def test_the_same_command_writes_the_same_bytes(plotsketch, two_pens: Path, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        assert plotsketch("optimize", str(two_pens), "-o", str(tmp_path / name), "--seed", "2").exit_code == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_recipe_of_our_own_sheets_is_kept(plotsketch, two_pens: Path, tmp_path: Path) -> None:
    recipe = {"program": "plotsketch", "command": "grid"}
    text = two_pens.read_text().replace("<g ", f"<metadata>{json.dumps(recipe)}</metadata><g ", 1)
    two_pens.write_text(text)
    assert plotsketch("optimize", str(two_pens), "-o", str(tmp_path / "o.svg")).exit_code == 0
    written = (tmp_path / "o.svg").read_text()
    kept = json.loads(written.split("<metadata>")[1].split("</metadata>")[0])
    assert kept["command"] == "grid"
    assert kept["optimized"]["objective"] == "seconds"


@pytest.mark.parametrize(
    "attributes", ["", 'viewBox="0 0 100 50"', 'width="100%" height="100%" viewBox="0 0 100 50"', 'width="9%"']
)
def test_odd_sizes_are_read_or_refused_in_a_line(plotsketch, tmp_path: Path, attributes: str) -> None:
    (tmp_path / "in.svg").write_text(svg(strokes(9, 1), attributes))
    done = plotsketch("optimize", str(tmp_path / "in.svg"), "-o", str(tmp_path / "o.svg"))
    assert done.exit_code in (0, 1)
    assert done.exit_code == 0 or done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["--join", "far"], ["--join", "-1"], ["--effort", "huge"], ["--machine", "none"], ["-o", "o.xyz"]]
)
def test_what_makes_no_sense_is_refused(plotsketch, two_pens: Path, tmp_path: Path, words: list[str]) -> None:
    done = plotsketch("optimize", str(two_pens), "-o", str(tmp_path / "o.svg"), *words)
    assert done.exit_code in (1, 2)
    assert not (tmp_path / "o.svg").exists()


def test_three_hundred_layers_stay_three_hundred(tmp_path: Path) -> None:
    body = "".join(layer(f"{n} pen", strokes(3, n)) for n in range(1, 301))
    (tmp_path / "in.svg").write_text(svg(body))
    done = plotsketch.optimize(tmp_path / "in.svg", effort="fast")
    assert len(done.document.layers) == 300
    assert done.after.total.seconds <= done.before.total.seconds


def test_vpype_has_plotsort_and_plotjoin() -> None:
    from plotsketch.cli.vpype_lines import COMMANDS

    document = vpype.read_multilayer_svg(io.StringIO(svg(layer("1", strokes(40, 1)) + layer("2", strokes(9, 2)))), 0.1)
    for name in ("plotsort", "plotjoin"):
        command = COMMANDS[name]()
        processor = command.main(args=[], standalone_mode=False)
        state = vpype_cli.State(document)
        vpype_cli.execute_processors([processor], state)
        assert {n: segments(layer) for n, layer in state.document.layers.items()} == {
            n: segments(layer) for n, layer in document.layers.items()
        }
        assert name == "plotjoin" or state.document.pen_up_length() < document.pen_up_length() / 2


def test_gaps_and_ink_drawn_twice_are_told(plotsketch, tmp_path: Path) -> None:
    ring = '<path d="M20,20 L30,20 L30,30 L20,30 Z" fill="none" stroke="red"/>'
    tails = "".join(f'<path d="M{x},30.3 L{x},33" fill="none" stroke="red"/>' for x in (22, 24, 26))
    (tmp_path / "in.svg").write_text(svg(ring + tails))
    words = ["optimize", str(tmp_path / "in.svg"), "-o", str(tmp_path / "o.svg"), "--join", "0.4mm"]
    once, twice = (json.loads(plotsketch(*words, *more, "--json").stdout) for more in ([], ["--retrace", "5mm"]))
    assert once["gaps"]["longest_mm"] == pytest.approx(0.3, abs=0.01)
    assert (once["gaps"]["count"], once["twice_mm"], once["after"]["lifts"]) == (1, 0, 3)
    assert twice["twice_mm"] > 1
    assert twice["after"]["lifts"] < 3
    assert twice["after"]["seconds"] < once["after"]["seconds"]
    told = plotsketch(*words, "--retrace", "5mm").stdout
    assert "gaps drawn over" in told and "drawn twice" in told
    assert plotsketch(*words, "--retrace", "far").exit_code in (1, 2)


@pytest.mark.parametrize("oversize", ["clip", "scale"])
def test_what_is_cut_or_made_smaller_is_what_is_ordered_and_timed(plotsketch, tmp_path: Path, oversize: str) -> None:
    random = np.random.default_rng(5)
    begins = random.uniform(0, 130, (80, 2))
    lines = [f'<path d="M{x:.3f},{y:.3f} l{dx:.3f},{dy:.3f}"/>' for (x, y), (dx, dy) in
             zip(begins, random.uniform(-40, 40, (80, 2)), strict=True)]  # fmt: skip
    given = tmp_path / "in.svg"
    given.write_text(svg("".join(lines), SQUARE))
    mine = tmp_path / "mine.toml"
    mine.write_text('like = "grbl"\ntravel = [110, 100]\n')
    words = ["--machine", mine, "--effort", "fast", "--json"]

    def optimized(source: Path, name: str, *more: object) -> dict[str, dict[str, float]]:
        done = plotsketch("optimize", source, "-o", tmp_path / name, *words, *more)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    told = optimized(given, "out.gcode", "--oversize", oversize, "-o", tmp_path / "out.svg")
    done = plotsketch("convert", given, "-o", tmp_path / "fit.gcode", "--machine", mine, "--oversize", oversize)
    assert done.exit_code == 0, done.output
    fit_first = optimized(tmp_path / "fit.gcode", "again.gcode")
    for when in ("before", "after"):
        assert told[when]["seconds"] == pytest.approx(fit_first[when]["seconds"], rel=2e-3)
    for file in ("out.gcode", "out.svg"):
        estimate = json.loads(plotsketch("estimate", tmp_path / file, "--machine", mine, "--json").stdout)
        assert estimate["seconds"] == pytest.approx(told["after"]["seconds"], rel=2e-3)


def test_a_shape_that_is_cut_off_still_hides_and_is_filled(plotsketch, tmp_path: Path) -> None:
    given, mine = tmp_path / "in.svg", tmp_path / "mine.toml"
    given.write_text(svg('<path d="M50,50 H109"/><path d="M90,20 H130 V80 H90 Z"/>', SQUARE))
    mine.write_text('like = "grbl"\ntravel = [110, 100]\n')
    words = ["--machine", mine, "--occlude", "--oversize", "clip", "-o", tmp_path / "out.gcode", "--json"]
    done = plotsketch("optimize", given, *words)
    assert done.exit_code == 0 and "cut off" in done.stderr, done.output
    # 40 mm of the line are to be seen, and three sides of the square of which 20 mm across are within reach
    assert json.loads(done.stdout)["after"]["ink_mm"] == pytest.approx(40 + 60 + 2 * 20, abs=0.01)


@pytest.mark.parametrize("machine", ["axidraw-v3", "hp7475a", "grbl"])
def test_a_wider_gap_makes_no_sheet_slower(plotsketch, tmp_path: Path, machine: str) -> None:
    given = tmp_path / "in.svg"
    given.write_text(svg(strokes(80, 3)))
    times = []
    for gap in ("0.5mm", "2mm", "4mm", "9mm", "1m"):
        words = ["--machine", machine, "--join", gap, "--effort", "fast", "--json"]
        done = plotsketch("optimize", given, "-o", tmp_path / "out.svg", *words)
        assert done.exit_code == 0, done.output
        times.append(json.loads(done.stdout)["after"]["seconds"])
    assert all(later <= before * 1.01 for before, later in pairwise(times)), times


def test_no_gap_is_drawn_over_where_a_lift_is_sooner(plotsketch, tmp_path: Path) -> None:
    given, mine = tmp_path / "in.svg", tmp_path / "mine.toml"
    given.write_text(svg('<path d="M10,10 H20" stroke="#000"/><path d="M24,10 H40" stroke="#000"/>'))
    mine.write_text('like = "axidraw-v3"\ndraw_speed = 5\nlift_s = 0.1\ndrop_s = 0.1\n')
    gaps = []
    for words in (["--machine", mine], ["--machine", mine, "--objective", "mm"], ["--machine", "axidraw-v3"]):
        done = plotsketch("optimize", given, "-o", tmp_path / "out.svg", "--join", "5mm", "--json", *words)
        gaps.append(json.loads(done.stdout)["gaps"]["count"])
    assert gaps == [0, 1, 1]  # 4 mm take 0.8 s with the pen down, and 0.3 s with a lift
