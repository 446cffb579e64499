"""How one talks to an EiBotBoard: commands, replies in both syntaxes, errors, and what which firmware knows.

Source: EBB documentation (ebb.html for firmware 3, ebb2.html for 2) and its release notes. In *legacy* syntax, the only
one before 3.0 and the one after every reset, a command is answered by ``OK``, a query by a line of data and ``OK``, and
some queries by the data alone; CR and LF come in any order. In *future* syntax, which we switch to where there is one,
each answer is one line that begins with the command's name, so that no answer is taken for another's.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass

from plotsketch.errors import UserError
from plotsketch.plotter.port import Port

OLDEST = (2, 4, 4)  # QM, by which a board says that it is done
VERSION = re.compile(r"Firmware Version (\d+(?:\.\d+){1,3})")
ERROR = re.compile(r"!\d+ Err.*")
ALONE = ("V", "QG", "QM", "PI", "A", "I", "MR")  # queries whose legacy answer has no OK behind it
DATA = {  # what a query's data look like; anything else before it is garbage
    "QC": r"\d+,\d+", "QE": r"\d+,\d+", "QG": r"[0-9A-F]{2}", "QM": r"\d+,\d+,\d+,\d+", "QP": r"[01]", "QB": r"[01]",
    "QL": r"\d+", "QS": r"-?\d+,-?\d+", "QU": r"(?:\d+,)?\d+", "ES": r"[01](?:,\d+)*", "QT": r".{0,16}", "QR": r"[01]",
}  # fmt: skip
PATIENCE = 3.0  # seconds for an answer, beyond the moves that the board has to make first
TRIES = 3
GARBAGE = 40  # lines before an answer


class Refused(UserError):
    """The board answered with an error."""


class Silent(UserError):
    """The board did not answer."""


class Restarted(UserError):
    """The board began anew in the middle, and knows neither the pen's place nor what it was told."""


@dataclass(frozen=True, order=True)
class Firmware:
    """A version of the firmware, and what it can do (release notes)."""

    version: tuple[int, ...]

    @classmethod
    def parse(cls, line: str) -> Firmware | None:
        """The version in an answer to V, None for any other line."""
        found = VERSION.search(line)
        return cls(tuple(map(int, found[1].split(".")))) if found else None

    def __str__(self) -> str:
        return ".".join(map(str, self.version))

    def has(self, *version: int) -> bool:
        return self.version >= version

    @property
    def low_level(self) -> bool:
        """LM is to be trusted: it was written anew in 2.7.0, where its parameter that clears the sums came too."""
        return self.has(2, 7, 0)

    @property
    def general_query(self) -> bool:
        return self.has(2, 6, 2)  # QG

    @property
    def homing(self) -> bool:
        return self.has(2, 6, 2)  # HM

    @property
    def nickname(self) -> bool:
        return self.has(2, 5, 5)  # QT, ST

    @property
    def servo_power(self) -> bool:
        return self.has(2, 6, 0)  # SR

    @property
    def motor_query(self) -> bool:
        return self.has(2, 8, 0)  # QE

    @property
    def future_syntax(self) -> bool:
        return self.has(3, 0)  # CU,10; with it came CU,4, the queue's depth, and CU,60, the power that is too low

    @property
    def queue_query(self) -> bool:
        return self.has(3, 0, 1)  # QU,6


@dataclass(frozen=True)
class Status:
    """What a board does. ``is_up``: of the commands to the pen whose turn has come, the last told it to go up;
    ``waits``: a command is in the queue whose turn has not come."""

    is_busy: bool
    waits: bool
    is_up: bool
    button: bool
    lost_power: bool


