"""What a drawing is: pen lines, and the stroke-3 and stroke-5 rows that a model reads and writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Line = NDArray[np.float64]
FirstRow = Literal["drawn", "move"]


@dataclass(frozen=True, eq=False)
class Sketch:
    """Pen lines in the order in which they are drawn.

    ``lines`` are float64 arrays of shape (k, 2), k >= 1, of absolute x and y, y growing down; a line of one
    point is a dot. ``finished`` is False for a model's drawing that hit the point limit before its end row.

    Stroke rows are offsets. The first row is *drawn*, from an implicit origin, as in QuickDraw-style data and
    sketch-rnn-js: the first line has one row fewer than it has points. The conversions lose nothing but the
    place of the first point (hand it back as ``origin``), with one exception: a first line of two equal
    points reads back as the dot that it looks like.
    """

    lines: tuple[Line, ...]
    finished: bool = True

    def __post_init__(self) -> None:
        """Takes any sequence of (k, 2) array-likes; raises ValueError for another shape."""
        object.__setattr__(self, "lines", tuple(_as_line(line) for line in self.lines))

    @classmethod
    def from_stroke3(
        cls,
        rows: ArrayLike,
        *,
        origin: ArrayLike = (0.0, 0.0),
        finished: bool = True,
        first_row: FirstRow = "drawn",
    ) -> Sketch:
        """The sketch of stroke-3 ``rows`` (n, 3): dx, dy, and 1 where the pen rises *after* the point.

        A leading (0, 0, 1) is a dot at the origin. A last line without a lift is kept. With
        ``first_row="move"`` the first row only carries the pen to where the first line begins (Omniglot, icon
        sets). Raises ValueError for another shape.
        """
        table = _as_table(rows, 3)
        if len(table) == 0:
            return cls((), finished)
        points = np.cumsum(table[:, :2], axis=0) + np.asarray(origin, dtype=np.float64)
        lifts = table[:, 2] > 0.5
        leading_dot = lifts[0] and not table[0, :2].any()
        if first_row == "drawn" and not leading_dot:
            points = np.concatenate([np.asarray(origin, dtype=np.float64)[None], points])
            lifts = np.concatenate([[False], lifts])
        return cls(_split(points, np.flatnonzero(lifts) + 1), finished)

    def to_stroke3(self) -> NDArray[np.float64]:
        """Rows (n, 3), relative to the first point; each line, the last one too, ends with a lift."""
        if self.is_empty:
            return np.empty((0, 3))
        points = self.points
        rows = np.empty((len(points), 3))
        rows[0, :2] = 0.0
        np.subtract(points[1:], points[:-1], out=rows[1:, :2])
        rows[:, 2] = 0.0
        rows[np.cumsum([len(line) for line in self.lines]) - 1, 2] = 1.0
        return rows if len(self.lines[0]) == 1 else rows[1:]

    @classmethod
    def from_stroke5(cls, rows: ArrayLike, *, origin: ArrayLike = (0.0, 0.0)) -> Sketch:
        """The sketch of stroke-5 ``rows`` (n, 5): dx, dy, and one of draw on (p1), lift after (p2), end (p3).

        Stops at the first p3 row, whose offset means nothing; ``finished`` tells whether there was one. The
        start row (0, 0, 1, 0, 0) that a decoder is fed is no part of a drawing: leave it out.
        """
        table = _as_table(rows, 5)
        ends = np.flatnonzero(table[:, 4] > 0.5)
        used = table[: ends[0]] if len(ends) else table
        return cls.from_stroke3(used[:, [0, 1, 3]], origin=origin, finished=len(ends) > 0)

    def to_stroke5(self, *, end_row: bool = True) -> NDArray[np.float64]:
        """Rows (n, 5), then (0, 0, 0, 0, 1) if ``end_row``; an unfinished sketch never gets that row."""
        stroke3 = self.to_stroke3()
        rows = np.zeros((len(stroke3) + (end_row and self.finished), 5))
        rows[: len(stroke3), :2] = stroke3[:, :2]
        rows[: len(stroke3), 2] = 1.0 - stroke3[:, 2]
        rows[: len(stroke3), 3] = stroke3[:, 2]
        rows[len(stroke3) :, 4] = 1.0
        return rows

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def points(self) -> NDArray[np.float64]:
        """All points in drawing order, (n, 2)."""
        return np.concatenate(self.lines) if self.lines else np.empty((0, 2))

    @property
    def point_count(self) -> int:
        return sum(len(line) for line in self.lines)

    @property
    def length(self) -> float:
        """Length of ink: the pen-up ways between lines are not counted."""
        return float(sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in self.lines))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(xmin, ymin, xmax, ymax); raises ValueError for an empty sketch, which is nowhere."""
        if self.is_empty:
            raise ValueError("an empty sketch has no bounds")
        points = self.points
        (xmin, ymin), (xmax, ymax) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return xmin, ymin, xmax, ymax

    def translated(self, dx: float, dy: float) -> Sketch:
        return self._with(np.add(line, (dx, dy)) for line in self.lines)

    def scaled(self, sx: float, sy: float | None = None) -> Sketch:
        """Scaled about (0, 0): by ``sx`` both ways, or by ``sx`` and ``sy``."""
        return self._with(np.multiply(line, (sx, sx if sy is None else sy)) for line in self.lines)

    def centred(self) -> Sketch:
        """Moved so that the middle of its bounds is (0, 0)."""
        if self.is_empty:
            return self
        xmin, ymin, xmax, ymax = self.bounds
        return self.translated(-(xmin + xmax) / 2, -(ymin + ymax) / 2)

    def fit(self, width: float, height: float) -> Sketch:
        """As large as the box (0, 0) to (width, height) allows with its aspect kept, and in the middle of it.

        A level or plumb line fills the box in its own direction; a dot keeps its size of nothing.
        """
        if self.is_empty:
            return self
        xmin, ymin, xmax, ymax = self.bounds
        ratios = [room / size for room, size in ((width, xmax - xmin), (height, ymax - ymin)) if size > 0]
        scale = min(ratios, default=1.0)
        if not np.isfinite(scale):  # a size so small that nothing sensible can be made of it
            scale = 1.0
        return self.centred().scaled(scale).translated(width / 2, height / 2)

    def _with(self, lines: Iterable[Line]) -> Sketch:
        return Sketch(tuple(lines), self.finished)


def _as_line(line: ArrayLike) -> Line:
    array = np.asarray(line, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2 or not len(array):
        raise ValueError(f"a line of a sketch has shape (k, 2) with k of 1 or more, not {array.shape}")
    return array


def _as_table(rows: ArrayLike, columns: int) -> NDArray[np.float64]:
    table = np.asarray(rows, dtype=np.float64)
    if table.size == 0:
        return np.empty((0, columns))
    if table.ndim != 2 or table.shape[1] != columns:
        raise ValueError(f"stroke-{columns} rows have shape (n, {columns}), not {table.shape}")
    return table


def _split(points: NDArray[np.float64], ends: NDArray[np.intp]) -> tuple[Line, ...]:
    """The runs of ``points`` that end before each of ``ends``, and what is left after the last."""
    edges = [0, *ends.tolist()]
    if edges[-1] < len(points):
        edges.append(len(points))
    return tuple(points[start:end] for start, end in pairwise(edges))
