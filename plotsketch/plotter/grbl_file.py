"""What would be sent to a machine with GRBL, as a file."""

from __future__ import annotations

import re

from plotsketch.plotter.grbl_driver import GrblDriver
from plotsketch.plotter.plan import Plan
from plotsketch.plotter.rehearsal import rehearse
from plotsketch.plotter.serial_recorder import Recorder
from plotsketch.plotter.serial_settings import serial_settings

REPORT = b"<Idle|MPos:0.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000>\r\n"
PIECES = re.compile(rb"\?|[^?\n]*\n")


def grbl_bytes(plan: Plan) -> bytes:
    """Every byte that the driver sends for a plan, the questions with it, to a GRBL 1.1 that was just switched on,
    answers at once and meets no error. Raises UserError where the driver would, such as for what does not fit."""
    receive = serial_settings(plan.machine).receive + 1

    def answer(data: bytes) -> bytes:
        return b"".join(_answer(piece, receive) for piece in PIECES.findall(data))

    recorder = Recorder(answer)
    recorder.heard(b"Grbl 1.1h ['$' for help]\r\n")
    rehearse(GrblDriver(plan.machine, recorder), plan)
    return bytes(recorder.data)


def _answer(piece: bytes, receive: int) -> bytes:
    """GRBL's, to a line or a real-time byte."""
    said = {
        b"?": REPORT,
        b"$I\n": b"[VER:1.1h.20190830:]\r\n[OPT:V,15,%d]\r\nok\r\n" % receive,
        b"$G\n": b"[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]\r\nok\r\n",
    }
    return said.get(piece, b"ok\r\n")
