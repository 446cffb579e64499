"""``plotsketch edit``: a file made again with changes, and nothing else changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from provenance_cases import GRID, Run, alike, answer, ok, recipe_of, refused
from provenance_cases import run as run

ORDERED = {"by": "plotsketch", "machine": "axidraw-v3", "objective": "seconds", "join_mm": 0.05, "seed": 0,
           "effort": {"kicks": 5.0}}  # fmt: skip
# what draws a sheet -> edits, each with the fields that change
EDITS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "grid seed:1 dot --rows 2 --cols 3": [
        ("--cols 4", {"cols": 4}),
        ("--paper a5", {"style.paper.width": 148, "style.paper.height": 210}),
        ("--landscape", {"style.paper.width": 297, "style.paper.height": 210}),
        ("seed:5 dot", {"corners": ["seed:5", "dot"]}),
        ("--seed 3 --pen red", {"seed": 3, "style.pens": [{"name": "red", "width": 0.3, "colour": "#d42a1e"}]}),
        ("--palette riso --pen-by row", {"style.pen_by": "row"}),
        ("--optimize", {"optimized": ORDERED}),
    ],
    "grid seed:1 dot --rows 2 --cols 3 --frame --title Hello --paper a3 --landscape --pen black --pen red": [
        ("--without frame --without title", {"style.frame": False, "style.title": ""}),
        ("--paper a4", {"style.paper.width": 297, "style.paper.height": 210}),
        ("--paper 100x200mm", {"style.paper.width": 100, "style.paper.height": 200}),
        ("--palette dyes --pen-by row", {"style.pen_by": "row"}),
    ],
    "sample -n 6 --rows 2 --cols 3": [("--rows 3", {"rows": 3, "count": 9}), ("--count 9", {"count": 9, "rows": 3})],
    "sample -n 5 --rows 2 --cols 3": [("--rows 3", {"rows": 3})],
    "interpolate seed:1 dot --steps 5": [
        ("--steps 7", {"steps": 7, "cols": 7}),
        ("--layout ring", {"style.arrangement": "ring"}),
    ],
    "walk seed:1 --steps 6 --cols 3": [("--steps 9", {"steps": 9}), ("dot", {"start": "dot"})],
    "complete star.svg --rows 2 --cols 2": [("--lift --like dot", {"like": "dot"}), ("--continue", {"lift": False})],
    "pattern dot --size 60mm --motifs 4 --repeat brick --unlike 0": [
        ("--repeat tossed --motif-size 5mm", {"design.repeat": "tossed", "design.motif_size": 5.0}),
        ("--group p2", {"design.group": "p2"}),
        ("--motifs 9", {"motifs": 9, "design.rows": 3, "design.cols": 3}),
        ("--by same", {"way": "same", "unlike": 0.025}),
        ("--swatch 2x2", {"cut.kind": "swatch"}),
    ],
}


@pytest.mark.parametrize("drawn", EDITS)
def test_edit_changes_what_is_asked_and_nothing_else(run: Run, drawn: str) -> None:
    ok(run(f"{drawn} --model tiny -o old.svg"))
    for words, expected in EDITS[drawn]:
        done = answer(run(f"edit old.svg {words} -o new.svg --json"))
        changed = {name: new for name, (_, new) in done["changed"].items()}
        assert {name: changed.get(name) for name in expected} == expected, words
        # what follows from the wishes: sizes on the sheet, and fields of the same table
        tables = {name.split(".")[0] for name in expected}
        rest = {name for name in changed if not re.search(r"_mm$|^(placed|density)$", name)}
        assert {name.split(".")[0] for name in rest} <= tables, words
        assert recipe_of("new.svg") != recipe_of("old.svg")


def test_an_edit_is_as_the_command_would_have_been(run: Run) -> None:
    grid = "grid seed:1 dot --rows 2 --model tiny"
    ok(run(f"{grid} --cols 2 -o old.svg"))
    ok(run(f"{grid} --cols 4 --pen 'teal 0.5mm' -o direct.svg"))
    done = ok(run("edit old.svg --cols 4 --pen 'teal 0.5mm' -o new.svg"))
    assert alike("new.svg", "direct.svg")
    assert done.stdout.splitlines()[0] == "new.svg"
    assert {"cols: 2 -> 4", "style.pens: none -> teal 0.5 mm"} < {*done.stdout.splitlines()}
    assert ok(run("edit old.svg --cols 2 -o new.svg")).stdout == "new.svg\nnothing changed\n"


def test_a_preset_goes_before_the_file_and_what_is_typed_before_both(run: Run) -> None:
    ok(run(f"{GRID} --margin 1.5cm -o old.svg"))
    Path("calm.toml").write_text('about = "x"\n[options]\nmargin = "2cm"\ncols = 3\n')
    ok(run("edit old.svg --preset calm.toml --cols 5 -o new.svg"))
    made = recipe_of("new.svg")
    assert (made["margin_mm"], made["cols"], made["rows"]) == (20, 5, 2)


def test_an_edit_of_what_was_optimized_since_is_optimized_again(run: Run) -> None:
    ok(run(f"{GRID} -o old.svg"))
    ok(run("optimize old.svg --effort fast --join 0.2mm -o sooner.svg"))
    ok(run("edit old.svg --cols 3 -o wide.svg"))
    ok(run("optimize wide.svg --effort fast --join 0.2mm -o direct.svg"))
    ok(run("edit sooner.svg --cols 3 -o new.svg"))
    assert alike("new.svg", "direct.svg")


def test_edit_says_what_is_wrong_with_it(run: Run) -> None:
    ok(run(f"{GRID} -o old.svg"))
    done = run("edit old.svg --colls 4 -o new.svg")
    assert done.exit_code == 2 and "--cols" in done.stderr
    assert run("edit --cols 4 old.svg -o new.svg").exit_code == 2
    refused(run("edit old.svg --without frame -o new.svg"), "--frame")
    refused(run("edit old.svg --cols 0 -o new.svg"), "empty")
    refused(run("edit old.svg --cols 4 -o old.svg"), "over itself")
    refused(run("again old.svg -o ./old.svg"), "over itself")
    assert not Path("new.svg").exists()
