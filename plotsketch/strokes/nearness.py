"""The inner loops of a large gallery (``distance.Gallery``) in machine code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotsketch.compiled import compiled

Array = NDArray[np.float64]


@compiled
def is_near(
    points: Array,
    cells: NDArray[np.int16],
    table: NDArray[np.float32],
    others: Array,
    other_cells: NDArray[np.int16],
    tables: NDArray[np.float32],
    count: int,
    apart: float,
    slack: float,
) -> bool:
    """Whether one of the first ``count`` drawings is nearer than ``apart``: by the tables as far as they tell to within
    ``slack``, else by the points themselves. Arrays are those of the gallery."""
    sums = np.zeros(count, dtype=np.float32)
    for point in range(len(points)):
        row = tables[cells[point]]
        for other in range(count):
            sums[other] += row[other]
    for other in range(count):
        there = sums[other] / len(points)
        if there / 2 - apart >= slack:
            continue  # too far already, whatever the way back is
        back = 0.0
        for point in range(len(points)):
            back += table[other_cells[other, point]]
        beyond = (there + back / len(points)) / 2 - apart
        if beyond < -slack or (beyond < slack and _chamfer(points, others[other]) < apart):
            return True
    return False


@compiled
def table_of(points: Array, cells: int) -> NDArray[np.float32]:
    """(cells * cells,): as ``distance._table``."""
    table = np.empty(cells * cells, dtype=np.float32)
    for row in range(cells):
        for column in range(cells):
            nearest = np.inf
            for point in range(len(points)):
                x = (column + 0.5) / cells - 0.5 - points[point, 0]
                y = (row + 0.5) / cells - 0.5 - points[point, 1]
                nearest = min(nearest, x * x + y * y)
            table[row * cells + column] = np.sqrt(nearest)
    return table


@compiled
def _chamfer(points: Array, others: Array) -> float:
    back = np.full(len(others), np.inf)
    total = 0.0
    for point in range(len(points)):
        nearest = np.inf
        for other in range(len(others)):
            x, y = points[point, 0] - others[other, 0], points[point, 1] - others[other, 1]
            square = x * x + y * y
            nearest = min(nearest, square)
            back[other] = min(back[other], square)
        total += np.sqrt(nearest)
    return float(total / len(points) + np.sqrt(back).mean()) / 2
