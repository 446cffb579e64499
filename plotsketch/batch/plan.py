"""From the tables of a manifest to jobs, each looked at: its options, its drawings, the names of its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotsketch.strokes.reference import near_names

from .commands import Commands, Rehearsed
from .faults import Faults
from .inputs import Inputs
from .job import Job, Word
from .toml_lines import TomlLines

MOST_VALUES = 8  # of an option are rehearsed; its type is looked at for every one


@dataclass(frozen=True)
class Table:
    """A [[job]] as the manifest has it."""

    index: int
    data: Mapping[str, Any]
    lines: TomlLines

    def line(self, *path: str | int) -> int:
        return self.lines.at("job", self.index, *path)


class Planner:
    """Makes ``jobs`` of tables; what is wrong with them goes to ``faults``."""

    def __init__(self, commands: Commands, faults: Faults, run: Mapping[str, Any], lines: TomlLines) -> None:
        self.commands, self.faults, self.run, self.lines = commands, faults, run, lines
        self.jobs: list[Job] = []
        self.inputs = Inputs()
        self._values: dict[tuple[str, str, Any], tuple[str, Word] | None] = {}
        self._rehearsed: dict[object, Rehearsed] = {}
        self._met: dict[object, dict[str, set[Word]]] = {}
        self._used: set[str] = set()

    def add(self, table: Table) -> None:
        """The jobs of a table. One with a mistake makes no more of them."""
        command = table.data.get("command")
        if command is None:
            self.faults.add(table.line(), 'the job has no command; give one, such as command = "grid"')
        elif not self.commands.makes_files(command):
            near = near_names(command, self.commands.names())
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(self.commands.names())}"
            self.faults.add(table.line("command"), f"no command '{command}' makes files: {hint}")
        else:
            from .table import jobs_of

            with self.faults.at(table.line()):
                self.jobs += jobs_of(self, table, command)

    def finish(self, folder: Path) -> None:
        """Looks at what only all jobs together can have wrong."""
        for name in self.run.get("options", {}):
            if name not in self._used:
                self.faults.add(self.lines.at("run", "options", name), f"no job has an option '{name}'")
        written: dict[str, Job] = {}
        sources = {os.path.realpath(path) for path in {path for job in self.jobs for path in job.inputs}}
        names = {os.path.basename(path) for path in sources}
        for job in self.jobs:
            names_met: set[str] = set()
            for file in job.files:
                other = written.setdefault(file.casefold(), job)
                if other is not job or file.casefold() in names_met:
                    self.faults.add(job.line, _twice(file, other, job))
                names_met.add(file.casefold())
                if os.path.basename(file) in names and os.path.realpath(folder / file) in sources:
                    self.faults.add(job.line, f"{folder / file} would be written over, and jobs are drawn from it")

    def value(self, command: str, name: str, value: Any) -> tuple[str, Word] | None:
        """As ``Commands.value``, looked up once for each value."""
        key = (command, name, tuple(value) if isinstance(value, list) else (type(value), value))
        if key not in self._values:
            self._values[key] = self.commands.value(command, name, value)
        return self._values[key]

    def run_options(self, command: str) -> dict[str, Any]:
        """Those options of [run] that a command has."""
        has = self.commands.options(command)
        found = {name: value for name, value in self.run.get("options", {}).items() if name in has}
        self._used |= found.keys()
        return found

    def rehearsed(self, job: Job) -> Rehearsed:
        """What a rehearsal says of jobs with these options; of each option the first values are rehearsed.

        Raises UserError for what the command finds wrong.
        """
        shape = (job.command, job.options.get("preset"), frozenset(job.options), len(job.arguments) > 1)
        met = self._met.setdefault(shape, {})
        new = False
        for name, value in job.options.items():
            known = met.setdefault(name, set())
            if value not in known and len(known) < MOST_VALUES:
                known.add(value)
                new = True
        if new or shape not in self._rehearsed:
            found = self.commands.rehearse(job.bare_words, job.outputs)
            self._rehearsed.setdefault(shape, found)
        return self._rehearsed[shape]


def _twice(file: str, first: Job, second: Job) -> str:
    """Two jobs that write one file, with what tells them apart."""
    if first is second:
        return f"two outputs of a job would be '{file}'; give them different names"
    apart = [name for name, value in second.values.items() if first.values.get(name) != value]
    if first.line != second.line:
        return f"'{file}' is written by the job of line {first.line} too; give them different names or outputs"
    told = f"{{{apart[0]}}}" if apart else "{n}"
    return f"two jobs would write '{file}'; put {told} into the output's name"
