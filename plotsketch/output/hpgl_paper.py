"""Paper in an HP-GL plotter: how a page comes to lie on it, and where the plotter's axes lie on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.output.fitting import Area

Floats = NDArray[np.float64]
Size = tuple[float, float]

TOLERANCE = 1.0  # mm by which a page may differ from a paper that it is taken for
DIRECTIONS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}  # on a page whose y grows down
CORNERS = {"lower-left": (0.0, 1.0), "upper-left": (0.0, 0.0), "centre": (0.5, 0.5)}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper that a plotter takes. All of it is seen with the page before you as ``size`` gives it.

    Attributes:
        size: width and height in mm; None takes pages of any size, as they are.
        area: what the pen can reach, in plotter units: least x and y, largest x and y. Or else
        margins: what it cannot reach, in mm: left, top, right, bottom.
        origin: where the plotter's 0,0 lies, in mm right of and above ``origin_from`` (below upper-left).
        origin_from: ``lower-left``, ``upper-left`` or ``centre`` of the page.
        x, y: where the plotter's axes point on the page: ``right``, ``left``, ``up``, ``down``.
        frame: P1 and P2 as the plotter sets them for this paper, which matter to files that scale (SC).
        ps: the parameter of PS that announces this paper; None sends no PS.
        park: where the pen goes in the end, in plotter units; None leaves it.
        load: how to lay the paper in.

    Raises UserError for values that no paper has.
    """

    name: str
    size: Size | None = None
    area: tuple[float, float, float, float] | None = None
    margins: tuple[float, float, float, float] | None = None
    origin: Size = (0.0, 0.0)
    origin_from: str = "lower-left"
    x: str = "right"
    y: str = "up"
    frame: tuple[float, float, float, float] | None = None
    ps: int | None = None
    park: Size | None = None
    load: str = ""

    def __post_init__(self) -> None:
        if self.size is not None and min(self.size) <= 0:
            raise UserError(f"paper {self.name}: size is {list(self.size)}; give width and height in mm, above 0")
        if (self.area is None) == (self.margins is None):
            raise UserError(f"paper {self.name}: give either area (plotter units) or margins (mm)")
        if self.area is not None and not (self.area[0] < self.area[2] and self.area[1] < self.area[3]):
            raise UserError(f"paper {self.name}: area is {list(self.area)}; give least x and y, then largest x and y")
        if self.margins is not None and (
            min(self.margins) < 0 or (self.size is not None and not self._room(*self.size, *self.margins))
        ):
            raise UserError(f"paper {self.name}: margins {list(self.margins)} leave no room; give mm, 0 or more")
        if self.origin_from not in CORNERS:
            raise UserError(f"paper {self.name}: origin_from is '{self.origin_from}'; it takes {', '.join(CORNERS)}")
        axes = [DIRECTIONS[axis] for axis in (self.x, self.y) if axis in DIRECTIONS]
        if len(axes) < 2 or (axes[0][0] == 0) == (axes[1][0] == 0):
            raise UserError(f"paper {self.name}: x = '{self.x}', y = '{self.y}'; give two such as right and up")

    @staticmethod
    def _room(width: float, height: float, left: float, top: float, right: float, bottom: float) -> bool:
        return left + right < width and top + bottom < height

    def __str__(self) -> str:
        return self.name if self.size is None else f"{self.name} ({self.size[0]:g} x {self.size[1]:g} mm)"

    def takes(self, page: Size) -> bool:
        """Whether a page of ``page`` mm, as it stands, is this paper."""
        return self.size is not None and bool(np.allclose(page, self.size, rtol=0, atol=TOLERANCE))


@dataclass(frozen=True)
class Place:
    """A page on the plotter: ``units = mm @ matrix + offset``, mm from the page's upper left corner, y down.

    ``reach`` is the area that the pen can reach in whole plotter units: least x and y, largest x and y.
    """

    matrix: Floats
    offset: Floats
    reach: tuple[int, int, int, int]

    def units(self, points: Floats) -> Floats:
        """Plotter units of points (n, 2) in mm on the page, not rounded."""
        return points @ self.matrix + self.offset

    def millimetres(self, units: Floats) -> Floats:
        """Points (n, 2) in mm on the page of plotter units."""
        found: Floats = (units - self.offset) @ np.linalg.inv(self.matrix)
        return found

    def area(self) -> Area:
        """The reach on the page in mm: left, top, right, bottom."""
        corners = self.millimetres(np.array(self.reach, dtype=np.float64).reshape(2, 2))
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def choose_paper(papers: Mapping[str, Paper], page: Size, name: str | None, whose: str) -> Paper:
    """The paper of that ``name``, or the one that a page of ``page`` mm is, standing or lying.

    A paper of any size is taken for a page that is no other. Raises UserError, naming the papers that there are, for an
    unknown name and for a page that is none of them.
    """
    choices = ", ".join(map(str, papers.values()))
    if name is not None:
        found = next((paper for paper in papers.values() if paper.name.lower() == name.lower()), None)
        if found is None:
            raise UserError(f"{whose} has no paper '{name}'; it has {choices}")
        return found
    for size in (page, page[::-1]):
        for paper in papers.values():
            if paper.takes(size):
                return paper
    anything = next((paper for paper in papers.values() if paper.size is None), None)
    if anything is None:
        raise UserError(
            f"a page of {page[0]:g} x {page[1]:g} mm is none of the papers of {whose}: {choices}; "
            f"name the one to plot on (--paper {next(iter(papers))})"
        )
    return anything


