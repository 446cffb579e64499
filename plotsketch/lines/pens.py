"""The layers of a document, one after another under the pen: tidied, joined and put in order, each kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.lines.cuts import LIFT_GAP
from plotsketch.lines.effort import Effort
from plotsketch.lines.join import DEFAULT_GAP, join_ends, joined
from plotsketch.lines.layer_codes import code_of
from plotsketch.lines.machine import Machine
from plotsketch.lines.order import DEFAULT_EFFORT, Place, order_lines
from plotsketch.lines.pace import MILLIMETRES, Pace
from plotsketch.lines.retrace import retraced
from plotsketch.lines.tidy import Ply, Tidy, after_joining, before_joining
from plotsketch.lines.units import DEFAULT_PEN_WIDTH, MM_PER_PX

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """What is done to the lines: joined over gaps of up to `gap` mm (None: not at all), then ordered by `pace`.

    The pen goes back over up to `retrace` mm of ink where `retracer` is sooner for it than for a lift.
    An `effort` of None leaves them in their order. `home` is where the pen comes from and goes to, if anywhere. `tidy`
    is what is done to them besides, before and after they are joined.
    """

    gap: float | None = DEFAULT_GAP
    pace: Pace = MILLIMETRES
    effort: Effort | None = DEFAULT_EFFORT
    seed: int = 0
    home: Place | None = None
    tidy: Tidy = field(default_factory=Tidy)
    retrace: float = 0.0
    retracer: Machine | None = None


@dataclass(frozen=True)
class Treated:
    """The new document, the lengths in mm of the gaps that were drawn over, and how many mm are drawn twice."""

    document: vpype.Document
    bridges: list[float] = field(default_factory=list)
    twice_mm: float = 0.0


def treated(document: vpype.Document, treatment: Treatment) -> Treated:
    """A new document with the same page and layers, and the lines of each layer joined and in a better order.

    Layers keep their order, names, colours and pens; each begins with the pen where the one before has left it;
    the pen does not go to layers that an AxiDraw skips. Raises UserError for wishes about layers that are not there.
    """
    result = document.empty_copy(keep_layers=False)
    found = _joined(_plies(document), treatment)
    for number, lines in _ordered(document, {ply.number: ply.lines for ply in found.plies}, treatment):
        pixels = [line @ np.array([1, 1j]) / MM_PER_PX for line in lines]
        result.add(document.layers[number].clone(pixels), number, with_metadata=True)
    return Treated(result, found.bridges, found.twice_mm)


def _ordered(
    document: vpype.Document, drawn: dict[int, list[Floats]], treatment: Treatment
) -> Iterator[tuple[int, list[Floats]]]:
    plotted = [number for number in drawn if drawn[number] and not code_of(document, number).skip]
    last = max(plotted, default=None)
    total = sum(map(len, drawn.values()))
    place = treatment.home
    for number, lines in drawn.items():
        if treatment.effort is not None and lines:
            lines = order_lines(
                lines,
                pace=treatment.pace,
                start=place,
                end=treatment.home if number == last else None,
                effort=treatment.effort.share(len(lines), total),
                seed=treatment.seed,
                seams=not treatment.tidy.reloop,
            )
        if number in plotted:
            place = (float(lines[-1][-1, 0]), float(lines[-1][-1, 1]))
        yield number, lines


@dataclass(frozen=True)
class _Joined:
    plies: list[Ply]
    bridges: list[float]
    twice_mm: float


def _joined(plies: list[Ply], treatment: Treatment) -> _Joined:
    gap, tidy = treatment.gap, treatment.tidy
    bridges: list[float] = []
    twice_mm = 0.0
    if gap is not None and tidy.whole:
        # what was drawn in pieces that meet is one line; ends that only come near may belong to other shapes
        plies = [replace(ply, lines=join_ends(ply.lines, 0.0)) for ply in plies]
    plies = before_joining(plies, tidy)
    if gap is not None:
        done = [joined(ply.lines, gap, treatment.pace) for ply in plies]
        plies = [replace(ply, lines=one.lines) for ply, one in zip(plies, done, strict=True)]
        bridges += [bridge for one in done for bridge in one.bridges]
    if treatment.retrace and treatment.retracer is not None:
        back = [retraced(ply.lines, treatment.retracer, gap or 0.0, treatment.retrace) for ply in plies]
        plies = [replace(ply, lines=one.lines) for ply, one in zip(plies, back, strict=True)]
        bridges += [bridge for one in back for bridge in one.bridges]
        twice_mm = sum(one.twice_mm for one in back)
    step = treatment.retracer.step if treatment.retracer is not None else 0.0
    lift_gap = max(LIFT_GAP, 1.5 * step)  # on a coarse machine what is half a step apart touches
    plies = [
        replace(ply, lines=after_joining(ply.lines, tidy, [treatment.seed, ply.number], lift_gap)) for ply in plies
    ]
    return _Joined(plies, bridges, twice_mm)


def _plies(document: vpype.Document) -> list[Ply]:
    return [_ply(number, document.layers[number]) for number in sorted(document.layers)]


def _ply(number: int, layer: vpype.LineCollection) -> Ply:
    width = layer.property(vpype.METADATA_FIELD_PEN_WIDTH)
    return Ply(
        number=number,
        name=layer.property(vpype.METADATA_FIELD_NAME) or "",
        pen=width * MM_PER_PX if width is not None else DEFAULT_PEN_WIDTH,
        lines=[vpype.as_vector(np.ascontiguousarray(line)) * MM_PER_PX for line in layer if len(line)],
    )
