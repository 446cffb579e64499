"""A sheet of drawings that turn into one another between given ones."""

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

    ``given`` (m, n) takes m * n of them, row by row, and sets them evenly over the sheet, from edge to edge. The rows
    that hold them are filled first, then every column between.
    """

    command: ClassVar[str] = "grid"
    corners: tuple[str, ...] = field()
    given: tuple[int, int] | None = None
    rows: int = 12
    cols: int = 9

    def __post_init__(self) -> None:
        if self.rows < 1 or self.cols < 1:
            raise UserError(f"a grid of {self.rows} x {self.cols} cells is empty; give 1 row and column or more")
        if self.given is None:
            if len(self.corners) not in (2, 4):
                raise UserError(
                    f"a grid has 2 or 4 corners, not {len(self.corners)}; name 2 or 4 drawings, "
                    "or say how more of them stand, as in --given 2x3"
                )
            return
        check_given(self.given, len(self.corners))
        _check_even(self.given[0], self.rows, "rows")
        _check_even(self.given[1], self.cols, "cols")

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
        """A corner is drawn as the drawing that it was named by, and all others with the same random numbers: from cell
        to cell nothing but the latent changes, and neighbours look alike."""
        corners = [studio.spot(corner) for corner in self.corners]
        points = np.stack([np.asarray(spot.latent) for spot in corners])
        if self.given is None:
            cells = latent.grid(points, self.rows, self.cols)
        else:
            cells = latent.lattice(points.reshape(*self.given, -1), self.rows, self.cols)
        spots = [Spot.at(cell) for cell in cells.reshape(self.rows * self.cols, -1)]
        for place, corner in reversed(list(zip(self._places(), corners, strict=True))):  # in one cell, the first stays
            spots[place] = corner
        return {divmod(place, self.cols): spot for place, spot in enumerate(spots)}

    def _places(self) -> list[int]:
        """Cells of the corners, counted in reading order."""
        if self.given is None and len(self.corners) == 2:
            return [0, self.rows * self.cols - 1]
        down, across = self.given or (2, 2)
        return [
            row * self.cols + col for row in latent.stops(down, self.rows) for col in latent.stops(across, self.cols)
        ]


def check_given(given: tuple[int, int], count: int) -> None:
    """Raises UserError unless ``given`` rows and columns hold ``count`` drawings, two or more."""
    down, across = given
    if min(given) < 1 or down * across < 2:
        raise UserError(f"--given {down}x{across} leaves nothing to draw between; give 1x2 or more")
    if down * across != count:
        raise UserError(f"--given {down}x{across} wants {down * across} drawings, row by row, and {count} are named")


def _check_even(given: int, count: int, what: str) -> None:
    if given == 1 and count != 1:
        raise UserError(
            f"one of the given drawings in all {count} {what} leaves nothing to draw between; take --{what} 1"
        )
    if given > 1 and (count == 1 or (count - 1) % (given - 1)):
        below = max(1, (count - 1) // (given - 1)) * (given - 1) + 1
        fits = f"{below} or {below + given - 1}" if below < count else f"{below}"
        raise UserError(f"{given} given drawings do not stand evenly in {count} {what}; take --{what} {fits}")
