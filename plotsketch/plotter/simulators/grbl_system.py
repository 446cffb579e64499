"""GRBL's own commands, which begin with $."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plotsketch.plotter.simulators.grbl_gcode import Step
from plotsketch.plotter.simulators.grbl_report import BUILD, HELP, mode_line, parameter_lines, settings_lines
from plotsketch.plotter.simulators.grbl_settings import DEFAULTS, Refused, changed

if TYPE_CHECKING:
    from plotsketch.plotter.simulators.grbl_machine import Grbl

ASSIGNMENT = re.compile(r"\$(\d+)=(.*)")
VALUE = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")


def system(grbl: Grbl, line: str) -> list[Step]:
    """The steps of a $ command, before its ``ok``. Raises Refused."""
    if line in ("$", "$G"):
        return [("say", HELP if line == "$" else mode_line(grbl.code))]
    if line == "$$":
        if grbl.state in ("Run", "Hold"):
            raise Refused(8, "$$ while it moves")
        return [("say", one) for one in settings_lines(grbl.settings)]
    if line.startswith("$J"):
        return _jog(grbl, line)
    if line == "$C":
        return _check_mode(grbl)
    if line == "$X":
        return _unlock(grbl)
    if grbl.state not in ("Idle", "Alarm"):
        raise Refused(8, f"{line} in the state {grbl.state}")
    if line == "$#":
        return [("say", one) for one in parameter_lines(grbl.code)]
    if line == "$I":
        return [("say", one) for one in BUILD]
    if line == "$N":
        return [("say", "$N0="), ("say", "$N1=")]
    if line == "$H":
        return _home(grbl)
    if line in ("$RST=$", "$RST=*"):
        grbl.settings.update(DEFAULTS)
        grbl.configure()
        return [("message", "Restoring defaults"), ("write",)]
    return _assign(grbl, line)


def _jog(grbl: Grbl, line: str) -> list[Step]:
    if grbl.state not in ("Idle", "Jog"):
        raise Refused(8 if grbl.state != "Alarm" else 9, f"a jog in the state {grbl.state}")
    if not line.startswith("$J="):
        raise Refused(16, "a jog without =")
    steps = grbl.code.jog(line[3:])
    target = steps[0][1]
    if grbl.settings[20] and not grbl.in_travel(target):  # type: ignore[arg-type]
        raise Refused(15, "a jog out of travel")
    return steps


def _check_mode(grbl: Grbl) -> list[Step]:
    if grbl.state == "Check":
        grbl.steps.clear()
        return [("message", "Disabled"), ("say", "ok"), ("reboot",)]
    if grbl.state != "Idle":
        raise Refused(8, f"$C in the state {grbl.state}")
    grbl.state = "Check"
    return [("message", "Enabled")]


def _unlock(grbl: Grbl) -> list[Step]:
    if grbl.state != "Alarm":
        return []
    grbl.state = "Idle"
    return [("message", "Caution: Unlocked")]


def _home(grbl: Grbl) -> list[Step]:
    s = grbl.settings
    if not s[22]:
        raise Refused(5, "homing is not enabled")
    # z first, then x and y together: all of their travel at most, off the switches and slowly on again
    ways = (s[132], max(s[130], s[131]))
    seconds = sum(60 * (way / s[25] + 2 * s[27] / s[24]) for way in ways) if s[24] and s[25] else 0.0
    return [("home", seconds)]


def _assign(grbl: Grbl, line: str) -> list[Step]:
    found = ASSIGNMENT.fullmatch(line)
    if found is None:
        raise Refused(3, f"{line} is not a command")
    if VALUE.fullmatch(found[2]) is None:
        raise Refused(2, f"{found[2]!r} is not a number")
    changed(grbl.settings, int(found[1][:6]), float(found[2]))
    grbl.configure()
    return [("write",)]
