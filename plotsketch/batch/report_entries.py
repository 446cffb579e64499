"""What a report says of a job, from its place in the manifest and what became of it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .job import Job
from .report import Entry, State
from .work import Outcome

DURATIONS = ("seconds", "model_seconds")  # of the work, which the report has by itself


def entry_of(job: Job, outcome: Outcome | None) -> Entry:
    """``outcome`` is None for a job that was not begun."""
    if outcome is None:
        return _entry(job, "waiting")
    state: State = "failed" if outcome.error else "skipped" if outcome.skipped else "done"
    return _entry(
        job,
        state,
        files=outcome.files,
        seconds=outcome.seconds,
        figures=_figures(outcome.figures),
        error=outcome.error,
        notes=outcome.notes,
    )


def _entry(job: Job, state: State, **found: Any) -> Entry:
    here = Path()  # names in the run's folder stay as they are
    lines = [job.words(here), *(step.words(here) for step in job.steps)]
    command = " && ".join(shlex.join(["plotsketch", *words]) for words in lines)
    return Entry(
        number=job.number, name=job.name, line=job.line, command=command, state=state, digest=job.digest, **found
    )


def _figures(said: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that a command reports, and the plot time by the last step that knows it."""
    found = {name: value for name, value in said.items() if name not in DURATIONS and _is_number(value)}
    times = [time for step in said.get("steps", ()) if _is_number(time := _plot_seconds(step))]
    return found | ({"plot_seconds": times[-1]} if times else {})


def _plot_seconds(step: Mapping[str, Any]) -> Any:
    """What an estimate says, or an optimized sheet takes."""
    if step.get("command") == "estimate":
        return step.get("seconds")
    after = step.get("after")
    return after.get("seconds") if isinstance(after, Mapping) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
