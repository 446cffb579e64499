"""``plotsketch info``: what a file says of how it was made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, report
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.api.provenance import Provenance

LONGEST = 200  # letters of a value that a person is shown


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def info(file: Path, as_json: bool) -> None:
    """Show how FILE was made: by which version, model and seed, from what, and the commands that make it again.

    FILE is what plotsketch wrote: SVG, PNG, TIFF, PDF, GIF, G-code, HPGL for plotters that read comments. Nothing in it
    is run.

    \b
    Examples:
      plotsketch info sheet.svg
      plotsketch info tile.pdf --json
    """
    from plotsketch.api.provenance import info as info_of

    found = info_of(file)
    results = _results(found)
    report(results, as_json, _lines(found, results))


def _results(found: Provenance) -> dict[str, Any]:
    model = {"name": found.model, "digest": found.digest, "file": found.model_file}
    try:
        commands, trouble = [["plotsketch", *line.words] for line in found.lines()], None
    except UserError as error:
        commands, trouble = [], str(error)
    return {
        "file": found.path,
        "version": found.version,
        "command": found.recipe.command,
        "model": model,
        "seed": found.recipe.hand.seed,
        "sources": [vars(source) for source in found.sources],
        "pipelines": found.pipelines,
        "differences": found.differences(),
        "commands": commands,
        **({} if trouble is None else {"trouble": trouble}),
        "recipe": found.values,
    }


def _lines(found: Provenance, results: dict[str, Any]) -> Iterator[str]:
    from plotsketch import __version__
    from plotsketch.api.command_line import printable

    rows = [
        ("command", found.recipe.command),
        ("version", f"{found.version}{'' if found.version == __version__ else f' (this is {__version__})'}"),
        ("model", f"{found.model} {found.digest}, {'here' if found.model_file else 'not here'}"),
        *_hand(found),
        *_told(_looks(found.values)),
        *_told(_after(found)),
        *((source.state, f"{source.name} {source.digest}") for source in found.sources),
    ]
    for name, value in rows:
        text = printable(value)
        yield f"{name:<9} {text[:LONGEST]}{' ...' if len(text) > LONGEST else ''}"
    yield from (f"differs   {words}" for words in results["differences"])
    if "trouble" in results:
        yield f"again     {results['trouble']}"
        return
    yield from (f"again     {line}" for line in found.lines())


def _told(rows: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The rows, as far as the recipe makes sense: it is shown before anything else is made of it."""
    with suppress(TypeError, ValueError, LookupError, AttributeError):
        yield from rows


def _hand(found: Provenance) -> Iterator[tuple[str, str]]:
    hand, shape = found.recipe.hand, found.recipe.shape
    yield "seed", str(hand.seed)
    more = f", best of {hand.best_of}" if hand.best_of > 1 else ""
    yield "hand", f"temperature {hand.temperature:g}{more}"
    if shape is not None:
        yield "cells", f"{shape[0]} x {shape[1]} (rows x columns)"


def _looks(values: Any) -> Iterator[tuple[str, str]]:
    """How the sheet looks and what it was written for, as far as it is said."""
    if "paper_mm" in values:
        yield "paper", f"{_by(values['paper_mm'])} mm, margin {values.get('margin_mm')} mm"
    if "repeat_mm" in values:
        yield "repeat", f"{_by(values['repeat_mm'])} mm"
    style = values.get("style") or values.get("design") or {}
    if style:
        pens = style.get("pens") or [{"name": "black", "width": style.get("pen_width")}]
        yield "pens", ", ".join(f"{pen['name']} {pen['width']} mm" for pen in pens)
    words = {name: style.get(name) for name in ("title", "signature", "edition") if style.get(name)}
    yield from ((name, str(text)) for name, text in words.items())
    if "dpi" in values:
        yield "pixels", f"{values['dpi']} an inch"
    if "print" in values:
        yield "print", ", ".join(f"{name} {value}" for name, value in values["print"].items())
    if "plotter" in values:
        yield "plotter", ", ".join(f"{name} {value}" for name, value in values["plotter"].items())


def _after(found: Provenance) -> Iterator[tuple[str, str]]:
    """What was done to the lines."""
    yield from (("vpype", pipeline) for pipeline in found.pipelines)
    if codes := found.values.get("layer_codes"):
        yield "codes", " ".join(codes)
    if ordered := found.values.get("optimized"):
        yield "optimized", ", ".join(f"{name} {value}" for name, value in ordered.items() if name != "by")


def _by(sides: Any) -> str:
    return " x ".join(f"{side}" for side in sides)
