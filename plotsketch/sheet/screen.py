"""A picture for the screen as a document: pixels of 1/96 inch."""

from __future__ import annotations

from collections.abc import Sequence

import vpype

from plotsketch.sheet.document import PX_PER_MM, Pen, to_document
from plotsketch.sheet.paper import Paper
from plotsketch.strokes.sketch import Line, Sketch


def document_of(lines: Sequence[Line], size: int, pen: float) -> vpype.Document:
    """``lines`` (n, 2) and a black ``pen``, in pixels, on a page of ``size`` by ``size`` pixels."""
    side = size / PX_PER_MM
    return to_document([Sketch(tuple(lines)).scaled(1 / PX_PER_MM)], Paper(side, side), Pen(width=pen / PX_PER_MM))
