"""``plotsketch analogy``: A is to B as C is to ?, as an equation of drawings."""

from __future__ import annotations

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet
from plotsketch.cli.options import numbers


@click.command()
@click.argument("drawings", nargs=-1, required=True, metavar="A B C [A B C]...")
@click.option("--strengths", callback=numbers, default="0.5,0.75,1,1.25", show_default=True, metavar="S,S,...",
              help="How much of the difference is added; an answer for each.")
@drawing_options
def analogy(drawings: tuple[str, ...], strengths: tuple[float, ...], wishes: Wishes) -> None:
    """Draw what A is to B as C is to it: C + ( B - A ) = ?

    What B has and A has not is added to C, as an equation of drawings with its signs. After the equals sign
    there is an answer for each of --strengths: C + strength x ( B - A ). Further threes of drawings are further rows.
    Signs are drawn in grey, or with the third --pen.

    \b
    Examples:
      plotsketch analogy pig-head pig-full cat-head --landscape -o body.svg -o body.png
      plotsketch analogy pig-head pig-full cat-head cat-head cat-full pig-head --landscape -o both.svg
      plotsketch analogy cat.svg cat-with-hat.svg pig-full --strengths 0.5,1,1.5,2 --landscape -o hats.svg
    """
    from plotsketch.art.analogy import AnalogyRecipe

    make_sheet(AnalogyRecipe(drawings=drawings, strengths=strengths, hand=wishes.hand()), wishes)
