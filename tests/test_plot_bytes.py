"""``--to file``: exactly what a plot sends to a machine that is well, byte for byte."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plot_cases import Answers, plan_with

from plotsketch.api.plot import bytes_of
from plotsketch.lines.machine import load_machine
from plotsketch.plotter import ebb_file, grbl_file, hpgl_file
from plotsketch.plotter.driver import Driver
from plotsketch.plotter.journal import Job
from plotsketch.plotter.plan import Plan, Stroke
from plotsketch.plotter.session import Session

SQUARES = [[(x, 60.0), (x + 9, 60.0), (x + 9, 69.0), (x, 69.0)] for x in (40.0, 60.0, 80.0, 100.0, 120.0)]


def plan_for(machine: str) -> Plan:
    plan = plan_with(SQUARES, [0, 0, 1, 1, 2], ["1 black", "2+S30+D500 red", "!3 blue"])
    page = (297.0, 210.0) if machine == "hp7475a" else plan.page
    dot = Stroke(2, np.array([[90.0, 90.0]]))
    return replace(plan, machine=load_machine(machine), page=page, strokes=(*plan.strokes, dot))


@pytest.mark.parametrize("machine", ["axidraw-v3", "axidraw-v3-brushless", "hp7475a", "grbl", "grbl-z"])
def test_a_file_has_the_bytes_that_a_sitting_sends(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_for(machine)
    written = bytes_of(plan)

    def sat(driver: Driver, plan: Plan) -> None:
        Session(Job.create(plan, "sheet.svg", {}), driver, Answers(), lambda layer: "").run()

    for module in (ebb_file, grbl_file, hpgl_file):
        monkeypatch.setattr(module, "rehearse", sat)
    assert bytes_of(plan) == written
    assert len(written) > 400
