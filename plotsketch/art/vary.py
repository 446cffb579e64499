"""Many drawings like one, and no two of them alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plotsketch import latent
from plotsketch.errors import UserError
from plotsketch.model.randomness import latent_normals
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

from .plan import Plate, Spot
from .recipe import Recipe
from .unlike import unlike_drawings

if TYPE_CHECKING:
    from .studio import Studio

Place = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class VaryRecipe(Recipe):
    """``rows`` by ``cols`` drawings from latents around those of ``drawings``, which share the places out among them.

    ``spread`` (``latent.spread``) goes from 0, where only the pen's chance differs, to 1, where nothing is left of the
    input. No two drawings are nearer than ``unlike`` (``strokes.distance.chamfer``): a place whose drawing is too near
    to an earlier one gets another. With ``show_input`` the first place of each share is the input: a file's drawing as
    it was given, or else the drawing that the reference names.
    """

    command: ClassVar[str] = "vary"
    drawings: tuple[str, ...] = field()
    rows: int = 8
    cols: int = 6
    spread: float = 0.3
    unlike: float = 0.025
    show_input: bool = False

    def __post_init__(self) -> None:
        if not self.drawings:
            raise UserError("there is nothing to vary; name one drawing or more")
        if self.rows < 1 or self.cols < 1:
            raise UserError(f"a sheet of {self.rows} x {self.cols} cells is empty; give 1 row and column or more")
        if self._count < len(self.drawings):
            raise UserError(
                f"{self.rows} x {self.cols} cells have no room for {len(self.drawings)} inputs; give more --rows"
            )
        if not 0 <= self.spread <= 1:  # no number fails too
            raise UserError(f"the spread is {self.spread:g}; give a number from 0 to 1, such as 0.3")
        if not (math.isfinite(self.unlike) and self.unlike >= 0):
            raise UserError(f"--unlike is {self.unlike:g}; give 0, where any two may be alike, or more, such as 0.025")

    @property
    def references(self) -> tuple[str, ...]:
        return self.drawings

    @property
    def shape(self) -> Place:
        return self.rows, self.cols

    @property
    def _count(self) -> int:
        return self.rows * self.cols

    def draw(self, studio: Studio) -> Plate:
        chosen = self._chosen(studio)
        figures = tuple(self._figure(place, sketch, spot) for place, (sketch, spot) in enumerate(chosen))
        return Plate(figures, tuple(spot for _, spot in chosen), self.rows, self.cols)

    def spots(self, studio: Studio) -> dict[Place, Spot]:
        """Which of a place's tries it is hangs on the drawings before it, so that all are drawn."""
        chosen = self._chosen(studio)
        return {divmod(place, self.cols): spot for place, (_, spot) in enumerate(chosen) if spot is not None}

    def _figure(self, place: int, sketch: Sketch, spot: Spot | None) -> Figure:
        role = "drawing" if spot else "input"
        label = "input" if self._is_input(place) else ""
        return Figure((Part(sketch, role),), *divmod(place, self.cols), label=label, group=self._drawing(place))

    def _chosen(self, studio: Studio) -> list[tuple[Sketch, Spot | None]]:
        """The drawing of each place, with its spot unless it is a file's own. Raises UserError for too few unlike."""
        given = self._inputs(studio) if self.show_input else {}

        def spot_at(place: int, attempt: int) -> Spot:
            return self._spot(studio, place, attempt)

        return unlike_drawings(studio, self.hand, self._count, self.unlike, spot_at, given)

    def _inputs(self, studio: Studio) -> dict[int, tuple[Sketch, Spot | None]]:
        places = [place for place in range(self._count) if self._is_input(place)]
        return {place: self._input(studio, self._drawing(place)) for place in places}

    def _input(self, studio: Studio, drawing: str) -> tuple[Sketch, Spot | None]:
        given, spot = studio.drawing(drawing), studio.spot(drawing)
        return (studio.draw([spot], self.hand)[0], spot) if given is None else (given, None)

    def _spot(self, studio: Studio, place: int, attempt: int) -> Spot:
        """Every try at every place has a number of its own: what becomes of one moves no other."""
        drawing, stream = self._drawing(place), 1 + place + attempt * self._count
        middle = np.asarray(studio.spot(drawing).latent)
        noise = latent_normals(self.hand.seed, len(middle), cell=stream)
        return Spot.at(latent.spread(middle, noise, self.spread), stream, group=drawing)

    def _drawing(self, place: int) -> str:
        return self.drawings[self._share(place)]

    def _share(self, place: int) -> int:
        return place * len(self.drawings) // self._count

    def _is_input(self, place: int) -> bool:
        """Whether a place is the first of its share, where inputs are shown."""
        return self.show_input and (place == 0 or self._share(place) != self._share(place - 1))
