"""A sheet divided into cells: one a figure, as large as the paper allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plotsketch.errors import UserError
from plotsketch.sheet import arrange
from plotsketch.sheet.captions import captions
from plotsketch.sheet.cells import Cell, Make
from plotsketch.sheet.letters import width
from plotsketch.sheet.style import Style
from plotsketch.sheet.words import Box, drawings_area
from plotsketch.strokes.figure import Figure

SMALLEST_CELL = 1.0  # mm; below it any pen makes blots
GUTTER = 0.12  # of the distance between cells: a little air, or neighbours read as one drawing
BETWEEN_FRAMES = 3.0  # pen widths, so that no two frames look like one thick line


@dataclass(frozen=True)
class Layout:
    """Where the figures of a sheet stand, in mm: a cell each, in their order.

    ``side`` is a cell's width (on a map, that of the largest), ``gutter`` the least distance between two. ``order``
    numbers the figures as a pen visits them without flying back.
    """

    arrangement: str
    cells: tuple[Cell, ...]
    order: tuple[int, ...]
    side: float
    gutter: float


def check_layout(shape: tuple[int, int] | None, style: Style, arrangement: str = "grid") -> None:
    """Raises UserError for what can be known to have no room before anything is drawn, and for a map that is to be laid
    out in cells; ``shape`` may be unknown."""
    drawings_area(style)
    if arrangement == "map" and style.arrangement:
        raise UserError("a map has no cells to lay out; leave out --layout, or set the drawings on a grid with --snap")
    if arrangement == "map" and style.gutter is not None:
        raise UserError("a map has no gutters; leave out --gutter, --cover says how closely drawings stand")
    if shape is not None:
        _check_count(*shape, style)
        blank = [Figure((), row, col) for row in range(shape[0]) for col in range(shape[1])]
        lay_out(blank, *shape, style, arrangement)


def _check_count(rows: int, cols: int, style: Style) -> None:
    """Refuses at once what no layout has room for, however large its numbers."""
    if rows < 1 or cols < 1:
        raise UserError(f"a sheet of {rows} x {cols} cells is empty; give 1 row and column or more")
    area = drawings_area(style)
    if rows * cols * SMALLEST_CELL**2 > 2 * area.width * area.height:
        raise _no_room(f"{rows} x {cols} cells", style)


def lay_out(figures: Sequence[Figure], rows: int, cols: int, style: Style, arrangement: str = "grid") -> Layout:
    """The layout of figures on ``rows`` by ``cols`` places (a ring or a map has as many as there are figures).

    The style's arrangement goes before ``arrangement``. Raises UserError when the paper has no room, and for captions
    that could not be read.
    """
    _check_count(rows, cols, style)
    chosen = style.arrangement or arrangement
    area = drawings_area(style)
    texts = [line for figure in figures for line in captions(figure, style.captions)]
    make = Make(
        style.widest, style.frame, max((len(captions(f, style.captions)) for f in figures), default=0),
        max(map(width, texts), default=0.0), disc=chosen in arrange.ROUND,
    )  # fmt: skip
    layout = _map(figures, area, make) if chosen == "map" else _cells(figures, (rows, cols), chosen, area, make, style)
    if layout.side < max(SMALLEST_CELL, 2 * style.widest) or min((c.room for c in layout.cells), default=1.0) <= 0:
        raise _no_room(f"{len(figures)} drawings" if chosen in ("ring", "map") else f"{rows} x {cols} cells", style)
    smallest = min((cell.width for cell in layout.cells), default=layout.side)
    make.check_letters(smallest, max(texts, key=width, default=""))
    return layout


def _cells(
    figures: Sequence[Figure], shape: tuple[int, int], arrangement: str, area: Box, make: Make, style: Style
) -> Layout:
    """Cells of one size, in the middle of the area."""
    count = len(figures)
    if arrangement == "ring":
        side, points = _rings(count, area, style)
    else:
        side = arrange.largest(
            lambda side: _fits(_points(arrangement, shape, make, side, style), make.outline(side), area),
            max(area.width, area.height),
        )
        points = _points(arrangement, shape, make, side, style)
    places = points[arrange.slots(arrangement, figures, shape[1])]
    x, y = area.middle
    cells = tuple(make.cell(x + dx, y + dy, side) for dx, dy in places.tolist())
    order = range(count) if arrangement == "ring" else arrange.back_and_forth(places)
    return Layout(arrangement, cells, tuple(order), side, _gap(side, style))


def _points(arrangement: str, shape: tuple[int, int], make: Make, side: float, style: Style) -> arrange.Points:
    if arrangement == "hex":
        return arrange.hexagonal(*shape, side, _gap(side, style))
    return arrange.grid(*shape, *make.outline(side), _gap(side, style))


def _fits(points: arrange.Points, outline: tuple[float, float], area: Box) -> bool:
    width, height = points.max(axis=0) - points.min(axis=0) + outline
    return bool(width <= area.width and height <= area.height)


def _gap(side: float, style: Style) -> float:
    """Millimetres between two cells."""
    gap = side * GUTTER / (1 - GUTTER) if style.gutter is None else style.gutter
    return max(gap, BETWEEN_FRAMES * style.pen.width) if style.frame else gap


def _rings(count: int, area: Box, style: Style) -> tuple[float, arrange.Points]:
    """Diameter and middles of cells on the fewest rings on which they are nearly as large as on any number."""
    across = min(area.width, area.height)

    def shares(number: int, side: float) -> list[int] | None:
        return arrange.ring_shares(count, number, (across - side) / 2, side + _gap(side, style))

    sizes: list[float] = []
    for number in range(1, max(count, 1) + 1):
        sizes.append(arrange.largest(lambda side, number=number: shares(number, side) is not None, across))  # type: ignore[misc]
        crowded = (2 * number + 1) * _gap(0.0, style) > across  # even cells of no size leave no room for another ring
        if crowded or sizes[-1] < max(sizes):  # from some number on, more rings only get in one another's way
            break
    number = next(i for i, size in enumerate(sizes, start=1) if size >= arrange.FEW_RINGS * max(sizes))
    side = sizes[number - 1]
    found = shares(number, side) or [count]
    return side, arrange.rings(found, (across - side) / 2, side + _gap(side, style))


def _map(figures: Sequence[Figure], area: Box, make: Make) -> Layout:
    """Discs at the figures' own places. A figure's size is its diameter as a share of the area's shorter side; a map
    whose discs would stick out is made smaller as a whole, so that discs that keep apart still do."""
    at = np.array([figure.at or (0.5, 0.5) for figure in figures]).reshape(-1, 2)
    sizes = np.array([figure.size for figure in figures])
    reach = sizes[:, None] / 2 * min(area.width, area.height) / (area.width, area.height)  # of a disc, on either axis
    low = np.minimum((at - reach).min(axis=0), 0.0)
    span = max(float((np.maximum((at + reach).max(axis=0), 1.0) - low).max()), 1.0)
    points = (at - low) / span * (area.width, area.height) + (area.left, area.top)
    diameters = sizes / span * min(area.width, area.height)
    letters = make.letters(float(diameters.min()))
    cells = [make.cell(x, y, d, letters) for (x, y), d in zip(points.tolist(), diameters.tolist(), strict=True)]
    return Layout("map", tuple(cells), tuple(arrange.nearest_first(points)), float(diameters.max()), 0.0)


def _no_room(what: str, style: Style) -> UserError:
    return UserError(
        f"{what} for a pen of {style.widest:g} mm have no room on {style.paper} with a margin of {style.margin:g} mm; "
        "take fewer cells or a larger paper"
    )


def measures(layout: Layout, style: Style) -> dict[str, object]:
    """For a recipe: the sheet's measures, each named with its unit."""
    return {
        "paper_mm": [style.paper.width, style.paper.height],
        "margin_mm": style.margin,
        "gutter_mm": round(layout.gutter, 4),
        "cell_mm": round(layout.side, 4),
        "pen_width_mm": style.pen.width,
    }
