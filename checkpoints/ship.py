"""From a finished training run to a checkpoint that ships: landmarks, evaluation, half precision and a model card.

    python checkpoints/ship.py RECIPE.toml RUN.safetensors SET.npz

The recipe (``checkpoints/recipes``) says how the run was made and which held-out drawings become landmarks. Writes
``checkpoints/NAME.safetensors`` and ``checkpoints/NAME.md``, and the card's pictures into ``docs/images``.
``checkpoints/make.py`` makes the run too.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from card import classes_shown, model_card
from landmarks import landmarks

from plotsketch.model.checkpoint import Checkpoint, load, save
from plotsketch.model.sketcher import Sketcher
from plotsketch.output.png import png_bytes
from plotsketch.sheet.compose import compose
from plotsketch.sheet.paper import parse_paper
from plotsketch.sheet.style import Style
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch
from plotsketch.training.batches import gather
from plotsketch.training.class_latents import class_latents
from plotsketch.training.dataset import TrainingSet
from plotsketch.training.evaluation import Evaluation, evaluate
from plotsketch.training.novelty import clouds, nearest
from plotsketch.training.samples import SampleReport, prior_samples, report_samples

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parent / "docs" / "images"
SHOWN = 40  # drawings on a card's sheet of samples, about


def main(recipe_path: str, run_path: str, data_path: str) -> None:
    recipe = tomllib.loads(Path(recipe_path).read_text(encoding="utf-8"))
    name, data = recipe["name"], TrainingSet.load(data_path)
    checkpoint = load(run_path)
    checkpoint.name, checkpoint.licence, checkpoint.description = name, recipe["licence"], recipe["description"]
    checkpoint.classes = class_latents(checkpoint.network, data, checkpoint.scale_factor)
    checkpoint.landmarks = landmarks(checkpoint, data, recipe)
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
    nearest_pairs(shipped, data)
    card = model_card(shipped, recipe, figures, samples, reported)
    (HERE / f"{name}.md").write_text(card, encoding="utf-8")
    print(target, digest)


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
    """A sheet of the classes in ``shown`` (or those reported), typical drawings first, and one of the landmarks."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    sketcher, name = Sketcher(checkpoint), checkpoint.name
    words = classes_shown(recipe)
    each = max(1, SHOWN // len(words))
    seeds = [None, *range(each - 1)]
    latents = np.stack([sketcher.class_latent(word, seed) for word in words for seed in seeds])
    cols = 10
    rows = -(-len(latents) // cols)
    drawn = sketcher.sample(latents, seed=1, temperature=0.25, best_of=4)
    drawn += [Sketch(())] * (rows * cols - len(drawn))
    sheet(drawn, rows, cols, f"{cols * 20 + 12}x{rows * 20 + 12}mm", f"{name}-samples")
    if checkpoint.landmarks:
        table = np.stack(list(checkpoint.landmarks.values()))
        count = len(table)
        drawn = sketcher.sample(table, seed=0, temperature=0.1, best_of=4) + [Sketch(())] * (-count % 8)
        sheet(drawn, -(-count // 8), 8, f"172x{-(-count // 8) * 20 + 12}mm", f"{name}-landmarks")


def nearest_pairs(checkpoint: Checkpoint, data: TrainingSet, count: int = 5) -> None:
    """The samples that are nearest to a training drawing, above these drawings."""
    drawn = prior_samples(checkpoint.network, 400, temperature=0.25, seed=0)
    train = data.select("train")
    rows = np.concatenate([one.rows for one in drawn]), np.array([len(one.rows) for one in drawn])
    found = nearest(clouds(*rows), clouds(*gather(data, train)))
    closest = np.argsort(found.distance, kind="stable")[:count]
    samples = [Sketch.from_stroke3(drawn[k].rows) for k in closest]
    theirs = [Sketch.from_stroke3(data.drawing(int(train[found.index[k]]))) for k in closest]
    sheet([*samples, *theirs], 2, count, f"{count * 24 + 12}x60mm", f"{checkpoint.name}-nearest")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
