"""AxiDraw and other machines with an EiBotBoard (EBB), firmware 2.4.4 to 3.x.

When is a stroke on paper? After its last move SP,1 is sent, and taken. The board does what stands in its queue in
order; so once it says (QG, or QM and QP before 2.6.2) that nothing waits in the queue, and that its pen was told to go
up, all moves of the stroke are done. Until then nothing is sent that lowers the pen, so that whatever breaks, at most
the stroke under way is unfinished. Asking costs no time: the pen takes longer to rise than the next hop to be sent. A
board that was reset says as well that its pen is up, so it is asked each time whether it still knows the number that we
left in its memory (SL, QL), and whether its motors have power (QC).

A stop along the stroke is a ramp that is planned from the speed with which the last move ends that the board has. What
it has is little: two moves of 0.25 s at most, or half a second in a deep queue.

Never run on hardware: proven against a simulator that was written from the documents by somebody else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import numpy as np

from plotsketch.errors import UserError
from plotsketch.lines.layer_speeds import as_coded
from plotsketch.lines.machine import Machine
from plotsketch.output.fitting import beyond, refusal
from plotsketch.plotter.driver import Drawn, Identity
from plotsketch.plotter.ebb_moves import Moves, lead, mm_of
from plotsketch.plotter.ebb_protocol import Board, Silent, Status
from plotsketch.plotter.ebb_settings import EbbSettings, ebb_settings
from plotsketch.plotter.ebb_stream import Stream
from plotsketch.plotter.ebb_way import Floats, brake_way, from_home, stroke_way
from plotsketch.plotter.plan import Plan, PlanLayer
from plotsketch.plotter.port import Port

WELL_FED = 250  # of QC's second number: less is no supply for the motors (AxiDraw software: check for power)
MARK = 80  # and the parameter of EM: the number, below 128, in the memory of a board whose motors count from home
HOMING = 40  # mm/s of HM, which neither speeds up nor slows down
SLACK_STEPS = 1.0  # how far beyond the travel area rounding may lie
NEEDS_POWER = "its motors have no power: put the plug of its power supply in"


class EbbDriver:
    """A `driver.Driver` for an EiBotBoard. Raises UserError for a machine that has none.

    Places on the machine are mm from where the motors were switched on, its home: x along the long axis, y away from
    it. Pen heights of layers (``+H40``) are heights of the lowered pen, in percent.
    """

    changes_pens = False

    def __init__(self, machine: Machine, port: Port) -> None:
        self.machine = machine
        self.inked = 0
        self._settings: EbbSettings = ebb_settings(machine)
        self._port = port
        self._board = Board(port)
        self._stream = Stream(port, self._board, self._settings)
        self._is_open = self._counts = self._was_pressed = self._was_stopped = self._is_down = False
        self._plan: Plan | None = None
        self._layer_machine, self._down = machine, self._settings.pen_down
        self._here: Floats = np.zeros(2)  # mm: where the pen is sent to, before rounding to steps

    def open(self) -> Identity:
        self._board.connect()
        self._stream = Stream(self._port, self._board, self._settings)
        self._is_open = True
        mark = int(self._board.query("QL"))
        self._set_up()
        self._lift()
        self._stream.wait_until_idle()
        self._stream.deepen()
        self._counts = mark == self._mark and self._has_motors_on()
        if self._counts:
            self._recount()
        return Identity("EiBotBoard", str(self._board.firmware), self._facts())

    def resumed(self, sent: int, inked: int) -> int:
        """A stroke is handed over when it is on paper: nothing of those sent can be lost. Raises UserError for motors
        without power, before anybody is asked to put the pen home."""
        self._check_power()
        return sent

    def where(self) -> tuple[float, float] | None:
        if not self._counts:
            return None
        self._recount()
        return float(self._here[0]), float(self._here[1])

    def begin(self, plan: Plan) -> None:
        self._check_travel(plan)
        self._check_power()
        if self._counts:
            self._recount()
        else:
            self._switch_on()
        if self._board.firmware.future_syntax and self._settings.power_check:
            self._board.command(f"CU,60,{WELL_FED}")
        self._board.status()  # what was before, power too low or a button pressed, is forgotten
        self._plan, self.inked, self._was_pressed, self._was_stopped = plan, 0, False, False

    def layer(self, layer: PlanLayer) -> None:
        code = layer.code
        self._layer_machine = as_coded(self.machine, code)
        height = code.height if self.machine.percent_speed else None
        self._down = self._settings.pen_down if height is None else height
        self._board.command(f"SC,5,{self._settings.pulse(self._down)}")
        delay = code.delay or 0
        while delay > 0:  # SM of no steps; a longer one is cut to 100 s (ebb.html, SM)
            self._stream.send(f"SM,{min(delay, 750)},0,0", min(delay, 750) / 1000)
            delay -= min(delay, 750)

    def draw(self, points: Floats, should_stop: Callable[[], bool]) -> Drawn:
        if self._was_stopped:  # somebody may have pressed the button once more, to go on, or pulled the power meanwhile
            self._see(self._board.status())
            self._was_pressed = False
        drawn = self._drawn(points, should_stop)
        self._was_stopped = not drawn.is_whole
        self.inked += drawn.is_whole
        return drawn

    def _drawn(self, points: Floats, should_stop: Callable[[], bool]) -> Drawn:
        if why := self._why_stop(should_stop):
            return Drawn(0.0, why)
        with self._lifted_if_it_fails():
            return self._stroke(self._on_machine(points), should_stop)

    def settle(self) -> None:
        self._see(self._stream.wait_until_idle())

    def park(self) -> None:
        self._lift_if_down()
        self._stream.wait_until_idle()
        self._hop(np.zeros(2))
        self._stream.wait_until_idle()
        self._board.command("SL,0")
        self._board.command("EM,0,0")
        self._counts = False

    def stop_now(self) -> None:
        """ES empties the queue and stops the motors where they are; it does not lift the pen, SP,1 does.

        The answers that were on their way are passed over. Where the motors came to rest the board knows.
        """
        if not self._is_open:
            return
        self._port.write(b"ES\r")
        self._port.write(self._lift_command().encode("ascii") + b"\r")
        self._is_down = False
        self._board.resynchronise()
        self._stream.forget()
        self._stream.wait_until_idle()
        if self._counts:
            self._recount()

    def pen(self, up: bool) -> None:
        if up:
            self._lift()
        else:
            self._lower()
        self._stream.wait_until_idle()

    def jog(self, dx: float, dy: float) -> None:
        """Nothing bounds it, as nobody knows where a machine is that was pushed by hand. Motors that were off are
        switched on, and take where they are for home."""
        self._check_power()
        if not self._counts:
            self._switch_on()
        self._hop(self._here + np.array([dx, dy]))
        self._stream.wait_until_idle()

    def go(self, x: float, y: float) -> None:
        self._lift_if_down()
        self._hop(self._on_machine(np.array([[x, y]]))[0])
        self._stream.wait_until_idle()

    def home(self) -> None:
        self._lift_if_down()
        if not self._counts:
            raise UserError("the machine does not know where its home is: move the pen there by hand, the motors off")
        self._check_power()
        self._recount()
        if self._board.firmware.homing and self._here.any():
            steps = round(HOMING * self._settings.steps_per_mm)
            self._stream.send(f"HM,{steps}", float(np.abs(self._stream.at).max()) / steps * 2)
        else:
            self._hop(np.zeros(2))
        self._stream.wait_until_idle()
        self._recount()

    def close(self) -> None:
        """Leaves a board of firmware 3 as other programs expect it: in legacy syntax, with a short queue."""
        with contextlib.suppress(Exception):
            if self._is_open and self._board.is_future:
                self._board.command("CU,4,1", 1.0)
                self._board.set_syntax(future=False)
        self._is_open = False
        self._port.close()

    # What the methods above are made of

    @property
    def _mark(self) -> int:
        return MARK + self._settings.em_code

    def _set_up(self) -> None:
        """Tells the board of the pen lift."""
        for command in self._settings.setup(has_power_switch=self._board.firmware.servo_power):
            self._board.command(command)

    def _facts(self) -> dict[str, str]:
        volts = self._board.query("QC").split(",")[1]
        facts = {
            "power": "on" if int(volts) >= WELL_FED else "off",
            "moves": "LM" if self._stream.tactics.is_low_level else "SM",
        }
        if self._board.firmware.nickname and (name := self._board.query("QT")):
            facts["name"] = name
        return facts

    def _has_motors_on(self) -> bool:
        """Whether both motors hold; a board that cannot be asked is taken at our mark's word."""
        return not self._board.firmware.motor_query or "0" not in self._board.query("QE").split(",")

    def _switch_on(self) -> None:
        """Switches the motors on; where they are is home from now on (ebb.html, EM)."""
        code = self._settings.em_code
        self._board.command(f"EM,{code},{code}")
        self._stream.wait_until_idle()
        self._board.command(f"SL,{self._mark}")
        self._counts = True
        self._recount()

    def _recount(self) -> None:
        """Asks the board where its motors are."""
        self._stream.at = np.array(self._board.query("QS").split(","), dtype=np.int64)
        self._here = mm_of(self._stream.at, self._settings.steps_per_mm)

    def _on_machine(self, points: Floats) -> Floats:
        if self._plan is None:
            raise ValueError("no plot has begun")
        return from_home(self.machine, self._plan.page, points)

    def _check_travel(self, plan: Plan) -> None:
        """Raises UserError, with the overhang of each side, for a plan that leaves the travel area."""
        if not plan.strokes:
            return
        points = np.concatenate([stroke.points for stroke in plan.strokes])
        area = self.machine.reach_on(*plan.page)
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        slack = SLACK_STEPS / self._settings.steps_per_mm
        too_far = {side: mm for side, mm in beyond((left, top, right, bottom), area).items() if mm > slack}
        if too_far:
            raise refusal(too_far, area, self.machine.title)

    def _check_power(self) -> None:
        if self._settings.power_check and int(self._board.query("QC").split(",")[1]) < WELL_FED:
            raise UserError(f"the EiBotBoard at {self._port.path} answers, but {NEEDS_POWER}")

    def _see(self, status: Status) -> None:
        """What the board says after a stroke. Raises UserError where power was lost or the board began anew: then
        nobody knows what of the stroke is on paper."""
        self._was_pressed |= status.button
        fed = not self._settings.power_check or int(self._board.query("QC").split(",")[1]) >= WELL_FED
        if not fed or status.lost_power:
            self._counts = False
            raise UserError(
                f"the EiBotBoard at {self._port.path} lost its motors' power in the middle: see to it, put the pen "
                "home, then `plotsketch plot --resume`"
            )
        if int(self._board.query("QL")) != self._mark:
            self._counts = False
            raise self._board.restarted()

    def _why_stop(self, should_stop: Callable[[], bool]) -> str:
        if self._was_pressed:
            self._was_pressed = False
            return "button"
        return "asked" if should_stop() else ""

    @contextlib.contextmanager
    def _lifted_if_it_fails(self) -> Iterator[None]:
        """Whatever is raised within, the pen goes up if the board still listens."""
        try:
            yield
        except BaseException as error:
            began_anew = False
            with contextlib.suppress(Exception):
                self.stop_now()
                began_anew = int(self._board.query("QL")) != self._mark
                if began_anew:
                    self._counts = False
                    self._set_up()
                    self._lift()
            if began_anew and isinstance(error, Silent):
                raise self._board.restarted() from error
            raise

    def _stroke(self, place: Floats, should_stop: Callable[[], bool]) -> Drawn:
        """Hop, drop, ink and lift; returns when the ink is on paper."""
        if self._is_down:  # somebody lowered it by hand
            self._lift()
        self._hop(place[0] + lead(place, self._settings.steps_per_mm)[0])
        if why := self._why_stop(should_stop):
            return Drawn(0.0, why)
        self._lower()
        drawn = self._ink(place, should_stop)
        self._lift()
        self._see(self._stream.wait_until_up())
        return drawn

    def _ink(self, place: Floats, should_stop: Callable[[], bool]) -> Drawn:
        """Sends the moves of a stroke, with the pen down."""
        moves = self._stream.moves(stroke_way(place, self._layer_machine, self._stream.fastest), self.machine.drop_s)
        for number in range(len(moves)):
            self._stream.send_move(moves, number)
            if moves.looks[number]:
                self._look()
            if number + 1 < len(moves) and (why := self._why_stop(should_stop)):
                mm = self._brake(moves, number)
                return Drawn(mm, why)
        self._here = place[-1]
        return Drawn(_length(place))

    def _look(self) -> None:
        """Asks for the button, and whether power was lost, within a stroke: the board has a move to do meanwhile."""
        status = self._board.status()
        self._was_pressed |= status.button
        if status.lost_power:
            self._see(status)

    def _brake(self, moves: Moves, number: int) -> float:
        """Brings the pen to rest along the stroke, after a move that is sent; how far along it is then."""
        way = brake_way(moves.way, int(moves.knots[number]), float(moves.speeds[number]), self.machine.acceleration)
        ramp = self._stream.moves(way, float(moves.seconds[number]))
        for one in range(len(ramp)):
            self._stream.send_move(ramp, one)
        self._here = way.points[-1]
        return float(way.mm[-1])

    def _hop(self, end: Floats) -> None:
        self._stream.hop(self._here, end, self.machine)
        self._here = np.array(end, dtype=np.float64)

    def _lower(self) -> None:
        ms = self._settings.lower_ms(self._down) - self._settings.lower_ms() + round(self.machine.drop_s * 1000)
        self._is_down = True
        self._stream.send(self._settings.pen_command(up=False, ms=ms), max(ms, 1) / 1000)

    def _lift(self) -> None:
        ms = self._lift_ms()
        self._stream.send(self._lift_command(), max(ms, 1) / 1000)
        self._is_down = False

    def _lift_if_down(self) -> None:
        if not self._board.status().is_up:
            self._lift()

    def _lift_ms(self) -> int:
        """What a profile says, and by how much longer or shorter the pen's way is in this layer."""
        return self._settings.raise_ms(self._down) - self._settings.raise_ms() + round(self.machine.lift_s * 1000)

    def _lift_command(self) -> str:
        return self._settings.pen_command(up=True, ms=self._lift_ms())


def _length(points: Floats) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
