"""Drawings fetched by reference: each file is read once, however many of its drawings are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from plotsketch.errors import UserError
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.reading import read_drawings
from plotsketch.strokes.reference import FileRef
from plotsketch.strokes.sketch import FirstRow

KEPT = 10_000  # drawings of a file that stay in memory: some 30 MB
MOST_OPEN = 64  # files; systems stop a program at some hundreds


class DrawingFiles:
    """Files that drawings are asked from, in any order. A file is read on from where it was, and no further than the
    drawing that is asked for; to go back beyond the first KEPT drawings it is read anew. The MOST_OPEN files that were
    asked last stay open."""

    def __init__(self, *, first_row: FirstRow = "drawn") -> None:
        self._first_row: FirstRow = first_row
        self._files: dict[tuple[Path, str | None], _File] = {}
        self._open: dict[tuple[Path, str | None], None] = {}  # the one asked last comes last

    def load(self, ref: FileRef) -> Drawing:
        """The one drawing that ``ref`` means.

        Without an index the file must hold one drawing. Raises UserError when it holds more, when there is no such
        drawing (saying how many there are), when the drawing is empty, and for whatever is wrong with the file.
        """
        drawing = self._at(ref, ref.index or 0)
        if drawing is None:
            count = self._file(ref).position
            numbers = "0 only" if count == 1 else f"0 to {count - 1}"
            raise UserError(f"{ref}: no such drawing; there are {count}, numbered {numbers}")
        if ref.index is None and self._at(ref, 1) is not None:
            raise UserError(f"{ref} holds more than one drawing; say which, counting from 0, as in {ref}#0")
        if drawing.sketch.is_empty:
            raise UserError(f"{ref}: this drawing is empty")
        return drawing

    def count(self, ref: FileRef, most: int) -> int:
        """How many drawings a file (or its split) holds; ``most + 1`` when they are more than ``most``."""
        return most + 1 if self._at(ref, most) is not None else self._file(ref).position

    def _at(self, ref: FileRef, index: int) -> Drawing | None:
        key = ref.path, ref.split
        try:
            found = self._file(ref).at(index)
            if found is None and index < self._files[key].position:
                del self._files[key]
                found = self._file(ref).at(index)
        except UserError:  # the error comes again when the drawing is asked for again
            self._files.pop(key, None)
            raise
        return found

    def _file(self, ref: FileRef) -> _File:
        key = ref.path, ref.split
        if key not in self._files:
            self._files[key] = _File(partial(read_drawings, ref.path, split=ref.split, first_row=self._first_row))
        self._open.pop(key, None)
        self._open[key] = None
        if len(self._open) > MOST_OPEN:
            oldest = next(iter(self._open))
            del self._open[oldest]
            if oldest in self._files:
                self._files[oldest].rest()
        return self._files[key]


class _File:
    """``position``: how many drawings have been read. The first KEPT of them are kept."""

    def __init__(self, read: Callable[[], Iterator[Drawing]]) -> None:
        """``read`` gives all drawings from the first."""
        self._read = read
        self._drawings: Iterator[Drawing] | None = None
        self._ended = False
        self._kept: list[Drawing] = []
        self.position = 0

    def rest(self) -> None:
        """Lets the file go; it is opened again where more of it is wanted."""
        self._drawings = None

    def at(self, index: int) -> Drawing | None:
        """None when the file has no such drawing, or has gone past it."""
        if index < len(self._kept):
            return self._kept[index]
        if self._drawings is None and not self._ended:
            self._drawings = islice(self._read(), self.position, None)
        while self.position <= index and self._drawings is not None:
            drawing = next(self._drawings, None)
            if drawing is None:
                self._drawings, self._ended = None, True
                return None
            self.position += 1
            if len(self._kept) < KEPT:
                self._kept.append(drawing)
            if self.position == index + 1:
                return drawing
        return None


def load_file_reference(ref: FileRef, *, first_row: FirstRow = "drawn") -> Drawing:
    """The one drawing that ``ref`` means, reading no further than it has to; errors as ``DrawingFiles.load``."""
    return DrawingFiles(first_row=first_row).load(ref)
