"""Latent vectors as numpy arrays: the ways between them, apart from any model."""

from plotsketch.latent.interpolate import grid, lattice, lerp, path, slerp, stops
from plotsketch.latent.spread import spread
from plotsketch.latent.walk import walk

__all__ = ["grid", "lattice", "lerp", "path", "slerp", "spread", "stops", "walk"]
