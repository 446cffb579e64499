"""How long a sheet will take on a plotter, before it is plotted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plotsketch.errors import UserError
from plotsketch.lines.machine import DEFAULT_MACHINE, Machine, load_machine
from plotsketch.lines.times import Times, layer_times
from plotsketch.output.layers import ALL_SKIPPED, LEFT_OUT, Layer, check_numbers, layers, page_size
from plotsketch.output.sheet_in import read_sheet

if TYPE_CHECKING:
    import vpype

    from plotsketch.api.sheet import Sheet

SLACK = 0.05  # mm beyond the machine's reach that nobody needs to hear of


@dataclass(frozen=True)
class LayerEstimate:
    """A layer as the file has it, and what it takes."""

    number: int
    name: str
    colour: str
    times: Times
    is_skipped: bool = False


@dataclass(frozen=True)
class Estimate:
    """What a sheet takes on a machine: ``page`` (width, height) in mm; ``overhang`` says, a line a side of the page,
    what the machine cannot reach; ``notes`` what of a file is not drawn."""

    machine: Machine
    page: tuple[float, float]
    layers: tuple[LayerEstimate, ...]
    overhang: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> Times:
        return sum((layer.times for layer in self.layers), start=Times())


def estimate(sheet: Path | str | Sheet | vpype.Document, machine: str | Machine = DEFAULT_MACHINE) -> Estimate:
    """What ``sheet`` takes, line after line in its order, from the machine's home and back.

    Args:
        sheet: a file (SVG, HPGL, G-code), a drawn sheet or a document; one without a page is as large as the machine's
            reach.
        machine: a profile's name, a TOML file's path or a Machine.

    Raises UserError for an unknown machine, a file that cannot be read, coordinates that are no numbers, and where
    there is no line to draw.
    """
    chosen = machine if isinstance(machine, Machine) else load_machine(machine)
    document = _document(sheet, chosen)
    width, height = page = page_size(document) if document.page_size else chosen.travel
    drawn = [layer for layer in layers(document) if layer.lines]
    if not drawn:
        raise UserError("the sheet has no lines to draw")
    check_numbers(document)
    if all(layer.code.skip for layer in drawn):
        raise UserError(ALL_SKIPPED)
    codes = [layer.code for layer in drawn]
    times = layer_times([layer.lines for layer in drawn], chosen, home=chosen.home_on(width, height), codes=codes)
    return Estimate(
        machine=chosen,
        page=page,
        layers=tuple(
            LayerEstimate(layer.number, layer.label, layer.colour, taken, layer.code.skip)
            for layer, taken in zip(drawn, times, strict=True)
        ),
        overhang=tuple(_overhang([layer for layer in drawn if not layer.code.skip], chosen, page)),
        notes=tuple(document.property(LEFT_OUT) or ()),
    )


def _document(sheet: Path | str | Sheet | vpype.Document, machine: Machine) -> vpype.Document:
    if isinstance(sheet, Path | str):
        return read_sheet(Path(sheet), machine)
    return getattr(sheet, "document", sheet)


def _overhang(drawn: list[Layer], machine: Machine, page: tuple[float, float]) -> Iterator[str]:
    """A line for each side of the page on which lines lie out of the machine's reach."""
    points = np.concatenate([line for layer in drawn for line in layer.lines])
    low, high = points.min(axis=0), points.max(axis=0)
    left, top, right, bottom = machine.reach_on(*page)
    if not machine.page_at_corner:  # the paper's margins decide where the area lies: only its size is sure
        left, top, right, bottom = low[0], low[1], low[0] + right - left, low[1] + bottom - top
    beyond = {"left": left - low[0], "top": top - low[1], "right": high[0] - right, "bottom": high[1] - bottom}
    across, down = machine.travel
    turned = ", the page turned" if machine.turns(*page) else ""
    for side, distance in beyond.items():
        if distance > SLACK:
            yield (
                f"{distance:.1f} mm of the drawing, at the {side} of the page, are out of reach: {machine.title} has "
                f"{across:g} x {down:g} mm{turned}"
            )
