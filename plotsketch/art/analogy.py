"""A is to B as C is to ?, as an equation of drawings."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plotsketch.errors import UserError
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

from .plan import Plate, Spot
from .recipe import Recipe

if TYPE_CHECKING:
    from .studio import Studio

STRENGTHS = (0.5, 0.75, 1.0, 1.25)

# The columns of C + ( B - A ) = D ...
C, PLUS, B, MINUS, A, EQUALS, D = range(7)

# Signs are measured in diagonals of a drawing; y grows down.
ARM, REACH, DEPTH = 0.085, 0.34, 0.09  # of a plus from its middle; of a bracket up and down, and how far it bulges
BESIDE = 0.28  # from a plus to the bracket beside it

Points = tuple[tuple[float, float], ...]


def _bracket(x: float, towards: int) -> Points:
    """Around a drawing ``towards`` the right (1) or the left (-1), its ends at ``x``."""
    bows = [math.pi * step / 16 for step in range(17)]
    return tuple((x - towards * DEPTH * math.sin(bow), -REACH * math.cos(bow)) for bow in bows)


def _level(y: float = 0.0) -> Points:
    return ((-ARM, y), (ARM, y))


SIGNS: dict[int, tuple[Points, ...]] = {
    PLUS: (_level(), ((0.0, -ARM), (0.0, ARM)), _bracket(BESIDE + DEPTH, 1)),
    MINUS: (_level(),),
    EQUALS: (_bracket(-BESIDE - DEPTH, -1), _level(-ARM / 2), _level(ARM / 2)),
}


@dataclass(frozen=True, kw_only=True)
class AnalogyRecipe(Recipe):
    """``drawings`` are A, B and C, or several such threes, a row each: drawings and signs that say C + ( B - A ) = D.

    D is drawn once for each of ``strengths``: C + strength (B - A). A, B and C are what the model makes of them.
    """

    command: ClassVar[str] = "analogy"
    drawings: tuple[str, ...] = field()
    strengths: tuple[float, ...] = STRENGTHS

    def __post_init__(self) -> None:
        count = len(self.drawings)
        if not count or count % 3:
            raise UserError(
                f"an analogy has three drawings, A is to B as C is to ?, and several have three each; here are {count}"
            )
        if not self.strengths:
            raise UserError("there are no strengths; give one or more, as in --strengths 0.5,1")
        for strength in self.strengths:
            if not math.isfinite(strength):
                raise UserError(f"a strength is {strength:g}; give a number, such as 1")

    @property
    def references(self) -> tuple[str, ...]:
        return self.drawings

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.drawings) // 3, D + len(self.strengths)

    def draw(self, studio: Studio) -> Plate:
        spots = self.spots(studio)
        sketches = dict(zip(spots, studio.draw(list(spots.values()), self.hand), strict=True))
        rows, cols = self.shape
        places = [(row, col) for row in range(rows) for col in range(cols)]
        figures = tuple(
            Figure((Part(sketches[place]),), *place, label=self._label(*place), group=spots[place].group)
            if place in spots
            else _sign(*place)
            for place in places
        )
        return Plate(figures, tuple(spots.get(place) for place in places), rows, cols)

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        """A, B and C are drawn as the drawings that they were named by, D by its place on the sheet."""
        found: dict[tuple[int, int], Spot] = {}
        for row in range(self.shape[0]):
            a, b, c = (studio.spot(drawing) for drawing in self._three(row))
            found |= {(row, C): c, (row, B): b, (row, A): a}
            way = np.subtract(np.asarray(b.latent), np.asarray(a.latent), dtype=np.float64)
            for step, strength in enumerate(self.strengths):
                stream = 1 + row * len(self.strengths) + step
                found[row, D + step] = Spot.at(np.asarray(c.latent) + strength * way, stream, group=c.group)
        return found

    def _three(self, row: int) -> tuple[str, ...]:
        return self.drawings[3 * row : 3 * row + 3]

    def _label(self, row: int, col: int) -> str:
        if col >= D:
            return f"x {self.strengths[col - D]:g}"
        return self._three(row)[{A: 0, B: 1, C: 2}[col]]


def _sign(row: int, col: int) -> Figure:
    """Its ``size`` makes all signs of one scale, whatever their own diagonal is."""
    sign = Sketch(tuple(np.array(line) for line in SIGNS[col]))
    xmin, ymin, xmax, ymax = sign.bounds
    return Figure((Part(sign, "sign"),), row, col, size=math.hypot(xmax - xmin, ymax - ymin))
