"""A model's card: what it was made of and how, how good it is, and what it cannot do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from make import commands

from plotsketch.model.checkpoint import Checkpoint
from plotsketch.training.evaluation import Evaluation
from plotsketch.training.samples import SampleReport

DISTANCE = (
    "The distance is that of 64 points along the ink of either, fitted to a box whose longer side is 1 (the symmetric "
    "Chamfer distance of `plotsketch/training/novelty.py`)."
)


def model_card(
    checkpoint: Checkpoint, recipe: Mapping[str, Any], figures: Evaluation, samples: SampleReport, reported: list[str]
) -> str:
    parts = (
        _head(checkpoint, recipe),
        _training(checkpoint, recipe),
        _figures(checkpoint, figures, reported),
        _samples(checkpoint, samples),
        ["## Known weaknesses", "", recipe["weaknesses"].strip(), ""],
    )
    return "\n".join(line for part in parts for line in part)


def classes_shown(recipe: Mapping[str, Any]) -> list[str]:
    return list(recipe.get("shown") or recipe["reported"])


def _head(checkpoint: Checkpoint, recipe: Mapping[str, Any]) -> Iterator[str]:
    name = checkpoint.name
    yield from [f"# {name}", "", recipe["description"], ""]
    yield f"Draws of {', '.join(classes_shown(recipe))}, as many of each, at temperature 0.25, the best of four:"
    yield from ["", f"![samples](../docs/images/{name}-samples.png)", ""]
    if checkpoint.landmarks:
        yield from ["Landmarks, left to right, then top to bottom: " + ", ".join(checkpoint.landmarks) + ".", ""]
        yield from [f"![landmarks](../docs/images/{name}-landmarks.png)", ""]
    yield from ["## Data and licence", "", recipe["licence"], "", recipe["data"].strip(), ""]


def _training(checkpoint: Checkpoint, recipe: Mapping[str, Any]) -> Iterator[str]:
    training = checkpoint.training
    parent = f", from {training['parent']}" if training["parent"] else ""
    yield from ["## Training", ""]
    yield (
        f"{training['step']:,} steps on {training['drawings']:,} drawings, {training['hours']:.1f} hours ("
        f"{training['processes']} process(es), products in {training['precision']}, torch {training['torch']}){parent}."
    )
    if note := recipe.get("training_note"):
        yield from ["", note.strip()]
    yield from ["", f"`make checkpoint NAME={checkpoint.name}` does this:", "", "```sh", *commands(recipe)]
    run = f"runs/{checkpoint.name}/{checkpoint.name}.safetensors"
    yield f"python checkpoints/ship.py checkpoints/recipes/{checkpoint.name}.toml {run} runs/{checkpoint.name}.npz"
    yield from ["```", ""]


def _figures(checkpoint: Checkpoint, figures: Evaluation, reported: list[str]) -> Iterator[str]:
    yield from ["## Figures", "", "Held-out drawings (split test, never trained on or chosen by), nats a drawing in "
                "pixel units; what each means is in [docs/evaluation.md](../docs/evaluation.md).", ""]  # fmt: skip
    yield from ["| class | drawings | reconstruction | KL | in all | one Gaussian |", "|---|---|---|---|---|---|"]
    for label, f in [*((word, figures.classes[word]) for word in reported), ("all", figures.all)]:
        total = f"{f.total.mean:.1f} ± {f.total.standard_error:.1f}"
        base = f.baseline.nats_per_drawing
        yield f"| {label} | {f.drawings:,} | {f.reconstruction.mean:.1f} | {f.kl.mean:.1f} | {total} | {base:.1f} |"
    active, size = figures.all.active_dimensions(0.1), checkpoint.config.latent_size
    yield ""
    yield (
        f"L_R {figures.all.l_r_one_end_row:.3f} (one end row), {figures.all.l_r_evaluation_mask:.3f} (evaluation "
        f"mask); L_KL {figures.all.l_kl:.3f}; {active} of {size} dimensions above 0.1 nats."
    )
    yield ""


def _samples(checkpoint: Checkpoint, samples: SampleReport) -> Iterator[str]:
    yield "| temperature | finished at first | delivered finished | near copies of training drawings |"
    yield "|---|---|---|---|"
    for t in samples.temperatures:
        copies = "-" if t.near_copies is None else f"{100 * t.near_copies:.1f} %"
        yield f"| {t.temperature:g} | {100 * t.finished_at_first:.1f} % | {100 * t.finished:.1f} % | {copies} |"
    yield from [
        "", "A near copy is as near to a training drawing as the nearest hundredth of the held-out drawings are. The "
        "five samples of 400 at temperature 0.25 that are nearest to a training drawing, each above that one:", "",
        f"![nearest](../docs/images/{checkpoint.name}-nearest.png)", "", DISTANCE, "",
    ]  # fmt: skip
