"""Talking with an HP-GL plotter over a serial line: no byte that its buffer has no room for, and no answer lost.

What goes out is whole instructions. Their room is reckoned: what ESC.B said was free when it was asked, less what was
sent after it; the plotter can only have made more since. So the line goes on while the answer is on its way, and a plot
whose line is slower than its pen is not held up. Device control instructions (ESC . and a letter) are acted on at once
and take no room.

What comes back are lines of decimals. Those with a comma, or with letters, answer buffered questions such as OA. Of
single numbers, the answer to ESC.B is told from those of OS, which the plotter gives when it comes upon them in its
buffer: OS is less than 128 (its bit 7 is not used), and at least the reserve is always free. With a smaller reserve,
ESC.B is asked only while no OS is on its way. An answer to ESC.O may be taken for one of OS that comes at the same
time, and that one for it; then a mark is confirmed late, never early, as ESC.O has no bit 4 where the plotter draws.

Silence is what makes an error, not time: a plotter that still answers ESC.O may take as long as it likes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from plotsketch.errors import UserError
from plotsketch.plotter.hpgl_status import EMPTY, POWERED_UP, READY
from plotsketch.plotter.hpgl_status import ERROR as ERROR_BIT
from plotsketch.plotter.port import Port
from plotsketch.plotter.serial_settings import SerialSettings

ESCAPE = b"\x1b."
MARK = b"OS;"
STATUS_END = 128  # OS is below
POLL = 0.1  # seconds between two looks at a full buffer; in that time no more than 96 bytes leave it at 9600 baud
STEP = 0.25  # seconds of one read
ANSWER = 1.0  # seconds that an answer takes at most, once the question has left the computer
TRIES = 4
AGAIN = 30.0  # seconds after which a barrier that an empty buffer has not answered is sent again (I/O error 10)
ENDS = re.compile(rb"[\r\n]+")


class Talk:
    """A conversation. ``size``: bytes of the plotter's buffer. ``confirmed``: the number of the last ``mark`` that the
    plotter has come to. ``has_erred``: it has said since ``mark`` that there is an HP-GL error to be asked for."""

    def __init__(self, port: Port, settings: SerialSettings, size: int) -> None:
        self.port, self.settings, self.size = port, settings, size
        self.confirmed = 0
        self.has_erred = False
        self.sent = 0  # bytes, ever
        self._credit = 0  # bytes that are free at least
        self._asked, self._value, self._since = "", 0, 0  # the ESC question on its way, its answer, bytes sent since
        self._queued = 0  # bytes handed to the system since it had sent all
        self._rest = b""
        self._enquires = False
        self._marks: deque[int] = deque()
        self._answers: deque[str] = deque()

    def reach(self) -> None:
        """Makes sure that somebody listens. Raises UserError, within about 5 s, if nobody does."""
        self.port.discard()
        # J: whatever device control instruction a broken-off program left; R: handshakes as at power-on; (: on-line
        self.control("J", "R", "(")
        if self._try("E", TRIES + 1) is None:
            baud = self.settings.baud
            raise UserError(
                f"nothing answers on {self.port.path} at {baud} baud: is it on, is the cable a null-modem one, "
                f"do the switches say {baud} 8N1?"
            )

    def control(self, *letters: str) -> None:
        """Sends device control instructions that give no answer; they are acted on at once."""
        self._write(b"".join(ESCAPE + letter.encode("ascii") for letter in letters))

    def ask(self, letter: str) -> int:
        """The answer to the device control instruction B, E, L or O. Raises UserError if the plotter is silent."""
        value = self._try(letter, TRIES)
        if value is None:
            raise self._silent()
        return value

    def send(self, words: str, stop: Callable[[], bool] | None = None) -> bool:
        """Sends whole instructions once there is room for them; False, with nothing sent, if `stop` says so first."""
        data = words.encode("ascii")
        for start in range(0, len(data), self.settings.block):
            if not self._make_room(len(data[start : start + self.settings.block]), stop):
                return False
            stop = None  # what is begun is sent whole
            self._pass_on(data[start : start + self.settings.block])
        return True

    def mark(self, number: int) -> None:
        """Has the plotter say when it comes here: everything before is on paper then (`confirmed`)."""
        self._ready_to_ask(MARK)
        self._marks.append(number)
        self._pass_on(MARK)

    def enquire(self, words: str, limit: float = float("inf")) -> str | None:
        """The answer to a buffered question such as ``OI;``, however long the plotter draws before it comes to it.

        None if it is not answered in about `limit` seconds. Raises UserError if the plotter is silent altogether.
        """
        question = words.encode("ascii")
        self._ready_to_ask(question)
        self._answers.clear()
        self._enquires = True
        self._pass_on(question)
        waited = since = 0.0
        while not self._until(lambda: bool(self._answers), ANSWER):
            waited, since = waited + ANSWER, since + ANSWER
            if waited >= limit:
                break
            if self.ask("O") & EMPTY and since >= AGAIN:
                since = 0.0
                self._pass_on(question)
        self._enquires = False
        return self._answers.popleft() if self._answers else None

    def settle(self) -> str:
        """Returns when all that was sent has been done: what OA, behind it all, then says."""
        place = self.enquire("OA;") or ""
        if self._marks:  # their answers were lost, as I/O error 10 has it
            self.confirmed = self._marks[-1]
            self._marks.clear()
        return place

    def drain(self) -> None:
        """Returns when the system has sent all."""
        self.port.drain()
        self._queued = 0

    def forget(self) -> None:
        """Drops what is still to be answered."""
        self._marks.clear()
        self._answers.clear()
        self._asked, self._credit, self._enquires = "", 0, False

    def _ready_to_ask(self, question: bytes) -> None:
        """Waits until a buffered question has room, and its answer would be known for what it is."""
        self._make_room(len(question), None)
        if self.settings.reserve < STATUS_END:
            self._until(lambda: not self._asked, self._answer_time())

    def _try(self, letter: str, tries: int) -> int | None:
        if self._asked:
            self._until(lambda: not self._asked, self._answer_time())
        for attempt in range(tries):
            self._put(letter)
            if self._until(lambda: not self._asked, self._answer_time()):
                if attempt:  # an earlier one may be answered late, which is not to be taken for the next answer
                    self._until(lambda: False, ANSWER / 2)
                return self._value
        return None

    def _put(self, letter: str) -> None:
        self._asked, self._since = letter, 0
        self._write(ESCAPE + letter.encode("ascii"))

    def _pass_on(self, data: bytes) -> None:
        self._write(data)
        self.sent += len(data)
        self._credit -= len(data)
        self._since += len(data)
        if not self.settings.polls:
            self.drain()  # the plotter is to stop the next block, not to find it in the system's buffer
        elif not self._asked and self._credit < 2 * self.settings.block + self.settings.reserve and self._may_ask():
            self._put("B")

    def _write(self, data: bytes) -> None:
        self.port.write(data)
        self._queued += len(data)

    def _may_ask(self) -> bool:
        """Whether the answer to ESC.B would be known for what it is."""
        return not self._expects_number or self.settings.reserve >= STATUS_END

    @property
    def _expects_number(self) -> bool:
        """Whether a buffered question that is answered by a single number may be on its way."""
        return bool(self._marks) or self._enquires

    def _make_room(self, length: int, stop: Callable[[], bool] | None) -> bool:
        """Waits until `length` bytes have room, as long as the plotter answers; False if `stop` says so first."""
        self._hear(0.0)
        if not self.settings.polls:
            return stop is None or not stop()
        need = min(length + self.settings.reserve, self.size)
        silent = 0
        while True:
            if stop is not None and stop():
                return False
            if self._credit >= need:
                return True
            if not self._may_ask():
                self._await_marks()
            elif not self._asked:
                self._put("B")
            if not self._until(lambda: not self._asked, self._answer_time()):
                silent, self._asked = silent + 1, ""
                if silent >= TRIES:
                    raise self._silent()
                continue
            silent = 0
            if self._credit < need:
                self.port.sleep(POLL)

    def _await_marks(self) -> None:
        while self._marks and not self._until(lambda: not self._marks, ANSWER):
            if self.ask("O") & EMPTY:
                self.settle()

    def _answer_time(self) -> float:
        return ANSWER + self._queued * 10 / self.settings.baud

    def _until(self, done: Callable[[], bool], patience: float) -> bool:
        """Whether `done` before nothing has come for `patience` seconds."""
        silent = 0.0
        while not done():
            if self._hear(STEP):
                silent = 0.0
            else:
                silent += STEP
                if silent >= patience:
                    return False
        return True

    def _hear(self, timeout: float) -> bool:
        """Takes what comes within `timeout` seconds; whether something did."""
        data = self.port.read(timeout)
        *lines, self._rest = ENDS.split(self._rest + data)
        for line in lines:
            if line:
                self._take(line.decode("latin-1").strip())
        return bool(data)

    def _take(self, line: str) -> None:
        value = int(line) if line.isdecimal() else None
        if value is None:
            self._answers.append(line)
        elif self._asked and (self._asked != "B" or value >= STATUS_END or not self._expects_number):
            self._value = value
            if self._asked == "B":
                self._credit = value - self._since
            self._asked = ""
        elif self._marks:
            if value < STATUS_END and value & READY:  # else a late answer to a device control instruction
                self._come_to(value)
        elif self._enquires:
            self._answers.append(line)

    def _come_to(self, status: int) -> None:
        """The plotter has come to a mark, and says how it is."""
        number = self._marks.popleft()
        if status & POWERED_UP:
            self._marks.clear()
            raise UserError(f"the plotter on {self.port.path} was switched off meanwhile and has forgotten what it had")
        self.confirmed = number
        self.has_erred = self.has_erred or bool(status & ERROR_BIT)

    def _silent(self) -> UserError:
        return UserError(f"the plotter on {self.port.path} does not answer any more: is it on, and the cable in?")
