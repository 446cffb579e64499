"""What helps to put the pages of a large sheet together: crosses where the cuts are, and the pages' names."""

from __future__ import annotations

from math import pi

import numpy as np

from plotsketch.errors import UserError
from plotsketch.sheet.clip import Box
from plotsketch.sheet.letters import written
from plotsketch.sheet.paper import Paper
from plotsketch.sheet.tiling import Tiling, page_name
from plotsketch.strokes.sketch import Line, Sketch

AWAY = 3.0  # mm from what the page shows to the middle of a cross or word
ARM = 1.8  # half a cross
NAME, NEIGHBOUR = 3.4, 2.0  # mm of capitals
LEAST_MARGIN = 7.0  # mm that marks need


def check_marks(margin: float) -> None:
    """Raises UserError where a margin (mm) has no room for marks."""
    if margin < LEAST_MARGIN:
        raise UserError(
            f"--margin is {margin:g} mm and marks stand in it; give {LEAST_MARGIN:g}mm or more, or --no-marks"
        )


def page_marks(tiling: Tiling, row: int, col: int) -> list[Line]:
    """The marks of a page in mm on the sheet, all outside of what the page shows.

    Crosses stand over and under, or beside, each cut: those of neighbours lie on one another when the pages do. The
    page's own name is at the lower left, its neighbours' at the middle of the sides.
    """
    window = tiling.window(row, col)
    return [*_crosses(tiling, row, col, window), *_names(tiling, row, col, window)]


def _crosses(tiling: Tiling, row: int, col: int, window: Box) -> list[Line]:
    left, top, right, bottom = window
    middles = [(x, y) for x in tiling.xs[max(0, col - 1) : col + 1] for y in (top - AWAY, bottom + AWAY)]
    middles += [(x, y) for y in tiling.ys[max(0, row - 1) : row + 1] for x in (left - AWAY, right + AWAY)]
    arms = ([(-ARM, 0.0), (ARM, 0.0)], [(0.0, -ARM), (0.0, ARM)])
    return [np.array(arm) + middle for middle in middles for arm in arms]


def _names(tiling: Tiling, row: int, col: int, window: Box) -> list[Line]:
    left, top, right, bottom = window
    own = written(page_name(row, col), NAME).centred()
    found = list(own.translated(left + tiling.overlap / 2 + 2 * ARM + own.bounds[2], bottom + AWAY).lines)
    across, down = (left + right) / 2, (top + bottom) / 2
    level = ((-1, 0, across, top - AWAY), (1, 0, across, bottom + AWAY))
    upright = ((0, -1, left - AWAY, down), (0, 1, right + AWAY, down))
    for below, beside, x, y in (*level, *upright):
        other = (row + below, col + beside)
        if 0 <= other[0] < tiling.rows and 0 <= other[1] < tiling.cols:
            name = written(page_name(*other), NEIGHBOUR).centred()
            found += _turned(name, -pi / 2 if beside else 0.0).translated(x, y).lines
    return found


def _turned(sketch: Sketch, angle: float) -> Sketch:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return Sketch(tuple(line @ turn for line in sketch.lines))


def overview_marks(tiling: Tiling, scale: float) -> list[Line]:
    """The sheet's edge, its cuts, and each page's name in the middle of the page, in mm of a drawing of it.

    Strips that are on two pages lie between two lines, the cut in the middle of them is not drawn.
    """
    (width, height), half = tiling.size, tiling.overlap / 2
    lines = [np.array([(0, 0), (width, 0), (width, height), (0, height), (0, 0)], dtype=float)]
    sides = sorted({-half, half})
    lines += [np.array([(x + side, 0), (x + side, height)], dtype=float) for x in tiling.xs for side in sides]
    lines += [np.array([(0, y + side), (width, y + side)], dtype=float) for y in tiling.ys for side in sides]
    found = [line * scale for line in lines]
    for row in range(tiling.rows):
        for col in range(tiling.cols):
            left, top, right, bottom = (length * scale for length in tiling.window(row, col))
            name = written(page_name(row, col), 1.0).centred()
            most = min((right - left) / (name.bounds[2] - name.bounds[0]), bottom - top)
            found += name.scaled(0.22 * most).translated((left + right) / 2, (top + bottom) / 2).lines
    return found


def room_for(paper: Paper, margin: float) -> tuple[float, float]:
    """Width and height in mm that a page shows. Raises UserError when margins leave nothing."""
    room = paper.width - 2 * margin, paper.height - 2 * margin
    if min(room) <= 0:
        raise UserError(f"the paper ({paper}) is smaller than its margins (twice {margin:g} mm); take smaller ones")
    return room
