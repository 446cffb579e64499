"""G-code as GRBL 1.1 reads it: a line is checked as a whole, and becomes the steps that the machine then takes.

By GRBL's documents (interface, commands, error codes) and NIST RS274/NGC. Arcs (G2, G3) and probing (G38) are not
simulated: they are refused as unsupported, which a GRBL would not do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plotsketch.plotter.simulators.grbl_planner import Triple
from plotsketch.plotter.simulators.grbl_settings import Refused

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
GROUPS: dict[str, frozenset[float]] = {
    "motion": frozenset({0, 1, 80}),
    "plane": frozenset({17, 18, 19}),
    "distance": frozenset({90, 91}),
    "arcs": frozenset({91.1}),
    "feed": frozenset({93, 94}),
    "units": frozenset({20, 21}),
    "cutter": frozenset({40}),
    "length": frozenset({49}),
    "system": frozenset({54, 55, 56, 57, 58, 59}),
    "path": frozenset({61}),
    "other": frozenset({4, 10, 28, 28.1, 30, 30.1, 53, 92, 92.1}),
}
M_GROUPS: dict[str, frozenset[int]] = {
    "stop": frozenset({0, 1, 2, 30}),
    "spindle": frozenset({3, 4, 5}),
    "coolant": frozenset({8, 9}),
}
TAKES_AXES = frozenset({0.0, 1.0, 10.0, 28.0, 30.0, 92.0})
AXES = "XYZ"
RESET_MODES: dict[str, float] = {
    "motion": 0, "plane": 17, "distance": 90, "feed": 94, "units": 21, "system": 54, "spindle": 5, "coolant": 9,
}  # fmt: skip

# A step is a name and what belongs to it: ("move", target, work at both ends, mm/s or None), ("sync",), ("dwell", s),
# ("spindle", mode, S), ("pause",), ("end",), ("write",), ("say", bytes), ...
Step = tuple[object, ...]


@dataclass
class Words:
    """What stands in a line: G codes and M codes by group, and values by letter."""

    codes: dict[str, float] = field(default_factory=dict)
    commands: dict[str, int] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    takes_axes: float | None = None

    @property
    def axes(self) -> list[str]:
        return [letter for letter in AXES if letter in self.values]

    @classmethod
    def read(cls, line: str) -> Words:
        """From a line without blanks and comments. Raises Refused."""
        words, place = cls(), 0
        while place < len(line):
            letter = line[place]
            if not "A" <= letter <= "Z":
                raise Refused(1, f"{letter!r} where a letter belongs")
            number = NUMBER.match(line, place + 1)
            if number is None:
                raise Refused(2, f"no number after {letter}")
            place = number.end()
            words._take(letter, float(number[0]))
        return words

    def _take(self, letter: str, value: float) -> None:
        if letter == "G":
            self._code(round(value, 2))
        elif letter == "M":
            self._command(value)
        elif letter not in "FIJKLNPRSTXYZ":
            raise Refused(20, f"{letter} means nothing")
        elif letter in self.values:
            raise Refused(25, f"{letter} twice")
        elif letter in "FNPTS" and value < 0:
            raise Refused(4, f"{letter} below 0")
        else:
            self.values[letter] = value

    def _code(self, value: float) -> None:
        group = next((name for name, codes in GROUPS.items() if value in codes), None)
        if group is None:
            raise Refused(20, f"G{value:g} is not supported")
        if value in TAKES_AXES:
            if self.takes_axes is not None:
                raise Refused(24, "two codes that take axes")
            self.takes_axes = value
        if group in self.codes:
            raise Refused(21, f"two codes of the group {group}")
        self.codes[group] = value

    def _command(self, value: float) -> None:
        if value % 1:
            raise Refused(23, f"M{value:g}")
        group = next((name for name, codes in M_GROUPS.items() if value in codes), None)
        if group is None:
            raise Refused(20, f"M{value:g} is not supported")
        if group in self.commands:
            raise Refused(21, f"two commands of the group {group}")
        self.commands[group] = int(value)


@dataclass
class Interpreter:
    """The parser's state: modes, feed (mm/min), S, offsets and where the last line leads to (mm on the machine)."""

    place: Triple = (0.0, 0.0, 0.0)
    modes: dict[str, float] = field(default_factory=lambda: dict(RESET_MODES))
    feed: float = 0.0
    speed: float = 0.0
    tool: int = 0
    g92: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    systems: list[list[float]] = field(default_factory=lambda: [[0.0, 0.0, 0.0] for _ in range(6)])
    homes: dict[int, Triple] = field(default_factory=lambda: {28: (0.0, 0.0, 0.0), 30: (0.0, 0.0, 0.0)})

    def reset(self) -> None:
        """After a reset: the modes' defaults, no G92; what stands in EEPROM stays."""
        self.modes, self.feed, self.speed, self.tool, self.g92 = dict(RESET_MODES), 0.0, 0.0, 0, [0.0, 0.0, 0.0]

    @property
    def offset(self) -> Triple:
        """What a work coordinate is off from the machine's."""
        system = self.systems[int(self.modes["system"]) - 54]
        x, y, z = (system[n] + self.g92[n] for n in range(3))
        return x, y, z

    def work(self, place: Triple) -> Triple:
        offset = self.offset
        return place[0] - offset[0], place[1] - offset[1], place[2] - offset[2]

    def run(self, line: str, *, dry: bool = False) -> list[Step]:
        """The steps of a line. Raises Refused, and then nothing of it counts. ``dry``: check mode."""
        words = Words.read(line)
        modes = self._checked(words)
        values, unit = words.values, 25.4 if modes["units"] == 20 else 1.0
        steps: list[Step] = []
        self.modes = modes
        if "F" in values:
            self.feed = values["F"] * (unit if modes["feed"] == 94 else 1.0)
        self.tool = int(values.get("T", self.tool))
        speed = values.get("S", self.speed)
        spindle = words.commands.get("spindle", modes["spindle"])
        if speed != self.speed or spindle != modes["spindle"]:
            self.speed, self.modes["spindle"] = speed, spindle
            steps += [("sync",), ("spindle", int(self.modes["spindle"]), speed)]
        if "coolant" in words.commands:
            self.modes["coolant"] = words.commands["coolant"]
            steps.append(("sync",))
        steps += self._other(words, unit)
        if words.axes and (words.takes_axes or 0) <= 1:
            steps += self._move(words, unit)
        steps += self._stop(words)
        return [] if dry else steps

    def jog(self, line: str) -> list[Step]:
        """The steps of what follows ``$J=``. Raises Refused."""
        words = Words.read(line)
        if words.commands or words.codes.keys() - {"units", "distance", "other"}:
            raise Refused(16, "a jog takes G20, G21, G90, G91 and G53 alone")
        if words.codes.get("other", 53) != 53:
            raise Refused(16, "a jog takes G20, G21, G90, G91 and G53 alone")
        if not words.axes:
            raise Refused(26, "a jog without axes")
        if not words.values.get("F"):
            raise Refused(22, "a jog without a feed")
        self._check_unused(words, {"F", "N"})
        modes = self.modes | words.codes
        unit = 25.4 if modes["units"] == 20 else 1.0
        target = self._target(words, unit, modes["distance"] == 91, "other" in words.codes)
        return [("jog", target, (self.work(self.place), self.work(target)), words.values["F"] * unit / 60)]

    def _checked(self, words: Words) -> dict[str, float]:
        """The modes with which a line is done."""
        values, other, axes = words.values, words.codes.get("other"), words.axes
        modes = self.modes | {group: code for group, code in words.codes.items() if group != "other"}
        if "N" in values and values["N"] > 10_000_000:
            raise Refused(27, "a line number that is too large")
        if other == 4 and "P" not in values:
            raise Refused(28, "G4 without P")
        if other == 10:
            self._check_g10(values)
        if other in (10, 92) and not axes:
            raise Refused(26, f"G{other:g} without axes")
        moves = bool(axes) and (words.takes_axes or 0) <= 1
        if moves and modes["motion"] == 80:
            raise Refused(31, "axes, and no motion in G80")
        explicit = words.takes_axes == 1
        if (moves or explicit) and modes["motion"] == 1:
            if modes["feed"] == 93 and "F" not in values:
                raise Refused(22, "G93 wants F in every line")
            if not values.get("F", self.feed if modes["feed"] == self.modes["feed"] else 0):
                raise Refused(22, "no feed has been set")
        used = {"F", "S", "T", "N"} | ({"P"} if other in (4, 10) else set()) | ({"L"} if other == 10 else set())
        self._check_unused(words, used)
        return modes

    def _check_g10(self, values: dict[str, float]) -> None:
        if not {"P", "L"} <= values.keys():
            raise Refused(28, "G10 without P or L")
        if values["L"] not in (2, 20):
            raise Refused(20, f"G10 L{values['L']:g}")
        if values["P"] > 6:
            raise Refused(29, f"G10 P{values['P']:g}")

    def _check_unused(self, words: Words, used: set[str]) -> None:
        if left := sorted(words.values.keys() - used - set(AXES)):
            raise Refused(36, f"{left[0]} is of no use here")

    def _other(self, words: Words, unit: float) -> list[Step]:
        other, values = words.codes.get("other"), words.values
        if other == 4:
            return [("sync",), ("dwell", values["P"])]
        if other == 10:
            return self._g10(words, unit)
        if other == 92:
            system = self.systems[int(self.modes["system"]) - 54]
            for n, letter in enumerate(AXES):
                if letter in values:
                    self.g92[n] = self.place[n] - system[n] - values[letter] * unit
            return [("offset",)]
        if other == 92.1:
            self.g92 = [0.0, 0.0, 0.0]
            return [("offset",)]
        if other in (28, 30):
            by = self._move(words, unit, rapid=True) if words.axes else []
            home = self.homes[int(other)]
            end = tuple(home[n] if not words.axes or AXES[n] in values else self.place[n] for n in range(3))
            return [*by, *self._to((end[0], end[1], end[2]), None)]
        if other in (28.1, 30.1):
            self.homes[int(other)] = self.place
            return [("sync",), ("write",)]
        return []

    def _g10(self, words: Words, unit: float) -> list[Step]:
        values = words.values
        which = int(values["P"]) - 1 if values["P"] else int(self.modes["system"]) - 54
        system = self.systems[which]
        for n, letter in enumerate(AXES):
            if letter in values:
                value = values[letter] * unit
                system[n] = value if values["L"] == 2 else self.place[n] - self.g92[n] - value
        return [("sync",), ("write",), ("offset",)]

    def _move(self, words: Words, unit: float, *, rapid: bool = False) -> list[Step]:
        target = self._target(words, unit, self.modes["distance"] == 91, words.codes.get("other") == 53)
        if rapid or self.modes["motion"] == 0:
            return self._to(target, None)
        if self.modes["feed"] == 93:
            way = sum((a - b) ** 2 for a, b in zip(target, self.place, strict=True)) ** 0.5
            return self._to(target, way * self.feed / 60)
        return self._to(target, self.feed / 60)

    def _to(self, target: Triple, rate: float | None) -> list[Step]:
        step: Step = ("move", target, (self.work(self.place), self.work(target)), rate)
        self.place = target
        return [step]

    def _target(self, words: Words, unit: float, relative: bool, machine: bool) -> Triple:
        found, offset = list(self.place), self.offset
        for n, letter in enumerate(AXES):
            if letter in words.values:
                value = words.values[letter] * unit
                base = 0.0 if machine else self.place[n] if relative else offset[n]
                found[n] = base + value
        return found[0], found[1], found[2]

    def _stop(self, words: Words) -> list[Step]:
        stop = words.commands.get("stop")
        if stop == 0:
            return [("sync",), ("pause",)]
        if stop in (2, 30):
            # most modes as after a reset; units and feed stay
            self.modes |= {"motion": 1, "plane": 17, "distance": 90, "feed": 94, "system": 54, "spindle": 5}
            return [("sync",), ("spindle", 5, self.speed), ("message", "Pgm End")]
        return []
