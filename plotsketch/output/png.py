"""A sheet as PNG, written from the top down, and as a picture in memory.

The format: W3C, Portable Network Graphics (PNG) Specification (Third Edition).
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np
import vpype
from PIL import Image

from plotsketch.output.printing import PLAIN, Printing
from plotsketch.output.raster import Raster, picture

COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # by the number of channels
PERCEPTUAL = 0  # how a sheet's colours, which are sRGB, are fitted to a printer's
LEVEL = 6  # of zlib; higher ones take much longer for hardly any bytes


def png_bytes(document: vpype.Document, recipe: Mapping[str, object], dpi: float, printing: Printing = PLAIN) -> bytes:
    """The file: pixels round(mm / 25.4 * dpi), the resolution and the recipe (as JSON under ``plotsketch``).

    Raises UserError when the resolution makes a picture of no or of far too many pixels.
    """
    file = io.BytesIO()
    write_png(file, picture(document, dpi, printing), dpi, noted(recipe, dpi, printing))
    return file.getvalue()


def render(document: vpype.Document, dpi: float, finest: float = 0.0) -> Image.Image:
    """The sheet on white paper, layers on top of one another in the order of their numbers.

    No line is thinner than ``finest`` pixels.
    """
    return Image.fromarray(np.concatenate(list(picture(document, dpi, finest=finest).strips)))


def noted(recipe: Mapping[str, object], dpi: float, printing: Printing) -> str:
    """The recipe of a picture, as JSON."""
    wishes = printing.to_dict()
    return json.dumps({**recipe, "dpi": dpi, **({"print": wishes} if wishes else {})}, sort_keys=True)


def write_png(file: BinaryIO, raster: Raster, dpi: float, note: str) -> None:
    """Writes a picture as it is made; ``note`` (ASCII) stands under ``plotsketch``."""
    file.write(b"\x89PNG\r\n\x1a\n")
    kind = COLOUR_TYPES[raster.channels]
    _chunk(file, b"IHDR", struct.pack(">IIBBBBB", raster.width, raster.height, 8, kind, 0, 0, 0))
    if raster.channels > 1:
        _chunk(file, b"sRGB", bytes([PERCEPTUAL]))
    per_metre = round(dpi / 0.0254)
    _chunk(file, b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
    _chunk(file, b"tEXt", b"plotsketch\0" + note.encode("ascii"))
    squeeze = zlib.compressobj(LEVEL)
    for strip in raster.strips:
        lines = np.zeros((len(strip), 1 + raster.width * raster.channels), dtype=np.uint8)  # 0: no filter
        lines[:, 1:] = strip.reshape(len(strip), -1)
        _chunk(file, b"IDAT", squeeze.compress(lines.data))
    _chunk(file, b"IDAT", squeeze.flush())
    _chunk(file, b"IEND", b"")


def _chunk(file: BinaryIO, name: bytes, data: bytes) -> None:
    file.write(struct.pack(">I", len(data)) + name)
    file.write(data)
    file.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))
