"""Sets of pens: which pen draws which layer of a plot, how fast, how low, and from which place of a carousel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plotsketch.config import nearest
from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import RANGES, LayerCode
from plotsketch.lines.machine import Machine
from plotsketch.output.hpgl_device import HpglDevice, hpgl_device
from plotsketch.plotter.plan import Floats, Plan, PlanLayer

ALIKE = 0.2  # as `_distance` counts: red is 0.09 from orange, navy 0.18 from black, green 0.26 from blue
LIGHTNESS = 0.5  # of its part in that: a pale and a dark green are one pen rather than two
COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, kw_only=True)
class SetPen:
    """A pen. What is None is as the layer and the machine have it; what a machine has no use for is passed over.

    Attributes:
        colour: ``#rrggbb``.
        width: of its line, mm.
        speed: of the lowered pen, mm/s.
        percent: the same in percent, as ``+S`` of a layer's label; at most one of the two is given.
        height: of the lowered pen, percent, as ``+H``.
        delay: milliseconds before its layer, as ``+D``.
        force: what FS takes, on a plotter that has it.
        slot: its place in a carousel, from 1.

    Raises UserError for values that no pen has.
    """

    name: str
    colour: str
    width: float | None = None
    speed: float | None = None
    percent: int | None = None
    height: int | None = None
    delay: int | None = None
    force: int | None = None
    slot: int | None = None

    def __post_init__(self) -> None:
        if not COLOUR.fullmatch(self.colour):
            raise UserError(f"pen {self.name}: colour is {self.colour!r}; it takes one such as #d0607a")
        for name in ("width", "speed"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value > 0):
                raise UserError(f"pen {self.name}: {name} is {value:g}; it is above 0")
        ranges = {"percent": RANGES["speed"], "height": RANGES["height"], "delay": RANGES["delay"]}
        for name, (low, high) in {**ranges, "force": (1, 100), "slot": (1, 99)}.items():
            value = getattr(self, name)
            if value is not None and not (type(value) is int and low <= value <= high):
                raise UserError(f"pen {self.name}: {name} is {value!r}; it takes a whole number from {low} to {high}")
        if self.speed is not None and self.percent is not None:
            raise UserError(f"pen {self.name} has a speed in mm/s and one in percent; leave one of them out")


@dataclass(frozen=True)
class PenSet:
    """Pens in their order, each with a name of its own."""

    name: str
    pens: tuple[SetPen, ...]

    def pen(self, name: str) -> SetPen:
        """The pen of a name. Raises UserError, with a near name."""
        for pen in self.pens:
            if pen.name == name.lower():
                return pen
        raise UserError(f"no pen '{name}' in {self.name}: {nearest(name, [pen.name for pen in self.pens])}")


def pens_for(plan: Plan, pen_set: PenSet, chosen: Mapping[int, str] | None = None) -> Plan:
    """The plan with a pen of the set for each layer: ``chosen`` names some by the layers' numbers.

    Other layers get the pen of their own name; of their own colour (of several the one of the nearest width); of the
    nearest colour, if it is near and no other layer has that pen; and in the end those that are left, in their order.
    Speed, height and delay become the layer's where its label says none. An HP-GL plotter is told velocity and force
    by its profile's ``[hpgl.layers]``, and a machine that reads no layer codes (GRBL) gets what a percent stands for:
    so the machine of the plan that comes back is the one to plot with.

    Raises UserError for a layer that there is no pen for, unknown layers and pens, and what the machine cannot do.
    """
    pens = _shared_out(plan.layers, pen_set, chosen or {})
    machine = _told(plan.machine, plan.layers, pens)
    device = hpgl_device(machine) if machine.hpgl else None
    pairs = zip(plan.layers, pens, strict=True)
    layers = tuple(
        replace(
            layer,
            colour=pen.colour,
            pen_width=layer.pen_width if pen.width is None else pen.width,
            pen=layer.pen if device is None or pen.slot is None else pen.slot,
            code=_coded(layer.code, pen, plan.machine, machine),
        )
        for layer, pen in pairs
    )
    if device is not None:
        _check_slots(layers, pens, device)
    return replace(plan, machine=machine, layers=layers)


def describe(layer: PlanLayer) -> str:
    """The pen that a layer wants, for people: ``pen rose (#d0607a, 0.4 mm)``, ``pen 3, rose (#d0607a, 0.4 mm)``."""
    name = layer.code.name or f"for layer {layer.number}"
    place = "" if layer.pen is None else f"{layer.pen}, "
    colour = "" if name.lower() == layer.colour.lower() else f"{layer.colour}, "
    return f"pen {place}{name} ({colour}{layer.pen_width:g} mm)"


def _shared_out(layers: Sequence[PlanLayer], pen_set: PenSet, chosen: Mapping[int, str]) -> list[SetPen]:
    """The pen of each layer."""
    numbers = [layer.number for layer in layers]
    for number, name in chosen.items():
        if number not in numbers:
            there = ", ".join(map(str, numbers))
            raise UserError(f"--pen {number}={name}: there is no layer {number} to be drawn; there are {there}")
    found = {number: pen_set.pen(name) for number, name in chosen.items()}
    for same in (_same_name, _same_colour):
        found |= {n.number: pen for n in layers if n.number not in found and (pen := same(n, pen_set.pens)) is not None}
    found |= _near_colours([n for n in layers if n.number not in found], _unused(pen_set, found.values()))
    left = _unused(pen_set, found.values())
    found |= dict(zip((number for number in numbers if number not in found), left, strict=False))
    for layer in layers:
        if layer.number not in found:
            raise UserError(
                f"layer {layer.label} ({layer.colour}) has no pen: the {len(pen_set.pens)} of {pen_set.name} are "
                f"taken; say which one draws it, as in --pen {layer.number}={pen_set.pens[0].name}"
            )
    return [found[number] for number in numbers]


def _unused(pen_set: PenSet, used: Iterable[SetPen]) -> list[SetPen]:
    names = {pen.name for pen in used}
    return [pen for pen in pen_set.pens if pen.name not in names]


def _same_name(layer: PlanLayer, pens: Iterable[SetPen]) -> SetPen | None:
    return next((pen for pen in pens if pen.name == layer.code.name.lower()), None)


def _same_colour(layer: PlanLayer, pens: Iterable[SetPen]) -> SetPen | None:
    same = [pen for pen in pens if pen.colour == layer.colour]
    widths = [abs((pen.width or layer.pen_width) - layer.pen_width) for pen in same]
    return same[int(np.argmin(widths))] if same else None


def _near_colours(layers: Sequence[PlanLayer], pens: Sequence[SetPen]) -> dict[int, SetPen]:
    """By layers' numbers: the pairs that are most alike first, each layer and each pen once."""
    distances = np.array([[_distance(layer.colour, pen.colour) for pen in pens] for layer in layers])
    found: dict[int, SetPen] = {}
    while distances.size and distances.min() <= ALIKE:
        row, column = divmod(int(distances.argmin()), len(pens))
        found[layers[row].number] = pens[column]
        distances[row], distances[:, column] = np.inf, np.inf
    return found


def _distance(one: str, other: str) -> float:
    """How unlike two colours look."""
    return float(np.linalg.norm((_oklab(one) - _oklab(other)) * (LIGHTNESS, 1, 1)))


def _oklab(colour: str) -> Floats:
    """Lightness and two opponent colours of ``#rrggbb`` (Björn Ottosson, "A perceptual color space", 2020)."""
    signal = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(_CONES @ linear)
    lab: Floats = _OPPONENTS @ cones
    return lab


_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OPPONENTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _told(machine: Machine, layers: Sequence[PlanLayer], pens: Sequence[SetPen]) -> Machine:
    """The machine as these pens want it set."""
    if machine.hpgl:
        return _told_plotter(machine, layers, pens)
    if machine.percent_speed or not any(pen.speed or pen.percent for pen in pens):
        return machine
    fastest = max([machine.draw_speed, *(pen.speed for pen in pens if pen.speed)])
    return replace(machine, percent_speed=fastest / 100)


def _told_plotter(machine: Machine, layers: Sequence[PlanLayer], pens: Sequence[SetPen]) -> Machine:
    """An HP-GL plotter with velocity and force of the pens; what its own profile says for a layer stays."""
    device = hpgl_device(machine)
    tables: dict[str, Any] = dict(machine.hpgl.get("layers", {}))
    for layer, pen in zip(layers, pens, strict=True):
        wishes: dict[str, Any] = {}
        if pen.speed is not None and device.velocity is not None and layer.code.speed is None:
            low, high = (10 * bound for bound in device.velocity)
            if not low <= pen.speed <= high:
                raise UserError(f"pen {pen.name}: {machine.title} draws at {low:g} to {high:g} mm/s, not {pen.speed:g}")
            wishes["velocity"] = pen.speed / 10
        if pen.force is not None and device.force is not None:
            wishes["force"] = pen.force
        if wishes:
            tables[str(layer.number)] = {**wishes, **tables.get(str(layer.number), {})}
    told = replace(machine, hpgl={**machine.hpgl, "layers": tables}) if tables else machine
    hpgl_device(told)  # raises UserError for a force that the plotter has not
    return told


def _coded(code: LayerCode, pen: SetPen, machine: Machine, told: Machine) -> LayerCode:
    """What a layer's label says, and what it does not say from its pen."""
    percent = pen.percent
    if not machine.hpgl:
        one = machine.percent_speed or machine.draw_speed / 100  # mm/s, as `lines.layer_speeds` counts
        wanted = pen.speed if pen.percent is None else pen.percent * one
        if wanted is not None:
            percent = round(wanted / told.percent_speed)
            if not RANGES["speed"][0] <= percent <= RANGES["speed"][1]:
                low, high = (limit * told.percent_speed for limit in RANGES["speed"])
                raise UserError(
                    f"pen {pen.name}: {machine.title} draws at {low:.3g} to {high:.3g} mm/s, not {wanted:g}"
                )
        if code.speed is not None and told.percent_speed != machine.percent_speed:
            code = replace(code, speed=max(round(code.speed * one / told.percent_speed), 1))  # mm/s as before
    own = {"speed": code.speed, "height": code.height, "delay": code.delay}
    new = {"speed": percent, "height": pen.height, "delay": pen.delay}
    merged: dict[str, Any] = {name: new[name] if value is None else value for name, value in own.items()}
    return replace(code, name=pen.name, **merged)


def _check_slots(layers: Sequence[PlanLayer], pens: Sequence[SetPen], device: HpglDevice) -> None:
    """Raises UserError for a place that the carousel has not, and for one that two pens would have to be in."""
    holds: dict[int, SetPen] = {}
    for layer, pen in zip(layers, pens, strict=True):
        if pen.slot is not None and pen.slot > device.pens:
            raise UserError(f"pen {pen.name}: slot is {pen.slot}; the plotter has places 1 to {device.pens}")
        slot = device.pen(layer.number) if layer.pen is None else layer.pen
        other = holds.setdefault(slot, pen)
        if other != pen and (other.slot or pen.slot):
            raise UserError(f"pens {other.name} and {pen.name} would both be in place {slot}; give each a slot")
