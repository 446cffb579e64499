"""A pen that follows HP-GL: from instructions to lines in plotter units, a list a pen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.output.hpgl_words import Instruction

Point = complex
Line = list[Point]
Complexes = NDArray[np.complex128]

CHORD = 5.0  # degrees of a circle that a plotter draws as one straight line, unless it is told otherwise
MOST_POINTS = 10_000_000
FARTHEST = 1e9  # plotter units; 25 km
LARGEST = 1e15  # of any parameter; its square is still a number
CURVE_PIECES = 24  # straight pieces of a Bezier curve


@dataclass
class Pen:
    """The state of a plotter.

    Attributes:
        frame: P1 and P2 as the plotter sets them.
        corner: largest x and y of its paper; RO turns about the paper. None turns about 0,0.
        lines: what each pen has drawn, in plotter units; pen 0 is a holder without a pen.
        paper: parameters of the last PS.
        speeds: what VS said, in cm/s, when each of these lines was begun; NaN where it had said nothing.
    """

    frame: tuple[float, float, float, float]
    corner: tuple[float, float] | None
    name: str
    lines: dict[int, list[Line]] = field(default_factory=dict)
    paper: tuple[float, ...] = ()
    speeds: dict[int, list[float]] = field(default_factory=dict)
    velocities: dict[int, float] = field(default_factory=dict)  # by pen, and by 0 of the others
    points: int = 0
    number: int = 1
    down: bool = False
    relative: bool = False
    at: Point = 0j  # in user units where the file scales
    turn: int = 0
    scaling: tuple[float, ...] = ()
    polygon: bool = False
    here: int = 0  # byte of the instruction at hand
    line: Line | None = None
    corners: list[Line] = field(default_factory=list)  # of a polygon
    current: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        self.current = self.frame
        self._affine = self._find_affine()

    def follow(self, instruction: Instruction) -> None:
        """Does what one instruction says; those that draw nothing and unknown ones are passed over."""
        self.here = instruction.at
        if instruction.word == "PE":
            self._encoded(instruction.text)
        elif action := ACTIONS.get(instruction.word):
            if any(abs(number) > LARGEST for number in instruction.numbers):
                self._refuse("a number is out of every plotter's range")
            action(self, instruction.numbers)

    # Where things are.

    def _find_affine(self) -> tuple[complex, complex, complex]:
        """What x, y and 1 of user units are in plotter units: P1 and P2 get the values that SC names."""
        x1, y1, x2, y2 = self.current
        if not self.scaling:
            return 1 + 0j, 1j, 0j
        left, right, bottom, top = self.scaling[:4]
        if len(self.scaling) >= 5 and self.scaling[4] == 2:  # point factor: P1, and units a user unit
            return complex(right), 1j * top, complex(x1 - right * left, y1 - top * bottom)
        if right == left or top == bottom:
            self._refuse("SC makes the drawing endlessly large")
        x, y = (x2 - x1) / (right - left), (y2 - y1) / (top - bottom)
        if len(self.scaling) >= 5 and self.scaling[4] == 1:  # isotropic: as large as fits, the rest left over
            same = min(abs(x), abs(y))
            shares = self.scaling[5:7] if len(self.scaling) >= 7 else (50.0, 50.0)
            x1 += shares[0] / 100 * (x2 - x1 - math.copysign(same, x) * (right - left))
            y1 += shares[1] / 100 * (y2 - y1 - math.copysign(same, y) * (top - bottom))
            x, y = math.copysign(same, x), math.copysign(same, y)
        return complex(x), 1j * y, complex(x1 - x * left, y1 - y * bottom)

    def _device(self, points: Complexes) -> Complexes:
        x, y, offset = self._affine
        places: Complexes = points.real * x + points.imag * y + offset
        return places * self._turned[0] + self._turned[1]

    @property
    def _turned(self) -> tuple[complex, complex]:
        """What RO does to plotter units: a factor and a shift that keeps the drawing on the paper."""
        width, height = self.corner or (0.0, 0.0)
        shift = {0: 0j, 90: complex(width), 180: complex(width, height), 270: 1j * height}[self.turn]
        return 1j ** (self.turn // 90), shift

    # Drawing.

    def _go(self, points: Complexes) -> None:
        """Moves along points (n,), in user units, and draws if the pen is down."""
        if not len(points):
            return
        self._check(points)
        if self.down:
            if self.line is None:
                self._begin(np.array([self.at]))
            self._add(points)
        self.at = complex(points[-1])

    def _begin(self, points: Complexes) -> None:
        self.line = []
        if self.polygon:
            self.corners.append(self.line)
        else:
            self._keep([self.line])
        self._add(points)

    def _keep(self, lines: list[Line]) -> None:
        """Lines of the pen at hand, as fast as VS says."""
        velocity = self.velocities.get(self.number, self.velocities.get(0, math.nan))
        self.lines.setdefault(self.number, []).extend(lines)
        self.speeds.setdefault(self.number, []).extend([velocity] * len(lines))

    def _add(self, points: Complexes) -> None:
        self.points += len(points)
        if self.points > MOST_POINTS:
            raise UserError(f"{self.name} draws more than {MOST_POINTS:,} points; that is more than can be read")
        if self.line is not None:
            places = self._device(points)
            self._check(places)  # user units may be as large as one likes
            self.line.extend(places.tolist())

    def _check(self, points: Complexes) -> None:
        if not (np.abs(points) < FARTHEST).all():
            self._refuse("a coordinate is out of every plotter's range")

    def _draw(self, points: Complexes) -> None:
        """A line of its own, wherever the pen is and whether or not it is down."""
        self._check(points)
        self._begin(points)
        self.line = None

    def _arc(self, centre: Point, start: Point, sweep: float, chord: float | None) -> Complexes:
        """Points of an arc about `centre` from `start` on, `sweep` degrees to the left."""
        if not math.isfinite(sweep):
            self._refuse("an arc has no end")
        sweep = max(-360.0, min(360.0, sweep))
        step = min(max(abs(chord or CHORD), 0.5), 120.0)
        count = max(1, math.ceil(abs(sweep) / step))
        points: Complexes = centre + (start - centre) * np.exp(1j * np.radians(np.linspace(0, sweep, count + 1)))
        return points

    # Instructions.

    def move(self, numbers: Sequence[float], relative: bool | None = None) -> None:
        relative = self.relative if relative is None else relative
        pairs = np.array(numbers[: len(numbers) // 2 * 2], dtype=np.float64).reshape(-1, 2)
        points = pairs[:, 0] + 1j * pairs[:, 1]
        self._go(self.at + np.cumsum(points) if relative else points)

    def plot(self, numbers: Sequence[float], relative: bool) -> None:
        self.relative = relative
        self.move(numbers)

    def lower(self, numbers: Sequence[float]) -> None:
        if not self.down:
            self.down, self.line = True, None
            if not self.polygon:
                self._begin(np.array([self.at]))  # a pen that is only set down makes a dot
        self.move(numbers)

    def lift(self, numbers: Sequence[float]) -> None:
        self.down, self.line = False, None
        self.move(numbers)

    def select(self, numbers: Sequence[float]) -> None:
        self.number = int(min(abs(numbers[0]), 9999)) if numbers else 0
        self.line = None

    def circle(self, numbers: Sequence[float]) -> None:
        if numbers:
            self._draw(self._arc(self.at, self.at + numbers[0], 360.0, _second(numbers, 1)))

    def arc(self, numbers: Sequence[float], relative: bool) -> None:
        if len(numbers) >= 3:
            centre = complex(*numbers[:2]) + (self.at if relative else 0)
            self._go(self._arc(centre, self.at, numbers[2], _second(numbers, 3))[1:])

    def arc_through(self, numbers: Sequence[float], relative: bool) -> None:
        """Three points of a circle: where the pen is, one on the way, the end."""
        if len(numbers) < 4:
            return
        base = self.at if relative else 0j
        middle, end = complex(*numbers[:2]) + base, complex(*numbers[2:4]) + base
        a, b = middle - self.at, end - self.at
        cross = (a.conjugate() * b).imag
        if abs(cross) > 1e-9 * abs(a) * abs(b):  # else they lie on a line
            centre = self.at + 1j * (abs(b) ** 2 * a - abs(a) ** 2 * b) / (2 * cross)
            sweep = math.degrees(np.angle((end - centre) / (self.at - centre)))
            sweep += 360.0 if cross > 0 and sweep <= 0 else -360.0 if cross < 0 and sweep >= 0 else 0.0
            self._go(self._arc(centre, self.at, sweep, _second(numbers, 4))[1:-1])
        self._go(np.array([end]))

    def rectangle(self, numbers: Sequence[float], relative: bool) -> None:
        if len(numbers) >= 2:
            near, far = self.at, complex(*numbers[:2]) + (self.at if relative else 0)
            self._draw(np.array([near, complex(far.real, near.imag), far, complex(near.real, far.imag), near]))

    def wedge(self, numbers: Sequence[float]) -> None:
        if len(numbers) >= 3:
            radius, first, sweep = numbers[:3]
            start = self.at + radius * complex(math.cos(math.radians(first)), math.sin(math.radians(first)))
            self._draw(np.array([self.at, *self._arc(self.at, start, sweep, _second(numbers, 3)), self.at]))

    def curve(self, numbers: Sequence[float], relative: bool) -> None:
        t = np.linspace(0, 1, CURVE_PIECES + 1)[1:]
        for i in range(0, len(numbers) - 5, 6):
            start = self.at
            a, b, c = (complex(*numbers[i + j : i + j + 2]) + (start if relative else 0) for j in (0, 2, 4))
            self._go(start * (1 - t) ** 3 + 3 * a * t * (1 - t) ** 2 + 3 * b * t**2 * (1 - t) + c * t**3)

    def polygon_mode(self, numbers: Sequence[float]) -> None:
        """0 begins a polygon that EP draws later, 1 and 2 close what was drawn of it, 2 ends it."""
        mode = int(numbers[0]) if numbers else 0
        if mode == 0:
            self.corners, self.polygon, self.line = [], True, None
            return
        if self.polygon and self.line:
            self.line.append(self.line[0])
        self.line, self.down = None, False
        self.polygon = mode == 1

    def edge(self, numbers: Sequence[float]) -> None:
        if not self.polygon:
            self._keep(self.corners)
            self.corners = []  # EP after FP draws it no second time

    def scale(self, numbers: Sequence[float]) -> None:
        place = self._place()
        self.scaling = tuple(numbers) if len(numbers) >= 4 else ()
        self._rescale(place)

    def set_frame(self, numbers: Sequence[float]) -> None:
        place = self._place()
        x1, y1, x2, y2 = self.current
        if not numbers:
            self.current = self.frame
        elif len(numbers) >= 4:
            self.current = (numbers[0], numbers[1], numbers[2], numbers[3])
        elif len(numbers) >= 2:  # P2 follows P1
            self.current = (numbers[0], numbers[1], numbers[0] + x2 - x1, numbers[1] + y2 - y1)
        self._rescale(place)

    def rotate(self, numbers: Sequence[float]) -> None:
        place = self._place()
        turn = int(numbers[0]) if numbers else 0
        self.turn = turn if turn in (90, 180, 270) else 0
        self._rescale(place)

    def _place(self) -> Point:
        """Where the pen is, in plotter units."""
        return complex(self._device(np.array([self.at]))[0])

    def _rescale(self, place: Point) -> None:
        """New axes; the pen stays at `place`, in plotter units."""
        self._affine = x, y, offset = self._find_affine()
        if x == 0 or y == 0:
            self._refuse("SC makes the drawing endlessly small")
        factor, shift = self._turned
        own = (place - shift) / factor - offset
        self.at = complex(own.real / x.real, own.imag / y.imag)

    def reset(self, numbers: Sequence[float]) -> None:
        """DF, and the half of IN."""
        place = self._place()
        self.relative, self.scaling, self.polygon = False, (), False
        self._rescale(place)

    def initialize(self, numbers: Sequence[float]) -> None:
        self.reset(())
        place = self._place()
        self.current, self.turn = self.frame, 0
        self._rescale(place)
        self.velocities = {}
        self.lift(())

    def velocity(self, numbers: Sequence[float]) -> None:
        """VS: cm/s, of one pen where it is named; without parameters as the plotter starts."""
        if len(numbers) >= 2 and numbers[0] > 0:
            self.velocities[int(min(abs(numbers[1]), 9999))] = numbers[0]
        elif not numbers or numbers[0] > 0:
            self.velocities = {0: numbers[0]} if numbers else {}

    def set_paper(self, numbers: Sequence[float]) -> None:
        self.paper = tuple(numbers)

    def _encoded(self, text: str) -> None:
        """PE: numbers in base 64, or 32 after a 7, the last digit of each 128 (or 32) higher; relative, pen down."""
        up, absolute, base, fraction = False, False, 64, 0
        wanted = ""
        values: list[float] = []
        value, weight = 0, 1
        for character in text:
            code = ord(character)
            flag = chr(code & 0x7F)
            if flag in ":<>=7" and weight == 1:
                up, absolute = up or flag == "<", absolute or flag == "="
                base = 32 if flag == "7" else base
                wanted = flag if flag in ":>" else wanted
                continue
            code = code & 0x7F if base == 32 else code
            last = 95 if base == 32 else 191
            if not (63 <= code < 63 + base or last <= code < last + base):
                continue  # spaces and control characters are allowed anywhere
            value += weight * (code - (last if code >= last else 63))
            weight *= base
            if weight > 2**80:
                self._refuse("an encoded number (PE) has no end")
            if code < last:
                continue
            number = -(value >> 1) if value & 1 else value >> 1
            value, weight = 0, 1
            if wanted == ":":
                self.select((number,))
            elif wanted == ">":
                fraction = max(-26, min(26, number))
            else:
                values.append(number / 2.0**fraction)
            wanted = ""
            if len(values) == 2:
                (self.lift if up else self.lower)(())
                self.move(values, relative=not absolute)
                values, up, absolute = [], False, False

    def _refuse(self, what: str) -> None:
        raise UserError(f"{self.name}: {what} (at byte {self.here}); the file is damaged")


def _second(numbers: Sequence[float], place: int) -> float | None:
    return numbers[place] if len(numbers) > place else None


Action = Callable[[Pen, Sequence[float]], None]
ACTIONS: dict[str, Action] = {
    "IN": Pen.initialize,
    "DF": Pen.reset,
    "PA": lambda pen, numbers: pen.plot(numbers, relative=False),
    "PR": lambda pen, numbers: pen.plot(numbers, relative=True),
    "PD": Pen.lower,
    "PU": Pen.lift,
    "SP": Pen.select,
    "PS": Pen.set_paper,
    "VS": Pen.velocity,
    "SC": Pen.scale,
    "IP": Pen.set_frame,
    "RO": Pen.rotate,
    "CI": Pen.circle,
    "AA": lambda pen, numbers: pen.arc(numbers, relative=False),
    "AR": lambda pen, numbers: pen.arc(numbers, relative=True),
    "AT": lambda pen, numbers: pen.arc_through(numbers, relative=False),
    "RT": lambda pen, numbers: pen.arc_through(numbers, relative=True),
    "EA": lambda pen, numbers: pen.rectangle(numbers, relative=False),
    "ER": lambda pen, numbers: pen.rectangle(numbers, relative=True),
    "RA": lambda pen, numbers: pen.rectangle(numbers, relative=False),
    "RR": lambda pen, numbers: pen.rectangle(numbers, relative=True),
    "EW": Pen.wedge,
    "WG": Pen.wedge,
    "BZ": lambda pen, numbers: pen.curve(numbers, relative=False),
    "BR": lambda pen, numbers: pen.curve(numbers, relative=True),
    "PM": Pen.polygon_mode,
    "EP": Pen.edge,
    "FP": Pen.edge,
}
