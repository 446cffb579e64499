"""``plotsketch estimate``: how long a sheet will take on a plotter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from plotsketch.cli.file_options import at_speed
from plotsketch.cli.options import json_option, report, warn
from plotsketch.clock import clock, counted
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.api.estimate import Estimate
    from plotsketch.lines.machine import Machine
    from plotsketch.lines.times import Times

LISTING = "list"
DECIMALS = 3  # of seconds and millimetres in JSON
SKIPPED = ("skipped", "", "", "", "")  # a layer whose label begins with %
COLUMNS = ("layer", "", "time", "ink", "travel", "strokes", "lifts")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--machine", default="axidraw-v3", show_default=True, metavar="NAME",
    help="A machine's name or a .toml file of your own; 'list' names them all.",
)  # fmt: skip
@click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), metavar="MM/S",
    help="Pen-down speed. On an HP plotter ten times its VS.  [default: the machine's]",
)  # fmt: skip
@json_option
def estimate(file: Path | None, machine: str, speed: float | None, as_json: bool) -> None:
    """Say how long FILE, a sheet as SVG, HPGL or G-code, takes to plot: by layer, from home and back.

    Strokes are drawn in the file's order with the machine's acceleration, slowing down for corners; hops, pen lifts
    and pen changes are counted. Each layer is a pen.

    \b
    Examples:
      plotsketch estimate sheet.svg
      plotsketch estimate sheet.svg --machine hp7475a --speed 100
      plotsketch estimate --machine list
    """
    from plotsketch.api import estimate as api

    if machine == LISTING:
        typed = click.get_current_context().get_parameter_source("speed") is ParameterSource.COMMANDLINE
        if file is not None or typed:
            idle = "--speed" if file is None else str(file)
            raise UserError(f"--machine list names the machines and estimates nothing; leave {idle} out, or name one")
        _list(as_json)
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    found = api.estimate(file, at_speed(machine, speed))
    for line in (*found.notes, *found.overhang):
        warn(line)
    report({"file": file, **as_data(found)}, as_json, table(found))


def as_data(found: Estimate) -> dict[str, Any]:
    """An estimate in JSON's own types."""
    layers = [
        {"number": layer.number, "name": layer.name, "colour": layer.colour, "skipped": layer.is_skipped}
        | _numbers(layer.times)
        for layer in found.layers
    ]
    return {
        "machine": found.machine.name,
        "page_mm": [round(length, DECIMALS) for length in found.page],
        **_numbers(found.total),
        "layers": layers,
        "overhang": list(found.overhang),
        "notes": list(found.notes),
    }


def table(found: Estimate) -> Iterator[str]:
    """What a person reads: a row a layer, the sum, and where the time goes."""
    names = [(str(layer.number), layer.name.removeprefix(str(layer.number)).strip()) for layer in found.layers]
    figures = [SKIPPED if layer.is_skipped else _cells(layer.times) for layer in found.layers]
    rows = [(*name, *cells) for name, cells in zip(names, figures, strict=True)]
    total = found.total
    yield from columns([COLUMNS, *rows, ("total", "", *_cells(total))])
    yield f"{clock(total.seconds)} on {found.machine.title}: {spent(total)}"


def spent(total: Times) -> str:
    """What the time goes into."""
    # a carousel's first pen is fetched and its last put away, though none is changed
    pens = counted(total.pen_changes, "pen change") if total.pen_changes else "fetching the pen"
    parts = {
        "drawing": total.draw_seconds,
        "travel": total.travel_seconds,
        "pen lifts": total.lift_seconds,
        pens: total.change_seconds,
        "delays": total.wait_seconds,
    }
    return ", ".join(f"{name} {clock(seconds)}" for name, seconds in parts.items() if seconds > 0)


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of equal length as aligned text: the first two columns to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [f"{cell:{'<' if i < 2 else '>'}{widths[i]}}" for i, cell in enumerate(row)]
        yield "  ".join(cells).rstrip()


def _cells(times: Times) -> tuple[str, ...]:
    ink, travel = (f"{length / 1000:.2f} m" for length in (times.ink_mm, times.travel_mm))
    return clock(times.seconds), ink, travel, f"{times.strokes}", f"{times.lifts}"


def _numbers(times: Times) -> dict[str, float]:
    numbers = {"seconds": times.seconds, **asdict(times)}
    return {name: round(value, DECIMALS) for name, value in numbers.items()}


def _list(as_json: bool) -> None:
    from plotsketch.lines.machine import load_machine, machine_names

    machines = [load_machine(name) for name in machine_names()]
    rows = [("name", "machine", "area", "pen down", "pen up", "lift and drop"), *map(_row, machines)]
    report({"machines": [asdict(machine) for machine in machines]}, as_json, columns(rows))


def _row(machine: Machine) -> tuple[str, ...]:
    across, down = machine.travel
    return (
        machine.name,
        machine.title,
        f"{across:g} x {down:g} mm",
        f"{machine.draw_speed:g} mm/s",
        f"{machine.travel_speed:g} mm/s",
        f"{machine.lift_s + machine.drop_s:.2f} s",
    )
