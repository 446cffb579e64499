"""Looking at a sheet: ``--preview`` writes pictures beside it, ``--show`` puts it into the terminal."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vpype
from click.testing import Result
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from test_grid import FakeSketcher

from plotsketch.output.terminal import Kind, braille, kind_of, kitty, sheet_text, sixel
from plotsketch.sheet.document import Pen, to_document
from plotsketch.sheet.paper import Paper
from plotsketch.strokes.sketch import Sketch

Command = Callable[..., Result]
SMALL = ("--rows", 2, "--cols", 2, "--paper", "a7")


@pytest.fixture
def sketcher(monkeypatch: pytest.MonkeyPatch) -> FakeSketcher:
    fake = FakeSketcher()
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: fake)
    return fake


def sheet(colour: str = "#000000", width: float = 0.3) -> vpype.Document:
    """An upright paper with one line down its left half and one along its foot."""
    lines = ([[25, 0], [25, 200]], [[0, 190], [100, 190]])
    return to_document([Sketch(tuple(map(np.array, lines)))], Paper(100, 200), Pen("ink", width, colour))


def test_a_preview_stands_beside_each_svg(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("a.svg", "b.SVG", "c.png")]
    outputs = [word for name in names for word in ("-o", name)]
    result = plotsketch("grid", "cat", "pig", *SMALL, "--preview", "--dpi", 60, *outputs)
    assert result.exit_code == 0, result.output
    pictures = [tmp_path / name for name in ("a.png", "b.png")]
    assert result.stdout.splitlines()[:5] == [str(path) for path in (*names, *pictures)]
    assert all(Image.open(path).size == (175, 248) for path in pictures)
    assert pictures[0].read_bytes() == names[2].read_bytes()


def test_a_preview_that_is_named_already_is_written_once(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    result = plotsketch("grid", "cat", "pig", *SMALL, "--preview", "-o", tmp_path / "a.svg", "-o", tmp_path / "a.png")
    assert result.stdout.count("a.png") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--preview", "-o", "a.png"], "--preview writes a PNG beside each SVG, and there is none"),
        (["--preview", "-o", "taken/a.svg"], "cannot write taken/a.svg"),
        (["--preview", "-o", "a.svg", "--dpi", "0"], "--dpi is 0"),
    ],
)
def test_a_preview_that_cannot_be_is_said_before_any_work(
    plotsketch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: pytest.fail("the model was loaded"))
    (tmp_path / "taken").write_bytes(b"a file, not a folder")
    result = plotsketch("grid", "cat", "pig", *words)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert message in result.stderr


def test_a_sheet_is_shown_on_stderr(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("KITTY_WINDOW_ID", "1")  # of no use: what runs here is no terminal
    result = plotsketch("grid", "cat", "pig", *SMALL, "--show", "--pen", "red", "-o", tmp_path / "a.svg")
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stderr.splitlines() if re.search("[⠁-⣿]", line)]
    assert len(lines) > 10 and max(map(len, lines)) <= 60
    assert "\x1b" not in result.stderr
    assert result.stdout.splitlines()[0] == str(tmp_path / "a.svg")


def test_a_sheet_may_be_shown_and_not_written(plotsketch: Command, sketcher: FakeSketcher) -> None:
    result = plotsketch("grid", "cat", "pig", *SMALL, "--show")
    assert result.exit_code == 0, result.output
    assert re.search("[⠁-⣿]", result.stderr)
    assert result.stdout.startswith("4 cells, ")


@pytest.mark.parametrize(
    ("environment", "is_terminal", "kind"),
    [
        ({}, True, "braille"),
        ({"TERM": "xterm-256color"}, True, "braille"),
        ({"TERM": "xterm-kitty"}, True, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, True, "kitty"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, True, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True, "sixel"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True, "sixel"),
        ({"TERM": "foot"}, True, "sixel"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True, "braille"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, True, "braille"),
        ({"TERM": "screen.xterm-kitty", "KITTY_WINDOW_ID": "1"}, True, "braille"),
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, False, "braille"),
    ],
)
def test_a_terminal_gets_what_it_says_it_shows(environment: dict[str, str], is_terminal: bool, kind: Kind) -> None:
    assert kind_of(environment, is_terminal) == kind


def dots(text: str) -> NDArray[np.bool_]:
    """Braille back into dots, rows by columns."""
    lines = [line.replace(" ", "\u2800") for line in text.splitlines()]
    width = max(map(len, lines))
    codes = np.array([[ord(letter) - 0x2800 for letter in line.ljust(width, "\u2800")] for line in lines])
    bits = np.array([[0, 3], [1, 4], [2, 5], [6, 7]])
    return np.array(((codes[:, None, :, None] >> bits[:, None, :]) & 1).reshape(4 * len(lines), -1), dtype=bool)


@pytest.mark.parametrize("width", [0.01, 0.3, 1.0])
def test_fine_lines_stay_to_be_seen_in_braille(width: float) -> None:
    found = dots(sheet_text(sheet(width=width), "braille", 40, 10))
    assert found.shape[0] == 160  # as wide as was asked for, and as high as that makes it
    assert found[:, 19:21].any(axis=1).all()  # the line down
    assert found[151:153, :80].any(axis=0).all()  # the line along
    assert not found[:150, 23:].any()


def test_braille_is_coloured_where_the_ink_is() -> None:
    text = sheet_text(sheet("#c02010", width=9), "braille", 20, 10)
    assert "\x1b[38;2;192;32;16m" in text
    assert text.count("\x1b[39m") == text.count("\x1b[38;2;")
    assert "\x1b" not in sheet_text(sheet("#101010"), "braille", 20, 10)


def picture() -> Image.Image:
    image = Image.new("RGB", (37, 23), "white")
    ImageDraw.Draw(image).ellipse((4, 3, 30, 20), outline="#ff0000", fill="#0000ff")
    return image


def read_sixel(text: str) -> NDArray[np.int64]:
    """The picture (rows, columns, 3) that a terminal makes of sixels, in per cent."""
    assert text.startswith("\x1bPq") and text.endswith("\x1b\\\n")
    width, height = map(int, re.findall(r'"1;1;(\d+);(\d+)', text)[0])
    body = text[text.index('"') :].removesuffix("\x1b\\\n")
    palette = {int(n): tuple(map(int, rgb)) for n, *rgb in re.findall(r"#(\d+);2;(\d+);(\d+);(\d+)", body)}
    body = re.sub(r'"[\d;]+|#\d+;2;\d+;\d+;\d+', "", body)
    canvas = np.full((height + 6, width, 3), -1)
    x, y, colour = 0, 0, 0
    for token in re.findall(r"#\d+|!\d+[?-~]|[?-~]|\$|-", body):
        if token[0] == "#":
            colour = int(token[1:])
        elif token in "$-":
            x, y = 0, y + 6 * (token == "-")
        else:
            count = int(token[1:-1]) if token[0] == "!" else 1
            for bit in range(6):
                if (ord(token[-1]) - 63) >> bit & 1:
                    canvas[y + bit, x : x + count] = palette[colour]
            x += count
    return canvas[:height]


def test_sixels_are_the_picture() -> None:
    image = picture()
    np.testing.assert_allclose(read_sixel(sixel(image)), np.asarray(image) / 2.55, atol=1)


def test_kitty_gets_the_picture_in_chunks() -> None:
    noise = Image.effect_noise((200, 120), 80).convert("RGB")
    text = kitty(noise)
    parts = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert len(parts) > 2 and all(len(data) <= 4096 for _, data in parts)
    assert parts[0][0] == "a=T,f=100,q=2,m=1"
    assert [keys for keys, _ in parts[1:]] == ["m=1"] * (len(parts) - 2) + ["m=0"]
    shown = Image.open(io.BytesIO(base64.b64decode("".join(data for _, data in parts))))
    np.testing.assert_array_equal(np.asarray(shown), np.asarray(noise))


@pytest.mark.parametrize("kind", ["sixel", "kitty"])
def test_a_picture_fits_into_the_terminal(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[Any] = []
    monkeypatch.setattr(f"plotsketch.output.terminal.{kind}", lambda image: sizes.append(image.size) or "")
    sheet_text(sheet(), kind, 80, 20)
    sheet_text(sheet(), kind, 10, 500)
    assert sizes == [(180, 360), (90, 180)]  # 20 lines of 18 pixels; 10 columns of 9


def test_a_picture_of_any_size_becomes_braille() -> None:
    for size in ((1, 1), (2, 4), (3, 5)):
        text = braille(Image.new("RGB", size, "black"))
        assert dots(text).sum() == size[0] * size[1]
