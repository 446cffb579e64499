"""Landmarks of a model: drawings that have a name, kept as latents. All are of drawings that were not trained on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.model.checkpoint import Checkpoint
from plotsketch.model.sketcher import Sketcher
from plotsketch.strokes.distance import chamfer
from plotsketch.strokes.sketch import Sketch
from plotsketch.training.class_latents import posteriors
from plotsketch.training.dataset import TRAIN, TrainingSet

FAITHFUL = 0.5  # share of the candidates that is kept: those that the model draws again best
WHOLE = (0.3, 0.9)  # quantiles of a class's points between which a drawing is neither unfinished nor a scrawl
MOST_CANDIDATES = 160
ROUNDS = 20


def landmarks(checkpoint: Checkpoint, data: TrainingSet, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The latents (their posterior's mean) by name: of the drawings whose keys the recipe has under ``[landmarks]``,
    chosen by eye, and of as many of each class as it has under ``[landmarks_of]``, chosen here."""
    keys = {**recipe.get("landmarks", {})}
    for word, count in recipe.get("landmarks_of", {}).items():
        keys |= chosen(checkpoint, data, word, count)
    if not keys:
        return {}
    mu = _latents(checkpoint, data, _indices(data, keys))
    return dict(zip(keys, mu, strict=True))


def chosen(checkpoint: Checkpoint, data: TrainingSet, word: str, count: int) -> dict[str, str]:
    """Keys of `count` drawings of a class by names such as owl-3, the middles of as many groups of latents; only of
    drawings as long as most, and that the model draws again most like themselves."""
    label = data.names.tolist().index(word)
    least, most = np.quantile(data.lengths[data.labels == label], WHOLE)
    fine = (data.labels == label) & (data.split != TRAIN) & (data.lengths >= least) & (data.lengths <= most)
    candidates = np.flatnonzero(fine)[:MOST_CANDIDATES]
    if not len(candidates):
        sys.exit(f"landmarks: no drawing of '{word}' is held out that is neither short nor long")
    mu = _latents(checkpoint, data, candidates)
    again = Sketcher(checkpoint).sample(mu, seed=0, temperature=0.1, best_of=4)
    pairs = zip(again, candidates, strict=True)
    apart = [
        chamfer(drawn, Sketch.from_stroke3(data.drawing(int(i)))) if drawn.finished else np.inf for drawn, i in pairs
    ]
    faithful = np.argsort(apart, kind="stable")[: max(count, round(FAITHFUL * len(candidates)))]
    name = word.replace(" ", "-")
    middles = _middles(mu[faithful], count)
    return {f"{name}-{n + 1}": str(data.keys[candidates[faithful[k]]]) for n, k in enumerate(middles)}


def _middles(points: NDArray[np.float32], count: int) -> list[int]:
    """The medoids of `count` groups of the points (n, d) (Park and Jun 2009), the largest group's first."""
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    medoids = _spread(apart, min(count, len(points)))
    for _ in range(ROUNDS):
        owner = apart[:, medoids].argmin(axis=1)
        groups = [np.flatnonzero(owner == k) for k in range(len(medoids))]
        better = [int(group[apart[np.ix_(group, group)].sum(axis=1).argmin()]) for group in groups]
        if better == medoids:
            break
        medoids = better
    return sorted(medoids, key=lambda medoid: -len(groups[medoids.index(medoid)]))


def _spread(apart: NDArray[np.float32], count: int) -> list[int]:
    """`count` points as far from one another as may be, beginning with the one in their middle."""
    order = [int(apart.sum(axis=1).argmin())]
    while len(order) < count:
        order.append(int(apart[:, order].min(axis=1).argmax()))
    return order


def _indices(data: TrainingSet, keys: Mapping[str, str]) -> NDArray[np.int64]:
    found = {key: i for i, key in enumerate(data.keys.tolist())}
    if missing := [name for name, key in keys.items() if key not in found]:
        sys.exit(f"no drawing in the training set has the key of {', '.join(missing)}")
    indices = np.array([found[key] for key in keys.values()], dtype=np.int64)
    if trained := [name for name, i in zip(keys, indices, strict=True) if data.split[i] == TRAIN]:
        sys.exit(f"landmarks {', '.join(trained)} were trained on; choose held-out drawings")
    return indices


def _latents(checkpoint: Checkpoint, data: TrainingSet, indices: NDArray[np.int64]) -> NDArray[np.float32]:
    return posteriors(checkpoint.network, data, indices, checkpoint.scale_factor)[0]
