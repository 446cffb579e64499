"""Runs on a Dask cluster: a real scheduler and real workers on this machine, one of them killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from plotsketch.art.provenance import file_digest
from plotsketch.batch.cluster import check_address, do_on_cluster
from plotsketch.batch.job import Job
from plotsketch.batch.work import Place
from plotsketch.errors import UserError

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'plotsketch[cluster]'")

HERE = Path(__file__).resolve().parent
LONGEST_WAIT = 30.0  # seconds for what takes one or two


class Writer:
    """Commands for tests: writes the job's files, and a line in a ledger when it begins and when it is done.

    The commands are ``write TEXT``, which waits for a file named ``go`` beside the ledger, and ``fail``, ``break`` and
    ``die``.
    """

    def __init__(self, ledger: Path) -> None:
        self.ledger = ledger

    def run(self, words: Sequence[str]) -> tuple[Mapping[str, Any], Sequence[str]]:
        outputs = [word.removeprefix("--output=") for word in words if word.startswith("--output=")]
        self._note("begun", words[-1])
        match words[0]:
            case "fail":
                raise UserError(f"cannot draw {outputs[0]}; draw something else")
            case "break":
                raise RuntimeError("this worker's machine is broken")
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
        until(self.ledger.with_name("go").exists)
        for output in map(Path, outputs):
            output.parent.mkdir(exist_ok=True)
            output.write_text(words[-1])
        self._note("done", words[-1])
        return {"files": outputs, "ink_metres": 2.5, "first": outputs[0]}, [f"wrote {outputs[0]}"]

    def _note(self, what: str, text: str) -> None:
        with self.ledger.open("a") as ledger:
            ledger.write(f"{what} {text} {os.getpid()}\n")


class Cluster:
    """Processes of a scheduler and of workers, with a folder for what they write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        said = folder / "scheduler.json"
        twice = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}  # Dask's own word is 3
        self.scheduler = self._start("dask_scheduler", "--port", "0", "--scheduler-file", said, **twice)
        until(lambda: said.exists() and said.read_text().strip().endswith("}"))
        self.address = json.loads(said.read_text())["address"]

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        wishes = ("--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--local-directory", self.folder / "work")
        self.workers.append(self._start("dask_worker", self.address, *wishes, **environment))
        return self.workers[-1]

    def _start(self, program: str, *words: object, **environment: str) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join([str(HERE), str(HERE.parent)])
        line = [sys.executable, "-m", f"distributed.cli.{program}", *map(str, words)]
        line += ["--no-dashboard", "--host", "127.0.0.1"]
        with (self.folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen(
                line, env={**os.environ, "PYTHONPATH": paths, **environment}, cwd=self.folder, stdout=log, stderr=log
            )

    def stop(self, *processes: subprocess.Popen[bytes]) -> None:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.stop(made.scheduler)


@pytest.fixture
def cluster(scheduler: Cluster) -> Iterator[Cluster]:
    """Without workers."""
    yield scheduler
    scheduler.stop(*scheduler.workers)
    scheduler.workers.clear()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "run").mkdir()
    return Place(str(tmp_path), str(tmp_path / "run"))


def until(true: Callable[[], bool]) -> None:
    """Waits for another process."""
    patience = time.monotonic() + LONGEST_WAIT
    while not true():
        assert time.monotonic() < patience, "another process did not come so far"
        time.sleep(0.01)


def job(number: int, command: str = "write") -> Job:
    name = f"sheet-{number:03}"
    return Job(name, number, 7, command, arguments=(f"text-{number}",), outputs=(f"{name}.svg", f"more/{name}.txt"))


def told(ledger: Path, what: str) -> list[tuple[str, int]]:
    """The texts that were begun or done, with the process that did."""
    lines = [line.split() for line in ledger.read_text().splitlines()] if ledger.exists() else []
    return [(text, int(process)) for kind, text, process in lines if kind == what]


