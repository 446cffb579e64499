"""HP-GL as a plotter takes it from its buffer: byte by byte, each pair of coordinates as soon as it is complete.

From the 7475A's Interfacing and Programming Manual; where that was not at hand, the 7470A's (chapter 7 for output).
An instruction is two letters, numbers with commas or spaces between them, and a semicolon, a line feed or the next
instruction. An output instruction is obeyed with its second letter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from plotsketch.plotter.simulators.hpgl_models import UNDONE, Area, Model, Paper
from plotsketch.plotter.simulators.hpgl_pen import Pen, Place

MOTION = frozenset({"PA", "PR", "PU", "PD"})
# how many numbers an instruction takes
COUNTS: dict[str, tuple[int, ...]] = {
    "IN": (0,),
    "DF": (0,),
    "SP": (0, 1),
    "VS": (0, 1, 2),
    "FS": (0, 1, 2),
    "AS": (0, 1, 2),
    "IP": (0, 2, 4),
    "IW": (0, 4),
    "SC": (0, 4),
    "RO": (0, 1),
    "PS": (0, 1),
    "PT": (0, 1),
    "PG": (0, 1),
    "NR": (0, 1),
    "AF": (0,),
    "AH": (0,),
}
ALL = frozenset({"IN", "DF", "SP", "VS", "IP", "IW", "SC", "RO", "PT", "LB"}) | MOTION
OUTPUTS = frozenset(["OA", "OC", "OD", "OE", "OF", "OH", "OI", "OO", "OP", "OS", "OW"])
LEAST, MOST = -32768, 32767
ETX = 3
CHARACTER_S = 0.3  # assumed: seconds that a plotter takes for one letter of a label
PEN_DOWN, CHANGED, DIGITIZED, INITIALIZED, READY, ERROR = 1, 2, 4, 8, 16, 32  # the bits of OS


@dataclass
class Language:
    """The instructions' side of a plotter.

    ``say`` is called with each answer, ``note`` with each event, ``fault`` with what a trace tells as an error.
    ``paper`` lies in the plotter; ``area`` are its hard-clip limits.
    """

    model: Model
    pen: Pen
    paper: Paper
    area: Area
    say: Callable[[str], None]
    note: Callable[[str], None]
    fault: Callable[[str], None]
    chosen: bool = False  # somebody said which paper lies in it, so PS cannot change it
    error: int = 0
    initialized: bool = True
    changed: bool = False
    relative: bool = False
    rotation: int = 0
    frame: Area = (0, 0, 0, 0)
    window: Area = (0, 0, 0, 0)
    scale: tuple[float, float, float, float] | None = None
    word: str = ""
    _letters: str = ""
    _digits: str = ""
    _numbers: list[float] = field(default_factory=list)
    _pairs: int = 0
    _bad: bool = False
    _label: int | None = None  # the byte that ends the label or comment that is being read
    _defined: bool = False

    def __post_init__(self) -> None:
        self.power_up()

    def power_up(self) -> None:
        self.forget()
        self._initialize()
        self.pen.number = 0

    def forget(self) -> None:
        """Drops half an instruction (ESC.K)."""
        self.word, self._letters, self._digits, self._numbers = "", "", "", []
        self._pairs, self._bad, self._label, self._defined = 0, False, None, False

    def status(self) -> int:
        """What OS answers."""
        return (
            PEN_DOWN * self.pen.down
            + CHANGED * self.changed
            + INITIALIZED * self.initialized
            + READY
            + ERROR * (self.error > 0)
        )

    def take(self, byte: int) -> None:
        """Takes a byte from the buffer and does what it completes."""
        if self._label is not None:
            self._letter_of_label(byte)
            return
        sign = chr(byte & 0x7F)
        if sign in ";\n":
            self._end()
        elif sign.isalpha():
            self._letter(sign.upper())
        elif self.word == "CO" and sign == '"':
            self._label = byte
        elif self.word:
            self._parameter(sign)
        elif sign > " " and sign != ",":
            self._letters = ""
            self._wrong(1, f"{sign!r} where an instruction begins")

    def _letter(self, letter: str) -> None:
        if self.word:
            self._end()
        self._letters += letter
        if len(self._letters) < 2:
            return
        self.word, self._letters = self._letters, ""
        if self.word in OUTPUTS:
            word, self.word = self.word, ""
            self._output(word)
        elif self.word == "LB":
            self._label = ETX
        elif not self._known():
            self._wrong(1, f"{self.word} is not an instruction of this plotter")
        elif self.word in MOTION:
            self._begin_motion()

    def _known(self) -> bool:
        return self.word in ALL or self.word in UNDONE or self.word in self.model.extra

    def _letter_of_label(self, byte: int) -> None:
        if byte == self._label:
            self._label = None
            if self.word == "LB":
                self.word = ""
        elif self.word == "LB":
            if not self._defined:
                self.note("a label, of which the time passes and no ink is simulated")
            self._defined = True
            self.pen.free += CHARACTER_S

    def _parameter(self, sign: str) -> None:
        if sign.isdigit() or (sign == "." and "." not in self._digits):
            self._digits = (self._digits + sign)[:20]
        elif sign in ", +-" or sign < " ":
            self._number()
            if sign in "+-":
                self._digits = sign
        elif not self._bad:
            self._bad = True
            self._wrong(3, f"{sign!r} in the numbers of {self.word}")

    def _number(self) -> None:
        digits, self._digits = self._digits, ""
        if not digits:
            return
        if digits.strip("+-.") == "":
            self._bad = True
            self._wrong(3, f"{digits!r} in the numbers of {self.word}")
            return
        self._numbers.append(float(digits))
        if self.word in MOTION and len(self._numbers) == 2:
            self._pair(self._numbers[0], self._numbers[1])
            self._numbers.clear()

    def _end(self) -> None:
        """The instruction is complete."""
        if self.word:
            self._number()
            word, numbers = self.word, self._numbers
            if word in MOTION:
                if numbers:
                    self._wrong(2, f"an x without a y after {word}")
            elif self._known() and not self._bad and word != "CO":
                self._obey(word, numbers)
        elif self._letters:
            self._wrong(1, f"{self._letters} is not an instruction")
        self.forget()

    # --- motion

    def _begin_motion(self) -> None:
        if self.word in ("PA", "PR"):
            self.relative = self.word == "PR"
        elif self.word == "PU":
            self.pen.down = False
            self.pen.lift()
        else:
            self.pen.down = True
            if self._is_within(self.pen.commanded):
                if not self.pen.number:
                    self.fault("the pen holder went down without a pen")
                self.pen.lower()

    def _is_within(self, place: Place) -> bool:
        x0, y0, x1, y1 = self.window
        return x0 <= place[0] <= x1 and y0 <= place[1] <= y1

    def _pair(self, x: float, y: float) -> None:
        if self._bad:
            return
        if not (LEAST <= x <= MOST and LEAST <= y <= MOST):
            self._wrong(3, f"{self.word}{x:g},{y:g} is out of range")
            return
        target = self._target(x, y)
        if not all(LEAST <= one <= MOST for one in target):
            self._wrong(6, f"{self.word}{x:g},{y:g} leads to {target[0]},{target[1]}")
            return
        x0, y0, x1, y1 = self.area
        if not (x0 <= target[0] <= x1 and y0 <= target[1] <= y1):
            self.fault(f"motion to {target[0]},{target[1]} is clipped at the limits {x0},{y0},{x1},{y1}")
        self.pen.go(target, self.window)

    def _target(self, x: float, y: float) -> Place:
        if self.scale is None:
            dx, dy = float(int(x)), float(int(y))
        else:
            x0, x1, y0, y1 = self.scale
            p = self.frame
            across, up = (p[2] - p[0]) / (x1 - x0), (p[3] - p[1]) / (y1 - y0)
            dx, dy = (x * across, y * up) if self.relative else (p[0] + (x - x0) * across, p[1] + (y - y0) * up)
        if self.relative:
            base = self._unturned(self.pen.commanded)
            dx, dy = base[0] + dx, base[1] + dy
        turned = self._turned((dx, dy))
        return round(turned[0]), round(turned[1])

    def _turned(self, place: Place) -> Place:
        """From the turned axes of RO to the plotter's own; the turned origin is the next corner."""
        x, y = place
        _, _, right, top = self.area
        return {0: (x, y), 90: (right - y, x), 180: (right - x, top - y), 270: (y, top - x)}[self.rotation]

    def _unturned(self, place: Place) -> Place:
        x, y = place
        _, _, right, top = self.area
        return {0: (x, y), 90: (y, right - x), 180: (right - x, top - y), 270: (top - y, x)}[self.rotation]

    # --- everything else

    def _obey(self, word: str, numbers: list[float]) -> None:
        if word in UNDONE and word not in COUNTS:
            self.note(f"{word} is not simulated")
            return
        if len(numbers) not in COUNTS[word]:
            self._wrong(2, f"{word} with {len(numbers)} numbers")
            return
        if any(not LEAST <= one <= MOST for one in numbers):
            self._wrong(3, f"{word} with numbers out of range")
            return
        getattr(self, f"_do_{word.lower()}", lambda _: None)(numbers)

    def _do_in(self, _: list[float]) -> None:
        self.pen.lift()
        self._initialize()

    def _do_df(self, _: list[float]) -> None:
        self.relative, self.scale, self.window = False, None, self.area

    def _initialize(self) -> None:
        self.pen.down = False
        self._do_df([])
        self.rotation, self.frame, self.changed = 0, self.paper.frame, False
        self.error, self.initialized = 0, True
        self.pen.velocity = self.model.velocities[1]

    def _do_sp(self, numbers: list[float]) -> None:
        number = int(numbers[0]) if numbers else 0
        if not 0 <= number <= self.model.pens:
            self._wrong(3, f"SP{number}: there are {self.model.pens} pens")
            return
        self.pen.select(number)

    def _do_vs(self, numbers: list[float]) -> None:
        if len(numbers) == 2 and self.model.pens < 8:
            self._wrong(2, "VS with 2 numbers")
            return
        slowest, fastest = self.model.velocities
        velocity = numbers[0] if numbers else fastest
        if not 0 <= velocity < 128:
            self._wrong(3, f"VS{velocity:g}")
            return
        self.pen.velocity = min(max(velocity, slowest), fastest)

    def _do_fs(self, numbers: list[float]) -> None:
        if numbers and not 1 <= numbers[0] <= 8:
            self._wrong(3, f"FS{numbers[0]:g}")

    def _do_ip(self, numbers: list[float]) -> None:
        if not numbers:
            self.frame = self.paper.frame
        else:
            x, y = (int(one) for one in numbers[:2])
            p = self.frame  # with two numbers P2 follows P1
            right, top = (int(one) for one in numbers[2:]) if len(numbers) == 4 else (x + p[2] - p[0], y + p[3] - p[1])
            if x == right or y == top:
                self._wrong(3, "IP with P1 and P2 in line")
                return
            self.frame = (x, y, right, top)
        self.changed = True

    def _do_iw(self, numbers: list[float]) -> None:
        if not numbers:
            self.window = self.area
            return
        one = self._turned((int(numbers[0]), int(numbers[1])))
        other = self._turned((int(numbers[2]), int(numbers[3])))
        x0, y0, x1, y1 = self.area
        across, up = sorted((one[0], other[0])), sorted((one[1], other[1]))
        window = (
            int(max(across[0], x0)),
            int(max(up[0], y0)),
            int(min(across[1], x1)),
            int(min(up[1], y1)),
        )
        if window[0] > window[2] or window[1] > window[3]:
            self._wrong(3, "IW beyond the limits")
            return
        self.window = window

    def _do_sc(self, numbers: list[float]) -> None:
        if not numbers:
            self.scale = None
        elif numbers[0] == numbers[1] or numbers[2] == numbers[3]:
            self._wrong(3, "SC with no extent")
        else:
            self.scale = (numbers[0], numbers[1], numbers[2], numbers[3])

    def _do_ro(self, numbers: list[float]) -> None:
        angle = int(numbers[0]) if numbers else 0
        if angle not in self.model.rotations:
            self._wrong(3, f"RO{angle}")
            return
        self.rotation = angle

    def _do_ps(self, numbers: list[float]) -> None:
        size = int(numbers[0]) if numbers else 4
        if not 0 <= size <= 127:
            self._wrong(3, f"PS{size}")
            return
        large = size <= 3
        if large == self.paper.large:
            return
        if self.chosen:
            self.fault(f"PS{size} asks for {'large' if large else 'small'} paper, and another lies in the plotter")
            return
        self.paper = next(p for p in self.model.papers.values() if p.large == large and p.metric == self.paper.metric)
        self.area, self.window, self.frame = self.paper.area, self.paper.area, self.paper.frame

    # --- answers

    def _output(self, word: str) -> None:
        if word == "OS":
            self.say(str(self.status()))
            self.initialized = False
        elif word == "OE":
            self.say(str(self.error))
            self.error = 0
        elif word == "OP":
            self.say(_list(self.frame))
            self.changed = False
        elif word in ("OA", "OD"):
            self.say(_list((*self._unturned(self.pen.at), self.pen.down)))
        elif word == "OC":
            self.say(self._commanded())
        elif word in ("OH", "OW"):
            self.say(_list(self._box(self.area if word == "OH" else self.window)))
        else:
            self.say({"OI": self.model.identity, "OF": "40,40", "OO": self.model.options}[word])

    def _commanded(self) -> str:
        x, y = self._unturned(self.pen.commanded)
        if self.scale is None:
            return _list((x, y, self.pen.down))
        x0, x1, y0, y1 = self.scale
        p = self.frame
        user = (x0 + (x - p[0]) * (x1 - x0) / (p[2] - p[0]), y0 + (y - p[1]) * (y1 - y0) / (p[3] - p[1]))
        return f"{user[0]:.4f},{user[1]:.4f},{int(self.pen.down)}"

    def _box(self, area: Area) -> Area:
        one, other = self._unturned((area[0], area[1])), self._unturned((area[2], area[3]))
        (x0, x1), (y0, y1) = sorted((int(one[0]), int(other[0]))), sorted((int(one[1]), int(other[1])))
        return x0, y0, x1, y1

    def _wrong(self, number: int, what: str) -> None:
        self.error = number
        self.fault(f"HP-GL error {number}: {what}")


def _list(numbers: tuple[float, ...]) -> str:
    return ",".join(str(int(one)) for one in numbers)
