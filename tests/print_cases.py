"""Documents and readers that the tests of print files share."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import vpype
from PIL import Image

from plotsketch.output.layers import FILLED
from plotsketch.sheet.document import Pen, to_layers
from plotsketch.sheet.paper import Paper
from plotsketch.strokes.sketch import Sketch

RECIPE = {"seed": 7, "corners": ["größe.svg"], "version": "1.2", "model": "catpig", "digest": "0123456789ab"}
BLACK, RED, BLUE = Pen("black", 1.0), Pen("dark red", 2.0, "#cc0000"), Pen("blue", 0.4, "#0000cc")


def sheet(drawn: dict[Pen, list[list[tuple[float, float]]]], paper: Paper = Paper(60, 40)) -> vpype.Document:  # noqa: B008
    """Lines in mm by their pens."""
    lines = {pen: [Sketch(tuple(np.array(line, dtype=float) for line in drawn[pen]))] for pen in drawn}
    return to_layers(lines, paper)


def three_inks() -> vpype.Document:
    """Lines that cross one another and the page's edges, in three pens and four layers: the fourth is black again."""
    document = sheet(
        {
            BLACK: [[(5, 5), (55, 35), (70, 3)], [(30, -9), (30, 50)]],
            RED: [[(-8, 20), (68, 20)], [(50, 30), (50.1, 30)]],
            BLUE: [[(3, 38), (57, 2)], [(10, 10), (20, 30), (40, 10)]],
        }
    )
    thin = sheet({Pen("again", 0.3, BLACK.colour): [[(2, 2), (8, 37)]]})
    document.add(thin.layers[1], 4, with_metadata=True)
    return document


def filled(*rings: list[tuple[float, float]], width: float = 0.001) -> vpype.Document:
    document = sheet({Pen("black", width): [[*ring, ring[0]] for ring in rings]})
    document.layers[1].set_property(FILLED, True)
    return document


def pdf_pages(path: Path, reader: str, dpi: float) -> list[np.ndarray]:
    """The pages of a PDF as another program shows them: (height, width, 3), 0 to 255. Skips where it is absent."""
    if reader == "pdfium":
        pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed: pip install plotsketch[dev]")
        with pdfium.PdfDocument(path) as file:
            return [np.asarray(page.render(scale=dpi / 72).to_pil().convert("RGB")) for page in file]
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed; it comes with poppler-utils")
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", str(path), str(path.with_suffix(""))], check=True)
    return [np.asarray(Image.open(page).convert("RGB")) for page in sorted(path.parent.glob(f"{path.stem}-*.png"))]
