"""The inks of a sheet one by one: layers of one colour are one ink, which has one plate and one spot colour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import vpype

from plotsketch.output.layers import Layer, layers


@dataclass(frozen=True)
class Separation:
    """One ink, numbered from 1 in the order in which inks are first needed, under its first layer's name."""

    number: int
    name: str
    layers: tuple[Layer, ...]

    @property
    def colour(self) -> str:
        return self.layers[0].colour

    def plate(self, path: Path) -> Path:
        """The file of its plate beside the picture ``path``."""
        name = re.sub(r"[^\w.]+", "-", self.name.lower()).strip("-.")
        return path.with_name(f"{path.stem}-{self.number}-{name or self.colour[1:]}{path.suffix}")


def separations(*documents: vpype.Document) -> list[Separation]:
    """The inks of all pages of a work."""
    drawn: dict[str, list[Layer]] = {}
    for document in documents:
        for layer in layers(document):
            drawn.setdefault(layer.colour, []).append(layer)
    return [
        Separation(number, same[0].code.name or colour, tuple(same))
        for number, (colour, same) in enumerate(drawn.items(), start=1)
    ]
