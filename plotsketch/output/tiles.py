"""The pages of a large sheet as documents, and a drawing of how they go together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import vpype

from plotsketch.output.layers import MM_PER_PX, Layer, layers, page_size
from plotsketch.sheet.clip import Box, clipped
from plotsketch.sheet.document import PX_PER_MM, Pen
from plotsketch.sheet.paper import Paper
from plotsketch.sheet.tile_marks import overview_marks, page_marks
from plotsketch.sheet.tiling import Tiling, area_within
from plotsketch.strokes.sketch import Line

MARKS = Pen("marks", 0.2, "#8c8c8c")
CUTS = Pen("pages", 0.4, "#d42a1e")
THINNEST = 0.05  # mm: no pen of an overview is thinner, however much smaller than the sheet it is


def page(
    document: vpype.Document, tiling: Tiling, place: tuple[int, int], paper: Paper, margin: float, *, marks: bool
) -> vpype.Document | None:
    """One page (``place``: row and column from 0) with its part of the sheet at the inner corner of the margins.

    Layers keep numbers, names, colours and pens; one without lines here is left out, and marks are a layer behind all
    others. None where no line is on the page.
    """
    window = tiling.window(*place)
    shift = np.array([margin - window[0], margin - window[1]])
    result = vpype.Document(page_size=(paper.width * PX_PER_MM, paper.height * PX_PER_MM))
    for layer in layers(document):
        lines = _within(layer, window)
        if lines:
            _add(result, (line + shift for line in lines), layer.number, document.layers[layer.number])
    if result.is_empty():
        return None
    if marks:
        _draw(result, (line + shift for line in page_marks(tiling, *place)), max(document.layers) + 1, MARKS)
    return result


def overview(document: vpype.Document, tiling: Tiling, paper: Paper, margin: float) -> vpype.Document:
    """The whole sheet, as large as it fits ``paper``, with cuts, overlaps and the pages' names over it."""
    width, height = page_size(document)
    scale = min((paper.width - 2 * margin) / width, (paper.height - 2 * margin) / height, 1.0)
    shift = np.array([paper.width - width * scale, paper.height - height * scale]) / 2
    result = vpype.Document(page_size=(paper.width * PX_PER_MM, paper.height * PX_PER_MM))
    for layer in layers(document):
        drawn = (line * scale + shift for line in clipped(layer.lines, (0.0, 0.0, width, height)))
        _add(result, drawn, layer.number, document.layers[layer.number])
        pen = max(layer.pen_width * scale, THINNEST) / MM_PER_PX
        result.layers[layer.number].set_property(vpype.METADATA_FIELD_PEN_WIDTH, pen)
    _draw(result, (line + shift for line in overview_marks(tiling, scale)), max(document.layers) + 1, CUTS)
    return result


def _within(layer: Layer, window: Box) -> list[Line]:
    """The lines of a layer in a part of the sheet; areas with ink inside stay areas."""
    if not layer.filled:
        return clipped(layer.lines, window)
    rings = {id(ring) for ring in layer.rings}
    return [
        piece
        for line in layer.lines
        for piece in (area_within(line, window) if id(line) in rings else clipped([line], window))
    ]


def _add(document: vpype.Document, lines: Iterable[Line], number: int, like: vpype.LineCollection) -> None:
    """Adds lines in mm as a layer that is ``like`` another in all but its lines."""
    document.add(like.clone([line @ np.array([1, 1j]) / MM_PER_PX for line in lines]), number, with_metadata=True)


def _draw(document: vpype.Document, lines: Iterable[Line], number: int, pen: Pen) -> None:
    like = vpype.LineCollection()
    like.set_property(vpype.METADATA_FIELD_NAME, pen.name)
    like.set_property(vpype.METADATA_FIELD_COLOR, pen.colour)
    like.set_property(vpype.METADATA_FIELD_PEN_WIDTH, pen.width * PX_PER_MM)
    _add(document, lines, number, like)
