"""``plotsketch again``: every file of every command and format is made again, byte for byte."""

from __future__ import annotations

import gzip
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provenance_cases import GRID, Run, alike, answer, ok, refused
from provenance_cases import run as run

from plotsketch.api.command_line import length, pen_text
from plotsketch.api.provenance import info
from plotsketch.art.recipe import RECIPES
from plotsketch.sheet.document import Pen
from plotsketch.sheet.inks import INKS, parse_pen
from plotsketch.sheet.paper import parse_length

# a case -> the words that draw it
DRAWN = {
    "grid": "grid seed:1 dot --rows 2 --cols 3",
    "grid, given": "grid seed:1 seed:2 dot --given 1x3 --rows 1 --cols 5 --paper a5 --landscape",
    "grid, dressed": "grid seed:1 dot --rows 2 --cols 2 --paper 21.7x13cm --margin 0.3in --gutter 1.7mm --layout hex "
    "--captions both --frame --title 'A \"sheet\" é; 2' --signature Me --edition 3/9 --pen '#12f 0.7mm' "
    "--pen okay=#abc --pen-width 0.37mm --temperature 0.31 --best-of 2 --seed 12 --smooth 0.3mm --corner 71.5 "
    "--close 1mm --drop-short 0.4mm --drop-dots",
    "grid, palette": "grid seed:1 dot --rows 3 --cols 2 --palette okabe-ito --pen-by row --layout snake",
    "sample": "sample -n 5",
    "sample, spread": "sample --rows 2 --cols 2 --spread 0.7 --seed 9 --captions references",
    "interpolate": "interpolate seed:1 dot seed:3 --steps 5 --way lerp --loop",
    "walk": "walk --steps 6 --step 0.1 --cols 4",
    "walk, from": "walk seed:4 --steps 5 --loop",
    "vary": "vary dot star.svg --rows 2 --cols 3 --spread 0.9 --unlike 0 --show-input",
    "reconstruct": "reconstruct star.svg dot --temperatures 0.2,1 --pen black --pen red",
    "analogy": "analogy dot seed:1 seed:2 --strengths 0.5,1.25 --landscape",
    "complete": "complete star.svg --rows 2 --cols 2 --share 0.6 --continue --like dot",
    "explore": "explore seed:1 seed:2 seed:3 seed:4 --landmarks --cover 0.4",
    "explore, snapped": "explore seed:1 seed:2 seed:3 seed:4 seed:5 --snap --cover 0.3",
    "pattern": "pattern dot*2 seed:1 --size 60mm --motifs 4 --unlike 0",
    "pattern, tossed": "pattern dot seed:1 --by same --repeat tossed --motifs 3 --size 70x60mm --sizes 0.7-1.2 "
    "--gap=-0.5mm --rotate 90 --flip --palette dyes --fill weld",
    "pattern, walk": "pattern dot seed:1 --by walk --unlike 0 --repeat ogee --motifs 4 --size 60mm --outline-pen teal "
    "--pen black --pen red --pen-by parity --swatch 2x1 --background stripes --background-spacing 3mm",
    "pattern, group": "pattern dot --group p4m --motifs 1 --size 5cm --sheet a6 --landscape --margin 7mm --rotate none",
    "vpype": "grid seed:1 dot --rows 2 --cols 2 --vpype 'linemerge reverse translate 1mm 2mm'",
    "optimized": "grid seed:1 dot --rows 2 --cols 2 --optimize --machine axidraw-minikit --layer-code 1=S30,pause",
}
assert {words.split()[0] for words in DRAWN.values()} == {*RECIPES} - {"landmarks", "prepared", "morph"}


@pytest.mark.parametrize("case", DRAWN)
def test_every_sheet_is_made_again(run: Run, case: str) -> None:
    ok(run(f"{DRAWN[case]} --model tiny -o old.svg"))
    done = ok(run(f"again old.svg -o new.svg {'--trust' if case == 'vpype' else ''}"))
    assert alike("old.svg", "new.svg")
    assert done.stdout.splitlines() == ["new.svg", "the same as old.svg, byte for byte"]
    # and by the words that info shows
    (line,) = answer(run("info old.svg --json"))["commands"]
    assert line[0] == "plotsketch" and line[-2:] == ["--output", "old.svg"]
    ok(run(shlex.join([*line[1:-1], "third.svg"])))
    assert alike("old.svg", "third.svg")


