"""Runs: what a manifest makes is what the command line makes, once, whatever happens on the way."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from plotsketch.batch.commands import Rehearsed
from plotsketch.batch.job import Job
from plotsketch.batch.journal import Journal, locked
from plotsketch.batch.manifest import Manifest, read_manifest
from plotsketch.batch.processes import do_here
from plotsketch.batch.run import processes_for, run, todo
from plotsketch.batch.work import Place
from plotsketch.cli.batch_commands import CommandLine
from plotsketch.errors import UserError
from plotsketch.files import write_atomically

Cli = Callable[..., Result]
DOCS = Path(__file__).resolve().parents[1] / "docs"

CARDS = """
[run]
output = "{name}-{seed:04}.svg"

[[job]]
name = "cards"
command = "grid"
drawings = ["cat-head", "pig-full"]
edition = 3
[job.options]
rows = 2
cols = 2
"""


class Scribe:
    """Stands in for the command line: every file gets its command line as its content. Job ``bad`` fails, ``dead``
    kills its process."""

    def makes_files(self, command: str) -> bool:
        return True

    def names(self) -> list[str]:
        return ["grid"]

    def reads_a_file(self, command: str) -> bool:
        return False

    def draws(self, command: str) -> bool:
        return False

    def options(self, command: str) -> Mapping[str, str]:
        return dict.fromkeys(("seed", "edition", "rows", "cols"), "one")

    def value(self, command: str, name: str, value: Any) -> tuple[str, str]:
        return name, str(value)

    def parse(self, words: Sequence[str]) -> None:
        pass

    def rehearse(self, words: Sequence[str], outputs: Sequence[str]) -> Rehearsed:
        return Rehearsed()

    def run(self, words: Sequence[str]) -> tuple[Mapping[str, Any], Sequence[str]]:
        if "--seed=3" in words and os.environ.get("SCRIBE") == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if "--seed=2" in words and os.environ.get("SCRIBE") == "fails":
            raise UserError("two is\nno number")
        files = [word.removeprefix("--output=") for word in words if word.startswith("--output=")]
        for file in files:
            write_atomically(file, " ".join(words).encode())
        return {"files": files, "cells": 4}, ["a remark"]


def manifest(folder: Path, text: str = CARDS, commands: Any = None) -> Manifest:
    path = folder / "run.toml"
    path.write_text(text if commands else "\n".join(line for line in text.splitlines() if "drawings" not in line))
    return read_manifest(path, commands or Scribe())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".svg")


def test_a_job_makes_the_bytes_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plotsketch: Cli
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.toml").write_text(
        CARDS.replace("rows = 2", "rows = 2\noptimize = true\npen = ['red', 'navy 0.5mm']")
    )
    done = plotsketch("batch", "run.toml", "--jobs", 1)
    assert done.exit_code == 0, done.stderr
    for n in (1, 2, 3):
        typed = f"grid cat-head pig-full --rows 2 --cols 2 --optimize --pen red --seed {n} --edition {n}/3 -o own.svg"
        assert plotsketch(*typed.split(), "--pen", "navy 0.5mm").exit_code == 0
        assert (tmp_path / "own.svg").read_bytes() == (tmp_path / f"run/cards-000{n}.svg").read_bytes()


def test_processes_and_their_number_make_no_difference(tmp_path: Path) -> None:
    contents = []
    for count in (1, 2):
        (folder := tmp_path / str(count)).mkdir()
        made = manifest(folder)
        place = Place("/", "/run")  # the same words for each
        outcomes = list(do_here(made.jobs, Place(str(tmp_path), str(made.folder)), Scribe(), count))
        assert {outcome.name for outcome in outcomes} == {job.name for job in made.jobs}
        assert all(outcome.figures == {"cells": 4} and outcome.notes == ("a remark",) for outcome in outcomes)
        contents.append([(made.folder / f).read_text().replace(str(folder), "") for f in names(made.folder)])
        assert place.folder == "/run"
    assert contents[0] == contents[1]
    assert len(contents[0]) == 3


def test_real_processes_draw_the_same(tmp_path: Path, plotsketch: Cli) -> None:
    (tmp_path / "run.toml").write_text(CARDS)
    for jobs in (1, 2):
        (tmp_path / f"{jobs}.toml").write_text(CARDS)
        assert plotsketch("batch", tmp_path / f"{jobs}.toml", "--jobs", jobs).exit_code == 0
    for name in names(tmp_path / "1"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_what_is_there_is_not_done_again(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    first = run(made, Scribe(), here())
    assert (len(first.done), len(first.skipped)) == (3, 0)
    again = run(made, Scribe(), here())
    assert (len(again.done), len(again.skipped)) == (0, 3)
    assert [outcome.figures for outcome in again.outcomes] == [outcome.figures for outcome in first.outcomes]
    assert len(run(made, Scribe(), here(), force=True).done) == 3


@pytest.mark.parametrize("harm", ["gone", "changed", "same size"])
def test_a_file_that_is_not_as_it_was_is_made_again(tmp_path: Path, harm: str) -> None:
    made = manifest(tmp_path)
    run(made, Scribe(), here())
    file = made.folder / "cards-0002.svg"
    right = file.read_bytes()
    file.unlink() if harm == "gone" else file.write_bytes(b"?" * (len(right) if harm == "same size" else 7))
    assert [outcome.name for outcome in run(made, Scribe(), here()).done] == ["cards-0002"]
    assert file.read_bytes() == right


def test_a_copied_folder_is_still_done(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    run(made, Scribe(), here())
    for name in names(made.folder):
        os.utime(made.folder / name, (1, 1))
    assert not todo(made).jobs


def test_only_what_changed_is_done_again(tmp_path: Path, plotsketch: Cli) -> None:
    (tmp_path / "cat.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1L8 8L1 5"/></svg>'
    )
    text = """
        [[job]]
        name = "own"
        command = "grid"
        drawings = ["cat.svg", "pig-full"]
        [job.options]
        rows = 1
        cols = 2
        [[job]]
        name = "other"
        command = "grid"
        drawings = ["cat-head", "pig-full"]
        [job.options]
        rows = 1
        cols = 2
        """
    before = {job.name: job.digest for job in manifest(tmp_path, text, CommandLine()).jobs}
    (tmp_path / "cat.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1L8 8L2 5"/></svg>'
    )
    after = {job.name: job.digest for job in manifest(tmp_path, text, CommandLine()).jobs}
    assert before["own-0001"] != after["own-0001"]
    assert before["other-0001"] == after["other-0001"]


def test_a_preset_that_changed_changes_the_job(tmp_path: Path) -> None:
    digests = set()
    for margin in ("1cm", "2cm", "2cm"):
        (tmp_path / "own.toml").write_text(f'about = "mine"\n[options]\nmargin = "{margin}"\n')
        text = CARDS.replace('command = "grid"', 'command = "grid"\npreset = "own.toml"')
        digests.add(manifest(tmp_path, text, CommandLine()).jobs[0].digest)
    assert len(digests) == 2


def test_a_failure_stops_nobody_and_is_told_with_its_line(tmp_path: Path, plotsketch: Cli) -> None:
    large = """
