"""A random walk through a model's latent space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from plotsketch import latent
from plotsketch.errors import UserError
from plotsketch.model.randomness import latent_normals

from .interpolate import PathRecipe
from .plan import Spot

if TYPE_CHECKING:
    from .studio import Studio


@dataclass(frozen=True, kw_only=True)
class WalkRecipe(PathRecipe):
    """A smooth way from ``start``, a reference (None: the draw from the prior that the seed names), to wherever the
    seed leads. ``step`` is how far a drawing is from the next, as a share of how far two draws from the prior are
    apart (``latent.walk``)."""

    command: ClassVar[str] = "walk"
    start: str | None = None
    step: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (math.isfinite(self.step) and self.step > 0):
            raise UserError(f"--step is {self.step:g}; give a number above 0, such as 0.05")

    @property
    def references(self) -> tuple[str, ...]:
        return (self.start or f"seed:{self.hand.seed}",)

    def path(self, studio: Studio) -> list[Spot]:
        start = studio.spot(self.references[0])
        origin = np.asarray(start.latent)

        def normals(harmonic: int) -> NDArray[np.float64]:
            # cell 0 of this seed is the draw from the prior that a walk may start from
            return latent_normals(self.hand.seed, 2 * len(origin), cell=harmonic + 1).reshape(2, -1)

        points = latent.walk(origin, self.steps, self.step, normals, self.loop)
        return [start, *(Spot.at(point) for point in points[1:])]
