"""``plotsketch grid`` from the command line to files, with a sketcher whose drawings are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import svgelements
from click.testing import Result
from numpy.typing import NDArray
from PIL import Image

from plotsketch.art.grid import GridRecipe
from plotsketch.art.plan import Hand
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.latent import grid as latent_grid
from plotsketch.latent import lattice
from plotsketch.sheet.style import Style
from plotsketch.strokes.sketch import Sketch

SVG = "{http://www.w3.org/2000/svg}"
CORNERS = {"cat": [1.0, 0, 0], "pig": [0, 1.0, 0], "bus": [0, 0, 1.0], "owl": [1.0, 1.0, 1.0]}
Command = Callable[..., Result]


@dataclass
class FakeSketcher:
    """Draws a ring and a dot: where, hangs on the latent, and how large on seed and cell. Every ninth is unfinished."""

    checkpoint: Any = field(default_factory=lambda: SimpleNamespace(name="fake", digest="0123456789ab"))
    sampled: list[dict[str, Any]] = field(default_factory=list)

    def latent(self, reference: str) -> NDArray[np.float64]:
        if reference not in CORNERS:
            raise UserError(f"there is no '{reference}'")
        return np.array(CORNERS[reference])

    def sample(self, latents: NDArray[np.float64], **how: Any) -> list[Sketch]:
        self.sampled.append({"latents": latents, **how})
        cells = enumerate(zip(how["cells"], latents, strict=True))
        return [self._sketch(z, [how["seed"], cell], finished=place % 9 != 7) for place, (cell, z) in cells]

    def _sketch(self, z: NDArray[np.float64], seed: list[int], finished: bool) -> Sketch:
        rng = np.random.default_rng(seed)
        turn = np.linspace(0, 6, 20)
        ring = np.stack([np.cos(turn), np.sin(turn)], axis=1) * rng.uniform(50, 150, 2) + 100 * z[:2]
        return Sketch((ring, ring.mean(axis=0)[None]), finished)


@pytest.fixture
def sketcher(monkeypatch: pytest.MonkeyPatch) -> FakeSketcher:
    fake = FakeSketcher()
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: fake)
    return fake


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command must have failed before it asks for a model."""
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: pytest.fail("the model was loaded"))


def lines_of(path: Path) -> list[NDArray[np.float64]]:
    """The polylines of an SVG in millimetres, as another program reads them."""
    svg = svgelements.SVG.parse(str(path), ppi=25.4)
    shapes = [shape for shape in svg.elements() if isinstance(shape, svgelements.Polyline)]
    return [np.array([(point.x, point.y) for point in shape]) for shape in shapes]


