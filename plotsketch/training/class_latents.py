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
AXES = 8  # of a class; more of them, the shorter ones, make drawings of it less like it
COMMON_DRAWINGS = 200  # so many drawings weigh what all classes have in common as much as what is a class's own
_PLACE = 2  # this module's own use of a key's hash: the choice does not go along with the splits'


def class_latents(
    network: SketchRNN, data: TrainingSet, scale_factor: float, per_class: int = 600
) -> dict[str, ClassLatent]:
    """Mean, spread and principal axes of the latents of each class, by name, from its training drawings.

    The latents of a class are a mixture of the posteriors N(mu, sigma^2) of its drawings, so that per dimension
    mean = mean(mu) and spread = sqrt(var(mu) + mean(sigma^2)). The axes are those of the covariance of mu, which for a
    small class leans on that of all: a Gaussian fitted to the codes afterwards (Ghosh et al. 2020, section 4). Of a
    larger class the ``per_class`` drawings whose keys hash lowest are taken; a class without training drawings is left
    out, and a decoder-only network has none.
    """
    if network.encoder is None:
        return {}
    members = {str(name): _chosen(data, label, per_class) for label, name in enumerate(data.names)}
    members = {name: chosen for name, chosen in members.items() if len(chosen)}
    if not members:
        return {}
    mu, presig = posteriors(network, data, np.concatenate(list(members.values())), scale_factor)
    ends = np.cumsum([len(chosen) for chosen in members.values()])[:-1]
    mus, presigs = np.split(mu.astype(np.float64), ends), np.split(presig.astype(np.float64), ends)
    common = sum((_scatter(mu) for mu in mus), np.zeros((mu.shape[1], mu.shape[1]))) / len(mu)
    parts = zip(members, mus, presigs, strict=True)
    return {name: _summary(mu_part, presig_part, common) for name, mu_part, presig_part in parts}


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


def _summary(mu: NDArray[np.float64], presig: NDArray[np.float64], common: NDArray[np.float64]) -> ClassLatent:
    variance = mu.var(axis=0) + np.exp(presig).mean(axis=0)
    covariance = (_scatter(mu) + COMMON_DRAWINGS * common) / (len(mu) + COMMON_DRAWINGS)
    mean, spread, axes = mu.mean(axis=0), np.sqrt(variance), _principal_axes(covariance)
    return ClassLatent(mean.astype(np.float32), spread.astype(np.float32), axes.astype(np.float32))


def _scatter(mu: NDArray[np.float64]) -> NDArray[np.float64]:
    """(Nz, Nz): the sum over drawings of the products of what sets them off from their mean."""
    apart = mu - mu.mean(axis=0)
    return np.asarray(apart.T @ apart)


def _principal_axes(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The AXES longest (R, Nz), the longest first, each turned so that its largest number is positive: a solver may
    give either."""
    lengths, directions = np.linalg.eigh(covariance)
    axes = (directions * np.sqrt(np.maximum(lengths, 0))).T[::-1][:AXES]
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    return np.asarray(axes * np.where(largest < 0, -1, 1)[:, None])
