"""``plotsketch estimate``: what it says of sheets, ours and others', and of what cannot be plotted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest
import vpype
import vpype_cli
from click.testing import CliRunner, Result

import plotsketch as ps
from plotsketch.cli import vpype_lines
from plotsketch.errors import UserError
from plotsketch.lines.machine import load_machine, machine_names
from plotsketch.lines.times import layer_times
from plotsketch.output.svg_in import document_of

Command = Callable[..., Result]
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    'width="{width}" height="{height}" viewBox="0 0 200 100">{body}</svg>'
)
SQUARE = '<path d="M 10 10 h 20 v 20 h -20 z" />'


def svg(body: str, width: str = "200mm", height: str = "100mm") -> str:
    return HEAD.format(width=width, height=height, body=body)


def layer(label: str, colour: str, body: str) -> str:
    return (
        f'<g inkscape:groupmode="layer" inkscape:label="{label}" stroke="{colour}" fill="none" '
        f'stroke-width="0.3">{body}</g>'
    )


@pytest.fixture
def two_pens(tmp_path: Path) -> Path:
    """A square in black, and two lines in red 80 mm away, of pens that are both called 0.3mm."""
    red = '<polyline points="110,10 150,10"/><line x1="150" y1="20" x2="110" y2="20"/>'
    path = tmp_path / "sheet.svg"
    path.write_text(svg(layer("black 0.3mm", "#000000", SQUARE) + layer("red 0.3mm", "#ff0000", red)))
    return path


def test_a_table_says_where_the_time_goes(plotsketch: Command, two_pens: Path) -> None:
    result = plotsketch("estimate", two_pens)
    assert result.exit_code == 0, result.output
    head, black, red, total, last = result.stdout.splitlines()
    assert head.split() == ["layer", "time", "ink", "travel", "strokes", "lifts"]
    assert black.split()[:3] == ["1", "black", "0.3mm"] and black.split()[-2:] == ["1", "0"]
    assert red.split()[:3] == ["2", "red", "0.3mm"] and red.split()[-2:] == ["2", "3"]
    assert total.split()[0] == "total" and total.split()[2:4] == ["0.16", "m"]
    assert last.startswith("0:2") and "AxiDraw V3" in last and "1 pen change 0:20" in last
    assert result.stderr == ""


def test_json_has_the_same_in_seconds_and_millimetres(plotsketch: Command, two_pens: Path) -> None:
    found = json.loads(plotsketch("estimate", two_pens, "--json").stdout)
    square = np.array([(10, 10), (30, 10), (30, 30), (10, 30), (10, 10)], dtype=float)
    red = [np.array([(110, 10), (150, 10)], dtype=float), np.array([(150, 20), (110, 20)], dtype=float)]
    one, two = layer_times([[square], red], load_machine("axidraw-v3"))
    total = one + two
    assert found["machine"] == "axidraw-v3" and found["page_mm"] == [200, 100] and found["overhang"] == []
    assert found["seconds"] == pytest.approx(total.seconds, abs=0.01)
    assert found["ink_mm"] == pytest.approx(160, abs=0.01)
    assert found["travel_mm"] == pytest.approx(total.travel_mm, abs=0.01)
    assert (found["strokes"], found["lifts"], found["pen_changes"]) == (3, 3, 1)
    parts = ("draw_seconds", "travel_seconds", "lift_seconds", "change_seconds")
    assert found["seconds"] == pytest.approx(sum(found[part] for part in parts), abs=0.01)
    assert [(row["name"], row["colour"]) for row in found["layers"]] == [
        ("1 black 0.3mm", "#000000"),
        ("2 red 0.3mm", "#ff0000"),
    ]
    assert [row["seconds"] for row in found["layers"]] == pytest.approx([one.seconds, two.seconds], abs=0.01)


def test_a_slower_pen_takes_longer(plotsketch: Command, two_pens: Path) -> None:
    def taken(*options: object) -> float:
        return float(json.loads(plotsketch("estimate", two_pens, "--json", *options).stdout)["draw_seconds"])

    fast, slow = taken("--machine", "hp7475a"), taken("--machine", "hp7475a", "--speed", 20)
    assert slow > 160 / 20 > fast


@pytest.mark.parametrize(("machine", "fastest"), [("hp7475a", 381), ("axidraw-v3", 220.9)])
def test_no_pen_is_faster_than_its_machine(plotsketch: Command, two_pens: Path, machine: str, fastest: float) -> None:
    assert plotsketch("estimate", two_pens, "--machine", machine, "--speed", fastest).exit_code == 0
    done = plotsketch("estimate", two_pens, "--machine", machine, "--speed", fastest + 1)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1) and f"give {fastest:g}" in done.stderr


def test_a_machine_of_ones_own(plotsketch: Command, two_pens: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('like = "axidraw-v3"\ntitle = "My own"\npen_change_s = 100\nlift_s = 10\n')
    result = plotsketch("estimate", two_pens, "--machine", tmp_path / "mine.toml")
    assert "on My own" in result.stdout and "1 pen change 1:40" in result.stdout and "pen lifts 0:30" in result.stdout


def test_machines_are_listed(plotsketch: Command) -> None:
    text = plotsketch("estimate", "--machine", "list").stdout
    assert [line.split()[0] for line in text.splitlines()[1:]] == list(machine_names())
    assert "300 x 218 mm" in text and "HP 7475A" in text
    found = json.loads(plotsketch("estimate", "--machine", "list", "--json").stdout)
    assert found["machines"][0]["travel"] == [160, 101.6]


# what a machine cannot reach


def test_what_is_out_of_reach_is_named_by_side(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "wide.svg"
    path.write_text(svg('<path d="M -5 50 H 190 V 160" stroke="red" fill="none"/>'))
    result = plotsketch("estimate", path, "--machine", "axidraw-v3-b6")
    assert result.exit_code == 0
    left, bottom = result.stderr.splitlines()
    assert left.startswith("Warning: 5.0 mm") and "left" in left and "190 x 140 mm" in left
    assert bottom.startswith("Warning: 20.0 mm") and "bottom" in bottom
    assert plotsketch("estimate", path, "--machine", "axidraw-v3").stderr.count("Warning") == 1


def test_a_portrait_page_is_turned_before_it_is_held_against_the_machine(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "a4.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">'
        '<path d="M 5 5 V 290 H 205" stroke="red" fill="none"/></svg>'
    )
    assert plotsketch("estimate", path).stderr == ""
    warning = plotsketch("estimate", path, "--machine", "axidraw-minikit").stderr
    assert "103.4 mm" in warning and "left" in warning and "turned" in warning


def test_paper_with_margins_is_held_by_size_alone(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "a3.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="420mm" height="297mm" viewBox="0 0 420 297">'
        '<path d="M 12 15 H 410 V 280" stroke="red" fill="none"/></svg>'
    )
    assert plotsketch("estimate", path, "--machine", "hp7475a").stderr == ""
    path.write_text(path.read_text().replace("H 410", "H 419"))
    assert "5.0 mm" in plotsketch("estimate", path, "--machine", "hp7475a").stderr
    upright = path.read_text().replace(
        '"420mm" height="297mm" viewBox="0 0 420 297"', '"297mm" height="420mm" viewBox="0 0 297 420"'
    )
    path.write_text(upright.replace("M 12 15 H 419 V 280", "M 12 15 H 280 V 410"))
    assert plotsketch("estimate", path, "--machine", "hp7475a").stderr == ""


# SVGs from elsewhere


def layers_of(text: str) -> dict[int, tuple[str | None, int]]:
    found = document_of(text.encode(), "a.svg").layers
    return {number: (lines.property(vpype.METADATA_FIELD_NAME), len(lines)) for number, lines in found.items()}


def test_layers_stay_apart_and_in_order() -> None:
    groups = [layer(label, "red", SQUARE) for label in ("5 blue", "red", "3 green", "!12 gold", "x 4")]
    assert layers_of(svg("".join(groups))) == {
        5: ("5 blue", 1), 6: ("red", 1), 7: ("3 green", 1), 12: ("!12 gold", 1), 13: ("x 4", 1),
    }  # fmt: skip
    loose = '<path d="M 0 0 L 5 5" stroke="blue"/>'
    assert layers_of(svg(loose + layer("1 red", "red", SQUARE))) == {1: (None, 1), 2: ("1 red", 1)}
    assert list(layers_of(svg(f'<g id="layer3" stroke="red">{SQUARE}</g><g stroke="red">{SQUARE}</g>'))) == [3, 4]


@pytest.mark.parametrize(
    ("width", "height", "page"),
    [("200mm", "100mm", 200), ("8in", "4in", 203.2), ("100%", "100%", 52.917), ("400", "200", 105.833)],
)
def test_sizes_are_true(plotsketch: Command, tmp_path: Path, width: str, height: str, page: float) -> None:
    path = tmp_path / "a.svg"
    path.write_text(
        svg(
            '<g transform="translate(10 10)"><g transform="scale(2)"><path d="M 0 0 H 50" stroke="red"/></g></g>',
            width,
            height,
        )
    )
    found = json.loads(plotsketch("estimate", path, "--json").stdout)
    assert found["page_mm"] == pytest.approx([page, page / 2], abs=0.01)
    assert found["ink_mm"] == pytest.approx(page / 2, abs=0.01)


def test_three_hundred_layers(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "many.svg"
    path.write_text(svg("".join(layer("pen", "red", SQUARE) for _ in range(300))))
    found = json.loads(plotsketch("estimate", path, "--json").stdout)
    assert len(found["layers"]) == 300 and found["pen_changes"] == 299 and found["ink_mm"] == pytest.approx(24000)


def test_lines_in_one_point_are_dots(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "dots.svg"
    path.write_text(svg('<polyline points="3,4 3,4" stroke="red"/>' * 5))
    found = json.loads(plotsketch("estimate", path, "--json").stdout)
    assert found["strokes"] == 5 and found["draw_seconds"] == 0 and found["lifts"] == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (svg(""), "no lines to draw"),
        (svg("<text>cat</text>"), "no lines to draw"),
        (svg('<polyline points="0,0 nan,3 4,4" stroke="red"/>'), "no numbers"),
        (svg('<path d="M 0 0 L 1e999 3" stroke="red"/>'), "no numbers"),
        (svg(SQUARE, width="wide"), "no length"),
        (svg(SQUARE, width="0"), "no length"),
        (svg(SQUARE, height="-3mm"), "no length"),
        (svg(SQUARE).replace("M 10 10", "M 10 ,"), "bad.svg"),
        ("<svg", "not a well-formed SVG"),
        ("<html/>", "not an SVG"),
        ("", "is empty"),
    ],
)
def test_what_cannot_be_plotted_is_said_in_a_line(plotsketch: Command, tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.svg"
    path.write_text(text)
    result = plotsketch("estimate", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert reason in result.stderr and "bad.svg" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_files_and_machines_that_are_not_there(plotsketch: Command, two_pens: Path, tmp_path: Path) -> None:
    missing = plotsketch("estimate", tmp_path / "none.svg")
    assert missing.exit_code == 1 and "none.svg" in missing.stderr and len(missing.stderr.splitlines()) == 1
    unknown = plotsketch("estimate", two_pens, "--machine", "axidraw-v4")
    assert unknown.exit_code == 1 and "did you mean axidraw-v3" in unknown.stderr
    assert plotsketch("estimate").exit_code == 2
    assert plotsketch("estimate", two_pens, "--speed", 0).exit_code == 2


# in Python and in vpype


def test_a_document_is_estimated_too() -> None:
    document = vpype.Document(vpype.LineCollection([[0, 96 * 10]]), page_size=(960.0, 480.0))
    found = ps.estimate(document)
    assert found.total.ink_mm == pytest.approx(254) and found.page == pytest.approx((254, 127))
    assert ps.estimate(vpype.Document(vpype.LineCollection([[0, 96]]))).page == (300, 218)
    with pytest.raises(UserError, match="no numbers"):
        ps.estimate(vpype.Document(vpype.LineCollection([[0, complex("nan")]])))
    with pytest.raises(UserError, match="no lines"):
        ps.estimate(vpype.Document(page_size=(10.0, 10.0)))


def test_plottime_prints_the_table_in_a_pipeline(
    monkeypatch: pytest.MonkeyPatch, plotsketch: Command, two_pens: Path
) -> None:
    commands: dict[str, click.Command] = {**vpype_cli.cli.commands, "plottime": vpype_lines.plottime}
    monkeypatch.setattr(vpype_cli.cli, "commands", commands)

    def run(*words: object) -> Result:
        return CliRunner().invoke(vpype_cli.cli, [str(word) for word in words], prog_name="vpype")

    result = run("line", 0, 0, "10cm", 0, "line", "10cm", 0, "10cm", "5cm", "plottime", "linemerge", "plottime")
    assert result.exit_code == 0, result.output
    before, after = (line for line in result.stdout.splitlines() if line.startswith("total"))
    assert before.split()[2:4] == after.split()[2:4] == ["0.15", "m"]
    assert (before.split()[-2], after.split()[-2]) == ("2", "1")
    wrong = run("line", 0, 0, 1, 1, "plottime", "--machine", "axidraw")
    assert wrong.exit_code == 1 and "did you mean" in wrong.output and "Traceback" not in wrong.output
    empty = run("plottime", "line", 0, 0, "10cm", 0, "plottime")
    assert empty.exit_code == 0 and "no lines to plot" in empty.output and "0.10 m" in empty.output
    with pytest.raises(AttributeError):
        _ = vpype_lines.nothing


@pytest.mark.parametrize("words", [["FILE"], ["--speed", 100], ["FILE", "--json"]])
def test_a_list_of_machines_with_something_to_estimate_is_refused(plotsketch, tmp_path: Path, words: list[str]) -> None:
    given = tmp_path / "in.svg"
    done = plotsketch("estimate", "--machine", "list", *(given if word == "FILE" else word for word in words))
    assert done.exit_code == 1 and "names the machines and estimates nothing" in done.stderr
    assert ("--speed" if "--speed" in words else "in.svg") in done.stderr and done.stdout == ""
