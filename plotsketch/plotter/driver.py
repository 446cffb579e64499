"""What every driver of a machine can do: the one interface between plots and machines.

A driver draws stroke after stroke. A *stroke* is what the pen draws without a lift. Places are millimetres on the
page, from its upper left corner, y down; how the page lies on the machine is the driver's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from plotsketch.plotter.plan import Floats, Plan, PlanLayer


@dataclass(frozen=True)
class Identity:
    """What a machine says of itself: its kind, its firmware, and whatever else a person may want to know."""

    kind: str
    firmware: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawn:
    """How far a stroke has come: `mm` of it are on paper, from its beginning.

    ``why``: empty for a whole stroke, else who stopped it: ``asked`` (should_stop), ``button`` or ``power``.
    """

    mm: float
    why: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.why


class Driver(Protocol):
    """A machine at work. Every method raises UserError, in one line, for what a person can mend: PortLost for a port
    that is gone, others for alarms, missing power, refused commands.

    The order of calls is open, then any of pen, jog, home and where; or resumed (if a plot goes on), begin, and then
    for each layer ``layer`` and its strokes ``draw``; ``park`` at the end, ``close`` in any case.
    """

    @property
    def changes_pens(self) -> bool:
        """Whether the machine fetches the pen of a layer itself."""

    def open(self) -> Identity:
        """Makes the connection: the machine is known, waits for what it may still be doing, and has its pen up."""

    def resumed(self, sent: int, inked: int) -> int:
        """How many of a plot's strokes are on paper, `inked` of which that was known when it broke off, `sent` handed
        over whole. What a machine had in its buffer it has drawn since, unless its power was cut."""

    def where(self) -> tuple[float, float] | None:
        """Where the pen is, in mm from the machine's home along its axes, if the machine knows; else None. To be asked
        before ``begin``, which takes home for where the pen is otherwise."""

    def begin(self, plan: Plan) -> None:
        """Makes ready to draw: motors on, settings sent. The pen is at home, or where ``where`` says."""

    def layer(self, layer: PlanLayer) -> None:
        """What follows is of this layer: its pen (where the machine changes pens itself), speed, height and force."""

    def draw(self, points: Floats, should_stop: Callable[[], bool]) -> Drawn:
        """Draws a stroke, points (k, 2) in mm on the page: goes there with the pen up, draws, lifts.

        A stroke of one point is a dot. `should_stop` is asked between blocks of motion; once it says so the pen comes
        to rest along the stroke as soon as the machine can, lifts, and what was drawn is the answer.
        """

    @property
    def inked(self) -> int:
        """Strokes since ``begin`` that are known to be on paper whole; others may be in the machine's buffer."""

    def settle(self) -> None:
        """Returns when all that was sent has been done, with the pen up."""

    def park(self) -> None:
        """Pen up and home; the motors are let go."""

    def stop_now(self) -> None:
        """Lifts the pen at once, whatever goes on, and forgets what is still to be drawn. Called at any moment."""

    def pen(self, up: bool) -> None:
        """Lifts or lowers the pen where it is."""

    def jog(self, dx: float, dy: float) -> None:
        """Moves the pen, as it is, by mm on the machine: x along its long side, y away from home's corner."""

    def go(self, x: float, y: float) -> None:
        """Moves the raised pen to a place in mm on the page; between ``begin`` and ``park``."""

    def home(self) -> None:
        """Moves the raised pen to the machine's home."""

    def close(self) -> None:
        """Lets the port go. Never raises."""
