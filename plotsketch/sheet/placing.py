"""Motifs put where a design wants them: in rooms of a repeat, in a group's domain with all images, or tossed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from plotsketch.errors import UserError
from plotsketch.sheet.design import PER_PLACE, UPRIGHT, Design
from plotsketch.sheet.dots import visible
from plotsketch.sheet.inks import Pens
from plotsketch.sheet.lattice import area
from plotsketch.sheet.room import Place, Polygon, Room, furnish, in_rows
from plotsketch.sheet.silhouette import rough_outline
from plotsketch.sheet.symmetry import Symmetry, images
from plotsketch.sheet.threads import in_threads
from plotsketch.sheet.toss import Toss, toss, usual_size
from plotsketch.strokes.clean import clean
from plotsketch.strokes.figure import Figure
from plotsketch.strokes.sketch import Line, Sketch

STREAM = 0x9A77E12  # apart from other draws of one seed
UPRIGHT_GROUPS = ("p1", "pm", "pg", "cm")  # they turn nothing about, so that motifs may have a head and feet
YIELDING = 0.3  # of the usual size: how small tossed motifs of it are made that have no room otherwise
AIR = 0.07  # of the motifs' distance: the usual gap


@dataclass(frozen=True, eq=False)
class Placed:
    """A motif as it stands in the pattern, in mm; ``rough`` is its outline as packing sees it. Rows and columns of
    ``figure`` are those of the repeat; motifs without rows follow one another as columns of one."""

    figure: Figure
    lines: list[Line]
    rough: BaseGeometry


def placed_motifs(figures: Sequence[Figure], design: Design, seed: int) -> list[Placed]:
    """One lattice cell's motifs, from a figure a motif (in the model's units), cleaned at the size that they have here.

    What is random hangs on ``seed`` alone. Raises UserError where motifs have no room.
    """
    if design.is_tossed:
        return _tossed(figures, design, seed)
    if design.group is not None:
        return _in_domain(figures, design, seed)
    rooms, per_place = design.made_repeat().rooms, PER_PLACE.get(design.repeat, 1)
    standing = [
        replace(figure, row=place // per_place // (design.cols or 1), col=place // per_place % (design.cols or 1))
        for place, figure in enumerate(figures)
    ]
    return _furnished(standing, [rooms], design, seed, count=len(rooms))


def _in_domain(figures: Sequence[Figure], design: Design, seed: int) -> list[Placed]:
    made = design.made_symmetry()
    plans = [[Room(shape, motif) for motif, shape in enumerate(plan)] for plan in _plans(made, len(figures))]
    first = _furnished(figures, plans, design, seed, count=len(figures) * len(made.isometries))
    found = []
    for isometry in made.isometries:
        for motif in first:
            rough = shapely.transform(motif.rough, lambda points, to=isometry: points @ to[:, :2].T + to[:, 2])
            found.append(Placed(motif.figure, images(motif.lines, isometry[None]), rough))
    return found


def _plans(made: Symmetry, count: int) -> list[list[Polygon]]:
    """Rows of rectangles where the group's part is one, round rooms of several kinds in all others."""
    from plotsketch.sheet.sharing import shares  # which imports scipy

    low, high = made.domain.min(axis=0), made.domain.max(axis=0)
    is_upright = np.isclose(shapely.Polygon(made.domain).area, (high - low).prod(), rtol=1e-9)
    return [in_rows(low, high - low, count)] if is_upright else list(shares(made, count))


def _furnished(
    figures: Sequence[Figure], plans: Sequence[Sequence[Room]], design: Design, seed: int, count: int
) -> list[Placed]:
    """Motifs in the rooms of the plan that they cover most of, where ``count`` share the lattice's cell."""
    draws = np.random.default_rng([seed, STREAM])
    factors = draws.uniform(*design.sizes, len(figures))
    motifs = [_turned(figure.outline, design, draws) for figure in figures]
    outlines = in_threads(rough_outline, [motif.lines for motif in motifs])
    gap = AIR * math.sqrt(area(design.ground().lattice) / count) if design.gap is None else design.gap
    turned = design.group is not None and design.group not in UPRIGHT_GROUPS and design.rotate is None
    places = _best_places(plans, outlines, gap, turned, factors)
    return [_stand(place, figures[place.motif], motifs[place.motif], outlines[place.motif], design) for place in places]


def _best_places(
    plans: Sequence[Sequence[Room]],
    outlines: Sequence[BaseGeometry],
    gap: float,
    turned: bool,
    factors: NDArray[np.float64],
) -> list[Place]:
    """Raises UserError, of the last plan, where none has room."""
    found, fault = [], None
    for rooms in plans:
        try:
            found.append(furnish(rooms, outlines, gap, turned, np.array([factors[room.motif] for room in rooms])))
        except UserError as error:
            fault = error
    if fault is not None and not found:
        raise fault
    areas = shapely.area(np.array(outlines))
    return max(found, key=lambda places: round(sum(areas[place.motif] * place.size**2 for place in places), 6))


def _turned(sketch: Sketch, design: Design, draws: np.random.Generator) -> Sketch:
    """At a random one of the angles that the design allows, and perhaps the other way about."""
    share, side = draws.random(2).tolist()
    step = UPRIGHT if design.rotate is None else design.rotate
    turns = round(UPRIGHT / step) if step else 0
    turn = math.radians(360 * share if not turns else step * int(share * turns))
    flip = -1.0 if design.flip and side < 0.5 else 1.0
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array([[cos * flip, -sin], [sin * flip, cos]])
    return Sketch(tuple(line @ matrix.T for line in sketch.lines), sketch.finished)


def _tossed(figures: Sequence[Figure], design: Design, seed: int) -> list[Placed]:
    lattice = design.ground().lattice
    outlines = in_threads(rough_outline, [figure.outline.lines for figure in figures])
    gap = AIR * math.sqrt(area(lattice) / len(figures)) if design.gap is None else design.gap
    low, high = design.sizes
    size, least = design.motif_size, None
    if size is None:  # where they are larger than usual on the whole, the usual size is not to be had
        middling = math.sqrt((low * low + low * high + high * high) / 3)
        overlap = min(gap, 0.0) / 2  # what overlaps spare is not all to be had either: legs and tails are in the way
        size = usual_size(outlines, lattice, gap - overlap) / max(1.0, middling)
        least = YIELDING * low * size
    turns = 0.0 if design.rotate is None else design.rotate
    how = Toss(low * size, high * size, gap, turns, design.flip, seed, least)
    in_turn = [replace(figure, row=0, col=place) for place, figure in enumerate(figures)]
    pens = pens_of(in_turn, design)
    inks = {pen: ink for ink, pen in enumerate(design.holder)}
    found = toss(outlines, lattice, how, [inks[pens.of("drawing", figure)] for figure in in_turn]).places
    return [_stand(p, in_turn[p.motif], figures[p.motif].outline, outlines[p.motif], design) for p in found]


def pens_of(figures: Sequence[Figure], design: Design) -> Pens:
    """Which pen draws which motif."""
    several = len({figure.group for figure in figures}) > 1
    return Pens(design.holder, design.pen_by or ("group" if several else "parity"), design.pen_width, figures)


def _stand(place: Place, figure: Figure, sketch: Sketch, outline: BaseGeometry, design: Design) -> Placed:
    placed = Sketch(tuple(place.lines(sketch.lines)), sketch.finished)
    if design.levers is not None:
        placed = clean(placed, design.levers)
    return Placed(figure, [visible(line) for line in placed.lines], place.shape(outline))
