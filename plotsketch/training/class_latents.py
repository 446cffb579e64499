"""Where the classes of a training set lie in a model's latent space."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from plotsketch.model.checkpoint import ClassLatent
from plotsketch.model.network import SketchRNN

from .augment import NO_AUGMENTATION
from .batches import in_order, load_batch
from .dataset import TRAIN, TrainingSet, key_place

POINTS_A_BATCH = 6000
_PLACE = 2  # this module's own use of a key's hash: the choice does not go along with the splits'


def class_latents(
    network: SketchRNN, data: TrainingSet, scale_factor: float, per_class: int = 300
) -> dict[str, ClassLatent]:
    """Mean and spread of the latents of each class, by name, from its training drawings.

    The latents of a class are a mixture of the posteriors N(mu, sigma^2) of its drawings, so that per dimension
    mean = mean(mu) and spread = sqrt(var(mu) + mean(sigma^2)). Of a larger class the ``per_class`` drawings whose
    keys hash lowest are taken; a class without training drawings is left out, and a decoder-only network has none.
    """
    if network.encoder is None:
        return {}
    members = {str(name): _chosen(data, label, per_class) for label, name in enumerate(data.names)}
    members = {name: chosen for name, chosen in members.items() if len(chosen)}
    if not members:
        return {}
    mu, presig = posteriors(network, data, np.concatenate(list(members.values())), scale_factor)
    ends = np.cumsum([len(chosen) for chosen in members.values()])[:-1]
    parts = zip(members, np.split(mu, ends), np.split(presig, ends), strict=True)
    return {name: _summary(mu_part, presig_part) for name, mu_part, presig_part in parts}


@torch.no_grad()
def posteriors(
    network: SketchRNN, data: TrainingSet, indices: NDArray[np.int64], scale_factor: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """mu and presig (n, Nz) of the drawings at ``indices``, in their order; sigma = exp(presig / 2)."""
    mu = np.empty((len(indices), network.config.latent_size), np.float32)
    presig = np.empty_like(mu)
    place = np.empty(len(data), np.int64)
    place[indices] = np.arange(len(indices))
    for chosen in in_order(data, indices, POINTS_A_BATCH):
        batch = load_batch(data, chosen, scale_factor, NO_AUGMENTATION, np.random.default_rng(0))
        batch = batch.to(network.head.weight.device)
        at = place[chosen[batch.order]]
        means, log_variances = network.encode(batch.points, batch.point_sizes)
        mu[at], presig[at] = means.cpu().numpy(), log_variances.cpu().numpy()
    return mu, presig


def _chosen(data: TrainingSet, label: int, most: int) -> NDArray[np.int64]:
    members = np.flatnonzero((data.labels == label) & (data.split == TRAIN))
    if len(members) <= most:
        return members
    return members[np.argsort([key_place(str(data.keys[i]), _PLACE) for i in members], kind="stable")[:most]]


def _summary(mu: NDArray[np.float32], presig: NDArray[np.float32]) -> ClassLatent:
    means = mu.astype(np.float64)
    variance = means.var(axis=0) + np.exp(presig.astype(np.float64)).mean(axis=0)
    return ClassLatent(means.mean(axis=0).astype(np.float32), np.sqrt(variance).astype(np.float32))
