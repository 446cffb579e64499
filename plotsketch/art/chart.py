"""Latents laid flat and given places on paper, and how true a picture of the latent space that is."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.latent.project import Company, Plane, company, pca

from .places import snap, spread

Array = NDArray[np.float64]

PROJECTIONS = ("pca", "umap")
AIR = 0.94  # of the room that a drawing has on a map
CROWD = 15  # neighbours that UMAP looks at: its own usual number


@dataclass(frozen=True, eq=False)
class Chart:
    """Where n drawings stand: ``at`` (n, 2), from 0 to 1 both ways over the area, in discs of the diameter ``size``, a
    share of its shorter side; ``cells`` (n, 2) are their rows and columns on a plate of ``shape``.

    ``shares`` (2,) of the variance are what the axes carry, None for UMAP, whose axes mean nothing; ``company`` says
    how many neighbours are still near, None for fewer than four drawings.
    """

    at: Array
    cells: NDArray[np.int64]
    shape: tuple[int, int]
    size: float
    shares: Array | None
    company: Company | None

    @property
    def facts(self) -> dict[str, Any]:
        """For the command's JSON."""
        shares = None if self.shares is None else self.shares.round(4).tolist()
        return {"map": {"variance": shares, "neighbours": vars(self.company) if self.company else None}}

    @property
    def remark(self) -> str:
        """For people."""
        words = []
        if self.shares is not None:
            first, second = 100 * self.shares
            words.append(f"the axes carry {first:.0f} % and {second:.0f} % of the variance")
        if self.company is not None:
            kept, chance = 100 * self.company.kept, 100 * self.company.by_chance
            words.append(
                f"of each drawing's {self.company.neighbours} nearest {kept:.0f} % are still its nearest "
                f"({chance:.0f} % by chance); trustworthiness {self.company.trustworthiness:.2f}"
            )
        return "; ".join(words)


def chart_map(latents: Array, projection: str, aspect: float, cover: float) -> Chart:
    """A map of ``latents`` (n, Nz); all are numbered in one row. Raises UserError as ``check_installed``."""
    at, size, shares = _spread(latents, projection, aspect, cover)
    cells = np.stack([np.zeros(len(at), np.int64), np.arange(len(at))], axis=1)
    return Chart(at, cells, (1, len(at)), AIR * size, shares, company(latents, at * (aspect, 1.0)))


def chart_grid(latents: Array, projection: str, aspect: float, cover: float) -> Chart:
    """As ``chart_map``, and each drawing then moved into a cell of a grid."""
    at, _, shares = _spread(latents, projection, aspect, cover)
    numbers, rows, cols = snap(at, aspect)
    cells = np.stack(np.divmod(numbers, cols), axis=1)
    at = (cells[:, ::-1] + 0.5) / (cols, rows)
    return Chart(at, cells, (rows, cols), 1.0, shares, company(latents, at * (cols, rows)))


def check_installed(projection: str) -> None:
    """Raises UserError for UMAP where it is not installed."""
    if projection == "umap" and find_spec("umap") is None:
        raise UserError("UMAP is not installed; install it with pip install 'plotsketch[umap]', or take --project pca")


def _spread(latents: Array, projection: str, aspect: float, cover: float) -> tuple[Array, float, Array | None]:
    check_installed(projection)
    plane = pca(latents) if projection == "pca" else _umap(latents)
    places = plane.places if aspect >= 1 else plane.places[:, ::-1]
    return *spread(places, aspect, cover), plane.shares


def _umap(latents: Array) -> Plane:
    """McInnes et al. 2018, from one thread and a fixed seed, which make the same map every time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the one thread, and of few drawings
        from umap import UMAP

        crowd, start = min(CROWD, len(latents) - 1), "spectral" if len(latents) > CROWD else "random"
        flat = UMAP(n_components=2, n_neighbors=crowd, init=start, random_state=0, n_jobs=1).fit_transform(latents)
    places = np.asarray(flat, dtype=np.float64)
    return Plane(places[:, places.std(axis=0).argsort()[::-1]], None)
