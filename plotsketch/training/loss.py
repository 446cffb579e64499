"""What training minimises, and what evaluation reports, from one pass of the network.

Training minimises Magenta's cost L_R + w max(L_KL, floor), where L_R is the sum of all points' nats over
drawings x N_max and L_KL the KL divergence a drawing and dimension (Ha and Eck 2017, equations 10 to 12).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from plotsketch.model.mixture import offset_nll, pen_nll, split
from plotsketch.model.network import SketchRNN

from .batches import Batch


@dataclass(frozen=True)
class Nats:
    """Sums over a drawing in nats and model units, each (B,): offsets, pen states (with the end row), KL."""

    offsets: Tensor
    pen: Tensor
    kl: Tensor  # (B, Nz)


def kl_divergence(mu: Tensor, presig: Tensor) -> Tensor:
    """KL of N(mu, exp(presig)) from N(0, 1) for each drawing and dimension: (B, Nz)."""
    return -0.5 * (1 + presig - mu.square() - presig.exp())


def measure(
    network: SketchRNN,
    batch: Batch,
    noise: Tensor | None = None,
    keep: float = 1.0,
    generator: torch.Generator | None = None,
    density_floor: float = 1e-6,
) -> Nats:
    """One pass. ``noise`` (B, Nz) standard normal makes z a draw from the posterior; None takes its mean."""
    if network.encoder is None:
        z, kl = None, batch.points.new_zeros(batch.drawings, 1)
    else:
        mu, presig = network.encoder(batch.points, batch.point_sizes, keep, generator)
        z = mu if noise is None else mu + torch.exp(0.5 * presig) * noise
        kl = kl_divergence(mu, presig)
    raw = network.decode(batch.inputs, batch.sizes, z, keep, generator)
    mixture = split(raw, network.config.mixtures)
    drawn = 1 - batch.targets[:, 4]
    offsets = offset_nll(mixture, batch.targets[:, 0], batch.targets[:, 1], density_floor) * drawn
    pen = pen_nll(mixture, batch.target_pen)
    zeros = raw.new_zeros(batch.drawings)
    return Nats(zeros.index_add(0, batch.owner, offsets), zeros.index_add(0, batch.owner, pen), kl)


@dataclass(frozen=True)
class Cost:
    """The scalar to minimise and its parts, L_R and L_KL as Magenta normalises them."""

    total: Tensor
    reconstruction: Tensor
    kl: Tensor


def cost(nats: Nats, drawings: float, max_points: int, kl_weight: float, kl_floor: float) -> Cost:
    """``drawings`` is the batch's nominal size: batches of equal points hold more or fewer drawings, and dividing by
    the nominal size keeps every drawing's weight the same."""
    reconstruction = (nats.offsets.sum() + nats.pen.sum()) / (drawings * max_points)
    kl = nats.kl.mean()
    weight = kl_weight * len(nats.kl) / drawings
    return Cost(reconstruction + weight * kl.clamp_min(kl_floor), reconstruction, kl)
