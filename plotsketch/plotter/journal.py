"""What a plot has done, on disk as it is done: a folder a plot, with its plan and how far it came.

``plan.npz`` has the strokes, ``job.json`` the machine, the page, the layers and what the plot was asked for.
``progress`` grows by a line at every step: what is in it was true when it was written, whatever became of the process
since. A line is one write to the end of the file; a last one that a full disk cut short is passed over.

| line | says |
|---|---|
| ``copy 1`` | the second copy begins; what follows counts its strokes |
| ``begin 17`` | stroke 17 (from 0) goes to the machine now, so that some of it may be on paper |
| ``sent 18`` | strokes 0 to 17 were handed to the machine whole |
| ``ink 18`` | strokes 0 to 17 are known to be on paper |
| ``part 18 12.5`` | of stroke 18 the first 12.5 mm are on paper, and the pen is up |
| ``parked`` | the pen was brought home, where it is when the plot goes on, unless somebody moved it |
| ``done`` | the last copy is drawn |
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from plotsketch.config import config_file
from plotsketch.errors import UserError
from plotsketch.files import hold, write_atomically
from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import Machine
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke

FORMAT = 1
PLAN, JOB, PROGRESS, LOCK = "plan.npz", "job.json", "progress", "lock"
NAMED = 5  # plots, at most, that a message names
SYNC_SECONDS = 1.0  # at most so much of a plot is unknown after the computer's own power cut


@dataclass(frozen=True)
class Progress:
    """How far a plot has come: `copy` from 0, and of that copy strokes handed over whole (`sent`), known to be on paper
    (`inked`) and, of the stroke after these, `part` mm that are. ``begun``: whether stroke `sent` was begun;
    ``is_parked``: whether the pen was brought home since."""

    copy: int = 0
    sent: int = 0
    inked: int = 0
    part: float = 0.0
    begun: bool = False
    is_parked: bool = False
    is_done: bool = False

    def after(self, line: str) -> Progress:
        """What a further line of the file says. Raises ValueError for a line that is none."""
        word, *numbers = line.split()
        match word, [float(number) for number in numbers]:
            case "copy", [copy]:
                return Progress(copy=int(copy))
            case "begin", [stroke]:
                part = self.part if stroke == self.sent else 0.0
                return replace(self, sent=int(stroke), begun=True, is_parked=False, part=part)
            case "sent", [count]:
                return replace(self, sent=int(count), begun=False, part=0.0)
            case "ink", [count]:
                return replace(self, inked=int(count))
            case "part", [stroke, mm]:
                return replace(self, sent=int(stroke), inked=int(stroke), part=mm, begun=False)
            case "parked", []:
                return replace(self, is_parked=True)
            case "done", []:
                return replace(self, is_done=True)
        raise ValueError(line)


class Job:
    """A plot's folder. ``facts``: what it was asked for (the sheet's name, copies, when it was begun ...)."""

    def __init__(self, folder: Path, plan: Plan, facts: Mapping[str, Any], progress: Progress) -> None:
        self.folder = folder
        self.plan = plan
        self.facts = dict(facts)
        self.progress = progress
        self._file: int | None = None
        self._synced = 0.0

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def copies(self) -> int:
        return int(self.facts.get("copies", 1))

    @property
    def has_begun(self) -> bool:
        """Whether any stroke was handed to a machine, in this sitting or another."""
        return b"begin" in (self.folder / PROGRESS).read_bytes() if (self.folder / PROGRESS).exists() else False

    @classmethod
    def create(cls, plan: Plan, sheet: str, facts: Mapping[str, Any], progress: Progress = Progress()) -> Job:
        """A new folder among the user's plots, for a plan of the file ``sheet``, all its strokes before ``progress``
        taken for drawn. Raises UserError where it cannot be written."""
        began = time.strftime("%Y-%m-%d %H:%M:%S")
        folder = _new_folder(f"{Path(sheet).stem}-{began.translate(str.maketrans(' ', '-', '-:'))}")
        job = cls(folder, plan, {"sheet": sheet, "began": began, **facts}, progress)
        try:
            write_atomically(folder / PLAN, _strokes_bytes(plan))
            write_atomically(folder / JOB, json.dumps(job._as_data(), indent=1).encode())
            if progress.sent:
                job.begin_at(progress)
        except BaseException:  # a full disk: half a plot is none
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return job

    @classmethod
    def load(cls, name: str) -> Job:
        """The plot of that name. Raises UserError for a name that is none, naming near ones, and for a folder that
        holds no whole plot."""
        folder = check_job(name)
        try:
            data = json.loads((folder / JOB).read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                raise UserError(f"the plot '{name}' was begun by a newer plotsketch; go on with that one")
            plan = _plan(data, folder / PLAN)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"the plot in {folder} cannot be read ({error}); plot the sheet anew") from error
        return cls(folder, plan, data["facts"], _progress(folder / PROGRESS))

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Holds the plot's folder and lets ``write`` add to its progress. Raises UserError where another process plots
        it, and where it cannot be written."""
        try:
            lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
            self._file = os.open(self.folder / PROGRESS, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        except OSError as error:
            raise UserError(f"cannot write to {self.folder}: {error.strerror or error}") from error
        try:
            if not hold(lock):
                raise UserError(f"the plot '{self.name}' is being plotted by another process; wait for it or stop it")
            self._mend()
            yield
        finally:
            with contextlib.suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
            os.close(lock)
            self._file = None

    def is_running(self) -> bool:
        """Whether a process is plotting it."""
        return _is_held(self.folder)

    def write(self, line: str) -> None:
        """Adds a line to the progress, in the file before it is true here. Raises UserError where the disk refuses."""
        assert self._file is not None, "the job is not open"
        data = f"{line}\n".encode()
        try:
            if os.write(self._file, data) < len(data):
                raise OSError(None, "the disk is full")
            if time.monotonic() > self._synced + SYNC_SECONDS:
                os.fsync(self._file)
                self._synced = time.monotonic()
        except OSError as error:
            raise UserError(f"cannot write {self.folder / PROGRESS}: {error.strerror or error}") from error
        self.progress = self.progress.after(line)

    def begin_at(self, progress: Progress) -> None:
        """Sets the plot on to another stroke of the same copy, forward or back. Raises UserError as ``open`` does."""
        with self.open():
            self.set_on(progress)

    def set_on(self, progress: Progress) -> None:
        """As ``begin_at``, of a plot that is open."""
        self.write(f"copy {progress.copy}")
        self.write(f"sent {progress.sent}")
        self.write(f"ink {progress.inked}")

    def remove(self) -> None:
        """Forgets the plot. Raises UserError while it is plotted, and where its folder cannot be removed."""
        forget(self.name)

    def _mend(self) -> None:
        """Takes away a last line that was cut short: half of ``sent 17`` would say something else."""
        assert self._file is not None
        text = os.pread(self._file, os.fstat(self._file).st_size, 0)
        os.ftruncate(self._file, text.rfind(b"\n") + 1)

    def _as_data(self) -> dict[str, Any]:
        plan = self.plan
        layers = [{**asdict(layer), "code": asdict(layer.code)} for layer in plan.layers]
        return {
            "format": FORMAT, "facts": self.facts, "machine": asdict(plan.machine), "page": list(plan.page),
            "paper": plan.paper, "layers": layers,
        }  # fmt: skip


def jobs_folder() -> Path:
    """Where plots are kept: ``$PLOTSKETCH_JOBS``, else ``plots`` beside the user's configuration."""
    named = os.environ.get("PLOTSKETCH_JOBS")
    return Path(named).expanduser() if named else config_file().parent / "plots"


def job_names() -> list[str]:
    """The names of all plots, the latest first."""
    return [path.name for path in sorted(_folders(), key=lambda path: (path / JOB).stat().st_mtime, reverse=True)]


def check_job(name: str) -> Path:
    """The folder of the plot of that name, which lies in the folder of all plots and nowhere else. Raises UserError."""
    names = job_names()
    if name not in names:
        raise UserError(f"there is no plot '{name}'; {_near(name, names)}")
    return jobs_folder() / name


def forget(name: str) -> None:
    """Removes the plot of that name, be it readable or not. Raises UserError for a name that is none, while it is
    plotted, and where its folder cannot be removed."""
    folder = check_job(name)
    if _is_held(folder):
        raise UserError(f"the plot '{name}' is being plotted; stop it first")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise UserError(f"cannot remove {folder}: {error.strerror or error}") from error


def latest_unfinished() -> Job:
    """The plot that was begun last and is neither done nor under way. Raises UserError where there is none."""
    for name in job_names():
        with contextlib.suppress(UserError):
            job = Job.load(name)
            if not job.progress.is_done and not job.is_running():
                return job
    raise UserError("there is no plot to go on with; `plotsketch jobs` lists those that there are")


def _folders() -> list[Path]:
    folder = jobs_folder()
    return [path for path in folder.iterdir() if (path / JOB).is_file()] if folder.is_dir() else []


def _near(name: str, names: list[str]) -> str:
    """How the message goes on; `names` are all that there are, the latest first."""
    if not names:
        return "there is none at all yet"
    if near := get_close_matches(name, names, n=1, cutoff=0.5):
        return f"did you mean '{near[0]}'?"
    more = "" if len(names) <= NAMED else f" and {len(names) - NAMED} more; `plotsketch jobs` lists them"
    return f"there are {', '.join(names[:NAMED])}{more}" if len(names) > 1 else f"there is {names[0]} alone"


def _is_held(folder: Path) -> bool:
    """Whether a process is plotting the plot of that folder."""
    try:
        file = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        return not hold(file)
    finally:
        os.close(file)


def _new_folder(name: str) -> Path:
    """A folder of that name, or of the first free one like it."""
    for number in range(1, 1000):
        folder = jobs_folder() / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise UserError(f"cannot keep the plot's journal in {folder}: {error.strerror or error}") from error
    raise UserError(f"{jobs_folder()} has no room for another plot named {name}; see `plotsketch jobs remove`")


def _strokes_bytes(plan: Plan) -> bytes:
    points = [stroke.points for stroke in plan.strokes]
    buffer = io.BytesIO()
    np.savez(
        buffer,
        points=np.concatenate(points),
        counts=np.array([len(one) for one in points]),
        layer=np.array([stroke.layer for stroke in plan.strokes]),
    )
    return buffer.getvalue()


def _plan(data: Mapping[str, Any], path: Path) -> Plan:
    with np.load(path, allow_pickle=False) as arrays:
        parts = np.split(arrays["points"].astype(np.float64), np.cumsum(arrays["counts"])[:-1])
        strokes = tuple(Stroke(int(layer), part) for layer, part in zip(arrays["layer"], parts, strict=True))
    layers = tuple(PlanLayer(**{**layer, "code": LayerCode(**layer["code"])}) for layer in data["layers"])
    if any(not 0 <= stroke.layer < len(layers) or not len(stroke.points) for stroke in strokes):
        raise ValueError("its strokes belong to no layer")
    width, height = data["page"]
    return Plan(_machine(data["machine"]), (width, height), layers, strokes, data["paper"])


def _machine(values: Mapping[str, Any]) -> Machine:
    known = {field.name for field in fields(Machine)}
    pairs = {name: tuple(value) for name, value in values.items() if name in ("travel", "home")}
    return Machine(**{**{name: value for name, value in values.items() if name in known}, **pairs})


def _progress(path: Path) -> Progress:
    progress = Progress()
    with contextlib.suppress(FileNotFoundError):
        for line in path.read_bytes().decode("ascii", "replace").splitlines(keepends=True):
            if line.endswith("\n"):
                with contextlib.suppress(ValueError):
                    progress = progress.after(line)
    return progress
