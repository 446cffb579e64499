"""What every format reads from a document: the page and its layers, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode, label_of, parse
from plotsketch.lines.units import DEFAULT_PEN_WIDTH as DEFAULT_PEN_WIDTH
from plotsketch.lines.units import MM_PER_PX as MM_PER_PX
from plotsketch.sheet.document import FILLED as FILLED

LEFT_OUT = "plotsketch_left_out"  # property of a document: what of its file is not drawn, or is a guess, a line each
FILE_SPEED = "plotsketch_mm_s"  # property of a layer: the speed at which its file, HPGL or G-code, draws it
ALL_SKIPPED = "every layer of the sheet has a label that begins with %, which says that it is not plotted"


@dataclass(frozen=True)
class Layer:
    """Lines (k, 2) in mm in drawing order; ``pen_width`` in mm; ``colour`` as ``#rrggbb``; where ``filled``, ``rings``
    have ink inside: one that runs the other way round within another is a hole. ``mm_s`` is the speed in its file."""

    number: int
    label: str
    colour: str
    pen_width: float
    lines: list[NDArray[np.float64]]
    filled: bool = False
    mm_s: float | None = None

    @property
    def rings(self) -> list[NDArray[np.float64]]:
        """The closed lines of a filled layer, none of another."""
        closed = (line for line in self.lines if len(line) > 3 and np.allclose(line[0], line[-1], rtol=0, atol=1e-6))
        return list(closed) if self.filled else []

    @property
    def code(self) -> LayerCode:
        """What the label tells an AxiDraw, such as that the layer is not to be plotted; also the layer's number and the
        speed that its file sets."""
        return replace(parse(self.label), number=self.number, mm_s=self.mm_s)


def page_size(document: vpype.Document) -> tuple[float, float]:
    """Width and height in mm. Raises ValueError for a document without a page."""
    if document.page_size is None:
        raise ValueError("the document has no page size")
    width, height = document.page_size
    return width * MM_PER_PX, height * MM_PER_PX


def layers(document: vpype.Document) -> list[Layer]:
    """The layers in the order of their numbers."""
    return [_layer(number, document.layers[number]) for number in sorted(document.layers)]


def check_numbers(document: vpype.Document) -> None:
    """Raises UserError for coordinates that are no numbers."""
    for number, layer in document.layers.items():
        if not all(np.isfinite(line).all() for line in layer):
            raise UserError(f"layer {number} of the sheet has coordinates that are no numbers")


def plotted(document: vpype.Document) -> vpype.Document:
    """The document without the layers that their labels tell to skip. Raises UserError where no line is left."""
    skipped = {layer.number for layer in layers(document) if layer.code.skip}
    if not skipped:
        return document
    result = document.empty_copy(keep_layers=False)
    for number, lines in document.layers.items():
        if number not in skipped:
            result.add(lines, number, with_metadata=True)
    if result.is_empty():
        raise UserError(ALL_SKIPPED)
    return result


def mean_speed(lengths: NDArray[np.float64], speeds: NDArray[np.float64]) -> float | None:
    """The one speed in mm/s at which lines of ``lengths`` mm (n,) take as long as at ``speeds`` (n,) mm/s of their own.

    Speeds that are no numbers above 0 are of lines of which nothing is known. None where nothing is known of any.
    """
    known = np.isfinite(speeds) & (speeds > 0)
    lengths, speeds = lengths[known], speeds[known]
    if not len(speeds):
        return None
    if (speeds == speeds[0]).all() or not lengths.any():
        return float(speeds[0])
    return float(lengths.sum() / (lengths / speeds).sum())


def ink_length(document: vpype.Document) -> float:
    """Millimetres that the pen draws."""
    return float(document.length() * MM_PER_PX)


def _layer(number: int, lines: vpype.LineCollection) -> Layer:
    colour = lines.property(vpype.METADATA_FIELD_COLOR)
    width = lines.property(vpype.METADATA_FIELD_PEN_WIDTH)
    return Layer(
        number=number,
        label=label_of(number, lines.property(vpype.METADATA_FIELD_NAME) or ""),
        colour=vpype.Color(colour).as_rgb_hex() if colour is not None else "#000000",
        pen_width=width * MM_PER_PX if width is not None else DEFAULT_PEN_WIDTH,
        lines=[vpype.as_vector(np.ascontiguousarray(line)) * MM_PER_PX for line in lines],
        filled=bool(lines.property(FILLED)),
        mm_s=lines.property(FILE_SPEED),
    )
