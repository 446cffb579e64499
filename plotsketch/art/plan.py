"""What every latent drawing is made of: spots in latent space, the hand that draws them, and figures on a plate.

A command's recipe (``art.recipe``) says which spots; the hand draws each of them; a plate's figures are what ``sheet``
lays out on paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plotsketch.errors import UserError
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

LARGEST_SEED = 10**17  # references have room for it, and for the seeds that a sample counts on from it
MOST_TRIES = 1000  # at a drawing: memory grows with them


@dataclass(frozen=True)
class Hand:
    """How a spot is drawn: the same hand draws the same spot the same way in every command.

    Raises UserError for numbers that make no sense.
    """

    temperature: float = 0.25
    seed: int = 0
    best_of: int = 1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise UserError(f"the temperature is {self.temperature:g}; give a number from 0 up, such as 0.25")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise UserError(f"the seed is {self.seed}; give a whole number from 0 to {LARGEST_SEED}")
        if not 1 <= self.best_of <= MOST_TRIES:
            raise UserError(f"--best-of is {self.best_of}; give a number from 1 to {MOST_TRIES}")


@dataclass(frozen=True, eq=False)
class Spot:
    """One drawing to be made.

    ``latent`` (Nz,), None for a decoder-only model. ``stream`` numbers the random numbers that draw it: 0 for a drawing
    that was asked for by reference, whatever the command, so that it is the same drawing everywhere. ``temperature``
    takes the place of the hand's. ``group`` is what it belongs to (a class, an input), for pens by group.
    """

    latent: NDArray[np.float32] | None
    stream: int = 0
    temperature: float | None = None
    group: str = ""

    @classmethod
    def at(cls, latent: ArrayLike, stream: int = 0, temperature: float | None = None, group: str = "") -> Spot:
        return cls(np.asarray(latent, dtype=np.float32), stream, temperature, group)


@dataclass(frozen=True, eq=False)
class Plate:
    """Figures in reading order on ``rows`` by ``cols`` places, some of which may stay empty.

    ``spots`` belong to the figures: what drew each of them, None where that was no spot (an input as it was given, a
    sign). ``arrangement`` is how the command wants them laid out unless the user says otherwise: ``grid``, ``snake``
    (every second row runs backwards), ``ring``, or ``map`` (each figure at its ``at``).
    ``facts`` are figures that the command tells of the plate, by name, and ``remark`` says them in words.
    """

    figures: tuple[Figure, ...]
    spots: tuple[Spot | None, ...]
    rows: int
    cols: int
    arrangement: str = "grid"
    facts: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""

    @classmethod
    def in_rows(
        cls, spots: Sequence[Spot], sketches: Iterable[Sketch], rows: int, cols: int, arrangement: str = "grid"
    ) -> Plate:
        """One figure a spot, row by row."""
        figures = tuple(
            Figure((Part(sketch),), *divmod(place, cols), group=spot.group)
            for place, (spot, sketch) in enumerate(zip(spots, sketches, strict=True))
        )
        return cls(figures, tuple(spots), rows, cols, arrangement)
