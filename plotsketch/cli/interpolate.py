"""``plotsketch interpolate``: the way from a drawing to another."""

from __future__ import annotations

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet

WAYS = ("slerp", "lerp")  # in the words of art.interpolate, which help does not wait for


@click.command()
@click.argument("drawings", nargs=-1, required=True, metavar="A B [C ...]")
@click.option("--steps", type=int, default=10, show_default=True, help="Drawings in all, with those that you name.")
@click.option("--way", type=click.Choice(WAYS), default="slerp", show_default=True, help="Spherical, or straight.")
@click.option("--loop", is_flag=True, help="Lead on from the last drawing to the first: a ring.")
@click.option("--cols", type=int, help="Drawings in a row, every second one backwards.  [default: one row of all]")
@drawing_options
def interpolate(drawings: tuple[str, ...], steps: int, way: str, loop: bool, cols: int | None, wishes: Wishes) -> None:
    """Draw the way from A to B, on to C and so on.

    The drawings that you name stand as evenly apart as whole steps go. With --loop the last step leads back to
    the first drawing, which is not drawn twice, and all stand on a ring. --layout ring or snake lays any path
    out so; --layout snake fills the sheet unless --cols says otherwise.

    \b
    Examples:
      plotsketch interpolate pig-head pig-full -o row.svg -o row.png
      plotsketch interpolate cat-head cat-full pig-full pig-head --loop --steps 20 -o ring.svg
      plotsketch interpolate cats.ndjson#4 pig-full --steps 40 --cols 8 -o snake.svg
    """
    from plotsketch.api.shape import cols_of_path
    from plotsketch.art.inputs import expand
    from plotsketch.art.interpolate import InterpolateRecipe

    cols = cols_of_path(steps, wishes.style(), cols)
    recipe = InterpolateRecipe(
        drawings=expand(drawings), steps=steps, way=way, loop=loop, cols=cols, hand=wishes.hand()
    )
    make_sheet(recipe, wishes)
