"""What GRBL 1.1 says, read: answers, status reports, settings, and its error and alarm numbers in words.

Sources: GRBL 1.1, doc/markdown: interface.md, settings.md, commands.md; the numbers are those of doc/csv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MM_PER_INCH = 25.4

ERRORS = {
    1: "a word has no letter",
    2: "a number is missing or no number",
    3: "it does not know this $ command",
    4: "a value is negative that must not be",
    5: "homing is switched off ($22=0)",
    6: "the step pulse ($0) is shorter than 3 microseconds",
    7: "its memory could not be read, and its settings are now those it came with",
    8: "this $ command needs it to be idle",
    9: "it is locked by an alarm, or jogging",
    10: "soft limits ($20) need homing ($22)",
    11: "the line is too long",
    12: "a setting asks for more steps a second than it can make",
    13: "its safety door is open",
    14: "a start-up line or its build information is too long to be kept",
    15: "the jog would leave the machine's travel",
    16: "the jog command is malformed",
    17: "laser mode needs a variable spindle",
    20: "it does not know this command",
    21: "two commands of one kind stand in a line",
    22: "no feed has been set",
    23: "a command takes a whole number",
    24: "two commands in a line want the axes",
    25: "a word stands twice in a line",
    26: "the command wants axes, and there are none",
    27: "the line's number is out of range",
    28: "a word is missing that the command wants",
    29: "there are no coordinate systems beyond G59",
    30: "G53 goes with G0 and G1 alone",
    31: "there are axes, and no command that wants them",
    32: "an arc has no axis in its plane",
    33: "the target cannot be reached so",
    34: "an arc's radius does not fit its ends",
    35: "an arc has no centre",
    36: "there are words that no command uses",
    37: "the tool length is for another axis",
    38: "there is no tool of such a number",
}

HOME_AGAIN = "put the pen home, or have it homed, before you go on"
SWITCHES = "look at the limit switches, their wires and $22 to $27"
ALARMS = {
    1: f"a limit switch was hit, and it may have lost its place: {HOME_AGAIN}",
    2: "a move would have left its travel: is home where the profile has it, and are $130 and $131 the machine's?",
    3: f"it was reset while it moved, and has lost its place: {HOME_AGAIN}",
    4: "the probe was touched before probing began",
    5: "the probe touched nothing",
    6: "it was reset while homing: home it again",
    7: "the safety door was opened while homing: close it, and home again",
    8: f"homing could not back off its switch: {SWITCHES}",
    9: f"homing did not find a switch: {SWITCHES}",
}


@dataclass(frozen=True)
class Status:
    """A status report. ``state``: ``Idle``, ``Run``, ``Hold`` ...; ``detail``: its number (``Hold:0`` is at rest).

    ``mpos``, ``wpos``, ``wco``: machine and work position and the offset between them (x, y) as reported, if it was.
    """

    state: str
    detail: int | None = None
    mpos: tuple[float, float] | None = None
    wpos: tuple[float, float] | None = None
    wco: tuple[float, float] | None = None

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing moves and nothing will by itself."""
        return self.state not in ("Run", "Jog", "Home") and (self.state != "Hold" or self.detail == 0)


REPORT = re.compile(r"<([A-Za-z]+)(?::(\d+))?((?:\|[^|<>]*)*)>")
PLACES = ("MPos", "WPos", "WCO")


def status_of(line: str) -> Status | None:
    """A report such as ``<Idle|MPos:0.000,0.000,0.000|FS:0,0>``; None for what is none, or cut short."""
    match = REPORT.fullmatch(line.strip())
    if match is None:
        return None
    said = dict(part.split(":", 1) for part in match[3].split("|") if ":" in part)
    mpos, wpos, wco = (_place(said.get(name, "")) for name in PLACES)
    return Status(match[1], int(match[2]) if match[2] else None, mpos, wpos, wco)


def _place(text: str) -> tuple[float, float] | None:
    try:
        x, y = (float(number) for number in text.split(",")[:2])
    except ValueError:
        return None
    return x, y


def settings_of(lines: Iterable[str]) -> dict[int, float]:
    """What ``$$`` prints: ``$130=200.000``."""
    found = (re.fullmatch(r"\$(\d+)=([-+.\d]+)(?:\s.*)?", line.strip()) for line in lines)
    settings = {}
    for match in found:
        if match is not None:
            try:
                settings[int(match[1])] = float(match[2])
            except ValueError:
                continue
    return settings


def number_of(line: str) -> int | None:
    """Of ``error:22`` and ``ALARM:1``; None for words, which GRBL before 1.1 says instead."""
    text = line.partition(":")[2].strip()
    return int(text) if text.isdecimal() else None


def error_words(line: str) -> str:
    number = number_of(line)
    return line if number is None else f"error {number}, {ERRORS.get(number, 'which is not one of GRBL 1.1')}"


def alarm_words(line: str) -> str:
    number = number_of(line)
    return line if number is None else f"alarm {number}, {ALARMS.get(number, 'which is not one of GRBL 1.1')}"
