"""Parts of strokes: what is left of one that was broken off, and what is drawn again before a plot goes on."""

from __future__ import annotations

import numpy as np

from plotsketch.plotter.plan import Floats, Plan


def rest(points: Floats, done: float) -> Floats:
    """What is left of a stroke, points (k, 2), after its first `done` mm: at least a point."""
    if done <= 0 or len(points) < 2:
        return points
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if done >= gone[-1]:
        return points[-1:]
    after = int(np.searchsorted(gone, done, side="right"))
    share = (done - gone[after - 1]) / (gone[after] - gone[after - 1])
    start = points[after - 1] + share * (points[after] - points[after - 1])
    return np.concatenate([start[None], points[after:]])


def run_in(plan: Plan, stroke: int, part: float, length: float) -> list[Floats]:
    """The strokes before `stroke`, of which `part` mm are drawn, that make up the last `length` mm of ink with it: only
    of its own layer, as another pen drew the others, and the first of them only from where the length is full."""
    left, pieces = length - part, []
    for number in range(stroke - 1, -1, -1):
        before = plan.strokes[number]
        if left <= 0 or before.layer != plan.strokes[stroke].layer:
            break
        pieces.append(rest(before.points, max(before.mm - left, 0.0)))
        left -= before.mm
    return pieces[::-1]
