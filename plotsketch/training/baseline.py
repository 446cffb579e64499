"""The least that a model must beat: one Gaussian for all offsets and the frequencies of the pen states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Baseline:
    """``mean`` (2,) and ``covariance`` (2, 2) of offsets in data units; how many points draw on and lift, and of how
    many drawings they are."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    draw: int
    lift: int
    drawings: int

    @classmethod
    def fit(cls, rows: NDArray[np.floating], drawings: int) -> Baseline:
        """The likeliest one for stroke-3 ``rows`` (N, 3), in data units, of so many drawings."""
        offsets = rows[:, :2].astype(np.float64)
        lift = int((rows[:, 2] > 0.5).sum())
        covariance = np.cov(offsets.T, bias=True) if len(offsets) > 1 else np.zeros((2, 2))
        return cls(offsets.mean(axis=0), covariance, len(rows) - lift, lift, drawings)

    def offset_nats(self, rows: NDArray[np.floating]) -> float:
        """Sum of -log density of the offsets of ``rows``, a data unit squared; NaN where the Gaussian is flat."""
        sign, log_determinant = np.linalg.slogdet(self.covariance)
        if sign <= 0 or not np.isfinite(log_determinant):
            return float("nan")
        away = rows[:, :2].astype(np.float64) - self.mean
        quadratic = np.einsum("ni,ij,nj->n", away, np.linalg.inv(self.covariance), away)
        return float(0.5 * quadratic.sum() + len(rows) * (np.log(2 * np.pi) + 0.5 * log_determinant))

    def pen_nats(self, rows: NDArray[np.floating], ends: int, ends_a_drawing: float) -> float:
        """Sum of -log frequency of the pen states of ``rows`` and of ``ends`` end states, where the frequencies count
        ``ends_a_drawing`` end states for each drawing of the fit."""
        lift = int((rows[:, 2] > 0.5).sum())
        counts = np.array([len(rows) - lift, lift, ends], dtype=np.float64)
        known = np.array([self.draw, self.lift, self.drawings * ends_a_drawing], dtype=np.float64)
        with np.errstate(divide="ignore"):
            nats = -np.log(known / known.sum())
        return float((counts[counts > 0] * nats[counts > 0]).sum())


@dataclass(frozen=True)
class BaselineFigures:
    """L_R under both end masks, in model units, and nats a drawing in data units; NaN where offsets have no spread."""

    l_r_training_mask: float
    l_r_evaluation_mask: float
    nats_per_drawing: float


def baseline_figures(
    baseline: Baseline, rows: NDArray[np.floating], drawings: int, max_points: int, scale_factor: float
) -> BaselineFigures:
    """The baseline's figures on stroke-3 ``rows`` (N, 3), in data units, of so many drawings.

    No density floor. Both L_R take the pen frequencies of all ``max_points`` rows of a drawing, padding included; the
    nats take those of its points and one end row.
    """
    offsets = baseline.offset_nats(rows)
    in_model_units = offsets - 2 * len(rows) * float(np.log(scale_factor))
    padding = baseline_padding(baseline, max_points)
    ends = drawings * max_points - len(rows)
    cells = drawings * max_points
    return BaselineFigures(
        l_r_training_mask=(in_model_units + baseline.pen_nats(rows, ends, padding)) / cells,
        l_r_evaluation_mask=(in_model_units + baseline.pen_nats(rows, 0, padding)) / cells,
        nats_per_drawing=(offsets + baseline.pen_nats(rows, drawings, 1)) / drawings,
    )


def baseline_padding(baseline: Baseline, max_points: int) -> float:
    """Rows in the end state of a drawing of the fit, when it is padded to ``max_points`` rows: mean."""
    return max_points - (baseline.draw + baseline.lift) / baseline.drawings
