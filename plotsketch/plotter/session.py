"""A plot from its first stroke to its last: who is asked what when, what the journal is told, and how it ends.

The order of things is what makes a plot resumable: the journal hears of a stroke before any of it goes to the machine,
and again when the machine has it; see `journal` and `driver`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from plotsketch.errors import UserError
from plotsketch.plotter.desk import Desk, Moment, Question
from plotsketch.plotter.driver import Drawn, Driver, Identity
from plotsketch.plotter.journal import Job, Progress
from plotsketch.plotter.pieces import rest, run_in
from plotsketch.plotter.plan import Floats, Plan, PlanLayer
from plotsketch.plotter.planned import PlannedTime
from plotsketch.plotter.port import PortLost

NEAREST = 1e-6  # mm: what is left of a stroke that is not worth a lift
LIFTED = "Stopped, with the pen up."
BUTTON = "Stopped by the machine's button, with the pen up."
PUT_HOME = "Put the pen home by hand, where the machine begins, with its motors off."


def asks_first(plan: Plan, sent: int, was_plotting: bool) -> bool:
    """Whether the pen of the first layer to be drawn is asked for, `sent` strokes being drawn: a plot that begins takes
    the pen of the plan's first layer to be in the machine. `was_plotting`: since then another pen may be in."""
    begins_later = sent < len(plan.strokes) and plan.strokes[sent].layer != plan.strokes[0].layer
    return len(plan.layers) > 1 and (was_plotting or begins_later)


class Stopped(Exception):
    """The plot was stopped, on purpose and in order: the pen is up, and the journal knows how to go on."""


