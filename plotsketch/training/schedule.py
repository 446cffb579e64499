"""How the learning rate and the KL weight change over the steps of a run."""

from __future__ import annotations

import math


def learning_rate(step: int, steps: int, peak: float, warmup: int = 200, least: float = 1e-5) -> float:
    """A linear rise over ``warmup`` steps, then half a cosine down to ``least`` at the last step."""
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    return least + (peak - least) * 0.5 * (1 + math.cos(math.pi * progress))


def magenta_learning_rate(step: int, peak: float = 1e-3, decay: float = 0.9999, least: float = 1e-5) -> float:
    """Magenta's: (peak - least) decay^step + least."""
    return (peak - least) * decay**step + least


def kl_weight(step: int, final: float, start: float = 0.01, decay: float = 0.99995) -> float:
    """Annealing of the KL term (Ha and Eck 2017, equation 13): final - (final - start) decay^step."""
    return final - (final - start) * decay**step
