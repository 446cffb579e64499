"""A path through drawings, and what all paths of drawings share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plotsketch import latent
from plotsketch.errors import UserError

from .plan import Plate, Spot
from .recipe import Recipe

if TYPE_CHECKING:
    from .studio import Studio

MOST_STEPS = 10_000  # of a path; a walk's curve has 64 points of its own to each


@dataclass(frozen=True, kw_only=True)
class PathRecipe(Recipe):
    """``steps`` drawings one after the other, in rows of ``cols``; with ``loop`` the last leads back to the first.

    A path of several rows turns round at their ends, so that neighbours on the path are neighbours on the sheet;
    a loop in one row is a ring.
    """

    steps: int = 10
    cols: int = 10
    loop: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MOST_STEPS:
            raise UserError(f"--steps is {self.steps}; give the number of drawings on the way, from 1 to {MOST_STEPS}")
        if self.cols < 1:
            raise UserError(f"rows of {self.cols} drawings are empty; give --cols 1 or more")

    @property
    def shape(self) -> tuple[int, int]:
        return -(-self.steps // self.cols), self.cols

    @property
    def arrangement(self) -> str:
        if self.shape[0] > 1:
            return "snake"
        return "ring" if self.loop else "grid"

    def draw(self, studio: Studio) -> Plate:
        spots = list(self.spots(studio).values())
        return Plate.in_rows(spots, studio.draw(spots, self.hand), *self.shape, self.arrangement)

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        return {divmod(place, self.cols): spot for place, spot in enumerate(self.path(studio))}

    @abstractmethod
    def path(self, studio: Studio) -> list[Spot]:
        """One spot a drawing, in the order of the path.

        All of them have the same stream of random numbers, 0: neighbours then differ by their latents alone.
        """


@dataclass(frozen=True, kw_only=True)
class InterpolateRecipe(PathRecipe):
    """A path through ``drawings``, two or more references, which stand as evenly apart as whole steps go.

    ``way`` is ``slerp``, along great circles, or ``lerp``, straight through the latent space.
    """

    command: ClassVar[str] = "interpolate"
    drawings: tuple[str, ...] = field()
    way: str = "slerp"

    def __post_init__(self) -> None:
        super().__post_init__()
        count = len(self.drawings)
        if count < 2:
            named = f"'{self.drawings[0]}' alone leads nowhere" if count else "no drawing was named"
            raise UserError(f"{named}; name two drawings or more, or see `plotsketch walk` for a way from one")
        if self.steps < count:
            raise UserError(f"a path of {self.steps} steps cannot hold {count} drawings; give --steps {count} or more")
        if self.way not in latent.WAYS:
            raise UserError(f"no way is called '{self.way}'; there are {' and '.join(latent.WAYS)}")

    @property
    def references(self) -> tuple[str, ...]:
        return self.drawings

    def path(self, studio: Studio) -> list[Spot]:
        ends = [studio.spot(drawing) for drawing in self.drawings]
        points = np.stack([np.asarray(spot.latent) for spot in ends])
        between = latent.path(points, self.steps, latent.WAYS[self.way], self.loop)
        spots = [Spot.at(point) for point in between]
        for place, end in zip(latent.stops(len(ends), self.steps, self.loop), ends, strict=True):
            spots[place] = end
        return spots
