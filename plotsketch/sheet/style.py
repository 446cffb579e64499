"""How a sheet looks, apart from what is drawn on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from plotsketch.sheet.document import Pen
from plotsketch.sheet.paper import PAPERS, Paper

# Pens of the parts that are not the drawing itself, where the user names none.
ROLES = {
    "drawing": Pen(),
    "input": Pen("grey", 0.3, "#8c8c8c"),
    "given": Pen("red", 0.3, "#d42a1e"),
    "sign": Pen("grey", 0.3, "#8c8c8c"),
}


@dataclass(frozen=True)
class Style:
    """Paper, white and pens. Lengths are millimetres.

    ``gutter`` is the least distance between drawings (None: a share of the cell). ``pen`` draws the figures' role
    ``drawing``; other roles have pens of their own, of the same width.
    """

    paper: Paper = field(default_factory=lambda: Paper(*PAPERS["a4"]))
    margin: float = 10.0
    gutter: float | None = None
    pen: Pen = field(default_factory=Pen)
