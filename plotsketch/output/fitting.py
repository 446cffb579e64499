"""What does not fit a machine: refused with the overhang named, clipped or scaled, and never lost unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import vpype

from plotsketch.errors import UserError
from plotsketch.output.formats import Oversize as Oversize
from plotsketch.output.layers import MM_PER_PX

Area = tuple[float, float, float, float]
SLACK = 0.0005  # mm: coordinates are written in micrometres at best
SAME_SIZE = 1e-6  # of its size, by which a drawing may shrink unsaid: less than a micrometre a metre


def overhangs(document: vpype.Document, area: Area) -> dict[str, float]:
    """By how many mm lines lie beyond each side of ``area`` (left, top, right, bottom, mm on the page); only sides
    where they do. Raises UserError for a document without lines."""
    bounds = document.bounds()
    if bounds is None:
        raise UserError("the sheet has no lines to draw")
    low_x, low_y, high_x, high_y = (MM_PER_PX * bound for bound in bounds)
    return beyond((low_x, low_y, high_x, high_y), area)


def beyond(bounds: Area, area: Area) -> dict[str, float]:
    """By how many mm ``bounds`` lie beyond each side of ``area``, both left, top, right, bottom; only where they do."""
    low_x, low_y, high_x, high_y = bounds
    left, top, right, bottom = area
    distances = {"left": left - low_x, "top": top - low_y, "right": high_x - right, "bottom": high_y - bottom}
    return {side: distance for side, distance in distances.items() if distance > SLACK}


def fitted(document: vpype.Document, area: Area, oversize: Oversize, whose: str) -> vpype.Document:
    """The document with all its lines in ``area`` (left, top, right, bottom, mm on the page), which is ``whose``.

    What already fits comes back as it is. ``clip`` cuts lines at the area's edges; ``scale`` makes the drawing as much
    smaller as need be, and moves it no farther than to the area's nearest edges. Both leave the page's size. Raises
    UserError where lines lie outside and are to be refused (naming the overhang of each side), or when nothing is left.
    """
    too_far = overhangs(document, area)
    if not too_far:
        return document
    if oversize == "refuse":
        raise refusal(too_far, area, whose)
    return _clipped(document, area, whose) if oversize == "clip" else _scaled(document, area)


def refusal(too_far: Mapping[str, float], area: Area, whose: str) -> UserError:
    """What is said of a drawing that lies mm beyond sides of what ``whose`` pen reaches."""
    left, top, right, bottom = area
    sides = ", ".join(f"{distance:.2f} mm at the {side}" for side, distance in too_far.items())
    return UserError(
        f"the drawing goes beyond what {whose} can draw, {right - left:g} x {bottom - top:g} mm on this page: "
        f"{sides}; choose other paper, or --oversize scale or clip"
    )


def changes(before: vpype.Document, after: vpype.Document, oversize: Oversize, whose: str) -> Iterator[str]:
    """What `fitted` made of a document, a line at most: how much it cut off, how much smaller or where it made it."""
    old, new = before.bounds(), after.bounds()
    if oversize == "refuse" or old is None or new is None or np.allclose(old, new, rtol=0, atol=SLACK / MM_PER_PX):
        return
    if oversize == "clip":
        lost = (before.length() - after.length()) * MM_PER_PX
        yield f"--oversize clip: {lost:.1f} mm of ink lie beyond what {whose} can draw, and are cut off"
        return
    sizes = [(new[side + 2] - new[side], old[side + 2] - old[side]) for side in (0, 1)]
    scale = min([now / was for now, was in sizes if was > 0], default=1.0)
    if scale < 1 - SAME_SIZE:
        yield f"--oversize scale: {whose} draws all at {scale:.2%} of its size"
    else:
        right, down = ((new[side] - old[side]) * MM_PER_PX for side in (0, 1))
        yield f"--oversize scale: {whose} draws all at its size, moved {right:+.2f} mm across and {down:+.2f} mm down"


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
