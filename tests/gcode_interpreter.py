"""A machine with GRBL 1.1 that takes G-code a line at a time, for tests of the files that we write.

From GRBL 1.1's documentation (interface.md with its numbered errors, commands.md with its modal groups and the codes
that it knows) and NIST RS274/NGC, by which it is meant. It knows nothing of our writer. What a machine would refuse
raises `GrblError` with GRBL's number; bytes that it would obey at once, even within comments, raise `RealTimeByte`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

LINE = 80  # characters of a line without blanks and comments, with its end
RECEIVE_BUFFER = 127  # characters of a line as it comes
REALTIME = set(b"?!~\x18") | set(range(0x80, 0x100))
# modal group -> G codes; groups "other" and "axis" are not modal
GROUPS: dict[str, set[float]] = {
    "motion": {0, 1, 2, 3, 80},
    "plane": {17, 18, 19},
    "distance": {90, 91},
    "arcs": {91.1},
    "feed": {93, 94},
    "units": {20, 21},
    "cutter": {40},
    "length": {43.1, 49},
    "system": {54, 55, 56, 57, 58, 59},
    "path": {61},
    "other": {4, 10, 28, 28.1, 30, 30.1, 53, 92, 92.1},
}
TAKES_AXES = {0, 1, 2, 3, 10, 28, 30, 92}
COMMANDS = {"stop": {0, 1, 2, 30}, "spindle": {3, 4, 5}, "coolant": {8, 9}}
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")


class GrblError(Exception):
    def __init__(self, code: int, line: str) -> None:
        super().__init__(f"error:{code} in '{line}'")
        self.code = code


class RealTimeByte(Exception):
    pass


@dataclass(frozen=True)
class Move:
    """A straight move (arcs are kept as one, with their ends), places x, y, z in mm, feed in mm/min; 0: rapid.

    ``spindle`` and ``speed`` are M3, M4 or M5 and S at the time, ``pauses`` how many M0 came before.
    """

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    feed: float
    spindle: int
    speed: float
    pauses: int

    @property
    def length(self) -> float:
        return math.dist(self.start, self.end)

    @property
    def flat(self) -> bool:
        return self.start[:2] == self.end[:2]


@dataclass
class Grbl:
    """``moves`` and ``dwells`` (seconds) so far; ``events`` has both, and every change of the spindle, in order."""

    moves: list[Move] = field(default_factory=list)
    dwells: list[float] = field(default_factory=list)
    events: list[object] = field(default_factory=list)
    modes: dict[str, float] = field(default_factory=lambda: {"motion": 0, "units": 21, "distance": 90, "feed": 94})
    place: tuple[float, float, float] = (0.0, 0.0, 0.0)
    offset: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    feed: float = 0.0  # mm/min
    spindle: int = 5
    speed: float = 0.0
    pauses: int = 0

    def run(self, data: bytes) -> Grbl:
        for line in data.split(b"\n"):
            self.send(line)
        return self

    def send(self, line: bytes) -> None:
        if found := REALTIME & set(line):
            raise RealTimeByte(f"{sorted(map(chr, found))} in {line!r}")
        assert len(line) <= RECEIVE_BUFFER, f"longer than the receive buffer: {line!r}"
        plain = re.sub(r"\([^)]*\)|;.*|[\x00-\x20]|/", "", line.decode("ascii")).upper()
        if len(plain) >= LINE:
            raise GrblError(11, plain)
        if plain:
            Line(self, plain).obey()


class Line:
    """One line without blanks and comments."""

    def __init__(self, grbl: Grbl, text: str) -> None:
        self.grbl, self.text = grbl, text
        self.codes: dict[str, float] = {}
        self.commands: dict[str, int] = {}
        self.values: dict[str, float] = {}
        self.axis_code: float | None = None
        self._read()

    def fail(self, number: int) -> GrblError:
        return GrblError(number, self.text)

    def _read(self) -> None:
        if self.text[0] == "$":
            raise self.fail(3)
        place = 0
        while place < len(self.text):
            letter = self.text[place]
            if not "A" <= letter <= "Z":
                raise self.fail(1)
            number = NUMBER.match(self.text, place + 1)
            if number is None:
                raise self.fail(2)
            place = number.end()
            value = float(number[0])
            if letter == "G":
                self._code(value)
            elif letter == "M":
                self._command(value)
            else:
                self._value(letter, value)

    def _code(self, value: float) -> None:
        group = next((name for name, codes in GROUPS.items() if value in codes), None)
        if group is None:
            known = any(int(value) in codes for codes in GROUPS.values())
            raise self.fail(23 if known and value % 1 else 20)
        if value in TAKES_AXES:
            if self.axis_code is not None:
                raise self.fail(24)
            self.axis_code = value
        if group in self.codes:
            raise self.fail(21)
        self.codes[group] = value

    def _command(self, value: float) -> None:
        if value % 1:
            raise self.fail(23)
        group = next((name for name, codes in COMMANDS.items() if value in codes), None)
        if group is None:
            raise self.fail(20)
        if group in self.commands:
            raise self.fail(21)
        self.commands[group] = int(value)

    def _value(self, letter: str, value: float) -> None:
        if letter not in "FIJKLNPRSTXYZ":
            raise self.fail(20)
        if letter in self.values:
            raise self.fail(25)
        if letter in "FNPTS" and value < 0:
            raise self.fail(4)
        self.values[letter] = value

    def obey(self) -> None:
        """Checks the whole line, then does it, in the order of RS274/NGC's table 8."""
        grbl = self.grbl
        modes = grbl.modes | {group: code for group, code in self.codes.items() if group != "other"}
        unit = 25.4 if modes["units"] == 20 else 1.0
        feed = self.values["F"] * unit if "F" in self.values else grbl.feed
        axes = self.values.keys() & set("XYZ")
        if "N" in self.values and not 1 <= self.values["N"] <= 9_999_999:
            raise self.fail(27)
        self._check_other(axes, modes)
        nonmodal = self.axis_code is not None and self.axis_code > 3
        moves = bool(axes) and not nonmodal
        explicit = self.axis_code in (0, 1, 2, 3)
        if moves and modes["motion"] == 80:
            raise self.fail(31)
        if (moves or explicit) and modes["motion"] in (1, 2, 3):
            if feed == 0:
                raise self.fail(22)
            if modes["motion"] > 1:
                self._check_arc(axes, modes, unit)
        self._check_unused(axes, moves, modes)
        grbl.modes, grbl.feed, grbl.speed = modes, feed, self.values.get("S", grbl.speed)
        self._stand()
        if "other" in self.codes:
            self._do_other(axes, unit)
        if moves:
            self._move(self._target(unit, modes), 0.0 if modes["motion"] == 0 else feed)
        self._stop()

    def _check_other(self, axes: set[str], modes: dict[str, float]) -> None:
        other = self.codes.get("other")
        if other == 4 and "P" not in self.values:
            raise self.fail(28)
        if other == 10 and not {"P", "L"} <= self.values.keys():
            raise self.fail(28)
        if other in (10, 92) and not axes:
            raise self.fail(26)
        if other == 53 and modes["motion"] > 1:
            raise self.fail(30)

    def _check_arc(self, axes: set[str], modes: dict[str, float], unit: float) -> None:
        if not axes:
            raise self.fail(26)
        if not axes & {"X", "Y"}:
            raise self.fail(32)
        start, end = self.grbl.place, self._target(unit, modes)
        across, up = end[0] - start[0], end[1] - start[1]
        if "R" in self.values:
            if (across, up) == (0, 0):
                raise self.fail(33)
            if math.hypot(across, up) > 2 * abs(self.values["R"]) * unit:
                raise self.fail(34)
            return
        if not self.values.keys() & {"I", "J"}:
            raise self.fail(35)
        i, j = (self.values.get(letter, 0.0) * unit for letter in "IJ")
        radius, last = math.hypot(i, j), math.hypot(across - i, up - j)
        if abs(radius - last) > 0.5 or abs(radius - last) > max(0.005, 0.001 * radius):
            raise self.fail(33)

    def _check_unused(self, axes: set[str], moves: bool, modes: dict[str, float]) -> None:
        used = {"F", "S", "T", "N"} | axes
        if self.codes.get("other") == 4:
            used |= {"P"}
        if self.codes.get("other") == 10:
            used |= {"P", "L"}
        if moves and modes["motion"] in (2, 3):
            used |= {"I", "J", "K", "R"}
        if self.values.keys() - used:
            raise self.fail(36)

    def _stand(self) -> None:
        grbl = self.grbl
        grbl.spindle = self.commands.get("spindle", grbl.spindle)
        if "spindle" in self.commands or "S" in self.values:
            grbl.events.append((grbl.spindle, grbl.speed))

    def _do_other(self, axes: set[str], unit: float) -> None:
        grbl, other = self.grbl, self.codes["other"]
        if other == 4:
            grbl.dwells.append(self.values["P"])
            grbl.events.append(self.values["P"])
        elif other == 92:
            for axis, letter in enumerate("XYZ"):
                if letter in axes:
                    grbl.offset[axis] = grbl.place[axis] - self.values[letter] * unit
        elif other not in (53, 92.1):
            raise NotImplementedError(f"G{other:g}")

    def _target(self, unit: float, modes: dict[str, float]) -> tuple[float, float, float]:
        found = []
        for axis, letter in enumerate("XYZ"):
            base = self.grbl.place[axis] if modes["distance"] == 91 else self.grbl.offset[axis]
            found.append(base + self.values[letter] * unit if letter in self.values else self.grbl.place[axis])
        return found[0], found[1], found[2]

    def _move(self, target: tuple[float, float, float], feed: float) -> None:
        grbl = self.grbl
        grbl.moves.append(Move(grbl.place, target, feed, grbl.spindle, grbl.speed, grbl.pauses))
        grbl.events.append(grbl.moves[-1])
        grbl.place = target

    def _stop(self) -> None:
        grbl, stop = self.grbl, self.commands.get("stop")
        if stop in (0, 1):
            grbl.pauses += 1
        elif stop is not None:  # the end: most modes as after a reset, the spindle off
            grbl.modes |= {"motion": 1, "plane": 17, "distance": 90, "feed": 94}
            grbl.spindle = 5
