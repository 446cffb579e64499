"""What an EiBotBoard's 25 kHz interrupt does with a motor: an accumulator, a rate, and steps where it overflows.

Every tick of 40 µs: rate += acceleration; accumulator += rate; past 2³¹ the motor steps and 2³¹ is taken away (EBB
documentation, ebb.html, LM "Methods and consequences"). Sums of ticks have a closed form, exact in Python's integers;
what wraps round goes tick by tick.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

TICKS = 25_000  # interrupts a second
FULL = 1 << 31  # a step's worth of the accumulator; a rate of that much would be a step at each tick
LONGEST = 600 * TICKS  # ticks: where following a motor tick by tick is given up


@dataclass(frozen=True)
class Axis:
    """One motor's part of a move.

    Attributes:
        start: the accumulator before it.
        rate: before the first tick adds the acceleration to it, so already lowered by half an acceleration.
        accel: added to the rate at each tick.
        steps: after how many the axis is done; None for a move that is limited in time.
        ticks: after how many the axis is done, if limited in time.
        sign: the direction, 1 or -1.
    """

    start: int = 0
    rate: int = 0
    accel: int = 0
    steps: int | None = 0
    ticks: int = 0
    sign: int = 1

    @cached_property
    def done(self) -> int:
        """Ticks until the axis is done."""
        if self.steps is None:
            return self.ticks
        if self.steps == 0:
            return 0
        if self._stepped is not None:
            return self._stepped.ticks
        return self._plain

    @cached_property
    def end(self) -> int:
        """The accumulator once the axis is done: what is carried to the next move."""
        return self.accumulator(self.done)

    @property
    def wraps(self) -> bool:
        """Whether the rate would leave what the board can count to, 0 to 2³¹ - 1: it is then rolled over."""
        return self._stepped is not None

    def moved(self, tick: int) -> int:
        """Steps, with their sign, `tick` ticks after the move's beginning."""
        if self._stepped is not None:
            return self.sign * bisect_right(self._stepped.steps, tick)
        tick = min(tick, self.done)
        return self.sign * ((self.start + self._sum(tick)) // FULL) if tick > 0 else 0

    def accumulator(self, tick: int) -> int:
        if self._stepped is not None:
            return self._stepped.accumulators[min(tick, self._stepped.ticks)]
        tick = min(tick, self.done)
        return (self.start + self._sum(tick)) % FULL if tick > 0 else self.start

    def hertz(self, tick: int) -> float:
        """Steps a second, with their sign, in the tick that ends `tick` ticks after the beginning; 0 where none."""
        if not 0 < tick <= self.done:
            return 0.0
        rate = (self.rate + self.accel * tick) % FULL if self.wraps else self.rate + self.accel * tick
        return self.sign * rate / FULL * TICKS

    def _sum(self, tick: int) -> int:
        return self.rate * tick + self.accel * (tick * (tick + 1) // 2)

    @cached_property
    def _plain(self) -> int:
        """The first tick with all steps done, by the closed form."""
        goal = (self.steps or 0) * FULL
        low, high = self._near(goal)
        if not self.start + self._sum(low) < goal <= self.start + self._sum(high):
            low, high = 0, 1
            while self.start + self._sum(high) < goal and high < self._last_forward:
                low, high = high, high * 2
            high = min(high, self._last_forward)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.start + self._sum(middle) < goal else (low, middle)
        return high

    def _near(self, goal: int) -> tuple[int, int]:
        """Ticks round the root of the quadratic equation, as floats have it."""
        speed, way = self.rate + self.accel / 2, goal - self.start
        under = speed * speed + 2 * self.accel * way
        if under < 0 or speed + sqrt(under) <= 0:
            return 0, 0
        tick = int(2 * way / (speed + sqrt(under)))
        return max(tick - 1, 0), min(tick + 2, self._last_forward)

    @cached_property
    def _last_forward(self) -> int:
        """The last tick whose rate is not negative."""
        if self.accel >= 0:
            return 1 << 40
        return self.rate // -self.accel if self.rate >= 0 else 0

    @cached_property
    def _stepped(self) -> _Stepped | None:
        """The move tick by tick, if closed forms do not hold for it."""
        if self.steps == 0:
            return None
        if self.steps is None:
            last = self.ticks
        else:
            goal = self.steps * FULL
            if self.accel <= 0 and self.start + self._sum(max(self._last_forward, 0)) < goal:
                return _tick_by_tick(self)
            last = self._plain
        rates = (self.rate + self.accel, self.rate + self.accel * last)
        return _tick_by_tick(self) if last > 0 and not all(0 <= rate < FULL for rate in rates) else None


@dataclass(frozen=True)
class _Stepped:
    """``steps``: at which ticks the motor steps; ``accumulators`` after each tick, from before the first."""

    steps: list[int]
    accumulators: list[int]
    ticks: int


def _tick_by_tick(axis: Axis) -> _Stepped:
    rate, accumulator, tick = axis.rate, axis.start, 0
    steps: list[int] = []
    accumulators = [accumulator]
    last = min(axis.ticks, LONGEST) if axis.steps is None else LONGEST
    while tick < last and (axis.steps is None or len(steps) < axis.steps):
        tick += 1
        rate = (rate + axis.accel) % FULL  # 32 bits overflow into the sign, and a negative rate has 2³¹ added
        accumulator += rate
        if accumulator >= FULL:
            accumulator -= FULL
            steps.append(tick)
        accumulators.append(accumulator)
    return _Stepped(steps, accumulators, tick)


@dataclass(frozen=True)
class Move:
    """Both motors' parts of a command, which ends when both are done; `rest` ticks go by before they begin."""

    axes: tuple[Axis, Axis]
    rest: int = 0

    @cached_property
    def ticks(self) -> int:
        return self.rest + max(axis.done for axis in self.axes)

    def moved(self, tick: int) -> tuple[int, int]:
        """Steps of both motors `tick` ticks after the beginning."""
        return self.axes[0].moved(tick - self.rest), self.axes[1].moved(tick - self.rest)

    def hertz(self, tick: int) -> tuple[float, float]:
        return self.axes[0].hertz(tick - self.rest), self.axes[1].hertz(tick - self.rest)

    def turning(self, tick: int) -> tuple[bool, bool]:
        """Which motors have steps still to do."""
        first, second = (axis.done > max(tick - self.rest, 0) for axis in self.axes)
        return first, second

    def accumulators(self, tick: int) -> tuple[int, int]:
        return self.axes[0].accumulator(tick - self.rest), self.axes[1].accumulator(tick - self.rest)

    @property
    def is_motion(self) -> bool:
        return any(axis.steps is None or axis.steps > 0 for axis in self.axes)


def limited_by_steps(start: int, rate: int, steps: int, accel: int, *, halves: bool = True) -> Axis:
    """An axis of LM. `halves`: the rate begins half an acceleration lower (firmware 2.7.0 and later); before that the
    acceleration was added after the rate. A negative rate (firmware 3) turns the direction, its steps too."""
    sign = -1 if (steps < 0) != (rate < 0) else 1
    if rate < 0:
        rate, accel = -rate, -accel
    if rate == 0 and accel <= 0:
        return Axis(start)
    return Axis(start, _lowered(rate, accel, halves), accel, abs(steps), sign=sign)


def limited_by_time(start: int, ticks: int, rate: int, accel: int) -> Axis:
    """An axis of LT: the rate's sign is the direction alone."""
    if rate == 0 and accel == 0:
        return Axis(start)
    return Axis(start, _lowered(abs(rate), accel, True), accel, None, ticks, -1 if rate < 0 else 1)


def in_milliseconds(start: int, milliseconds: int, steps: int) -> Axis:
    """An axis of SM: an even rate, the least with which its steps are done in time, 25,000 a second at most."""
    if steps == 0:
        return Axis(start)
    ticks = milliseconds * TICKS // 1000
    rate = min(-(-abs(steps) * FULL // ticks), FULL - 1)
    return Axis(start, rate, 0, abs(steps), sign=-1 if steps < 0 else 1)


def pause(start: tuple[int, int], ticks: int) -> Move:
    return Move((Axis(start[0]), Axis(start[1])), ticks)


def _lowered(rate: int, accel: int, halves: bool) -> int:
    half = abs(accel) // 2 * (1 if accel >= 0 else -1)  # truncated, as C divides
    return rate - half if halves else rate - accel
