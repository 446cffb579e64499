"""Marks outside of a page that show where to cut and whether inks lie on one another."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

WIDTH = 25.4 / 72 / 4  # mm: a quarter of a point, as usual
AWAY = 2.0  # mm from the bleed to the marks
LENGTH = 5.0
CENTRE = 4.5  # mm from the bleed to the middle of a registration mark
CROSS, RADIUS = 2.5, 1.4  # half a cross, and its circle


def marks(page: tuple[float, float], bleed: float) -> list[NDArray[np.float64]]:
    """Lines (k, 2) in mm from the page's upper left corner, outside of the bleed and within ``printing.SLUG`` of it.

    Crop marks point at the page's edges from two sides at each corner; registration marks stand beside the middle of
    each edge.
    """
    width, height = page
    lines = []
    for (x, out_x), (y, out_y) in product(((0.0, -1), (width, 1)), ((0.0, -1), (height, 1))):
        near, far = bleed + AWAY, bleed + AWAY + LENGTH
        lines.append(np.array([[x + out_x * near, y], [x + out_x * far, y]]))
        lines.append(np.array([[x, y + out_y * near], [x, y + out_y * far]]))
    away = bleed + CENTRE
    for middle in ((width / 2, -away), (width + away, height / 2), (width / 2, height + away), (-away, height / 2)):
        lines += [np.array(line) + middle for line in _REGISTRATION]
    return lines


_TURN = np.linspace(0, 2 * np.pi, 49)
_REGISTRATION = (
    [[-CROSS, 0.0], [CROSS, 0.0]],
    [[0.0, -CROSS], [0.0, CROSS]],
    (RADIUS * np.column_stack([np.cos(_TURN), np.sin(_TURN)])).tolist(),
)
