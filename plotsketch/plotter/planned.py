"""How much of a plot is done, in seconds of its plan: known at the end of every stroke, estimated in between."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import numpy as np

from plotsketch.lines.timeline import timeline
from plotsketch.plotter.plan import Floats, Plan


class PlannedTime:
    """Of one copy of a plan. ``total``: its seconds."""

    def __init__(self, plan: Plan) -> None:
        layers: list[list[Floats]] = [[] for _ in plan.layers]
        for stroke in plan.strokes:
            layers[stroke.layer].append(stroke.points)
        codes = [layer.code for layer in plan.layers]
        moves = timeline(layers, plan.machine, home=plan.home, codes=codes)
        self.total = moves.total
        self._marks = np.append(moves.line_begin, moves.total)  # when each stroke begins, and the end
        self._stroke, self._since = 0, time.monotonic()

    def begin(self, stroke: int) -> None:
        """Stroke `stroke` begins now."""
        self._stroke, self._since = stroke, time.monotonic()

    def now(self) -> float:
        """The seconds that are done: while a stroke is drawn, as many as have gone by, but no more than it takes."""
        gone = time.monotonic() - self._since
        return float(min(self._marks[self._stroke] + gone, self._marks[self._stroke + 1]))

    def until(self, stroke: int) -> float:
        """The seconds before stroke `stroke`, counted through all layers; for one past the last, all of them."""
        return float(self._marks[stroke])

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """While somebody is asked, nothing is drawn."""
        since = time.monotonic()
        yield
        self._since += time.monotonic() - since
