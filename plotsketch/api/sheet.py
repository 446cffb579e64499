"""From a recipe to a finished sheet: what every drawing command does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from plotsketch import __version__
from plotsketch.api.model import DEFAULT_MODEL as DEFAULT_MODEL
from plotsketch.api.model import load as load
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.lines.machine import DEFAULT_MACHINE
from plotsketch.output.formats import DPI as DPI
from plotsketch.output.formats import Medium, MediumWishes, check_fits, check_outputs, medium_of, write_sheet
from plotsketch.output.layers import ink_length, page_size
from plotsketch.sheet.compose import compose
from plotsketch.sheet.layout import check_layout, lay_out, measures
from plotsketch.sheet.style import Style
from plotsketch.strokes.reference import CellRef, FileRef, parse_reference

if TYPE_CHECKING:
    import vpype

    from plotsketch.art.plan import Plate
    from plotsketch.art.recipe import Recipe
    from plotsketch.lines.machine import Machine
    from plotsketch.model.sketcher import Sketcher


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

    def save(self, *paths: Path | str, **wishes: Unpack[MediumWishes]) -> list[Path]:
        """Writes files for people, plotters and printers, each whole or not at all, and says which (there may be plates
        beside pictures).

        ``wishes`` are those of ``output.formats.Medium``: ``dpi`` of pictures, ``printing``, the ``machine`` whose HPGL
        or G-code is written and more. Raises UserError, before any is written, for a name or a wish that cannot be, and
        when a file cannot be written or does not fit the machine.
        """
        medium = medium_of(**wishes)
        named = [Path(path) for path in paths]
        check_outputs(named, page_size(self.document), medium)
        check_fits(named, self.document, medium)
        written = [write_sheet(path, self.document, self.provenance, medium) for path in named]
        return [file for files in written for file in files]

    def changes(self, *paths: Path | str, **wishes: Unpack[MediumWishes]) -> tuple[str, ...]:
        """What ``oversize`` will make of the sheet in the HPGL and G-code among these files, a line each: how much is
        cut off, how much smaller it is; none where it fits. Raises UserError as ``save`` does for what does not fit."""
        return check_fits([Path(path) for path in paths], self.document, medium_of(**wishes))

    def through(self, pipeline: str) -> Sheet:
        """The sheet after a vpype pipeline, such as ``linemerge linesort``; it stands in the provenance.

        Raises UserError when vpype does not understand it, when a command fails, and when no line is left.
        """
        from plotsketch.lines.pipeline import run_pipeline

        document = run_pipeline(self.document, pipeline, seed=int(self.provenance.get("seed", 0)))
        done = [*self.provenance.get("vpype", []), pipeline]
        return replace(self, document=document, provenance={**self.provenance, "vpype": done})

    def optimized(self, machine: str | Machine = DEFAULT_MACHINE, **wishes: Any) -> Sheet:
        """The sheet with its lines joined and in the order that plots soonest; it stands in the provenance.

        ``wishes`` are those of ``api.optimize.optimize``. Raises UserError as that does.
        """
        from plotsketch.api.optimize import optimize

        found = optimize(self.document, machine, **wishes)
        return replace(self, document=found.document, provenance={**self.provenance, **found.recipe})

    def coded(self, *layer_codes: str) -> Sheet:
        """The sheet with labels that tell an AxiDraw of its layers, such as ``2=S30,H40``: `lines.layer_codes.coded`.

        Raises UserError for what is no code and for a layer that the sheet has not.
        """
        from plotsketch.lines.layer_codes import coded

        if not layer_codes:
            return self
        said = [*self.provenance.get("layer_codes", []), *layer_codes]
        provenance = {**self.provenance, "layer_codes": said}
        return replace(self, document=coded(self.document, layer_codes), provenance=provenance)

    @property
    def ink_metres(self) -> float:
        return ink_length(self.document) / 1000


def check(recipe: Recipe, style: Style, outputs: Iterable[Path] = (), medium: Medium | None = None) -> None:
    """Raises UserError for what can be known to be wrong before any model is loaded."""
    check_sources_stay(recipe.references, outputs)
    check_layout(recipe.shape, style, recipe.arrangement)
    check_outputs(outputs, (style.paper.width, style.paper.height), medium or Medium())


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
