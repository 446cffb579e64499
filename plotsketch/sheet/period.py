"""One period of a pattern, and what is cut from it: the tile, the unit, and sheets of any size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
import vpype
from shapely.geometry.base import BaseGeometry

from plotsketch.sheet.design import Ground
from plotsketch.sheet.document import FILLED, PX_PER_MM, Pen, layer_of
from plotsketch.sheet.wrap import fill, fill_shapes
from plotsketch.strokes.sketch import Line


@dataclass(frozen=True, eq=False)
class Coat:
    """What one pen draws of a period: ``lines`` (k, 2) and filled ``shapes``, in mm, wherever they lie. ``name`` says
    what it is, beside the pen's name."""

    name: str
    pen: Pen
    lines: tuple[Line, ...] = ()
    shapes: tuple[BaseGeometry, ...] = ()


@dataclass(frozen=True, eq=False)
class Period:
    """A pattern's strokes, each once modulo the ground's lattice, from the lowest coat to the highest.

    ``placed`` counts the motifs of one lattice cell, images included, ``density`` is the share of the area that their
    outlines cover.
    """

    ground: Ground
    coats: tuple[Coat, ...]
    placed: int
    density: float

    def document(
        self, width: float, height: float, offset: tuple[float, float] = (0.0, 0.0), margin: float = 0.0
    ) -> vpype.Document:
        """A page of ``width`` by ``height`` mm full of the pattern, a layer a coat.

        Strokes are cut ``margin`` mm inside the page alone. With a margin below 0 they are not cut, and those are there
        too that run so far outside: pictures and PDF show their ink at the edge. ``offset`` is where the origin lies.
        """
        document = vpype.Document(page_size=(width * PX_PER_MM, height * PX_PER_MM))
        for number, (coat, name) in enumerate(zip(self.coats, _names(self.coats), strict=True), start=1):
            area = (self.ground.lattice, width, height, offset, margin)
            lines = [*fill(coat.lines, *area, whole=margin < 0), *_rings(fill_shapes(coat.shapes, *area))]
            layer = layer_of(lines, replace(coat.pen, name=name))
            if coat.shapes:
                layer.set_property(FILLED, True)
            document.add(layer, number, with_metadata=True)
        return document

    def stretched(self, across: float, down: float) -> Period:
        """The same but for its measures."""
        scale = np.array([across, down])
        coats = [
            replace(
                coat,
                lines=tuple(line * scale for line in coat.lines),
                shapes=tuple(shapely.transform(shape, lambda points: points * scale) for shape in coat.shapes),
            )
            for coat in self.coats
        ]
        return replace(self, ground=self.ground.stretched(across, down), coats=tuple(coats))


def _names(coats: Sequence[Coat]) -> list[str]:
    """The pens' names, with what they draw where one pen, or two of one name, draw several coats."""
    names = [coat.pen.name for coat in coats]
    return [name if names.count(name) == 1 else f"{name} {coat.name}" for name, coat in zip(names, coats, strict=True)]


def _rings(shapes: Sequence[BaseGeometry]) -> Iterator[Line]:
    """Outlines as closed lines, holes the other way round."""
    for shape in shapes:
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon":
                polygon = shapely.geometry.polygon.orient(part)
                yield from (shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors))
