"""Machines: what a plotter takes for a stroke, a hop, a lift and a pen change.

A profile is a commented TOML file in ``plotsketch/lines/machines``, or a user's own. Speeds hold along the path, not
for an axis.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError

PROFILES = Path(__file__).resolve().parent / "machines"
DEFAULT_MACHINE = "axidraw-v3"
TABLES = ("hpgl", "gcode", "ebb", "serial")
SWITCHES = ("page_at_corner", "file_speeds", "axis_limits")
OPTIONAL = ("home", "corner", "percent_speed", *SWITCHES, *TABLES, "source", "notes")
PAIRS = ("travel", "home")
CORNERS = ("upper-left", "lower-left")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A plotter's pace and reach. Lengths in mm, times in seconds.

    Attributes:
        name: how a command line calls it.
        title: what people call it.
        draw_speed, travel_speed: top speed with the pen down and up, mm/s.
        acceleration, travel_acceleration: with the pen down and up, mm/s².
        junction: how far, in mm, the path of a machine of that acceleration would round a corner at the speed at
            which it takes it; 0 stops at every corner (`plotsketch.lines.motion.corner_speeds`).
        lift_s, drop_s: from pen down to pen up and back, until the machine may go on.
        pen_change_s: from the end of a pen's last stroke at home to the next pen's start.
        home: where the pen rests before and after, into the travel area from its ``corner``.
        corner: ``upper-left`` or ``lower-left``: where page and travel area lie with a corner on one another.
        page_at_corner: the page's corner lies at the travel area's; if not, the area lies inside the page's margins.
        step: length of a motor step.
        travel: width and height of the area that the pen reaches.
        percent_speed: mm/s that one percent of a layer's ``+S`` stands for; 0 if the machine reads no layer codes.
        file_speeds: whether speeds that stand in the HPGL or G-code of a sheet hold in place of ``draw_speed``.
        axis_limits: whether accelerations, and ``travel_speed``, are those of each axis, as GRBL has it: on the slant
            the pen is up to root 2 quicker.
        hpgl, gcode: what files for it need, if it reads such (`output.hpgl_device`, `output.gcode_dialect`).
        ebb: its pen lift and motors, if an EiBotBoard drives it (`plotter.ebb_settings`).
        serial: how it is spoken to, if by a serial line (`plotter.serial_settings`).
        source: where the figures are from.
        notes: what a user should know of them.

    Raises UserError for numbers that no machine has.
    """

    name: str
    title: str
    draw_speed: float
    travel_speed: float
    acceleration: float
    travel_acceleration: float
    junction: float
    lift_s: float
    drop_s: float
    pen_change_s: float
    step: float
    travel: tuple[float, float]
    home: tuple[float, float] = (0.0, 0.0)
    corner: str = "upper-left"
    page_at_corner: bool = True
    percent_speed: float = 0.0
    file_speeds: bool = True
    axis_limits: bool = False
    hpgl: Mapping[str, Any] = field(default_factory=dict)
    gcode: Mapping[str, Any] = field(default_factory=dict)
    ebb: Mapping[str, Any] = field(default_factory=dict)
    serial: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    notes: str = ""

    def __post_init__(self) -> None:
        for name in ("draw_speed", "travel_speed", "acceleration", "travel_acceleration", "step", "travel"):
            _check(self, name, least=math.ulp(0.0), words="above 0")
        texts = ("name", "title", "source", "notes")
        for name, kind in {**dict.fromkeys(texts, str), **dict.fromkeys(SWITCHES, bool)}.items():
            if not isinstance(getattr(self, name), kind):
                words = "true or false" if kind is bool else "a text"
                raise UserError(f"the machine's {name} is {getattr(self, name)!r}; it takes {words}")
        for name in ("junction", "lift_s", "drop_s", "pen_change_s", "home", "percent_speed"):
            _check(self, name, least=0.0, words="0 or more")
        if self.corner not in CORNERS:
            raise UserError(f"the machine's corner is {self.corner!r}; it takes {' or '.join(CORNERS)}")
        for name in TABLES:
            if not isinstance(getattr(self, name), Mapping):
                raise UserError(f"the machine's {name} is {getattr(self, name)!r}; it takes a table, [{name}]")

    @property
    def has_carousel(self) -> bool:
        """Whether it fetches its pens itself: the first too, and puts the last away."""
        pens = self.hpgl.get("pens")
        return isinstance(pens, int) and pens > 1

    def travel_seconds(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds of straight moves of `distances` mm with the pen up, from rest to rest; any shape."""
        lengths = np.asarray(distances, dtype=np.float64)
        speed, acceleration = self.travel_speed, self.travel_acceleration
        # A short hop never comes to its cruising speed: half the way up, half the way down.
        short = 2 * np.sqrt(lengths / acceleration)
        return np.where(lengths < speed**2 / acceleration, short, lengths / speed + speed / acceleration)

    def hop_seconds(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds from the end of a stroke to the start of the next, `distances` mm away: lift, travel and drop.

        A hop that is no hop (`is_hop`) costs nothing. Any shape.
        """
        lengths = np.asarray(distances, dtype=np.float64)
        return np.where(self.is_hop(lengths), self.lift_s + self.drop_s + self.travel_seconds(lengths), 0.0)

    def is_hop(self, distances: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether strokes `distances` mm apart need a lift: within half a step they touch, and the pen stays down."""
        return np.asarray(distances, dtype=np.float64) >= self.step / 2

    def turns(self, width: float, height: float) -> bool:
        """Whether a page lies turned on the machine: its long side goes along the machine's."""
        return (width - height) * (self.travel[0] - self.travel[1]) < 0

    def home_on(self, width: float, height: float) -> tuple[float, float]:
        """Where home is on a page of `width` x `height` mm.

        A page that lies turned is turned counter-clockwise, as AxiDraw's software does: the page's upper right corner
        comes to the machine's upper left, its upper left one to the machine's lower left.
        """
        x, y = self.home
        if self.corner == "lower-left":
            return (y, x) if self.turns(width, height) else (x, height - y)
        return (width - y, x) if self.turns(width, height) else (x, y)

    def reach_on(self, width: float, height: float) -> tuple[float, float, float, float]:
        """The travel area on a page of `width` x `height` mm: left, top, right, bottom."""
        across, down = self.travel
        if self.corner == "lower-left":
            return (0.0, 0.0, down, across) if self.turns(width, height) else (0.0, height - down, across, height)
        return (width - down, 0.0, width, across) if self.turns(width, height) else (0.0, 0.0, across, down)


def load_machine(reference: str) -> Machine:
    """The machine of a shipped profile's name, or of a TOML file's path.

    A file's ``like = "axidraw-v3"`` takes from another profile what the file leaves out. Raises UserError for an
    unknown name (with near ones), a file that cannot be read, and what is no machine.
    """
    if reference in machine_names():
        return _shipped(reference)
    path = Path(reference)
    if path.suffix.lower() == ".toml":
        return _machine(path)
    near = get_close_matches(reference.lower(), machine_names(), n=3, cutoff=0.5)
    choices = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(machine_names())}"
    raise UserError(f"no machine '{reference}': {choices} (or give a file of your own: machine.toml)")


@cache
def machine_names() -> tuple[str, ...]:
    """The names of the shipped profiles, sorted."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.toml")))


@cache
def _shipped(name: str) -> Machine:
    return _machine(PROFILES / f"{name}.toml")


def _machine(path: Path) -> Machine:
    values = _values(path, seen=())
    known = [field.name for field in fields(Machine)]
    if unknown := [key for key in values if key not in known]:
        near = get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"it has {', '.join(known)}"
        raise UserError(f"{path}: a machine has no '{unknown[0]}': {hint}")
    if missing := [name for name in known if name not in values and name not in OPTIONAL]:
        raise UserError(f'{path}: {", ".join(missing)} missing: give them, or take them by like = "{DEFAULT_MACHINE}"')
    values |= {name: tuple(values[name]) for name in PAIRS if isinstance(values.get(name), list)}
    try:
        return Machine(**values)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _values(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """What a file says, and what it does not say from the profile that it is like."""
    values = {"name": path.stem, "title": path.stem, **_read(path)}
    like = values.pop("like", None)
    if like is None:
        return values
    base = PROFILES / f"{like}.toml" if like in machine_names() else path.parent / str(like)
    if base in (*seen, path):
        raise UserError(f"{path}: like = '{like}' leads back to the same file; name a shipped profile")
    if not base.is_file():
        near = get_close_matches(str(like), machine_names(), n=1, cutoff=0.0)
        raise UserError(f"{path}: like = '{like}' is no profile and no file; did you mean '{near[0]}'?")
    return _merged(_values(base, (*seen, path)), values)


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What `own` says, and what it does not say from `base`; tables are merged key by key."""
    both = {key: _merged(base[key], value) for key, value in own.items() if _tables(base.get(key), value)}
    return {**base, **own, **both}


def _tables(*values: object) -> bool:
    return all(isinstance(value, dict) for value in values)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no TOML: {error}") from error


def _check(machine: Machine, name: str, least: float, words: str) -> None:
    """Raises UserError unless a field holds a number (or two, for a place) that is finite and at least `least`."""
    value = getattr(machine, name)
    pair = name in PAIRS
    numbers = value if pair and isinstance(value, tuple) and len(value) == 2 else () if pair else (value,)
    fine = [isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) and n >= least for n in numbers]
    if not fine or not all(fine):
        what = f"two numbers, each {words}" if pair else f"a number {words}"
        raise UserError(f"the machine's {name} is {value!r}; it takes {what}")
