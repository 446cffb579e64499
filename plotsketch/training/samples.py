"""What a model draws of itself: how many drawings come to an end, and how new they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.model.network import SketchRNN
from plotsketch.model.randomness import latent_normals
from plotsketch.model.sampler import Drawn, sample

from .batches import gather
from .dataset import TrainingSet, key_place
from .novelty import clouds, nearest

TEMPERATURES = (0.1, 0.25, 0.5, 1.0)
NEAR_COPY = 0.01  # held-out drawings as near to a training drawing as the nearest hundredth


@dataclass(frozen=True)
class Distances:
    """How far drawings are from their nearest training drawing, in shares of a drawing's longer side."""

    drawings: int
    mean: float
    median: float
    nearest: float  # the least of them

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> Distances:
        return cls(len(values), float(values.mean()), float(np.median(values)), float(values.min()))


@dataclass(frozen=True)
class SampleFigures:
    """Of ``drawings`` prior samples at a temperature: shares that ended at the first attempt, and as delivered after
    redrawing; mean points; and, with a training set, distances to it and the share of near copies."""

    temperature: float
    drawings: int
    finished_at_first: float
    finished: float
    points: float
    novelty: Distances | None = None
    near_copies: float | None = None


@dataclass(frozen=True)
class SampleReport:
    """``reference`` training drawings, and how far held-out drawings are from them: what a drawing that is no copy
    looks like. None where no training set was given, or nothing is held out."""

    temperatures: tuple[SampleFigures, ...]
    reference: int | None = None
    held_out: Distances | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def prior_samples(network: SketchRNN, count: int, temperature: float, seed: int) -> list[Drawn]:
    """``count`` drawings of latents from N(0, I), each latent by (seed, its number) alone; none without encoder."""
    latents = None
    if network.config.conditional:
        size = network.config.latent_size
        latents = np.array([latent_normals(seed, size, cell) for cell in range(count)], np.float32)
    return sample(network, latents, range(count), seed=seed, temperature=temperature)


def report_samples(
    network: SketchRNN,
    count: int,
    *,
    seed: int = 0,
    train: TrainingSet | None = None,
    held_out: TrainingSet | None = None,
    temperatures: Sequence[float] = TEMPERATURES,
    progress: Callable[[int], None] = lambda drawings: None,
) -> SampleReport:
    """``count`` samples at each temperature; novelty against the train split of ``train``, beside that of at most
    ``count`` drawings of ``held_out`` that are not in it. ``progress`` hears how many more samples are done."""
    drawn: dict[float, list[Drawn]] = {}
    for temperature in temperatures:
        drawn[temperature] = prior_samples(network, count, temperature, seed)
        progress(count)
    if train is None:
        return SampleReport(tuple(_finish_rates(t, samples) for t, samples in drawn.items()))
    return _with_novelty(drawn, train, held_out, count)


def _finish_rates(temperature: float, samples: list[Drawn], **novelty: Any) -> SampleFigures:
    return SampleFigures(
        temperature=temperature,
        drawings=len(samples),
        finished_at_first=float(np.mean([drawn.finished and drawn.attempt == 0 for drawn in samples])),
        finished=float(np.mean([drawn.finished for drawn in samples])),
        points=float(np.mean([len(drawn.rows) for drawn in samples])),
        **novelty,
    )


def _with_novelty(
    drawn: dict[float, list[Drawn]], train: TrainingSet, held_out: TrainingSet | None, count: int
) -> SampleReport:
    reference = clouds(*gather(train, train.select("train")))
    left = _unseen(held_out, train, count) if held_out is not None else np.zeros(0, np.int64)
    queries = [_clouds_of(samples) for samples in drawn.values()]
    if held_out is not None and len(left):
        queries.append(clouds(*gather(held_out, left)))
    cuts = np.cumsum([len(part) for part in queries])[:-1]
    *sampled, last = np.split(nearest(np.concatenate(queries), reference).distance, cuts)
    unseen = last if len(left) else None
    if unseen is None:
        sampled.append(last)
    near = float(np.quantile(unseen, NEAR_COPY)) if unseen is not None else None
    figures = tuple(
        _finish_rates(temperature, samples, novelty=Distances.of(distance),
                      near_copies=None if near is None else float((distance < near).mean()))
        for (temperature, samples), distance in zip(drawn.items(), sampled, strict=True)
    )  # fmt: skip
    return SampleReport(figures, len(reference), None if unseen is None else Distances.of(unseen))


def _clouds_of(samples: list[Drawn]) -> NDArray[np.float32]:
    return clouds(np.concatenate([drawn.rows for drawn in samples]), np.array([len(drawn.rows) for drawn in samples]))


def _unseen(held_out: TrainingSet, train: TrainingSet, count: int) -> NDArray[np.int64]:
    """At most ``count`` drawings whose keys the train split does not have, by their keys."""
    known = set(train.keys[train.select("train")].tolist())
    left = [i for i, key in enumerate(held_out.keys.tolist()) if key not in known]
    left.sort(key=lambda i: key_place(str(held_out.keys[i]), use=1))
    return np.array(left[:count], np.int64)
