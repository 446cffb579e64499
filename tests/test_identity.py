"""One (checkpoint, reference, seed, temperature) is one drawing in every command, cells of sheets included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from reference_cases import tiny
from strokes_cases import house

from plotsketch.api import landmarks
from plotsketch.api.sheet import draw
from plotsketch.art.analogy import AnalogyRecipe
from plotsketch.art.complete import CompleteRecipe
from plotsketch.art.explore import ExploreRecipe
from plotsketch.art.grid import GridRecipe
from plotsketch.art.interpolate import InterpolateRecipe
from plotsketch.art.landmarks import LandmarksRecipe
from plotsketch.art.morph import MorphRecipe
from plotsketch.art.pattern import PatternRecipe
from plotsketch.art.plan import Hand, Plate
from plotsketch.art.recipe import RECIPES, Recipe
from plotsketch.art.reconstruct import ReconstructRecipe
from plotsketch.art.sample import SampleRecipe
from plotsketch.art.studio import Studio
from plotsketch.art.vary import VaryRecipe
from plotsketch.art.walk import WalkRecipe
from plotsketch.strokes import Sketch, write_svg

HAND = Hand(temperature=0.4, seed=11)
A, B, C = "dot", "seed:4", "house.svg"

# Each with the cells (from 0) at which the drawings A, B and C stand as the model draws them.
RECIPES_WITH_NAMED: list[tuple[Recipe, dict[str, tuple[int, int]]]] = [
    (GridRecipe(corners=(A, B), rows=2, cols=2, hand=HAND), {A: (0, 0), B: (1, 1)}),
    (GridRecipe(corners=(A, B, C), given=(1, 3), rows=1, cols=5, hand=HAND), {A: (0, 0), B: (0, 2), C: (0, 4)}),
    (InterpolateRecipe(drawings=(A, B, C), steps=6, cols=3, loop=True, hand=HAND), {A: (0, 0), B: (0, 2), C: (1, 1)}),
    (WalkRecipe(start=C, steps=3, cols=3, hand=HAND), {C: (0, 0)}),
    (VaryRecipe(drawings=(A, B), rows=2, cols=2, show_input=True, hand=HAND), {A: (0, 0), B: (1, 0)}),
    (AnalogyRecipe(drawings=(A, B, C), hand=HAND), {A: (0, 4), B: (0, 2), C: (0, 0)}),
    (ExploreRecipe(drawings=(B, C), landmarks=True, hand=HAND), {B: (0, 0), C: (0, 1), A: (0, 2)}),
    (ExploreRecipe(drawings=(A, B, C, "seed:9"), snap=True, hand=HAND), {}),
    (SampleRecipe(count=3, rows=1, cols=3, hand=HAND), {"seed:11": (0, 0), "seed:13": (0, 2)}),
    (SampleRecipe(count=2, rows=1, cols=2, spread=0.5, hand=HAND), {}),
    (LandmarksRecipe(names=(A,), cols=1, hand=HAND), {A: (0, 0)}),
    (MorphRecipe(drawings=(A, B), frames=9, steps=3, hand=HAND), {A: (0, 0), B: (0, 2)}),
    (ReconstructRecipe(drawings=(C, A), temperatures=(0.1, 0.4), hand=HAND), {C: (0, 2), A: (1, 2)}),
    (PatternRecipe(drawings=(A,), motifs=1, way="same", hand=HAND), {A: (0, 0)}),
    (PatternRecipe(drawings=(f"{A}*2", C), motifs=3, unlike=0.0, hand=HAND), {}),
    (PatternRecipe(drawings=(B, C), motifs=4, way="walk", unlike=0.0, hand=HAND), {}),
    (CompleteRecipe(drawing=C, rows=1, cols=2, hand=HAND), {}),
]
NOT_DRAWN = {"prepared"}  # its cells are no drawings of the model


def alike(a: Sketch, b: Sketch) -> bool:
    return len(a.lines) == len(b.lines) and all(map(np.array_equal, a.lines, b.lines))


def at(plate: Plate, cell: tuple[int, int]) -> Sketch:
    (figure,) = (figure for figure in plate.figures if (figure.row, figure.col) == cell)
    return figure.outline


def test_every_command_is_looked_at() -> None:
    assert {recipe.command for recipe, _ in RECIPES_WITH_NAMED} == RECIPES.keys() - NOT_DRAWN


@pytest.mark.parametrize(("recipe", "named"), RECIPES_WITH_NAMED, ids=lambda value: getattr(value, "command", ""))
def test_a_drawing_is_the_same_in_every_command(
    recipe: Recipe, named: dict[str, tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_svg(Path(C), house().sketch)
    model = tiny()
    sheet = draw(recipe, model)
    for reference, cell in named.items():
        studio = Studio(model)
        assert alike(at(sheet.plate, cell), studio.draw([studio.spot(reference)], HAND)[0]), reference
    sheet.save("s.svg")
    model = tiny()  # nothing is remembered
    for (row, col), spot in recipe.spots(Studio(model)).items():
        landmarks.keep(f"s.svg@r{row + 1}c{col + 1}", "kept", model=model, force=True)
        studio = Studio(model)
        for reference in (f"s.svg@r{row + 1}c{col + 1}", "kept"):
            found = studio.spot(reference)
            assert found.stream == spot.stream and np.array_equal(np.asarray(found.latent), np.asarray(spot.latent))
            if spot.temperature in (None, HAND.temperature) and recipe.command != "complete":
                assert alike(at(sheet.plate, (row, col)), studio.draw([found], HAND)[0]), reference
