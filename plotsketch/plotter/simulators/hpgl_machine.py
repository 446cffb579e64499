"""A simulated HP-GL plotter on a serial line: its buffer, its handshakes and its clock.

Bytes take 10 bits each at the line's speed. They are put into the buffer as they come; the plotter takes them out as
its pen gets done, and what finds no room is lost (I/O error 16). Time passes while bytes come and answers go, and
jumps where the computer would wait: for a query that is still in the buffer, for an enquiry, for Xon.
"""

from __future__ import annotations

import copy
import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from plotsketch.plotter.simulators.hpgl_escape import Escape, Handshake, Reader
from plotsketch.plotter.simulators.hpgl_language import OUTPUTS, Language
from plotsketch.plotter.simulators.hpgl_models import Area, Model, Paper
from plotsketch.plotter.simulators.hpgl_pen import Pen
from plotsketch.plotter.simulators.wire import Unplugged

BITS = 10  # a start bit, eight of data, a stop bit
ENQ, ACK = 5, b"\x06"
QUERY = re.compile(rb"|".join(sorted(word.encode() for word in OUTPUTS)), re.IGNORECASE)
KEPT = 1000  # errors that a trace keeps


@dataclass(frozen=True)
class Setting:
    """What happens to a plotter, and the line that it is on.

    Times in simulated seconds since power-up, None for never. ``poll``: how long a computer lets pass between two
    looks at a busy plotter. ``lag``: bytes that still come after Xoff; ``deaf``: the computer takes no notice of it.
    ``away``: how long nobody is there before another host comes; None is until the plotter has done all it has.
    """

    baud: int = 9600
    poll: float = 0.02
    lag: int = 16
    deaf: bool = False
    pause_at: float | None = None
    pause_for: float = 5.0
    power_off_after: float | None = None
    unplug_after: float | None = None
    away: float | None = None
    buffer: int | None = None


