"""The pen of a simulated GRBL machine: a rule says when it is down, and what it leaves is kept as lines."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from plotsketch.errors import UserError
from plotsketch.plotter.simulators.grbl_planner import Triple, along

RULE = re.compile(r"\s*([SZ])\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*")
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Rule:
    """The pen is down where ``word`` (S, or Z in mm) compares with ``value`` by ``sign``."""

    word: str
    sign: str
    value: float

    @classmethod
    def read(cls, text: str) -> Rule:
        """From ``S>=50`` or ``Z<=0``. Raises UserError for anything else."""
        found = RULE.fullmatch(text.upper())
        if found is None:
            raise UserError(f"--pen-down {text}: it is S or Z, <, <=, > or >=, and a number, as in S>=50")
        return cls(found[1], found[2], float(found[3]))

    def holds(self, value: float) -> bool:
        return COMPARE[self.sign](value, self.value)


@dataclass
class Ink:
    """``lines`` are [x, y] in mm, in the work's coordinates, one for each time that the pen was down."""

    rule: Rule
    spindle: float = 0.0  # S as it turns, 0 when it is off
    z: float = 0.0
    lines: list[list[tuple[float, float]]] = field(default_factory=list)
    _open: bool = False

    @property
    def down(self) -> bool:
        """Whether it is on the paper. A pen on Z is up until it first comes down, whatever Z is called there."""
        return self.rule.holds(self.spindle) if self.rule.word == "S" else self._open

    def turn(self, speed: float, place: Triple) -> None:
        """The spindle, which is the servo, turns to `speed` at a place."""
        self.spindle = speed
        if self.rule.word == "S":
            self._set(self.down, place)

    def move(self, start: Triple, end: Triple) -> None:
        """A straight move has been made."""
        if self.rule.word == "S":
            self.z = end[2]
            if self.down:
                self._draw(start, end)
            return
        before, after = self.rule.holds(start[2]), self.rule.holds(end[2])
        self.z = end[2]
        if before and after:
            self._draw(start, end)
        elif after or (before and self._open):
            meets = along(start, end, (self.rule.value - start[2]) / (end[2] - start[2]))
            self._draw(*((start, meets) if before else (meets, end)))
            self._open = after

    def _set(self, down: bool, place: Triple) -> None:
        if down and not self._open:
            self.lines.append([place[:2]])
        self._open = down

    def _draw(self, start: Triple, end: Triple) -> None:
        self._set(True, start)
        if self.lines[-1][-1] != end[:2]:
            self.lines[-1].append(end[:2])
