"""A repeat on one of the surfaces, and the files of such pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TypeAlias

from PIL import Image

from plotsketch.output.plot_picture import picture_bytes
from plotsketch.output.proof_swatch import Swatch

Picture: TypeAlias = Image.Image

DPI = 150.0
JPEG_QUALITY = 92
LONGEST_COMMENT = 65_000  # bytes that a JPEG's comment may have


def scene(on: str, swatch: Swatch, pixels: int, width: float, *, ribbon: bool) -> Picture:
    """The picture, ``pixels`` wide, of a ``wall``, ``cloth`` or ``box`` that is ``width`` mm wide."""
    if on == "wall":
        from plotsketch.output.proof_wall import wall

        return wall(swatch, pixels, width)
    if on == "cloth":
        from plotsketch.output.proof_cloth import cloth

        return cloth(swatch, pixels, width)
    from plotsketch.output.proof_box import box

    return box(swatch, pixels, width, ribbon)


def proof_bytes(picture: Picture, recipe: Mapping[str, object], suffix: str) -> bytes:
    """The file for a name that ends in ``suffix``: PNG, or JPEG with the recipe as its comment if that has room."""
    if suffix == ".png":
        return picture_bytes(picture, DPI, recipe)
    file = io.BytesIO()
    note = json.dumps(recipe, sort_keys=True).encode("ascii")
    comment = note if len(note) < LONGEST_COMMENT else b""
    picture.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0, comment=comment)
    return file.getvalue()
