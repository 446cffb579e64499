"""A contact sheet: some drawings of a training set with their class names, to see what is in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from plotsketch.files import write_atomically
from plotsketch.strokes.sketch import Line, Sketch
from plotsketch.training.dataset import TrainingSet

CELL = 132  # pixels of a cell's side, its label not counted
LABEL = 20  # pixels of height under it
MARGIN = 12  # pixels left free around a drawing
INK, PAPER, GREY = (24, 26, 34), (255, 255, 255), (110, 114, 124)
PEN = 1.7  # pixels
_FINE = 3  # lines are drawn this much larger and scaled down, which smooths them


def choose(data: TrainingSet, count: int, seed: int, candidates: NDArray[Any] | None = None) -> list[int]:
    """Up to ``count`` drawings, as evenly over the classes as they go, in the order of the class names.

    The choice hangs on ``seed`` and the set alone. ``candidates`` limits it to these indices.
    """
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(np.arange(len(data)) if candidates is None else candidates)
    labels = data.labels[shuffled]
    by_class = np.argsort(labels, kind="stable")
    firsts = np.searchsorted(labels[by_class], labels[by_class])
    turn = np.empty(len(shuffled), dtype=np.int64)  # how many of its class come before a drawing
    turn[by_class] = np.arange(len(shuffled)) - firsts
    taken = shuffled[np.argsort(turn, kind="stable")[:count]]
    return [int(index) for index in taken[np.argsort(data.labels[taken], kind="stable")]]


def draw_sheet(sketches: Sequence[Sketch], labels: Sequence[str], columns: int | None = None) -> Image.Image:
    """Sketches in rows from left to right, each fitted into its cell, with a label under it."""
    columns = columns or max(1, min(len(sketches), round(math.sqrt(1.4 * len(sketches)))))
    rows = math.ceil(len(sketches) / columns)
    sheet = Image.new("RGB", (columns * CELL, rows * (CELL + LABEL)), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=12)
    for index, (sketch, label) in enumerate(zip(sketches, labels, strict=True)):
        left, top = index % columns * CELL, index // columns * (CELL + LABEL)
        sheet.paste(_drawn(sketch), (left, top))
        text = _shortened(label, font, CELL - 8)
        pen.text((left + CELL / 2, top + CELL), text, GREY, font=font, anchor="ma")
    return sheet


def save_sheet(path: Path, data: TrainingSet, indices: Sequence[int], columns: int | None = None) -> None:
    """Write these drawings as a PNG, labelled with their classes; UserError if it cannot be."""
    sketches = [Sketch.from_stroke3(data.drawing(index)) for index in indices]
    image = draw_sheet(sketches, [str(data.names[data.labels[index]]) for index in indices], columns)

    def write(file: BinaryIO) -> None:
        image.save(file, "PNG")

    write_atomically(path, write)


def _drawn(sketch: Sketch) -> Image.Image:
    """One cell without its label."""
    tile = Image.new("L", (CELL * _FINE, CELL * _FINE), 0)
    pen, room = ImageDraw.Draw(tile), CELL - 2 * MARGIN
    for line in sketch.fit(room, room).translated(MARGIN, MARGIN).scaled(_FINE).lines:
        _stroke(pen, line, PEN * _FINE)
    cover = tile.resize((CELL, CELL), Image.Resampling.BOX)
    return Image.composite(Image.new("RGB", cover.size, INK), Image.new("RGB", cover.size, PAPER), cover)


def _stroke(pen: ImageDraw.ImageDraw, line: Line, width: float) -> None:
    """A line with round joins and ends; a dot is a disc half as wide again, to be seen."""
    pen.line([tuple(point) for point in line.tolist()], fill=255, width=round(width))
    radius = width / 2 * (1.5 if len(line) == 1 else 1)
    for x, y in line.tolist():
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _shortened(text: str, font: Any, width: float) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
