"""Plotters that read HP-GL on a serial line, such as Hewlett-Packard's 7475A and 7550A and Roland's DXY.

Such a plotter keeps some strokes in a buffer and draws them by itself, so ``draw`` is done when a stroke has left the
computer, and what is on paper is learned from marks: behind every stroke stands OS, which the plotter answers when it
comes to it. Every stroke ends with the pen up, so that a computer that comes late leaves no blot, and begins with an
absolute move, so that it can be drawn after whatever broke off. The plotter is never initialized (IN) for a plot, which
would lose the P1 and P2 that its user has set; an emergency stop does so if strokes are lost by it, as IN sets the same
bit of OS as a power cut, by which a later program knows that the buffer was lost.

Sources: HP 7475A and 7470A Interfacing and Programming Manuals. Never tried on a plotter.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.output.fitting import beyond, refusal
from plotsketch.output.hpgl import down_runs, move, rounded, setting, velocity_and_force
from plotsketch.output.hpgl_device import hpgl_device
from plotsketch.output.hpgl_paper import Paper, Place, choose_paper, lay
from plotsketch.plotter.driver import Drawn, Identity
from plotsketch.plotter.hpgl_status import EMPTY, HARMLESS, POWERED_UP, hindrance, hpgl_error, io_error
from plotsketch.plotter.hpgl_talk import ESCAPE, POLL, Talk
from plotsketch.plotter.plan import Floats, Plan, PlanLayer
from plotsketch.plotter.port import Port, PortLost
from plotsketch.plotter.serial_settings import serial_settings

Ints = NDArray[np.int64]
CHECKED = 8192  # bytes after which the plotter is asked for errors, at a lift
UNANSWERED = 4.0  # seconds after which a question is taken for one that a plotter does not know
XON, XOFF = 17, 19
XOFF_AT = 80  # bytes free: the plotters' own default
CLIPPED = 2  # units by which a drawing may lie beyond the plotter's own limits (OH) unsaid


class HpglDriver:
    """Drives an HP-GL plotter; see `driver.Driver`. A layer's +H (pen height) says nothing to such plotters."""

    def __init__(self, machine: Machine, port: Port) -> None:
        self._machine, self._port = machine, port
        self._device = hpgl_device(machine)
        self._settings = serial_settings(machine)
        self._talk = Talk(port, self._settings, self._device.buffer)
        self._paper: Paper | None = None
        self._place: Place | None = None
        self._strokes = 0  # handed over whole since `begin`
        self._clean = 0  # of these, drawn when the plotter last said that it had met no error
        self._checked = 0  # bytes sent then
        self._is_open = False  # and no other program's strokes are in the buffer
        self._forgot = True  # whether the plotter was switched on, or initialized, since the last program

    @property
    def changes_pens(self) -> bool:
        return self._device.pens > 1

    @property
    def inked(self) -> int:
        return self._talk.confirmed

    def open(self) -> Identity:
        talk = self._talk
        talk.reach()
        self._wait_until_empty()
        talk.size = talk.ask("L") or self._device.buffer  # which the plotter says once its buffer is empty
        if self._settings.xonxoff:
            # ESC.I: Xoff when so many bytes are free, no enquiry, Xon; ESC.N: no delay between characters, Xoff
            threshold = max(XOFF_AT, min(self._settings.block, talk.size // 2) if not self._settings.polls else XOFF_AT)
            talk.control(f"I{threshold};;{XON}:", f"N;{XOFF}:")
        # half an instruction of a program that broke off may wait for its end; there is nothing else to be aborted now
        talk.control("K")
        talk.send("PU;")
        model = talk.enquire("OI;", UNANSWERED)
        status = talk.enquire("OS;", UNANSWERED)
        self._forgot = status is None or not status.isdecimal() or bool(int(status) & POWERED_UP)
        talk.enquire("OE;", UNANSWERED)  # errors of others, forgotten by being told
        talk.ask("E")
        self._is_open = True
        return self._identity(model)

    def _wait_until_empty(self) -> None:
        while True:
            status = self._talk.ask("O")
            if trouble := hindrance(status):
                raise UserError(f"the plotter on {self._port.path} does not draw: {trouble}")
            if status & EMPTY:
                return
            self._port.sleep(POLL)

    def _identity(self, model: str | None) -> Identity:
        facts = {"buffer": f"{self._talk.size:,} bytes", "pens": str(self._device.pens)}
        facts["memory"] = "as new: switched on or initialized since the last plot" if self._forgot else "kept"
        known = self._settings.models
        if model is None:
            facts["model"] = "it does not say (OI)"
        elif known and not model.startswith(known):
            facts["warning"] = (
                f"it says that it is a {model}, and the profile {self._machine.name} is for {' or '.join(known)}: "
                "units and papers may differ; choose its own with --machine"
            )
        return Identity(model or self._machine.title, "", facts)

    def resumed(self, sent: int, inked: int) -> int:
        """All that was sent, as ``open`` has waited for it, unless the plotter was switched off or initialized since
        (bit 3 of OS, which ``open`` reads, and clears)."""
        return inked if self._forgot else sent

    def where(self) -> tuple[float, float] | None:
        """From the plotter's own 0,0, which is its home here."""
        place = self._talk.settle().split(",")
        with contextlib.suppress(ValueError):
            x, y = (float(number) * self._device.unit for number in place[:2])
            return x, y
        return None

    def begin(self, plan: Plan) -> None:
        paper = choose_paper(self._device.papers, plan.page, plan.paper, self._machine.title)
        place = lay(paper, plan.page, self._device.unit)
        points = np.concatenate([stroke.points for stroke in plan.strokes])
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        if too_far := beyond((left, top, right, bottom), place.area()):
            raise refusal(too_far, place.area(), f"{self._machine.title} on {paper}")
        for layer in plan.layers:
            self._pen(layer)
            velocity_and_force(self._device, self._machine, layer.number, layer.code)
        self._paper, self._place = paper, place
        # DF: no scaling, window or absolute-relative of another program's; P1, P2 and the pen stay (manual, DF)
        self._talk.send("DF;" + (f"PS{paper.ps};" if paper.ps is not None else "") + "PA;PU;")
        self._check_limits(paper, rounded(place, points))
        self._talk.mark(self._strokes)  # all before is drawn; it says whether the plotter took what it was told
        self._check()
        self._strokes = self._clean = self._talk.confirmed = 0

    def _check_limits(self, paper: Paper, units: Ints) -> None:
        """Raises UserError if the plotter would cut the drawing off: its switches stand for other paper."""
        said = self._talk.enquire("OH;", UNANSWERED)
        if said is None:
            self._talk.enquire("OE;", UNANSWERED)  # OH is an error to one that does not know it, forgotten once told
        answer = (said or "").split(",")
        if len(answer) != 4:
            return
        x0, y0, x1, y1 = (int(float(number)) for number in answer)
        low, high = units.min(axis=0), units.max(axis=0)
        if (low < np.array([x0, y0]) - CLIPPED).any() or (high > np.array([x1, y1]) + CLIPPED).any():
            raise UserError(
                f"the plotter says that it reaches {x0},{y0} to {x1},{y1} units, and the drawing goes from "
                f"{low[0]},{low[1]} to {high[0]},{high[1]}: is it set for {paper}? {paper.load}".strip()
            )

    def _pen(self, layer: PlanLayer) -> int:
        """The place in the carousel of a layer's pen; the only one where there is but one."""
        if self._device.pens == 1:
            return 1
        return layer.pen if layer.pen is not None else self._device.pen(layer.number)

    def layer(self, layer: PlanLayer) -> None:
        self._check()
        words = [f"SP{self._pen(layer)};"]
        velocity, force = velocity_and_force(self._device, self._machine, layer.number, layer.code)
        # always, as nobody knows what the plotter was told before
        if self._device.velocity is not None:
            words.append(setting("VS", velocity))
        if self._device.force is not None:
            words.append(setting("FS", force))
        self._talk.send("".join(words))
        if layer.code.delay:
            self._talk.settle()
            self._port.sleep(layer.code.delay / 1000)

    def draw(self, points: Floats, should_stop: Callable[[], bool]) -> Drawn:
        with self._lifting():
            if self._talk.has_erred or self._talk.sent - self._checked > CHECKED:
                self._check()
            return self._drawn(rounded(self._placed(), points), should_stop)

    def _drawn(self, units: Ints, should_stop: Callable[[], bool]) -> Drawn:
        device, talk = self._device, self._talk
        lengths = np.hypot(*np.diff(units, axis=0).T) * device.unit
        way = np.concatenate([[0.0], np.cumsum(lengths), [lengths.sum()]])  # a dot has a run of one pair too
        done = 0
        if not talk.send(move(device, None, units[0]), should_stop):
            self.settle()  # the pen is not up for good before the strokes in the buffer are drawn
            return Drawn(0.0, "asked")
        for run in down_runs(device, units):
            if not talk.send(run, should_stop):
                talk.send("PU;")
                self.settle()
                return Drawn(float(way[done]), "asked")
            done += (run.count(",") + 1) // 2
        talk.send("PU;")
        self._strokes += 1
        talk.mark(self._strokes)
        talk.drain()
        return Drawn(float(way[done]))

    def settle(self) -> None:
        self._talk.settle()
        self._check()

    def _check(self) -> None:
        """Waits until all is drawn, and raises UserError if the plotter met an error: what was drawn since it was last
        asked may be damaged, so that it does not count."""
        talk = self._talk
        talk.settle()
        number = talk.ask("E")
        said = io_error(number) if number not in HARMLESS else ""
        if talk.has_erred and not said:
            talk.has_erred = False
            answer = talk.enquire("OE;", UNANSWERED) or "0"
            said = hpgl_error(int(answer)) if answer.isdecimal() and int(answer) else ""
        if said:
            talk.confirmed = self._clean
            raise UserError(
                f"the plotter on {self._port.path} says {said}; `plotsketch plot --resume` goes on from where it last "
                "said that all was well"
            )
        self._clean, self._checked = talk.confirmed, talk.sent

    def park(self) -> None:
        self._talk.send(self._way_home() + "SP0;")
        self.settle()

    def _way_home(self) -> str:
        park = self._paper.park if self._paper is not None else (0.0, 0.0)
        return "PA;PU;" if park is None else f"PA;PU{park[0]:g},{park[1]:g};"

    def stop_now(self) -> None:
        """ESC.K drops what is in the buffer, after the line under way; SP0 puts the pen away; IN marks the loss where
        strokes that were sent may be lost."""
        self._talk.forget()
        self._port.drop()
        loses = not self._is_open or self._strokes > self._talk.confirmed
        # twice, should the first be swallowed by a device control instruction that was being sent
        self._port.write(2 * (ESCAPE + b"K") + b"PU;SP0;" + (b"IN;" if loses else b""))
        self._port.drain()

    def pen(self, up: bool) -> None:
        self._talk.send("PU;" if up else "PD;")
        self._talk.settle()

    def jog(self, dx: float, dy: float) -> None:
        x, y = (round(distance / self._device.unit) for distance in (dx, dy))
        self._talk.send(f"PR{x},{y};PA;")
        self._talk.settle()

    def go(self, x: float, y: float) -> None:
        self._talk.send(move(self._device, None, rounded(self._placed(), np.array([[x, y]]))[0]))
        self._talk.settle()

    def home(self) -> None:
        self._talk.send(self._way_home())
        self._talk.settle()

    def close(self) -> None:
        self._port.close()

    def _placed(self) -> Place:
        if self._place is None:
            raise RuntimeError("begin comes before draw and go")
        return self._place

    @contextlib.contextmanager
    def _lifting(self) -> Iterator[None]:
        """Lifts the pen, if the plotter can be told, when something is raised."""
        try:
            yield
        except PortLost:
            raise
        except BaseException:
            with contextlib.suppress(Exception):
                self._port.write(b"PU;")
            raise
