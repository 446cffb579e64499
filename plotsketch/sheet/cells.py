"""What a cell is made of: its outline, room for the drawing, and lines for its caption."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plotsketch.errors import UserError
from plotsketch.sheet.letters import DESCENT, LEADING, least_height
from plotsketch.strokes.sketch import Sketch

LETTERS = 0.075  # of a cell's side: the usual height of a caption's capitals
LARGEST_LETTERS = 3.5  # mm
ABOVE = 0.6  # capitals' heights between a drawing and its caption
INSET = 0.06  # of a cell's side, between its frame and what is inside
CORNER = 0.07  # of a cell's side: the radius of a frame's corners
FLATNESS = 0.01  # mm between a round frame and the straight pieces that it is drawn with


@dataclass(frozen=True)
class Cell:
    """A cell of a sheet; lengths are mm.

    Its outline is a box of ``width`` by ``height`` about (``x``, ``y``), or with ``disc`` a circle of that width. The
    drawing, ink and all, fills at most a square of side ``room``, or a circle of that diameter, about (``x``, ``eye``).
    The caption's first line stands at ``line`` on capitals of height ``letters``.
    """

    x: float
    y: float
    width: float
    height: float
    disc: bool
    room: float
    eye: float
    line: float
    letters: float

    def frame(self, pen_width: float) -> Sketch:
        """A line round the cell: a circle, or a box with round corners; its ink ends where the cell does."""
        half = np.array([self.width, self.height]) / 2 - pen_width / 2
        radius = half[0] if self.disc else min(CORNER * self.width, *half)
        steps = max(3, math.ceil(math.pi / 4 / math.acos(max(1 - FLATNESS / radius, 0.5))))
        quarter = np.linspace(0, math.pi / 2, steps + 1)
        corners = []
        for turn, side in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
            angles = quarter + turn * math.pi / 2
            corners.append((half - radius) * side + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))
        line = np.concatenate([*corners, corners[0][:1]])
        keep = np.concatenate([[True], np.hypot(*np.diff(line, axis=0).T) > 1e-9])
        return Sketch((line[keep] + (self.x, self.y),))


@dataclass(frozen=True)
class Make:
    """How cells are made, whatever their size.

    ``lines`` are the lines of a caption (0: there are none) and ``longest`` is the length of the longest for capitals
    of 1 mm. ``disc``: cells are round.
    """

    pen_width: float
    frame: bool = False
    lines: int = 0
    longest: float = 0.0
    disc: bool = False

    def outline(self, side: float) -> tuple[float, float]:
        """Width and height of a cell: a box grows downwards by its caption, a disc has to do with what it is."""
        return side, side if self.disc else side + self._band(self.letters(side))

    def letters(self, side: float) -> float:
        """Height of a caption's capitals, as far as the cell is wide enough for the longest line."""
        if not self.lines:
            return 0.0
        usual = max(min(LETTERS * side, LARGEST_LETTERS), least_height(self.pen_width))
        room = (0.68 if self.disc else 1.0) * (side - 2 * self._inset(side)) - self.pen_width
        return max(min(usual, room / max(self.longest, 1e-9)), 0.0)

    def cell(self, x: float, y: float, side: float, letters: float | None = None) -> Cell:
        """The cell about (x, y); ``letters`` where cells of several sizes share one height of letters."""
        width, height = self.outline(side)
        letters = self.letters(side) if letters is None else letters
        inset, band = self._inset(side), self._band(letters)
        if self.disc:
            top, bottom = y - side / 2 + inset, y + self._foot(side, letters)
        else:
            top, bottom = y - height / 2 + inset, y + height / 2 - inset
        room = bottom - band - top
        line = bottom - letters * (DESCENT + LEADING * (self.lines - 1)) - self.pen_width / 2
        return Cell(x, y, width, height, self.disc, room, top + room / 2, line, letters)

    def check_letters(self, side: float, text: str) -> None:
        """Raises UserError when captions, of which ``text`` is the longest, cannot be read in cells of this size."""
        least = least_height(self.pen_width)
        if self.lines and self.letters(side) < least - 1e-9:
            raise UserError(
                f"captions such as '{text}' do not fit: in cells {side:.1f} mm wide their letters would be "
                f"{self.letters(side):.2g} mm high, and below {least:.2g} mm nobody reads them; take fewer cells, "
                "a larger paper or a finer pen"
            )

    def _inset(self, side: float) -> float:
        return max(INSET * side, 2 * self.pen_width) if self.frame else 0.0

    def _band(self, letters: float) -> float:
        """Height of the caption, with the air above it."""
        if not self.lines:
            return 0.0
        return letters * (ABOVE + 1 + LEADING * (self.lines - 1) + DESCENT) + self.pen_width

    def _foot(self, side: float, letters: float) -> float:
        """How far under a disc's middle its caption may reach: where the disc is still as wide as its last line."""
        radius = side / 2 - self._inset(side)
        if not self.lines:
            return radius
        half = min((self.longest * letters + self.pen_width) / 2, radius)
        return math.sqrt(radius**2 - half**2)
