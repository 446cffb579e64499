"""Talking with GRBL: as many lines on their way as its receive buffer holds, and every answer put to its line.

GRBL answers each line with ``ok`` or ``error:N`` once it has taken it out of its receive buffer of 128 bytes, of which
127 can be used. So the bytes of all lines not answered yet are what may be in it: "character counting", as GRBL's
interface.md has it. Real-time bytes (``?`` ``!`` ``~`` 0x18) are taken out of the stream at once and count for nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from plotsketch.errors import UserError
from plotsketch.plotter.grbl_words import Status, alarm_words, error_words, status_of
from plotsketch.plotter.port import Port

HOLD, STATUS, RESET = b"!", b"?", b"\x18"
BANNER = "Grbl"
STEP = 0.25  # seconds of one read; GRBL may be asked five times a second (interface.md)
SILENT = 5.0  # seconds without any answer, status reports among them
BOOT = 2.5  # seconds: an Arduino's bootloader takes 1.5 to 2 after DTR has reset it


class Alarm(UserError):
    """GRBL has locked itself."""


class WasReset(UserError):
    """GRBL has begun anew: somebody reset it, or its power was cut."""


class Silence(UserError):
    """GRBL does not answer."""


class Talk:
    """A conversation; ``receive``: bytes that GRBL's receive buffer holds."""

    def __init__(self, port: Port, receive: int) -> None:
        self.port, self.receive = port, receive
        self.said: list[str] = []  # [..] and $.. lines, since `command` began
        self.status: Status | None = None
        self._sent: deque[str] = deque()  # lines that are not answered yet
        self._used = 0  # their bytes
        self._batch = b""
        self._rest = b""
        self._expects_banner = False
        self._banner = ""

    def send(self, line: str) -> None:
        """Sends a line once there is room for it."""
        self.stream([line])

    def stream(self, lines: Sequence[str], stop: Callable[[], bool] | None = None) -> int:
        """Sends lines as room comes up for them; how many, all unless `stop` said so first.

        Raises UserError for a line that GRBL refuses, naming it; Alarm, WasReset, and UserError for silence.
        """
        for number, line in enumerate(lines):
            if stop is not None and stop():
                self._flush()
                return number
            while self._sent and self._used + len(line) + 1 > self.receive:
                self._listen()
                if stop is not None and stop():
                    return number
            self._batch += line.encode("ascii") + b"\n"
            self._sent.append(line)
            self._used += len(line) + 1
        self._flush()
        return len(lines)

    def finish(self, meanwhile: Callable[[], bool] | None = None, silent: float = SILENT) -> None:
        """Returns when every line is answered; calls `meanwhile` from time to time, and takes no notice of what it
        says. `silent`: seconds that GRBL may say nothing at all."""
        while self._sent:
            self._listen(silent)
            if meanwhile is not None:
                meanwhile()

    def command(self, line: str, silent: float = SILENT) -> list[str]:
        """What GRBL says to a line before its ok, such as the settings for ``$$``."""
        self.finish()
        self.said = []
        self.send(line)
        self.finish(silent=silent)
        return self.said

    def report(self) -> Status:
        """A status report of now. Raises UserError for silence."""
        self.status = None
        self._flush()
        for _ in range(round(SILENT)):
            self.port.write(STATUS)
            if self._until(lambda: self.status is not None, 1.0):
                break
        found: Status | None = self.status  # what was heard meanwhile
        if found is None:
            raise self._silence()
        return found

    def rest(self) -> Status:
        """The first report in which nothing moves, however long that takes."""
        while not (status := self.report()).is_at_rest:
            self.port.sleep(STEP)
        return status

    def connect(self) -> bool:
        """Makes sure that GRBL listens; whether it has just been reset, as opening the port does to an Arduino.

        Raises UserError for a port where nobody or somebody else answers.
        """
        self._expects_banner = True
        if not self._until(lambda: bool(self._banner), 0.0 if self.port.is_simulated else BOOT):
            for _ in range(2):
                self.port.write(STATUS)
                if self._until(lambda: self.status is not None or bool(self._banner), 1.0):
                    break
            else:
                self.reset()
        self._expects_banner = False
        was_reset, self._banner = bool(self._banner), ""
        self._catch_up()
        return was_reset

    def reset(self) -> None:
        """Resets GRBL (0x18), which forgets all lines, and waits for its greeting. Raises UserError for none."""
        self.abandon()
        self._expects_banner, self._banner = True, ""
        self.port.write(RESET)
        if not self._until(lambda: bool(self._banner), BOOT):
            raise self._no_greeting()
        self._expects_banner = False

    def await_banner(self) -> None:
        """Returns once GRBL, which was made to begin anew, has greeted. To be announced by ``expect_banner``."""
        self._until(lambda: bool(self._banner), BOOT)
        self._expects_banner, self._banner = False, ""

    def expect_banner(self) -> None:
        """GRBL is about to begin anew, and that is as it should be."""
        self._expects_banner, self._banner = True, ""

    def calm(self, error: BaseException) -> None:
        """After an error: returns when GRBL listens again, with all lines answered or forgotten. An alarm is ended, and
        errors of further lines are not told. Raises UserError if it does not listen."""
        if isinstance(error, Silence):
            raise error
        if isinstance(error, Alarm):
            self.reset()
        while self._sent:
            try:
                self.finish()
            except Alarm:
                self.reset()
            except Silence:
                raise
            except UserError:  # of a line more; all of them are answered in the end
                continue
        if self.report().state == "Alarm":
            self.command("$X")

    def _catch_up(self) -> None:
        """Has all lines of a program before us answered, and none left. Half a line of it is made an error by the ``$``
        in its middle, so that GRBL does not go by half a number."""
        self.said, asked = [], 1
        self.port.write(b"$G\n")
        while not any(line.startswith("[GC:") for line in self.said):
            before = len(self.said)
            self._until(lambda count=before: len(self.said) > count, SILENT / 5)  # type: ignore[misc]
            fresh = self.said[before:]
            if any(line.startswith("error") for line in fresh) or (not fresh and self.report().is_at_rest):
                self.port.write(b"$G\n")
                asked += 1
        # one question has one ok; after more, nobody knows how many come
        self._until(lambda: asked == 1 and self.said[-1:] == ["ok"], STEP)

    def _flush(self) -> None:
        if self._batch:
            data, self._batch = self._batch, b""
            self.port.write(data)

    def _listen(self, silent: float = SILENT) -> None:
        """Takes the next that GRBL says; asks how it is if that takes long. Raises UserError for silence."""
        self._flush()
        waited = 0.0
        while not self._hear(STEP):
            waited += STEP
            if waited >= silent:
                raise self._silence()
            self.port.write(STATUS)

    def _until(self, done: Callable[[], bool], patience: float) -> bool:
        """Whether `done` before nothing has come for `patience` seconds."""
        waited = 0.0
        while not done():
            if self._hear(STEP if patience else 0.05):
                waited = 0.0
                continue
            waited += STEP
            if waited >= patience:
                return False
        return True

    def _hear(self, timeout: float) -> bool:
        """Takes what comes within `timeout` seconds; whether something did."""
        data = self.port.read(timeout)
        *lines, self._rest = (self._rest + data).replace(b"\r", b"").split(b"\n")
        for number, line in enumerate(lines):
            try:
                self._take(line.decode("latin-1").strip())
            except UserError:
                self._rest = b"\n".join([*lines[number + 1 :], self._rest])
                raise
        return bool(data)

    def _take(self, line: str) -> None:
        if line.startswith("<"):
            self.status = status_of(line) or self.status
        elif line.startswith(BANNER):
            self._greeted(line)
        elif line.startswith("ALARM"):
            raise Alarm(f"GRBL on {self.port.path} says {alarm_words(line)}")
        elif line == "ok" and self._sent:
            self._answered()
        elif line.startswith("error") and self._sent:
            refused = self._answered()
            raise UserError(f"GRBL on {self.port.path} says {error_words(line)}, to the line '{refused}'")
        elif line:
            self.said.append(line)

    def _answered(self) -> str:
        line = self._sent.popleft()
        self._used -= len(line) + 1
        return line

    def _greeted(self, line: str) -> None:
        self._banner = line
        self.abandon()
        if not self._expects_banner:
            raise WasReset(
                f"GRBL on {self.port.path} has begun anew: it was reset, or its power was cut, and has lost its place"
            )

    def abandon(self) -> None:
        """Drops what is not sent yet, and waits for no answer any more."""
        self._sent.clear()
        self._used, self._batch = 0, b""

    def _no_greeting(self) -> UserError:
        path, heard = self.port.path, "".join(self.said[-1:]) or self._rest.decode("latin-1")[:40].strip()
        if heard:
            return UserError(f"{path} answers, but not as GRBL does ({heard!r}): is it the right port and speed?")
        return UserError(f"nothing answers on {path}: is it the right port, is the machine on, and has it GRBL 1.1?")

    def _silence(self) -> Silence:
        return Silence(f"GRBL on {self.port.path} does not answer any more: is the machine on, and the cable in?")