def lay(paper: Paper, page: Size, unit: float) -> Place:
    """Where a page of ``page`` mm lies on ``paper`` in a plotter whose unit is ``unit`` mm.

    A page that stands where the paper lies, or the other way round, is turned to the left, so that its upper right
    corner becomes the upper left one, as `lines.machine.Machine` and AxiDraw's software turn it. A page of another size
    than the paper comes to lie in its middle.
    """
    size = paper.size or page
    turned = (page[0] - page[1]) * (size[0] - size[1]) < 0
    turn = np.array([[0.0, -1.0], [1.0, 0.0]]) if turned else np.eye(2)
    lying = page[::-1] if turned else page
    # from mm on the page to mm on the paper, both from the upper left corner, y down
    shift = (np.array(size) - lying) / 2 + (np.array([0.0, page[0]]) if turned else 0.0)
    axes = np.array([DIRECTIONS[paper.x], DIRECTIONS[paper.y]], dtype=np.float64).T / unit
    origin = _origin(paper, size)
    return Place(turn @ axes, (shift - origin) @ axes, _reach(paper, size, origin, axes))


def _origin(paper: Paper, size: Size) -> Floats:
    """The plotter's 0,0 in mm from the paper's upper left corner, y down."""
    up = 1.0 if paper.origin_from == "upper-left" else -1.0
    return np.array(CORNERS[paper.origin_from]) * size + np.array(paper.origin) * (1.0, up)


def _reach(paper: Paper, size: Size, origin: Floats, axes: Floats) -> tuple[int, int, int, int]:
    if paper.area is not None:
        return _whole(np.array(paper.area).reshape(2, 2))
    left, top, right, bottom = paper.margins or (0.0, 0.0, 0.0, 0.0)
    corners = np.array([[left, top], [size[0] - right, size[1] - bottom]])
    if not (corners[0] < corners[1]).all():
        raise UserError(f"a page of {size[0]:g} x {size[1]:g} mm has no room between the margins of paper {paper.name}")
    return _whole((corners - origin) @ axes)


def _whole(corners: Floats) -> tuple[int, int, int, int]:
    """The whole units between two corners."""
    corners = np.round(corners, 6)  # 15 / 0.025 is not quite 600
    (x0, y0), (x1, y1) = np.ceil(corners.min(axis=0)), np.floor(corners.max(axis=0))
    return int(x0), int(y0), int(x1), int(y1)


def paper_of(name: str, values: Mapping[str, Any]) -> Paper:
    """A paper from a table of a profile. Raises UserError for unknown keys and values of the wrong kind."""
    lengths = {"size": 2, "area": 4, "margins": 4, "origin": 2, "frame": 4, "park": 2}
    kinds: dict[str, type | tuple[type, ...]] = {"origin_from": str, "x": str, "y": str, "load": str, "ps": int}
    for key, value in values.items():
        if key in lengths:
            numbers = value if isinstance(value, list) else []
            fine = len(numbers) == lengths[key] and all(is_number(number) for number in numbers)
            words = f"{lengths[key]} numbers"
        elif key in kinds:
            fine, words = isinstance(value, kinds[key]) and not isinstance(value, bool), "a text or whole number"
        else:
            raise UserError(f"paper {name}: it has no '{key}'; it takes {', '.join([*lengths, *kinds])}")
        if not fine:
            raise UserError(f"paper {name}: {key} is {value!r}; it takes {words}")
    checked: dict[str, Any] = {key: tuple(value) if key in lengths else value for key, value in values.items()}
    return Paper(name=name, **checked)


def is_number(value: object) -> bool:
    """Whether a value from a profile is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
