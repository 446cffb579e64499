"""A run's manifest: one TOML file that says which sheets are to be made, looked at whole before any is.

``[run]`` has what holds for all jobs, each ``[[job]]`` makes one sheet or many. ``docs/batch.md`` says what may stand
there; ``plan.py`` makes jobs of it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotsketch.errors import UserError
from plotsketch.strokes.reference import near_names

from .commands import Commands
from .expand import MOST_JOBS
from .faults import Faults
from .job import Job
from .plan import Planner, Table
from .toml_lines import TomlLines
from .work import Place

VERSION = 1  # raised when an older plotsketch would misread the file
KEYS = ("run", "job")
RUN_KEYS = {"version": int, "folder": str, "output": (str, list), "options": dict}
JOB_KEYS = {
    "name": str, "command": str, "drawings": (str, list), "file": str, "output": (str, list), "preset": str,
    "options": dict, "each": dict, "zip": dict, "edition": (bool, int), "steps": (str, list),
}  # fmt: skip
LARGEST_FILE = 64 << 20  # bytes
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_TYPES = {str: "a text", int: "a whole number", dict: "a table", (str, list): "a text or a list of them",
          (bool, int): "true or a number"}  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """A manifest that has nothing wrong with it; ``folder`` is where files go, and references are read from the
    manifest's own folder."""

    path: Path
    folder: Path
    jobs: tuple[Job, ...]

    @property
    def place(self) -> Place:
        return Place(str(self.path.parent), str(self.folder))


def read_manifest(path: Path | str, commands: Commands) -> Manifest:
    """Raises UserError with all that is wrong with a manifest, a line each with its place: ``run.toml:12: ...``."""
    with _without_collector():
        return _read(Path(os.path.abspath(path)), commands)


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """What is made inside stays, and the collector of garbage would go over all of it again and again, later too."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def _read(path: Path, commands: Commands) -> Manifest:
    faults = Faults(path.name)
    text = _text(path)
    values = _toml(text, faults)
    lines = TomlLines(text)
    run, tables = _checked(values, lines, faults)
    folder = path.parent / str(run.get("folder", path.stem))
    planner = Planner(commands, faults, run, lines)
    with contextlib.chdir(path.parent):
        for index, data in enumerate(tables):
            if data is not None:
                planner.add(Table(index, data, lines))
            if len(planner.jobs) > MOST_JOBS:
                faults.add(lines.at("job", index), f"a run has {MOST_JOBS:,} jobs at most; split it")
                break
        planner.finish(folder)
    faults.refuse()
    return Manifest(path, folder, tuple(planner.jobs))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise UserError(f"{path} is larger than {LARGEST_FILE >> 20} MiB; split it")
        return data.decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(f"{path.name}:{line}: this is no UTF-8, as TOML is") from error


def _toml(text: str, faults: Faults) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _AT.search(str(error))
        line = int(place[1]) if place and place[1] else text.rstrip("\n").count("\n") + 1
        faults.add(line, f"this is no TOML: {_AT.sub('', str(error))}")
    except RecursionError:
        faults.add(1, "this is no manifest: it is nested too deep")
    faults.refuse()
    raise AssertionError


def _checked(
    values: Mapping[str, Any], lines: TomlLines, faults: Faults
) -> tuple[dict[str, Any], list[dict[str, Any] | None]]:
    """[run] and the [[job]] tables, None for one with a key or a type that it may not have. Raises UserError for a
    manifest that this version does not know, and for one without jobs."""
    run, jobs = values.get("run", {}), values.get("job", [])
    if not isinstance(run, dict):
        faults.add(lines.at("run"), "run is a table; write [run]")
        faults.refuse()
    version = run.get("version", VERSION)
    if isinstance(version, int) and not isinstance(version, bool) and version != VERSION:
        newer = f"the manifest is of version {version}, and this plotsketch reads version {VERSION}; take a newer one"
        faults.add(lines.at("run", "version"), newer if version > VERSION else "versions begin at 1")
        faults.refuse()
    _check_keys(values, dict.fromkeys(KEYS), (), lines, faults)
    _check_keys(run, RUN_KEYS, ("run",), lines, faults)
    if not isinstance(jobs, list) or not all(isinstance(job, dict) for job in jobs):
        faults.add(lines.at("job"), "jobs are a list of tables; write [[job]], with two brackets")
        faults.refuse()
    if not jobs:
        faults.add(1, "there is no job; write [[job]] and its command")
    sound = [_check_keys(job, JOB_KEYS, ("job", index), lines, faults) for index, job in enumerate(jobs)]
    return run, [job if ok else None for job, ok in zip(jobs, sound, strict=True)]


def _check_keys(
    table: Mapping[str, Any], known: Mapping[str, Any], path: tuple[str | int, ...], lines: TomlLines, faults: Faults
) -> bool:
    """Whether a table has known keys of the right types alone."""
    sound = True
    for key, value in table.items():
        if key not in known:
            sound = False
            faults.add(lines.at(*path, key), f"{_place(path)} has no '{key}'{_hint(key, known)}")
        elif (kind := known[key]) is not None and not _is(value, kind):
            sound = False
            faults.add(lines.at(*path, key), f"{key} = {value!r}; it takes {_TYPES[kind]}")
    return sound


def _is(value: Any, kind: Any) -> bool:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _hint(key: str, known: Iterable[str]) -> str:
    near = near_names(key, known, limit=1)
    return f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(known)}; options stand under options"


def _place(path: tuple[str | int, ...]) -> str:
    return {0: "a manifest", 1: "[run]"}.get(len(path), "a [[job]]")
