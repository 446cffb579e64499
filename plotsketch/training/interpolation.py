"""How evenly drawings change on the way from one to another: steps on it against the direct distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.latent import WAYS
from plotsketch.model.network import SketchRNN
from plotsketch.model.sampler import sample
from plotsketch.strokes.distance import chamfer
from plotsketch.strokes.sketch import Sketch

from .class_latents import posteriors
from .dataset import TrainingSet, key_place

STEPS = 20
PAIRS_AT_ONCE = 10
TEMPERATURE = 0.1  # tame: what changes is what the latents say, and hardly ever chance

Progress = Callable[[int], None]


@dataclass(frozen=True)
class WayFigures:
    """Means over pairs, in diagonals of a drawing (``strokes.distance.chamfer``).

    ``mean_step`` and ``worst_step`` are those between neighbours on one way; ``worst_of_all`` is the worst on any.
    """

    mean_step: float
    worst_step: float
    worst_of_all: float


@dataclass(frozen=True)
class InterpolationReport:
    """Of ``pairs`` ways of ``steps`` steps each.

    ``direct`` is the mean distance between the drawings at their ends, ``redrawn`` that between two drawings of one
    latent by different random numbers: what chance alone does to a drawing, below which no step is a jump.
    """

    pairs: int
    steps: int
    temperature: float
    direct: float
    redrawn: float
    ways: dict[str, WayFigures]

    def share(self, step: float) -> float:
        """A step as a share of the direct distance; NaN where all ends are alike."""
        return step / self.direct if self.direct else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """For ``--json``: every step also as a share of the direct distance."""
        ways = {
            name: {
                **asdict(figures),
                "mean_share": self.share(figures.mean_step),
                "worst_share": self.share(figures.worst_step),
            }
            for name, figures in self.ways.items()
        }
        return {**asdict(self), "ways": ways}


def report_interpolation(
    network: SketchRNN,
    data: TrainingSet,
    scale_factor: float,
    pairs: int,
    *,
    seed: int = 0,
    progress: Progress = lambda drawings: None,
) -> InterpolationReport | None:
    """``pairs`` pairs of drawings of ``data``, or as many as it has, no drawing in two of them, chosen by seed and key.

    Both drawings are encoded; STEPS + 1 latents between their means, ends included, are drawn with the same random
    numbers, so that only the latents differ. ``progress`` hears how many more drawings are done. None for a
    decoder-only network, which has no latents to go between, and for fewer than two drawings.
    """
    chosen = _pairs(data, pairs, seed)
    if network.encoder is None or not len(chosen):
        return None
    means, _ = posteriors(network, data, chosen.ravel(), scale_factor)
    ends = means.reshape(len(chosen), 2, -1)
    redrawn, _ = _measured(network, np.repeat(ends[:, :1], 2, axis=1), seed, progress, same_numbers=False)
    t = np.linspace(0, 1, STEPS + 1)
    steps = {}
    for name, way in WAYS.items():
        latents = np.stack([way(a, b, t) for a, b in ends])
        steps[name], direct = _measured(network, latents, seed, progress)
    figures = {
        name: WayFigures(float(s.mean()), float(s.max(axis=1).mean()), float(s.max())) for name, s in steps.items()
    }
    return InterpolationReport(
        len(chosen), STEPS, TEMPERATURE, float(direct.mean()), float(redrawn.mean()), figures
    )


def _pairs(data: TrainingSet, count: int, seed: int) -> NDArray[np.int64]:
    """(pairs, 2): indices of drawings, whatever their order in ``data``."""
    order = sorted(range(len(data)), key=lambda i: key_place(f"{seed} {data.keys[i]}"))
    found = min(count, len(order) // 2)
    return np.array(order[: 2 * found], dtype=np.int64).reshape(found, 2)


def _measured(
    network: SketchRNN, latents: NDArray[np.float64], seed: int, progress: Progress, same_numbers: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latents (pairs, stops, Nz) drawn: distances between neighbours (pairs, stops - 1) and between ends (pairs,).

    ``same_numbers``: all stops of a way are drawn with the same random numbers.
    """
    stops = latents.shape[1]
    ways: list[list[Sketch]] = []
    for first in range(0, len(latents), PAIRS_AT_ONCE):
        part = latents[first : first + PAIRS_AT_ONCE]
        numbers = np.arange(len(part) * stops)
        cells = first + numbers // stops if same_numbers else first * stops + numbers
        drawn = sample(network, part.reshape(len(cells), -1), cells.tolist(), seed=seed, temperature=TEMPERATURE)
        sketches = [Sketch.from_stroke3(one.rows) for one in drawn]
        ways += [sketches[i : i + stops] for i in range(0, len(cells), stops)]
        progress(len(cells))
    steps = np.array([[chamfer(a, b) for a, b in pairwise(way)] for way in ways])
    return steps, np.array([chamfer(way[0], way[-1]) for way in ways])


def drawings_of(pairs: int) -> int:
    """How many drawings ``report_interpolation`` makes."""
    return pairs * (2 + (STEPS + 1) * len(WAYS))
