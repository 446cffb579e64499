"""The options that say how a sheet looks, and the style that they make."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from plotsketch.cli.options import json_option, output_option
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.output.printing import Printing
    from plotsketch.sheet.document import Pen
    from plotsketch.sheet.paper import Paper
    from plotsketch.sheet.style import Style

# In the words of sheet.style, which help does not wait for; tests hold the two together.
LAYOUTS = ("grid", "snake", "hex", "ring")
CAPTIONS = ("references", "labels", "both")
PEN_BY = ("role", "row", "col", "group", "parity")
SWELLS = ("taper", "nib")



class OneOf(click.Choice[str]):
    """A choice whose unknown words are told as those of a repeat, an ink or a paper are: with the near ones."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Raises UserError."""
        if value in self.choices:
            return value
        from plotsketch.strokes.reference import near_names

        near = near_names(str(value), self.choices)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        *most, last = self.choices
        option = max(param.opts, key=len) if param else "it"
        raise UserError(f"{option} is '{value}'; {meant}choose {', '.join(most)} or {last}")


PRINT_OPTIONS = (
    click.option("--paper-colour", default="white", show_default=True, help="Of pictures and PDF: cream, '#fed' ..."),
    click.option("--transparent", is_flag=True, help="No paper behind the ink of a picture."),
    click.option("--swell", type=OneOf(SWELLS), help="Let lines swell, as of a brush or nib."),
    click.option("--bleed", default="0mm", show_default=True, help="Print so much around the paper, to be cut off."),
    click.option("--marks", is_flag=True, help="Crop and registration marks around that."),
    click.option("--plates", is_flag=True, help="Beside a picture, a grey one for each ink; black is ink."),
    click.option("--negative", is_flag=True, help="Plates on which white is ink."),
    click.option("--spot", is_flag=True, help="A spot colour for each ink of a PDF."),
)

SHEET_OPTIONS = (
    click.option("--paper", default="a4", show_default=True, help="A name (a4, letter) or a size (300x200mm)."),
    click.option("--landscape/--portrait", default=None, help="Lay the paper down or stand it up."),
    click.option("--margin", default="1cm", show_default=True, help="Least white around everything."),
    click.option("--gutter", help="Least white between two cells.  [default: an eighth of a cell]"),
    click.option("--layout", type=OneOf(LAYOUTS), help="How cells stand.  [default: the command's own]"),
    click.option("--captions", type=OneOf(CAPTIONS), help="Write under each drawing: r3c7, its label, or both."),
    click.option("--frame", is_flag=True, help="A thin line round each cell."),
    click.option("--title", default="", help="A line at the top."),
    click.option("--signature", default="", help="Your name at the bottom, in handwriting."),
    click.option("--edition", default="", help="Its number at the bottom, such as 3/150."),
    click.option("--pen", multiple=True, help="'red', '#2244aa' or 'red 0.5mm'; may be repeated.  [default: black]"),
    click.option("--palette", help="A set of inks for the pens, such as okabe-ito, riso or dyes."),
    click.option("--pen-by", type=OneOf(PEN_BY), default="role", show_default=True, help="Who gets which pen."),
    click.option("--pen-width", default="0.3mm", show_default=True, help="Of lines whose --pen names none."),
    click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a picture."),
    *PRINT_OPTIONS,
    output_option("File: .svg, .png, .tif, .pdf, .hpgl or .gcode; may be repeated.", multiple=True, required=False),
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
        pens=_pens(words, width),
        pen_by=words["pen_by"],
        pen_width=width,
    )


def printing_of(words: Mapping[str, Any]) -> Printing:
    """The wishes for print files that the options name, but those of a preset that the files to be written know nothing
    of: a preset with a paper's colour is of use for an SVG too. Raises UserError."""
    from plotsketch.output.printing import Printing
    from plotsketch.sheet.palettes import parse_paper_colour
    from plotsketch.sheet.paper import parse_length

    wishes = Printing(
        paper=parse_paper_colour(words["paper_colour"]),
        bleed=parse_length(words["bleed"]),
        **{name: words[name] for name in ("transparent", "swell", "marks", "plates", "negative", "spot")},
    )
    if "output" not in words:  # `convert` and `optimize` have no part in presets for sheets
        return wishes
    idle = wishes.idle({Path(path).suffix.lower() for path in words["output"] or ()})
    return wishes.without([name for name in idle if _is_of_preset("paper_colour" if name == "paper" else name)])


def _is_of_preset(name: str) -> bool:
    """Whether nobody typed the option of that name."""
    context = click.get_current_context(silent=True)
    return context is not None and context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP


def _pens(words: Mapping[str, Any], width: float) -> tuple[Pen, ...]:
    """The pens that are named, or those of the palette: all that there is work for."""
    from plotsketch.sheet.inks import ROLE_PEN, parse_pen
    from plotsketch.sheet.palettes import parse_palette

    palette = {} if words["palette"] is None else parse_palette(words["palette"])
    most = 1 + max(ROLE_PEN.values()) if words["pen_by"] == "role" else None
    return tuple(parse_pen(text, width, palette) for text in words["pen"] or list(palette)[:most])