[[job]]
command = "grid"
drawings = ["cat-head", "pig-full"]
output = "too-large.hpgl"
options = {rows = 1, cols = 2, paper = "a2", machine = "hp7475a"}
"""
    (tmp_path / "run.toml").write_text(CARDS + large)
    done = plotsketch("batch", tmp_path / "run.toml", "--jobs", 1, "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert (said["done"], said["skipped"]) == (3, 0)
    assert [(failure["name"], failure["line"]) for failure in said["failed"]] == [("too-large", 14)]
    assert re.search(r"^run\.toml:14: too-large: .*HP 7475A", done.stderr, re.MULTILINE)
    assert names(tmp_path / "run") == ["cards-0001.svg", "cards-0002.svg", "cards-0003.svg"]
    again = json.loads(plotsketch("batch", tmp_path / "run.toml", "--jobs", 1, "--json").stdout)
    assert (again["done"], again["skipped"], len(again["failed"])) == (0, 3, 1)


def test_a_failure_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIBE", "fails")
    result = run(manifest(tmp_path), Scribe(), here())
    assert [outcome.error for outcome in result.outcomes] == ["", "two is no number", ""]


def test_a_process_that_dies_fails_its_job_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIBE", "dies")
    result = run(manifest(tmp_path), Scribe(), lambda *work: do_here(*work, processes=2))
    assert [bool(outcome.error) for outcome in result.outcomes] == [False, False, True]
    assert "SIGKILL" in result.outcomes[2].error


def test_killed_in_the_middle_it_goes_on_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = manifest(tmp_path)
    lines = [
        "import sys; sys.path.insert(0, sys.argv[1])", "from test_batch import *",
        "run(read_manifest(sys.argv[2], Scribe()), Scribe(), here())",
    ]  # fmt: skip
    words = [sys.executable, "-c", "\n".join(lines), Path(__file__).parent, tmp_path / "run.toml"]
    path = os.pathsep.join([str(DOCS.parent), os.environ.get("PYTHONPATH", "")])
    killed = subprocess.run(words, env={**os.environ, "SCRIBE": "dies", "PYTHONPATH": path}, check=False)
    assert killed.returncode == -signal.SIGKILL
    (made.folder / ".plotsketch-0123.tmp").write_bytes(b"half")  # of a file that was being written
    with (made.folder / ".plotsketch-run.jsonl").open("a") as journal:
        journal.write('{"name": "cards-00')  # and of a line
    result = run(made, Scribe(), here())
    assert [outcome.skipped for outcome in result.outcomes] == [True, True, False]
    assert names(made.folder) == ["cards-0001.svg", "cards-0002.svg", "cards-0003.svg"]
    assert not list(made.folder.glob("*.tmp"))
    assert not todo(made).jobs


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    made = manifest(tmp_path)

    def interrupted(outcome: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(made, Scribe(), lambda *work: do_here(*work, processes=2), told=interrupted)
    assert len(todo(made).there) == 1
    states = [entry["state"] for entry in json.loads((made.folder / "report.json").read_text())["entries"]]
    assert sorted(states) == ["done", "waiting", "waiting"]


def test_a_full_disk_is_a_line_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plotsketch: Cli) -> None:
    (tmp_path / "run.toml").write_text(CARDS)
    real = os.fsync
    written: list[int] = []

    def full(file: int) -> None:
        written.append(file)
        if len(written) > 2:  # a sheet and its preview
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file)

    with monkeypatch.context() as patched:
        patched.setattr("plotsketch.files.os.fsync", full)
        done = plotsketch("batch", tmp_path / "run.toml", "--jobs", 1)
    assert done.exit_code == 1
    told = [line for line in done.stderr.splitlines() if "No space left" in line and line.startswith("run.toml")]
    assert [re.sub(r".*(cards-\d+):.*", r"\1", line) for line in told] == ["cards-0002", "cards-0003"]
    assert done.stdout.rstrip().endswith("no report") and "report.json: No space left" in done.stderr
    assert names(tmp_path / "run") == ["cards-0001.svg"]
    assert not list((tmp_path / "run").rglob("*.tmp"))
    again = json.loads(plotsketch("batch", tmp_path / "run.toml", "--jobs", 1, "--json").stdout)
    assert (again["done"], again["skipped"]) == (2, 1)


def test_a_quiet_run_names_each_file_once_and_nothing_else(tmp_path: Path, plotsketch: Cli) -> None:
    (tmp_path / "run.toml").write_text(CARDS)
    done = plotsketch("batch", tmp_path / "run.toml", "--jobs", 1, "--quiet")
    assert done.stdout.splitlines() == [str(tmp_path / "run" / f"cards-000{n}.svg") for n in (1, 2, 3)]
    assert plotsketch("batch", tmp_path / "run.toml", "--quiet").output == ""


def test_two_runs_in_a_folder_are_refused(tmp_path: Path) -> None:
    with locked(tmp_path / "run"), pytest.raises(UserError, match="another run is at work"), locked(tmp_path / "run"):
        pass


def test_a_dry_run_says_what_and_how_long_and_leaves_nothing(tmp_path: Path, plotsketch: Cli) -> None:
    (tmp_path / "run.toml").write_text(CARDS)
    done = plotsketch("batch", tmp_path / "run.toml", "--dry-run")
    assert done.exit_code == 0, done.stderr
    assert "cards-0001: plotsketch grid --rows=2 --cols=2 --seed=1 --edition=1/3" in done.stdout
    assert re.search(r"3 jobs, 3 files in .*; 0 there already; about \d:\d\d", done.stdout)
    assert [path.name for path in tmp_path.iterdir()] == ["run.toml"]
    said = json.loads(plotsketch("batch", tmp_path / "run.toml", "--dry-run", "--json").stdout)
    assert [row["line"] for row in said["to_do"]] == [5, 5, 5]


def test_only_some(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    assert [outcome.name for outcome in run(made, Scribe(), here(), only="*-000[13]").done] == [
        "cards-0001",
        "cards-0003",
    ]
    assert [outcome.name for outcome in run(made, Scribe(), here()).done] == ["cards-0002"]
    with pytest.raises(UserError, match="no job's name fits --only 'dogs'; the first is cards-0001"):
        todo(made, "dogs")


def test_steps_and_formats(tmp_path: Path, plotsketch: Cli) -> None:
    (tmp_path / "run.toml").write_text(
        """
        [[job]]
        command = "sample"
        output = ["{name}.svg", "{name}.png"]
        steps = ["optimize", "plates", "estimate", {command = "convert", output = "{name}.gcode", machine = "grbl"}]
        options = {rows = 1, cols = 2, paper = "a5", dpi = 60}
        """
    )
    done = plotsketch("batch", tmp_path / "run.toml", "--jobs", 1)
    assert done.exit_code == 0, done.stderr
    found = {path.name for path in (tmp_path / "run").iterdir() if path.name.startswith("sample")}
    assert found == {"sample.svg", "sample.png", "sample.gcode", "sample-1-black.png"}
    assert set(done.stdout.split()) >= {str(tmp_path / "run" / name) for name in found}
    outcome = Journal(tmp_path / "run").outcomes["sample"]
    assert outcome.figures["cells"] == 2
    assert outcome.figures["steps"][0]["seconds"] > 0


def test_a_job_survives_json(tmp_path: Path) -> None:
    text = CARDS + 'pen = ["red", "navy"]\nframe = true\n'
    text = text.replace(
        "edition = 3", 'steps = ["estimate", {command = "convert", output = "{seed}.png"}]\nedition = 3'
    )
    for job in manifest(tmp_path, text, CommandLine()).jobs:
        again = Job.of(json.loads(json.dumps(job.to_dict())))
        assert again == job
        assert again.digest == job.digest


def test_models_are_grouped(tmp_path: Path) -> None:
    text = """
        [[job]]
        command = "sample"
        output = "{model}-{seed}.svg"
        options = {rows = 1, cols = 1}
        [job.each]
        seed = "1..2"
        model = ["catpig", "everyday"]
        """
    made = manifest(tmp_path, text, CommandLine())
    assert [job.options["model"] for job in made.jobs] == ["catpig", "everyday"] * 2
    assert [job.options["model"] for job in todo(made).jobs] == ["catpig"] * 2 + ["everyday"] * 2


def test_as_many_processes_as_are_worth_it() -> None:
    assert [processes_for(jobs, None) for jobs in (0, 1, 7)] == [1, 1, 1]
    assert processes_for(10_000, 3) == 3
    assert processes_for(2, 8) == 2


MANIFESTS = [
    text
    for text in re.findall(r"^```toml\n(.*?)^```", (DOCS / "batch.md").read_text(), re.M | re.S)
    if "[[job]]" in text
]


@pytest.mark.parametrize("text", MANIFESTS)
def test_the_manifests_in_the_docs_are_sound(tmp_path: Path, text: str) -> None:
    assert manifest(tmp_path, text, CommandLine()).jobs


def here() -> Any:
    return lambda *work: do_here(*work, processes=1)
