"""Building a training set: one drawing at a time through the filters, into blocks of flat arrays."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.strokes.reference import near_names
from plotsketch.training.dataset import TrainingSet, key_place, split_of

MAX_CLASSES = int(np.iinfo(np.int16).max)
LONGEST_KEY = 64  # characters
OVER = "more than a class may have"
_BLOCK = 1 << 18  # rows that are gathered before they are joined to one array


@dataclass(frozen=True)
class Filters:
    """Which drawings enter a set. Points are stroke-3 rows; ``classes`` empty means all."""

    recognized: bool = True
    min_points: int = 2
    max_points: int = 130
    classes: tuple[str, ...] = ()
    per_class: int | None = None


@dataclass(frozen=True, eq=False)
class Offer:
    """A drawing that may enter a set: stroke-3 ``rows`` (k, 3) in data units, its first row drawn.

    Without a ``key`` it gets one from its points; without a ``split`` (0-2) the key decides.
    """

    rows: NDArray[Any]
    word: str
    key: str = ""
    recognized: bool = True
    split: int | None = None


class SetBuilder:
    """Takes stroke-3 drawings one at a time and gives a :class:`TrainingSet` at the end.

    Memory is the size of the set itself (6 bytes a point when all coordinates are whole numbers that fit in
    16 bits, else 12) plus its keys. With ``per_class`` a class keeps the drawings whose keys hash lowest, so
    that the choice does not hang on the order of the files and stays small while it streams.
    """

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.dropped: Counter[str] = Counter()
        self.seen = 0
        self._seen_keys: set[str] = set()
        self._other_words: set[str] = set()
        self._names: dict[str, int] = {}
        self._rows = _RowStore()
        self._labels: list[int] = []
        self._splits: list[int] = []
        self._keys: list[str] = []
        self._ranks: dict[str, list[tuple[float, int]]] = {}
        self._dead: set[int] = set()

    def __len__(self) -> int:
        return len(self._keys) - len(self._dead)

    def add(self, offer: Offer) -> None:
        """Take a drawing; what the filters refuse is counted in ``dropped`` under its reason."""
        self.seen += 1
        key = _short_key(offer.key) if offer.key else content_key(offer.rows)
        reason = self._refusal(offer, key)
        if reason:
            self.dropped[reason] += 1
            return
        self._seen_keys.add(key)
        if not self._admit(offer.word, key):
            self.dropped[OVER] += 1
            return
        self._rows.append(offer.rows)
        self._labels.append(self._names.setdefault(offer.word, len(self._names)))
        self._splits.append(split_of(key) if offer.split is None else offer.split)
        self._keys.append(key)

    def _refusal(self, offer: Offer, key: str) -> str:
        wanted, count = self.filters, len(offer.rows)
        if wanted.classes and offer.word not in wanted.classes:
            self._other_words.add(offer.word)
            return "of another class"
        if wanted.recognized and not offer.recognized:
            return "not recognized"
        if count < max(wanted.min_points, 1):
            return "with too few points"
        if count > wanted.max_points:
            return "with too many points"
        return "with a key that was there already" if key in self._seen_keys else ""

    def _admit(self, word: str, key: str) -> bool:
        """Whether it is among the ``per_class`` lowest of its class so far; drops the one it displaces."""
        if self.filters.per_class is None:
            return True
        heap = self._ranks.setdefault(word, [])
        entry = (-key_place(key, use=1), len(self._keys))  # the heap's head is the highest place
        if len(heap) < self.filters.per_class:
            heapq.heappush(heap, entry)
            return True
        if entry[0] <= heap[0][0]:
            return False
        self._dead.add(heapq.heapreplace(heap, entry)[1])
        self.dropped[OVER] += 1
        return True

    def finish(self, **meta: Any) -> TrainingSet:
        """The set, in the order the drawings came; UserError when nothing passed the filters.

        ``meta`` goes into the set's description, beside the filters and what they dropped.
        """
        self._check_classes()
        if len(self._names) > MAX_CLASSES:
            raise UserError(f"{len(self._names)} classes; a training set holds at most {MAX_CLASSES}")
        points, lengths = self._rows.join()
        names, labels = self._sorted_classes()
        filters = asdict(self.filters) | {"classes": list(self.filters.classes)}  # as JSON gives it back
        counts = {"seen": self.seen, "dropped": dict(sorted(self.dropped.items()))}
        whole = TrainingSet(
            points,
            lengths,
            labels,
            np.array(self._splits, dtype=np.uint8),
            np.array(self._keys),
            names,
            {"filters": filters, **counts, **meta},
        )
        if not self._dead:
            return whole
        alive = np.ones(len(whole), dtype=bool)
        alive[list(self._dead)] = False
        return whole.subset(np.flatnonzero(alive))

    def _check_classes(self) -> None:
        missing = [name for name in self.filters.classes if name not in self._names]
        near = near_names(missing[0], self._other_words) if missing else []
        if near:
            raise UserError(f"no drawing of class '{missing[0]}'; near ones: {', '.join(near)}")
        if missing or not len(self):
            what = f"of class '{missing[0]}' " if missing else ""
            raise UserError(f"no drawing {what}is left for the training set: {self._reasons()}")

    def _sorted_classes(self) -> tuple[NDArray[np.str_], NDArray[np.int16]]:
        """Class names in order, and each drawing's label in that order: the files' order leaves no trace."""
        names = sorted(self._names)
        place = {name: index for index, name in enumerate(names)}
        order = np.array([place[name] for name in self._names], dtype=np.int16)
        return np.array(names), order[self._labels]

    def _reasons(self) -> str:
        reasons = [f"{count} {why}" for why, count in self.dropped.most_common()]
        return ", ".join(reasons) or "the files hold none"


class _RowStore:
    """Stroke-3 rows, joined block by block; a block is int16 where that loses nothing, else float32."""

    def __init__(self) -> None:
        self._blocks: list[NDArray[Any]] = []
        self._loose: list[NDArray[Any]] = []
        self._loose_rows = 0
        self._lengths: list[int] = []

    def append(self, rows: NDArray[Any]) -> None:
        self._loose.append(rows)
        self._loose_rows += len(rows)
        self._lengths.append(len(rows))
        if self._loose_rows >= _BLOCK:
            self._close_block()

    def _close_block(self) -> None:
        if self._loose:
            self._blocks.append(_narrow(np.concatenate(self._loose)))
            self._loose, self._loose_rows = [], 0

    def join(self) -> tuple[NDArray[Any], NDArray[np.int32]]:
        self._close_block()
        return np.concatenate(self._blocks), np.array(self._lengths, dtype=np.int32)


def _narrow(rows: NDArray[Any]) -> NDArray[Any]:
    if np.abs(rows).max() <= np.iinfo(np.int16).max:
        whole = rows.astype(np.int16)
        if np.array_equal(whole, rows):
            return whole
    return rows.astype(np.float32)


def _short_key(key: str) -> str:
    """The key, or a hash of it when it is long or odd: one such key would widen the whole array of keys."""
    if len(key) <= LONGEST_KEY and key.isprintable():
        return key
    return "key-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def content_key(rows: NDArray[Any]) -> str:
    """A key for a drawing that has none: the same points give the same key, whatever file they came in."""
    exact = np.ascontiguousarray(rows, dtype="<f4") + np.float32(0)  # -0.0 becomes 0.0
    return "points-" + hashlib.sha256(exact.tobytes()).hexdigest()[:24]
