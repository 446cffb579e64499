"""What does not fit a machine: refused with the overhang named, clipped or scaled, and never lost unsaid."""

from __future__ import annotations

import numpy as np
import vpype

from plotsketch.errors import UserError
from plotsketch.output.formats import Oversize as Oversize
from plotsketch.output.layers import MM_PER_PX

Area = tuple[float, float, float, float]
SLACK = 0.0005  # mm: coordinates are written in micrometres at best


def overhangs(document: vpype.Document, area: Area) -> dict[str, float]:
    """By how many mm lines lie beyond each side of ``area`` (left, top, right, bottom, mm on the page); only sides
    where they do. Raises UserError for a document without lines."""
    bounds = document.bounds()
    if bounds is None:
        raise UserError("the sheet has no lines to draw")
    low_x, low_y, high_x, high_y = (MM_PER_PX * bound for bound in bounds)
    left, top, right, bottom = area
    beyond = {"left": left - low_x, "top": top - low_y, "right": high_x - right, "bottom": high_y - bottom}
    return {side: distance for side, distance in beyond.items() if distance > SLACK}


def fitted(document: vpype.Document, area: Area, oversize: Oversize, whose: str) -> vpype.Document:
    """The document with all its lines in ``area`` (left, top, right, bottom, mm on the page), which is ``whose``.

    What already fits comes back as it is. ``clip`` cuts lines at the area's edges; ``scale`` makes the drawing as much
    smaller as need be, and moves it no farther than to the area's nearest edges. Both leave the page's size. Raises
    UserError where lines lie outside and are to be refused (naming the overhang of each side), or when nothing is left.
    """
    beyond = overhangs(document, area)
    if not beyond:
        return document
    if oversize == "refuse":
        left, top, right, bottom = area
        sides = ", ".join(f"{distance:.2f} mm at the {side}" for side, distance in beyond.items())
        raise UserError(
            f"the drawing goes beyond what {whose} can draw, {right - left:g} x {bottom - top:g} mm on this page: "
            f"{sides}; choose other paper, or --oversize scale or clip"
        )
    return _clipped(document, area, whose) if oversize == "clip" else _scaled(document, area)


def _clipped(document: vpype.Document, area: Area, whose: str) -> vpype.Document:
    left, top, right, bottom = (length / MM_PER_PX for length in area)
    result = _copy(document)
    result.crop(left, top, right, bottom)
    if result.is_empty():
        raise UserError(f"no line of the drawing lies in what {whose} can draw; choose other paper or --oversize scale")
    return result


def _scaled(document: vpype.Document, area: Area) -> vpype.Document:
    left, top, right, bottom = (length / MM_PER_PX for length in area)
    result = _copy(document)
    low_x, low_y, high_x, high_y = result.bounds() or (0.0, 0.0, 0.0, 0.0)
    sides = [(right - left, high_x - low_x), (bottom - top, high_y - low_y)]
    ratios = [room / size for room, size in sides if size > 0]
    scale = min([1.0, *ratios])
    result.translate(-low_x, -low_y)
    result.scale(scale)
    x = np.clip(low_x, left, right - (high_x - low_x) * scale)
    y = np.clip(low_y, top, bottom - (high_y - low_y) * scale)
    result.translate(float(x), float(y))
    return result


def _copy(document: vpype.Document) -> vpype.Document:
    """The document with lines of its own; translate and crop change lines in place."""
    result = document.empty_copy(keep_layers=False)
    for number, layer in document.layers.items():
        result.add(layer.clone([line.copy() for line in layer]), number, with_metadata=True)
    return result
