"""``plotsketch plot``: a sheet goes to a machine, and can be trusted to be finished."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from plotsketch.cli.file_options import OVERSIZE, at_speed
from plotsketch.cli.options import json_option, note, report, warn
from plotsketch.cli.plot_desk import CommandLineDesk, is_attended, stopping
from plotsketch.cli.plot_table import figures, seconds_done, table, where
from plotsketch.cli.port_options import paper_in, pens_options, port_options, port_wish, typed, with_pens
from plotsketch.clock import clock, counted
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.plotter.driver import Identity
    from plotsketch.plotter.journal import Job, Progress
    from plotsketch.plotter.plan import Plan
    from plotsketch.plotter.session import Session

LATEST = "latest"
STOPPED = 130
FRESH = (
    "machine", "speed", "paper", "oversize", "layer_codes", "pens", "pen", "optimize", "layers", "only", "copies",
    "to", "dry_run",
)  # fmt: skip
# of a plot that is begun: one that goes on is as it was begun
AT_THE_MACHINE = ("port", "software", "from_stroke", "copies", "yes", "hook", "run_in")  # of no use in a file of bytes


def _strokes(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Callback of ``--only``: 20-35, 20- or 20."""
    if value is None:
        return None
    first, dash, last = (part.strip() for part in value.partition("-"))
    numbers = [first, last or (first if not dash else "999999999")]
    if not all(number.isascii() and number.isdigit() and len(number) < 10 for number in numbers):
        raise click.BadParameter(f"'{value}' is no range of strokes such as 20-35 or 20-")
    low, high = map(int, numbers)
    if not 1 <= low <= high:
        raise click.BadParameter(f"'{value}' holds no stroke; they are counted from 1")
    return low, high


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@port_options
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MM/S",
    help="Pen-down speed; on an HP plotter ten times its VS.  [default: the machine's]",
)
@click.option("--paper", metavar="NAME", help="Paper in an HPGL plotter.  [default: the one of the page's size]")
@click.option(
    "--oversize",
    type=click.Choice(OVERSIZE),
    default="refuse",
    show_default=True,
    help="What becomes of a drawing that goes beyond the machine's reach.",
)
@click.option(
    "--layer-code",
    "layer_codes",
    multiple=True,
    metavar="N=CODES",
    help="Of a layer: 2=S30,H40,D200 (speed, pen height, delay), 2=pause, 2=skip; all=...",
)
@pens_options
@click.option("--optimize", is_flag=True, help="First put the lines in the order that plots soonest.")
@click.option("--layer", "layers", type=int, multiple=True, metavar="N", help="Only this layer; may be repeated.")
@click.option("--only", metavar="A-B", callback=_strokes, help="Only these strokes, counted from 1: 20-35.")
@click.option("--from-stroke", type=click.IntRange(min=1), metavar="N", help="Begin with this stroke, counted from 1.")
@click.option(
    "--copies",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="So many sheets, with a pause for paper in between.",
)
@click.option(
    "--resume",
    is_flag=False,
    flag_value=LATEST,
    metavar="[JOB]",
    help="Go on with a plot that was broken off: the latest, or the one of that name.",
)
@click.option(
    "--run-in",
    default="0",
    show_default=True,
    metavar="LENGTH",
    help="With --resume: draw the last 20mm, say, once more, as the pen may have run dry.",
)
@click.option("--yes", is_flag=True, help="Ask nothing: pens and paper are taken for changed.")
@click.option("--hook", metavar="COMMAND", help="Answers every question by its exit code; see docs/plotting.md.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and plot nothing.")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write exactly the bytes that would be sent, and plot nothing.",
)
@json_option
def plot(
    file: Path | None, machine: str, port: str | None, software: str, resume: str | None, run_in: str,
    from_stroke: int | None, yes: bool, hook: str | None, as_json: bool, **words: Any,
) -> None:  # fmt: skip
    """Plot FILE, a sheet as SVG, HPGL or G-code, on the machine that is connected.

    Every stroke is noted in a journal before and after it is drawn, so that --resume goes on after a crash, a power
    cut or a dry pen. Ctrl-C lifts the pen and asks what next; a second Ctrl-C lifts it at once. Layers are plotted
    in their order, with a pause to change pens.

    \b
    Examples:
      plotsketch plot sheet.svg
      plotsketch plot sheet.svg --port simulator
      plotsketch plot sheet.svg --machine hp7475a --paper a4 --port /dev/ttyUSB0
      plotsketch plot --resume --run-in 20mm
      plotsketch plot sheet.svg --machine grbl --to sheet.bytes
    """
    from plotsketch.sheet.paper import parse_length

    length = parse_length(run_in)
    if resume is not None:
        job, begin = _resumed(file, resume, from_stroke, _Watch(yes, hook))
        told = {name: value for name, value in (("port", port), ("software", software)) if typed(name)}
        again = {**told, "is_resumed": True}  # what only stands in the configuration is not how the plot was begun
        _plot(job, _Watch(yes, hook), as_json, {**again, "run_in": length, "begin": begin})
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE' (or --resume).")
    check_words(words["to"], words["dry_run"])
    plan, copies, first = _plan(file, machine, words), words["copies"], from_stroke or 1
    if words["to"] is not None:
        _to_file(plan, words["to"], as_json)
    elif words["dry_run"]:
        _dry_run(plan, copies, first, as_json)
    else:
        job = _new_job(plan, file, _Watch(yes, hook), copies, first, port, software)
        _plot(job, _Watch(yes, hook), as_json, {})


