"""The formats that a sheet is written in, told apart by the file's suffix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from plotsketch.errors import UserError
from plotsketch.files import check_writable, write_atomically

if TYPE_CHECKING:
    import vpype

SUFFIXES = (".svg", ".png")
FINEST = 10_000  # dots an inch
MOST_PIXELS = 300_000_000  # 1.2 GB of memory; A0 at 400 dpi has 248 million


def check_outputs(paths: Iterable[Path], page: tuple[float, float], *, dpi: float) -> None:
    """Raises UserError, before any work, for files that could not be written after it.

    These are a suffix that has no format, a place that cannot be written, and a picture of a ``page`` (width
    and height in mm) that has no or far too many pixels.
    """
    for path in paths:
        check_format(path)
        if path.suffix.lower() == ".png":
            picture_size(page, dpi)
        check_writable(path)


def check_format(path: Path) -> None:
    """Raises UserError for a suffix that has no format."""
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"no format for {path}; end the name in {' or '.join(SUFFIXES)}")


def picture_size(page: tuple[float, float], dpi: float) -> tuple[int, int]:
    """Pixels of a picture of a ``page`` in mm. Raises UserError when there are none or far too many."""
    if not 0 < dpi <= FINEST:
        raise UserError(f"--dpi is {dpi:g}; give a number above 0 and up to {FINEST}, such as 150")
    width, height = (round(size / 25.4 * dpi) for size in page)
    if width < 1 or height < 1 or width * height > MOST_PIXELS:
        raise UserError(f"a PNG of {width} x {height} pixels cannot be made; choose another --dpi than {dpi:g}")
    return width, height


def write_sheet(path: Path, document: vpype.Document, recipe: Mapping[str, object], *, dpi: float) -> None:
    """Writes one file; ``dpi`` matters to pictures alone. Raises UserError when it cannot be written, and for a suffix
    that has no format."""
    check_format(path)
    if path.suffix.lower() == ".svg":
        from plotsketch.output.svg import svg_bytes

        write_atomically(path, svg_bytes(document, recipe))
    else:
        from plotsketch.output.png import png_bytes

        write_atomically(path, png_bytes(document, recipe, dpi))
