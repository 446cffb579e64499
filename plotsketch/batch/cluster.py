"""A run's jobs on the workers of a Dask cluster.

A worker does a job in a temporary folder of its own and hands back the files as bytes; they are written here, one job
at a time and each file whole or not at all. So machines need no folder in common, a worker that dies leaves nothing
in the run's folder, and a job that Dask had to do again is still written once.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import itertools
import json
import platform
import re
import secrets
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from plotsketch import __version__
from plotsketch.errors import UserError
from plotsketch.files import write_atomically

from .job import Job
from .preview import preview_path
from .work import Commands, Outcome, Place, do

if TYPE_CHECKING:
    from distributed import Client, Future

ADDRESS = re.compile(r"(tcp|tls|ws|wss)://(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):\d{1,5}")
PATIENCE = 10  # seconds until a scheduler answers, and until it has a worker
MOST_UNDERWAY = 256  # jobs with the cluster at a time: their files wait in the workers' memory
# Of these, workers must have what we have: others may draw other bytes or not understand one another.
SAME = ("distributed", "numpy", "torch", "shapely", "vpype")
# A worker may have several threads, and a job needs the process for itself: it changes the working folder.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Done:
    """What a worker hands back: the outcome, and the files by their names in the run's folder."""

    outcome: Outcome
    contents: Mapping[str, bytes]


def check_address(address: str) -> None:
    """Raises UserError for what is no address of a scheduler, and where ``distributed`` is not installed."""
    if not ADDRESS.fullmatch(address):
        raise UserError(f"--cluster {address} is no scheduler's address; give one such as tcp://192.168.0.7:8786")
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise UserError("--cluster needs Dask, which is not installed; pip install 'plotsketch[cluster]'") from error


def do_on_cluster(jobs: Iterable[Job], place: Place, commands: Commands, address: str) -> Iterator[Outcome]:
    """Does jobs on the cluster whose scheduler is at ``address``, and gives their outcomes as they come in.

    Each job has one outcome, and its files are in the run's folder by then. What no worker has begun when the iterator
    is closed (Ctrl-C) is taken back. Raises UserError where the scheduler cannot be reached, has no worker, is lost, or
    has workers with other versions.
    """
    check_address(address)
    wanted = list(jobs)
    if not wanted:
        return
    with _connected(address) as client:
        _check(client, address)
        yield from _outcomes(client, iter(wanted), place, commands, address)


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False, name="plotsketch")
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"no Dask scheduler answers at {address}; start one with 'dask scheduler'") from error
    try:
        yield client
    finally:
        with contextlib.suppress(OSError, TimeoutError):
            client.close(timeout=PATIENCE)


def _check(client: Client, address: str) -> None:
    """Raises UserError without workers, and for a machine that has not what we have."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise UserError(f"{address} has no workers; start some with 'dask worker {address}'") from error
    try:
        said = client.run_on_scheduler(_versions)
    except Exception as error:  # of any kind: it comes over as text
        said = error
    _check_machine("the scheduler", said)
    for worker, said in client.run(_versions, on_error="return").items():
        _check_machine(f"the worker {worker}", said)


def _check_machine(who: str, said: object) -> None:
    """Raises UserError for a machine that says other versions than ours, or an error."""
    if isinstance(said, dict):
        if different := _differences(_versions(), said):
            raise UserError(f"{who} has {different}; install the same versions on both")
    elif not isinstance(said, OSError):  # which is that of a machine that has just gone
        raise UserError(f"{who} cannot run plotsketch {__version__} ({said}); install it there")


def _versions() -> dict[str, str]:
    """What a file's bytes may hang on, beside the job."""
    found = {"plotsketch": __version__, "Python": ".".join(platform.python_version_tuple()[:2])}
    return found | {name: importlib.metadata.version(name) for name in SAME}


def _differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    told = (f"{name} {theirs.get(name)} (here: {ours[name]})" for name in ours if theirs.get(name) != ours[name])
    return ", ".join(told)


