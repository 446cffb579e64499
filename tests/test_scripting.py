"""What scripts hang on: options of every command, exit codes, quiet, completion, and the page that tells of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import Result

from plotsketch.cli.main import INTERRUPTED, USER_AT_FAULT, cli
from plotsketch.cli.options import note, report, take_quiet, warn
from plotsketch.cli.progress import progress

Run = Callable[..., Result]

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "scripting.md").read_text()
PROGRAM = f'plotsketch() {{ "{sys.executable}" -m plotsketch "$@"; }}\n'


def block(kind: str) -> str:
    """The page's one block of a kind."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(leaves(cli))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_what_scripts_need(name: str) -> None:
    spelled = [word for parameter in COMMANDS[name].params for word in parameter.opts]
    for option in ("--json", "--quiet", "--preset"):
        assert spelled.count(option) == 1, f"{name} has {option} {spelled.count(option)} times"
    assert len(spelled) == len(set(spelled)), f"{name} has an option twice"


@click.command()
@click.option("--quiet", is_flag=True, is_eager=True, expose_value=False, callback=take_quiet)
def talking() -> None:
    note("a remark")
    warn("not all of it")
    with progress("drawing", 1) as advance:
        advance(1)
    report({"files": ["a.svg", "b.svg"], "cells": 3}, False, ["a.svg", "b.svg", "3 cells"])


@pytest.mark.parametrize(
    ("words", "out", "err"),
    [
        ([], "a.svg\nb.svg\n3 cells\n", "a remark\nWarning: not all of it\n"),
        (["--quiet"], "a.svg\nb.svg\n", "Warning: not all of it\n"),
    ],
)
def test_quiet_leaves_results_and_warnings(words: list[str], out: str, err: str) -> None:
    result = click.testing.CliRunner().invoke(talking, words)
    assert (result.stdout, result.stderr) == (out, err)


def test_quiet_holds_for_one_call(plotsketch: Run) -> None:
    assert plotsketch("config", "path", "-q").stderr == ""
    assert "not there yet" in plotsketch("config", "path").stderr


def test_a_quiet_sheet_says_its_path(plotsketch: Run, tmp_path: Path) -> None:
    words = ("grid", "cat-head", "pig-head", "--rows", "2", "--cols", "2", "-o", tmp_path / "a.svg")
    assert plotsketch(*words, "--quiet").output == f"{tmp_path / 'a.svg'}\n"
    assert json.loads(plotsketch(*words, "--quiet", "--json").stdout)["cells"] == 4


def test_the_page_has_the_exit_codes(plotsketch: Run, tmp_path: Path) -> None:
    told = [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]
    good = plotsketch("estimate", "--machine", "list")
    bad, misspelt = plotsketch("estimate", tmp_path / "none.svg"), plotsketch("estimate", "--machin", "x")
    assert told == [good.exit_code, bad.exit_code, misspelt.exit_code, INTERRUPTED] == [0, USER_AT_FAULT, 2, 130]


@pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")
def test_the_makefile_makes_sheets_once(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(block("make"))
    line = ["make", f"PLOTSKETCH={sys.executable} -m plotsketch", "SEEDS=1"]
    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True, env=environment())
    assert (tmp_path / "sheet-1.hpgl").read_bytes().count(b"PD") > 9
    assert subprocess.run([*line, "--question"], cwd=tmp_path, env=environment()).returncode == 0


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("jq")), reason="no bash or no jq on this machine")
def test_the_loop_tells_how_long_each_sheet_takes(tmp_path: Path) -> None:
    script = PROGRAM + block("bash").replace("1 2; do", "1; do")
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, env=environment())
    assert re.fullmatch(r"edition-1\.svg: \d+ s, \d+ lifts\n", done.stdout), done.stderr
    assert done.stderr == ""


def test_the_recipes_of_just_are_command_lines() -> None:
    calls = re.findall(r"plotsketch (\w+) ([^;\n]*)", block("just").replace("{{", "").replace("}}", ""))
    assert [name for name, _ in calls] == ["grid", "estimate"]
    for name, words in calls:
        command = COMMANDS[name]
        command.make_parser(click.Context(command)).parse_args(words.split())


def test_the_file_of_the_page_is_a_configuration(
    plotsketch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text(block("toml"))
    monkeypatch.setenv("PLOTSKETCH_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("PLOTSKETCH_SHARED", raising=False)  # the tests' own, which no command knows
    result = plotsketch("config", "check")
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_python_of_the_page_runs(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", block("python")], cwd=tmp_path, capture_output=True, text=True,
                          env=environment())  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(tmp_path.glob("edition-*.svg"))) == 3


def environment(**more: str) -> dict[str, str]:
    folder = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]), **more}


def complete(*words: str) -> list[str]:
    """What a bash is told when TAB is pressed after the last of the words."""
    asked = environment(
        _PLOTSKETCH_COMPLETE="bash_complete", COMP_WORDS=" ".join(["plotsketch", *words]), COMP_CWORD=str(len(words))
    )
    done = subprocess.run([sys.executable, "-m", "plotsketch"], capture_output=True, text=True, env=asked)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["gr"], ["plain,grid"]),
        (["presets", "s"], ["plain,show"]),
        (["grid", "--pen-b"], ["plain,--pen-by"]),
        (["grid", "--pen-by", "r"], ["plain,role", "plain,row"]),
        (["estimate", "--machine", "hp75"], ["file,hp75", "plain,hp7550a", "plain,hp7580"]),
        (["grid", "--preset", "text"], ["file,text", "plain,textile-25.25in", "plain,textile-64cm"]),
        (["models", "info", "catp"], ["file,catp", "plain,catpig"]),
        (["grid", "--model", "catp"], ["file,catp", "plain,catpig"]),
        (["grid", "cat-he"], ["file,cat-he", "plain,cat-head"]),
        (["grid", "--model", "nonsense", "cat-he"], ["file,cat-he"]),
    ],
    ids=" ".join,
)
def test_a_shell_is_told_how_words_go_on(words: list[str], expected: list[str]) -> None:
    assert complete(*words) == expected


def test_completion_knows_names_without_torch() -> None:
    code = """
import sys
from click.shell_completion import BashComplete
from plotsketch.cli.main import cli
shell = BashComplete(cli, {}, "plotsketch", "_PLOTSKETCH_COMPLETE")
for words in (["grid"], ["grid", "--model"], ["grid", "--machine"], ["grid", "--preset"], ["grid", "--palette"]):
    assert len(shell.get_completions(words, "")) > 2, words
print({"torch", "vpype", "scipy"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_a_broken_configuration_does_not_stop_completion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text("[")
    monkeypatch.setenv("PLOTSKETCH_CONFIG", str(tmp_path / "config.toml"))
    assert complete("grid", "--pen-b") == ["plain,--pen-by"]
    assert complete("grid", "cat-he") == ["file,cat-he"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_for_shells(plotsketch: Run, shell: str) -> None:
    result = plotsketch("completion", shell)
    assert result.exit_code == 0
    assert f"_PLOTSKETCH_COMPLETE={shell}_complete" in result.stdout
    told = json.loads(plotsketch("completion", shell, "--json").stdout)
    assert told["script"].strip() == result.stdout.strip()
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=result.stdout, text=True).returncode == 0
