"""Lines whose width changes along the way: thin where a brush sets down and lifts, or as a broad nib is turned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotsketch.output.printing import Swell

LEAST = 0.25  # of the pen's width, where the line is thinnest
RAMP = 14.0  # pen widths from a line's end to its full width
STEPS = 12  # points of a ramp
NIB = np.radians(-45)  # how a right-handed writer holds a broad nib; y grows down

Line = NDArray[np.float64]


def swollen(line: Line, width: float, swell: Swell | None) -> tuple[Line, NDArray[np.float64]]:
    """The same way (k, 2), perhaps in more points, and the line's width at each point (k,), at most ``width``."""
    if swell is None or len(line) < 2:
        return line, np.full(len(line), width)
    return _tapered(line, width) if swell == "taper" else (line, width * _nib(line))


def _tapered(line: Line, width: float) -> tuple[Line, NDArray[np.float64]]:
    """Both ends thin, however short the line is: half of it is the longest ramp."""
    lengths = np.hypot(*np.diff(line, axis=0).T)
    place = np.concatenate([[0.0], np.cumsum(lengths)])
    ramp = min(RAMP * width, place[-1] / 2)
    if ramp <= 0:
        return line, np.full(len(line), width)
    way = np.linspace(0, ramp, STEPS + 1)
    places = np.unique(np.concatenate([place, way, place[-1] - way]))
    points = np.column_stack([np.interp(places, place, line[:, axis]) for axis in (0, 1)])
    risen = np.sin(np.pi / 2 * np.clip(np.minimum(places, place[-1] - places) / ramp, 0, 1))
    return points, width * (LEAST + (1 - LEAST) * risen)


def _nib(line: Line) -> NDArray[np.float64]:
    """Shares of the nib's width: all of it across the nib, least along it; corners have the mean of their sides."""
    steps = np.diff(line, axis=0)
    across = np.abs(np.sin(np.arctan2(steps[:, 1], steps[:, 0]) - NIB))
    at = np.concatenate([across[:1], (across[:-1] + across[1:]) / 2, across[-1:]])
    return np.asarray(LEAST + (1 - LEAST) * at)
