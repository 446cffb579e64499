"""``plotsketch optimize``: the same sheet, plotted sooner."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.estimate import clock, columns
from plotsketch.cli.options import json_option, note, output_option, report, seed_option

if TYPE_CHECKING:
    from plotsketch.lines.times import Times

PATIENCE = 4.0  # seconds; a sheet of a few thousand lines is done by then


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output_option("The new .svg (or a .png of it); may be given more than once.", multiple=True, required=True)
@click.option(
    "--join", default="0.05mm", show_default=True, metavar="GAP",
    help="Join ends that are no further apart; 0 joins what meets.",
)  # fmt: skip
@click.option(
    "--effort", default="normal", show_default=True,
    help="fast, normal, best, tries a line (50), or a time (10s), which makes other files each time.",
)  # fmt: skip
@click.option(
    "--objective", type=click.Choice(["seconds", "mm"]), default="seconds", show_default=True,
    help="What is to be little: predicted seconds, or travel.",
)  # fmt: skip
@click.option(
    "--machine", default="axidraw-v3", show_default=True, metavar="NAME",
    help="Whose seconds: a machine's name or a .toml file; `plotsketch estimate --machine list` names them.",
)  # fmt: skip
@seed_option
@json_option
def optimize(
    file: Path,
    output: tuple[Path, ...],
    join: str,
    effort: str,
    objective: str,
    machine: str,
    seed: int,
    as_json: bool,
) -> None:
    """Put the lines of FILE, any SVG, in the order that plots soonest.

    Lines whose ends meet are joined; where several meet, the pen goes straight on. Then order, directions and the
    beginnings of closed lines are chosen by the machine's lifts and its hops from rest to rest, from home and back.
    Layers keep their order, names and colours, and nothing is drawn that was not there but the gaps joined over.

    \b
    Examples:
      plotsketch optimize sheet.svg -o sooner.svg
      plotsketch optimize sheet.svg -o sooner.svg --join 0.5mm --effort best
      plotsketch optimize drawing.svg -o sooner.svg --machine hp7475a --objective mm
    """
    from plotsketch.api.optimize import DPI
    from plotsketch.api.optimize import optimize as optimized
    from plotsketch.output.formats import check_outputs
    from plotsketch.sheet.paper import parse_length

    check_outputs(output, (100.0, 100.0), dpi=DPI)  # the page is not known yet, and matters to pictures alone
    with patience():
        found = optimized(file, machine, join=parse_length(join), effort=effort, seed=seed, objective=objective)
    found.save(*output)
    for line in found.after.overhang:
        note(f"Warning: {line}")
    before, after = found.before.total, found.after.total
    figures = {"before": as_figures(before), "after": as_figures(after)}
    saved = f"{1 - after.seconds / before.seconds:.0%} of the time on {found.after.machine.title} is saved"
    rows = [("", "", "time", "travel", "lifts"), ("before", "", *cells(before)), ("after", "", *cells(after))]
    report({"files": list(output), "machine": found.after.machine.name, **figures}, as_json,
           [*map(str, output), *columns(rows), saved])  # fmt: skip


@contextmanager
def patience() -> Iterator[None]:
    """A word to who waits longer than usual: the first run compiles."""
    word = "Ordering lines. The first run on a machine compiles the search, which takes 10 to 20 seconds, once."
    timer = threading.Timer(PATIENCE, note, [word])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def as_figures(times: Times) -> dict[str, Any]:
    return {"seconds": round(times.seconds, 3), "travel_mm": round(times.travel_mm, 3), "lifts": times.lifts}


def cells(times: Times) -> tuple[str, ...]:
    return clock(times.seconds), f"{times.travel_mm / 1000:.2f} m", f"{times.lifts}"
