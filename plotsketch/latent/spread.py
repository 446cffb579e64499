"""Latents around a latent."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def spread(latent: ArrayLike, noise: ArrayLike, amount: float) -> NDArray[np.float64]:
    """sqrt(1 - amount^2) latent + amount noise: from ``latent`` itself at 0 to ``noise`` itself at 1.

    Where both come from N(0, I), as a decoder was trained to expect, so does what lies between, at every amount: a mere
    sum would lie further out than any drawing that the model has seen. Raises ValueError for an amount outside 0 to 1.
    """
    if not 0 <= amount <= 1:
        raise ValueError(f"the amount is {amount}; it must be from 0 to 1")
    return math.sqrt(1 - amount * amount) * np.asarray(latent, dtype=np.float64) + amount * np.asarray(noise)
