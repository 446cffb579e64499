"""Latent vectors as numpy arrays: the ways between them, apart from any model."""

from plotsketch.latent.interpolate import grid, lerp, path, slerp

__all__ = ["grid", "lerp", "path", "slerp"]
