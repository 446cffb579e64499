"""What people do at a machine beside plotting: try the pen, walk to corners, and see where the ink will be."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import Machine
from plotsketch.output.fitting import Area
from plotsketch.output.hpgl_device import hpgl_device
from plotsketch.output.hpgl_paper import choose_paper, lay
from plotsketch.plotter.connect import changes_pens
from plotsketch.plotter.driver import Driver, Identity
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke
from plotsketch.plotter.port import PortLost

Place = tuple[float, float]
NAMES = ("upper left", "upper right", "lower right", "lower left")  # as `corners` goes


@contextlib.contextmanager
def at_work(driver: Driver) -> Iterator[Identity]:
    """A driver that is open. Whatever is raised meanwhile, Ctrl-C among it, lifts the pen before it goes on."""
    try:
        yield driver.open()
    except PortLost:
        raise
    except BaseException:
        with contextlib.suppress(Exception):
            driver.stop_now()
        raise


def reach(machine: Machine, page: tuple[float, float], paper: str | None = None) -> Area:
    """What of a page of ``page`` mm the pen reaches, and perhaps beyond it: left, top, right, bottom, mm on the page.

    ``paper`` names what lies in an HP-GL plotter. Raises UserError for a page that is none of its papers.
    """
    if not machine.hpgl:
        return machine.reach_on(*page)
    device = hpgl_device(machine)
    return lay(choose_paper(device.papers, page, paper, machine.title), page, device.unit).area()


def page_of(machine: Machine, name: str) -> tuple[float, float] | None:
    """The page that one of an HP-GL plotter's own papers is, in mm; None where it has none of that name."""
    papers = hpgl_device(machine).papers if machine.hpgl else {}
    found = next((paper for paper in papers.values() if paper.name.lower() == name.lower()), None)
    return None if found is None else found.size


def within(page: tuple[float, float], area: Area) -> Area:
    """What of a page lies in an area of it. Raises UserError for nothing."""
    left, top, right, bottom = max(area[0], 0.0), max(area[1], 0.0), min(area[2], page[0]), min(area[3], page[1])
    if left >= right or top >= bottom:
        raise UserError(f"the machine reaches nothing of a page of {page[0]:g} x {page[1]:g} mm; choose other paper")
    return left, top, right, bottom


def bounds(plan: Plan) -> Area:
    """The box around all ink of a plan: left, top, right, bottom, mm on the page."""
    points = np.concatenate([stroke.points for stroke in plan.strokes])
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom


def corners(area: Area) -> list[Place]:
    """Clockwise from the upper left one of the page."""
    left, top, right, bottom = area
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def walk(
    driver: Driver,
    machine: Machine,
    page: tuple[float, float],
    places: Sequence[Place],
    arrived: Callable[[int], bool],
    *,
    paper: str | None = None,
) -> bool:
    """Takes the raised pen to places, mm on the page, one after another, and home; whether it came to all of them.

    ``arrived`` is told each one's number once the pen stands there, and says whether to go on. Raises UserError for
    places out of reach.
    """
    driver.begin(outing(machine, page, places, paper))
    goes_on = True
    for number, (x, y) in enumerate(places):
        driver.go(x, y)
        driver.settle()
        try:
            goes_on = arrived(number)
        except BaseException:  # nothing is wrong with the machine: its motors are let go, at home
            driver.park()
            raise
        if not goes_on:
            break
    driver.park()
    return goes_on


def at_heights(machine: Machine, *, up: float | None = None, down: float | None = None) -> Machine:
    """The machine with other heights of its raised and lowered pen, in percent; None leaves one.

    Raises UserError for a machine whose pen has no heights in percent.
    """
    wishes = {name: height for name, height in [("pen_up", up), ("pen_down", down)] if height is not None}
    if not wishes:
        return machine
    if not machine.ebb:
        where = "[gcode] pen_up and pen_down" if machine.gcode else "its own front panel, if anywhere"
        raise UserError(f"{machine.title} knows no heights in percent; how high its pen goes is set by {where}")
    from plotsketch.plotter.ebb_settings import ebb_settings

    is_set = ebb_settings(machine)
    settings = replace(
        is_set, pen_up=wishes.get("pen_up", is_set.pen_up), pen_down=wishes.get("pen_down", is_set.pen_down)
    )
    return replace(
        machine,
        ebb={**machine.ebb, **wishes},
        lift_s=max(machine.lift_s, settings.raise_ms() / 1000),  # a longer way takes longer
        drop_s=max(machine.drop_s, settings.lower_ms() / 1000),
    )


def cycle(driver: Driver, times: int) -> None:
    """Lowers and lifts the pen where it is, so often. It ends up."""
    for _ in range(times):
        driver.pen(up=False)
        driver.pen(up=True)


def go_home(driver: Driver) -> None:
    """Takes the raised pen home and lets the motors go. Raises UserError where nobody knows where home is."""
    driver.home()
    driver.park()


def carousel(machine: Machine) -> int:
    """How many pens the machine fetches by itself. Raises UserError for one that fetches none."""
    if not changes_pens(machine):
        raise UserError(f"{machine.title} fetches no pens: put one in by hand")
    return hpgl_device(machine).pens


def fetch(driver: Driver, number: int) -> None:
    """Takes a pen out of the carousel, by its place from 1; 0 goes home and puts the pen away."""
    if number:
        driver.layer(_layer(number))
        driver.settle()
    else:
        driver.park()


def _layer(pen: int) -> PlanLayer:
    return PlanLayer(pen, str(pen), "#000000", 0.3, LayerCode(number=pen), pen)


def outing(machine: Machine, page: tuple[float, float], places: Sequence[Place], paper: str | None) -> Plan:
    """A plan for `Driver.begin`, which checks whether the places are within reach; nobody draws it."""
    return Plan(machine, page, (_layer(1),), (Stroke(0, np.array(places, dtype=np.float64)),), paper)
