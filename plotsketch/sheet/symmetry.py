"""The 17 wallpaper groups, after the International Tables for Crystallography, volume A (the plane groups).

Coordinates there are counted in the vectors of the conventional cell: the first lies along x, the second goes down
(hexagonal cells: at 120 degrees to the first). Lengths here are mm, y grows down.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.sheet.lattice import Lattice, plain_tile
from plotsketch.strokes.reference import near_names
from plotsketch.strokes.sketch import Line

Kind = Literal["oblique", "rectangular", "rhombic", "square", "hexagonal"]
Coordinates = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Group:
    """``operations`` are the general positions that one point has in a primitive cell; ``domain`` an asymmetric
    unit: the tables' own, but for pmg, where theirs is a sliver.

    Both are in coordinates of the conventional cell. A rhombic lattice's conventional cell is a rectangle with one
    more lattice point in its middle. ``mirrors``: the sides of the domain are mirrors, some of them at least, so that
    what crosses them meets its own image.
    """

    name: str
    kind: Kind
    operations: tuple[str, ...]
    domain: Coordinates
    mirrors: bool = False


@dataclass(frozen=True, eq=False)
class Symmetry:
    """A group at its size in mm.

    ``lattice`` (2, 2) are the shortest repeats, a vector a row; ``isometries`` (n, 2, 3) take a point (x, y, 1) of the
    domain to all its images in one lattice cell, the first to itself; ``domain`` (k, 2) is a convex polygon whose
    images fill the plane without overlap; ``tile`` is the smallest rectangle that repeats straight (None: an oblique
    lattice that has none).
    """

    group: Group
    lattice: Lattice
    isometries: NDArray[np.float64]
    domain: NDArray[np.float64]
    tile: tuple[float, float] | None


_HALF = ((0, 0), (1 / 2, 0), (1 / 2, 1), (0, 1))
_QUARTER = ((0, 0), (1 / 2, 0), (1 / 2, 1 / 2), (0, 1 / 2))
_EIGHTH = ((0, 0), (1 / 4, 0), (1 / 4, 1 / 2), (0, 1 / 2))
_BETWEEN = ((1 / 4, 0), (3 / 4, 0), (3 / 4, 1 / 2), (1 / 4, 1 / 2))  # as wide as the mirrors of pmg leave it
_KITE = ((0, 0), (1 / 2, 0), (2 / 3, 1 / 3), (1 / 2, 1 / 2))
_P2 = ("x, y", "-x, -y")
_P4 = (*_P2, "-y, x", "y, -x")
_P3 = ("x, y", "-y, x-y", "-x+y, -x")
_P6 = (*_P3, "-x, -y", "y, -x+y", "x-y, x")
_ALONG = ("-y, -x", "-x+y, y", "x, x-y")  # mirrors through all threefold centres
_ACROSS = ("y, x", "x-y, -y", "-x, -x+y")

GROUPS = {
    group.name: group
    for group in (
        Group("p1", "oblique", ("x, y",), ((0, 0), (1, 0), (1, 1), (0, 1))),
        Group("p2", "oblique", _P2, _HALF),
        Group("pm", "rectangular", ("x, y", "-x, y"), _HALF, True),
        Group("pg", "rectangular", ("x, y", "-x, y+1/2"), _HALF),
        Group("cm", "rhombic", ("x, y", "-x, y"), _QUARTER, True),
        Group("pmm", "rectangular", (*_P2, "-x, y", "x, -y"), _QUARTER, True),
        Group("pmg", "rectangular", (*_P2, "-x+1/2, y", "x+1/2, -y"), _BETWEEN, True),
        Group("pgg", "rectangular", (*_P2, "-x+1/2, y+1/2", "x+1/2, -y+1/2"), _QUARTER),
        Group("cmm", "rhombic", (*_P2, "-x, y", "x, -y"), _EIGHTH, True),
        Group("p4", "square", _P4, _QUARTER),
        Group("p4m", "square", (*_P4, "-x, y", "x, -y", "y, x", "-y, -x"), ((0, 0), (1 / 2, 0), (1 / 2, 1 / 2)), True),
        Group(
            "p4g", "square", (*_P4, "-x+1/2, y+1/2", "x+1/2, -y+1/2", "y+1/2, x+1/2", "-y+1/2, -x+1/2"),
            ((0, 0), (1 / 2, 0), (0, 1 / 2)), True,
        ),
        Group("p3", "hexagonal", _P3, ((0, 0), (1 / 2, 0), (2 / 3, 1 / 3), (1 / 3, 2 / 3), (0, 1 / 2))),
        Group("p3m1", "hexagonal", (*_P3, *_ALONG), ((0, 0), (2 / 3, 1 / 3), (1 / 3, 2 / 3)), True),
        Group("p31m", "hexagonal", (*_P3, *_ACROSS), _KITE, True),
        Group("p6", "hexagonal", _P6, _KITE),
        Group("p6m", "hexagonal", (*_P6, *_ALONG, *_ACROSS), ((0, 0), (1 / 2, 0), (2 / 3, 1 / 3)), True),
    )
}  # fmt: skip


def group_named(name: str) -> Group:
    """Raises UserError, with all names, for one that is none."""
    if name in GROUPS:
        return GROUPS[name]
    near = near_names(name, list(GROUPS))
    meant = f"did you mean {near[0]}? " if near else ""
    raise UserError(f"there is no wallpaper group '{name}'; {meant}the 17 are {' '.join(GROUPS)}")


def symmetry(name: str, width: float, height: float | None = None, angle: float = 90.0) -> Symmetry:
    """The group on a conventional cell ``width`` mm wide.

    ``height`` is free for oblique, rectangular and rhombic lattices (None: as wide) and given by the width for
    the others; ``angle``, in degrees between the cell's sides, is free for oblique lattices alone. Raises UserError.
    """
    group = group_named(name)
    cell = _cell(group, width, height, angle)
    into, back = cell.T, np.linalg.inv(cell.T)  # from coordinates to mm, for columns
    fractions = np.array([_operation(text) for text in group.operations])
    isometries = np.concatenate([into @ fractions[:, :, :2] @ back, into @ fractions[:, :, 2:]], axis=2)
    centred = np.array([[0.5, 0.5], [-0.5, 0.5]]) if group.kind == "rhombic" else np.eye(2)
    lattice = centred @ cell
    return Symmetry(group, lattice, isometries, np.array(group.domain) @ cell, plain_tile(lattice))


def images(lines: list[Line], isometries: NDArray[np.float64]) -> list[Line]:
    """All images of ``lines`` (k, 2): those of one period when they are a motif in the domain; image by image."""
    return [line @ isometry[:, :2].T + isometry[:, 2] for isometry in isometries for line in lines]


def _cell(group: Group, width: float, height: float | None, angle: float) -> Lattice:
    for side in (width, height):
        if side is not None and not (math.isfinite(side) and side > 0):
            raise UserError(f"a repeat of {side:g} mm is none; give a length above 0")
    if group.kind in ("square", "hexagonal") and height is not None:
        raise UserError(f"{group.name} repeats on a {group.kind} lattice, whose height hangs on its width; give none")
    if group.kind != "oblique" and angle != 90:
        free = " and ".join(other.name for other in GROUPS.values() if other.kind == "oblique")
        raise UserError(f"{group.name} leaves no angle free: only {free} do")
    if not 20 <= angle <= 160:
        raise UserError(f"an angle of {angle:g} degrees makes slivers of the cells; give one from 20 to 160")
    if group.kind == "hexagonal":
        return np.array([[width, 0], [-width / 2, width * math.sqrt(3) / 2]])
    height = width if height is None else height
    slant = 0.0 if angle == 90 else height / math.tan(math.radians(angle))
    return np.array([[width, 0], [slant, height]])


def _operation(text: str) -> NDArray[np.float64]:
    """(2, 3) for a position as the tables print it: ``-y, x-y`` or ``x+1/2, -y``."""
    rows = []
    for part in text.split(","):
        row = [0.0, 0.0, 0.0]
        for sign, letter, half in re.findall(r"([+-]?)(?:([xy])|(1/2))", part):
            row["xy".index(letter) if letter else 2] += (-1 if sign == "-" else 1) * (0.5 if half else 1)
        rows.append(row)
    return np.array(rows)
