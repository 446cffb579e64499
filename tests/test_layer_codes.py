"""AxiDraw's layer codes: read, written, asked for, and heeded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode, check_wishes, label_of, parse

LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"
INKSCAPE = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
LABELS = ["!2+S30 red", "%3 notes", "3+H40+D200 blue", " 7 +S3", "+s50 fast", "!pause", "2+S30 again", "20 0.3mm"]


def sheet(path: Path, *labels: str) -> Path:
    lines = "".join(
        f'<g inkscape:groupmode="layer" inkscape:label="{label}"><path d="M10,{10 + n} h50" stroke="#00f"/></g>'
        for n, label in enumerate(labels)
    )
    size = 'width="200mm" height="100mm" viewBox="0 0 200 100"'
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {INKSCAPE} {size}>{lines}</svg>')
    return path


def labels(path: Path) -> list[str]:
    return [group.get(LABEL, "") for group in ElementTree.parse(path).getroot() if group.get(LABEL) is not None]


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("1 black", LayerCode(1, "black")),
        ("black 0.3mm", LayerCode(None, "black 0.3mm")),
        ("!2+S30 red", LayerCode(2, "red", pause=True, speed=30)),
        ("  %3 notes", LayerCode(3, "notes", skip=True)),
        ("3+H40+D200 blue", LayerCode(3, "blue", height=40, delay=200)),
        ("4+s30+h0+S110+d1", LayerCode(4, speed=110, height=0, delay=1)),
        ("+S30 red", LayerCode(None, "red", speed=30)),
        ("5 red +S30", LayerCode(5, "red +S30")),
        ("5+S0+S111+H101+D0 red", LayerCode(5, "red")),
        ("", LayerCode()),
    ],
)
def test_labels_say(label: str, code: LayerCode) -> None:
    assert parse(label) == code


names = st.from_regex(r"[a-z#&<]([a-z0-9 .+%!]*[a-z0-9])?", fullmatch=True)
codes = st.builds(
    LayerCode, st.integers(0, 999), names, st.booleans(), st.booleans(), st.none() | st.integers(0, 100),
    st.none() | st.integers(1, 110), st.none() | st.integers(1, 99_999),
)  # fmt: skip


@given(codes)
def test_what_is_written_is_read(code: LayerCode) -> None:
    assert parse(code.label()) == code
    assert code.is_plain or label_of(500, code.label()) == code.label()


@given(st.text())
def test_every_text_is_a_label(label: str) -> None:
    assert parse(parse(label).label()) == parse(parse(parse(label).label()).label())


@given(st.integers(1, 999), names)
def test_plain_labels_begin_with_the_layers_number(number: int, name: str) -> None:
    assert re.match(rf"{number}(?!\d)", label_of(number, name))


@pytest.mark.parametrize("command", ["optimize", "convert"])
def test_codes_go_through_to_the_byte_and_layers_keep_their_order(plotsketch, tmp_path: Path, command: str) -> None:
    given = sheet(tmp_path / "in.svg", *LABELS)
    for _ in range(2):  # what was written is read again
        done = plotsketch(command, given, "-o", tmp_path / "out.svg")
        assert done.exit_code == 0, done.output
        assert labels(tmp_path / "out.svg") == LABELS
        given = (tmp_path / "out.svg").rename(tmp_path / "again.svg")


@pytest.mark.parametrize("command", ["optimize", "convert"])
def test_codes_are_asked_for(plotsketch, tmp_path: Path, command: str) -> None:
    given = sheet(tmp_path / "in.svg", "1 black", "2+H40 red", "notes")
    words = ["--layer-code", "2=S30, D200", "--layer-code", "3=skip", "--layer-code", "all=pause"]
    assert plotsketch(command, given, "-o", tmp_path / "out.svg", *words).exit_code == 0
    assert labels(tmp_path / "out.svg") == ["!1 black", "!2+H40+S30+D200 red", "%!3 notes"]


@pytest.mark.parametrize(
    ("wish", "reason"),
    [("S30", "write a layer"), ("2=", "write a layer"), ("2=X3", "no code"), ("2=S", "no code"), ("2=S0", "1 to 110"),
     ("2=H101", "0 to 100"), ("9=S30", "no layer 9"), ("2=S30,", "no code"), ("two=S3", "write a layer")],
)  # fmt: skip
def test_wishes_that_are_none(plotsketch, tmp_path: Path, wish: str, reason: str) -> None:
    given = sheet(tmp_path / "in.svg", "1 a", "2 b")
    done = plotsketch("optimize", given, "-o", tmp_path / "out.svg", "--layer-code", wish)
    assert done.exit_code == 1 and reason in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "out.svg").exists()
    if wish != "9=S30":
        with pytest.raises(UserError):
            check_wishes([wish])


def test_a_sheet_of_ours_is_drawn_with_codes(plotsketch, tmp_path: Path) -> None:
    words = [
        "--rows",
        1,
        "--cols",
        2,
        "--pen",
        "black",
        "--pen",
        "red",
        "--pen-by",
        "col",
        "--layer-code",
        "2=S30,pause",
    ]
    done = plotsketch("grid", "cat-head", "pig-full", *words, "-o", tmp_path / "sheet.svg")
    assert done.exit_code == 0, done.output
    assert labels(tmp_path / "sheet.svg") == ["1 black", "!2+S30 red"]
    recipe = json.loads(ElementTree.parse(tmp_path / "sheet.svg").getroot()[0].text or "")
    assert recipe["layer_codes"] == ["2=S30,pause"]
    again = plotsketch("vary", f"{tmp_path}/sheet.svg@r1c1", "--rows", 1, "--cols", 1, "-o", tmp_path / "of.svg")
    assert again.exit_code == 0, again.output


def test_skipped_layers_take_no_time_and_the_others_theirs(plotsketch, tmp_path: Path) -> None:
    def told(*names: str, machine: str = "axidraw-v3") -> dict[str, object]:
        path = sheet(tmp_path / "in.svg", *names)
        done = plotsketch("estimate", path, "--machine", machine, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    plain, less = told("1 a", "2 b"), told("1 a", "%2 b")
    assert less["seconds"] == told("1 a")["seconds"] < plain["seconds"]
    assert (less["pen_changes"], less["layers"][1]["skipped"], less["layers"][1]["strokes"]) == (0, True, 0)
    # 50 mm at 10 percent of 220.93 mm/s / 1.1, and the ramps at both ends
    slow, speed = told("1+S10 a"), 8.6979 * 25.4 / 11
    assert slow["draw_seconds"] == pytest.approx(50 / speed + speed / 762, rel=1e-3)
    assert told("1+D2500 a")["seconds"] == pytest.approx(told("1 a")["seconds"] + 2.5, abs=0.002)
    for machine in ("hp7475a", "grbl"):  # no codes of theirs, and `plot` waits all the same
        coded, plain = told("1+D2500 a", machine=machine), told("1 a", machine=machine)
        assert coded["seconds"] == pytest.approx(plain["seconds"] + 2.5, abs=0.002)
    table = plotsketch("estimate", sheet(tmp_path / "in.svg", "1 a", "%2 b")).stdout.splitlines()
    assert table[2].split() == ["2", "%2", "b", "skipped"]


def test_a_sheet_to_be_skipped_whole_is_refused(plotsketch, tmp_path: Path) -> None:
    done = plotsketch("estimate", sheet(tmp_path / "in.svg", "%1 a"))
    assert done.exit_code == 1 and "begins with %" in done.stderr
