"""Latents laid flat: two axes for a map, and how much of the space a map keeps.

Arrays of latents are (n, Nz), of places on a map (n, 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

NEIGHBOURS = 10  # of each drawing, whose company on the map is looked at


@dataclass(frozen=True, eq=False)
class Plane:
    """``places`` (n, 2), the first axis carrying most; ``shares`` (2,) of the variance that each axis carries, None
    where the axes are no directions of the space."""

    places: Array
    shares: Array | None


def pca(latents: ArrayLike) -> Plane:
    """The two directions in which ``latents`` differ most (principal components, by singular values).

    An axis has no sign of its own: each is turned so that the largest of its Nz loadings is positive, and the same
    latents always make the same map. Directions in which nothing differs give places of 0. Raises ValueError for
    no latents.
    """
    table = _table(latents)
    centred = table - table.mean(axis=0)
    u, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    places, shares = np.zeros((len(table), 2)), np.zeros(2)
    count = min(2, len(sizes))
    turned = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)[:count, 0]
    places[:, :count] = u[:, :count] * sizes[:count] * np.where(turned < 0, -1.0, 1.0)
    variance = float((sizes**2).sum())
    if variance > 0:
        shares[:count] = sizes[:count] ** 2 / variance
    return Plane(places, shares)


@dataclass(frozen=True)
class Company:
    """How well a map keeps each drawing's nearest ``neighbours`` of the latent space near to it.

    ``kept`` is the share of them that are among its nearest on the map too, ``by_chance`` what a shuffled map keeps;
    ``trustworthiness`` (Venna and Kaski 2001) is 1 where no stranger stands among a drawing's nearest on the map, and
    loses by how far such strangers really are; a shuffled map has about 0.5.
    """

    neighbours: int
    kept: float
    by_chance: float
    trustworthiness: float


def company(latents: ArrayLike, places: ArrayLike, neighbours: int = NEIGHBOURS) -> Company | None:
    """``latents`` (n, Nz) against ``places`` (n, 2). At most a third of the others count as neighbours; None where
    that leaves none, for fewer than four drawings."""
    table, flat = _table(latents), _table(places)
    n = len(table)
    k = min(neighbours, (n - 1) // 3)
    if k < 1:
        return None
    near_here = _order(flat)[:, :k]
    rank = np.empty((n, n), dtype=np.int64)  # of every other drawing in latent space, from 0
    np.put_along_axis(rank, _order(table), np.arange(n)[None], axis=1)
    ranks = np.take_along_axis(rank, near_here, axis=1)
    strangeness = int(np.maximum(ranks - (k - 1), 0).sum())
    trust = 1.0 - 2.0 * strangeness / (n * k * (2 * n - 3 * k - 1))
    return Company(k, float((ranks < k).mean()), k / (n - 1), trust)


def _order(table: Array) -> NDArray[np.int64]:
    """(n, n): for each row all rows from the nearest on, itself last."""
    squares = (table**2).sum(axis=1)
    distance = squares[:, None] + squares[None] - 2 * table @ table.T
    np.fill_diagonal(distance, np.inf)
    return np.argsort(distance, axis=1, kind="stable")


def _table(values: ArrayLike) -> Array:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or not len(table):
        raise ValueError(f"a map is made of one or more vectors, not of shape {table.shape}")
    return table
