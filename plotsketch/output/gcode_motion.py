"""What a G-code file makes a machine do: where it goes, by feed or rapidly, and what its pen is told."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from plotsketch.errors import UserError
from plotsketch.output.gcode_words import Block

MOST_POINTS = 8_000_000
FARTHEST = 1e6  # mm; a kilometre
ARC_TOLERANCE = 0.002  # mm between an arc and its chords, GRBL's own ($12)
MOST_CHORDS = 10_000
OFF_CENTRE = 0.5  # mm by which the radii of an arc's ends may differ, as in GRBL (error 33)

MODES = {17, 20, 21, 40, 49, 61, 64, 69, 80, 90, 91, 92, 94, 95, 54, 55, 56, 57, 58, 59, 50}
IGNORED = {4, 28.1, 30.1, 43, 43.1, 90.1, 91.1, 92.1, 92.2, 92.3, 93, 29, 53, 10}
MOTIONS = {0, 1, 2, 3}
NO_PLACES = {4, 10, 28.1, 30.1}  # whose words are no places, or of no place here
UNKNOWN = math.nan


@dataclass
class Moves:
    """The points that the machine comes to, from its origin on, in mm as the machine counts.

    Attributes:
        x, y: where to.
        z, servo: the pen's height and its servo's (or spindle's) value when there; NaN before any is said.
        feed: 1 for G1, G2 and G3, 0 for rapid moves, 2 for a move of the pen alone.
        pen: which pen, from 0 up: one more after each pause, tool or tool change.
        rate: feed in mm/s, NaN before any is said and for moves that are not by feed.
    """

    x: array[float] = field(default_factory=lambda: array("d"))
    y: array[float] = field(default_factory=lambda: array("d"))
    z: array[float] = field(default_factory=lambda: array("d"))
    servo: array[float] = field(default_factory=lambda: array("d"))
    feed: array[int] = field(default_factory=lambda: array("b"))
    pen: array[int] = field(default_factory=lambda: array("l"))
    rate: array[float] = field(default_factory=lambda: array("d"))


class Follower:
    """Goes where blocks say, keeping the modes of a machine (NIST RS274/NGC, chapter 3; GRBL 1.1 and Marlin where they
    differ from it) and noting every place.

    Raises UserError, naming file and line, for codes that draw in ways that it does not know, arcs that are none,
    places a kilometre away, and files of more than `MOST_POINTS` places.
    """

    def __init__(self, name: str, *, layers: Mapping[int, int] | None = None) -> None:
        """``layers``: lines at which a layer begins, and its place among them; None: where a pen is changed."""
        self.name, self.line = name, 0
        self.layers = layers
        self.moves = Moves()
        self.place = [0.0, 0.0, UNKNOWN]  # x, y, z in mm, as the machine counts
        self.offset = [0.0, 0.0, 0.0]  # by which the file counts less, from G92
        self.unit = 1.0
        self.relative, self.centres_absolute, self.per_minute = False, False, True
        self.motion: int | None = 0
        self.spindle, self.speed, self.servo = UNKNOWN, UNKNOWN, UNKNOWN
        self.pen, self.tool = 0, UNKNOWN
        self.is_fed = False  # whether any move was by feed
        self.rate = UNKNOWN  # mm/s
        self._note(2)

    def follow(self, blocks: Iterable[Block]) -> Moves:
        for block in blocks:
            self.line = block.number
            if self.layers is not None:
                self.pen = self.layers.get(block.number, self.pen)
            if self.obey(block.words):
                break
        return self.moves

    def obey(self, words: tuple[tuple[str, float], ...]) -> bool:
        """Does what a line says; whether the program ends with it."""
        codes, commands, values = [], [], {}
        for letter, value in words:
            if letter == "G":
                codes.append(value)
            elif letter == "M":
                commands.append(value)
            else:
                values[letter] = value
        if (commands or "S" in values or "T" in values) and 4 not in codes:  # Marlin: G4 S1 waits
            self._pens(commands, values)
        for code in codes:
            self._mode(code)
        if "F" in values:
            self.rate = values["F"] * self.unit / 60 if self.per_minute and values["F"] > 0 else UNKNOWN
        if NO_PLACES.isdisjoint(codes):
            self._go(codes, values)
        elif 10 in codes and values.get("L") == 20:
            self._rename(values)
        return 2 in commands or 30 in commands

    def _pens(self, commands: list[float], values: dict[str, float]) -> None:
        before = self.servo
        if self.layers is None:
            self._change(commands, values)
        for command in commands:
            if command in (3, 4, 5):
                self.spindle = float(command != 5)
            elif command == 280:  # Marlin's servo
                self.spindle = 1.0
        if "S" in values and not any(command not in (3, 4, 280) for command in commands):
            self.speed = values["S"]
        if not math.isnan(self.spindle):
            self.servo = 0.0 if self.spindle == 0 else 1.0 if math.isnan(self.speed) else self.speed
        if self.servo != before and not (math.isnan(self.servo) and math.isnan(before)):
            self._note(2)

    def _change(self, commands: list[float], values: dict[str, float]) -> None:
        tool = values.get("T", self.tool)
        other = not math.isnan(self.tool) and tool != self.tool
        paused = 0 in commands or 1 in commands or (6 in commands and "T" not in values)
        self.pen += other or paused
        self.tool = tool

    def _mode(self, code: float) -> None:
        if code in MOTIONS:
            self.motion = int(code)
        elif code in (20, 21):
            self.unit = 25.4 if code == 20 else 1.0
        elif code in (90, 91):
            self.relative = code == 91
        elif code in (93, 94, 95):
            self.per_minute, self.rate = code == 94, UNKNOWN if code != 94 else self.rate
        elif code in (90.1, 91.1):
            self.centres_absolute = code == 90.1
        elif code in (92.1, 92.2):
            self.offset = [0.0, 0.0, 0.0]
        elif code == 80:
            self.motion = None
        elif code not in MODES | IGNORED | {28, 30} and not 59 <= code < 60:
            raise self._error(f"G{code:g} is not understood")

    def _go(self, codes: list[float], values: dict[str, float]) -> None:
        if 92 in codes:
            self._rename(values)
            return
        if 28 in codes or 30 in codes:  # home: where the machine counts from
            named = values.keys() & set("XYZ")
            axes = [axis for axis in range(2) if not named or "XY"[axis] in named]
            if axes:
                self.place = [0.0 if axis in axes else value for axis, value in enumerate(self.place)]
                self._note(0)
            return
        if not ("X" in values or "Y" in values or "Z" in values):
            if self.motion in (2, 3) and values.keys() & {"I", "J"}:
                self._arc(values, whole := self.place)
                self._to(whole, 1)
            return
        if self.motion is None:
            raise self._error("places are given while no motion is on (G80)")
        target = [self._target(axis, values, absolute=53 in codes) for axis in range(3)]
        if self.motion in (2, 3) and values.keys() & {"I", "J", "R"}:
            self._arc(values, target)
        elif self.motion in (2, 3) and values.keys() & {"X", "Y"}:
            raise self._error("an arc has neither a centre (I, J) nor a radius (R)")
        plunge = "Z" in values and target[:2] == self.place[:2]
        self._to(target, 2 if plunge else int(self.motion > 0))

    def _target(self, axis: int, values: dict[str, float], absolute: bool) -> float:
        letter = "XYZ"[axis]
        if letter not in values:
            return self.place[axis]
        value = values[letter] * self.unit
        if absolute:
            return value
        if not self.relative:
            return value + self.offset[axis]
        return value + (0.0 if math.isnan(self.place[axis]) else self.place[axis])

    def _rename(self, values: dict[str, float]) -> None:
        """G92 and G10 L20: from now on this place is called so; all of it 0 if nothing is said.

        Before the first move by feed this is how somebody says where the page lies; after it, places are only renamed.
        """
        named = values or dict.fromkeys("XYZ", 0.0)  # Marlin: G92 E0 names none of these
        for axis, letter in enumerate("XYZ"):
            if letter in named:
                here = 0.0 if math.isnan(self.place[axis]) else self.place[axis]
                self.offset[axis] = here - named[letter] * self.unit
        if not self.is_fed:
            self.place = [place - offset for place, offset in zip(self.place, self.offset, strict=True)]
            self.offset = [0.0, 0.0, 0.0]

    def _arc(self, values: dict[str, float], target: list[float]) -> None:
        """Notes the chords of an arc from here, all but the end."""
        x, y = self.place[:2]
        cx, cy = self._centre(values, target)
        radius, last = math.hypot(x - cx, y - cy), math.hypot(target[0] - cx, target[1] - cy)
        if not 0 < radius < FARTHEST or abs(radius - last) > OFF_CENTRE:
            raise self._error("an arc whose ends are not equally far from its centre")
        begin, turn = math.atan2(y - cy, x - cx), math.atan2(target[1] - cy, target[0] - cx)
        sweep = (turn - begin) % math.tau if self.motion == 3 else -((begin - turn) % math.tau)
        if abs(sweep) < 1e-9:  # an arc to where it begins is a whole turn
            sweep = math.tau if self.motion == 3 else -math.tau
        step = 2 * math.acos(max(0.0, 1 - ARC_TOLERANCE / radius))
        chords = min(MOST_CHORDS, max(1, math.ceil(abs(sweep) / step)))
        z = target[2]
        for i in range(1, chords):
            share = i / chords
            length = radius + (last - radius) * share
            angle = begin + sweep * share
            self._to([cx + length * math.cos(angle), cy + length * math.sin(angle), z], 1)

    def _centre(self, values: dict[str, float], target: list[float]) -> tuple[float, float]:
        x, y = self.place[:2]
        if "R" not in values:
            i, j = values.get("I", 0.0) * self.unit, values.get("J", 0.0) * self.unit
            return (i + self.offset[0], j + self.offset[1]) if self.centres_absolute else (x + i, y + j)
        radius, dx, dy = values["R"] * self.unit, target[0] - x, target[1] - y
        chord = math.hypot(dx, dy)
        if chord == 0 or chord > 2 * abs(radius) + OFF_CENTRE:
            raise self._error("an arc whose ends are farther apart than its radius allows, or not at all")
        away = math.sqrt(max(0.0, radius**2 - chord**2 / 4)) / chord
        if (self.motion == 2) == (radius > 0):  # clockwise and the short way, or neither: the centre lies to the right
            away = -away
        return x + dx / 2 - dy * away, y + dy / 2 + dx * away

    def _to(self, target: list[float], feed: int) -> None:
        x, y, z = target
        if abs(x) > FARTHEST or abs(y) > FARTHEST or abs(z) > FARTHEST:
            raise self._error("a place a kilometre away")
        self.place = target
        self.is_fed |= feed == 1
        self._note(feed)

    def _note(self, feed: int) -> None:
        moves = self.moves
        if len(moves.x) >= MOST_POINTS:
            raise self._error(f"more than {MOST_POINTS:,} moves; split the file")
        x, y, z = self.place
        moves.x.append(x)
        moves.y.append(y)
        moves.z.append(z)
        moves.servo.append(self.servo)
        moves.feed.append(feed)
        moves.pen.append(self.pen)
        moves.rate.append(self.rate if feed == 1 else UNKNOWN)

    def _error(self, what: str) -> UserError:
        return UserError(f"{self.name}, line {self.line}: {what}; plotsketch reads plain moves and arcs in X and Y")
