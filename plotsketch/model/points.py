"""One point from the decoder's output: what temperature does, the draw, and how likely a drawing was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import mixture

DRAW, LIFT, END = 0, 1, 2  # pen states
PEN_STATES = np.eye(3, dtype=np.float32)  # as a decoder reads them
COLDEST = 1e-30  # a divisor that leaves nothing but the largest logit
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
        """For one of ``attempts`` at a drawing: what fails in the first quarter of them is drawn warmer and warmer, at
        last at 1. The few latents from which a cold drawing never ends give one that is a little wilder instead."""
        first_warm = max(1, attempts // 4)
        if attempt < first_warm or self.drawing >= 1:
            return self
        share = (attempt - first_warm + 1) / (attempts - first_warm)
        return Temperatures(self.drawing + share * (1.0 - self.drawing), self.pen)

    @property
    def factors(self) -> tuple[float, float, float]:
        """What pen logits and mixture logits are divided by (above 0), and deviations multiplied by."""
        return max(self.pen_divisor, COLDEST), self.mixture_divisor, self.spread

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
    logits = heads[:, : 3 + mixtures].astype(np.float64)
    logits[first, END] = -np.inf
    pen = _pick(logits[:, :3], factors[:, :1], draws[:, 0])
    component = _pick(logits[:, 3:], factors[:, 1:2], draws[:, 1])
    chosen = heads[np.arange(len(heads)), 3 + mixtures * np.arange(1, 6)[:, None] + component]
    mu_x, mu_y, log_sigma_x, log_sigma_y, raw_rho = chosen.astype(np.float64)
    rho, e1, e2, spread = np.tanh(raw_rho), draws[:, 2], draws[:, 3], factors[:, 2]
    offsets = np.empty((len(heads), 2))
    offsets[:, 0] = mu_x + spread * np.exp(log_sigma_x) * e1
    offsets[:, 1] = mu_y + spread * np.exp(log_sigma_y) * (rho * e1 + np.sqrt(1.0 - rho * rho) * e2)
    return offsets, pen


def _pick(logits: NDArray[np.float64], divisor: NDArray[np.float64], uniform: NDArray[np.float64]) -> NDArray[np.intp]:
    """Index (n,) drawn from softmax(logits / divisor), logits (n, K), divisor (n, 1). Writes over the logits."""
    logits -= logits.max(axis=1, keepdims=True)
    logits /= divisor
    sums = np.exp(logits, out=logits).cumsum(axis=1)
    drawn: NDArray[np.intp] = (sums <= (uniform * sums[:, -1])[:, None]).sum(axis=1)
    return drawn


def log_likelihood(heads: NDArray[np.float32], rows: NDArray[np.float32], finished: bool) -> float:
    """Of stroke-3 ``rows`` (n, 3), and of the end row after them if ``finished``, at temperature 1: nats.

    ``heads`` (at least n + 1, 3 + 6M) are the head outputs that the rows were drawn from; offsets and their density
    are in model units.
    """
    count = len(rows)
    pens = heads[: count + finished, :3].astype(np.float64)
    pen = np.append(rows[:, 2], [END] * finished).astype(np.intp)
    chosen = pens[np.arange(len(pens)), pen] - _log_sum(pens)
    return float(chosen.sum() + _log_density(heads[:count], rows[:, :2]).sum())


def _log_density(heads: NDArray[np.float32], offsets: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,): as ``mixture.log_density``, without torch, whose dozen small operations take three times as long."""
    blocks = np.split(heads[:, 3:].astype(np.float64), 6, axis=1)
    logits, mu_x, mu_y, log_sigma_x, log_sigma_y, turned = blocks
    rho = np.tanh(turned)
    squared = np.maximum(1 - rho * rho, 1e-6)
    x, y = (offsets[:, :1] - mu_x) * np.exp(-log_sigma_x), (offsets[:, 1:] - mu_y) * np.exp(-log_sigma_y)
    quadratic = (x * x + y * y - 2 * rho * x * y) / squared
    normaliser = mixture.LOG_2PI + log_sigma_x + log_sigma_y + 0.5 * np.log(squared)
    return _log_sum(logits - 0.5 * quadratic - normaliser) - _log_sum(logits)


def _log_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """log of the sum of exponentials of each row."""
    most = values.max(axis=1)
    return np.asarray(most + np.log(np.exp(values - most[:, None]).sum(axis=1)))
