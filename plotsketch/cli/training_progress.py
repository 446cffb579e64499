"""How training shows itself: a bar with loss, KL, speed and ETA on a terminal, a line now and then otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .options import is_quiet, note

if TYPE_CHECKING:
    from plotsketch.training.trainer import StepReport

Show = Callable[["StepReport", float], None]
SECONDS_BETWEEN_LINES = 30.0


@contextmanager
def training_progress(first: int, steps: int) -> Iterator[Show]:
    """Yields what to call after each step with its report and the points a second."""
    if is_quiet():
        yield lambda report, speed: None
        return
    with _bar(first, steps) if sys.stderr.isatty() else _lines(first, steps) as show:
        yield show


@contextmanager
def _bar(first: int, steps: int) -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("training"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=steps, completed=first)
        yield lambda report, speed: bar.update(task, completed=report.step, description=_figures(report, speed))


@contextmanager
def _lines(first: int, steps: int) -> Iterator[Show]:
    began = due = time.monotonic()

    def show(report: StepReport, speed: float) -> None:
        nonlocal due
        now = time.monotonic()
        if now < due and report.step < steps:
            return
        due = now + SECONDS_BETWEEN_LINES
        left = (now - began) * (steps - report.step) / max(1, report.step - first)
        note(f"step {report.step}/{steps}  {_figures(report, speed)}  about {left / 60:.0f} min left")

    yield show


def _figures(report: StepReport, speed: float) -> str:
    return f"L_R {report.reconstruction:.3f}  L_KL {report.kl:.3f}  {speed:,.0f} points/s"
