"""``plotsketch info``: what a file says of itself, what is not as it was, and files that were made to hurt."""

from __future__ import annotations

import json
import re
import shlex
import zlib
from pathlib import Path
from typing import Any

import pytest
from provenance_cases import GRID, LINES, PAGE, Run, alike, ok, recipe_of, refused
from provenance_cases import run as run

from plotsketch.api.provenance import info
from plotsketch.model import catalogue


def test_info_tells_what_a_sheet_was_made_with(run: Run) -> None:
    ok(run(f"{GRID} --title Hello --best-of 3 --pen 'red 0.5mm' --optimize -o old.svg -o old.png --bleed 2mm"))
    told = dict(line.split(maxsplit=1) for line in ok(run("info old.png")).stdout.splitlines())
    assert told["command"] == "grid" and told["seed"] == "0" and told["title"] == "Hello"
    assert told["hand"] == "temperature 0.25, best of 3" and told["pens"] == "red 0.5 mm"
    assert told["cells"].startswith("2 x 2") and told["print"] == "bleed 2.0" and told["pixels"] == "150.0 an inch"
    assert "axidraw-v3" in told["optimized"] and told["again"].startswith("plotsketch grid seed:1 dot --rows 2")


def test_info_in_python(run: Run) -> None:
    import plotsketch as ps

    ok(run(f"{GRID} -o old.svg"))
    found = ps.info("old.svg")
    assert (found.model, found.recipe.hand.seed, found.differences()) == ("tiny", 0, [])
    assert shlex.split(str(found.lines("x.svg")[0]))[:4] == ["plotsketch", "grid", "seed:1", "dot"]


def test_sources_that_are_not_as_they_were_are_named_and_waived(run: Run) -> None:
    ok(run("vary star.svg --rows 1 --cols 2 --unlike 0 --model tiny -o old.svg"))
    assert [source.state for source in info("old.svg").sources] == ["same"]
    Path("star.svg").write_text(PAGE.format(LINES.replace("60", "70")))
    refused(run("again old.svg -o new.svg"), "star.svg has changed", "--anyway")
    assert "changed   star.svg" in ok(run("info old.svg")).stdout
    assert "its recipe differs in sources.star.svg" in ok(run("again old.svg -o new.svg --anyway")).stdout
    ok(run("edit old.svg dot -o new.svg"))  # drawn from something else
    Path("star.svg").unlink()
    refused(run("edit old.svg --cols 3 -o new.svg"), "star.svg is gone")


def test_cells_and_landmarks_are_sources_too(run: Run) -> None:
    ok(run(f"{GRID} -o first.svg"))
    ok(run("keep first.svg@r1c2 --as mine --model tiny"))
    ok(run("grid first.svg@r2c2 mine --rows 1 --cols 2 -o old.svg"))
    assert {source.name: source.state for source in info("old.svg").sources} == {"first.svg": "same", "mine": "same"}
    assert ok(run("again old.svg -o new.svg")).stdout.endswith("byte for byte\n")
    ok(run("edit first.svg --seed 9 -o other.svg"))
    Path("other.svg").rename("first.svg")
    ok(run("landmarks --forget mine"))
    refused(run("again old.svg -o new.svg"), "first.svg has changed; mine is gone")


def test_another_checkpoint_and_another_version(run: Run) -> None:
    ok(run(f"{GRID} -o old.svg"))
    digest, text = recipe_of("old.svg")["digest"], Path("old.svg").read_text()
    Path("other.svg").write_text(text.replace(digest, "0123456789ab"))
    refused(run("again other.svg -o new.svg"), "'tiny' of digest 0123456789ab", f"here is {digest}")
    assert "differs in digest" in ok(run("again other.svg -o new.svg --anyway")).stdout
    assert digest in ok(run("edit other.svg --model tiny -o new.svg")).stdout
    Path("other.svg").write_text(re.sub(r'"version": "[^"]*"', '"version": "9.9"', text))
    refused(run("again other.svg -o new.svg"), "plotsketch 9.9 wrote it")
    catalogue.path_for("tiny").rename("tiny-of-last-year.safetensors")  # beside the sheet it still counts
    assert ok(run("again old.svg -o new.svg")).stdout.endswith("byte for byte\n")
    Path("tiny-of-last-year.safetensors").unlink()
    refused(run("again old.svg -o new.svg"), "no 'tiny' is installed")


def test_a_pipeline_runs_by_the_users_word_alone(run: Run) -> None:
    ok(run(f"{GRID} -o plain.svg"))
    spell = "eval 'import os; os.system(\\\"touch hit\\\")' write stolen.svg"
    Path("old.svg").write_text(Path("plain.svg").read_text().replace('"version"', f'"vpype": ["{spell}"], "version"'))
    assert "write stolen.svg" in ok(run("info old.svg")).stdout
    for line in ("again old.svg -o new.svg", "again old.svg -o new.svg --anyway", "edit old.svg --cols 3 -o new.svg"):
        refused(run(line), "--trust", "write stolen.svg")
    for words in ("--without vpype", "--vpype reverse"):  # another, or none
        ok(run(f"edit old.svg {words} -o new.svg"))
    assert not Path("hit").exists() and not Path("stolen.svg").exists()


