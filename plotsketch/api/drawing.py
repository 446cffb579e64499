"""One function a command that draws. Each returns a ``Sheet``; each raises UserError for what cannot be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plotsketch.art.grid import GridRecipe
from plotsketch.art.plan import Hand

from .sheet import DEFAULT_MODEL, Sheet, draw, load

if TYPE_CHECKING:
    from plotsketch.art.recipe import Recipe
    from plotsketch.model.sketcher import Sketcher
    from plotsketch.sheet.style import Style


def grid(
    *corners: str,
    rows: int = 12,
    cols: int = 9,
    model: Sketcher | str = DEFAULT_MODEL,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
    style: Style | None = None,
) -> Sheet:
    """A sheet that morphs between two or four drawings; see ``GridRecipe``."""
    return _drawn(
        GridRecipe(corners=corners, rows=rows, cols=cols, hand=Hand(temperature, seed, best_of)), model, style
    )


def _drawn(recipe: Recipe, model: Sketcher | str, style: Style | None) -> Sheet:
    return draw(recipe, load(model) if isinstance(model, str) else model, style)
