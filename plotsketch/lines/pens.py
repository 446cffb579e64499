"""The layers of a document, one after another under the pen: joined and put in order, each kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.lines.effort import Effort
from plotsketch.lines.join import DEFAULT_GAP, join_lines
from plotsketch.lines.order import DEFAULT_EFFORT, Place, order_lines
from plotsketch.lines.pace import MILLIMETRES, Pace

Floats = NDArray[np.float64]
MM_PER_PX = 25.4 / 96


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """What is done to the lines: joined over gaps of up to `gap` mm (None: not at all), then ordered by `pace`.

    An `effort` of None leaves them in their order. `home` is where the pen comes from and goes to, if anywhere.
    """

    gap: float | None = DEFAULT_GAP
    pace: Pace = MILLIMETRES
    effort: Effort | None = DEFAULT_EFFORT
    seed: int = 0
    home: Place | None = None


def treated(document: vpype.Document, treatment: Treatment) -> vpype.Document:
    """A new document with the same page and layers, and the lines of each layer joined and in a better order.

    Layers keep their order, names, colours and pens; each begins with the pen where the one before has left it.
    """
    result = document.empty_copy(keep_layers=False)
    for number, lines in _layers(document, treatment):
        pixels = [line @ np.array([1, 1j]) / MM_PER_PX for line in lines]
        result.add(document.layers[number].clone(pixels), number, with_metadata=True)
    return result


def _layers(document: vpype.Document, treatment: Treatment) -> Iterator[tuple[int, list[Floats]]]:
    numbers = sorted(document.layers)
    drawn = {number: _joined(document.layers[number], treatment.gap) for number in numbers}
    last = max((number for number in numbers if drawn[number]), default=None)
    total = sum(map(len, drawn.values()))
    place = treatment.home
    for number in numbers:
        lines = drawn[number]
        if treatment.effort is not None and lines:
            lines = order_lines(
                lines,
                pace=treatment.pace,
                start=place,
                end=treatment.home if number == last else None,
                effort=treatment.effort.share(len(lines), total),
                seed=treatment.seed,
            )
        if lines:
            place = (float(lines[-1][-1, 0]), float(lines[-1][-1, 1]))
        yield number, lines


def _joined(layer: vpype.LineCollection, gap: float | None) -> list[Floats]:
    lines = [vpype.as_vector(np.ascontiguousarray(line)) * MM_PER_PX for line in layer if len(line)]
    return lines if gap is None else join_lines(lines, gap)
