"""What has to be done or decided by somebody while a machine plots, and who is asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from plotsketch.plotter.plan import PlanLayer


class Moment(Enum):
    """When somebody has to do something at the machine, or to decide."""

    HOME = "home"  # the pen is to be put home by hand: nobody knows where it is
    PEN = "pen"  # another pen is to be put in
    LAYER = "layer"  # a layer's label asks for a pause
    PAPER = "paper"  # another sheet is to be laid in, for the next copy
    PAUSE = "pause"  # the plot has been stopped, by Ctrl-C or by the machine's button


@dataclass(frozen=True)
class Question:
    """``words`` say what is to be done; the answer is whether the plot goes on."""

    moment: Moment
    words: str
    layer: PlanLayer | None = None

    @property
    def decides(self) -> bool:
        """Whether the plot was stopped, so that somebody has to want it to go on."""
        return self.moment is Moment.PAUSE


class Desk(Protocol):
    """Who stands by a plot: people at a terminal, or a program in their place."""

    def ask(self, question: Question) -> bool:
        """Whether to go on, once what the question says is done."""

    def tell(self, words: str) -> None:
        """Something that is good to know."""

    def progress(self, seconds: float) -> None:
        """Of this copy, as it was planned, so many seconds are done."""
