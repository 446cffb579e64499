"""``plotsketch preview``: the pixels of its pictures and films, held against the sheet, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vpype
from click.testing import Result
from PIL import Image

import plotsketch as ps
from plotsketch.api.preview import Film
from plotsketch.errors import UserError

Command = Callable[..., Result]
MM = 96 / 25.4  # vpype's pixels
DPI = 150
WHITE = (255, 255, 255)


def svg(body: str, size: tuple[float, float] = (100, 50)) -> str:
    wide, high = size
    inkscape = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
    box = f'width="{wide}mm" height="{high}mm" viewBox="0 0 {wide} {high}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {inkscape} {box}>{body}</svg>'


def layer(label: str, colour: str, width: float, path: str) -> str:
    return (
        f'<g inkscape:groupmode="layer" inkscape:label="{label}" fill="none" stroke="{colour}" stroke-width="{width}">'
        f'<path d="{path}"/></g>'
    )


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A black line from (10, 10) to (60, 10) and a wide red one from (60, 30) to (90, 30)."""
    path = tmp_path / "sheet.svg"
    black = layer("1 black", "#000000", 0.5, "M 10 10 H 60")
    path.write_text(svg(black + layer("2 red", "#e01010", 1.5, "M 60 30 H 90")))
    return path


class Shot:
    """A picture that was made, asked by millimetres of the page."""

    def __init__(self, plotsketch: Command, sheet: Path, *words: object) -> None:
        self.path = sheet.with_suffix(".png")
        dpi = words[words.index("--dpi") + 1] if "--dpi" in words else DPI
        done = plotsketch("preview", sheet, "-o", self.path, "--json", *words)
        assert done.exit_code == 0, done.output
        self.told: dict[str, Any] = json.loads(done.stdout)
        self.left, self.top, self.width, self.height = self.told["picture"]["page"]
        self.image = Image.open(self.path)
        self.scale = float(str(dpi)) / 25.4
        self.table = np.asarray(self.image.convert("RGB")).astype(int)
        assert list(self.image.size) == self.told["picture"]["size"]

    def at(self, x: float, y: float) -> tuple[int, int, int]:
        red, green, blue = self.table[self.top + int(y * self.scale), self.left + int(x * self.scale)].tolist()
        return red, green, blue

    def around(self, x: float, y: float) -> list[tuple[int, int, int]]:
        """The pixels within one of that place."""
        row, column = self.top + int(y * self.scale), self.left + int(x * self.scale)
        return [
            tuple(pixel) for pixel in self.table[row - 1 : row + 2, column - 1 : column + 2].reshape(-1, 3).tolist()
        ]


def is_travel(colour: tuple[int, int, int]) -> bool:
    return colour[2] > colour[0] + 25 and colour[2] > 200


# the picture


@pytest.mark.parametrize("dpi", [31.7, 72, 150, 300])
def test_the_page_has_its_size_to_the_pixel_and_stands_on_a_desk(plotsketch: Command, sheet: Path, dpi: float) -> None:
    shot = Shot(plotsketch, sheet, "--dpi", dpi, "--no-travel")
    assert (shot.width, shot.height) == (round(100 / 25.4 * dpi), round(50 / 25.4 * dpi))
    inner = shot.table[shot.top : shot.top + shot.height, shot.left : shot.left + shot.width]
    for edge in (inner[0], inner[-1], inner[:, 0], inner[:, -1]):
        assert (edge == 255).all()
    for beyond in (shot.table[shot.top - 1, shot.left + 5], shot.table[shot.top + shot.height, shot.left + 5]):
        assert beyond.max() < 255
    assert shot.image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.05)


def test_ink_is_where_the_lines_are_in_its_colour_and_width(plotsketch: Command, sheet: Path) -> None:
    shot = Shot(plotsketch, sheet, "--no-travel", "--no-starts", "--dpi", 300)
    for x in (10.2, 35, 59.8):
        assert shot.at(x, 10) == (0, 0, 0)
    assert shot.at(75, 30) == (0xE0, 0x10, 0x10)
    assert {shot.at(35, 9), shot.at(35, 11), shot.at(9.5, 10), shot.at(60.6, 10), shot.at(75, 28.9)} == {WHITE}
    column = shot.table[shot.top : shot.top + shot.height, shot.left + int(75 * shot.scale), 1]
    covered = ((255 - column) / (255 - 0x10)).sum()
    assert covered == pytest.approx(1.5 * shot.scale, abs=0.6)
    assert shot.at(59.4, 30) == (0xE0, 0x10, 0x10)  # the pen is round


