"""The lines of an SVG, apart by the groups at its top, in the order in which they are drawn.

All the work on shapes is svgelements', but for polylines without attributes of their own: these are as many as a plot
has lines, and svgelements takes a hundred microseconds for each. Of neighbours only the first is shown to it, and its
place on the page holds for all.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import svgelements as se
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.strokes.sketch import Line
from plotsketch.strokes.svg import shape_lines

SVG = "{http://www.w3.org/2000/svg}"
KEY, RUN = "plotsketch-layer", "plotsketch-run"  # attributes that find their way through svgelements
SEPARATOR = re.compile(r"[\s,]+")
PLAIN = re.compile(r"[-+0-9.eE,\s]*")


@dataclass(frozen=True)
class SvgLayer:
    """What is drawn of a group: ``lines`` (k, 2) in px, k at least 1; the ``colour`` (``#rrggbb``) and the ``width``
    (px) of its strokes where they all share one."""

    key: str
    lines: list[Line]
    colour: str | None
    width: float | None


@np.errstate(all="ignore")  # overflow ends in coordinates that the caller refuses
def read_layers(root: ElementTree.Element, name: str, tolerance: float) -> list[SvgLayer]:
    """The lines of each group at the top that has the attribute ``KEY``; curves are cut within ``tolerance`` px.

    ``root`` is safe (`svg_guard`), has its size in px, and is changed. Hidden shapes are not drawn, those without
    stroke and fill are, as plotters' software does; a shape that is only filled gives its outline. Raises UserError,
    naming ``name``, for what cannot be understood.
    """
    runs = _taken_out(root)
    try:
        # transforms are left to us: svgelements would take a skewed circle for an upright ellipse
        svg = se.SVG.parse(io.BytesIO(ElementTree.tostring(root)), reify=False, on_error="raise")
        groups = [group for group in svg if isinstance(group, se.Group) and KEY in group.values]
        return [_layer(group, runs, tolerance) for group in groups]
    except Exception as error:  # svgelements has no error of its own: odd values raise just about anything
        raise UserError(f"{name} has a path, shape or transform with values that cannot be understood") from error


def _layer(group: se.Group, runs: list[list[Line]], tolerance: float) -> SvgLayer:
    lines: list[Line] = []
    colours: set[str | None] = set()
    widths: set[float | None] = set()
    for shape in group.select(lambda element: isinstance(element, se.Shape)):
        if shape.values.get("visibility", "visible") in ("hidden", "collapse"):
            continue
        run = shape.values.get(RUN)
        found = shape_lines(shape, tolerance) if run is None else _placed(runs[int(run)], shape.transform)
        if found:
            lines += found
            colours.add(_colour(shape))
            widths.add(_width(shape))
    return SvgLayer(
        group.values[KEY],
        lines,
        colours.pop() if len(colours) == 1 else None,
        widths.pop() if len(widths) == 1 else None,
    )


def _colour(shape: se.Shape) -> str | None:
    colour = shape.stroke
    return None if colour is None or colour.value is None else str(colour.hexrgb)


def _width(shape: se.Shape) -> float | None:
    width = shape.implicit_stroke_width
    return float(width) if width is not None and 0 < width < math.inf else None


def _taken_out(root: ElementTree.Element) -> list[list[Line]]:
    """The points of runs of plain polylines, all but the first of each taken out of the tree."""
    runs: list[list[Line]] = []
    for parent in root.iter():
        kept: list[ElementTree.Element] = []
        for is_plain, elements in _runs_of(parent):
            lines = _points([element.attrib["points"] for element in elements]) if is_plain else None
            if lines is None:
                kept += elements
            else:
                elements[0].set(RUN, str(len(runs)))
                runs.append(lines)
                kept.append(elements[0])
        if len(kept) < len(parent):
            parent[:] = kept
    return runs


def _runs_of(parent: ElementTree.Element) -> Iterator[tuple[bool, list[ElementTree.Element]]]:
    """The children in their order: neighbours that are plain polylines together, others together."""
    together: list[ElementTree.Element] = []
    was_plain = False
    for child in parent:
        is_plain = child.tag == f"{SVG}polyline" and child.keys() == ["points"] and not len(child)
        if together and is_plain != was_plain:
            yield was_plain, together
            together = []
        was_plain = is_plain
        together.append(child)
    if together:
        yield was_plain, together


def _points(texts: list[str]) -> list[Line] | None:
    """The points of polylines, None where one has not pairs of plain numbers."""
    if not all(PLAIN.fullmatch(text) for text in texts):
        return None
    words = [SEPARATOR.sub(" ", text).split() for text in texts]
    counts = [len(numbers) for numbers in words]
    if any(count % 2 or count < 4 for count in counts):
        return None
    try:
        flat = np.array([float(word) for numbers in words for word in numbers]).reshape(-1, 2)
    except ValueError:  # such as 1-2, which is two numbers
        return None
    return np.split(flat, np.cumsum(counts[:-1]) // 2)


def _placed(lines: list[Line], matrix: se.Matrix) -> list[Line]:
    points = np.concatenate(lines)
    x, y = points[:, 0], points[:, 1]
    columns = [x * matrix.a + y * matrix.c + matrix.e, x * matrix.b + y * matrix.d + matrix.f]
    moved: NDArray[np.float64] = np.stack(columns, axis=1)
    return np.split(moved, np.cumsum([len(line) for line in lines[:-1]]))
