"""An EiBotBoard's motion queue and what hangs on its clock: moves one after another, servo frames, and mishaps.

Since a move's length is known when it is queued, so is when each will begin. `Queue.advance` lets time pass to a tick,
and does what falls due on the way in its order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from plotsketch.plotter.simulators.ebb_motion import TICKS, Move
from plotsketch.plotter.simulators.ebb_paper import Paper
from plotsketch.plotter.simulators.ebb_pen import PaperHeight, PenSettings, Servo

REST = 300.0  # 1/16 microsteps a second: from up to so fast a motor stops at once without losing steps


@dataclass
class Item:
    """A command in the queue, from tick `start` to `end`; `begin` is what it does at its start."""

    name: str
    start: int
    end: int
    move: Move | None = None
    begin: Callable[[], None] = lambda: None
    servo: Servo | None = None
    target: int = 0
    begun: bool = False


@dataclass
class Queue:
    """The motion queue, the motors and the servos of a board, with a machine on it.

    Attributes:
        now: ticks of 40 µs since it was switched on.
        depth: how many commands wait beside the one that is executed.
        position: the global step counters.
        accumulators: of both motors, after all that is queued.
        microstep: in sixteenths of a full step, as EM sets it.
        enabled: which motors are.
        powered: whether the motors' supply is on.
        gap: ticks lost between two commands.
        servo: the channel that lifts the pen.
    """

    paper: Paper
    settings: PenSettings
    servo: Servo
    others: list[Servo] = field(default_factory=list)
    now: int = 0
    depth: int = 1
    position: list[int] = field(default_factory=lambda: [0, 0])
    accumulators: tuple[int, int] = (0, 0)
    microstep: int = 1
    enabled: list[bool] = field(default_factory=lambda: [False, False])
    powered: bool = True
    gap: int = 0
    rest: float = REST
    idle_off: int = 0  # ticks after which idle motors are let go; 0 for never
    idle_since: int = 0
    items: deque[Item] = field(default_factory=deque)
    mishaps: list[tuple[int, Callable[[], None]]] = field(default_factory=list)
    underruns: list[dict[str, Any]] = field(default_factory=list)
    abrupt: list[dict[str, Any]] = field(default_factory=list)
    blocks: int = 0
    settled: tuple[int, int] = (0, 0)  # the accumulators after what has been done
    let_go: Callable[[], None] = lambda: None  # called when motors are switched off
    height: PaperHeight = field(default_factory=PaperHeight)
    _pulsed: int = -1

    @property
    def executing(self) -> Item | None:
        return self.items[0] if self.items and self.items[0].start <= self.now else None

    @property
    def waiting(self) -> int:
        return sum(1 for item in self.items if item.start > self.now)

    @property
    def is_busy(self) -> bool:
        return bool(self.items)

    def turning(self) -> tuple[bool, bool]:
        item = self.executing
        return (False, False) if item is None or item.move is None else item.move.turning(self.now - item.start)

    def wait_for_room(self) -> None:
        """Lets time pass until a command can be queued: the board's parser is stuck so long."""
        starts = [item.start for item in self.items if item.start > self.now]
        if len(starts) >= self.depth:
            self.advance(starts[len(starts) - self.depth])

    def wait_until_idle(self) -> None:
        while self.items:
            self.advance(self.items[-1].end)

    def put(self, item: Item, ticks: int) -> None:
        """Queues an item that takes `ticks`, as soon as there is room (`wait_for_room`)."""
        follows = self.items[-1].end + (self.gap if ticks else 0) if self.items else self.now
        item.start = max(self.now, follows)
        item.end = item.start + ticks
        if item.move is not None:
            self.accumulators = item.move.accumulators(ticks)
        self.items.append(item)
        self._do_what_is_due()

    def flush(self) -> bool:
        """Stops the motors and forgets what is queued; whether there was anything."""
        any_left = bool(self.items)
        item = self.executing
        if item is not None and item.move is not None:
            self.settled = item.move.accumulators(self.now - item.start)
        self.accumulators = self.settled
        self.items.clear()
        self.idle_since = self.now
        return any_left

    def advance(self, to: int) -> None:
        """Lets time pass until tick `to`."""
        while self.now < to:
            stop = self._next(to)
            self._run(stop)
            self.now = stop
            self._do_what_is_due()

    def _next(self, to: int) -> int:
        """The next tick at which something changes, `to` at the latest."""
        ticks = [to]
        if self.items:
            ticks.append(self.items[0].end if self.items[0].begun else self.items[0].start)
        if self.mishaps:
            ticks.append(self.mishaps[0][0])
        if any(servo.is_moving for servo in (self.servo, *self.others)):
            ticks.append((self.now // self.settings.frame + 1) * self.settings.frame)
        if (off := self._off_at()) is not None:
            ticks.append(off)
        return max(min(ticks), self.now)

    def _off_at(self) -> int | None:
        if not self.idle_off or self.items or not any(self.enabled):
            return None
        return self.idle_since + self.idle_off

    def _run(self, stop: int) -> None:
        """The motors turn until tick `stop`, if an item turns them."""
        item = self.executing
        if item is None or item.move is None or stop <= self.now:
            return
        begin, end = self.now - item.start, stop - item.start
        before, after = item.move.moved(begin), item.move.moved(end)
        for motor in (0, 1):
            self.position[motor] += after[motor] - before[motor]
        turned = [self.microstep if self.powered and enabled else 0 for enabled in self.enabled]
        self.paper.run(item.move, begin, end, (turned[0], turned[1]), stop)

    def _do_what_is_due(self) -> None:
        self._pulse()
        while self.mishaps and self.mishaps[0][0] <= self.now:
            self.mishaps.pop(0)[1]()
        while self.items and self.items[0].start <= self.now:
            item = self.items[0]
            if not item.begun:
                item.begun = True
                item.begin()
            if item.end > self.now:
                break
            self.items.popleft()
            self._ended(item)
        off = self._off_at()
        if off is not None and off <= self.now:
            self.enable(False, False)
        self.look_at_pen()

    def enable(self, first: bool, second: bool) -> None:
        """Switches the motors on or off, as EM does and a timeout."""
        off = any(self.enabled) and not (first and second)
        self.enabled = [first, second]
        if off:
            self.let_go()

    def _pulse(self) -> None:
        if self.now % self.settings.frame == 0 and self.now > self._pulsed:
            self._pulsed = self.now
            for servo in (self.servo, *self.others):
                servo.pulse()

    def look_at_pen(self) -> None:
        """The pen touches the paper or not, by its servo's width."""
        self.paper.pen(self.height.is_touched(self.servo.width))

    def _ended(self, item: Item) -> None:
        self.idle_since = self.now
        if item.move is None:
            return
        self.settled = item.move.accumulators(item.end - item.start)
        if not item.move.is_motion:
            return
        self.blocks += 1
        hertz = max(abs(one) for one in item.move.hertz(item.end - item.start)) * self.microstep
        follows = self.items[0] if self.items else None
        if hertz <= self.rest or (follows is not None and follows.move is not None and follows.move.is_motion):
            return
        told = {"seconds": self.now / TICKS, "steps_per_second": round(hertz, 1)}
        if follows is None:
            self.underruns.append({**told, "down": self.paper.is_down})
        else:
            self.abrupt.append({**told, "before": follows.name})
