"""What all commands that draw share: options for model, hand and sheet, and the way from a recipe to files."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.finish_options import FINISH_OPTIONS, check_finish, finished, levers_of, outputs_of, show
from plotsketch.cli.options import counted, note, report, seed_option
from plotsketch.cli.sheet_options import SHEET_OPTIONS, paper_of, printing_of, style_of
from plotsketch.cli.standing import usual_model

if TYPE_CHECKING:
    from plotsketch.api.sheet import Sheet
    from plotsketch.art.plan import Hand
    from plotsketch.art.recipe import Recipe
    from plotsketch.model.sketcher import Sketcher
    from plotsketch.output.formats import Medium, MediumWishes
    from plotsketch.sheet.paper import Paper
    from plotsketch.sheet.style import Style

MODEL_OPTIONS = (
    click.option("--model", help="Its name or a .safetensors file.  [default: that of the first cell, or catpig]"),
    click.option("--temperature", type=float, default=0.25, show_default=True, help="0.1 is tame, 1 is wild."),
    seed_option,
    click.option("--best-of", type=int, default=1, show_default=True, help="Tries a cell; the likeliest stays."),
)

HAND_OPTIONS = (
    *MODEL_OPTIONS,
    click.option(
        "--show-prepared",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Another .svg or .png: your files beside what the model sees of them.",
    ),
)

SHARED_OPTIONS = HAND_OPTIONS + SHEET_OPTIONS + FINISH_OPTIONS


@dataclass(frozen=True)
class Wishes:
    """The words of the shared options, as they were typed. Their meaning is made out when a command asks for it, so
    that help needs no more than click. ``taker`` gets the sheet in place of files and messages."""

    words: dict[str, Any]
    taker: Callable[[Sheet], None] | None = None

    def hand(self) -> Hand:
        from plotsketch.art.plan import Hand

        return Hand(self.words["temperature"], self.words["seed"], self.words["best_of"])

    def paper(self) -> Paper:
        return paper_of(self.words)

    def style(self) -> Style:
        return replace(style_of(self.words), levers=levers_of(self.words))

    def medium(self) -> Medium:
        from plotsketch.output.formats import medium_of

        return medium_of(**self.of_medium())

    def of_medium(self) -> MediumWishes:
        """What the files are made for; a taker has none."""
        if self.taker:
            return {}
        words = self.words
        kept = {name: words[name] for name in ("dpi", "machine", "oversize")}
        return {**kept, "printing": printing_of(words)}  # type: ignore[typeddict-item]


def drawing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the shared options to a command, which gets them as its argument ``wishes``."""
    names = names_of(SHARED_OPTIONS)

    @functools.wraps(command)
    def collected(**values: Any) -> None:
        command(wishes=Wishes({name: values.pop(name) for name in names}), **values)

    for option in reversed(SHARED_OPTIONS):
        collected = option(collected)
    return collected


def names_of(options: tuple[Callable[[Any], Any], ...]) -> list[str]:
    """The arguments in which options arrive."""
    probe = click.Command("probe", callback=None)
    for option in options:
        option(probe)
    return [str(parameter.name) for parameter in probe.params]


def make_sheet(recipe: Recipe, wishes: Wishes) -> None:
    """Draws a recipe, writes it to the files that were asked for, shows it and tells of it."""
    from plotsketch.api.sheet import check, draw

    started = time.monotonic()
    style, medium = wishes.style(), wishes.medium()
    outputs = () if wishes.taker else outputs_of(wishes.words)
    # what can be wrong with the command is said before the model is loaded
    check(recipe, style, outputs, medium)
    check_finish(wishes.words)
    prepared = Prepared.of(recipe, wishes.words["show_prepared"], wishes.words["output"], style, medium.dpi)
    sketcher = sketcher_for(recipe, wishes.words["model"])
    if prepared is not None:
        prepared.save(sketcher)
    sheet = finished(draw(recipe, sketcher, style), wishes.words)
    if wishes.taker:
        wishes.taker(sheet)
        return
    files = sheet.save(*outputs, **wishes.of_medium())
    show(sheet, wishes.words)
    _tell(sheet, files, time.monotonic() - started, wishes.words["as_json"])


# What loads a model in place of api.model.load: a run's jobs share one, and a rehearsal goes no further than this.
LOADER: ContextVar[Callable[[str | Path, Recipe], Sketcher] | None] = ContextVar("LOADER", default=None)


def sketcher_for(recipe: Recipe, model: str | None) -> Sketcher:
    """The model that a recipe is drawn with: the one named, else that of its first cell, else the usual one.

    Commands call it when all that can be wrong with their words has been looked at. Raises UserError.
    """
    from plotsketch.api.model import model_for

    chosen, loader = model or model_for(recipe.references, usual_model()), LOADER.get()
    return _sketcher(chosen) if loader is None else loader(chosen, recipe)


def _sketcher(model: str | Path) -> Sketcher:
    from plotsketch.api.model import load

    return load(model)


@dataclass(frozen=True)
class Prepared:
    """The sheet of ``--show-prepared``, and the file that it goes to."""

    recipe: Recipe
    path: Path
    style: Style
    dpi: float

    @classmethod
    def of(
        cls, recipe: Recipe, path: Path | None, outputs: Iterable[Path], style: Style, dpi: float
    ) -> Prepared | None:
        """None where it is not asked for. Raises UserError for what is wrong with it."""
        from plotsketch.api.sheet import check
        from plotsketch.art.prepared import PreparedRecipe
        from plotsketch.errors import UserError
        from plotsketch.output.formats import Medium

        if path is None:
            return None
        if path in outputs:
            raise UserError(f"{path} is the --output already; give --show-prepared a file of its own")
        prepared = PreparedRecipe.of(recipe.references, style.paper.width / style.paper.height)
        made = cls(prepared, path, _plain(style), dpi)
        check(made.recipe, made.style, [path], Medium(dpi=dpi))
        return made

    def save(self, sketcher: Sketcher) -> None:
        from plotsketch.api.sheet import draw

        draw(self.recipe, sketcher, self.style).save(self.path, dpi=self.dpi)


def _plain(style: Style) -> Style:
    """The same paper and pen width, and nothing else."""
    from plotsketch.sheet.style import Style

    return Style(paper=style.paper, margin=style.margin, pen_width=style.pen_width)


def _tell(sheet: Sheet, files: list[Path], seconds: float, as_json: bool) -> None:
    drawn = [figure.finished for figure in sheet.plate.figures if figure.is_drawn]
    cells, finished = len(drawn), sum(drawn)
    results = {
        "files": files,
        "cells": cells,
        "finished": finished,
        "ink_metres": round(sheet.ink_metres, 3),
        "seconds": round(seconds, 3),
        "model_seconds": round(sheet.model_seconds, 3),
        **sheet.plate.facts,
    }
    line = f"{counted(cells, 'cell')}, {finished} finished, {sheet.ink_metres:.2f} m of ink, "
    line += f"{seconds:.1f} s ({sheet.model_seconds:.2f} s in the model)"
    report(results, as_json, [*map(str, files), line, *filter(None, [sheet.plate.remark])])
    for line in sheet.notes:
        note(line)
    if finished < cells:
        note(f"{counted(cells - finished, 'drawing')} came to no end; another --seed or --temperature may help.")