PRINTS = "--bleed 2.5mm --marks --paper-colour cream --swell taper"
FORMATS = {
    "png": f"{PRINTS} --dpi 40",
    "tif": f"{PRINTS} --dpi 40 --plates --negative",
    "tiff": "--transparent --dpi 33.5",
    "pdf": f"{PRINTS} --spot",
    "gcode": "--machine grbl --oversize scale",
    "ngc": "--machine grbl-z --optimize",
}
SHEET = "grid seed:1 dot --rows 2 --cols 2 --paper a6"
TILE = "pattern dot --size 50.8mm --motifs 2 --whole-pixels"


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("drawn", [SHEET, TILE])
def test_every_format_is_made_again(run: Run, suffix: str, drawn: str) -> None:
    line = f"{drawn} {FORMATS[suffix]} --model tiny"
    ok(run(f"{line} -o old.{suffix}"))
    assert answer(run(f"again old.{suffix} -o new.{suffix} --json"))["same"] is True
    old = sorted(Path().glob(f"old*.{suffix}"))  # with its plates
    assert len(old) == 1 + ("--plates" in line)
    assert all(alike(str(path), path.name.replace("old", "new")) for path in old)
    # the SVG from a picture's recipe is the SVG of the command
    ok(run(f"{line} -o both.{suffix} -o both.svg"))
    ok(run(f"again old.{suffix} -o new.svg"))
    assert alike("both.svg", "new.svg")


def test_hpgl_carries_its_recipe_where_the_plotter_reads_comments(run: Run) -> None:
    Path("mine.toml").write_text('like = "hp7475a"\n[hpgl]\ncomments = true\n')
    ok(run(f"{GRID} --margin 2cm --machine hp7475a -o mute.plt"))
    refused(run("info mute.plt"), "carries no recipe", "without comments")
    ok(run(f"{GRID} --margin 2cm --machine mine.toml -o old.plt"))
    assert "plotter" in info("old.plt").values
    refused(run("again old.plt -o new.plt"), "'mine'", "--machine")
    assert ok(run("again old.plt --machine mine.toml -o new.plt")).stdout.endswith("byte for byte\n")


LATER = {
    "optimize": ["optimize {} --join 0.3mm --effort fast --retrace 2mm --objective mm -o {}.svg"],
    "tidied": [
        "optimize {} --hatch all --hatch-gap 1mm --hatch-angle 30 --occlude --closed 2mm --dedupe 0.05mm --effort 2 "
        "--simplify 0.02mm --drop-tiny 0.3mm --split 3cm --reloop --seed 4 -o {}.svg"
    ],
    "twice": ["optimize {} --effort fast -o {}.svg", "optimize {} --smooth 0.2mm --drop-dots -o {}.svg"],
    "converted": ["convert {} -o {}.gcode --machine grbl --speed 20"],
    "curves": ["convert {} -o {}.svg --curves 0.03mm --layer-code 1=S20"],
    "by curves": ["convert {} -o {}.svg --curves 0.05mm", "optimize {} --effort fast -o {}.png --dpi 50 --bleed 1mm"],
    "by G-code": ["convert {} -o {}.gcode --machine grbl", "optimize {} --machine grbl --effort fast -o {}.svg"],
}


@pytest.mark.parametrize("case", LATER)
def test_files_that_other_commands_made_of_a_sheet_are_made_again(run: Run, case: str) -> None:
    ok(run(f"{GRID} --paper a6 --optimize -o step0.svg"))
    file = "step0.svg"
    for number, line in enumerate(LATER[case], start=1):
        ok(run(line.format(file, f"step{number}")))
        file = next(path.name for path in Path().glob(f"step{number}.*"))
    new, there = f"new{Path(file).suffix}", sorted(Path().iterdir())
    assert answer(run(f"again {file} -o {new} --json"))["same"] is True and alike(file, new)
    assert len(answer(run(f"info {file} --json"))["commands"]) == len(LATER[case]) + 1
    assert sorted(Path().iterdir()) == sorted([*there, Path(new)])


