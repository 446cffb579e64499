"""What a GRBL 1.1 keeps: its $ settings, and the tables of its errors and alarms that the simulator gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from plotsketch.plotter.simulators.grbl_ink import Rule

# Number: value, as a small drawing machine has it; GRBL's own where that does not matter.
DEFAULTS: dict[int, float] = {
    0: 10, 1: 25, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 10: 1, 11: 0.010, 12: 0.002, 13: 0,
    20: 0, 21: 0, 22: 0, 23: 0, 24: 25, 25: 500, 26: 250, 27: 1, 30: 1000, 31: 0, 32: 0,
    100: 80, 101: 80, 102: 250, 110: 6000, 111: 6000, 112: 600, 120: 500, 121: 500, 122: 100,
    130: 300, 131: 220, 132: 50,
}  # fmt: skip
FRACTIONS = frozenset({11, 12, 24, 25, 26, 27, 100, 101, 102, 110, 111, 112, 120, 121, 122, 130, 131, 132})
BYTES = frozenset({0, 1, 2, 3, 10, 23})
SWITCHES = frozenset({4, 5, 6, 13, 20, 21, 22, 32})
ABOVE_ZERO = frozenset({100, 101, 102, 110, 111, 112, 120, 121, 122})


@dataclass(frozen=True)
class Setting:
    """What happens to a controller, and the line that it is on. Times in simulated seconds, None for never.

    ``latency``: what a computer takes to answer an answer, with its USB. ``poll``: how long it lets pass between two
    looks at a machine that moves. ``hand_home``: somebody pushes the pen to the machine's zero where its position is
    forgotten. ``homing_fails``: no limit switch is found. ``limit_at``: a limit switch closes then.
    """

    rule: Rule
    baud: int = 115200
    latency: float = 0.001
    poll: float = 0.02
    dtr_reset: bool = False
    hand_home: bool = False
    homing_fails: bool = False
    limit_at: float | None = None
    power_off_after: float | None = None
    unplug_after: float | None = None
    settings: dict[int, float] = field(default_factory=dict)


class Refused(Exception):
    """A line that is answered with ``error:number``."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


def shown(number: int, value: float) -> str:
    """A setting as $$ lists it."""
    return f"${number}={value:.3f}" if number in FRACTIONS else f"${number}={value:g}"


def changed(settings: dict[int, float], number: int, value: float) -> None:
    """Takes $number=value. Raises Refused."""
    if number not in settings:
        raise Refused(3, f"there is no ${number}")
    if value < 0:
        raise Refused(4, f"${number} below 0")
    if number == 0 and value < 3:
        raise Refused(6, "step pulses under 3 microseconds")
    if number == 20 and value and not settings[22]:
        raise Refused(10, "soft limits need homing")
    if number in ABOVE_ZERO and value == 0:
        raise Refused(4, f"${number} of 0 would divide by it")
    if number in SWITCHES:
        value = float(value != 0)
    elif number in BYTES:
        value = float(int(value) & 0xFF)
    settings[number] = value
    if number == 22 and not value:
        settings[20] = 0.0
