"""What a machine's G-code looks like: the ``[gcode]`` table of its profile, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine

MM_PER_UNIT = {"mm": 1.0, "inch": 25.4}
UNIT_WORDS = {"mm": "G21", "inch": "G20"}
COMMENTS = ("semicolon", "parentheses", "none")
SHORTEST_LINE = 48  # characters: the longest move of ours, and a few words of a comment
WORDS = re.compile(r"(?:[A-Z][-+]?(?:\d+\.?\d*|\.\d+) ?)+")
# GRBL takes these out of the stream at once, in comments too: status, hold, resume (interface.md, realtime commands)
REALTIME = "?!~"
MODES = re.compile(r"G0*(?:20|21|91)(?![\d.])")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a machine is told things. Dwells in seconds; numbers in the words are in ``units``.

    Attributes:
        pen_up, pen_down: a line of words each, such as ``M3 S0`` or ``G1 Z0 F300``.
        units: ``mm`` or ``inch``.
        y: whether Y grows ``up`` or ``down``, from the machine's ``corner`` of the page.
        travel_word: the word for moves with the pen up, ``G0`` or ``G1``.
        travel_feed: whether they carry a feed, the machine's ``travel_speed``; G1 always does.
        lift_dwell, drop_dwell: how long to wait after ``pen_up`` and ``pen_down``.
        dwell: a wait, with ``{seconds}`` or ``{milliseconds}`` in it.
        decimals: of coordinates.
        start, end: lines before everything and after it.
        pen_change: the line that waits for another pen, perhaps with ``{message}`` in it; empty: none.
        comments: ``semicolon``, ``parentheses`` or ``none``.
        longest: characters that a line has at most.
    """

    pen_up: str
    pen_down: str
    units: str
    y: str
    travel_word: str
    travel_feed: bool
    lift_dwell: float
    drop_dwell: float
    dwell: str
    decimals: int
    start: tuple[str, ...]
    end: tuple[str, ...]
    pen_change: str
    comments: str
    longest: int

    @property
    def scale(self) -> float:
        """The file's units in a millimetre."""
        return 1 / MM_PER_UNIT[self.units]


def dialect_of(machine: Machine) -> Dialect:
    """The dialect of a machine. Raises UserError for a machine without one, and for what no machine understands.

    What its table leaves out is GRBL's way. The pen is waited for as long as ``lift_s`` and ``drop_s`` say, but for a
    pen on an axis, which the machine itself waits for.
    """
    table = machine.gcode
    known = [field.name for field in fields(Dialect)]
    if not table:
        raise UserError(f"{machine.title} reads no G-code: its profile has no [gcode]; choose a machine such as grbl")
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.0)
            raise UserError(f"the [gcode] of machine {machine.name} has no '{key}'; did you mean '{near[0]}'?")
    for key in ("pen_up", "pen_down"):
        if key not in table:
            raise UserError(f'the [gcode] of machine {machine.name} lacks {key}; give it, such as {key} = "M3 S0"')
    values = {**_defaults(machine, table), **table}
    for key, (fine, words) in CHECKS.items():
        if not fine(values[key]):
            raise UserError(f"{key} in the [gcode] of machine {machine.name} is {values[key]!r}; it takes {words}")
    dialect = Dialect(**{**values, "start": tuple(values["start"]), "end": tuple(values["end"])})
    _check_together(dialect, machine)
    return dialect


def _defaults(machine: Machine, table: Mapping[str, Any]) -> dict[str, Any]:
    moved = any("Z" in str(table[key]) for key in ("pen_up", "pen_down"))
    return {
        "units": "mm",
        "y": "up",
        "travel_word": "G0",
        "travel_feed": False,
        "lift_dwell": 0.0 if moved else machine.lift_s,
        "drop_dwell": 0.0 if moved else machine.drop_s,
        "dwell": "G4 P{seconds}",
        "decimals": 4 if table.get("units") == "inch" else 3,
        "start": ["G17 G94"],
        "end": [],
        "pen_change": "M0",
        "comments": "semicolon",
        "longest": 80,
    }


def _choice(*values: str) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value in values, " or ".join(repr(value) for value in values)


def _number(low: float, high: float, *, whole: bool = False) -> tuple[Callable[[Any], bool], str]:
    def fine(value: Any) -> bool:
        kind = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        return kind and low <= value <= high

    return fine, f"a {'whole ' if whole else ''}number from {low:g} to {high:g}"


def _is_text(value: Any) -> bool:
    """Whether a line can be sent as it is."""
    return isinstance(value, str) and value.isascii() and (value == "" or value.isprintable()) and (
        not set(value) & set(REALTIME)
    )  # fmt: skip


def _are_lines(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(_is_text(line) and line and not MODES.search(line) for line in value)


def _is_pen(value: Any) -> bool:
    return isinstance(value, str) and WORDS.fullmatch(value) is not None and not re.search("[XY]", value)


def _is_dwell(value: Any) -> bool:
    slots = ("{seconds}", "{milliseconds}")
    return _is_text(value) and sum(slot in value for slot in slots) == 1 and "{" not in _without(value, *slots)


def _is_pause(value: Any) -> bool:
    return _is_text(value) and "{" not in _without(value, "{message}")


def _without(text: str, *slots: str) -> str:
    for slot in slots:
        text = text.replace(slot, "")
    return text


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "pen_up": (_is_pen, "words such as 'M3 S0' or 'G0 Z3', without X and Y"),
    "pen_down": (_is_pen, "words such as 'M3 S90' or 'G1 Z0 F300', without X and Y"),
    "units": _choice(*MM_PER_UNIT),
    "y": _choice("up", "down"),
    "travel_word": _choice("G0", "G1"),
    "travel_feed": (lambda value: isinstance(value, bool), "true or false"),
    "lift_dwell": _number(0, 60),
    "drop_dwell": _number(0, 60),
    "dwell": (_is_dwell, "a line with {seconds} or {milliseconds} in it, such as 'G4 P{seconds}'"),
    "decimals": _number(0, 6, whole=True),
    "start": (_are_lines, "a list of lines in plain ASCII without ? ! ~, and without G20, G21, G91 (see units)"),
    "end": (_are_lines, "a list of lines in plain ASCII without ? ! ~, and without G20, G21, G91"),
    "pen_change": (_is_pause, "a line such as 'M0', perhaps with {message} in it, or '' for none"),
    "comments": _choice(*COMMENTS),
    "longest": _number(SHORTEST_LINE, 250, whole=True),
}


def _check_together(dialect: Dialect, machine: Machine) -> None:
    if dialect.pen_up.split() == dialect.pen_down.split():
        raise UserError(f"pen_up and pen_down in the [gcode] of machine {machine.name} are the same; one moves the pen")
    for line in (dialect.pen_up, dialect.pen_down, dialect.dwell, dialect.pen_change, *dialect.start, *dialect.end):
        if len(line) > dialect.longest:
            raise UserError(f"the [gcode] of machine {machine.name} has a line longer than {dialect.longest}: '{line}'")
