"""What a run has done, kept in its folder: a line of JSON a job, so that a run goes on where it was left.

A line is one write to the end of the file: a process that is killed leaves whole lines, and a last one that is cut
short (a full disk) is passed over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plotsketch.errors import UserError
from plotsketch.files import hold

from .work import Outcome

NAME = ".plotsketch-run.jsonl"
LOCK = ".plotsketch-run.lock"
TEMPORARY = ".plotsketch-*.tmp"  # files.write_atomically's, left by who was killed


class Journal:
    """Of one folder: ``outcomes`` are the latest, by the jobs' names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / NAME
        self.outcomes: dict[str, Outcome] = {}
        self._files: dict[str, dict[str, list[Any]]] = {}
        self._torn = False
        with contextlib.suppress(FileNotFoundError):
            self._read()

    def is_done(self, name: str, digest: str) -> bool:
        """Whether that very job was done and its files are as it left them."""
        known = self.outcomes.get(name)
        if known is None or known.error or known.digest != digest:
            return False
        return all(_is_same(self.folder / file, marks) for file, marks in self._files[name].items())

    def add(self, outcome: Outcome) -> None:
        """Notes an outcome. Raises UserError where the system refuses."""
        try:
            marks = {name: _marks(self.folder / name) for name in outcome.files}
            record = {
                "name": outcome.name, "digest": outcome.digest, "files": marks, "seconds": outcome.seconds,
                "figures": dict(outcome.figures), "notes": outcome.notes, "error": outcome.error,
            }  # fmt: skip
            self._append(("\n" if self._torn else "") + json.dumps(record, default=str) + "\n")
            self._torn = False
        except OSError as error:
            self._torn = True
            raise UserError(f"cannot write {self.path}: {error.strerror or error}") from error
        self.outcomes[outcome.name] = outcome
        self._files[outcome.name] = marks

    def _append(self, text: str) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            data = text.encode()
            if os.write(file, data) < len(data):
                raise OSError(None, "the disk is full")
        finally:
            os.close(file)

    def _read(self) -> None:
        text = self.path.read_bytes().decode("utf-8", "replace")
        self._torn = bool(text) and not text.endswith("\n")
        for line in text.split("\n"):
            with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
                record = json.loads(line)
                files = {str(name): list(marks) for name, marks in record["files"].items()}
                outcome = Outcome(
                    record["name"], record["digest"], tuple(files), float(record["seconds"]), dict(record["figures"]),
                    tuple(record["notes"]), record["error"],
                )  # fmt: skip
                self.outcomes[outcome.name], self._files[outcome.name] = outcome, files


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds a run's folder, and clears away what a run that was killed left half-written in it.

    Raises UserError where another run is at work in it, and where the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror or error}") from error
    try:
        if not hold(file):
            raise UserError(f"another run is at work in {folder}; wait for it, or give this one a folder of its own")
        clear(folder)
        yield
    finally:
        os.close(file)


def clear(folder: Path) -> None:
    """Removes half-written files of processes that are gone."""
    for left in folder.rglob(TEMPORARY):
        with contextlib.suppress(OSError):
            left.unlink()


def _marks(path: Path) -> list[Any]:
    """Size, time of change and digest of a file."""
    found = path.stat()
    with path.open("rb") as file:
        return [found.st_size, found.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest()[:16]]


def _is_same(path: Path, marks: list[Any]) -> bool:
    """By size and time; by its content where only the time is another, as of a folder that was copied."""
    try:
        found = path.stat()
        if found.st_size != marks[0]:
            return False
        return bool(found.st_mtime_ns == marks[1] or _marks(path)[2] == marks[2])
    except (OSError, IndexError):
        return False
