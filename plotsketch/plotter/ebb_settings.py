"""What an EiBotBoard is told of the machine that it drives: the ``[ebb]`` table of a profile, checked.

The seconds that a lift and a drop of the pen take are counted here and nowhere else; a profile's ``lift_s`` and
``drop_s``, from which times are estimated, are what the driver waits, and must give the pen at least that long.
"""

from __future__ import annotations

from dataclasses import dataclass

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.plotter.profile_table import of_table

STEPS_PER_MM = {16: 80, 8: 40}  # of x + y and x - y by microsteps: 2032 and 1016 to the inch (axidraw_conf.py)
EM_CODES = {16: 1, 8: 2}  # EBB documentation (ebb.html), EM
SLACK = 0.001  # seconds: the formula's milliseconds are cut off, a profile's may be rounded


@dataclass(frozen=True)
class Servo:
    """A kind of pen lift.

    Attributes:
        width: pulses at 0 and at 100 percent, in 1/12 µs.
        sweep_ms: from 0 to 100 percent at rate 100.
        least_ms, slope_ms: what the fastest lift takes: slope_ms a percent, and least_ms.
        pin: of port B, where its signal comes out; None leaves it to the board (B1).
        channels: how many servo outputs take turns of 3 ms each, which makes a frame.
    """

    width: tuple[int, int]
    sweep_ms: float
    least_ms: float
    slope_ms: float
    pin: int | None
    channels: int

    @property
    def frame_ms(self) -> float:
        return 3.0 * self.channels


# AxiDraw software 3.9, axidraw_conf.py: servo_min, servo_max, servo_sweep_time, servo_move_min, servo_move_slope, and
# the same of nb_servo for the brushless lift, which hangs on pin B2 alone.
SERVOS = {
    "servo": Servo((9855, 27831), sweep_ms=200, least_ms=45, slope_ms=2.69, pin=None, channels=8),
    "brushless": Servo((5400, 12600), sweep_ms=70, least_ms=20, slope_ms=1.28, pin=2, channels=1),
}


