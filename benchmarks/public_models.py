"""Held-out drawings under our models and under the public decoders of sketch-rnn-js, in nats a drawing.

    python benchmarks/public_models.py everyday.npz FOLDER --model everyday --model birds

FOLDER holds the public files (``dog.gen.json``). Their own pixel factor is 2, so half their scale factor is that of
QuickDraw's coordinates. Measured are drawings of the set's test split, the same ones by all models: those with more
points than a model of the comparison can take are left out. Nats are those of docs/evaluation.md: reconstruction
(density per square pixel, pen states of all points and one end row) plus KL, which a decoder alone does not have.

A model is measured on its own classes alone: those that its file names, or ``--model RUN.safetensors:dog,horse`` where
it names none yet. The error of a ratio is that of the mean of the
differences, drawing by drawing: the same drawings are hard for all.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from judge import named_model
from numpy.typing import NDArray

from plotsketch.model.checkpoint import Checkpoint
from plotsketch.model.importers import import_model
from plotsketch.training.dataset import TrainingSet
from plotsketch.training.evaluation import measure_drawings

AIMS = {"dog": 0.9, "bird": 0.95, "mosquito": 0.9}  # of the public decoder's nats, at most


@dataclass(frozen=True, eq=False)
class Nats:
    """Of each drawing (n,): reconstruction in nats with densities per square data unit, and KL."""

    reconstruction: NDArray[np.float64]
    kl: NDArray[np.float64]

    @property
    def total(self) -> NDArray[np.float64]:
        return self.reconstruction + self.kl


def nats_of(model: Checkpoint, data: TrainingSet) -> Nats:
    found = measure_drawings(model.network, data, model.scale_factor, padding=False)
    units = 2 * np.log(model.scale_factor) * found.points
    return Nats(found.offsets + units + found.pen + found.pen_end, found.kl.sum(axis=1))


def held_out(data: TrainingSet, name: str, models: Sequence[Checkpoint]) -> TrainingSet:
    """Drawings of a class that no model was trained on and all can take."""
    chosen = data.select("test", name)
    limit = min(model.config.max_points for model in models)
    return data.subset(chosen[data.lengths[chosen] <= limit])


def row(name: str, label: str, ours: Nats, public: Nats | None = None) -> str:
    count = len(ours.total)
    error = ours.total.std(ddof=1) / np.sqrt(count)
    cells = [name, label, f"{count}", f"{ours.reconstruction.mean():.1f}", f"{ours.kl.mean():.1f}",
             f"{ours.total.mean():.1f} ± {error:.1f}"]  # fmt: skip
    if public is None:
        return f"| {' | '.join([*cells, '1', ''])} |"
    theirs = public.total.mean()
    apart = (ours.total - public.total).std(ddof=1) / np.sqrt(count) / theirs
    aim = f"{AIMS[name]:.2f}" if name in AIMS else ""
    return f"| {' | '.join([*cells, f'{ours.total.mean() / theirs:.3f} ± {apart:.3f}', aim])} |"


HEADINGS = [
    "| class | model | drawings | reconstruction | KL | in all | / public | aim |",
    "|---|---|---|---|---|---|---|---|",
]


def compare(
    name: str, public: Checkpoint, ours: Sequence[tuple[Checkpoint, Sequence[str]]], data: TrainingSet
) -> list[str]:
    """Lines of the table for one class. ``ours``: models and their classes."""
    known = [model for model, classes in ours if name in classes]
    drawings = held_out(data, name, [public, *known])
    theirs = nats_of(public, drawings)
    return [
        row(name, "public decoder", theirs),
        *(row(name, model.name, nats_of(model, drawings), theirs) for model in known),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path, help="a training set with the classes; its test split is measured")
    parser.add_argument("folder", type=Path, help="the public models, CLASS.gen.json")
    parser.add_argument("--model", action="append", required=True, metavar="NAME[:CLASS,CLASS]")
    parser.add_argument("--class", dest="classes", action="append", help="instead of dog, bird and mosquito")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    data = TrainingSet.load(asked.set)
    ours = [named_model(model) for model in asked.model]
    print(*HEADINGS, sep="\n")
    for name in asked.classes or AIMS:
        public = import_model(asked.folder / f"{name}.gen.json")
        print(*compare(name, public, ours, data), sep="\n", flush=True)


if __name__ == "__main__":
    main()
