"""From a recipe to a finished sheet: what every drawing command does."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotsketch import __version__
from plotsketch.art.studio import Studio
from plotsketch.output.formats import check_outputs, write_sheet
from plotsketch.output.layers import ink_length
from plotsketch.sheet.compose import compose, layout_of
from plotsketch.sheet.style import Style

if TYPE_CHECKING:
    import vpype

    from plotsketch.art.plan import Plate
    from plotsketch.art.recipe import Recipe
    from plotsketch.model.sketcher import Sketcher

DPI = 150.0
DEFAULT_MODEL = "catpig"


@dataclass(frozen=True, eq=False)
class Sheet:
    """A drawn sheet.

    ``document`` is what vpype's commands work on; ``plate`` the figures in the model's units, with the spots that drew
    them; ``provenance`` all that the sheet hangs on, as its files carry it; ``model_seconds`` how long the model took.
    """

    document: vpype.Document
    plate: Plate
    provenance: dict[str, Any]
    model_seconds: float = 0.0

    def save(self, *paths: Path | str, dpi: float = DPI) -> None:
        """Writes .svg and .png files, each whole or not at all. Raises UserError when one cannot be written."""
        for path in paths:
            write_sheet(Path(path), self.document, self.provenance, dpi=dpi)

    @property
    def ink_metres(self) -> float:
        return ink_length(self.document) / 1000


def load(model: str | Path = DEFAULT_MODEL) -> Sketcher:
    """The model of a name (shipped or the user's own) or a path, ready to draw. Raises UserError."""
    from plotsketch.model import catalogue, checkpoint
    from plotsketch.model.sketcher import Sketcher

    return Sketcher(checkpoint.load(catalogue.find(model)))


def check(recipe: Recipe, style: Style, outputs: Iterable[Path] = (), dpi: float = DPI) -> None:
    """Raises UserError for what can be known to be wrong before any model is loaded."""
    if recipe.shape is not None:
        layout_of(*recipe.shape, style)
    check_outputs(outputs, (style.paper.width, style.paper.height), dpi=dpi)


def draw(recipe: Recipe, sketcher: Sketcher, style: Style | None = None) -> Sheet:
    """The sheet that a recipe and a style describe. Raises UserError."""
    style = style or Style()
    started = time.monotonic()
    plate = recipe.draw(Studio(sketcher))
    seconds = time.monotonic() - started
    document = compose(plate.figures, plate.rows, plate.cols, style)
    return Sheet(document, plate, _provenance(recipe, sketcher, plate, style), seconds)


def _provenance(recipe: Recipe, sketcher: Sketcher, plate: Plate, style: Style) -> dict[str, Any]:
    return {
        "program": "plotsketch",
        "version": __version__,
        "model": sketcher.checkpoint.name,
        "digest": sketcher.checkpoint.digest,
        **recipe.to_dict(),
        **layout_of(plate.rows, plate.cols, style).to_dict(),
    }
