"""Small pictures of sheets, for the contact sheet of a run's report."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plotsketch.errors import UserError
from plotsketch.files import write_atomically
from plotsketch.output.formats import PLOTTER_FILES
from plotsketch.output.printing import PICTURES

if TYPE_CHECKING:
    import vpype
    from PIL import Image

PREVIEWS = "report-previews"  # the folder of small pictures in a run's folder
LONGER_SIDE = 320  # pixels: twice what the page shows, for fine screens
FINEST = 0.9  # pixels: thinner lines would hardly be seen
COLOURS = 32
LARGEST_FILE = 32 << 20  # bytes: reading more takes longer than a preview is worth
MOST_PIXELS = 60_000_000
DRAWINGS = (".svg", *PLOTTER_FILES)


def save_preview(folder: Path, digest: str, files: Sequence[Path]) -> None:
    """Makes the preview of a job's ``files`` in the run's ``folder``; none where there is no picture of them.

    Raises no UserError: a job whose files are there has not failed, and a full disk goes without.
    """
    picture = preview_from(files)
    if picture is not None:
        with contextlib.suppress(UserError):
            write_atomically(preview_path(folder, digest), picture)


def preview_path(folder: Path, digest: str) -> Path:
    """Where the report looks for the preview of the job with that ``digest``."""
    return folder / PREVIEWS / f"{digest}.png"


def preview_of(document: vpype.Document) -> bytes:
    """A PNG of a sheet, `LONGER_SIDE` pixels long, the same bytes for the same lines."""
    from plotsketch.output.layers import page_size
    from plotsketch.output.png import render

    return _packed(render(document, LONGER_SIDE / (max(page_size(document)) / 25.4), finest=FINEST))


def preview_from(files: Iterable[Path]) -> bytes | None:
    """A PNG of the sheet in a job's ``files``; None where none of them can be read, or only with long work."""
    ranked = sorted((file for file in files if _rank(file) >= 0), key=_rank)
    for file in ranked:
        try:
            if file.stat().st_size <= LARGEST_FILE and (made := _made(file)):
                return made
        # a preview is a courtesy: what cannot be read is shown without one
        except (UserError, OSError, ValueError, ArithmeticError):
            continue
    return None


def _rank(file: Path) -> int:
    """Lines are read before pictures, which may be large; -1: not at all."""
    known = (*DRAWINGS, *PICTURES, ".gif")
    suffix = file.suffix.lower()
    return known.index(suffix) if suffix in known else -1


def _made(file: Path) -> bytes | None:
    if file.suffix.lower() in DRAWINGS:
        from plotsketch.output.sheet_in import read_sheet

        document = read_sheet(file)
        return preview_of(document) if document.page_size else None
    from PIL import Image

    with Image.open(file) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            return None
        paper = Image.new("RGBA", picture.size, "white")
        return _packed(Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB"))


def _packed(picture: Image.Image) -> bytes:
    from PIL import Image

    picture.thumbnail((LONGER_SIDE, LONGER_SIDE))
    packed = io.BytesIO()
    # the method that keeps a colour of which there is little, such as a red signature's
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(packed, "png", optimize=True)
    return packed.getvalue()
