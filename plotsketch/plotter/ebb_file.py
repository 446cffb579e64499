"""What would be sent to an EiBotBoard for a plot, byte for byte, without one.

The driver is not told that there is none: it talks to a `Recorder`, which answers as a board that is well does.
"""

from __future__ import annotations

import re

from plotsketch.errors import UserError
from plotsketch.plotter.ebb_driver import WELL_FED, EbbDriver
from plotsketch.plotter.ebb_protocol import ALONE
from plotsketch.plotter.plan import Plan
from plotsketch.plotter.port import Port
from plotsketch.plotter.rehearsal import rehearse

DEFAULT_FIRMWARE = "2.8.1"  # what AxiDraws have been sold with for years


class Recorder(Port):
    """A port at which a board is that does all at once: keeps what is written (``sent``), answers what is asked."""

    def __init__(self, firmware: str = DEFAULT_FIRMWARE) -> None:
        self.path, self.is_simulated = "file", True
        self.sent = b""
        self._firmware = firmware
        self._line = b""  # what has been written since the last CR
        self._answers = b""
        self._is_future, self._is_up, self._variable = False, True, 0

    def write(self, data: bytes) -> None:
        self.sent += data
        *lines, self._line = (self._line + data).split(b"\r")
        for line in filter(None, lines):
            self._answer(line.decode("ascii"))

    def drain(self) -> None:
        """All is sent as soon as it is written."""

    def read(self, timeout: float) -> bytes:
        answers, self._answers = self._answers, b""
        return answers

    def read_until(self, ends: bytes, timeout: float) -> bytes:
        for place, byte in enumerate(self._answers):
            if byte in ends:
                line, self._answers = self._answers[: place + 1], self._answers[place + 1 :]
                return line
        return self.read(timeout)

    def discard(self) -> None:
        self._answers = b""

    def sleep(self, seconds: float) -> None:
        """Nothing takes time here."""

    def close(self) -> None:
        """There is nothing to close."""

    def _answer(self, text: str) -> None:
        name, *values = text.split(",")
        data = self._does(name, values)
        if name == "V":
            self._answers += f"EBBv13_and_above EB Firmware Version {self._firmware}\r\n".encode()
        elif self._is_future:
            self._answers += (f"{name},{data}\n" if data else f"{name}\n").encode()
        elif data and name in ALONE:
            self._answers += f"{name + ',' if name == 'QM' else ''}{data}\r\n".encode()
        else:
            self._answers += ((f"{data}\r\n" if data else "") + "OK\r\n").encode()

    def _does(self, name: str, values: list[str]) -> str:
        """Does a command, or finds a query's data."""
        if name == "SP":
            self._is_up = values[0] == "1"
        elif name == "SL":
            self._variable = int(values[0])
        elif name == "CU" and values[0] == "10":
            self._is_future = values[1] == "1"
        data = {
            "QL": str(self._variable), "QC": f"0394,{WELL_FED + 50:04}", "QG": "10" if self._is_up else "00",
            "QM": "0,0,0,0", "QP": str(int(self._is_up)), "QB": "0", "QS": "0,0", "QE": "16,16", "QU": "0",
        }  # fmt: skip
        return "32" if (name, values) == ("QU", ["2"]) else data.get(name, "")


def ebb_bytes(plan: Plan, firmware: str = DEFAULT_FIRMWARE) -> bytes:
    """All bytes of a plot, from the first question to the motors' end, for a board of that firmware, just switched on.

    What the driver asks on its way is in it, so the file is no program for a board to run by itself: it is there to be
    read, and compared. Raises UserError for what cannot be plotted, and for a version that is none.
    """
    if not re.fullmatch(r"\d+(\.\d+){1,3}", firmware, re.ASCII):
        raise UserError(f"'{firmware}' is no version of an EiBotBoard's firmware; write one such as {DEFAULT_FIRMWARE}")
    port = Recorder(firmware)
    rehearse(EbbDriver(plan.machine, port), plan)
    return port.sent
