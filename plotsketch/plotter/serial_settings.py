"""How a machine on a serial line is spoken to: the ``[serial]`` table of its profile, checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.plotter.profile_table import of_table

FLOWS = ("poll", "xonxoff", "both")
PROTOCOLS = ("hpgl", "grbl", "marlin")
BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 250000, 460800, 921600, 1000000)


@dataclass(frozen=True, kw_only=True)
class SerialSettings:
    """A serial line, always 8 data bits, no parity, 1 stop bit.

    Attributes:
        port: the device, ``/dev/ttyUSB0`` or ``COM3``; empty: the one that is there.
        baud: bits a second.
        protocol: ``hpgl``, ``grbl`` or ``marlin``; empty: what the profile's other tables say.
        flow: how an HP-GL plotter is kept from overflowing: ``poll`` asks for the room in its buffer, ``xonxoff`` has
            the plotter stop the computer, ``both`` asks and has the plotter stop it should the asking fail.
        reserve: bytes of its buffer that are never filled. On plotters at least one overflowed when its buffer was
            filled to the last byte that it said was free.
        block: the most bytes that are sent to it at once.
        models: how its answer to OI may begin; empty: nobody looks.
        receive: bytes that GRBL's receive buffer holds (127 of the 128 in its ring, GRBL 1.1 interface.md).

    Raises UserError for what no line is.
    """

    port: str = ""
    baud: int = 9600
    protocol: str = ""
    flow: str = "poll"
    reserve: int = 128
    block: int = 256
    models: tuple[str, ...] = ()
    receive: int = 127

    def __post_init__(self) -> None:
        for name, (is_fine, words) in CHECKS.items():
            value = getattr(self, name)
            if not is_fine(value):
                raise UserError(f"[serial] {name} is {value!r}; it takes {words}")

    @property
    def xonxoff(self) -> bool:
        """Whether the system is to stop at Xoff."""
        return self.flow != "poll"

    @property
    def polls(self) -> bool:
        """Whether the plotter is asked for the room in its buffer."""
        return self.flow != "xonxoff"


def serial_settings(machine: Machine) -> SerialSettings:
    """How a machine is spoken to; what its table leaves out is as HP's plotters come from their maker.

    Raises UserError for odd values and for a protocol that has no driver.
    """
    try:
        settings = of_table(SerialSettings, "serial", machine.serial)
    except UserError as error:
        raise UserError(f"machine {machine.name}: {error}") from error
    if settings.protocol == "marlin":
        raise UserError(
            f"{machine.title} is not driven by plotsketch, which speaks GRBL; write a file for the printer's own "
            f"card or sender: plotsketch convert SHEET -o sheet.gcode --machine {machine.name}"
        )
    return settings


def _whole(low: int, high: int) -> tuple[Callable[[Any], bool], str]:
    return lambda value: type(value) is int and low <= value <= high, f"a whole number from {low} to {high}"


def _choice(*values: str) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value in values, " or ".join(repr(value) for value in values)


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "port": (lambda value: isinstance(value, str), "a device, such as '/dev/ttyUSB0'"),
    "baud": (lambda value: type(value) is int and value in BAUDS, "bits a second: " + ", ".join(map(str, BAUDS))),
    "protocol": _choice("", *PROTOCOLS),
    "flow": _choice(*FLOWS),
    "reserve": _whole(0, 65_536),
    "block": _whole(20, 4096),
    "models": (
        lambda value: isinstance(value, tuple) and all(isinstance(one, str) and one for one in value),
        "a list of what OI may answer, such as ['7475A']",
    ),
    "receive": _whole(80, 1 << 20),
}
