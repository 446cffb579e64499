"""Tossed repeats: motifs strewn at random and yet evenly, by their real outlines, on a lattice and over its edges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from plotsketch.errors import UserError
from plotsketch.sheet.crowd import settle
from plotsketch.sheet.discs import cover
from plotsketch.sheet.holes import circles
from plotsketch.sheet.lattice import Lattice, area
from plotsketch.sheet.neighbours import near_bodies
from plotsketch.sheet.room import Place
from plotsketch.sheet.threads import in_threads

CROWDED = 0.92  # of the area: as much as enlarged motifs take before they are pushed apart
FITTING = 0.65  # of the area: what motifs and gaps come to when they are as close as they get
YIELD = 0.96  # of its size: how large a motif that touches another is made, again and again, as far as it may be
TRIES = 4  # for motifs that are in each other's way to be put where there is more room
USUAL = 0.58  # of the area: a density that looks full and leaves the motifs room to turn
PLASTIC = 0.7548776662466927, 0.5698402909980532  # steps of the plane's most even sequence (Roberts 2018)
STREAM = 0x70551E5  # apart from other draws of one seed


@dataclass(frozen=True)
class Toss:
    """How motifs are tossed.

    ``smallest`` and ``largest``: the length of a motif from corner to corner, in mm; sizes between are equally
    likely. ``gap``: the least distance in mm between outlines; below 0 they may overlap by as much. ``turns``: motifs
    stand at multiples of so many degrees, at any angle for 0, upright for 360. ``flip``: half of them look the
    other way. ``least``: how small in mm motifs may be made that have no room otherwise (None: as ``smallest``).
    """

    smallest: float
    largest: float
    gap: float = 1.0
    turns: float = 0.0
    flip: bool = False
    seed: int = 0
    least: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.largest) and 0 < self.smallest <= self.largest):
            raise UserError(
                f"motifs from {self.smallest:g} to {self.largest:g} mm: give a size above 0, or two, the smaller first"
            )
        if not math.isfinite(self.gap):
            raise UserError("the gap is no number; give a length, such as 2mm")
        if not 0 <= self.turns <= 360:
            raise UserError(f"turns by {self.turns:g} degrees: give 0 for any angle, 360 for none, or a step between")


@dataclass(frozen=True)
class Tossed:
    """``places`` in the order of their motifs; ``density``: the share of the area that outlines cover."""

    places: tuple[Place, ...]
    density: float


def toss(outlines: Sequence[BaseGeometry], lattice: Lattice, how: Toss, kinds: Sequence[int] | None = None) -> Tossed:
    """A place for each motif, from its outline (``silhouette.rough_outline`` will do) in any unit.

    Motifs of one of ``kinds``, a number a motif, are evenly spread among the others. Outlines, with their copies over
    the lattice, keep the gap. The same call gives the same places. Raises UserError, saying how many fitted, when there
    is no room for all.
    """
    if not outlines:
        raise UserError("there is no motif to toss; give one drawing or more")
    shapes = [_centred(outline) for outline in outlines]
    draws = np.random.default_rng([how.seed, STREAM])
    sizes = draws.uniform(how.smallest, how.largest, len(shapes))
    flips = draws.random(len(shapes)) < 0.5 if how.flip else np.zeros(len(shapes), dtype=bool)
    angles = _angles(len(shapes), how.turns, draws)
    taken, room = _Cover.of(shapes, sizes), CROWDED * area(lattice)
    if taken.with_gap(how.gap) > room:
        raise _no_room(int(len(shapes) * FITTING * area(lattice) / taken.with_gap(how.gap)), len(shapes), "about ")
    discs, owner = _bodies(shapes, sizes, flips, how.gap)
    extra = max(0.0, taken.gap_that_takes(room) - how.gap)
    seeds = _seeds(sizes, np.zeros(len(sizes)) if kinds is None else np.asarray(kinds), lattice, draws)
    middles, angles = settle(seeds, angles, discs, owner, lattice, how.turns == 0, extra)
    places = _places(middles, sizes, angles, flips)
    for _ in range(TRIES):
        stuck = _stuck(_too_near(places, shapes, lattice, how.gap))
        if not len(stuck):
            break
        middles[stuck], angles[stuck] = _elsewhere(stuck, places, shapes, lattice, how, draws)
        middles, angles = settle(middles, angles, discs, owner, lattice, how.turns == 0)
        places = _places(middles, sizes, angles, flips)
    places = _told_apart(places, shapes, lattice, how)
    covered = sum(shape.area * place.size**2 for shape, place in zip(shapes, places, strict=True))
    return Tossed(tuple(_of_given(place, outlines[place.motif]) for place in places), covered / area(lattice))


def usual_size(outlines: Sequence[BaseGeometry], lattice: Lattice, gap: float, density: float = USUAL) -> float:
    """How long motifs are, in mm from corner to corner, when they and half of the gap around cover that much.

    Raises UserError, saying how many fitted, when the gap alone takes more.
    """
    shapes = [_centred(outline) for outline in outlines]
    taken = _Cover.of(shapes, np.ones(len(shapes)))
    half, rest = taken.rims * gap / 4, _Cover(0, 0, len(shapes)).with_gap(gap) - density * area(lattice)
    size = (math.sqrt(max(half**2 - taken.areas * rest, 0)) - half) / taken.areas
    if size <= 0:
        fitted = math.ceil(density * area(lattice) * len(shapes) / _Cover(0, 0, len(shapes)).with_gap(gap)) - 1
        raise _no_room(fitted, len(shapes), f"with gaps of {gap:g} mm about ")
    return size


def _centred(outline: BaseGeometry) -> BaseGeometry:
    """Its bounds' middle at (0, 0) and their diagonal 1."""
    if outline.is_empty:
        raise UserError("a motif has no lines; leave it out")
    middle, span = _frame(outline)
    return shapely.transform(outline, lambda points: (points - middle) / span)


