"""Mock-up pictures: the repeat is where it should be, at its true size, in its colours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import vpype
from PIL import Image

import plotsketch as ps
from plotsketch.output.proof_swatch import swatch_of
from plotsketch.sheet.document import to_layers
from plotsketch.sheet.paper import Paper

RED, PAPER = "#c81e28", "#e8e4d0"
PIXELS = 400


def bars(width: float = 200.0, height: float = 150.0, pen: float = 30.0) -> vpype.Document:
    """A broad red bar in the middle of a repeat, from edge to edge, so that it goes on for ever."""
    line = np.array([[width / 2, 0.0], [width / 2, height]])
    return to_layers({ps.Pen("red", pen, RED): [ps.Sketch((line,))]}, Paper(width, height))


def redness(image: Image.Image) -> np.ndarray:
    """(height, width): how much more red than green a pixel is, in parts of what is there."""
    red, green = (np.asarray(image.convert("RGB")).astype(float)[..., channel] for channel in (0, 1))
    return np.asarray((red - green) / (red + 1))


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Where each run of true values begins and ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def test_the_wall_has_the_repeat_at_its_true_size() -> None:
    image = ps.proof(bars(), "wall", size=2400, paper=PAPER, pixels=600).image
    assert image.size == (600, 450)
    per_mm = 600 / 2400
    found = runs(redness(image)[10, :450] > 0.4)  # a lamp stands at the right
    middles = [(start + stop) / 2 for start, stop in found]
    assert len(found) == 9
    assert np.diff(middles) == pytest.approx(200 * per_mm, abs=1)
    assert (np.array(middles) - 300) / per_mm % 200 == pytest.approx(100, abs=4), "a corner in the middle of the wall"
    assert [stop - start for start, stop in found] == pytest.approx([30 * per_mm] * 9, abs=1.5)


def test_another_size_of_repeat_and_wall_changes_the_scale() -> None:
    image = ps.proof(bars(), "wall", size=4000, repeat=500, paper=PAPER, pixels=600).image
    assert len(runs(redness(image)[8] > 0.4)) == 8


def test_the_cloth_is_as_wide_as_asked_and_folds_take_up_some_of_it() -> None:
    found = ps.proof(bars(), "cloth", size=1000, paper="#f4f0e6", pixels=600)
    image = np.asarray(found.image).astype(int)
    row = runs(redness(found.image)[200] > 0.4)
    assert 5 <= len(row) <= 6
    spaces = np.diff([(start + stop) / 2 for start, stop in row]) / 600 * 1000 / 0.77
    assert (spaces < 203).all() and spaces.mean() > 165, "cloth in folds looks narrower, never wider"
    light = image[60:400, 90:510].sum(axis=2)[redness(found.image)[60:400, 90:510] < 0.2]
    assert np.percentile(light, 95) > 1.15 * np.percentile(light, 5), "folds have light and shade"


def test_faces_of_the_box_differ_in_light_and_not_in_colour() -> None:
    found = ps.proof(bars(pen=0.01), "box", paper="#4060c0", ribbon=False, pixels=PIXELS)
    image = np.asarray(found.image).astype(float)
    places = ((200, 130), (160, 200), (285, 200))
    top, front, side = (image[y - 4 : y + 4, x - 4 : x + 4].mean(axis=(0, 1)) for x, y in places)
    assert top.sum() > front.sum() > side.sum()
    for face in (top, front, side):
        assert face[2] > 1.3 * face[1] > 1.3 * face[0]


def test_the_ribbon_has_a_colour_of_the_repeat() -> None:
    line = np.array([[5.0, 5], [25, 25]])
    blue = to_layers({ps.Pen("blue", 2.0, "#2040d0"): [ps.Sketch((line,))]}, Paper(30, 30))
    found = [ps.proof(blue, "box", paper="#f4f0e6", ribbon=ribbon, pixels=PIXELS).image for ribbon in (True, False)]
    blueness = [np.asarray(image).astype(int) @ (-1, 0, 1) for image in found]
    knot = (slice(105, 114), slice(194, 206))
    assert blueness[0][knot].mean() > 60 > 20 > blueness[1][knot].mean()


@pytest.mark.parametrize("on", ["wall", "cloth", "box"])
def test_the_same_tile_gives_the_same_bytes_and_carries_what_it_shows(on: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        ps.proof(bars(), on, pixels=PIXELS).save(tmp_path / f"{name}.png", tmp_path / f"{name}.jpg")
    for suffix in ("png", "jpg"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    said = json.loads(Image.open(tmp_path / "a.png").text["plotsketch"])["proof"]  # type: ignore[attr-defined]
    assert (said["on"], said["pixels"]) == (on, PIXELS) and said["repeat"] == pytest.approx([200, 150])
    assert json.loads(Image.open(tmp_path / "a.jpg").info["comment"])["proof"] == said


def test_strokes_at_the_edge_leave_their_ink_on_the_other_side() -> None:
    """The tile moved by half of itself is the same surface moved by half."""
    corner = [np.array([[x, y], [x + 10.0, y]]) for x in (-5.0, 35.0) for y in (0.0, 30.0)]
    middle = [np.array([[15.0, 15.0], [25.0, 15.0]])]
    pen = ps.Pen("red", 4.0, RED)
    documents = [to_layers({pen: [ps.Sketch(tuple(lines))]}, Paper(40, 30)) for lines in (corner, middle)]
    edge, inner = (swatch_of(document, PAPER).texture(5.0) for document in documents)
    assert edge.shape == (150, 200, 3)
    moved = np.roll(edge, (75, 100), axis=(0, 1)).astype(int)
    assert np.abs(moved - inner).max() <= 1


@pytest.fixture
def tile(tmp_path: Path) -> Path:
    from plotsketch.output.svg import svg_bytes

    path = tmp_path / "tile.svg"
    path.write_bytes(svg_bytes(bars(), {}))
    return path


def test_a_picture_is_shown_at_the_size_that_its_dpi_say(plotsketch, tile: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = plotsketch("convert", tile, "-o", tmp_path / "tile.png", "--dpi", 100)
    assert done.exit_code == 0
    shown = []
    for name in ("tile.svg", "tile.png"):
        out = tmp_path / f"on-{name}.png"
        done = plotsketch("proof", tmp_path / name, "-o", out, "--pixels", PIXELS, "--json")
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["repeat_mm"] == pytest.approx([200, 150], abs=0.3)
        shown.append(np.asarray(Image.open(out)).astype(int))
    assert np.abs(shown[0] - shown[1]).mean() < 2


def test_paper_is_behind_what_is_transparent(tmp_path: Path) -> None:
    Image.new("RGBA", (60, 60), (0, 0, 0, 0)).save(tmp_path / "clear.png", dpi=(25.4, 25.4))
    image = np.asarray(ps.proof(tmp_path / "clear.png", paper="#3050c0", pixels=PIXELS).image).astype(int)
    assert (image[5, :, 2] > image[5, :, 0] + 50).all()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-o", "{out}/a.gif"], "no format of a proof"),
        (["-o", "{out}/a.png", "--size", "1m"], "from 2000 to 6000"),
        (["-o", "{out}/a.png", "--repeat", "5mm"], "too small to be seen"),
        (["-o", "{out}/a.png", "--repeat", "0mm"], "--repeat is 0"),
        (["-o", "{out}/a.png", "--pixels", "9999"], "--pixels is 9999"),
        (["-o", "{out}/a.png", "--paper-colour", "kreft"], "did you mean kraft"),
        (["-o", "{out}/a.png", "--on", "sofa"], "--on is 'sofa'; choose wall, cloth or box"),
        (["-o", "{out}/a.png", "--on", "walls"], "did you mean wall?"),
        (["-o", "{out}/a.png", "--no-ribbon"], "a wall has no ribbon"),
        (["-o", "{out}/a.png", "--on", "cloth", "--ribbon"], "a cloth has no ribbon"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(plotsketch, tile: Path, words: list[str], says: str) -> None:  # type: ignore[no-untyped-def]
    done = plotsketch("proof", tile, *(word.format(out=tile.parent) for word in words))
    assert done.exit_code == 1 and says in done.stderr and done.stderr.count("\n") == 1
    assert [path.name for path in tile.parent.iterdir()] == ["tile.svg"]


def test_files_that_are_no_repeat_are_refused(plotsketch, tile: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page = ["--paper", "a4", "--machine", "hp7475a"]
    written = (["page.png", "--bleed", "3mm"], ["page.tif", "--marks"], ["plain.png"], ["page.pdf"])
    for words in (*written, ["page.hpgl", *page]):
        done = plotsketch("convert", tile, "-o", tmp_path / words[0], *words[1:])
        assert done.exit_code == 0, done.stderr
    for name, more, says in (
        ("page.png", [], "has bleed or marks"),
        ("page.tif", [], "has bleed or marks"),
        ("plain.png", ["--paper-colour", "navy"], "has its own paper"),
        ("page.hpgl", [], "does not say how large"),
        ("page.pdf", [], "give the repeat as .svg, .png or .tif"),
    ):
        done = plotsketch("proof", tmp_path / name, "-o", tmp_path / "a.png", *more)
        assert done.exit_code == 1 and says in done.stderr and done.stderr.count("\n") == 1
    assert plotsketch("proof", tmp_path / "plain.png", "-o", tmp_path / "a.png", "--pixels", 200).exit_code == 0


def test_a_damaged_picture_is_named(plotsketch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    done = plotsketch("proof", tmp_path / "broken.png", "-o", tmp_path / "a.png")
    assert done.exit_code == 1 and "broken.png is no picture" in done.stderr
    huge = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    (tmp_path / "huge.png").write_bytes(huge + b"\x00" * 4)
    done = plotsketch("proof", tmp_path / "huge.png", "-o", tmp_path / "a.png")
    assert done.exit_code == 1 and done.stderr.count("\n") == 1
