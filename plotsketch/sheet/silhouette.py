"""The outline of a sketch: what of the paper it takes, for packing, for hiding what is behind it, and to be filled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plotsketch.strokes.sketch import Line

GAPS = (0.03, 0.07, 0.15)  # of a sketch's diagonal: openings of an outline that are closed, the finest first
PEN = 0.012  # of the diagonal: how wide an open stroke is taken to be
MOUTH = 0.28  # of a line's length: between its ends, where it is taken to go round something
NOTCH, RIM = 0.04, 0.01  # of the diagonal: half of what packing sees as closed, and its rim round all lines
ROUND = 3  # pieces of a quarter of a circle
SOFT = 0.006  # of the diagonal: corners and notches finer than this are rounded away


def silhouette(lines: Sequence[Line], pen: float | None = None) -> BaseGeometry:
    """A sketch's lines (k, 2) as one shapely Polygon or MultiPolygon: all that they enclose, and the lines themselves.

    A line need not be closed, nor one line, to enclose something: openings up to a share of the drawing (GAPS) are
    bridged, the wider ones where nothing finer does. What is inside is filled, eyes and all. ``pen``: the width of
    open strokes, in the unit of the lines (None: a share of the drawing). Empty for no lines.
    """
    if not lines:
        return shapely.Polygon()
    points = np.concatenate(lines)
    span = float(np.hypot(*np.ptp(points, axis=0)))
    width = PEN * span if pen is None else pen
    if span < width or span == 0:
        return shapely.Point(points.mean(axis=0)).buffer(max(width, span) / 2 or 0.5, quad_segs=ROUND)
    strokes = shapely.MultiLineString([_drawable(line, span) for line in lines])
    strokes = shapely.simplify(strokes, 0.004 * span)
    areas = [strokes.buffer(width / 2, quad_segs=ROUND)]
    areas.extend(_enclosed(strokes, share * span / 2) for share in GAPS)
    areas.extend(face for line in lines if _returns(line) for face in _faces(line))
    return _softened(shapely.union_all(areas), SOFT * span)


def rough_outline(lines: Sequence[Line]) -> BaseGeometry:
    """The outline as packing sees it, in a fifth of the time: all lines with a rim, notches closed, insides filled.

    Empty for no lines.
    """
    if not lines:
        return shapely.Polygon()
    span = float(np.hypot(*np.ptp(np.concatenate(lines), axis=0)))
    if span == 0:
        return silhouette(lines)
    strokes = shapely.MultiLineString([_drawable(line, span) for line in lines]).simplify(span / 100)
    thick = strokes.buffer(NOTCH * span, quad_segs=2)
    rounds = [shapely.Polygon(line).buffer(0) for line in lines if _returns(line)]
    # filled once more when all is one: areas that meet can go round something
    shrunk = _filled(shapely.union_all([_filled(thick), *rounds])).buffer((RIM - NOTCH) * span, quad_segs=2)
    return shrunk.simplify(span / 200)


def _enclosed(strokes: BaseGeometry, reach: float) -> BaseGeometry:
    """What lines as thick as twice ``reach`` leave no way out of, grown back to the lines' middles."""
    thick = shapely.buffer(strokes, reach, quad_segs=ROUND)
    rings = [ring for polygon in shapely.get_parts(thick) for ring in polygon.interiors]
    return shapely.union_all([shapely.Polygon(ring) for ring in rings]).buffer(reach * 1.02, quad_segs=ROUND)


def _returns(line: Line) -> bool:
    """Whether a line comes back to where it began, nearly."""
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    return len(line) > 3 and bool(np.hypot(*(line[-1] - line[0])) <= MOUTH * length)


def _faces(line: Line) -> list[BaseGeometry]:
    """All that a line closed by its chord goes round, whether it crosses itself or not."""
    ring = shapely.node(shapely.LineString(np.concatenate([line, line[:1]])))
    return list(shapely.get_parts(shapely.polygonize([ring])))


def _softened(area: BaseGeometry, by: float) -> BaseGeometry:
    """Holes filled, notches and corners rounded."""
    return _filled(area.buffer(by, quad_segs=ROUND)).buffer(-by, quad_segs=ROUND).simplify(by / 4)


def _filled(area: BaseGeometry) -> BaseGeometry:
    """An area without its holes."""
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(area)])


def _drawable(line: Line, span: float) -> Line:
    """A dot as the shortest of lines, since a line of one point has no geometry."""
    return line if len(line) > 1 else np.concatenate([line, line + np.array([span * 1e-6, 0.0])])
