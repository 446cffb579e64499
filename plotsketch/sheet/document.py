"""Placed sketches as a vpype document: the one form in which a sheet is ordered, joined, written and plotted.

vpype counts in CSS pixels, 96 to an inch; everything else here is in millimetres. This module is the
border on the way in, ``output.layers`` on the way out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import vpype

from plotsketch.sheet.dots import visible
from plotsketch.sheet.paper import Paper
from plotsketch.strokes.sketch import Line, Sketch

PX_PER_MM = 96 / 25.4
FILLED = "plotsketch_filled"  # property of a layer whose closed lines have ink inside, in pictures and PDF


@dataclass(frozen=True)
class Pen:
    """What one layer is drawn with: its name, the line's ``width`` in mm, and a colour as ``#rrggbb``."""

    name: str = "black"
    width: float = 0.3
    colour: str = "#000000"


def to_document(sketches: Iterable[Sketch], paper: Paper, pen: Pen) -> vpype.Document:
    """One layer: the lines of ``sketches`` (millimetres on the paper) in drawing order."""
    return to_layers({pen: list(sketches)}, paper)


def to_layers(drawn: Mapping[Pen, Sequence[Sketch]], paper: Paper) -> vpype.Document:
    """A layer a pen, numbered from 1 in the order given."""
    document = vpype.Document(page_size=(paper.width * PX_PER_MM, paper.height * PX_PER_MM))
    for number, (pen, sketches) in enumerate(drawn.items(), start=1):
        lines = (visible(line) for sketch in sketches for line in sketch.lines)
        document.add(layer_of(lines, pen), number, with_metadata=True)
    return document


def layer_of(lines: Iterable[Line], pen: Pen) -> vpype.LineCollection:
    """Lines (k, 2) in mm, as they are, in drawing order."""
    layer = vpype.LineCollection()
    for line in lines:
        layer.append(line @ np.array([1, 1j]) * PX_PER_MM)
    layer.set_property(vpype.METADATA_FIELD_NAME, pen.name)
    layer.set_property(vpype.METADATA_FIELD_COLOR, pen.colour)
    layer.set_property(vpype.METADATA_FIELD_PEN_WIDTH, pen.width * PX_PER_MM)
    return layer
