"""Latent vectors as numpy arrays: the ways between them, apart from any model."""

from plotsketch.latent.interpolate import WAYS, grid, lattice, lerp, path, slerp, stops
from plotsketch.latent.spread import spread
from plotsketch.latent.walk import walk

__all__ = ["WAYS", "grid", "lattice", "lerp", "path", "slerp", "spread", "stops", "walk"]
