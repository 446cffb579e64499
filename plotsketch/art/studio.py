"""A model at work for the recipes: what references mean to it, and spots drawn by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plotsketch.strokes.sketch import Sketch

from .plan import Hand, Spot

if TYPE_CHECKING:
    from plotsketch.model.sketcher import Sketcher


class Studio:
    """All that a recipe needs from the world. ``sketcher`` draws with one model."""

    def __init__(self, sketcher: Sketcher) -> None:
        self.sketcher = sketcher

    def spot(self, reference: str) -> Spot:
        """Where ``reference`` is in the model's latent space, with the stream that draws it.

        Raises UserError for one that the model does not know and for a model without a latent space.
        """
        return Spot.at(self.sketcher.latent(reference), group=reference)

    def draw(self, spots: Sequence[Spot], hand: Hand) -> list[Sketch]:
        """A sketch a spot, in order; each the same in any company."""
        drawn: dict[int, Sketch] = {}
        temperatures = [hand.temperature if spot.temperature is None else spot.temperature for spot in spots]
        for temperature in sorted(set(temperatures)):
            places = [place for place, t in enumerate(temperatures) if t == temperature]
            drawn |= dict(zip(places, self._draw([spots[i] for i in places], hand, temperature), strict=True))
        return [drawn[place] for place in range(len(spots))]

    def _draw(self, spots: Sequence[Spot], hand: Hand, temperature: float) -> list[Sketch]:
        latents = [spot.latent for spot in spots if spot.latent is not None]
        return self.sketcher.sample(
            np.stack(latents) if latents else None,
            cells=[spot.stream for spot in spots],
            seed=hand.seed,
            temperature=temperature,
            best_of=hand.best_of,
        )
