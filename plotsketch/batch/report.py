"""What a run leaves beside its files: ``report.json`` for programs and ``report.html`` for people.

Both say the same of the same run, but for durations: no date, no place outside the run's folder, and jobs in the order
of their numbers, whoever did them when.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from plotsketch import __version__
from plotsketch.files import write_atomically

from .preview import PREVIEWS

State = Literal["done", "skipped", "failed", "waiting"]

JSON_NAME = "report.json"
HTML_NAME = "report.html"
FORMAT = 1
DECIMALS = 3  # of seconds and of metres
STATES: dict[State, str] = {
    "done": "done",
    "skipped": "already there",
    "failed": "failed",
    "waiting": "not begun",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A job in the report.

    Attributes:
        line: of the manifest, where the job stands.
        command: the command line that makes the same by hand.
        state: what became of it: ``skipped`` was there already, ``waiting`` was not begun when the run was stopped.
        files: by their names in the run's folder.
        digest: of all that the job hangs on; its preview goes by it.
        seconds: how long it took, now or, for one that was skipped, when it was done; None where that is unknown.
        figures: what the sheet measures, such as ``ink_metres`` and ``plot_seconds``.
        error: why it failed.
        notes: the command's remarks.
    """

    number: int
    name: str
    line: int
    command: str
    state: State
    files: Sequence[str] = ()
    digest: str = ""
    seconds: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """A run: its ``title``, the ``seconds`` it took and its jobs."""

    title: str
    entries: Sequence[Entry]
    seconds: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", sorted(self.entries, key=lambda entry: entry.number))

    @property
    def counts(self) -> dict[State, int]:
        """How many jobs there are of each state."""
        found = Counter(entry.state for entry in self.entries)
        return {state: found[state] for state in STATES}

    def total(self, figure: str) -> float | None:
        """The sum of a figure over all jobs that know it; None where none does."""
        known = [float(entry.figures[figure]) for entry in self.entries if figure in entry.figures]
        return math.fsum(known) if known else None

    @property
    def figures(self) -> list[str]:
        """The names of all figures, those of most jobs first."""
        found = Counter(name for entry in self.entries for name in entry.figures)
        return sorted(found, key=lambda name: (-found[name], name))

    def to_dict(self) -> dict[str, Any]:
        """In JSON's own types; a number that is none becomes null."""
        totals = {name: _number(self.total(name)) for name in sorted(self.figures)}
        return {
            "program": "plotsketch",
            "version": __version__,
            "report": FORMAT,
            "title": self.title,
            "jobs": dict(self.counts),
            "seconds": _number(self.seconds),
            "totals": totals,
            "entries": [_plain(entry) for entry in self.entries],
        }


def write_report(report: Report, folder: Path) -> tuple[Path, Path]:
    """Writes both files into the run's ``folder``, each whole or not at all, and gives their paths.

    Previews that belong to none of the jobs any more are taken away. Raises UserError where a file cannot be written.
    """
    from .report_page import page

    previews = _kept_previews(report, folder)
    data, shown = folder / JSON_NAME, folder / HTML_NAME
    text = json.dumps(report.to_dict(), indent=1, ensure_ascii=True, allow_nan=False)
    write_atomically(data, text.encode() + b"\n")
    write_atomically(shown, page(report, previews).encode("utf-8", "replace"))
    return data, shown


def _kept_previews(report: Report, folder: Path) -> dict[str, str]:
    """The previews that are there, digest to path from the page, without those of other jobs."""
    wanted = {entry.digest for entry in report.entries}
    there = {path.stem: path for path in (folder / PREVIEWS).glob("*.png")}
    for digest, path in there.items():
        if digest not in wanted:
            path.unlink(missing_ok=True)
    return {digest: f"{PREVIEWS}/{path.name}" for digest, path in there.items() if digest in wanted}


def _plain(entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = {
        "number": entry.number,
        "name": entry.name,
        "line": entry.line,
        "command": entry.command,
        "state": entry.state,
        "digest": entry.digest,
        "files": list(entry.files),
        "seconds": _number(entry.seconds),
        "figures": {name: _number(value) for name, value in sorted(entry.figures.items())},
    }
    said = {"error": entry.error, "notes": list(entry.notes)}
    return values | {name: words for name, words in said.items() if words}


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, DECIMALS)
