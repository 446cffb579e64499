"""The line treatments of `plotsketch optimize`, in files that svgelements reads back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
import svgelements
import vpype_cli

import plotsketch
from plotsketch.errors import UserError
from plotsketch.lines.machine import load_machine
from plotsketch.output.sheet_in import read_sheet
from plotsketch.plotter.plan import plan_of

INKSCAPE = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
SQUARES = '<rect x="10" y="10" width="20" height="20"/><rect x="20" y="20" width="20" height="20"/>'


def svg(*layers: str) -> str:
    groups = "".join(
        f'<g inkscape:groupmode="layer" inkscape:label="{number} pen{number}" fill="none" stroke="#000" '
        f'stroke-width="0.5">{body}</g>'
        for number, body in enumerate(layers, start=1)
    )
    size = 'width="100mm" height="60mm" viewBox="0 0 100 60"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {INKSCAPE} {size}>{groups}</svg>'


def lines_of(path: Path) -> list[np.ndarray]:
    """All lines of a written file, in mm."""
    drawn = svgelements.SVG.parse(str(path), ppi=96)
    scale = 25.4 / 96
    return [
        np.array([(p.x, p.y) for p in e.points]) * scale
        for e in drawn.elements(lambda e: isinstance(e, svgelements.Polyline))
    ]


def ink(lines: list[np.ndarray]) -> shapely.Geometry:
    return shapely.union_all([shapely.LineString(line) for line in lines])


@pytest.fixture
def treat(plotsketch, tmp_path: Path):
    def run(text: str, *words: str) -> list[np.ndarray]:
        (tmp_path / "in.svg").write_text(text)
        done = plotsketch("optimize", tmp_path / "in.svg", "-o", tmp_path / "out.svg", *words)
        assert done.exit_code == 0, done.output
        return lines_of(tmp_path / "out.svg")

    return run


def test_occlusion_across_and_within_layers(treat) -> None:
    done = ink(treat(svg(SQUARES, '<circle cx="40" cy="40" r="5"/>'), "--occlude"))
    assert done.length == pytest.approx(80 - 20 + 80 - 10 + 10 * np.pi, abs=0.1)
    assert not done.intersects(shapely.box(20.1, 20.1, 34.9, 34.9))


def test_a_mask_hides_and_is_not_drawn(treat, tmp_path: Path) -> None:
    done = ink(
        treat(svg(SQUARES, '<rect x="0" y="0" width="25" height="60" fill="#fff" stroke="none"/>'), "--mask", "pen2")
    )
    assert done.bounds == pytest.approx((25, 10, 40, 40), abs=0.01)
    found = json.loads((tmp_path / "out.svg").read_text().split("<metadata>")[1].split("</metadata>")[0])
    assert found["optimized"]["mask"] == ["pen2"]


def test_what_is_drawn_twice_is_drawn_once(treat) -> None:
    shared = '<rect x="10" y="10" width="20" height="20"/><rect x="30" y="10" width="20" height="20"/>'
    back = '<path d="M10 30 L30 30"/><path d="M60 10 h20"/><path d="M75 10 h-30"/>'
    done = treat(svg(shared + back), "--dedupe", "0.05mm")
    assert sum(shapely.LineString(line).length for line in done) == pytest.approx(ink(done).length, abs=0.3)
    assert ink(done).length == pytest.approx(140 + 30, abs=0.3)


def test_pieces_of_an_outline_are_filled_as_a_whole(treat) -> None:
    sides = '<path d="M10 10 H40"/><path d="M40 40 V10"/><path d="M10 40 H40"/><path d="M10 10 V40"/>'
    done = treat(svg(sides), "--hatch", "pen1", "--hatch-angle", "0")
    fill = ink(done)
    assert fill.buffer(0.251).area == pytest.approx(30.5**2, rel=0.01)
    assert shapely.box(9.99, 9.99, 40.01, 40.01).covers(fill)
    assert len(done) <= 2


def test_split_and_reloop_last_through_joining_and_ordering(treat) -> None:
    done = treat(
        svg('<rect x="10" y="10" width="20" height="20"/><path d="M0 50 H70"/>'), "--split", "15mm", "--reloop"
    )
    assert max(shapely.LineString(line).length for line in done) <= 15.001
    assert ink(done).length == pytest.approx(150 - 10 * 0.04, abs=0.01)
    squares = "".join(f'<rect x="{x}" y="10" width="8" height="8"/>' for x in range(0, 90, 10))
    one, other = (treat(svg(squares), "--reloop", "--seed", seed) for seed in ("1", "2"))
    begun = [{tuple((line[0] - line.min(axis=0)).round(1)) for line in lines} for lines in (one, other)]
    assert len(begun[0]) == len(begun[1]) == 9 and begun[0] != begun[1]


@pytest.mark.parametrize("machine", ["hp7475a", "generic-hpgl", "grbl"])
@pytest.mark.parametrize("step", [None, 0.2])
def test_pieces_begin_with_a_lift_in_every_format(plotsketch, tmp_path: Path, machine: str, step: float | None) -> None:
    given, own = tmp_path / "in.svg", tmp_path / "own.toml"
    size = 'width="297mm" height="210mm" viewBox="0 0 297 210"'
    path = '<path d="M30 60 h200"/><path d="M30 100 h30 v30 h-30 z"/>'
    given.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size} stroke="#000">{path}</svg>')
    own.write_text(f'like = "{machine}"\n' + (f"step = {step}\n" if step else ""))
    suffix = "gcode" if machine == "grbl" else "hpgl"
    words = ["-o", tmp_path / f"out.{suffix}", "-o", tmp_path / "out.svg", "--machine", own, "--json"]
    done = plotsketch("optimize", given, *words, "--split", "7cm")
    assert done.exit_code == 0 and json.loads(done.stdout)["after"]["lifts"] == 3 + 2, done.output
    for source in ("out.svg", f"out.{suffix}"):
        again = tmp_path / f"again-{source}.{suffix}"
        assert plotsketch("convert", tmp_path / source, "-o", again, "--machine", own).exit_code == 0
        for file in (tmp_path / source, again):
            assert json.loads(plotsketch("estimate", file, "--machine", own, "--json").stdout)["lifts"] == 5
            assert len(plan_of(read_sheet(file, load_machine(str(own))), load_machine(str(own))).strokes) == 5


def test_a_person_reads_how_the_ink_changes(plotsketch, tmp_path: Path) -> None:
    (tmp_path / "in.svg").write_text(svg(SQUARES))
    words = ("optimize", tmp_path / "in.svg", "-o", tmp_path / "out.svg")
    assert "ink" not in plotsketch(*words).stdout
    told = plotsketch(*words, "--hatch", "all").stdout
    assert "ink" in told and "added" in told
    numbers = json.loads(plotsketch(*words, "--hatch", "all", "--json").stdout)
    assert numbers["after"]["ink_mm"] > numbers["before"]["ink_mm"] == pytest.approx(160)


@pytest.mark.parametrize(
    "words", [["--mask", "9"], ["--mask", "1"], ["--drop-tiny", "9m"], ["--dedupe", "-1"], ["--split", "0.001"]]
)
def test_what_cannot_be_is_refused_in_a_line(plotsketch, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "in.svg").write_text(svg(SQUARES))
    done = plotsketch("optimize", tmp_path / "in.svg", "-o", tmp_path / "out.svg", *words)
    assert done.exit_code == 1 and done.stderr.count("\n") == 1
    assert not (tmp_path / "out.svg").exists()


def test_in_python_wishes_are_a_tidy(tmp_path: Path) -> None:
    (tmp_path / "in.svg").write_text(svg(SQUARES))
    found = plotsketch.optimize(tmp_path / "in.svg", tidy=plotsketch.Tidy(occlude=True, simplify=0.02))
    assert found.after.total.ink_mm == pytest.approx(140, abs=0.1)
    assert found.recipe["optimized"]["simplify"] == 0.02
    with pytest.raises(UserError, match="nothing is left"):
        plotsketch.optimize(tmp_path / "in.svg", tidy=plotsketch.Tidy(drop_tiny=1000.0))


@pytest.mark.parametrize(("name", "words", "left"), [
    ("plotdedupe", ["-t", "0.05mm"], 160), ("plothatch", [], 1800), ("plotocclude", [], 140)
])  # fmt: skip
def test_vpype_has_them(tmp_path: Path, name: str, words: list[str], left: float) -> None:
    import vpype

    from plotsketch.cli.vpype_lines import COMMANDS

    (tmp_path / "in.svg").write_text(svg(SQUARES))
    document = vpype.read_multilayer_svg(str(tmp_path / "in.svg"), 0.1)
    state = vpype_cli.State(document)
    vpype_cli.execute_processors([COMMANDS[name]().main(args=words, standalone_mode=False)], state)
    assert state.document.length() * 25.4 / 96 == pytest.approx(left, rel=0.15)
