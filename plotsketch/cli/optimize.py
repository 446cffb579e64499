"""``plotsketch optimize``: the same sheet, plotted sooner."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.estimate import columns
from plotsketch.cli.file_options import at_speed, check_typed, file_options
from plotsketch.cli.line_options import line_options
from plotsketch.cli.options import is_quiet, json_option, note, output_option, report, seed_option, warn
from plotsketch.cli.sheet_options import printing_of
from plotsketch.clock import clock, counted

if TYPE_CHECKING:
    from plotsketch.lines.tidy import Tidy
    from plotsketch.lines.times import Times
    from plotsketch.output.fitting import Oversize

PATIENCE = 4.0  # seconds; a sheet of a few thousand lines is done by then


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output_option("File to write: .svg, .hpgl, .gcode, .png and others; may be repeated.", multiple=True)
@click.option(
    "--join", default="0.05mm", show_default=True, metavar="GAP",
    help="Join ends, and closed lines to lines, that are no further apart; 0 joins what meets.",
)  # fmt: skip
@click.option(
    "--retrace", metavar="LENGTH", help="Go back over up to so much ink where that is sooner than a lift: 5mm.",
)  # fmt: skip
@click.option(
    "--effort", default="normal", show_default=True,
    help="fast, normal, best, tries a line (50), or a time (10s), which makes other files each time.",
)  # fmt: skip
@click.option(
    "--objective", type=click.Choice(["seconds", "mm"]), default="seconds", show_default=True,
    help="What is to be little: predicted seconds, or travel.",
)  # fmt: skip
@line_options
@file_options
@seed_option
@json_option
def optimize(
    file: Path,
    output: tuple[Path, ...],
    join: str,
    retrace: str | None,
    effort: str,
    objective: str,
    machine: str | None,
    speed: float | None,
    source: str | None,
    paper: str | None,
    oversize: Oversize,
    dpi: float,
    curves: float | None,
    layer_codes: tuple[str, ...],
    seed: int,
    as_json: bool,
    tidy: Tidy,
    **words: Any,
) -> None:
    """Put the lines of FILE, any SVG (or HPGL or G-code), in the order that plots soonest on --machine.

    Lines whose ends meet are joined; where several meet, the pen goes straight on. Then order, directions and the
    beginnings of closed lines are chosen by the machine's lifts and its hops from rest to rest, from home and back.
    Layers keep their order, names and colours, and nothing is drawn that was not there but the gaps joined over, unless
    you ask for it: lines can be simplified, smoothed, filled, hidden by others, drawn once, cut and left out.

    \b
    Examples:
      plotsketch optimize sheet.svg -o sooner.svg
      plotsketch optimize sheet.svg -o sooner.svg --join 0.5mm --effort best
      plotsketch optimize sheet.svg -o sooner.svg --curves 0.03mm --layer-code 2=S30,pause
      plotsketch optimize sheet.svg -o filled.svg --hatch all --occlude --dedupe 0.05mm
      plotsketch optimize drawing.svg -o sooner.hpgl --machine hp7475a --paper a3
    """
    from plotsketch.api.convert import check_not_over
    from plotsketch.api.optimize import optimize as optimized
    from plotsketch.lines.machine import DEFAULT_MACHINE
    from plotsketch.output.formats import Medium, check_outputs
    from plotsketch.sheet.paper import parse_length

    chosen = at_speed(machine or DEFAULT_MACHINE, speed)
    check_not_over(file, output)
    check_typed(file, output, times=True)
    printing = printing_of(words)
    medium = Medium(dpi=dpi, machine=chosen, paper=paper, oversize=oversize, curves=curves, printing=printing)
    check_outputs(output, None, medium)
    with patience():
        found = optimized(
            file, chosen, join=parse_length(join), retrace=parse_length(retrace or "0"), effort=effort, seed=seed,
            objective=objective, layer_codes=layer_codes, tidy=tidy, source=source, outputs=output, medium=medium,
        )  # fmt: skip
    files = found.save(*output, paper=paper, oversize=oversize, dpi=dpi, curves=curves, printing=printing)
    for line in (*found.before.notes, *(found.changes or found.after.overhang)):
        warn(line)
    before, after = found.before.total, found.after.total
    figures = {"before": as_figures(before), "after": as_figures(after), "twice_mm": round(found.twice_mm, 3)}
    figures["gaps"] = as_gaps(found.bridges)
    told_all = [*told(before, after, found.after.machine.title), *told_ink(found.bridges, found.twice_mm)]
    report({"files": list(files), "machine": found.after.machine.name, **figures}, as_json,
           [*map(str, files), *told_all])  # fmt: skip


@contextmanager
def patience() -> Iterator[None]:
    """A word to who waits longer than usual: the first run compiles."""
    if is_quiet():  # asked here, as the timer runs in a thread that knows no command
        yield
        return
    word = "Ordering lines. The first run on a machine compiles the search, which takes 10 to 20 seconds, once."
    timer = threading.Timer(PATIENCE, note, [word])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def told(before: Times, after: Times, machine: str) -> Iterator[str]:
    """What a person reads of a sheet before and after; its ink, if there is more or less of it now."""
    names = ["time", "travel", "lifts"]
    rows = [[*cells(times), f"{times.ink_mm / 1000:.2f} m"] for times in (before, after)]
    if rows[0][-1] != rows[1][-1]:
        names.append("ink")
    heads = (("", ""), ("before", ""), ("after", ""))
    yield from columns([(*head, *row[: len(names)]) for head, row in zip(heads, [names, *rows], strict=True)])
    change = 1 - after.seconds / before.seconds if before.seconds else 0.0  # a dot at the home of a pen without lifts
    percent = round(100 * change)
    yield f"{abs(percent)}% of the time on {machine} is {'saved' if percent >= 0 else 'added'}"


def told_ink(bridges: list[float], twice_mm: float) -> Iterator[str]:
    """What was drawn to save that time: gaps, and ink that was there already."""
    if bridges:
        gaps = as_gaps(bridges)
        lengths = f"{gaps['total_mm']:.1f} mm in all, {gaps['longest_mm']:.2f} mm the longest"
        yield f"{counted(len(bridges), 'gap')} drawn over, {lengths}"
    if twice_mm:
        yield f"{twice_mm / 1000:.2f} m drawn twice"


def as_gaps(bridges: list[float]) -> dict[str, float]:
    return {"count": len(bridges), "total_mm": round(sum(bridges), 3), "longest_mm": round(max(bridges, default=0), 3)}


def as_figures(times: Times) -> dict[str, Any]:
    lengths = {"travel_mm": times.travel_mm, "ink_mm": times.ink_mm}
    return {"seconds": round(times.seconds, 3), **{n: round(mm, 3) for n, mm in lengths.items()}, "lifts": times.lifts}


def cells(times: Times) -> tuple[str, ...]:
    return clock(times.seconds), f"{times.travel_mm / 1000:.2f} m", f"{times.lifts}"
