"""A simulated GRBL 1.1 controller: its serial buffer, its line by line loop, its states and its clock.

Time passes while bytes come and answers go, and jumps where a computer would wait for an ``ok``: the line that waits
for room in the planner, for the motion to end (G4, M3) or for a dwell is answered when that is so.
"""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import Any

from plotsketch.plotter.simulators.grbl_report import BANNER, numbers
from plotsketch.plotter.simulators.grbl_settings import Refused, Setting
from plotsketch.plotter.simulators.grbl_states import Controller
from plotsketch.plotter.simulators.grbl_system import system
from plotsketch.plotter.simulators.wire import Unplugged

BITS = 10
RX = 127  # bytes of the receive buffer that can be used
LINE = 79  # characters of a line without blanks and comments
UNLOCK = "[MSG:'$H'|'$X' to unlock]"


class Grbl(Controller):
    """A controller that is switched on. `wire.Machine`."""

    def __init__(self, setting: Setting) -> None:
        self.rx_high_water = self.overflows = 0
        self._rx, self._out = bytearray(), bytearray()
        super().__init__(setting)
        if not setting.dtr_reset:
            self._out.clear()  # it was switched on before anybody listened

    def _boot(self) -> None:
        self._rx.clear()
        self._line, self._comment, self._too_long = "", "", False
        self._wco_in = self._ov_in = 0  # reports until these are told again
        super()._boot()
        self._tell("", BANNER)
        if self.state == "Alarm":
            self._tell(UNLOCK)

    def _restart(self, what: str) -> None:
        self._out.clear()
        super()._restart(what)

    # --- the wire

    def receive(self, data: bytes) -> bytes:
        looked = False
        self._pass(self.seconds + self.setting.latency)
        for byte in data:
            self._pass(self.seconds + BITS / self.setting.baud)
            looked = byte == ord("?")
            self._take(byte)
        while self.steps and (change := self._change()) < math.inf:
            self._pass(max(change, self.seconds))
        spoken = self._spoken()
        self._pass(self.seconds + len(spoken) * BITS / self.setting.baud)
        if looked and (change := self._change()) < math.inf:
            self._pass(max(min(self.seconds + self.setting.poll, change), self.seconds))
        return spoken + self._spoken()

    def pass_time(self, until: float) -> bytes:
        self._pass(max(until, self.seconds))
        return self._spoken()

    def hello(self) -> bytes:
        """Another host has opened the port. It resets an Arduino, whose position is forgotten, with --dtr-reset."""
        while (change := self._change()) < math.inf and not self.setting.dtr_reset:
            self._pass(max(change, self.seconds))
        self._out.clear()
        if self.setting.dtr_reset:
            self._restart("the port was opened: reset")
        return self._spoken()

    def trace(self) -> dict[str, Any]:
        """What there is on paper when the machine has done all that it has got; `seconds` is then."""
        end = copy.deepcopy(self)
        end.setting = replace(self.setting, unplug_after=None)
        while (change := end._change()) < math.inf:
            end._pass(max(change, end.seconds))
        end._draw_until(end.seconds)
        end._settle_still(end.seconds)
        return {
            "kind": "grbl",
            "seconds": end.seconds,
            "now": self.seconds,
            "ink": [[list(place) for place in line] for line in end.ink.lines],
            "errors": end.errors,
            "events": end.events,
            "alarms": end.alarms,
            "rx_high_water": end.rx_high_water,
            "overflows": end.overflows,
            "starved": end.starved,
            "idle_pen_down_seconds": end.idle_pen_down,
            "pen_down": end.ink.down,
            "state": end.state,
            "at": list(end.position),
        }

    # --- time

    def _pass(self, until: float) -> None:
        for at, happen in ((self._limit_at, self._limit), (self._power_off, self._power_cycle)):
            if at is not None and until >= at:
                self._flow(max(at, self.seconds))
                happen()
        unplug = self.setting.unplug_after
        if unplug is not None and until >= unplug:
            self._flow(max(unplug, self.seconds))
            raise Unplugged
        self._flow(max(until, self.seconds))

    # --- bytes that come

    def _take(self, byte: int) -> None:
        if byte == 0x18:
            self._reset()
        elif self._critical and self.state == "Alarm":
            return  # waits for a reset
        elif byte == ord("?"):
            self._out += self._status().encode() + b"\r\n"
        elif byte == ord("!"):
            self._hold()
        elif byte == ord("~"):
            self._resume()
        elif byte >= 0x80:
            self._override(byte)
        elif self.seconds < self._deaf_until:
            self._error("a byte came while EEPROM was written, and is lost")
        elif len(self._rx) >= RX:
            self.overflows += 1
            if self.overflows == 1 or not self.errors or not self.errors[-1]["what"].startswith("receive buffer"):
                self._error("receive buffer overflow, bytes are lost")
        else:
            self._rx.append(byte)
            self.rx_high_water = max(self.rx_high_water, len(self._rx))
            self._pump()

    def _pump(self) -> None:
        """The main loop, as far as it gets now."""
        while True:
            while self.steps:
                if not self._do(self.steps[0]):
                    self._cycle_start()
                    return
                if self.steps:
                    self.steps.popleft()
            if not self._rx or (self.state == "Alarm" and self._critical):
                break
            byte = self._rx[0]
            del self._rx[0]
            self._read(chr(byte))
        self._cycle_start()

    def _read(self, sign: str) -> None:
        """A character of a line."""
        if sign in "\r\n":
            line, self._line = self._line, ""
            too_long, self._too_long, self._comment = self._too_long, False, ""
            self._execute(line, too_long)
        elif self._comment:
            if sign == ")" and self._comment == "(":
                self._comment = ""
        elif sign in "(;":
            self._comment = sign
        elif sign > " " and sign != "/":
            if len(self._line) >= LINE:
                self._too_long = True
            else:
                self._line += sign.upper()

    def _execute(self, line: str, too_long: bool) -> None:
        try:
            if too_long:
                raise Refused(11, "a line of 80 characters or more")
            if line.startswith("$"):
                self.steps.extend(system(self, line))
            elif line:
                if self.state in ("Alarm", "Jog"):
                    raise Refused(9, f"G-code in the state {self.state}")
                self.steps.extend(self.code.run(line, dry=self.state == "Check"))
            self.steps.append(("say", "ok"))
        except Refused as refused:
            self._error(f"error:{refused.number} for {line!r}: {refused}")
            self._tell(f"error:{refused.number}")

    # --- answers

    def _status(self) -> str:
        """A status report by $10: bit 0 machine or work position, bit 1 room in the buffers."""
        mask = int(self.settings[10])
        offset, at = self.code.offset, self.position
        state = f"Hold:{int(self.planner.running)}" if self.state == "Hold" else self.state
        work = (at[0] - offset[0], at[1] - offset[1], at[2] - offset[2])
        parts = [state, f"MPos:{numbers(at)}" if mask & 1 else f"WPos:{numbers(work)}"]
        if mask & 2:
            parts.append(f"Bf:{15 - len(self.planner.blocks)},{RX + 1 - len(self._rx)}")
        speed = self.ink.spindle if self._mode != 5 else 0
        parts.append(f"FS:{self.planner.speed(self.seconds) * 60:.0f},{speed:.0f}")
        busy = self.state in ("Run", "Hold", "Jog", "Home")
        if self._wco_in:
            self._wco_in -= 1
        else:
            self._wco_in = 29 if busy else 9
            self._ov_in = max(self._ov_in, 1)
            parts.append(f"WCO:{numbers(offset)}")
        if self._ov_in:
            self._ov_in -= 1
        else:
            self._ov_in = 19 if busy else 9
            parts.append(f"Ov:{self.feed_override},{self.rapid_override},{self.spindle_override}")
            parts += {3: ["A:S"], 4: ["A:C"]}.get(self._mode, [])
        return f"<{'|'.join(parts)}>"

    def _tell_soon(self, *, offset: bool) -> None:
        if offset:
            self._wco_in = 0
        else:
            self._ov_in = 0

    def _tell(self, *lines: str) -> None:
        self._out += "".join(f"{line}\r\n" for line in lines).encode("ascii", "replace")

    def _spoken(self) -> bytes:
        spoken = bytes(self._out)
        self._out.clear()
        return spoken
