"""Where the pen begins a closed line: anywhere on it, so where that saves travel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def is_closed(line: Floats) -> bool:
    """Whether a line (k, 2) ends where it begins, and is more than there and back."""
    return len(line) > 3 and bool((line[0] == line[-1]).all())


def turned(line: Floats, seam: int) -> Floats:
    """A closed line that begins and ends at its point number `seam`."""
    return np.concatenate([line[seam:-1], line[: seam + 1]])


def best_seam(line: Floats, before: Floats, after: Floats) -> int:
    """The point of a closed line nearest to where the pen comes from and goes to (2,), the first of equals."""
    ways = np.zeros(len(line) - 1)
    for place in (before, after):
        if np.isfinite(place).all():
            ways += np.hypot(*(line[:-1] - place).T)
    return int(np.argmin(ways))


def with_best_seams(lines: list[Floats], start: Floats, end: Floats) -> list[Floats]:
    """The lines in the same order, each closed one begun where the ways from the line before and to the next are short.

    `start` and `end` (2,) are where the pen comes from and goes to; not-a-number where that does not matter.
    """
    result = list(lines)
    for place, line in enumerate(result):
        if is_closed(line):
            before = result[place - 1][-1] if place else start
            after = result[place + 1][0] if place + 1 < len(result) else end
            seam = best_seam(line, before, after)
            result[place] = turned(line, seam) if seam else line
    return result
