"""What every format reads from a document: the page and its layers, in millimetres."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import vpype
from numpy.typing import NDArray

MM_PER_PX = 25.4 / 96
DEFAULT_PEN_WIDTH = 0.3  # mm, for layers from elsewhere that do not name one


@dataclass(frozen=True)
class Layer:
    """Lines (k, 2) in mm in drawing order; ``pen_width`` in mm; ``colour`` as ``#rrggbb``."""

    number: int
    label: str
    colour: str
    pen_width: float
    lines: list[NDArray[np.float64]]


def page_size(document: vpype.Document) -> tuple[float, float]:
    """Width and height in mm. Raises ValueError for a document without a page."""
    if document.page_size is None:
        raise ValueError("the document has no page size")
    width, height = document.page_size
    return width * MM_PER_PX, height * MM_PER_PX


def layers(document: vpype.Document) -> list[Layer]:
    """The layers in the order of their numbers."""
    return [_layer(number, document.layers[number]) for number in sorted(document.layers)]


def ink_length(document: vpype.Document) -> float:
    """Millimetres that the pen draws."""
    return float(document.length() * MM_PER_PX)


def _layer(number: int, lines: vpype.LineCollection) -> Layer:
    colour = lines.property(vpype.METADATA_FIELD_COLOR)
    width = lines.property(vpype.METADATA_FIELD_PEN_WIDTH)
    return Layer(
        number=number,
        label=_label(number, lines.property(vpype.METADATA_FIELD_NAME) or ""),
        colour=vpype.Color(colour).as_rgb_hex() if colour is not None else "#000000",
        pen_width=width * MM_PER_PX if width is not None else DEFAULT_PEN_WIDTH,
        lines=[vpype.as_vector(np.ascontiguousarray(line)) * MM_PER_PX for line in lines],
    )


def _label(number: int, name: str) -> str:
    """vpype and AxiDraw take the first digits of a label for the layer's number, wherever they stand."""
    return name if re.match(rf"{number}(?!\d)", name) else f"{number} {name}".rstrip()
