"""``plotsketch landmarks``: the drawings that have a name, with pictures."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, output_option, report
from plotsketch.cli.standing import usual_model

if TYPE_CHECKING:
    from plotsketch.api.landmarks import Named
    from plotsketch.api.sheet import Sheet

PICTURE = (14, 6)  # letters, across and down


@click.command()
@click.option("--model", help="Its name or a .safetensors file.  [default: catpig]")
@click.option("--forget", metavar="NAME", help="Take a landmark of your own out of your library.")
@click.option("--pictures/--no-pictures", default=None, help="Draw them in the terminal.  [default: on a terminal]")
@click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a PNG.")
@output_option("Sheet of all of them with their names, .svg or .png; may be repeated.", multiple=True, required=False)
@json_option
def landmarks(
    model: str | None,
    forget: str | None,
    pictures: bool | None,
    dpi: float,
    output: tuple[Path, ...],
    as_json: bool,
) -> None:
    """List the drawings that have a name: the model's landmarks and your own.

    \b
    Examples:
      plotsketch landmarks
      plotsketch landmarks --model everyday -o landmarks.svg
      plotsketch landmarks --forget whiskers
    """
    from plotsketch.api import landmarks as api

    if forget is not None:
        if output or model or pictures is not None:
            raise click.UsageError("--forget takes a name out of your own library, and does nothing else.")
        api.forget(forget)
        report({"forgotten": forget}, as_json, [f"{forget}: forgotten"])
        return
    model = model or usual_model()
    found = api.landmarks(model)
    if as_json and pictures:
        raise click.UsageError("--json has no pictures; leave out --pictures.")
    wanted = bool(found) and not as_json and (sys.stdout.isatty() if pictures is None else pictures)
    sheet = _sheet(found, model, output, dpi) if wanted or output else None
    rows = [_row(named) for named in found]
    lines = [*_pictures(sheet), *(_line(row) for row in rows if row["own"])] if sheet and wanted else map(_line, rows)
    report({"landmarks": rows, "files": list(output)}, as_json, [*lines, *map(str, output)])


def _row(named: Named) -> dict[str, Any]:
    if named.own is None:
        return {"name": named.name, "own": False}
    own = named.own
    return {"name": named.name, "own": True, "from": own.origin, "model": own.model, "digest": own.digest}


def _line(row: dict[str, Any]) -> str:
    return f"{row['name']}  yours, from {row['from']}, by {row['model']}" if row["own"] else row["name"]


def _sheet(found: list[Named], model: str | None, output: tuple[Path, ...], dpi: float) -> Sheet:
    """All of them, drawn and written to the files that were asked for. Names twice in the list are drawn once."""
    from plotsketch.api.model import load, model_for
    from plotsketch.api.sheet import check, draw
    from plotsketch.art.landmarks import LandmarksRecipe
    from plotsketch.art.shape import shape_for
    from plotsketch.output.formats import Medium
    from plotsketch.sheet.style import Style

    style = Style(captions="labels")
    names = tuple(dict.fromkeys(named.name for named in found))
    cols = shape_for(len(names), style.paper.width / style.paper.height)[1]
    recipe = LandmarksRecipe(names=names, cols=cols)
    check(recipe, style, output, Medium(dpi=dpi))
    sheet = draw(recipe, load(model or model_for([])), style)
    sheet.save(*output, dpi=dpi)
    return sheet


def _pictures(sheet: Sheet) -> Iterator[str]:
    """The drawings in Braille, as many side by side as the terminal is wide, each over its name."""
    from plotsketch.output.braille import braille

    figures = sheet.plate.figures
    beside = max(1, shutil.get_terminal_size().columns // (PICTURE[0] + 4))
    for start in range(0, len(figures), beside):
        row = figures[start : start + beside]
        blocks = [braille(figure.outline.lines, columns=PICTURE[0], rows=PICTURE[1]) for figure in row]
        yield from ("    ".join(letters) for letters in zip(*blocks, strict=True))
        yield "    ".join(f"{figure.group[: PICTURE[0]]:<{PICTURE[0]}}" for figure in row).rstrip()
        yield ""
