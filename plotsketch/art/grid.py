"""A sheet of drawings that turn into one another between two or four corners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plotsketch import latent
from plotsketch.errors import UserError

from .plan import Plate, Spot
from .recipe import Recipe

if TYPE_CHECKING:
    from .studio import Studio


@dataclass(frozen=True, kw_only=True)
class GridRecipe(Recipe):
    """``corners`` are references to drawings. Two: the way from the first to the second goes through all cells,
    left to right, then top to bottom. Four: top left, top right, bottom left, bottom right, with ways along
    the top and the bottom row and then down every column. All ways are great circles (``latent.slerp``).
    """

    command: ClassVar[str] = "grid"
    corners: tuple[str, ...] = field()
    rows: int = 12
    cols: int = 9

    def __post_init__(self) -> None:
        if len(self.corners) not in (2, 4):
            raise UserError(f"a grid has 2 or 4 corners, not {len(self.corners)}; name 2 or 4 drawings")
        if self.rows < 1 or self.cols < 1:
            raise UserError(f"a grid of {self.rows} x {self.cols} cells is empty; give 1 row and column or more")

    @property
    def references(self) -> tuple[str, ...]:
        return self.corners

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.cols

    def draw(self, studio: Studio) -> Plate:
        spots = list(self.spots(studio).values())
        return Plate.in_rows(spots, studio.draw(spots, self.hand), self.rows, self.cols)

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        """A corner is drawn as the drawing that it was named by; all others by their number."""
        corners = [studio.spot(corner) for corner in self.corners]
        cells = latent.grid(np.stack([np.asarray(spot.latent) for spot in corners]), self.rows, self.cols)
        spots = [Spot.at(cell, stream) for stream, cell in enumerate(cells.reshape(self.rows * self.cols, -1))]
        last = self.rows * self.cols - 1
        places = (0, last) if len(corners) == 2 else (0, self.cols - 1, last - self.cols + 1, last)
        for place, corner in reversed(list(zip(places, corners, strict=True))):  # in one cell, the first stays
            spots[place] = corner
        return {divmod(place, self.cols): spot for place, spot in enumerate(spots)}
