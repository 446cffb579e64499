"""Seconds and memory of print files: pictures of large sheets, with and without plates, and PDF.

    python benchmarks/pictures.py

Motifs of random wiggles, 60 points each, by three pens. Each file is made in a process of its own; the first run
compiles what draws the pixels, so run it twice. `processor` is what a busy machine leaves honest; memory is the most
that the process held, its imports included.
"""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from plotsketch.output.formats import Medium, write_sheet
from plotsketch.output.printing import Printing
from plotsketch.sheet.document import Pen, to_layers
from plotsketch.sheet.paper import Paper
from plotsketch.strokes.sketch import Sketch

PENS = (Pen("navy", 0.4, "#1b2a5c"), Pen("crimson", 0.4, "#a8142f"), Pen("gold", 0.8, "#b8923a"))
CASES = (
    ("A4 at 1200 dpi", Paper(210, 297), 100, 1200, ".png", Printing()),
    ("A4 at 1200 dpi, transparent", Paper(210, 297), 100, 1200, ".png", Printing(transparent=True)),
    ("64 x 64 cm at 300 dpi", Paper(640, 640), 400, 300, ".png", Printing()),
    ("the same with three plates", Paper(640, 640), 400, 300, ".tif", Printing(plates=True)),
    ("the same at 1200 dpi", Paper(640, 640), 400, 1200, ".tif", Printing()),
    ("the same as PDF", Paper(640, 640), 400, 300, ".pdf", Printing(spot=True)),
    ("64 cm x 10 m at 300 dpi", Paper(640, 10_000), 5000, 300, ".png", Printing()),
)


def motifs(paper: Paper, count: int) -> dict[Pen, list[Sketch]]:
    """Wiggles of 60 points in about 12 strokes, anywhere on the paper."""
    draw = np.random.default_rng(7)
    drawn: dict[Pen, list[Sketch]] = {pen: [] for pen in PENS}
    size = 0.8 * (paper.width * paper.height / count) ** 0.5
    for number in range(count):
        steps = np.cumsum(draw.normal(0, size / 12, (12, 5, 2)), axis=1)
        places = draw.uniform(0, 1, 2) * (paper.width, paper.height) + draw.uniform(-size / 3, size / 3, (12, 1, 2))
        drawn[PENS[number % 3]].append(Sketch(tuple(steps + places)))
    return drawn


def measured(number: int) -> tuple[float, float, float, float]:
    """Seconds, processor seconds, megabytes of the process and of the files."""
    _, paper, count, dpi, suffix, printing = CASES[number]
    document = to_layers(motifs(paper, count), paper)
    with tempfile.TemporaryDirectory() as folder:
        start, work = time.monotonic(), time.process_time()
        files = write_sheet(Path(folder) / f"sheet{suffix}", document, {}, Medium(dpi=dpi, printing=printing))
        seconds, work = time.monotonic() - start, time.process_time() - work
        size = sum(file.stat().st_size for file in files)
    return seconds, work, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, size / 1e6


def main() -> None:
    print(f"{'':30}{'file':>6}{'s':>8}{'processor':>11}{'peak MB':>9}{'file MB':>9}")
    for number, (name, *_, suffix, _printing) in enumerate(CASES):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            seconds, work, peak, size = pool.apply(measured, (number,))
        print(f"{name:30}{suffix:>6}{seconds:8.1f}{work:11.1f}{peak:9.0f}{size:9.1f}", flush=True)


if __name__ == "__main__":
    main()
