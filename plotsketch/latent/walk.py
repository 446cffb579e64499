"""Smooth random walks through latent space, open or closed into a loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

FINE = 32  # points of the curve to a step, between which it is straight
LEAST = 1e-9  # of a harmonic's share of the variance; those below it are left out


def walk(start: ArrayLike, steps: int, step: float, normals: Callable[[int], ArrayLike], loop: bool = False) -> Array:
    """``steps`` points (steps, Nz) on a smooth random curve from ``start`` (Nz,), all as far apart along the curve.

    ``step`` is that distance as a share of sqrt(2 Nz), which is how far two draws from N(0, I) are apart. ``normals``
    gives the standard normal numbers (2, Nz) of a harmonic by its number, from 0. A loop leads from its last point
    back to ``start`` by one more step.

    Every coordinate is a Gaussian process with a variance of 1, given its value at the start: the walk goes away from
    there into the N(0, I) that the decoder was trained on, and stays in it. It needs no shell of a certain radius,
    which would be wrong for the mean of an encoded drawing: dimensions of which the model makes no use are 0 there
    and normal elsewhere, and the norm grows with them while the drawing stays as typical.
    Raises ValueError for steps < 1 and a step that is not above 0.
    """
    origin = np.asarray(start, dtype=np.float64)
    if origin.ndim != 1 or steps < 1 or not (np.isfinite(step) and step > 0):
        raise ValueError(f"a walk needs a start (Nz,), steps and a step, not {origin.shape}, {steps} and {step}")
    if steps == 1:
        return origin[None]
    # an open walk is half of a loop, so that its end is free of its start
    around = steps if loop else 2 * (steps - 1)
    curve = _closed_curve(origin, around * step * np.sqrt(2.0 * len(origin)), around * FINE, normals)
    return _evenly(curve if loop else curve[: (steps - 1) * FINE + 1], steps, loop)


def _closed_curve(origin: Array, length: float, count: int, normals: Callable[[int], ArrayLike]) -> Array:
    """(count + 1, Nz) from ``origin`` back to it, about ``length`` long.

    The covariance of two places on the loop, an angle s apart, is exp(k (cos s - 1)) (MacKay 1998, "Introduction to
    Gaussian processes"); the mean square of the speed is then k a coordinate, which sets k from the length.
    """
    k = (length / (2 * np.pi)) ** 2 / len(origin)
    angle = np.linspace(0, 2 * np.pi, count + 1)
    covariance = np.exp(k * (np.cos(angle) - 1))
    free = np.zeros((count + 1, len(origin)))
    for number, weight in enumerate(_weights(covariance[:-1])):
        if weight > LEAST:
            waves = np.stack([np.cos(number * angle), np.sin(number * angle)], axis=1)
            free += np.sqrt(weight) * waves @ np.asarray(normals(number), dtype=np.float64)
    # given its value at the start (Matheron's rule): the miss there fades as the covariance does
    curve = free + covariance[:, None] * (origin - free[0])
    curve[[0, -1]] = origin
    return np.asarray(curve)


def _weights(covariance: Array) -> Array:
    """Variances of the harmonics 0, 1, 2 ... of a covariance that is given all round the loop; their sum is 1."""
    weights = np.fft.rfft(covariance).real.clip(0) / len(covariance)
    weights[1:] *= 2
    return np.asarray(weights / weights.sum())


def _evenly(curve: Array, steps: int, loop: bool) -> Array:
    """``steps`` points at equal distances along ``curve``; the end is one of them unless it is a loop's."""
    lengths = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0, along[-1], steps + loop)[:steps]
    position = np.interp(at, along, np.arange(len(along)))
    place = np.minimum(position.astype(np.int64), len(curve) - 2)
    share = (position - place)[:, None]
    return np.asarray((1 - share) * curve[place] + share * curve[place + 1])
