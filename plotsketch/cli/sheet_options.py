"""The options that say how a sheet looks, and the style that they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, output_option

if TYPE_CHECKING:
    from plotsketch.sheet.document import Pen
    from plotsketch.sheet.paper import Paper
    from plotsketch.sheet.style import Style

# In the words of sheet.style, which help does not wait for; tests hold the two together.
LAYOUTS = ("grid", "snake", "hex", "ring")
CAPTIONS = ("references", "labels", "both")
PEN_BY = ("role", "row", "col", "group", "parity")

SHEET_OPTIONS = (
    click.option("--paper", default="a4", show_default=True, help="A name (a4, letter) or a size (300x200mm)."),
    click.option("--landscape/--portrait", default=None, help="Lay the paper down or stand it up."),
    click.option("--margin", default="1cm", show_default=True, help="Least white around everything."),
    click.option("--gutter", help="Least white between two cells.  [default: an eighth of a cell]"),
    click.option("--layout", type=click.Choice(LAYOUTS), help="How cells stand.  [default: the command's own]"),
    click.option("--captions", type=click.Choice(CAPTIONS), help="Write under each drawing: r3c7, its label, or both."),
    click.option("--frame", is_flag=True, help="A thin line round each cell."),
    click.option("--title", default="", help="A line at the top."),
    click.option("--signature", default="", help="Your name at the bottom, in handwriting."),
    click.option("--edition", default="", help="Its number at the bottom, such as 3/150."),
    click.option("--pen", multiple=True, help="'red', '#2244aa' or 'red 0.5mm'; may be repeated.  [default: black]"),
    click.option("--pen-by", type=click.Choice(PEN_BY), default="role", show_default=True, help="Who gets which pen."),
    click.option("--pen-width", default="0.3mm", show_default=True, help="Of lines whose --pen names none."),
    click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a PNG."),
    output_option("File to write, .svg or .png; may be repeated.", multiple=True, required=False),
    json_option,
)


def paper_of(words: Mapping[str, Any]) -> Paper:
    """The paper that the options name. Raises UserError."""
    from plotsketch.sheet.paper import parse_paper

    return parse_paper(words["paper"], words["landscape"])


def style_of(words: Mapping[str, Any]) -> Style:
    """The style that the options describe, without levers. Raises UserError."""
    from plotsketch.sheet.paper import parse_length
    from plotsketch.sheet.style import Style

    width = parse_length(words["pen_width"])
    return Style(
        paper=paper_of(words),
        margin=parse_length(words["margin"]),
        gutter=None if words["gutter"] is None else parse_length(words["gutter"]),
        arrangement=words["layout"],
        captions=words["captions"],
        frame=words["frame"],
        title=words["title"].strip(),
        signature=words["signature"].strip(),
        edition=words["edition"].strip(),
        pens=_pens(words["pen"], width),
        pen_by=words["pen_by"],
        pen_width=width,
    )


def _pens(texts: tuple[str, ...], width: float) -> tuple[Pen, ...]:
    from plotsketch.sheet.inks import parse_pen

    return tuple(parse_pen(text, width) for text in texts)
