"""Motifs in their rooms: as large as a convex polygon lets them be, and all of one size where they can."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from plotsketch.errors import UserError
from plotsketch.strokes.sketch import Line

LARGEST_SHARE = 0.75  # of the motifs have room at the common size, as on sheets
TURNS = 24  # directions that are tried for a motif that may be turned
SMALLEST = 0.5  # mm: a motif that has less room is no drawing any more
UNEVEN = 0.4  # in logarithms of how much wider than high rooms are: what rows that are not equally full cost

Polygon = NDArray[np.float64]  # (k, 2), convex, in mm


@dataclass(frozen=True, eq=False)
class Room:
    """Where a motif may be: a convex ``shape`` (k, 2) in mm, and which of the motifs it is.

    ``mirrored``: (left to right, top to bottom), as in a mirror repeat; the shape is that of the image.
    """

    shape: Polygon
    motif: int
    mirrored: tuple[bool, bool] = (False, False)


@dataclass(frozen=True)
class Place:
    """Where a motif stands: its origin (``x``, ``y``) in mm, then its mirroring, ``size`` as a factor, and ``angle``.

    ``angle`` is in degrees, clockwise as one sees it (y grows down); ``mirrored`` turns left and right about, before
    the angle. Top and bottom turned about are that and half a turn.
    """

    x: float
    y: float
    size: float
    motif: int
    angle: float = 0.0
    mirrored: bool = False

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(2, 3): takes a motif's point (x, y, 1) to the pattern."""
        turn = np.radians(self.angle)
        cos, sin = np.cos(turn), np.sin(turn)
        flip = -1.0 if self.mirrored else 1.0
        linear = self.size * np.array([[cos * flip, -sin], [sin * flip, cos]])
        return np.column_stack([linear, (self.x, self.y)])

    def lines(self, lines: Sequence[Line]) -> list[Line]:
        """A motif's lines (k, 2) as they stand in the pattern."""
        matrix = self.matrix
        return [line @ matrix[:, :2].T + matrix[:, 2] for line in lines]

    def shape(self, shape: BaseGeometry) -> BaseGeometry:
        """A motif's silhouette as it stands in the pattern."""
        matrix = self.matrix
        return shapely.transform(shape, lambda points: points @ matrix[:, :2].T + matrix[:, 2])


def furnish(
    rooms: Sequence[Room],
    silhouettes: Sequence[BaseGeometry],
    gap: float = 0.0,
    turned: bool = False,
    size: float | NDArray[np.float64] = 1.0,
) -> list[Place]:
    """A place for each room: the motif whose silhouette it names, ``gap`` mm from motifs in other rooms at least.

    Motifs in rooms of one size are equally large, their diagonals of one length; those that are too long are smaller.
    ``size`` is their share of that, one for all or one a room. ``turned``: each may turn to where it is largest. Raises
    UserError, saying how many fitted, when the gap leaves a room too small.
    """
    hulls = [_hull(shape) for shape in silhouettes]
    angles = np.arange(TURNS) * 360 / TURNS if turned else np.zeros(1)
    found = [_largest(room, hulls[room.motif], gap / 2, angles) for room in rooms]
    diagonals = np.array([np.hypot(*np.ptp(hulls[room.motif], axis=0)) for room in rooms])
    full = diagonals * [place.size for place, _ in found]
    if len(found) and full.min() < SMALLEST:
        small = {room.motif for room, diagonal in zip(rooms, full, strict=True) if diagonal < SMALLEST}
        raise UserError(
            f"with a gap of {gap:g} mm {len(silhouettes) - len(small)} of {len(silhouettes)} motifs fitted, and the "
            f"least has {max(full.min(), 0):.2g} mm of room; take a smaller gap, fewer motifs or a larger repeat"
        )
    scales = size * np.minimum(full, _common(rooms, full)) / diagonals
    return [_shrunk(place, middle, scale) for (place, middle), scale in zip(found, scales.tolist(), strict=True)]


