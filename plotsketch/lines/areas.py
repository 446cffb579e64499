"""Closed lines of a sheet at work: they are filled, and hide what lies below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from plotsketch.lines.hatch import hatched
from plotsketch.lines.occlude import visible
from plotsketch.lines.shapes import SMALLEST, even_odd, loop_of, nested, silhouette, without_higher
from plotsketch.lines.tidy import Ply, Tidy

Floats = NDArray[np.float64]


def filled_and_hidden(plies: Sequence[Ply], tidy: Tidy, *, filled: set[int], masks: set[int]) -> list[Ply]:
    """The layers, those numbered in `filled` with fillings, all without what lies under closed lines.

    A filling follows its outline. It ends half a pen from the outlines that hide it, and its lines are linked there as
    along its own.
    """
    firsts = np.cumsum([0, *(len(ply.lines) for ply in plies)]).tolist()
    above = _masks(plies, firsts, tidy, masks)
    seen = visible([line for ply in plies for line in ply.lines], range(firsts[-1]), list(above.values()), list(above))
    result = []
    for ply, first in zip(plies, firsts, strict=False):
        fillings = _fillings(ply, first, above, tidy) if ply.number in filled - masks else {}
        kept = [] if ply.number in masks else range(len(ply.lines))
        lines = [line for number in kept for line in [*seen[first + number], *fillings.get(number, [])]]
        result.append(replace(ply, lines=lines))
    return result


def _masks(plies: Sequence[Ply], firsts: Sequence[int], tidy: Tidy, masks: set[int]) -> dict[int, shapely.Geometry]:
    """What closed lines hide, by their numbers among all lines, which grow from below upwards."""
    found = {
        first + number: silhouette(loop)
        for ply, first in zip(plies, firsts, strict=False)
        if tidy.occlude or ply.number in masks
        for number, line in enumerate(ply.lines)
        if (loop := loop_of(line, tidy.closed)) is not None
    }
    return {level: shape for level, shape in found.items() if shape.area > SMALLEST}


def _fillings(ply: Ply, first: int, above: dict[int, shapely.Geometry], tidy: Tidy) -> dict[int, list[Floats]]:
    """What fills the closed lines of a layer, by the numbers of the lines; `first` is its first among all."""
    loops = ((number, loop_of(line, tidy.closed)) for number, line in enumerate(ply.lines))
    areas = {number: even_odd(loop) for number, loop in loops if loop is not None}
    gap = tidy.hatch_gap or ply.pen
    angles = [tidy.hatch_angle, tidy.hatch_angle + 90] if tidy.hatch_cross else [tidy.hatch_angle]
    names = list(areas)
    full = [(names[place], area) for place, area in nested(list(areas.values()))]
    seen = without_higher([a for _, a in full], [first + n for n, _ in full], list(above.values()), list(above))
    return {
        number: [line for angle in angles for line in hatched(area, ply.pen, gap, angle)]
        for (number, _), area in zip(full, seen, strict=True)
    }
