"""Who goes with whom at the least cost: the assignment problem."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def assign(costs: ArrayLike) -> NDArray[np.intp]:
    """The column of each row, all different, whose costs (n, m) with n <= m add up to the least possible.

    Rows come in one after another, each by the shortest way of changing partners (Kuhn 1955, "The Hungarian method",
    with the potentials of Jonker and Volgenant 1987): n rows take about n * n steps over the columns. Raises
    ValueError for more rows than columns and for costs that are no numbers.
    """
    table = np.asarray(costs, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] > table.shape[1] or not np.isfinite(table).all():
        raise ValueError(f"costs are finite, of shape (n, m) with n <= m, not {table.shape}")
    rows, cols = table.shape
    row_price, col_price = np.zeros(rows), np.zeros(cols)
    partner = np.full(cols, -1)  # the row of each column
    for row in range(rows):
        _take_in(row, table, row_price, col_price, partner)
    found = np.flatnonzero(partner >= 0)
    return found[np.argsort(partner[found])]


def _take_in(
    row: int,
    table: NDArray[np.float64],
    row_price: NDArray[np.float64],
    col_price: NDArray[np.float64],
    partner: NDArray[np.intp],
) -> None:
    """Finds a column for one more row (Dijkstra over reduced costs, which the prices keep at 0 or more)."""
    cols = len(partner)
    distance, before = np.full(cols, np.inf), np.full(cols, -1)
    reached = np.zeros(cols, dtype=bool)
    at, last, way = row, -1, 0.0
    while at >= 0:
        through = way + table[at] - row_price[at] - col_price
        shorter = ~reached & (through < distance)
        distance[shorter], before[shorter] = through[shorter], last
        last = int(np.argmin(np.where(reached, np.inf, distance)))
        reached[last], way, at = True, distance[last], int(partner[last])
    seen = reached.copy()
    seen[last] = False
    row_price[partner[seen]] += way - distance[seen]
    row_price[row] += way
    col_price[seen] -= way - distance[seen]
    while last >= 0:  # everybody on the way moves one on
        previous = int(before[last])
        partner[last] = row if previous < 0 else partner[previous]
        last = previous