def _common(rooms: Sequence[Room], full: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each room the diagonal that most of the motifs in rooms as large as it have room for."""
    sizes = np.round(shapely.area([shapely.Polygon(room.shape) for room in rooms]), 6)
    common = np.empty(len(rooms))
    for area in np.unique(sizes):
        alike = np.isclose(sizes, area)
        common[alike] = np.quantile(full[alike], 1 - LARGEST_SHARE)
    return common


def in_rows(corner: NDArray[np.float64], size: NDArray[np.float64], count: int) -> list[Polygon]:
    """An upright rectangle from its top left ``corner`` divided into ``count`` rooms of equal area, nearly as wide as
    high, row by row; where rows are not equally full, the fuller are higher."""

    def wrong(rows: int) -> float:
        return abs(math.log(size[0] * rows * rows / (size[1] * count))) + (UNEVEN if count % rows else 0.0)

    rows = min(range(1, count + 1), key=wrong)
    found, ends = [], [count * row // rows for row in range(rows + 1)]
    for first, last in pairwise(ends):
        for place in range(last - first):
            x = np.array([place, place + 1]) / (last - first) * size[0] + corner[0]
            y = np.array([first, last]) / count * size[1] + corner[1]
            found.append(np.array([(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])]))
    return found


def _hull(shape: BaseGeometry) -> NDArray[np.float64]:
    points = shapely.get_coordinates(shapely.convex_hull(shape))
    if not len(points):
        raise UserError("a motif has no lines; leave it out")
    return np.asarray(points)


def _largest(
    room: Room, hull: NDArray[np.float64], inset: float, angles: NDArray[np.float64]
) -> tuple[Place, NDArray[np.float64]]:
    """The largest place of a hull (k, 2) in its room, at the best of ``angles``, and the hull's middle in it."""
    normals, limits = _sides(room.shape)
    best: tuple[float, NDArray[np.float64], float] | None = None
    flip_x, flip_y = room.mirrored
    mirrored, extra = flip_x != flip_y, 180.0 if flip_y else 0.0
    for angle in angles + extra:
        points = hull @ Place(0, 0, 1, 0, angle, mirrored).matrix[:, :2].T
        size, shift = _program(normals, limits - inset, (points @ normals.T).max(axis=0))
        if best is None or size > best[0] + 1e-9:
            best = size, shift, float(angle)
    assert best is not None
    size, shift, angle = best
    place = Place(float(shift[0]), float(shift[1]), size, room.motif, angle % 360, mirrored)
    points = hull @ place.matrix[:, :2].T
    return place, (points.min(axis=0) + points.max(axis=0)) / 2


def _shrunk(place: Place, middle: NDArray[np.float64], size: float) -> Place:
    """Made smaller about the hull's middle, which stays where it is: a smaller hull lies inside the larger."""
    x, y = (place.x, place.y) + middle * (1 - size / place.size)
    return Place(float(x), float(y), size, place.motif, place.angle, place.mirrored)


def _sides(shape: Polygon) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outward normals (k, 2) and limits (k,): a point p is inside where ``normals @ p <= limits``."""
    ring = np.roll(shape, -1, axis=0) - shape
    ring, corners = ring[np.hypot(*ring.T) > 1e-12], shape[np.hypot(*ring.T) > 1e-12]
    normals = np.stack([ring[:, 1], -ring[:, 0]], axis=1) / np.hypot(*ring.T)[:, None]
    inward = ((shape.mean(axis=0) - corners) * normals).sum(axis=1).mean() > 0
    normals = -normals if inward else normals
    return normals, (normals * corners).sum(axis=1)


def _program(
    normals: NDArray[np.float64], limits: NDArray[np.float64], support: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """The largest s with a t that keeps ``s * support + normals @ t <= limits``; t in the middle of all that do.

    A linear program in three unknowns with few conditions: its best corners are found by trying them all.
    """
    threes = np.array(list(combinations(range(len(limits)), 3)))
    system = np.concatenate([support[:, None], normals], axis=1)
    solvable = np.abs(np.linalg.det(system[threes])) > 1e-12
    corners = np.linalg.solve(system[threes[solvable]], limits[threes[solvable]][:, :, None])[:, :, 0]
    near = 1e-9 * max(float(np.abs(limits).max()), 1.0)
    corners = corners[(corners @ system.T <= limits + near).all(axis=1)]
    if not len(corners):
        return 0.0, np.zeros(2)
    best = corners[:, 0].max()
    return float(best), np.asarray(corners[corners[:, 0] > best - 1e-6 * abs(best), 1:].mean(axis=0))