def test_a_grid_is_drawn_to_paper(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    svg, png = tmp_path / "out" / "grid.svg", tmp_path / "out" / "grid.png"
    result = plotsketch("grid", "cat", "pig", "--rows", 6, "--cols", 4, "--margin", "15mm", "-o", svg, "-o", png)
    assert result.exit_code == 0, result.output
    lines = lines_of(svg)
    assert len(lines) == 2 * 24
    ink = np.concatenate(lines)
    assert (ink >= 15).all() and (ink <= [195, 282]).all()
    root = ElementTree.parse(svg).getroot()
    assert (root.get("width"), root.get("height")) == ("210mm", "297mm")
    image = Image.open(png)
    assert image.size == (1240, 1754)
    assert image.info["dpi"] == pytest.approx((150, 150), abs=0.02)
    assert json.loads(image.info["plotsketch"])["dpi"] == 150
    assert result.stdout.splitlines()[:2] == [str(svg), str(png)]
    assert result.stdout.splitlines()[2].startswith("24 cells, 22 finished, ")
    assert "2 drawings came to no end" in result.stderr


def test_every_cell_has_its_drawing_and_the_pen_goes_back_and_forth(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    svg = tmp_path / "grid.svg"
    assert plotsketch("grid", "cat", "pig", "--rows", 3, "--cols", 4, "--paper", "400x300mm", "-o", svg).exit_code == 0
    middles = np.array([(line.min(axis=0) + line.max(axis=0)) / 2 for line in lines_of(svg)[::2]])
    columns, rows = np.unique(middles[:, 0].round(1)), np.unique(middles[:, 1].round(1))
    assert (len(columns), len(rows)) == (4, 3)
    assert np.diff(columns) == pytest.approx(np.diff(columns)[0], abs=0.1)
    assert np.diff(rows) == pytest.approx(np.diff(columns)[0], abs=0.1)  # as far apart both ways
    order = [(int(np.searchsorted(rows, y - 1)), int(np.searchsorted(columns, x - 1))) for x, y in middles]
    assert order == [(row, col) for row in range(3) for col in (range(4) if row != 1 else reversed(range(4)))]


def test_the_same_command_writes_the_same_bytes(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    for name in ("a", "b"):
        outputs = ["-o", tmp_path / f"{name}.svg", "-o", tmp_path / f"{name}.png"]
        plotsketch("grid", "cat", "pig", "--paper", "a6", "--seed", 3, *outputs)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    plotsketch("grid", "cat", "pig", "--paper", "a6", "--seed", 4, "-o", tmp_path / "c.svg")
    assert (tmp_path / "a.svg").read_bytes() != (tmp_path / "c.svg").read_bytes()


def test_the_file_says_how_it_was_made(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    svg = tmp_path / "grid.svg"
    options = ["--rows", 2, "--cols", 3, "--temperature", 0.4, "--seed", 9, "--best-of", 5, "--pen-width", "0.5mm"]
    plotsketch("grid", "cat", "pig", "bus", "owl", *options, "--gutter", "1cm", "-o", svg)
    root = ElementTree.parse(svg).getroot()
    recipe = json.loads(root.find(f"{SVG}metadata").text)
    from plotsketch import __version__

    assert recipe["gutter_mm"] == pytest.approx(10)
    assert Style.from_dict(recipe["style"]) == Style(gutter=10, pen_width=0.5)
    assert {name: recipe[name] for name in recipe if name not in ("gutter_mm", "cell_mm", "style")} == {
        "program": "plotsketch",
        "version": __version__,
        "command": "grid",
        "model": "fake",
        "digest": "0123456789ab",
        "corners": ["cat", "pig", "bus", "owl"],
        "given": None,
        "rows": 2,
        "cols": 3,
        "temperature": 0.4,
        "seed": 9,
        "best_of": 5,
        "paper_mm": [210, 297],
        "margin_mm": 10,
        "pen_width_mm": 0.5,
    }
    assert root.find(f"{SVG}g").get("stroke-width") == "0.5"


def test_json_is_one_object(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    svg = tmp_path / "grid.svg"
    result = plotsketch("grid", "cat", "pig", "--rows", 3, "--cols", 3, "-o", svg, "--json")
    answer = json.loads(result.stdout)
    assert answer["files"] == [str(svg)]
    assert (answer["cells"], answer["finished"]) == (9, 8)
    length = sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines_of(svg))
    assert answer["ink_metres"] == pytest.approx(length / 1000, abs=0.002)
    assert answer["seconds"] >= answer["model_seconds"] >= 0


@pytest.mark.parametrize(
    ("options", "size", "cells"),
    [
        ([], ("210mm", "297mm"), 108),
        (["--landscape"], ("297mm", "210mm"), 108),
        (["--landscape", "--rows", 2], ("297mm", "210mm"), 24),
        (["--paper", "300x200mm", "--cols", 2], ("300mm", "200mm"), 18),
        (["--paper", "300x200mm", "--portrait", "--cols", 2], ("200mm", "300mm"), 24),
    ],
)
def test_paper_is_laid_as_asked(
    plotsketch: Command,
    sketcher: FakeSketcher,
    tmp_path: Path,
    options: list[object],
    size: tuple[str, str],
    cells: int,
) -> None:
    svg = tmp_path / "grid.svg"
    assert plotsketch("grid", "cat", "pig", *options, "-o", svg).exit_code == 0
    root = ElementTree.parse(svg).getroot()
    assert (root.get("width"), root.get("height")) == size
    assert len(lines_of(svg)) == 2 * cells


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cat", "pig", "bus"], "2 or 4 corners, not 3"),
        (["cat"], "2 or 4 corners, not 1"),
        (["cat", "pig", "bus"], "--given 2x3"),
        (["cat", "pig", "bus", "--given", "2x2"], "--given 2x2 wants 4 drawings, row by row, and 3 are named"),
        (["cat", "--given", "1x1"], "--given 1x1 leaves nothing to draw between"),
        (["cat", "pig", "bus", "--given", "1x3", "--cols", "8"], "take --cols 7 or 9"),
        (["cat", "pig", "bus", "--given", "3x1", "--rows", "2"], "take --rows 3"),
        (["cat", "pig", "bus", "--given", "1x3", "--rows", "2"], "take --rows 1"),
        (["cat", "pig", "--rows", "0"], "0 x 9 cells is empty"),
        (["cat", "pig", "--cols", "-2"], "12 x -2 cells is empty"),
        (["cat", "pig", "--margin", "20cm"], "smaller than its margins"),
        (["cat", "pig", "--margin", "wide"], "'wide' is not a length"),
        (["cat", "pig", "--paper", "a44"], "did you mean a4"),
        (["cat", "pig", "--temperature", "nan"], "temperature is nan"),
        (["cat", "pig", "--temperature", "-1"], "temperature is -1"),
        (["cat", "pig", "--best-of", "0"], "--best-of is 0"),
        (["cat", "pig", "--dpi", "0", "-o", "x.png"], "--dpi is 0"),
        (["cat", "pig", "-o", "grid.jpeg"], "no format for grid.jpeg"),
        (["cat", "pig", "-o", "taken/grid.svg"], "cannot write taken/grid.svg"),
    ],
)
def test_mistakes_are_one_line_before_any_model_is_loaded(
    plotsketch: Command,
    no_model: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_bytes(b"a file, not a folder")
    result = plotsketch("grid", "-o", "grid.svg", *words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    assert not (tmp_path / "grid.svg").exists()


def test_an_unknown_corner_is_said_and_nothing_is_written(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    result = plotsketch("grid", "cat", "dog", "-o", tmp_path / "grid.svg")
    assert (result.exit_code, result.stderr) == (1, "Error: there is no 'dog'\n")
    assert not sketcher.sampled
    assert list(tmp_path.iterdir()) == []


def test_no_output_is_a_mistake_of_usage(plotsketch: Command) -> None:
    assert plotsketch("grid", "cat", "pig").exit_code == 2


def test_a_recipe_is_drawn_cell_by_cell_in_reading_order() -> None:
    fake = FakeSketcher()
    corners = ("cat", "pig", "bus", "owl")
    recipe = GridRecipe(corners=corners, rows=3, cols=2, hand=Hand(temperature=0.7, seed=4, best_of=2))
    plate = recipe.draw(Studio(fake))  # type: ignore[arg-type]
    (asked,) = fake.sampled
    places = [CORNERS[name] for name in corners]
    np.testing.assert_array_equal(asked.pop("latents"), latent_grid(places, 3, 2).reshape(6, 3).astype(np.float32))
    # all with the stream of random numbers that draws a drawing wherever it is asked for by name
    assert asked == {"cells": [0] * 6, "seed": 4, "temperature": 0.7, "best_of": 2}
    assert [figure.reference for figure in plate.figures] == ["r1c1", "r1c2", "r2c1", "r2c2", "r3c1", "r3c2"]


def test_given_drawings_stand_evenly_and_are_drawn_as_everywhere() -> None:
    fake = FakeSketcher()
    six = ("cat", "pig", "bus", "owl", "pig", "cat")
    recipe = GridRecipe(corners=six, given=(2, 3), rows=4, cols=7)
    spots = recipe.spots(Studio(fake))  # type: ignore[arg-type]
    assert {spot.stream for spot in spots.values()} == {0}
    for place, name in zip([(0, 0), (0, 3), (0, 6), (3, 0), (3, 3), (3, 6)], six, strict=True):
        np.testing.assert_array_equal(spots[place].latent, CORNERS[name])
    points = np.reshape([CORNERS[name] for name in six], (2, 3, 3))
    expected = lattice(points, 4, 7)
    np.testing.assert_allclose(spots[2, 4].latent, expected[2, 4], rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "names", "cells"),
    [("2x2", 4, 108), ("2x3", 6, 108), ("3x2", 6, 13 * 9), ("1x3", 3, 9), ("3x1", 3, 13), ("4x4", 16, 13 * 10)],
)
def test_a_sheet_of_given_drawings_has_about_the_usual_cells(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path, given: str, names: int, cells: int
) -> None:
    corners = (list(CORNERS) * 4)[:names]
    assert plotsketch("grid", *corners, "--given", given, "-o", tmp_path / "given.svg").exit_code == 0
    assert len(lines_of(tmp_path / "given.svg")) == 2 * cells


def test_given_is_rows_by_columns(plotsketch: Command) -> None:
    result = plotsketch("grid", "cat", "pig", "--given", "two", "-o", "x.svg")
    assert result.exit_code == 2 and "not rows x columns, such as 2x3" in result.stderr


def test_a_recipe_goes_through_a_file_unchanged() -> None:
    recipe = GridRecipe(corners=("cat", "pig"), rows=3, cols=2, hand=Hand(temperature=0.7, seed=4))
    assert GridRecipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe
    given = GridRecipe(corners=("cat", "pig"), given=(1, 2), rows=1, cols=5)
    assert GridRecipe.from_dict(json.loads(json.dumps(given.to_dict()))) == given


def test_a_name_that_another_model_knows_is_found_there(plotsketch: Callable[..., Result]) -> None:
    for reference, words in [("owl-egg", "knows no 'owl-egg'"), ("class:owl", "has no class 'owl'")]:
        result = plotsketch("vary", reference, "--model", "catpig", "-o", "never.svg")
        assert result.exit_code == 1 and f"{words}; birds does (--model birds)" in result.stderr
