"""An EiBotBoard: what it remembers, what a reset makes of it, and what may happen to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from plotsketch.plotter.simulators.ebb_motion import TICKS
from plotsketch.plotter.simulators.ebb_paper import Paper
from plotsketch.plotter.simulators.ebb_pen import PenSettings, Servo
from plotsketch.plotter.simulators.ebb_queue import Queue
from plotsketch.plotter.simulators.ebb_syntax import Dropped, Syntax, Version

T = TypeVar("T")

# Boot widths: release notes of 2.6.0, and the firmware's source; ebb.html still names those of before.
BOOT_WIDTHS = {(0, 0, 0): (12000, 16000), (2, 6, 0): (22565, 15302)}
SERVO_MINUTES = {(2, 6, 0): 15 * 60_000, (2, 6, 3): 60_000}  # ms: after which servo power goes off (release notes)
MOST_QUEUED = 32  # commands: what QU,2 tells of firmware 3
SUPPLY = 300  # QC's second value with a 9 V supply (ebb.html, QC, example)
CURRENT = 394  # QC's first value, of the same example


@dataclass
class Board:
    """A board of a firmware, and its state since its last reset.

    Attributes:
        supply: the motors' supply as QC reads it, 0 without.
        nickname: kept in flash memory, so not reset.
        button: whether it was pressed since the last QG or QB.
        pen_up: the pen's state as commanded, QG's bit 4.
        pin: of port B, whose servo lifts this machine's pen.
        errors, events: what the trace tells.
    """

    firmware: Version
    paper: Paper
    pin: int = 1
    rest: float = 300.0
    by_hand: bool = False
    supply: int = SUPPLY
    nickname: str = ""
    errors: list[str] = field(default_factory=list)
    events: list[tuple[float, str]] = field(default_factory=list)
    button: bool = False
    power_lost: bool = False
    lifts: int = 0
    resets: int = 0

    def __post_init__(self) -> None:
        self.paper.violations = self.errors
        self.syntax = Syntax(self.firmware)
        widths = _since(BOOT_WIDTHS, self.firmware)
        self.settings = PenSettings(*widths)
        self.queue = Queue(self.paper, self.settings, Servo(widths[0], widths[0]), rest=self.rest)
        self.queue.let_go = self._let_go
        self._settle()

    def _settle(self) -> None:
        """What a reset sets, beside the pen and the queue."""
        self.queue.gap = 1 if self.firmware < (2, 7, 0) else 0  # release notes of 2.7.0: the "dead gap" before it
        self.servos: dict[int, Servo] = {self.pin + 3: self.queue.servo}  # by RP number: RP3 to RP10 are B0 to B7
        self.variables = [0] * 32
        self.pen_up = True
        self.checks = True
        self.auto_enable = True
        self.limits = {51: 0, 52: 0, 53: 0}
        self.threshold = 0
        self.idle_off_s = 0
        self.servo_timeout = _since({(0, 0, 0): 0, **SERVO_MINUTES}, self.firmware)
        self.servo_last = 0
        self.switch_servo(self.firmware < (2, 6, 0))  # release notes of 2.6.0: off until it is told to move

    @property
    def seconds(self) -> float:
        return self.queue.now / TICKS

    def tell(self, what: str) -> None:
        """An event for the trace."""
        self.events.append((round(self.seconds, 5), what))

    def complain(self, what: str) -> None:
        """An error for the trace."""
        self.errors.append(f"{self.seconds:.3f} s: {what}")

    def reset(self, why: str) -> None:
        """As just plugged in: queue, position, settings and variables are forgotten, the pen goes up."""
        self.tell(why)
        queue = self.queue
        queue.flush()
        queue.position, queue.accumulators, queue.settled = [0, 0], (0, 0), (0, 0)
        queue.microstep, queue.depth, queue.idle_off = 1, 1, 0
        queue.enable(False, False)
        up, down = _since(BOOT_WIDTHS, self.firmware)
        self.settings.reset(up, down)
        queue.others.clear()
        queue.servo.send(up, 0)
        self.syntax = Syntax(self.firmware)
        self.button = False
        self.resets += 1
        self._settle()

    def lose_supply(self) -> None:
        """The motors' supply goes; the processor lives on USB."""
        self.tell("the motors' supply is off")
        self.supply, self.queue.powered = 0, False
        self._compare()
        if self.by_hand:
            self.paper.push((0, 0))

    def lose_power(self) -> None:
        """The supply goes and takes the processor along, which USB starts anew: all is forgotten but that."""
        self.lose_supply()
        lost = self.power_lost
        self.reset("reset, for want of power")
        self.power_lost = lost

    def get_supply(self) -> None:
        self.tell("the motors' supply is on")
        self.supply, self.queue.powered = SUPPLY, True

    def press(self) -> None:
        self.tell("button")
        self.button = True

    def set_threshold(self, value: int) -> None:
        self.threshold = value
        self._compare()

    def _compare(self) -> None:
        """The flag of lost power: the board compares every 2 ms (ebb.html, CU,60)."""
        if self.supply < self.threshold:
            self.power_lost = True

    def servo(self, rp: int) -> Servo:
        """The channel of a pin; a new one begins where it is sent."""
        if rp not in self.servos:
            self.servos[rp] = Servo(0, 0)
            self.queue.others.append(self.servos[rp])
        return self.servos[rp]

    def send_servo(self, rp: int, width: int, rate: int) -> None:
        """Starts a servo on its way, and its power."""
        servo = self.servo(rp)
        if servo is not self.queue.servo and servo.width == 0:
            servo.width = width
        servo.send(width, rate)
        self.power_servo()

    def power_servo(self) -> None:
        self.servo_last = self.queue.now
        self.switch_servo(True)

    def switch_servo(self, on: bool) -> None:
        self.servo_on = self.queue.servo.powered = on

    def has_servo_power(self) -> bool:
        if self.servo_timeout and self.queue.now > self.servo_last + self.servo_timeout * TICKS // 1000:
            self.switch_servo(False)
        return self.servo_on

    def room(self, wait: Callable[[], None] | None = None) -> None:
        """Waits until a command can be queued. Raises Dropped if the board was reset meanwhile."""
        before = self.resets
        (wait or self.queue.wait_for_room)()
        if self.resets != before:
            raise Dropped

    def _let_go(self) -> None:
        if self.by_hand:
            self.paper.push((0, 0))


def _since(table: Mapping[Version, T], firmware: Version) -> T:
    """What holds for a firmware, of a table by the first firmware of each."""
    return table[max(version for version in table if version <= firmware)]
