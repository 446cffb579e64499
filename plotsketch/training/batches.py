"""From a training set to packed batches, the same ones for the same seed however often a run is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plotsketch.model.network import START_ROW
from plotsketch.model.packing import live_sizes, time_major

from .augment import Augmentation, augment
from .dataset import TrainingSet


@dataclass(frozen=True)
class Batch:
    """B drawings of N points in all, packed time-major and sorted longest first.

    ``points`` (N, 5) are the drawings without start and end rows, as the encoder reads them. ``inputs`` (N + B, 5)
    begin with the start row; ``targets`` (N + B, 5) end with the end row, and ``target_pen`` (N + B,) is 0, 1 or 2.
    """

    points: Tensor
    point_sizes: list[int]
    inputs: Tensor
    targets: Tensor
    target_pen: Tensor
    sizes: list[int]
    owner: Tensor  # (N + B,): which drawing of the batch a target row belongs to
    order: NDArray[np.int64]  # the drawing's place in the list the batch was made from

    @property
    def drawings(self) -> int:
        return self.sizes[0]

    def to(self, device: torch.device) -> Batch:
        moved = (t.to(device, non_blocking=True) for t in (self.points, self.inputs, self.targets))
        points, inputs, targets = moved
        return Batch(points, self.point_sizes, inputs, targets, self.target_pen.to(device), self.sizes,
                     self.owner.to(device), self.order)  # fmt: skip


def make_batch(rows: NDArray[np.float32], lengths: NDArray[np.int64]) -> Batch:
    """Packs drawings laid end to end: rows (N, 3) of stroke-3 in model units, lengths (B,)."""
    order = np.argsort(-lengths, kind="stable")
    starts = np.concatenate([[0], np.cumsum(lengths)])
    sorted_lengths = lengths[order]
    taken = np.repeat(starts[order] - np.concatenate([[0], np.cumsum(sorted_lengths)[:-1]]), sorted_lengths)
    rows = rows[taken + np.arange(len(rows))]
    drawn = _stroke5(rows)
    ends = np.cumsum(sorted_lengths)
    inputs = np.insert(drawn, ends - sorted_lengths, np.array(START_ROW, np.float32), axis=0)
    targets = np.insert(drawn, ends, np.array([0, 0, 0, 0, 1], np.float32), axis=0)
    extended = time_major(sorted_lengths + 1)
    owner = np.repeat(np.arange(len(lengths)), sorted_lengths + 1)[extended]
    target_rows = torch.from_numpy(targets[extended])
    return Batch(
        points=torch.from_numpy(drawn[time_major(sorted_lengths)]),
        point_sizes=live_sizes(sorted_lengths),
        inputs=torch.from_numpy(inputs[extended]),
        targets=target_rows,
        target_pen=target_rows[:, 2:].argmax(1),
        sizes=live_sizes(sorted_lengths + 1),
        owner=torch.from_numpy(owner),
        order=order,
    )


def _stroke5(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lift = rows[:, 2:3]
    return np.concatenate([rows[:, :2], 1 - lift, lift, np.zeros_like(lift)], axis=1).astype(np.float32)


@dataclass(frozen=True)
class BatchPlan:
    """Which drawings make up each batch of an epoch.

    Batches hold about the same number of points rather than of drawings, so that steps take the same time on every
    process; drawings of like length meet within a pool of a few batches.
    """

    data: TrainingSet
    indices: NDArray[np.int64]
    drawings: int  # a batch's size for drawings of mean length
    seed: int
    class_power: float = 1.0  # a class is drawn in proportion to its size to this power
    pool: int = 4

    def epoch(self, number: int) -> list[NDArray[np.int64]]:
        random = np.random.default_rng([self.seed, number])
        order = random.permutation(self._mixed(random))
        lengths = self.data.lengths[order].astype(np.int64)
        budget = max(1, round(self.drawings * float(lengths.mean())))
        batches: list[NDArray[np.int64]] = []
        filled = np.cumsum(lengths)
        for pool in np.split(order, np.flatnonzero(np.diff(filled // (budget * self.pool))) + 1):
            batches.extend(_cut(pool[np.argsort(-self.data.lengths[pool], kind="stable")], self.data, budget))
        return [batches[i] for i in random.permutation(len(batches))]

    def _mixed(self, random: np.random.Generator) -> NDArray[np.int64]:
        """An epoch's drawings: each class as often as ``class_power`` says, no drawing twice before all once."""
        labels = self.data.labels[self.indices]
        present, counts = np.unique(labels, return_counts=True)
        share = counts.astype(np.float64) ** self.class_power
        wanted = len(self.indices) * share / share.sum()
        chosen = []
        for label, count, want in zip(present, counts, wanted, strict=True):
            members = self.indices[labels == label]
            whole, rest = divmod(int(want + random.random()), int(count))
            chosen += [members] * whole + [random.permutation(members)[:rest]]
        return np.concatenate(chosen)


def _cut(sorted_pool: NDArray[np.int64], data: TrainingSet, budget: int) -> list[NDArray[np.int64]]:
    place = (np.cumsum(data.lengths[sorted_pool].astype(np.int64)) - 1) // budget
    return np.split(sorted_pool, np.flatnonzero(np.diff(place)) + 1)


def gather(data: TrainingSet, indices: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """stroke-3 rows (N, 3) in data units of some drawings, end to end, and their lengths."""
    lengths = data.lengths[indices].astype(np.int64)
    starts = np.repeat(data.starts[indices] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return data.points[starts + np.arange(int(lengths.sum()))].astype(np.float32), lengths


def load_batch(
    data: TrainingSet,
    indices: NDArray[np.int64],
    scale_factor: float,
    how: Augmentation,
    random: np.random.Generator,
) -> Batch:
    """Drawings augmented and brought to model units, as one batch."""
    rows, lengths = augment(*gather(data, indices), how, random)
    rows[:, :2] /= scale_factor
    return make_batch(rows, lengths)


def in_order(data: TrainingSet, indices: NDArray[np.int64], points: int) -> Iterator[NDArray[np.int64]]:
    """Drawings sorted by length and cut into batches of about ``points`` points, each drawing once."""
    ordered = indices[np.argsort(-data.lengths[indices], kind="stable")]
    if len(ordered):
        yield from _cut(ordered, data, points)
