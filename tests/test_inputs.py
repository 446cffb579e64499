"""Ranges, globs and whole files written out, and each file read once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strokes_cases import house

from plotsketch.art import inputs
from plotsketch.art.inputs import expand
from plotsketch.errors import UserError
from plotsketch.strokes import Drawing, DrawingFiles, FileRef, Sketch, lookup, write_ndjson, write_npz, write_svg


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("cats/old").mkdir(parents=True)
    for name in ("cat2", "cat10", "cat1", "old/cat7"):
        write_svg(Path(f"cats/{name}.svg"), house().sketch)
    Path("cats/notes.txt").write_text("no drawing")
    Path("cats/cat1.png").write_bytes(b"a picture")
    write_ndjson(Path("three.ndjson"), [house(str(number)) for number in range(3)])
    write_ndjson(Path("one.ndjson.gz"), [house()])
    write_npz(Path("a.npz"), {"train": [house()] * 2, "test": [house()] * 3})
    return tmp_path


@pytest.mark.parametrize(
    ("words", "singles"),
    [
        (["cat-head", "seed:7", "class:owl", " cats/cat1.svg "], ["cat-head", "seed:7", "class:owl", "cats/cat1.svg"]),
        (["three.ndjson#1", "sheet.svg@r3c7"], ["three.ndjson#1", "sheet.svg@r3c7"]),
        (["three.ndjson#1-2"], ["three.ndjson#1", "three.ndjson#2"]),
        (["a.npz:test#0-1", "seed:1"], ["a.npz:test#0", "a.npz:test#1", "seed:1"]),
        (["three.ndjson"], ["three.ndjson#0", "three.ndjson#1", "three.ndjson#2"]),
        (["a.npz:train"], ["a.npz:train#0", "a.npz:train#1"]),
        (["a.npz"], [f"a.npz#{index}" for index in range(5)]),
        (["one.ndjson.gz"], ["one.ndjson.gz"]),
        (["cats/*.svg"], ["cats/cat1.svg", "cats/cat2.svg", "cats/cat10.svg"]),
        (["cats/*"], ["cats/cat1.svg", "cats/cat2.svg", "cats/cat10.svg"]),
        (["cats/**/*.svg"], ["cats/cat1.svg", "cats/cat2.svg", "cats/cat10.svg", "cats/old/cat7.svg"]),
        (["thr*.ndjson#0-1"], ["three.ndjson#0", "three.ndjson#1"]),
        (["cats/cat1.*@r1c2"], ["cats/cat1.png@r1c2", "cats/cat1.svg@r1c2"]),
    ],
)
def test_what_words_stand_for(folder: Path, words: list[str], singles: list[str]) -> None:
    assert expand(words) == tuple(singles)
    assert expand(singles) == tuple(singles)


def test_a_file_of_a_name_like_a_glob_is_itself(folder: Path) -> None:
    write_svg(Path("cat[1].svg"), house().sketch)
    assert expand(["cat[1].svg"]) == ("cat[1].svg",)


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("dogs/*.svg", r"dogs/\*\.svg: no file matches"),
        ("cats/*.txt", "no file matches"),
        ("three.ndjson#2-1", "a range runs upwards, as in three.ndjson#1-2"),
        ("three.ndjson#0-99999", "three.ndjson: more than 10,000 drawings at once"),
        ("cat.png#0-3", "reads drawings from .ndjson"),
        ("missing.ndjson", "no such file"),
        ("cats/notes.txt", "reads drawings from"),
        ("", "empty text"),
    ],
)
def test_mistakes_are_one_line(folder: Path, word: str, fault: str) -> None:
    with pytest.raises(UserError, match=fault) as caught:
        expand([word])
    assert "\n" not in str(caught.value)


def test_a_whole_file_may_hold_too_much(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MOST", 2)
    with pytest.raises(UserError, match="three.ndjson: more than 2 drawings"):
        expand(["three.ndjson"])


@given(st.text(max_size=20))
def test_any_text_is_expanded_or_refused_in_one_line(text: str) -> None:
    try:
        singles = expand([text])
    except UserError as error:
        assert "\n" not in str(error).replace(repr(text), "").replace(text, "")
    else:
        assert singles == (text.strip(),)


class Counted:
    """Stands in for the reader: 30 drawings, how many were read, and how many files are open."""

    def __init__(self) -> None:
        self.read = self.open = 0

    def __call__(self, path: Path, **how: object) -> object:
        self.open += 1
        try:
            for number in range(30):
                self.read += 1
                yield Drawing(Sketch(([(0, 0), (number + 1, 0)],)))
        finally:
            self.open -= 1


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(lookup, "read_drawings", counted)
    return counted


def width(files: DrawingFiles, index: int) -> float:
    return files.load(FileRef(Path("a.ndjson"), index)).sketch.bounds[2]


def test_a_file_is_read_once_in_any_order(reader: Counted) -> None:
    files = DrawingFiles()
    assert [width(files, index) for index in (5, 0, 12, 5, 11)] == [6, 1, 13, 6, 12]
    assert reader.read == 13
    with pytest.raises(UserError, match="there are 30, numbered 0 to 29"):
        width(files, 30)
    assert width(files, 29) == 30
    assert reader.read == 30


def test_what_is_not_kept_is_read_again(reader: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "KEPT", 10)
    files = DrawingFiles()
    assert [width(files, index) for index in (9, 15, 20)] == [10, 16, 21]
    assert reader.read == 21
    assert [width(files, index) for index in (3, 12, 20)] == [4, 13, 21]
    assert reader.read == 21 + 21


def test_many_files_are_not_all_open_at_once(reader: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were let go are opened again where they were, and their drawings are still at hand."""
    monkeypatch.setattr(lookup, "MOST_OPEN", 3)
    files, refs = DrawingFiles(), [FileRef(Path(f"{number}.ndjson"), 2) for number in range(10)]
    for ref in refs:
        files.load(ref)
    assert (reader.read, reader.open) == (30, 3)
    assert files.load(replace(refs[0], index=1)).sketch.bounds[2] == 2
    assert reader.read == 30
    assert files.load(replace(refs[0], index=3)).sketch.bounds[2] == 4
    assert (reader.read, reader.open) == (34, 3)
    assert files.count(refs[0], 100) == 30 and reader.open == 2  # one that has ended is closed
    assert files.count(refs[0], 100) == 30 and reader.read == 30 + 30


def test_an_error_comes_each_time(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text("nonsense")
    files = DrawingFiles()
    for _ in range(2):
        with pytest.raises(UserError, match="line 1: not valid JSON"):
            files.load(FileRef(tmp_path / "a.ndjson", 0))
