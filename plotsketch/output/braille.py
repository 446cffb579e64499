"""Lines as Braille letters: the smallest picture that any terminal can show, 2 by 4 dots a letter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BLANK = 0x2800
# The bit of each dot of a letter, by row and column: https://www.unicode.org/charts/PDF/U2800.pdf
BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


def braille(lines: Sequence[NDArray[np.float64]], *, columns: int, rows: int) -> list[str]:
    """``rows`` texts of ``columns`` letters: the lines (k, 2), as large as fits, in the middle. Dots are square where
    letters are twice as high as they are wide."""
    dots = np.zeros((4 * rows, 2 * columns), dtype=bool)
    if lines:
        points = np.concatenate(lines)
        low, high = points.min(axis=0), points.max(axis=0)
        room = np.array(dots.shape[::-1]) - 1.0
        scale = float(min(room / np.maximum(high - low, 1e-9)))
        shift = (room - (high - low) * scale) / 2
        for line in lines:
            x, y = np.rint(_dense((line - low) * scale + shift)).astype(int).T
            dots[y, x] = True
    letters = np.einsum("rica,ia->rc", dots.reshape(rows, 4, columns, 2).astype(int), BITS) + BLANK
    return ["".join(map(chr, row)) for row in letters.tolist()]


def _dense(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points along a line, less than a dot apart."""
    pieces = [line[:1]]
    for start, end in pairwise(line):
        count = int(np.ceil(2 * np.abs(end - start).max()))
        pieces.append(start + np.linspace(0, 1, count + 1)[1:, None] * (end - start))
    return np.concatenate(pieces)
