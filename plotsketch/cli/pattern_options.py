"""The options of ``plotsketch pattern``, and the design that they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.finish_options import levers_of
from plotsketch.cli.options import json_option, output_option
from plotsketch.cli.sheet_options import PRINT_OPTIONS, OneOf
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.api.pattern import Cut
    from plotsketch.sheet.design import Design
    from plotsketch.sheet.document import Pen

# In the words of sheet.design and art.pattern, which help does not wait for; a test holds them together.
WAYS = ("vary", "walk", "same")
OVERLAPS = ("keep", "hide")
BACKGROUNDS = ("dots", "stripes", "motifs")
PEN_BY = ("group", "row", "col", "parity")
REPEATS = "block, half-drop, brick, hexagonal, mirror, centre, ogee, diamond, stripe, tossed, third-drop ..."

MOTIF_OPTIONS = (
    click.option("--motifs", type=int, help="How many; a few more where they fill rows.  [default: about 24]"),
    click.option("--rows", type=int, help="Of motifs in a repeat.  [default: from --motifs and --size]"),
    click.option("--cols", type=int, help="Motifs in a row."),
    click.option("--by", "way", type=OneOf(WAYS), default="vary", show_default=True,
                 help="All around the drawings, on a way through them, or the very drawings."),
    click.option("--spread", type=float, help="How far --by vary strays, 0 to 1.  [default: 0.3]"),
    click.option("--unlike", type=float,
                 help="Least distance between any two, in their diagonals; 0 lets them be alike.  [default: 0.025]"),
)  # fmt: skip

REPEAT_OPTIONS = (
    click.option("--repeat", help=f"{REPEATS}  [default: half-drop]"),
    click.option("--group", help="In its place one of the 17 wallpaper groups, such as p4m."),
    click.option("--size", default="8in", show_default=True, help="Of the repeat: 64cm, 53x64cm, 25.25in."),
    click.option("--gap", help="Least distance between motifs.  [default: a little air]"),
    click.option("--rotate", metavar="none|free|DEGREES",
                 help="Turn motifs at random.  [default: none; free where they are tossed]"),
    click.option("--flip", is_flag=True, help="Let half of the motifs look the other way."),
    click.option("--sizes", default="1", show_default=True, help="Shares of the common size, at random: 0.7-1.2."),
    click.option("--motif-size", help="Of tossed motifs, corner to corner.  [default: fills the repeat]"),
    click.option("--overlaps", type=OneOf(OVERLAPS), default="keep", show_default=True,
                 help="Hide what lies behind another motif, or not."),
)  # fmt: skip

INK_OPTIONS = (
    click.option("--fill", metavar="PEN", help="Fill motifs with this ink, behind their lines."),
    click.option("--silhouette", is_flag=True, help="Motifs as filled shapes, without lines."),
    click.option("--background", type=OneOf(BACKGROUNDS), help="What lies behind and between motifs."),
    click.option("--background-pen", metavar="PEN", help="For that.  [default: silver]"),
    click.option("--background-spacing", metavar="LENGTH", help="Of dots and stripes.  [default: fits the motifs]"),
    click.option("--outlines/--no-outlines", default=True, help="Draw the lines of ogee, diamond and stripe."),
    click.option("--outline-pen", metavar="PEN", help="For those.  [default: the first pen]"),
    click.option("--pen", multiple=True, help="'red', '#2244aa' or 'red 0.5mm'; may be repeated.  [default: black]"),
    click.option("--palette", help="A set of inks for all pens, such as okabe-ito, riso or dyes."),
    click.option("--pen-by", type=OneOf(PEN_BY), help="Who gets which pen.  [default: group, or parity]"),
    click.option("--pen-width", default="0.3mm", show_default=True, help="Of pens that name none."),
)

CUT_OPTIONS = (
    click.option("--unit", is_flag=True, help="Cut the repeat itself, for printers who drop it themselves."),
    click.option("--swatch", metavar="NxM", help="Cut so many tiles across and down, to look at: 3x3."),
    click.option("--sheet", metavar="PAPER", help="Fill a sheet for a plotter: a2, 50x70cm; strokes stay whole."),
    click.option("--landscape/--portrait", default=None, help="Lay the sheet down or stand it up."),
    click.option("--margin", help="Of the sheet.  [default: 1cm]"),
    click.option("--whole-pixels", is_flag=True, help="Stretch the repeat to the nearest whole pixels at --dpi."),
    click.option("--dpi", type=float, default=150, show_default=True, help="Dots an inch of a picture."),
    *PRINT_OPTIONS,
    output_option("File to write, .svg, .png, .tif or .pdf; may be repeated.", multiple=True, required=False),
    json_option,
)

# What is typed, and what of a preset it stands in place of.
IN_PLACE_OF = (
    (("repeat",), ("group",)),
    (("group",), ("repeat",)),
    (("motifs",), ("rows", "cols")),
    (("rows", "cols"), ("motifs",)),
    (("unit",), ("swatch", "sheet", "landscape", "margin")),
    (("swatch",), ("unit", "sheet", "landscape", "margin")),
    (("sheet",), ("unit", "swatch")),
    (("fill",), ("silhouette",)),
    (("silhouette",), ("fill",)),
    (("palette",), ("pen",)),
)


def design_of(words: Mapping[str, Any]) -> Design:
    """The design that the options describe. Raises UserError."""
    from plotsketch.sheet.design import Design
    from plotsketch.sheet.paper import parse_length

    if None not in (words["group"], words["repeat"]):
        raise UserError(f"--repeat {words['repeat']} and --group {words['group']} are two ways to repeat; take one")
    if words["background_pen"] is not None and words["background"] is None:
        raise UserError("--background-pen draws a background; take --background dots, or leave it out")
    pens = _Inks(words)
    length = {name: None if words[name] is None else parse_length(words[name])
              for name in ("motif_size", "background_spacing")}  # fmt: skip
    width, height = _size(words["size"])
    return Design(
        repeat=words["repeat"] or "half-drop", group=words["group"], width=width, height=height,
        rows=words["rows"], cols=words["cols"],
        gap=_gap(words["gap"]), rotate=_turn(words["rotate"]), flip=words["flip"], sizes=_sizes(words["sizes"]),
        motif_size=length["motif_size"], overlaps=words["overlaps"],
        fill=pens.one("fill"), silhouette=words["silhouette"],
        background=words["background"], background_pen=pens.one("background_pen") or pens.of("silver"),
        spacing=length["background_spacing"],
        outlines=words["outlines"], outline_pen=pens.one("outline_pen"),
        pens=pens.all(), pen_by=words["pen_by"], pen_width=pens.width, levers=levers_of(words),
    )  # fmt: skip


def cut_of(words: Mapping[str, Any]) -> Cut:
    """What is cut from the pattern. Raises UserError."""
    from plotsketch.api.pattern import Cut
    from plotsketch.sheet.paper import parse_length, parse_paper

    asked = [f"--{name}" for name in ("unit", "swatch", "sheet") if words[name]]
    if len(asked) > 1:
        raise UserError(f"{' and '.join(asked)} cut different things from the pattern; take one at a time")
    if words["sheet"] is not None:
        margin = parse_length("1cm" if words["margin"] is None else words["margin"])
        return Cut("sheet", paper=parse_paper(words["sheet"], words["landscape"]), margin=margin)
    if words["landscape"] is not None:
        raise UserError("--landscape and --portrait turn a sheet; name it, as in --sheet a2")
    if words["margin"] is not None:
        raise UserError("--margin is that of a sheet; name it, as in --sheet a2, or leave --margin out")
    if words["swatch"] is None:
        return Cut("unit" if words["unit"] else "tile")
    match = re.fullmatch(r"(\d{1,4})(?:[x×](\d{1,4}))?", words["swatch"].strip().lower(), re.ASCII)
    if match is None:
        raise UserError(f"--swatch is '{words['swatch']}'; give tiles across and down, such as 3x3")
    return Cut("swatch", (int(match[1]), int(match[2] or match[1])))


class _Inks:
    """Pens from the words of several options."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        from plotsketch.sheet.palettes import parse_palette
        from plotsketch.sheet.paper import parse_length

        self.words = words
        self.width = parse_length(words["pen_width"])
        self.palette = {} if words["palette"] is None else parse_palette(words["palette"])

    def all(self) -> tuple[Pen, ...]:
        return tuple(self.of(text) for text in self.words["pen"] or self.palette)

    def one(self, option: str) -> Pen | None:
        return None if self.words[option] is None else self.of(self.words[option])

    def of(self, text: str) -> Pen:
        from plotsketch.sheet.inks import parse_pen

        return parse_pen(text, self.width, self.palette)