class Plotter:
    """A plotter that is switched on. `wire.Machine`."""

    def __init__(
        self, kind: str, model: Model, paper: Paper, setting: Setting, *, area: Area | None = None, chosen: bool = False
    ) -> None:
        self.kind, self.model, self.setting = kind, model, setting
        self.seconds = 0.0
        self.events: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.pen = Pen(model)
        self.language = Language(
            model, self.pen, paper, area or paper.area, self._say, self._note, self._fault, chosen=chosen
        )
        self.overflows = self.high_water = 0
        self._jumps = True  # time jumps to where a computer that waits has its answer; not when paced
        self._clock = 0.0  # when the instruction under way began
        self._power_off, self._pause = setting.power_off_after, setting.pause_at
        self._bytes = bytearray()
        self._arrivals: deque[float] = deque()
        self._out = bytearray()
        self._power_up()

    def _power_up(self) -> None:
        self.capacity = self.setting.buffer or self.model.buffer
        self._reader = Reader(memory=self.model.memory is not None)
        self._handshake = Handshake()
        self._bytes.clear()
        self._arrivals.clear()
        self._held = bytearray()  # answers that wait for the output trigger
        self._io_error = 0
        self._overflowing = False
        self._on = True  # ESC.( and ESC.)
        self._stopped = False  # Xoff has been sent
        self._after_xoff = 0
        self._asked_room = self._asked_size = False
        self._looked = False  # the last that was asked was a status of a busy plotter
        self._answered = 0.0  # when the last answer is through the line
        self._reporting = 0.0  # and the last one to device control
        self._viewing = (0.0, 0.0)

    @property
    def room(self) -> int:
        """Bytes that the buffer has room for."""
        return max(self.capacity - len(self._bytes), 0)

    # --- the wire

    def receive(self, data: bytes) -> bytes:
        self._looked = False
        for byte in data:
            self._wait_for_xon()
            self._pass(self.seconds + BITS / self.setting.baud)
            self._take(byte)
        self._answer_waiting()
        self._pass(max(self.seconds, self._answered))
        if self._jumps and self._looked and (self._bytes or self.pen.free > self.seconds):
            change = self.pen.free if self.pen.free > self.seconds else math.inf
            self._pass(min(self.seconds + self.setting.poll, change))
        return self._spoken()

    def pass_time(self, until: float) -> bytes:
        self._jumps = False  # whoever waits for an answer has the time that it takes
        self._pass(max(until, self.seconds))
        self._answer_waiting()
        return self._spoken()

    def hello(self) -> bytes:
        """Another host has opened the port: time has passed meanwhile, in which the plotter went on."""
        if self.setting.away is None:
            self._run_while(lambda: True)
            self._pass(max(self.seconds, self.pen.free))
        else:
            self._pass(self.seconds + self.setting.away)
        self._out.clear()  # nobody was there to read it
        return b""

    def trace(self) -> dict[str, Any]:
        """What there is on paper when the plotter has done all that it has got; `seconds` is then."""
        left = len(self._bytes)
        end = self if not left and self.pen.free <= self.seconds else copy.deepcopy(self)
        if end is not self:
            end.setting = replace(self.setting, unplug_after=None)
            end._run_while(lambda: True)
            end._pass(max(end.seconds, end.pen.free))
        standing = max(end.seconds - end.pen.free, 0.0) if end.pen.touching else 0.0
        return {
            "kind": self.kind,
            "seconds": end.seconds,
            "now": self.seconds,
            "ink": [[list(place) for place in line] for line in end.pen.ink],
            "pens": end.pen.ink_pens,
            "errors": end.errors[:KEPT],
            "events": end.events,
            "overflows": end.overflows,
            "high_water": end.high_water,
            "left_in_buffer": left,
            "idle_pen_down_seconds": end.pen.idle_pen_down + standing,
            "pen_down": end.pen.down,
            "pen": end.pen.number,
            "at": list(end.pen.at),
        }

    # --- time

    def _pass(self, until: float) -> None:
        """Lets time go on, with all that happens in it."""
        if self._power_off is not None and until >= self._power_off:
            at, self._power_off = self._power_off, None
            self._pass(at)
            self._switch_off_and_on()
        unplug = self.setting.unplug_after
        if unplug is not None and until >= unplug:
            self._run(unplug)
            self.seconds = max(self.seconds, unplug)
            raise Unplugged
        self._run(until)
        self.seconds = until

    def _run(self, until: float) -> None:
        while self._bytes and self._step(until):
            pass

    def _step(self, until: float) -> bool:
        """Takes a byte out of the buffer, if the pen is done by `until`."""
        start = max(self.pen.free, self._arrivals[0])
        if self._pause is not None and start >= self._pause:
            self._view(self._pause)
            start = max(self.pen.free, self._arrivals[0])
        if start > until:
            return False
        self._clock = start
        byte = self._bytes[0]
        del self._bytes[0]
        self._arrivals.popleft()
        self._instruct(byte, start)
        if self._stopped and self.room >= self.capacity // 2:
            self._stopped = False
            self._send(self._handshake.acknowledge, start)
        return True

    def _instruct(self, byte: int, start: float) -> None:
        """Gives the language a byte; if that sets the pen in motion, it has waited until `start`."""
        pen, free = self.pen, self.pen.free
        if start <= free:
            self.language.take(byte)
            return
        waited, touching, pen.free = start - free, pen.touching, start
        self.language.take(byte)
        if pen.free == start and pen.touching == touching:
            pen.free = free  # nothing moved: it still waits
        elif touching:
            pen.idle_pen_down += waited

    def _run_while(self, condition: Callable[[], bool]) -> None:
        """Jumps from byte to byte of the buffer as long as `condition` holds."""
        while self._bytes and condition():
            self._pass(max(self.seconds, self.pen.free, self._arrivals[0]))

    def _view(self, at: float) -> None:
        """The View button: the pen is lifted and taken out of sight, and comes back where it was."""
        self._pause = None
        self._note("View is pressed", at)
        back = max(at, self.pen.free) + self.setting.pause_for
        self._viewing = (at, back)
        if self.pen.touching:
            self.pen.idle_pen_down += max(at - self.pen.free, 0.0)
            back += self.model.lift_s + self.model.drop_s
        self.pen.free = back
        self.pen.last = None

    def _switch_off_and_on(self) -> None:
        self._note("the power goes, and comes back")
        self.pen.stop(self.seconds)
        self._power_up()
        self._out.clear()
        self.language.power_up()

    # --- bytes that come

    def _take(self, byte: int) -> None:
        found = self._reader.take(byte)
        if self._reader.error:
            self._io(self._reader.error, "device control")
        if isinstance(found, Escape):
            self._control(found)
        elif found or not self._on:
            return
        elif self._held and byte == self._handshake.trigger:
            held, self._held = bytes(self._held), bytearray()
            self._send(held, self.seconds)
        elif byte == self._handshake.enquiry and byte:
            self._enquire()
        elif byte == ENQ and not self._handshake.enquiry:
            self._send(ACK, self.seconds)  # a dummy, whatever room there is
        else:
            self._buffer(byte)

    def _buffer(self, byte: int) -> None:
        self._looked = False
        if len(self._bytes) >= self.capacity:
            self.overflows += 1
            if not self._overflowing:
                self._overflowing = True
                self._io(16, "input buffer overflow, bytes are lost")
            return
        self._overflowing = False
        self._bytes.append(byte)
        self._arrivals.append(self.seconds)
        self._run(self.seconds)
        self.high_water = max(self.high_water, len(self._bytes))
        if self._stopped:
            self._after_xoff += 1
        elif self._handshake.xonxoff and self.room < self._handshake.block:
            self._stopped, self._after_xoff = True, 0
            self._send(self._handshake.immediate, self.seconds)

    def _wait_for_xon(self) -> None:
        if self._stopped and self._after_xoff >= self.setting.lag and not self.setting.deaf:
            self._run_while(lambda: self._stopped)

    def _enquire(self) -> None:
        if self._handshake.mode == 1 and self._handshake.immediate:
            self._send(self._handshake.immediate, self.seconds)
        self._asked_room = True

    def _answer_waiting(self) -> None:
        """Jumps to where what the computer waits for is answered."""
        queries = list(QUERY.finditer(self._bytes)) if self._jumps else []
        if queries:
            behind = len(self._bytes) - queries[-1].end()
            self._run_while(lambda: len(self._bytes) > behind)
        if self._asked_room and self._comes_to(lambda: self.room >= self._handshake.block):
            self._asked_room = False
            end = self._handshake.terminator if self._handshake.mode == 1 else b""
            self._send(self._handshake.acknowledge + end, self.seconds)
        if self._asked_size and self._comes_to(lambda: not self._bytes):
            self._asked_size = False
            self._reply(str(self.capacity), self.seconds)

    def _comes_to(self, condition: Callable[[], bool]) -> bool:
        """Whether `condition` holds; time jumps to when it does, unless it passes as on the wall."""
        if self._jumps:
            self._run_while(lambda: not condition())
        return self._jumps or condition()

    # --- device control

    def _control(self, one: Escape) -> None:
        letter = one.letter
        if letter in "(Y)Z":
            self._on = letter in "(Y"
        elif not self._on:
            return
        elif letter in "BLOES":
            self._ask(letter, one.numbers)
        elif letter == "K":
            self._bytes.clear()
            self._arrivals.clear()
            self.language.forget()
            self._asked_room = False
        elif letter == "J":
            self._held.clear()
            self._asked_size = self._asked_room = False
        elif letter == "R":
            self._handshake, self._stopped = Handshake(), False
        elif letter in "HIMN":
            self._handshake.obey(one)
        elif letter == "T":
            self._allocate(one.numbers)
        elif len(one.numbers) > 1 and (one.numbers[1] or 0) & 1:
            self._note("ESC.@ switches the DTR line on, which is not simulated")

    def _ask(self, letter: str, numbers: list[int | None]) -> None:
        if self._reporting > self.seconds:
            self._io(10, f"ESC.{letter} while an answer is under way")
            return
        if letter == "B":
            self._looked = self.room < self.capacity / 2
            self._reply(str(self.room), self.seconds)
        elif letter == "O":
            self._looked = bool(self._bytes)
            self._reply(str(self._extended_status()), self.seconds)
        elif letter == "E":
            self._reply(str(self._io_error), self.seconds)
            self._io_error = 0
        elif letter == "S":
            first = not numbers or not numbers[0]
            self._reply(str(self.model.memory if first else self.capacity), self.seconds)
        else:
            self._asked_size = True  # answered when the buffer is empty
        self._reporting = self._answered

    def _extended_status(self) -> int:
        if self._pause is not None and self._pause <= self.seconds < self._pause + self.setting.pause_for:
            viewing = True  # though the line under way is still to be finished
        else:
            viewing = self._viewing[0] <= self.seconds < self._viewing[1]
        return 8 * (not self._bytes) + 16 * viewing

    def _allocate(self, numbers: list[int | None]) -> None:
        size = numbers[0] if numbers and numbers[0] else 1024
        if self.model.memory is None or not 2 <= size <= self.model.memory:
            self._io(13, f"ESC.T{size}")
            return
        self.capacity = size
        self._bytes.clear()
        self._arrivals.clear()
        self.language.forget()

    # --- answers

    def _say(self, text: str) -> None:
        """The answer to an output instruction, which has just been reached."""
        self._reply(text, self._clock)

    def _reply(self, text: str, at: float) -> None:
        answer = self._handshake.initiator + text.encode("ascii") + self._handshake.terminator
        if self._handshake.trigger:
            self._held += answer
        else:
            self._send(answer, at)

    def _send(self, answer: bytes, at: float) -> None:
        took = self._handshake.turnaround + len(answer) * (BITS / self.setting.baud + self._handshake.gap)
        self._answered = max(self._answered, at) + took
        self._out += answer

    def _spoken(self) -> bytes:
        spoken = bytes(self._out)
        self._out.clear()
        return spoken

    # --- the trace

    def _io(self, number: int, what: str) -> None:
        self._io_error = number
        self._fault(f"I/O error {number}: {what}")

    def _note(self, what: str, at: float | None = None) -> None:
        self.events.append({"seconds": self.seconds if at is None else at, "what": what})

    def _fault(self, what: str) -> None:
        self.errors.append({"seconds": max(self.seconds, self._clock), "what": what})
