"""What all commands that draw share: options for model, hand and sheet, and the way from a recipe to files."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, note, output_option, report, seed_option

if TYPE_CHECKING:
    from plotsketch.api.sheet import Sheet
    from plotsketch.art.plan import Hand
    from plotsketch.art.recipe import Recipe
    from plotsketch.model.sketcher import Sketcher
    from plotsketch.sheet.paper import Paper
    from plotsketch.sheet.style import Style

HAND_OPTIONS = (
    click.option("--model", help="Its name or a .safetensors file.  [default: catpig]"),
    click.option("--temperature", type=float, default=0.25, show_default=True, help="0.1 is tame, 1 is wild."),
    seed_option,
    click.option("--best-of", type=int, default=1, show_default=True, help="Tries a cell; the likeliest stays."),
)

SHEET_OPTIONS = (
    click.option("--paper", default="a4", show_default=True, help="A name (a4, letter) or a size (300x200mm)."),
    click.option("--landscape/--portrait", default=None, help="Lay the paper down or stand it up."),
    click.option("--margin", default="1cm", show_default=True, help="Least white around all drawings."),
    click.option("--gutter", help="Least white between two drawings.  [default: an eighth of a cell]"),
    click.option("--pen-width", default="0.3mm", show_default=True, help="Width of the pen's line."),
    click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a PNG."),
    output_option("File to write, .svg or .png; may be repeated.", multiple=True),
    json_option,
)


@dataclass(frozen=True)
class Wishes:
    """The words of the shared options, as they were typed. Their meaning is made out when a command asks for it, so
    that help needs no more than click."""

    words: dict[str, Any]

    def hand(self) -> Hand:
        from plotsketch.art.plan import Hand

        return Hand(self.words["temperature"], self.words["seed"], self.words["best_of"])

    def paper(self) -> Paper:
        from plotsketch.sheet.paper import parse_paper

        return parse_paper(self.words["paper"], self.words["landscape"])

    def style(self) -> Style:
        from plotsketch.sheet.document import Pen
        from plotsketch.sheet.paper import parse_length
        from plotsketch.sheet.style import Style

        gutter = self.words["gutter"]
        return Style(
            paper=self.paper(),
            margin=parse_length(self.words["margin"]),
            gutter=None if gutter is None else parse_length(gutter),
            pen=Pen(width=parse_length(self.words["pen_width"])),
        )


def drawing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the shared options to a command, which gets them as its argument ``wishes``."""
    options = HAND_OPTIONS + SHEET_OPTIONS
    names = _names(options)

    @functools.wraps(command)
    def collected(**values: Any) -> None:
        command(wishes=Wishes({name: values.pop(name) for name in names}), **values)

    for option in reversed(options):
        collected = option(collected)
    return collected


def _names(options: tuple[Callable[[Any], Any], ...]) -> list[str]:
    """The arguments in which options arrive."""
    probe = click.Command("probe", callback=None)
    for option in options:
        option(probe)
    return [str(parameter.name) for parameter in probe.params]


def make_sheet(recipe: Recipe, wishes: Wishes) -> None:
    """Draws a recipe, writes it to the files that were asked for and tells of it."""
    from plotsketch.api.sheet import check, draw

    started = time.monotonic()
    style, outputs, dpi = wishes.style(), wishes.words["output"], wishes.words["dpi"]
    check(recipe, style, outputs, dpi)  # what can be wrong with the command is said before the model is loaded
    sheet = draw(recipe, _sketcher(wishes.words["model"]), style)
    sheet.save(*outputs, dpi=dpi)
    _tell(sheet, outputs, time.monotonic() - started, wishes.words["as_json"])


def _sketcher(model: str | None) -> Sketcher:
    from plotsketch.api.sheet import DEFAULT_MODEL, load

    return load(model or DEFAULT_MODEL)


def _tell(sheet: Sheet, files: tuple[Path, ...], seconds: float, as_json: bool) -> None:
    figures = sheet.plate.figures
    cells, finished = len(figures), sum(figure.finished for figure in figures)
    results = {
        "files": list(files),
        "cells": cells,
        "finished": finished,
        "ink_metres": round(sheet.ink_metres, 3),
        "seconds": round(seconds, 3),
        "model_seconds": round(sheet.model_seconds, 3),
    }
    line = f"{cells} cells, {finished} finished, {sheet.ink_metres:.2f} m of ink, "
    line += f"{seconds:.1f} s ({sheet.model_seconds:.2f} s in the model)"
    report(results, as_json, [*map(str, files), line])
    if finished < cells:
        note(f"{cells - finished} drawings came to no end; another --seed or --temperature may help.")
