"""``plotsketch outline``: go around what will be drawn, with the pen up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from plotsketch.cli.file_options import OVERSIZE
from plotsketch.cli.options import json_option, report, warn
from plotsketch.cli.plot_table import rounded
from plotsketch.cli.port_options import at_machine, identity_data, paper_in, port_options
from plotsketch.clock import counted

if TYPE_CHECKING:
    from plotsketch.output.fitting import Oversize


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", "layers", type=int, multiple=True, metavar="N", help="Of this layer only; may be repeated.")
@click.option("--times", type=click.IntRange(1, 100), default=1, show_default=True, help="How often to go around.")
@click.option("--paper", metavar="NAME", help="Paper in an HPGL plotter.  [default: the one of the page's size]")
@click.option(
    "--oversize", type=click.Choice(OVERSIZE), default="refuse", show_default=True,
    help="What becomes of a drawing that goes beyond the machine's reach, as in `plotsketch plot`.",
)  # fmt: skip
@port_options
@json_option
def outline(
    file: Path,
    layers: tuple[int, ...],
    times: int,
    paper: str | None,
    oversize: Oversize,
    machine: str,
    port: str | None,
    software: str,
    as_json: bool,
) -> None:
    """Go around the drawing in FILE, along the box of all its ink, with the pen up, and home.

    So you see that all of it comes to lie on the paper, and that nothing is in the way.

    \b
    Examples:
      plotsketch outline sheet.svg
      plotsketch outline sheet.svg --layer 2 --times 3
      plotsketch outline sheet.svg --machine hp7475a --port simulator --oversize scale
    """
    from plotsketch.api.plot import planned
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.bench import bounds, corners, walk
    from plotsketch.plotter.plan import restricted

    chosen = load_machine(machine)
    paper = paper_in(chosen, paper)
    found = planned(file, chosen, paper=paper, oversize=oversize)
    for line in found.notes:
        warn(line)
    plan = restricted(found.plan, layers, None)
    left, top, right, bottom = box = bounds(plan)
    round_once = corners(box)
    places = [*round_once * times, round_once[0]]
    with at_machine(plan.machine, port, software) as (driver, identity):
        walk(driver, plan.machine, plan.page, places, lambda _number: True, paper=paper)
    results = {
        "box_mm": rounded(box),
        "page_mm": rounded(plan.page),
        "times": times,
        **identity_data(plan.machine, identity),
    }
    words = (
        f"went around {right - left:.1f} x {bottom - top:.1f} mm, {left:.1f} mm from the left and {top:.1f} mm from "
    )
    words += f"the top of the page, {counted(times, 'time')}; the pen is home"
    report(results, as_json, [words])
