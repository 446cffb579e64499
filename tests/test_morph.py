"""``plotsketch morph`` from the command line to films, frames and flip-books; the sketcher draws what is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import svgelements
from click.testing import Result
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from plotsketch.api.morph import film
from plotsketch.art.interpolate import InterpolateRecipe
from plotsketch.art.morph import MorphRecipe
from plotsketch.art.plan import Hand, Spot
from plotsketch.art.recipe import recipe_class
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.sheet.flipbook import FlipBook
from plotsketch.strokes.sketch import Sketch

PLACES = {"cat": [1.0, 0, 0], "pig": [0, 1.0, 0], "bus": [0, 0, 1.0]}
Command = Callable[..., Result]


@dataclass
class FakeSketcher:
    """Draws a ring whose form hangs on the latent, and with it whiskers."""

    checkpoint: Any = field(
        default_factory=lambda: SimpleNamespace(name="fake", digest="0123456789ab", landmarks={}, classes={})
    )

    def latent(self, reference: str) -> NDArray[np.float64]:
        if reference.startswith("seed:"):
            return np.array([0.5, 0.5, float(reference[5:])])
        if reference not in PLACES:
            raise UserError(f"there is no '{reference}'")
        return np.array(PLACES[reference])

    def sample(self, latents: NDArray[np.float64], **how: Any) -> list[Sketch]:
        return [self._sketch(z, cell) for cell, z in zip(how["cells"], latents, strict=True)]

    def _sketch(self, z: NDArray[np.float64], cell: int) -> Sketch:
        turn = np.linspace(0, 6, 12 + cell)
        ring = np.stack([np.cos(turn) * (60 + 30 * z[0]), np.sin(turn) * (60 + 30 * z[1])], axis=1)
        whiskers = [np.array([[10.0, 5.0 * row], [90, 8 * row]]) for row in range(round(10 * z[0]) % 3)]
        return Sketch((ring, *whiskers), finished=not 0.8 < z[0] < 0.9)


@pytest.fixture
def sketcher(monkeypatch: pytest.MonkeyPatch) -> FakeSketcher:
    fake = FakeSketcher()
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: fake)
    return fake


def lines_of(path: Path) -> list[NDArray[np.float64]]:
    svg = svgelements.SVG.parse(str(path), ppi=25.4)
    shapes = [shape for shape in svg.elements() if isinstance(shape, svgelements.Polyline)]
    return [np.array([(point.x, point.y) for point in shape]) for shape in shapes]


def frames_of(recipe: MorphRecipe) -> tuple[list[Sketch], Any]:
    made = film(recipe, FakeSketcher())  # type: ignore[arg-type]
    return list(made.frames), made


def ink(sketch: Sketch) -> NDArray[np.float64]:
    """Points about a sixtieth of a picture apart, of all lines."""
    dense = []
    for line in sketch.lines:
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        at = np.linspace(0, along[-1], max(2, int(along[-1] * 60)))
        dense.append(np.stack([np.interp(at, along, axis) for axis in line.T], axis=1))
    return np.concatenate(dense)


def apart(one: Sketch, other: Sketch) -> float:
    """The farthest that ink of the one is from the nearest ink of the other, both ways."""
    distances = np.linalg.norm(ink(one)[:, None] - ink(other)[None], axis=-1)
    return float(max(distances.min(axis=0).max(), distances.min(axis=1).max()))


def test_a_film_has_its_frames_its_time_and_its_size(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    gif, apng, png = tmp_path / "out" / "m.gif", tmp_path / "m.apng", tmp_path / "m.png"
    words = ["--frames", 25, "--size", 64, "--fps", 24, "--rest", 1, "--apng", "-o", gif, "-o", apng, "-o", png]
    result = plotsketch("morph", "cat", "pig", "cat", *words)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[:3] == [str(gif), str(apng), str(png)]
    assert result.stdout.splitlines()[3].startswith("25 frames of 3 drawings, ")
    assert png.read_bytes() == apng.read_bytes()
    for path in (gif, apng):
        shots = [
            (shot.info["duration"], np.asarray(shot.convert("L")))
            for shot in ImageSequence.all_frames(Image.open(path))
        ]
        times = [time for time, _ in shots]
        assert (len(shots), shots[0][1].shape, Image.open(path).info["loop"]) == (25, (64, 64), 0)
        assert sum(times) == pytest.approx(25 / 24 * 1000 + 1000, abs=10)
        assert set(times[:-1]) == {40, 50} and times[-1] > 1000
        shades = set(np.concatenate([shot.ravel() for _, shot in shots]).tolist())
        assert {0, 255} <= shades and 4 < len(shades) <= 16
    first = Image.open(gif).convert("L")
    assert 0.01 < (np.asarray(first) < 128).mean() < 0.2


def test_the_recipe_stands_in_every_file(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    outputs = [tmp_path / name for name in ("m.gif", "m.apng", "f-##.png", "frames")]
    words = [word for output in outputs for word in ("-o", output)]
    assert plotsketch("morph", "cat", "pig", "--frames", 4, "--size", 32, "--seed", 3, *words).exit_code == 0
    texts = [
        Image.open(tmp_path / "m.gif").info["comment"].decode(),
        Image.open(tmp_path / "m.apng").info["plotsketch"],
        Image.open(tmp_path / "f-03.png").info["plotsketch"],
        (tmp_path / "frames" / "0003.svg").read_text().split("<metadata>")[1].split("</metadata>")[0],
    ]
    for text in texts:
        values = json.loads(text)
        assert (values["command"], values["digest"], values["screen"]["size"]) == ("morph", "0123456789ab", 32)
        assert recipe_class("morph").from_dict(values) == MorphRecipe(
            drawings=("cat", "pig"), frames=4, hand=Hand(seed=3)
        )
        assert values.get("frame") in (None, 3)


def test_the_same_command_writes_the_same_bytes(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    for name in ("a", "b"):
        outputs = [word for end in (".gif", ".apng", "-####.svg") for word in ("-o", tmp_path / (name + end))]
        assert plotsketch("morph", "cat", "pig", "--frames", 5, "--size", 48, *outputs).exit_code == 0
    files = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("a"))
    assert files == ["a-0001.svg", "a-0002.svg", "a-0003.svg", "a-0004.svg", "a-0005.svg", "a.apng", "a.gif"]
    for name in files:
        assert (tmp_path / name).read_bytes() == (tmp_path / f"b{name[1:]}").read_bytes()


def test_frames_are_numbered_files_of_one_size(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    result = plotsketch("morph", "cat", "pig", "--frames", 12, "--size", 96, "--json", "-o", folder)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    names = [f"{number:04d}.svg" for number in range(1, 13)]
    assert [Path(file).name for file in report["files"]] == names == sorted(path.name for path in folder.iterdir())
    assert (report["frames"], report["drawings"], report["finished"]) == (12, 2, 2)
    for name in names:
        points = np.concatenate(lines_of(folder / name))
        assert (points > 0).all() and (points < 25.4).all()  # 96 pixels are an inch


def test_key_frames_are_the_drawings_of_interpolate() -> None:
    recipe = MorphRecipe(drawings=("cat", "pig", "bus"), frames=41, steps=5)
    frames, made = frames_of(recipe)
    assert recipe.times == [0, 10, 20, 30, 40]
    assert [figure.reference for figure in made.plate.figures] == ["r1c1", "r1c2", "r1c3", "r1c4", "r1c5"]
    spots: list[Spot] = list(recipe.spots(Studio(FakeSketcher())).values())  # type: ignore[arg-type]
    same = InterpolateRecipe(drawings=("cat", "pig", "bus"), steps=5, cols=5).path(Studio(FakeSketcher()))  # type: ignore[arg-type]
    assert [(spot.stream, *spot.latent) for spot in spots] == [(spot.stream, *spot.latent) for spot in same]
    for time, figure in zip(recipe.times, made.plate.figures, strict=True):
        shown, drawn = frames[time], figure.outline
        assert len(shown.lines) == len(drawn.lines)
        for a, b in zip(shown.lines, drawn.lines, strict=True):
            a, b = a - shown.points.mean(axis=0), b - drawn.points.mean(axis=0)
            np.testing.assert_allclose(a / np.ptp(shown.points), b / np.ptp(drawn.points), atol=1e-9)


@pytest.mark.parametrize("easing", ["smooth", "linear"])
def test_lines_move_rather_than_jump(easing: str) -> None:
    frames, _ = frames_of(MorphRecipe(drawings=("cat", "pig"), frames=60, steps=3, easing=easing))
    # a line that begins or ends is a dot far from all others: only those that are in both frames have a way
    going = [(a, b) for a, b in pairwise(frames) if len(a.lines) == len(b.lines)]
    assert len(going) > 55 and max(apart(a, b) for a, b in going) < 0.06
    for frame in frames:
        assert (frame.points >= -1e-9).all() and (frame.points <= 1 + 1e-9).all()


@pytest.mark.parametrize("drawings", [("cat", "pig", "bus"), ("cat", "pig", "bus", "cat")])
def test_a_loop_closes_without_a_jump_and_without_showing_the_first_twice(drawings: tuple[str, ...]) -> None:
    recipe = MorphRecipe(drawings=drawings, frames=60, loop=True)
    frames, made = frames_of(recipe)
    assert len(made.plate.figures) == 6
    steps = [apart(a, b) for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    assert 0 < steps[-1] <= max(steps[:-1])


def test_a_walk_starts_from_its_drawing_or_from_the_seeds() -> None:
    frames, made = frames_of(MorphRecipe(drawings=("cat",), walk=True, frames=30))
    assert len(frames) == 30 and made.provenance["walk"] is True
    np.testing.assert_array_equal(made.plate.spots[0].latent, np.float32(PLACES["cat"]))
    assert MorphRecipe(walk=True, hand=Hand(seed=5)).references == ("seed:5",)


def test_a_pen_draws_one_drawing_line_by_line(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    gif = tmp_path / "drawn.gif"
    assert plotsketch("morph", "cat", "--draw", "--frames", 20, "--size", 120, "-o", gif).exit_code == 0
    dark = [(np.asarray(frame.convert("L")) < 128).sum() for frame in ImageSequence.Iterator(Image.open(gif))]
    assert len(dark) == 20 and sorted(dark) == dark and dark[0] < 0.15 * dark[-1]


def test_a_drawing_grows_while_it_changes() -> None:
    recipe = MorphRecipe(drawings=("cat", "pig"), frames=40, draw_lines=True)
    frames, _ = frames_of(recipe)
    whole, _ = frames_of(MorphRecipe(drawings=("cat", "pig"), frames=40))
    assert frames[0].length < 0.1 * whole[0].length
    assert frames[-1].length == pytest.approx(whole[-1].length)
    assert np.diff([len(frame.lines) for frame in frames]).max() <= 1
    around, _ = frames_of(MorphRecipe(drawings=("cat", "pig"), frames=40, draw_lines=True, loop=True))
    assert around[0].is_empty and around[-1].length < 0.15 * around[20].length


def test_smooth_lines_stay_where_they_were() -> None:
    plain, _ = frames_of(MorphRecipe(drawings=("cat", "pig"), frames=10))
    smooth, _ = frames_of(MorphRecipe(drawings=("cat", "pig"), frames=10, smooth=True))
    assert smooth[0].point_count > plain[0].point_count
    assert apart(plain[0], smooth[0]) < 0.02


def test_a_flipbook_is_sheets_of_numbered_pages(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    words = ["--frames", 20, "--flipbook", "--dpi", 40, "-o", tmp_path / "book.svg", "-o", tmp_path / "book.png"]
    result = plotsketch("morph", "cat", "pig", *words)
    assert result.exit_code == 0, result.output
    names = ["book-1.png", "book-1.svg", "book-2.png", "book-2.svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert Image.open(tmp_path / "book-1.png").size == (331, 468)
    text = (tmp_path / "book-2.svg").read_text()
    assert text.count("inkscape:groupmode") == 2
    assert json.loads(text.split("<metadata>")[1].split("</metadata>")[0])["flipbook"]["page"] == {
        "width": 60.0, "height": 40.0,
    }  # fmt: skip


def test_pages_lie_side_by_side_with_the_picture_right_of_the_binding() -> None:
    book = FlipBook()
    assert (book.rows, book.cols, book.sheets(18), book.sheets(19)) == (6, 3, 1, 2)
    assert book.side == pytest.approx(35.7)
    (left, top), (right, below) = book.corner(0), book.corner(4)
    assert (right - left, below - top) == pytest.approx((60, 40))
    assert left >= 10 and top >= 10


def test_ink_of_a_flipbook_keeps_clear_of_cuts_and_binding(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    svg = tmp_path / "book.svg"
    words = ["--page", "50x50mm", "--binding", "10mm", "--paper", "120x120mm", "--margin", "1cm"]
    assert plotsketch("morph", "cat", "pig", "--frames", 4, "--flipbook", *words, "-o", svg).exit_code == 0
    layers = svg.read_text().split("<g ")[1:]
    drawings = [line.split('"')[1] for line in layers[0].splitlines() if line.startswith("<polyline")]
    points = np.array([[float(x) for x in point.split(",")] for line in drawings for point in line.split()])
    on_page = (points - 10) % 50
    assert (on_page[:, 0] > 12).all() and (on_page[:, 0] < 48).all()
    assert (on_page[:, 1] > 2).all() and (on_page[:, 1] < 48).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cat"], "'cat' alone has nothing to turn into"),
        ([], "no drawing was named"),
        (["cat", "pig", "--frames", "0"], "--frames is 0"),
        (["cat", "pig", "--frames", "5", "--steps", "6"], "5 frames cannot hold 6 drawings"),
        (["cat", "pig", "bus", "--frames", "2"], "2 frames cannot hold 3 drawings"),
        (["cat", "pig", "--steps", "1"], "cannot hold 2 drawings"),
        (["cat", "--draw", "--steps", "3"], "--steps are drawings on the way"),
        (["cat", "pig", "--walk"], "a walk starts from one drawing"),
        (["cat", "pig", "--step", "0.2"], "--step is the step of a walk"),
        (["--walk", "--step", "0"], "--step is 0"),
        (["cat", "pig", "--fps", "0"], "--fps is 0"),
        (["cat", "pig", "--fps", "100"], "--fps is 100"),
        (["cat", "pig", "--size", "4"], "--size is 4"),
        (["cat", "pig", "--size", "2048", "--frames", "500"], "take 238, or a smaller --size"),
        (["cat", "pig", "--rest", "-1"], "--rest is -1"),
        (["cat", "pig", "--pen-width", "0px"], "pen of 0 pixels"),
        (["cat", "pig", "--temperature", "nan"], "temperature is nan"),
        (["cat", "pig", "-o", "m.mp4"], "no film format for m.mp4"),
        (["cat", "pig", "-o", "m.svg"], "m-####.svg for a file a frame"),
        (["cat", "pig", "-o", "m.png"], "add --apng for a film"),
        (["cat", "pig", "-o", "taken/m.gif"], "cannot write taken/m.gif"),
        (["cat", "pig", "-o", "taken/####.svg"], "cannot write taken/0001.svg"),
        (["cat", "pig", "--page", "60x40mm"], "--page is for a flip-book"),
        (["cat", "pig", "--portrait"], "--portrait is for a flip-book"),
        (["cat", "pig", "--flipbook", "--apng"], "leave --apng out"),
        (["cat", "pig", "--flipbook", "--page", "a3"], "has no room on 210 x 297 mm"),
        (["cat", "pig", "--flipbook", "--binding", "58mm"], "leaves no room for a picture"),
        (["cat", "pig", "--flipbook", "--dpi", "0", "-o", "m.png"], "--dpi is 0"),
    ],
)
def test_mistakes_are_one_line_before_any_model_is_loaded(
    plotsketch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: pytest.fail("the model was loaded"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_bytes(b"a file, not a folder")
    result = plotsketch("morph", "-o", "m.gif", *words)
    assert result.exit_code == 1, result.output
    assert message in result.stderr
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    assert not (tmp_path / "m.gif").exists()


def test_an_unknown_drawing_is_said_and_nothing_is_written(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    result = plotsketch("morph", "cat", "dog", "-o", tmp_path / "m.gif")
    assert (result.exit_code, result.stderr) == (1, "Error: there is no 'dog'\n")
    assert list(tmp_path.iterdir()) == []


def test_drawings_without_an_end_are_said(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    words = ["--frames", 8, "--steps", 4, "--size", 32, "-o", tmp_path / "m.gif"]
    assert "1 drawing came to no end" in plotsketch("morph", "cat", "pig", *words).stderr
