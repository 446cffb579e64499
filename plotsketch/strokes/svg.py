"""SVG in and out: what a pen would draw of a file's paths and shapes, and a sketch as a file of its own."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import svgelements as se
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.files import write_atomically
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.sketch import Line, Sketch
from plotsketch.strokes.source import check_coordinates, read_whole
from plotsketch.strokes.svg_guard import guarded

LARGEST_FILE = 32 << 20  # bytes
FINENESS = 2000  # without a tolerance, curves are true to this fraction of the drawing's longer side
MOST_PIECES = 1000  # of one curve, however fine the tolerance


def read_svg(path: Path, *, tolerance: float | None = None) -> Drawing:
    """The drawing in an SVG file, in CSS pixels (96 an inch): see ``parse_svg``.

    Raises UserError for a file that is missing, too large, unsafe, no SVG, or without anything to draw.
    """
    data = read_whole(path, LARGEST_FILE)
    if not data.strip():
        raise UserError(f"{path} is empty")
    return Drawing(parse_svg(data, str(path), tolerance=tolerance), source=path.name)


@np.errstate(all="ignore")  # overflow ends in coordinates that are refused
def parse_svg(data: bytes, name: str = "the SVG", *, tolerance: float | None = None) -> Sketch:
    """The lines of an SVG document: paths and shapes with their transforms and viewBox, each subpath a line.

    A curve is cut into chords that stay within ``tolerance`` pixels of it, by default 1/2000 of the drawing's
    longer side. A shape that is only filled gives its outline. Not drawn: text and pictures, definitions,
    hidden shapes, and those with neither stroke nor fill. Raises UserError, naming ``name``.
    """
    subpaths = _subpaths(guarded(data, name), name)
    frame = np.concatenate([subpath.frame() for subpath in subpaths]) if subpaths else np.empty((0, 2))
    if not len(frame):
        raise UserError(
            f"{name} has no paths or shapes to draw (text and pictures do not count; convert text to paths)"
        )
    check_coordinates(frame, name)
    if tolerance is None:
        tolerance = float(np.ptp(frame, axis=0).max()) / FINENESS
    lines = tuple(subpath.flattened(tolerance) for subpath in subpaths)
    for line in lines:
        check_coordinates(line, name)
    return Sketch(lines)


def shape_lines(shape: se.Shape, tolerance: float) -> list[Line]:
    """The subpaths of a shape of svgelements, a line each, where its transform puts them; chords of curves stay within
    ``tolerance`` of them, in the units outside the transform."""
    return [subpath.flattened(tolerance) for subpath in _cut(shape)]


@dataclass(frozen=True)
class _Subpath:
    """Segments drawn without lifting the pen, before their transform, a (3, 2) array: p' = (x, y, 1) @ it."""

    segments: list[Any]
    transform: NDArray[np.float64]

    def frame(self) -> NDArray[np.float64]:
        """Points that hold the line between them, (n, 2), transformed."""
        points = [self.segments[0].start]
        for segment in self.segments:
            points += _frame(segment)
        return self._transformed(np.array([(point.x, point.y) for point in points], dtype=np.float64))

    def flattened(self, tolerance: float) -> Line:
        scale = float(np.linalg.norm(self.transform[:2], ord=2))  # the most that a length can grow
        local = tolerance / scale if scale > 0 else math.inf
        start = self.segments[0].start
        chords = [_chords(segment, local) for segment in self.segments]
        points = np.concatenate([np.array([[start.x, start.y]], dtype=np.float64), *chords])
        if isinstance(self.segments[-1], se.Close) and len(points) > 2 and (points[-1] == points[-2]).all():
            points = points[:-1]  # the path was back at its start before it was closed
        if (points == points[0]).all():
            points = points[:1]
        return self._transformed(points)

    def _transformed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        moved: NDArray[np.float64] = points @ self.transform[:2] + self.transform[2]
        return moved


def _subpaths(data: bytes, name: str) -> list[_Subpath]:
    try:
        # transforms are left to us: svgelements would take a skewed circle for an upright ellipse
        root = se.SVG.parse(io.BytesIO(data), reify=False, on_error="raise")
        shapes = [shape for shape in root.elements() if isinstance(shape, se.Shape) and _is_visible(shape)]
        return [subpath for shape in shapes for subpath in _cut(shape)]
    except Exception as error:  # svgelements has no error of its own: odd values raise just about anything
        raise UserError(f"{name} has a path, shape or transform with values that cannot be understood") from error


