"""What stands in one place of a sheet: a drawing, or several in one frame of coordinates, each in a pen of its own."""

from __future__ import annotations

from dataclasses import dataclass

from .sketch import Sketch


@dataclass(frozen=True, eq=False)
class Part:
    """Lines of a figure in one pen. ``role`` says what they are: drawing, input, given, sign ..."""

    sketch: Sketch
    role: str = "drawing"


@dataclass(frozen=True, eq=False)
class Figure:
    """Parts that share a frame of coordinates, in a cell (``row`` and ``col`` count from 0).

    ``label`` is a word for the caption beside the cell's reference, ``group`` what the figure belongs to (a class, an
    input), for pens by group. ``at`` (x, y), from 0 to 1, is the place of a figure on a map, which has no cells;
    ``size`` makes one larger or smaller than the others.
    """

    parts: tuple[Part, ...]
    row: int
    col: int
    label: str = ""
    group: str = ""
    at: tuple[float, float] | None = None
    size: float = 1.0

    @property
    def reference(self) -> str:
        """As a cell is called: r1c1 at the top left."""
        return f"r{self.row + 1}c{self.col + 1}"

    @property
    def is_drawn(self) -> bool:
        """Whether it is a drawing or has one among its parts, and is no sign and no input that stands beside one."""
        return any(part.role == "drawing" for part in self.parts)

    @property
    def finished(self) -> bool:
        return all(part.sketch.finished for part in self.parts)

    @property
    def outline(self) -> Sketch:
        """All lines of all parts as one sketch."""
        return Sketch(tuple(line for part in self.parts for line in part.sketch.lines), self.finished)
