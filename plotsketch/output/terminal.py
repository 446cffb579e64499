"""A sheet in a terminal: as a picture where the terminal says that it shows pictures, else in braille characters.

What a terminal can is read from the environment alone. Nothing is ever asked of the terminal itself: an answer may
never come, or land in what the user types next.

Protocols: sixel as in DEC's VT330/VT340 programmer reference manual, volume 2, chapter 14; kitty's graphics protocol as
in https://sw.kovidgoyal.net/kitty/graphics-protocol/.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Literal

import numpy as np
import vpype
from numpy.typing import NDArray
from PIL import Image

from plotsketch.output.braille import BITS, BLANK
from plotsketch.output.layers import page_size
from plotsketch.output.png import render

Kind = Literal["kitty", "sixel", "braille"]

CELL = (9, 18)  # pixels of a character where a picture's size is ours to choose; close to common fonts
COLOURS = 32  # of a sixel picture: a few inks and the greys between them and the paper
CHUNK = 4096  # bytes of base64 that kitty takes at a time
INKED = 96  # of 255: how much darker than the paper a braille dot's place must be
GREY = 48  # of 255: inks with less between their channels are shown in the terminal's own colour

KITTY_PROGRAMS = {"ghostty", "kitty"}
SIXEL_PROGRAMS = {"iterm.app", "wezterm", "mintty"}
SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")


def kind_of(environment: Mapping[str, str], is_terminal: bool) -> Kind:
    """What the terminal takes, by what it says of itself in the environment; braille where it says nothing."""
    term, program = environment.get("TERM", "").lower(), environment.get("TERM_PROGRAM", "").lower()
    between = "TMUX" in environment or term.startswith(("screen", "tmux"))  # they pass no pictures on
    if not is_terminal or between:
        return "braille"
    if "KITTY_WINDOW_ID" in environment or "kitty" in term or "ghostty" in term or program in KITTY_PROGRAMS:
        return "kitty"
    if program in SIXEL_PROGRAMS or term.startswith(SIXEL_TERMS) or "sixel" in term:
        return "sixel"
    return "braille"


def sheet_text(document: vpype.Document, kind: Kind, columns: int, rows: int) -> str:
    """The sheet as what is to be printed, with its last line ended.

    Braille takes all ``columns`` and as many lines as it needs, in colour (escape codes) where inks are coloured;
    pictures fit into ``columns`` by ``rows`` characters.
    """
    if kind == "braille":
        return braille(_rendered(document, 2 * columns))
    width, height = page_size(document)
    pixels = min(columns * CELL[0], rows * CELL[1] * width / height)
    image = _rendered(document, max(1, int(pixels)))
    return kitty(image) if kind == "kitty" else sixel(image)


def braille(image: Image.Image) -> str:
    """One character for 2 by 4 pixels, with a dot for each that has ink; coloured inks in their colour."""
    width, height = -(-image.width // 2), -(-image.height // 4)
    paper = Image.new("RGB", (2 * width, 4 * height), "white")
    paper.paste(image)
    pixels = np.asarray(paper).reshape(height, 4, width, 2, 3).transpose(0, 2, 1, 3, 4)
    dark = 255 - pixels.min(axis=-1)
    dots = ((dark >= INKED) * BITS).sum(axis=(2, 3))
    lines = (_line(row, inks) for row, inks in zip(dots, _inks(pixels, dark), strict=True))
    return "".join(f"{line}\n" for line in lines)


def sixel(image: Image.Image) -> str:
    """The picture in sixels: bands of six rows, in each of them one run of characters a colour."""
    indexed = image.quantize(COLOURS, dither=Image.Dither.NONE)
    palette = np.array(indexed.getpalette(), dtype=float).reshape(-1, 3)
    table = np.asarray(indexed)
    parts = ["\x1bPq", f'"1;1;{image.width};{image.height}']
    for number in np.unique(table).tolist():
        red, green, blue = (round(value / 2.55) for value in palette[number])
        parts.append(f"#{number};2;{red};{green};{blue}")
    for top in range(0, len(table), 6):
        parts.append("$".join(_band(table[top : top + 6])) + "-")
    return "".join([*parts, "\x1b\\\n"])


def kitty(image: Image.Image) -> str:
    """The picture as PNG in kitty's protocol, in chunks; q=2 keeps the terminal from answering."""
    file = io.BytesIO()
    image.save(file, "PNG")
    data = base64.standard_b64encode(file.getvalue()).decode()
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    parts = []
    for number, chunk in enumerate(chunks):
        first = "a=T,f=100,q=2," if number == 0 else ""
        parts.append(f"\x1b_G{first}m={int(number < len(chunks) - 1)};{chunk}\x1b\\")
    return "".join([*parts, "\n"])


def _rendered(document: vpype.Document, width: int) -> Image.Image:
    """The sheet ``width`` pixels wide, its lines a pixel wide at least: finer ones would fade to nothing."""
    return render(document, width / page_size(document)[0] * 25.4, finest=1.0)


def _inks(pixels: NDArray[np.uint8], dark: NDArray[np.uint8]) -> list[list[tuple[int, int, int] | None]]:
    """The colour of each character (h, w, 4, 2, 3): its darkest pixel's, None for blacks and greys."""
    height, width = pixels.shape[:2]
    darkest = dark.reshape(height, width, 8).argmax(axis=-1)[..., None, None]
    colours = np.take_along_axis(pixels.reshape(height, width, 8, 3), darkest, axis=2)[:, :, 0]
    coloured = np.ptp(colours, axis=-1) >= GREY
    return [
        [tuple(colour) if known else None for colour, known in zip(row, knowns, strict=True)]
        for row, knowns in zip(colours.tolist(), coloured.tolist(), strict=True)
    ]


def _line(dots: NDArray[np.int64], inks: list[tuple[int, int, int] | None]) -> str:
    """One line of braille, a colour's escape code before each run of it; empty places end no run."""
    cells = [(ink if dot else None, chr(BLANK + dot) if dot else " ") for dot, ink in zip(dots, inks, strict=True)]
    parts = []
    for ink, run in groupby(cells, key=lambda cell: cell[0]):
        text = "".join(character for _, character in run)
        parts.append(text if ink is None else f"\x1b[38;2;{ink[0]};{ink[1]};{ink[2]}m{text}\x1b[39m")
    return "".join(parts).rstrip()


def _band(rows: NDArray[np.uint8]) -> Iterator[str]:
    """Up to six rows of colour numbers, one text a colour."""
    weights = 1 << np.arange(len(rows))[:, None]
    for number in np.unique(rows).tolist():
        columns = ((rows == number) * weights).sum(axis=0)
        runs = ((chr(63 + value), len(list(run))) for value, run in groupby(columns.tolist()))
        yield f"#{number}" + "".join(f"!{count}{sign}" if count > 3 else sign * count for sign, count in runs)
