"""Plans, and a machine without time or wires, for tests of plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.layer_codes import parse
from plotsketch.lines.machine import load_machine
from plotsketch.plotter.desk import Question
from plotsketch.plotter.driver import Drawn, Identity
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke
from plotsketch.plotter.port import Port

Floats = NDArray[np.float64]


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


def plan_with(
    strokes: Sequence[Sequence[tuple[float, float]]], layers: Sequence[int] = (), labels: Sequence[str] = ("1 black",)
) -> Plan:
    """A plan of strokes on A5; ``layers`` says whose each is (the first's, where it says nothing)."""
    made = [PlanLayer(n + 1, label, f"#{n:02x}0000", 0.3, parse(label)) for n, label in enumerate(labels)]
    owners = layers or [0] * len(strokes)
    drawn = [Stroke(layer, np.array(points, dtype=float)) for layer, points in zip(owners, strokes, strict=True)]
    return Plan(load_machine("axidraw-v3"), (210.0, 148.0), tuple(made), tuple(drawn))


@dataclass
class Paper:
    """What is on paper, in the order in which it came there: stroke after stroke, and whether the pen is down."""

    ink: list[Floats] = field(default_factory=list)
    is_down: bool = False


class FakeDriver:
    """A `Driver` whose machine does all at once, but for the last ``holds`` strokes, which wait in its buffer.

    ``before`` is called with a name before anything is done, and may raise; ``segments`` is how many segments of a
    stroke are drawn between two looks at should_stop.
    """

    changes_pens = False

    def __init__(
        self,
        paper: Paper,
        *,
        holds: int = 0,
        knows_where: bool = True,
        before: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.paper, self.holds, self.knows_where, self.before = paper, holds, knows_where, before
        self.calls: list[str] = []
        self.waiting: list[Floats] = []
        self.lost_power = False
        self.inked = 0

    def _do(self, name: str) -> None:
        self.calls.append(name)
        self.before(name)

    def open(self) -> Identity:
        self._do("open")
        self.paper.is_down = False
        return Identity("fake", "1.0")

    def resumed(self, sent: int, inked: int) -> int:
        self._do("resumed")
        return inked if self.lost_power else sent

    def where(self) -> tuple[float, float] | None:
        return (0.0, 0.0) if self.knows_where else None

    def begin(self, plan: Plan) -> None:
        self._do("begin")

    def layer(self, layer: PlanLayer) -> None:
        self._do(f"layer {layer.number}")

    def draw(self, points: Floats, should_stop: Callable[[], bool]) -> Drawn:
        self._do("draw")
        if self.holds:
            self.waiting.append(points)
            while len(self.waiting) > self.holds:
                self._ink()
            return Drawn(0.0)
        self.paper.is_down = True
        self.paper.ink.append(points[:1])
        for k in range(1, len(points)):
            self.before("segment")
            self.paper.ink[-1] = points[: k + 1]
            if should_stop() and k < len(points) - 1:
                self.paper.is_down = False
                return Drawn(length(points[: k + 1]), "asked")
        self.paper.is_down = False
        self.inked += 1
        self.before("drawn")
        return Drawn(length(points))

    def settle(self) -> None:
        self._do("settle")
        while self.waiting:
            self._ink()

    def park(self) -> None:
        self._do("park")

    def stop_now(self) -> None:
        self.paper.is_down = False
        self.calls.append("stop_now")

    def close(self) -> None:
        self.calls.append("close")

    def dies(self, *, power: bool) -> None:
        """The host is gone. What waits in the buffer is drawn, unless the machine's own power goes too."""
        if power:
            self.waiting.clear()
        while self.waiting:
            self._ink()

    def _ink(self) -> None:
        self.paper.ink.append(self.waiting.pop(0))
        self.inked += 1


class DyingPort(Port):
    """A port whose program is killed after some bytes, in the middle of an instruction as often as not."""

    left = 1 << 30

    def write(self, data: bytes) -> None:
        if self.left >= len(data):
            self.left -= len(data)
            super().write(data)
            return
        super().write(data[: self.left])
        self.left = 0
        raise Killed


class Answers:
    """A desk that answers by a list, then always yes; what it was asked and told is kept."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.questions: list[Question] = []
        self.told: list[str] = []
        self.seconds: list[float] = []

    def ask(self, question: Question) -> bool:
        self.questions.append(question)
        return self.answers.pop(0) if self.answers else True

    def tell(self, words: str) -> None:
        self.told.append(words)

    def progress(self, seconds: float) -> None:
        self.seconds.append(seconds)


def length(points: Floats) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def distance(point: Floats, line: Floats) -> float:
    """Of a point from a polyline."""
    ways = np.diff(line, axis=0)
    squares = np.maximum((ways**2).sum(axis=1), 1e-12)
    share = np.clip(((point - line[:-1]) * ways).sum(axis=1) / squares, 0, 1)
    return float(np.hypot(*(line[:-1] + share[:, None] * ways - point).T).min())
