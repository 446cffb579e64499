"""A sheet with the same lines, drawn sooner."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotsketch.api.estimate import Estimate, estimate, read_document
from plotsketch.errors import UserError
from plotsketch.lines.effort import Effort
from plotsketch.lines.join import DEFAULT_GAP
from plotsketch.lines.machine import DEFAULT_MACHINE, Machine, load_machine
from plotsketch.lines.pace import MILLIMETRES, Pace
from plotsketch.lines.pens import Treatment, treated
from plotsketch.output.formats import check_outputs, write_sheet
from plotsketch.output.layers import page_size

if TYPE_CHECKING:
    import vpype

OBJECTIVES = ("seconds", "mm")
DPI = 150.0


@dataclass(frozen=True)
class Optimized:
    """The new document, what plotting took before and takes now, and the recipe for the file's metadata."""

    document: vpype.Document
    before: Estimate
    after: Estimate
    recipe: dict[str, Any]

    def save(self, *paths: Path | str) -> None:
        """Writes .svg and .png files. Raises UserError for what cannot be written."""
        files = [Path(path) for path in paths]
        check_outputs(files, page_size(self.document), dpi=DPI)
        for file in files:
            write_sheet(file, self.document, self.recipe, dpi=DPI)


def optimize(
    sheet: Path | str | vpype.Document,
    machine: str | Machine = DEFAULT_MACHINE,
    *,
    join: float | None = DEFAULT_GAP,
    effort: str | Effort = "normal",
    seed: int = 0,
    objective: str = "seconds",
) -> Optimized:
    """Joins lines and puts them in an order that takes little time on ``machine``, each layer for itself.

    Args:
        sheet: an SVG file from anywhere, or a document.
        machine: a profile's name, a TOML file's path or a Machine.
        join: the widest gap in mm that is drawn over; None joins nothing.
        effort: ``fast``, ``normal``, ``best``, tries a line (``50``) or a time (``10s``, which is not reproducible).
        seed: what the tries hang on.
        objective: ``seconds`` on the machine, or ``mm`` of travel.

    Raises UserError for options that make no sense and for a file that cannot be read, has no page or no lines.
    """
    chosen = machine if isinstance(machine, Machine) else load_machine(machine)
    wanted = effort if isinstance(effort, Effort) else Effort.of(effort)
    _check(join, objective)
    document = read_document(Path(sheet)) if isinstance(sheet, Path | str) else sheet
    if document.page_size is None or not min(document.page_size) > 0:
        raise UserError("the sheet has no size; give the SVG a width and a height")
    before = estimate(document, chosen)
    treatment = Treatment(
        gap=join,
        pace=Pace.of(chosen) if objective == "seconds" else MILLIMETRES,
        effort=wanted,
        seed=seed,
        home=chosen.home_on(*page_size(document)),
    )
    done = treated(document, treatment)
    facts = {"machine": chosen.name, "objective": objective, "join_mm": join, "seed": seed}
    pains = {"seconds": wanted.seconds} if wanted.seconds is not None else {"kicks": wanted.kicks}
    recipe = {**_recipe_in(sheet), "optimized": {"by": "plotsketch", **facts, "effort": pains}}
    return Optimized(done, before, estimate(done, chosen), recipe)


def _check(join: float | None, objective: str) -> None:
    if join is not None and not 0 <= join < math.inf:
        raise UserError(f"--join is {join:g} mm; give 0 (ends that meet) or a small length such as 0.05")
    if objective not in OBJECTIVES:
        raise UserError(f"no objective '{objective}'; there are {' and '.join(OBJECTIVES)}")


def _recipe_in(sheet: object) -> dict[str, Any]:
    """The recipe in a file of ours; nothing for other sheets."""
    from plotsketch.art.provenance import read_provenance

    if not isinstance(sheet, Path | str):
        return {}
    try:
        return read_provenance(Path(sheet))
    except UserError:  # another program's, which is as welcome
        return {}
