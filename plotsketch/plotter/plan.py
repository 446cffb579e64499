"""A plot as it will be done: strokes in their order, by layer, on a page in a machine.

A plan hangs on nothing but itself: it is kept with a plot's journal, so that the plot can go on when the sheet's file
has long been changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import Machine
from plotsketch.lines.times import Times, layer_times
from plotsketch.output.layers import ALL_SKIPPED, Layer, check_numbers, layers, page_size

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlanLayer:
    """A layer to be plotted, with one pen. ``pen`` is its place in a carousel, or None for what the machine makes of
    the layer's ``number``; ``code`` is what its label says (speed, height, delay, a pause before it)."""

    number: int
    label: str
    colour: str
    pen_width: float
    code: LayerCode
    pen: int | None = None


@dataclass(frozen=True)
class Stroke:
    """What the pen draws without a lift: ``points`` (k, 2) in mm on the page, k >= 1; ``layer`` counts the plan's."""

    layer: int
    points: Floats

    @property
    def mm(self) -> float:
        """The length of its ink."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())


@dataclass(frozen=True)
class Plan:
    """Strokes in their order on a page of (width, height) mm. ``paper`` names what lies in an HP-GL plotter."""

    machine: Machine
    page: tuple[float, float]
    layers: tuple[PlanLayer, ...]
    strokes: tuple[Stroke, ...]
    paper: str | None = None

    @property
    def home(self) -> tuple[float, float]:
        """Where the pen rests, in mm on the page."""
        return self.machine.home_on(*self.page)

    def times(self) -> list[Times]:
        """What each layer takes, as `plotsketch estimate` counts."""
        by_layer: list[list[Floats]] = [[] for _ in self.layers]
        for stroke in self.strokes:
            by_layer[stroke.layer].append(stroke.points)
        codes = [layer.code for layer in self.layers]
        return layer_times(by_layer, self.machine, home=self.home, codes=codes)


def plan_of(document: vpype.Document, machine: Machine, *, paper: str | None = None) -> Plan:
    """The plan of a document: lines that touch (within half a motor step) are one stroke; layers that their labels
    tell to skip are left out. Raises UserError where there is nothing to draw, and for coordinates that are no numbers.
    """
    check_numbers(document)
    page = page_size(document) if document.page_size else machine.travel
    drawn = [layer for layer in layers(document) if any(len(line) for line in layer.lines)]
    if not drawn:
        raise UserError("the sheet has no lines to draw")
    kept = [layer for layer in drawn if not layer.code.skip]
    if not kept:
        raise UserError(ALL_SKIPPED)
    strokes = [Stroke(n, points) for n, layer in enumerate(kept) for points in _strokes(layer.lines, machine)]
    return Plan(machine, page, tuple(map(_plan_layer, kept)), tuple(strokes), paper)


def restricted(plan: Plan, layers: Sequence[int], only: tuple[int, int] | None) -> Plan:
    """The plan with no more than the layers of those numbers (all, where none is named), and of all its strokes,
    counted from 1, those from the first to the last of `only`. Raises UserError where nothing is left."""
    numbers = [layer.number for layer in plan.layers]
    if unknown := [number for number in layers if number not in numbers]:
        raise UserError(f"the sheet has no layer {unknown[0]} to draw; there are {', '.join(map(str, numbers))}")
    first, last = only or (1, len(plan.strokes))
    if first > len(plan.strokes):
        raise UserError(f"the sheet has {len(plan.strokes):,} strokes; there is none from {first:,} on")
    kept = [stroke for stroke in plan.strokes[first - 1 : last] if not layers or numbers[stroke.layer] in layers]
    if not kept:
        raise UserError(f"no stroke from {first:,} to {last:,} is in layer {', '.join(map(str, layers))}")
    there = sorted({stroke.layer for stroke in kept})
    place = {layer: n for n, layer in enumerate(there)}
    strokes = tuple(Stroke(place[stroke.layer], stroke.points) for stroke in kept)
    return replace(plan, layers=tuple(plan.layers[n] for n in there), strokes=strokes)


def _plan_layer(layer: Layer) -> PlanLayer:
    return PlanLayer(layer.number, layer.label, layer.colour, layer.pen_width, layer.code)


def _strokes(lines: Sequence[Floats], machine: Machine) -> list[Floats]:
    """Lines as strokes: each goes on with the next where that begins at its end."""
    full = [line for line in lines if len(line)]
    gaps = np.array([line[0] - before[-1] for before, line in pairwise(full)]).reshape(-1, 2)
    lifts = np.flatnonzero(machine.is_hop(np.hypot(*gaps.T))) + 1
    return [np.concatenate(full[a:b]) for a, b in pairwise([0, *lifts.tolist(), len(full)]) if a < b]
