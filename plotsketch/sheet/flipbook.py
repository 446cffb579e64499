"""A flip-book: a film's frames on sheets of paper, to be cut apart, stacked by their numbers and bound at the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.sheet.document import Pen, to_layers
from plotsketch.sheet.inks import INKS
from plotsketch.sheet.letters import least_height, width, written
from plotsketch.sheet.paper import PAPERS, Paper
from plotsketch.strokes.sketch import Sketch

AIR = 2.0  # mm of white around a picture
ARM = 2.0  # mm of a cut mark on each side of a corner
NUMBER = 2.2  # mm, height of the numbers
SMALLEST = 5.0  # mm, a picture's side


@dataclass(frozen=True)
class FlipBook:
    """``page`` is what is cut out: ``binding`` at its left, with the number, and a square picture in the rest.

    As many pages as go are in the middle of ``paper``, side by side, so that one cut parts two. Lengths are
    millimetres. Raises UserError where there is no room.
    """

    paper: Paper = field(default_factory=lambda: Paper(*PAPERS["a4"]))
    page: Paper = field(default_factory=lambda: Paper(60.0, 40.0))
    margin: float = 10.0
    binding: float = 15.0
    pen_width: float = 0.3

    def __post_init__(self) -> None:
        if self.pen_width <= 0:
            raise UserError(f"a pen of {self.pen_width:g} mm draws nothing; give a --pen-width such as 0.3mm")
        if min(self.rows, self.cols) < 1:
            raise UserError(
                f"a page of {self.page} has no room on {self.paper} with a margin of {self.margin:g} mm; "
                "take a larger --paper or a smaller --page"
            )
        if self.side < SMALLEST:
            raise UserError(
                f"a page of {self.page} with a binding of {self.binding:g} mm leaves no room for a picture; "
                "take a larger --page or a smaller --binding"
            )

    @property
    def rows(self) -> int:
        return _times(self.paper.height - 2 * self.margin, self.page.height)

    @property
    def cols(self) -> int:
        return _times(self.paper.width - 2 * self.margin, self.page.width)

    @property
    def side(self) -> float:
        """Of the square picture."""
        return min(self.page.width - self.binding, self.page.height) - 2 * AIR - self.pen_width

    def sheets(self, frames: int) -> int:
        """How many sheets of paper so many frames need."""
        return -(-frames // (self.rows * self.cols))

    def corner(self, place: int) -> tuple[float, float]:
        """Top left corner of a page on its sheet; they are counted left to right, then top to bottom."""
        row, col = divmod(place, self.cols)
        left = (self.paper.width - self.cols * self.page.width) / 2
        top = (self.paper.height - self.rows * self.page.height) / 2
        return left + col * self.page.width, top + row * self.page.height

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def bind(frames: Sequence[Sketch], book: FlipBook) -> list[vpype.Document]:
    """Sheets for frames in the square from (0, 0) to (1, 1): drawings in a black layer, marks and numbers in a grey."""
    per_sheet = book.rows * book.cols
    return [_sheet(frames[first : first + per_sheet], first + 1, book) for first in range(0, len(frames), per_sheet)]


def _sheet(frames: Sequence[Sketch], number: int, book: FlipBook) -> vpype.Document:
    corners = [book.corner(place) for place in range(len(frames))]
    drawings = [_picture(frame, corner, book) for frame, corner in zip(frames, corners, strict=True)]
    signs = [Sketch(tuple(_cut_marks(corners, book)))]
    signs += [_number(number + place, corner, book) for place, corner in enumerate(corners)]
    pens = Pen("drawings", book.pen_width), Pen("marks", book.pen_width, INKS["grey"])
    return to_layers({pens[0]: drawings, pens[1]: signs}, book.paper)


def _picture(frame: Sketch, corner: tuple[float, float], book: FlipBook) -> Sketch:
    x = corner[0] + book.binding + (book.page.width - book.binding - book.side) / 2
    y = corner[1] + (book.page.height - book.side) / 2
    return frame.scaled(book.side).translated(x, y)


def _cut_marks(corners: Sequence[tuple[float, float]], book: FlipBook) -> list[NDArray[np.float64]]:
    """A cross at every corner of a page, once where pages meet, and a tick at each end of a fold along the binding."""
    across, down = book.page.width, book.page.height
    arm = min(ARM, book.margin) or ARM
    lines = []
    meeting = dict.fromkeys(
        (round(x + dx, 6), round(y + dy, 6)) for x, y in corners for dy in (0, down) for dx in (0, across)
    )
    for x, y in meeting:
        lines += [np.array([(x - arm, y), (x + arm, y)]), np.array([(x, y - arm), (x, y + arm)])]
    for x, y in corners if book.binding else ():
        fold = x + book.binding
        lines += [np.array([(fold, y), (fold, y + ARM)]), np.array([(fold, y + down - ARM), (fold, y + down)])]
    return lines


def _number(number: int, corner: tuple[float, float], book: FlipBook) -> Sketch:
    """In the middle of the binding, or at the left edge of a page that has none to speak of."""
    height = max(NUMBER, least_height(book.pen_width))
    left = max((book.binding - width(str(number)) * height) / 2, AIR)
    return written(str(number), height).translated(corner[0] + left, corner[1] + (book.page.height + height) / 2)


def _times(room: float, size: float) -> int:
    """How often a length goes into the room, a hair's breadth of rounding forgiven."""
    return int((room + 1e-6) / size)
