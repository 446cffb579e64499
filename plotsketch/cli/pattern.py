"""``plotsketch pattern``: repeats for cloth, wallpaper and paper, without a seam."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli import drawing
from plotsketch.cli.finish_options import FINISH_OPTIONS, check_finish, finished, outputs_of, show
from plotsketch.cli.options import counted, note, report
from plotsketch.cli.pattern_options import (
    CUT_OPTIONS,
    IN_PLACE_OF,
    INK_OPTIONS,
    MOTIF_OPTIONS,
    REPEAT_OPTIONS,
    cut_of,
    design_of,
)
from plotsketch.cli.preset_option import typed_first
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.api.pattern import Pattern
    from plotsketch.api.sheet import Sheet
    from plotsketch.art.pattern import PatternRecipe
    from plotsketch.sheet.design import Design

OPTIONS = (*MOTIF_OPTIONS, *REPEAT_OPTIONS, *drawing.HAND_OPTIONS, *INK_OPTIONS, *FINISH_OPTIONS, *CUT_OPTIONS)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(OPTIONS), command)


@click.command()
@click.argument("drawings", nargs=-1, required=True, metavar="DRAWING[*WEIGHT]...")
@_options
def pattern(drawings: tuple[str, ...], **words: Any) -> None:
    """Repeat drawings over a surface without a seam.

    Motifs are many drawings like the given ones, no two alike; cat-head*3 pig-full makes three cats for a pig. They
    stand in a repeat of the trade, are tossed without an overlap, or keep one of the 17 wallpaper groups. What is
    written is the tile: the rectangle that repeats straight, to the pixel in pictures.

    \b
    Examples:
      plotsketch pattern cat-head*3 pig-full --motifs 96 --size 32cm -o tile.svg -o tile.pdf
      plotsketch pattern cat-head --repeat tossed --sizes 0.7-1.2 --size 30cm --palette dyes -o tossed.svg
      plotsketch pattern cat-head --group p6m --motifs 2 --size 12cm --swatch 3x2 -o p6m.png
      plotsketch pattern pig-full --size 64cm --dpi 300 --whole-pixels -o tile.png -o tile.tif
      plotsketch pattern cat-full --repeat ogee --motifs 12 --size 20cm --sheet a2 -o ogee.svg
    """
    from plotsketch.api.pattern import check, draw

    started = time.monotonic()
    words = typed_first(words, IN_PLACE_OF)
    recipe, design = _wished(drawings, words)
    cut, wishes, outputs = cut_of(words), drawing.Wishes(words), outputs_of(words)
    # what can be wrong with the command is said before the model is loaded
    check(recipe, design, cut, outputs, wishes.medium(), words["whole_pixels"])
    check_finish(words)
    prepared = _prepared(recipe, design, words)
    sketcher = drawing.sketcher_for(recipe, words["model"])
    if prepared is not None:
        prepared.save(sketcher)
    drawn = draw(recipe, sketcher, design)
    if words["whole_pixels"]:
        drawn = drawn.in_whole_pixels(words["dpi"], "unit" if cut.kind == "unit" else "tile")
    sheet = finished(drawn.cut(cut), words)
    files = sheet.save(*outputs, **wishes.of_medium())
    show(sheet, words)
    _tell(drawn, sheet, files, time.monotonic() - started, words["as_json"])


def _wished(drawings: tuple[str, ...], words: Mapping[str, Any]) -> tuple[PatternRecipe, Design]:
    from plotsketch.art.pattern import PatternRecipe, weighted

    way, given = words["way"], {name: words[name] for name in ("spread", "unlike") if words[name] is not None}
    if "spread" in given and way != "vary":
        raise UserError(f"--spread is how far --by vary strays, and this is --by {way}; take one of them")
    if "unlike" in given and way == "same":
        raise UserError("--by same repeats the very drawings, whatever --unlike says; take one of them")
    design, motifs = design_of(words).settled(words["motifs"])
    hand = drawing.Wishes(dict(words)).hand()
    return PatternRecipe(drawings=weighted(drawings), motifs=motifs, way=way, hand=hand, **given), design


def _prepared(recipe: PatternRecipe, design: Design, words: Mapping[str, Any]) -> drawing.Prepared | None:
    """On paper of the usual size."""
    from plotsketch.sheet.style import Style

    style = Style(pen_width=design.pen_width)
    return drawing.Prepared.of(recipe, words["show_prepared"], words["output"], style, words["dpi"])


def _tell(drawn: Pattern, sheet: Sheet, files: list[Path], seconds: float, as_json: bool) -> None:
    facts, name = drawn.facts, drawn.design.name
    finished = [figure.finished for figure in drawn.plate.figures]
    results = {
        "files": files,
        "repeat": name,
        **facts,
        "finished": sum(finished),
        "ink_metres": round(sheet.ink_metres, 3),
        "seconds": round(seconds, 3),
        "model_seconds": round(drawn.model_seconds, 3),
    }
    (width, height), (across, down) = facts["repeat_mm"], facts["tile_mm"]
    lines = [
        f"{name} of {width:g} x {height:g} mm, tile {across:g} x {down:g} mm: {counted(facts['motifs'], 'motif')}, "
        f"{facts['placed']} placed, {100 * facts['density']:.0f} % covered",
        f"{sheet.ink_metres:.2f} m of ink, {seconds:.1f} s ({drawn.model_seconds:.2f} s in the model)",
    ]
    report(results, as_json, [*map(str, files), *lines])
    for line in drawn.notes:
        note(line)
    if not all(finished):
        short = counted(len(finished) - sum(finished), "drawing")
        note(f"{short} came to no end; another --seed or --temperature may help.")
