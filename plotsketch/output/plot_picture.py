"""A picture of what a plotter will do with a sheet: its ink, the ways between strokes, where each begins, and when."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.lines.timeline import Timeline, timeline
from plotsketch.lines.times import layer_times
from plotsketch.output.formats import FINEST
from plotsketch.output.layers import Layer
from plotsketch.output.plot_picture_board import DESK, Board, Box, Canvas, board_of
from plotsketch.output.plot_picture_footer import LEAST_WIDTH, Figures, footer, letter_size, shade

Floats = NDArray[np.float64]

MOST_PIXELS = 100_000_000  # 0.4 GB of memory, two times
SHADES = 250  # colours by order; lines that follow one another and share one are drawn in one go


@dataclass(frozen=True)
class Look:
    """What is shown: the ways of the lifted pen, dots where strokes begin, and colours by order in place of inks'."""

    travel: bool = True
    starts: bool = True
    order: bool = False


@dataclass(frozen=True, eq=False)
class Plot:
    """A sheet on a machine.

    Attributes:
        title: what the sheet is called.
        page: width and height in mm.
        layers: those that have lines, coordinates finite; at least one of them is plotted.
        machine: whose times and home are told.
        reach: whether what the machine reaches of the page is shown.
    """

    title: str
    page: tuple[float, float]
    layers: list[Layer]
    machine: Machine
    reach: bool = False

    @cached_property
    def figures(self) -> Figures:
        codes = [layer.code for layer in self.layers]
        times = layer_times([layer.lines for layer in self.layers], self.machine, home=self.home, codes=codes)
        return Figures(self.title, self.machine.title, self.page, self.layers, times)

    @cached_property
    def timeline(self) -> Timeline:
        codes = [layer.code for layer in self.layers]
        return timeline([layer.lines for layer in self.layers], self.machine, home=self.home, codes=codes)

    @cached_property
    def pens(self) -> list[Layer]:
        """The layer of each line of the timeline."""
        return [layer for layer in self._plotted for line in layer.lines if len(line)]

    @cached_property
    def lines(self) -> list[Floats]:
        """The lines of the timeline."""
        return [line for layer in self._plotted for line in layer.lines if len(line)]

    @property
    def _plotted(self) -> list[Layer]:
        return [layer for layer in self.layers if not layer.code.skip]

    @property
    def home(self) -> tuple[float, float]:
        return self.machine.home_on(*self.page)

    @property
    def bounds(self) -> Box:
        points = np.concatenate([*self.lines, [self.home]])
        return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())

    @property
    def reach_on_page(self) -> Box | None:
        """None also where only the paper's margins say where on the page it lies."""
        shown = self.reach and self.machine.page_at_corner
        return self.machine.reach_on(*self.page) if shown else None

    def colours(self, order: bool) -> list[str]:
        """The colour of each line: its pen's, or the one that tells when it is begun."""
        if not order:
            return [layer.colour for layer in self.pens]
        begin = self.timeline.line_begin
        shares = (begin - begin[0]) / max(float(begin[-1] - begin[0]), 1e-9)
        return [shade(share) for share in (np.round(shares * SHADES) / SHADES).tolist()]


def picture(plot: Plot, dpi: float, look: Look) -> tuple[Image.Image, Board]:
    """The picture, and where the page lies in it: round(mm / 25.4 * dpi) pixels wide and high.

    Raises UserError when the resolution makes a picture of no or of far too many pixels.
    """
    board = _board(plot, dpi)
    canvas = Canvas(board, DESK)
    canvas.paper(plot.page, plot.reach_on_page)
    if look.travel:
        ways = plot.timeline.ways(0.0, plot.timeline.total, drawn=False)
        canvas.hops([way for _, way in ways])
        canvas.home(plot.home)
    _ink(canvas, plot, look)
    return _framed(canvas.reduced(), plot, board, look)


def picture_bytes(image: Image.Image, dpi: float, recipe: Mapping[str, object]) -> bytes:
    """As PNG, with the resolution, and the recipe as JSON under ``plotsketch``."""
    notes = PngInfo()
    notes.add_text("plotsketch", json.dumps(recipe, sort_keys=True))
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi), pnginfo=notes)
    return file.getvalue()


def _board(plot: Plot, dpi: float) -> Board:
    if not 0 < dpi <= FINEST:
        raise UserError(f"--dpi is {dpi:g}; give a number above 0 and up to {FINEST}, such as 150")
    board = board_of(plot.page, plot.bounds, dpi / 25.4)
    (wide, high), pixels = board.size, board.size[0] * board.size[1]
    if pixels > MOST_PIXELS:
        finest = math.floor(dpi * math.sqrt(MOST_PIXELS / pixels))
        raise UserError(f"a preview of {wide} x {high} pixels is too large; take --dpi {finest} or less")
    if min(plot.page) * board.scale < 0.5:
        raise UserError(f"at --dpi {dpi:g} the page is smaller than a pixel; take more")
    return board


def _ink(canvas: Canvas, plot: Plot, look: Look) -> None:
    """All lines as they follow one another, and a dot where each begins."""
    drawn = zip(plot.colours(look.order), plot.pens, plot.lines, strict=True)
    for (colour, width), same in groupby(drawn, key=lambda one: (one[0], one[1].pen_width)):
        canvas.ink([line for _, _, line in same], colour, width)
    if look.starts:
        for layer, same_pen in groupby(zip(plot.pens, plot.lines, strict=True), key=itemgetter(0)):
            canvas.starts(np.array([line[0] for _, line in same_pen]), layer.pen_width)


def _framed(image: Image.Image, plot: Plot, board: Board, look: Look) -> tuple[Image.Image, Board]:
    """The picture of the board on a footer that is wide enough to be read."""
    letter = letter_size(*image.size)
    width = max(image.width, LEAST_WIDTH * letter)
    begin = plot.timeline.line_begin
    ends = (float(begin[0]), float(begin[-1])) if look.order else None
    panel = footer(plot.figures, width, letter, board.scale, ends)
    framed = Image.new("RGB", (width, image.height + panel.height), DESK)
    left = (width - image.width) // 2
    framed.paste(image, (left, 0))
    framed.paste(panel, (0, image.height))
    moved = (board.corner[0] + left, board.corner[1])
    return framed, replace(board, corner=moved, size=framed.size)
