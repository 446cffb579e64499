"""From a machine's profile to its driver: which one it is, and the port that it works through.

Drivers are imported when one of theirs is wanted.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.output.gcode_dialect import dialect_of
from plotsketch.output.hpgl_device import hpgl_device
from plotsketch.plotter.driver import Driver
from plotsketch.plotter.port import EBB_NAME, Found, Port, find_ports
from plotsketch.plotter.serial_settings import serial_settings

SIMULATOR = "simulator"
OWN, PYAXIDRAW = "plotsketch", "pyaxidraw"
EBB_BAUD = 9600  # nominal: it is a USB device and takes any
TRY = f"or try it with --port {SIMULATOR}"
MOST_PENS_7475A = 6


@contextlib.contextmanager
def driver_for(machine: Machine, port: str | None = None, *, software: str = OWN) -> Iterator[Driver]:
    """A driver for a machine, not open yet; afterwards it is closed, and a simulator that was started ends.

    Args:
        port: a serial port; ``simulator``, which starts one for as long as this lasts; None: see ``port_for``.
        software: ``pyaxidraw`` drives an AxiDraw by its maker's own library.

    Raises UserError for a machine that nobody drives, and a port that is not there or not to be had.
    """
    kind = kind_of(machine)
    if software == PYAXIDRAW:
        with contextlib.closing(_pyaxidraw(machine, kind, port)) as driver:
            yield driver
        return
    with path_for(machine, port) as path, contextlib.closing(_driver(machine, kind, path)) as driver:
        yield driver


def kind_of(machine: Machine) -> str:
    """``ebb``, ``hpgl`` or ``gcode``: who drives a machine. Raises UserError for one that is driven by nobody."""
    serial_settings(machine)  # raises UserError for a protocol that no driver speaks
    if machine.ebb:
        return "ebb"
    if machine.hpgl:
        return "hpgl"
    if machine.gcode and machine.serial:
        return "gcode"
    if machine.gcode:
        raise UserError(
            f"{machine.title} has no [serial] table, so nobody knows whether it speaks GRBL; take grbl's by "
            f'like = "grbl", or write a file: plotsketch convert SHEET -o sheet.gcode --machine {machine.name}'
        )
    raise UserError(
        f"{machine.title} has neither [ebb] nor [hpgl] nor [gcode], so nobody knows how to drive it; "
        'take one over by like = "axidraw-v3", "hp7475a" or "grbl"'
    )


def changes_pens(machine: Machine) -> bool:
    """Whether the machine fetches the pen of a layer itself, from a carousel: nobody has to stand by."""
    return kind_of(machine) == "hpgl" and hpgl_device(machine).pens > 1


def port_for(machine: Machine, port: str | None) -> str:
    """The port that is named, the one in the machine's ``[serial]`` table, or the only one that it can be.

    An EiBotBoard is known by its USB numbers; for other machines there must be one other serial port and no more.
    Raises UserError where there is none, or a choice.
    """
    if named := port or serial_settings(machine).port:
        return named
    is_ebb = kind_of(machine) == "ebb"
    found = [one for one in find_ports() if one.is_ebb == is_ebb]
    if len(found) == 1:
        return found[0].path
    what = EBB_NAME if is_ebb else "serial port"
    if not found:
        hint = "is its cable in, and its power on?" if is_ebb else "plug in its cable or adapter"
        article = "an" if is_ebb else "a"
        state = f"no {what} is connected" if is_ebb else f"this computer has no {what} for {article} {machine.title}"
        raise UserError(f"{state}: {hint} Or name a port with --port, {TRY}")
    raise UserError(f"there are {len(found)} {what}s, {_listed(found)}; name one with --port, {TRY}")


def _listed(found: list[Found]) -> str:
    return ", ".join(
        one.path if one.description in ("n/a", one.path) else f"{one.path} ({one.description})" for one in found
    )


@contextlib.contextmanager
def path_for(machine: Machine, port: str | None) -> Iterator[str]:
    """What `Port` takes, as ``port_for`` finds it; for ``simulator`` one that is at work as long as this lasts."""
    kind = kind_of(machine)
    if port != SIMULATOR:
        yield port_for(machine, port)
        return
    from plotsketch.plotter.simulators.wire import running

    if kind == "gcode":
        simulator = running("grbl", pen_down=_pen_down(machine))
    elif kind == "hpgl":
        simulator = running("hp7475a" if hpgl_device(machine).pens <= MOST_PENS_7475A else "hp7550a")
    else:
        simulator = running("ebb")
    with simulator as machine_process:
        yield machine_process.port


def _pen_down(machine: Machine) -> str | None:
    """What tells a simulator of GRBL that the pen is down: ``S>=45`` is half way between S0 and S90."""
    dialect = dialect_of(machine)
    for letter in "SZ":
        up, down = (re.search(rf"{letter}(-?[\d.]+)", line) for line in (dialect.pen_up, dialect.pen_down))
        if up and down and float(up[1]) != float(down[1]):
            middle = (float(up[1]) + float(down[1])) / 2
            return f"{letter}{'>=' if float(down[1]) > float(up[1]) else '<='}{middle:g}"
    return None


def _driver(machine: Machine, kind: str, path: str) -> Driver:
    if kind == "ebb":
        from plotsketch.plotter.ebb_driver import EbbDriver

        return EbbDriver(machine, Port(path, EBB_BAUD))
    settings = serial_settings(machine)
    port = Port(path, settings.baud, xonxoff=settings.xonxoff)
    if kind == "hpgl":
        from plotsketch.plotter.hpgl_driver import HpglDriver

        return HpglDriver(machine, port)
    from plotsketch.plotter.grbl_driver import GrblDriver

    return GrblDriver(machine, port)


def _pyaxidraw(machine: Machine, kind: str, port: str | None) -> Driver:
    if kind != "ebb":
        raise UserError(f"pyaxidraw drives AxiDraws, and {machine.title} is none; leave --driver out")
    if port == SIMULATOR:
        raise UserError("pyaxidraw finds AxiDraws by their USB numbers, so it cannot be simulated; leave --driver out")
    from plotsketch.plotter.ebb_pyaxidraw import PyAxiDrawDriver

    return PyAxiDrawDriver(machine, port or serial_settings(machine).port or None)
