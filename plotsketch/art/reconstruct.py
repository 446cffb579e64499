"""Drawings beside what the model makes of them, tame to wild."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from plotsketch.errors import UserError
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.reference import FileRef, parse_reference

from .plan import Hand, Plate, Spot
from .recipe import Recipe

if TYPE_CHECKING:
    from .studio import Studio

LADDER = (0.1, 0.3, 0.5, 0.8, 1.0)


@dataclass(frozen=True, kw_only=True)
class ReconstructRecipe(Recipe):
    """A row for each of ``drawings``: a file's drawing as it was given, then the model's at each of ``temperatures``,
    which stand in for the hand's.

    What is no file (a landmark, a seed, a class, a cell of a sheet) has no drawing to be shown as it was given: its
    first place stays empty, and where there is no file at all that column is left out.
    """

    command: ClassVar[str] = "reconstruct"
    drawings: tuple[str, ...] = field()
    temperatures: tuple[float, ...] = LADDER

    def __post_init__(self) -> None:
        if not self.drawings:
            raise UserError("there is nothing to reconstruct; name one drawing or more")
        if not self.temperatures:
            raise UserError("there are no temperatures; give one or more, as in --temperatures 0.1,0.5,1")
        for temperature in self.temperatures:
            Hand(temperature)

    @property
    def references(self) -> tuple[str, ...]:
        return self.drawings

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.drawings), self._first + len(self.temperatures)

    @property
    def _first(self) -> int:
        """The column in which the model's drawings begin."""
        return int(any(isinstance(parse_reference(drawing), FileRef) for drawing in self.drawings))

    def draw(self, studio: Studio) -> Plate:
        """In reading order; an input's own figure has no spot."""
        spots = self.spots(studio)
        sketches = dict(zip(spots, studio.draw(list(spots.values()), self.hand), strict=True))
        figures: list[Figure] = []
        for row, drawing in enumerate(self.drawings):
            given = studio.drawing(drawing)
            if given is not None:
                figures.append(Figure((Part(given, "input"),), row, 0, label="input", group=drawing))
            figures += [
                Figure((Part(sketches[row, col]),), row, col, label=f"T {spots[row, col].temperature:g}", group=drawing)
                for col in range(self._first, self.shape[1])
            ]
        rows, cols = self.shape
        return Plate(tuple(figures), tuple(spots.get((f.row, f.col)) for f in figures), rows, cols)

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        """Every temperature has the random numbers of the drawing itself: a row is one drawing, warmer and warmer."""
        return {
            (row, self._first + step): replace(studio.spot(drawing), temperature=temperature)
            for row, drawing in enumerate(self.drawings)
            for step, temperature in enumerate(self.temperatures)
        }
