"""Polylines as smooth curves: cubic Beziers that stay within a tolerance, with corners kept.

P. J. Schneider, "An Algorithm for Automatically Fitting Digitized Curves", Graphics Gems (1990): a least-squares cubic
between tangents that are given, better parameters by Newton's method, and a cut at the worst point where that is not
enough. Here all pieces of all lines are fitted at once, a depth of cuts after another, and a piece is taken only when
the whole curve, not its samples alone, is proven to be near the polyline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

CORNER = np.cos(np.radians(50))  # a sharper turn is a corner
ROUNDS = 4  # of better parameters, as in the book
HOPELESS = 30  # times the tolerance: what no better parameters mend
SAMPLES = 4  # pieces of the curve between two points of the polyline, each held against it
FLAT = 0.0005  # mm: a curve that is no rounder is written as a stroke


@dataclass(frozen=True)
class Curve:
    """A line as cubic Beziers, one beginning where the other ends: (n, 4, 2) control points, mm; (n,) which of them are
    straight strokes."""

    controls: Floats
    is_straight: NDArray[np.bool_]


def curved(lines: Sequence[Floats], tolerance: float) -> list[Curve | None]:
    """Each line, (k, 2) mm, as a curve: no point of either is farther than ``tolerance`` mm from the other.

    Curves begin and end where their lines do, and go through their corners; closed lines are smooth where they begin,
    unless there is a corner. None stands for a line of which no part is rounder than the polyline itself.
    """
    points, line = _points(lines)
    if not len(points):
        return [None] * len(lines)
    leave, arrive, is_cut = _tangents(points, line)
    inner = np.flatnonzero(line[1:] == line[:-1])  # each step on a line, by the point that it begins at
    cuts = np.flatnonzero(is_cut)
    inside = line[cuts[1:]] == line[cuts[:-1]]
    begin, end = cuts[:-1][inside], cuts[1:][inside]
    found: list[tuple[Ints, Floats, NDArray[np.bool_]]] = [(inner[:0], np.zeros((0, 4, 2)), np.zeros(0, dtype=bool))]
    while len(begin):
        fit = _fit(points, begin, end, leave[begin], -arrive[end], tolerance)
        is_good, is_pair = fit.error <= tolerance, end - begin == 1
        is_straight = np.where(is_good, _are_flat(fit.controls), is_pair)
        done = is_good | is_pair
        found.append((begin[done], fit.controls[done], is_straight[done]))
        middle = fit.worst[~done]
        begin, end = np.concatenate([begin[~done], middle]), np.concatenate([middle, end[~done]])
    return _by_line(found, line, len(lines))


def _points(lines: Sequence[Floats]) -> tuple[Floats, Ints]:
    """All points (n, 2) that differ from the one before, and the number of each one's line; no dots."""
    if not lines:
        return np.zeros((0, 2)), np.zeros(0, dtype=np.intp)
    points = np.concatenate([line.reshape(-1, 2) for line in lines])
    line = np.repeat(np.arange(len(lines)), [len(one) for one in lines])
    fresh = np.ones(len(points), dtype=bool)
    fresh[1:] = (line[1:] != line[:-1]) | (points[1:] != points[:-1]).any(axis=1)
    points, line = points[fresh], line[fresh]
    is_line = np.bincount(line, minlength=len(lines))[line] > 1
    return points[is_line], line[is_line]


def _tangents(points: Floats, line: Ints) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """The direction (n, 2) in which the curve leaves each point, that in which it arrives, and where it is cut: at the
    ends of lines and at corners.

    Between corners it is that of the circle through a point and its neighbours, at corners and ends that of the circle
    through the end of the neighbour's.
    """
    first = np.flatnonzero(np.diff(line, prepend=-1))
    last = np.append(first[1:], len(points)) - 1
    steps = np.diff(points, axis=0, append=points[:1])
    after = np.where(np.isin(np.arange(len(points)), last)[:, None], 0.0, steps)
    before = np.roll(after, 1, axis=0)
    closed = (points[first] == points[last]).all(axis=1) & (last - first > 2)
    before[first[closed]], after[last[closed]] = after[last[closed] - 1], after[first[closed]]
    (ahead, far), (behind, near) = _units(after), _units(before)
    is_end = ((far == 0) | (near == 0))[:, 0]
    is_cut = is_end | ((ahead * behind).sum(axis=1) < CORNER)
    centre = _units(far * behind + near * ahead)[0]
    leave, arrive = centre.copy(), centre.copy()
    smooth_after, smooth_before = np.roll(~is_cut, -1), np.roll(~is_cut, 1)
    leave[is_cut] = np.where(smooth_after[:, None], _mirrored(np.roll(centre, -1, axis=0), ahead), ahead)[is_cut]
    arrive[is_cut] = np.where(smooth_before[:, None], _mirrored(np.roll(centre, 1, axis=0), behind), behind)[is_cut]
    is_cut[first] = is_cut[last] = True
    return leave, arrive, is_cut


