"""Work on many outlines at once: GEOS and machine code let go of the interpreter's lock, so that threads help."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

SHARE = 64  # items that a thread takes at a time: fewer are not worth handing over
MOST = 4  # threads: what holds the lock between is a part of the work that no more of them would shorten


def in_threads(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What ``work`` makes of each of ``items``, in their order; an error of one is raised."""
    shares = [items[start : start + SHARE] for start in range(0, len(items), SHARE)]
    count = min(len(shares), MOST, os.cpu_count() or 1)
    if count < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(count) as pool:
        done = pool.map(lambda share: [work(item) for item in share], shares)
        return [made for share in done for made in share]
