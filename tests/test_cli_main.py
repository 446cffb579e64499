"""The program as a process: its start, its exit codes and what it says when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

from plotsketch import __version__
from plotsketch.cli.main import COMMANDS, LazyGroup, cli
from plotsketch.cli.options import json_option, output_option, report
from plotsketch.cli.progress import progress
from plotsketch.errors import UserError

Run = Callable[..., Result]

# Packages that take long to import: help must answer without any of them.
HEAVY = {"numpy", "torch", "vpype", "rich", "PIL", "shapely", "svgelements", "safetensors", "scipy"}


# Commands of a small program that fails in every way a program can.


@click.command()
def bad_input() -> None:
    raise UserError("cat.svg, line 3: no path; draw one")


@click.command()
def interrupted() -> None:
    raise KeyboardInterrupt


@click.command()
def cut_short() -> None:
    raise EOFError("compressed file ended too soon")


@click.command()
def full_disk() -> None:
    raise OSError(28, "No space left on device", "out.svg")


@click.command()
@json_option
@output_option("Where to.", multiple=True, required=False)
def reports(as_json: bool, output: tuple[Path, ...]) -> None:
    report({"files": output, "mean": np.float32(0.5), "spread": np.array([1.0, np.nan])}, as_json)


NAMES = ("bad_input", "interrupted", "cut_short", "full_disk", "reports")
FAILING = LazyGroup(name="failing", table={name: (f"{__name__}:{name}", "A test.") for name in NAMES})


def fail(*args: str) -> Result:
    return CliRunner().invoke(FAILING, args)


def process(*args: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """The program in a process of its own: `python -m plotsketch ...`, or `code` run by Python."""
    command = ["-c", code] if code else ["-m", "plotsketch", *args]
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=120)


def command_paths(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command and subcommand, as the words that call it."""
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    found = [path]
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        found += command_paths(child, (*path, name))
    return found


def test_help_names_every_command(plotsketch: Run) -> None:
    result = plotsketch("--help")
    assert result.exit_code == 0
    for name, (_, line) in COMMANDS.items():
        assert f"  {name} " in result.stdout
        assert line in result.stdout


def test_every_command_of_the_table_is_there() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name


@pytest.mark.parametrize("path", command_paths(cli), ids=lambda path: " ".join(path) or "(none)")
def test_help_answers_without_heavy_imports(path: tuple[str, ...]) -> None:
    code = f"""
import sys
from plotsketch.cli.main import cli
try:
    cli({[*path, "--help"]!r}, prog_name="plotsketch")
except SystemExit as leaving:
    assert leaving.code == 0, leaving.code
print("imported:", *sorted({HEAVY!r} & set(sys.modules)))
"""
    done = process(code=code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Usage: {' '.join(['plotsketch', *path])} ")
    assert done.stdout.splitlines()[-1] == "imported:"


def test_importing_the_library_waits_for_nothing_heavy() -> None:
    done = process(code=f"import sys, plotsketch; print(*sorted({HEAVY!r} & set(sys.modules)))")
    assert done.stdout == "\n"


def test_the_library_offers_its_public_names() -> None:
    done = process(code="import plotsketch\nfor name in plotsketch.__all__: getattr(plotsketch, name)")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_library_knows_no_other_name() -> None:
    import plotsketch

    with pytest.raises(AttributeError, match="no attribute 'sheep'"):
        _ = plotsketch.sheep


def test_version_from_a_process() -> None:
    done = process("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"plotsketch {__version__}\n", "")


def test_no_command_shows_help_as_usage(plotsketch: Run) -> None:
    result = plotsketch()
    assert result.exit_code == 2
    assert "Commands:" in result.output


@pytest.mark.parametrize(("typed", "meant"), [("gird", "grid"), ("modls", "models"), ("eval", "evaluate")])
def test_unknown_command_names_the_near_one(plotsketch: Run, typed: str, meant: str) -> None:
    result = plotsketch(typed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"No such command '{typed}'. Did you mean {meant}?" in result.stderr


def test_unknown_command_like_no_other_names_them_all(plotsketch: Run) -> None:
    result = plotsketch("xyzzy")
    assert result.exit_code == 2
    assert f"There are {', '.join(COMMANDS)}." in result.stderr


def test_unknown_option_is_a_usage_error(plotsketch: Run) -> None:
    result = plotsketch("--sheep")
    assert result.exit_code == 2
    assert "--sheep" in result.stderr


def test_a_users_error_is_one_line_and_exit_1() -> None:
    result = fail("bad_input")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "Error: cat.svg, line 3: no path; draw one\n"


def test_ctrl_c_is_exit_130() -> None:
    result = fail("interrupted")
    assert result.exit_code == 130
    assert result.stderr.strip() == "Interrupted."


def test_a_truncated_file_is_not_taken_for_ctrl_c() -> None:
    result = fail("cut_short")
    assert isinstance(result.exception, EOFError)


def test_the_systems_refusal_is_one_line_and_exit_1() -> None:
    result = fail("full_disk")
    assert result.exit_code == 1
    assert result.stderr == "Error: No space left on device: out.svg\n"


def test_a_reader_that_leaves_gets_no_complaint() -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "plotsketch", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None and running.stderr is not None
    running.stdout.close()
    complaint = running.stderr.read()
    running.stderr.close()
    assert (running.wait(timeout=60), complaint) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_under_stdout_is_one_line_and_exit_1() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "plotsketch", "--help"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (1, "Error: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no sh on Windows")
@pytest.mark.parametrize("words", [["--version"], ["jobs"], ["jobs", "--json"]])
def test_a_stdout_that_was_closed_is_no_traceback(words: list[str]) -> None:
    command = ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "plotsketch", *words]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_results_are_one_json_object_on_request() -> None:
    result = fail("reports", "--json", "-o", "a.svg", "-o", "b.png")
    assert json.loads(result.stdout) == {"files": ["a.svg", "b.png"], "mean": 0.5, "spread": [1.0, None]}


def test_results_are_lines_otherwise() -> None:
    assert fail("reports").stdout.splitlines()[:2] == ["files: ()", "mean: 0.5"]


def test_progress_of_short_work_is_silent_without_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with progress("sampling", total=3) as advance:
        for _ in range(3):
            advance(1)
    assert capfd.readouterr() == ("", "")


def test_progress_of_long_work_is_lines_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 5.0, 20.0, 21.0])
    monkeypatch.setattr("plotsketch.cli.progress.time.monotonic", lambda: next(clock))
    with progress("sampling", total=4) as advance:
        for _ in range(3):
            advance(1)
    assert capsys.readouterr().err == "sampling: 50 %, about 20 s left\n"
