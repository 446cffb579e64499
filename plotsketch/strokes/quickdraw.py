"""QuickDraw's ndjson, plain or .gz: a drawing a line, a stroke [[x], [y]] (simplified) or [[x], [y], [t]].

The format: https://github.com/googlecreativelab/quickdraw-dataset#the-raw-moderated-dataset
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.files import write_atomically
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.sketch import Line, Sketch
from plotsketch.strokes.source import check_coordinates, check_file, unreadable

LONGEST_LINE = 16 << 20  # bytes; the longest raw drawings are well under one MiB


def read_ndjson(path: Path) -> Iterator[Drawing]:
    """The drawings of ``path`` one by one, in the file's order; nothing beyond the one asked for is read.

    Timestamps are dropped. Raises UserError for a file that is missing, empty or cut short, and for a line
    that is no drawing, named by its number from 1.
    """
    check_file(path)
    return _read(path)


def _read(path: Path) -> Iterator[Drawing]:
    index = 0
    for number, line in _numbered_lines(path):
        where = f"{path}, line {number}"
        record = _parse(line, where)
        try:
            lines = _lines(record["drawing"], where)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise UserError(
                f"{where}: not a QuickDraw drawing (a list of strokes, each a list of x and of y)"
            ) from error
        yield Drawing(
            Sketch(lines),
            word=str(record.get("word") or ""),
            key=str(record.get("key_id") or ""),
            recognized=bool(record.get("recognized", True)),
            source=f"{path.name}#{index}",
        )
        index += 1
    if index == 0:
        raise UserError(f"{path} holds no drawings")


def _numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers from 1."""
    number = 0
    try:
        with _open(path) as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise UserError(f"{path}, line {number}: longer than {LONGEST_LINE >> 20} MiB; this is no drawing")
                if not line.isspace():
                    yield number, line
    except (EOFError, zlib.error) as error:
        raise UserError(f"{path} is cut short or damaged after line {number}; fetch it again") from error
    except gzip.BadGzipFile as error:
        raise UserError(f"{path} is not a sound gzip file (after line {number}); fetch it again") from error
    except OSError as error:
        raise unreadable(path, error) from error


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def _parse(line: bytes, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise UserError(f"{where}: not valid JSON ({error.msg} at column {error.colno})") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where}: not valid JSON") from error
    if not isinstance(record, dict):
        raise UserError(f"{where}: not a JSON object with a drawing in it")
    return record


def _lines(strokes: list[list[list[float]]], where: str) -> tuple[Line, ...]:
    """The lines of one drawing as slices of one array: far fewer numpy calls than an array a stroke.

    Strokes without a point are left out. Raises what Python and numpy raise when ``strokes`` is something
    else.
    """
    xs: list[float] = []
    ys: list[float] = []
    edges = [0]
    for stroke in strokes:
        x, y = stroke[0], stroke[1]
        if type(x) is not list or type(y) is not list or len(x) != len(y):
            raise ValueError("x and y are not lists of one length")
        if x:
            xs += x
            ys += y
            edges.append(len(xs))
    points: NDArray[np.float64] = np.empty((len(xs), 2))
    points[:, 0] = xs
    points[:, 1] = ys
    check_coordinates(points, where)
    return tuple(points[start:end] for start, end in pairwise(edges))


def write_ndjson(path: Path, drawings: Iterable[Drawing]) -> None:
    """Writes the simplified format, gzipped when ``path`` ends in .gz; the same bytes every time.

    Whole coordinates are written as integers, others in full. Raises UserError when the file cannot be
    written.
    """

    def write(file: BinaryIO) -> None:
        for drawing in drawings:
            file.write(_record(drawing))

    def write_gzipped(file: BinaryIO) -> None:
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            write(cast(BinaryIO, packed))

    write_atomically(path, write_gzipped if path.suffix.lower() == ".gz" else write)


def _record(drawing: Drawing) -> bytes:
    record = {
        "word": drawing.word,
        "key_id": drawing.key,
        "recognized": drawing.recognized,
        "drawing": [[_numbers(line[:, 0]), _numbers(line[:, 1])] for line in drawing.sketch.lines],
    }
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _numbers(values: NDArray[np.float64]) -> list[float]:
    return [int(value) if value.is_integer() else value for value in values.tolist()]