class Session:
    """One sitting with a plot: ``run`` draws what is not drawn yet.

    Args:
        job: the plot, whose journal this opens.
        driver: the machine, not open yet.
        desk: who is asked.
        is_resumed: whether the plot was begun in another sitting.
        run_in: mm of ink that are drawn once more before a resumed plot goes on.
        begin: where the plot is set on to, once the machine has answered; None: it goes on where it is.
        describe: what the pen for a layer is called.

    ``stop`` is to be set, from a signal's handler for instance, to bring the pen to rest and to ask what next;
    ``ready`` is called when the machine has answered, before anything is asked or moved.
    """

    def __init__(
        self, job: Job, driver: Driver, desk: Desk, describe: Callable[[PlanLayer], str],
        *, is_resumed: bool = False, run_in: float = 0.0, begin: Progress | None = None,
    ) -> None:  # fmt: skip
        self.job, self.driver, self.desk, self.describe = job, driver, desk, describe
        self.is_resumed, self.run_in, self.begin = is_resumed, run_in, begin
        self.stop = False
        self.ready: Callable[[], None] = lambda: None
        self._time = PlannedTime(job.plan)
        self._drawn, self._known = 0, 0  # strokes drawn since it was sure what is on paper, and the driver's count then
        self._first = 0  # stroke of this copy with which the sitting began

    def run(self) -> Identity:
        """Draws all that is left, and parks the pen.

        Raises Stopped when somebody stopped it; UserError (PortLost among them) when the machine did. Whatever is
        raised, the pen has been lifted if the machine still listens, and the journal is whole.
        """
        with self.job.open():
            try:
                identity = self.driver.open()
                if self.begin is not None:
                    self.job.set_on(self.begin)
                self.ready()
                if self.is_resumed:
                    self._recover()
                self._copies()
                return identity
            except (Stopped, PortLost):
                raise
            except BaseException:  # Ctrl-C for the second time, an alarm, a fault of ours: no ink must run
                with contextlib.suppress(Exception):
                    self.driver.stop_now()
                self._take_back()
                raise
            finally:
                self.driver.close()

    def _recover(self) -> None:
        """Learns from the machine what it drew after the journal's last line, and where its pen is."""
        before = self.job.progress
        found = self.driver.resumed(before.sent, before.inked)
        if found < before.sent:
            self.desk.tell(f"The machine lost what it had in its buffer: going on from stroke {found + 1:,}.")
            self.job.write(f"begin {found}")  # what follows it is not on paper
        if found > before.inked:
            self.job.write(f"ink {found}")
        if self.driver.where() is None and not self.job.progress.is_parked:
            self._ask(Question(Moment.HOME, PUT_HOME))

    def _copies(self) -> None:
        first = self.job.progress.copy
        for copy in range(first, self.job.copies):
            if copy > first:
                words = f"Lay in paper for copy {copy + 1} of {self.job.copies}."
                self._ask(Question(Moment.PAPER, words))
                self.job.write(f"copy {copy}")
            self.driver.begin(self.job.plan)
            was_plotting = copy > first or self.is_resumed
            self._copy(asks_for_pen=asks_first(self.job.plan, self.job.progress.sent, was_plotting))
            self._settle(len(self.job.plan.strokes))
            self.driver.park()
        self.job.write("done")

    def _copy(self, *, asks_for_pen: bool) -> None:
        """The strokes of one copy that are not on paper yet. `asks_for_pen`: another pen may be in the machine."""
        plan, self._first = self.job.plan, self.job.progress.sent
        self._drawn, self._known = 0, self.driver.inked
        current: int | None = None
        for number in range(self._first, len(plan.strokes)):
            index = plan.strokes[number].layer
            if index != current:
                if current is not None:
                    self._settle(number)
                self._change(plan.layers[index], asks=asks_for_pen or current is not None)
                if current is None and self.is_resumed:
                    self._ink_again(number)
                current = index
            self._stroke(number)

    def _change(self, layer: PlanLayer, *, asks: bool) -> None:
        """Before a layer's strokes: its pen comes into the machine."""
        if asks and not self.driver.changes_pens:  # a pause too, if the layer wants one
            self._ask(Question(Moment.PEN, f"Put in {self.describe(layer)}.", layer))
        elif layer.code.pause:
            self._ask(Question(Moment.LAYER, f"Layer {layer.label} asks for a pause.", layer))
        self.driver.layer(layer)

    def _ink_again(self, number: int) -> None:
        """Draws the last of what is on paper once more, as the pen may have run dry before it was seen."""
        part = self.job.progress.part
        for points in run_in(self.job.plan, number, part, self.run_in):
            self._draw(points)
        if part:
            self.job.write(f"part {number} {max(part - self.run_in, 0.0):.6f}")
        self.is_resumed = False

    def _stroke(self, number: int) -> None:
        """One stroke, in as many pieces as it is stopped and gone on with."""
        stroke, done = self.job.plan.strokes[number], self.job.progress.part
        while True:
            self.job.write(f"begin {number}")
            self._time.begin(number)
            drawn = self._draw(rest(stroke.points, done))
            done += drawn.mm
            if drawn.is_whole or (done and stroke.mm - done < NEAREST):
                break
            self.job.write(f"part {number} {done:.6f}")
            self._drawn, self._known = 0, self.driver.inked
            self._pause(BUTTON if drawn.why == "button" else LIFTED)
        self._note(number + 1)
        self.desk.progress(self._time.until(number + 1))
        if self.stop or drawn.why == "button":
            self._settle(number + 1)
            self._pause(BUTTON if drawn.why == "button" else LIFTED)

    def _draw(self, points: Floats) -> Drawn:
        drawn = self.driver.draw(points, self._should_stop)
        self._drawn += drawn.is_whole
        return drawn

    def _should_stop(self) -> bool:
        self.desk.progress(self._time.now())
        return self.stop

    def _settle(self, sent: int) -> None:
        """Waits until all is on paper, and notes it."""
        self.driver.settle()
        self._drawn, self._known = 0, self.driver.inked
        self._note(sent)

    def _note(self, sent: int) -> None:
        """Tells the journal that the machine has `sent` strokes, and how many of them are known to be on paper."""
        if sent > self.job.progress.sent or self.job.progress.begun:
            self.job.write(f"sent {sent}")
        if (inked := sent - self._waiting()) > self.job.progress.inked:
            self.job.write(f"ink {inked}")

    def _take_back(self) -> None:
        """After an error: of what the driver had said to be on paper it may count some no more, as the plotter lost a
        part of it. Strokes of other sittings stay."""
        inked = max(self.job.progress.sent - self._waiting(), self._first)
        if inked < self.job.progress.inked:
            with contextlib.suppress(UserError):  # the error under way says more than a full disk
                self.job.write(f"ink {inked}")

    def _waiting(self) -> int:
        """How many of the strokes that were handed over are not known to be on paper."""
        return max(self._drawn - (self.driver.inked - self._known), 0)

    def _pause(self, words: str) -> None:
        self.stop = False
        self._ask(Question(Moment.PAUSE, words))

    def _ask(self, question: Question) -> None:
        with self._time.stopped():
            if self.desk.ask(question):
                return
        with contextlib.suppress(UserError):
            self.driver.park()
            self.job.write("parked")
        raise Stopped(question.words)
