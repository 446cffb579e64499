"""vpype both ways: a user's pipeline on our sheets, and our commands in a user's pipeline."""

from __future__ import annotations

import json
import logging
import os
import random
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import numpy as np
import pytest
import vpype
import vpype_cli
from click.testing import CliRunner, Result
from test_grid import SVG, FakeSketcher, lines_of

from plotsketch.cli import vpype_plugin
from plotsketch.errors import UserError
from plotsketch.lines.pipeline import check_pipeline, run_pipeline

Command = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[1]
SMALL = ("--rows", 2, "--cols", 3, "--paper", "a6")
ENTRIES = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["vpype.plugins"]


@pytest.fixture
def sketcher(monkeypatch: pytest.MonkeyPatch) -> FakeSketcher:
    fake = FakeSketcher()
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: fake)
    return fake


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, click.Command]]:
    """vpype's own commands, to which a test may add."""
    monkeypatch.setattr(vpype_cli.cli, "commands", dict(vpype_cli.cli.commands))
    yield vpype_cli.cli.commands


@pytest.fixture
def vpype_line(sketcher: FakeSketcher, commands: dict[str, click.Command]) -> Command:
    """Run a command line of vpype, which knows our commands, in this process."""
    commands |= {name: getattr(vpype_plugin, name) for name in vpype_plugin.plugin_names()}

    def run(*args: object) -> Result:
        return CliRunner().invoke(vpype_cli.cli, [str(arg) for arg in args], prog_name="vpype")

    return run


def document() -> vpype.Document:
    lines = vpype.LineCollection([[0, 10], [20, 30], [10, 20]])
    return vpype.Document(lines, page_size=(400.0, 300.0))


def recipe_of(svg: Path) -> dict[str, Any]:
    return dict(json.loads(ElementTree.parse(svg).getroot().find(f"{SVG}metadata").text))


# a user's pipeline on our sheets


def test_a_pipeline_runs_before_the_sheet_is_written(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    plain, moved = tmp_path / "plain.svg", tmp_path / "moved.svg"
    assert plotsketch("grid", "cat", "pig", *SMALL, "-o", plain).exit_code == 0
    result = plotsketch("grid", "cat", "pig", *SMALL, "--vpype", "translate 5mm 0 reverse", "-o", moved, "--json")
    assert result.exit_code == 0, result.output
    for before, after in zip(lines_of(plain), reversed(lines_of(moved)), strict=True):
        np.testing.assert_allclose(after, np.add(before, [5, 0]), atol=0.002)
    assert json.loads(result.stdout)["cells"] == 6
    assert recipe_of(moved)["vpype"] == ["translate 5mm 0 reverse"]
    assert "vpype" not in recipe_of(plain)
    root = ElementTree.parse(moved).getroot()
    assert (root.get("width"), root.find(f"{SVG}g").get("stroke-width")) == ("105mm", "0.3")


def test_our_randomness_and_logging_are_untouched(capsys: pytest.CaptureFixture[str]) -> None:
    random.seed(3)
    np.random.seed(4)
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    expected = random.Random(3).random(), np.random.RandomState(4).random()
    vpype_before = list(vpype_cli.cli.commands)
    check_pipeline("random -n 10 linemerge")
    first, again, other = (run_pipeline(document(), "random -n 10 linemerge", seed=seed) for seed in (7, 7, 8))
    run_pipeline(document(), "stat")
    assert (random.random(), np.random.random()) == expected
    assert (logging.getLogger().handlers, logging.getLogger().level) == (handlers, level)
    assert list(vpype_cli.cli.commands) == vpype_before
    assert first.length() == again.length() != other.length()  # a seed of ours makes a pipeline's randomness
    output = capsys.readouterr()
    assert output.out == "" and "Stats" in output.err


def test_blocks_and_several_commands_are_understood() -> None:
    result = run_pipeline(document(), "repeat 3 line 0 0 1cm 1cm end linesimplify")
    assert len(result.layers[1]) == 3 + 3


def test_the_sheet_itself_is_left_alone() -> None:
    before = document()
    run_pipeline(before, "translate 1cm 1cm pagesize a3")
    assert (before.page_size, before.bounds()) == ((400.0, 300.0), document().bounds())


def test_a_page_that_is_lost_comes_back(commands: dict[str, click.Command]) -> None:
    @click.command()
    @vpype_cli.global_processor
    def losepage(document: vpype.Document) -> vpype.Document:
        return vpype.Document(document.layers[1])

    commands["losepage"] = losepage
    assert run_pipeline(document(), "losepage").page_size == (400.0, 300.0)
    assert run_pipeline(document(), "pagesize 100x200px").page_size == (100.0, 200.0)


@pytest.mark.parametrize(
    ("pipeline", "reason"),
    [
        ("linemrge", "No such command 'linemrge'"),
        ("linesort --wat", "--wat"),
        ("translate 1cm", "2 values"),
        ("linesort 'oh", "No closing quotation"),
        ("", "it is empty"),
        ("linesort --help", "an option, such as --help, that ends it"),
        ("-I nowhere.vpy", "nowhere.vpy"),
    ],
)
def test_a_pipeline_that_vpype_does_not_understand_is_said_before_any_work(
    plotsketch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pipeline: str, reason: str
) -> None:
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: pytest.fail("the model was loaded"))
    result = plotsketch("grid", "cat", "pig", "--vpype", pipeline, "-o", tmp_path / "a.svg")
    assert (result.exit_code, result.stdout) == (1, "")
    line = result.stderr.splitlines()[-1]
    assert line.startswith(f"Error: the vpype pipeline '{pipeline}' fails: ") and reason in line


