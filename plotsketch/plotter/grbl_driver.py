"""Drawing machines with GRBL 1.1, with a servo or a Z axis for the pen.

GRBL brakes by itself where the moves that it has end, and a dwell (G4) is answered when all moves before it are made
and the dwell is over (GRBL 1.1, interface.md, "Synchronization"): the ok of the G4 behind a lift says that the stroke
is on paper and the pen up. Nothing that lowers the pen again is sent before it. A feed hold (``!``) would leave the pen
on the paper, so a plot is stopped by sending no more moves, and by a hold only where everything is given up
(``stop_now``).

GRBL has no memory of its own for where the pen is once it was reset, which opening the port does to most boards. As a
sign that the zero is ours it gets a tool number that nobody else gives it: a reset clears both.

Sources: GRBL 1.1, doc/markdown: interface.md, commands.md, settings.md, jogging.md. Never tried on a machine.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

import numpy as np

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.lines.times import as_coded
from plotsketch.output.fitting import beyond, refusal
from plotsketch.output.gcode import Program
from plotsketch.output.gcode_dialect import UNIT_WORDS, dialect_of
from plotsketch.output.gcode_frame import Frame
from plotsketch.plotter.driver import Drawn, Identity
from plotsketch.plotter.grbl_facts import HOMING, INCHES, facts_of, homing_end, receive_of, version_of
from plotsketch.plotter.grbl_talk import HOLD, Alarm, Talk, WasReset
from plotsketch.plotter.grbl_words import MM_PER_INCH, settings_of
from plotsketch.plotter.plan import Floats, Plan, PlanLayer
from plotsketch.plotter.port import Port, PortLost
from plotsketch.plotter.serial_settings import serial_settings

TOOL = 73  # of GRBL's 0 to 255: "this zero is plotsketch's"
HOMING_S = 300.0  # seconds in which GRBL, which is silent while it homes, has found its switches
REPORTS = 40  # status reports, one in 30 of which has the work offset at least (settings.md, $10)
BARRIER_S = 0.01  # a G4 for its answer alone


class GrblDriver:
    """Drives a machine with GRBL 1.1; see `driver.Driver`. A layer's +H (pen height) says nothing to it."""

    changes_pens = False

    def __init__(self, machine: Machine, port: Port) -> None:
        self._machine, self._port = machine, port
        self._dialect = dialect_of(machine)
        self._talk = Talk(port, serial_settings(machine).receive)
        # home's place does not hang on the page; `begin` puts the plan's page in place of this one
        self._program = Program(machine, self._dialect, Frame.of(machine, machine.travel, self._dialect.y))
        self._settings: dict[int, float] = {}
        self._strokes = 0
        self._knows_place = False

    @property
    def inked(self) -> int:
        return self._strokes

    def open(self) -> Identity:
        talk, notes = self._talk, []
        try:
            was_reset = talk.connect()
        except Alarm as alarm:
            notes.append(str(alarm))
            talk.reset()
            was_reset = True
        status = talk.rest()
        if status.state in ("Hold", "Check", "Sleep"):  # of a program that broke off
            talk.reset()
            was_reset, status = True, talk.rest()
        if status.state == "Door":
            raise UserError(f"the safety door of the machine on {self._port.path} is open: close it and try again")
        built = talk.command("$I")
        talk.receive = min(talk.receive, (receive_of(built) or talk.receive + 1) - 1)
        self._settings = settings_of(talk.command("$$"))
        facts = {**facts_of(self._settings, self._machine), "receive buffer": f"{talk.receive} bytes"}
        if status.state == "Alarm":
            notes.append(self._unlock())
            was_reset = True
        if notes:
            facts["alarm"] = "; ".join(notes)
        self._knows_place = not was_reset and any(re.search(rf"\bT{TOOL}\b", line) for line in talk.command("$G"))
        if self._state() != "Alarm":
            self._do(self._modes())
            self._do(self._lift())
        return Identity("GRBL", version_of(built), facts)

    def _unlock(self) -> str:
        """Ends an alarm where there are no switches to home by; what is to be said of it."""
        if self._settings.get(HOMING):
            return "locked until it is homed ($H), as plots do before they begin"
        self._talk.command("$X")
        return "it was locked, and has been unlocked ($X): put the pen home by hand, as it may have lost its place"

    def resumed(self, sent: int, inked: int) -> int:
        """All that was sent: a stroke counts as sent when GRBL has drawn it."""
        return max(sent, inked)

    def where(self) -> tuple[float, float] | None:
        if not self._knows_place:
            return None
        place = self._work_place()
        if place is None:
            return None
        x, y = self._home()
        return place[0] - x, (place[1] - y) * self._away

    def _work_place(self) -> tuple[float, float] | None:
        """In mm of the work coordinates. GRBL tells of the machine's, with the offset now and then, or of these."""
        offset = None
        for _ in range(REPORTS):
            status = self._talk.report()
            offset = status.wco or offset
            if status.wpos is not None:
                return self._millimetres(status.wpos)
            if status.mpos is not None and offset is not None:
                return self._millimetres((status.mpos[0] - offset[0], status.mpos[1] - offset[1]))
        return None

    def _millimetres(self, place: tuple[float, float]) -> tuple[float, float]:
        scale = MM_PER_INCH if self._settings.get(INCHES) else 1.0
        return place[0] * scale, place[1] * scale

    def _home(self) -> tuple[float, float]:
        """Home in mm of the work coordinates, whatever the page."""
        frame = self._program.frame
        home = frame.on_machine(np.array([self._machine.home_on(frame.width, frame.height)]))[0]
        return float(home[0]), float(home[1])

    @property
    def _away(self) -> int:
        """Which way y goes from the corner: +1 or -1."""
        return 1 if (self._machine.corner == "lower-left") == (self._dialect.y == "up") else -1

    def _set_zero(self, place: tuple[float, float]) -> None:
        """The pen is at this place, mm of the work coordinates."""
        self._do([f"G21 G92 X{place[0] + 0.0:.3f} Y{place[1] + 0.0:.3f}", f"T{TOOL}", UNIT_WORDS[self._dialect.units]])
        self._knows_place = True

    def begin(self, plan: Plan) -> None:
        points = np.concatenate([stroke.points for stroke in plan.strokes])
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        area = self._machine.reach_on(*plan.page)
        if too_far := beyond((left, top, right, bottom), area):
            raise refusal(too_far, area, self._machine.title)
        if self._settings.get(HOMING) and not self._knows_place:
            self.home()  # in the same sitting, as most boards are reset when the port is opened
        self._refuse_alarm()
        self._program = self._program_for(plan)
        if not self._knows_place:
            self._set_zero(self._home())
        self._do(self._program.start())
        self._strokes = 0

    def _program_for(self, plan: Plan) -> Program:
        return Program(self._machine, self._dialect, Frame.of(self._machine, plan.page, self._dialect.y))

    def _refuse_alarm(self) -> None:
        if self._state() == "Alarm":
            what = "home it with `plotsketch home` ($H)" if self._settings.get(HOMING) else "reset it and try again"
            raise UserError(f"GRBL on {self._port.path} is locked by an alarm: {what}")

    def layer(self, layer: PlanLayer) -> None:
        program = self._program
        self._program = Program(as_coded(self._machine, layer.code), program.dialect, program.frame)
        if layer.code.delay:
            self._do([self._dwell(layer.code.delay / 1000)])

    def draw(self, points: Floats, should_stop: Callable[[], bool]) -> Drawn:
        marks = self._marks(points)
        lines = [*self._program.stroke(points), *self._barrier()]
        behind = len(self._lift())
        moves = slice(len(lines) - behind - len(marks), len(lines) - behind)
        with self._lifting():
            sent = self._talk.stream(lines[: moves.stop], should_stop)
            stopped = sent < moves.stop
            self._talk.stream(lines[moves.stop :])
            self._talk.finish(should_stop)
        if stopped:
            drawn = sent - moves.start
            return Drawn(marks[drawn - 1] if drawn > 0 else 0.0, "asked")
        self._strokes += 1
        return Drawn(marks[-1] if marks else 0.0)

    def _marks(self, points: Floats) -> list[float]:
        """Of each G1 of a stroke, the mm that are drawn when it is: points whose words repeat have none."""
        places = self._program.places(points)
        way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        return [float(way[n]) for n in range(1, len(places)) if places[n] != places[n - 1]]

    def _lift(self) -> list[str]:
        """The pen up, and a G4 behind it."""
        return [*self._program.up(), *self._barrier()]

    def _barrier(self) -> list[str]:
        """A G4, where the lift has none of its own."""
        return [] if self._dialect.lift_dwell else [self._dwell(BARRIER_S)]

    def _dwell(self, seconds: float) -> str:
        return self._dialect.dwell.format(seconds=f"{seconds:g}", milliseconds=round(seconds * 1000))

    def _modes(self) -> list[str]:
        return [f"{UNIT_WORDS[self._dialect.units]} G90"]

    def _do(self, lines: Iterator[str] | list[str]) -> None:
        """Sends lines and returns when all are answered."""
        self._talk.stream(list(lines))
        self._talk.finish()

    def _state(self) -> str:
        return self._talk.report().state

    @contextlib.contextmanager
    def _lifting(self) -> Iterator[None]:
        """Lifts the pen, if GRBL can be told, when something is raised."""
        try:
            yield
        except PortLost:
            raise
        except BaseException as error:
            if isinstance(error, Alarm | WasReset):
                self._knows_place = False
            with contextlib.suppress(Exception):
                if isinstance(error, UserError):
                    self._talk.calm(error)
                    self._do([*self._modes(), *self._lift()])
                else:  # Ctrl-C, or a fault of ours: no waiting
                    self.stop_now()
            raise

    def settle(self) -> None:
        """Nothing is left when ``draw`` returns; the G4 makes sure of it."""
        self._do([self._dwell(BARRIER_S)])

    def park(self) -> None:
        self._do(self._lift())
        self._do(self._program.way_home())
        self._do([*self._dialect.end, self._dwell(BARRIER_S)])

    def stop_now(self) -> None:
        """Holds, which brakes without losing steps, and resets GRBL, which forgets all moves; then lifts."""
        talk, place = self._talk, None
        talk.abandon()
        self._port.write(HOLD)
        with contextlib.suppress(UserError):
            status = talk.rest()
            place = self._work_place() if self._knows_place and status.state != "Alarm" else None
        talk.reset()
        self._knows_place = False
        if self._state() == "Alarm":
            talk.command("$X")
            place = None
        self._do(self._modes())
        self._do(self._lift())
        if place is not None:  # the reset has dropped our zero, and not the place
            self._set_zero(place)

    def pen(self, up: bool) -> None:
        self._refuse_alarm()
        self._do(self._lift() if up else [*self._program.down(), self._dwell(BARRIER_S)])

    def jog(self, dx: float, dy: float) -> None:
        """By $J, which knows nothing of G-code's modes, and minds soft limits (jogging.md)."""
        self._refuse_alarm()
        feed = self._machine.travel_speed * 60
        self._do([f"$J=G91 G21 X{dx:.3f} Y{dy * self._away:.3f} F{feed:g}"])
        self._talk.rest()

    def go(self, x: float, y: float) -> None:
        self._do([self._program.travel((x, y)), self._dwell(BARRIER_S)])

    def home(self) -> None:
        """By its switches ($H) where it has some, and from them to the paper's corner: GRBL as it comes homes to the
        upper right. At the corner's own switches the place where that ends is taken for home."""
        if self._settings.get(HOMING):
            self._talk.command("$H", silent=HOMING_S)
            self._do(self._modes())
            self._do(self._lift())
            self._set_zero(self._homed())
        if not self._knows_place:
            raise UserError(
                "GRBL does not know where the pen is, as it was reset and has no switches to home by ($22=0): "
                "put the pen home by hand"
            )
        self._do([*self._lift(), *self._program.way_home(), self._dwell(BARRIER_S)])

    def _homed(self) -> tuple[float, float]:
        """Where homing has ended, in mm of the work coordinates."""
        x, y = (homing_end(self._settings, axis, away) for axis, away in enumerate((1, self._away)))
        home = self._home()
        return x or home[0], self._away * y or home[1]

    def check(self, plan: Plan) -> int:
        """Has GRBL read all lines of a plan in its check mode ($C), in which nothing moves; how many they are.

        To be called before ``begin``. Raises UserError for the first line that GRBL refuses. Leaving the check mode
        resets GRBL (commands.md); where the pen is is kept.
        """
        self._refuse_alarm()
        place = self._work_place() if self._knows_place else None
        program, count = self._program_for(plan), 0
        self._talk.command("$C")
        try:
            for lines in _all_lines(program, plan):
                self._do(lines)
                count += len(lines)
        finally:
            with contextlib.suppress(UserError):
                self._talk.finish()
            self._talk.expect_banner()
            self._talk.send("$C")
            self._talk.await_banner()
            self._knows_place = False
            if self._state() == "Alarm":
                self._talk.command("$X")
            if place is not None:
                self._set_zero(place)
        return count

    def close(self) -> None:
        self._port.close()


def _all_lines(program: Program, plan: Plan) -> Iterator[list[str]]:
    """All lines of a plan, stroke by stroke."""
    yield list(program.start())
    for stroke in plan.strokes:
        machine = as_coded(plan.machine, plan.layers[stroke.layer].code)
        yield list(Program(machine, program.dialect, program.frame).stroke(stroke.points))
    yield [*program.way_home(), *program.dialect.end]
