"""Cells of sheets as drawings: read from the file's recipe, drawn as they are there, in every command."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from reference_cases import tiny
from strokes_cases import house

from plotsketch.api import drawing, sheet
from plotsketch.api.model import load, model_for
from plotsketch.api.morph import morph
from plotsketch.art.grid import GridRecipe
from plotsketch.art.plan import Hand
from plotsketch.art.provenance import read_sheet
from plotsketch.art.recipe import recipe_class
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.model import catalogue
from plotsketch.model.sketcher import Sketcher
from plotsketch.strokes import CellRef, FileRef, NameRef, Sketch, parse_reference, write_ndjson, write_svg

Command = Callable[..., Result]
HAND = Hand(temperature=0.3, seed=5)


@pytest.fixture(scope="module")
def catpig() -> Sketcher:
    return load("catpig")


@pytest.fixture(scope="module")
def drawn(catpig: Sketcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 3x3 sheet of the real model, in both formats."""
    folder = tmp_path_factory.mktemp("drawn")
    recipe = GridRecipe(corners=("cat-head", "pig-full"), rows=3, cols=3, hand=HAND)
    sheet.draw(recipe, catpig).save(folder / "a.svg", folder / "a.png", dpi=20)
    return folder


def same(a: Sketch, b: Sketch) -> bool:
    return len(a.lines) == len(b.lines) and all(map(np.array_equal, a.lines, b.lines))


# The grammar


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("sheet.svg@r3c7", CellRef(Path("sheet.svg"), 3, 7)),
        ("a/My Sheet.PNG@R1C12", CellRef(Path("a/My Sheet.PNG"), 1, 12)),
        ("./seed:7.svg@r1c1", CellRef(Path("seed:7.svg"), 1, 1)),
        ("a@b.svg@r2c2", CellRef(Path("a@b.svg"), 2, 2)),
        ("a@r1c1.svg", FileRef(Path("a@r1c1.svg"))),
        ("me@home", NameRef("me@home")),
    ],
)
def test_a_cell_is_told_by_its_ending(text: str, reference: object) -> None:
    assert parse_reference(text) == reference
    assert parse_reference(str(reference)) == reference


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1).map(str.strip),
    st.sampled_from([".svg", ".png", ".SVG"]), st.integers(1, 999_999), st.integers(1, 999_999),
)  # fmt: skip
def test_cells_of_any_file_go_through_text(stem: str, suffix: str, row: int, col: int) -> None:
    cell = CellRef(Path(stem + suffix), row, col)
    assert parse_reference(str(cell)) == cell


@pytest.mark.parametrize("text", ["a.svg@r0c1", "a.svg@r1", "a.svg@3,7", "a.png@c1r1", "a.svg@r1234567c1", "a@r1c1"])
def test_malformed_cells_are_said(text: str) -> None:
    with pytest.raises(UserError, match=r"as in sheet\.svg@r3c7"):
        parse_reference(text)


# Drawing


@pytest.mark.parametrize("file", ["a.svg", "a.png"])
def test_a_cell_is_drawn_elsewhere_as_on_its_sheet(catpig: Sketcher, drawn: Path, file: str) -> None:
    there = sheet.draw(read_sheet(drawn / file).recipe, catpig).plate.figures
    plate = drawing.grid(f"{drawn}/{file}@r2c2", f"{drawn}/{file}@r3c3", rows=1, cols=3, model=catpig,
                         temperature=0.3, seed=5).plate  # fmt: skip
    assert same(plate.figures[0].outline, there[4].outline)
    assert same(plate.figures[2].outline, there[8].outline)
    other = drawing.grid(f"{drawn}/{file}@r2c2", "pig-full", rows=1, cols=2, model=catpig, seed=6).plate
    assert not same(other.figures[0].outline, there[4].outline)


