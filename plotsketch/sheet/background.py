"""Figures behind the motifs that go on over the whole pattern: dots and stripes, as the lines of one lattice cell."""

from __future__ import annotations

import math

import numpy as np

from plotsketch.errors import UserError
from plotsketch.sheet.lattice import Lattice, area, plain_tile
from plotsketch.strokes.sketch import Line

FLATNESS = 0.01  # mm between a dot's circle and the straight pieces that it is drawn with


def dots(lattice: Lattice, spacing: float, diameter: float) -> list[Line]:
    """Circles at about ``spacing`` mm on a lattice within the pattern's; dots of one point for a ``diameter`` of 0.

    Every second row is shifted by half a step where rows come out even. Raises UserError where dots would touch.
    """
    if not 0 <= diameter < spacing:
        raise UserError(f"dots of {diameter:g} mm every {spacing:g} mm touch; take smaller dots or a larger spacing")
    across, down = (max(1, round(side / spacing)) for side in np.hypot(*lattice.T).tolist())
    down = max(2, 2 * round(down / math.sqrt(3))) if down > 1 else 1
    i, j = np.meshgrid(np.arange(across), np.arange(down))
    shifted = i + 0.5 * (j % 2) if down % 2 == 0 else i
    middles = np.stack([shifted.ravel() / across, j.ravel() / down], axis=1) @ lattice
    return [middle + _circle(diameter / 2) for middle in middles]


def stripes(lattice: Lattice, spacing: float) -> list[Line]:
    """Lines about ``spacing`` mm apart that go on for ever: plumb in all that has a plain tile, along the lattice's
    second vector in all else. Raises UserError for a spacing that is none."""
    if not (math.isfinite(spacing) and spacing > 0):
        raise UserError(f"stripes {spacing:g} mm apart are none; give a length above 0")
    tile = plain_tile(lattice)
    along = lattice[1] if tile is None else np.array([0.0, tile[1]])
    across = area(lattice) / (along @ along) * np.array([along[1], -along[0]])
    count = max(1, round(math.hypot(*across) / spacing))
    return [np.array([across * k / count, across * k / count + along]) for k in range(count)]


def _circle(radius: float) -> Line:
    if radius == 0:
        return np.zeros((1, 2))
    count = max(12, math.ceil(math.pi / math.acos(max(1 - FLATNESS / radius, 0.5))))
    angles = np.linspace(0, 2 * np.pi, count + 1)
    circle = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    circle[-1] = circle[0]
    return circle
