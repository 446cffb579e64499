"""What a GRBL 1.1 tells of itself: status reports, and the answers to $$, $#, $G and $I."""

from __future__ import annotations

from collections.abc import Sequence

from plotsketch.plotter.simulators.grbl_gcode import Interpreter
from plotsketch.plotter.simulators.grbl_settings import shown

BANNER = "Grbl 1.1h ['$' for help]"
HELP = "[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]"
BUILD = ("[VER:1.1h.20190825:]", "[OPT:V,15,128]")


def numbers(values: Sequence[float]) -> str:
    return ",".join(f"{value + 0.0:.3f}" for value in values)


def settings_lines(settings: dict[int, float]) -> list[str]:
    return [shown(number, value) for number, value in settings.items()]


def parameter_lines(code: Interpreter) -> list[str]:
    """$#: coordinate systems and offsets."""
    lines = [f"[G{54 + n}:{numbers(system)}]" for n, system in enumerate(code.systems)]
    lines += [f"[G{which}:{numbers(place)}]" for which, place in code.homes.items()]
    return [*lines, f"[G92:{numbers(code.g92)}]", "[TLO:0.000]", "[PRB:0.000,0.000,0.000:0]"]


def mode_line(code: Interpreter) -> str:
    """$G: the parser's state."""
    modes = code.modes
    names = ["motion", "system", "plane", "units", "distance", "feed"]
    words = [f"G{modes[name]:g}" for name in names]
    words += [f"M{modes['spindle']:g}", f"M{modes['coolant']:g}", f"T{code.tool}"]
    return f"[GC:{' '.join(words)} F{code.feed:g} S{code.speed:g}]"