def _is_visible(shape: se.Shape) -> bool:
    values = shape.values
    if values.get("visibility", "visible") in ("hidden", "collapse"):
        return False
    return any(values.get(paint, "none") not in ("none", "transparent") for paint in ("stroke", "fill"))


def _cut(shape: se.Shape) -> Iterator[_Subpath]:
    matrix = shape.transform
    transform = np.array([[matrix.a, matrix.b], [matrix.c, matrix.d], [matrix.e, matrix.f]], dtype=np.float64)
    segments: list[Any] = []
    for segment in shape.segments(transformed=False):
        if segments and (isinstance(segment, se.Move) or isinstance(segments[-1], se.Close)):
            yield _Subpath(segments, transform)
            segments = []
        if not isinstance(segment, se.Move) and segment.start is not None and segment.end is not None:
            segments.append(segment)
    if segments:
        yield _Subpath(segments, transform)


def _frame(segment: Any) -> list[Any]:
    match segment:
        case se.QuadraticBezier():
            return [segment.control, segment.end]
        case se.CubicBezier():
            return [segment.control1, segment.control2, segment.end]
        case se.Arc():
            middle, x, y = segment.center, segment.prx - segment.center, segment.pry - segment.center
            return [middle + x, middle - x, middle + y, middle - y, segment.end]
        case _:
            return [segment.end]


def _chords(segment: Any, tolerance: float) -> NDArray[np.float64]:
    """The points (n, 2) after the segment's start between which straight chords stay within ``tolerance``."""
    pieces = _pieces(segment, tolerance)
    if pieces == 1:
        return np.array([(segment.end.x, segment.end.y)], dtype=np.float64)
    points: NDArray[np.float64] = segment.npoint(np.linspace(0, 1, pieces + 1)[1:])
    return points


def _pieces(segment: Any, tolerance: float) -> int:
    """How many equal steps of the parameter keep a curve's chords within ``tolerance``.

    A chord over a step h is off by at most h^2 |B''| / 8, and B'' of a Bezier curve is bounded by the second
    differences of its control points; of an arc by its radius times the angle squared.
    """
    match segment:
        case se.QuadraticBezier():
            bend = 2 * abs(segment.start - segment.control * 2 + segment.end)
        case se.CubicBezier():
            first = segment.start - segment.control1 * 2 + segment.control2
            bend = 6 * max(abs(first), abs(segment.control1 - segment.control2 * 2 + segment.end))
        case se.Arc():
            bend = max(segment.rx, segment.ry) * segment.sweep**2
        case _:
            return 1
    if tolerance <= 0:
        return MOST_PIECES if bend > 0 else 1
    return min(MOST_PIECES, max(1, math.ceil(math.sqrt(bend / (8 * tolerance)))))


def svg_text(sketch: Sketch, *, stroke_width: float | None = None) -> str:
    """``sketch`` as an SVG document of its own, one path a line, one unit a pixel, a small margin all around.

    ``stroke_width`` is in the sketch's units; by default 1/100 of its longer side. Raises UserError for an
    empty one.
    """
    if sketch.is_empty:
        raise UserError("an empty drawing makes no SVG")
    xmin, ymin, xmax, ymax = sketch.bounds
    side = max(xmax - xmin, ymax - ymin) or 1.0
    width = side / 100 if stroke_width is None else stroke_width
    margin = side / 50 + width
    page = [xmin - margin, ymin - margin, xmax - xmin + 2 * margin, ymax - ymin + 2 * margin]
    view_box = " ".join(map(_number, page))
    paths = "\n".join(f'<path d="{_path_data(line)}"/>' for line in sketch.lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}" '
        f'width="{_number(page[2])}" height="{_number(page[3])}">\n'
        f'<g fill="none" stroke="#000" stroke-width="{_number(width)}" '
        f'stroke-linecap="round" stroke-linejoin="round">\n'
        f"{paths}\n</g>\n</svg>\n"
    )


def write_svg(path: Path, sketch: Sketch, *, stroke_width: float | None = None) -> None:
    """Writes ``svg_text``; raises UserError for an empty sketch and when the file cannot be written."""
    write_atomically(path, svg_text(sketch, stroke_width=stroke_width).encode())


def _path_data(line: Line) -> str:
    points = [f"{_number(x)} {_number(y)}" for x, y in line.tolist()]
    return f"M{points[0]}h0" if len(points) == 1 else f"M{points[0]}L{' '.join(points[1:])}"


def _number(value: float) -> str:
    return format(value + 0.0, ".9g")  # + 0.0 makes -0 a 0
