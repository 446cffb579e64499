"""Overlaps hidden: of motifs that overlap, over the lattice's edges too, the later hides what is behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plotsketch.sheet.clip import outside
from plotsketch.sheet.lattice import Lattice
from plotsketch.sheet.neighbours import moved, near_bodies
from plotsketch.strokes.sketch import Line


def visible(
    motifs: Sequence[Sequence[Line]], silhouettes: Sequence[BaseGeometry], lattice: Lattice
) -> list[list[Line]]:
    """What is seen of each placed motif's lines. Of a motif and its own copy, the lower one, or the right one of two
    at one height, is in front; so the pattern is the same everywhere on the lattice."""
    covers = _in_front(silhouettes, lattice)
    return [outside(lines, shapely.union_all(front)) if front else list(lines)
            for lines, front in zip(motifs, covers, strict=True)]  # fmt: skip


def visible_shapes(silhouettes: Sequence[BaseGeometry], lattice: Lattice) -> list[BaseGeometry]:
    """What is seen of each placed silhouette."""
    covers = _in_front(silhouettes, lattice)
    return [shape.difference(shapely.union_all(front)) if front else shape
            for shape, front in zip(silhouettes, covers, strict=True)]  # fmt: skip


def _in_front(silhouettes: Sequence[BaseGeometry], lattice: Lattice) -> list[list[BaseGeometry]]:
    """For each silhouette the silhouettes, and copies of them, that overlap it and are drawn later."""
    front: list[list[BaseGeometry]] = [[] for _ in silhouettes]
    present = [index for index, shape in enumerate(silhouettes) if not shape.is_empty]
    if not present:
        return front
    bounds = shapely.bounds([silhouettes[index] for index in present])
    at, reach = (bounds[:, :2] + bounds[:, 2:]) / 2, np.hypot(*(bounds[:, 2:] - bounds[:, :2]).T) / 2
    for first, second, shift in zip(*near_bodies(at, reach, lattice), strict=True):
        behind, before = silhouettes[present[first]], moved(silhouettes[present[second]], shift)
        if shapely.intersects(behind, before):
            front[present[first]].append(before)
    return front
