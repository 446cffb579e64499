"""Dots, which a pen can draw and most plotter software cannot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Plotter software drops lines of no length, so a dot is drawn as a line: longer than the distances at which
# such software joins points, and shorter than most pens are wide.
DOT = 0.1  # mm


def visible(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """The line (k, 2) in mm, or a stroke of length DOT about the middle of one too short to be seen."""
    low, high = line.min(axis=0), line.max(axis=0)
    if np.hypot(*(high - low)) >= DOT:
        return line
    middle = (low + high) / 2
    return np.asarray(middle + np.array([[-DOT / 2, 0], [DOT / 2, 0]]))
