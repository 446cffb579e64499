"""Sequences of unequal length laid end to end by time step, so that no padded point is ever computed.

Sequences are sorted by length, the longest first. At time t only the first ``sizes[t]`` of them are still live;
their rows stand together, so a step of a recurrent cell is one product over a contiguous block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Packed:
    """``rows`` (N, F), time-major; ``sizes`` the live sequences at each time step, never increasing."""

    rows: Tensor
    sizes: list[int]

    @property
    def sequences(self) -> int:
        return self.sizes[0] if self.sizes else 0

    def to(self, device: torch.device | str) -> Packed:
        return Packed(self.rows.to(device, non_blocking=True), self.sizes)


def offsets(sizes: Sequence[int]) -> list[int]:
    """Row at which each time step begins, and after the last one the number of rows: len(sizes) + 1 numbers."""
    return [0, *accumulate(sizes)]


def live_sizes(lengths: NDArray[np.integer]) -> list[int]:
    """Live sequences per time step from lengths sorted longest first."""
    steps = np.arange(int(lengths[0]) if len(lengths) else 0)
    ascending = lengths[::-1]
    return list((len(lengths) - np.searchsorted(ascending, steps, side="right")).tolist())


def time_major(lengths: NDArray[np.integer], reverse: bool = False) -> NDArray[np.int64]:
    """Index that takes rows laid sequence by sequence into time-major order (``reverse``: each sequence backwards)."""
    lengths = np.asarray(lengths, dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else np.zeros(0, np.int64)
    sequence = np.repeat(np.arange(len(lengths)), lengths)
    step = np.arange(int(lengths.sum())) - starts[sequence]
    order = np.lexsort((sequence, step))
    taken = lengths[sequence] - 1 - step if reverse else step
    return np.asarray((starts[sequence] + taken)[order], dtype=np.int64)


def pack(sequences: Sequence[NDArray[np.floating]]) -> Packed:
    """Packs arrays (n_i, F), sorted longest first. Raises ValueError when they are not."""
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    if (np.diff(lengths) > 0).any():
        raise ValueError("sequences must be sorted by length, the longest first")
    rows = np.concatenate(list(sequences)).astype(np.float32) if len(lengths) else np.zeros((0, 0), np.float32)
    return Packed(torch.from_numpy(rows[time_major(lengths)]), live_sizes(lengths))


def reversal(sizes: Sequence[int]) -> NDArray[np.int64]:
    """Index that turns packed rows into the packed rows of the same sequences read backwards."""
    starts = np.array(offsets(sizes), dtype=np.int64)
    live = np.array(sizes, dtype=np.int64)
    step = np.repeat(np.arange(len(live)), live)
    sequence = np.arange(int(live.sum())) - starts[step]
    length = (live[None, :] > np.arange(live[0])[:, None]).sum(1) if len(live) else np.zeros(0, np.int64)
    return np.asarray(starts[length[sequence] - 1 - step] + sequence, dtype=np.int64)


def final_rows(sizes: Sequence[int]) -> NDArray[np.int64]:
    """Row of each sequence's last point, in sequence order."""
    starts = np.array(offsets(sizes), dtype=np.int64)
    live = np.array(sizes, dtype=np.int64)
    length = (live[None, :] > np.arange(live[0])[:, None]).sum(1) if len(live) else np.zeros(0, np.int64)
    return np.asarray(starts[length - 1] + np.arange(len(length)), dtype=np.int64)
