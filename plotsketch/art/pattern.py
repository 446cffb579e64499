"""The motifs of a pattern: many drawings, each different, in the shares that a designer asks for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plotsketch import latent
from plotsketch.errors import UserError
from plotsketch.model.randomness import choice_uniform, latent_normals
from plotsketch.strokes.figure import Figure, Part

from .inputs import expand
from .plan import Plate, Spot
from .recipe import Recipe
from .unlike import Found, unlike_drawings

if TYPE_CHECKING:
    from .studio import Studio

WAYS = ("vary", "walk", "same")
MOST_MOTIFS = 20_000

_WEIGHTED = re.compile(r"(?P<name>.+)\*(?P<weight>\d+(?:\.\d+)?)", re.DOTALL)


def weighted(drawings: Iterable[str]) -> tuple[str, ...]:
    """The single drawings that words stand for (``inputs.expand``), each with its word's weight: ``"cats/*.svg*3"``."""
    found = []
    for drawing in drawings:
        match = _WEIGHTED.fullmatch(drawing.strip())
        name, weight = (match["name"], f"*{match['weight']}") if match else (drawing, "")
        found += [single + weight for single in expand([name])]
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class PatternRecipe(Recipe):
    """``motifs`` drawings made from ``drawings``, references of which each may carry a weight: ``cat-head*3``.

    ``way`` says how one becomes many. ``vary``: each motif is around one of them (``latent.spread`` by ``spread``), in
    shares by weight, mixed by the seed. ``walk``: motifs stand evenly on the closed way through all of them, mixed
    likewise. ``same``: only the very drawings, as often as their weights say. But for the last no two motifs are nearer
    than ``unlike`` (``strokes.distance.chamfer``).
    """

    command: ClassVar[str] = "pattern"
    drawings: tuple[str, ...] = field()
    motifs: int = 24
    way: str = "vary"
    spread: float = 0.3
    unlike: float = 0.025

    def __post_init__(self) -> None:
        if not self.drawings:
            raise UserError("there is nothing to make motifs of; name one drawing or more, such as cat-head")
        if not 1 <= self.motifs <= MOST_MOTIFS:
            raise UserError(f"a pattern of {self.motifs} motifs cannot be; give --motifs from 1 to {MOST_MOTIFS}")
        if self.way not in WAYS:
            raise UserError(f"no way to make motifs is called '{self.way}'; there are {', '.join(WAYS)}")
        if self.way == "walk" and len(self.drawings) < 2:
            raise UserError("a walk needs two drawings or more to lead through; name another, or take --by vary")
        if not 0 <= self.spread <= 1:  # no number fails too
            raise UserError(f"the spread is {self.spread:g}; give a number from 0 to 1, such as 0.3")
        if not (math.isfinite(self.unlike) and self.unlike >= 0):
            raise UserError(f"--unlike is {self.unlike:g}; give 0, where any two may be alike, or more, such as 0.025")
        if not sum(weight for _, weight in self._weighted) > 0:
            raise UserError("all drawings have weight 0, which leaves none; give one more, as in cat-head*2")

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._weighted)

    @property
    def shape(self) -> tuple[int, int]:
        return 1, self.motifs

    def draw(self, studio: Studio) -> Plate:
        """One row: motif i is its column i, by which a cell of the pattern's file is called r1c(i + 1)."""
        found = self._found(studio)
        figures = tuple(
            Figure((Part(sketch),), 0, place, group=self._source(place)) for place, (sketch, _) in enumerate(found)
        )
        return Plate(figures, tuple(spot for _, spot in found), 1, self.motifs)

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        """Which of a motif's tries it is hangs on the drawings before it, so that all are drawn."""
        found = self._found(studio)
        return {(0, place): spot for place, (_, spot) in enumerate(found) if spot is not None}

    def _found(self, studio: Studio) -> list[Found]:
        if self.way == "same":
            spots = [studio.spot(name) for name in self.references]
            drawn = list(zip(studio.draw(spots, self.hand), spots, strict=True))
            return [drawn[share] for share in self._shares]
        middles = [np.asarray(studio.spot(name).latent, dtype=np.float64) for name in self.references]
        loop = latent.path(np.stack(middles), self.motifs, loop=True) if self.way == "walk" else None

        def spot_at(place: int, attempt: int) -> Spot:
            stream = 1 + place + attempt * self.motifs
            if loop is None:
                noise = latent_normals(self.hand.seed, len(middles[0]), cell=stream)
                at = latent.spread(middles[self._shares[place]], noise, self.spread)
            else:
                at = loop[self._order[place]]
            return Spot.at(at, stream, group=self._source(place))

        return unlike_drawings(studio, self.hand, self.motifs, self.unlike, spot_at)

    def _source(self, place: int) -> str:
        """The reference that a motif is made from; on a walk the one that it is nearest to along the way."""
        if self.way == "walk":
            return self.references[round(self._order[place] * len(self.drawings) / self.motifs) % len(self.drawings)]
        return self.references[self._shares[place]]

    @cached_property
    def _weighted(self) -> tuple[tuple[str, float], ...]:
        matches = [(_WEIGHTED.fullmatch(drawing), drawing) for drawing in self.drawings]
        return tuple((m["name"], float(m["weight"])) if m else (drawing, 1.0) for m, drawing in matches)

    @cached_property
    def _shares(self) -> list[int]:
        """Which drawing each motif is made from: as many of each as its weight says, to less than one, mixed."""
        weights = np.cumsum([weight for _, weight in self._weighted])
        evenly = (np.arange(self.motifs) + 0.5) / self.motifs * weights[-1]
        shares = np.searchsorted(weights, evenly, side="right")
        return [int(shares[place]) for place in self._order]

    @cached_property
    def _order(self) -> list[int]:
        """The places of all motifs mixed by the seed, so that likes do not stand in rows."""
        return sorted(range(self.motifs), key=lambda place: choice_uniform(self.hand.seed, place))
