"""The pen of a simulated HP-GL plotter: where it is, how long its moves take, and what ink it leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from plotsketch.plotter.simulators.hpgl_models import Area, Model

Place = tuple[float, float]


@dataclass(frozen=True)
class Move:
    """A straight move from rest to rest that begins at ``begins`` seconds and takes ``takes``; ``inks`` says whether
    its end is the last point of the last line of ink. ``top`` units/s is the speed that it may have."""

    begins: float
    takes: float
    start: Place
    end: Place
    inks: bool
    top: float
    acceleration: float

    def place(self, seconds: float) -> Place:
        """Where the pen is at `seconds` since power-up."""
        way = math.dist(self.start, self.end)
        since = min(max(seconds - self.begins, 0.0), self.takes)
        share = _travelled(since, self.takes, way, self.top, self.acceleration) / way if way else 0.0
        (x0, y0), (x1, y1) = self.start, self.end
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


@dataclass
class Pen:
    """The pen. ``free`` is when, in seconds, it has done all that it was told.

    ``commanded`` is where the instructions say that it is, ``at`` where it is: they differ beyond the limits. ``ink``
    are the lines, in plotter units, ``ink_pens`` the stall of the pen of each; ``down`` is what the instructions say,
    and the pen is on paper if ``touching``.
    """

    model: Model
    free: float = 0.0
    at: Place = (0.0, 0.0)
    commanded: Place = (0.0, 0.0)
    down: bool = False
    touching: bool = False
    number: int = 0
    velocity: float = 0.0  # cm/s
    idle_pen_down: float = 0.0
    ink: list[list[Place]] = field(default_factory=list)
    ink_pens: list[int] = field(default_factory=list)
    last: Move | None = None

    def lower(self) -> None:
        """Puts the pen on the paper where it is."""
        if not self.touching:
            self.touching = True
            self.last = None
            self.free += self.model.drop_s
            if self.number:
                self.ink.append([self.at])
                self.ink_pens.append(self.number)

    def lift(self) -> None:
        if self.touching:
            self.touching = False
            self.last = None
            self.free += self.model.lift_s

    def select(self, number: int) -> None:
        """Fetches the pen of a stall, or puts it away for 0. The pen is up then."""
        self.lift()
        self.down = False
        if number != self.number:
            self.number = number
            self.last = None
            self.free += self.model.pen_change_s

    def go(self, target: Place, window: Area) -> bool:
        """Moves as the instructions say, with the pen as they say, but not out of `window`; whether all of the way
        is within it."""
        inside = clip(self.commanded, target, window)
        whole = inside == (self.commanded, target)
        self.commanded = target
        if not self.down:
            self._move(_nearest(target, window))
        elif inside is not None:
            if inside[0] != self.at:
                self.lift()
                self._move(inside[0])
            self.lower()
            self._move(inside[1])
        if self.down and not (inside is not None and inside[1] == target):
            self.lift()  # it comes down again where the way comes back
        return whole

    def stop(self, seconds: float) -> None:
        """The power goes: the pen stands where it is at `seconds`, and a spring lifts it."""
        if self.last is not None and self.free > seconds:
            self.at = self.last.place(seconds)
            if self.last.inks:
                self.ink[-1][-1] = self.at
        self.free = seconds
        self.commanded, self.down, self.touching, self.last = self.at, False, False, None

    def _move(self, target: Place) -> None:
        if target == self.at and not self.touching:
            return
        way = math.dist(self.at, target)
        speed = min(self.velocity * 10, self.model.draw_speed) if self.touching else self.model.travel_speed
        top, acceleration = speed / self.model.unit, self.model.acceleration / self.model.unit
        takes = _duration(way, top, acceleration)
        inks = self.touching and self.number > 0
        self.last = Move(self.free, takes, self.at, target, inks and way > 0, top, acceleration)
        self.free += takes
        self.at = target
        if inks and way > 0:
            self.ink[-1].append(target)


def clip(start: Place, end: Place, window: Area) -> tuple[Place, Place] | None:
    """The part of a way that lies within a window (Liang and Barsky), or None."""
    first, last = 0.0, 1.0
    for axis in (0, 1):
        step = end[axis] - start[axis]
        low, high = window[axis], window[axis + 2]
        if step == 0:
            if not low <= start[axis] <= high:
                return None
            continue
        one, other = (low - start[axis]) / step, (high - start[axis]) / step
        first, last = max(first, min(one, other)), min(last, max(one, other))
    if first > last:
        return None
    return _along(start, end, first), _along(start, end, last)


def _along(start: Place, end: Place, share: float) -> Place:
    if share == 0:
        return start
    if share == 1:
        return end
    return round(start[0] + share * (end[0] - start[0])), round(start[1] + share * (end[1] - start[1]))


def _nearest(place: Place, window: Area) -> Place:
    return min(max(place[0], window[0]), window[2]), min(max(place[1], window[1]), window[3])


def _duration(way: float, top: float, acceleration: float) -> float:
    """Seconds from rest to rest: a ramp up, cruising, a ramp down; or two ramps."""
    if way * acceleration <= top * top:
        return 2 * math.sqrt(way / acceleration)
    return way / top + top / acceleration


def _travelled(seconds: float, takes: float, way: float, top: float, acceleration: float) -> float:
    """How much of `way` is done after `seconds` of the `takes` that it takes."""
    ramp = min(top / acceleration, takes / 2)
    if seconds < ramp:
        return acceleration * seconds * seconds / 2
    if seconds > takes - ramp:
        return way - acceleration * (takes - seconds) ** 2 / 2
    return acceleration * ramp * ramp / 2 + top * (seconds - ramp)
