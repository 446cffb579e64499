"""What lies behind motifs: figures of the background as far as motifs leave them to be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plotsketch.sheet.clip import outside
from plotsketch.sheet.lattice import Lattice
from plotsketch.sheet.neighbours import copies_near
from plotsketch.sheet.wrap import are_endless
from plotsketch.strokes.sketch import Line


def behind(
    lines: Sequence[Line], shapes: Sequence[BaseGeometry], lattice: Lattice, *, whole: bool = False
) -> list[Line]:
    """What is seen of one period's ``lines`` behind ``shapes`` and their copies on the lattice.

    ``whole``: a line that is not seen all over is left out, as a cut dot looks like a mistake. What is left of a line
    that goes on for ever does so over the ends of its period in one piece.
    """
    solid = [shape for shape in shapes if not shape.is_empty]
    if not lines or not solid:
        return list(lines)
    points = np.concatenate(lines)
    copies = copies_near(solid, lattice, points.min(axis=0), points.max(axis=0))
    tree = shapely.STRtree(copies)
    seen: list[Line] = []
    for line in lines:
        geometry = shapely.linestrings(line) if len(line) > 1 else shapely.points(line[0])
        near = tree.query(geometry, predicate="intersects")
        if not len(near):
            seen.append(line)
        elif not whole:
            pieces = outside([line], shapely.union_all(copies[near]))
            seen.extend(_welded(pieces, line) if are_endless([line], lattice).all() else pieces)
    return seen


def _welded(pieces: list[Line], line: Line) -> list[Line]:
    """The first piece joined to the last where they meet over the ends of the line's period."""
    if len(pieces) < 2 or (pieces[0][0] != line[0]).any() or (pieces[-1][-1] != line[-1]).any():
        return pieces
    joined = np.concatenate([pieces[-1], pieces[0][1:] + (line[-1] - line[0])])
    return [*pieces[1:-1], joined]
