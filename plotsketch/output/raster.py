"""A document as rows of pixels: every line as wide as its pen, with round ends and joins, at a given resolution.

Pictures are made in strips from the top down, so that a large one needs no more memory than a small one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.output.formats import picture_size
from plotsketch.output.layers import Layer, layers, page_size
from plotsketch.output.marks import WIDTH, marks
from plotsketch.output.printing import PLAIN, Printing
from plotsketch.output.swell import swollen

STRIP = 64  # rows; all strips of a picture but the last have a multiple of it
STRIP_PIXELS = 3_000_000

Rows = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Raster:
    """A picture in the making: ``strips`` are its rows (k, width, channels) from the top down, ``rows`` in each but the
    last. One channel is grey, three are RGB, four have opacity last."""

    width: int
    height: int
    channels: int
    rows: int
    strips: Iterable[Rows]


@dataclass(frozen=True)
class Canvas:
    """Where a page (width and height in mm) lies in a picture of it. ``size`` raises UserError when that has no or far
    too many pixels."""

    page: tuple[float, float]
    dpi: float
    printing: Printing = PLAIN

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return picture_size(self.page, self.dpi, self.printing)

    @property
    def scale(self) -> float:
        """Pixels of a millimetre."""
        return self.dpi / 25.4

    @property
    def bleed(self) -> int:
        """Pixels around the page that are printed: whole ones, so that the page looks as it does without."""
        return self.printing.margins(self.dpi)[0]

    @property
    def slug(self) -> int:
        """Pixels around those, for marks."""
        return self.printing.margins(self.dpi)[1]


@dataclass(frozen=True, eq=False)
class Ink:
    """What one ink covers: ``pieces`` and ``edges`` as ``output.ink`` has them."""

    colour: str
    pieces: NDArray[np.float64]
    edges: NDArray[np.float64]

    @cached_property
    def reach(self) -> tuple[float, float]:
        """The rows between which it all is; the first is larger where there is nothing."""
        (_, y0, r0, _, y1, r1), edge = self.pieces.T, self.edges[:, 1]
        low = min(np.min(rows, initial=np.inf) for rows in (y0 - r0, y1 - r1, edge))
        return low, max(np.max(rows, initial=-np.inf) for rows in (y0 + r0, y1 + r1, edge))

    def covers(self, top: int, height: int, width: int) -> Rows | None:
        """How far the ink covers the pixels of some rows, 0 to 255; None where it does not touch them."""
        from plotsketch.output.ink import cover_areas, cover_lines

        if self.reach[1] < top - 1 or self.reach[0] > top + height + 1:
            return None
        covered = np.zeros((height, width), dtype=np.uint8)
        cover_areas(covered, top, self.edges)
        cover_lines(covered, top, self.pieces)
        return covered


def picture(
    document: vpype.Document, dpi: float, printing: Printing = PLAIN, *, finest: float = 0.0, rows: int | None = None
) -> Raster:
    """The sheet in its colours, layers on top of one another in the order of their numbers.

    No line is thinner than ``finest`` pixels. ``rows`` in a strip change nothing but the memory that is needed.
    Raises UserError when the resolution makes a picture of no or of far too many pixels.
    """
    canvas = Canvas(page_size(document), dpi, printing)
    inks = [ink_of([layer], canvas, finest) for layer in layers(document)]
    channels = 4 if printing.transparent else 3
    return _raster(canvas, channels, rows, lambda top, count: _painted(canvas, inks, top, count))


def plate(drawn: Sequence[Layer], canvas: Canvas, *, rows: int | None = None) -> Raster:
    """One ink of a sheet in grey: 0 where it is, 255 where it is not, or as ``negative`` the other way round."""
    ink = ink_of(drawn, canvas)
    return _raster(canvas, 1, rows, lambda top, count: _grey(canvas, ink, top, count))


def ink_of(drawn: Sequence[Layer], canvas: Canvas, finest: float = 0.0) -> Ink:
    """What the lines and areas of layers of one colour cover."""
    lines = [piece for layer in drawn for piece in _pieces(layer, canvas, finest)]
    rings = [np.hstack([ring[:-1], ring[1:]]) for layer in drawn for ring in layer.rings]
    edges = np.concatenate(rings) if rings else np.zeros((0, 4))
    pieces = np.concatenate(lines) if lines else np.zeros((0, 6))
    return Ink(drawn[0].colour, pieces, edges * canvas.scale + canvas.bleed)


def _pieces(layer: Layer, canvas: Canvas, finest: float) -> Iterator[NDArray[np.float64]]:
    """The straight pieces (n, 6) of each line, in pixels of the printed part of the picture."""
    least = finest / canvas.scale
    for line in layer.lines:
        points, widths = swollen(line, max(layer.pen_width, least), canvas.printing.swell)
        ends = np.column_stack([points * canvas.scale + canvas.bleed, np.maximum(widths, least) * canvas.scale / 2])
        yield np.hstack([ends[:-1], ends[1:]])


def _raster(canvas: Canvas, channels: int, rows: int | None, make: Callable[[int, int], Rows]) -> Raster:
    width, height = canvas.size
    step = rows or max(1, STRIP_PIXELS // (width * STRIP)) * STRIP
    strips = (make(top, min(step, height - top)) for top in range(0, height, step))
    return Raster(width, height, channels, step, strips)


def _painted(canvas: Canvas, inks: Sequence[Ink], top: int, count: int) -> Rows:
    """Rows of the picture, from the row ``top`` on."""
    from plotsketch.output.ink import paint

    clear = canvas.printing.transparent
    blank = (0, 0, 0, 0) if clear else (255, 255, 255)
    first, height, width = _printed(canvas, top, count)
    rows = np.full((height, width, len(blank)), blank if clear else rgb(canvas.printing.paper), dtype=np.uint8)
    for ink in inks:
        covered = ink.covers(first, height, width) if height else None
        if covered is not None:
            paint(rows, covered, np.array(rgb(ink.colour)))
    rows = _framed(canvas, rows, top, count, blank)
    marked = _marks(canvas, top, count)
    if marked is not None:
        paint(rows, marked, np.array([0, 0, 0]))
    return rows


def _grey(canvas: Canvas, ink: Ink, top: int, count: int) -> Rows:
    first, height, width = _printed(canvas, top, count)
    covered = ink.covers(first, height, width) if height else None
    rows = np.zeros((height, width, 1), dtype=np.uint8) if covered is None else covered[:, :, None]
    rows = _framed(canvas, rows, top, count, (0,))
    marked = _marks(canvas, top, count)
    if marked is not None:
        rows = np.maximum(rows, marked[:, :, None])
    return rows if canvas.printing.negative else 255 - rows


def _printed(canvas: Canvas, top: int, count: int) -> tuple[int, int, int]:
    """Which of these rows are within the bleed: the first, counted from the bleed's edge, how many, and how wide."""
    width, height = canvas.size
    first = max(0, top - canvas.slug)
    last = min(height - 2 * canvas.slug, top + count - canvas.slug)
    return first, max(0, last - first), width - 2 * canvas.slug


def _framed(canvas: Canvas, rows: Rows, top: int, count: int, blank: tuple[int, ...]) -> Rows:
    """The rows within the bleed with what is around them."""
    slug = canvas.slug
    if not slug:
        return rows
    whole = np.full((count, canvas.size[0], rows.shape[2]), blank, dtype=np.uint8)
    above = max(0, slug - top)
    whole[above : above + len(rows), slug : slug + rows.shape[1]] = rows
    return whole


def _marks(canvas: Canvas, top: int, count: int) -> Rows | None:
    """What the marks cover of some rows. They are a pixel wide at least."""
    if not canvas.printing.marks:
        return None
    lines = marks(canvas.page, canvas.printing.bleed)
    outside = replace(canvas, printing=replace(PLAIN, bleed=0.0))
    layer = Layer(number=0, label="", colour="#000000", pen_width=WIDTH, lines=lines)
    ink = ink_of([layer], outside, finest=1.0)
    shift = float(canvas.bleed + canvas.slug)
    return Ink(ink.colour, ink.pieces + np.array([shift, shift, 0] * 2), ink.edges).covers(top, count, canvas.size[0])


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of ``#rrggbb``."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