def test_the_jobs_of_a_killed_worker_are_done_by_another(cluster: Cluster, place: Place, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    killed, other = cluster.start_worker(), cluster.start_worker()
    jobs = [job(25, "fail"), *(job(number) for number in range(1, 25))]
    outcomes = []
    with closing(do_on_cluster(jobs, place, Writer(ledger), cluster.address)) as coming:
        outcomes.append(next(coming))  # the failure; all others wait
        until(lambda: {process for _, process in told(ledger, "begun")} >= {killed.pid, other.pid})
        killed.kill()
        killed.wait()
        ledger.with_name("go").touch()
        outcomes += coming

    assert sorted(outcome.name for outcome in outcomes) == sorted(made.name for made in jobs)
    failed = {outcome.name: outcome.error for outcome in outcomes if outcome.error}
    assert failed == {"sheet-025": f"cannot draw {place.folder}/sheet-025.svg; draw something else"}
    done = [text for text, _ in told(ledger, "done")]
    assert sorted(done) == sorted(f"text-{number}" for number in range(1, 25)), "each is done, and none twice"
    assert {process for _, process in told(ledger, "done")} == {other.pid}
    files = {str(file.relative_to(place.folder)) for file in Path(place.folder).rglob("*") if file.is_file()}
    assert files == {name for made in jobs[1:] for name in made.outputs}
    assert Path(place.folder, "more/sheet-007.txt").read_text() == "text-7"
    outcome = next(outcome for outcome in outcomes if outcome.name == "sheet-007")
    assert outcome.files == ("sheet-007.svg", "more/sheet-007.txt")
    assert outcome.figures == {"ink_metres": 2.5, "first": f"{place.folder}/sheet-007.svg"}, "as if it were done here"
    assert outcome.notes == (f"wrote {place.folder}/sheet-007.svg",)


def test_what_a_worker_cannot_do_fails_and_nothing_else(cluster: Cluster, place: Place, tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    (tmp_path / "cat.svg").write_text("<svg/>")
    (tmp_path / "run" / "sheet-003.svg").mkdir()  # where the file cannot go
    ledger = tmp_path / "ledger"
    cluster.start_worker()
    same = replace(job(4), inputs={"cat.svg": file_digest(tmp_path / "cat.svg")})
    other = replace(job(5), inputs={"cat.svg": "0123456789ab"})
    gone = replace(job(6), inputs={"dog.svg": "0123456789ab"})
    jobs = [job(1), job(2, "break"), job(3), same, other, gone]
    errors = {made.name: made.error for made in do_on_cluster(jobs, place, Writer(ledger), cluster.address)}
    assert errors["sheet-001"] == errors["sheet-004"] == ""
    assert errors["sheet-002"].endswith("RuntimeError: this worker's machine is broken")
    assert "cannot write" in errors["sheet-003"]
    assert "cannot do it: cat.svg: not those of this run" in errors["sheet-005"]
    assert "dog.svg" in errors["sheet-006"]
    assert [text for text, _ in told(ledger, "begun")] == ["text-1", "text-2", "text-3", "text-4"]


def test_a_cluster_makes_what_one_machine_makes(
    cluster: Cluster, tmp_path: Path, plotsketch: Callable[..., Result]
) -> None:
    cluster.start_worker()
    for name, wishes in (("here", ["--jobs", 1]), ("there", ["--cluster", cluster.address])):
        (tmp_path / f"{name}.toml").write_text(
            '[[job]]\ncommand = "grid"\ndrawings = ["cat-head", "pig-full"]\nsteps = ["estimate"]\n'
            "options = { rows = 1, cols = 2, best-of = 1 }\neach = { seed = [1, 2] }\n"
        )
        done = plotsketch("batch", tmp_path / f"{name}.toml", *wishes)
        assert done.exit_code == 0, done.output
    files = [{f.name: f.read_bytes() for f in (tmp_path / name).rglob("*.[sp][vn]g")} for name in ("here", "there")]
    assert files[0] == files[1]
    assert len(files[0]) == 4, "two sheets and their previews"
    reports = [json.loads((tmp_path / name / "report.json").read_text()) for name in ("here", "there")]
    assert reports[0]["totals"] == reports[1]["totals"]
    assert plotsketch("batch", tmp_path / "there.toml").stdout.startswith("0 done, 2 there already")


def test_a_job_that_kills_its_workers_fails(cluster: Cluster, place: Place, tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    ledger = tmp_path / "ledger"
    for _ in range(2):
        cluster.start_worker()
    coming = do_on_cluster([job(1, "die")], place, Writer(ledger), cluster.address)
    assert [made.error for made in coming] == ["2 workers died over it, one after the other; it may need more memory"]


def test_what_has_not_begun_is_taken_back(cluster: Cluster, place: Place, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    cluster.start_worker()
    coming = do_on_cluster([job(1, "fail"), *map(job, range(2, 20))], place, Writer(ledger), cluster.address)
    next(coming)
    until(lambda: len(told(ledger, "begun")) == 2)
    coming.close()  # as Ctrl-C does
    ledger.with_name("go").touch()
    outcomes = list(do_on_cluster([job(20)], place, Writer(ledger), cluster.address))
    assert [made.error for made in outcomes] == [""]
    assert [text for text, _ in told(ledger, "begun")] == ["text-1", "text-2", "text-20"]
    assert [file.name for file in Path(place.folder).glob("*.svg")] == ["sheet-020.svg"]


def test_a_worker_with_another_version_is_named(cluster: Cluster, place: Place, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import plotsketch\nplotsketch.__version__ = '0.0.1'\n")
    worker = cluster.start_worker(PYTHONPATH=os.pathsep.join([str(tmp_path), str(HERE), str(HERE.parent)]))
    with pytest.raises(UserError, match=r"has plotsketch 0\.0\.1 \(here: .*install the same versions"):
        list(do_on_cluster([job(1)], place, Writer(tmp_path / "ledger"), cluster.address))
    assert worker.poll() is None, "the worker goes on for others"
    assert not (tmp_path / "ledger").exists()


def test_a_worker_without_plotsketch_is_told_of(cluster: Cluster, place: Place, tmp_path: Path) -> None:
    hidden = "import sys\nsys.modules['plotsketch'] = None\n"  # as if it were not installed
    (tmp_path / "sitecustomize.py").write_text(hidden)
    cluster.start_worker(PYTHONPATH=str(tmp_path))
    with pytest.raises(UserError, match=r"the worker tcp://.* cannot run plotsketch .*; install it there"):
        list(do_on_cluster([job(1)], place, Writer(tmp_path / "ledger"), cluster.address))


def test_a_scheduler_that_goes_away_ends_the_run(place: Place, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    cluster = Cluster(own)
    cluster.start_worker()
    coming = do_on_cluster([job(1, "fail"), job(2)], place, Writer(tmp_path / "ledger"), cluster.address)
    next(coming)
    cluster.stop(cluster.scheduler, *cluster.workers)
    with pytest.raises(UserError, match="is gone; what was done is kept"):
        next(coming)


def test_a_scheduler_that_does_not_answer_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plotsketch.batch.cluster.PATIENCE", 0.3)
    with pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9; start one"):
        list(do_on_cluster([job(1)], place, Writer(Path("l")), "tcp://127.0.0.1:9"))


def test_a_scheduler_without_workers_is_named(cluster: Cluster, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plotsketch.batch.cluster.PATIENCE", 1.0)
    with pytest.raises(UserError, match="has no workers; start some with 'dask worker"):
        list(do_on_cluster([job(1)], place, Writer(Path("l")), cluster.address))


@pytest.mark.parametrize("address", ["", "127.0.0.1:8786", "tcp://", "tcp://host", "http://host:1", "tcp://a b:1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UserError, match="no scheduler's address"):
        check_address(address)
