"""Figures laid into cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.sheet.cells import Cell
from plotsketch.sheet.dots import DOT
from plotsketch.sheet.layout import Layout
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

LARGEST_SHARE = 0.75  # of the sketches have room at the common size; the others are as large as their cell


def place_figures(figures: Sequence[Figure], layout: Layout, pen_width: float) -> list[Figure]:
    """Each figure in the middle of its cell's room, ink and all inside it, in mm.

    One size for all is set by the diagonal, which is near to how large a drawing looks: with the longest
    sides equal, round drawings look larger than long ones, and at one scale a model's small drawings shrink
    to specks. Raises UserError for coordinates that are no numbers or too large to measure.
    """
    outlines = [figure.outline for figure in figures]
    rooms = np.array([max(cell.room - pen_width - DOT, 0.0) for cell in layout.cells])
    sizes = np.array([1.0 if layout.arrangement == "map" else figure.size for figure in figures])
    disc = any(cell.disc for cell in layout.cells)
    scales = _scales(outlines, rooms, sizes, disc).tolist()
    return [_moved(*item) for item in zip(figures, outlines, scales, layout.cells, strict=True)]


def held(figure: Figure, cell: Cell, pen_width: float) -> Figure:
    """A figure that leaves its cell, which smoothing can make it do, made as much smaller as it takes."""
    outline = figure.outline
    if outline.is_empty:
        return figure
    ends = np.abs(outline.points - (cell.x, cell.eye))
    reach = 2 * float(np.hypot(*ends.T).max() if cell.disc else ends.max())
    room = max(cell.room - pen_width - DOT, 0.0)
    return figure if reach <= room else _moved(figure, outline, room / reach, cell)


def _moved(figure: Figure, outline: Sketch, scale: float, cell: Cell) -> Figure:
    """Scaled about the middle of its outline, which comes to the middle of the cell's room."""
    if outline.is_empty:
        return figure
    x, y = _middle(outline)
    parts = (
        Part(part.sketch.translated(-x, -y).scaled(scale).translated(cell.x, cell.eye), part.role)
        for part in figure.parts
    )
    return replace(figure, parts=tuple(parts))


def _scales(
    sketches: Sequence[Sketch], rooms: NDArray[np.float64], sizes: NDArray[np.float64], disc: bool
) -> NDArray[np.float64]:
    """One scale a sketch: equal diagonals (times ``sizes``), and nothing larger than its room, a square or a disc."""
    spans = np.array([_span(sketch, disc) for sketch in sketches]).reshape(-1, 2)
    longest, diagonal = spans.T
    if not np.isfinite(spans).all():
        raise UserError("a drawing has coordinates that are no numbers, or too large; the model is damaged")
    seen = diagonal > 1e-6 * diagonal.max(initial=0.0)  # a dot has no size to be scaled to
    scales = np.ones(len(sketches))
    if seen.any():
        # the diagonal that each sketch has when it fills a room of 1 mm
        filling = diagonal[seen] / longest[seen]
        common = np.quantile(filling, 1 - LARGEST_SHARE) * sizes[seen]
        scales[seen] = np.minimum(common, filling) * rooms[seen] / diagonal[seen]
        scales[~seen] = scales[seen].min()
    return scales


def _span(sketch: Sketch, disc: bool) -> tuple[float, float]:
    """What has to fit a cell, the longer side or the circle about the middle, and the diagonal."""
    if sketch.is_empty:
        return 0.0, 0.0
    xmin, ymin, xmax, ymax = sketch.bounds
    width, height = xmax - xmin, ymax - ymin
    if not disc:
        return max(width, height), float(np.hypot(width, height))
    return 2 * float(np.hypot(*(sketch.points - _middle(sketch)).T).max()), float(np.hypot(width, height))


def _middle(sketch: Sketch) -> tuple[float, float]:
    xmin, ymin, xmax, ymax = sketch.bounds
    return (xmin + xmax) / 2, (ymin + ymax) / 2
