"""Endings of an unfinished drawing: which latents go with what is given, and how large it is.

A decoder-only model needs no latent: having read the given strokes it draws on (Ha and Eck 2017, section 4.4). A
conditional decoder also has a latent, which says beforehand what the whole will be. Latents that fit are found by
sampling-importance-resampling (Rubin 1987, "Using the SIR algorithm to simulate posterior distributions"): many are
drawn, each is weighed by the likelihood that the decoder gives to the strokes, and each cell takes one by weight.

In 128 dimensions one of them would take all the weight. The likelihoods are therefore raised to a power at which
LEAST_EFFECTIVE of them count (the effective sample size of Kong, Liu and Wong 1994), and endings stay unlike one
another. How a candidate was proposed is not weighed in.

Candidates come from the prior and from around the classes. What the encoder reads from the given part would be likelier
than any of them, but it is the latent of a drawing that is nothing more: endings from there have a few points (on
`catpig` a circle got half an ear; from classes and prior 47 points on average).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from . import mixture
from .blocks import one_thread
from .network import POINT, START_ROW, SketchRNN
from .randomness import choice_uniform, latent_normals

ROWS = 16_384  # of work: as many candidates are weighed as that makes with the rows that are given
MOST_CANDIDATES = 1024
LEAST_EFFECTIVE = 12.0
SHARES = (0.3, 0.4, 0.5, 0.65, 0.8, 1.0)  # of a finished drawing's size; those that are tried for what is given


Centre = tuple[NDArray[Any], NDArray[Any]]  # mean and spread, both (Nz,)


def candidates_for(rows: int) -> int:
    """How many to weigh when ``rows`` are given."""
    return max(64, min(MOST_CANDIDATES, ROWS // max(1, rows)))


def candidates(size: int, around: Sequence[Centre], seed: int, count: int) -> NDArray[np.float32]:
    """(count, size): draws from N(0, I) and, every second one, from around one of ``around`` chosen at random."""
    drawn = []
    for number in range(1, count + 1):
        latent = latent_normals(seed, size, number)
        if around and number % 2 == 0:
            mean, spread = around[int(len(around) * choice_uniform(seed, number))]
            latent = mean + spread * latent
        drawn.append(latent)
    return np.array(drawn, dtype=np.float32)


@torch.inference_mode()
def log_likelihoods(
    network: SketchRNN, rows: NDArray[np.floating], latents: NDArray[np.float32] | None
) -> NDArray[np.float64]:
    """(n,): of stroke-5 ``rows`` (k, 5), k >= 1, in model units, as a drawing's beginning, for latents (n, Nz), in
    nats; (1,) for a decoder-only model."""
    count = 1 if latents is None else len(latents)
    fed = torch.from_numpy(np.vstack([START_ROW, rows[:-1]]).astype(np.float32)).repeat_interleave(count, dim=0)
    wanted = torch.from_numpy(rows.astype(np.float32)).repeat_interleave(count, dim=0)
    with one_thread():
        z = None if latents is None else torch.from_numpy(latents)
        heads = mixture.split(network.decode(fed, [count] * len(rows), z), network.config.mixtures)
        nll = mixture.offset_nll(heads, wanted[:, 0], wanted[:, 1]) + mixture.pen_nll(heads, wanted[:, 2:].argmax(1))
    return -nll.view(len(rows), count).sum(dim=0).double().numpy()


def best_share(
    network: SketchRNN, rows: NDArray[np.floating], latents: NDArray[np.float32] | None, shares: Sequence[float]
) -> float:
    """The likeliest share of a finished drawing's size for ``rows`` (k, 5), which are of size 1.

    By the mean log-likelihood of the likelier quarter of the latents: one alone that happens to fit would decide by
    chance. The density of k offsets that are made s times as large counts s^(2k) times: at each
    share it is that of the same drawing.
    """
    evidence = []
    for share in shares:
        sized = np.array(rows, dtype=np.float64)
        sized[:, :2] *= share
        likelihoods = np.sort(log_likelihoods(network, sized, latents))[::-1]
        evidence.append(likelihoods[: -(-len(likelihoods) // 4)].mean() + 2 * len(rows) * np.log(share))
    return shares[int(np.argmax(evidence))]


def resampled(log_weights: NDArray[np.float64], cells: Sequence[int], seed: int) -> NDArray[np.intp]:
    """For each cell the candidate that it takes, by the tempered weights; it hangs on the cell and the seed alone."""
    sums = np.cumsum(tempered(log_weights, LEAST_EFFECTIVE))
    drawn = np.array([choice_uniform(seed, cell) for cell in cells])
    return np.minimum(np.searchsorted(sums, drawn * sums[-1], side="right"), len(sums) - 1)


def tempered(log_weights: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Weights (n,) that add up to 1, with an effective number of ``least`` (or n) at least: the largest power, up to
    1, of the given ones that has it."""
    low, high = 0.0, 1.0
    if _effective(_normed(log_weights)) >= least:
        return _normed(log_weights)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _effective(_normed(middle * log_weights)) >= least else (low, middle)
    return _normed(low * log_weights)


def _normed(log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _effective(weights: NDArray[np.float64]) -> float:
    return float(1.0 / np.square(weights).sum())


def beginning(rows: NDArray[np.floating], lift: bool) -> NDArray[np.float32]:
    """Stroke-5 rows whose last one leaves the pen up or down."""
    read = np.array(rows, dtype=np.float32).reshape(-1, POINT)
    read[-1, 2:] = (0, 1, 0) if lift else (1, 0, 0)
    return read
