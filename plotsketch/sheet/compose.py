"""Figures to a document: laid into cells, each part in the layer of its pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from plotsketch.strokes.clean import Levers


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
    cleaned = [] if style.levers is None else _cleaned(placed, style.levers)
    yield from ((pens.first, sketch) for sketch in above)
    for place in layout.order:
        figure, cell = placed[place], layout.cells[place]
        if style.frame and not is_sign(figure):
            yield pens.first, cell.frame(style.pen.width)
        if style.levers is not None:
            figure = held(cleaned[place], cell, style.widest)
        yield from ((pens.of(part.role, figure), part.sketch) for part in figure.parts)
        yield from ((pens.first, sketch) for sketch in caption_lines(figure, style.captions, cell))
    yield from ((pens.first, sketch) for sketch in below)


def _cleaned(figures: Sequence[Figure], levers: Levers) -> list[Figure]:
    """Raises UserError where nothing of the drawings is left."""
    from plotsketch.strokes.clean import clean

    done = [
        replace(figure, parts=tuple(Part(clean(part.sketch, levers), part.role) for part in figure.parts))
        for figure in figures
    ]
    if _has_ink(figures) and not _has_ink(done):
        raise UserError("--drop-short and --drop-dots leave no line of any drawing; take a smaller --drop-short")
    return done


def _has_ink(figures: Sequence[Figure]) -> bool:
    return any(part.sketch.lines for figure in figures for part in figure.parts)