def test_cells_of_sheets_of_cells(
    catpig: Sketcher, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever one stands: a sheet's own references are also looked for beside it."""
    monkeypatch.chdir(drawn)
    drawing.vary("a.svg@r2c2", rows=2, cols=2, model=catpig).save("b.svg")
    drawing.grid("b.svg@r2c1", "a.svg@r1c1", rows=1, cols=2, model=catpig).save("c.svg")
    monkeypatch.chdir(tmp_path)
    there = Studio(catpig).spot(f"{drawn}/b.svg@r2c1")
    here = Studio(catpig).spot(f"{drawn}/c.svg@r1c1")
    assert np.array_equal(here.latent, there.latent) and here.stream == there.stream == 3  # type: ignore[arg-type]


def test_the_sheets_model_is_the_default(drawn: Path, tmp_path: Path) -> None:
    small = tiny()
    drawing.grid("dot", "seed:1", rows=1, cols=2, model=small).save(tmp_path / "t.svg")
    assert model_for(["cat-head", f"{tmp_path}/t.svg@r1c1", f"{drawn}/a.svg@r1c1"]) == catalogue.path_for("tiny")
    assert Path(model_for([f"{drawn}/a.svg@r1c1"])).stem == "catpig"
    assert model_for(["cat-head", "seed:1"]) == "catpig"
    again = drawing.grid(f"{tmp_path}/t.svg@r1c1", "seed:1", rows=1, cols=2)
    assert again.provenance["model"] == "tiny"
    assert morph(f"{tmp_path}/t.svg@r1c1", "seed:1", frames=2, steps=2).provenance["model"] == "tiny"
    catalogue.path_for("tiny").unlink()
    assert model_for([f"{tmp_path}/t.svg@r1c1"]) == "catpig"


def test_another_models_cell_is_drawn_by_it_and_read(catpig: Sketcher, drawn: Path) -> None:
    small = tiny()
    studio = Studio(small)
    spot = studio.spot(f"{drawn}/a.svg@r2c2")
    (there,) = Studio(catpig).draw([Studio(catpig).spot(f"{drawn}/a.svg@r2c2")], HAND)
    assert spot.stream == 0
    np.testing.assert_array_equal(spot.latent, small.encode([there])[0])  # type: ignore[arg-type]
    assert "drawn by model 'catpig'" in studio.notes[0] and "read by 'tiny'" in studio.notes[0]


def test_a_model_beside_the_sheet_is_found(catpig: Sketcher, tmp_path: Path) -> None:
    drawing.grid("dot", "seed:1", rows=1, cols=2, model=tiny()).save(tmp_path / "t.svg")
    catalogue.path_for("tiny").rename(tmp_path / "renamed.safetensors")
    assert Studio(catpig).spot(f"{tmp_path}/t.svg@r1c1").latent is not None


# What may be wrong


def fault(sketcher: Sketcher, reference: str) -> str:
    with pytest.raises(UserError) as caught:
        Studio(sketcher).spot(reference)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_that_is_gone_is_named(catpig: Sketcher, tmp_path: Path) -> None:
    small = tiny()
    drawing.grid("dot", "seed:1", rows=1, cols=2, model=small).save(tmp_path / "t.svg")
    catalogue.path_for("tiny").unlink()
    assert f"model 'tiny' (digest {small.checkpoint.digest}), which is not installed" in fault(
        catpig, f"{tmp_path}/t.svg@r1c1"
    )


def test_a_cell_that_is_not_there(catpig: Sketcher, drawn: Path) -> None:
    assert "the sheet has 3 x 3 (rows x columns), r1c1 to r3c3" in fault(catpig, f"{drawn}/a.svg@r4c1")
    assert "no such file" in fault(catpig, f"{drawn}/b.png@r1c1")


def test_a_file_that_the_sheet_was_drawn_from(catpig: Sketcher, tmp_path: Path) -> None:
    write_svg(tmp_path / "house.svg", house().sketch)
    drawing.grid(f"{tmp_path}/house.svg", "cat-head", rows=1, cols=2, model=catpig).save(tmp_path / "s.svg")
    cell = f"{tmp_path}/s.svg@r1c1"
    assert Studio(catpig).spot(cell).latent is not None
    write_svg(tmp_path / "house.svg", house().sketch.scaled(2, 1))
    assert "house.svg has changed since" in fault(catpig, cell)
    (tmp_path / "house.svg").unlink()
    assert "which" in fault(catpig, cell) and "was drawn from, is gone" in fault(catpig, cell)


def test_sheets_that_name_one_another_come_to_an_end(
    catpig: Sketcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    provenance = drawing.grid("cat-head", "seed:1", rows=1, cols=2, model=catpig).provenance
    for name, other in [("a", "b"), ("b", "a"), ("c", "c")]:
        provenance["corners"] = [f"{other}.svg@r1c1", "cat-head"]
        Path(f"{name}.svg").write_text(f"<svg><metadata>{json.dumps(provenance)}</metadata></svg>")
    assert "goes round in a circle" in fault(catpig, "c.svg@r1c1")
    with pytest.raises(UserError, match="goes round|changed"):
        Studio(catpig).spot("a.svg@r1c2")


def test_a_sheet_is_not_written_over_what_it_is_drawn_from(plotsketch: Command, drawn: Path) -> None:
    before = (drawn / "a.svg").read_bytes()
    result = plotsketch("grid", f"{drawn}/a.svg@r1c1", "pig-full", "-o", drawn / "a.svg")
    assert result.exit_code == 1 and "would be written over" in result.stderr
    assert (drawn / "a.svg").read_bytes() == before


SVGS = {
    "cut.svg": (b"<svg><metadata>{", "cut short"),
    "text.svg": (b"a text", "no sheet of plotsketch"),
    "other.svg": (b"<svg><metadata>{}</metadata></svg>", "carries no recipe"),
    "deep.svg": (b"<svg><g><metadata>{}</metadata></g></svg>", "carries no recipe"),
    "bomb.svg": (
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "a">]><svg><metadata>&a;</metadata></svg>',
        "declares XML entities",
    ),
    "encoded.svg": (b'<?xml version="1.0" encoding="none-such"?><svg/>', "no sheet of plotsketch"),
    "empty.svg": (b"", "no sheet"),
    "text.png": (b"a text", "is no PNG"),
    "cut.png": (b"\x89PNG\r\n\x1a\n\0\0\0\1tE", "cut short"),
    "bad.png": (b"\x89PNG\r\n\x1a\n\0\0\0\1tEXta0000", "damaged"),
    "none.png": (b"\x89PNG\r\n\x1a\n\0\0\0\0IEND0000", "carries no recipe"),
}


@pytest.mark.parametrize("name", SVGS)
def test_files_that_are_no_sheets_are_one_line(tmp_path: Path, name: str) -> None:
    data, message = SVGS[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=message) as caught:
        read_sheet(tmp_path / name)
    assert "\n" not in str(caught.value)


GOOD = {"program": "plotsketch", "command": "grid", "model": "m", "digest": "d", "corners": ["a", "b"], "rows": 2}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"command": "knit"}, "made by 'knit' is not known"),
        ({"command": None}, "'command' is missing"),
        ({"digest": 3}, "'digest' is missing"),
        ({"corners": "ab"}, "'corners' makes no sense"),
        ({"corners": [1, 2]}, "'corners' makes no sense"),
        ({"rows": 1.5}, "'rows' makes no sense"),
        ({"rows": True}, "'rows' makes no sense"),
        ({"rows": 10**9}, "more than 100,000"),
        ({"seed": "x"}, "'seed' makes no sense"),
        ({"temperature": -1}, "temperature is -1"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 10**18}, "give a whole number from 0 to"),
        ({"best_of": 10**9}, "--best-of is 1000000000"),
        ({"corners": json.loads("[" * 700 + "]" * 700)}, "is damaged"),
        ({"sources": ["a"]}, "'sources'"),
    ],
)
def test_a_recipe_is_checked_before_it_is_believed(tmp_path: Path, change: dict[str, object], message: str) -> None:
    text = json.dumps(GOOD | change)
    (tmp_path / "a.svg").write_text(f"<svg><metadata>{text}</metadata></svg>")
    data = b"plotsketch\0" + text.encode()
    chunk = struct.pack(">I", len(data)) + b"tEXt" + data + struct.pack(">I", zlib.crc32(b"tEXt" + data))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    for name in ("a.svg", "a.png"):
        with pytest.raises(UserError, match=message) as caught:
            read_sheet(tmp_path / name)
        assert name in str(caught.value)


