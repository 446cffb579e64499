"""One function a command that draws. Each returns a ``Sheet``; each raises UserError for what cannot be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plotsketch.art.analogy import STRENGTHS, AnalogyRecipe
from plotsketch.art.complete import CompleteRecipe
from plotsketch.art.explore import MOST, ExploreRecipe, chosen
from plotsketch.art.grid import GridRecipe
from plotsketch.art.inputs import expand
from plotsketch.art.interpolate import InterpolateRecipe
from plotsketch.art.plan import Hand
from plotsketch.art.reconstruct import LADDER, ReconstructRecipe
from plotsketch.art.sample import SampleRecipe
from plotsketch.art.vary import VaryRecipe
from plotsketch.art.walk import WalkRecipe
from plotsketch.sheet.style import Style
from plotsketch.sheet.words import drawings_area

from .model import load, model_for
from .shape import cols_of_path, shape_of_grid, shape_of_sample, shape_of_vary, steps_of_walk
from .sheet import Sheet, draw

if TYPE_CHECKING:
    from plotsketch.art.recipe import Recipe
    from plotsketch.model.sketcher import Sketcher


def grid(
    *corners: str,
    given: tuple[int, int] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """A sheet that morphs between two or four drawings, or ``given`` (m, n) of them; see ``GridRecipe``.

    Without ``rows`` or ``cols`` there are as many as fill the sheet.
    """
    corners = expand(corners)
    recipe = GridRecipe(
        corners=corners, given=given, **shape_of_grid(given, style or Style(), rows, cols),
        hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    return _drawn(recipe, model, style)


def sample(
    count: int | None = None,
    *,
    classes: Sequence[str] = (),
    spread: float | None = None,
    rows: int | None = None,
    cols: int | None = None,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """Drawings from the model's prior, or from around classes; see ``SampleRecipe``.

    ``count`` is as many as ``rows`` and ``cols`` hold, 48 where they are not given either.
    """
    recipe = SampleRecipe(
        **shape_of_sample(count, style or Style(), rows, cols), classes=tuple(classes), spread=spread,
        hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    return _drawn(recipe, model, style)


def interpolate(
    *drawings: str,
    steps: int = 10,
    way: str = "slerp",
    loop: bool = False,
    cols: int | None = None,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """A path through two drawings or more; see ``InterpolateRecipe``. In one row, or in rows of ``cols``."""
    recipe = InterpolateRecipe(
        drawings=expand(drawings), steps=steps, way=way, loop=loop, cols=cols_of_path(steps, style or Style(), cols),
        hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    return _drawn(recipe, model, style)


def walk(
    start: str | None = None,
    *,
    steps: int | None = None,
    step: float = 0.05,
    loop: bool = False,
    cols: int | None = None,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """A smooth random walk from a drawing or from the prior; see ``WalkRecipe``. A loop stands on a ring.

    Without ``steps`` there are 48 drawings, 24 in a loop.
    """
    steps = steps_of_walk(steps, loop)
    recipe = WalkRecipe(
        start=start, steps=steps, step=step, loop=loop, cols=cols_of_path(steps, style or Style(), cols, fill=not loop),
        hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    return _drawn(recipe, model, style)


def explore(
    *drawings: str,
    landmarks: bool = False,
    classes: bool = False,
    most: int = MOST,
    projection: str = "pca",
    snap: bool = False,
    drawn: str = "model",
    cover: float = 0.6,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """A map of drawings, of whole files too; see ``ExploreRecipe``. How true it is stands in ``plate.facts["map"]``."""
    area = drawings_area(style or Style())
    recipe = ExploreRecipe(
        drawings=chosen(drawings, most), landmarks=landmarks, classes=classes, projection=projection, snap=snap,
        drawn=drawn, cover=cover, aspect=area.width / area.height, hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    return _drawn(recipe, model, style)


def reconstruct(
    *drawings: str,
    temperatures: Sequence[float] = LADDER,
    model: Sketcher | str | None = None,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """Drawings, ranges and globs too, beside what the model makes of them; see ``ReconstructRecipe``."""
    recipe = ReconstructRecipe(
        drawings=expand(drawings), temperatures=tuple(temperatures), hand=Hand(seed=seed, best_of=best_of)
    )
    return _drawn(recipe, model, style)


def vary(
    *drawings: str,
    rows: int | None = None,
    cols: int | None = None,
    spread: float = 0.3,
    unlike: float = 0.025,
    show_input: bool = False,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """Many drawings like one or several, ranges and globs too, and no two of them alike; see ``VaryRecipe``.

    Without ``rows`` or ``cols`` there are 8 by 6, and 6 by 8 on lying paper.
    """
    recipe = VaryRecipe(
        drawings=expand(drawings), **shape_of_vary(style or Style(), rows, cols), spread=spread, unlike=unlike,
        show_input=show_input, hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    return _drawn(recipe, model, style)


def analogy(
    *drawings: str,
    strengths: Sequence[float] = STRENGTHS,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """What A is to B as C is to it, for one three of drawings or several; see ``AnalogyRecipe``."""
    recipe = AnalogyRecipe(drawings=drawings, strengths=tuple(strengths), hand=Hand(temperature, seed, best_of))
    return _drawn(recipe, model, style)


def complete(
    drawing: str,
    rows: int = 4,
    cols: int = 6,
    share: float | None = None,
    lift: bool = True,
    like: str | None = None,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """Many endings of an unfinished drawing; see ``CompleteRecipe``."""
    recipe = CompleteRecipe(
        drawing=drawing, rows=rows, cols=cols, share=share, lift=lift, like=like,
        hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    return _drawn(recipe, model, style)


def _drawn(recipe: Recipe, model: Sketcher | str | None, style: Style | None) -> Sheet:
    """By the model named, else by the one that drew the first cell among the references, else by DEFAULT_MODEL."""
    if model is None or isinstance(model, str):
        model = load(model or model_for(recipe.references))
    return draw(recipe, model, style)
