"""Colours of an endless surface at any places of it, in machine code. Imported when a proof is made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotsketch.compiled import compiled


@compiled
def look_up(
    texture: NDArray[np.uint8], across: NDArray[np.float32], down: NDArray[np.float32], times: int
) -> NDArray[np.float32]:
    """(h, w, 3) colours, 0 to 255, each the mean of ``times`` x ``times`` places: ``across`` and ``down`` (h * times,
    w * times) count repeats, and the pixels of ``texture`` are mixed linearly between their middles."""
    high, wide = texture.shape[0], texture.shape[1]
    rows, cols = across.shape[0] // times, across.shape[1] // times
    found = np.zeros((rows, cols, 3), dtype=np.float32)
    for row in range(rows * times):
        for col in range(cols * times):
            x = across[row, col] * wide - 0.5
            y = down[row, col] * high - 0.5
            left, top = int(np.floor(x)), int(np.floor(y))
            right_share, low_share = np.float32(x - left), np.float32(y - top)
            x0, x1, y0, y1 = left % wide, (left + 1) % wide, top % high, (top + 1) % high
            for channel in range(3):
                upper = texture[y0, x0, channel] * (1 - right_share) + texture[y0, x1, channel] * right_share
                lower = texture[y1, x0, channel] * (1 - right_share) + texture[y1, x1, channel] * right_share
                found[row // times, col // times, channel] += upper * (1 - low_share) + lower * low_share
    found /= np.float32(times * times)
    return found
