"""A job done, in one process: the same command that the command line runs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plotsketch.errors import UserError

from .commands import Commands as Commands
from .job import Job
from .preview import save_preview


@dataclass(frozen=True)
class Place:
    """Where a run is at home, in full: references are read from ``base``, the manifest's folder; files are written to
    ``folder``."""

    base: str
    folder: str


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    ``files`` are by their names in the run's folder; ``seconds`` are by the clock; ``figures`` is what the command
    reports (cells, ink_metres, finished ...) and under ``steps`` what each step does, by its command; ``notes`` are
    remarks. ``error`` is "" or why it failed; ``skipped`` are those that were there already, with the figures of then.
    """

    name: str
    digest: str
    files: tuple[str, ...] = ()
    seconds: float = 0.0
    figures: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error: str = ""
    skipped: bool = False


def do(job: Job, place: Place, commands: Commands) -> Outcome:
    """Does a job and its steps; what goes wrong stands in the outcome. Ctrl-C alone gets through."""
    started = time.monotonic()
    folder = Path(place.folder)
    notes: list[str] = []
    try:
        with contextlib.chdir(place.base):
            figures, files, remarks = _run(commands, job.words(folder), job.outputs, folder)
            notes += remarks
            for step in job.steps:
                facts, more, remarks = _run(commands, step.words(folder), step.outputs, folder)
                figures.setdefault("steps", []).append({"command": step.command, **facts})
                files += more
                notes += remarks
    except UserError as error:
        return Outcome(job.name, job.digest, seconds=_since(started), error=_line(error), notes=tuple(notes))
    except Exception as error:  # a fault of ours in one job does not stop the others
        ours = f"plotsketch itself is at fault: {type(error).__name__}: {_line(error)}"
        return Outcome(job.name, job.digest, seconds=_since(started), error=ours, notes=tuple(notes))
    named = tuple(dict.fromkeys(files))
    save_preview(folder, job.digest, [folder / name for name in named])
    return Outcome(job.name, job.digest, named, _since(started), figures, tuple(dict.fromkeys(notes)))


def _run(
    commands: Commands, words: Sequence[str], outputs: Sequence[str], folder: Path
) -> tuple[dict[str, Any], list[str], Sequence[str]]:
    """A command's figures, its files (plates and pages too, as it tells) and its remarks."""
    said, remarks = commands.run(words)
    figures = dict(said)
    return figures, _names(figures.pop("files", outputs), folder), remarks


def _names(paths: Sequence[str], folder: Path) -> list[str]:
    """Files that a command says it wrote, plates too, by their names in the run's folder, which are few."""
    found = [folder / path for path in paths]
    return [path.relative_to(folder).as_posix() for path in found if path.is_relative_to(folder)]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
