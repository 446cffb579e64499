"""A sheet on a machine: from a file to a plan, and from the plan to ink, with a journal that lets it go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plotsketch.api.convert import read_from
from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import check_wishes, coded
from plotsketch.lines.machine import DEFAULT_MACHINE, Machine, load_machine
from plotsketch.output.fitting import Oversize, fitted
from plotsketch.output.layers import LEFT_OUT, check_numbers, page_size, plotted
from plotsketch.plotter.bench import reach
from plotsketch.plotter.connect import OWN, driver_for, kind_of
from plotsketch.plotter.desk import Desk, Question
from plotsketch.plotter.driver import Identity
from plotsketch.plotter.journal import Job, Progress
from plotsketch.plotter.pen_set import describe
from plotsketch.plotter.plan import Plan, plan_of
from plotsketch.plotter.session import Session

if TYPE_CHECKING:
    import vpype


@dataclass(frozen=True)
class Planned:
    """A sheet's plan for a machine; ``notes`` say what of its file is not drawn, a line each."""

    plan: Plan
    notes: tuple[str, ...] = ()


class Unattended(Desk):
    """Nobody stands by: everything is taken for done, and a plot that was stopped stays so."""

    def ask(self, question: Question) -> bool:
        return not question.decides

    def tell(self, words: str) -> None:
        pass

    def progress(self, seconds: float) -> None:
        pass


def planned(
    sheet: Path | str | vpype.Document,
    machine: str | Machine = DEFAULT_MACHINE,
    *,
    paper: str | None = None,
    oversize: Oversize = "refuse",
    layer_codes: Sequence[str] = (),
    optimize: bool = False,
) -> Planned:
    """What ``plot`` will do with a sheet on ``machine``.

    Args:
        sheet: a file (SVG, HPGL, G-code) or a document.
        machine: a profile's name, a TOML file's path or a Machine.
        paper: what lies in an HPGL plotter; None: the paper of the page's size.
        oversize: what becomes of lines that the machine cannot reach: ``refuse``, ``clip`` or ``scale``.
        layer_codes: what labels are to say, such as ``2=S30,H40`` (`lines.layer_codes.coded`).
        optimize: put the lines in the order that plots soonest first (`api.optimize`).

    Raises UserError for what cannot be read, does not fit, or has nothing to draw, and for a machine that no driver
    drives.
    """
    chosen = machine if isinstance(machine, Machine) else load_machine(machine)
    kind_of(chosen)
    check_wishes(layer_codes)
    document = coded(read_from(Path(sheet), None, chosen) if isinstance(sheet, Path | str) else sheet, layer_codes)
    notes = tuple(document.property(LEFT_OUT) or ())
    check_numbers(document)
    page = page_size(document) if document.page_size else chosen.travel
    fitting = fitted(plotted(document), reach(chosen, page, paper), oversize, chosen.title)
    if optimize:
        from plotsketch.api.optimize import optimize as optimized

        fitting = optimized(fitting, chosen).document
    return Planned(plan_of(fitting, chosen, paper=paper), notes)


def bytes_of(plan: Plan) -> bytes:
    """Exactly what would be sent to a healthy machine. Raises UserError for a machine that no driver drives."""
    match kind_of(plan.machine):
        case "ebb":
            from plotsketch.plotter.ebb_file import ebb_bytes

            return ebb_bytes(plan)
        case "hpgl":
            from plotsketch.plotter.hpgl_file import hpgl_bytes_of

            return hpgl_bytes_of(plan)
        case _:
            from plotsketch.plotter.grbl_file import grbl_bytes

            return grbl_bytes(plan)


def new_job(
    plan: Plan,
    sheet: Path | str,
    *,
    copies: int = 1,
    from_stroke: int = 1,
    port: str | None = None,
    software: str = OWN,
) -> Job:
    """A plot of a plan, with its journal, that begins with stroke ``from_stroke`` (from 1) of its first copy.

    ``port`` and ``software`` are where it goes on if nothing else is said then. Raises UserError for a stroke that is
    none, and where the journal cannot be written.
    """
    facts = {"copies": copies, "port": port, "software": software}
    return Job.create(plan, str(sheet), facts, beginning(plan, from_stroke))


def beginning(plan: Plan, from_stroke: int, copy: int = 0) -> Progress:
    """The progress of a plot whose strokes before ``from_stroke`` (from 1) count as drawn. Raises UserError."""
    if not 1 <= from_stroke <= len(plan.strokes):
        raise UserError(f"there is no stroke {from_stroke:,}: the plot has {len(plan.strokes):,}, counted from 1")
    return Progress(copy=copy, sent=from_stroke - 1, inked=from_stroke - 1)


def run(
    job: Job,
    port: str | None = None,
    *,
    desk: Desk | None = None,
    software: str | None = None,
    is_resumed: bool = False,
    run_in: float = 0.0,
    begin: Progress | None = None,
    while_running: Callable[[Session], AbstractContextManager[None]] = lambda session: nullcontext(),
) -> Identity:
    """Plots what is left of a job, on the machine of its plan.

    Args:
        port: a serial port or ``simulator``; None: where the plot was begun, else it is found.
        desk: who is asked about pens and papers; None: nobody (`Unattended`).
        software: ``pyaxidraw`` drives an AxiDraw by its maker's own library; None: what the plot was begun with.
        is_resumed: whether some of it was drawn in another sitting.
        run_in: mm of ink that are drawn once more before it goes on.
        begin: where it is set on to, once the machine answers (``beginning``); None: it goes on where it is.
        while_running: a context around the sitting, such as one in which signals stop it.

    Returns what the machine says of itself. Raises UserError for what stops the machine, and `session.Stopped` when
    the desk stops the plot. The job then knows how to go on.
    """
    if job.progress.is_done and begin is None:
        raise UserError(f"the plot '{job.name}' is done; plot its sheet anew, or give --from-stroke")
    port, software = port or job.facts.get("port"), software or job.facts.get("software", OWN)
    with driver_for(job.plan.machine, port, software=software) as driver:
        who = desk or Unattended()
        session = Session(job, driver, who, describe, is_resumed=is_resumed, run_in=run_in, begin=begin)
        with while_running(session):
            return session.run()


def plot(
    sheet: Path | str | vpype.Document,
    machine: str | Machine = DEFAULT_MACHINE,
    port: str | None = None,
    *,
    desk: Desk | None = None,
    copies: int = 1,
    paper: str | None = None,
    oversize: Oversize = "refuse",
    layer_codes: Sequence[str] = (),
    optimize: bool = False,
) -> Job:
    """Plots a sheet, from ``planned`` to the last stroke, and gives the job, which is done. Raises as ``run`` does."""
    made = planned(sheet, machine, paper=paper, oversize=oversize, layer_codes=layer_codes, optimize=optimize)
    name = sheet if isinstance(sheet, Path | str) else "document"
    job = new_job(made.plan, name, copies=copies)
    run(job, port, desk=desk)
    return job
