"""Which drawings of which files a model is measured on: one split of them, through the filters of ``data import``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plotsketch.errors import UserError
from plotsketch.strokes.reading import SUFFIXES, suffix_of
from plotsketch.strokes.reference import near_names
from plotsketch.strokes.source import check_file

from .building import Filters, SetBuilder, content_key
from .dataset import SPLITS, TrainingSet, split_of
from .importing import Reading, offers

ALL = "all"
OTHER_SPLIT = "of another split"


@dataclass(frozen=True, eq=False)
class Selection:
    """The drawings that are left, how many the files hold, and how many were left out for which reason."""

    data: TrainingSet
    split: str
    seen: int
    left_out: dict[str, int]


def check_files(paths: Sequence[Path]) -> None:
    """Raises UserError for a file that is missing or of a kind that is not read; nothing is parsed."""
    for path in paths:
        check_file(path)
        if suffix_of(path.name) is None:
            raise UserError(f"{path} is no file of drawings that plotsketch reads; it reads {', '.join(SUFFIXES)}")


def default_split(paths: Sequence[Path]) -> str:
    """``test``, where the files' drawings have keys or splits of their own; ``all`` of SVG files alone."""
    return ALL if all(suffix_of(path.name) == ".svg" for path in paths) else "test"


def select_drawings(
    paths: Sequence[Path],
    split: str,
    filters: Filters,
    reading: Reading | None = None,
    progress: Callable[[Path, int], None] = lambda path, seen: None,
) -> Selection:
    """The drawings of a split (train, valid, test or all), in the order of the files.

    A drawing's split is the one that its .npz file gives it, else that of its key (``split_of``), so that what was
    held out in training is held out here, whatever file it comes in. Files are streamed. Raises UserError for a file
    that cannot be read and when no drawing is left, saying why.
    """
    reading, builder = reading or Reading(), SetBuilder(filters)
    wanted = None if split == ALL else SPLITS.index(split)
    seen, elsewhere, words = 0, 0, set()
    for path in paths:
        for offer in offers(path, reading):
            seen += 1
            if seen % 1000 == 0:
                progress(path, seen)
            words.add(offer.word)
            key = offer.key or content_key(offer.rows)
            place = split_of(key) if offer.split is None else offer.split
            if wanted is None or place == wanted:
                builder.add(replace(offer, key=key, split=place))
            else:
                elsewhere += 1
    left_out = dict(sorted({**builder.dropped, OTHER_SPLIT: elsewhere}.items()))
    left_out = {reason: count for reason, count in left_out.items() if count}
    if not len(builder):
        raise UserError(_nothing_left(split, left_out, words, filters))
    return Selection(builder.finish(), split, seen, left_out)


def _nothing_left(split: str, left_out: dict[str, int], words: set[str], filters: Filters) -> str:
    for name in filters.classes:
        if name not in words:
            near = near_names(name, words) or sorted(words)[:5]
            return f"no class '{name}' in these files; they have {', '.join(near)}"
    reasons = ", ".join(f"{count} {reason}" for reason, count in left_out.items()) or "the files hold none"
    hint = "; '--split all' takes every split" if split != ALL and OTHER_SPLIT in left_out else ""
    return f"no drawing is left to evaluate: {reasons}{hint}"