class Board:
    """An EiBotBoard at a port, once ``connect`` has found it. One command at a time: each waits for its answer."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self.firmware = Firmware(OLDEST)
        self.is_future = False

    def connect(self) -> None:
        """Finds the board, and sets its syntax.

        Whatever was at the port before may have died in the middle of a command: a CR ends what stands in the board's
        buffer, and whatever is answered to that is passed over. The version is asked for twice, as the first answer may
        be mixed with what was still on its way. Raises UserError where nothing answers like an EiBotBoard.
        """
        self._port.write(b"\r")
        first, second = self._version(), self._version()
        if first != second:
            second = self._version()
        if second < Firmware(OLDEST):
            raise UserError(
                f"the EiBotBoard at {self._port.path} has firmware {second}, which is too old to plot with: update it, "
                "as its maker's page on updating EBB firmware tells"
            )
        self.firmware = second
        if second.future_syntax:
            self.set_syntax(future=True)

    def set_syntax(self, *, future: bool) -> None:
        """Sets a syntax that may be set already. The answer to this is in either or in none, so it is passed over: the
        version, asked for behind it, is answered alike in both."""
        self._port.write(b"CU,10,%d\r" % future)
        self._version()
        self.is_future = future

    def resynchronise(self) -> None:
        """Forgets answers that nobody waits for any more; the next that comes is that of the next command. A board
        that has begun anew meanwhile is in our syntax again."""
        self._version()
        if self.is_future:
            self.set_syntax(future=True)

    def command(self, text: str, patience: float = 0.0) -> None:
        """Sends a command and returns when the board has taken it. `patience`: seconds that it may be busy first.

        Raises Refused, Restarted, PortLost, and Silent where no answer comes.
        """
        self._send(text)
        name = _name(text)
        for _ in range(GARBAGE):
            line = self._line(text, PATIENCE + patience)
            self._check(line, text)
            if self.is_future and line.endswith("OK"):  # only a reset goes back to legacy syntax
                raise self.restarted()
            if line.endswith(name if self.is_future else "OK"):
                return
        raise UserError(f"{self._port.path} answers {text} with nothing that makes sense; is another program using it?")

    def query(self, text: str, patience: float = 0.0) -> str:
        """The data that a query is answered with, without its name. Raises as ``command`` does."""
        for _ in range(TRIES):
            self._send(text)
            data = self._data(text, PATIENCE + patience)
            if data is not None:
                return data
        raise UserError(f"{self._port.path} answers {text} with nothing that makes sense; is another program using it?")

    def status(self) -> Status:
        """What the board does now. The button is told of once: by the first status after it was pressed."""
        if self.firmware.general_query:
            bits = int(self.query("QG"), 16)
            lost = bool(bits & 0x40) and self.firmware.future_syntax  # before 3.0 this bit was the pin RB2
            return Status(bool(bits & 0x0F), bool(bits & 0x01), bool(bits & 0x10), bool(bits & 0x20), lost)
        doing = [word != "0" for word in self.query("QM").split(",")]  # a command, motor 1, motor 2, the queue
        return Status(any(doing), doing[3], self.query("QP") == "1", self.query("QB") == "1", False)

    def restarted(self) -> Restarted:
        return Restarted(
            f"the EiBotBoard at {self._port.path} began anew in the middle of the plot: see to its power supply and "
            "its cable, put the pen home, then `plotsketch plot --resume`"
        )

    def _send(self, text: str) -> None:
        self._port.write(text.encode("ascii") + b"\r")

    def _version(self) -> Firmware:
        """Asks for the version until it is answered, and passes over all that comes before it or twice."""
        for _ in range(TRIES):
            self._port.write(b"V\r")
            for _ in range(GARBAGE):
                line = self._port.read_until(b"\r\n", PATIENCE)
                if not line:
                    break
                if found := Firmware.parse(_printable(line)):
                    self._drain()
                    return found
        raise UserError(
            f"nothing at {self._port.path} answers like an EiBotBoard: is it another machine's port? "
            "`plotsketch machines` lists what is connected"
        )

    def _drain(self) -> None:
        for _ in range(GARBAGE):
            if not self._port.read(0.01):
                return

    def _line(self, asked: str, timeout: float) -> str:
        """The next line that is not empty, without what cannot be printed."""
        line = b""
        for _ in range(GARBAGE):
            got = self._port.read_until(b"\r\n", timeout)
            line += got
            if not got.endswith((b"\r", b"\n")):
                break
            if text := _printable(line):
                return text
            line = b""
        raise Silent(
            f"the EiBotBoard at {self._port.path} does not answer {asked}: pull its cable out and put it in again"
        )

    def _data(self, text: str, timeout: float) -> str | None:
        """A query's data; None where its answer came without them, or spoilt."""
        name, data = _name(text), None
        shape = re.compile(rf"(?:{name},)?({DATA[name]})" if not self.is_future else rf"{name},?({DATA[name]})")
        for _ in range(GARBAGE):
            line = self._line(text, timeout)
            self._check(line, text)
            if not self.is_future and name not in ALONE and (line == "OK" or (line.endswith("OK") and name != "QT")):
                return "" if data is None and name == "QT" else data
            if found := shape.fullmatch(line):
                data = found[1]
                if self.is_future or name in ALONE:
                    return data
        return None

    def _check(self, line: str, asked: str) -> None:
        """Raises Refused for an error; in legacy syntax OK comes behind it all the same."""
        if not (found := ERROR.search(line)):
            return
        if not self.is_future:
            with contextlib.suppress(UserError):
                self._line(asked, 0.2)
        raise Refused(f"the EiBotBoard at {self._port.path} (firmware {self.firmware}) refuses {asked}: {found[0]}")


def _name(text: str) -> str:
    return text.partition(",")[0]


def _printable(line: bytes) -> str:
    return "".join(chr(byte) for byte in line if 32 <= byte < 127).strip()
