"""``plotsketch grid``: the main job, from references to a sheet on disk."""

from __future__ import annotations

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet

LONG_WAY, SHORT_WAY = 12, 9  # cells along a sheet; on A sizes they leave even margins


@click.command()
@click.argument("corners", nargs=-1, required=True, metavar="A B [C D]")
@click.option("--rows", type=int, help="Rows of drawings.  [default: 12; 9 on lying paper]")
@click.option("--cols", type=int, help="Drawings in a row.  [default: 9; 12 on lying paper]")
@drawing_options
def grid(corners: tuple[str, ...], rows: int | None, cols: int | None, wishes: Wishes) -> None:
    """Draw a sheet that morphs between two or four drawings.

    With two, the way from A to B goes through all cells, left to right, then top to bottom. With four, A and
    B are the corners at the top, C and D those at the bottom. All ways through the latent space are spherical.

    A drawing is a file (cat.svg, cats.ndjson#12, sheep.npz:test#5), a draw from the model's prior (seed:7), a
    class (class:flamingo), or a landmark of the model (cat-head). The same command writes the same bytes.

    \b
    Examples:
      plotsketch grid cat-head pig-full -o grid.svg -o grid.png
      plotsketch grid cat-head cat-full pig-head pig-full --rows 9 --cols 9 --paper 300x300mm -o square.svg
      plotsketch grid seed:1 seed:2 --paper a3 --landscape --temperature 0.5 --seed 4 -o wild.svg
    """
    from plotsketch.art.grid import GridRecipe

    paper = wishes.paper()
    usual = (SHORT_WAY, LONG_WAY) if paper.width > paper.height else (LONG_WAY, SHORT_WAY)
    rows, cols = usual[0] if rows is None else rows, usual[1] if cols is None else cols
    make_sheet(GridRecipe(corners=corners, rows=rows, cols=cols, hand=wishes.hand()), wishes)