def _outcomes(client: Client, jobs: Iterator[Job], place: Place, commands: Commands, address: str) -> Iterator[Outcome]:
    from distributed import as_completed

    run = secrets.token_hex(4)  # Dask takes tasks of one name for one task, in whosever run they are
    underway: dict[str, tuple[Job, Future[Done]]] = {}

    def begin(job: Job) -> Future[Done]:
        key = f"plotsketch-{run}-{job.number}"
        future = client.submit(do_there, job, place, commands, _versions(), key=key, pure=False)
        underway[key] = job, future
        return future

    coming = as_completed([begin(job) for job in itertools.islice(jobs, MOST_UNDERWAY)], loop=client.loop)
    try:
        for future in coming:
            job, _ = underway.pop(future.key)
            yield _taken(future, job, place, address)
            future.release()  # the workers may forget its files
            for job in itertools.islice(jobs, 1):
                coming.add(begin(job))
    finally:
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):
            client.cancel([future for _, future in underway.values()])


def do_there(job: Job, place: Place, commands: Commands, versions: Mapping[str, str]) -> Done:
    """Does a job on a worker, in a folder that is gone afterwards."""
    from distributed import get_worker

    worker = get_worker()
    # in the worker's own folder, which Dask clears away after a worker that was killed
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(dir=worker.local_directory) as folder:
        base = place.base if Path(place.base).is_dir() else folder
        try:
            if different := _differences(versions, _versions()):  # a worker that came when the run was under way
                raise UserError(f"it has {different}; install the same versions on both")
            with contextlib.chdir(base):
                _check_inputs(job, commands)
        except UserError as error:
            return Done(Outcome(job.name, job.digest, error=f"the worker {worker.address} cannot do it: {error}"), {})
        outcome = do(job, Place(base, folder), commands)
        files = [*map(Path(folder).joinpath, outcome.files), preview_path(Path(folder), job.digest)]
        contents = {str(file.relative_to(folder)): file.read_bytes() for file in files if file.is_file()}
        return Done(_as_if_at(place.folder, folder, outcome), contents)


def _check_inputs(job: Job, commands: Commands) -> None:
    """Raises UserError where a job's model, drawings, files, presets or settings are missing here or are others than
    those that the plan was made with."""
    from .inputs import Inputs

    inputs, found = Inputs(), dict[str, str]()
    if "settings" in job.inputs:
        rehearsed = commands.rehearse(job.bare_words, job.outputs)
        found["settings"] = rehearsed.settings
        if "model" in job.inputs:
            named = job.options.get("model") or rehearsed.model
            model = str(named or inputs.of_model(job.arguments, rehearsed.usual))
            found["model"] = inputs.model(model)[1]
            for word in job.arguments:
                found |= inputs.drawing(word, model)
    found |= {word: inputs.file(word) for word in job.inputs.keys() - found.keys()}
    others = sorted(word for word, digest in job.inputs.items() if found[word] != digest)
    if others:
        raise UserError(f"{', '.join(others)}: not those of this run; copy them there")


def _as_if_at(home: str, folder: str, outcome: Outcome) -> Outcome:
    """The outcome with the run's folder in all its words, where the worker's stood."""
    ours, theirs = (json.dumps(path)[1:-1] for path in (home, folder))
    values = json.loads(json.dumps(asdict(outcome), default=str).replace(theirs, ours))
    return Outcome(**{**values, "files": outcome.files, "notes": tuple(values["notes"])})


def _taken(future: Future[Done], job: Job, place: Place, address: str) -> Outcome:
    """The outcome of a task that has come to its end, its files written. Raises UserError where the cluster is gone."""
    from distributed import CancelledError, KilledWorker

    try:
        done = future.result()
    except KilledWorker as error:
        died = f"{error.allowed_failures + 1} workers died over it, one after the other; it may need more memory"
        return Outcome(job.name, job.digest, error=died)
    except CancelledError as error:
        lost = f"the scheduler at {address} is gone; what was done is kept, and the same command goes on from there"
        raise UserError(lost) from error
    except Exception as error:  # whatever a worker's machine is missing; the other jobs go on
        return Outcome(job.name, job.digest, error=f"{type(error).__name__}: {error}")
    return done.outcome if done.outcome.error else _written(done, Path(place.folder))


def _written(done: Done, folder: Path) -> Outcome:
    outcome = done.outcome
    try:
        for name, content in sorted(done.contents.items()):
            if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
                raise UserError(f"a worker handed back {name}, which does not belong in {folder}")
            write_atomically(folder / name, content)
    except UserError as error:  # a full disk
        return Outcome(outcome.name, outcome.digest, seconds=outcome.seconds, notes=outcome.notes, error=str(error))
    return outcome