def test_travel_goes_from_home_from_stroke_to_stroke_and_back(plotsketch: Command, sheet: Path) -> None:
    shot, bare = Shot(plotsketch, sheet), Shot(plotsketch, sheet, "--no-travel")
    for x, y in ((5, 5), (60, 20), (45, 15)):
        assert any(map(is_travel, shot.around(x, y))), (x, y)
        assert bare.around(x, y) == [WHITE] * 9
    assert not any(map(is_travel, shot.around(20, 30)))
    assert any(map(is_travel, shot.around(0.9, 0))) or min(shot.at(0.9, 0)) < 120  # the ring at home


def test_a_dot_stands_where_a_stroke_begins(plotsketch: Command, sheet: Path) -> None:
    red, green, blue = Shot(plotsketch, sheet).at(10, 10)
    assert green > red + 80 and green > blue
    assert Shot(plotsketch, sheet).at(60, 10) == (0, 0, 0)
    assert Shot(plotsketch, sheet, "--no-starts").at(10.1, 10) == (0, 0, 0)


def test_colours_tell_the_order_when_asked(plotsketch: Command, sheet: Path) -> None:
    shot, plain = Shot(plotsketch, sheet, "--order"), Shot(plotsketch, sheet)
    assert shot.at(35, 10) == (20, 20, 140) and shot.at(75, 30) == (232, 158, 20)
    assert shot.image.height > plain.image.height  # for the bar


def test_only_some_layers_as_if_there_were_no_others(plotsketch: Command, sheet: Path) -> None:
    shot = Shot(plotsketch, sheet, "--layer", 2)
    assert shot.at(40, 10) == WHITE and shot.at(75, 30) == (0xE0, 0x10, 0x10)
    assert [row["number"] for row in shot.told["layers"]] == [2] and shot.told["pen_changes"] == 0
    assert any(map(is_travel, shot.around(30, 15)))  # straight from home
    both = Shot(plotsketch, sheet, "--layer", 2, "--layer", 1)
    assert len(both.told["layers"]) == 2


