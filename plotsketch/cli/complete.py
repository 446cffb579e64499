"""``plotsketch complete``: many endings of one unfinished drawing."""

from __future__ import annotations

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet


@click.command()
@click.argument("drawing", metavar="DRAWING")
@click.option("--rows", type=int, default=4, show_default=True, help="Rows of drawings.")
@click.option("--cols", type=int, default=6, show_default=True, help="Drawings in a row.")
@click.option(
    "--share",
    type=float,
    help="How large DRAWING is in the finished one: 1 as large, 0.5 half.  [default: what is likeliest]",
)
@click.option("--lift/--continue", default=True, help="The pen is up at the end of DRAWING, or draws on from there.")
@click.option("--like", help="A drawing that the endings should make of it.  [default: whatever fits]")
@drawing_options
def complete(
    drawing: str, rows: int, cols: int, share: float | None, lift: bool, like: str | None, wishes: Wishes
) -> None:
    """Draw many endings of an unfinished drawing.

    The lines of DRAWING stay as they are, in red; what the model makes of them is drawn in the first pen. The
    order of its lines counts: the model goes on from the end of the last one. Models without a latent space
    complete too.

    \b
    Examples:
      plotsketch complete circle.svg -o endings.svg -o endings.png
      plotsketch complete start.svg --rows 6 --cols 4 --continue --temperature 0.5 -o wild.svg
      plotsketch complete circle.svg --like pig-full --share 0.4 -o pigs.svg
    """
    from plotsketch.art.complete import CompleteRecipe

    recipe = CompleteRecipe(
        drawing=drawing, rows=rows, cols=cols, share=share, lift=lift, like=like, hand=wishes.hand()
    )
    make_sheet(recipe, wishes)
