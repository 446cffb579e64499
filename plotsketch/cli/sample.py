"""``plotsketch sample``: drawings of the model's own."""

from __future__ import annotations

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet


@click.command()
@click.option("-n", "--count", type=int, help="Drawings in all.  [default: as many as rows and columns hold, or 48]")
@click.option("--class", "classes", multiple=True, metavar="NAME", help="Draw this class; may be repeated.")
@click.option("--spread", type=float, help="How far from the typical.  [default: 1; 0.6 of a class]")
@click.option("--rows", type=int, help="Rows of drawings.  [default: what suits the paper]")
@click.option("--cols", type=int, help="Drawings in a row.  [default: what suits the paper]")
@drawing_options
def sample(
    count: int | None,
    classes: tuple[str, ...],
    spread: float | None,
    rows: int | None,
    cols: int | None,
    wishes: Wishes,
) -> None:
    """Draw a sheet of what the model dreams up.

    Drawings come from all over its latent space; with --class from around what is typical of a class, in equal
    parts for several. A smaller --spread makes them tamer and more alike.

    With --seed 100 the first drawing is the one that any command calls seed:100 (with --seed 100), the next one
    seed:101 and so on; --captions labels writes it below. Models without a latent space draw here, too.

    \b
    Examples:
      plotsketch sample -n 48 -o sample.svg -o sample.png
      plotsketch sample --class cat --class pig --temperature 0.15 --best-of 4 -o cats-and-pigs.svg
      plotsketch sample --seed 100 --rows 5 --cols 4 --captions labels -o named.svg
    """
    from plotsketch.api.shape import shape_of_sample
    from plotsketch.art.sample import SampleRecipe

    shape = shape_of_sample(count, wishes.style(), rows, cols)
    make_sheet(SampleRecipe(**shape, classes=classes, spread=spread, hand=wishes.hand()), wishes)