def _size(text: str) -> tuple[float, float | None]:
    from plotsketch.sheet.paper import parse_length, parse_paper

    if re.search(r"\d\s*[a-z\"]*\s*[x×]", text.lower()):
        paper = parse_paper(text)
        return paper.width, paper.height
    return parse_length(text), None


def _gap(text: str | None) -> float | None:
    from plotsketch.sheet.paper import parse_length

    if text is None:
        return None
    return -parse_length(text.strip()[1:]) if text.strip().startswith("-") else parse_length(text)


def _turn(text: str | None) -> float | None:
    """Degrees between the angles at which motifs may stand: 0 any, 360 upright."""
    words = {"none": 360.0, "free": 0.0}
    if text is None or text in words:
        return None if text is None else words[text]
    try:
        degrees = float(text)
    except ValueError as error:
        raise UserError(f"--rotate is '{text}'; give none, free or a step in degrees, such as 90") from error
    if not 0 < degrees <= 360:
        raise UserError(f"--rotate is {degrees:g}; give none, free or a step above 0 degrees and up to 360, such as 90")
    return degrees


def _sizes(text: str) -> tuple[float, float]:
    match = re.fullmatch(r"(\d*\.?\d+)(?:-(\d*\.?\d+))?", text.strip(), re.ASCII)
    if match is None:
        raise UserError(f"--sizes is '{text}'; give a share, or the least and the largest, such as 0.7-1.2")
    return float(match[1]), float(match[2] or match[1])
