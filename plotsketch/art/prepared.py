"""What a model sees of drawings from files, beside the drawings as they were given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from plotsketch.errors import UserError
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.reference import FileRef, parse_reference
from plotsketch.strokes.sketch import Sketch

from .plan import Plate, Spot
from .recipe import Recipe
from .shape import shape_for

if TYPE_CHECKING:
    from .studio import Studio


@dataclass(frozen=True, kw_only=True)
class PreparedRecipe(Recipe):
    """Pairs of an input and what the model sees of it, ``pairs`` in a row. No cell is drawn by the model."""

    command: ClassVar[str] = "prepared"
    files: tuple[str, ...]
    pairs: int = 1

    @classmethod
    def of(cls, references: Iterable[str], aspect: float) -> PreparedRecipe:
        """For the files among ``references``, each once, on paper ``aspect`` times as wide as it is high. Raises
        UserError where there is no file."""
        files = tuple(dict.fromkeys(text for text in references if isinstance(parse_reference(text), FileRef)))
        if not files:
            raise UserError("--show-prepared shows drawings from files as the model sees them; name a file")
        return cls(files=files, pairs=shape_for(len(files), aspect / 2)[1])

    def __post_init__(self) -> None:
        if not self.files or self.pairs < 1:
            raise UserError("a sheet of no inputs is empty; name a file")

    @property
    def references(self) -> tuple[str, ...]:
        return self.files

    @property
    def shape(self) -> tuple[int, int]:
        return -(-len(self.files) // self.pairs), 2 * self.pairs

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        return {}

    def draw(self, studio: Studio) -> Plate:
        figures = []
        for place, reference in enumerate(self.files):
            given, seen = studio.drawing(reference), studio.seen(reference)
            assert given is not None and seen is not None  # all of them are files
            row, pair = divmod(place, self.pairs)
            figures += [
                Figure((Part(given, "input"),), row, 2 * pair, _points(given), reference),
                Figure((Part(seen),), row, 2 * pair + 1, _points(seen), reference),
            ]
        return Plate(tuple(figures), (None,) * len(figures), *self.shape)


def _points(sketch: Sketch) -> str:
    return f"{sketch.point_count} point{'' if sketch.point_count == 1 else 's'}"