def test_a_missing_field_is_said() -> None:
    with pytest.raises(UserError, match="'corners' is missing"):
        recipe_class("grid").from_dict({"rows": 3})


# Inputs


def test_what_the_model_saw_is_shown(plotsketch: Command, tmp_path: Path) -> None:
    turn = np.linspace(0, 60, 5000)
    wild = Sketch((np.stack([turn * np.cos(turn * 3), turn * np.sin(turn * 3)], axis=1),))
    write_svg(tmp_path / "wild.svg", wild)
    write_ndjson(tmp_path / "h.ndjson", [house()] * 2)
    shown = tmp_path / "shown.svg"
    result = plotsketch("grid", tmp_path / "wild.svg", f"{tmp_path}/h.ndjson#1", "--rows", 1, "--cols", 2,
                        "-o", tmp_path / "g.svg", "--show-prepared", shown)  # fmt: skip
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.stderr.splitlines() if "thinned" in line]
    assert "wild.svg: 5,000 points, thinned to " in line and "model 'catpig' reads at most 130" in line
    assert json.loads(shown.read_text().partition("<metadata>")[2].partition("</metadata>")[0])["pairs"] == 1
    assert shown.read_text().count("<g ") == 2  # the inputs' pen and the drawings'
    with pytest.raises(UserError, match="the model drew nothing on that sheet; take the file"):
        Studio(load()).spot(f"{shown}@r1c1")


