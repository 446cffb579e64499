"""Home set anew: where the pen is now. Machines that know their home by themselves have none to be set."""

from __future__ import annotations

import contextlib

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.plotter.bench import at_work, outing
from plotsketch.plotter.connect import EBB_BAUD, driver_for, kind_of
from plotsketch.plotter.port import Port
from plotsketch.plotter.serial_settings import serial_settings

ANSWER = 3.0  # seconds; an Arduino that was reset greets after two
NO_TOOL = b"T0\n"  # `grbl_driver` has a tool number as the sign that GRBL's zero is ours


def set_home(machine: Machine, path: str) -> None:
    """Makes home of where the pen is, on the machine at a port; the pen is lifted, and nothing else moves.

    An EiBotBoard counts from where its motors go on, so they are let go. GRBL is told that this is its zero (G92).
    Raises UserError for a machine whose home is its own, and one that does not answer.
    """
    kind = kind_of(machine)
    if kind == "hpgl":
        raise UserError(f"home of {machine.title} is where its paper begins, and cannot be set: move the paper")
    if kind == "ebb":
        with contextlib.closing(Port(path, EBB_BAUD)) as port:
            _let_go(port)
        return
    with contextlib.closing(Port(path, serial_settings(machine).baud)) as port:
        _forget_zero(port)
    with driver_for(machine, path) as driver, at_work(driver):
        driver.begin(outing(machine, machine.travel, [machine.home_on(*machine.travel)], None))
        driver.park()


def _let_go(port: Port) -> None:
    """Switches the motors off, and clears the memory that says that they count (`ebb_driver`)."""
    from plotsketch.plotter.ebb_protocol import Board

    board = Board(port)
    board.connect()
    board.command("SL,0")
    board.command("EM,0,0")
    if board.is_future:
        board.set_syntax(future=False)  # as other programs expect it


def _forget_zero(port: Port) -> None:
    """Takes the sign away. Raises UserError where nothing that speaks GRBL answers."""
    for question in (b"\r\n", NO_TOOL):  # the first ends half a line, and waits for a board that begins anew
        port.write(question)
        line = b"\n"
        while line.endswith(b"\n") and not line.startswith((b"ok", b"error")):
            line = port.read_until(b"\n", ANSWER)
        if not line.endswith(b"\n"):
            raise UserError(f"nothing that speaks GRBL answers at {port.path}; `plotsketch machines` says what does")
