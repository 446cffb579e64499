"""How well a model predicts drawings, in figures that compare with the literature and between models.

See docs/evaluation.md for what each figure means. One pass of the network measures each drawing on its own
(``measure_drawings``); figures of a class, or of all, are sums over drawings (``figures_of``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plotsketch.model.mixture import DENSITY_FLOOR, log_density, pen_nll, split
from plotsketch.model.network import SketchRNN
from plotsketch.model.randomness import latent_normals

from .augment import NO_AUGMENTATION
from .baseline import Baseline, BaselineFigures, baseline_figures
from .batches import Batch, gather, in_order, load_batch
from .dataset import TrainingSet, key_place
from .loss import kl_divergence

POINTS_A_BATCH = 6000
ACTIVE = (0.01, 0.1)  # nats above which a dimension of the latent counts as used
END_ROW = (0.0, 0.0, 0.0, 0.0, 1.0)
_PLACE = 3  # this module's own use of a key's hash


@dataclass(frozen=True, eq=False)
class DrawingNats:
    """Sums over each of n drawings, in nats and model units: arrays (n,), ``kl`` (n, Nz) or (n, 0) without encoder.

    ``offsets`` is exact, ``floored`` has Magenta's density floor; ``pen`` is of the points alone, ``pen_end`` of the
    end row. ``pen_padded`` is of the rows after the points that Magenta counts in training: the end row and the
    padding, N_max rows in all, so none for a drawing of N_max points. It is NaN where it was not asked for.
    """

    points: NDArray[np.int64]
    offsets: NDArray[np.float64]
    floored: NDArray[np.float64]
    pen: NDArray[np.float64]
    pen_end: NDArray[np.float64]
    pen_padded: NDArray[np.float64]
    kl: NDArray[np.float64]

    def take(self, which: NDArray[Any]) -> DrawingNats:
        """Those of some drawings, by index or mask."""
        return DrawingNats(**{name: values[which] for name, values in vars(self).items()})


@torch.no_grad()
def measure_drawings(
    network: SketchRNN,
    data: TrainingSet,
    scale_factor: float,
    *,
    seed: int = 0,
    padding: bool = True,
    progress: Callable[[int], None] = lambda drawings: None,
) -> DrawingNats:
    """Every drawing of ``data``, in its order, under ``network``; ``progress`` hears how many more are done.

    z is drawn from the posterior by numbers that hang on (seed, key) alone, and drawings are batched by length and
    key: the order of ``data`` does not matter. ``padding`` runs the decoder on over the rows up to
    ``config.max_points``, up to three times the work. Raises ValueError for a longer drawing.
    """
    limit = network.config.max_points
    if len(data) and int(data.lengths.max()) > limit:
        raise ValueError(f"a drawing has {int(data.lengths.max())} points and the model's most is {limit}")
    width = network.config.latent_size if network.encoder is not None else 0
    found = _empty(len(data), width)
    for chosen in in_order(data, np.argsort(data.keys, kind="stable"), POINTS_A_BATCH):
        batch = load_batch(data, chosen, scale_factor, NO_AUGMENTATION, np.random.default_rng(0))
        at = chosen[batch.order]
        noise = _noise(data, at, width, seed)
        for name, values in _measure(network, batch.to(network.head.weight.device), noise, padding).items():
            getattr(found, name)[at] = values.cpu().numpy()
        progress(len(chosen))
    return found


def _empty(count: int, width: int) -> DrawingNats:
    names = ("offsets", "floored", "pen", "pen_end", "pen_padded")
    tables = {name: np.full(count, np.nan) for name in names}
    return DrawingNats(points=np.zeros(count, np.int64), kl=np.zeros((count, width)), **tables)


def _noise(data: TrainingSet, indices: NDArray[np.int64], width: int, seed: int) -> Tensor:
    """(n, Nz) standard normal numbers, each row's own by the drawing's key."""
    cells = [int(key_place(str(data.keys[i]), _PLACE) * 2**53) for i in indices]
    rows = np.array([latent_normals(seed, width, cell) for cell in cells], np.float32).reshape(len(cells), width)
    return torch.from_numpy(rows)


def _measure(network: SketchRNN, batch: Batch, noise: Tensor, padding: bool) -> dict[str, Tensor]:
    """The fields of DrawingNats for the drawings of a batch, longest first."""
    z, kl = _latent(network, batch, noise)
    static, state = network.decoder.static(z, batch.drawings), network.initial_state(z, batch.drawings)
    outputs, state = network.decoder(batch.inputs, batch.sizes, static, state)
    mixture = split(network.head(outputs), network.config.mixtures)
    density = log_density(mixture, batch.targets[:, 0], batch.targets[:, 1]).double()
    floored = torch.logaddexp(density, torch.full_like(density, DENSITY_FLOOR).log())
    pen = pen_nll(mixture, batch.target_pen).double()
    end = batch.targets[:, 4].double()
    drawn, zeros = 1 - end, pen.new_zeros(batch.drawings)

    def per_drawing(rows: Tensor) -> Tensor:
        return zeros.index_add(0, batch.owner, rows)

    points, pen_end = per_drawing(drawn), per_drawing(pen * end)
    result = {
        "points": points.long(),
        "offsets": per_drawing(-density * drawn),
        "floored": per_drawing(-floored * drawn),
        "pen": per_drawing(pen * drawn),
        "pen_end": pen_end,
        "kl": kl.double(),
    }
    if padding:
        rest = network.config.max_points - points.long()  # rows of Magenta's that come after the points
        result["pen_padded"] = pen_end * (rest > 0) + _padding_nats(network, static, state, rest - 1)
    return result


def _latent(network: SketchRNN, batch: Batch, noise: Tensor) -> tuple[Tensor | None, Tensor]:
    """A draw from the posterior (B, Nz) and its KL divergence (B, Nz); None and (B, 0) without an encoder."""
    if network.encoder is None:
        return None, batch.points.new_zeros(batch.drawings, 0)
    mu, presig = network.encode(batch.points, batch.point_sizes)
    return mu + torch.exp(0.5 * presig) * noise.to(mu.device), kl_divergence(mu, presig)


def _padding_nats(network: SketchRNN, static: Tensor, state: Tensor, rows: Tensor) -> Tensor:
    """(B,): pen nats of ``rows`` (B,) more end rows after the first one, the decoder running on over end rows.

    Drawings come longest first, so that those with most rows to come are last.
    """
    static, state, rows = static.flip(0), state.flip(0), rows.flip(0)
    x = state.new_tensor(END_ROW).expand(len(rows), -1)
    end = torch.full((len(rows),), 2, device=rows.device)
    total = torch.zeros(len(rows), dtype=torch.float64, device=rows.device)
    for done in range(int(rows.max())):
        live = int((rows > done).sum())
        raw, state = network.step(x[:live], static[:live], state[:live])
        total[:live] += pen_nll(split(raw, network.config.mixtures), end[:live])
    return total.flip(0)


@dataclass(frozen=True)
class Estimate:
    """A mean over drawings and its standard error (NaN for a single drawing)."""

    mean: float
    standard_error: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Estimate:
        error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
        return cls(float(values.mean()), float(error))


@dataclass(frozen=True, eq=False)
class Figures:
    """What is reported of some drawings under a model; docs/evaluation.md has the equations.

    L_R has three masks: pen loss on all N_max rows (NaN where padding was not computed), on the points alone, and on
    the points and one end row, which is what plotsketch's training minimises. ``reconstruction``, ``kl`` and
    ``total`` are nats a drawing, offsets in data units. ``kl_per_dimension`` (Nz,) is the mean over drawings.
    """

    drawings: int
    points: int
    l_r_training_mask: float
    l_r_evaluation_mask: float
    l_r_one_end_row: float
    l_kl: float
    kl_per_dimension: NDArray[np.float64]
    reconstruction: Estimate
    kl: Estimate
    total: Estimate
    baseline: BaselineFigures

    def active_dimensions(self, nats: float) -> int:
        """Dimensions of the latent whose mean KL is above ``nats``."""
        return int((self.kl_per_dimension > nats).sum())

    def to_dict(self) -> dict[str, Any]:
        """For ``--json`` and a checkpoint's header; the names stay what they are."""
        return {
            "drawings": self.drawings,
            "points": self.points,
            "l_r": {
                "training_mask": self.l_r_training_mask,
                "evaluation_mask": self.l_r_evaluation_mask,
                "one_end_row": self.l_r_one_end_row,
            },
            "l_kl": self.l_kl,
            "active_dimensions": {str(nats): self.active_dimensions(nats) for nats in ACTIVE},
            "nats_per_drawing": {name: asdict(getattr(self, name)) for name in ("reconstruction", "kl", "total")},
            "baseline": {
                "l_r": {
                    "training_mask": self.baseline.l_r_training_mask,
                    "evaluation_mask": self.baseline.l_r_evaluation_mask,
                },
                "nats_per_drawing": self.baseline.nats_per_drawing,
            },
        }


