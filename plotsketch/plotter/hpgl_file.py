"""What would be sent to an HP-GL plotter, as a file."""

from __future__ import annotations

import re

from plotsketch.output.hpgl_device import hpgl_device
from plotsketch.plotter.hpgl_driver import HpglDriver
from plotsketch.plotter.plan import Plan
from plotsketch.plotter.rehearsal import rehearse
from plotsketch.plotter.serial_recorder import Recorder
from plotsketch.plotter.serial_settings import serial_settings

QUESTION = re.compile(rb"\x1b\.([BELO])|(O[IASEH]);")


def hpgl_bytes_of(plan: Plan) -> bytes:
    """Every byte that the driver sends for a plan, the questions with it, to a plotter that answers at once, meets no
    error and draws as fast as it is told. Raises UserError where the driver would, such as for what does not fit."""
    machine = plan.machine
    device, settings = hpgl_device(machine), serial_settings(machine)
    model = f"{settings.models[0].removesuffix('A')}A" if settings.models else "HP-GL"
    answers = {
        b"B": device.buffer, b"E": 0, b"L": device.buffer, b"O": 8,
        b"OI": model, b"OA": "0,0,0", b"OS": 16, b"OE": 0,
        b"OH": "-99999,-99999,99999,99999",  # whatever paper is wanted lies in it
    }  # fmt: skip

    def answer(data: bytes) -> bytes:
        asked = (one[1] or one[2] for one in QUESTION.finditer(data))
        return b"".join(f"{answers[question]}\r".encode("ascii") for question in asked)

    recorder = Recorder(answer)
    rehearse(HpglDriver(machine, recorder), plan)
    return bytes(recorder.data)
