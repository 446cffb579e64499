"""``plotsketch vary``: many drawings like one, no two of them alike."""

from __future__ import annotations

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet


@click.command()
@click.argument("drawings", nargs=-1, required=True, metavar="DRAWING...")
@click.option("--rows", type=int, help="Rows of drawings.  [default: 8; 6 on lying paper]")
@click.option("--cols", type=int, help="Drawings in a row.  [default: 6; 8 on lying paper]")
@click.option("--spread", type=float, default=0.3, show_default=True,
              help="How far they stray: 0 keeps to the input, 1 has nothing of it left.")
@click.option("--unlike", type=float, default=0.025, show_default=True,
              help="Least distance between any two, in their diagonals; 0 lets them be alike.")
@click.option("--show-input", is_flag=True, help="Begin with the input itself.")
@drawing_options
def vary(drawings: tuple[str, ...], rows: int | None, cols: int | None, spread: float, unlike: float,
         show_input: bool, wishes: Wishes) -> None:
    """Draw many drawings that are like one, and no two of them alike.

    They are drawn from around the input's place in the latent space. Two drawings that are nearer than --unlike
    count as the same, and the later one is drawn anew. Several inputs (a range and a glob are several too) share
    the places out among them.

    \b
    Examples:
      plotsketch vary cat-head -o cats.svg -o cats.png
      plotsketch vary cat.svg --show-input --rows 5 --cols 5 --paper 200x200mm -o like-mine.svg
      plotsketch vary cat-head pig-head --spread 0.2 --pen black --pen red --pen-by group -o both.svg
    """
    from plotsketch.api.shape import shape_of_vary
    from plotsketch.art.inputs import expand
    from plotsketch.art.vary import VaryRecipe

    shape = shape_of_vary(wishes.style(), rows, cols)
    recipe = VaryRecipe(
        drawings=expand(drawings), **shape, spread=spread, unlike=unlike, show_input=show_input,
        hand=wishes.hand(),
    )  # fmt: skip
    make_sheet(recipe, wishes)
