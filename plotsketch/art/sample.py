"""Drawings of a model's own: from the prior, from around classes, or from a decoder that has no latents at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from plotsketch.errors import UserError

from .plan import Plate, Spot
from .recipe import Recipe

if TYPE_CHECKING:
    from .studio import Studio


@dataclass(frozen=True, kw_only=True)
class SampleRecipe(Recipe):
    """``count`` drawings in reading order.

    Without ``classes``, drawing i is what ``seed:{seed + i}`` names, in every command with the same seed; or, for a
    decoder-only model, its drawing number i. With classes each has an equal part, one after the other (the first of
    them one more where it does not come out even), from around what is typical of the class. ``spread`` is how far
    away: 1 is as far as the model's, or the class's, drawings are, and less is tamer; None is 1, or the sketcher's own
    choice around a class.
    """

    command: ClassVar[str] = "sample"
    count: int = 48
    rows: int = 8
    cols: int = 6
    classes: tuple[str, ...] = ()
    spread: float | None = None

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UserError(f"{self.count} drawings make no sheet; give -n 1 or more")
        if self.rows < 1 or self.cols < 1:
            raise UserError(f"a sheet of {self.rows} x {self.cols} cells is empty; give 1 row and column or more")
        if self.count > self.rows * self.cols:
            raise UserError(
                f"{self.rows} x {self.cols} cells have no room for {self.count} drawings; "
                f"take -n {self.rows * self.cols} or more --rows"
            )
        if self.count < len(self.classes):
            raise UserError(f"{self.count} drawings are too few for {len(self.classes)} classes; raise -n")
        if self.spread is not None and not (math.isfinite(self.spread) and self.spread >= 0):
            raise UserError(f"the spread is {self.spread:g}; give a number from 0 up, such as 0.8")

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(f"class:{name}" for name in self.classes)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.cols

    def draw(self, studio: Studio) -> Plate:
        spots = list(self.spots(studio).values())
        plate = Plate.in_rows(spots, studio.draw(spots, self.hand), self.rows, self.cols)
        figures = (replace(figure, label=self.label(place)) for place, figure in enumerate(plate.figures))
        return replace(plate, figures=tuple(figures))

    def label(self, place: int) -> str:
        """What to call a drawing elsewhere, where it has a name: its class, or the draw from the prior."""
        if self.classes:
            return self._class_of(place)
        return f"seed:{self.hand.seed + place}" if self._as_named else ""

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        if self.classes:
            make = self._around_a_class
        elif studio.sketcher.checkpoint.config.conditional:
            make = self._from_the_prior
        else:
            make = self._without_latent
        return {divmod(place, self.cols): make(studio, place) for place in range(self.count)}

    def _from_the_prior(self, studio: Studio, place: int) -> Spot:
        reference = f"seed:{self.hand.seed + place}"
        if self.spread is None or self._as_named:
            return replace(studio.spot(reference), group="")
        return Spot.at(self.spread * studio.sketcher.latent(reference), place + 1)

    def _around_a_class(self, studio: Studio, place: int) -> Spot:
        name = self._class_of(place)
        latent = studio.sketcher.class_latent(name, self.hand.seed + place, self.spread)
        return Spot.at(latent, place + 1, group=name)

    def _without_latent(self, studio: Studio, place: int) -> Spot:
        if not self._as_named:
            studio.sketcher.checkpoint.require_latent_space("draw nearer to the middle")
        return Spot(None, place)

    @property
    def _as_named(self) -> bool:
        return self.spread in (None, 1)

    def _class_of(self, place: int) -> str:
        return self.classes[place * len(self.classes) // self.count]
