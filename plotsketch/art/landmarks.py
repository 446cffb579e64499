"""All drawings that a model knows by name, on one sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from plotsketch.errors import UserError

from .plan import Plate, Spot
from .recipe import Recipe

if TYPE_CHECKING:
    from .studio import Studio


@dataclass(frozen=True, kw_only=True)
class LandmarksRecipe(Recipe):
    """A cell a name, ``cols`` in a row, each labelled with its name."""

    command: ClassVar[str] = "landmarks"
    names: tuple[str, ...]
    cols: int = 5

    def __post_init__(self) -> None:
        if not self.names:
            raise UserError("the model has no landmarks, and you have kept none; 'plotsketch keep' makes one")
        if self.cols < 1:
            raise UserError(f"a sheet of {self.cols} columns is empty; give 1 or more")

    @property
    def references(self) -> tuple[str, ...]:
        return self.names

    @property
    def shape(self) -> tuple[int, int]:
        return -(-len(self.names) // self.cols), min(self.cols, len(self.names))

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        return {divmod(place, self.cols): studio.spot(name) for place, name in enumerate(self.names)}

    def draw(self, studio: Studio) -> Plate:
        spots = list(self.spots(studio).values())
        plate = Plate.in_rows(spots, studio.draw(spots, self.hand), *self.shape)
        figures = (replace(figure, label=figure.group) for figure in plate.figures)
        return replace(plate, figures=tuple(figures))
