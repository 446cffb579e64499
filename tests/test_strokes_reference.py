"""The grammar for "this drawing", and fetching a file's drawing by it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strokes_cases import house

from plotsketch.errors import UserError
from plotsketch.strokes import (
    ClassRef,
    Drawing,
    FileRef,
    NameRef,
    SeedRef,
    Sketch,
    load_file_reference,
    near_names,
    parse_reference,
    write_ndjson,
    write_npz,
    write_svg,
)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("path.svg", FileRef(Path("path.svg"))),
        ("path.ndjson#12", FileRef(Path("path.ndjson"), 12)),
        ("data/The Mona Lisa.ndjson.gz#0", FileRef(Path("data/The Mona Lisa.ndjson.gz"), 0)),
        ("path.npz:test#5", FileRef(Path("path.npz"), 5, "test")),
        ("path.npz:valid", FileRef(Path("path.npz"), None, "valid")),
        ("path.npz#5", FileRef(Path("path.npz"), 5)),
        ("PATH.SVG", FileRef(Path("PATH.SVG"))),
        ("my #1 cat.svg", FileRef(Path("my #1 cat.svg"))),
        ("my #1 cat.svg#0", FileRef(Path("my #1 cat.svg"), 0)),
        ("./seed:7.svg", FileRef(Path("seed:7.svg"))),
        ("C:/a:b.npz:train#3", FileRef(Path("C:/a:b.npz"), 3, "train")),
        ("seed:7", SeedRef(7)),
        ("class:flamingo", ClassRef("flamingo")),
        ("class:The Mona Lisa", ClassRef("The Mona Lisa")),
        ("cat-full", NameRef("cat-full")),
        ("  pig head 2 ", NameRef("pig head 2")),
    ],
)
def test_grammar(text: str, reference: object) -> None:
    assert parse_reference(text) == reference
    assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty text"),
        ("seed:", "a seed is a whole number"),
        ("seed:-1", "a seed is a whole number"),
        ("seed:1.5", "a seed is a whole number"),
        ("seed:" + "9" * 40, "a seed is a whole number"),
        ("class: ", "wants the name of a class"),
        ("cat.png", "reads drawings from .ndjson"),
        ("cat.png#3", "reads drawings from .ndjson"),
        ("folder/cat", "reads drawings from .ndjson"),
        ("#3", "reads drawings from .ndjson"),
        ("cat#", "after # comes"),
        ("cat.ndjson#-1", "after # comes"),
        ("cat.ndjson#one", "after # comes"),
        ("cat.npz:best#1", "called train, valid, test"),
        ("cat.ndjson:test#1", "only .npz files have splits"),
    ],
)
def test_malformed(text: str, fault: str) -> None:
    with pytest.raises(UserError, match=fault) as caught:
        parse_reference(text)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=30))
def test_any_text_is_a_reference_or_one_clear_error(text: str) -> None:
    try:
        reference = parse_reference(text)
    except UserError:
        return
    assert parse_reference(str(reference)) == reference


def test_a_drawing_by_its_number(tmp_path: Path) -> None:
    drawings = [Drawing(house().sketch.scaled(scale)) for scale in (1, 2, 3)]
    write_ndjson(tmp_path / "a.ndjson.gz", drawings)
    write_npz(tmp_path / "a.npz", {"train": drawings[:1], "test": drawings[1:]})
    write_svg(tmp_path / "a.svg", drawings[0].sketch)
    for name, height in [
        ("a.ndjson.gz#2", 600),
        ("a.npz:test#0", 400),
        ("a.npz#2", 600),
        ("a.npz:train", 200),
        ("a.svg", 200),
        ("a.svg#0", 200),
    ]:
        drawing = load_file_reference(parse_reference(f"{tmp_path}/{name}"))  # type: ignore[arg-type]
        assert drawing.sketch.bounds[3] - drawing.sketch.bounds[1] == pytest.approx(height)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a.ndjson#3", r"a\.ndjson#3: no such drawing; there are 3, numbered 0 to 2"),
        ("one.ndjson#1", "there are 1, numbered 0 only"),
        ("a.npz:train#3", "there are 3, numbered 0 to 2"),
        ("a.npz:test", r"holds no drawings"),
        ("a.ndjson", r"holds more than one drawing; say which, counting from 0, as in .*a\.ndjson#0"),
        ("missing.ndjson#1", "no such file"),
        ("empty.ndjson", "this drawing is empty"),
    ],
)
def test_no_such_drawing(tmp_path: Path, name: str, fault: str) -> None:
    write_ndjson(tmp_path / "a.ndjson", [house()] * 3)
    write_npz(tmp_path / "a.npz", {"train": [house()] * 3})
    write_ndjson(tmp_path / "one.ndjson", [house()])
    write_ndjson(tmp_path / "empty.ndjson", [Drawing(Sketch(()))])
    with pytest.raises(UserError, match=fault) as caught:
        load_file_reference(parse_reference(f"{tmp_path}/{name}"))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_only_as_much_is_read_as_needed(tmp_path: Path) -> None:
    """The file breaks off after a while; the drawings before that can still be had."""
    write_ndjson(tmp_path / "whole.ndjson", [house(str(number)) for number in range(2000)])
    data = gzip.compress((tmp_path / "whole.ndjson").read_bytes())
    (tmp_path / "part.ndjson.gz").write_bytes(data[: len(data) // 2])
    assert load_file_reference(FileRef(tmp_path / "part.ndjson.gz", 12)).word == "12"
    with pytest.raises(UserError, match="cut short"):
        load_file_reference(FileRef(tmp_path / "part.ndjson.gz", 1999))


def test_first_row_may_be_a_move(tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", {"train": [house()]})
    ref = FileRef(tmp_path / "a.npz", 0)
    assert load_file_reference(ref, first_row="move").sketch.point_count == 8
    assert load_file_reference(ref).sketch.point_count == 9


NAMES = ["cat-full", "cat-head", "pig-full", "pig-head", "The Mona Lisa", "flamingo"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("cat-ful", "cat-full"),
        ("Cat-Full", "cat-full"),
        ("mona lisa", "The Mona Lisa"),
        ("head", "pig-head"),
        ("flamngo", "flamingo"),
        ("pig-full-2", "pig-full"),
    ],
)
def test_near_names(typed: str, first: str) -> None:
    assert near_names(typed, NAMES)[0] == first


def test_nothing_is_near_to_nonsense() -> None:
    assert near_names("xyzzy", NAMES) == []
    assert near_names("", NAMES) == []
    assert near_names("cat", []) == []


def test_names_with_the_same_part() -> None:
    assert set(near_names("head", NAMES)) == {"cat-head", "pig-head"}
    assert len(near_names("head", NAMES, limit=1)) == 1
