"""The one way to say "this drawing": a file, a cell of a sheet, a seed, a class or a name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from plotsketch.errors import UserError
from plotsketch.strokes.npz import SPLITS
from plotsketch.strokes.reading import SUFFIXES, suffix_of

SHEET_SUFFIXES = (".svg", ".png")  # of the files whose cells can be referred to
_CELL = re.compile(r"(.*)@r(\d{1,6})c(\d{1,6})", re.ASCII | re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class FileRef:
    """``path.svg``, ``path.ndjson#12``, ``path.npz:test#5``; ``index`` counts from 0."""

    path: Path
    index: int | None = None
    split: str | None = None

    def __str__(self) -> str:
        split = "" if self.split is None else f":{self.split}"
        return _path_text(self.path) + split + ("" if self.index is None else f"#{self.index}")


@dataclass(frozen=True)
class CellRef:
    """``sheet.svg@r3c7``, a drawing on a sheet that plotsketch wrote (.svg or .png); ``row`` and ``col`` count from 1,
    as captions do."""

    path: Path
    row: int
    col: int

    def __str__(self) -> str:
        return f"{_path_text(self.path)}@r{self.row}c{self.col}"


@dataclass(frozen=True)
class SeedRef:
    """``seed:7``, a draw from the prior."""

    seed: int

    def __str__(self) -> str:
        return f"seed:{self.seed}"


@dataclass(frozen=True)
class ClassRef:
    """``class:flamingo``, what is typical of a class."""

    name: str

    def __str__(self) -> str:
        return f"class:{self.name}"


@dataclass(frozen=True)
class NameRef:
    """``cat-full``, a landmark of the checkpoint."""

    name: str

    def __str__(self) -> str:
        return self.name


Reference = FileRef | CellRef | SeedRef | ClassRef | NameRef


def parse_reference(text: str) -> Reference:
    """What ``text`` refers to; no file is looked at, and ``str`` of the answer says the same again.

    A text with a ``#``, a folder or a suffix is a file (``./seed:7.svg`` for one of that name), and with ``@r3c7``
    behind it a cell of that file.
    Raises UserError for a malformed one.
    """
    text = text.strip()
    if not text:
        raise UserError(
            "an empty text is no drawing; say FILE, FILE#INDEX, FILE@r1c1, seed:NUMBER, class:NAME or a name"
        )
    if text.startswith("seed:"):
        return SeedRef(_seed(text.removeprefix("seed:"), text))
    if text.startswith("class:"):
        name = text.removeprefix("class:").strip()
        if not name:
            raise UserError("'class:' wants the name of a class, as in class:flamingo")
        return ClassRef(name)
    if suffix_of(text) is None and re.search(r"@r\d+c\d+$|\.(svg|png)@", text, re.ASCII | re.IGNORECASE):
        return _cell(text)
    return _file(text) if _names_a_file(text) else NameRef(text)


def _path_text(path: Path) -> str:
    """The path as a reference says it: one that looks like a seed or a class with its folder before it."""
    text = str(path)
    return f"./{text}" if text.startswith(("seed:", "class:")) else text


def _cell(text: str) -> CellRef:
    match = _CELL.fullmatch(text)
    if match is None or not (int(match[2]) and int(match[3])):
        raise UserError(f"{text!r}: after @ come a cell's row and column, counted from 1, as in sheet.svg@r3c7")
    if not match[1].lower().endswith(SHEET_SUFFIXES):
        raise UserError(f"{text!r}: cells are those of {' and '.join(SHEET_SUFFIXES)} sheets, as in sheet.svg@r3c7")
    return CellRef(Path(match[1]), int(match[2]), int(match[3]))


def _seed(number: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", number, re.ASCII):
        raise UserError(f"{text!r}: a seed is a whole number from 0 up, as in seed:7")
    return int(number)


def _names_a_file(text: str) -> bool:
    return bool(re.search(r"[#/\\]|\.\w{2,6}(:|$)", text))


def _file(text: str) -> FileRef:
    if suffix_of(text) is not None:  # whatever else is in its name
        return FileRef(Path(text))
    place, hash_sign, number = text.rpartition("#") if "#" in text else (text, "", "")
    if hash_sign and not re.fullmatch(r"\d{1,18}", number, re.ASCII):
        raise UserError(f"{text!r}: after # comes the drawing's number, from 0 up, as in cat.ndjson#12")
    index = int(number) if hash_sign else None
    if suffix_of(place) is not None:
        return FileRef(Path(place), index)
    path, colon, split = place.rpartition(":")
    if not colon or suffix_of(path) is None:
        raise UserError(f"{text!r}: plotsketch reads drawings from {', '.join(SUFFIXES)} files")
    if suffix_of(path) != ".npz" or split not in SPLITS:
        raise UserError(f"{text!r}: only .npz files have splits, and they are called {', '.join(SPLITS)}")
    return FileRef(Path(path), index, split)


def near_names(name: str, choices: Iterable[str], *, limit: int = 5) -> list[str]:
    """Up to ``limit`` of ``choices`` that someone who typed ``name`` may have meant, the likeliest first.

    Case does not count; names that contain ``name``, or are contained in it, follow those that are spelt
    alike.
    """
    by_folded = {choice.casefold(): choice for choice in choices}
    wanted = name.casefold()
    alike = difflib.get_close_matches(wanted, by_folded, n=limit, cutoff=0.6)
    parts = sorted(other for other in by_folded if wanted and (wanted in other or (len(other) > 2 and other in wanted)))
    return [by_folded[folded] for folded in dict.fromkeys([*alike, *parts])][:limit]
