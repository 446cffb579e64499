"""AxiDraw through ``pyaxidraw``, its maker's own library, for who has it and asks for it.

Written from the AxiDraw Python API's reference (its interactive mode), and tested against a module that only writes
down what it is asked to do: it was never run with the real library, nor with a machine.

The library moves the pen by its own plan, so times are its own, and a stroke once begun is drawn whole: a stop is
answered between strokes. It does not say when the board's button is pressed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from plotsketch.errors import UserError
from plotsketch.lines.layer_speeds import as_coded
from plotsketch.lines.machine import Machine
from plotsketch.plotter.driver import Drawn, Identity
from plotsketch.plotter.ebb_settings import EbbSettings, ebb_settings
from plotsketch.plotter.ebb_way import Floats, from_home
from plotsketch.plotter.plan import Plan, PlanLayer

MODULE = "pyaxidraw.axidraw"
MILLIMETRES = 2  # of options.units
BRUSHLESS = 3  # of options.penlift
PERCENT = (1, 110)  # of options.speed_pendown and speed_penup


class PyAxiDrawDriver:
    """A `driver.Driver` over pyaxidraw's interactive mode. `port`: the device, or None for the first AxiDraw found.

    Raises UserError for a machine that is none of the AxiDraws, and where pyaxidraw is not installed.
    """

    changes_pens = False

    def __init__(self, machine: Machine, port: str | None = None) -> None:
        self.machine, self.inked = machine, 0
        self._settings: EbbSettings = ebb_settings(machine)
        if not machine.percent_speed:
            raise UserError(f"{machine.title} says no percent_speed, in which pyaxidraw counts; leave --driver out")
        self._axidraw: Any = _module().AxiDraw()
        self._port = port
        self._plan: Plan | None = None
        self._is_connected = False

    def open(self) -> Identity:
        ad = self._axidraw
        ad.interactive()
        ad.options.units = MILLIMETRES
        if self._port:
            ad.options.port = self._port
        if self._settings.lift == "brushless":
            ad.options.penlift = BRUSHLESS
        ad.options.pen_pos_up = round(self._settings.pen_up)
        ad.options.pen_rate_raise = round(self._settings.raise_rate)
        ad.options.pen_rate_lower = round(self._settings.lower_rate)
        ad.options.pen_delay_up = round(self._settings.raise_delay)
        ad.options.pen_delay_down = round(self._settings.lower_delay)
        ad.options.speed_penup = self._percent(self.machine.travel_speed)
        self._set_layer(self.machine.draw_speed, self._settings.pen_down)
        if not ad.connect():
            raise UserError("pyaxidraw finds no AxiDraw: is its cable in, and no other program using it?")
        self._is_connected = True
        ad.update()
        ad.penup()
        firmware = str(getattr(ad, "fw_version_string", None) or "unknown")
        return Identity("AxiDraw, by pyaxidraw", firmware, {"driver": "pyaxidraw"})

    def resumed(self, sent: int, inked: int) -> int:
        return sent

    def where(self) -> tuple[float, float] | None:
        """Nowhere that we know of: the library takes home for where the pen is when it connects."""
        return None

    def begin(self, plan: Plan) -> None:
        self._plan, self.inked = plan, 0

    def layer(self, layer: PlanLayer) -> None:
        code = layer.code
        height = self._settings.pen_down if code.height is None else code.height
        self._set_layer(as_coded(self.machine, code).draw_speed, height)
        self._axidraw.update()
        if code.delay:
            self._axidraw.delay(code.delay)

    def draw(self, points: Floats, should_stop: Callable[[], bool]) -> Drawn:
        if should_stop():
            return Drawn(0.0, "asked")
        place = self._on_machine(points)
        if len(place) > 1:
            self._axidraw.draw_path(place.tolist())
        else:
            self._axidraw.moveto(*place[0].tolist())
            self._axidraw.pendown()
            self._axidraw.penup()
        self.settle()
        self.inked += 1
        return Drawn(float(np.hypot(*np.diff(place, axis=0).T).sum()))

    def settle(self) -> None:
        self._axidraw.block()

    def park(self) -> None:
        self.home()
        self._axidraw.usb_command("EM,0,0\r")

    def stop_now(self) -> None:
        if self._is_connected:
            self._axidraw.usb_command("ES\r")
            self._axidraw.penup()

    def pen(self, up: bool) -> None:
        if up:
            self._axidraw.penup()
        else:
            self._axidraw.pendown()
        self.settle()

    def jog(self, dx: float, dy: float) -> None:
        self._axidraw.go(dx, dy)
        self.settle()

    def go(self, x: float, y: float) -> None:
        self._axidraw.moveto(*self._on_machine(np.array([[x, y]]))[0].tolist())
        self.settle()

    def home(self) -> None:
        self._axidraw.moveto(0, 0)
        self.settle()

    def close(self) -> None:
        if self._is_connected:
            self._is_connected = False
            self._axidraw.disconnect()

    def _set_layer(self, speed: float, height: float) -> None:
        self._axidraw.options.speed_pendown = self._percent(speed)
        self._axidraw.options.pen_pos_down = round(height)

    def _percent(self, speed: float) -> int:
        low, high = PERCENT
        return min(max(round(speed / self.machine.percent_speed), low), high)

    def _on_machine(self, points: Floats) -> Floats:
        if self._plan is None:
            raise ValueError("no plot has begun")
        return from_home(self.machine, self._plan.page, points)


def _module() -> Any:
    try:
        return importlib.import_module(MODULE)
    except ImportError as error:
        raise UserError(
            "pyaxidraw is not installed: its maker's page on the AxiDraw Python API tells how, or leave --driver out "
            "and plotsketch drives the AxiDraw itself"
        ) from error
