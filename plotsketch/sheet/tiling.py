"""A large sheet over several pages: where the cuts go, so that they cross as few strokes as can be.

Cuts go straight across the whole sheet, columns and rows by themselves. A page shows its part of the sheet up to half
the overlap beyond its cuts, so that neighbours draw the same strip on both sides of a cut.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.sheet.clip import Box
from plotsketch.strokes.sketch import Line

LEAST = 1 / 3  # of what a page can show without its overlap: cuts leave no slivers
CLEAR = 3.0  # mm: a cut that is farther than this from where strokes begin and end is as good as any
STEP, MOST_PLACES = 0.25, 1500  # mm between the places that are tried for a cut, and how many at most
MOST_PAGES = 1000
SLACK = 1e-9  # mm

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tiling:
    """How a sheet of ``size`` (width, height mm) is cut: upright at ``xs``, level at ``ys``.

    At a cut ``overlap`` mm are on both pages. ``crossed`` counts the strokes at all cuts, ``crossed_evenly`` those that
    cuts into equal parts would cross; a stroke that two cuts cross counts twice.
    """

    size: tuple[float, float]
    overlap: float
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    crossed: int
    crossed_evenly: int

    @property
    def rows(self) -> int:
        return len(self.ys) + 1

    @property
    def cols(self) -> int:
        return len(self.xs) + 1

    def window(self, row: int, col: int) -> Box:
        """What of the sheet a page shows, in mm; rows and columns count from 0."""
        (left, right), (top, bottom) = self._span(0, col), self._span(1, row)
        return left, top, right, bottom

    def _span(self, axis: int, index: int) -> tuple[float, float]:
        length, cuts, half = self.size[axis], (self.xs, self.ys)[axis], self.overlap / 2
        low = 0.0 if index == 0 else cuts[index - 1] - half
        return low, length if index == len(cuts) else cuts[index] + half


def page_name(row: int, col: int) -> str:
    """A1 for the first, B3 for the third page of the second row."""
    return f"{row_name(row)}{col + 1}"


def row_name(row: int) -> str:
    """A to Z, then AA, AB and so on, as in a spreadsheet."""
    return (row_name(row // 26 - 1) if row >= 26 else "") + chr(ord("A") + row % 26)


def tiling(lines: Sequence[Line], size: tuple[float, float], room: tuple[float, float], overlap: float) -> Tiling:
    """The fewest pages that show a sheet of ``size``, each ``room`` (width, height mm) at most, and the cuts between
    them that cross the fewest of ``lines``.

    Among equal ones cuts keep away from where strokes begin and end, and near to equal parts. Raises UserError where an
    ``overlap`` (mm) leaves nothing of a page or more than 1000 pages would be needed.
    """
    if not 0 <= overlap < min(room):
        raise UserError(
            f"--overlap is {overlap:g} mm, and a page shows {room[0]:g} x {room[1]:g} mm; give less, such as 5mm"
        )
    counts = [pages_for(length, width, overlap) for length, width in zip(size, room, strict=True)]
    if math.prod(counts) > MOST_PAGES:
        raise UserError(f"that would be {math.prod(counts):,} pages, more than {MOST_PAGES:,}; take larger paper")
    lows = np.array([line.min(axis=0) for line in lines]).reshape(-1, 2)
    highs = np.array([line.max(axis=0) for line in lines]).reshape(-1, 2)
    found, least, plain = [], 0, 0
    for axis, count in enumerate(counts):
        strokes = Strokes(np.sort(lows[:, axis]), np.sort(highs[:, axis]))
        even = even_cuts(size[axis], count, overlap)
        cuts = best_cuts(strokes, size[axis], room[axis], even, overlap)
        found.append(tuple(cuts.tolist()))
        least, plain = least + int(strokes.at(cuts).sum()), plain + int(strokes.at(even).sum())
    return Tiling(size, overlap, found[0], found[1], least, plain)


def pages_for(length: float, room: float, overlap: float) -> int:
    """The fewest pages that show ``length`` mm when each shows ``room``."""
    return max(1, math.ceil((length - overlap) / (room - overlap) - SLACK))


def even_cuts(length: float, count: int, overlap: float) -> Floats:
    """The cuts between ``count`` pages that all show as much as one another."""
    return np.asarray(overlap / 2 + np.arange(1, count) * (length - overlap) / count)


@dataclass(frozen=True, eq=False)
class Strokes:
    """Where strokes begin and end along one side of the sheet, each (n,) and sorted, in mm."""

    lows: Floats
    highs: Floats

    def at(self, places: Floats) -> NDArray[np.intp]:
        """How many strokes a cut at each of ``places`` crosses; one that only touches it is not crossed."""
        return np.searchsorted(self.lows, places, "left") - np.searchsorted(self.highs, places, "right")

    def nearest(self, places: Floats) -> Floats:
        """mm from each of ``places`` to where a stroke begins or ends."""
        ends = np.concatenate([[-np.inf], np.sort(np.concatenate([self.lows, self.highs])), [np.inf]])
        after = np.searchsorted(ends, places)
        return np.asarray(np.minimum(ends[after] - places, places - ends[after - 1]))


def best_cuts(strokes: Strokes, length: float, room: float, even: Floats, overlap: float) -> Floats:
    """The cuts, as many as ``even`` ones, that cross the fewest strokes (dynamic programming over places to cut).

    Two cuts are as far apart as a page allows and no nearer than a third of that.
    """
    if not len(even):
        return even
    most = room - overlap
    places = _places(length, most, even, overlap)
    worst = [_costs(strokes, where, near, len(even), most) for where, near in zip(places, even, strict=True)]
    cost, back = worst[0], []
    for (before, here), own in zip(pairwise(places), worst[1:], strict=True):
        apart = here[:, None] - before
        allowed = (apart <= most + SLACK) & (apart >= LEAST * most - SLACK)
        total = np.where(allowed, cost, np.inf)
        back.append(total.argmin(axis=1))
        cost = own + total.min(axis=1)
    chosen = [int(cost.argmin())]
    for came in reversed(back):
        chosen.append(int(came[chosen[-1]]))
    return np.array([where[index] for where, index in zip(places, reversed(chosen), strict=True)])


def _places(length: float, most: float, even: Floats, overlap: float) -> list[Floats]:
    """Where each cut may lie, from the slack that the count of pages leaves; the even place is among them."""
    count, first, last = len(even) + 1, overlap / 2, length - overlap / 2
    found = []
    for number, near in enumerate(even, start=1):
        low = max(first + number * LEAST * most, last - (count - number) * most)
        high = min(first + number * most, last - (count - number) * LEAST * most)
        steps = int(min(MOST_PLACES, max(0.0, high - low) // STEP + 1))
        found.append(np.unique(np.concatenate([np.linspace(low, max(low, high), steps + 1), [near]])))
    return found


def _costs(strokes: Strokes, places: Floats, even: float, cuts: int, most: float) -> Floats:
    """Strokes crossed, and less than one for all cuts together what is only less fine."""
    near = 1 - np.minimum(strokes.nearest(places), CLEAR) / CLEAR
    uneven = np.minimum(np.abs(places - even) / most, 1.0)
    return strokes.at(places) + (0.6 * near + 0.3 * uneven) / cuts


def area_within(ring: Line, window: Box) -> list[Line]:
    """The closed lines round what of a ring's area lies in ``window``, each running as the ring does."""
    if (ring >= window[:2]).all() and (ring <= window[2:]).all():
        return [ring]
    upwards = shapely.is_ccw(shapely.linearrings(ring))
    parts = shapely.get_parts(shapely.clip_by_rect(shapely.make_valid(shapely.polygons(ring)), *window))
    edges = [part.exterior for part in parts if part.geom_type == "Polygon"]
    return [shapely.get_coordinates(edge if edge.is_ccw == upwards else edge.reverse()) for edge in edges]
