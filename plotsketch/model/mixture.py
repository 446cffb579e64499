"""The head's numbers read as a distribution over the next pen move (Ha and Eck 2017, equations 3 to 6, 9)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

LOG_2PI = math.log(2 * math.pi)
DENSITY_FLOOR = 1e-6  # Magenta adds it to the density, in model units, before the logarithm


@dataclass(frozen=True)
class Mixture:
    """Parameters for N points: ``pen_logits`` (N, 3) for draw, lift, end; all others (N, M)."""

    pen_logits: Tensor
    pi_logits: Tensor
    mu_x: Tensor
    mu_y: Tensor
    log_sigma_x: Tensor
    log_sigma_y: Tensor
    rho: Tensor


def split(raw: Tensor, mixtures: int) -> Mixture:
    """Cuts the head's output (N, 3 + 6M) as Magenta lays it out: 3 pen logits, then blocks of M."""
    pen_logits, *blocks = raw.split([3] + [mixtures] * 6, dim=-1)
    pi_logits, mu_x, mu_y, log_sigma_x, log_sigma_y, turned = blocks
    return Mixture(pen_logits, pi_logits, mu_x, mu_y, log_sigma_x, log_sigma_y, torch.tanh(turned))


def log_density(mixture: Mixture, dx: Tensor, dy: Tensor) -> Tensor:
    """log of the mixture's density at offsets (N,), in model units: (N,)."""
    # 1 - rho^2 reaches 0 in float32 once |atanh rho| passes 8.7; the floor keeps the density finite there
    squared = (1 - mixture.rho.square()).clamp_min(1e-6)
    x = (dx[:, None] - mixture.mu_x) * torch.exp(-mixture.log_sigma_x)
    y = (dy[:, None] - mixture.mu_y) * torch.exp(-mixture.log_sigma_y)
    quadratic = (x.square() + y.square() - 2 * mixture.rho * x * y) / squared
    normaliser = LOG_2PI + mixture.log_sigma_x + mixture.log_sigma_y + 0.5 * squared.log()
    return torch.logsumexp(functional.log_softmax(mixture.pi_logits, dim=-1) - 0.5 * quadratic - normaliser, dim=-1)


def offset_nll(mixture: Mixture, dx: Tensor, dy: Tensor, floor: float = DENSITY_FLOOR) -> Tensor:
    """-log(density + floor) for each point (N,): Magenta's L_s before masking. floor 0 gives the exact likelihood."""
    density = log_density(mixture, dx, dy)
    if floor:
        density = torch.logaddexp(density, density.new_tensor(math.log(floor)))
    return -density


def pen_nll(mixture: Mixture, pen: Tensor) -> Tensor:
    """Cross-entropy of the pen state (N,) of 0 draw, 1 lift, 2 end: Magenta's L_p before averaging."""
    return functional.cross_entropy(mixture.pen_logits, pen, reduction="none")
