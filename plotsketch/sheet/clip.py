"""Lines cut at a rectangle or where a shape hides them, in their order and not at their own crossings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from plotsketch.strokes.sketch import Line

Box = tuple[float, float, float, float]  # xmin, ymin, xmax, ymax
Spans = list[list[tuple[float, float]]]  # for each piece of a line the parts to keep, from 0 to 1

SHORTEST = 1e-7  # mm: what a border leaves of a line that it only touches


def clipped(lines: Sequence[Line], box: Box) -> list[Line]:
    """What of ``lines`` (k, 2) lies in ``box``, its border included; a closed line that leaves it stays in one piece
    where it can."""
    kept: list[Line] = []
    for line in lines:
        low, high = line.min(axis=0), line.max(axis=0)
        if (low >= box[:2]).all() and (high <= box[2:]).all():
            kept.append(line)
        elif (low <= box[2:]).all() and (high >= box[:2]).all() and len(line) > 1:
            kept.extend(_pieces(line, _spans_in_box(line, box)))
    return kept


def outside(lines: Sequence[Line], shape: BaseGeometry) -> list[Line]:
    """What of ``lines`` the area of ``shape`` does not hide."""
    shapely.prepare(shape)
    kept: list[Line] = []
    for line in lines:
        geometry = shapely.linestrings(line) if len(line) > 1 else shapely.points(line[0])
        if not shapely.intersects(shape, geometry):
            kept.append(line)
        elif len(line) > 1 and not shapely.covers(shape, geometry):
            kept.extend(_pieces(line, _spans_outside(line, shape)))
    return kept


def _spans_in_box(line: Line, box: Box) -> Spans:
    """Liang and Barsky's clipping of each piece of the line."""
    start, way = line[:-1], np.diff(line, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_low, to_high = (box[:2] - start) / way, (box[2:] - start) / way
    still = way == 0
    between = (start >= box[:2]) & (start <= box[2:])
    enter = np.where(still, np.where(between, 0.0, np.inf), np.fmin(to_low, to_high)).max(axis=1).clip(min=0)
    leave = np.where(still, 1.0, np.fmax(to_low, to_high)).min(axis=1).clip(max=1)
    return [[(a, b)] if a <= b else [] for a, b in zip(enter.tolist(), leave.tolist(), strict=True)]


def _spans_outside(line: Line, shape: BaseGeometry) -> Spans:
    segments = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
    touched = shapely.intersects(shape, segments)
    spans: Spans = [[(0.0, 1.0)] for _ in segments]
    for index in np.flatnonzero(touched):
        left = segments[index].difference(shape)
        spans[index] = sorted(_along(line[index], line[index + 1], part) for part in shapely.get_parts(left))
    return spans


def _along(start: NDArray[np.float64], end: NDArray[np.float64], part: BaseGeometry) -> tuple[float, float]:
    """From where to where ``part`` lies on the way from start to end, exactly 0 and 1 at its ends."""
    points = shapely.get_coordinates(part)
    way = end - start
    if not len(points) or not way.any():
        return 0.0, 1.0 if len(points) else 0.0
    share = np.sort((points - start) @ way / (way @ way))
    share[share < 1e-9], share[share > 1 - 1e-9] = 0.0, 1.0
    return float(share[0]), float(share[-1])


def _pieces(line: Line, spans: Spans) -> Iterator[Line]:
    """The parts of a line that are kept, neighbours in one; over the seam of a closed line too."""
    chains: list[list[NDArray[np.float64]]] = []
    at_end = False  # whether the last chain goes on to the end of the segment before
    for index, kept in enumerate(spans):
        start, way = line[index], line[index + 1] - line[index]
        reached = False
        for a, b in kept:
            if not (at_end and a == 0.0 and not reached):
                chains.append([start + a * way])
            chains[-1].append(line[index + 1] if b == 1.0 else start + b * way)
            at_end, reached = b == 1.0, True
        at_end = at_end and reached
    pieces = [np.array(chain) for chain in chains]
    closed = (line[0] == line[-1]).all()
    if len(pieces) > 1 and closed and (pieces[0][0] == line[0]).all() and (pieces[-1][-1] == line[0]).all():
        pieces[0] = np.concatenate([pieces.pop(), pieces[0][1:]])
    yield from (piece for piece in pieces if np.ptp(piece, axis=0).max() > SHORTEST)
