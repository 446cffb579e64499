"""From files of drawings to a training set: ndjson, sketch-rnn .npz, SVG, and training sets again."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from plotsketch.errors import UserError
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.reading import SUFFIXES, read_drawings, suffix_of
from plotsketch.strokes.simplify import simplify
from plotsketch.strokes.sketch import FirstRow, Sketch
from plotsketch.strokes.source import check_file
from plotsketch.training.building import Filters, Offer, SetBuilder
from plotsketch.training.dataset import SPLITS, TrainingSet, is_training_set


@dataclass(frozen=True)
class Reading:
    """How files become stroke-3 rows.

    ``prepare`` simplifies drawings as QuickDraw does (longest side 255, points 1 apart, Ramer-Douglas-Peucker
    at 2, whole numbers): True for all, False for none, None for those that need it, SVG and raw ndjson.
    ``own_splits`` keeps the train, valid and test of .npz files; without it, and for all other files, the
    split hangs on the key alone. ``word`` names drawings that come without a word; the default is the file's
    name. ``first_row="move"`` is for .npz files whose first row only carries the pen to the start.
    """

    prepare: bool | None = None
    own_splits: bool = True
    word: str = ""
    first_row: FirstRow = "drawn"


def import_files(
    paths: Sequence[Path],
    filters: Filters | None = None,
    reading: Reading | None = None,
    finished: Callable[[Path], None] = lambda path: None,
) -> TrainingSet:
    """One training set from all drawings of the files; ``finished`` hears of each file that is read.

    Files are streamed. Raises UserError for a file that cannot be read and when no drawing is left.
    """
    reading = reading or Reading()
    builder = SetBuilder(filters or Filters())
    for path in paths:  # all of them before long work on the first
        check_file(path)
        if suffix_of(path.name) is None:
            raise UserError(f"{path} is no file of drawings that plotsketch reads; it reads {', '.join(SUFFIXES)}")
    for path in paths:
        for offer in offers(path, reading):
            builder.add(offer)
        finished(path)
    return builder.finish(sources=sorted({path.name for path in paths}), reading=asdict(reading))


def import_drawings(drawings: Iterable[Drawing], filters: Filters | None = None) -> TrainingSet:
    """A training set from drawings at hand, taken as they are; splits by key. UserError when none is left."""
    builder = SetBuilder(filters or Filters())
    for drawing in drawings:
        builder.add(_offer(drawing, drawing.sketch, drawing.word or "drawing"))
    return builder.finish()


def offers(path: Path, reading: Reading) -> Iterator[Offer]:
    """The drawings of one file, ready for a builder."""
    if suffix_of(path.name) == ".npz" and is_training_set(path):
        yield from _again(path, reading)
        return
    word = reading.word or _stem(path)
    prepare = _needs_preparing(path) if reading.prepare is None else reading.prepare
    for drawing in read_drawings(path, first_row=reading.first_row):
        sketch = prepared(drawing.sketch) if prepare else drawing.sketch
        split = _split_in(drawing.source) if reading.own_splits else None
        yield _offer(drawing, sketch, drawing.word or word, split)


def prepared(sketch: Sketch) -> Sketch:
    """As QuickDraw's simplified files have it: in a box of 255, few points, whole numbers."""
    simple = simplify(sketch)
    return Sketch(tuple(np.rint(line) for line in simple.lines), simple.finished)


def _again(path: Path, reading: Reading) -> Iterator[Offer]:
    """The drawings of a training set; keys, words and splits are known."""
    data = TrainingSet.load(path)
    for index in range(len(data)):
        rows = data.drawing(index)
        if reading.prepare:
            rows = prepared(Sketch.from_stroke3(rows)).to_stroke3()
        split = int(data.split[index]) if reading.own_splits else None
        yield Offer(rows, str(data.names[data.labels[index]]), str(data.keys[index]), True, split)


def _offer(drawing: Drawing, sketch: Sketch, word: str, split: int | None = None) -> Offer:
    return Offer(sketch.to_stroke3(), _tidy(word), drawing.key, drawing.recognized, split)


def _tidy(word: str) -> str:
    """A class name that can be printed on one line and stored as text."""
    printable = "".join(letter if letter.isprintable() else " " for letter in word)
    return " ".join(printable.split())[:80] or "drawing"


def _split_in(source: str) -> int | None:
    """The split that a drawing's source names ('sheep.npz:test#5'), if any."""
    name = source.rpartition(":")[2].partition("#")[0]
    return SPLITS.index(name) if name in SPLITS else None


def _needs_preparing(path: Path) -> bool:
    suffix = suffix_of(path.name) or ""
    return suffix == ".svg" or (suffix.startswith(".ndjson") and _is_raw(path))


def _is_raw(path: Path) -> bool:
    """Whether the first drawing has times beside x and y; the reader is left to name any damage."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as file:
            return len(json.loads(file.readline(1 << 24))["drawing"][0]) > 2
    except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError, RecursionError):
        return False


def _stem(path: Path) -> str:
    """'cat' of 'cat.ndjson.gz' and of 'cat.raw.ndjson'."""
    suffix = suffix_of(path.name) or ""
    return path.name[: len(path.name) - len(suffix)].removesuffix(".raw") or path.name
