"""A sheet as HP-GL for one plotter: true to a plotter unit, and nothing that its buffer or its paper cannot hold."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.layer_speeds import velocity_of
from plotsketch.lines.machine import Machine
from plotsketch.output.fitting import Oversize, fitted
from plotsketch.output.hpgl_device import HpglDevice, LayerPen, hpgl_device
from plotsketch.output.hpgl_paper import Paper, Place, choose_paper, lay
from plotsketch.output.layers import Layer, check_numbers, layers, page_size, plotted

Ints = NDArray[np.int64]


def hpgl_bytes(
    document: vpype.Document,
    recipe: Mapping[str, object],
    machine: Machine,
    *,
    paper: str | None = None,
    oversize: Oversize = "refuse",
) -> bytes:
    """The file: ASCII, an instruction ends in ``;``, a stroke in a line of its own.

    The paper is the one of that name, or the machine's of the page's size; a page across it is turned to the left. One
    pen a layer, as `HpglDevice.pen` says; layers that their labels tell to skip are left out. VS is sent where a layer,
    by the profile or its label's code, or the machine's ``draw_speed`` is slower than the plotter's fastest. Points are
    rounded to plotter units one by one, so that no error adds up, and strokes that touch are drawn without a lift.

    Args:
        recipe: stands, as JSON in percent code, in a CO instruction where the plotter knows that one.

    Raises UserError for a machine without HP-GL, a page that is none of its papers, what lies beyond the pen's reach
    (see `fitted`), layers without a pen, and coordinates that are no numbers.
    """
    device, chosen, place, fitting = _laid(document, machine, paper, oversize)
    drawn = [layer for layer in layers(fitting) if layer.lines]
    pens = {layer.number: device.pen(layer.number) for layer in drawn}
    text = [*_start(device, chosen, recipe), *_body(device, machine, place, drawn, pens), *_end(device, chosen)]
    return "".join(f"{line}\n" for line in text).encode("ascii")


def check_hpgl(document: vpype.Document, machine: Machine, *, paper: str | None, oversize: Oversize) -> vpype.Document:
    """What of the document is drawn, all within the pen's reach. Raises UserError where `hpgl_bytes` would."""
    device, _, _, fitting = _laid(document, machine, paper, oversize)
    _usual_velocity(device, machine)
    for number, lines in fitting.layers.items():
        if not lines.is_empty():
            device.pen(number)
    return fitting


def _laid(
    document: vpype.Document, machine: Machine, paper: str | None, oversize: Oversize
) -> tuple[HpglDevice, Paper, Place, vpype.Document]:
    """The plotter, its paper, how the page lies on it, and what of the document is drawn, all within reach."""
    device = hpgl_device(machine)
    if document.page_size is None:
        raise UserError("the sheet has no size; give the SVG a width and a height")
    page = page_size(document)
    chosen = choose_paper(device.papers, page, paper, machine.title)
    place = lay(chosen, page, device.unit)
    check_numbers(document)
    return device, chosen, place, fitted(plotted(document), place.area(), oversize, f"{machine.title} on {chosen}")


def _start(device: HpglDevice, paper: Paper, recipe: Mapping[str, object]) -> Iterator[str]:
    yield "IN;"
    if device.comments and recipe:
        # no quotation mark, semicolon or control character may stand in a comment
        yield f'CO "{quote(json.dumps(recipe, sort_keys=True), safe=" {}[]:,.-_/")}";'
    if paper.ps is not None:
        yield f"PS{paper.ps};"
    yield "PA;"


def _body(
    device: HpglDevice, machine: Machine, place: Place, drawn: list[Layer], pens: Mapping[int, int]
) -> Iterator[str]:
    velocity, force = None, None  # as the plotter starts
    for layer in drawn:
        yield f"SP{pens[layer.number]};"
        speed, push = velocity_and_force(device, machine, layer.number, layer.code)
        if speed != velocity:
            yield setting("VS", speed)
        if push != force:
            yield setting("FS", push)
        velocity, force = speed, push
        yield from _strokes(device, place, layer)
        yield "PU;"


