"""Configuration and environment: what stands for every command, and who goes before whom."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from plotsketch.cli.main import cli
from plotsketch.cli.standing import StandingContext, options_of
from plotsketch.config_text import with_key, without_key
from plotsketch.errors import UserError
from plotsketch.sheet.inks import parse_pen

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOTSKETCH_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "presets").mkdir(parents=True)
    return tmp_path / "home"


def write(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text)


def words_of(*line: str) -> dict[str, Any]:
    """The arguments that a command gets, and does not run with."""
    root = click.Context(cli, info_name="plotsketch")
    command = cli.get_command(root, line[0])
    assert command is not None
    ctx = command.make_context(line[0], list(line[1:]), parent=root)
    assert isinstance(ctx, StandingContext)
    got: dict[str, Any] = {}
    kept, command.callback = command.callback, got.update
    try:
        command.invoke(ctx)
    finally:
        command.callback = kept
    return got


def test_the_line_goes_before_the_preset_that_before_the_environment_and_that_before_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ["grid", "a", "b", "-o", "x.svg"]
    assert words_of(*line)["rows"] is None
    write(home, "[options]\nrows = 2")
    assert words_of(*line)["rows"] == 2
    write(home, "[options]\nrows = 2\n[commands.grid]\nrows = 3")
    assert words_of(*line)["rows"] == 3
    monkeypatch.setenv("PLOTSKETCH_ROWS", "4")
    assert words_of(*line)["rows"] == 4
    monkeypatch.setenv("PLOTSKETCH_GRID_ROWS", "5")
    assert words_of(*line)["rows"] == 5
    (home / "presets" / "six.toml").write_text("[options]\nrows = 6")
    assert words_of(*line, "--preset", "six")["rows"] == 6
    assert words_of(*line, "--preset", "six", "--rows", "7")["rows"] == 7


def test_every_kind_of_option_can_stand(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, '[commands.grid]\npen = ["red 0.5mm", "navy"]\nportrait = true\nframe = true\ntitle = 12')
    names = ("pen", "landscape", "frame", "title")
    found = words_of("grid", "a", "b", "-o", "x.svg")
    assert [found[name] for name in names] == [("red 0.5mm", "navy"), False, True, "12"]
    monkeypatch.setenv("PLOTSKETCH_PEN", "teal 1mm; gold")
    monkeypatch.setenv("PLOTSKETCH_LANDSCAPE", "yes")
    monkeypatch.setenv("PLOTSKETCH_FRAME", "0")
    monkeypatch.setenv("PLOTSKETCH_TITLE", "")
    found = words_of("grid", "a", "b", "-o", "x.svg")
    assert [found[name] for name in names] == [("teal 1mm", "gold"), True, False, "12"]


@pytest.mark.parametrize(
    ("standing", "line", "name", "value"),
    [
        ('machine = "axidraw-v3"', ["grid", "a", "b", "-o", "x.svg"], "machine", None),
        ('machine = "axidraw-v3"', ["grid", "a", "b", "-o", "x.svg", "--optimize"], "machine", "axidraw-v3"),
        ('machine = "hp7475a"', ["grid", "a", "b", "-o", "x.plt"], "machine", "hp7475a"),
        ('machine = "hp7475a"', ["estimate", "x.svg"], "machine", "hp7475a"),
        ('[options]\nmargin = "2cm"', ["morph", "a", "b", "-o", "x.gif"], "margin", None),
        ('[options]\nmargin = "2cm"', ["morph", "a", "b", "-o", "x.svg", "--flipbook"], "margin", "2cm"),
        ('[options]\npaper = "a3"', ["convert", "x.svg", "-o", "y.plt", "--machine", "hp7475a"], "paper", None),
        ('[options]\nsmooth = "0.3mm"', ["morph", "a", "b", "-o", "x.gif"], "smooth", False),
        ("[options]\ncorner = 70", ["grid", "a", "b", "-o", "x.svg"], "corner", None),
        ("[options]\ncorner = 70", ["grid", "a", "b", "-o", "x.svg", "--smooth", "1mm"], "corner", 70.0),
        ('[options]\nbleed = "3mm"', ["grid", "a", "b", "-o", "x.svg"], "bleed", "0mm"),
        ('[options]\nbleed = "3mm"', ["grid", "a", "b", "-o", "x.pdf"], "bleed", "3mm"),
        ('[options]\npen = ["red"]', ["grid", "a", "b", "-o", "x.svg", "--palette", "riso"], "pen", ()),
        ('[options]\npaper-colour = "cream"', ["grid", "a", "b", "-o", "x.png"], "paper_colour", "cream"),
    ],
)
def test_what_stands_is_taken_where_it_has_something_to_do(
    home: Path, standing: str, line: list[str], name: str, value: object
) -> None:
    write(home, standing)
    assert words_of(*line)[name] == value


def test_what_is_typed_and_has_nothing_to_do_is_still_an_error(plotsketch: Run, home: Path) -> None:
    write(home, 'machine = "hp7475a"')
    result = plotsketch("grid", "cat-head", "pig-head", "--machine", "hp7475a", "-o", home / "x.svg")
    assert (result.exit_code, "--machine is for" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mashine = 3", "'mashine' means nothing here; did you mean 'machine'?"),
        ("machine = 3", "machine = 3; it takes a text"),
        ("options = 3", "options = 3; it is a table"),
        ("[options]\nmargn = '1cm'", "[options] margn: no command has it; did you mean 'margin'?"),
        ("[options]\nmachine = 'x'", "machine stands at the top of the file"),
        ("[options]\nrows = 'many'", "rows in [options] of {file}: 'many' is not a valid integer"),
        ("[options]\nframe = 1", "frame in [options] of {file}: it is 1 and takes true or false"),
        ("[commands.gird]\nrows = 3", "[commands.gird]: no such command; did you mean 'grid'?"),
        ("[commands.grid]\nrow = 3", "[commands.grid] row: grid has no such option; did you mean 'rows'?"),
        ("[commands.grid]\nrows = [1]", "it is [1] and takes one text or number"),
        ("[commands.grid]\npreset = 'calm'", "a preset is named on the command line"),
        ("[options]\nmargin = '2 foo'", "unknown unit 'foo' in '2 foo'"),
        ("[pens.studio]\nrose = 3", "pens.studio.rose = 3; it takes a text"),
        ("[pens]\nstudio = 3", "pens.studio = 3; it is a table"),
        ("[options", "is no TOML"),
    ],
)
def test_what_is_wrong_with_the_file_is_one_line_that_names_it(
    plotsketch: Run, home: Path, text: str, words: str
) -> None:
    write(home, text)
    result = plotsketch("grid", "cat-head", "pig-head", "-o", home / "x.svg")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert words.replace("{file}", str(home / "config.toml")) in result.stderr
    assert str(home / "config.toml") in result.stderr
    assert plotsketch("grid", "--help").exit_code == 0
    assert plotsketch("config", "path").stdout == f"{home / 'config.toml'}\n"


def test_what_is_wrong_with_a_variable_names_it(plotsketch: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOTSKETCH_GRID_ROWS", "many")
    result = plotsketch("grid", "cat-head", "pig-head", "-o", home / "x.svg")
    assert (result.exit_code, result.stderr) == (1, "Error: $PLOTSKETCH_GRID_ROWS: 'many' is not a valid integer.\n")


def test_check_looks_at_all_of_it(plotsketch: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plotsketch("config", "check").exit_code == 0
    write(home, "machine = 'hp7475'\nmodel = 'everyday'\n[commands.models.import]\nnam = 'x'\n[pens.a]\nb = 'navyy'")
    monkeypatch.setenv("PLOTSKETCH_MARGN", "1cm")
    result = plotsketch("config", "check", "--json")
    problems = json.loads(result.stdout)["problems"]
    assert result.exit_code == 1
    assert [problem.split(":")[0] for problem in problems] == ["machine", "[commands.models.import] nam", "pens.a.b"]
    assert "$PLOTSKETCH_MARGN means nothing to any command; did you mean 'PLOTSKETCH_MARGIN'?" in result.stderr


def test_set_show_and_unset_keep_the_rest_of_the_file(plotsketch: Run, home: Path) -> None:
    pens = 'pen = [\n  "red",\n  "navy",\n]\n'
    write(home, f'# mine\nmachine = "grbl" # the red one\n\n[options]\n{pens}\n[pens.a]\nb = "red"\n')
    for line in (["machine", "hp7475a"], ["options.pen", "teal", "gold 1mm"], ["options.frame", "true"],
                 ["commands.grid.rows", "9"], ["model", "everyday"], ["pens.a.c", "#123456 1mm"]):  # fmt: skip
        assert plotsketch("config", "set", *line).exit_code == 0
    text = (home / "config.toml").read_text()
    assert text.startswith('# mine\nmachine = "hp7475a"\nmodel = "everyday"\n\n[options]\npen = ["teal", "gold 1mm"]\n')
    expected = {"machine": "hp7475a", "model": "everyday", "options": {"pen": ["teal", "gold 1mm"], "frame": True},
                "pens": {"a": {"b": "red", "c": "#123456 1mm"}}, "commands": {"grid": {"rows": 9}}}  # fmt: skip
    assert json.loads(plotsketch("config", "show", "--json").stdout)["values"] == tomllib.loads(text) == expected
    for key in ("pens.a", "commands.grid.rows", "model"):
        assert plotsketch("config", "unset", key).exit_code == 0
    assert "pens" not in tomllib.loads((home / "config.toml").read_text())
    assert plotsketch("config", "unset", "machin").stderr.endswith("did you mean 'machine'?\n")


@pytest.mark.parametrize(
    "line",
    [["machine", "hp7475"], ["options.margn", "1cm"], ["commands.grid.rows", "x"], ["pens.a", "red"],
     ["pens.a.b", "redd"], ["grid.rows", "3"], ["options", "3"], ["a..b", "3"], ["commands.gird.rows", "3"],
     ["commands.models.imprt.name", "x"]],
)  # fmt: skip
def test_set_refuses_what_could_not_stand_there(plotsketch: Run, home: Path, line: list[str]) -> None:
    result = plotsketch("config", "set", *line)
    assert (result.exit_code, result.stderr.count("\n"), (home / "config.toml").exists()) == (1, 1, False)


KEYS = st.lists(st.sampled_from(["a", "b", "c-d"]), min_size=1, max_size=3)
TEXTS = st.text(st.characters(exclude_categories=["C"]))
VALUES = st.one_of(st.booleans(), st.integers(-9, 9), TEXTS, st.lists(st.integers(-9, 9)))


@given(st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=6))
def test_keys_set_are_there_and_keys_taken_out_are_not(changes: list[tuple[list[str], Any]]) -> None:
    text = "# a line of its own\n"
    for key, value in changes:
        try:
            text = with_key(text, key, value)
        except UserError:  # a value where a table would have to be
            continue
        inner = tomllib.loads(text)
        for part in key:
            inner = inner[part]
        assert inner == value
        assert with_key(without_key(text, key), key, value).startswith("# a line of its own")


def test_a_set_of_pens_is_a_palette(home: Path, plotsketch: Run, tmp_path: Path) -> None:
    write(home, '[pens.studio]\nrose = "#d0607a 0.4mm"\nink = "navy"\n')
    pens = [parse_pen(text, 0.2) for text in ("studio/rose", "studio/rose 1mm", "studio/ink", "riso/teal")]
    assert [(pen.name, pen.colour, pen.width) for pen in pens] == [
        ("rose", "#d0607a", 0.4), ("rose", "#d0607a", 1.0), ("ink", "#1b2a5c", 0.2), ("teal", "#00838a", 0.2),
    ]  # fmt: skip
    for wrong in ("studio/rosy", "studo/rose"):
        with pytest.raises(UserError, match="did you mean"):
            parse_pen(wrong)
    words = ["--rows", "2", "--cols", "2", "--palette", "studio", "--pen-by", "row", "-o", tmp_path / "a.svg"]
    assert plotsketch("grid", "cat-head", "pig-head", *words).exit_code == 0
    assert {"1 rose", "2 ink", "#d0607a", "0.4", "#1b2a5c"} <= set((tmp_path / "a.svg").read_text().split('"'))


def test_the_library_and_the_usual_model(
    home: Path, plotsketch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, 'library = "mine"\nmodel = "everyday"')
    kept = json.loads(plotsketch("keep", "seed:7", "--as", "lucky", "--json").stdout)
    assert (kept["model"], kept["library"]) == ("everyday", str(home / "mine" / "landmarks.json"))
    monkeypatch.setenv("PLOTSKETCH_MODEL", "catpig")
    monkeypatch.setenv("PLOTSKETCH_LIBRARY", str(tmp_path / "theirs"))
    kept = json.loads(plotsketch("keep", "seed:7", "--as", "lucky", "--json").stdout)
    assert (kept["model"], kept["library"]) == ("catpig", str(tmp_path / "theirs" / "landmarks.json"))


def test_another_file_and_none(home: Path, plotsketch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "broken")
    (tmp_path / "other.toml").write_text("[commands.grid]\nrows = 2")
    monkeypatch.setenv("PLOTSKETCH_CONFIG", str(tmp_path / "other.toml"))
    assert words_of("grid", "a", "b", "-o", "x.svg")["rows"] == 2
    monkeypatch.setenv("PLOTSKETCH_CONFIG", "/dev/null")
    assert words_of("grid", "a", "b", "-o", "x.svg")["rows"] is None


def test_no_option_is_called_as_a_folder_is_in_the_environment() -> None:
    ctx = click.Context(cli)
    for name in cli.list_commands(ctx):
        command = cli.get_command(ctx, name)
        assert command is not None
        assert not {"home", "config", "library"} & set(options_of(command))


def test_a_sheet_made_again_goes_by_its_file(home: Path, plotsketch: Run, tmp_path: Path) -> None:
    words = ("grid", "cat-head", "pig-head", "--rows", "2", "--cols", "2", "-o", tmp_path / "a.svg")
    assert plotsketch(*words).exit_code == 0
    write(home, 'machine = "axidraw-v3"\nmodel = "everyday"\n[options]\nmargin = "3cm"\nframe = true')
    assert plotsketch("again", tmp_path / "a.svg", "-o", tmp_path / "b.svg").exit_code == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
