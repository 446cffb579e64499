"""``plotsketch reconstruct``: drawings beside what the model makes of them."""

from __future__ import annotations

import click
from click.core import ParameterSource

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet
from plotsketch.cli.options import numbers


@click.command()
@click.argument("drawings", nargs=-1, required=True, metavar="DRAWING...")
@click.option("--temperatures", callback=numbers, default="0.1,0.3,0.5,0.8,1", show_default=True, metavar="T,T,...",
              help="A column for each.")
@drawing_options
def reconstruct(drawings: tuple[str, ...], temperatures: tuple[float, ...], wishes: Wishes) -> None:
    """Draw drawings beside what the model makes of them, from tame to wild.

    Each DRAWING is a row: first as it is in its file, in a pen of its own (grey, or the second --pen), then as the
    model draws it at each of --temperatures. Ranges (cats.ndjson#0-5), whole files and globs ("*.svg") are rows
    for all that they stand for. A landmark, a seed, a class or a cell of a sheet is no file: its first place stays
    empty.

    \b
    Examples:
      plotsketch reconstruct cat.svg toothbrush.svg -o cats.svg -o cats.png
      plotsketch reconstruct cats.ndjson#0-7 --captions labels --pen black --pen red -o ladder.svg
      plotsketch reconstruct truck.svg pig-full --temperatures 0.1,0.2,0.4 --landscape -o pigs.svg
    """
    from plotsketch.art.inputs import expand
    from plotsketch.art.reconstruct import ReconstructRecipe

    if click.get_current_context().get_parameter_source("temperature") is ParameterSource.COMMANDLINE:
        raise click.UsageError("Here a drawing has several temperatures: give --temperatures, such as 0.25,0.5.")
    make_sheet(ReconstructRecipe(drawings=expand(drawings), temperatures=temperatures, hand=wishes.hand()), wishes)
