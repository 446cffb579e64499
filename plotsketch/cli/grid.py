"""``plotsketch grid``: the main job, from references to a sheet on disk."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plotsketch.cli.options import json_option, note, output_option, report, seed_option

if TYPE_CHECKING:
    import vpype

    from plotsketch.art.grid import GridRecipe
    from plotsketch.model.sketcher import Sketcher
    from plotsketch.sheet.cells import Layout
    from plotsketch.strokes.sketch import Sketch

LONG_WAY, SHORT_WAY = 12, 9  # cells along a sheet; on A sizes they leave even margins


@click.command()
@click.argument("corners", nargs=-1, required=True, metavar="A B [C D]")
@click.option("--model", default="catpig", show_default=True, help="Its name or a .safetensors file.")
@click.option("--rows", type=int, help="Rows of drawings.  [default: 12; 9 on lying paper]")
@click.option("--cols", type=int, help="Drawings in a row.  [default: 9; 12 on lying paper]")
@click.option("--paper", default="a4", show_default=True, help="A name (a4, letter) or a size (300x200mm).")
@click.option("--landscape/--portrait", default=None, help="Lay the paper down or stand it up.")
@click.option("--margin", default="1cm", show_default=True, help="Least white around all drawings.")
@click.option("--gutter", help="Least white between two drawings.  [default: an eighth of a cell]")
@click.option("--pen-width", default="0.3mm", show_default=True, help="Width of the pen's line.")
@click.option("--temperature", type=float, default=0.25, show_default=True, help="0.1 is tame, 1 is wild.")
@seed_option
@click.option("--best-of", type=int, default=1, show_default=True, help="Tries a cell; the likeliest stays.")
@click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a PNG.")
@output_option("File to write, .svg or .png; may be repeated.", multiple=True)
@json_option
def grid(
    corners: tuple[str, ...],
    model: str,
    rows: int | None,
    cols: int | None,
    paper: str,
    landscape: bool | None,
    margin: str,
    gutter: str | None,
    pen_width: str,
    temperature: float,
    seed: int,
    best_of: int,
    dpi: float,
    output: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Draw a sheet that morphs between two or four drawings.

    With two, the way from A to B goes through all cells, left to right, then top to bottom. With four, A and
    B are the corners at the top, C and D those at the bottom. All ways through the latent space are spherical.

    A drawing is a file (cat.svg, cats.ndjson#12, sheep.npz:test#5), a draw from the model's prior (seed:7), a
    class (class:flamingo), or a landmark of the model (cat-head). The same command writes the same bytes.

    \b
    Examples:
      plotsketch grid cat-head pig-full -o grid.svg -o grid.png
      plotsketch grid cat-head cat-full pig-head pig-full --rows 9 --cols 9 --paper 300x300mm -o square.svg
      plotsketch grid seed:1 seed:2 --paper a3 --landscape --temperature 0.5 --seed 4 -o wild.svg
    """
    started = time.monotonic()
    # what can be wrong with the command is said before the model is loaded
    from plotsketch.art.grid import GridRecipe
    from plotsketch.output.formats import check_outputs, write_sheet
    from plotsketch.sheet.cells import Layout
    from plotsketch.sheet.paper import parse_length, parse_paper

    sheet = parse_paper(paper, landscape)
    rows, cols = _counts(rows, cols, lying=sheet.width > sheet.height)
    recipe = GridRecipe(corners, rows, cols, temperature, seed, best_of)
    gap = None if gutter is None else parse_length(gutter)
    layout = Layout(sheet, rows, cols, parse_length(margin), gap, parse_length(pen_width))
    check_outputs(output, (sheet.width, sheet.height), dpi=dpi)

    sketcher = _sketcher(model)
    sketches, model_seconds = _draw(recipe, sketcher)
    document, provenance = _lay_out(sketches, layout), _provenance(recipe, layout, sketcher)
    for path in output:
        write_sheet(path, document, provenance, dpi=dpi)
    _tell(sketches, document, output, time.monotonic() - started, model_seconds, as_json)


def _counts(rows: int | None, cols: int | None, *, lying: bool) -> tuple[int, int]:
    """Rows and columns, with the defaults laid along the paper."""
    usual = (SHORT_WAY, LONG_WAY) if lying else (LONG_WAY, SHORT_WAY)
    return usual[0] if rows is None else rows, usual[1] if cols is None else cols


def _sketcher(model: str) -> Sketcher:
    from plotsketch.model import catalogue, checkpoint
    from plotsketch.model.sketcher import Sketcher

    return Sketcher(checkpoint.load(catalogue.find(model)))


def _draw(recipe: GridRecipe, sketcher: Sketcher) -> tuple[list[Sketch], float]:
    """The sketches, and the seconds that the model took."""
    from plotsketch.art.grid import draw

    started = time.monotonic()
    return draw(recipe, sketcher), time.monotonic() - started


def _lay_out(sketches: list[Sketch], layout: Layout) -> vpype.Document:
    from plotsketch.sheet.cells import place
    from plotsketch.sheet.document import Pen, to_document

    placed = place(sketches, layout)
    in_order = [placed[cell] for cell in layout.snake()]
    return to_document(in_order, layout.paper, Pen(width=layout.pen_width))


def _provenance(recipe: GridRecipe, layout: Layout, sketcher: Sketcher) -> dict[str, object]:
    """All that the sheet hangs on, to be stored in its files."""
    from plotsketch import __version__

    return {
        "program": "plotsketch",
        "version": __version__,
        "command": "grid",
        "model": sketcher.checkpoint.name,
        "digest": sketcher.checkpoint.digest,
        **recipe.to_dict(),
        **layout.to_dict(),
    }


def _tell(
    sketches: list[Sketch],
    document: vpype.Document,
    files: tuple[Path, ...],
    seconds: float,
    model_seconds: float,
    as_json: bool,
) -> None:
    from plotsketch.output.layers import ink_length

    cells, finished = len(sketches), sum(sketch.finished for sketch in sketches)
    metres = ink_length(document) / 1000
    results = {
        "files": list(files),
        "cells": cells,
        "finished": finished,
        "ink_metres": round(metres, 3),
        "seconds": round(seconds, 3),
        "model_seconds": round(model_seconds, 3),
    }
    figures = f"{cells} cells, {finished} finished, {metres:.2f} m of ink, "
    figures += f"{seconds:.1f} s ({model_seconds:.2f} s in the model)"
    report(results, as_json, [*map(str, files), figures])
    if finished < cells:
        note(f"{cells - finished} drawings came to no end; another --seed or --temperature may help.")
