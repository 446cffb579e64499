"""``plotsketch keep``: a drawing gets a name."""

from __future__ import annotations

import click

from plotsketch.cli.options import json_option, report
from plotsketch.cli.standing import usual_model


@click.command()
@click.argument("reference", metavar="DRAWING")
@click.option("--as", "name", required=True, help="The name: letters, digits, blanks, '-', '+' and '_'.")
@click.option("--model", help="Its name or a .safetensors file.  [default: the sheet's, or catpig]")
@click.option("--force", is_flag=True, help="Take the name even if you, or the model, have a landmark of that name.")
@json_option
def keep(reference: str, name: str, model: str | None, force: bool, as_json: bool) -> None:
    """Keep a drawing under a name, as a landmark of your own.

    DRAWING is a cell of a sheet that plotsketch drew (grid.svg@r3c7), or whatever else is a drawing elsewhere. From
    then on its name works in every command, with any model: one that has not drawn it reads it as a drawing.

    \b
    Examples:
      plotsketch keep grid.svg@r3c7 --as whiskers
      plotsketch keep seed:7 --as "lucky seven"
    """
    from plotsketch.api import landmarks
    from plotsketch.api.model import model_for
    from plotsketch.art.landmark_library import library_file

    model = model or str(model_for([reference], usual_model()))
    kept = landmarks.keep(reference, name, model=model, force=force)
    results = {"name": name, "model": kept.model, "digest": kept.digest, "from": kept.origin, "library": library_file()}
    report(results, as_json, [f"{name}: {kept.origin}, by {kept.model} {kept.digest}"])
