"""Several drawings from few words: ranges, whole files and globs, written out as references to single drawings."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from plotsketch.errors import UserError
from plotsketch.strokes.lookup import DrawingFiles
from plotsketch.strokes.reading import SUFFIXES, suffix_of
from plotsketch.strokes.reference import SHEET_SUFFIXES, FileRef, parse_reference

MOST = 10_000  # drawings from one word: more are a slip of the keys, not a sheet

_RANGE = re.compile(r"(.+)#(\d{1,18})-(\d{1,18})", re.ASCII | re.DOTALL)
_TAIL = re.compile(r"(?P<path>.*?)(?P<tail>(:[a-z]+)?(#[\d-]+)?|@r\d+c\d+)", re.ASCII | re.DOTALL)


def expand(references: Iterable[str]) -> tuple[str, ...]:
    """Each reference as it is, or the single drawings that it stands for, in order; what recipes carry.

    - ``cats.ndjson#0-11``, ``sheep.npz:test#5-9``: a range, both ends included
    - ``cats.ndjson``, ``sheep.npz:test``: every drawing of a file that holds several
    - ``"cats/*.svg"``, ``"cats/**/*.ndjson#0-3"``, ``"sheets/*.svg@r1c1"``: every file of drawings that matches, in the
      order of their names (2 before 10); a file of that very name comes first

    No model is needed. Raises UserError for a malformed reference, for a glob without a match, for a range that runs
    backwards, for a whole file that cannot be read, and where one word means more than MOST drawings.
    """
    files = DrawingFiles()
    words = [word for reference in references for word in _matches(reference.strip())]
    return tuple(single for word in words for single in _singles(word, files))


def _singles(word: str, files: DrawingFiles) -> Iterator[str]:
    if match := _RANGE.fullmatch(word):
        place, first, last = match[1], int(match[2]), int(match[3])
        if last < first:
            raise UserError(f"{word}: a range runs upwards, as in {place}#{last}-{first}")
        _check_count(last - first + 1, place)
        parse_reference(f"{place}#{first}")
        yield from (f"{place}#{index}" for index in range(first, last + 1))
        return
    reference = parse_reference(word)
    if isinstance(reference, FileRef) and reference.index is None and suffix_of(reference.path.name) != ".svg":
        count = files.count(reference, MOST)
        _check_count(count, word)
        if count > 1:
            yield from (str(replace(reference, index=index)) for index in range(count))
            return
    yield word


def _check_count(count: int, place: str) -> None:
    if count > MOST:
        raise UserError(f"{place}: more than {MOST:,} drawings at once; take some of them, as in {place}#0-99")


def _matches(word: str) -> list[str]:
    """The words that a glob stands for; any other word alone."""
    path, tail = _split_tail(word)
    if not glob.has_magic(path) or path.startswith(("seed:", "class:")) or os.path.exists(path):
        return [word]
    wanted = SHEET_SUFFIXES if tail.startswith("@") else SUFFIXES
    found = [name for name in glob.glob(path, recursive=True) if name.lower().endswith(wanted)]
    if not found:
        raise UserError(f"{word}: no file matches; plotsketch looked for {', '.join(wanted)} files")
    return [_as_file(name) + tail for name in sorted(found, key=lambda name: (_natural(name), name))]


def _split_tail(word: str) -> tuple[str, str]:
    match = _TAIL.fullmatch(word)
    assert match is not None  # every text is a path with an empty tail
    return match["path"], match["tail"]


def _as_file(name: str) -> str:
    return f"./{name}" if name.startswith(("seed:", "class:")) else name


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts numbers in names by their size."""
    parts = re.split(r"(\d+)", name)  # text, number, text ...
    return [(int(part), "") if place % 2 else (-1, part) for place, part in enumerate(parts)]
