"""One point from the decoder's output: what temperature does, the draw, and how likely a drawing was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from . import mixture

DRAW, LIFT, END = 0, 1, 2  # pen states
TEMPERATURE = 0.25


@dataclass(frozen=True)
class Temperatures:
    """What temperature does to the distribution of the next point.

    Mixture logits are divided by 0.5 + T/2 and deviations multiplied by sqrt(T), as in sketch-rnn-js. Pen logits are
    divided by 0.5 + T/2 as well: divided by T itself, as in Magenta and the paper, most drawings at a low T never end.
    A ``pen`` temperature of its own divides the pen logits as it is; 0 takes the likeliest state.
    """

    drawing: float = TEMPERATURE
    pen: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("temperature", self.drawing), ("pen temperature", self.pen)):
            if value is not None and not 0 <= value < float("inf"):
                raise ValueError(f"{name} is {value}; it must be a number from 0 up")

    def at_attempt(self, attempt: int, attempts: int) -> Temperatures:
        """For one of ``attempts`` at a drawing: what fails in the first half of them is then drawn warmer and warmer,
        at last at 1. The few latents from which a cold drawing never ends give one that is a little wilder instead."""
        first_warm = max(1, (attempts + 1) // 2)
        if attempt < first_warm or self.drawing >= 1:
            return self
        share = (attempt - first_warm + 1) / (attempts - first_warm)
        return Temperatures(self.drawing + share * (1.0 - self.drawing), self.pen)

    @property
    def factors(self) -> tuple[float, float, float]:
        """What pen logits and mixture logits are divided by, and deviations multiplied by."""
        return self.pen_divisor, self.mixture_divisor, self.spread

    @property
    def mixture_divisor(self) -> float:
        return 0.5 + 0.5 * self.drawing

    @property
    def pen_divisor(self) -> float:
        return self.mixture_divisor if self.pen is None else self.pen

    @property
    def spread(self) -> float:
        return float(np.sqrt(self.drawing))


def draw_points(
    heads: NDArray[np.float32],
    draws: NDArray[np.float64],
    factors: NDArray[np.float64],
    first: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Offsets (n, 2) in model units and pen states (n,) from head outputs (n, 3 + 6M).

    ``draws`` (n, 4) are random numbers of ``step_draws``, ``factors`` (n, 3) those of the temperatures. Where ``first``
    (n,), the end state is left out. Ha and Eck 2017, equations 3 to 7, but for the temperatures.
    """
    mixtures = (heads.shape[1] - 3) // 6
    pen_logits = heads[:, :3].astype(np.float64)
    pen_logits[first, END] = -np.inf
    pen = _pick(pen_logits, factors[:, 0], draws[:, 0])
    component = _pick(heads[:, 3 : 3 + mixtures], factors[:, 1], draws[:, 1])
    chosen = heads[np.arange(len(heads)), 3 + mixtures * np.arange(1, 6)[:, None] + component]
    mu_x, mu_y, log_sigma_x, log_sigma_y, raw_rho = chosen.astype(np.float64)
    rho, e1, e2, spread = np.tanh(raw_rho), draws[:, 2], draws[:, 3], factors[:, 2]
    dx = mu_x + spread * np.exp(log_sigma_x) * e1
    dy = mu_y + spread * np.exp(log_sigma_y) * (rho * e1 + np.sqrt(1.0 - rho * rho) * e2)
    return np.stack([dx, dy], axis=1), pen


def _pick(logits: NDArray[np.floating], divisor: NDArray[np.float64], uniform: NDArray[np.float64]) -> NDArray[np.intp]:
    """Index (n,) drawn from softmax(logits / divisor), logits (n, K); the largest where the divisor (n,) is 0."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    cold = divisor == 0
    sums = np.exp(shifted / np.where(cold, 1.0, divisor)[:, None]).cumsum(axis=1)
    drawn = (sums <= (uniform * sums[:, -1])[:, None]).sum(axis=1)
    return np.where(cold, logits.argmax(axis=1), drawn)


def log_likelihood(heads: NDArray[np.float32], rows: NDArray[np.float32], finished: bool) -> float:
    """Of stroke-3 ``rows`` (n, 3), and of the end row after them if ``finished``, at temperature 1: nats.

    ``heads`` (at least n + 1, 3 + 6M) are the head outputs that the rows were drawn from; offsets and their density
    are in model units.
    """
    count, mixtures = len(rows), (heads.shape[1] - 3) // 6
    pen = torch.from_numpy(np.append(rows[:, 2], [END] * finished).astype(np.int64))
    pens = mixture.split(torch.from_numpy(heads[: len(pen)]), mixtures)
    points = mixture.split(torch.from_numpy(heads[:count]), mixtures)
    offsets = torch.from_numpy(rows)
    nll = mixture.offset_nll(points, offsets[:, 0], offsets[:, 1], floor=0.0).sum() + mixture.pen_nll(pens, pen).sum()
    return -float(nll)
