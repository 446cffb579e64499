"""A sheet as PNG: every line as wide as its pen, with round ends and joins, at a given resolution."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import vpype
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from plotsketch.output.formats import picture_size
from plotsketch.output.layers import Layer, layers, page_size

LONGEST_PIECE = 32.0  # pixels; the box around a long slanting piece would hold mostly white


def png_bytes(document: vpype.Document, recipe: Mapping[str, object], dpi: float) -> bytes:
    """The file: pixels round(mm / 25.4 * dpi), the resolution and the recipe (as JSON under ``plotsketch``).

    Raises UserError when the resolution makes a picture of no or of far too many pixels.
    """
    notes = PngInfo()
    notes.add_text("plotsketch", json.dumps({**recipe, "dpi": dpi}, sort_keys=True))
    file = io.BytesIO()
    render(document, dpi).save(file, "PNG", dpi=(dpi, dpi), pnginfo=notes)
    return file.getvalue()


def render(document: vpype.Document, dpi: float, finest: float = 0.0) -> Image.Image:
    """The sheet on white paper, layers on top of one another in the order of their numbers.

    No line is thinner than ``finest`` pixels.
    """
    sheet = Image.new("RGB", picture_size(page_size(document), dpi), "white")
    for layer in layers(document):
        width = max(layer.pen_width, finest * 25.4 / dpi)
        coverage = _coverage(replace(layer, pen_width=width), sheet.size, dpi / 25.4)
        sheet.paste(layer.colour, (0, 0), Image.fromarray(coverage))
    return sheet


def _coverage(layer: Layer, size: tuple[int, int], scale: float) -> NDArray[np.uint8]:
    """How much of each pixel (height, width) the layer's ink covers, 0 to 255."""
    covered = np.zeros(size[::-1], dtype=np.uint8)
    for line in layer.lines:
        for start, end in pairwise(line * scale):
            for a, b in _pieces(start, end):
                _draw(covered, a, b, layer.pen_width * scale / 2)
    return covered


def _pieces(start: NDArray[np.float64], end: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """The segment cut into equal pieces (2, 2) no longer than LONGEST_PIECE."""
    count = max(1, int(np.ceil(np.hypot(*(end - start)) / LONGEST_PIECE)))
    ends = start + np.linspace(0, 1, count + 1)[:, None] * (end - start)
    yield from (ends[i : i + 2] for i in range(count))


def _draw(covered: NDArray[np.uint8], a: NDArray[np.float64], b: NDArray[np.float64], radius: float) -> None:
    """Adds the ink of a round pen that goes from ``a`` to ``b``, in pixels.

    A pixel is covered as far as the pen's width overlaps the pixel's, both measured across the line. That hangs
    on the distance to the line alone, so pieces and joins that overlap leave no seam under a maximum.
    """
    low = np.maximum(np.floor(np.minimum(a, b) - radius - 1), 0).astype(int)
    high = np.maximum(np.ceil(np.maximum(a, b) + radius + 1), 0).astype(int)
    window = covered[low[1] : high[1], low[0] : high[0]]
    x = low[0] + np.arange(window.shape[1]) + 0.5 - a[0]
    y = (low[1] + np.arange(window.shape[0]) + 0.5 - a[1])[:, None]
    dx, dy = b - a
    along = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-12), 0, 1)
    distance = np.hypot(x - along * dx, y - along * dy)
    overlap = np.minimum(distance + radius, 0.5) - np.maximum(distance - radius, -0.5)
    np.maximum(window, np.round(overlap.clip(0, 1) * 255).astype(np.uint8), out=window)
