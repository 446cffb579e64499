"""From a recipe to a finished sheet: what every drawing command does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotsketch import __version__
from plotsketch.api.model import DEFAULT_MODEL as DEFAULT_MODEL
from plotsketch.api.model import load as load
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.output.formats import check_outputs, write_sheet
from plotsketch.output.layers import ink_length, page_size
from plotsketch.sheet.compose import compose
from plotsketch.sheet.layout import check_layout, lay_out, measures
from plotsketch.sheet.style import Style
from plotsketch.strokes.reference import CellRef, FileRef, parse_reference

if TYPE_CHECKING:
    import vpype

    from plotsketch.art.plan import Plate
    from plotsketch.art.recipe import Recipe
    from plotsketch.model.sketcher import Sketcher

DPI = 150.0


@dataclass(frozen=True, eq=False)
class Sheet:
    """A drawn sheet.

    ``document`` is what vpype's commands work on; ``plate`` the figures in the model's units, with the spots that drew
    them; ``provenance`` all that the sheet hangs on, as its files carry it; ``model_seconds`` how long the model took;
    ``notes`` what a user should know of how the references were read, a line each.
    """

    document: vpype.Document
    plate: Plate
    provenance: dict[str, Any]
    model_seconds: float = 0.0
    notes: tuple[str, ...] = ()

    def save(self, *paths: Path | str, dpi: float = DPI) -> None:
        """Writes .svg and .png files, each whole or not at all. Raises UserError, before any is written, for a name or
        a ``dpi`` that cannot be, and when one cannot be written."""
        check_outputs(map(Path, paths), page_size(self.document), dpi=dpi)
        for path in map(Path, paths):
            write_sheet(path, self.document, self.provenance, dpi=dpi)

    def through(self, pipeline: str) -> Sheet:
        """The sheet after a vpype pipeline, such as ``linemerge linesort``; it stands in the provenance.

        Raises UserError when vpype does not understand it, when a command fails, and when no line is left.
        """
        from plotsketch.lines.pipeline import run_pipeline

        document = run_pipeline(self.document, pipeline, seed=int(self.provenance.get("seed", 0)))
        done = [*self.provenance.get("vpype", []), pipeline]
        return replace(self, document=document, provenance={**self.provenance, "vpype": done})

    @property
    def ink_metres(self) -> float:
        return ink_length(self.document) / 1000


def check(recipe: Recipe, style: Style, outputs: Iterable[Path] = (), dpi: float = DPI) -> None:
    """Raises UserError for what can be known to be wrong before any model is loaded."""
    check_sources_stay(recipe.references, outputs)
    check_layout(recipe.shape, style, recipe.arrangement)
    check_outputs(outputs, (style.paper.width, style.paper.height), dpi=dpi)


def check_sources_stay(references: Iterable[str], outputs: Iterable[Path]) -> None:
    """Raises UserError where an output would be written over a file that the sheet is drawn from."""
    sources = {}
    for reference in references:
        parsed = parse_reference(reference)
        if isinstance(parsed, FileRef | CellRef):
            sources[os.path.realpath(parsed.path)] = reference
    for path in outputs:
        if source := sources.get(os.path.realpath(path)):
            raise UserError(f"{path} would be written over {source}, which it is drawn from; choose another name")


def draw(recipe: Recipe, sketcher: Sketcher, style: Style | None = None) -> Sheet:
    """The sheet that a recipe and a style describe. Raises UserError."""
    style = style or Style()
    started = time.monotonic()
    studio = Studio(sketcher)
    plate = recipe.draw(studio)
    seconds = time.monotonic() - started
    document = compose(plate.figures, plate.rows, plate.cols, style, plate.arrangement)
    return Sheet(document, plate, _provenance(recipe, studio, plate, style), seconds, tuple(studio.notes))


def _provenance(recipe: Recipe, studio: Studio, plate: Plate, style: Style) -> dict[str, Any]:
    return {
        "program": "plotsketch",
        "version": __version__,
        "model": studio.sketcher.checkpoint.name,
        "digest": studio.sketcher.checkpoint.digest,
        **({"sources": studio.sources} if studio.sources else {}),
        **recipe.to_dict(),
        **measures(lay_out(plate.figures, plate.rows, plate.cols, style, plate.arrangement), style),
        "style": style.to_dict(),
    }