def _units(vectors: Floats) -> tuple[Floats, Floats]:
    """Directions (n, 2) and lengths (n, 1); the direction of nothing is nothing."""
    lengths = np.hypot(vectors[:, 0], vectors[:, 1])[:, None]
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0), lengths


def _mirrored(directions: Floats, axes: Floats) -> Floats:
    mirrored: Floats = 2 * (directions * axes).sum(axis=1, keepdims=True) * axes - directions
    return mirrored


@dataclass(frozen=True)
class _Fit:
    """Pieces as curves: (p, 4, 2) controls, (p,) the most that each is off, (p,) the point where it is best cut."""

    controls: Floats
    error: Floats
    worst: Ints


def _fit(points: Floats, begin: Ints, end: Ints, leave: Floats, arrive: Floats, tolerance: float) -> _Fit:
    """The best curve for each piece of the polyline, from the points ``begin`` (p,) to ``end``."""
    best = _Fit(np.zeros((len(begin), 4, 2)), np.full(len(begin), np.inf), begin.copy())
    tried = np.arange(len(begin))
    t: Floats | None = None
    for _ in range(ROUNDS + 1):
        piece, index = _pieces(points, begin[tried], end[tried], leave[tried], arrive[tried])
        t = piece.by_length() if t is None else t
        controls = piece.controls(t)
        misfit = piece.misfit(controls, t)
        error = np.maximum.reduceat(misfit, piece.start)
        better = error < best.error[tried]
        best.error[tried[better]] = error[better]
        best.controls[tried[better]] = controls[better]
        best.worst[tried[better]] = index[piece.worst(misfit)][better]
        hopeful = (error > tolerance) & (error < HOPELESS * tolerance)
        if not hopeful.any():
            break
        t, tried = piece.nearer(controls, t)[hopeful[piece.owner]], tried[hopeful]
    return best


def _pieces(points: Floats, begin: Ints, end: Ints, leave: Floats, arrive: Floats) -> tuple[_Pieces, Ints]:
    """The pieces from ``begin`` to ``end``, and which of ``points`` each of theirs is."""
    counts = end - begin + 1
    start = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(begin)), counts)
    index = np.arange(len(owner)) - start[owner] + begin[owner]
    return _Pieces(points[index], owner, start, leave, arrive), index


