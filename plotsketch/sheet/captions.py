"""Captions: what stands under a drawing, and where each of its lines is written."""

from __future__ import annotations

from plotsketch.sheet.cells import Cell
from plotsketch.sheet.letters import LEADING, width, written
from plotsketch.strokes.figure import Figure
from plotsketch.strokes.sketch import Sketch


def is_sign(figure: Figure) -> bool:
    """Whether a figure is a sign between drawings (+, =), which has neither caption nor frame."""
    return bool(figure.parts) and all(part.role == "sign" for part in figure.parts)


def captions(figure: Figure, which: str | None) -> list[str]:
    """The lines under a figure: its cell's reference, its label (where it has one), or both."""
    if which is None or is_sign(figure):
        return []
    lines = [figure.reference] if which in ("references", "both") else []
    return lines + ([figure.label] if which in ("labels", "both") and figure.label else [])


def caption_lines(figure: Figure, which: str | None, cell: Cell) -> list[Sketch]:
    """The caption as lines of a pen, in the middle under the drawing."""
    sketches = []
    for number, text in enumerate(captions(figure, which)):
        left = cell.x - cell.letters * width(text) / 2
        sketches.append(written(text, cell.letters).translated(left, cell.line + number * LEADING * cell.letters))
    return sketches
