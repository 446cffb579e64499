"""A wallpaper group's smallest part shared out among motifs: to each what is nearest to it, all images counted."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi
from shapely.geometry.base import BaseGeometry

from plotsketch.sheet.lattice import area, within
from plotsketch.sheet.room import Polygon
from plotsketch.sheet.symmetry import Symmetry

Floats = NDArray[np.float64]

ROOMS = 48  # that are tried: where few motifs begin is worth many tries, and with many it hardly matters
STEPS = 40, 2  # of every motif to the middle of its room: to round rooms, or to some that are long as most animals are
FEW = 8  # motifs that may have long rooms: among many, unequal ones show
FAR = 10.0  # times the distance of rooms: how far neighbours are looked for, where they may begin unevenly
FINE = 1e-6  # of the part's size: corners nearer than this are one


def shares(made: Symmetry, count: int) -> Iterator[list[Polygon]]:
    """Several ways to give ``count`` motifs a convex room each, whose images under the group fill the plane.

    Motifs begin anywhere in the group's domain and move to the middle of what is nearest to them (Lloyd), again and
    again, until rooms are round and nearly equal, or a few times. Where sides of the domain are no mirrors, rooms reach
    over them. The same call gives the same rooms.
    """
    draws = np.random.default_rng(count)
    for turn in range(max(1, ROOMS // count)):
        yield _settled(made, _begun(made, count, draws), STEPS[turn % 2 if count <= FEW else 0])


def _begun(made: Symmetry, count: int, draws: np.random.Generator) -> Floats:
    """``count`` points (n, 2), evenly likely in the domain, which is fanned into triangles."""
    corners = made.domain
    edges = np.stack([corners[1:-1] - corners[0], corners[2:] - corners[0]], axis=1)
    areas = np.abs(np.linalg.det(edges))
    which = draws.choice(len(edges), count, p=areas / areas.sum())
    parts = draws.random((count, 2))
    parts = np.where(parts.sum(axis=1, keepdims=True) > 1, 1 - parts, parts)
    return np.asarray(corners[0] + np.einsum("nk,nkd->nd", parts, edges[which]))


def _settled(made: Symmetry, points: Floats, steps: int) -> list[Polygon]:
    for _ in range(steps):
        points = shapely.get_coordinates(shapely.centroid(_rooms(made, points)))
    return [_corners(room, FINE * _size(made)) for room in _rooms(made, points)]


def _rooms(made: Symmetry, points: Floats) -> NDArray[np.object_]:
    """For each of ``points`` (n, 2) what is nearer to it than to the others and to all images."""
    spacing = math.sqrt(area(made.lattice) / (len(points) * len(made.isometries)))
    far = min(2 * _size(made), FAR * spacing)
    low, high = points.min(axis=0) - far, points.max(axis=0) + far
    images = np.concatenate([points @ isometry[:, :2].T + isometry[:, 2] for isometry in made.isometries])
    shifts = within(made.lattice, low - images.max(axis=0), high - images.min(axis=0))
    everywhere = images[None] + shifts[:, None]
    others = ((everywhere >= low) & (everywhere <= high)).all(axis=2)
    others[np.abs(shifts).max(axis=1).argmin(), : len(points)] = False  # the points themselves
    diagram = Voronoi(np.concatenate([points, everywhere[others]]))
    regions = [diagram.regions[region] for region in diagram.point_region[: len(points)]]
    owner = np.repeat(np.arange(len(points)), [len(region) for region in regions])
    corners = shapely.multipoints(diagram.vertices[np.concatenate(regions)], indices=owner)
    return np.asarray(shapely.convex_hull(corners))


def _size(made: Symmetry) -> float:
    return float(np.ptp(made.domain, axis=0).max())


def _corners(room: BaseGeometry, fine: float) -> Polygon:
    """In order, those that fall together once."""
    ring = shapely.get_coordinates(room)[:-1]
    return np.asarray(ring[np.hypot(*(ring - np.roll(ring, 1, axis=0)).T) > fine])
