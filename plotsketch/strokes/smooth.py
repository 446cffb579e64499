"""Polylines into curves, as a confident hand would have drawn them.

A curve goes through the corners and bends of the polyline that it replaces: cubic Beziers whose directions are those of
the centripetal Catmull-Rom spline (Yuksel, Schaefer and Keyser, "Parameterization and applications of Catmull-Rom
curves", 2011) and whose handles are as long as a circle's arc has them. Its distance from the polyline is bounded by
construction, twice over: the thinning moves it by a share of the tolerance, and the handles of a Bezier are cut to the
rest. That is enough, as all points within a distance of a piece form a convex set, and a Bezier that has its four
control points in a convex set lies in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotsketch.strokes.simplify import rdp
from plotsketch.strokes.sketch import Line

FLATNESS = 0.01  # mm that the finished line may leave its curve; plotters step about as finely
THINNING = 1 / 3  # of the tolerance goes into leaving out points, so that a trembling line becomes a calm one
BULGE = 3 / 4  # of its handles' distance is the farthest that a Bezier leaves the piece between its ends
MOST_PIECES = 200  # of one Bezier: its length is bounded by the paper

Vectors = NDArray[np.float64]


def smooth(line: Line, tolerance: float, corner: float) -> Line:
    """The curve (n, 2) for a polyline (k, 2), both in mm, nowhere farther from it than ``tolerance``, which is above 0.

    Both ends stay where they are. Where the line turns by ``corner`` degrees or more it keeps its corner. A line that
    ends where it began is smooth there too, unless it has a corner there.
    """
    points = _without_repeats(line)
    closed = len(points) > 3 and bool((points[0] == points[-1]).all())
    points = rdp(points, tolerance * THINNING)
    if len(points) < 3:
        return points
    leaving, arriving = _directions(points, closed, corner)
    return _flattened(_beziers(points, leaving, arriving, tolerance * (1 - THINNING)))


def _without_repeats(line: Line) -> Line:
    moved = np.concatenate([[True], np.diff(line, axis=0).any(axis=1)])
    kept: Line = line[moved]
    return kept


def _directions(points: Line, closed: bool, corner: float) -> tuple[Vectors, Vectors]:
    """Unit directions (k-1, 2) in which the curve leaves the start of each piece, and arrives at its end."""
    steps = np.diff(points, axis=0)
    lengths = np.hypot(*steps.T)
    ahead = steps / lengths[:, None]
    # the joint after each piece; that after the last one is the seam, if there is one
    through = _catmull_rom(steps, np.roll(steps, -1, axis=0), lengths, np.roll(lengths, -1))
    turns = np.einsum("ij,ij->i", ahead, np.roll(ahead, -1, axis=0))
    sharp = turns <= np.cos(np.radians(corner)) + 1e-12
    sharp[-1] |= not closed
    free_end, free_start = sharp[:, None], np.roll(sharp, 1)[:, None]
    # an end that no neighbour bends continues the arc of its piece's other end; with two of them it stays straight
    arriving = np.where(free_end, ahead, through)
    leaving = np.where(free_start, ahead, np.roll(through, 1, axis=0))
    return (
        np.where(free_start, _mirrored(arriving, ahead), leaving),
        np.where(free_end, _mirrored(leaving, ahead), arriving),
    )


def _catmull_rom(before: Vectors, after: Vectors, length_before: Vectors, length_after: Vectors) -> Vectors:
    """Unit direction at the joint of the pieces ``before`` and ``after``; the shorter piece has more to say."""
    first, second = np.sqrt(length_before)[:, None], np.sqrt(length_after)[:, None]
    velocity = before / first - (before + after) / (first + second) + after / second
    speed = np.hypot(*velocity.T)[:, None]
    return np.where(speed > 0, velocity / np.where(speed > 0, speed, 1.0), before / length_before[:, None])


def _mirrored(direction: Vectors, ahead: Vectors) -> Vectors:
    """The direction at the other end of a circle's arc over a piece that points ``ahead``."""
    along = np.einsum("ij,ij->i", direction, ahead)[:, None]
    mirrored: Vectors = 2 * along * ahead - direction
    return mirrored


def _beziers(points: Line, leaving: Vectors, arriving: Vectors, tolerance: float) -> NDArray[np.float64]:
    """Control points (k-1, 4, 2) of the curves over the pieces, none farther from its piece than ``tolerance``."""
    start, end = points[:-1], points[1:]
    first = leaving * _handles(end - start, leaving, tolerance)[:, None]
    second = arriving * _handles(end - start, arriving, tolerance)[:, None]
    return np.stack([start, start + first, end - second, end], axis=1)


def _handles(steps: Vectors, directions: Vectors, tolerance: float) -> NDArray[np.float64]:
    """Lengths of handles: those of a circle's arc that sets off in such a direction, cut to the tolerance."""
    lengths = np.hypot(*steps.T)
    cosine = np.einsum("ij,ij->i", directions, steps) / lengths
    arc = lengths / (3 * (1 + np.maximum(cosine, 0.0)) / 2)  # length / (3 cos²(angle / 2))
    # what a handle of length 1 leaves its piece by: sideways, or any way where it points back beyond the end
    away = np.where(cosine > 0, np.sqrt(np.maximum(1 - cosine**2, 0.0)), 1.0)
    handles: Vectors = np.minimum(arc, tolerance / BULGE / np.maximum(away, 1e-9))
    return handles


def _flattened(beziers: NDArray[np.float64]) -> Line:
    """The curves as one polyline, within FLATNESS of them; ends of pieces are points of it."""
    bends = beziers[:, :-2] - 2 * beziers[:, 1:-1] + beziers[:, 2:]
    counts = np.ceil(np.sqrt(0.75 * np.hypot(*np.moveaxis(bends, -1, 0)).max(axis=1) / FLATNESS))
    pieces = [_points(bezier, int(n)) for bezier, n in zip(beziers, counts.clip(1, MOST_PIECES), strict=True)]
    return np.concatenate([*pieces, beziers[-1:, 3]])


def _points(bezier: NDArray[np.float64], count: int) -> Line:
    """``count`` points of a Bezier from its start, its end left out."""
    t = np.arange(count)[:, None] / count
    a, b, c, d = bezier
    curve: Line = (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d
    curve[0] = a
    return curve
