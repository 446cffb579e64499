"""What a training set holds, in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from plotsketch.training.dataset import SPLITS, TRAIN, TrainingSet

_MOST_BINS = 20


def describe(data: TrainingSet) -> dict[str, Any]:
    """Counts by split and class, points a drawing, and the scale factor (None without training drawings)."""
    return {
        "drawings": len(data),
        "points": len(data.points),
        "points_type": str(data.points.dtype),
        "splits": {name: int((data.split == index).sum()) for index, name in enumerate(SPLITS)},
        "classes": _classes(data),
        "points_per_drawing": _points_per_drawing(data),
        "scale_factor": data.scale_factor() if (data.split == TRAIN).any() else None,
        "made_from": data.meta,
    }


def _classes(data: TrainingSet) -> dict[str, dict[str, float]]:
    """Per class: drawings in all and by split, and mean points a drawing."""
    table = np.zeros((len(data.names), len(SPLITS)), dtype=np.int64)
    np.add.at(table, (data.labels, data.split), 1)
    points = np.bincount(data.labels, weights=data.lengths, minlength=len(data.names))
    return {
        str(name): {
            "drawings": int(row.sum()),
            **{split: int(n) for split, n in zip(SPLITS, row, strict=True)},
            "mean_points": round(float(total / max(row.sum(), 1)), 1),
        }
        for name, row, total in zip(data.names, table, points, strict=True)
    }


def _points_per_drawing(data: TrainingSet) -> dict[str, Any]:
    """Mean, median, extremes, histogram: ``counts[i]`` drawings have ``edges[i]`` points and up."""
    lengths = data.lengths
    step = next(step for step in _steps() if int(lengths.max()) // step < _MOST_BINS)
    counts = np.bincount(lengths // step)
    edges = np.arange(len(counts) + 1) * step
    return {
        "mean": round(float(lengths.mean()), 2),
        "median": float(np.median(lengths)),
        "least": int(lengths.min()),
        "most": int(lengths.max()),
        "edges": edges.tolist(),
        "counts": counts.tolist(),
    }


def _steps() -> Iterator[int]:
    """Widths of a bin that read well: 1, 2, 5, 10, 20 ..."""
    return (digit * 10**power for power in count() for digit in (1, 2, 5))