@pytest.mark.parametrize(
    ("pipeline", "reason"),
    [
        ("read nowhere.svg", "nowhere.svg"),
        ("eval '1/0'", "division by zero"),
        ("repeat 2 line 0 0 1 1", "'end' command is missing"),
        ("ldelete all", "leaves no lines"),
        ("translate 1mm %nothing%", "nothing"),
    ],
)
def test_a_pipeline_that_fails_is_one_line(pipeline: str, reason: str) -> None:
    with pytest.raises(UserError, match=f"the vpype pipeline .*{reason}") as error:
        run_pipeline(document(), pipeline)
    assert "\n" not in str(error.value)
    assert run_pipeline(document(), "linesort").length() == document().length()  # vpype itself still works


# our commands in a user's pipeline


def test_every_command_that_draws_a_sheet_is_an_entry_point() -> None:
    """A new drawing command wants a line in pyproject.toml (and a fresh development install)."""
    names = vpype_plugin.plugin_names()
    drawing = {name: place for name, place in ENTRIES.items() if name.startswith("sketch")}
    assert {name: f"plotsketch.cli.vpype_plugin:{name}" for name in names} == drawing
    assert "sketchgrid" in names
    assert not {"sketchtrain", "sketchdata", "sketchmorph"} & set(names)
    for name in ("sketchtrain", "sketchnothing", "grid", "nothing"):
        with pytest.raises(AttributeError):
            getattr(vpype_plugin, name)


def test_a_sheet_goes_down_the_pipeline(plotsketch: Command, vpype_line: Command, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.svg", tmp_path / "theirs.svg"
    plotsketch("grid", "cat", "pig", *SMALL, "-o", ours)
    result = vpype_line("sketchgrid", *SMALL, "cat", "pig", "reverse", "write", theirs)
    assert result.exit_code == 0, result.output
    expected, found = vpype.read_multilayer_svg(str(ours), 0.01), vpype.read_multilayer_svg(str(theirs), 0.01)
    assert found.page_size == pytest.approx(expected.page_size, abs=0.1)
    assert found.length() == pytest.approx(expected.length(), rel=1e-3)
    assert len(found.layers[1]) == len(expected.layers[1])


def test_words_end_at_the_next_command_and_options_may_stand_anywhere(
    vpype_line: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    out = tmp_path / "out.svg"
    words = ["cat", "--rows", 2, "pig", "--cols=2", "--layout", "grid", "--pen", "red", "--frame"]
    result = vpype_line("sketchgrid", *words, "--seed", 5, "linemerge", "linesort", "write", out)
    assert result.exit_code == 0, result.output
    assert out.exists()
    assert [(call["seed"], len(call["cells"])) for call in sketcher.sampled] == [(5, 4)]


def test_a_sheet_stands_beside_what_the_pipeline_holds(vpype_line: Command, tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    result = vpype_line("line", "-l2", 0, 0, "20cm", 0, "pagesize", "10x200mm", "sketchgrid", *SMALL, "cat", "pig",
                        "--pen", "#ff0000", "--smooth", "0.3mm", "write", out)  # fmt: skip
    assert result.exit_code == 0, result.output
    found = vpype.read_multilayer_svg(str(out), 0.01)
    sizes = {str(layer.property(vpype.METADATA_FIELD_COLOR)): len(layer) for layer in found.layers.values()}
    assert len(sizes) == 2 and sizes["#ff0000"] == 12 and 1 in sizes.values()
    assert found.page_size == pytest.approx((105 * 96 / 25.4, 200 * 96 / 25.4), abs=0.1)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["cat", "pig", "bus"], 1, "2 or 4 corners, not 3"),
        (["cat", "pig", "--temperature", "-1"], 1, "temperature is -1"),
        (["cat", "pig", "-o", "a.svg"], 2, "No such option"),
        (["linesort"], 2, "Missing argument"),
    ],
)
def test_mistakes_are_said_in_vpypes_way(vpype_line: Command, words: list[str], code: int, message: str) -> None:
    result = vpype_line("sketchgrid", *words)
    assert result.exit_code == code
    assert message in result.output and "Traceback" not in result.output


def test_help_is_that_of_the_command(vpype_line: Command) -> None:
    text = vpype_line("sketchgrid", "--help").stdout
    assert "Draw a sheet that morphs" in text and "--temperature" in text and "--smooth" in text
    assert "\n  With two, the way" in text
    assert "--output" not in text and "--json" not in text and "plotsketch grid" not in text


def test_our_commands_run_in_our_own_pipeline(sketcher: FakeSketcher, vpype_line: Command) -> None:
    result = run_pipeline(document(), "sketchgrid cat pig --rows 2 --cols 2 linesort")
    assert len(result.layers) == 2


def test_vpype_finds_the_plugins_and_starts_without_torch(tmp_path: Path) -> None:
    """As pip writes it: what is installed here may be older than pyproject.toml, or not be installed at all."""
    info = tmp_path / "plotsketch-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plotsketch\nVersion: 0\n")
    lines = [f"{name} = {place}" for name, place in ENTRIES.items()]
    (info / "entry_points.txt").write_text("\n".join(["[vpype.plugins]", *lines, ""]))
    program = "import sys, vpype_cli, atexit; atexit.register(lambda: print('torch' in sys.modules)); vpype_cli.cli()"
    paths = [str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")]
    answer = subprocess.run(
        [sys.executable, "-c", program, "--help"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        check=True,
    )
    section = answer.stdout.partition("plotsketch:")[2]
    assert all(name in section for name in ENTRIES)
    assert "could not load plugin" not in section
    assert answer.stdout.splitlines()[-1] == "False"
