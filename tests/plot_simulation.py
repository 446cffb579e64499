"""A machine that does what a planner's blocks say, tick by tick, and counts steps: for tests of plans and drivers.

It knows nothing of how the blocks came about. As in an EiBotBoard, every tick adds each axis's speed to that axis's
accumulator, in whole 2**-31 steps, and the axis steps when a whole step is full; remainders stay for the next block. A
block lasts whole ticks: what of its time is over is carried too, and its speed set so that its way comes out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.motion import Blocks

WHOLE = 1 << 31  # of an accumulator: one step
RATE = 25_000  # ticks a second


@dataclass(frozen=True)
class Trace:
    """``places`` (blocks, 2): steps from the start at each block's end; ``way`` (ticks,): mm along the path."""

    places: NDArray[np.int64]
    way: NDArray[np.float64]

    @property
    def seconds(self) -> float:
        return len(self.way) / RATE

    def top_speed(self, window: int = 250) -> float:
        """The most mm/s over any ``window`` ticks."""
        way = np.concatenate([np.zeros(window), self.way])
        return float((way[window:] - way[:-window]).max() * RATE / window)

    def top_acceleration(self, window: int = 500) -> float:
        """The most mm/s² along the path, up or down, between two neighbouring windows; at rest before and after."""
        way = np.concatenate([np.zeros(2 * window), self.way, np.full(2 * window, self.way[-1])])
        second = way[2 * window :] - 2 * way[window:-window] + way[: -2 * window]
        return float(np.abs(second).max() * (RATE / window) ** 2)


def simulate(blocks: Blocks, step: float) -> Trace:
    """Runs the blocks one after the other, on axes of ``step`` mm a step, from remainders of half a step."""
    steps = np.zeros(2, dtype=np.int64)
    remainder = np.full(2, WHOLE // 2, dtype=np.int64)
    over, waiting = 0.0, np.zeros(2)  # ticks and mm of blocks too short for a tick
    places, ways = [], [np.zeros(0)]
    so_far = 0.0
    for start, end, v0, v1, seconds in zip(*_columns(blocks), strict=True):
        count = round(seconds * RATE + over)
        over += seconds * RATE - count
        waiting += end - start
        if count:
            middle = v0 + (v1 - v0) * (np.arange(count) + 0.5) / count  # speed in the middle of each tick
            share = middle / middle.sum()
            added = np.rint(share[:, None] * waiting / step * WHOLE).astype(np.int64)
            filled = remainder + np.cumsum(added, axis=0)
            steps, remainder = steps + filled[-1] // WHOLE, filled[-1] % WHOLE
            ways.append(so_far + np.cumsum(share) * np.hypot(*waiting))
            so_far, waiting = float(ways[-1][-1]), np.zeros(2)
        places.append(steps)
    return Trace(np.array(places).reshape(-1, 2), np.concatenate(ways))


def _columns(blocks: Blocks) -> tuple[NDArray[np.float64], ...]:
    return blocks.start, blocks.end, blocks.v0, blocks.v1, blocks.seconds
