"""Small sets of drawings and networks that the evaluation's tests share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from plotsketch.model.config import ModelConfig
from plotsketch.model.network import SketchRNN
from plotsketch.training.dataset import TrainingSet

SIZES = {"encoder_size": 8, "decoder_size": 12, "latent_size": 4, "mixtures": 3, "hyper_size": 6,
         "hyper_embedding": 3, "max_points": 20}  # fmt: skip


def random_set(lengths: Sequence[int] = (20, 3, 7, 7, 12, 1, 19, 5), classes: int = 2, seed: int = 3) -> TrainingSet:
    """Drawings of random offsets of about 20 units; classes and splits in turn."""
    random = np.random.default_rng(seed)
    rows = []
    for length in lengths:
        lift = (random.random(length) < 0.3).astype(np.float32)
        lift[-1] = 1
        rows.append(np.column_stack([np.rint(random.normal(0, 20, (length, 2))), lift]))
    count = np.arange(len(lengths))
    return TrainingSet(np.concatenate(rows).astype(np.float32), np.array(lengths, np.int32),
                       (count % classes).astype(np.int16), (count % 3).astype(np.uint8),
                       np.array([f"key-{seed}-{i}" for i in count]),
                       np.array([f"class{i}" for i in range(classes)]))  # fmt: skip


def random_network(seed: int = 0, **config: object) -> SketchRNN:
    torch.manual_seed(seed)
    network = SketchRNN(ModelConfig(**{**SIZES, **config}))  # type: ignore[arg-type]
    for parameter in network.parameters():  # away from the small starting values
        torch.nn.init.normal_(parameter, std=0.3)
    return network.eval()


PEN = (0.7, 0.2, 0.1)
MEAN, SIGMA, RHO = (0.5, -1.0), (2.0, 0.5), 0.6
POSTERIOR_MEAN, POSTERIOR_SIGMA = 0.8, 0.5


@torch.no_grad()
def known_network(**config: object) -> SketchRNN:
    """Gives the same Gaussian and pen states whatever it reads, and one posterior for all drawings."""
    network = SketchRNN(ModelConfig(**{**SIZES, "mixtures": 2, **config})).eval()  # type: ignore[arg-type]
    for parameter in network.parameters():
        parameter.zero_()
    both = torch.ones(2)
    network.head.bias.copy_(
        torch.cat([torch.tensor(PEN).log(), torch.zeros(2), both * MEAN[0], both * MEAN[1], both * math.log(SIGMA[0]),
                   both * math.log(SIGMA[1]), both * math.atanh(RHO)])
    )  # fmt: skip
    if network.encoder is not None:
        network.encoder.mu.bias.fill_(POSTERIOR_MEAN)
        network.encoder.presig.bias.fill_(2 * math.log(POSTERIOR_SIGMA))
    return network


def gaussian_nats(rows: np.ndarray, scale_factor: float) -> float:
    """-log of the known network's density of rows' offsets, per data unit squared, from the textbook."""
    sx, sy = SIGMA[0] * scale_factor, SIGMA[1] * scale_factor
    covariance = np.array([[sx * sx, RHO * sx * sy], [RHO * sx * sy, sy * sy]])
    away = rows[:, :2].astype(np.float64) - scale_factor * np.array(MEAN)
    quadratic = (away @ np.linalg.inv(covariance) * away).sum()
    return float(0.5 * quadratic + 0.5 * len(rows) * np.log((2 * np.pi) ** 2 * np.linalg.det(covariance)))
