"""A sheet of drawings that turn into one another between two or four corners."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from plotsketch import latent
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.model.sketcher import Sketcher
    from plotsketch.strokes.sketch import Sketch


@dataclass(frozen=True)
class GridRecipe:
    """What is drawn, apart from model and paper. Raises UserError for what cannot be drawn.

    ``corners`` are references to drawings. Two: the way from the first to the second goes through all cells,
    left to right, then top to bottom. Four: top left, top right, bottom left, bottom right, with ways along
    the top and the bottom row and then down every column. All ways are great circles (``latent.slerp``).
    """

    corners: tuple[str, ...]
    rows: int
    cols: int
    temperature: float = 0.25
    seed: int = 0
    best_of: int = 1

    def __post_init__(self) -> None:
        if len(self.corners) not in (2, 4):
            raise UserError(f"a grid has 2 or 4 corners, not {len(self.corners)}; name 2 or 4 drawings")
        if self.rows < 1 or self.cols < 1:
            raise UserError(f"a grid of {self.rows} x {self.cols} cells is empty; give 1 row and column or more")
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise UserError(f"the temperature is {self.temperature:g}; give a number from 0 up, such as 0.25")
        if self.best_of < 1:
            raise UserError(f"--best-of is {self.best_of}; give 1 or more")

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def draw(recipe: GridRecipe, sketcher: Sketcher) -> list[Sketch]:
    """One sketch a cell in reading order, in the model's data units.

    Raises UserError for a corner that the model does not know.
    """
    corners = np.stack([sketcher.latent(corner) for corner in recipe.corners]).astype(np.float64)
    cells = latent.grid(corners, recipe.rows, recipe.cols).reshape(recipe.rows * recipe.cols, -1)
    return list(sketcher.sample(cells, seed=recipe.seed, temperature=recipe.temperature, best_of=recipe.best_of))
