"""Figures to a document: laid into cells, each part in the layer of its pen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import vpype

from plotsketch.sheet.cells import Layout, place_figures
from plotsketch.sheet.document import Pen, to_layers
from plotsketch.sheet.style import ROLES, Style
from plotsketch.strokes.figure import Figure
from plotsketch.strokes.sketch import Sketch


def layout_of(rows: int, cols: int, style: Style) -> Layout:
    """Raises UserError when the paper has no room for so many cells."""
    return Layout(style.paper, rows, cols, style.margin, style.gutter, style.pen.width)


def compose(figures: Sequence[Figure], rows: int, cols: int, style: Style) -> vpype.Document:
    """One layer a pen, its lines in the order in which a pen goes back and forth over the rows."""
    layout = layout_of(rows, cols, style)
    placed = {(figure.row, figure.col): figure for figure in place_figures(figures, layout)}
    layers: dict[Pen, list[Sketch]] = {}
    for cell in layout.snake():
        figure = placed.get(divmod(cell, cols))
        for part in figure.parts if figure else ():
            layers.setdefault(_pen(part.role, style), []).append(part.sketch)
    return to_layers(layers, style.paper)


def _pen(role: str, style: Style) -> Pen:
    return style.pen if role == "drawing" else replace(ROLES[role], width=style.pen.width)