@dataclass(frozen=True)
class _Pieces:
    """Pieces of polylines, one after another: (n, 2) points, (n,) the piece of each, (p,) where each piece starts;
    (p, 2) directions into the piece at its start and at its end."""

    points: Floats
    owner: Ints
    start: Ints
    leave: Floats
    arrive: Floats

    def by_length(self) -> Floats:
        """(n,) parameters from 0 to 1 by the way along each piece."""
        steps = np.zeros(len(self.points))
        steps[1:] = np.hypot(*np.diff(self.points, axis=0).T)
        steps[self.start] = 0
        way = np.cumsum(steps)
        way -= way[self.start][self.owner]
        t: Floats = way / way[self._ends()][self.owner]
        t[self._ends()] = 1.0
        return t

    def controls(self, t: Floats) -> Floats:
        """(p, 4, 2) the least-squares cubics for points at ``t``; where they are odd, handles of 1/3 chord."""
        first, last = self.points[self.start], self.points[self._ends()]
        b0, b1, b2, b3 = _weights(t)
        left, right = b1 * self.leave[self.owner], b2 * self.arrive[self.owner]
        rest = self.points - (b0 + b1) * first[self.owner] - (b2 + b3) * last[self.owner]
        pairs = ((left, left), (left, right), (right, right), (left, rest), (right, rest))
        ll, lr, rr, lx, rx = (np.add.reduceat((a * b).sum(axis=1), self.start) for a, b in pairs)
        with np.errstate(all="ignore"):
            determinant = ll * rr - lr * lr
            handles = np.stack([lx * rr - rx * lr, rx * ll - lx * lr]) / determinant
        chord = np.hypot(*(last - first).T)
        steps = np.hypot(*np.diff(self.points, axis=0, prepend=self.points[:1]).T)
        steps[self.start] = 0
        length = np.add.reduceat(steps, self.start)
        odd = ~((handles > 1e-3 * chord) & (handles < length)).all(axis=0) | (determinant < 1e-12)
        one, two = np.where(odd, chord / 3, handles)[..., None]
        return np.stack([first, first + one * self.leave, last + two * self.arrive, last], axis=1)

    def misfit(self, controls: Floats, t: Floats) -> Floats:
        """(n,) how far the curve may be from the polyline, at each point and on both sides of it.

        On the step between two points the curve is within h²|B''|/8 of its chords over h, and these are no farther
        from the polyline's straight step than their ends. The foot of the curve's point goes along the step as the
        curve does and leaves no part of it out, so the step is as near to the curve.
        """
        own = controls[self.owner]
        misfit: Floats = np.hypot(*(_at(own, t) - self.points).T)
        inner = np.flatnonzero(self.owner[1:] == self.owner[:-1])
        if not len(inner):
            return misfit
        a, b, step = self.points[inner], self.points[inner + 1], (t[inner + 1] - t[inner]) / SAMPLES
        bend = np.hypot(*np.moveaxis(_second(own, t), -1, 0))
        off = np.maximum(misfit[inner], misfit[inner + 1])
        for sample in range(1, SAMPLES):
            off = np.maximum(off, _distances(_at(own[inner], t[inner] + sample * step), a, b))
        off += step**2 * np.maximum(bend[inner], bend[inner + 1]) / 8
        np.maximum.at(misfit, inner, off)
        np.maximum.at(misfit, inner + 1, off)
        return misfit

    def worst(self, misfit: Floats) -> Ints:
        """(p,) the point inside each piece that is farthest off, an eighth of its points from the ends at least, so
        that the cuts never go deep; any of a piece without points inside."""
        counts = self._ends() - self.start + 1
        place = np.arange(len(self.points)) - self.start[self.owner]
        margin = np.maximum(1, counts // 8)[self.owner]
        inside = (place >= margin) & (place < counts[self.owner] - margin)
        return np.lexsort((np.where(inside, misfit, -1.0), self.owner))[self._ends()]

    def nearer(self, controls: Floats, t: Floats) -> Floats:
        """(n,) parameters at which the curves are nearer to the points: a step of Newton's method."""
        own = controls[self.owner]
        gap, slope, bend = _at(own, t) - self.points, _first(own, t), _second(own, t)
        down = (slope * slope).sum(axis=1) + (gap * bend).sum(axis=1)
        change = np.divide((gap * slope).sum(axis=1), down, out=np.zeros_like(t), where=down > 1e-12)
        moved = np.clip(t - change, 0.0, 1.0)
        moved[self.start], moved[self._ends()] = 0.0, 1.0
        # never back: the proof of the misfit walks along both
        shift = 2.0 * self.owner
        ordered: Floats = np.clip(np.maximum.accumulate(moved + shift) - shift, 0.0, 1.0)
        return ordered

    def _ends(self) -> Ints:
        return np.append(self.start[1:], len(self.points)) - 1


def _weights(t: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    u, s = t[:, None], 1 - t[:, None]
    return s**3, 3 * u * s**2, 3 * u**2 * s, u**3


def _at(controls: Floats, t: Floats) -> Floats:
    """(n, 2) points of the curves (n, 4, 2) at ``t`` (n,)."""
    b0, b1, b2, b3 = _weights(t)
    return b0 * controls[:, 0] + b1 * controls[:, 1] + b2 * controls[:, 2] + b3 * controls[:, 3]


def _first(controls: Floats, t: Floats) -> Floats:
    u, s = t[:, None], 1 - t[:, None]
    d = np.diff(controls, axis=1)
    slope: Floats = 3 * (s**2 * d[:, 0] + 2 * u * s * d[:, 1] + u**2 * d[:, 2])
    return slope


def _second(controls: Floats, t: Floats) -> Floats:
    d = np.diff(controls, n=2, axis=1)
    bend: Floats = 6 * ((1 - t[:, None]) * d[:, 0] + t[:, None] * d[:, 1])
    return bend


def _distances(points: Floats, a: Floats, b: Floats) -> Floats:
    """(n,) how far each point is from the step from ``a`` to ``b``, (n, 2) each."""
    way = b - a
    along = np.clip(((points - a) * way).sum(axis=1) / (way * way).sum(axis=1), 0.0, 1.0)
    distances: Floats = np.hypot(*(a + along[:, None] * way - points).T)
    return distances


def _are_flat(controls: Floats) -> NDArray[np.bool_]:
    """Which curves (n, 4, 2) are strokes from end to end."""
    a, b = controls[:, 0], controls[:, 3]
    with np.errstate(all="ignore"):
        off = np.maximum(_distances(controls[:, 1], a, b), _distances(controls[:, 2], a, b))
    return off < FLAT


def _by_line(found: list[tuple[Ints, Floats, NDArray[np.bool_]]], line: Ints, count: int) -> list[Curve | None]:
    """The pieces in their order along their lines, and None for lines of strokes alone."""
    begin, controls, is_straight = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(begin)
    owner, controls, is_straight = line[begin[order]], controls[order], is_straight[order]
    result: list[Curve | None] = [None] * count
    bounds = np.searchsorted(owner, np.arange(count + 1))
    for number in np.unique(owner[~is_straight]).tolist():
        part = slice(bounds[number], bounds[number + 1])
        result[number] = Curve(controls[part], is_straight[part])
    return result
