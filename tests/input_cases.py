"""A sketcher whose drawings are known, for the commands that start from given drawings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.strokes.sketch import Sketch

NAMES = {"cat": [1.0, 0, 0], "pig": [0, 1.0, 0], "bus": [0, 0, 1.0], "owl": [1.0, 1.0, 1.0]}


@dataclass
class FakeSketcher:
    """Draws zigzags that hang on seed, cell and temperature; cells of one ``kind`` have the same."""

    kind: Callable[[int], int] = lambda cell: cell
    sampled: list[dict[str, Any]] = field(default_factory=list)
    checkpoint: Any = field(
        default_factory=lambda: SimpleNamespace(
            name="fake", digest="0123456789ab", landmarks=NAMES, config=SimpleNamespace(max_points=130)
        )
    )

    def latent(self, reference: str) -> NDArray[np.float64]:
        if reference not in NAMES:
            raise UserError(f"there is no '{reference}'")
        return np.array(NAMES[reference])

    def prepare(self, sketch: Sketch, source: str) -> Sketch:
        return sketch

    def encode(self, sketches: Sequence[Sketch], prepare: bool = True) -> NDArray[np.float64]:
        return np.array([[len(sketch.lines), 2.0, 3.0] for sketch in sketches])

    def sample(self, latents: NDArray[np.float64], **how: Any) -> list[Sketch]:
        self.sampled.append({"latents": latents, **how})
        return [self._sketch(how["seed"], cell, how["temperature"]) for cell in how["cells"]]

    def _sketch(self, seed: int, cell: int, temperature: float) -> Sketch:
        heights = np.random.default_rng([seed, self.kind(cell), round(100 * temperature)]).uniform(0, 100, 12)
        return Sketch((np.stack([np.linspace(0, 100, 12), heights], axis=1),))