def test_the_machines_reach_is_shown_where_it_is_named(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "a4.svg"
    path.write_text(svg(layer("1", "#000000", 0.3, "M 10 10 H 60"), (297, 210)))
    shown, bare = Shot(plotsketch, path, "--machine", "axidraw-v3-b6"), Shot(plotsketch, path)
    assert shown.at(100, 100) == bare.at(100, 100) == bare.at(250, 100) == WHITE
    assert shown.at(250, 100) != WHITE and shown.at(100, 180) != WHITE
    on_line = [pixel for y in range(20, 120, 3) for pixel in shown.around(190, y)]
    assert any(red > green + 60 for red, green, _ in on_line)


def test_figures_are_those_of_estimate(plotsketch: Command, sheet: Path) -> None:
    told = Shot(plotsketch, sheet, "--machine", "hp7475a").told
    wanted = json.loads(plotsketch("estimate", sheet, "--machine", "hp7475a", "--json").stdout)
    assert {name: told[name] for name in wanted} == wanted


def test_a_layer_that_is_skipped_is_not_drawn(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "skip.svg"
    path.write_text(svg(layer("1 on", "#000000", 0.5, "M 10 10 H 60") + layer("%2 off", "#ff0000", 1, "M 60 30 H 90")))
    shot = Shot(plotsketch, path)
    assert shot.at(75, 30) == WHITE and shot.at(35, 10) == (0, 0, 0)


def test_lines_off_the_page_are_seen(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "off.svg"
    path.write_text(svg(layer("1", "#000000", 0.5, "M 50 20 H 120 M 50 30 L 1e5 30")))
    assert Shot(plotsketch, path).at(115, 20) == (0, 0, 0)


def test_the_same_command_makes_the_same_picture_and_says_how(plotsketch: Command, sheet: Path) -> None:
    first = Shot(plotsketch, sheet, "--order").path.read_bytes()
    shot = Shot(plotsketch, sheet, "--order")
    assert shot.path.read_bytes() == first
    recipe = json.loads(shot.image.info["plotsketch"])["preview"]
    assert recipe["order"] is True and recipe["machine"] == "axidraw-v3" and recipe["dpi"] == 150


@pytest.mark.parametrize("machine", ["hp7475a", "grbl"])
def test_plotters_files_look_like_the_sheet(plotsketch: Command, tmp_path: Path, machine: str) -> None:
    path = tmp_path / "a4.svg"
    path.write_text(svg(layer("1 black", "#000000", 0.5, "M 40 40 H 140 V 100"), (297, 210)))
    made = tmp_path / ("a4.hpgl" if machine == "hp7475a" else "a4.gcode")
    assert plotsketch("convert", path, "-o", made, "--machine", machine).exit_code == 0
    told = Shot(plotsketch, made, "--machine", machine).told
    assert told["ink_mm"] == pytest.approx(160, abs=0.1) and told["strokes"] == 1
    shot = Shot(plotsketch, made, "--machine", machine, "--no-travel", "--no-starts")
    page = shot.table[shot.top : shot.top + shot.height, shot.left : shot.left + shot.width]
    rows, columns = np.nonzero(page.sum(axis=2) < 240)
    assert np.ptp(columns) / shot.scale == pytest.approx(100, abs=1)
    assert np.ptp(rows) / shot.scale == pytest.approx(60, abs=1)


# films


def film(path: Path) -> tuple[list[Image.Image], list[float]]:
    """The frames of a film, and how long each stays, in seconds."""
    found = Image.open(path)
    frames, seconds = [], []
    for number in range(getattr(found, "n_frames", 1)):
        found.seek(number)
        frames.append(found.convert("RGB"))
        seconds.append(found.info["duration"] / 1000)
    return frames, seconds


def inked(frame: Image.Image, red: bool) -> int:
    """How many pixels of the board have the red pen's ink, or the black one's."""
    table = np.asarray(frame).astype(int)[: -frame.height // 4]
    redness = table[:, :, 0] - table[:, :, 1]
    return int((redness > 120).sum() if red else ((table.max(axis=2) < 90) & (abs(redness) < 20)).sum())


@pytest.mark.parametrize(("name", "words"), [("a.gif", ()), ("a.apng", ()), ("a.png", ("--apng",))])
def test_a_film_begins_empty_and_ends_with_the_whole_sheet(
    plotsketch: Command, sheet: Path, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    path = tmp_path / name
    how = ("--seconds", 2, "--fps", 10, "--size", 300, "--rest", 1, *words)
    done = plotsketch("preview", sheet, "-o", path, *how)
    assert done.exit_code == 0, done.output
    frames, seconds = film(path)
    assert sum(seconds) == pytest.approx(3) and seconds[-1] >= 1 and 10 <= len(frames) <= 20
    assert {frame.size for frame in frames} == {frames[0].size} and 280 <= max(frames[0].size) <= 300
    black, red = ([inked(frame, red=which) for frame in frames] for which in (False, True))
    assert red[-1] > 150 and black[-1] > 100  # 30 x 1.5 and 50 x 0.5 mm at 2.7 pixels a mm
    assert red[0] == 0 and black[0] < 60  # the pen itself
    middle = len(frames) // 2  # a pen change takes most of the time
    assert black[middle] > 0.7 * black[-1] and red[middle] < 0.5 * red[-1]
    first = plotsketch("preview", sheet, "-o", tmp_path / f"again-{name}", *how)
    assert first.exit_code == 0 and (tmp_path / f"again-{name}").read_bytes() == path.read_bytes()


def test_a_film_has_no_more_frames_than_memory(plotsketch: Command, sheet: Path, tmp_path: Path) -> None:
    done = plotsketch("preview", sheet, "-o", tmp_path / "a.gif", "--size", 2048, "--seconds", 600)
    assert done.exit_code == 1 and "frames" in done.stderr and not (tmp_path / "a.gif").exists()


# sheets of all kinds


def document(lines: list[list[complex]]) -> vpype.Document:
    return vpype.Document(vpype.LineCollection([np.array(line) * MM for line in lines]))


def test_a_sheet_without_a_page_is_as_large_as_the_reach(tmp_path: Path) -> None:
    found = ps.preview(document([[10 + 10j, 60 + 10j]]), "axidraw-v3")
    _, board = found.picture(72)
    assert board.page == (round(300 / 25.4 * 72), round(218 / 25.4 * 72))
    found.save(tmp_path / "a.gif", film=Film(seconds=0.2, size=64))
    assert (tmp_path / "a.gif").exists()


@pytest.mark.parametrize(
    "lines",
    [
        [[5 + 5j, 5 + 5j]],
        [[5 + 5j], [5 + 5j, 5 + 5j], [5 + 5j, 5 + 5j, 5 + 5j]],
        [[5 + 5j, 6 + 5j], []],
        [[-1e9 + 5j, 1e9 + 6j]],
        [[400 + 400j, 500 + 500j]],
    ],
)
def test_odd_lines_are_drawn(lines: list[list[complex]], tmp_path: Path) -> None:
    sheet = document(lines)
    sheet.page_size = (50 * MM, 40 * MM)
    ps.preview(sheet, order=True).save(tmp_path / "a.png", tmp_path / "a.gif", film=Film(seconds=0.2, size=80), dpi=60)


@pytest.mark.parametrize("size", [(1, 1), (1000, 3), (3, 400), (841, 1189)])
def test_odd_pages_are_drawn_with_a_footer_that_can_be_read(tmp_path: Path, size: tuple[int, int]) -> None:
    sheet = document([[0.2 + 0.2j, 0.8 + 0.8j]])
    sheet.page_size = (size[0] * MM, size[1] * MM)
    found = ps.preview(sheet)
    found.save(tmp_path / "a.png", tmp_path / "a.gif", film=Film(seconds=0.2, size=120), dpi=50)
    _, board = found.picture(50)
    assert board.page == (round(size[0] / 25.4 * 50), round(size[1] / 25.4 * 50)) and board.size[0] > 150


def test_three_hundred_layers_fit_the_legend(plotsketch: Command, tmp_path: Path) -> None:
    path = tmp_path / "many.svg"
    labels = ("pen Größe 漢字 &lt;&amp;&gt; with a very long name indeed" * 3, "%", "")
    path.write_text(
        svg("".join(layer(f"{n} {labels[n % 3]}", "#304050", 0.3, f"M {n % 90} 5 v 9") for n in range(300)))
    )
    shot = Shot(plotsketch, path, "--dpi", 72)
    assert shot.image.height < 2000


# what is refused


@pytest.mark.parametrize(
    "words",
    [
        ("--dpi", 0), ("--dpi", "nan"), ("--dpi", 1e9), ("--dpi", 9000), ("--dpi", 0.1), ("--machine", "axidrow"),
        ("--layer", 7), ("--seconds", 0), ("--seconds", "nan"), ("--seconds", 1e6), ("--fps", 0), ("--size", 3),
        ("--size", 99999), ("--rest", -1), ("-o", "picture.bmp"), ("-o", "folder"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_line(
    plotsketch: Command, sheet: Path, tmp_path: Path, words: tuple[object, ...]
) -> None:
    done = plotsketch("preview", sheet, "-o", tmp_path / "a.png", *words)
    assert done.exit_code == 1 and done.stderr.count("\n") == 1 and done.stderr.startswith("Error: ")
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("none.svg", None), ("empty.svg", ""), ("text.svg", "no svg"), ("blank.svg", svg("")), ("a.txt", "words"),
     ("nan.svg", svg('<path d="M nan 0 L 5 5"/>')), ("a.hpgl", ""), ("a.gcode", "")],
)  # fmt: skip
def test_bad_files_are_one_line(plotsketch: Command, tmp_path: Path, name: str, content: str | None) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    done = plotsketch("preview", tmp_path / name, "-o", tmp_path / "a.png")
    assert done.exit_code == 1 and done.stderr.count("\n") == 1 and name in done.stderr
    assert not (tmp_path / "a.png").exists()


def test_the_sheet_is_never_written_over(plotsketch: Command, sheet: Path, tmp_path: Path) -> None:
    text = sheet.read_bytes()
    (tmp_path / "link.png").symlink_to(sheet)
    done = plotsketch("preview", sheet, "-o", tmp_path / "link.png")
    assert done.exit_code == 1 and sheet.read_bytes() == text


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--seconds", "3", "-o", "a.png"], "--seconds is for a film, and none is made"),
        (["--fps", "9", "--show"], "--fps is for a film"),
        (["--dpi", "90", "-o", "a.gif"], "--dpi is for a picture, and none is made"),
    ],
)
def test_what_is_said_of_a_film_or_picture_that_is_not_made_is_refused(
    plotsketch: Command, sheet: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], reason: str
) -> None:
    monkeypatch.chdir(sheet.parent)
    result = plotsketch("preview", sheet, *words)
    assert (result.exit_code, reason in result.stderr) == (1, True)
    assert not list(sheet.parent.glob("a.*"))


def test_nothing_to_do_is_a_usage_error_and_show_is_something(plotsketch: Command, sheet: Path) -> None:
    assert plotsketch("preview", sheet).exit_code == 2
    done = plotsketch("preview", sheet, "--show")
    assert done.exit_code == 0 and any("\u2800" < sign < "\u28ff" for sign in done.stderr)


def test_in_python_the_same_is_refused(sheet: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="layer 3"):
        ps.preview(sheet, layers=[3])
    with pytest.raises(UserError, match="format"):
        ps.preview(sheet).save(tmp_path / "a.svg")


def test_nobody_is_warned_of_the_reach_of_a_machine_that_was_not_named(plotsketch, tmp_path: Path) -> None:
    given = tmp_path / "big.svg"
    given.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="600mm" height="400mm" viewBox="0 0 600 400">'
        '<path d="M10,10 H590" stroke="#000"/></svg>'
    )
    words = ("preview", given, "-o", tmp_path / "big.png", "--dpi", 20, "--json")
    done = plotsketch(*words)
    assert done.exit_code == 0 and "reach" not in done.stderr and json.loads(done.stdout)["overhang"] == []
    done = plotsketch(*words, "--machine", "axidraw-v3")
    assert "out of reach" in done.stderr and len(json.loads(done.stdout)["overhang"]) == 1
