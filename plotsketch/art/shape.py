"""How many rows and columns a number of drawings wants on a sheet."""

from __future__ import annotations

FULL = 0.85  # of the largest cells: as much as a sheet without empty places may cost


def shape_for(count: int, aspect: float, rows: int | None = None, cols: int | None = None) -> tuple[int, int]:
    """Rows and columns for ``count`` drawings in square cells on an area ``aspect`` times as wide as it is high.

    What is given stays, and the other side is as long as it must be. With neither, the cells are as large as they can
    be, or somewhat smaller where that fills every place. Numbers below 1 are given back for a recipe to refuse.
    """
    if rows is not None and cols is not None:
        return rows, cols
    if rows is not None:
        return rows, -(-count // max(rows, 1))
    if cols is not None:
        return -(-count // max(cols, 1)), cols
    shapes = [(-(-count // wide), wide) for wide in range(1, max(count, 1) + 1)]
    best = max(shapes, key=lambda shape: _cell(shape, aspect))
    full = [shape for shape in shapes if shape[0] * shape[1] == count]
    fullest = max(full, key=lambda shape: _cell(shape, aspect), default=best)
    return fullest if _cell(fullest, aspect) >= FULL * _cell(best, aspect) else best


def _cell(shape: tuple[int, int], aspect: float) -> float:
    """Side of a cell where the area is 1 high."""
    return min(1 / max(shape[0], 1), aspect / shape[1])
