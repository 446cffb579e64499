"""``reconstruct``, ``vary`` and ``analogy``: what is made of given drawings, from the command line to files."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import svgelements
from click.testing import Result
from input_cases import NAMES, FakeSketcher

from plotsketch.art.analogy import AnalogyRecipe
from plotsketch.art.plan import Hand
from plotsketch.art.recipe import Recipe, recipe_class
from plotsketch.art.reconstruct import ReconstructRecipe
from plotsketch.art.studio import Studio
from plotsketch.art.vary import VaryRecipe
from plotsketch.latent import spread
from plotsketch.strokes.distance import chamfer
from plotsketch.strokes.sketch import Sketch
from plotsketch.strokes.svg import write_svg

SVG = "{http://www.w3.org/2000/svg}"
EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
Command = Callable[..., Result]


@pytest.fixture
def sketcher(monkeypatch: pytest.MonkeyPatch) -> FakeSketcher:
    fake = FakeSketcher()
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: fake)
    return fake


@pytest.fixture
def house(tmp_path: Path) -> str:
    path = tmp_path / "house.svg"
    write_svg(path, Sketch((np.array([[0.0, 0], [80, 0], [80, 60], [0, 60], [0, 0]]), np.array([[0.0, 0], [40, -40]]))))
    return str(path)


def layers_of(path: Path) -> dict[str, int]:
    """How many lines each colour draws, as another program reads them."""
    shapes = [s for s in svgelements.SVG.parse(str(path)).elements() if isinstance(s, svgelements.Polyline)]
    colours = [shape.stroke.hex for shape in shapes]
    return {colour: colours.count(colour) for colour in dict.fromkeys(colours)}


def recipe_in(path: Path) -> Recipe:
    values = json.loads(ElementTree.parse(path).getroot().find(f"{SVG}metadata").text)
    return recipe_class(values["command"]).from_dict(values)


def test_inputs_stand_beside_their_reconstructions(
    plotsketch: Command, sketcher: FakeSketcher, house: str, tmp_path: Path
) -> None:
    svg = tmp_path / "out.svg"
    result = plotsketch("reconstruct", house, "cat", "--temperatures", "0.1,0.6", "--captions", "labels", "-o", svg)
    assert result.exit_code == 0, result.output
    assert "4 cells, 4 finished" in result.stdout  # the house is none of the model's
    assert layers_of(svg)["#8c8c8c"] == 2  # the house as it was given, and nothing for the landmark
    assert [(asked["temperature"], asked["cells"]) for asked in sketcher.sampled] == [(0.1, [0, 0]), (0.6, [0, 0])]
    np.testing.assert_array_equal(sketcher.sampled[0]["latents"], [[2, 2, 3], NAMES["cat"]])
    plate = recipe_in(svg).draw(Studio(sketcher))  # type: ignore[arg-type]
    assert [(f.reference, f.label) for f in plate.figures] == [
        ("r1c1", "input"), ("r1c2", "T 0.1"), ("r1c3", "T 0.6"), ("r2c2", "T 0.1"), ("r2c3", "T 0.6"),
    ]  # fmt: skip
    assert [spot is None for spot in plate.spots] == [True, False, False, False, False]


def test_without_files_there_is_no_column_of_inputs() -> None:
    assert ReconstructRecipe(drawings=("cat", "seed:3"), temperatures=(0.1, 0.2)).shape == (2, 2)
    assert ReconstructRecipe(drawings=("cat", "cat.svg"), temperatures=(0.1, 0.2)).shape == (2, 3)


def test_one_temperature_for_all_is_a_mistake_of_usage(plotsketch: Command, house: str, tmp_path: Path) -> None:
    result = plotsketch("reconstruct", house, "--temperature", 0.4, "-o", tmp_path / "out.svg")
    assert result.exit_code == 2
    assert "--temperatures" in result.stderr


def test_variations_lie_around_their_inputs(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    svg = tmp_path / "out.svg"
    words = ["cat", "pig", "--rows", 4, "--cols", 5, "--spread", 0.01, "--seed", 3, "-o", svg]
    assert plotsketch("vary", *words).exit_code == 0
    first = sketcher.sampled[0]
    assert first["cells"] == list(range(1, 21))
    np.testing.assert_allclose(first["latents"], [NAMES["cat"]] * 10 + [NAMES["pig"]] * 10, atol=0.05)
    assert len(np.unique(first["latents"], axis=0)) == 20
    assert sum(layers_of(svg).values()) == 20


def test_no_two_variations_are_alike() -> None:
    fake = FakeSketcher()
    loose, strict = (
        VaryRecipe(drawings=("cat",), rows=3, cols=4, unlike=unlike).draw(Studio(fake))  # type: ignore[arg-type]
        for unlike in (0.0, 0.04)
    )
    distances = [
        min(chamfer(a.outline, b.outline) for a, b in combinations(plate.figures, 2)) for plate in (loose, strict)
    ]
    assert distances[0] < 0.04 <= distances[1]


def test_a_drawing_like_another_is_drawn_anew_and_the_others_stay() -> None:
    recipe = VaryRecipe(drawings=("cat",), rows=2, cols=2)
    once, twins = (FakeSketcher(kind) for kind in (lambda cell: cell, lambda cell: 1 if cell == 3 else cell))
    plates = [recipe.draw(Studio(fake)) for fake in (once, twins)]  # type: ignore[arg-type]
    assert [[spot.stream for spot in plate.spots if spot] for plate in plates] == [[1, 2, 3, 4], [1, 2, 7, 4]]
    for place in (0, 1, 3):
        np.testing.assert_array_equal(*(plate.figures[place].outline.points for plate in plates))
    assert recipe.spots(Studio(twins))[1, 0].stream == 7  # type: ignore[arg-type]


def test_too_few_different_drawings_are_said(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    sketcher.kind = lambda cell: cell % 5
    result = plotsketch("vary", "cat", "--rows", 2, "--cols", 4, "-o", tmp_path / "out.svg")
    assert result.exit_code == 1
    assert "only 5 of 8 drawings" in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "out.svg").exists()
    assert plotsketch("vary", "cat", "--rows", 2, "--cols", 4, "--unlike", 0, "-o", tmp_path / "out.svg").exit_code == 0


def test_a_sheet_of_variations_begins_with_the_input(
    plotsketch: Command, sketcher: FakeSketcher, house: str, tmp_path: Path
) -> None:
    svg = tmp_path / "out.svg"
    assert plotsketch("vary", house, "cat", "--rows", 2, "--cols", 4, "--show-input", "-o", svg).exit_code == 0
    assert layers_of(svg)["#8c8c8c"] == 2
    plate = recipe_in(svg).draw(Studio(sketcher))  # type: ignore[arg-type]
    assert [f.reference for f in plate.figures if f.label == "input"] == ["r1c1", "r2c1"]
    assert plate.spots[0] is None
    assert plate.spots[4] is not None and plate.spots[4].stream == 0  # what `cat` is in every command


@pytest.mark.parametrize("amount", [0, 0.3, 1])
def test_spread_latents_are_as_far_out_as_others(amount: float) -> None:
    normal = np.random.default_rng(0).standard_normal((2, 20_000))
    assert spread(normal[0], normal[1], amount).std() == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(spread([1, 2], [3, 4], 0), [1, 2])
    np.testing.assert_array_equal(spread([1, 2], [3, 4], 1), [3, 4])


def test_an_analogy_is_an_equation(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    svg = tmp_path / "out.svg"
    words = ["cat", "pig", "bus", "owl", "cat", "pig", "--strengths", "0.5,1", "--landscape", "-o", svg]
    result = plotsketch("analogy", *words)
    assert result.exit_code == 0, result.output
    assert "10 cells, 10 finished" in result.stdout  # without signs
    assert layers_of(svg)["#8c8c8c"] == 2 * (3 + 1 + 3)  # plus and bracket, minus, bracket and equals sign
    plate = recipe_in(svg).draw(Studio(sketcher))  # type: ignore[arg-type]
    assert (plate.rows, plate.cols) == (2, 8)
    first = [spot and spot.latent.tolist() for spot in plate.spots[:8]]  # type: ignore[union-attr]
    bus, cat, pig = (NAMES[name] for name in ("bus", "cat", "pig"))
    assert first == [bus, None, pig, None, cat, None, [-0.5, 0.5, 1], [-1, 1, 1]]
    assert [spot.stream for spot in plate.spots if spot] == [0, 0, 0, 1, 2, 0, 0, 0, 3, 4]
    assert [f.label for f in plate.figures[:8]] == ["bus", "", "pig", "", "cat", "", "x 0.5", "x 1"]


def test_signs_are_smaller_than_drawings_and_of_one_size(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path
) -> None:
    svg = tmp_path / "out.svg"
    plotsketch("analogy", "cat", "pig", "bus", "--landscape", "-o", svg)
    shapes = [s for s in svgelements.SVG.parse(str(svg)).elements() if isinstance(s, svgelements.Polyline)]
    signs = [shape.bbox() for shape in shapes if shape.stroke.hex == "#8c8c8c"]
    drawings = [shape.bbox() for shape in shapes if shape.stroke.hex != "#8c8c8c"]
    levels = sorted(x1 - x0 for x0, y0, x1, y1 in signs if y1 - y0 < 1e-3)
    assert levels == pytest.approx([levels[0]] * 4, abs=0.01)  # of plus, minus and equals
    assert max(y1 - y0 for _, y0, _, y1 in signs) < max(np.hypot(x1 - x0, y1 - y0) for x0, y0, x1, y1 in drawings)
    assert levels[0] < 0.3 * min(x1 - x0 for x0, _, x1, _ in drawings)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["analogy", "cat", "pig"], "three drawings, A is to B as C is to ?"),
        (["analogy", "cat", "pig", "bus", "owl"], "here are 4"),
        (["analogy", "cat", "pig", "bus", "--strengths", "nan"], "a strength is nan"),
        (["vary", "cat", "--spread", "1.5"], "the spread is 1.5"),
        (["vary", "cat", "--spread", "nan"], "the spread is nan"),
        (["vary", "cat", "--unlike", "-1"], "--unlike is -1"),
        (["vary", "cat", "--rows", "0"], "0 x 6 cells is empty"),
        (["vary", "cat", "pig", "--rows", "1", "--cols", "1"], "no room for 2 inputs"),
        (["reconstruct", "cat", "--temperatures", "0.1,-1"], "temperature is -1"),
        (["reconstruct", "no/such/*.svg"], "no file matches"),
    ],
)
def test_mistakes_are_one_line_before_any_model_is_loaded(
    plotsketch: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], message: str
) -> None:
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: pytest.fail("the model was loaded"))
    result = plotsketch(*words, "-o", tmp_path / "out.svg")
    assert result.exit_code == 1, result.output
    assert message in result.stderr
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["reconstruct", "cat", "--temperatures", "warm"],
                                   ["analogy", "cat", "pig", "bus", "--strengths", "1,,2"]])  # fmt: skip
def test_a_list_that_is_none_is_a_mistake_of_usage(plotsketch: Command, tmp_path: Path, words: list[str]) -> None:
    result = plotsketch(*words, "-o", tmp_path / "out.svg")
    assert result.exit_code == 2
    assert "is no list of numbers" in result.stderr


@pytest.mark.parametrize("recipe", [
    ReconstructRecipe(drawings=("cat", "x.svg"), temperatures=(0.1, 1.0), hand=Hand(seed=4)),
    VaryRecipe(drawings=("cat",), rows=2, cols=3, spread=0.2, unlike=0.0, show_input=True, hand=Hand(0.7)),
    AnalogyRecipe(drawings=("cat", "pig", "bus"), strengths=(1.0,)),
])  # fmt: skip
def test_recipes_go_through_a_file_unchanged(recipe: Recipe) -> None:
    assert type(recipe).from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe


def test_the_examples_are_read_by_the_shipped_model(plotsketch: Command, tmp_path: Path) -> None:
    svg, again = tmp_path / "out.svg", tmp_path / "again.svg"
    words = ["reconstruct", *sorted(EXAMPLES.glob("*.svg")), "--temperatures", "0.2", "--json"]
    result = plotsketch(*words, "-o", svg)
    assert result.exit_code == 0, result.output
    assert plotsketch(*words, "-o", again).exit_code == 0
    assert svg.read_bytes() == again.read_bytes()
    assert len(recipe_in(svg).references) == json.loads(result.stdout)["cells"]