def _frame(outline: BaseGeometry) -> tuple[NDArray[np.float64], float]:
    low, high = np.array(outline.bounds[:2]), np.array(outline.bounds[2:])
    return (low + high) / 2, float(np.hypot(*(high - low))) or 1.0


def _of_given(place: Place, outline: BaseGeometry) -> Place:
    """The place of a centred shape as that of the outline which it was made of."""
    middle, span = _frame(outline)
    sized = replace(place, size=place.size / span)
    x, y = (place.x, place.y) - sized.matrix[:, :2] @ middle
    return replace(sized, x=float(x), y=float(y))


def _angles(count: int, turns: float, draws: np.random.Generator) -> NDArray[np.float64]:
    """In radians."""
    if turns == 0:
        return draws.uniform(0, 2 * math.pi, count)
    return np.asarray(math.radians(turns) * draws.integers(0, max(1, round(360 / turns)), count))


@dataclass(frozen=True)
class _Cover:
    """What shapes take of the area: by their areas and outlines, with half of a gap around each."""

    areas: float
    rims: float
    count: int

    @classmethod
    def of(cls, shapes: Sequence[BaseGeometry], sizes: NDArray[np.float64]) -> _Cover:
        areas, rims = shapely.area(list(shapes)) * sizes**2, shapely.length(list(shapes)) * sizes
        return cls(float(areas.sum()), float(rims.sum()), len(shapes))

    def with_gap(self, gap: float) -> float:
        return self.areas + self.rims * gap / 2 + self.count * math.copysign(math.pi * gap**2 / 4, gap)

    def gap_that_takes(self, room: float) -> float:
        """The gap, from 0 up, at which they take that much; 0 where they already take more."""
        low, high = 0.0, 2 * math.sqrt(room)
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (low, middle) if self.with_gap(middle) > room else (middle, high)
        return low


