"""How long a machine takes for lines in a given order: drawing, travel, lifts and pen changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.layer_speeds import as_coded as as_coded
from plotsketch.lines.machine import Machine
from plotsketch.lines.motion import hop_blocks, stroke_blocks

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Times:
    """What a layer, or a sheet, takes: seconds by what they go into, millimetres drawn and travelled, counts."""

    strokes: int = 0
    lifts: int = 0
    pen_changes: int = 0
    ink_mm: float = 0.0
    travel_mm: float = 0.0
    draw_seconds: float = 0.0
    travel_seconds: float = 0.0
    lift_seconds: float = 0.0
    change_seconds: float = 0.0
    wait_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        parts = (self.draw_seconds, self.travel_seconds, self.lift_seconds, self.change_seconds, self.wait_seconds)
        return sum(parts)

    def __add__(self, other: Times) -> Times:
        return Times(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Times)})


def layer_times(
    layers: Sequence[Sequence[Floats]],
    machine: Machine,
    *,
    home: tuple[float, float] = (0.0, 0.0),
    codes: Sequence[LayerCode] | None = None,
) -> list[Times]:
    """What each layer takes on `machine`, its lines (k, 2) in mm drawn in order, from `home` and back.

    A hop, with its lift before and its drop after, counts for the layer that it leads to; the way home and the last
    lift for the last layer that has lines. Lines without points are skipped. Each layer has a pen of its own, put in
    where the layer before ends. `codes`, one a layer, say which layers are skipped, how fast the others are drawn
    (`as_coded`), and where `keeps_delays` how long the machine waits before them.
    """
    said = [LayerCode()] * len(layers) if codes is None else codes
    pairs = zip(layers, said, strict=True)
    drawn = [[] if code.skip else [line for line in lines if len(line)] for lines, code in pairs]
    flat = [line for lines in drawn for line in lines]
    if not flat:
        return [Times() for _ in layers]
    owner = np.repeat(np.arange(len(drawn)), [len(lines) for lines in drawn])
    fresh = np.diff(owner, prepend=owner[0]) > 0  # lines that begin a layer with another pen
    columns = {**_drawing(drawn, [as_coded(machine, code) for code in said]), **_hops(flat, fresh, machine, home)}
    changes = np.append(fresh, False).astype(np.float64)
    fetched = changes.copy()
    if machine.has_carousel:  # the first pen is fetched, the last put away
        fetched[[0, -1]] = 1.0
    columns |= {"pen_changes": changes, "change_seconds": fetched * machine.pen_change_s}
    home_too = np.append(owner, owner[-1])  # the last row is the way home
    sums = {name: np.bincount(home_too, values, minlength=len(drawn)).tolist() for name, values in columns.items()}
    whole = {name: [round(value) for value in sums[name]] for name in ("strokes", "lifts", "pen_changes")}
    pairs = zip(drawn, said, strict=True)
    waits = [(code.delay or 0) / 1000 if lines and keeps_delays(machine) else 0 for lines, code in pairs]
    rows = sums | whole | {"wait_seconds": waits}
    return [Times(**{name: values[layer] for name, values in rows.items()}) for layer in range(len(drawn))]


def keeps_delays(machine: Machine) -> bool:
    """Whether it waits for as long as a layer's ``+D`` says: one that reads layer codes, or that `plotter` drives."""
    return bool(machine.percent_speed or machine.ebb or machine.hpgl or (machine.gcode and machine.serial))


def _drawing(layers: list[list[Floats]], machines: list[Machine]) -> dict[str, Floats]:
    """What drawing each line of all layers takes, each layer on its machine, and a last row of nothing."""
    pairs = zip(layers, machines, strict=True)
    seconds = np.concatenate([stroke_blocks(lines, machine).line_seconds(len(lines)) for lines, machine in pairs])
    ink = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for lines in layers for line in lines]
    columns = {"strokes": np.ones(len(ink)), "ink_mm": np.array(ink), "draw_seconds": seconds}
    return {name: np.append(values, 0.0) for name, values in columns.items()}


def _hops(
    lines: list[Floats], fresh: NDArray[np.bool_], machine: Machine, home: tuple[float, float]
) -> dict[str, Floats]:
    """What the hop to each line takes, and, in a last row, the hop home."""
    begins = np.array([*(line[0] for line in lines), home], dtype=np.float64)
    ends = np.array([home, *(line[-1] for line in lines)], dtype=np.float64)
    lengths = np.hypot(*(begins - ends).T)
    # from home, to home and for a new pen the pen goes up and down, however short the way
    hops = np.concatenate([[True], machine.is_hop(lengths[1:-1]) | fresh[1:], [True]])
    lifts = np.concatenate([[False], hops[1:]])  # the first pen is up when it sets out
    drops = np.concatenate([[True], hops[1:-1], [False]])
    return {
        "lifts": lifts.astype(np.float64),
        "travel_mm": lengths * hops,
        "travel_seconds": hop_blocks(ends, begins, machine).line_seconds(len(begins)) * hops,
        "lift_seconds": lifts * machine.lift_s + drops * machine.drop_s,
    }
