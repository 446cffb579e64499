"""The driver over pyaxidraw, with a module in its place that writes down what it is asked to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import load_machine
from plotsketch.plotter.ebb_pyaxidraw import PyAxiDrawDriver
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke

V3 = load_machine("axidraw-v3")
Calls = list[tuple[Any, ...]]


class AxiDraw:
    """Notes each call, with what it was called with."""

    calls: Calls = []  # noqa: RUF012
    is_there = True
    last: AxiDraw

    def __init__(self) -> None:
        self.options = SimpleNamespace()
        type(self).last = self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "fw_version_string":
            raise AttributeError(name)

        def call(*values: Any) -> bool:
            self.calls.append((name, *values))
            return self.is_there

        return call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Calls]:
    inner = ModuleType("pyaxidraw.axidraw")
    inner.AxiDraw = AxiDraw  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyaxidraw", ModuleType("pyaxidraw"))
    monkeypatch.setitem(sys.modules, "pyaxidraw.axidraw", inner)
    monkeypatch.setattr(AxiDraw, "calls", [])
    monkeypatch.setattr(AxiDraw, "is_there", True)
    yield AxiDraw.calls


def plan(*strokes: Any, page: tuple[float, float] = (300.0, 218.0), code: LayerCode | None = None) -> Plan:
    layer = PlanLayer(1, "1", "#000", 0.3, code or LayerCode())
    return Plan(V3, page, (layer,), tuple(Stroke(0, np.array(stroke, dtype=np.float64)) for stroke in strokes))


def test_a_plot_is_drawn_path_by_path(calls: Calls) -> None:
    whole = plan([[1, 2], [30, 4]], [[5, 5]])
    driver = PyAxiDrawDriver(V3, "/dev/ttyACM0")
    assert driver.open().kind == "AxiDraw, by pyaxidraw"
    driver.begin(whole)
    driver.layer(whole.layers[0])
    first = driver.draw(whole.strokes[0].points, lambda: False)
    assert (first.is_whole, round(first.mm, 2), driver.inked) == (True, 29.07, 1)
    driver.draw(whole.strokes[1].points, lambda: False)
    assert driver.draw(whole.strokes[0].points, lambda: True).why == "asked"
    assert driver.inked == 2
    driver.settle()
    driver.park()
    driver.close()
    driver.close()
    names = [call[0] for call in calls]
    assert names[:2] == ["interactive", "connect"]
    assert ("draw_path", [[1.0, 2.0], [30.0, 4.0]]) in calls
    dot = names.index("pendown")
    assert calls[dot - 1 : dot + 2] == [("moveto", 5.0, 5.0), ("pendown",), ("penup",)]
    assert calls[-4:] == [("moveto", 0, 0), ("block",), ("usb_command", "EM,0,0\r"), ("disconnect",)]


def test_settings_are_handed_on(calls: Calls) -> None:
    machine = load_machine("axidraw-v3-brushless")
    driver = PyAxiDrawDriver(machine)
    driver.open()
    options = AxiDraw.last.options
    assert (options.units, options.penlift) == (2, 3)
    assert (options.speed_pendown, options.speed_penup) == (25, 75)
    assert (options.pen_pos_up, options.pen_pos_down) == (60, 30)
    coded = plan([[1, 1]], code=LayerCode(speed=90, height=12, delay=300))
    driver.begin(coded)
    driver.layer(coded.layers[0])
    assert (options.speed_pendown, options.pen_pos_down) == (90, 12)
    assert calls[-2:] == [("update",), ("delay", 300)]


def test_a_page_lies_turned_where_it_does_for_our_own_driver(calls: Calls) -> None:
    driver = PyAxiDrawDriver(V3)
    driver.open()
    driver.begin(plan([[1, 1]], page=(210.0, 297.0)))
    driver.go(200, 20)
    assert ("moveto", 20.0, 10.0) in calls


def test_the_pen_by_hand_and_in_an_emergency(calls: Calls) -> None:
    driver = PyAxiDrawDriver(V3)
    driver.stop_now()
    assert calls == []
    driver.open()
    assert driver.where() is None
    assert driver.resumed(4, 4) == 4
    driver.pen(up=False)
    driver.jog(3, 4)
    driver.stop_now()
    assert calls[-6:] == [("pendown",), ("block",), ("go", 3, 4), ("block",), ("usb_command", "ES\r"), ("penup",)]


def test_no_axidraw_is_said(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AxiDraw, "is_there", False)
    driver = PyAxiDrawDriver(V3)
    with pytest.raises(UserError, match="pyaxidraw finds no AxiDraw"):
        driver.open()
    driver.close()
    assert ("disconnect",) not in calls


def test_a_library_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyaxidraw", None)
    with pytest.raises(UserError, match="pyaxidraw is not installed"):
        PyAxiDrawDriver(V3)


def test_a_machine_without_percents_is_refused(calls: Calls) -> None:
    with pytest.raises(UserError, match="says no percent_speed"):
        PyAxiDrawDriver(replace(V3, percent_speed=0.0))
