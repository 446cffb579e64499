"""The states of a simulated GRBL 1.1: what it does step by step, when each step is done, and what real-time commands,
limits and resets do to it. `grbl_machine.Grbl` adds the serial line.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from typing import Any

from plotsketch.plotter.simulators.grbl_gcode import Interpreter, Step
from plotsketch.plotter.simulators.grbl_ink import Ink
from plotsketch.plotter.simulators.grbl_planner import Block, Planner, Triple
from plotsketch.plotter.simulators.grbl_report import numbers
from plotsketch.plotter.simulators.grbl_settings import DEFAULTS, Setting

WRITE_S = 0.02  # assumed: an EEPROM write, during which no byte is received
JUNCTION_SQR = 1.0  # (mm/s)2: a corner that is slower than this would have stopped the pen anyway


class Controller(ABC):
    """What a GRBL does. ``steps`` are those of the line that is being executed; ``state`` is as reports name it."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.settings = DEFAULTS | setting.settings
        self.seconds = 0.0
        self.events: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.alarms: list[dict[str, Any]] = []
        self.code, self.planner, self.ink = Interpreter(), Planner(), Ink(setting.rule)
        self.starved = 0
        self.idle_pen_down = 0.0
        self.drift: Triple = (0.0, 0.0, 0.0)  # what the pen really is off from what GRBL believes
        self._position: Triple = (0.0, 0.0, 0.0)  # where the last move ended
        self._limit_at, self._power_off = setting.limit_at, setting.power_off_after
        self._still_from: float | None = None
        self.state = "Alarm" if self.settings[22] else "Idle"
        self._boot()

    def _boot(self) -> None:
        """What a reset does, but for the state of alarm and the position."""
        self.steps: deque[Step] = deque()
        self._until: float | None = None  # when a dwell or a homing ends
        self._deaf_until = 0.0
        self._critical = self._paused = self._cancelling = self._runs_dry = False
        self.feed_override = self.rapid_override = self.spindle_override = 100
        self.code.reset()
        self.code.place = self._position
        self.planner.feed_share = self.planner.rapid_share = 1.0
        self.configure()
        self._turn(5, 0)

    @abstractmethod
    def _pump(self) -> None:
        """The main loop, as far as it gets now."""

    @abstractmethod
    def _tell(self, *lines: str) -> None:
        """Sends lines to the computer."""

    @abstractmethod
    def _tell_soon(self, *, offset: bool) -> None:
        """The next reports tell of the overrides again, or of the offsets."""

    def configure(self) -> None:
        """Takes over the settings that motion goes by."""
        s = self.settings
        self.planner.rates = (s[110] / 60, s[111] / 60, s[112] / 60)
        self.planner.accelerations = (s[120], s[121], s[122])
        self.planner.deviation = s[11]

    # --- time

    def _change(self) -> float:
        """When something next ends by itself."""
        return min(self.planner.ends, math.inf if self._until is None else self._until)

    def _flow(self, until: float) -> None:
        while (change := self._change()) <= until:
            self.seconds = max(self.seconds, change)
            if self.planner.ends <= self.seconds:
                self._motion_ends()
            if self._until is not None and self._until <= self.seconds:
                self._wait_ends()
            self._pump()
        self.seconds = until

    def _motion_ends(self) -> None:
        done = self.planner.finish(self.seconds)
        if done is not None:
            self._ink(*done)
        if self.planner.running:
            return
        self._stand()
        if self.state == "Hold" or self._cancelling:
            self._cancel_ends()
        elif not self.planner.blocks:
            if self.state in ("Run", "Jog"):
                self.state = "Idle"
            self._runs_dry = self.ink.down and done is not None and abs(done[0].unit[2]) < 0.5

    def _cancel_ends(self) -> None:
        if self._cancelling:  # a jog is given up where it came to rest
            self.planner.cut(self.seconds)
            self.code.place = self._position
            self._cancelling, self.state = False, "Idle"
        elif self._critical:  # a soft limit
            self._raise_alarm(2, "soft limit")

    def _wait_ends(self) -> None:
        self._until = None
        if self.state == "Home":
            self._homed()
        self._stand()

    def _stand(self) -> None:
        """The pen stands still from now on."""
        self._still_from = self.seconds if self.ink.down and not self.planner.running else None

    def _settle_still(self, until: float) -> None:
        if self._still_from is not None:
            self.idle_pen_down += until - self._still_from
            self._still_from = until

    def _ink(self, block: Block, begun: float, done: float) -> None:
        start, end = block.work_at(begun), block.work_at(done)
        d = self.drift
        self.ink.move(
            (start[0] + d[0], start[1] + d[1], start[2]),
            (end[0] + d[0], end[1] + d[1], end[2]),
        )
        self._position = block.at(done)

    def _draw_until(self, seconds: float) -> None:
        """Draws what of the block under way is done, which is then not drawn again."""
        if self.planner.blocks:
            block, begun, done = self.planner.blocks[0], self.planner.drawn, self.planner.done(seconds)
            if done > begun:
                self._ink(block, begun, done)
                self.planner.drawn = done

    @property
    def position(self) -> Triple:
        """Where the machine believes to be, in mm."""
        if self.planner.blocks and (self.planner.running or self.planner.done(self.seconds)):
            return self.planner.blocks[0].at(self.planner.done(self.seconds))
        return self._position

    def _cycle_start(self) -> None:
        if self.planner.blocks and not self.planner.running and self.state in ("Idle", "Run", "Jog"):
            self.state = "Jog" if self.planner.blocks[0].jog else "Run"
            self._settle_still(self.seconds)
            self._still_from = None
            self.planner.start(self.seconds)

    # --- steps

    def _do(self, step: Step) -> bool:
        """Takes a step; False if it has to wait."""
        done: bool = getattr(self, f"_do_{step[0]}")(*step[1:])
        return done

    def _do_say(self, text: str) -> bool:
        self._tell(text)
        return True

    def _do_message(self, text: str) -> bool:
        return self._do_say(f"[MSG:{text}]")

    def _do_move(self, target: Triple, work: tuple[Triple, Triple], rate: float | None, jog: bool = False) -> bool:
        if self.planner.full:
            return False
        if self.settings[20] and not self.in_travel(target):
            return self._soft_limit(target)
        start = self.planner.blocks[-1].end if self.planner.blocks else self._position
        self.starved += self._stops_for_nothing(start, target)
        self._runs_dry = False
        self.planner.add(start, target, work, rate, jog, self.seconds)
        return True

    def _stops_for_nothing(self, start: Triple, target: Triple) -> bool:
        """Whether the pen has come to rest on paper where a move goes on, only as that move had not come yet."""
        way = math.dist(start, target)
        if not (self._runs_dry and self.ink.down and not self.planner.blocks and way):
            return False
        x, y, z = ((b - a) / way for a, b in zip(start, target, strict=True))
        return abs(z) < 0.5 and self.planner.junction_sqr((x, y, z)) > JUNCTION_SQR

    def _do_jog(self, target: Triple, work: tuple[Triple, Triple], rate: float) -> bool:
        if self.planner.full:
            return False
        self.code.place = target
        return self._do_move(target, work, rate, jog=True)

    def _do_sync(self) -> bool:
        self._runs_dry = self._runs_dry and bool(self.planner.blocks)
        return not self.planner.blocks

    def _do_dwell(self, seconds: float) -> bool:
        self._settle_still(self.seconds)
        self._still_from = None
        if seconds > 0:
            self.steps[0] = ("wait",)
            self._until = self.seconds + seconds
            return False
        self._stand()
        return True

    def _do_wait(self) -> bool:
        return self._until is None

    def _do_spindle(self, mode: int, speed: float) -> bool:
        self._turn(mode, speed)
        return True

    def _turn(self, mode: int, speed: float) -> None:
        self._settle_still(self.seconds)
        self._mode, self._speed = mode, speed
        share = self.spindle_override / 100
        self.ink.turn(0.0 if mode == 5 else speed * share, self._really())
        self._stand()

    def _do_offset(self) -> bool:
        self._tell_soon(offset=True)
        return True

    def _do_write(self) -> bool:
        self._deaf_until = self.seconds + WRITE_S
        self._until = self._deaf_until
        self.steps[0] = ("wait",)
        return False

    def _do_pause(self) -> bool:
        if not self._paused:
            self._paused = True
            self.state = "Hold"
        if self.state == "Hold":
            return False
        self._paused = False
        return True

    def _do_home(self, seconds: float) -> bool:
        self.state = "Home"
        self._until = self.seconds + seconds
        self.steps[0] = ("wait",)
        return False

    def _homed(self) -> None:
        self._until = None
        if self.setting.homing_fails:
            self.steps.clear()
            self._raise_alarm(9, "homing found no switch")
            return
        s = self.settings
        ends = [s[27] - s[130 + n] if int(s[23]) >> n & 1 else -s[27] for n in range(3)]
        self._position = self.code.place = (ends[0], ends[1], ends[2])
        self.drift, self.ink.z, self.state = (0.0, 0.0, 0.0), self.code.work(self._position)[2], "Idle"

    def in_travel(self, target: Triple) -> bool:
        return all(-self.settings[130 + n] <= target[n] <= 0 for n in range(3))

    def _soft_limit(self, target: Triple) -> bool:
        """Stops, gently, and then locks: ALARM:2."""
        if not self._critical:
            self._error(f"{numbers(target)} is out of travel")
            self._critical = True
            self._hold()
            if self.planner.running:
                return False
            self._raise_alarm(2, "soft limit")
        return False

    # --- real time

    def _hold(self) -> None:
        if self.state in ("Idle", "Run"):
            self.state = "Hold"
            self.planner.hold(self.seconds)
        elif self.state == "Jog":
            self._cancel()

    def _cancel(self) -> None:
        if self.state == "Jog" and not self._cancelling:
            self._cancelling = True
            while self.steps and self.steps[0][0] == "jog":
                self.steps.popleft()
            self.planner.hold(self.seconds)

    def _resume(self) -> None:
        if self.state != "Hold" or self.planner.running:
            return
        self.state = "Idle"
        self._pump()

    def _override(self, byte: int) -> None:
        feed = {0x91: 10, 0x92: -10, 0x93: 1, 0x94: -1}
        spindle = {0x9A: 10, 0x9B: -10, 0x9C: 1, 0x9D: -1}
        rapid = {0x95: 100, 0x96: 50, 0x97: 25}
        if byte == 0x85:
            self._cancel()
        elif byte == 0x90 or byte in feed:
            self.feed_override = 100 if byte == 0x90 else min(max(self.feed_override + feed[byte], 10), 200)
            self._overridden()
        elif byte in rapid:
            self.rapid_override = rapid[byte]
            self._overridden()
        elif byte == 0x99 or byte in spindle:
            self.spindle_override = 100 if byte == 0x99 else min(max(self.spindle_override + spindle[byte], 10), 200)
            self._turn(self._mode, self._speed)
            self._tell_soon(offset=False)

    def _overridden(self) -> None:
        self._tell_soon(offset=False)
        self.planner.override(self.feed_override / 100, self.rapid_override / 100, self.seconds)

    def _reset(self) -> None:
        if self.state == "Home":
            self._raise_alarm(6, "reset while homing")
        elif self.planner.running:
            self._overshoot()
            self._raise_alarm(3, "reset while moving, the position is lost")
        self._stop_dead()
        if self.state != "Alarm":
            self.state = "Idle"
        self._boot()

    def _overshoot(self) -> None:
        """The motors stop dead and the pen does not: it goes on as far as its acceleration takes it."""
        block, speed = self.planner.blocks[0], self.planner.speed(self.seconds)
        far = speed**2 / (2 * block.acceleration)
        d, u = self.drift, block.unit
        self._draw_until(self.seconds)
        begun = self._really()
        self.drift = (d[0] + far * u[0], d[1] + far * u[1], 0.0)
        self.ink.move(begun, self._really())

    def _really(self) -> Triple:
        """Where the pen is, in the work's coordinates."""
        at = self.code.work(self._position)
        return at[0] + self.drift[0], at[1] + self.drift[1], at[2]

    def _stop_dead(self) -> None:
        done = self.planner.cut(self.seconds)
        if done is not None and done[2] > done[1]:
            self._ink(*done)
        self._stand()

    def _limit(self) -> None:
        self._limit_at = None
        if self.settings[21]:
            if self.planner.running:
                self._overshoot()
            self._stop_dead()
            self._critical = True
            self._raise_alarm(1, "a limit switch closed, the position is lost")

    def _power_cycle(self) -> None:
        self._power_off = None
        self._restart("the power went and came back")

    def _do_reboot(self) -> bool:
        self.state = "Idle"
        self._boot()
        return True

    def _restart(self, what: str) -> None:
        """Everything is forgotten: where the pen is becomes zero, unless somebody pushes it there."""
        self._note(what)
        self._stop_dead()
        p, d = self._position, self.drift
        self.drift = (0.0, 0.0, 0.0) if self.setting.hand_home else (p[0] + d[0], p[1] + d[1], 0.0)
        self._position = (0.0, 0.0, 0.0)
        self.state = "Alarm" if self.settings[22] else "Idle"
        self._boot()

    def _raise_alarm(self, number: int, what: str) -> None:
        self.steps.clear()
        self.state, self._until = "Alarm", None
        self.alarms.append({"seconds": self.seconds, "alarm": number, "what": what})
        self._tell(f"ALARM:{number}")
        if number <= 2:
            self._critical = True
            self._tell("[MSG:Reset to continue]")

    def _note(self, what: str) -> None:
        self.events.append({"seconds": self.seconds, "what": what})

    def _error(self, what: str) -> None:
        if len(self.errors) < 1000:
            self.errors.append({"seconds": self.seconds, "what": what})
