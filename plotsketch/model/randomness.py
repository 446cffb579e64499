"""Random numbers that hang on (seed, cell, attempt) and on nothing else.

A counter-based generator (Philox, Salmon et al. 2011) is keyed by seed and cell, so a cell's numbers are the same
whoever draws them, when, and beside whom. Only the generator's raw bits are used: numpy promises those for all its
versions, which it does not for what it makes of them.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

WORD = 1 << 64
LATENT, STEPS, CHOICE = 0, 1, 2  # what the numbers are for: no two purposes share any


def latent_normals(seed: int, count: int, cell: int = 0) -> NDArray[np.float64]:
    """``count`` standard normal numbers for a latent vector."""
    pairs = _uniforms(seed, cell, 0, LATENT, count + count % 2).reshape(2, -1)
    return np.concatenate(_normals(pairs[0], pairs[1]))[:count]


def choice_uniform(seed: int, cell: int) -> float:
    """A number uniform on [0, 1), for a cell's choice among several."""
    return float(_uniforms(seed, cell, 0, CHOICE, 1)[0])


def step_draws(seed: int, cell: int, attempt: int, steps: int) -> NDArray[np.float64]:
    """(steps, 4): for each point two numbers uniform on [0, 1), for pen and component, and two standard normal ones."""
    draws = _uniforms(seed, cell, attempt, STEPS, 4 * steps).reshape(steps, 4)
    draws[:, 2], draws[:, 3] = _normals(draws[:, 2], draws[:, 3])
    return draws


def _uniforms(seed: int, cell: int, attempt: int, purpose: int, count: int) -> NDArray[np.float64]:
    """Any whole number is a seed (those that are equal modulo 2**64 are the same one)."""
    for name, value in (("cell", cell), ("attempt", attempt)):
        if not 0 <= value < WORD:
            raise ValueError(f"{name} is {value}; it must be a whole number from 0 to 2**64 - 1")
    bits = Philox(key=_words(seed % WORD, cell), counter=_words(0, 0, attempt, purpose)).random_raw(count)
    return np.asarray((bits >> np.uint64(11)) * 2.0**-53)


def _words(*values: int) -> NDArray[np.uint64]:
    return np.array([int(value) for value in values], dtype=np.uint64)


def _normals(u: NDArray[np.float64], v: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Box and Muller 1958: two independent standard normal arrays from two uniform ones on [0, 1)."""
    radius, angle = np.sqrt(-2.0 * np.log1p(-u)), 2.0 * np.pi * v
    return radius * np.cos(angle), radius * np.sin(angle)