def test_a_film_too_shows_what_the_model_saw(plotsketch: Command, tmp_path: Path) -> None:
    write_ndjson(tmp_path / "h.ndjson", [house()])
    shown, frames = tmp_path / "shown.svg", tmp_path / "f-##.svg"
    words = ["morph", tmp_path / "h.ndjson", "cat-head", "--frames", 2, "--steps", 2, "-o", frames, "--show-prepared"]
    assert "--output already" in plotsketch(*words, tmp_path / "f-02.svg").stderr
    assert plotsketch(*words, shown).exit_code == 0
    recipe = json.loads(shown.read_text().partition("<metadata>")[2].partition("</metadata>")[0])
    assert (recipe["command"], recipe["files"]) == ("prepared", [f"{tmp_path}/h.ndjson"])
    assert (tmp_path / "f-02.svg").exists()


def test_the_shown_sheet_wants_files_and_a_place(plotsketch: Command, tmp_path: Path) -> None:
    words = ["grid", "cat-head", "seed:1", "-o", tmp_path / "a.svg", "--show-prepared"]
    assert "name a file" in plotsketch(*words, tmp_path / "b.svg").stderr
    assert "--output already" in plotsketch(*words, tmp_path / "a.svg").stderr


def test_the_drawing_of_a_file_and_what_is_seen_of_it(catpig: Sketcher, tmp_path: Path) -> None:
    write_ndjson(tmp_path / "h.ndjson", [house()])
    studio, file = Studio(catpig), f"{tmp_path}/h.ndjson"
    given, seen = studio.drawing(file), studio.seen(file)
    assert given is not None and same(given, house().sketch)
    assert seen is not None and seen.bounds[2:] == pytest.approx(given.fit(255, 255).centred().translated(
        seen.bounds[2] / 2, seen.bounds[3] / 2).bounds[2:], abs=2)  # fmt: skip
    assert studio.drawing("seed:1") is studio.seen("cat-head") is None
    np.testing.assert_array_equal(studio.spot(file).latent, catpig.latent(file))  # type: ignore[arg-type]
