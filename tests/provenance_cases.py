"""What the tests of ``info``, ``again`` and ``edit`` share: a folder to work in, and what is expected of a command."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from reference_cases import tiny

from plotsketch.cli.main import cli

SVG = "{http://www.w3.org/2000/svg}"
PAGE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90">{}</svg>'
LINES = '<polyline points="10,10 60,20 30,70 10,12"/><polyline points="40,40 60,60"/>'
GRID = "grid seed:1 dot --rows 2 --cols 2 --model tiny"
Run = Callable[[str], Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls a command line in a folder with a drawing, ``star.svg``, where an untrained model is installed."""
    monkeypatch.chdir(tmp_path)
    tiny()
    Path("star.svg").write_text(PAGE.format(LINES))
    return lambda line: CliRunner().invoke(cli, shlex.split(line), prog_name="plotsketch")


def ok(result: Result) -> Result:
    assert result.exit_code == 0, result.output
    return result


def answer(result: Result) -> dict[str, Any]:
    return dict(json.loads(ok(result).stdout))


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1, result.stderr
    for word in words:
        assert word in result.stderr, result.stderr


def recipe_of(svg: str) -> dict[str, Any]:
    return dict(json.loads(str(ElementTree.parse(svg).getroot().findtext(f"{SVG}metadata"))))


def alike(one: str, other: str) -> bool:
    return Path(one).read_bytes() == Path(other).read_bytes()
