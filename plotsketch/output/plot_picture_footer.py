"""Under the board: what the plot takes, and which pens it needs."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from plotsketch.clock import clock, counted
from plotsketch.lines.times import Times
from plotsketch.output.layers import Layer

TEXT, PALE, PANEL = "#2b2925", "#7d776d", "#f6f4f0"
MOST_LAYERS = 24  # in the legend; the others are counted
SMALLEST = 12  # pixels of a letter
LEAST_WIDTH = 32  # letters' heights: narrower boards get desk beside them

# Dark to light, apart for eyes of every kind, and none so pale that it is lost on paper.
FIRST_TO_LAST = ((20, 20, 140), (126, 20, 168), (200, 62, 110), (236, 118, 50), (232, 158, 20))


@dataclass(frozen=True)
class Figures:
    """What stands in the footer: ``layers`` with their ``times``, on a machine called ``machine``."""

    title: str
    machine: str
    page: tuple[float, float]
    layers: Sequence[Layer]
    times: Sequence[Times]

    @property
    def total(self) -> Times:
        return sum(self.times, start=Times())


def shade(share: float) -> str:
    """The colour of what is drawn when so much of the way from the first stroke to the last is done."""
    place = min(max(share, 0.0), 1.0) * (len(FIRST_TO_LAST) - 1)
    low = min(int(place), len(FIRST_TO_LAST) - 2)
    channels = (a + (b - a) * (place - low) for a, b in zip(*FIRST_TO_LAST[low : low + 2], strict=True))
    return "#" + "".join(f"{round(channel):02x}" for channel in channels)


def letter_size(width: int, height: int) -> int:
    """Pixels of a usual letter in a picture of that size."""
    return max(SMALLEST, round(math.sqrt(width * height) / 72))


def plain(text: str) -> str:
    """In the letters of the font that comes with Pillow: those of ASCII and the middle dot."""
    folded = unicodedata.normalize("NFKD", text)
    kept = (char for char in folded if not unicodedata.combining(char))
    return "".join(char if char == "·" or " " <= char <= "~" else "?" for char in kept)


def footer(figures: Figures, width: int, letter: int, scale: float, order: tuple[float, float] | None) -> Image.Image:
    """A panel of ``width`` pixels; pens in the legend are as wide as on a board of ``scale`` pixels a mm.

    ``order``: when the first and the last stroke begin, where colours tell that.
    """
    panel = _Panel(width, letter)
    panel.head(figures)
    if order is not None:
        panel.ramp(order)
    panel.legend(figures, scale, coloured=order is None)
    return panel.image()


class _Panel:
    """Rows of text, drawn on a strip that is cut off under the last of them."""

    def __init__(self, width: int, letter: int) -> None:
        self.letter, self.pad, self.y = letter, letter, 0.8 * letter
        self.wide = width
        self.small = ImageFont.load_default(letter)
        self.large = ImageFont.load_default(2 * letter)
        self.strip = Image.new("RGB", (width, letter * (14 + 2 * MOST_LAYERS)), PANEL)
        self.draw = ImageDraw.Draw(self.strip)

    def head(self, figures: Figures) -> None:
        """The time, large; what and whose it is, and the other figures, beside or below it."""
        total = figures.total
        width, height = figures.page
        sizes = f"{width:.4g} x {height:.4g} mm"
        parts = [f"{total.ink_mm / 1000:.2f} m ink", f"{total.travel_mm / 1000:.2f} m travel"]
        parts += [counted(total.strokes, "stroke"), counted(total.lifts, "lift")]
        if total.pen_changes:
            parts.append(counted(total.pen_changes, "pen change"))
        time = clock(total.seconds)
        self.draw.text((self.pad, self.y), time, TEXT, self.large)
        indent = self.pad + self.large.getlength(time) + self.letter
        first = self._flow([figures.title, sizes, f"on {figures.machine}"], indent, self.y - 0.1 * self.letter, TEXT)
        self.y = max(self._flow(parts, indent, first, PALE), self.y + 2.6 * self.letter) + 0.5 * self.letter

    def _flow(self, parts: Sequence[str], indent: float, top: float, colour: str) -> float:
        """Parts with dots between them, in as many lines as they need; the place of the next line."""
        line = ""
        for part in map(plain, parts):
            longer = f"{line} · {part}" if line else part
            if line and indent + self.small.getlength(longer) > self.wide - self.pad:
                self.draw.text((indent, top), line, colour, self.small)
                line, top = part, top + 1.35 * self.letter
            else:
                line = longer
        self.draw.text((indent, top), line, colour, self.small)
        return top + 1.35 * self.letter

    def ramp(self, order: tuple[float, float]) -> None:
        """From the first stroke's colour to the last one's, with the times at which they begin."""
        first, last = (f"{word} {clock(second)}" for word, second in zip(("first", "last"), order, strict=True))
        left = self.pad + self.small.getlength(first) + 0.6 * self.letter
        right = self.wide - self.pad - self.small.getlength(last) - 0.6 * self.letter
        self.draw.text((self.pad, self.y), first, PALE, self.small)
        self.draw.text((right + 0.6 * self.letter, self.y), last, PALE, self.small)
        for x in range(round(left), round(right)):
            column = (x, self.y + 0.25 * self.letter, x, self.y + 0.95 * self.letter)
            self.draw.rectangle(column, shade((x - left) / max(right - left - 1, 1)))
        self.y += 1.8 * self.letter

    def legend(self, figures: Figures, scale: float, *, coloured: bool) -> None:
        """A pen's line, number, name, colour and width for each layer, in as many columns as there is room for."""
        pens = list(zip(figures.layers, figures.times, strict=True))[:MOST_LAYERS]
        texts = [self._entry(layer, times, alone=len(figures.layers) == 1) for layer, times in pens]
        sample = 2.4 * self.letter
        widest = max(self.small.getlength(text) for text in texts) + sample + 2 * self.letter
        columns = max(1, min(len(texts), int((self.wide - 1.5 * self.pad) // widest)))
        rows = -(-len(texts) // columns)
        for number, ((layer, _), text) in enumerate(zip(pens, texts, strict=True)):
            x = self.pad + (number // rows) * widest
            y = self.y + (number % rows) * 1.6 * self.letter
            middle, thick = y + 0.6 * self.letter, min(max(1, round(layer.pen_width * scale)), self.letter)
            if coloured:
                self.draw.line((x, middle, x + sample - 0.6 * self.letter, middle), layer.colour, thick)
            self.draw.text((x + sample * coloured, y), text, TEXT, self.small)
        self.y += rows * 1.6 * self.letter
        if (rest := len(figures.layers) - len(pens)) > 0:
            self.draw.text((self.pad, self.y), f"and {counted(rest, 'layer')} more", PALE, self.small)
            self.y += 1.6 * self.letter

    def _entry(self, layer: Layer, times: Times, *, alone: bool) -> str:
        parts = [plain(layer.label), layer.colour, f"{layer.pen_width:.2g} mm"]
        if not alone:
            parts.append("not plotted" if layer.code.skip else clock(times.seconds))
        text = " · ".join(parts)
        while self.small.getlength(text) > self.wide - 5 * self.letter and len(parts[0]) > 4:
            parts[0] = parts[0][: len(parts[0]) * 3 // 4].rstrip(". ") + "..."
            text = " · ".join(parts)
        return text

    def image(self) -> Image.Image:
        return self.strip.crop((0, 0, self.wide, round(self.y + 0.4 * self.letter)))
