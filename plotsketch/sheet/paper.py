"""Lengths with units and sheets of paper, in millimetres."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from plotsketch.errors import UserError
from plotsketch.strokes.reference import near_names

MM_PER_UNIT = {
    "mm": 1.0,
    "cm": 10.0,
    "m": 1000.0,
    "in": 25.4,
    "inch": 25.4,
    '"': 25.4,
    "ft": 304.8,
    "pt": 25.4 / 72,
    "pc": 25.4 / 6,
    "px": 25.4 / 96,  # CSS pixels, as in SVG
}

# width and height in mm, standing
PAPERS = {
    "a0": (841.0, 1189.0),
    "a1": (594.0, 841.0),
    "a2": (420.0, 594.0),
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "a6": (105.0, 148.0),
    "a7": (74.0, 105.0),
    "b0": (1000.0, 1414.0),
    "b1": (707.0, 1000.0),
    "b2": (500.0, 707.0),
    "b3": (353.0, 500.0),
    "b4": (250.0, 353.0),
    "b5": (176.0, 250.0),
    "b6": (125.0, 176.0),
    "letter": (215.9, 279.4),
    "legal": (215.9, 355.6),
    "executive": (184.15, 266.7),
    "tabloid": (279.4, 431.8),
    "ansi-a": (215.9, 279.4),
    "ansi-b": (279.4, 431.8),
    "ansi-c": (431.8, 558.8),
    "ansi-d": (558.8, 863.6),
    "ansi-e": (863.6, 1117.6),
    "arch-a": (228.6, 304.8),
    "arch-b": (304.8, 457.2),
    "arch-c": (457.2, 609.6),
    "arch-d": (609.6, 914.4),
    "arch-e1": (762.0, 1066.8),
    "arch-e": (914.4, 1219.2),
    # what is sent and handed over
    "postcard": (105.0, 148.0),  # as an A6
    "us-postcard": (101.6, 152.4),  # 4 x 6 in
    "business-card": (55.0, 85.0),  # as printers in Europe trim it
    "us-business-card": (50.8, 88.9),  # 2 x 3.5 in
    # what frames are sold for
    "5x7in": (127.0, 177.8),
    "8x10in": (203.2, 254.0),
    "11x14in": (279.4, 355.6),
    "12x18in": (304.8, 457.2),
    "16x20in": (406.4, 508.0),
    "18x24in": (457.2, 609.6),
    "24x36in": (609.6, 914.4),
    "30x40cm": (300.0, 400.0),
    "40x50cm": (400.0, 500.0),
    "50x70cm": (500.0, 700.0),
    "70x100cm": (700.0, 1000.0),
}

_LENGTH = re.compile(r'([+-]?(?:\d+\.?\d*|\.\d+))\s*([a-z"]*)')
_SIZE = re.compile(r'(\d+\.?\d*|\.\d+)\s*([a-z"]*?)\s*[x×]\s*(\d+\.?\d*|\.\d+)\s*([a-z"]*)')


@dataclass(frozen=True)
class Paper:
    """A sheet of ``width`` by ``height`` millimetres, as it lies before the reader."""

    width: float
    height: float

    def turned(self, landscape: bool | None) -> Paper:
        """Lying (True), standing (False), or as it is (None)."""
        if landscape is None or landscape == (self.width > self.height):
            return self
        return replace(self, width=self.height, height=self.width)

    def __str__(self) -> str:
        return f"{self.width:g} x {self.height:g} mm"


def parse_length(text: str) -> float:
    """Millimetres of a length such as ``1cm``, ``0.5in`` or ``10`` (millimetres when no unit is given).

    Raises UserError for anything else, a negative length included.
    """
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None:
        raise UserError(f"'{text}' is not a length; write a number and a unit, such as 1cm or 0.5in")
    length = float(match[1]) * _unit(match[2], text)
    if length < 0 or not math.isfinite(length):
        raise UserError(f"the length '{text}' is below 0; give 0 or more")
    return length


def parse_paper(text: str, landscape: bool | None = None) -> Paper:
    """Paper from a name (``a4``, ``letter``) or a size (``300x200mm``, ``9x12in``, ``30cmx400mm``).

    A name stands upright and a size is taken as written unless ``landscape`` turns it. Raises UserError for
    an unknown name, with the near ones, and for a size of nothing.
    """
    name = text.strip().lower()
    if name in PAPERS:
        return Paper(*PAPERS[name]).turned(landscape)
    match = _SIZE.fullmatch(name)
    if match is None:
        raise UserError(f"unknown paper '{text}'; {_other_papers(name)}, or write a size such as 300x200mm")
    width, width_unit, height, height_unit = match.groups()
    paper = Paper(
        float(width) * _unit(width_unit or height_unit, text),
        float(height) * _unit(height_unit or width_unit, text),
    )
    if not (0 < paper.width < math.inf and 0 < paper.height < math.inf):
        raise UserError(f"paper '{text}' has no area; give a width and a height above 0")
    return paper.turned(landscape)


def _unit(name: str, text: str) -> float:
    if name and name not in MM_PER_UNIT:
        raise UserError(f"unknown unit '{name}' in '{text}'; known units: {', '.join(MM_PER_UNIT)}")
    return MM_PER_UNIT[name or "mm"]


def _other_papers(name: str) -> str:
    near = near_names(name, PAPERS)
    return f"did you mean {' or '.join(near)}" if near else f"known papers: {', '.join(PAPERS)}"
