"""What the ways between lines cost: a machine's seconds, or millimetres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.machine import Machine

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pace:
    """A hop of less than `touch` mm costs nothing; others `fixed`, and the travel from rest to rest.

    `draw_speed` and `draw_acceleration` are the pen's when it is down.
    """

    touch: float = 0.0
    fixed: float = 0.0
    speed: float = 1.0
    acceleration: float = math.inf
    draw_speed: float = math.inf
    draw_acceleration: float = math.inf

    @classmethod
    def of(cls, machine: Machine) -> Pace:
        """Seconds on a machine, as `Machine.hop_seconds` counts them."""
        return cls(
            machine.step / 2, machine.lift_s + machine.drop_s, machine.travel_speed, machine.travel_acceleration,
            machine.draw_speed, machine.acceleration,
        )  # fmt: skip

    def as_array(self) -> Floats:
        return np.array([self.touch, self.fixed, self.speed, self.acceleration])

    def costs(self, distances: Floats) -> Floats:
        """What hops of `distances` mm cost; nothing where one is not a number. Any shape."""
        with np.errstate(invalid="ignore"):  # an infinite distance at an infinite acceleration
            short = 2 * np.sqrt(distances / self.acceleration)
        long = distances / self.speed + self.speed / self.acceleration
        travel = np.where(distances < self.speed**2 / self.acceleration, short, long)
        return np.where(distances >= self.touch, self.fixed + travel, 0.0)

    def widest_bridge(self, gap: float) -> float:
        """The widest way of at most `gap` mm that the pen draws, from rest to rest, as soon as it lifts, hops and
        drops."""
        if self.draw_speed == math.inf or self._is_sooner(gap):
            return gap
        low, high = 0.0, gap
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if self._is_sooner(middle) else (low, middle)
        return low

    def _is_sooner(self, distance: float) -> bool:
        drawn = Pace(0.0, 0.0, self.draw_speed, self.draw_acceleration)
        way = np.array([distance])
        return bool(drawn.costs(way)[0] <= self.costs(way)[0])

    def total(self, lines: Sequence[Floats], start: Floats, end: Floats) -> float:
        """What the hops between the lines (k, 2) in order cost, from `start` to `end` (2,); not-a-number is free."""
        begins = np.array([*(line[0] for line in lines), end])
        ends = np.array([start, *(line[-1] for line in lines)])
        return float(self.costs(np.hypot(*(begins - ends).T)).sum())


MILLIMETRES = Pace()
