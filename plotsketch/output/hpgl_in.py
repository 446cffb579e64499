"""HP-GL from anywhere as a document: true size, a layer a pen, on the paper that it is for where that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.output.hpgl_device import HpglDevice, generic_device, hpgl_device
from plotsketch.output.hpgl_paper import Paper, lay
from plotsketch.output.hpgl_pen import Pen
from plotsketch.output.hpgl_words import instructions
from plotsketch.output.layers import FILE_SPEED, LEFT_OUT, MM_PER_PX, mean_speed

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

BORDER = 10.0  # mm around a drawing of which the paper is not known
SLACK = 2.0  # plotter units that may lie beyond a paper's reach
LARGEST_PS = 10.0  # PS with larger numbers names lengths, not a kind of paper
# A pen has no colour in HP-GL; these tell pens apart, in an order that many carousels had.
COLOURS = ("black", "red", "green", "blue", "darkorange", "purple", "brown", "deeppink")


@dataclass(frozen=True)
class Drawing:
    """What a file draws: the lines of each pen, in plotter units, from ``low`` to ``high``, and what VS says of each,
    in cm/s; what PS said; whether the file has axes of its own, which hang on the paper; how many ``texts`` it has."""

    lines: dict[int, list[Complexes]]
    speeds: dict[int, list[float]]
    low: Floats
    high: Floats
    ps: tuple[float, ...]
    own_axes: bool
    texts: int


def document_of(data: bytes, name: str, machine: Machine | None = None) -> vpype.Document:
    """The drawing in HP-GL, or HP-GL/2, that is meant for ``machine``; None is the generic plotter.

    Lines are as the plotter would draw them, arcs in its chords, a dot as a line to where it is; layer n is what pen n
    draws, at the speed that VS gives it (of several the mean). Fills and line types are left out; of filled shapes the
    outline is drawn. Texts (LB) are not drawn, and the document's property `LEFT_OUT` says so. The page is the one that
    PS names, or the first of the machine's papers that PS and the drawing agree with, seen with the plotter's x axis
    across; else the drawing's bounds and 10 mm around them.

    Raises UserError, naming ``name``, for what is no HP-GL, draws nothing, or draws too much.
    """
    device = hpgl_device(machine) if machine is not None else generic_device()
    drawing = _drawing(data, name, next(iter(device.papers.values())))
    paper = _paper(device, drawing)
    if paper is not None and drawing.own_axes:
        drawing = _drawing(data, name, paper)
    document = vpype.Document()
    size, back, offset = _page(drawing, device, paper)
    for number, lines in drawing.lines.items():
        document.add(vpype.LineCollection([_px(line, back, offset) for line in lines]), number)
        document.layers[number].set_property(vpype.METADATA_FIELD_NAME, f"pen {number}")
        colour = vpype.Color(COLOURS[(number - 1) % len(COLOURS)])
        document.layers[number].set_property(vpype.METADATA_FIELD_COLOR, colour)
        lengths = np.array([float(np.abs(np.diff(line)).sum()) for line in lines])
        speed = _speed(lengths, np.array(drawing.speeds[number]), device)
        document.layers[number].set_property(FILE_SPEED, speed)
    document.page_size = (size[0] / MM_PER_PX, size[1] / MM_PER_PX)
    plural = "s" * (drawing.texts > 1)
    document.set_property(LEFT_OUT, (f"{drawing.texts} text{plural} (LB) not drawn",) if drawing.texts else ())
    return document


def _drawing(data: bytes, name: str, paper: Paper) -> Drawing:
    frame = paper.frame or paper.area or (0.0, 0.0, 10000.0, 7200.0)
    corner = paper.area[2:] if paper.area is not None and paper.origin_from != "centre" else None
    pen = Pen(frame, corner, name)
    own_axes, texts = False, 0
    with np.errstate(over="ignore", invalid="ignore"):  # the pen refuses what comes of it
        for instruction in instructions(data, name):
            own_axes = own_axes or instruction.word in ("SC", "RO")
            texts += instruction.word == "LB"
            pen.follow(instruction)
    lines = {number: [_with_ends(line) for line in lines] for number, lines in sorted(pen.lines.items()) if lines}
    speeds = pen.speeds
    bare = lines.pop(0, [])
    if not lines and bare:
        lines[1], speeds[1] = bare, speeds[0]  # a cutter's file, which has no pens
    if not lines:
        raise UserError(f"{name} draws nothing: no pen is put down in it (texts are not read)")
    points = np.concatenate([line for own in lines.values() for line in own])
    low, high = (np.array([end(points.real), end(points.imag)]) for end in (np.min, np.max))
    return Drawing(lines, speeds, low, high, pen.paper, own_axes, texts)


def _speed(lengths: Floats, velocities: Floats, device: HpglDevice) -> float | None:
    """mm/s at which a pen draws lines of ``lengths`` by what VS says of each in cm/s; None where it says nothing.

    A plotter goes no faster than it can, and as fast where nothing is said.
    """
    if np.isnan(velocities).all():
        return None
    most = device.velocity[1] if device.velocity is not None else math.inf
    known = np.where(np.isnan(velocities), most, np.minimum(velocities, most))
    return mean_speed(lengths, 10 * known)


def _with_ends(line: list[complex]) -> Complexes:
    """A line as an array; a dot gets a second point."""
    return np.array(line if len(line) > 1 else line * 2, dtype=np.complex128)


def _paper(device: HpglDevice, drawing: Drawing) -> Paper | None:
    """The paper that the file is for, if that can be told; the generic plotter's has no size."""
    sized = [paper for paper in device.papers.values() if paper.size is not None]
    if len(drawing.ps) == 1:
        # a profile names one number; the 7475A, which has PS, takes 0 to 3 and 4 to 127 for the same
        meant = [paper for paper in sized if paper.ps is not None and (paper.ps < 4) == (drawing.ps[0] < 4)]
        sized = meant or sized
    return next((paper for paper in sized if _holds(paper, device, drawing)), None)


def _holds(paper: Paper, device: HpglDevice, drawing: Drawing) -> bool:
    x0, y0, x1, y1 = lay(paper, paper.size or (1.0, 1.0), device.unit).reach
    return bool((drawing.low >= (x0 - SLACK, y0 - SLACK)).all() and (drawing.high <= (x1 + SLACK, y1 + SLACK)).all())


def _page(drawing: Drawing, device: HpglDevice, paper: Paper | None) -> tuple[tuple[float, float], Floats, Floats]:
    """The page's size in mm, and what ``mm = (units - offset) @ back`` needs."""
    if paper is not None and paper.size is not None:
        place = lay(paper, paper.size, device.unit)
        return paper.size, np.linalg.inv(place.matrix).astype(np.float64), place.offset
    low, high, border = drawing.low, drawing.high, BORDER / device.unit
    lengths = len(drawing.ps) == 2 and min(drawing.ps) > LARGEST_PS  # HP-GL/2: of the page, in plotter units
    if lengths and low.min() >= 0 and (high <= drawing.ps).all():
        low, high, border = np.zeros(2), np.array(drawing.ps), 0.0
    width, height = (high - low + 2 * border) * device.unit
    corner = np.array([low[0] - border, high[1] + border])
    return (float(width), float(height)), np.diag([device.unit, -device.unit]), corner


def _px(line: Complexes, back: Floats, offset: Floats) -> Complexes:
    mm = (np.stack([line.real, line.imag], axis=1) - offset) @ back
    found: Complexes = mm @ np.array([1, 1j]) / MM_PER_PX
    return found
