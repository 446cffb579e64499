"""``plotsketch grid``: the main job, from references to a sheet on disk."""

from __future__ import annotations

import re

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet


def _given(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,4})[x×](\d{1,4})", value.strip().lower(), re.ASCII)
    if match is None:
        raise click.BadParameter(f"{value!r} is not rows x columns, such as 2x3")
    return int(match[1]), int(match[2])


@click.command()
@click.argument("corners", nargs=-1, required=True, metavar="A B [C D ...]")
@click.option(
    "--given",
    callback=_given,
    metavar="MxN",
    help="How A B C D ... stand, row by row, when they are not 2 or 4 corners.",
)
@click.option("--rows", type=int, help="Rows of drawings.  [default: 12, or 9 on lying paper]")
@click.option("--cols", type=int, help="Drawings in a row.  [default: 9, or 12 on lying paper]")
@drawing_options
def grid(
    corners: tuple[str, ...], given: tuple[int, int] | None, rows: int | None, cols: int | None, wishes: Wishes
) -> None:
    """Draw a sheet that morphs between two, four or more drawings.

    With two, the way from A to B goes through all cells, left to right, then top to bottom. With four, A and
    B are the corners at the top, C and D those at the bottom. With --given 2x3, six stand evenly over the sheet,
    A B C at the top and D E F at the bottom. All ways through the latent space are spherical.

    A drawing is a file (cat.svg, cats.ndjson#12, sheep.npz:test#5), a cell of a sheet (grid.svg@r3c7), a draw
    from the model's prior (seed:7), a class (class:flamingo), or a landmark (cat-head). The same command writes
    the same bytes.

    \b
    Examples:
      plotsketch grid cat-head pig-full -o grid.svg -o grid.png
      plotsketch grid cat-head cat-full pig-head pig-full --rows 9 --cols 9 --paper 300x300mm -o square.svg
      plotsketch grid cat-head cat-full cat-lying pig-head pig-full pig-fat --given 2x3 -o six.svg
      plotsketch grid seed:1 seed:2 --paper a3 --landscape --temperature 0.5 --seed 4 -o wild.svg
    """
    from plotsketch.api.shape import shape_of_grid
    from plotsketch.art.grid import GridRecipe
    from plotsketch.art.inputs import expand

    shape = shape_of_grid(given, wishes.style(), rows, cols)
    make_sheet(GridRecipe(corners=expand(corners), given=given, **shape, hand=wishes.hand()), wishes)
