"""``plotsketch preview``: what a plotter will do with a sheet, as a picture or a film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from plotsketch.cli.estimate import as_data
from plotsketch.cli.finish_options import show_document
from plotsketch.cli.options import json_option, output_option, report, warn
from plotsketch.clock import clock, counted
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.api.preview import Film, Preview

FILM_OPTIONS = ("seconds", "fps", "size", "rest", "apng")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output_option("Picture (.png) or film (.gif, .apng) to write; may be repeated.", multiple=True, required=False)
@click.option(
    "--machine", metavar="NAME",
    help="Show this machine's reach, home and times; `plotsketch estimate --machine list` names them.  "
    "[default: times of axidraw-v3]",
)  # fmt: skip
@click.option("--layer", "layers", type=int, multiple=True, metavar="N", help="Show this layer only; may be repeated.")
@click.option("--travel/--no-travel", default=True, show_default=True, help="Show the ways of the lifted pen.")
@click.option(
    "--starts/--no-starts", default=None, help="Show where strokes begin.  [default: in pictures, not in films]"
)
@click.option("--order", is_flag=True, help="Colour strokes by when they are drawn, not by their ink.")
@click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a picture.")
@click.option("--seconds", type=float, default=10, show_default=True, help="Length of a film.")
@click.option("--fps", type=float, default=20, show_default=True, help="Its frames a second, 50 at most.")
@click.option("--size", type=int, default=640, show_default=True, help="Its longer side in pixels.")
@click.option("--rest", type=float, default=2, show_default=True, help="Seconds that its last frame stays longer.")
@click.option("--apng", is_flag=True, help="Make a .png a film too, as .apng is.")
@click.option("--show", is_flag=True, help="Show the sheet in the terminal.")
@json_option
def preview(file: Path, output: tuple[Path, ...], dpi: float, show: bool, as_json: bool, **words: Any) -> None:
    """Show what a plotter will do with FILE, a sheet as SVG, HPGL or G-code.

    A picture has the ink in its width and colour, the ways of the lifted pen from home and back, a dot where each
    stroke begins, the pens, and what the plot takes. A film shows the pen at work, at the pace that is predicted.

    \b
    Examples:
      plotsketch preview sheet.svg -o plan.png
      plotsketch preview sheet.svg -o plan.png --machine axidraw-v3 --order --no-travel
      plotsketch preview sheet.svg -o plot.gif --seconds 15 --size 800
      plotsketch preview pens.svg -o red.png --layer 2 --dpi 300
    """
    from plotsketch.api.preview import Film, check_preview
    from plotsketch.api.preview import preview as previewed

    if not output and not show:
        raise click.UsageError("Missing option '-o' / '--output'. Or give '--show', to look at the sheet here.")
    film = Film(**{name: words.pop(name) for name in FILM_OPTIONS})
    check_preview(output, film, file)
    _check_idle([film.is_made(path) for path in output])
    found = previewed(file, **words)
    found.save(*output, dpi=dpi, film=film)
    if show:
        show_document(found.document)
    _tell(found, file, output, film, dpi, as_json)


def _check_idle(are_films: Sequence[bool]) -> None:
    """Raises UserError for what is typed about films or pictures where none is made."""
    ctx = click.get_current_context()
    for kind, names, made in (("film", FILM_OPTIONS, any(are_films)), ("picture", ("dpi",), not all(are_films))):
        typed = [name for name in names if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if typed and not made:
            suffix = ".gif" if kind == "film" else ".png"
            raise UserError(f"--{typed[0]} is for a {kind}, and none is made; end a name in {suffix}, or leave it out")


def _tell(found: Preview, file: Path, files: tuple[Path, ...], film: Film, dpi: float, as_json: bool) -> None:
    for line in (*found.estimate.notes, *found.overhang):
        warn(line)
    results = {"files": list(files), "file": file, **as_data(found.estimate), "overhang": list(found.overhang)}
    if as_json and not all(map(film.is_made, files)):
        image, board = found.picture(dpi)
        results["picture"] = {"size": image.size, "page": [*board.corner, *board.page]}  # pixels: left, top, width ...
    total = found.estimate.total
    figures = f"{clock(total.seconds)} on {found.estimate.machine.title}: {total.ink_mm / 1000:.2f} m of ink, "
    figures += f"{total.travel_mm / 1000:.2f} m of travel, {counted(total.lifts, 'lift')}"
    report(results, as_json, [*map(str, files), figures])
