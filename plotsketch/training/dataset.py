"""Training sets: many drawings in a few flat arrays, in one file without pickles.

A set is a numpy archive with the arrays

=======  ==================  =====================================================================
points   (N, 3)              int16 or float32; stroke-3 rows of all drawings, one after the other,
                             in data units (QuickDraw pixels); the first row of a drawing is drawn
lengths  (n,) int32          rows of each drawing; they add up to N
labels   (n,) int16          index of the drawing's class in ``names``
split    (n,) uint8          0 train, 1 valid, 2 test
keys     (n,) text           what tells drawings apart (QuickDraw's key_id, or a hash of the points)
names    (C,) text           class names, sorted
meta     () text             JSON: format version, sources, filters, what was dropped and why
=======  ==================  =====================================================================
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError

FORMAT = 1
SPLITS = ("train", "valid", "test")
TRAIN, VALID, TEST = 0, 1, 2
_SHARES = (0.92, 0.95)  # below the first: train; below the second: valid; the rest: test
_ARRAYS = ("points", "lengths", "labels", "split", "keys", "names", "meta")


def split_of(key: str) -> int:
    """The split that a key belongs to, for good: 0 train (92 %), 1 valid (3 %), 2 test (5 %).

    It hangs on the SHA-256 of the key alone, so that a drawing stays in its split whatever file, order or
    filter it came through.
    """
    place = key_place(key)
    return TRAIN if place < _SHARES[0] else VALID if place < _SHARES[1] else TEST


def key_place(key: str, use: int = 0) -> float:
    """A number in [0, 1) that hangs on the key alone; each ``use`` (0-3) gives an independent one."""
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    return int.from_bytes(digest[8 * use : 8 * use + 8], "big") / 2**64


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Drawings with classes and splits; the arrays are described at the top of this module."""

    points: NDArray[Any]
    lengths: NDArray[np.int32]
    labels: NDArray[np.int16]
    split: NDArray[np.uint8]
    keys: NDArray[np.str_]
    names: NDArray[np.str_]
    meta: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problem = _inconsistency(self)
        if problem:
            raise ValueError(problem)

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(n+1,): drawing i is rows ``starts[i]:starts[i+1]`` of ``points``."""
        return np.concatenate([[0], np.cumsum(self.lengths, dtype=np.int64)])

    def drawing(self, index: int) -> NDArray[Any]:
        """The stroke-3 rows (k, 3) of one drawing, a view in data units."""
        if not 0 <= index < len(self):
            raise IndexError(f"drawing {index} of {len(self)}")
        return self.points[self.starts[index] : self.starts[index + 1]]

    def select(self, split: int | str | None = None, name: str | None = None) -> NDArray[np.int64]:
        """Indices of the drawings of a split (0-2 or its name) and of a class; None means all."""
        keep = np.ones(len(self), dtype=bool)
        if split is not None:
            keep &= self.split == (SPLITS.index(split) if isinstance(split, str) else split)
        if name is not None:
            keep &= self.labels == self.label_of(name)
        return np.flatnonzero(keep)

    def label_of(self, name: str) -> int:
        """The label of a class; an unknown name is a UserError that lists the near ones."""
        found = np.flatnonzero(self.names == name)
        if len(found):
            return int(found[0])
        from plotsketch.strokes.reference import near_names

        near = near_names(name, self.names.tolist())
        hint = f"near ones: {', '.join(near)}" if near else "'plotsketch data info' lists its classes"
        raise UserError(f"no class '{name}' in this training set; {hint}")

    def scale_factor(self) -> float:
        """Standard deviation of all dx and dy of the training split together (data units per model unit).

        The mean is not removed from the data, as in Magenta's sketch-rnn; the same scalar serves all splits.
        """
        rows = self.points[np.repeat(self.split == TRAIN, self.lengths), :2]
        if not len(rows):
            raise UserError("the training split is empty; import more drawings")
        return float(np.std(rows, dtype=np.float64))

    def digest(self) -> str:
        """12 hex digits that tell sets apart by their drawings, classes and splits."""
        content = hashlib.sha256()
        for array in (self.points, self.lengths, self.labels, self.split):
            content.update(np.ascontiguousarray(array).tobytes())
        return content.hexdigest()[:12]

    def subset(self, indices: NDArray[Any]) -> TrainingSet:
        """The drawings at these indices, in this order; classes that lose all drawings are left out."""
        used = np.unique(self.labels[indices])
        pieces = [self.drawing(int(i)) for i in indices]
        points = np.concatenate(pieces) if pieces else self.points[:0]
        labels = np.searchsorted(used, self.labels[indices]).astype(np.int16)
        return TrainingSet(
            points,
            self.lengths[indices],
            labels,
            self.split[indices],
            self.keys[indices],
            self.names[used],
            self.meta,
        )

    def save(self, path: Path) -> None:
        """Write the set as one compressed archive; the old file survives any failure (UserError)."""
        from plotsketch.files import write_atomically

        def write(file: BinaryIO) -> None:
            arrays = {name: getattr(self, name) for name in _ARRAYS if name != "meta"}
            text = json.dumps({"format": FORMAT, **self.meta}, sort_keys=True, ensure_ascii=False)
            np.savez_compressed(file, meta=np.array(text), **arrays)

        write_atomically(path, write)

    @classmethod
    def load(cls, path: Path | str) -> TrainingSet:
        """Read a set; anything that is not one, or is damaged, is one UserError. Never unpickles."""
        path = Path(path)
        arrays = _read_arrays(path)
        try:
            meta = json.loads(str(arrays.pop("meta")))
            version = meta.pop("format")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path}: the training set's description is damaged; import it again") from error
        if version != FORMAT:
            raise UserError(f"{path}: training set of format {version}; this version reads format {FORMAT}")
        try:
            data = cls(**arrays, meta=meta)
        except ValueError as error:
            raise UserError(f"{path}: damaged training set ({error}); import it again") from error
        if not len(data):
            raise UserError(f"{path}: this training set holds no drawings; import some")
        return data


def is_training_set(path: Path) -> bool:
    """Whether the file is one of ours (by the names of its arrays); Magenta's hold train/valid/test."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {f"{name}.npy" for name in _ARRAYS} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _read_arrays(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            missing = [name for name in _ARRAYS if name not in archive]
            if missing:
                raise UserError(
                    f"{path}: not a training set (no '{missing[0]}'); make one with 'plotsketch data import'"
                )
            return {name: archive[name] for name in _ARRAYS}
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; make a training set with 'plotsketch data import'") from error
    except IsADirectoryError as error:
        raise UserError(f"{path}: a folder, not a training set") from error
    except PermissionError as error:
        raise UserError(f"{path}: no permission to read it") from error
    except (
        OSError,
        ValueError,
        TypeError,
        EOFError,
        KeyError,
        MemoryError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise UserError(f"{path}: not a training set, or cut short; import it again") from error


_KINDS = {
    "points": ("if", 2),
    "lengths": ("i", 1),
    "labels": ("i", 1),
    "split": ("u", 1),
    "keys": ("U", 1),
    "names": ("U", 1),
}


def _inconsistency(data: TrainingSet) -> str:
    """What contradicts the layout at the top of this module, or nothing."""
    for name, (kinds, dimensions) in _KINDS.items():
        array = getattr(data, name)
        if not isinstance(array, np.ndarray) or array.dtype.kind not in kinds or array.ndim != dimensions:
            return f"'{name}' has the wrong type or shape"
    count = len(data.lengths)
    if not len(data.labels) == len(data.split) == len(data.keys) == count:
        return "the arrays differ in length"
    if data.points.shape[1] != 3 or len(data.points) != int(data.lengths.sum(dtype=np.int64)):
        return "the lengths do not add up to the points"
    if count and (data.lengths.min() < 1 or data.labels.min() < 0 or data.labels.max() >= len(data.names)):
        return "a length or a label is out of range"
    if count and data.split.max() > TEST:
        return "a split is out of range"
    if data.points.dtype.kind == "f" and not np.isfinite(data.points).all():
        return "a coordinate is not finite"
    return ""
