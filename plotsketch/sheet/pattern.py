"""Figures to a pattern: what of motifs and background is seen, and which pen draws it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plotsketch.errors import UserError
from plotsketch.sheet.background import dots, stripes
from plotsketch.sheet.behind import behind
from plotsketch.sheet.design import Design, Ground
from plotsketch.sheet.document import Pen
from plotsketch.sheet.dots import visible as visible_line
from plotsketch.sheet.hide import visible, visible_shapes
from plotsketch.sheet.holes import fillers
from plotsketch.sheet.lattice import Lattice, area
from plotsketch.sheet.neighbours import copies_near
from plotsketch.sheet.period import Coat, Period
from plotsketch.sheet.placing import Placed, pens_of, placed_motifs
from plotsketch.sheet.silhouette import silhouette
from plotsketch.sheet.threads import in_threads
from plotsketch.strokes.figure import Figure

# Shares of the motifs' distance.
DOTS, DOT = 0.2, 0.04  # between dots, and a dot
STRIPES = 0.12  # between stripes
FILLERS = (0.14, 0.3)  # small motifs in the holes between the others
CLEAR = 0.025  # between a motif and what is behind it
ROOM = 0.05  # around small motifs


def period_of(figures: Sequence[Figure], design: Design, seed: int = 0) -> Period:
    """The pattern of a figure a motif (in the model's units), by a settled design.

    Raises UserError where motifs have no room, saying how many fitted or how small they would be, and where nothing of
    them is left.
    """
    ground = design.ground()
    placed = placed_motifs(figures, design, seed)
    if not any(motif.lines for motif in placed):
        raise UserError("--drop-short and --drop-dots leave no line of any motif; take a smaller --drop-short")
    pitch = math.sqrt(area(ground.lattice) / len(placed))
    covers = [motif.rough for motif in placed]
    if design.fill or design.silhouette or design.overlaps == "hide":
        covers = in_threads(silhouette, [motif.lines for motif in placed])
    has_behind = design.background is not None or (design.has_lines and design.outlines)
    clear = [cover.buffer(CLEAR * pitch, quad_segs=4) for cover in covers] if has_behind else []
    coats = [
        *_background(placed, clear, ground, design, pitch, seed),
        *_outlines(clear, ground, design),
        *_motifs(placed, covers, ground, design),
    ]
    overlapping = design.sizes[1] > 1 or (design.gap or 0.0) < 0
    density = _covered([motif.rough for motif in placed], ground.lattice, overlapping=overlapping)
    return Period(ground, tuple(coat for coat in coats if coat.lines or coat.shapes), len(placed), density)


def _covered(outlines: Sequence[BaseGeometry], lattice: Lattice, *, overlapping: bool) -> float:
    """The share of the area that is under outlines; where they may overlap, what is under several counts once."""
    if not overlapping:
        return float(sum(outline.area for outline in outlines)) / area(lattice)
    cell = shapely.Polygon([(0, 0), lattice[0], lattice[0] + lattice[1], lattice[1]])
    low, high = np.array(cell.bounds).reshape(2, 2)
    return float(shapely.union_all(copies_near(outlines, lattice, low, high)).intersection(cell).area / cell.area)


def _motifs(
    placed: Sequence[Placed], covers: Sequence[BaseGeometry], ground: Ground, design: Design
) -> Iterator[Coat]:
    """Their filling, and their lines (or shapes) by the pens that they are shared out to."""
    lines = [motif.lines for motif in placed]
    if design.overlaps == "hide":
        lines = visible(lines, covers, ground.lattice)
        if design.fill or design.silhouette:
            covers = visible_shapes(covers, ground.lattice)
    if design.fill is not None:
        yield Coat("filling", design.fill, shapes=tuple(covers))
    pens = pens_of([motif.figure for motif in placed], design)
    drawn: dict[Pen, list[int]] = {}
    for place, motif in enumerate(placed):
        drawn.setdefault(pens.of("drawing", motif.figure), []).append(place)
    for pen in pens.in_order(drawn):
        if design.silhouette:
            yield Coat("motifs", pen, shapes=tuple(covers[place] for place in drawn[pen]))
        else:
            yield Coat("motifs", pen, tuple(line for place in drawn[pen] for line in lines[place]))


def _outlines(clear: Sequence[BaseGeometry], ground: Ground, design: Design) -> Iterator[Coat]:
    """The ogees, diamonds or stripes of a repeat, behind motifs that reach over them."""
    if design.has_lines and design.outlines:
        lines = behind(design.made_repeat().lines, clear, ground.lattice)
        yield Coat("outlines", design.outline_pen or design.holder[0], tuple(lines))


def _background(
    placed: Sequence[Placed],
    clear: Sequence[BaseGeometry],
    ground: Ground,
    design: Design,
    pitch: float,
    seed: int,
) -> Iterator[Coat]:
    solid = [*clear, *_between(design, CLEAR * pitch)]
    if design.background == "dots":
        spacing = DOTS * pitch if design.spacing is None else design.spacing
        seen = behind(dots(ground.lattice, spacing, spacing * DOT / DOTS), solid, ground.lattice, whole=True)
        yield Coat("background", design.background_pen, shapes=tuple(shapely.Polygon(dot) for dot in seen))
        return
    elif design.background == "stripes":
        spacing = STRIPES * pitch if design.spacing is None else design.spacing
        lines = behind(stripes(ground.lattice, spacing), solid, ground.lattice)
    elif design.background == "motifs":
        sizes = (FILLERS[0] * pitch, FILLERS[1] * pitch)
        outlines = [motif.rough for motif in placed]
        places = fillers(solid, outlines, ground.lattice, sizes, ROOM * pitch, seed)
        lines = [line for place in places for line in place.lines(placed[place.motif].lines)]
    else:
        return
    yield Coat("background", design.background_pen, tuple(visible_line(line) for line in lines))


def _between(design: Design, clear: float) -> list[BaseGeometry]:
    """The room that a repeat's outlines take, where they are drawn."""
    lines = design.made_repeat().lines if design.has_lines and design.outlines else ()
    return [shapely.linestrings(line).buffer(clear) for line in lines]
