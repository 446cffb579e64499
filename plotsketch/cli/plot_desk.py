"""Who stands by while ``plotsketch plot`` runs: a person at a terminal, ``--yes``, or a command in their place.

A question is one line on stderr, answered by Enter or ``q``, so that it works over ssh and in any terminal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import is_quiet, note
from plotsketch.cli.plot_table import seconds_done
from plotsketch.clock import clock

if TYPE_CHECKING:
    from plotsketch.plotter.desk import Question
    from plotsketch.plotter.journal import Job
    from plotsketch.plotter.session import Session

SECONDS_BETWEEN_LINES = 30.0
TRUSTED_SECONDS = 30.0  # of the plan, before what was measured counts as much as the plan
SIGNALS = ("SIGTERM", "SIGHUP")  # the process is ended, or its terminal is gone: nobody is left to be asked


def is_attended() -> bool:
    """Whether somebody can answer a question: there is a terminal to type at."""
    return _is_terminal(sys.stdin)


def _is_terminal(stream: Any) -> bool:
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:  # it is closed
        return False


def _forget_keys() -> None:
    """What was typed before a question is no answer to it: an Enter too many would skip a pen."""
    with contextlib.suppress(Exception):  # Windows has no termios; or the terminal is gone
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)


class TimeLeft:
    """The seconds that a plot still takes, all copies together: those of its plan, at the pace that is seen.

    Args:
        done: planned seconds that were done before this sitting.
        total: planned seconds of all copies.
    """

    def __init__(self, done: float, total: float) -> None:
        self.first, self.done, self.total = done, done, total
        self._since: float | None = None

    def update(self, done: float) -> None:
        """So many planned seconds are done."""
        self._since = time.monotonic() if self._since is None else self._since
        self.done = done

    def waited(self, seconds: float) -> None:
        """So many seconds went by in which the machine stood still, and which the plan does not have."""
        if self._since is not None:
            self._since += seconds

    def seconds(self) -> float:
        """What is left of the plan, longer or shorter by as much as it was until now."""
        ran = 0.0 if self._since is None else max(time.monotonic() - self._since, 0.0)
        pace = (ran + TRUSTED_SECONDS) / (max(self.done - self.first, 0.0) + TRUSTED_SECONDS)
        return max(self.total - self.done, 0.0) * pace


class CommandLineDesk:
    """A `plotter.desk.Desk`.

    Args:
        job: the plot.
        yes: everything is taken for done at once; a plot that was stopped stays so.
        hook: a command that is run at every question, and answers by its exit code: 0 goes on.
    """

    def __init__(self, job: Job, *, yes: bool = False, hook: str | None = None) -> None:
        self.job, self.yes, self.hook = job, yes, hook
        self.left = TimeLeft(*seconds_done(job.plan, job.progress, job.copies))
        self.is_asking = self.is_gone = False
        self._bar: Any = None
        self._due = time.monotonic() + SECONDS_BETWEEN_LINES

    def plan(self, lines: Iterable[str]) -> None:
        """Says what is about to happen; the journal may have been set on since this began."""
        self.left = TimeLeft(*seconds_done(self.job.plan, self.job.progress, self.job.copies))
        for line in lines:
            self.tell(line)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Shows progress on stderr: a bar on a terminal, now and then a line elsewhere."""
        if is_quiet() or not _is_terminal(sys.stderr):
            yield
            return
        self._show()
        try:
            yield
        finally:
            self._hide()

    def ask(self, question: Question) -> bool:
        since = time.monotonic()
        answer = self._ask(question)
        waited = time.monotonic() - since
        self.left.waited(waited - (self.job.plan.machine.pen_change_s if question.moment.value == "pen" else 0))
        return answer

    def tell(self, words: str) -> None:
        """Says something above the bar, if there is one."""
        with contextlib.suppress(OSError):  # a terminal that was closed: the plot is stopped in order all the same
            if self._bar is None:
                note(words)
                return
            self._bar.console.print(words, markup=False, highlight=False, soft_wrap=True)

    def progress(self, seconds: float) -> None:
        self.left.update(self.job.progress.copy * self.left.total / self.job.copies + seconds)
        if self._bar is not None:
            self._bar.update(self._task, **self._shown())
        elif time.monotonic() > self._due:
            self._due = time.monotonic() + SECONDS_BETWEEN_LINES
            share = 100 * self.left.done / self.left.total
            self.tell(f"{self._title()}: {share:.0f} %, about {clock(self.left.seconds())} left")

    def _title(self) -> str:
        return "Plotting" if self.job.copies == 1 else f"Copy {self.job.progress.copy + 1} of {self.job.copies}"

    def _shown(self) -> dict[str, Any]:
        left = clock(self.left.seconds())
        return {"description": self._title(), "completed": self.left.done, "left": left}

    def _ask(self, question: Question) -> bool:
        is_stop = question.decides and is_attended()  # who stopped it is there to say what next
        if self.is_gone:
            self.tell(f"{question.words} Stopping.")
            return False
        if self.hook is not None and not is_stop:
            return self._hooked(question)
        if self.yes:
            self.tell(f"{question.words} {'Stopping.' if question.decides else 'Going on, as --yes says.'}")
            return not question.decides
        if is_attended():
            return self._answered(question)
        self.tell(question.words if question.decides else f"{question.words} Nobody can answer; --yes goes on then.")
        return False

    def _answered(self, question: Question) -> bool:
        had_bar = self._hide()
        self.is_asking = True
        _forget_keys()
        try:
            if not question.decides and _is_terminal(sys.stderr):
                click.echo("\a", err=True, nl=False)  # whoever stopped it is there; others are called
            answer = click.prompt(f"{question.words} Enter goes on, q stops", default="", show_default=False, err=True)
        except (click.Abort, KeyboardInterrupt):
            with contextlib.suppress(OSError):
                click.echo(err=True)
            return False
        except OSError:  # the terminal was closed
            self.is_gone = True
            return False
        finally:
            self.is_asking = False
            if had_bar and not self.is_gone:
                self._show()
        return str(answer).strip().lower() not in ("q", "quit", "s", "stop", "n", "no")

    def _show(self) -> None:
        """A bar, and a new one after each question: one that begins again would wipe the question away."""
        self._bar = _bar()
        self._task = self._bar.add_task(total=self.left.total, **self._shown())
        self._bar.start()

    def _hide(self) -> bool:
        """Wipes the bar away; whether there was one."""
        bar, self._bar = self._bar, None
        if bar is not None:
            with contextlib.suppress(OSError):
                bar.stop()
        return bar is not None

    def _hooked(self, question: Question) -> bool:
        layer = question.layer
        facts = {"EVENT": question.moment.value, "WORDS": question.words, "JOB": self.job.name}
        if layer is not None:
            facts |= {"LAYER": str(layer.number), "LABEL": layer.label, "COLOUR": layer.colour}
        environment = os.environ | {f"PLOTSKETCH_PLOT_{name}": value for name, value in facts.items()}
        done = subprocess.run(str(self.hook), shell=True, env=environment, capture_output=True, check=False)
        if said := (done.stdout + done.stderr).decode(errors="replace").strip():
            self.tell(said)
        if done.returncode:
            self.tell(f"The hook ended with exit code {done.returncode} at: {question.words} Stopping.")
        return done.returncode == 0


@contextlib.contextmanager
def stopping(session: Session, desk: CommandLineDesk) -> Iterator[None]:
    """Ctrl-C asks the session to stop; a second one lifts the pen at once. SIGTERM and SIGHUP stop it for good."""

    def interrupted(_number: int, _frame: object) -> None:
        if desk.is_asking or session.stop:
            raise KeyboardInterrupt
        session.stop = True
        desk.tell("Stopping at the next chance, with the pen up; Ctrl-C again lifts it now.")

    def ended(_number: int, _frame: object) -> None:
        session.stop = desk.is_gone = True
        if desk.is_asking:
            raise KeyboardInterrupt

    handlers = {signal.SIGINT: interrupted}
    handlers |= {getattr(signal, name): ended for name in SIGNALS if hasattr(signal, name)}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        with desk.watching():
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
        TextColumn("{task.fields[left]} left"),
    )  # fmt: skip
    return Progress(*columns, console=Console(stderr=True), transient=True)