@dataclass(frozen=True, kw_only=True)
class EbbSettings:
    """An EiBotBoard's machine.

    Attributes:
        lift: ``servo`` (plugged in at B1) or ``brushless`` (B2).
        microsteps: 16 or 8 to a full step of the motors.
        pen_up, pen_down: heights of the pen in percent of the lift's way.
        range: pulses at 0 and at 100 percent, in 1/12 µs; None takes those of the kind of lift.
        raise_rate, lower_rate: speeds of the lift in percent.
        raise_delay, lower_delay: ms to wait beyond what the lift takes; below 0 the pen moves on early.
        servo_timeout: seconds without a lift after which the servo gets no more current; 0 never.
        power_check: whether the board is asked for the motors' supply. Some boards of other makers have no such sensor.

    Raises UserError for values that no machine has.
    """

    lift: str = "servo"
    microsteps: int = 16
    pen_up: float = 60
    pen_down: float = 30
    range: tuple[int, int] | None = None
    raise_rate: float = 75
    lower_rate: float = 50
    raise_delay: float = 0
    lower_delay: float = 0
    servo_timeout: float = 60
    power_check: bool = True

    def __post_init__(self) -> None:
        _check_choice("lift", self.lift, tuple(SERVOS))
        _check_choice("microsteps", self.microsteps, tuple(STEPS_PER_MM))
        bounds = {"pen_up": (0, 100), "pen_down": (0, 100), "raise_rate": (1, 100), "lower_rate": (1, 100)}
        bounds |= {"raise_delay": (-500, 10_000), "lower_delay": (-500, 10_000), "servo_timeout": (0, 86_400)}
        for name, (low, high) in bounds.items():
            value = getattr(self, name)
            if not _is_number(value) or not low <= value <= high:
                raise UserError(f"[ebb] {name} is {value!r}; it takes a number from {low} to {high}")
        if self.range is not None and not _is_range(self.range):
            raise UserError(
                f"[ebb] range is {self.range!r}; it takes two pulse lengths in 1/12 µs, such as [9855, 27831]"
            )
        if not isinstance(self.power_check, bool):
            raise UserError(f"[ebb] power_check is {self.power_check!r}; it takes true or false")

    @property
    def servo(self) -> Servo:
        return SERVOS[self.lift]

    @property
    def steps_per_mm(self) -> int:
        return STEPS_PER_MM[self.microsteps]

    @property
    def em_code(self) -> int:
        """The parameter of EM that sets the microsteps."""
        return EM_CODES[self.microsteps]

    def pulse(self, percent: float) -> int:
        """The pulse, in 1/12 µs, that holds the pen at a height."""
        low, high = self.range or self.servo.width
        return round(low + (high - low) * percent / 100)

    def rate(self, percent: float) -> int:
        """By how much, in 1/12 µs, the pulse may change from a frame to the next (SC,11 and SC,12)."""
        low, high = self.range or self.servo.width
        return max(1, round(abs(high - low) * percent / 100 * self.servo.frame_ms / self.servo.sweep_ms))

    def raise_ms(self, down: float | None = None) -> int:
        """Milliseconds from the lowered pen, at `down` percent or where it is set to, until it is up."""
        return self._lift_ms(down, self.raise_rate, self.raise_delay)

    def lower_ms(self, down: float | None = None) -> int:
        """Milliseconds from the raised pen until it is down at `down` percent."""
        return self._lift_ms(down, self.lower_rate, self.lower_delay)

    def _lift_ms(self, down: float | None, rate: float, delay: float) -> int:
        """The lift's own time and that of the signal's sweep, blended (fourth powers), as AxiDraw's software counts."""
        way = abs(self.pen_up - (self.pen_down if down is None else down))
        own, sweep = self.servo.slope_ms * way + self.servo.least_ms, self.servo.sweep_ms * way / rate
        return max(0, int((own**4 + sweep**4) ** 0.25 + delay)) if way else max(0, int(delay))

    def setup(self, *, has_power_switch: bool) -> list[str]:
        """The commands that tell a board of the lift; `has_power_switch`: it knows SR."""
        commands = [
            f"SC,4,{self.pulse(self.pen_up)}",
            f"SC,5,{self.pulse(self.pen_down)}",
            f"SC,8,{self.servo.channels}",
            f"SC,11,{self.rate(self.raise_rate)}",
            f"SC,12,{self.rate(self.lower_rate)}",
        ]
        return commands + ([f"SR,{round(self.servo_timeout * 1000)},1"] if has_power_switch else [])

    def pen_command(self, *, up: bool, ms: int) -> str:
        """SP: the pen goes up or down, and nothing else is done for `ms`, which counts from 1."""
        pin = "" if self.servo.pin is None else f",{self.servo.pin}"
        return f"SP,{int(up)},{max(ms, 1)}{pin}"


def ebb_settings(machine: Machine) -> EbbSettings:
    """The settings of a machine that an EiBotBoard drives.

    Raises UserError for one that none drives, for odd values, and where ``lift_s`` or ``drop_s`` are shorter than the
    pen takes.
    """
    if not machine.ebb:
        raise UserError(f"{machine.title} has no EiBotBoard; choose such as axidraw-v3 with --machine")
    try:
        settings = of_table(EbbSettings, "ebb", machine.ebb)
        if machine.corner != "upper-left":
            raise UserError('corner has to be "upper-left": there the board counts from')
        for name, ms in [("lift_s", settings.raise_ms()), ("drop_s", settings.lower_ms())]:
            if getattr(machine, name) < ms / 1000 - SLACK:
                raise UserError(
                    f"{name} is {getattr(machine, name):g}, but at these heights and rates of [ebb] the pen takes "
                    f"{ms / 1000:g} seconds: write {name} = {ms / 1000:g}, or a lower delay under [ebb]"
                )
    except UserError as error:
        raise UserError(f"machine {machine.name}: {error}") from error
    return settings


def _check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    if isinstance(value, bool) or value not in choices:
        raise UserError(f"[ebb] {name} is {value!r}; it takes {' or '.join(map(str, choices))}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_range(value: object) -> bool:
    if not isinstance(value, tuple) or len(value) != 2 or not all(type(width) is int for width in value):
        return False
    return all(1 <= width <= 65535 for width in value) and value[0] != value[1]
