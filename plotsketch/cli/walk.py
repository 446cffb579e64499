"""``plotsketch walk``: a random walk through the model's latent space."""

from __future__ import annotations

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet


@click.command()
@click.argument("start", required=False)
@click.option("--steps", type=int, help="Drawings in all.  [default: 48; 24 in a loop]")
@click.option("--step", type=float, default=0.05, show_default=True, help="From one to the next; 1 is to any other.")
@click.option("--loop", is_flag=True, help="Come back to the start: a ring.")
@click.option("--cols", type=int, help="Drawings in a row.  [default: what fills the sheet]")
@drawing_options
def walk(start: str | None, steps: int | None, step: float, loop: bool, cols: int | None, wishes: Wishes) -> None:
    """Draw a smooth random walk: each drawing a little different from the one before.

    It starts from START, or from the draw of the model's prior that --seed names, and goes where --seed leads,
    always through parts of the latent space where the model was trained. Every second row runs backwards, so
    that neighbours stay together. With --loop it comes back, and all stand on a ring.

    \b
    Examples:
      plotsketch walk cat-full -o walk.svg -o walk.png
      plotsketch walk pig-full --loop --seed 3 -o ring.svg
      plotsketch walk --seed 8 --steps 60 --step 0.02 --paper a3 -o slow.svg
    """
    from plotsketch.api.shape import cols_of_path, steps_of_walk
    from plotsketch.art.walk import WalkRecipe

    steps = steps_of_walk(steps, loop)
    cols = cols_of_path(steps, wishes.style(), cols, fill=not loop)
    make_sheet(WalkRecipe(start=start, steps=steps, step=step, loop=loop, cols=cols, hand=wishes.hand()), wishes)
