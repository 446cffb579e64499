"""``plotsketch tile``: a large sheet over several pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import counted, json_option, output_option, report, warn

if TYPE_CHECKING:
    from plotsketch.api.tile import Tiled

DECIMALS = 3  # of millimetres in JSON


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output_option("A .pdf of all pages, or page-{row}{col}.svg, a file a page; may be repeated.", multiple=True)
@click.option("--paper", default="a4", show_default=True, help="Of the pages: a name (a4, letter) or a size.")
@click.option("--landscape/--portrait", default=None, help="Lay pages down or stand them up.  [default: fewer pages]")
@click.option("--overlap", default="5mm", show_default=True, help="What is on both pages at each cut.")
@click.option("--margin", default="1cm", show_default=True, help="White around each page, in which marks stand.")
@click.option("--marks/--no-marks", default=True, show_default=True, help="Crosses at the cuts, and pages' names.")
@click.option(
    "--overview", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Another file: the whole sheet with its cuts and the pages' names.",
)  # fmt: skip
@click.option("--machine", metavar="NAME", help="Whose HPGL or G-code is read and written.")
@click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a PNG or TIFF.")
@click.option("--curves", metavar="LENGTH", help="Write an SVG's lines as curves no farther from them: 0.03mm.")
@json_option
def tile(
    file: Path,
    output: tuple[Path, ...],
    overview: Path | None,
    overlap: str,
    margin: str,
    dpi: float,
    curves: str | None,
    as_json: bool,
    **words: Any,
) -> None:
    """Cut FILE, a large sheet as SVG, HPGL or G-code, into pages of smaller paper.

    There are as few pages as can be. Cuts go straight through the sheet, where they cross the fewest strokes. Rows are
    A, B, C ..., columns 1, 2, 3 ...; {page} in a name counts from 1.

    \b
    Examples:
      plotsketch tile poster.svg --paper a4 -o pages.pdf --overview plan.png
      plotsketch tile poster.svg --paper a3 --landscape --overlap 1cm -o "page-{row}{col}.svg"
      plotsketch tile poster.svg --paper letter --no-marks --margin 15mm -o "page-{page}.hpgl" --machine hp7475a
    """
    from plotsketch.api.tile import check_templates
    from plotsketch.api.tile import tile as tiled
    from plotsketch.sheet.paper import parse_length

    check_templates(output, overview, file, words["machine"])
    flatness = None if curves is None else parse_length(curves)
    found = tiled(file, overlap=parse_length(overlap), margin=parse_length(margin), **words)
    files = found.save(*output, overview=overview, dpi=dpi, machine=words["machine"], curves=flatness)
    for line in found.notes:
        warn(line)
    report({"files": files, **as_data(found)}, as_json, [*map(str, files), summary(found)])


def as_data(found: Tiled) -> dict[str, Any]:
    """How the sheet is cut, in JSON's own types."""
    cut = found.tiling
    return {
        "pages": [page.name for page in found.pages],
        "empty": list(found.empty),
        "rows": cut.rows,
        "cols": cut.cols,
        "paper_mm": [found.paper.width, found.paper.height],
        "cuts_mm": {"x": [round(x, DECIMALS) for x in cut.xs], "y": [round(y, DECIMALS) for y in cut.ys]},
        "overlap_mm": cut.overlap,
        "strokes_cut": cut.crossed,
        "strokes_cut_evenly": cut.crossed_evenly,
    }


def summary(found: Tiled) -> str:
    """What a person reads."""
    cut = found.tiling
    text = f"{counted(len(found.pages), 'page')} of {found.paper}, {counted(cut.rows, 'row')} of {cut.cols}"
    if found.empty:
        text += f" without {', '.join(found.empty)}, which would be empty"
    return f"{text}; {counted(cut.crossed, 'stroke')} cut, by cuts into equal parts it would be {cut.crossed_evenly:,}"
