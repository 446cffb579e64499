"""A map of drawings: what the model takes to be alike stands together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plotsketch.errors import UserError
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.reading import suffix_of
from plotsketch.strokes.reference import CellRef, ClassRef, FileRef, NameRef, parse_reference
from plotsketch.strokes.sketch import Sketch

from .chart import PROJECTIONS, Chart, chart_grid, chart_map, check_installed
from .inputs import expand
from .places import grid_shape
from .plan import Plate, Spot
from .recipe import Recipe

if TYPE_CHECKING:
    from .studio import Studio

MOST = 200  # drawings on a map, unless asked otherwise
DRAWN = ("model", "inputs")
FEWEST = 3


@dataclass(frozen=True, kw_only=True)
class ExploreRecipe(Recipe):
    """``drawings`` are references to single drawings (``chosen`` makes them of whole files); ``landmarks`` and
    ``classes`` add all that the model has.

    All latents are projected to two axes; drawings stand on paper where theirs is, pushed aside until they cover the
    share ``cover`` of the area without touching, or with ``snap`` in the cells of a grid. The first axis, along which
    drawings differ most, runs along the longer side of the area, which is ``aspect`` times as wide as it is high.
    ``drawn`` says what is to be seen: what the ``model`` makes of each latent, or the ``inputs`` as they were given.

    On a map cells have no rows: all are numbered in the first, in the order of the drawings.
    """

    command: ClassVar[str] = "explore"
    drawings: tuple[str, ...] = ()
    landmarks: bool = False
    classes: bool = False
    projection: str = "pca"
    snap: bool = False
    drawn: str = "model"
    cover: float = 0.6
    aspect: float = 0.7

    def __post_init__(self) -> None:
        if not (self.landmarks or self.classes):
            _check_count(len(set(self.drawings)))
        if self.projection not in PROJECTIONS:
            raise UserError(f"no projection is called '{self.projection}'; there are {' and '.join(PROJECTIONS)}")
        if self.drawn not in DRAWN:
            raise UserError(f"a map shows {' or '.join(DRAWN)}, not '{self.drawn}'")
        if not 0.01 <= self.cover <= 0.75:
            raise UserError(f"--cover is {self.cover:g}; give a share of the paper from 0.01 to 0.75, such as 0.6")
        if not (math.isfinite(self.aspect) and self.aspect > 0):
            raise UserError(f"a map cannot be {self.aspect:g} times as wide as it is high")
        if self.drawn == "inputs" and (strange := [name for name in self.drawings if not _is_file(name)]):
            raise UserError(f"'{strange[0]}' is no drawing in a file that could be shown; leave out --draw inputs")
        if self.drawn == "inputs" and (self.landmarks or self.classes):
            raise UserError("landmarks and classes are not in a file that could be shown; leave out --draw inputs")

    @property
    def references(self) -> tuple[str, ...]:
        return self.drawings

    @property
    def shape(self) -> tuple[int, int] | None:
        if self.landmarks or self.classes:
            return None
        count = len(set(self.drawings))
        return grid_shape(count, self.aspect) if self.snap else (1, count)

    @property
    def arrangement(self) -> str:
        return "grid" if self.snap else "map"

    def draw(self, studio: Studio) -> Plate:
        check_installed(self.projection)
        found = self._found(studio)
        chart = self._chart(found)
        spots, sketches = list(found.values()), self._sketches(found, studio)
        cells = [(int(row), int(col)) for row, col in chart.cells]
        figures = [
            Figure((Part(sketch),), *cell, label=spot.group, group=spot.group, at=(float(x), float(y)), size=chart.size)
            for sketch, spot, cell, (x, y) in zip(sketches, spots, cells, chart.at, strict=True)
        ]
        order = sorted(range(len(figures)), key=cells.__getitem__)
        return Plate(
            tuple(figures[i] for i in order),
            tuple(spots[i] if self.drawn == "model" else None for i in order),
            *chart.shape,
            self.arrangement,
            facts=chart.facts,
            remark=chart.remark,
        )

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        """Also of a map that shows the inputs: going on from one of its cells starts where the model sees it."""
        found = self._found(studio)
        cells = self._chart(found).cells.tolist() if self.snap else [(0, number) for number in range(len(found))]
        placed = {(row, col): spot for (row, col), spot in zip(cells, found.values(), strict=True)}
        return {cell: placed[cell] for cell in sorted(placed)}

    def _found(self, studio: Studio) -> dict[str, Spot]:
        """Spots by reference; what each is of is its group."""
        checkpoint = studio.sketcher.checkpoint
        checkpoint.require_latent_space("map drawings")
        names = [*self.drawings]
        names += checkpoint.landmarks if self.landmarks else ()
        names += (f"class:{name}" for name in checkpoint.classes) if self.classes else ()
        names = list(dict.fromkeys(names))
        _check_count(len(names))
        return {name: replace(studio.spot(name), group=_word(name, studio)) for name in names}

    def _sketches(self, found: dict[str, Spot], studio: Studio) -> list[Sketch]:
        """In the role of drawings, also when they are inputs: with nothing beside them to be told from, they may be
        drawn by any pen."""
        if self.drawn == "model":
            return studio.draw(list(found.values()), self.hand)
        given = (studio.drawing(name) for name in found)
        return [sketch for sketch in given if sketch is not None]

    def _chart(self, found: dict[str, Spot]) -> Chart:
        latents = np.stack([np.asarray(spot.latent, dtype=np.float64) for spot in found.values()])
        make = chart_grid if self.snap else chart_map
        return make(latents, self.projection, self.aspect, self.cover)


def chosen(words: Iterable[str], most: int = MOST) -> tuple[str, ...]:
    """References to at most ``most`` drawings, in order: each word has as many as another, as far as it means so many,
    picked evenly over all that it means (see ``inputs.expand``).

    Raises UserError as ``expand`` does, and when there are more words than drawings wanted.
    """
    meant = [expand([word]) for word in words]
    if most < max(len(meant), 1):
        raise UserError(f"{len(meant)} drawings or files were named and --most is {most}; raise --most")
    taken: list[tuple[str, ...]] = [()] * len(meant)
    left = most
    for done, index in enumerate(sorted(range(len(meant)), key=lambda i: len(meant[i]))):  # the smallest leave the most
        share = min(len(meant[index]), left // (len(meant) - done))
        step = len(meant[index]) / max(share, 1)
        taken[index] = tuple(meant[index][int((number + 0.5) * step)] for number in range(share))
        left -= share
    return tuple(dict.fromkeys(name for part in taken for name in part))


def _check_count(count: int) -> None:
    if count < FEWEST:
        raise UserError(f"{count} drawings make no map; name a file of drawings, or {FEWEST} drawings or more")


def _is_file(name: str) -> bool:
    return isinstance(parse_reference(name), FileRef)


def _word(name: str, studio: Studio) -> str:
    """What a drawing is of, as far as it is said: by its file, by the file's name, or by its own."""
    match parse_reference(name):
        case FileRef(path):
            return studio.word(name) or path.name.removesuffix(suffix_of(path.name) or "")
        case ClassRef(word) | NameRef(word):
            return word
        case CellRef(_, row, col):
            return f"r{row}c{col}"
        case other:
            return str(other)
