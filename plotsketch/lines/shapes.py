"""Closed lines as areas: what a line encloses, and which shapes lie in which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from plotsketch.lines.cuts import between, length_of
from plotsketch.strokes.clean import ROUND

Floats = NDArray[np.float64]

DEFAULT_CLOSED = 0.05  # mm
OVERSHOT = 1 / 7  # of a line's length may lie beyond the place where it closes, at either end
SMALLEST = 1e-6  # mm²: less is no area


def loop_of(line: Floats, closed: float) -> Floats | None:
    """The part of a line (k, 2) that goes round an area, None if none does.

    The line ends within `closed` mm of where it begins, or its first and last seventh cross or come so near to each
    other: hands overshoot. The way round is long enough to be meant so.
    """
    total = length_of(line)
    if len(line) < 3 or total == 0:
        return None
    gap = float(np.hypot(*(line[0] - line[-1])))
    if gap <= closed and total >= ROUND * gap:
        return line
    spare = OVERSHOT * total
    if gap > closed + 2 * spare:
        return None
    head, tail = (shapely.LineString(between(line, *span)) for span in ((0.0, spare), (total - spare, total)))
    link = shapely.shortest_line(head, tail)
    if link.length > closed or total < ROUND * link.length:
        return None
    first, last = shapely.points(shapely.get_coordinates(link))
    return between(line, head.project(first), total - spare + tail.project(last))


def even_odd(line: Floats) -> shapely.Geometry:
    """The area that a closed line (k, 2) encloses; where it overlaps itself, what it goes round twice is outside.

    Empty for a line there and back.
    """
    polygon = shapely.Polygon(line)
    return polygon if polygon.is_valid else _areas(shapely.make_valid(polygon))


def silhouette(line: Floats) -> shapely.Geometry:
    """All that a closed line (k, 2) goes round, once or more often."""
    polygon = shapely.Polygon(line)
    if polygon.is_valid:
        return polygon
    # with its own crossings as points, the line falls into the edges of all its loops
    loops = shapely.get_parts(shapely.polygonize([shapely.node(polygon.exterior)]))
    return _areas(shapely.union_all(loops))


def nested(shapes: Sequence[shapely.Geometry]) -> list[tuple[int, shapely.Geometry]]:
    """The areas to fill, each with the number of its shape: by even-odd, shapes in a shape are its holes, those in
    holes are full. Where two overlap without that, the later has it: no place is filled twice."""
    every = np.array(shapes, dtype=object)
    inside, outside = shapely.STRtree(every).query(every, predicate="within")
    # of equals, the later lies in the earlier
    equal = shapely.equals(every[inside], every[outside])
    real = (inside != outside) & (~equal | (outside < inside))
    inside, outside = inside[real], outside[real]
    depth = np.bincount(inside, minlength=len(shapes))
    hole = (depth[inside] == depth[outside] + 1) & (depth[outside] % 2 == 0)
    holes: dict[int, list[shapely.Geometry]] = {}
    for child, parent in zip(inside[hole], outside[hole], strict=True):
        holes.setdefault(int(parent), []).append(shapes[child])
    full = [number for number in range(len(shapes)) if depth[number] % 2 == 0]
    areas = [shapely.difference(shapes[number], shapely.union_all(holes.get(number, []))) for number in full]
    return list(zip(full, without_higher(areas, full, areas, full), strict=True))


def without_higher(
    areas: Sequence[shapely.Geometry],
    levels: Sequence[int],
    others: Sequence[shapely.Geometry],
    other_levels: Sequence[int],
) -> list[shapely.Geometry]:
    """The areas, each without those others that lie on a higher level."""
    above: dict[int, list[shapely.Geometry]] = {}
    every = np.array(areas, dtype=object)
    for place, other in zip(*shapely.STRtree(others).query(every, predicate="intersects"), strict=True):
        if other_levels[other] > levels[place]:
            above.setdefault(int(place), []).append(others[other])
    return [
        _areas(shapely.difference(area, shapely.union_all(above[place]))) if place in above else area
        for place, area in enumerate(areas)
    ]


def _areas(geometry: shapely.Geometry) -> shapely.Geometry:
    """Its polygons without its lines and points."""
    flat = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.MultiPolygon([part for part in flat if part.geom_type == "Polygon" and part.area > SMALLEST])