class _Watch(NamedTuple):
    """Who answers: nobody is asked, or a command is run, or somebody sits at the terminal."""

    yes: bool
    hook: str | None


def check_words(to: Path | None, dry_run: bool) -> None:
    """Raises UserError for what is typed of a new plot and has nothing to do in it."""
    if typed("run_in"):
        raise UserError("--run-in is for a plot that goes on; give --resume too")
    idle = ["dry_run"] * dry_run + [name for name in AT_THE_MACHINE if typed(name)]
    if to is not None and idle:
        part = "; --only 20- writes the strokes from 20 on" if idle[0] == "from_stroke" else ""
        raise UserError(f"{_spelled(idle[0])} has nothing to do with --to, which writes a file; leave one out{part}")


def _spelled(name: str) -> str:
    """An option as it is typed."""
    return {"software": "--driver", "layer_codes": "--layer-code", "layers": "--layer"}.get(
        name, f"--{name.replace('_', '-')}"
    )


def _plan(file: Path, machine: str, words: dict[str, Any]) -> Plan:
    """The plan of a file, as the options say."""
    from plotsketch.api.plot import planned
    from plotsketch.plotter.plan import restricted

    chosen = at_speed(machine, words["speed"])
    wishes = {name: words[name] for name in ("oversize", "layer_codes", "optimize")}
    found = planned(file, chosen, paper=paper_in(chosen, words["paper"]), **wishes)
    for line in found.notes:
        warn(line)
    return restricted(with_pens(found.plan, words["pens"], words["pen"]), words["layers"], words["only"])


def _resumed(file: Path | None, name: str, from_stroke: int | None, watch: _Watch) -> tuple[Job, Progress | None]:
    """The plot that goes on, and where it is to be set on to. Raises UserError for options that a plot that was begun
    cannot take any more."""
    from plotsketch.api.plot import beginning
    from plotsketch.plotter.journal import Job, latest_unfinished

    idle = [str(file)] * (file is not None) + [_spelled(name) for name in FRESH if typed(name)]
    if idle:
        raise UserError(
            f"{idle[0]}: a plot goes on as it was begun; leave it out, or plot the sheet anew without --resume"
        )
    job = latest_unfinished() if name == LATEST else Job.load(name)
    if job.is_running():
        raise UserError(f"the plot '{job.name}' is being plotted by another process; wait for it or stop it")
    if job.progress.is_done and from_stroke is None:
        raise UserError(f"the plot '{job.name}' is done; plot its sheet anew, or give --from-stroke")
    begin = None if from_stroke is None else beginning(job.plan, from_stroke, job.progress.copy)
    check_attended(job.plan, job.copies, begin or job.progress, watch, is_resumed=True)
    return job, begin


def _port(plan: Plan, port: str | None, software: str) -> str | None:
    """The port to plot on. Raises UserError where there is none, before there is a plot to go on with."""
    from plotsketch.plotter.connect import OWN, SIMULATOR, port_for

    wish = port_wish(plan.machine, port)
    return wish if wish == SIMULATOR or software != OWN else port_for(plan.machine, wish)


def _new_job(
    plan: Plan, file: Path, watch: _Watch, copies: int, from_stroke: int, port: str | None, software: str
) -> Job:
    """A new plot, once it is sure that it can begin."""
    from plotsketch.api.plot import beginning, new_job

    check_attended(plan, copies, beginning(plan, from_stroke), watch)
    wish = _port(plan, port, software)
    return new_job(plan, file, copies=copies, from_stroke=from_stroke, port=wish, software=software)


def _to_file(plan: Plan, to: Path, as_json: bool) -> None:
    """``--to``: the bytes go to a file."""
    from plotsketch.api.plot import bytes_of
    from plotsketch.files import check_writable, write_atomically

    check_writable(to)
    data = bytes_of(plan)
    write_atomically(to, data)
    report({"files": [to], **figures(plan), "bytes": len(data)}, as_json, [str(to)])


