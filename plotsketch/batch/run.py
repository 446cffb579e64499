"""A run: what of a manifest is still to be done, in which order, and the report of it."""

from __future__ import annotations

import contextlib
import fnmatch
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from plotsketch.errors import UserError

from .commands import Commands
from .job import Job
from .journal import Journal, clear, locked
from .manifest import Manifest
from .work import Outcome, Place

# Of a sheet on one core of 2023, where nothing is known yet: what it takes, and what each of its drawings does.
SECONDS_A_JOB = 0.1
SECONDS_A_CELL = 0.006
SECONDS_TO_START = 3.0  # of a process, until its model is loaded
CELLS = 48  # of a job of which nobody knows

Doer = Callable[[Iterable[Job], Place, Commands], Iterator[Outcome]]


@dataclass(frozen=True)
class Todo:
    """The jobs of a manifest that are asked for: those to be done, in their order, and the outcomes of those that are
    there already."""

    jobs: tuple[Job, ...]
    there: tuple[Outcome, ...]
    seconds: float  # predicted, of one process after the other

    def seconds_on(self, processes: int) -> float:
        """The predicted time on so many processes: whole jobs, as none is shared."""
        if not self.jobs:
            return 0.0
        used = min(processes, len(self.jobs))
        return SECONDS_TO_START + self.seconds / len(self.jobs) * math.ceil(len(self.jobs) / used)


@dataclass(frozen=True)
class Result:
    """What became of a run; ``outcomes`` of the jobs that were asked for, in the manifest's order. ``report`` is the
    page, None where it could not be written."""

    outcomes: tuple[Outcome, ...]
    report: Path | None
    seconds: float
    notes: tuple[str, ...] = field(default=())

    @property
    def done(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.skipped and not outcome.error]

    @property
    def skipped(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.skipped]

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error]


def todo(manifest: Manifest, only: str = "*", force: bool = False) -> Todo:
    """What there is to do of the jobs whose name fits the glob ``only``; with ``force``, all of it.

    Raises UserError where no job has such a name, and for a journal that cannot be read.
    """
    wanted = [job for job in manifest.jobs if fnmatch.fnmatchcase(job.name, only)]
    if not wanted:
        raise UserError(f"no job's name fits --only '{only}'; the first is {manifest.jobs[0].name}")
    journal = Journal(manifest.folder)
    there = [] if force else [job for job in wanted if journal.is_done(job.name, job.digest)]
    names = {job.name for job in there}
    left = [job for job in wanted if job.name not in names]
    first = {job.model: job.number for job in reversed(left)}
    ordered = sorted(left, key=lambda job: (first[job.model], job.number))  # a model is loaded once
    kept = tuple(replace(journal.outcomes[job.name], skipped=True) for job in there)
    return Todo(tuple(ordered), kept, predicted(ordered, manifest.jobs, journal.outcomes))


def predicted(jobs: Sequence[Job], known: Sequence[Job], outcomes: Mapping[str, Outcome]) -> float:
    """Seconds that jobs take one after the other: as long as such jobs took before, else by their drawings."""
    took: dict[tuple[int, str], list[float]] = {}
    for job in known:
        if (outcome := outcomes.get(job.name)) is not None and not outcome.error:
            took.setdefault((job.line, job.command), []).append(outcome.seconds)
    means = {table: math.fsum(seconds) / len(seconds) for table, seconds in took.items()}
    return math.fsum(means.get((job.line, job.command), guessed(job)) for job in jobs)


def guessed(job: Job) -> float:
    return SECONDS_A_JOB + SECONDS_A_CELL * (job.cells or CELLS)


def run(
    manifest: Manifest,
    commands: Commands,
    doer: Doer,
    *,
    only: str = "*",
    force: bool = False,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> Result:
    """Does what there is to do, notes it in the folder's journal as it is done, and writes the report.

    Raises UserError where another run is at work in the folder or it cannot be written. A job that fails is an outcome
    among others. Ctrl-C leaves whole files, a journal and a report of what there is.
    """
    started = time.monotonic()
    with locked(manifest.folder):
        work = todo(manifest, only, force)
        journal = Journal(manifest.folder)
        found = {outcome.name: outcome for outcome in work.there}
        notes: list[str] = []
        try:
            doing = doer(work.jobs, manifest.place, commands)
            with contextlib.closing(doing):  # type: ignore[type-var]
                for outcome in doing:
                    found[outcome.name] = outcome
                    _noted(journal, outcome, notes)
                    told(outcome)
        finally:
            clear(manifest.folder) if work.jobs else None
            seconds = time.monotonic() - started
            report = _report(manifest, found, journal, seconds, notes)
    asked = tuple(found[job.name] for job in manifest.jobs if job.name in found)
    return Result(asked, report, seconds, tuple(notes))


def processes_for(jobs: int, asked: int | None) -> int:
    """As many as were asked for, else one a core; a process more is worth its start from four jobs on."""
    if asked is not None:
        return min(asked, max(jobs, 1))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, jobs // 4))


def _noted(journal: Journal, outcome: Outcome, notes: list[str]) -> None:
    try:
        journal.add(outcome)
    except UserError as error:  # the files are there; the next run makes them again
        if str(error) not in notes:
            notes.append(str(error))


def _report(
    manifest: Manifest, found: Mapping[str, Outcome], journal: Journal, seconds: float, notes: list[str]
) -> Path | None:
    """Of all jobs: of those that were not asked for this time, what is known of them."""
    from .report import Report, write_report
    from .report_entries import entry_of

    entries = []
    for job in manifest.jobs:
        outcome = found.get(job.name)
        if outcome is None and journal.is_done(job.name, job.digest):
            outcome = replace(journal.outcomes[job.name], skipped=True)
        entries.append(entry_of(job, outcome))
    try:
        return write_report(Report(manifest.path.stem, entries, seconds), manifest.folder)[1]
    except UserError as error:  # a full disk
        notes.append(str(error))
        return None
