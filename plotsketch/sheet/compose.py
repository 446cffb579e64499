"""Figures to a document: laid into cells, each part in the layer of its pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import vpype

from plotsketch.errors import UserError
from plotsketch.sheet.captions import caption_lines, captions, is_sign
from plotsketch.sheet.document import Pen, to_layers
from plotsketch.sheet.inks import Pens, told_apart
from plotsketch.sheet.layout import Layout, lay_out
from plotsketch.sheet.place import held, place_figures
from plotsketch.sheet.style import Style
from plotsketch.sheet.words import inscriptions
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch


def compose(figures: Sequence[Figure], rows: int, cols: int, style: Style, arrangement: str = "grid") -> vpype.Document:
    """One layer a pen, its lines in an order in which a pen does not fly back.

    ``arrangement`` is the plate's own; the style's goes before it. Raises UserError for what has no room.
    """
    if style.captions == "labels" and not any(captions(figure, "labels") for figure in figures):
        raise UserError("no drawing on this sheet has a label; take --captions references")
    layout = lay_out(figures, rows, cols, style, arrangement)
    pens = Pens(style.holder, style.pen_by, style.pen_width, figures)
    drawn: dict[Pen, list[Sketch]] = {}
    for pen, sketch in _drawn(figures, layout, style, pens):
        drawn.setdefault(pen, []).append(sketch)
    order = pens.in_order(drawn)
    names = told_apart(order)
    return to_layers({name: drawn[pen] for name, pen in zip(names, order, strict=True)}, style.paper)


def _drawn(figures: Sequence[Figure], layout: Layout, style: Style, pens: Pens) -> Iterator[tuple[Pen, Sketch]]:
    """All that stands on the sheet, from the title down to the signature, with the pen that draws it."""
    above, below = inscriptions(style)
    placed = place_figures(figures, layout, style.widest)
    yield from ((pens.first, sketch) for sketch in above)
    for place in layout.order:
        figure, cell = placed[place], layout.cells[place]
        if style.frame and not is_sign(figure):
            yield pens.first, cell.frame(style.pen.width)
        if style.levers is not None:
            figure = held(_cleaned(figure, style), cell, style.widest)
        yield from ((pens.of(part.role, figure), part.sketch) for part in figure.parts)
        yield from ((pens.first, sketch) for sketch in caption_lines(figure, style.captions, cell))
    yield from ((pens.first, sketch) for sketch in below)


def _cleaned(figure: Figure, style: Style) -> Figure:
    from plotsketch.strokes.clean import clean

    assert style.levers is not None
    return replace(figure, parts=tuple(Part(clean(part.sketch, style.levers), part.role) for part in figure.parts))
