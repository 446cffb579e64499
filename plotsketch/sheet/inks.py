"""The pens of a sheet: inks by name, and how several pens are shared out among its drawings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from plotsketch.errors import UserError
from plotsketch.sheet.document import Pen
from plotsketch.sheet.palettes import PAPER_COLOURS, hex_colour, parse_palette
from plotsketch.sheet.paper import parse_length
from plotsketch.strokes.figure import Figure
from plotsketch.strokes.reference import near_names

INKS = {
    "black": "#000000",
    "grey": "#8c8c8c",
    "gray": "#8c8c8c",
    "silver": "#b4b6b8",
    "white": "#ffffff",
    "red": "#d42a1e",
    "crimson": "#a8142f",
    "pink": "#e86a9a",
    "magenta": "#c8147d",
    "orange": "#e8701a",
    "gold": "#b8923a",
    "yellow": "#eebd14",
    "brown": "#7a4a28",
    "sepia": "#5c4632",
    "olive": "#6d7434",
    "green": "#1f8a46",
    "teal": "#13807f",
    "turquoise": "#19a7a8",
    "cyan": "#1398cf",
    "blue": "#1f4fb4",
    "navy": "#1b2a5c",
    "indigo": "#3c2f86",
    "violet": "#6b3fa0",
    "purple": "#7b2d86",
}

# Pens of the parts that are not the model's drawing, where the user names none.
ROLES = {
    "input": ("grey", INKS["grey"]),
    "given": ("red", INKS["red"]),
    "sign": ("grey", INKS["grey"]),
}
# By role: the first pen draws what the model drew, the second what it was given, the third signs.
ROLE_PEN = {"drawing": 0, "input": 1, "given": 1, "sign": 2}

# How several pens are shared out: "role", or in turn over one of these numbers of a figure.
TURNS = {
    "row": lambda figure: figure.row,
    "col": lambda figure: figure.col,
    "parity": lambda figure: figure.row + figure.col,
}
SHARED_BY = ("role", "row", "col", "group", "parity")


def parse_pen(text: str, width: float = 0.3, palette: Mapping[str, str] | None = None) -> Pen:
    """A pen from ``red``, ``#2244aa``, ``brick=#a63d2f`` or any of these with a width (``red 0.5mm``); ``width`` in mm
    where it names none.

    A name is looked up in the ``palette`` first; ``studio/rose`` is the pen ``rose`` of the set ``studio`` in the
    user's configuration, or of a palette.

    Raises UserError for an unknown ink, with the near ones, and for a width that is none.
    """
    words = text.lower().split()
    if not words:
        raise UserError("a pen without a name; write an ink and perhaps a width, such as 'red 0.5mm'")
    name = words[0]
    own = dict(palette or {})
    if is_of_set := "/" in name:
        whole, name = name.split("/", 1)
        own = dict(parse_palette(whole))
    if name in own:
        width = parse_pen(own[name], width).width  # a set may have one for each pen
    if len(words) > 1:
        width = parse_length(" ".join(words[1:]))
    if name in own:
        return Pen(name, width, parse_pen(own[name]).colour)
    if colour := hex_colour(name):
        return Pen(colour, width, colour)
    mixed, _, shade = name.partition("=")
    if mixed and (colour := hex_colour(shade)):
        return Pen(mixed, width, colour)
    inks = own if is_of_set else INKS | own
    if name in inks:
        return Pen(name, width, inks[name])
    if name in PAPER_COLOURS:
        raise UserError(
            f"unknown ink '{name}' in the pen '{text}'; it is a colour of paper, for --paper-colour: to draw with it, "
            f"write it as {PAPER_COLOURS[name]}"
        )
    near = near_names(name, inks)
    hint = f"did you mean {' or '.join(near)}" if near else f"inks: {', '.join(inks)}"
    raise UserError(f"unknown ink '{name}' in the pen '{text}'; {hint}, or write its colour as #rrggbb")


class Pens:
    """The pens in the holder: which one draws a part of which figure.

    ``by`` shares several out: by ``role`` (the first draws the drawings, the second inputs and given parts, the third
    signs) or among the drawings in turn, by ``row``, ``col``, ``parity`` of both, or ``group``. A part that no pen was
    named for gets the usual pen of its role, ``width`` mm wide. The first pen writes all words and frames.
    """

    def __init__(self, pens: tuple[Pen, ...], by: str, width: float, figures: Iterable[Figure]) -> None:
        self.pens, self.by, self.width = pens, by, width
        self.groups = {group: turn for turn, group in enumerate(dict.fromkeys(figure.group for figure in figures))}

    @property
    def first(self) -> Pen:
        return self.pens[0]

    def of(self, role: str, figure: Figure) -> Pen:
        if role in ROLES and (self.by != "role" or ROLE_PEN[role] >= len(self.pens)):
            name, colour = ROLES[role]
            return Pen(name, self.width, colour)
        return self.pens[self._turn(role, figure) % len(self.pens)]

    def _turn(self, role: str, figure: Figure) -> int:
        if self.by == "role":
            return ROLE_PEN.get(role, 0)
        return self.groups[figure.group] if self.by == "group" else TURNS[self.by](figure)

    def in_order(self, used: Iterable[Pen]) -> list[Pen]:
        """The pens that were used, as a layer each: those of the user first, in the order given."""
        found = dict.fromkeys(used)
        return [pen for pen in dict.fromkeys(self.pens) if pen in found] + [p for p in found if p not in self.pens]


def told_apart(pens: list[Pen]) -> list[Pen]:
    """The same pens, with the width in the name of those that share one."""
    names = [pen.name for pen in pens]
    return [replace(pen, name=f"{pen.name} {pen.width:g} mm") if names.count(pen.name) > 1 else pen for pen in pens]
