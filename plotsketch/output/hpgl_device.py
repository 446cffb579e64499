"""What an HP-GL plotter understands: the ``[hpgl]`` table of a machine's profile, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from typing import Any

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine, load_machine
from plotsketch.output.hpgl_paper import Paper, is_number, paper_of

GENERIC = "generic-hpgl"
SHORTEST = 20  # bytes: "PD-32768,-32768;" has 16


@dataclass(frozen=True, kw_only=True)
class LayerPen:
    """What a user wants for a layer: a pen, a velocity in cm/s, a force; None leaves it to the device."""

    pen: int | None = None
    velocity: float | None = None
    force: int | None = None


@dataclass(frozen=True, kw_only=True)
class HpglDevice:
    """An HP-GL plotter.

    Attributes:
        unit: length of a plotter unit, mm.
        pens: how many it holds.
        buffer: bytes of its input buffer.
        longest: bytes of the longest instruction that it gets, the terminator with it.
        papers: what it takes, by name, in the order in which they are tried.
        velocity: least and largest parameter of VS in cm/s; None sends no VS.
        force: least and largest parameter of FS; None sends no FS.
        relative: whether strokes are written in PR, which takes fewer bytes, or in PA.
        comments: whether it knows CO, as HP-GL/2 does.
        wrap: whether layers beyond the last pen begin again with pen 1.
        layers: what the user wants for single layers, by the layer's number.

    Raises UserError for values that no plotter has.
    """

    unit: float
    pens: int
    buffer: int
    longest: int
    papers: Mapping[str, Paper]
    velocity: tuple[float, float] | None = None
    force: tuple[float, float] | None = None
    relative: bool = False
    comments: bool = False
    wrap: bool = False
    layers: Mapping[int, LayerPen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, least in [("pens", 1), ("buffer", SHORTEST), ("longest", SHORTEST)]:
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise UserError(f"[hpgl] {name} is {value!r}; it takes a whole number from {least} up")
        if not is_number(self.unit) or not 0 < self.unit <= 1:
            raise UserError(f"[hpgl] unit is {self.unit!r}; it takes mm, such as 0.025")
        if self.longest > self.buffer:
            raise UserError(f"[hpgl] longest is {self.longest} bytes, more than the buffer's {self.buffer}")
        for name in ("relative", "comments", "wrap"):
            if not isinstance(getattr(self, name), bool):
                raise UserError(f"[hpgl] {name} is {getattr(self, name)!r}; it takes true or false")
        for number, layer in self.layers.items():
            self._check_layer(number, layer)

    def _check_layer(self, number: int, layer: LayerPen) -> None:
        if layer.pen is not None and not (type(layer.pen) is int and 1 <= layer.pen <= self.pens):
            raise UserError(f"[hpgl.layers.{number}] pen is {layer.pen!r}; there are pens 1 to {self.pens}")
        for name in ("velocity", "force"):
            value, bounds = getattr(layer, name), getattr(self, name)
            if value is not None and bounds is None:
                raise UserError(f"[hpgl.layers.{number}] {name}: this plotter has no such instruction; leave it out")
            if value is not None and not (is_number(value) and bounds[0] <= value <= bounds[1]):
                raise UserError(f"[hpgl.layers.{number}] {name} is {value!r}; it takes {bounds[0]:g} to {bounds[1]:g}")

    def pen(self, layer: int) -> int:
        """The pen of a layer: what the user says, else the pen of the layer's number.

        Raises UserError where there is no such pen: another one would draw in the wrong colour and nobody would know.
        """
        wanted = self.layers.get(layer, LayerPen()).pen
        if wanted is not None:
            return wanted
        if layer > self.pens and not self.wrap:
            raise UserError(
                f"layer {layer} has no pen: there are {self.pens}; say which it gets in a machine file of your own, "
                f"[hpgl.layers.{layer}] pen = 1, or wrap = true under [hpgl] to begin again with pen 1"
            )
        return 1 + (layer - 1) % self.pens


def hpgl_device(machine: Machine) -> HpglDevice:
    """The HP-GL plotter that a machine is. Raises UserError for one that reads no HP-GL, and for odd values."""
    if not machine.hpgl:
        raise UserError(f"{machine.title} reads no HP-GL; choose such as hp7475a or {GENERIC} with --machine")
    try:
        return _device(machine.hpgl)
    except UserError as error:
        raise UserError(f"machine {machine.name}: {error}") from error


@cache
def generic_device() -> HpglDevice:
    """The plotter that nothing is known of but HP-GL."""
    return hpgl_device(load_machine(GENERIC))


def _device(table: Mapping[str, Any]) -> HpglDevice:
    known = [one.name for one in fields(HpglDevice)]
    if unknown := [key for key in table if key not in known]:
        near = get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"it has {', '.join(known)}"
        raise UserError(f"[hpgl] has no '{unknown[0]}': {hint}")
    if missing := [name for name in ("unit", "pens", "buffer", "longest", "papers") if name not in table]:
        raise UserError(f'[hpgl] has no {", ".join(missing)}; give it, or take it by like = "{GENERIC}"')
    values = dict(table)
    for name in ("papers", "layers"):
        if not _is_table_of_tables(table.get(name, {})):
            raise UserError(f"[hpgl] {name} is {table[name]!r}; it takes tables, such as [hpgl.{name}.a4]")
    values["papers"] = {name: paper_of(name, paper) for name, paper in table["papers"].items()}
    values["layers"] = {_layer_number(key): _layer(key, value) for key, value in table.get("layers", {}).items()}
    if not values["papers"]:
        raise UserError("[hpgl] has no paper; give one, such as [hpgl.papers.a4]")
    for name in ("velocity", "force"):
        values[name] = _range(name, table.get(name))
    return HpglDevice(**values)


def _range(name: str, value: object) -> tuple[float, float] | None:
    if value is None:
        return None
    if not (isinstance(value, list) and len(value) == 2 and all(map(is_number, value)) and 0 < value[0] <= value[1]):
        raise UserError(f"[hpgl] {name} is {value!r}; it takes the least and the largest value, such as [1, 38]")
    return value[0], value[1]


def _layer(key: str, values: Mapping[str, Any]) -> LayerPen:
    known = [one.name for one in fields(LayerPen)]
    if unknown := [name for name in values if name not in known]:
        raise UserError(f"[hpgl.layers.{key}] has no '{unknown[0]}'; it has {', '.join(known)}")
    return LayerPen(**values)


def _layer_number(key: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        raise UserError(f"[hpgl.layers.{key}]: '{key}' is no layer's number")
    return int(key)


def _is_table_of_tables(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(inner, Mapping) for inner in value.values())
