"""A plotter that reads HP-GL as strictly as a 7475A, by its Interfacing and Programming Manual, not by our writer.

It takes two capital letters, whole numbers with commas between them and a semicolon, line ends between instructions,
and nothing else; it refuses what it does not know, what does not fit its buffer, and where its pen cannot go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Point = tuple[int, int]

INSTRUCTION = re.compile(r"([A-Z]{2})((?:-?\d+(?:\.\d+)?(?:,-?\d+(?:\.\d+)?)*)?);")
PLAIN = {"IN", "PA", "PR", "PU", "PD", "SP"}


@dataclass
class Strict:
    """What a file does on a plotter: `strokes` as (pen, points), one for each time that the pen goes down.

    `limits` are the least x and y and the largest; `longest` bytes may an instruction have, its semicolon with them.
    """

    limits: tuple[int, int, int, int]
    pens: int = 6
    longest: int = 1024
    extra: frozenset[str] = frozenset({"VS", "PS"})
    strokes: list[tuple[int, list[Point]]] = field(default_factory=list)
    said: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)
    at: Point | None = None
    pen: int = 0
    down: bool = False
    relative: bool = False

    def read(self, data: bytes) -> Strict:
        text = data.decode("ascii")
        place = 0
        while place < len(text):
            if text[place] in "\r\n":
                place += 1
                continue
            found = INSTRUCTION.match(text, place)
            assert found, f"no instruction at byte {place}: {text[place : place + 20]!r}"
            assert len(found[0]) <= self.longest, f"{len(found[0])} bytes at byte {place}"
            numbers = tuple(map(float, found[2].split(","))) if found[2] else ()
            self.obey(found[1], numbers)
            place = found.end()
        assert self.said[0][0] == "IN" and self.pen == 0 and not self.down, "begins with IN, ends with the pen put away"
        return self

    def obey(self, word: str, numbers: tuple[float, ...]) -> None:
        assert word in PLAIN | self.extra, f"error 1: {word} is not an instruction of this plotter"
        self.said.append((word, numbers))
        if word == "SP":
            assert len(numbers) == 1 and 0 <= numbers[0] <= self.pens, f"error 3: SP{numbers}"
            assert not self.down, "the pen is changed while it is down"
            self.pen = int(numbers[0])
        elif word in ("PA", "PR"):
            self.relative = word == "PR"
            self.go(numbers)
        elif word in ("PU", "PD"):
            if word == "PD" and not self.down:
                assert self.pen and self.at is not None, "a pen goes down before it is anywhere"
                self.strokes.append((self.pen, [self.at]))
            self.down = word == "PD"
            self.go(numbers)
        elif word == "IN":
            self.down = self.relative = False

    def go(self, numbers: tuple[float, ...]) -> None:
        assert len(numbers) % 2 == 0, f"error 2: {len(numbers)} coordinates"
        for x, y in zip(numbers[::2], numbers[1::2], strict=True):
            assert x == int(x) and y == int(y) and max(abs(x), abs(y)) <= 32767, f"error 3: {x},{y}"
            assert not self.relative or self.at is not None, "a step from nowhere"
            base = self.at if self.relative and self.at is not None else (0, 0)
            self.at = (base[0] + int(x), base[1] + int(y))
            x0, y0, x1, y1 = self.limits
            assert x0 <= self.at[0] <= x1 and y0 <= self.at[1] <= y1, f"{self.at} is out of reach"
            if self.down:
                self.strokes[-1][1].append(self.at)
