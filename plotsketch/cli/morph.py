"""``plotsketch morph``: from drawings to a film, frames or a flip-book."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli import drawing
from plotsketch.cli.options import counted, json_option, note, report
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.api.morph import Morph, Release
    from plotsketch.art.morph import MorphRecipe
    from plotsketch.output.animation import Screen
    from plotsketch.sheet.flipbook import FlipBook

FILM_OPTIONS = (
    click.option("--fps", type=float, default=20, show_default=True, help="Frames a second, 50 at most."),
    click.option("--size", type=int, default=480, show_default=True, help="Side of a picture in pixels."),
    click.option(
        "--rest", type=float, default=0, show_default=True, help="Seconds that a film's last frame stays longer."
    ),
    click.option("--pen-width", help="Such as 3px or 0.4mm.  [default: size/160 on a screen, 0.3mm on paper]"),
    click.option("--apng", is_flag=True, help="Make a .png a film too, as .apng is."),
)

BOOK_OPTIONS = (
    click.option("--flipbook", is_flag=True, help="Make .svg and .png files sheets of a flip-book, to be cut up."),
    click.option("--page", help="Size of a page.  [default: 60x40mm]"),
    click.option("--binding", help="White at the left of a page.  [default: 15mm]"),
    click.option("--paper", help="A name (a4, letter) or a size (300x200mm).  [default: a4]"),
    click.option("--landscape/--portrait", default=None, help="Lay the paper down or stand it up."),
    click.option("--margin", help="Least white around a sheet.  [default: 1cm]"),
    click.option("--dpi", type=float, help="Dots an inch of a sheet as PNG.  [default: 150]"),
)

OUTPUT_OPTIONS = (
    # not a Path yet: click would refuse a folder that is there already
    click.option(
        "-o",
        "--output",
        multiple=True,
        required=True,
        help="FILE.gif, FILE.apng, NAME-####.svg (or .png), a folder for frames; may be repeated.",
    ),
    json_option,
)


def _shared_options(command: Callable[..., None]) -> Callable[..., None]:
    options = (*drawing.HAND_OPTIONS, *FILM_OPTIONS, *BOOK_OPTIONS, *OUTPUT_OPTIONS)
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@click.command()
@click.argument("drawings", nargs=-1, metavar="[A B ...]")
@click.option("--frames", type=int, default=120, show_default=True, help="Pictures in all.")
@click.option("--steps", type=int, help="Drawings of the model on the way.  [default: one in ten frames]")
@click.option(
    "--easing", type=click.Choice(("smooth", "linear")), default="smooth", show_default=True, help="The pace."
)
@click.option("--loop", is_flag=True, help="Lead back to the first drawing.")
@click.option("--walk", is_flag=True, help="A random walk from A, or from a draw of --seed.")
@click.option("--step", type=float, help="Of a walk, from drawing to drawing.  [default: 0.1]")
@click.option("--draw", is_flag=True, help="Draw line by line; one drawing is enough.")
@click.option("--smooth", is_flag=True, help="Make curves of the model's lines.")
@_shared_options
def morph(drawings: tuple[str, ...], **words: Any) -> None:
    """Draw a film in which drawings turn into one another.

    The model draws again and again on the way from A to B, to C and so on, and between two of its drawings the
    lines move: every line goes to its counterpart, and those that have none are drawn or taken back. With --draw
    the pen is seen at work.

    A film is a GIF or an animated PNG (.apng). NAME-####.svg and NAME-####.png give a file a frame, a name without
    a suffix a folder of them. With --flipbook, .svg and .png files become sheets with pages to be cut out.

    \b
    Examples:
      plotsketch morph cat-head pig-head cat-head --frames 120 -o morph.gif
      plotsketch morph --walk cat-full --loop --draw -o dream.gif
      plotsketch morph pig-full --draw --rest 2 --size 320 -o drawn.gif -o frames/
      plotsketch morph cat-head pig-full --frames 54 --flipbook -o book.svg
    """
    from plotsketch.api.morph import check_release, film

    started = time.monotonic()
    recipe, release = _recipe(drawings, words), _release(words)
    outputs = [Path(output) for output in words["output"]]
    check_release(recipe, release, outputs)  # what can be wrong is said before the model is loaded
    prepared = _prepared(recipe, release, words["show_prepared"], outputs)
    sketcher = drawing.sketcher_for(recipe, words["model"])
    if prepared is not None:
        prepared.save(sketcher)
    made = film(recipe, sketcher)
    files = made.save(*outputs, release=release)
    _tell(made, files, outputs, time.monotonic() - started, words["as_json"])


def _prepared(
    recipe: MorphRecipe, release: Release, path: Path | None, outputs: list[Path]
) -> drawing.Prepared | None:
    """On paper of the usual size, as a film has none."""
    from plotsketch.sheet.style import Style

    files = [file for output in outputs for file in release.files(output, recipe.frames)]
    return drawing.Prepared.of(recipe, path, files, Style(), release.dpi)


def _recipe(drawings: tuple[str, ...], words: dict[str, Any]) -> MorphRecipe:
    from plotsketch.art.morph import MorphRecipe

    if words["step"] is not None and not words["walk"]:
        raise UserError("--step is the step of a walk; add --walk, or leave it out")
    return MorphRecipe(
        drawings=drawings,
        frames=words["frames"],
        steps=words["steps"],
        easing=words["easing"],
        loop=words["loop"],
        walk=words["walk"],
        step=0.1 if words["step"] is None else words["step"],
        draw_lines=words["draw"],
        smooth=words["smooth"],
        hand=drawing.Wishes(words).hand(),
    )


def _release(words: dict[str, Any]) -> Release:
    from plotsketch.api.morph import DPI, Release

    book = _book(words)
    if book is not None and words["apng"]:
        raise UserError("with --flipbook a .png is a sheet of paper; leave --apng out and call the film .apng")
    dpi = DPI if words["dpi"] is None else words["dpi"]
    return Release(screen=_screen(words), apng=words["apng"], book=book, dpi=dpi)


def _screen(words: dict[str, Any]) -> Screen:
    from plotsketch.output.animation import Screen

    width = words["pen_width"]
    return Screen(
        words["size"], words["fps"], None if width is None else _millimetres(width) * 96 / 25.4, words["rest"]
    )


def _book(words: dict[str, Any]) -> FlipBook | None:
    """None without ``--flipbook``; the options of a flip-book are refused then."""
    if not words["flipbook"]:
        for name in ("page", "binding", "paper", "landscape", "margin", "dpi"):
            if words[name] is not None:
                option = "portrait" if words[name] is False else name
                raise UserError(f"--{option} is for a flip-book; add --flipbook, or leave it out")
        return None
    from plotsketch.sheet.flipbook import FlipBook
    from plotsketch.sheet.paper import parse_paper

    return FlipBook(
        paper=parse_paper(words["paper"] or "a4", words["landscape"]),
        page=parse_paper(words["page"] or "60x40mm"),
        margin=_millimetres(words["margin"] or "1cm"),
        binding=_millimetres(words["binding"] or "15mm"),
        pen_width=_millimetres(words["pen_width"] or "0.3mm"),
    )


def _millimetres(text: str) -> float:
    from plotsketch.sheet.paper import parse_length

    return parse_length(text)


def _tell(made: Morph, files: list[Path], outputs: list[Path], seconds: float, as_json: bool) -> None:
    drawn = [figure.finished for figure in made.plate.figures]
    results = {
        "files": files,
        "frames": len(made.frames),
        "drawings": len(drawn),
        "finished": sum(drawn),
        "seconds": round(seconds, 3),
        "model_seconds": round(made.model_seconds, 3),
    }
    line = f"{counted(len(made.frames), 'frame')} of {counted(len(drawn), 'drawing')}, "
    line += f"{seconds:.1f} s ({made.model_seconds:.2f} s in the model)"
    # a folder of frames is one line, not hundreds
    report(results, as_json, [*map(str, outputs if len(files) > len(outputs) + 20 else files), line])
    for remark in made.notes:
        note(remark)
    if not all(drawn):
        note(f"{counted(len(drawn) - sum(drawn), 'drawing')} came to no end; another --seed or --temperature may help.")
