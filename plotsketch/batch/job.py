"""One job of a run: a command of plotsketch with its options, and the files that come of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from plotsketch import __version__

Word = str | bool | tuple[str, ...]
Options = Mapping[str, Word]


@dataclass(frozen=True)
class Step:
    """A command that is done to a job's first file, or to one of its ``outputs``: ``estimate``, ``convert`` ..."""

    command: str
    options: Options
    outputs: tuple[str, ...] = ()
    file: str = ""

    def words(self, folder: Path) -> list[str]:
        """The command line, without ``plotsketch``."""
        return _words(self.command, [str(folder / self.file)], self.options, [folder / name for name in self.outputs])


@dataclass(frozen=True)
class Job:
    """A line of a run's plan, in JSON's types: it is handed to other processes and machines as it is.

    ``name`` is the only one of its kind in the run and ``number`` counts from 1; ``line`` is where the manifest has the
    table that it comes from. ``options`` are by their names on the command line, ``outputs`` by their names in the
    run's folder. ``values`` are the parameters that tell it from others of its table. ``model`` is the file of the
    checkpoint that draws ("" for a command that draws nothing), ``cells`` says how many drawings (0: nobody knows),
    and ``inputs`` has the digest of all that the result hangs on beside these words: the checkpoint, files that are
    read, what presets and settings say.
    """

    name: str
    number: int
    line: int
    command: str
    arguments: tuple[str, ...] = ()
    options: Options = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    cells: int = 0
    inputs: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """The same for jobs that make the same files."""
        steps = [(step.command, dict(step.options), step.outputs, step.file) for step in self.steps]
        words = [self.command, self.arguments, dict(self.options), self.outputs]
        meant = [__version__, words, dict(self.inputs), steps]
        return hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def files(self) -> tuple[str, ...]:
        """All names in the run's folder that the job and its steps write to."""
        return (*self.outputs, *(name for step in self.steps for name in step.outputs))

    def words(self, folder: Path) -> list[str]:
        """The command line that makes the files, without ``plotsketch``."""
        return _words(self.command, self.arguments, self.options, [folder / name for name in self.outputs])

    @property
    def bare_words(self) -> list[str]:
        """The command line without the files to be written."""
        return _words(self.command, self.arguments, self.options, [])

    def to_dict(self) -> dict[str, Any]:
        """In JSON's types; ``of`` reads it back."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Job:
        """What ``to_dict`` gave, through JSON or not."""
        steps = tuple(Step(**{**step, **_tuples(step)}) for step in values["steps"])
        return cls(**{**values, **_tuples(values), "steps": steps, "options": _tupled(values["options"])})


def _words(command: str, arguments: Any, options: Options, outputs: Any) -> list[str]:
    """Options before arguments, so that none of these is taken for one."""
    words = [command]
    for name, value in options.items():
        if value is True:
            words.append(f"--{name}")
        else:
            words += [f"--{name}={item}" for item in (value if isinstance(value, tuple) else (value,))]
    words += [f"--output={path}" for path in outputs]
    return [*words, *(["--", *arguments] if arguments else [])]


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """The lists among ``values`` as tuples, as dataclasses have them; options by themselves."""
    found: dict[str, Any] = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return found | ({"options": _tupled(values["options"])} if "options" in values else {})


def _tupled(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
