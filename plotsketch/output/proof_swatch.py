"""One repeat as a piece of endless printed surface, from a drawing or a picture, at any fineness."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import vpype
from numpy.typing import NDArray
from PIL import Image

from plotsketch.errors import UserError
from plotsketch.output.layers import MM_PER_PX, layers, page_size
from plotsketch.output.printing import WHITE, Printing
from plotsketch.output.raster import picture, rgb
from plotsketch.strokes.source import check_file

MOST_TEXELS = 30_000_000
FINEST = 0.8  # pixels: thinner lines would fade away in a picture that is far coarser than the print
DESCRIPTION = 270  # TIFF's tag for what a picture says of itself

Texture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Swatch:
    """A repeat of ``size`` (width, height mm); ``draw`` makes its picture with so many pixels across and down, which
    goes on seamlessly beyond each side."""

    size: tuple[float, float]
    draw: Callable[[int, int], Texture]

    def texture(self, density: float) -> Texture:
        """(height, width, 3) sRGB with about ``density`` pixels a mm, fewer where that would be too many in all."""
        width, height = self.size
        fitting = min(density, math.sqrt(MOST_TEXELS / (width * height)))
        return self.draw(max(1, round(width * fitting)), max(1, round(height * fitting)))

    def resized(self, width: float) -> Swatch:
        """The same repeat, ``width`` mm wide."""
        return Swatch((width, self.size[1] * width / self.size[0]), self.draw)


def swatch_of(document: vpype.Document, paper: str) -> Swatch:
    """The page of a document as the repeat, on paper of a colour (``#rrggbb``)."""
    size = page_size(document)

    def draw(across: int, down: int) -> Texture:
        grown = _seamless(document, across, down)
        drawn = picture(grown, 25.4, Printing(paper=paper), finest=FINEST)
        return np.concatenate(list(drawn.strips))

    return Swatch(size, draw)


def _seamless(document: vpype.Document, across: int, down: int) -> vpype.Document:
    """The document with a mm for each pixel, and with the ink that its neighbours leave on it."""
    width, height = page_size(document)
    result = vpype.Document(page_size=(across / MM_PER_PX, down / MM_PER_PX))
    per_mm = across / width
    for layer in layers(document):
        pen = layer.pen_width * per_mm
        reach = max(pen, FINEST)
        lines = [line * (per_mm, down / height) for line in layer.lines]
        copies = [copy for line in lines for copy in _wrapped(line, across, down, reach)]
        like = document.layers[layer.number]
        drawn = like.clone([line @ np.array([1, 1j]) / MM_PER_PX for line in copies])
        result.add(drawn, layer.number, with_metadata=True)
        result.layers[layer.number].set_property(vpype.METADATA_FIELD_PEN_WIDTH, pen / MM_PER_PX)
    return result


def _wrapped(line: NDArray[np.float64], across: int, down: int, reach: float) -> list[NDArray[np.float64]]:
    """The line and those of its repeats whose ink comes onto the page."""
    low, high = line.min(axis=0) - reach, line.max(axis=0) + reach
    shifts = [(x, y) for x in (0, -across, across) for y in (0, -down, down)]
    return [
        line + shift for shift in shifts if (high + shift > 0).all() and (low + shift < np.array([across, down])).all()
    ]


def read_swatch(path: Path, paper: str | None) -> Swatch:
    """A picture as the repeat, as large as its resolution says (96 dpi where it says none); ``paper`` (None: white) is
    behind what is transparent. Raises UserError for what is no picture, too large a one, one that our recipe says to
    have bleed or marks around it, and for paper behind a picture that hides it."""
    check_file(path)
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning), Image.open(path) as file:
            across, down = (float(dots) for dots in file.info.get("dpi", (96.0, 96.0)))
            if {"bleed", "marks"} & _wishes(file).keys():
                raise UserError(f"{path} has bleed or marks around its repeat; write the tile without them")
            if paper is not None and not _is_transparent(file):
                raise UserError(f"{path} has its own paper; write it with --transparent, or leave --paper-colour out")
            image = _opaque(file, paper or WHITE)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UserError(f"{path} has more pixels than a proof can use; give the repeat as SVG, or fewer dpi") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(f"{path} is no picture that can be read; give a PNG, TIFF or SVG of one repeat") from error
    if not (across > 0 and down > 0):
        across = down = 96.0
    size = (image.width / across * 25.4, image.height / down * 25.4)
    return Swatch(size, lambda wide, high: _scaled(image, wide, high))


def _wishes(file: Image.Image) -> dict[str, object]:
    """What a picture of ours says that the printer was to do; nothing for others."""
    note = file.info.get("plotsketch") or getattr(file, "tag_v2", {}).get(DESCRIPTION)
    try:
        return dict(json.loads(str(note))["print"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}


def _is_transparent(file: Image.Image) -> bool:
    return file.mode in ("RGBA", "LA", "PA") or "transparency" in file.info


def _opaque(file: Image.Image, paper: str) -> Image.Image:
    if _is_transparent(file):
        image = file.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, rgb(paper)), image).convert("RGB")
    return file.convert("RGB")


def _scaled(image: Image.Image, wide: int, high: int) -> Texture:
    """Pixels of the picture averaged, with its other side beyond each edge."""
    new = zip(image.size, (wide, high), strict=True)
    edge_x, edge_y = (min(before, 4 * math.ceil(before / after) + 1) for before, after in new)
    whole = Image.new("RGB", (image.width + 2 * edge_x, image.height + 2 * edge_y))
    for x in (edge_x - image.width, edge_x, edge_x + image.width):
        for y in (edge_y - image.height, edge_y, edge_y + image.height):
            whole.paste(image, (x, y))
    box = (edge_x, edge_y, edge_x + image.width, edge_y + image.height)
    return np.asarray(whole.resize((wide, high), Image.Resampling.BICUBIC, box=box))
