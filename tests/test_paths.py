"""``sample``, ``interpolate`` and ``walk`` from the command line to files, with a sketcher whose drawings are known."""

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

import plotsketch.api.drawing as api
from plotsketch.api.shape import shape_of_sample
from plotsketch.art.interpolate import InterpolateRecipe
from plotsketch.art.plan import Hand
from plotsketch.art.recipe import Recipe, recipe_class
from plotsketch.art.sample import SampleRecipe
from plotsketch.art.studio import Studio
from plotsketch.art.walk import WalkRecipe
from plotsketch.errors import UserError
from plotsketch.sheet.paper import parse_paper
from plotsketch.sheet.style import Style
from plotsketch.strokes.sketch import Sketch

Command = Callable[..., Result]
NAMES = {"cat": [2.0, 0, 0, 0], "pig": [0, 2.0, 0, 0], "bus": [0, 0, 2.0, 0]}


@dataclass
class FakeSketcher:
    """Draws one square, of a size that tells its latent. Knows NAMES, and the classes cat and pig."""

    conditional: bool = True
    checkpoint: Any = field(init=False)

    def __post_init__(self) -> None:
        classes = dict.fromkeys(("cat", "pig"))
        self.checkpoint = SimpleNamespace(
            name="fake", digest="0123456789ab", landmarks={}, classes=classes,
            config=SimpleNamespace(conditional=self.conditional), require_latent_space=self._require,
        )  # fmt: skip

    def _require(self, wish: str) -> None:
        if not self.conditional:
            raise UserError(f"no latent space to {wish}")

    def latent(self, reference: str) -> NDArray[np.float64]:
        self._require("start")
        if reference.startswith("seed:"):
            return np.random.default_rng(int(reference[5:])).standard_normal(4)
        if reference not in NAMES:
            raise UserError(f"there is no '{reference}'")
        return np.array(NAMES[reference])

    def class_latent(self, name: str, seed: int, spread: float | None = None) -> NDArray[np.float64]:
        away = np.random.default_rng(seed).standard_normal(4)
        return np.array(NAMES[name]) + (0.6 if spread is None else spread) * away

    def sample(self, latents: NDArray[np.float64] | None, *, cells: list[int], **how: Any) -> list[Sketch]:
        sizes = [1.0 + cell for cell in cells] if latents is None else 1 + np.abs(latents).sum(axis=1)
        return [Sketch((np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0.0]]) * size,)) for size in sizes]


@pytest.fixture
def sketcher(monkeypatch: pytest.MonkeyPatch) -> FakeSketcher:
    fake = FakeSketcher()
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: fake)
    return fake


def studio(**how: Any) -> Studio:
    return Studio(FakeSketcher(**how))  # type: ignore[arg-type]


def middles(path: Path) -> NDArray[np.float64]:
    """(n, 2): of the squares of an SVG, in millimetres."""
    svg = svgelements.SVG.parse(str(path), ppi=25.4)
    shapes = [shape for shape in svg.elements() if isinstance(shape, svgelements.Polyline)]
    boxes = np.array([shape.bbox() for shape in shapes])
    return (boxes[:, :2] + boxes[:, 2:]) / 2


# sample


def test_a_sample_is_what_its_seeds_are_called() -> None:
    recipe = SampleRecipe(count=5, rows=2, cols=3, hand=Hand(seed=100))
    spots = recipe.spots(studio())
    assert list(spots) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    for place, spot in enumerate(spots.values()):
        named = studio().spot(f"seed:{100 + place}")
        np.testing.assert_array_equal(spot.latent, named.latent)
        assert spot.stream == named.stream
    assert [figure.label for figure in recipe.draw(studio()).figures][:2] == ["seed:100", "seed:101"]


def test_a_smaller_spread_is_nearer_the_middle_and_is_called_nothing() -> None:
    recipe = SampleRecipe(count=3, rows=1, cols=3, spread=0.5)
    for place, spot in enumerate(recipe.spots(studio()).values()):
        np.testing.assert_allclose(spot.latent, studio().sketcher.latent(f"seed:{place}") / 2, rtol=1e-6)
    assert {figure.label for figure in recipe.draw(studio()).figures} == {""}


