"""What GRBL says of itself (``$I``, ``$$``), held against the profile of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from plotsketch.lines.machine import Machine

STATUS_MASK, JUNCTION, INCHES, SOFT_LIMITS, HOMING, LASER = 10, 11, 13, 20, 22, 32
HOMING_SIDES, PULL_OFF = 23, 27
RATE_X, RATE_Y, ACCELERATION_X, ACCELERATION_Y, TRAVEL_X, TRAVEL_Y = 110, 111, 120, 121, 130, 131
SAME = 0.01  # share by which a setting may differ from the profile unsaid


def version_of(said: Iterable[str]) -> str:
    """Of ``[VER:1.1h.20190830:name]``: ``1.1h.20190830``; empty if it is not said."""
    for line in said:
        if match := re.match(r"\[VER:([^:\]]*)", line):
            return match[1]
    return ""


def receive_of(said: Iterable[str]) -> int | None:
    """Of ``[OPT:V,15,128]``: 128, the bytes of the receive buffer; None if it is not said."""
    for line in said:
        if match := re.match(r"\[OPT:[^,\]]*,\d+,(\d+)\]", line):
            return int(match[1])
    return None


def homing_end(settings: Mapping[int, float], axis: int, away: int) -> float:
    """How far, in mm, an axis (0 is x, 1 is y) is from the paper's corner once GRBL has homed it.

    ``away``: +1 where the axis grows away from that corner, else -1. GRBL goes to the switch at the axis's greater end,
    or where $23 has its bit to the one at the lesser end, and then backs off by $27 (settings.md). At the corner's own
    switch that is 0; at the other one the axis's travel, less what is backed off at both ends.
    """
    at_lesser_end = bool(int(settings.get(HOMING_SIDES, 0)) >> axis & 1)
    if at_lesser_end == (away > 0) or TRAVEL_X + axis not in settings:
        return 0.0
    return settings[TRAVEL_X + axis] - 2 * settings.get(PULL_OFF, 0.0)


def facts_of(settings: Mapping[int, float], machine: Machine) -> dict[str, str]:
    """Facts for people, and under ``warning`` what does not go with the profile."""
    facts = {}
    pairs = [
        ("travel", TRAVEL_X, TRAVEL_Y, "mm"), ("fastest", RATE_X, RATE_Y, "mm/min"),
        ("acceleration", ACCELERATION_X, ACCELERATION_Y, "mm/s2"),
    ]  # fmt: skip
    for name, x, y, unit in pairs:
        if x in settings and y in settings:
            facts[name] = f"{settings[x]:g} x {settings[y]:g} {unit} (${x}, ${y})"
    if HOMING in settings:
        facts["homing"] = "yes ($22=1)" if settings[HOMING] else "no ($22=0)"
    if warnings := list(_warnings(settings, machine)):
        facts["warning"] = "; ".join(warnings)
    return facts


def _warnings(settings: Mapping[int, float], machine: Machine) -> Iterator[str]:
    if settings.get(LASER):
        yield "laser mode is on ($32=1), in which a servo moves with the motion and not before it: set $32=0"
    for name, setting, wanted in zip("xy", (TRAVEL_X, TRAVEL_Y), machine.travel, strict=True):
        if settings.get(setting, wanted) < wanted * (1 - SAME):
            yield f"{name} travels {settings[setting]:g} mm (${setting}), and the profile says {wanted:g}"
    fastest = max(machine.draw_speed, machine.travel_speed) * 60
    for name, setting in zip("xy", (RATE_X, RATE_Y), strict=True):
        if settings.get(setting, fastest) < fastest * (1 - SAME):
            yield f"{name} goes at {settings[setting]:g} mm/min at most (${setting}), and the profile at {fastest:g}"
    wishes = [
        (ACCELERATION_X, machine.acceleration, "mm/s2"), (ACCELERATION_Y, machine.acceleration, "mm/s2"),
        (JUNCTION, machine.junction, "mm"),
    ]  # fmt: skip
    for setting, wanted, unit in wishes:
        if abs(settings.get(setting, wanted) - wanted) > wanted * SAME:
            yield f"${setting} is {settings[setting]:g} {unit}, and the profile says {wanted:g}: times will differ"
