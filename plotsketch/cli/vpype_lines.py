"""Commands of vpype about lines: ``vpype read sheet.svg linemerge linesort plottime write out.svg``.

vpype finds them by the entry points in pyproject.toml. They are made when vpype asks for them, so that vpype is not
imported here before it has started.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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

        A document without lines goes through, as through vpype's own commands.

        \b
        Example:
          vpype read sheet.svg plottime linemerge linesort plottime --machine hp7475a write out.svg
        """
        from plotsketch.api.estimate import estimate
        from plotsketch.cli.estimate import table

        if document.is_empty():
            click.echo("no lines to plot", err=True)
            return document
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
        return treated(document, Treatment(gap=None, pace=pace, effort=pains, seed=seed, home=home)).document

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
        from plotsketch.lines.pens import Treatment, treated
        from plotsketch.lines.units import MM_PER_PX

        if not 0 <= tolerance < math.inf:
            raise click.ClickException("--tolerance is below 0 or no number; give 0 or a small length, such as 0.05mm")
        return treated(document, Treatment(gap=tolerance * MM_PER_PX, effort=None)).document

    return plotjoin


def _plotdedupe() -> click.Command:
    from vpype_cli import LengthType, global_processor

    @click.command()
    @click.option("-t", "--tolerance", type=LengthType(), default="0.05mm", show_default=True, help="How near.")
    @global_processor  # type: ignore[untyped-decorator]
    def plotdedupe(document: vpype.Document, tolerance: float) -> vpype.Document:
        """Draw once what is drawn twice in a layer, parts of lines too.

        \b
        Example:
          vpype read sheet.svg plotdedupe plotjoin plotsort write out.svg
        """
        from plotsketch.lines.units import MM_PER_PX

        return _tidied(document, dedupe=tolerance * MM_PER_PX)

    return plotdedupe


def _plotocclude() -> click.Command:
    from vpype_cli import LengthType, global_processor

    @click.command()
    @click.option("-t", "--closed", type=LengthType(), default="0.05mm", show_default=True, help="Ends so near close.")
    @click.option("-m", "--mask", multiple=True, help="Only this layer hides, and is not drawn.")
    @global_processor  # type: ignore[untyped-decorator]
    def plotocclude(document: vpype.Document, closed: float, mask: tuple[str, ...]) -> vpype.Document:
        """Hide what lies under closed lines: before them in their layer, or in layers before.

        \b
        Example:
          vpype read sheet.svg plotocclude plotsort write out.svg
        """
        from plotsketch.lines.units import MM_PER_PX

        return _tidied(document, occlude=not mask, mask=mask, closed=closed * MM_PER_PX)

    return plotocclude


def _plothatch() -> click.Command:
    from vpype_cli import LengthType, global_processor

    @click.command()
    @click.option("-l", "--layer", multiple=True, default=("all",), show_default=True, help="By number or name.")
    @click.option("-g", "--gap", type=LengthType(), help="Between lines.  [default: the layer's pen width]")
    @click.option("-a", "--angle", type=float, default=45, show_default=True, help="Degrees.")
    @click.option("-x", "--cross", is_flag=True, help="A second time, across.")
    @global_processor  # type: ignore[untyped-decorator]
    def plothatch(
        document: vpype.Document, layer: tuple[str, ...], gap: float | None, angle: float, cross: bool
    ) -> vpype.Document:
        """Fill closed lines with lines a pen apart, half a pen inside; closed lines in others are holes.

        \b
        Example:
          vpype read sheet.svg penwidth 0.5mm plothatch plotsort write out.svg
        """
        from plotsketch.lines.units import MM_PER_PX

        spacing = None if gap is None else gap * MM_PER_PX
        return _tidied(document, hatch=layer, hatch_gap=spacing, hatch_angle=angle, hatch_cross=cross)

    return plothatch


def _tidied(document: vpype.Document, **wishes: Any) -> vpype.Document:
    """The document with these wishes met and nothing else done."""
    from plotsketch.lines.pens import Treatment, treated
    from plotsketch.lines.tidy import Tidy

    try:
        return treated(document, Treatment(gap=None, effort=None, tidy=Tidy(**wishes))).document
    except UserError as error:
        raise click.ClickException(str(error)) from error


COMMANDS: dict[str, Callable[[], click.Command]] = {
    "plottime": _plottime,
    "plotsort": _plotsort,
    "plotjoin": _plotjoin,
    "plotdedupe": _plotdedupe,
    "plotocclude": _plotocclude,
    "plothatch": _plothatch,
}
