"""GRBL's planner and the motion that comes of it: look-ahead over 15 blocks, and where the machine is at any time.

As the GRBL 1.1 documents have it: constant acceleration along each straight move, limited so that no axis is asked for
more than its own ($110-$112, $120-$122); speeds at junctions from the junction deviation ($11), a circle that touches
both moves and keeps that far from their corner; entry speeds by a pass back and a pass forward. Left out: GRBL prepares
the next 50 ms or so in segments of constant speed, and its axes go in whole steps.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

Triple = tuple[float, float, float]
CAPACITY = 15  # of 16 blocks one stays free
ENDLESS = 1e38
ZERO: Triple = (0.0, 0.0, 0.0)


@dataclass
class Block:
    """A straight move. Places in mm: ``start`` and ``end`` on the machine, ``work`` in the work's coordinates at both
    ends. Speeds in mm/s, squares of them in ``_sqr``; ``rate`` is the feed, or None for a rapid."""

    start: Triple
    end: Triple
    work: tuple[Triple, Triple]
    unit: Triple
    mm: float
    acceleration: float
    rate: float | None
    rapid: float
    jog: bool = False
    nominal: float = 0.0
    junction_sqr: float = 0.0
    max_entry_sqr: float = 0.0
    entry_sqr: float = 0.0

    def at(self, mm: float) -> Triple:
        return along(self.start, self.end, mm / self.mm)

    def work_at(self, mm: float) -> Triple:
        return along(*self.work, mm / self.mm)


def along(start: Triple, end: Triple, share: float) -> Triple:
    if share >= 1:
        return end
    return (
        start[0] + share * (end[0] - start[0]),
        start[1] + share * (end[1] - start[1]),
        start[2] + share * (end[2] - start[2]),
    )


@dataclass
class Planner:
    """Blocks, the first of which may be under way. ``now`` in every method is in seconds and never goes back.

    ``ends`` is when what is under way ends: the block, or, when ``holding``, the motion.
    """

    blocks: deque[Block] = field(default_factory=deque)
    rates: Triple = ZERO  # the most of each axis, mm/s
    accelerations: Triple = ZERO  # mm/s2
    deviation: float = 0.01  # mm
    feed_share: float = 1.0  # overrides
    rapid_share: float = 1.0
    running: bool = False
    holding: bool = False
    ends: float = math.inf
    drawn: float = 0.0  # mm of the first block that are on paper already
    _since: float = 0.0  # when the profile below began
    _done: float = 0.0  # mm of the first block that were done then
    _speed: float = 0.0  # mm/s then
    _phases: list[tuple[float, float, float]] = field(default_factory=list)  # seconds, speed at first, acceleration
    _unit: Triple = ZERO  # of the block that was added last
    _nominal: float = 0.0
    _reaches_end: bool = True

    @property
    def full(self) -> bool:
        return len(self.blocks) >= CAPACITY

    def add(
        self, start: Triple, end: Triple, work: tuple[Triple, Triple], rate: float | None, jog: bool, now: float
    ) -> None:
        """Puts a move at the end; one of no length is dropped."""
        mm = math.dist(start, end)
        if mm < 1e-9:
            return
        unit = ((end[0] - start[0]) / mm, (end[1] - start[1]) / mm, (end[2] - start[2]) / mm)
        block = Block(start, end, work, unit, mm, _least(self.accelerations, unit), rate, _least(self.rates, unit), jog)
        if self.blocks:
            block.junction_sqr = self.junction_sqr(unit)
        self._limit(block, self._nominal)
        self.blocks.append(block)
        self._unit, self._nominal = unit, block.nominal
        self._plan(now, whole=False)

    def junction_sqr(self, unit: Triple) -> float:
        """The square of the speed from the last block that was added into a direction."""
        last = self._unit
        cosine = -(last[0] * unit[0] + last[1] * unit[1] + last[2] * unit[2])
        if cosine > 0.999999:
            return 0.0  # back where it came from
        if cosine < -0.999999:
            return ENDLESS
        across = (unit[0] - last[0], unit[1] - last[1], unit[2] - last[2])
        size = math.hypot(*across)
        acceleration = _least(self.accelerations, (across[0] / size, across[1] / size, across[2] / size))
        sine = math.sqrt(0.5 * (1 - cosine))
        return acceleration * self.deviation * sine / (1 - sine)

    def override(self, feed: float, rapid: float, now: float) -> None:
        """Takes other overrides, for the blocks that there are too."""
        self.feed_share, self.rapid_share = feed, rapid
        before = 0.0
        for block in self.blocks:
            self._limit(block, before)
            before = block.nominal
        self._nominal = before or self._nominal
        self._plan(now, whole=True)

    def start(self, now: float) -> None:
        """Sets the first block in motion."""
        if self.blocks and not self.running:
            self.running, self.holding = True, False
            self._since, self._speed, self._phases = now, 0.0, []
            self._plan(now, whole=True)

    def hold(self, now: float) -> None:
        """Begins to slow down, along the way as it is."""
        if self.running and not self.holding:
            self._freeze(now)
            self.holding = True
            self._slow_down(now)

    def finish(self, now: float) -> tuple[Block, float, float] | None:
        """What was under way has ended at `now`: the block and the mm of it from and to that were done since it was
        last asked. The next one is under way then."""
        block, begun = self.blocks[0], self.drawn
        if self.holding and not self._reaches_end:
            self._freeze(now)
            self._speed, self.running, self.ends = 0.0, False, math.inf
            self.drawn = self._done
            return block, begun, self._done
        speed = self.speed(now)
        self.blocks.popleft()
        self._done = self.drawn = 0.0
        self._since, self._speed = now, speed
        if not self.blocks:
            self.running, self.holding, self._speed, self.ends = False, False, 0.0, math.inf
        elif self.holding:
            self._slow_down(now)
        else:
            self._speed = min(speed, math.sqrt(self.blocks[0].entry_sqr)) if self.blocks[0].entry_sqr else 0.0
            self._profile(now)
        return block, begun, block.mm

    def cut(self, now: float) -> tuple[Block, float, float] | None:
        """Stops dead and forgets everything; what of the first block had been done since it was last asked."""
        done = (self.blocks[0], self.drawn, self.done(now)) if self.blocks else None
        self.blocks.clear()
        self.running, self.holding, self.ends = False, False, math.inf
        self._done = self.drawn = self._speed = 0.0
        self._phases = []
        return done

    def speed(self, now: float) -> float:
        """mm/s."""
        if not self.running:
            return 0.0
        left = now - self._since
        for seconds, speed, acceleration in self._phases:
            if left <= seconds:
                return max(speed + acceleration * left, 0.0)
            left -= seconds
        return max(speed + acceleration * seconds, 0.0) if self._phases else self._speed

    def done(self, now: float) -> float:
        """mm of the first block."""
        if not self.running:
            return self._done
        left, mm = now - self._since, self._done
        for seconds, speed, acceleration in self._phases:
            part = min(left, seconds)
            mm += part * (speed + acceleration * part / 2)
            left -= part
            if left <= 0:
                break
        return min(mm, self.blocks[0].mm)

    def _limit(self, block: Block, before: float) -> None:
        """Speeds of a block after one of nominal speed `before`."""
        if block.rate is None:
            block.nominal = block.rapid * self.rapid_share
        else:
            block.nominal = min(block.rate * self.feed_share, block.rapid)
        block.max_entry_sqr = min(block.junction_sqr, block.nominal**2, before**2)

    def _freeze(self, now: float) -> None:
        """Begins a new profile where the motion is at `now`."""
        if self.running:
            self._done, self._speed, self._since = self.done(now), self.speed(now), now

    def _plan(self, now: float, *, whole: bool) -> None:
        """Entry speeds of all blocks but the first, which is under way or begins at rest."""
        blocks = self.blocks
        if not blocks:
            return
        if self.running:
            self._freeze(now)
        first, exit_sqr = 1, 0.0
        for n in range(len(blocks) - 1, 0, -1):
            block = blocks[n]
            entry = min(block.max_entry_sqr, exit_sqr + 2 * block.acceleration * block.mm)
            if entry == block.entry_sqr and n < len(blocks) - 1 and not whole:
                first = n
                break
            block.entry_sqr = exit_sqr = entry
        self._forward(first)
        if self.running and not self.holding:
            self._profile(now)

    def _forward(self, first: int) -> None:
        blocks = self.blocks
        if first == 1:
            top = self._speed**2 + 2 * blocks[0].acceleration * (blocks[0].mm - self._done)
        else:
            top = blocks[first - 1].entry_sqr + 2 * blocks[first - 1].acceleration * blocks[first - 1].mm
        for n in range(first, len(blocks)):
            block = blocks[n]
            if block.entry_sqr > top:
                block.entry_sqr = top
            top = block.entry_sqr + 2 * block.acceleration * block.mm

    def _profile(self, now: float) -> None:
        """Up to the nominal speed or down to it, on at it, and to the entry speed of the next block."""
        block = self.blocks[0]
        exit_sqr = self.blocks[1].entry_sqr if len(self.blocks) > 1 else 0.0
        self._phases = profile(self._speed, block.nominal, exit_sqr, block.acceleration, block.mm - self._done)
        self._reaches_end = True
        self.ends = now + sum(phase[0] for phase in self._phases)

    def _slow_down(self, now: float) -> None:
        block = self.blocks[0]
        left, a, v = block.mm - self._done, block.acceleration, self._speed
        self._reaches_end = v * v > 2 * a * left
        last = math.sqrt(v * v - 2 * a * left) if self._reaches_end else 0.0
        self._phases = [((v - last) / a, v, -a)]
        self.ends = now + (v - last) / a


def profile(
    speed: float, nominal: float, exit_sqr: float, acceleration: float, mm: float
) -> list[tuple[float, float, float]]:
    """Phases (seconds, speed at first, acceleration) over `mm` from `speed` to the root of `exit_sqr`.

    An exit that cannot be reached is approached as far as can be.
    """
    a, last = acceleration, math.sqrt(exit_sqr)
    if speed > nominal:  # an override has come: down to it first
        down = (speed**2 - nominal**2) / (2 * a)
        if down < mm and last <= nominal:
            return [((speed - nominal) / a, speed, -a), *profile(nominal, nominal, exit_sqr, a, mm - down)]
        end = math.sqrt(max(speed**2 - 2 * a * mm, 0.0))
        return [((speed - end) / a, speed, -a)]
    top_sqr = a * mm + (speed**2 + exit_sqr) / 2
    if top_sqr <= exit_sqr:
        end = math.sqrt(speed**2 + 2 * a * mm)
        return [((end - speed) / a, speed, a)]
    top = min(nominal, math.sqrt(top_sqr))
    if top <= speed and last < speed and top_sqr <= speed**2:  # it is slowing down already
        end = math.sqrt(max(speed**2 - 2 * a * mm, 0.0))
        return [((speed - end) / a, speed, -a)] if speed > end else [(0.0, speed, 0.0)]
    up, down = (top**2 - speed**2) / (2 * a), (top**2 - exit_sqr) / (2 * a)
    cruise = max(mm - up - max(down, 0.0), 0.0) / top if top else 0.0
    return [((top - speed) / a, speed, a), (cruise, top, 0.0), (max(top - last, 0.0) / a, top, -a)]


def _least(limits: Triple, unit: Triple) -> float:
    """The most along a direction that asks no axis for more than its limit."""
    return min(limit / abs(part) for limit, part in zip(limits, unit, strict=True) if abs(part) > 1e-12)
