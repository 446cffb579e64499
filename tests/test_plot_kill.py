"""Plots whose process is killed (-9) at fifty random moments: all of the sheet is on paper, hardly any of it twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from plot_cases import distance

from plotsketch.lines.layer_codes import parse
from plotsketch.lines.machine import load_machine
from plotsketch.output.gcode_frame import Frame
from plotsketch.output.hpgl_device import hpgl_device
from plotsketch.output.hpgl_paper import choose_paper, lay
from plotsketch.plotter.journal import Job, jobs_folder
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke
from plotsketch.plotter.simulators.wire import running

KILLS = 50
KINDS: dict[str, tuple[str, int, dict[str, object]]] = {  # the machine, strokes on the sheet, the simulator's options
    "ebb": ("axidraw-v3", 200, {"firmware": "2.8.1"}),
    "hp7475a": ("hp7475a", 600, {}),  # whose strokes are handed over faster than they are drawn
    "grbl": ("grbl", 200, {"pen_down": "S>=50"}),
    # each process that opens the port resets it, and it forgets where its pen is; somebody puts that home
    "grbl on an Arduino": ("grbl", 200, {"pen_down": "S>=50", "dtr_reset": True, "hand_home": True}),
}


def sheet(machine: str, strokes: int) -> Plan:
    """Strokes of 3 to 8 points, none like another, in two layers on A5 (on A4 in the HP plotter: it takes no less)."""
    draws = np.random.default_rng(7)
    page = (297.0, 210.0) if machine == "hp7475a" else (210.0, 148.0)
    middles = np.stack([draws.uniform(30, page[0] - 30, strokes), draws.uniform(30, page[1] - 30, strokes)], axis=1)
    made = [middle + np.cumsum(draws.normal(0, 2, (draws.integers(3, 9), 2)), axis=0) for middle in middles]
    layers = tuple(PlanLayer(n, f"{n} pen", "#000000", 0.3, parse(f"{n} pen")) for n in (1, 2))
    owners = [int(n >= strokes // 2) for n in range(strokes)]
    drawn = tuple(Stroke(owner, points) for owner, points in zip(owners, made, strict=True))
    return Plan(load_machine(machine), page, layers, drawn)


def on_machine(plan: Plan) -> tuple[list[NDArray[np.float64]], float]:
    """The plan's strokes as the machine's simulator counts, and how far ink may be from them."""
    machine = plan.machine
    if machine.hpgl:
        device = hpgl_device(machine)
        place = lay(choose_paper(device.papers, plan.page, None, machine.title), plan.page, device.unit)
        return [place.units(stroke.points) for stroke in plan.strokes], 1.0
    frame = Frame.of(machine, plan.page, "down" if machine.ebb else "up")
    return [frame.on_machine(stroke.points) for stroke in plan.strokes], machine.step * 1.01


def plot(folder: str, job: str, port: str, is_resumed: bool) -> None:
    """What the process that is killed does."""
    from plotsketch.api.plot import run

    os.environ["PLOTSKETCH_JOBS"] = folder  # the server of these processes began in another test
    run(Job.load(job), port, is_resumed=is_resumed)


def covers(ink: NDArray[np.float64], stroke: NDArray[np.float64], within: float) -> bool:
    """Whether a polyline of ink ends where a stroke does, and the stroke's corners and middles lie on it."""
    if np.hypot(*(ink[0] - stroke[0])) > 2 * within or np.hypot(*(ink[-1] - stroke[-1])) > 2 * within:
        return False
    wanted = np.concatenate([stroke, (stroke[1:] + stroke[:-1]) / 2])
    return bool(max(distance(point, ink) for point in wanted) <= 2 * within)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plot_killed_fifty_times_is_finished(kind: str) -> None:
    machine, strokes, options = KINDS[kind]
    plan, fate = sheet(machine, strokes), random.Random(3)
    job = Job.create(plan, "sheet.svg", {}).name
    context = multiprocessing.get_context("forkserver")  # quick children, and no threads of this process in them
    context.set_forkserver_preload(["plotsketch.api.plot", "plotsketch.plotter.connect"])
    killed = 0
    with running(kind.split()[0], **options) as simulator:
        for sitting in range(KILLS + 60):
            child = context.Process(target=plot, args=(str(jobs_folder()), job, simulator.port, sitting > 0))
            child.start()
            if killed < KILLS:
                _kill_later(child, job, fate)
            child.join()
            killed += child.exitcode == -9
            if Job.load(job).progress.is_done:
                break
            assert child.exitcode == -9, "the plot ended by itself"
        trace = simulator.trace()
    wanted, within = on_machine(plan)
    inks = [np.array(ink, dtype=float) for ink in trace["ink"] if len(ink) > 1]
    often = [sum(covers(ink, stroke, within) for ink in inks) for stroke in wanted]
    assert trace["errors"] == []
    assert min(often) >= 1, f"strokes {[n for n, times in enumerate(often) if not times]} are missing"
    assert len(inks) - len(wanted) <= killed, "more was drawn twice than a stroke a kill"
    assert killed == KILLS


def _kill_later(child: multiprocessing.process.BaseProcess, job: str, fate: random.Random) -> None:
    """Kills the process once it has drawn some strokes more, and a moment later that nobody chose."""
    progress = jobs_folder() / job / "progress"
    wanted = _lines(progress) + fate.randint(0, 6)
    while child.is_alive() and _lines(progress) < wanted:
        time.sleep(0.001)
    time.sleep(fate.random() * 0.005)
    child.kill()


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0
