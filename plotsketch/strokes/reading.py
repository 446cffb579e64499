"""One door to every file of drawings: the reader is chosen by the file's name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from plotsketch.errors import UserError
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.npz import read_npz
from plotsketch.strokes.quickdraw import read_ndjson
from plotsketch.strokes.sketch import FirstRow
from plotsketch.strokes.svg import read_svg

SUFFIXES = (".ndjson", ".ndjson.gz", ".npz", ".svg")


def suffix_of(name: str) -> str | None:
    """Which of SUFFIXES ``name`` ends in, in small letters; None for another kind of file."""
    return next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), None)


def read_drawings(path: Path, *, split: str | None = None, first_row: FirstRow = "drawn") -> Iterator[Drawing]:
    """The drawings of one file, streamed: .ndjson, .ndjson.gz, .npz or .svg (which is one drawing).

    ``split`` picks train, valid or test of an .npz; without it they come in this order. ``first_row="move"``
    is for .npz files whose first row is not drawn (icon sets, Omniglot). Raises UserError, here or while
    iterating, for whatever is wrong with the file.
    """
    suffix = suffix_of(path.name)
    if split is not None and suffix in (".ndjson", ".ndjson.gz", ".svg"):
        raise UserError(f"{path} has no splits; only .npz files have train, valid and test")
    if suffix == ".npz":
        return read_npz(path, split=split, first_row=first_row)
    if suffix == ".svg":
        return iter([read_svg(path)])
    if suffix is not None:
        return read_ndjson(path)
    raise UserError(f"{path} is no file of drawings that plotsketch reads; it reads {', '.join(SUFFIXES)}")