def figures_of(nats: DrawingNats, rows: NDArray[np.floating], max_points: int, scale_factor: float) -> Figures:
    """Figures of n >= 1 drawings from their nats and their stroke-3 ``rows`` (N, 3) in data units."""
    count = len(nats.points)
    cells = count * max_points
    reconstruction = nats.offsets + 2 * np.log(scale_factor) * nats.points + nats.pen + nats.pen_end
    kl = nats.kl.sum(axis=1)
    seen = nats.floored + nats.pen
    return Figures(
        drawings=count,
        points=int(nats.points.sum()),
        l_r_training_mask=float((seen + nats.pen_padded).sum() / cells),
        l_r_evaluation_mask=float(seen.sum() / cells),
        l_r_one_end_row=float((seen + nats.pen_end).sum() / cells),
        l_kl=float(nats.kl.mean()) if nats.kl.size else 0.0,
        kl_per_dimension=nats.kl.mean(axis=0),
        reconstruction=Estimate.of(reconstruction),
        kl=Estimate.of(kl),
        total=Estimate.of(reconstruction + kl),
        baseline=baseline_figures(Baseline.fit(rows, count), rows, count, max_points, scale_factor),
    )


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of all drawings and of each class, by name."""

    all: Figures
    classes: Mapping[str, Figures]

    def to_dict(self) -> dict[str, Any]:
        dimensions = {"kl_per_dimension": self.all.kl_per_dimension.tolist()}
        classes = {name: figures.to_dict() for name, figures in self.classes.items()}
        return {"all": {**self.all.to_dict(), **dimensions}, "classes": classes}


def evaluate(
    network: SketchRNN,
    data: TrainingSet,
    scale_factor: float,
    *,
    seed: int = 0,
    padding: bool = True,
    progress: Callable[[int], None] = lambda drawings: None,
) -> Evaluation:
    """All drawings of ``data``, whatever their split: take ``data.subset(data.select("test"))`` for held-out ones.

    Arguments as in ``measure_drawings``.
    """
    nats = measure_drawings(network, data, scale_factor, seed=seed, padding=padding, progress=progress)

    def figures(indices: NDArray[np.int64]) -> Figures:
        return figures_of(nats.take(indices), gather(data, indices)[0], network.config.max_points, scale_factor)

    everything = np.argsort(data.keys, kind="stable")
    labels = data.labels[everything]
    classes = {str(data.names[label]): figures(everything[labels == label]) for label in np.unique(labels)}
    return Evaluation(figures(everything), classes)
