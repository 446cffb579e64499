"""From a finished training run to a checkpoint that ships: landmarks, evaluation, half precision and a model card.

    python checkpoints/ship.py RECIPE.toml RUN.safetensors SET.npz

The recipe (``checkpoints/recipes``) says how the run was made and which held-out drawings become landmarks. Writes
``checkpoints/NAME.safetensors`` and ``checkpoints/NAME.md``, and the card's pictures into ``docs/images``.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from plotsketch.model.checkpoint import Checkpoint, load, save
from plotsketch.model.sketcher import Sketcher
from plotsketch.output.png import png_bytes
from plotsketch.sheet.compose import compose
from plotsketch.sheet.paper import parse_paper
from plotsketch.sheet.style import Style
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch
from plotsketch.training.class_latents import class_latents, posteriors
from plotsketch.training.dataset import TRAIN, TrainingSet
from plotsketch.training.evaluation import Evaluation, evaluate
from plotsketch.training.samples import SampleReport, report_samples

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parent / "docs" / "images"


def main(recipe_path: str, run_path: str, data_path: str) -> None:
    recipe = tomllib.loads(Path(recipe_path).read_text(encoding="utf-8"))
    name, data = recipe["name"], TrainingSet.load(data_path)
    checkpoint = load(run_path)
    checkpoint.name, checkpoint.licence, checkpoint.description = name, recipe["licence"], recipe["description"]
    if not checkpoint.classes:  # a run that was stopped early has none yet
        checkpoint.classes = class_latents(checkpoint.network, data, checkpoint.scale_factor)
    checkpoint.landmarks = landmarks(checkpoint, data, recipe.get("landmarks", {}))
    target = HERE / f"{name}.safetensors"
    save(checkpoint, target)  # what ships is what is evaluated: the weights at half precision
    shipped = load(target)
    held_out = data.subset(data.select("test"))
    figures = evaluate(shipped.network, held_out, shipped.scale_factor, padding=False)
    samples = report_samples(shipped.network, 400, train=data, held_out=held_out)
    reported = [c for c in recipe.get("reported", []) if c in figures.classes] or list(figures.classes)
    shipped.evaluation = summary(figures, samples, reported)
    digest = save(shipped, target)
    shipped.digest = digest
    pictures(shipped, recipe)
    card = model_card(shipped, recipe, figures, samples, reported)
    (HERE / f"{name}.md").write_text(card, encoding="utf-8")
    print(target, digest)


def landmarks(checkpoint: Checkpoint, data: TrainingSet, keys: dict[str, str]) -> dict[str, Any]:
    """The latents (their posterior's mean) of held-out drawings, by name; a drawing that was trained on is an error."""
    found = {key: i for i, key in enumerate(data.keys.tolist())}
    indices = np.array([found[key] for key in keys.values()], dtype=np.int64)
    trained = [name for name, i in zip(keys, indices, strict=True) if data.split[i] == TRAIN]
    if trained:
        sys.exit(f"landmarks {', '.join(trained)} were trained on; choose held-out drawings")
    if not len(indices):
        return {}
    mu, _ = posteriors(checkpoint.network, data, indices, checkpoint.scale_factor)
    return dict(zip(keys, mu, strict=True))


def summary(figures: Evaluation, samples: SampleReport, reported: list[str]) -> dict[str, Any]:
    """What the checkpoint's header says of its evaluation: the held-out split in all and by class."""
    chosen = {"all": figures.all, **{name: figures.classes[name] for name in reported}}
    return {
        "split": "test",
        "nats_per_drawing": {
            name: {
                "drawings": f.drawings,
                "reconstruction": round(f.reconstruction.mean, 1),
                "kl": round(f.kl.mean, 1),
                "total": round(f.total.mean, 1),
                "standard_error": round(f.total.standard_error, 1),
            }
            for name, f in chosen.items()
        },
        "l_r": {
            "one_end_row": round(figures.all.l_r_one_end_row, 4),
            "evaluation_mask": round(figures.all.l_r_evaluation_mask, 4),
        },
        "l_kl": round(figures.all.l_kl, 4),
        "finished": {f"{t.temperature:g}": round(t.finished, 4) for t in samples.temperatures},
    }


def sheet(sketches: list[Sketch], rows: int, cols: int, paper: str, name: str) -> None:
    figures = [Figure((Part(sketch),), *divmod(place, cols)) for place, sketch in enumerate(sketches)]
    document = compose(figures, rows, cols, Style(paper=parse_paper(paper, None), margin=6.0))
    (IMAGES / f"{name}.png").write_bytes(png_bytes(document, {"picture": name}, dpi=110))


def pictures(checkpoint: Checkpoint, recipe: dict[str, Any]) -> None:
    """A sheet of samples (from the prior, or one a class in ``shown``), and one of the landmarks."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    sketcher, name = Sketcher(checkpoint), checkpoint.name
    shown = recipe.get("shown", [])
    references = [f"class:{word}" for word in shown] or [f"seed:{i}" for i in range(40)]
    latents = np.stack([sketcher.latent(reference) for reference in references])
    cols = 10
    rows = -(-len(references) // cols)
    drawn = sketcher.sample(latents, seed=1, temperature=0.25, best_of=4)
    drawn += [Sketch(())] * (rows * cols - len(drawn))
    sheet(drawn, rows, cols, f"{cols * 20 + 12}x{rows * 20 + 12}mm", f"{name}-samples")
    if checkpoint.landmarks:
        table = np.stack(list(checkpoint.landmarks.values()))
        count = len(table)
        drawn = sketcher.sample(table, seed=0, temperature=0.1, best_of=4) + [Sketch(())] * (-count % 8)
        sheet(drawn, -(-count // 8), 8, f"172x{-(-count // 8) * 20 + 12}mm", f"{name}-landmarks")


def model_card(
    checkpoint: Checkpoint, recipe: dict[str, Any], figures: Evaluation, samples: SampleReport, reported: list[str]
) -> str:
    name, training = checkpoint.name, checkpoint.training
    lines = [f"# {name}", "", recipe["description"], "", f"![samples](../docs/images/{name}-samples.png)", ""]
    if checkpoint.landmarks:
        lines += ["Landmarks, left to right, then top to bottom: " + ", ".join(checkpoint.landmarks) + ".", "",
                  f"![landmarks](../docs/images/{name}-landmarks.png)", ""]  # fmt: skip
    lines += ["## Data and licence", "", recipe["licence"], "", recipe["data"].strip(), ""]
    lines += ["## Training", "", f"{training['step']:,} steps on {training['drawings']:,} drawings, "
              f"{training['hours']:.1f} hours on two CPU cores ({training['processes']} process(es), products in "
              f"{training['precision']}, torch {training['torch']})"
              + (f", from {training['parent']}" if training["parent"] else "") + ".", ""]  # fmt: skip
    lines += ["```sh", *(line for line in recipe["commands"].strip().splitlines()), "```", ""]
    lines += ["## Figures", "", "Held-out drawings (split test, never trained on or chosen by), nats a drawing in "
              "pixel units; what each means is in [docs/evaluation.md](../docs/evaluation.md).", ""]  # fmt: skip
    lines += ["| class | drawings | reconstruction | KL | in all | one Gaussian |", "|---|---|---|---|---|---|"]
    for label, f in [*((word, figures.classes[word]) for word in reported), ("all", figures.all)]:
        total = f"{f.total.mean:.1f} ± {f.total.standard_error:.1f}"
        lines.append(f"| {label} | {f.drawings:,} | {f.reconstruction.mean:.1f} | {f.kl.mean:.1f} | {total} | "
                     f"{f.baseline.nats_per_drawing:.1f} |")  # fmt: skip
    lines += ["", f"L_R {figures.all.l_r_one_end_row:.3f} (one end row), {figures.all.l_r_evaluation_mask:.3f} "
              f"(evaluation mask); L_KL {figures.all.l_kl:.3f}; {figures.all.active_dimensions(0.1)} of "
              f"{checkpoint.config.latent_size} dimensions above 0.1 nats.", ""]  # fmt: skip
    lines += ["| temperature | finished at first | delivered finished | near copies of training drawings |",
              "|---|---|---|---|"]  # fmt: skip
    for t in samples.temperatures:
        copies = "-" if t.near_copies is None else f"{100 * t.near_copies:.1f} %"
        lines.append(f"| {t.temperature:g} | {100 * t.finished_at_first:.1f} % | {100 * t.finished:.1f} % | {copies} |")
    lines += ["", "## Known weaknesses", "", recipe["weaknesses"].strip(), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
