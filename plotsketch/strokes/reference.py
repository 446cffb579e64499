"""The one way to say "this drawing": a file, a seed, a class or a name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from plotsketch.errors import UserError
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.npz import SPLITS
from plotsketch.strokes.reading import SUFFIXES, read_drawings, suffix_of
from plotsketch.strokes.sketch import FirstRow


@dataclass(frozen=True)
class FileRef:
    """``path.svg``, ``path.ndjson#12``, ``path.npz:test#5``; ``index`` counts from 0."""

    path: Path
    index: int | None = None
    split: str | None = None

    def __str__(self) -> str:
        path = str(self.path)
        folder = "./" if path.startswith(("seed:", "class:")) else ""
        split = "" if self.split is None else f":{self.split}"
        return folder + path + split + ("" if self.index is None else f"#{self.index}")


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


Reference = FileRef | SeedRef | ClassRef | NameRef


def parse_reference(text: str) -> Reference:
    """What ``text`` refers to; no file is looked at, and ``str`` of the answer says the same again.

    A text with a ``#``, a folder or a suffix is a file (``./seed:7.svg`` for one of that name).
    Raises UserError for a malformed one.
    """
    text = text.strip()
    if not text:
        raise UserError("an empty text is no drawing; say FILE, FILE#INDEX, seed:NUMBER, class:NAME or a name")
    if text.startswith("seed:"):
        return SeedRef(_seed(text.removeprefix("seed:"), text))
    if text.startswith("class:"):
        name = text.removeprefix("class:").strip()
        if not name:
            raise UserError("'class:' wants the name of a class, as in class:flamingo")
        return ClassRef(name)
    return _file(text) if _names_a_file(text) else NameRef(text)


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


def load_file_reference(ref: FileRef, *, first_row: FirstRow = "drawn") -> Drawing:
    """The one drawing that ``ref`` means, reading no further than it has to.

    Without an index the file must hold one drawing. Raises UserError when it holds more, when there is no
    such drawing (saying how many there are), when the drawing is empty, and for whatever is wrong with the
    file.
    """
    drawings = read_drawings(ref.path, split=ref.split, first_row=first_row)
    drawing = _the_only(drawings, ref) if ref.index is None else _at(drawings, ref.index, ref)
    if drawing.sketch.is_empty:
        raise UserError(f"{ref}: this drawing is empty")
    return drawing


def _the_only(drawings: Iterator[Drawing], ref: FileRef) -> Drawing:
    first, *more = islice(drawings, 2)
    if more:
        raise UserError(f"{ref} holds more than one drawing; say which, counting from 0, as in {ref}#0")
    return first


def _at(drawings: Iterator[Drawing], index: int, ref: FileRef) -> Drawing:
    count = 0
    for count, drawing in enumerate(drawings, start=1):
        if count > index:
            return drawing
    numbers = "0 only" if count == 1 else f"0 to {count - 1}"
    raise UserError(f"{ref}: no such drawing; there are {count}, numbered {numbers}")


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
