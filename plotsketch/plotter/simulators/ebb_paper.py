"""Where the carriage of a mixed-axis plotter is, and the ink that it leaves: what a person would see.

Motors turn motor1 = x + y and motor2 = x - y; places are kept in 1/16 microsteps of each, of which 80 go to a
millimetre, from the place where the carriage stood at first: x along the long axis, y away from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from plotsketch.plotter.simulators.ebb_motion import TICKS, Move

PER_MM = 80  # 1/16 microsteps to a millimetre of a motor's axis
SAMPLES = 16  # looked at in a piece of a move, to know whether it is straight
MILLISECOND = TICKS // 1000
SLACK = 1.5  # microsteps outside the travel area that are not yet a violation

Point = tuple[float, float]
Steps = tuple[int, int]


def millimetres(steps: Steps) -> Point:
    return (steps[0] + steps[1]) / (2 * PER_MM), (steps[0] - steps[1]) / (2 * PER_MM)


@dataclass
class Paper:
    """Carriage, pen and ink.

    Attributes:
        area: the travel area (width, height) in mm, if there is one to be kept.
        fine: whether ink has a point for each millisecond; else only where a move leaves its chord by over 0.0125 mm.
    """

    area: Point | None = None
    fine: bool = False
    at: Steps = (0, 0)
    is_down: bool = False
    ink: list[list[Point]] = field(default_factory=list)
    reached: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    peaks: list[float] = field(default_factory=lambda: [0.0, 0.0])
    violations: list[str] = field(default_factory=list)
    _outside: bool = False

    def pen(self, down: bool) -> None:
        """The pen comes to the paper, or leaves it."""
        if down and not self.is_down:
            self.ink.append([millimetres(self.at)])
        self.is_down = down

    def push(self, to: Steps) -> None:
        """Somebody moves the carriage by hand."""
        self.at, self._outside = to, False
        if self.is_down:
            self.ink.append([millimetres(to)])

    def run(self, move: Move, begin: int, end: int, turned: Steps, now: int) -> None:
        """The motors do ticks `begin` to `end` of a move, each in steps of so many sixteenths as it is
        `turned` (0: it stands), up to tick `now`."""
        start, origin = move.moved(begin), self.at

        def place(tick: int) -> Steps:
            first, second = move.moved(tick)
            return origin[0] + (first - start[0]) * turned[0], origin[1] + (second - start[1]) * turned[1]

        for motor, axis in enumerate(move.axes):
            ends = max(begin - move.rest, 0) + 1, min(end - move.rest, axis.done)
            self.peaks[motor] = max(self.peaks[motor], *(abs(axis.hertz(tick)) for tick in ends))
        self._go([place(tick) for tick in self._ticks(begin, end, place)], now)

    def _ticks(self, begin: int, end: int, place: Callable[[int], Steps]) -> list[int]:
        """The ticks whose places make the way; the last is `end`."""
        many = range(begin + MILLISECOND, end, MILLISECOND)
        # a short piece has little room to bend in, and where no ink is, it need not be known so well
        least = (end - begin) // 4 if not self.is_down else min((end - begin) // 4, 5 * MILLISECOND)
        few = range(begin, end, max((end - begin) // SAMPLES, least, 1))
        if not self.fine and _is_straight([place(tick) for tick in few], place(end)):
            return [end]
        return [*many, end]

    def _go(self, places: list[Steps], now: int) -> None:
        for place in places:
            if place == self.at:
                continue
            self.at = place
            x, y = millimetres(place)
            self._look(x, y, now)
            if self.is_down:
                self.ink[-1].append((x, y))

    def _look(self, x: float, y: float, now: int) -> None:
        left, top, right, bottom = self.reached
        self.reached = [min(left, x), min(top, y), max(right, x), max(bottom, y)]
        if self.area is None:
            return
        slack = SLACK / PER_MM
        outside = not (-slack <= x <= self.area[0] + slack and -slack <= y <= self.area[1] + slack)
        if outside and not self._outside:
            what = "ink" if self.is_down else "the carriage"
            self.violations.append(f"{now / TICKS:.3f} s: {what} left the travel area, at {x:.2f}, {y:.2f} mm")
        self._outside = outside


def _is_straight(places: list[Steps], stop: Steps) -> bool:
    """Whether all of `places` lie within 0.0125 mm of the straight way from the first of them to `stop`."""
    start = places[0]
    across, along = stop[1] - start[1], stop[0] - start[0]
    length = across * across + along * along
    for first, second in places[1:]:
        aside = along * (second - start[1]) - across * (first - start[0])
        # the square of 0.0125 mm is 2 in squares of the motors' microsteps
        if aside * aside > 2 * length or (length == 0 and (first, second) != start):
            return False
    return True
