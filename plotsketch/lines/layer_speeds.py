"""How fast a layer is drawn: by a plotter's profile, by the layer's label, by the file that it comes from.

The first that says something holds: ``[hpgl.layers.N] velocity`` of the machine's profile; ``+S30`` of the label; the
speed that stands in the HPGL (VS) or G-code (F) that was read, unless the user gave another; the machine's own speed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import Machine

Bounds = tuple[float, float]


def as_coded(machine: Machine, code: LayerCode) -> Machine:
    """The machine as a layer's code sets it, its ``number`` the layer's.

    ``+S`` is percent of an HP-GL plotter's fastest, of the profile's ``percent_speed`` where it has one, and else of a
    G-code machine's ``draw_speed``; nothing where the machine is none of these. An AxiDraw draws no faster than it is
    set because of a file for another machine; others take a file's speed up to the faster of their own two.
    """
    speed = _plotter_speed(machine, code) if machine.hpgl else _percent_speed(machine, code)
    if not speed and code.mm_s and machine.file_speeds:
        takes_files = bool(machine.hpgl or machine.gcode)
        speed = min(code.mm_s, max(machine.draw_speed, machine.travel_speed) if takes_files else machine.draw_speed)
    return replace(machine, draw_speed=speed) if speed else machine


def velocity_of(bounds: Bounds | None, wanted: float | None, code: LayerCode, *, file_speeds: bool) -> float | None:
    """What VS is to say for a layer, cm/s: what the profile wants, else what its code asks for within ``bounds`` (least
    and largest VS). None leaves it to the machine, as one without VS (``bounds`` None) is left."""
    if wanted is not None or bounds is None:
        return wanted
    least, most = bounds
    if code.speed is not None:
        return math.floor(min(max(code.speed / 100 * most, least, 1), most))
    if code.mm_s is not None and file_speeds:
        return round(min(max(code.mm_s / 10, least), most), 2)
    return None


def _percent_speed(machine: Machine, code: LayerCode) -> float:
    percent = machine.percent_speed or (machine.draw_speed / 100 if machine.gcode else 0.0)
    return (code.speed or 0) * percent


def _plotter_speed(machine: Machine, code: LayerCode) -> float:
    """mm/s of an HP-GL plotter, 0 where neither profile nor code says any. Odd tables, which files are not written
    with (`output.hpgl_device`), say nothing."""
    bounds = machine.hpgl.get("velocity")
    fine = isinstance(bounds, list) and len(bounds) == 2 and all(_is_speed(bound) for bound in bounds)
    layers = machine.hpgl.get("layers")
    own: Any = layers.get(str(code.number)) if isinstance(layers, Mapping) else None
    wanted = own.get("velocity") if isinstance(own, Mapping) else None
    known = (bounds[0], bounds[1]) if fine and bounds else None
    velocity = velocity_of(known, wanted if _is_speed(wanted) else None, code, file_speeds=machine.file_speeds)
    return 10 * velocity if velocity else 0.0


def _is_speed(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
