"""Words in single-stroke letters, as a pen writes them: Hershey's fonts, which come with vpype."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import islice

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.strokes.sketch import Sketch

PLAIN = "futural"
SCRIPT = "scripts"

LEAST_HEIGHT = 1.2  # mm of a capital that can still be read at arm's length
PENS_IN_HEIGHT = 4.0  # a capital of fewer pen widths closes up
DESCENT = 0.35  # of the capitals' height, below the line
LEADING = 1.7  # capitals' heights from one line to the next

# The fonts hold ASCII. Other letters are built of it: a plainer spelling, or an accent over the letter, drawn about
# (0, 0) in heights of a capital.
SPELLED = str.maketrans({
    "–": "-", "—": "-", "−": "-", "·": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "×": "x", "\xa0": " ",
    "ß": "ss", "ø": "oe", "Ø": "Oe", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe",
})  # fmt: skip
_RING = [(0.09 * np.cos(a), 0.09 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 9)]
ACCENTS: dict[str, list[list[tuple[float, float]]]] = {
    "\u0300": [[(-0.12, -0.08), (0.08, 0.08)]],  # grave
    "\u0301": [[(0.12, -0.08), (-0.08, 0.08)]],  # acute
    "\u0302": [[(-0.16, 0.08), (0, -0.08), (0.16, 0.08)]],  # circumflex
    "\u0303": [[(-0.18, 0.05), (-0.08, -0.05), (0.08, 0.05), (0.18, -0.05)]],  # tilde
    "\u0308": [[(-0.15, -0.03), (-0.15, 0.03)], [(0.15, -0.03), (0.15, 0.03)]],  # diaeresis
    "\u030a": [_RING],
    "\u030c": [[(-0.16, -0.08), (0, 0.08), (0.16, -0.08)]],  # caron
    "\u0327": [[(0, -0.1), (0.08, 0), (-0.08, 0.1)]],  # cedilla
}
BELOW = {"\u0327"}


def least_height(pen_width: float) -> float:
    """Millimetres of the smallest capitals that can be read when a pen of ``pen_width`` mm writes them."""
    return max(LEAST_HEIGHT, PENS_IN_HEIGHT * pen_width)


def written(text: str, height: float, font: str = PLAIN) -> Sketch:
    """``text`` with capitals ``height`` mm high: its ink begins at x = 0, and y = 0 is the line that it stands on.

    Raises UserError for a character that there are no letters for.
    """
    return _unit(text, font).scaled(height)


def width(text: str, font: str = PLAIN) -> float:
    """How long a text is for capitals of 1 mm."""
    sketch = _unit(text, font)
    return 0.0 if sketch.is_empty else sketch.bounds[2]


def reach(text: str, font: str = PLAIN) -> tuple[float, float]:
    """How far a text's ink goes above and below the line for capitals of 1 mm."""
    sketch = _unit(text, font)
    return (0.0, 0.0) if sketch.is_empty else (-sketch.bounds[1], sketch.bounds[3])


@lru_cache(maxsize=4096)
def _unit(text: str, font: str) -> Sketch:
    characters = unicodedata.normalize("NFD", text.translate(SPELLED))
    plain = "".join(character for character in characters if character not in ACCENTS)
    strokes = iter(_lines(plain, font))
    lines: list[NDArray[np.float64]] = []
    glyph: list[NDArray[np.float64]] = []
    for character in characters:
        if character in ACCENTS and glyph:
            lines += _accent(character, glyph)
            continue
        if not " " <= character <= "~":
            raise UserError(f"there is no single-stroke letter for {character!r} in '{text}'; write it without")
        glyph = list(islice(strokes, _stroke_count(character, font)))
        lines += glyph
    start = min((line[:, 0].min() for line in lines), default=0.0)
    return Sketch(tuple(lines)).translated(-start, 0.0)


def _lines(text: str, font: str) -> list[NDArray[np.float64]]:
    base, scale = _measure(font)
    return [(vpype.as_vector(line) - (0.0, base)) * scale for line in vpype.text_line(text, font, size=1.0)]


@lru_cache
def _stroke_count(character: str, font: str) -> int:
    return len(vpype.text_line(character, font, size=1.0))


@lru_cache
def _measure(font: str) -> tuple[float, float]:
    """Where the line is that letters of size 1 stand on, and what makes their capitals 1 high."""
    _, top, _, base = vpype.text_line("H", font, size=1.0).bounds() or (0.0, -1.0, 1.0, 0.0)
    return base, 1.0 / (base - top)


def _accent(mark: str, glyph: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Over (or under) the middle of a letter's ink."""
    ink = np.concatenate(glyph)
    low, high = ink.min(axis=0), ink.max(axis=0)
    middle = ((low[0] + high[0]) / 2, high[1] + 0.12 if mark in BELOW else low[1] - 0.2)
    return [np.array(line) + middle for line in ACCENTS[mark]]
