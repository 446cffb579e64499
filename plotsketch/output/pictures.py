"""Pictures of a sheet as files, PNG or TIFF: all inks together, and each by itself as a grey plate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

import vpype

from plotsketch.output.layers import page_size
from plotsketch.output.png import noted, write_png
from plotsketch.output.printing import Printing
from plotsketch.output.raster import Canvas, Raster, picture, plate
from plotsketch.output.separations import separations
from plotsketch.output.tiff import write_tiff

Content = Callable[[BinaryIO], None]
Recipe = Mapping[str, object]


def picture_content(suffix: str, document: vpype.Document, recipe: Recipe, dpi: float, printing: Printing) -> Content:
    """What writes the picture into an open file. Raises UserError where it would have no or far too many pixels."""
    return _content(suffix, picture(document, dpi, printing), dpi, noted(recipe, dpi, printing))


def plate_contents(
    path: Path, document: vpype.Document, recipe: Recipe, dpi: float, printing: Printing
) -> Iterator[tuple[Path, Content]]:
    """The files of all inks beside the picture ``path``, and what writes each; plates are as large as the picture."""
    canvas = Canvas(page_size(document), dpi, printing)
    for ink in separations(document):
        note = noted({**recipe, "plate": {"number": ink.number, "ink": ink.name, "colour": ink.colour}}, dpi, printing)
        yield ink.plate(path), _content(path.suffix.lower(), plate(ink.layers, canvas), dpi, note)


def _content(suffix: str, raster: Raster, dpi: float, note: str) -> Content:
    write = write_png if suffix == ".png" else write_tiff
    return partial(write, raster=raster, dpi=dpi, note=note)
