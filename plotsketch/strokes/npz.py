"""sketch-rnn's .npz: object arrays train, valid and test of stroke-3 arrays, as Magenta publishes them.

Two further arrays are read and written where there are words to keep: ``label_names`` and, for each split,
``<split>_labels``, indices into it. Magenta ignores them.
"""

from __future__ import annotations

import io
import pickle
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.files import write_atomically
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.pickled import ForeignPickle, load_array_of_arrays
from plotsketch.strokes.sketch import FirstRow, Sketch
from plotsketch.strokes.source import check_coordinates, check_file, unreadable

SPLITS = ("train", "valid", "test")
LARGEST_MEMBER = 1 << 30  # bytes unpacked; a full QuickDraw class has about 60 MiB


def read_npz(path: Path, *, split: str | None = None, first_row: FirstRow = "drawn") -> Iterator[Drawing]:
    """The drawings of ``split``, or of train, valid and test in this order, each split read in its turn.

    Raises UserError for a file that is missing, damaged, without such a split, or that holds anything but
    arrays of numbers: such files can run programs when they are opened the usual way, and are refused before
    they can.
    """
    check_file(path)
    if split is not None and split not in SPLITS:
        raise UserError(f"{path}: no split is called {split!r}; there are {', '.join(SPLITS)}")
    return _read(path, split, first_row)


def _read(path: Path, split: str | None, first_row: FirstRow) -> Iterator[Drawing]:
    count = 0
    try:
        with zipfile.ZipFile(path) as archive:
            present = [name for name in SPLITS if f"{name}.npy" in archive.namelist()]
            if not present or split not in (None, *present):
                missing = repr(split) if present else "train, valid or test"
                raise UserError(f"{path} has no array {missing}; it has {', '.join(_arrays_in(archive)) or 'none'}")
            for name in present if split is None else [split]:
                for drawing in _read_split(archive, path, name or "", first_row):
                    yield drawing
                    count += 1
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UserError(f"{path} is not a sound .npz file ({error}); fetch or write it again") from error
    except OSError as error:
        raise unreadable(path, error) from error
    if count == 0:
        raise UserError(f"{path} holds no drawings")


def _arrays_in(archive: zipfile.ZipFile) -> list[str]:
    return [name.removesuffix(".npy") for name in archive.namelist()]


def _read_split(archive: zipfile.ZipFile, path: Path, split: str, first_row: FirstRow) -> Iterator[Drawing]:
    try:
        tables = _load(archive, f"{split}.npy")
        words = _words(archive, split, len(tables))
    except ForeignPickle as error:
        raise UserError(f"{path}, array {split!r}: {error}; plotsketch reads arrays of numbers only") from error
    for index, rows in enumerate(tables):
        where = f"{path}:{split}#{index}"
        if rows.dtype.kind not in "iuf" or (rows.size and (rows.ndim != 2 or rows.shape[1] != 3)):
            raise UserError(f"{where}: not stroke-3 rows (dx, dy, lift) but an array of shape {rows.shape}")
        offsets = rows.astype(np.float64)
        check_coordinates(offsets, where)
        sketch = Sketch.from_stroke3(offsets, first_row=first_row)
        yield Drawing(sketch, word=words[index] if words else "", source=f"{path.name}:{split}#{index}")


def _load(archive: zipfile.ZipFile, member: str) -> list[NDArray[Any]] | NDArray[Any]:
    """One .npy member: a list of arrays from an object array, or a plain array of one dimension or more."""
    data = _unpack(archive, member)
    try:
        stream = io.BytesIO(data)
        read_header = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
        if read_header(stream)[2].hasobject:
            return load_array_of_arrays(data[stream.tell() :])
        stream.seek(0)
        return np.atleast_1d(npy.read_array(stream, allow_pickle=False))
    except ForeignPickle:
        raise
    except Exception as error:  # numpy takes headers for Python and raises whatever its tokenizer does
        raise ForeignPickle("this is no sound .npy array") from error


def _unpack(archive: zipfile.ZipFile, member: str) -> bytes:
    with archive.open(member) as file:
        data = file.read(LARGEST_MEMBER + 1)
    if len(data) > LARGEST_MEMBER:
        raise ForeignPickle(f"more than {LARGEST_MEMBER >> 30} GiB when unpacked")
    return data


def _words(archive: zipfile.ZipFile, split: str, count: int) -> list[str] | None:
    """The word of each drawing, when the file has labels that fit its drawings."""
    if not {"label_names.npy", f"{split}_labels.npy"} <= set(archive.namelist()):
        return None
    names, labels = _load(archive, "label_names.npy"), _load(archive, f"{split}_labels.npy")
    if isinstance(names, list) or isinstance(labels, list) or labels.dtype.kind not in "iu" or len(labels) != count:
        return None
    if count and (labels.min() < 0 or labels.max() >= len(names)):
        return None
    return [str(names[label]) for label in labels]


def write_npz(path: Path, splits: Mapping[str, Iterable[Drawing]]) -> None:
    """Writes an .npz that Magenta's loaders read, with all three splits; the same bytes every time.

    A split not in ``splits`` is empty. Rows are int16 when that loses nothing, else float32, in the whole
    file. Drawings start at their first point: where they were on their page is not kept. Raises UserError for
    an empty sketch or another split's name, and when the file cannot be written.
    """
    drawings = {name: list(splits.get(name, ())) for name in SPLITS}
    if unknown := sorted(set(splits) - set(SPLITS)):
        raise UserError(f"an .npz file has the splits {', '.join(SPLITS)}, not {', '.join(unknown)}")
    tables = {name: [drawing.sketch.to_stroke3() for drawing in group] for name, group in drawings.items()}
    if any(len(rows) == 0 for group in tables.values() for rows in group):
        raise UserError(f"{path}: an empty drawing cannot be stored in an .npz file; leave it out")
    dtype = _smallest_dtype(rows for group in tables.values() for rows in group)
    members = {name: _pickled_member([rows.astype(dtype) for rows in group]) for name, group in tables.items()}
    members |= _label_members(drawings)
    write_atomically(path, lambda file: _write_archive(file, members))


def _smallest_dtype(tables: Iterable[NDArray[np.float64]]) -> str:
    whole = all(np.abs(rows).max() <= 32767 and np.array_equal(rows, np.rint(rows)) for rows in tables)
    return "<i2" if whole else "<f4"


def _pickled_member(tables: list[NDArray[Any]]) -> bytes:
    """A .npy file of an object array, pickled under the module name that numpy 1 knows: numpy 2's is new."""
    array = np.empty(len(tables), dtype=object)
    array[:] = tables
    head = io.BytesIO()
    npy.write_array_header_1_0(head, npy.header_data_from_array_1_0(array))
    body = pickle.dumps(array, protocol=3)
    return head.getvalue() + body.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n", 1)


def _plain_member(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    npy.write_array(stream, array, allow_pickle=False)
    return stream.getvalue()


def _label_members(drawings: Mapping[str, list[Drawing]]) -> dict[str, bytes]:
    names = sorted({drawing.word for group in drawings.values() for drawing in group})
    if names in ([], [""]):
        return {}
    number = {name: index for index, name in enumerate(names)}
    labels = {
        f"{split}_labels": _plain_member(np.array([number[drawing.word] for drawing in group], dtype=np.int32))
        for split, group in drawings.items()
    }
    return {**labels, "label_names": _plain_member(np.array(names))}


def _write_archive(file: BinaryIO, members: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
