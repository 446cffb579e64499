"""The repeats of textile and wallpaper design by their trade names: where motifs stand, and how the whole repeats.

A repeat is made of units, each a design of ``width`` by ``height`` mm with ``rows`` x ``cols`` motifs. How units follow
one another is the repeat's name: in a half-drop each next column of units is shifted down by half the unit's height, in
a brick each next row to the right by half its width. Motifs inside a unit go on in the same way, so that the whole
reads as one half-drop and nobody sees where a unit ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.sheet.lattice import Lattice, plain_tile
from plotsketch.sheet.room import Polygon, Room
from plotsketch.strokes.reference import near_names
from plotsketch.strokes.sketch import Line

HIGH = math.sqrt(3) / 2  # of a side: an equilateral triangle
WIDER = {"ogee": 2.0, "diamond": 2.0, "hexagonal": HIGH}  # than a column is what should look as wide as high
CUT = 0.36  # of a side: how much of each corner of a centre repeat's block belongs to the motif between the blocks
FLATNESS = 0.02  # mm between a wave and the straight pieces that it is drawn with


@dataclass(frozen=True, eq=False)
class Repeat:
    """``lattice`` (2, 2): the shortest vectors, in mm, by which the whole repeats; ``tile``: width and height of the
    rectangle that repeats straight; ``rooms``: one for each motif of a lattice cell; ``lines``: what the repeat's
    name draws between motifs (ogees, diamonds, stripes), endless lines of one lattice cell for ``wrap.fill``.

    A tossed repeat has no rooms: ``toss`` finds its places on the lattice.
    """

    name: str
    lattice: Lattice
    tile: tuple[float, float]
    rooms: tuple[Room, ...]
    lines: tuple[Line, ...] = ()

    @property
    def motifs(self) -> int:
        """How many different motifs it takes."""
        return len({room.motif for room in self.rooms})


@dataclass(frozen=True)
class _Unit:
    width: float
    height: float
    rows: int
    cols: int

    @property
    def pitch(self) -> NDArray[np.float64]:
        return np.array([self.width / self.cols, self.height / self.rows])

    def middles(self) -> NDArray[np.float64]:
        """(rows * cols, 2), row by row."""
        rows, cols = np.divmod(np.arange(self.rows * self.cols), self.cols)
        return np.asarray((np.stack([cols, rows], axis=1) + 0.5) * self.pitch)


def repeat(name: str, width: float, height: float, rows: int | None = None, cols: int = 1) -> Repeat:
    """The repeat of that name with units of ``width`` x ``height`` mm and ``rows`` x ``cols`` motifs in each (None: as
    few rows as it can have).

    Raises UserError for an unknown name, a size or number below or at 0, and rows and columns that do not go on from
    one unit to the next (``closes``).
    """
    if name not in REPEATS:
        near = near_names(name, list(REPEATS))
        meant = f"did you mean {near[0]}? " if near else ""
        raise UserError(f"there is no repeat '{name}'; {meant}the repeats are {', '.join(REPEATS)}")
    if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
        raise UserError(f"a repeat of {width:g} x {height:g} mm is none; give lengths above 0")
    rows = (2 if name == "hexagonal" else 1) if rows is None else rows
    if rows < 1 or cols < 1:
        raise UserError(f"a repeat of {rows} x {cols} motifs is empty; give 1 row and column or more")
    if not closes(name, rows, cols):
        other = ", ".join(f"{r} x {c}" for r, c in _closing(name, rows, cols))
        raise UserError(f"{rows} rows x {cols} columns do not go on from one {name} unit to the next; take {other}")
    return REPEATS[name](name, _Unit(width, height, rows, cols))


def closes(name: str, rows: int, cols: int) -> bool:
    """Whether motifs in ``rows`` x ``cols`` keep their order across the edges of a unit: a half-drop's rows and columns
    are both even or both odd, a third drop's leave the same remainder by 3, and a hexagonal repeat's rows are even."""
    if name == "hexagonal":
        return rows % 2 == 0
    return (rows - cols) % PARTS.get(name, 1) == 0


def shape_for(name: str, count: int, width: float, height: float) -> tuple[int, int]:
    """Rows and columns for ``count`` motifs or a few more, in cells as square as can be.

    Extra cells are paid for like cells that are half as wide again as high.
    """
    best, least = (count, count), math.inf
    per_cell = 2 if name == "centre" else 1
    for rows in range(1, count + PARTS.get(name, 2) + 1):
        cols = math.ceil(count / per_cell / rows)
        extra = next((extra for extra in range(8) if closes(name, rows, cols + extra)), None)
        if extra is None:
            continue
        cols += extra
        seen = WIDER.get(name, 1.0) * width / cols
        wrong = abs(math.log(seen / (height / rows))) / math.log(1.5) + (rows * cols * per_cell / count - 1) * 4
        if wrong < least:
            best, least = (rows, cols), wrong
    return best


def _closing(name: str, rows: int, cols: int) -> list[tuple[int, int]]:
    """Numbers near to those asked for that do close."""
    near = [(rows, c) for c in range(max(1, cols - 3), cols + 4)] + [
        (r, cols) for r in range(max(1, rows - 3), rows + 4)
    ]
    near = [(r, c) for r, c in near if closes(name, r, c)]
    return sorted(set(near), key=lambda shape: (abs(shape[0] - rows) + abs(shape[1] - cols), shape))[:3]


def _box(middle: NDArray[np.float64], pitch: NDArray[np.float64]) -> Polygon:
    return np.asarray(middle + np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * pitch)


def _straight(unit: _Unit) -> Lattice:
    return np.array([[unit.width, 0.0], [0.0, unit.height]])


def _made(name: str, lattice: Lattice, rooms: list[Room], lines: list[Line] | None = None) -> Repeat:
    tile = plain_tile(lattice)
    assert tile is not None
    return Repeat(name, lattice, tile, tuple(rooms), tuple(lines or ()))


def _block(name: str, unit: _Unit) -> Repeat:
    rooms = [Room(_box(middle, unit.pitch), motif) for motif, middle in enumerate(unit.middles())]
    return _made(name, _straight(unit), rooms)


def _tossed(name: str, unit: _Unit) -> Repeat:
    return _made(name, _straight(unit), [])


def _dropped(unit: _Unit, part: float) -> tuple[Lattice, NDArray[np.float64]]:
    """The lattice of a drop by that part of the height, and the middles of its motifs."""
    lattice = np.array([[unit.width, unit.height * part], [0.0, unit.height]])
    middles = unit.middles()
    middles[:, 1] += np.arange(len(middles)) % unit.cols * part * unit.pitch[1]
    return lattice, middles


def _drop(name: str, unit: _Unit) -> Repeat:
    lattice, middles = _dropped(unit, 1 / PARTS[name])
    return _made(name, lattice, [Room(_box(middle, unit.pitch), motif) for motif, middle in enumerate(middles)])


def _brick(name: str, unit: _Unit) -> Repeat:
    part = 1 / PARTS[name]
    lattice = np.array([[unit.width, 0.0], [unit.width * part, unit.height]])
    middles = unit.middles()
    middles[:, 0] += np.arange(len(middles)) // unit.cols * part * unit.pitch[0]
    return _made(name, lattice, [Room(_box(middle, unit.pitch), motif) for motif, middle in enumerate(middles)])


def _hexagonal(name: str, unit: _Unit) -> Repeat:
    """Every second row shifted by half a motif; rooms are the hexagons between, their tips up and down."""
    lattice = np.array([[unit.width, 0.0], [0.0, unit.height]])
    middles = unit.middles()
    middles[:, 0] += np.arange(len(middles)) // unit.cols % 2 * 0.5 * unit.pitch[0]
    hexagon = np.array([(0, -2 / 3), (0.5, -1 / 3), (0.5, 1 / 3), (0, 2 / 3), (-0.5, 1 / 3), (-0.5, -1 / 3)])
    rooms = [Room(middle + hexagon * unit.pitch, motif) for motif, middle in enumerate(middles)]
    return _made(name, lattice, rooms)


def _mirror(name: str, unit: _Unit) -> Repeat:
    """The unit and its three reflections: the whole repeats by twice its width and twice its height."""
    size = np.array([unit.width, unit.height])
    rooms = []
    for across in (False, True):
        for down in (False, True):
            for motif, middle in enumerate(unit.middles()):
                at = np.where([across, down], 2 * size - middle, middle)
                rooms.append(Room(_box(at, unit.pitch), motif, (across, down)))
    return _made(name, 2 * _straight(unit), rooms)


def _centre(name: str, unit: _Unit) -> Repeat:
    """A motif in each block, with its corners cut off, and one where four blocks meet: two motifs a cell."""
    c = 0.5 - CUT
    octagon = np.array([(-c, -0.5), (c, -0.5), (0.5, -c), (0.5, c), (c, 0.5), (-c, 0.5), (-0.5, c), (-0.5, -c)])
    diamond = CUT * np.array([(0, -1), (1, 0), (0, 1), (-1, 0)])
    rooms = []
    for motif, middle in enumerate(unit.middles()):
        rooms.append(Room(middle + octagon * unit.pitch, 2 * motif))
        rooms.append(Room(middle + unit.pitch / 2 + diamond * unit.pitch, 2 * motif + 1))
    return _made(name, _straight(unit), rooms)


def _diamond(name: str, unit: _Unit) -> Repeat:
    """Rhombs two columns wide and one row high, which lock into one another in half-drop."""
    lattice, middles = _dropped(unit, 0.5)
    rhomb = np.array([(0, -0.5), (1, 0), (0, 0.5), (-1, 0)]) * unit.pitch
    rooms = [Room(middle + rhomb, motif) for motif, middle in enumerate(middles)]
    side = np.array([(0, -0.5), (1, 0), (0, 0.5)])
    return _made(name, lattice, rooms, _sides(middles, unit, side))


def _ogee(name: str, unit: _Unit) -> Repeat:
    """Ogees two columns wide and one row high; the motif's room is their convex middle, to the waves' tangents."""
    lattice, middles = _dropped(unit, 0.5)
    side = _wave(32)[8:25]
    tip = 0.25 + 0.5 / np.pi  # where the tangents at the turning points meet
    shape = np.concatenate([[(0, -tip)], side, [(0, tip)], -side]) * unit.pitch
    rooms = [Room(middle + shape, motif) for motif, middle in enumerate(middles)]
    return _made(name, lattice, rooms, _sides(middles, unit, _wave(_steps(unit.pitch))))


def _sides(middles: NDArray[np.float64], unit: _Unit, side: NDArray[np.float64]) -> list[Line]:
    """For each column of motifs one line down all rows: the right side of each cell, which is the left of others."""
    rows = np.arange(unit.rows)[:, None, None] * (0.0, 1.0)
    line = np.concatenate([(side[:-1] + rows).reshape(-1, 2), side[-1:] + rows[-1]])
    return [middle + line * unit.pitch for middle in middles[: unit.cols]]


def _wave(count: int) -> NDArray[np.float64]:
    """(count + 1, 2): the right side of an ogee from tip to tip, in pitches: a whole turn of cosine."""
    y = np.linspace(-0.5, 0.5, count + 1)
    return np.stack([(1 + np.cos(2 * np.pi * y)) / 2, y], axis=1)


def _steps(pitch: NDArray[np.float64]) -> int:
    """Pieces of a wave that nobody sees as straight."""
    sharpest = pitch[0] / 2 * (2 * np.pi / pitch[1]) ** 2
    return max(16, math.ceil(float(pitch[1]) * math.sqrt(sharpest / (8 * FLATNESS))))


def _stripe(name: str, unit: _Unit) -> Repeat:
    """Columns of motifs between upright lines, two and two: a broad white stripe and a narrow one."""
    rooms, lines = [], []
    narrow = 0.12 * unit.pitch[0]
    for motif, middle in enumerate(unit.middles()):
        rooms.append(Room(_box(middle, unit.pitch - (2 * narrow, 0)), motif))
    for column in range(unit.cols):
        for x in (column * unit.pitch[0] - narrow / 2, column * unit.pitch[0] + narrow / 2):
            lines.append(np.array([[x, 0.0], [x, unit.height]]))
    return _made(name, _straight(unit), rooms, lines)


# By how many units of a drop or a brick the shift comes to a whole unit.
PARTS = {
    "half-drop": 2, "third-drop": 3, "quarter-drop": 4, "brick": 2, "third-brick": 3, "quarter-brick": 4,
    "ogee": 2, "diamond": 2,
}  # fmt: skip

REPEATS: dict[str, Callable[[str, _Unit], Repeat]] = {
    "block": _block, "half-drop": _drop, "third-drop": _drop, "quarter-drop": _drop, "brick": _brick,
    "third-brick": _brick, "quarter-brick": _brick, "hexagonal": _hexagonal, "mirror": _mirror, "centre": _centre,
    "ogee": _ogee, "diamond": _diamond, "stripe": _stripe, "tossed": _tossed,
}  # fmt: skip

WITH_LINES = ("ogee", "diamond", "stripe")  # which draw something between motifs