def velocity_and_force(
    device: HpglDevice, machine: Machine, number: int, code: LayerCode
) -> tuple[float | None, int | None]:
    """What a layer, by its number and its code (`lines.layer_speeds`), is drawn with: cm/s and FS's parameter; None
    leaves either to the plotter. Raises UserError for a machine whose ``draw_speed`` is below the plotter's slowest."""
    wanted = device.layers.get(number, LayerPen())
    usual = _usual_velocity(device, machine)
    velocity = velocity_of(device.velocity, wanted.velocity, code, file_speeds=machine.file_speeds)
    return velocity or usual, wanted.force


def setting(word: str, value: float | None) -> str:
    """VS or FS; without a parameter the plotter goes back to what it starts with."""
    return f"{word}{value:g};" if value is not None else f"{word};"


def _usual_velocity(device: HpglDevice, machine: Machine) -> int | None:
    """What VS is to say in whole cm/s; None leaves the plotter at its fastest, which is where it starts."""
    if device.velocity is None or machine.draw_speed >= 10 * device.velocity[1]:
        return None
    least = max(1, math.ceil(device.velocity[0]))
    if machine.draw_speed < 10 * least:
        raise UserError(f"{machine.draw_speed:g} mm/s is too slow for {machine.title}; give {10 * least} mm/s or more")
    return round(machine.draw_speed / 10)


def _strokes(device: HpglDevice, place: Place, layer: Layer) -> Iterator[str]:
    """A line of text a stroke, each from where the last one ended."""
    last: Ints | None = None
    for line in layer.lines:
        if not len(line):
            continue
        points = rounded(place, line)
        touches = last is not None and np.array_equal(points[0], last)
        if touches and len(points) == 1:
            continue  # a dot where the pen is down already
        yield ("" if touches else move(device, last, points[0])) + "".join(down_runs(device, points))
        last = points[-1]


def down_runs(device: HpglDevice, points: Ints) -> Iterator[str]:
    """The PD instructions that draw points (n, 2) in plotter units from the first, where the pen is, to the last."""
    path = points if len(points) > 1 else points.repeat(2, axis=0)  # a dot is a stroke to where the pen is
    return _runs("PD", np.diff(path, axis=0) if device.relative else path[1:], device.longest)


def rounded(place: Place, line: NDArray[np.float64]) -> Ints:
    """Points of a line in whole units, none twice in a row."""
    x0, y0, x1, y1 = place.reach
    # what was fitted may lie a hair outside by the arithmetic of floats
    points = np.rint(place.units(line)).astype(np.int64).clip((x0, y0), (x1, y1))
    repeated = (points[1:] == points[:-1]).all(axis=1)
    return np.concatenate([points[:1], points[1:][~repeated]])


def move(device: HpglDevice, last: Ints | None, to: Ints) -> str:
    """The pen up and `to` a place in plotter units, from `last`, None if that is not known."""
    if not device.relative:
        return f"PU{to[0]},{to[1]};"
    if last is None:  # a pen that was just fetched is nowhere yet
        return f"PA;PU{to[0]},{to[1]};PR;"
    return f"PU{to[0] - last[0]},{to[1] - last[1]};"


def _runs(word: str, pairs: Ints, longest: int) -> Iterator[str]:
    """Instructions of no more than `longest` bytes each, with all pairs (n, 2) in their order."""
    run: list[str] = []
    length = len(word)
    for x, y in pairs.tolist():
        pair = f"{x},{y}"
        if run and length + len(pair) + 1 > longest:
            yield f"{word}{','.join(run)};"
            run, length = [], len(word)
        run.append(pair)
        length += len(pair) + 1  # a comma, or the semicolon
    yield f"{word}{','.join(run)};"


def _end(device: HpglDevice, paper: Paper) -> Iterator[str]:
    if device.relative:
        yield "PA;"
    if paper.park is not None:
        yield f"PU{paper.park[0]:g},{paper.park[1]:g};"
    yield "SP0;"
