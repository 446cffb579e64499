"""What the KL floor and weight buy: the same fine-tuning with several settings, measured by nats and by the judge.

    python benchmarks/latent_quality.py catpig.npz judge.pt everyday.npz --setting 0.2:0.5 --setting 0.2:0.1 \
        [--init everyday] [--steps 1500] [--runs runs]

A setting is FLOOR:WEIGHT: nats a dimension below which the KL costs nothing, and the weight of the KL in the loss. Each
is trained by ``plotsketch train`` on the first set, into a folder of its own in --runs, where a run that was stopped
goes on and a finished one is taken as it is. Nats are those of the first set's test split (docs/evaluation.md). What
the judge says (``judge.py``) stands beside what it says of held-out drawings by people from the second set.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from judge import Judge, Task

from plotsketch.model import checkpoint
from plotsketch.model.checkpoint import Checkpoint
from plotsketch.training.dataset import TrainingSet
from plotsketch.training.evaluation import evaluate

TEMPERATURE = 0.25
CELLS = 7  # of the table


@dataclass(frozen=True)
class Setting:
    """``floor`` in nats a dimension, ``weight`` the KL weight at the end of annealing."""

    floor: float
    weight: float

    @classmethod
    def of(cls, text: str) -> Setting:
        floor, _, weight = text.partition(":")
        try:
            return cls(float(floor), float(weight))
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not FLOOR:WEIGHT, as in 0.2:0.5") from None

    def __str__(self) -> str:
        return f"floor {self.floor:g}, weight {self.weight:g}"

    def folder(self, runs: Path) -> Path:
        return runs / f"floor-{self.floor:g}-weight-{self.weight:g}"


def trained(setting: Setting, asked: argparse.Namespace) -> Checkpoint:
    """The model of a setting, trained as far as it is not."""
    folder = setting.folder(asked.runs)
    begun = (folder / "state.safetensors").exists()
    options = ["--init", asked.init, "--kl-floor", setting.floor, "--kl-weight", setting.weight, "--kl-decay", 0.99,
               "--batch", asked.batch, "--rate", asked.rate, "--warmup", min(100, asked.steps),
               "--threads", asked.threads]  # fmt: skip
    words = ["train", asked.set, "--folder", folder, "--steps", asked.steps, *(["--resume"] if begun else options)]
    command = [sys.executable, "-m", "plotsketch", *map(str, words)]
    if code := subprocess.run(command, stdout=sys.stderr, check=False).returncode:  # stdout is for the table
        sys.exit(code)
    return checkpoint.load(folder / f"{folder.name}.safetensors")


def row(setting: Setting, model: Checkpoint, data: TrainingSet, task: Task, samples: int) -> list[str]:
    held_out = data.subset(data.select("test"))
    figures = evaluate(model.network, held_out, model.scale_factor, padding=False).all
    again, prior = task.reconstructions(TEMPERATURE), task.prior(TEMPERATURE, samples)
    return [
        str(setting), f"{figures.total.mean:.1f}", f"{figures.reconstruction.mean:.1f}", f"{figures.kl.mean:.1f}",
        f"{again.of_own:.1%}", f"{again.of_all:.1%}", f"{prior.any_own:.1%}",
    ]  # fmt: skip


def main() -> None:
    asked = _arguments()
    torch.set_num_threads(asked.threads)
    data, judged, judge = TrainingSet.load(asked.set), TrainingSet.load(asked.judged), Judge.load(asked.judge)
    print(f"{asked.steps} steps from {asked.init}; the judge's shares at T={TEMPERATURE:g}")
    print("| setting | nats | reconstruction | KL | rec.: class, of own | rec.: of all | prior: any own, of all |")
    print("|" + "---|" * CELLS)
    for place, setting in enumerate(asked.setting):
        model = trained(setting, asked)
        task = Task.of(model, data.names.tolist(), judged, judge, asked.most)
        if place == 0:
            people = task.people()
            shares = (people.of_own, people.of_all, people.any_own)
            print(f"| people's drawings | | | | {' | '.join(f'{share:.1%}' for share in shares)} |")
        print(f"| {' | '.join(row(setting, model, data, task, asked.samples))} |", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path, help="training set to train on")
    parser.add_argument("judge", type=Path, help="trained by judge.py")
    parser.add_argument("judged", type=Path, help="the set that the judge was trained on")
    parser.add_argument("--setting", type=Setting.of, action="append", required=True, metavar="FLOOR:WEIGHT")
    parser.add_argument("--init", default="everyday")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--runs", type=Path, default=Path("runs/latent-quality"))
    parser.add_argument("--most", type=int, default=200, help="held-out drawings of a class, at most")
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
