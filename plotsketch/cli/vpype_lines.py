"""Commands of vpype about lines: ``vpype read sheet.svg linemerge linesort plottime write out.svg``.

vpype finds them by the entry points in pyproject.toml. They are made when vpype asks for them, so that vpype is not
imported here before it has started.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from plotsketch.errors import UserError

if TYPE_CHECKING:
    import vpype


def __getattr__(name: str) -> click.Command:
    """One of COMMANDS; a name that is none raises AttributeError, as for any module."""
    if name not in COMMANDS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    command = COMMANDS[name]()
    command.help_group = "plotsketch"  # type: ignore[attr-defined]  # where vpype's help lists it
    return command


def _plottime() -> click.Command:
    from vpype_cli import global_processor

    @click.command()
    @click.option("-m", "--machine", default="axidraw-v3", show_default=True, help="A name or a .toml file.")
    @global_processor  # type: ignore[untyped-decorator]
    def plottime(document: vpype.Document, machine: str) -> vpype.Document:
        """Print how long the lines take on a plotter, as they are ordered now.

        \b
        Example:
          vpype read sheet.svg plottime linemerge linesort plottime --machine hp7475a write out.svg
        """
        from plotsketch.api.estimate import estimate
        from plotsketch.cli.estimate import table

        try:
            found = estimate(document, machine)
        except UserError as error:
            raise click.ClickException(str(error)) from error
        for line in found.overhang:
            click.echo(f"Warning: {line}", err=True)
        for line in table(found):
            click.echo(line)
        return document

    return plottime


def _plotsort() -> click.Command:
    from vpype_cli import global_processor

    @click.command()
    @click.option("-m", "--machine", default="axidraw-v3", show_default=True, help="A name or a .toml file.")
    @click.option("-e", "--effort", default="normal", show_default=True, help="fast, normal, best, 50 or 10s.")
    @click.option("--mm", is_flag=True, help="By millimetres of travel in place of the machine's seconds.")
    @click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
    @global_processor  # type: ignore[untyped-decorator]
    def plotsort(document: vpype.Document, machine: str, effort: str, mm: bool, seed: int) -> vpype.Document:
        """Order the lines of each layer for the least time on a plotter.

        Lines may be drawn from either end, and closed ones begun anywhere.

        \b
        Example:
          vpype read sheet.svg plotjoin plotsort --machine hp7475a write out.svg
        """
        from plotsketch.lines.effort import Effort
        from plotsketch.lines.machine import load_machine
        from plotsketch.lines.pace import MILLIMETRES, Pace
        from plotsketch.lines.pens import Treatment, treated
        from plotsketch.output.layers import page_size

        try:
            chosen = load_machine(machine)
            pains = Effort.of(effort)
        except UserError as error:
            raise click.ClickException(str(error)) from error
        home = chosen.home_on(*page_size(document)) if document.page_size else chosen.home
        pace = MILLIMETRES if mm else Pace.of(chosen)
        return treated(document, Treatment(gap=None, pace=pace, effort=pains, seed=seed, home=home))

    return plotsort


def _plotjoin() -> click.Command:
    from vpype_cli import LengthType, global_processor

    @click.command()
    @click.option("-t", "--tolerance", type=LengthType(), default="0.05mm", show_default=True, help="The widest gap.")
    @global_processor  # type: ignore[untyped-decorator]
    def plotjoin(document: vpype.Document, tolerance: float) -> vpype.Document:
        """Join lines whose ends meet, straight on where several meet. Layers are kept apart.

        \b
        Example:
          vpype read sheet.svg plotjoin -t 0.2mm plotsort write out.svg
        """
        from plotsketch.lines.pens import MM_PER_PX, Treatment, treated

        return treated(document, Treatment(gap=tolerance * MM_PER_PX, effort=None))

    return plotjoin


COMMANDS: dict[str, Callable[[], click.Command]] = {
    "plottime": _plottime,
    "plotsort": _plotsort,
    "plotjoin": _plotjoin,
}