def _bodies(
    shapes: Sequence[BaseGeometry], sizes: NDArray[np.float64], flips: NDArray[np.bool_], gap: float
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Discs (m, 3) in mm that cover the shapes and half of the gap around them, and whose they are (m,)."""
    discs, owner = [], []
    for body, (own, size, flip) in enumerate(zip(in_threads(cover, shapes), sizes, flips, strict=True)):
        own *= (-size if flip else size, size, size)
        own[:, 2] = np.maximum(own[:, 2] + gap / 2, 0.1 * own[:, 2])
        discs.append(own)
        owner.append(np.full(len(own), body))
    return np.concatenate(discs), np.concatenate(owner)


def _seeds(
    sizes: NDArray[np.float64], kinds: NDArray[Any], lattice: Lattice, draws: np.random.Generator
) -> NDArray[np.float64]:
    """Evenly over the cell (n, 2). Any run of the sequence is even: so are kinds, one after another, and in each kind
    the largest, which come first."""
    count = len(sizes)
    order = np.lexsort((-sizes, kinds))
    steps = (draws.random(2) + np.arange(count)[:, None] * PLASTIC) % 1.0
    seeds = np.empty((count, 2))
    seeds[order] = steps @ lattice
    return seeds + draws.normal(0, 0.25 * math.sqrt(area(lattice) / count), (count, 2))


def _told_apart(places: list[Place], shapes: Sequence[BaseGeometry], lattice: Lattice, how: Toss) -> list[Place]:
    """Motifs that are nearer to one another than the gap made a little smaller, by their exact outlines."""
    bad = _too_near(places, shapes, lattice, how.gap)
    least = how.smallest if how.least is None else how.least
    while len(bad) and any(places[body].size > least for body in np.unique(bad)):
        for body in np.unique(bad):
            places[body] = replace(places[body], size=max(least, YIELD * places[body].size))
        bad = _too_near(places, shapes, lattice, how.gap)
    if not len(bad):
        return places
    raise _no_room(len(places) - len(_stuck(bad)), len(places))


def _too_near(
    places: Sequence[Place], shapes: Sequence[BaseGeometry], lattice: Lattice, gap: float
) -> NDArray[np.intp]:
    """Pairs (k, 2) of motifs, or of one and its own copy, that are not ``gap`` apart."""
    stand = np.array([place.shape(shape) for place, shape in zip(places, shapes, strict=True)])
    at = np.array([(place.x, place.y) for place in places])
    bounds = shapely.bounds(stand)
    reach = np.hypot(*np.maximum(at - bounds[:, :2], bounds[:, 2:] - at).T) + max(gap, 0) / 2
    first, second, shift = near_bodies(at, reach, lattice)
    if gap < 0:
        stand = shapely.buffer(stand, gap / 2)
    moved = _shifted(stand[second], shift)
    distance = shapely.distance(stand[first], moved)
    near = shapely.intersects(stand[first], moved) if gap <= 0 else distance < gap * (1 - 1e-6)
    return np.stack([first[near], second[near]], axis=1)


def _shifted(shapes: NDArray[np.object_], shifts: NDArray[np.float64]) -> NDArray[np.object_]:
    counts = shapely.get_num_coordinates(shapes)
    moves = np.repeat(shifts, counts, axis=0)
    return np.asarray(shapely.transform(shapes, lambda points: points + moves))


def _stuck(pairs: NDArray[np.intp]) -> list[int]:
    """Which motifs to take out, each time the one in most pairs, until no pair is left."""
    out = []
    while len(pairs):
        out.append(int(np.bincount(pairs.ravel()).argmax()))
        pairs = pairs[(pairs != out[-1]).all(axis=1)]
    return out


def _elsewhere(
    stuck: list[int],
    places: Sequence[Place],
    shapes: Sequence[BaseGeometry],
    lattice: Lattice,
    how: Toss,
    draws: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Other middles and angles for motifs that are in each other's way: the largest holes among the others."""
    out = set(stuck)
    rest = [place.shape(shapes[place.motif]) for place in places if place.motif not in out]
    angles = _angles(len(stuck), how.turns, draws)
    middles = (draws.random((len(stuck), 2))) @ lattice
    if rest:
        holes = circles(rest, lattice, how.smallest / 2, how.largest, 0.0, len(stuck))
        middles[: len(holes)] = holes[:, :2]
    return middles, angles


def _places(
    middles: NDArray[np.float64], sizes: NDArray[np.float64], angles: NDArray[np.float64], flips: NDArray[np.bool_]
) -> list[Place]:
    found = zip(middles.tolist(), sizes.tolist(), np.degrees(angles).tolist(), flips.tolist(), strict=True)
    return [Place(x, y, size, motif, angle % 360, flip) for motif, ((x, y), size, angle, flip) in enumerate(found)]


def _no_room(fitted: int, count: int, about: str = "") -> UserError:
    return UserError(
        f"{about}{fitted} of {count} motifs fitted; take fewer or smaller ones, a smaller gap or a larger repeat"
    )