def test_classes_have_equal_parts_around_what_is_typical_of_them() -> None:
    recipe = SampleRecipe(count=5, rows=1, cols=5, classes=("cat", "pig"), spread=0)
    plate = recipe.draw(studio())
    assert [figure.group for figure in plate.figures] == ["cat"] * 3 + ["pig"] * 2
    assert [figure.label for figure in plate.figures] == ["cat"] * 3 + ["pig"] * 2
    for spot, name in zip(plate.spots, ["cat"] * 3 + ["pig"] * 2, strict=True):
        assert spot is not None
        np.testing.assert_array_equal(spot.latent, NAMES[name])
    wide = SampleRecipe(count=5, rows=1, cols=5, classes=("cat", "pig")).spots(studio())
    assert len({tuple(np.asarray(spot.latent)) for spot in wide.values()}) == 5


def test_a_model_without_latents_draws_by_number() -> None:
    spots = SampleRecipe(count=4, rows=2, cols=2).spots(studio(conditional=False)).values()
    assert [(spot.latent, spot.stream) for spot in spots] == [(None, 0), (None, 1), (None, 2), (None, 3)]
    with pytest.raises(UserError, match="no latent space"):
        SampleRecipe(count=1, rows=1, cols=1, spread=0.5).spots(studio(conditional=False))


@pytest.mark.parametrize(
    ("count", "rows", "cols", "shape"),
    [
        (None, None, None, (48, 8, 6)),
        (None, 4, 5, (20, 4, 5)),
        (10, None, 5, (10, 2, 5)),
        (11, 3, None, (11, 3, 4)),
        (1, None, None, (1, 1, 1)),
        (7, None, None, (7, 4, 2)),
    ],
)
def test_a_sample_fills_its_sheet(
    count: int | None, rows: int | None, cols: int | None, shape: tuple[int, int, int]
) -> None:
    assert tuple(shape_of_sample(count, Style(), rows, cols).values()) == shape