def _dry_run(plan: Plan, copies: int, from_stroke: int, as_json: bool) -> None:
    """``--dry-run``: the bytes go nowhere."""
    from plotsketch.api.plot import beginning, bytes_of

    size = len(bytes_of(plan))
    progress = beginning(plan, from_stroke)
    done, total = seconds_done(plan, progress, copies)
    facts = {**figures(plan), "copies": copies, "from_stroke": from_stroke, "seconds_left": round(total - done, 3)}
    lines = [*table(plan), *_remains(plan, progress, copies), f"{size:,} bytes a copy would be sent; nothing was."]
    report({**facts, "bytes": size}, as_json, lines)


def _remains(plan: Plan, progress: Progress, copies: int) -> Iterator[str]:
    """What of a plan is to be done, where that is not once all of it."""
    done, total = seconds_done(plan, progress, copies)
    parts = [f"from stroke {progress.sent + 1:,} of {len(plan.strokes):,}"] if progress.sent else []
    parts += [f"{copies} copies"] if copies > 1 and not progress.copy else []
    parts += [f"copy {progress.copy + 1} of {copies}"] if progress.copy else []
    if parts:
        yield f"{', '.join(parts)}: {clock(total - done)}"


def check_attended(plan: Plan, copies: int, progress: Progress, watch: _Watch, *, is_resumed: bool = False) -> None:
    """Raises UserError for a plot that will ask where there is nobody to answer, before anything moves."""
    if watch.yes or watch.hook is not None or is_attended():
        return
    asked = _questions(plan, copies, progress, is_resumed=is_resumed)
    if any(number > 0 for number in asked.values()):
        what = ", ".join(f"{number} x {name}" for name, number in asked.items() if number > 0)
        raise UserError(f"this plot needs somebody to answer ({what}): run it in a terminal, or with --yes or --hook")


def _questions(plan: Plan, copies: int, progress: Progress, *, is_resumed: bool) -> dict[str, int]:
    """How often a plot will ask for what."""
    from plotsketch.plotter.connect import changes_pens
    from plotsketch.plotter.session import asks_first

    further, fetches = copies - progress.copy - 1, changes_pens(plan.machine)
    left = sorted({stroke.layer for stroke in plan.strokes[progress.sent :]})
    drawn = [(n, asks_first(plan, progress.sent, is_resumed) or place > 0) for place, n in enumerate(left)]
    drawn += further * [(n, len(plan.layers) > 1) for n in range(len(plan.layers))]
    pens = sum(asks and not fetches for _, asks in drawn)
    pauses = sum(plan.layers[n].code.pause and (fetches or not asks) for n, asks in drawn)
    return {"pen change": pens, "pause": pauses, "new paper": further}


def _plot(job: Job, watch: _Watch, as_json: bool, again: dict[str, Any]) -> None:
    """Plots what is left of a job; `again` is what a plot that goes on is told."""
    desk = CommandLineDesk(job, yes=watch.yes, hook=watch.hook)
    since = time.monotonic()
    identity = _run(job, desk, again)
    _told(job, identity, time.monotonic() - since, as_json)


def _run(job: Job, desk: CommandLineDesk, again: dict[str, Any]) -> Identity:
    """Plots; `again` is what a plot that goes on is told. Ends the command where the plot is stopped."""
    from plotsketch.api.plot import run
    from plotsketch.plotter.session import Stopped

    going_on = f"`plotsketch plot --resume {job.name}` goes on"
    try:
        return run(job, desk=desk, while_running=partial(_watched, desk=desk), **again)
    except Stopped:
        note(f"Stopped after {where(job)}; {going_on}.")
        raise click.exceptions.Exit(STOPPED) from None
    except (UserError, KeyboardInterrupt):
        if not again and not job.has_begun:  # nothing is on paper, and nothing is to go on with
            job.remove()
        elif not job.progress.is_done:
            note(f"Broken off after {where(job)}; {going_on}.")
        raise


@contextlib.contextmanager
def _watched(session: Session, desk: CommandLineDesk) -> Iterator[None]:
    """A sitting with signals that stop it, and with what is about to happen said once the machine has answered."""
    session.ready = lambda: desk.plan(_announced(session.job))
    with stopping(session, desk):
        yield


def _announced(job: Job) -> Iterator[str]:
    """What is about to happen, for who stands by."""
    yield from table(job.plan)
    yield from _remains(job.plan, job.progress, job.copies)
    yield f"This is plot {job.name}. Ctrl-C stops it with the pen up."


def _told(job: Job, identity: Identity, seconds: float, as_json: bool) -> None:
    facts = {"job": job.name, **figures(job.plan), "copies": job.copies, "seconds": round(seconds, 3)}
    facts |= {"kind": identity.kind, "firmware": identity.firmware, "facts": identity.facts}
    copies = "" if job.copies == 1 else f", {job.copies} copies"
    strokes = counted(len(job.plan.strokes), "stroke")
    report(facts, as_json, [f"Done: {strokes}{copies}, {job.plan.machine.title}, in {clock(seconds)}."])
