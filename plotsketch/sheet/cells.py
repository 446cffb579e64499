"""A sheet divided into cells, and sketches laid into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.sheet.dots import DOT
from plotsketch.sheet.paper import Paper
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

SMALLEST_CELL = 1.0  # mm; below it any pen makes blots
GUTTER = 0.12  # of the distance between cells: a little air, or neighbours read as one drawing
LARGEST_SHARE = 0.75  # of the sketches have room at the common size; the others are as large as their cell


@dataclass(frozen=True)
class Layout:
    """``rows`` by ``cols`` square cells in the middle of a paper, as large as its margin allows.

    Lengths are millimetres. The cells are square on every paper, so that drawings stand equally far apart
    both ways; what the paper is longer than the cells need becomes margin. ``gutter`` is the least distance
    between drawings, by default a share of the cell. Raises UserError when the paper has no room.
    """

    paper: Paper
    rows: int
    cols: int
    margin: float = 10.0
    gutter: float | None = None
    pen_width: float = 0.3

    def __post_init__(self) -> None:
        if self.rows < 1 or self.cols < 1:
            raise UserError(f"a sheet of {self.rows} x {self.cols} cells is empty; give 1 row and column or more")
        if self.pen_width <= 0:
            raise UserError(f"a pen of {self.pen_width:g} mm draws nothing; give a --pen-width such as 0.3mm")
        if min(self._room) <= 0:
            raise UserError(
                f"the paper ({self.paper}) is smaller than its margins (twice {self.margin:g} mm); "
                "take a larger paper or a smaller --margin"
            )
        if self.side < max(SMALLEST_CELL, 2 * self.pen_width):
            raise UserError(
                f"{self.rows} x {self.cols} cells for a pen of {self.pen_width:g} mm have no room on "
                f"{self.paper} with a margin of {self.margin:g} mm; take fewer cells or a larger paper"
            )

    @property
    def pitch(self) -> float:
        """From the middle of a cell to the middle of the next one."""
        counts = (self.cols, self.rows)
        if self.gutter is None:
            return min(room / (count - GUTTER) for room, count in zip(self._room, counts, strict=True))
        return min((room + self.gutter) / count for room, count in zip(self._room, counts, strict=True))

    @property
    def side(self) -> float:
        """Length of a cell's side."""
        return self.pitch - (self.pitch * GUTTER if self.gutter is None else self.gutter)

    def to_dict(self) -> dict[str, object]:
        """For a recipe: the sheet's measures, each named with its unit."""
        return {
            "paper_mm": [self.paper.width, self.paper.height],
            "margin_mm": self.margin,
            "gutter_mm": round(self.pitch - self.side, 4),
            "cell_mm": round(self.side, 4),
            "pen_width_mm": self.pen_width,
        }

    def centre(self, index: int) -> tuple[float, float]:
        """Middle of a cell on the paper; cells are counted left to right, then top to bottom."""
        row, col = divmod(index, self.cols)
        return (
            self.paper.width / 2 + (col - (self.cols - 1) / 2) * self.pitch,
            self.paper.height / 2 + (row - (self.rows - 1) / 2) * self.pitch,
        )

    def snake(self) -> Iterator[int]:
        """Cells as a pen visits them without flying back: every second row from right to left."""
        for row in range(self.rows):
            cols = range(self.cols) if row % 2 == 0 else reversed(range(self.cols))
            yield from (row * self.cols + col for col in cols)

    @property
    def _room(self) -> tuple[float, float]:
        return self.paper.width - 2 * self.margin, self.paper.height - 2 * self.margin


def place_figures(figures: Sequence[Figure], layout: Layout) -> list[Figure]:
    """Each figure in the middle of its cell, ink and all inside it, in mm.

    One size for all is set by the diagonal, which is near to how large a drawing looks: with the longest
    sides equal, round drawings look larger than long ones, and at one scale a model's small drawings shrink
    to specks. Raises UserError for coordinates that are no numbers or too large to measure.
    """
    outlines = [figure.outline for figure in figures]
    scales = _scales(outlines, layout.side - layout.pen_width - DOT)
    return [
        _moved(figure, outline, scale * figure.size, layout.centre(figure.row * layout.cols + figure.col))
        for figure, outline, scale in zip(figures, outlines, scales.tolist(), strict=True)
    ]


def place(sketches: Sequence[Sketch], layout: Layout) -> list[Sketch]:
    """As ``place_figures``, for one sketch a cell in reading order."""
    if len(sketches) != layout.rows * layout.cols:
        raise ValueError(f"{len(sketches)} sketches for {layout.rows} x {layout.cols} cells")
    figures = [Figure((Part(sketch),), *divmod(index, layout.cols)) for index, sketch in enumerate(sketches)]
    return [figure.parts[0].sketch for figure in place_figures(figures, layout)]


def _moved(figure: Figure, outline: Sketch, scale: float, centre: tuple[float, float]) -> Figure:
    """Scaled about the middle of its outline, which comes to ``centre``."""
    if outline.is_empty:
        return figure
    xmin, ymin, xmax, ymax = outline.bounds
    parts = (
        Part(
            part.sketch.translated(-(xmin + xmax) / 2, -(ymin + ymax) / 2).scaled(scale).translated(*centre), part.role
        )
        for part in figure.parts
    )
    return replace(figure, parts=tuple(parts))


def _scales(sketches: Sequence[Sketch], room: float) -> NDArray[np.float64]:
    """One scale a sketch: equal diagonals, and nothing wider or higher than ``room``."""
    sizes = np.array([_size(sketch) for sketch in sketches])
    longest, diagonal = sizes.max(axis=1), np.hypot(*sizes.T)
    if not np.isfinite(diagonal).all():
        raise UserError("a drawing has coordinates that are no numbers, or too large; the model is damaged")
    seen = diagonal > 1e-6 * diagonal.max()  # a dot has no size to be scaled to
    scales = np.ones(len(sketches))
    if seen.any():
        # the diagonal that each sketch has when it fills its cell
        filling = room * (diagonal[seen] / longest[seen])
        common = np.quantile(filling, 1 - LARGEST_SHARE)
        scales[seen] = np.minimum(common, filling) / diagonal[seen]
        scales[~seen] = scales[seen].min()
    return scales


def _size(sketch: Sketch) -> tuple[float, float]:
    if sketch.is_empty:
        return 0.0, 0.0
    xmin, ymin, xmax, ymax = sketch.bounds
    return xmax - xmin, ymax - ymin
