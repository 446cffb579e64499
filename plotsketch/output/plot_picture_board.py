"""The board that a plot is drawn on: the page on a desk, what the machine reaches of it, and ink, hops and dots.

Everything is drawn some times as large with Pillow, which knows whole pixels only, and then reduced.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, top, right, bottom

DESK, PAPER, EDGE, SHADOW = "#e9e6e0", "#ffffff", "#b9b3a8", "#d8d3ca"
BEYOND, REACH = "#fbe4dd", "#c8553d"  # paper that the pen cannot reach, and the line that says so
TRAVEL, START, HOME = "#86abea", "#17a05d", "#3c6fc4"

PAD = 0.035  # of the page's size, desk around it
FAR = 0.5  # of the page's sides, that lines beyond it are still shown
FINEST, LARGEST = 4, 100_000_000  # times as large, and pixels (4 bytes each) of the large picture, less fine if need be
COARSE = 45_000_000  # pixels (A0 at 150 dpi) up to which a picture is drawn twice as large at least
TURN = math.cos(math.radians(20))  # corners sharper than this get a disc; at others no gap is seen
MANY = 20_000  # hops
OUTERMOST = 1e6  # pixels: Pillow counts in int


@dataclass(frozen=True)
class Board:
    """Where things lie in a picture of the board: ``scale`` in pixels a mm, the rest in whole pixels.

    Attributes:
        corner: of the page, upper left.
        page: width and height of the page.
        size: width and height of the picture.
    """

    scale: float
    corner: tuple[int, int]
    page: tuple[int, int]
    size: tuple[int, int]

    @property
    def finer(self) -> int:
        """How many times as large it is drawn."""
        pixels = self.size[0] * self.size[1]
        return min(FINEST, max(math.isqrt(LARGEST // pixels), 2 if pixels <= COARSE else 1))


def board_of(page: tuple[float, float], bounds: Box, scale: float) -> Board:
    """The board around a ``page`` (width, height), with what lies inside ``bounds`` but off the page; all in mm."""
    width, height = page
    pad = PAD * math.sqrt(width * height)
    before = [pad + min(max(-low, 0), FAR * side) for low, side in zip(bounds[:2], page, strict=True)]
    after = [pad + min(max(high - side, 0), FAR * side) for high, side in zip(bounds[2:], page, strict=True)]
    corner = math.ceil(before[0] * scale), math.ceil(before[1] * scale)
    pixels = max(1, round(width * scale)), max(1, round(height * scale))
    beside = math.ceil(after[0] * scale), math.ceil(after[1] * scale)
    size = corner[0] + pixels[0] + beside[0], corner[1] + pixels[1] + beside[1]
    return Board(scale, corner, pixels, size)


class Canvas:
    """A large picture of a board, on which lengths are millimetres from the page's corner."""

    def __init__(self, board: Board, colour: str) -> None:
        self.board, self.finer = board, board.finer
        self.scale = board.scale * self.finer
        self.image = Image.new("RGB", (board.size[0] * self.finer, board.size[1] * self.finer), colour)
        self.draw = ImageDraw.Draw(self.image)

    def reduced(self, box: tuple[int, int, int, int] | None = None) -> Image.Image:
        """The picture, or a box of it, in its true size."""
        if self.finer == 1 and box is None:
            return self.image
        inner = None if box is None else tuple(side * self.finer for side in box)
        return self.image.reduce(self.finer, inner)  # type: ignore[arg-type]  # four ints

    def pixels(self, points: Floats) -> Floats:
        """Large pixels of points (..., 2)."""
        corner = np.array(self.board.corner, dtype=np.float64) * self.finer
        return np.clip(points * self.scale + corner, -OUTERMOST, OUTERMOST)

    def width(self, millimetres: float, least: float = 0.0) -> int:
        """Of a line, in large pixels; ``least`` in true ones."""
        return max(1, round(max(millimetres * self.scale, least * self.finer)))

    def paper(self, page: tuple[float, float], reach: Box | None) -> None:
        """The page with its edge and shadow; where ``reach`` (mm) is given, what lies in it, and its outline."""
        left, top, right, bottom = self._page_box()
        drop, edge = self.width(0, 2.5), self.width(0, 1)
        self.draw.rectangle((left + drop, top + drop, right + drop, bottom + drop), SHADOW)
        self.draw.rectangle((left - edge, top - edge, right + edge, bottom + edge), EDGE)
        self.draw.rectangle((left, top, right, bottom), PAPER if reach is None else BEYOND)
        if reach is None:
            return
        x0, y0, x1, y1 = self.pixels(np.array(reach).reshape(2, 2)).round().ravel().tolist()
        inner = max(x0, left), max(y0, top), min(x1 - 1, right), min(y1 - 1, bottom)
        if inner[0] <= inner[2] and inner[1] <= inner[3]:
            self.draw.rectangle(inner, PAPER)
        self._dashed_box((x0, y0, x1, y1))

    def ink(self, lines: Sequence[Floats], colour: str, width: float) -> None:
        """Lines (k, 2) of a round pen of ``width`` mm; finer ones than 0.8 pixels would fade to nothing."""
        pixels = self.width(width, least=0.8)
        self._draw(lines, colour, pixels)
        if pixels > 1:
            self.discs(_round(lines), colour, pixels / 2)

    def hops(self, ways: Sequence[Floats]) -> None:
        """Ways (k, 2) of the lifted pen. Very many are drawn as finely as can be: they are no picture else, and soon
        done."""
        self._draw(ways, TRAVEL, 1 if len(ways) > MANY else self.width(0.17, least=0.6))

    def _draw(self, lines: Sequence[Floats], colour: str, pixels: int) -> None:
        if not lines:
            return
        places = self.pixels(np.concatenate(lines)).ravel().tolist()
        begin = 0
        for line in lines:
            end = begin + 2 * len(line)
            self.draw.line(places[begin:end], colour, pixels)
            begin = end

    def discs(self, points: Floats, colour: str, radius: float) -> None:
        """Points (n, 2) in mm, discs of ``radius`` large pixels."""
        ellipse = self.draw.ellipse
        places = self.pixels(points)
        for box in np.concatenate([places - radius, places + radius], axis=1).tolist():
            ellipse(box, colour)

    def starts(self, points: Floats, width: float) -> None:
        """Where strokes of a pen of ``width`` mm begin, (n, 2): dots in white rings."""
        radius = max(0.34 * self.scale, 0.36 * width * self.scale, 1.3 * self.finer)
        self.discs(points, PAPER, radius + 0.55 * self.finer)
        self.discs(points, START, radius)

    def home(self, place: tuple[float, float]) -> None:
        """Where the pen rests: a ring with a point in it."""
        points, radius = np.array([place]), max(1.1 * self.scale, 5 * self.finer)
        for colour, share in ((PAPER, 1.3), (HOME, 1.0), (PAPER, 0.62), (HOME, 0.3)):
            self.discs(points, colour, radius * share)

    def _page_box(self) -> tuple[int, int, int, int]:
        (x, y), (width, height) = self.board.corner, self.board.page
        return x * self.finer, y * self.finer, (x + width) * self.finer - 1, (y + height) * self.finer - 1

    def _dashed_box(self, box: tuple[float, float, float, float]) -> None:
        x0, y0, x1, y1 = box
        dash, pixels = 2.5 * self.scale, self.width(0.2, least=1.2)
        for (ax, ay), (bx, by) in (
            ((x0, y0), (x1, y0)), ((x1, y0), (x1, y1)), ((x1, y1), (x0, y1)), ((x0, y1), (x0, y0)),
        ):  # fmt: skip
            length = max(math.hypot(bx - ax, by - ay), 1e-9)
            for begin in np.arange(0, length, 1.7 * dash).tolist():
                a, b = begin / length, min(begin + dash, length) / length
                ends = (ax + (bx - ax) * a, ay + (by - ay) * a, ax + (bx - ax) * b, ay + (by - ay) * b)
                self.draw.line(ends, REACH, pixels)


def _round(lines: Sequence[Floats]) -> Floats:
    """The points (n, 2) at which lines need a disc to look drawn by a round pen: ends and sharp corners."""
    points = np.concatenate(lines)
    lengths = np.array([len(line) for line in lines])
    last = np.cumsum(lengths) - 1
    sharp = np.zeros(len(points), dtype=bool)
    ways = np.diff(points, axis=0)
    sizes = np.hypot(ways[:, 0], ways[:, 1])
    along = (ways[1:] * ways[:-1]).sum(axis=1)
    sharp[1:-1] = along <= TURN * sizes[1:] * sizes[:-1]
    sharp[last] = sharp[last - lengths + 1] = True
    found: Floats = points[sharp]
    return found
