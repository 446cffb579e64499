"""A plot in motion: the pen draws at the pace that is predicted, some thousand times as fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

from plotsketch.clock import clock
from plotsketch.lines.timeline import CHANGE, DRAW, HOP, TOUCH
from plotsketch.output.animation import Screen
from plotsketch.output.plot_picture import Look, Plot
from plotsketch.output.plot_picture_board import (
    BEYOND,
    DESK,
    EDGE,
    HOME,
    PAPER,
    REACH,
    SHADOW,
    START,
    TRAVEL,
    Board,
    Canvas,
    board_of,
)
from plotsketch.output.plot_picture_footer import PALE, PANEL, SMALLEST, TEXT, plain, shade

Floats = NDArray[np.float64]
Box = tuple[int, int, int, int]

LETTERS = 38  # heights of a letter in a film's longer side
ROWS = 3.4  # heights of a letter in the strip under the board
INKS, BLENDS, MOST = 64, 200, 16  # of the palette: inks with shades of their own, shades of all inks, and of one
RAMP = 25  # colours that stand for all in a film by order
LONGEST = 100  # characters of a label that there may be room for
MARK = 4  # times as large as it is shown, the pen is drawn


def film(plot: Plot, screen: Screen, seconds: float, look: Look) -> list[Image.Image]:
    """The plot in ``seconds``, as pictures with one palette; the first shows the pen at home, the last all ink.

    The longer side is ``screen.size`` pixels at most. Raises UserError for more frames than memory can hold.
    """
    count = max(2, round(seconds * screen.fps))
    screen.check(count)
    stage = _Stage(plot, screen.size, look)
    palette = _palette(_inks(plot, look))
    moments = np.linspace(0.0, plot.timeline.total, count)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in stage.frames(moments)]


class _Stage:
    """What is on the board so far: hops on one canvas, ink on another, which lies on it as ink does on paper."""

    def __init__(self, plot: Plot, size: int, look: Look) -> None:
        self.plot, self.look, self.time = plot, look, plot.timeline
        self.letter = max(SMALLEST, round(size / LETTERS))
        self.board = _fitting_board(plot, size, round(ROWS * self.letter))
        self.colours = plot.colours(look.order)
        self.air, self.ink = Canvas(self.board, DESK), Canvas(self.board, PAPER)
        self.air.paper(plot.page, plot.reach_on_page)
        if look.travel:
            self.air.home(plot.home)
        self.small, self.large = (ImageFont.load_default(part * self.letter) for part in (0.9, 1.25))

    def frames(self, moments: Floats) -> Iterator[Image.Image]:
        shown = self.air.reduced()
        since = 0.0
        for moment in moments.tolist():
            box = self._go_on(since, moment)
            if box is not None:
                fresh = ImageChops.multiply(self.air.reduced(box), self.ink.reduced(box))
                shown.paste(fresh, box[:2])
            yield self._frame(shown, moment)
            since = moment

    def _go_on(self, since: float, until: float) -> Box | None:
        """Draws what happens between two moments; the box of pixels that have changed, if any have."""
        hops = self.time.ways(since, until, drawn=False) if self.look.travel else []
        inked = self.time.ways(since, until, drawn=True)
        self.air.hops([way for _, way in hops])
        for line, way in inked:
            width = self.plot.pens[line].pen_width
            self.ink.ink([way], self.colours[line], width)
            if self.look.starts and self.time.line_begin[line] >= since:
                self.ink.starts(way[:1], width)
        widest = max((self.plot.pens[line].pen_width for line, _ in inked), default=0.0)
        return _box_of([way for _, way in hops + inked], self.board, widest)

    def _frame(self, shown: Image.Image, moment: float) -> Image.Image:
        """The board with the pen on it, over the strip that tells the time."""
        width = max(shown.width, 15 * self.letter)
        frame = Image.new("RGB", (width, shown.height + round(ROWS * self.letter)), DESK)
        left = (width - shown.width) // 2
        frame.paste(shown, (left, 0))
        move = self.time.move_at(moment)
        down = int(self.time.what[move]) in (TOUCH, DRAW)
        line = min(int(self.time.line[move]), len(self.colours) - 1)
        mark = _mark(self.colours[line], down, 0.32 * self.letter)
        x, y = self.air.pixels(self.time.place_at(moment)) / self.air.finer
        frame.paste(mark, (round(x) + left - mark.width // 2, round(y) - mark.height // 2), mark)
        doing = self._doing(move, line) if moment < self.time.total else "done"
        self._strip(ImageDraw.Draw(frame), frame.size, moment, doing)
        return frame

    def _doing(self, move: int, line: int) -> str:
        what = int(self.time.what[move])
        if what in (TOUCH, DRAW, CHANGE):
            return plain(f"{'drawing' if what != CHANGE else 'now'} {self.plot.pens[line].label[:LONGEST]}")
        return "travel" if what == HOP else "pen lift"

    def _strip(self, draw: ImageDraw.ImageDraw, size: tuple[int, int], moment: float, doing: str) -> None:
        letter, (width, height) = self.letter, size
        top, pad = height - round(ROWS * letter), round(0.8 * letter)
        draw.rectangle((0, top, width, height), PANEL)
        time = clock(moment)
        draw.text((pad, top + 0.45 * letter), time, TEXT, self.large)
        whole = f"of {clock(self.time.total)}"
        x = pad + self.large.getlength(time) + 0.4 * letter
        draw.text((x, top + 0.75 * letter), whole, PALE, self.small)
        room = width - pad - x - self.small.getlength(whole) - letter
        while doing and self.small.getlength(doing) > room:
            doing = doing[:-1]
        draw.text((width - pad - self.small.getlength(doing), top + 0.75 * letter), doing, PALE, self.small)
        bar = (pad, height - round(1.05 * letter), width - pad - 1, height - round(0.65 * letter))
        draw.rectangle(bar, EDGE)
        done = pad + round((bar[2] - pad) * moment / max(self.time.total, 1e-9))
        draw.rectangle((pad, bar[1], done, bar[3]), TEXT)


def _fitting_board(plot: Plot, size: int, strip: int) -> Board:
    """The largest board of which no side is longer than ``size``, a strip of that height under it."""
    width, height = board_of(plot.page, plot.bounds, 10.0).size
    scale = 10.0 * min((size - 4) / width, (size - strip - 4) / height)  # sides of a board are rounded up four times
    return board_of(plot.page, plot.bounds, scale)


def _box_of(ways: Sequence[Floats], board: Board, width: float) -> Box | None:
    """Whole pixels of the board that lines of ``width`` mm, and dots on them, may have touched."""
    if not ways:
        return None
    points = np.concatenate(ways) * board.scale + board.corner
    reach = max(width, 1.0) * board.scale + 4
    low = np.clip(np.floor(points.min(axis=0) - reach), 0, board.size)
    high = np.clip(np.ceil(points.max(axis=0) + reach), 0, board.size)
    left, top, right, bottom = (int(side) for side in (*low, *high))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _mark(colour: str, down: bool, radius: float) -> Image.Image:
    """The pen from above: full of ink where it is down; a ring that is larger where it is up."""
    outer = round((radius if down else 1.35 * radius) * MARK)
    large = Image.new("RGBA", (2 * outer + 2 * MARK, 2 * outer + 2 * MARK))
    draw = ImageDraw.Draw(large)
    middle = large.width / 2
    discs = ((outer + MARK, PAPER), (outer, colour), (0.62 * outer, PAPER)) if not down else ()
    for size, fill in discs or ((outer + MARK, PAPER), (outer, HOME), (0.6 * outer, colour)):
        draw.ellipse((middle - size, middle - size, middle + size, middle + size), fill)
    return large.reduce(MARK)


def _inks(plot: Plot, look: Look) -> list[str]:
    if look.order:
        return [shade(number / (RAMP - 1)) for number in range(RAMP)]
    return [colour for colour, _ in Counter(plot.colours(order=False)).most_common(INKS)]


def _palette(inks: Sequence[str]) -> Image.Image:
    """A picture whose palette has the board's colours, those of text, and each ink in shades down to paper's."""
    fixed = [DESK, PAPER, EDGE, PANEL, TEXT, PALE, TRAVEL, START, HOME, BEYOND, REACH, SHADOW]
    shades = [(TEXT, PANEL, 6), (PALE, PANEL, 4), (TRAVEL, PAPER, 4), (HOME, PAPER, 3), (TRAVEL, DESK, 3)]
    shades += [(ink, PAPER, min(max(2, BLENDS // len(inks)), MOST)) for ink in inks]
    colours = [ImageColor.getrgb(colour) for colour in fixed]
    for dark, light, count in shades:
        ends = np.array([ImageColor.getrgb(dark), ImageColor.getrgb(light)], dtype=np.float64)
        weights = np.arange(count)[:, None] / count
        colours += [tuple(colour) for colour in np.rint(ends[0] + weights * (ends[1] - ends[0])).astype(int).tolist()]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in list(dict.fromkeys(colours))[:256] for channel in colour])
    return palette
