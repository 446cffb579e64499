"""What an HP-GL plotter says of itself, in words: error numbers and status bits.

Sources: HP 7475A and 7470A Interfacing and Programming Manuals, the chapters on RS-232-C interfacing (ESC.E, ESC.O) and
on output instructions (OE, OS); the 7550A counts alike.
"""

from __future__ import annotations

# ESC.E: errors of the line
IO_ERRORS = {
    10: "an output was asked for while another was on its way",
    11: "what followed ESC . is no device control instruction",
    12: "a device control instruction was garbled",
    13: "a parameter of a device control instruction is out of range",
    14: "a device control instruction had too many parameters",
    15: "a framing, parity or overrun error: speed or parity of the line are not those of the plotter's switches",
    16: "its buffer has overflowed, so that part of the drawing is lost",
}
HARMLESS = (0, 10)  # 10: only the second of two outputs is not given, and it is asked for again

# OE: errors of the language
HPGL_ERRORS = {
    1: "it does not know an instruction",
    2: "an instruction had the wrong number of parameters",
    3: "a parameter is out of range",
    4: "a character has no place in HP-GL",
    5: "it does not know a character set",
    6: "a position is beyond what it can count",
    7: "its polygon or character buffer has overflowed",
    8: "it was told to move with its pinch wheels raised",
}

# ESC.O: bits
EMPTY, VIEW, LEVER = 8, 16, 32

# OS: bits
POWERED_UP, READY, ERROR = 8, 16, 32


def io_error(number: int) -> str:
    return f"I/O error {number}: {IO_ERRORS.get(number, 'its manual has it')}"


def hpgl_error(number: int) -> str:
    return f"HP-GL error {number}: {HPGL_ERRORS.get(number, 'its manual has it')}"


def hindrance(status: int) -> str:
    """Why a plotter with this ESC.O would not draw, and what to do; empty if it would."""
    if status & LEVER:
        return "its paper lever is up: lay the paper in and lower the lever"
    if status & VIEW:
        return "it is paused (VIEW): press VIEW again, so that it goes on"
    return ""
