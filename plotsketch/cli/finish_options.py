"""The options that finish a sheet: levers that clean its drawings, a vpype pipeline, and ways to look at it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.file_options import OVERSIZE
from plotsketch.errors import UserError

if TYPE_CHECKING:
    import vpype

    from plotsketch.api.sheet import Sheet
    from plotsketch.strokes.clean import Levers

FINISH_OPTIONS = (
    click.option("--smooth", metavar="LENGTH", help="Draw curves, no farther from the model's lines: 0.3mm."),
    click.option("--corner", type=float, metavar="DEGREES", help="Turns that --smooth keeps sharp.  [default: 80]"),
    click.option("--close", metavar="LENGTH", help="Close rings whose ends are no farther apart: 1mm."),
    click.option("--drop-short", metavar="LENGTH", help="Leave out shorter lines: 0.5mm."),
    click.option("--drop-dots", is_flag=True, help="Leave out dots."),
    click.option("--vpype", metavar="PIPELINE", help="Run it on the sheet: 'linemerge linesort'."),
    click.option("--optimize", is_flag=True, help="Join lines and order them so that --machine needs least time."),
    click.option("--machine", metavar="NAME", help="A plotter, for --optimize and .hpgl or .gcode files."),
    click.option(
        "--oversize", type=click.Choice(OVERSIZE), default="refuse", show_default=True,
        help="What becomes of a drawing beyond its reach in these files.",
    ),
    click.option(
        "--layer-code", "layer_codes", multiple=True, metavar="N=CODES",
        help="Tell an AxiDraw of a layer: 2=S30,H40,D200, 2=pause, 2=skip, all=S30; may be repeated.",
    ),
    click.option("--preview", is_flag=True, help="Write a PNG beside each SVG."),
    click.option("--show", is_flag=True, help="Show the sheet in the terminal."),
)  # fmt: skip


def levers_of(words: Mapping[str, Any]) -> Levers | None:
    """The levers that the options pull, None if they pull none. Raises UserError."""
    from plotsketch.sheet.paper import parse_length
    from plotsketch.strokes.clean import CORNER, Levers

    lengths = {name: parse_length(words[name]) for name in ("smooth", "close", "drop_short") if words[name] is not None}
    if words["corner"] is not None and not lengths.get("smooth"):
        raise UserError("--corner says which corners --smooth keeps; give --smooth too, such as --smooth 0.3mm")
    corner = CORNER if words["corner"] is None else words["corner"]
    levers = Levers(corner=corner, drop_dots=words["drop_dots"], **lengths)
    return None if levers.at_rest else levers


def outputs_of(words: Mapping[str, Any]) -> tuple[Path, ...]:
    """The files to be written: those that were named, and their previews.

    Raises UserError for a preview of nothing, click.UsageError when the sheet would be neither written nor shown.
    """
    named: tuple[Path, ...] = words["output"]
    if not named and not words["show"]:
        raise click.UsageError("Missing option '-o' / '--output'. Or give '--show', to look at the sheet here.")
    if not words["preview"]:
        return named
    drawn = [path for path in named if path.suffix.lower() == ".svg"]
    if not drawn:
        raise UserError("--preview writes a PNG beside each SVG, and there is none; name one, as in -o sheet.svg")
    outputs = tuple(dict.fromkeys([*named, *(path.with_suffix(".png") for path in drawn)]))
    if words["show_prepared"] in outputs:
        raise UserError(f"{words['show_prepared']} is the --preview already; give --show-prepared a file of its own")
    return outputs


def check_finish(words: Mapping[str, Any]) -> None:
    """Raises UserError for a pipeline that vpype does not understand, for layer codes that are none, and for a machine
    that nothing is done for."""
    if words["machine"] and not words["optimize"]:
        from plotsketch.output.formats import PLOTTER_FILES

        if not any(path.suffix.lower() in PLOTTER_FILES for path in words["output"]):
            raise UserError("--machine is for --optimize and for .hpgl and .gcode files; give one, or leave it out")
    if words["layer_codes"]:
        from plotsketch.lines.layer_codes import check_wishes

        check_wishes(words["layer_codes"])
    if words["vpype"] is not None:
        from plotsketch.lines.pipeline import check_pipeline

        check_pipeline(words["vpype"])


def finished(sheet: Sheet, words: Mapping[str, Any]) -> Sheet:
    """The sheet after the user's pipeline, with the layer codes that were asked for, in a good order if that was asked
    for; what --oversize makes of it is said. Raises UserError."""
    from plotsketch.cli.optimize import patience
    from plotsketch.cli.options import warn
    from plotsketch.lines.machine import DEFAULT_MACHINE
    from plotsketch.output.formats import medium_of

    sheet = sheet if words["vpype"] is None else sheet.through(words["vpype"])
    sheet = sheet.coded(*words["layer_codes"])
    machine = words["machine"] or DEFAULT_MACHINE
    if words["oversize"] not in (None, "refuse"):  # None within vpype, which writes the files itself
        for line in sheet.changes(*words["output"], machine=machine, oversize=words["oversize"]):
            warn(line)
    if not words["optimize"]:
        return sheet
    medium = medium_of(machine=machine, oversize=words["oversize"], dpi=words["dpi"])
    with patience():
        return sheet.optimized(machine, outputs=words["output"], medium=medium)


def show(sheet: Sheet, words: Mapping[str, Any]) -> None:
    """Draws the sheet in the terminal, if that was asked for; on stderr, as stdout is for results."""
    if words["show"]:
        show_document(sheet.document)


def show_document(document: vpype.Document) -> None:
    """Draws a document with a page in the terminal, on stderr."""
    from plotsketch.output.terminal import kind_of, sheet_text

    columns, rows = _terminal_size()
    text = sheet_text(document, kind_of(os.environ, sys.stderr.isatty()), columns, rows)
    click.echo(text.rstrip("\n"), err=True)


def _terminal_size() -> tuple[int, int]:
    """Columns and lines of the terminal behind stderr, less a line for what follows."""
    try:
        size = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):  # no terminal: $COLUMNS and $LINES, or what is usual
        size = shutil.get_terminal_size()
    return max(size.columns, 1), max(size.lines - 1, 1)
