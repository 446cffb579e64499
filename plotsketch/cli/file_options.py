"""The options that say for what machine, paper and resolution a sheet's file is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from plotsketch.cli.sheet_options import PRINT_OPTIONS
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.lines.machine import Machine

OVERSIZE = ("refuse", "clip", "scale")


def _millimetres(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    from plotsketch.sheet.paper import parse_length

    return None if value is None else parse_length(value)


_OPTIONS = (
    click.option(
        "--machine", metavar="NAME",
        help="A plotter's name or a .toml file; `plotsketch estimate --machine list` names them.  "
        "[default: axidraw-v3 for times; none for files]",
    ),
    click.option(
        "--speed", type=click.FloatRange(min=0, min_open=True), metavar="MM/S",
        help="Pen-down speed, in times and in HPGL and G-code; in HPGL ten times VS.  [default: the machine's]",
    ),
    click.option("--from", "source", metavar="MACHINE", help="Whose HPGL or G-code FILE is.  [default: --machine's]"),
    click.option("--paper", metavar="NAME", help="Paper in an HPGL plotter.  [default: the one of the page's size]"),
    click.option(
        "--oversize", type=click.Choice(OVERSIZE), default="refuse", show_default=True,
        help="What becomes of a drawing that goes beyond the machine's reach (HPGL and G-code).",
    ),
    click.option(
        "--layer-code", "layer_codes", multiple=True, metavar="N=CODES",
        help="Tell an AxiDraw of a layer, by its label: 2=S30,H40,D200 (speed and pen height in percent, delay in ms), "
        "2=pause, 2=skip; all=... for all layers. May be repeated.",
    ),
    click.option(
        "--curves", metavar="LENGTH", callback=_millimetres,
        help="Write an SVG's lines as curves that are no farther from them: 0.03mm.",
    ),
    click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a picture."),
    *PRINT_OPTIONS,
)  # fmt: skip


def machine_of(name: str | None, speed: float | None) -> Machine | None:
    """The machine of ``--machine`` at ``--speed``; None where neither is named. Raises UserError."""
    if name is None and speed is not None:
        raise UserError(f"--speed {speed:g} is a machine's; name one too, as in --machine hp7475a")
    return None if name is None else at_speed(name, speed)


def at_speed(name: str, speed: float | None) -> Machine:
    """The machine of that name, drawing at `speed` mm/s if that is given, whatever a file says. Raises UserError."""
    from plotsketch.lines.machine import load_machine

    machine = load_machine(name)
    if speed is None:
        return machine
    fastest = _fastest(machine)
    if speed > fastest:
        raise UserError(f"--speed {speed:g} is more than {machine.title} can do; give {fastest:g} mm/s or less")
    return replace(machine, draw_speed=speed, file_speeds=False)


def _fastest(machine: Machine) -> float:
    """mm/s that no pen of this machine exceeds, where that is known: the largest VS, or an AxiDraw's largest +S."""
    from plotsketch.lines.layer_codes import RANGES
    from plotsketch.output.hpgl_device import hpgl_device

    velocity = hpgl_device(machine).velocity if machine.hpgl else None
    if velocity is not None:
        return max(10 * velocity[1], machine.draw_speed)
    return max(RANGES["speed"][1] * machine.percent_speed, machine.draw_speed) if machine.percent_speed else math.inf


def check_typed(file: Path, outputs: Iterable[Path], *, times: bool) -> None:
    """Raises UserError for ``--dpi``, ``--machine`` and ``--speed`` where they are typed and have nothing to do.

    `times` says that the command counts seconds, for which machine and speed are always good. What stands in a
    configuration is no matter (`cli.idle`).
    """
    from plotsketch.output.formats import PLOTTER_FILES
    from plotsketch.output.printing import PICTURES

    suffixes = {path.suffix.lower() for path in outputs}
    written = bool(suffixes & PLOTTER_FILES.keys())
    reads = file.suffix.lower() in PLOTTER_FILES
    idle = {
        "dpi": (not suffixes & {*PICTURES}, "a picture", PICTURES[0]),
        "machine": (not (times or written or reads), "HPGL and G-code", ".hpgl"),
        "speed": (not (times or written), "HPGL and G-code", ".hpgl"),
    }
    context = click.get_current_context()
    for name, (has_none, kind, suffix) in idle.items():
        if has_none and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UserError(f"--{name} is for {kind}, and none is written; end a name in {suffix}, or leave it out")


def file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--machine``, ``--speed``, ``--from`` (as ``source``), ``--paper``, ``--oversize``, ``--layer-code`` (as
    ``layer_codes``), ``--curves``, ``--dpi`` and the options of print files, under these names in the arguments."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