FILMS = {
    "gif": ("--size 64 --fps 7 --rest 0.5 --pen-width 0.4mm --easing linear", "film.gif", "new.gif", "new.gif"),
    "apng": ("--size 48 --smooth --draw", "film.apng", "new.apng", "new.apng"),
    "png": ("--size 48 --apng --loop", "film.png", "new.png", "new.png"),
    "frames": ("--size 48 --pen-width 2px", "film-##.svg", "new-##.svg", "new-03.svg"),
    "walk": ("--walk --step 0.2 --size 48", "film.gif", "new.gif", "new.gif"),
    "book": ("--flipbook --page 50x37mm --binding 11mm --paper a6 --landscape", "film.svg", "new.svg", "new-1.svg"),
}


@pytest.mark.parametrize("case", FILMS)
def test_films_are_made_again(run: Run, case: str) -> None:
    words, output, again, same = FILMS[case]
    drawings = "dot" if "--walk" in words else "seed:1 dot"
    ok(run(f"morph {drawings} --frames 6 --steps 3 {words} --model tiny -o {output}"))
    old = same.replace("new", "film")
    assert answer(run(f"again {old} -o {again} --json"))["same"] is True and alike(old, same)


def test_landmarks_and_the_inputs_of_a_model(run: Run) -> None:
    ok(run("landmarks --model tiny -o old.svg"))
    assert ok(run("again old.svg -o new.svg")).stdout.endswith("byte for byte\n")
    ok(run("vary star.svg --rows 1 --cols 1 --model tiny -o a.svg --show-prepared p.svg"))
    assert "--show-prepared" in ok(run("info p.svg")).stdout
    refused(run("again p.svg -o new.svg"), "--show-prepared")


def test_neither_configuration_nor_environment_has_a_part_in_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ok(run(f"{GRID} -o old.svg"))
    monkeypatch.setenv("PLOTSKETCH_MARGIN", "3cm")
    monkeypatch.setenv("PLOTSKETCH_GRID_FRAME", "true")
    assert ok(run("again old.svg -o new.svg")).stdout.endswith("byte for byte\n")


def test_a_gzipped_sheet_is_the_same(run: Run) -> None:
    ok(run(f"{GRID} -o old.svg"))
    Path("old.svgz").write_bytes(gzip.compress(Path("old.svg").read_bytes()))
    assert ok(run("again old.svgz -o new.svg")).stdout.endswith("byte for byte\n")


def test_whole_numbers_from_python_are_said_to_be_that(run: Run) -> None:
    import plotsketch as ps

    ps.grid("seed:1", "dot", rows=2, cols=2, model="tiny", style=ps.Style(margin=12)).save("old.svg")
    assert "writes numbers otherwise" in ok(run("again old.svg -o new.svg")).stdout


@pytest.mark.usefixtures("run")
def test_the_real_program() -> None:
    words = ["grid", "cat-head", "pig-full", "--rows", "2", "--cols", "2", "--model", "catpig", "-o", "old.svg"]
    for line in (words, ["again", "old.svg", "-o", "new.svg"]):
        done = subprocess.run([sys.executable, "-m", "plotsketch", *line], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert done.stdout == "new.svg\nthe same as old.svg, byte for byte\n" and alike("old.svg", "new.svg")


@given(st.floats(0, 1e6, allow_subnormal=False))
def test_lengths_are_read_again_as_the_same_number(mm: float) -> None:
    assert parse_length(length(mm)) == mm


@given(
    st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True) | st.sampled_from([*INKS]),
    st.sampled_from([*INKS.values(), "#010203"]),
    st.sampled_from([0.3, 0.1, 1 / 3]),
)
def test_pens_are_read_again_as_the_same_pen(name: str, colour: str, width: float) -> None:
    for pen in (Pen(name, width, colour), Pen(colour, width, colour)):
        assert parse_pen(pen_text(pen, 0.3), 0.3) == pen
