"""`plotsketch plot` and `plotsketch jobs`, as people use them, on simulated machines."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from plot_cases import Answers, FakeDriver, Paper, plan_with

from plotsketch.cli.plot_desk import CommandLineDesk, TimeLeft, stopping
from plotsketch.plotter.journal import Job, job_names, jobs_folder
from plotsketch.plotter.session import Session
from plotsketch.plotter.simulators.wire import running

Cli = Callable[..., Result]
LAYER = '<g inkscape:groupmode="layer" inkscape:label="{label}" fill="none" stroke="{colour}">{lines}</g>'


def sheet(path: Path, *layers: tuple[str, str], strokes: int = 12) -> Path:
    """An A5 sheet, `strokes` short lines in each layer (label, colour)."""
    draws = np.random.default_rng(5)
    groups = []
    for label, colour in layers or (("1 black", "#000000"),):
        starts = draws.uniform(20, 120, (strokes, 2))
        lines = "".join(f'<path d="M{x:.3f} {y:.3f} l5 3 l-2 4"/>' for x, y in starts)
        groups.append(LAYER.format(label=label, colour=colour, lines=lines))
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        f'width="210mm" height="148mm" viewBox="0 0 210 148">{"".join(groups)}</svg>'
    )
    return path


@pytest.mark.parametrize(("machine", "more"), [("axidraw-v3", []), ("hp7475a", ["--paper", "a4"]), ("grbl", [])])
def test_a_sheet_is_plotted_on_a_simulated_machine(
    plotsketch: Cli, tmp_path: Path, machine: str, more: list[str]
) -> None:
    file = sheet(tmp_path / "sheet.svg")
    done = plotsketch("plot", file, "--machine", machine, "--port", "simulator", "--json", *more)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["strokes"] == 12 and said["machine"] == machine and said["planned_seconds"] > 3
    assert "Ctrl-C stops it with the pen up" in done.stderr
    listed = json.loads(plotsketch("jobs", "list", "--json").stdout)["jobs"]
    assert [(job["job"], job["state"], job["share"]) for job in listed] == [(said["job"], "done", 1.0)]
    assert "done" in plotsketch("jobs").stdout and "12 strokes" in plotsketch("jobs", "show", said["job"]).stdout
    assert plotsketch("jobs", "remove", "--done").stdout.split() == [said["job"]]
    assert "No plot" in plotsketch("jobs").stdout


def test_what_is_drawn_is_what_was_chosen(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg", ("1 black", "#000000"), ("2 red", "#ff0000"))
    with running("ebb") as simulator:
        chosen = ["--layer", 2, "--only", "15-18", "--port", simulator.port]
        assert plotsketch("plot", file, *chosen).exit_code == 0
        assert len(simulator.trace()["ink"]) == 4
        assert plotsketch("plot", file, "--from-stroke", 23, "--yes", "--port", simulator.port).exit_code == 0
        assert len(simulator.trace()["ink"]) == 6


def test_a_dry_run_and_a_file_of_bytes_touch_nothing(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg")
    for machine in ("axidraw-v3", "hp7475a", "grbl"):
        paper = ["--paper", "a4"] if machine == "hp7475a" else []
        dry = plotsketch("plot", file, "--machine", machine, "--dry-run", "--json", *paper)
        assert dry.exit_code == 0, dry.output
        bytes_file = tmp_path / f"{machine}.bytes"
        done = plotsketch("plot", file, "--machine", machine, "--to", bytes_file, *paper)
        assert done.exit_code == 0 and done.stdout.strip() == str(bytes_file)
        assert bytes_file.stat().st_size == json.loads(dry.stdout)["bytes"] > 500
    assert job_names() == []


def test_copies_layers_and_pens_need_somebody(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg", ("1 black", "#000000"), ("!2 red", "#ff0000"))
    alone = plotsketch("plot", file, "--copies", 2, "--port", "simulator")
    assert alone.exit_code == 1 and job_names() == []
    assert "(3 x pen change, 1 x new paper)" in alone.stderr and "--hook" in alone.stderr
    later = plotsketch("plot", file, "--from-stroke", 13, "--port", "simulator")
    assert later.exit_code == 1 and "(1 x pen change)" in later.stderr
    with running("ebb") as simulator:
        done = plotsketch("plot", file, "--copies", 2, "--yes", "--port", simulator.port)
        assert done.exit_code == 0, done.output
        assert len(simulator.trace()["ink"]) == 48
    assert "Put in" in done.stderr and "copy 2 of 2" in done.stderr


def test_a_hook_answers_in_place_of_people(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg", ("1 black", "#000000"), ("2 red", "#ff0000"))
    said = tmp_path / "said"
    hook = f'echo "$PLOTSKETCH_PLOT_EVENT $PLOTSKETCH_PLOT_LAYER $PLOTSKETCH_PLOT_COLOUR" >> {said}; exit 0'
    assert plotsketch("plot", file, "--hook", hook, "--port", "simulator").exit_code == 0
    assert said.read_text() == "pen 2 #ff0000\n"
    stopped = plotsketch("plot", file, "--hook", "exit 3", "--port", "simulator")
    assert stopped.exit_code == 130 and "--resume" in stopped.stderr
    assert Job.load(job_names()[0]).progress.sent == 12
    resumed = plotsketch("plot", "--resume", "--yes")  # where it was begun: on a simulator, another one
    assert resumed.exit_code == 0, resumed.output
    assert Job.load(job_names()[0]).progress.is_done


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "Missing argument"),
        (["none.svg"], 1, "none.svg"),
        (["SHEET", "--port", "/dev/none"], 1, "there is no port /dev/none"),
        (["SHEET", "--machine", "axidraw-v4"], 1, "did you mean"),
        (["SHEET", "--only", "0-3", "--port", "simulator"], 2, "counted from 1"),
        (["SHEET", "--only", "x", "--port", "simulator"], 2, "20-35"),
        (["SHEET", "--only", "13-", "--port", "simulator"], 1, "none from 13 on"),
        (["SHEET", "--layer", "4", "--port", "simulator"], 1, "no layer 4"),
        (["SHEET", "--from-stroke", "13", "--port", "simulator"], 1, "no stroke 13"),
        (["SHEET", "--run-in", "2cm", "--port", "simulator"], 1, "--resume"),
        (["--resume"], 1, "no plot to go on with"),
        (["--resume", "nothing"], 1, "no plot 'nothing'"),
        (["SHEET", "--resume"], 1, "a plot goes on as it was begun"),
        (["--resume", "latest", "--speed", "20"], 1, "--speed: a plot goes on as it was begun"),
        (["SHEET", "--machine", "hp7475a", "--port", "simulator"], 1, "none of the papers"),
        (["SHEET", "--paper", "a4", "--port", "simulator"], 1, "--paper a4 is what lies in an HPGL plotter"),
        (["SHEET", "--to", "x.ebb", "--dry-run"], 1, "--dry-run has nothing to do with --to"),
        (["SHEET", "--to", "x.ebb", "--from-stroke", "3"], 1, "--only 20- writes the strokes from 20 on"),
        (["SHEET", "--to", "x.ebb", "--copies", "3"], 1, "--copies has nothing to do with --to"),
        (["SHEET", "--from-stroke", "99", "--dry-run"], 1, "no stroke 99"),
        (["--resume", "latest", "--layer-code", "2=S30"], 1, "--layer-code: a plot goes on as it was begun"),
    ],
)  # fmt: skip
def test_bad_wishes_are_one_line(plotsketch: Cli, tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    file = str(sheet(tmp_path / "sheet.svg"))
    found = plotsketch("plot", *[file if word == "SHEET" else word for word in arguments])
    assert found.exit_code == code and words in found.stderr
    assert "Traceback" not in found.output and job_names() == []


def test_a_sheet_beyond_the_machine_is_refused_before_anything_moves(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg")
    file.write_text(
        file.read_text().replace(
            'width="210mm" height="148mm" viewBox="0 0 210 148"', 'width="594mm" height="420mm" viewBox="0 0 210 148"'
        )
    )
    with running("ebb") as simulator:
        refused = plotsketch("plot", file, "--port", simulator.port)
        assert refused.exit_code == 1 and "beyond what" in refused.stderr
        assert simulator.trace()["ink"] == []
        assert plotsketch("plot", file, "--port", simulator.port, "--oversize", "scale").exit_code == 0
        assert simulator.trace()["errors"] == []


def test_a_plan_names_pens_places_and_what_is_left(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg", ("1 black", "#000000"), ("!2+S30+H0 red", "#ff0000"))
    dry = plotsketch("plot", file, "--dry-run", "--copies", 2, "--from-stroke", 13)
    rows = [line.split() for line in dry.stdout.splitlines()]
    assert rows[0] == ["layer", "time", "ink", "strokes", "pen"]
    assert rows[2][:2] == ["2", "red"] and "S30 H0, a pause before it" in dry.stdout
    assert rows[3][0] == "total" and "1 pen change" in dry.stdout and "from stroke 13 of 24, 2 copies:" in dry.stdout
    said = json.loads(plotsketch("plot", file, "--dry-run", "--copies", 2, "--from-stroke", 13, "--json").stdout)
    assert said["planned_seconds"] < said["seconds_left"] < 2 * said["planned_seconds"]
    assert [layer["pen"] for layer in said["layers"]] == ["black", "red"] and said["layers"][0]["place"] is None
    carousel = plotsketch("plot", file, "--dry-run", "--machine", "hp7475a", "--paper", "a4")
    assert "in place 1, black" in carousel.stdout and "in place 2, red" in carousel.stdout


def test_the_machine_of_the_configuration_is_plotted_on(plotsketch: Cli, tmp_path: Path) -> None:
    for key, value in [("machine", "hp7475a"), ("options.port", "simulator"), ("commands.plot.paper", "a4")]:
        assert plotsketch("config", "set", key, value).exit_code == 0
    file = sheet(tmp_path / "sheet.svg")
    assert json.loads(plotsketch("plot", file, "--json").stdout)["machine"] == "hp7475a"
    assert "pen 2" in plotsketch("pen", "select", 2).stdout
    on_another = plotsketch("plot", file, "--machine", "axidraw-v3", "--dry-run", "--json")
    assert json.loads(on_another.stdout)["machine"] == "axidraw-v3"  # --paper stands, and is for HP plotters
    assert "simulator" not in plotsketch("machines").stdout  # what there is, not what is configured


def test_a_plot_that_is_done_or_that_somebody_must_answer_does_not_go_on(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg", ("1 black", "#000000"), ("2 red", "#ff0000"))
    stopped = plotsketch("plot", file, "--hook", "exit 3", "--port", "simulator")
    assert "exit code 3" in stopped.stderr and stopped.exit_code == 130
    name = job_names()[0]
    assert "stopped" in plotsketch("jobs").stdout and f"--resume {name}" in plotsketch("jobs", "show", name).stdout
    alone = plotsketch("plot", "--resume")
    assert alone.exit_code == 1 and "1 x pen change" in alone.stderr
    with Job.load(name).open():
        assert "plotting" in plotsketch("jobs").stdout
        busy = plotsketch("plot", "--resume", name, "--yes")
        assert busy.exit_code == 1 and "being plotted by another process" in busy.stderr
        assert plotsketch("jobs", "remove", name).exit_code == 1
    assert plotsketch("plot", "--resume", "--yes").exit_code == 0
    done = plotsketch("plot", "--resume", name)
    assert done.exit_code == 1 and "is done" in done.stderr and "layer" not in done.stderr


def test_a_wrong_port_moves_nothing_and_shows_no_plan(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg")
    for port in ("/dev/nothing", "/tmp", "simulator:"):
        wrong = plotsketch("plot", file, "--port", port)
        assert wrong.exit_code == 1 and wrong.stderr.count("\n") == 1 and port in wrong.stderr
    assert job_names() == []
    assert plotsketch("plot", file, "--port", "simulator").exit_code == 0
    job = Job.load(job_names()[0])
    wrong = plotsketch("plot", "--resume", job.name, "--from-stroke", 11, "--port", "/dev/nothing")
    assert wrong.exit_code == 1 and wrong.stderr == (
        "Error: there is no port /dev/nothing; `plotsketch machines` lists those that there are\n"
    )
    assert Job.load(job.name).progress == job.progress
    again = plotsketch("plot", "--resume", job.name, "--from-stroke", 11, "--yes")
    assert again.exit_code == 0 and "from stroke 11 of 12" in again.stderr
    assert Job.load(job.name).progress.is_done


def test_jobs_take_json_where_it_is_expected(plotsketch: Cli) -> None:
    assert json.loads(plotsketch("jobs", "--json").stdout) == {"jobs": []}
    wrong = plotsketch("jobs", "--json", "list")
    assert wrong.exit_code == 2 and "behind the command" in wrong.stderr


def test_time_that_is_left_knows_pauses_and_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("plotsketch.cli.plot_desk.time.monotonic", lambda: now[0])
    left = TimeLeft(0.0, 300.0)
    assert left.seconds() == 300
    left.update(0.0)
    now[0] += 50
    left.waited(50)  # somebody looked for a pen
    assert left.seconds() == pytest.approx(300)
    now[0] += 200
    left.update(100.0)  # twice as slow as was planned
    assert 300 < left.seconds() < 400
    left.update(300.0)
    assert left.seconds() == 0


# processes, signals, terminals


def start(*arguments: object, **wishes: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "plotsketch", *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **wishes)  # type: ignore[call-overload, no-any-return]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.005)


def strokes_sent() -> int:
    return sum(path.read_text().count("sent") for path in jobs_folder().glob("*/progress"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_with_the_pen_up_and_the_plot_goes_on(plotsketch: Cli, tmp_path: Path, number: int) -> None:
    file = sheet(tmp_path / "sheet.svg", strokes=150)
    with running("ebb") as simulator:
        process = start("plot", file, "--port", simulator.port)
        until(lambda: strokes_sent() > 5)
        process.send_signal(number)
        _, told = process.communicate(timeout=120)
        assert process.returncode == 130, told
        assert b"--resume" in told and b"Traceback" not in told
        before = simulator.trace()
        assert before["pen"]["up"] and before["place"] == [0, 0] and 5 < len(before["ink"]) < 150
        assert plotsketch("plot", "--resume", "--port", simulator.port).exit_code == 0
        trace = simulator.trace()
        assert trace["errors"] == [] and 150 <= len(trace["ink"]) <= 151


def test_the_first_interrupt_asks_for_a_stop_and_the_second_breaks_off(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job.create(plan_with([[(0.0, 0.0), (5.0, 0.0)]]), "sheet.svg", {})
    session = Session(job, FakeDriver(Paper()), Answers(), str)
    before = signal.getsignal(signal.SIGINT)
    with stopping(session, CommandLineDesk(job)):
        signal.raise_signal(signal.SIGINT)
        assert session.stop and "Ctrl-C again lifts it now" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_cable_that_is_pulled_is_said_and_the_plot_kept(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg")
    with running("ebb", unplug_after=4.0) as simulator:
        lost = plotsketch("plot", file, "--port", simulator.port)
    assert lost.exit_code == 1 and "is gone" in lost.stderr and lost.stderr.count("--resume") == 1
    job = Job.load(job_names()[0])
    assert not job.progress.is_done and job.progress.sent < 12
    assert plotsketch("plot", "--resume", "--port", "simulator", "--yes").exit_code == 0


def test_a_person_at_a_terminal_is_asked_and_answers(tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg", ("1 black", "#000000"), ("2 red", "#ff0000"), ("3 blue", "#0000ff"))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "plotsketch", "plot", str(file), "--port", "simulator"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    seen, answers = b"", [b"\n", b"q\n"]
    while process.poll() is None:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                seen += os.read(ours, 4096)
            except OSError:  # the terminal is closed
                break
        if answers and seen.count(b"q stops") > 2 - len(answers):
            os.write(ours, answers.pop(0))
    assert process.wait(timeout=120) == 130
    os.close(ours)
    assert b"red" in seen and b"blue" in seen and b"Stopped after 24 of 36 strokes" in seen
    assert seen.count(b"\x07") == 2  # a bell for each pen


def test_a_terminal_that_is_closed_at_a_question_stops_the_plot_in_order(tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg", ("1 black", "#000000"), ("2 red", "#ff0000"))
    with running("ebb") as simulator:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "plotsketch", "plot", str(file), "--port", simulator.port]
        process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        seen = b""
        while b"q stops" not in seen:
            seen += os.read(ours, 4096)
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        process.wait(timeout=120)
        assert simulator.trace()["place"] == [0, 0] and simulator.trace()["pen"]["up"]
    assert Job.load(job_names()[0]).progress.is_parked


def test_a_closed_standard_input_is_nobody(plotsketch: Cli, tmp_path: Path) -> None:
    file = sheet(tmp_path / "sheet.svg", ("1 black", "#000000"), ("2 red", "#ff0000"))
    for words, code in [(["plot", file], 1), (["plot", file, "--yes"], 0)]:
        command = [sys.executable, "-m", "plotsketch", *map(str, words), "--port", "simulator"]
        done = subprocess.run(
            ["sh", "-c", '"$@" <&-', "sh", *command], capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