def test_what_was_made_from_a_sheet_is_told_from_it(run: Run) -> None:
    ok(run(f"{GRID} -o old.svg"))
    ok(run("tile old.svg --paper a5 -o page-{page}.svg"))
    refused(run("again page-1.svg -o new.svg"), "plotsketch tile", "--anyway")
    ok(run("again page-1.svg -o new.svg --anyway"))
    assert alike("new.svg", "old.svg")
    ok(run("preview old.svg -o plot.png"))
    refused(run("again plot.png -o new.png"), "plotsketch preview")
    ok(run("optimize old.svg --effort 0.01s -o timed.svg"))
    refused(run("again timed.svg -o new.svg"), "--effort")


FOREIGN = {
    "a.svg": PAGE.format(LINES).encode(),
    "a.png": b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND" + zlib.crc32(b"IEND").to_bytes(4, "big"),
    "a.gcode": b"G1 X1 Y1\n", "a.hpgl": b"IN;SP1;", "a.pdf": b"%PDF-1.4\nhello",
    "a.tif": b"II*\0\x08\0\0\0\0\0", "a.gif": b"GIF89a\x01\0\x01\0\0\0\0;", "a.jpg": b"\xff\xd8\xff\xe0hello",
    "a.txt": b"hello", "a.json": b"{}", "a.zip": b"PK\x03\x04", "empty.svg": b"", "a.svgz": b"\x1f\x8bhello",
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_files_of_others_are_one_clear_line(run: Run, name: str) -> None:
    Path(name).write_bytes(FOREIGN[name])
    for line in (f"info {name}", f"again {name} -o new.svg", f"edit {name} --cols 3 -o new.svg"):
        refused(run(line), name)
    assert not Path("new.svg").exists()


def test_what_is_no_file(run: Run) -> None:
    refused(run("info none.svg"), "no such file")
    refused(run("info ."), "folder")
    refused(run("info /dev/null"), "/dev/null")


DRAWN = {
    **{suffix: f"{GRID} --dpi 20 -o old.{suffix}" for suffix in ("svg", "png", "tif", "pdf")},
    "gcode": f"{GRID} --machine grbl -o old.gcode",
    "gif": "morph seed:1 dot --frames 4 --steps 2 --size 16 -o old.gif",
}


@pytest.mark.parametrize("suffix", DRAWN)
def test_damaged_files_never_end_in_a_traceback(run: Run, suffix: str) -> None:
    ok(run(f"{DRAWN[suffix]} --model tiny"))
    whole = Path(f"old.{suffix}").read_bytes()
    for place in range(7, len(whole), max(1, len(whole) // 25)):
        for content in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]):
            Path(f"bad.{suffix}").write_bytes(content)
            done = run(f"info bad.{suffix}")
            assert done.exit_code in (0, 1) and isinstance(done.exception, SystemExit | None), (place, done.exception)
            assert done.exit_code == 0 or done.stderr.count("\n") == 1


HOSTILE: dict[str, Any] = {
    "cells": {"rows": 10**6, "cols": 10**6}, "words": {"rows": "2; rm -rf /"}, "nothing": {"corners": []},
    "a model by its path": {"model": "/etc/passwd"}, "an option for a drawing": {"corners": ["--output=/tmp/x", "-o"]},
    "a device": {"corners": ["/dev/zero", "/dev/zero"], "sources": {"/dev/zero": "0"}},
    "a style of words": {"style": "red"}, "paper": {"style": {"paper": {"width": 1e300, "height": 1e300}}},
    "pens": {"style": {"pens": [{"name": "a\x1b[2Jb c=#d", "width": 1, "colour": "x"}]}},
    "sources": {"sources": ["a"]}, "sources of numbers": {"sources": {"a": 1}},
    "passes": {"passed": [{"by": "landmarks", "read": "/../../x"}]}, "a pass that is none": {"passed": ["x"]},
    "a pass elsewhere": {"passed": [{"by": "convert", "read": "/../../../x.svg"}]},
    "half a pass": {"passed": [{"by": "optimize", "read": ".svg"}]},
    "a machine by its path": {"plotter": {"machine": "/etc/passwd", "draw_speed": 1}},
    "print": {"print": {"bleed": "wide"}}, "other print": {"print": {"wings": 2}}, "dpi": {"dpi": [1]},
    "codes": {"layer_codes": "x"}, "a pipeline of numbers": {"vpype": [1]}, "seeds": {"seed": -1},
    "tries": {"best_of": 10**9}, "a command": {"command": "os.system"}, "another": {"command": "train"},
    "title": {"style": {"title": "x" * 10**4}}, "a version": {"version": None}, "escapes": {"version": "\x1b[31m\n"},
    "optimized": {"optimized": {"machine": 3}}, "deep": {"style": {"levers": {"smooth": "x"}}},
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_recipes_are_refused_or_harmless(run: Run, case: str) -> None:
    ok(run(f"{GRID} -o old.svg"))
    values = {**recipe_of("old.svg"), **HOSTILE[case]}
    Path("bad.svg").write_text(PAGE.format(f"<metadata>{json.dumps(values)}</metadata>" + LINES))
    there = {*Path().iterdir()}
    for line in ("info bad.svg", "info bad.svg --json", "again bad.svg -o new.svg --anyway",
                 "edit bad.svg --seed 3 -o new.svg --anyway"):  # fmt: skip
        done = run(line)
        assert done.exit_code in (0, 1, 2) and isinstance(done.exception, SystemExit | None), done.exception
        assert "\x1b" not in done.output
        assert Path("new.svg").exists() == (done.exit_code == 0 and "new.svg" in line)
        Path("new.svg").unlink(missing_ok=True)
    assert {*Path().iterdir()} == there