def test_a_sample_is_drawn_to_paper(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    result = plotsketch("sample", "-n", 10, "--landscape", "--seed", 7, "-o", tmp_path / "s.svg")
    assert result.exit_code == 0, result.output
    assert len(middles(tmp_path / "s.svg")) == 10
    recipe = json.loads(
        ElementTree.parse(tmp_path / "s.svg").getroot().find("{http://www.w3.org/2000/svg}metadata").text
    )
    assert (recipe["command"], recipe["count"], recipe["seed"]) == ("sample", 10, 7)


# interpolate


def test_the_drawings_of_a_path_are_those_that_were_named() -> None:
    recipe = InterpolateRecipe(drawings=("cat", "pig", "bus"), steps=7, cols=7)
    way = recipe.path(studio())
    for place, name in ((0, "cat"), (3, "pig"), (6, "bus")):
        np.testing.assert_array_equal(way[place].latent, NAMES[name])
    assert {spot.stream for spot in way} == {0}
    norms = [np.linalg.norm(np.asarray(spot.latent)) for spot in way]
    np.testing.assert_allclose(norms, 2, rtol=1e-6)
    straight = InterpolateRecipe(drawings=("cat", "pig"), steps=3, cols=3, way="lerp").path(studio())
    np.testing.assert_allclose(straight[1].latent, [1, 1, 0, 0], atol=1e-6)


def test_a_loop_stands_on_a_ring_and_repeats_nothing(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    words = ["cat", "pig", "bus", "--steps", 12, "--loop", "--paper", "100x100mm", "-o", tmp_path / "ring.svg"]
    assert plotsketch("interpolate", *words).exit_code == 0
    radii = np.hypot(*(middles(tmp_path / "ring.svg") - 50).T)
    assert len(radii) == 12 and radii == pytest.approx(radii[0], abs=0.5)
    way = InterpolateRecipe(drawings=("cat", "pig", "bus"), steps=12, cols=12, loop=True).path(studio())
    latents = np.array([spot.latent for spot in way])
    np.testing.assert_array_equal(latents[[0, 4, 8]], list(NAMES.values()))
    steps = np.linalg.norm(latents - np.roll(latents, 1, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "rows", "cols"),
    [([], 1, 10), (["--cols", 4], 3, 4), (["--layout", "snake"], 5, 2), (["--layout", "grid", "--cols", 5], 2, 5)],
)
def test_a_path_is_laid_out_as_asked(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path, options: list[object], rows: int, cols: int
) -> None:
    assert plotsketch("interpolate", "cat", "pig", *options, "-o", tmp_path / "path.svg").exit_code == 0
    places = middles(tmp_path / "path.svg").round(0)
    assert (len(np.unique(places[:, 1])), len(np.unique(places[:, 0]))) == (rows, cols)


# walk


def test_a_walk_starts_where_it_is_told_or_at_its_seed() -> None:
    way = WalkRecipe(start="cat", steps=6, cols=6).path(studio())
    np.testing.assert_array_equal(way[0].latent, NAMES["cat"])
    seeded = WalkRecipe(steps=6, cols=6, hand=Hand(seed=5))
    assert seeded.references == ("seed:5",)
    np.testing.assert_allclose(seeded.path(studio())[0].latent, studio().sketcher.latent("seed:5"), rtol=1e-6)


def test_another_seed_walks_elsewhere_and_the_same_one_the_same_way() -> None:
    ways = [
        np.array([spot.latent for spot in WalkRecipe(start="cat", steps=9, hand=Hand(seed=seed)).path(studio())])
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(ways[0], ways[1])
    assert np.abs(ways[0][1:] - ways[2][1:]).max(axis=1).min() > 0


@pytest.mark.parametrize(("options", "count"), [([], 48), (["--loop"], 24), (["--steps", "5"], 5)])
def test_a_walk_is_drawn_to_paper(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path, options: list[str], count: int
) -> None:
    assert plotsketch("walk", "cat", *options, "-o", tmp_path / "walk.svg").exit_code == 0
    assert len(middles(tmp_path / "walk.svg")) == count


# all of them


@pytest.mark.parametrize(
    "recipe",
    [
        SampleRecipe(count=5, rows=2, cols=3, classes=("cat", "pig"), spread=0.5, hand=Hand(seed=3)),
        InterpolateRecipe(drawings=("cat", "pig"), steps=5, cols=3, way="lerp", loop=True),
        WalkRecipe(start="cat", steps=5, cols=5, step=0.2),
        WalkRecipe(steps=5, cols=5),
    ],
)
def test_a_recipe_goes_through_a_file_and_draws_the_same(recipe: Recipe) -> None:
    again = recipe_class(recipe.command).from_dict(json.loads(json.dumps(recipe.to_dict())))
    assert again == recipe
    first, second = recipe.draw(studio()), again.draw(studio())
    for here, there in zip(first.spots, second.spots, strict=True):
        assert here is not None and there is not None
        np.testing.assert_array_equal(here.latent, there.latent)
    assert {(figure.row, figure.col) for figure in first.figures} == set(recipe.spots(studio()))


def test_in_python() -> None:
    model: Any = FakeSketcher()
    assert api.sample(6, model=model, style=Style(paper=parse_paper("a5"))).plate.rows == 3
    assert api.interpolate("cat", "pig", model=model).plate.cols == 10
    assert api.walk("cat", loop=True, steps=8, model=model).plate.arrangement == "ring"
    assert api.grid("cat", "pig", "bus", given=(1, 3), model=model).plate.cols == 9


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["interpolate", "cat"], "'cat' alone leads nowhere; name two drawings or more"),
        (["interpolate", "cat", "pig", "bus", "--steps", "2"], "cannot hold 3 drawings; give --steps 3 or more"),
        (["interpolate", "cat", "pig", "--steps", "0"], "--steps is 0"),
        (["interpolate", "cat", "pig", "--cols", "0"], "give --cols 1 or more"),
        (["sample", "-n", "0"], "-n 1 or more"),
        (["sample", "-n", "7", "--rows", "2", "--cols", "3"], "no room for 7 drawings; take -n 6 or more --rows"),
        (["sample", "--rows", "0"], "is empty"),
        (["sample", "-n", "1", "--class", "cat", "--class", "pig"], "too few for 2 classes"),
        (["sample", "--spread", "-1"], "the spread is -1"),
        (["walk", "--steps", "0"], "--steps is 0"),
        (["walk", "--steps", "10001"], "--steps is 10001; give the number of drawings on the way, from 1 to 10000"),
        (["walk", "--step", "0"], "--step is 0"),
        (["walk", "--step", "nan"], "--step is nan"),
    ],
)
def test_mistakes_are_one_line_before_any_model_is_loaded(
    plotsketch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: pytest.fail("the model was loaded"))
    result = plotsketch(*words, "-o", tmp_path / "x.svg")
    assert result.exit_code == 1, result.output
    assert message in result.stderr and result.stderr.count("\n") == 1
