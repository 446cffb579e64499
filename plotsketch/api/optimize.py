"""A sheet with the same lines, drawn sooner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from plotsketch.api.convert import passed, read_from
from plotsketch.api.estimate import Estimate, estimate
from plotsketch.errors import UserError
from plotsketch.lines.effort import Effort
from plotsketch.lines.join import DEFAULT_GAP
from plotsketch.lines.layer_codes import check_wishes, coded
from plotsketch.lines.machine import DEFAULT_MACHINE, Machine, load_machine
from plotsketch.lines.pace import MILLIMETRES, Pace
from plotsketch.lines.pens import Treated, Treatment, treated
from plotsketch.lines.tidy import Tidy
from plotsketch.output.formats import (
    Medium,
    MediumWishes,
    check_fits,
    check_outputs,
    fit_first,
    medium_of,
    write_sheet,
)
from plotsketch.output.layers import page_size

if TYPE_CHECKING:
    import vpype

OBJECTIVES = ("seconds", "mm")
NO_WISHES = Tidy()
SURE_GAP, RUNG = 2.0, 1.5  # mm up to which a wider gap is sooner, and how far apart the wider ones are that are tried


@dataclass(frozen=True)
class Optimized:
    """The new document, what plotting took before and takes now, and the recipe for the file's metadata.

    ``bridges`` are the lengths in mm of all gaps that were drawn over, and ``twice_mm`` is what is drawn twice;
    ``changes`` says, a line each, what was cut off or made smaller to fit the machine.
    """

    document: vpype.Document
    before: Estimate
    after: Estimate
    recipe: dict[str, Any]
    bridges: list[float] = field(default_factory=list)
    twice_mm: float = 0.0
    changes: tuple[str, ...] = ()

    def save(self, *paths: Path | str, **wishes: Unpack[MediumWishes]) -> tuple[Path, ...]:
        """Writes files in the formats that ``paths`` end in, HPGL and G-code for the machine, and gives their paths.

        ``wishes`` are as in ``convert``. Raises UserError for what cannot be written, and for what does not fit.
        """
        files = [Path(path) for path in paths]
        wishes.setdefault("machine", self.after.machine)
        medium = medium_of(**wishes)
        check_outputs(files, page_size(self.document), medium)
        check_fits(files, self.document, medium)
        return tuple(done for file in files for done in write_sheet(file, self.document, self.recipe, medium))


def optimize(
    sheet: Path | str | vpype.Document,
    machine: str | Machine = DEFAULT_MACHINE,
    *,
    join: float | None = DEFAULT_GAP,
    retrace: float = 0.0,
    effort: str | Effort = "normal",
    seed: int = 0,
    objective: str = "seconds",
    layer_codes: Sequence[str] = (),
    tidy: Tidy = NO_WISHES,
    source: str | Machine | None = None,
    outputs: Sequence[Path | str] = (),
    medium: Medium | None = None,
) -> Optimized:
    """Joins lines and puts them in an order that takes little time on ``machine``, each layer for itself.

    Args:
        sheet: a file (SVG, HPGL, G-code) from anywhere, or a document.
        machine: a profile's name, a TOML file's path or a Machine.
        join: the widest gap in mm that is drawn over, where that is sooner than a lift; None joins nothing.
        retrace: how many mm of ink the pen may go back over, where that is sooner than a lift.
        effort: ``fast``, ``normal``, ``best``, tries a line (``50``) or a time (``10s``, which is not reproducible).
        seed: what the tries hang on.
        objective: ``seconds`` on the machine, or ``mm`` of travel.
        layer_codes: what labels are to tell an AxiDraw, such as ``2=S30,H40`` (`lines.layer_codes.coded`).
        tidy: what is done to the lines before: simplified, filled, hidden, drawn once and more.
        source: the machine that an HPGL or G-code file is meant for; None: ``machine``, or what is usual.
        outputs: files that are to be written for ``medium``: what will not fit is refused before the search, or cut or
            made smaller before it, if ``medium`` says so: order and times are those of what is drawn.

    Raises UserError for options that make no sense, for a file that cannot be read, has no page or no lines, and where
    ``tidy`` leaves none.
    """
    chosen = machine if isinstance(machine, Machine) else load_machine(machine)
    wanted = effort if isinstance(effort, Effort) else Effort.of(effort)
    _check(join, retrace, objective)
    check_wishes(layer_codes)
    given = read_from(Path(sheet), source, chosen) if isinstance(sheet, Path | str) else sheet
    document = coded(given, layer_codes)
    if document.page_size is None or not min(document.page_size) > 0:
        raise UserError("the sheet has no size; give the SVG a width and a height")
    medium, paths = medium or Medium(machine=chosen), [Path(output) for output in outputs]
    _check_outputs(paths, document, medium, tidy)
    before = estimate(document if medium.oversize == "refuse" else fit_first(paths, document, medium)[0], chosen)
    treatment = Treatment(
        gap=join,
        pace=Pace.of(chosen) if objective == "seconds" else MILLIMETRES,
        effort=wanted,
        seed=seed,
        home=chosen.home_on(*page_size(document)),
        tidy=tidy,
        retrace=retrace,
        retracer=chosen,
    )
    fitting = _fitted(document, treatment, paths, medium)
    done, after = _treated(fitting.document, _no_slower(fitting.document, fitting.treatment, chosen), chosen)
    facts = {"machine": chosen.name, "objective": objective, "join_mm": join, "seed": seed} | tidy.facts()
    facts |= {"retrace_mm": retrace} if retrace else {}
    pains = {"seconds": wanted.seconds} if wanted.seconds is not None else {"kicks": wanted.kicks}
    done_so = {**facts, "effort": pains}
    more = {"draw_speed": chosen.draw_speed} | ({"layer_codes": list(layer_codes)} if layer_codes else {})
    recipe = {
        **passed(sheet, "optimize", source, **done_so, **more),
        "optimized": {"by": "plotsketch", **done_so},
    }
    bridges = [*fitting.bridges, *done.bridges]
    return Optimized(done.document, before, after, recipe, bridges, done.twice_mm, fitting.changes)


@dataclass(frozen=True)
class _Fitted:
    """A document that fits, what is left to be done to it, the gaps drawn over so far, and what became of it."""

    document: vpype.Document
    treatment: Treatment
    bridges: list[float] = field(default_factory=list)
    changes: tuple[str, ...] = ()


def _fitted(document: vpype.Document, treatment: Treatment, paths: Sequence[Path], medium: Medium) -> _Fitted:
    """The document as it is drawn: cut or made smaller before its lines are ordered, if that is asked for.

    What hides, fills or shapes lines comes first, as it needs them whole.
    """
    if medium.oversize == "refuse":
        return _Fitted(document, treatment)
    first, later = treatment.tidy.halves()
    bridges: list[float] = []
    if first.facts():
        done = treated(document, replace(treatment, tidy=first, effort=None, retrace=0.0))
        document, bridges = done.document, done.bridges
        _check_left(document, treatment.tidy)
    document, changes = fit_first(paths, document, medium)
    return _Fitted(document, replace(treatment, tidy=later), bridges, changes)


def _check_left(document: vpype.Document, tidy: Tidy) -> None:
    if document.is_empty():
        asked = ", ".join(f"--{name.replace('_', '-')}" for name in tidy.facts())
        raise UserError(f"nothing is left of the sheet after {asked}; ask for less of it")


def _no_slower(document: vpype.Document, treatment: Treatment, machine: Machine) -> Treatment:
    """The treatment with the gap, of the one asked for and narrower ones, with which the sheet is done first.

    Gaps are joined one by one, and wide ones keep the pen on long ways that a good order would not have gone: with all
    of them drawn over, a sheet may take longer than with fewer. A narrow gap is left as it is.
    """
    gap = treatment.gap
    if gap is None or gap <= SURE_GAP or treatment.pace == MILLIMETRES:
        return treatment
    widest = max(treatment.pace.widest_bridge(gap), SURE_GAP)
    rungs = [SURE_GAP * RUNG**n for n in range(int(math.log(widest / SURE_GAP, RUNG) + 1))]
    quick = replace(treatment, effort=Effort.of("fast"), retrace=0.0)
    tried = []
    for rung in [*rungs, widest]:
        done = treated(document, replace(quick, gap=rung)).document
        tried.append((math.inf if done.is_empty() else estimate(done, machine).total.seconds, rung))
    return replace(treatment, gap=min(tried)[1])


def _treated(document: vpype.Document, treatment: Treatment, machine: Machine) -> tuple[Treated, Estimate]:
    """The document treated, and its estimate; without retracing where the other order that it gets takes longer."""
    done = treated(document, treatment)
    _check_left(done.document, treatment.tidy)
    after = estimate(done.document, machine)
    if done.twice_mm:
        plain = treated(document, replace(treatment, retrace=0.0))
        without = estimate(plain.document, machine)
        if without.total.seconds < after.total.seconds:
            return plain, without
    return done, after


def _check_outputs(paths: Sequence[Path], document: vpype.Document, medium: Medium, tidy: Tidy) -> None:
    if paths:
        check_outputs(paths, page_size(document), medium)
    if not tidy.removes:  # else it is seen when the lines are written
        check_fits(paths, document, medium)


def _check(join: float | None, retrace: float, objective: str) -> None:
    if join is not None and not 0 <= join < math.inf:
        raise UserError(f"--join is {join:g} mm; give 0 (ends that meet) or a small length such as 0.05")
    if not 0 <= retrace < math.inf:
        raise UserError(f"--retrace is {retrace:g} mm; give 0 (never) or a length such as 5")
    if objective not in OBJECTIVES:
        raise UserError(f"no objective '{objective}'; there are {' and '.join(OBJECTIVES)}")
