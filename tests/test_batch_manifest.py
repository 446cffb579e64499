"""Manifests: what they mean, and what is said of each mistake, with its line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotsketch.batch.expand import combinations, values_of
from plotsketch.batch.job import Job
from plotsketch.batch.manifest import read_manifest
from plotsketch.batch.template import Template
from plotsketch.batch.toml_lines import TomlLines
from plotsketch.cli.batch_commands import CommandLine
from plotsketch.errors import UserError

GRID = """
[[job]]
command = "grid"
drawings = ["cat-head", "pig-full"]
"""  # lines 2 to 4


def jobs(folder: Path, text: str) -> tuple[Job, ...]:
    path = folder / "run.toml"
    path.write_text(text)
    return read_manifest(path, CommandLine()).jobs


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(UserError) as caught:
        jobs(folder, text)
    return str(caught.value)


def test_each_and_zip(tmp_path: Path) -> None:
    made = jobs(
        tmp_path,
        GRID.replace("cat-head", "{who}")
        + """
        output = "{who}-{seed:02}-{temperature:.1f}-{rows}.svg"
        options = {rows = 2, title = "{who} no. {n}"}
        each = {who = ["cat-head", "cat-full"], seed = "7..8"}
        zip = {temperature = {from = 0.1, to = 0.2, step = 0.1}, cols = [3, 4]}
        """,
    )
    assert [job.name for job in made] == [
        f"{who}-0{seed}-0.{tenth}-2" for who in ("cat-head", "cat-full") for seed in (7, 8) for tenth in (1, 2)
    ]
    assert [job.number for job in made] == list(range(1, 9))
    assert made[3].options == {
        "rows": "2", "seed": "8", "temperature": "0.2", "cols": "4", "title": "cat-head no. 4",
    }  # fmt: skip
    assert made[4].arguments == ("cat-full", "pig-full")
    assert made[0].cells == 6


def test_options_of_the_run_go_to_commands_that_have_them(tmp_path: Path) -> None:
    text = '[run]\nfolder = "out"\n[run.options]\ncols = 3\ntitle = "Run"\n' + GRID + "options = {cols = 4}\n"
    grid, walk = jobs(tmp_path, text + '[[job]]\ncommand = "walk"\ndrawings = "cat-full"\n')
    assert grid.options == {"cols": "4", "title": "Run"}
    assert walk.options == {"cols": "3", "title": "Run"}


@pytest.mark.parametrize(
    ("more", "editions", "seeds"),
    [
        ("edition = 3", ["1/3", "2/3", "3/3"], ["1", "2", "3"]),
        ("edition = 2\noptions = {seed = 40}", ["1/2", "2/2"], ["40", "41"]),
        ("edition = true\neach = {seed = [5, 9]}", ["1/2", "2/2"], ["5", "9"]),
    ],
)
def test_editions(tmp_path: Path, more: str, editions: list[str], seeds: list[str]) -> None:
    made = jobs(tmp_path, GRID + more)
    assert [job.options["edition"] for job in made] == editions
    assert [job.options["seed"] for job in made] == seeds


def test_flags_and_values_that_may_be_repeated(tmp_path: Path) -> None:
    more = 'options = {landscape = false, frame = false, optimize = true, pen = ["red", "navy"]}'
    assert jobs(tmp_path, GRID + more)[0].options == {"portrait": True, "optimize": True, "pen": ("red", "navy")}
    made = jobs(tmp_path, GRID + 'each = {pen = [["red", "navy"], "black"], landscape = [true, false]}')
    assert [job.options["pen"] for job in made] == [("red", "navy"), ("red", "navy"), ("black",), ("black",)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "run.toml:1: there is no job"),
        ("[run]\nversion = 2\nnovelty = true\n" + GRID, "run.toml:2: the manifest is of version 2"),
        ("[run\n", "run.toml:1: this is no TOML"),
        ("a = 1\n\n\n'\n", "run.toml:4: this is no TOML"),
        ("[runs]\n" + GRID, "run.toml:1: a manifest has no 'runs'; did you mean 'run'?"),
        ("[job]\ncommand = 'grid'\n", "run.toml:1: jobs are a list of tables"),
        ("[[job]]\n", "run.toml:1: the job has no command"),
        ("[[job]]\n\ncommand = 'gird'\n", "run.toml:3: no command 'gird' makes files: did you mean grid"),
        (GRID + "rows = 3\n", "run.toml:5: a [[job]] has no 'rows'"),
        (GRID + "name = 3\n", "run.toml:5: name = 3; it takes a text"),
        (GRID + "[job.options]\nrows = 3\nrosw = 4\n", "run.toml:7: grid has no option 'rosw'; did you mean 'rows'?"),
        (GRID + "[job.options]\nrows = 'many'\n", "run.toml:6: rows: 'many' is not a valid integer"),
        (GRID + "[job.options]\nrows = [2, 3]\n", "run.toml:6: rows = ['2', '3']; it takes one value"),
        (GRID + "[job.options]\nlayout = 'spiral'\n", "run.toml:6: --layout is 'spiral'; choose grid"),
        (GRID + "[job.options]\nframe = 1\n", "run.toml:6: frame = 1; it takes true or false"),
        (GRID + "[job.options]\nframe = true\nrows = 0\n", "run.toml:2: a grid of 0 x 9 cells is empty"),
        (GRID + "[job.options]\npaper = 'a99'\n", "run.toml:"),
        (GRID + "[job.options]\njson = true\n", "run.toml:6: grid has no option 'json'"),
        (GRID + "[job.options]\ngiven = '9'\n", "run.toml:6: given: '9' is not rows x columns"),
        (GRID + "[job.options]\nmodel = 'evryday'\n", "run.toml:6: there is no model 'evryday'; did you mean everyday"),
        (GRID + "preset = 'hp7475-a3'\n", "run.toml:5: no preset 'hp7475-a3': did you mean hp7475a-a3"),
        (GRID + "preset = 'textile-64cm'\n", "run.toml:5: preset 'textile-64cm' is for pattern, not for grid"),
        (GRID + "[job.each]\nseed = '9..1'\n", "run.toml:6: seed runs from 9 to 1 by 1"),
        (GRID + "[job.each]\nseed = []\n", "run.toml:6: seed has no values"),
        (GRID + "[job.each]\nseed = {from = 1}\n", "run.toml:6: seed is no range"),
        (GRID + "[job.each]\nsede = [1, 2]\n", "run.toml:6: grid has no option 'sede'; did you mean 'seed'?"),
        (GRID + "[job.zip]\nseed = [1, 2]\nrows = [1]\n", "run.toml:5: values side by side are equally many"),
        (GRID + "[job.each]\nseed = '1..999999'\n", "run.toml:6: seed has 999,999 values"),
        (GRID + "options = {seed = 1}\neach = {seed = [2]}\n", "run.toml:6: seed stands in options and in each"),
        (GRID + "edition = 4\neach = {seed = '1..3'}\n", "run.toml:5: edition = 4, and the parameters make 3"),
        (GRID + "output = '{name}-{sed}.svg'\neach = {seed = [1]}",
         "run.toml:5: '{name}-{sed}.svg': there is no {sed}; did you mean seed"),
        (GRID + "output = '{name'\n", "run.toml:5: '{name' is no template"),
        (GRID + "output = '{name.__class__}.svg'\n", "run.toml:5: '{name.__class__}.svg': {name.__class__} is no"),
        (GRID + "output = '{n:999999}.svg'\n", "run.toml:5: '{n:999999}.svg': ':999999' is no format"),
        (GRID + "output = '../sheet.svg'\n", "run.toml:5: '../sheet.svg' is no file in the run's folder"),
        (GRID + "output = '/etc/sheet.svg'\n", "run.toml:5: '/etc/sheet.svg' is no file in the run's folder"),
        (GRID + "output = 'sheet.docx'\n", "run.toml:5: no format for sheet.docx; end the name in"),
        (GRID + "output = '{name}.svg'\neach = {seed = [1, 2]}",
         "run.toml:2: two jobs would write 'grid.svg'; put {seed} into"),
        (GRID + GRID, "run.toml:6: 'grid-0001.svg' is written by the job of line 2 too"),
        (GRID + "output = ['a.svg', 'A.svg']\n", "run.toml:2: two outputs of a job would be 'A.svg'"),
        (GRID + "steps = ['estimte']\n", "run.toml:5: 'estimte' is no step: did you mean 'estimate'?"),
        (GRID + "steps = [{command = 'convert', mashine = 'grbl'}]\n",
         "run.toml:5: convert has no option 'mashine'; did you mean 'machine'"),
        (GRID + "steps = ['convert']\n", "run.toml:5: Missing option '-o' / '--output'"),
        (GRID.replace("cat-head", "cat-haed"),
         "run.toml:4: neither you nor model 'catpig' know 'cat-haed'; did you mean cat-head"),
        (GRID.replace("cat-head", "gone.svg"), "run.toml:4: "),
        (GRID.replace("cat-head", "gone.ndjson#3"), "run.toml:4: "),
        (GRID.replace("cat-head", "class:cow"), "run.toml:4: model 'catpig' knows no class 'cow'"),
        (GRID.replace('drawings = ["cat-head", "pig-full"]', 'file = "cat-head"'),
         "run.toml:4: grid takes drawings, not file"),
        ('[[job]]\ncommand = "convert"\nfile = "gone.svg"\n', "run.toml:3: "),
        ("[run.options]\nrosw = 3\n" + GRID, "run.toml:2: no job has an option 'rosw'"),
        ("[run.options]\nrows = 'x'\n" + GRID, "run.toml:2: rows: 'x' is not a valid integer"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    told = refusal(tmp_path, text)
    assert told.startswith(said)
    assert "\n" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["run.toml"]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GRID + "options = {rosw = 1}\n" + GRID + "output = '{'\n[[job]]\ncommand = 'grib'\n"
    first, *told = refusal(tmp_path, text).splitlines()
    assert first == "3 mistakes, and nothing was run"
    assert [line.split(":")[1] for line in told] == ["5", "10", "12"]


def test_an_output_over_a_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cat.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M1 1L8 8L1 5"/></svg>')
    text = '[run]\nfolder = "."\n' + GRID.replace("cat-head", "cat.svg") + 'output = "cat.svg"\n'
    assert "would be written over" in refusal(tmp_path, text)


@given(st.integers(-50, 50), st.integers(0, 60), st.integers(1, 9))
def test_ranges_have_both_ends(first: int, count: int, step: int) -> None:
    last = first + count
    assert values_of("seed", f"{first}..{last}") == [*range(first, last + 1)]
    assert values_of("seed", {"from": first, "to": last, "step": step}) == [*range(first, last + 1, step)]
    assert values_of("t", {"from": first / 10, "to": last / 10, "step": 0.1}) == [
        i / 10 for i in range(first, last + 1)
    ]


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(), min_size=1, max_size=4)))
def test_every_combination_once(each: dict[str, list[int]]) -> None:
    made = combinations(each, {"x": [1, 2]})
    size = 2
    for values in each.values():
        size *= len(values)
    assert len(made) == size
    assert all(row.keys() == each.keys() | {"x"} for row in made)


@given(st.text(max_size=12))
def test_values_cannot_leave_the_folder(value: str) -> None:
    made = Template("{who}.svg").fill({"who": value}, as_name=True)
    assert "/" not in made and "\\" not in made and "\0" not in made and not made.startswith(".")


KEYS = st.from_regex(r"[a-z][a-z0-9_-]{0,6}", fullmatch=True)
VALUES = st.sampled_from(
    ["1", '"#"', '"a = 1"', "'[[job]]'", "[1, 2]", "[\n 1, # [\n 2\n]", '"""\nkey = 1\n[[job]]\n"""', "'''\n]\n'''",
     "{x = 1, y = [2]}", '"\\""', '["]", "\\"["]', "true # {"]
)  # fmt: skip
TABLES = st.lists(st.tuples(st.booleans(), st.dictionaries(KEYS, VALUES, max_size=4)), max_size=5)


@given(TABLES)
def test_lines_are_those_of_the_text(tables: list[tuple[bool, dict[str, str]]]) -> None:
    text, expected = "# a note\n", {}
    for index, (spaced, keys) in enumerate(tables):
        text += "\n" * spaced + "[[ job ]] # [x]\n"
        expected["job", index] = text.count("\n")
        for key, value in keys.items():
            text += f"  {key} = {value}\n"
            expected["job", index, key] = text.count("\n") - value.count("\n")
        text += "[job.inner]\nlast = 1\n"
        expected["job", index, "inner", "last"] = text.count("\n")
    lines = TomlLines(text)
    assert read_sizes(text) == [len({**keys, "inner": 0}) for _, keys in tables]
    for path, line in expected.items():
        if path[-1:] != ("inner",):
            assert lines.at(*path) == line
    assert lines.at("job", 99, "x") == lines.at("job")


def read_sizes(text: str) -> list[int]:
    found: dict[str, Any] = tomllib.loads(text)
    return [len(job) for job in found.get("job", [])]
