"""Sets of inks, and colours of paper, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from plotsketch.config import pen_sets
from plotsketch.errors import UserError
from plotsketch.strokes.reference import near_names

# In the order in which a sheet takes them for its pens.
PALETTES = {
    # M. Okabe and K. Ito, Color Universal Design (2008): told apart by all common kinds of colour vision
    "okabe-ito": {
        "black": "#000000",
        "orange": "#e69f00",
        "sky-blue": "#56b4e9",
        "bluish-green": "#009e73",
        "yellow": "#f0e442",
        "blue": "#0072b2",
        "vermillion": "#d55e00",
        "reddish-purple": "#cc79a7",
    },
    # P. Tol, Colour Schemes (SRON/EPS technical note 3.2, 2021), his "bright"; safe as well
    "tol-bright": {
        "blue": "#4477aa",
        "red": "#ee6677",
        "green": "#228833",
        "yellow": "#ccbb44",
        "cyan": "#66ccee",
        "purple": "#aa3377",
        "grey": "#bbbbbb",
    },
    # the same note's "high-contrast", which also holds in a grey copy
    "tol-contrast": {"blue": "#004488", "yellow": "#ddaa33", "red": "#bb5566"},
    # soy inks of stencil duplicators, as their users commonly show them on screens
    "riso": {
        "blue": "#0078bf",
        "bright-red": "#f15060",
        "yellow": "#ffe800",
        "black": "#000000",
        "fluorescent-pink": "#ff48b0",
        "teal": "#00838a",
        "orange": "#ff6c2f",
        "green": "#00a95c",
        "purple": "#765ba7",
        "medium-blue": "#3255a4",
        "burgundy": "#914e72",
        "metallic-gold": "#ac936e",
        "aqua": "#5ec8e5",
        "sunflower": "#ffb511",
    },
    # cloth coloured with plants and insects
    "dyes": {
        "indigo": "#2b3a67",
        "madder": "#a63d2f",
        "weld": "#d1a730",
        "walnut": "#5b4030",
        "cochineal": "#a3264b",
        "woad": "#5f83a3",
        "iron": "#3b3d42",
    },
    # scenes printed from one copper plate on cotton
    "toile": {"red": "#9d2b33", "blue": "#2f4a7c", "sepia": "#6a4a35", "green": "#4c6650", "plum": "#5f3352"},
    "blue-white": {"cobalt": "#1f3f8f", "sky": "#6f94cc", "ink": "#152653"},
    "chalks": {"white": "#f7f5ee", "rose": "#eba6a9", "sky": "#9cc4e4", "straw": "#f0d98c", "sage": "#a9c9a4"},
}

PAPER_COLOURS = {
    "white": "#ffffff",
    "ivory": "#fcf8ea",
    "cream": "#f7efda",
    "natural": "#ede3cf",
    "newsprint": "#e2ddd1",
    "kraft": "#c19a6b",
    "grey": "#b9bbbd",
    "rose": "#f3dadb",
    "sky": "#d5e4ef",
    "sage": "#d6dfcf",
    "red": "#8e2330",
    "green": "#234436",
    "navy": "#1b2540",
    "black": "#161616",
}

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")


def hex_colour(text: str) -> str | None:
    """``#rrggbb`` of a colour written so or as ``#rgb``, None for another word."""
    if not _HEX.fullmatch(text):
        return None
    return text if len(text) == 7 else "#" + "".join(2 * digit for digit in text[1:])


def parse_paper_colour(text: str) -> str:
    """``#rrggbb`` of a paper's colour by name or in figures. Raises UserError, with near names, for another word."""
    name = text.strip().lower()
    colour = hex_colour(name) or PAPER_COLOURS.get(name)
    if colour is None:
        raise UserError(f"unknown paper colour '{text}'; {_others(name, PAPER_COLOURS)}, or write it as #rrggbb")
    return colour


def parse_palette(text: str) -> Mapping[str, str]:
    """The inks of a palette, or the pens of a set in the user's configuration, which goes first: a colour by each name,
    and a width as well if the set has one. Raises UserError for an unknown name."""
    name = text.strip().lower()
    known = {**PALETTES, **pen_sets()}
    if name not in known:
        raise UserError(f"unknown palette '{text}'; {_others(name, known)}")
    return known[name]


def palette_names() -> list[str]:
    """Of the palettes, and of the user's own sets of pens. Raises UserError for a broken configuration."""
    return sorted({**PALETTES, **pen_sets()})


def _others(name: str, known: Iterable[str]) -> str:
    near = near_names(name, known)
    return f"did you mean {' or '.join(near)}" if near else f"there are {', '.join(known)}"
