"""The three decoder cells, trained from nothing on the same set for the same processor time.

    python benchmarks/equal_hours.py dogs-horses.npz --minutes 10 [--cell lstm --cell layer_norm --cell hyper]

A few steps of each cell say how many fit into the minutes, and its schedule ends there; the encoder is an LSTM in all.
Nats are those of the set's test split, reconstruction and KL (docs/evaluation.md). A run that was stopped goes on, and
a finished one is taken as it is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from plotsketch.model import checkpoint
from plotsketch.training.dataset import TrainingSet
from plotsketch.training.evaluation import evaluate

FEW, MORE = 5, 35  # steps whose difference in time is that of MORE - FEW steps without the program's start


def plotsketch(*words: object) -> float:
    """Runs a command of ours and returns the processor time that it took, in seconds; ends where it fails."""
    before = os.times()
    command = [sys.executable, "-m", "plotsketch", *map(str, words)]
    if code := subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        sys.exit(code)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def options(cell: str, asked: argparse.Namespace) -> list[object]:
    return ["--decoder", cell, "--batch", asked.batch, "--rate", asked.rate, "--kl-decay", 0.995, "--threads", 1]


def seconds_a_step(cell: str, asked: argparse.Namespace) -> float:
    times = []
    for steps in (FEW, MORE):
        folder = asked.runs / f"{cell}-{steps}-steps"
        shutil.rmtree(folder, ignore_errors=True)
        times.append(plotsketch("train", asked.set, "--folder", folder, "--steps", steps, *options(cell, asked)))
    return (times[1] - times[0]) / (MORE - FEW)


def trained(cell: str, asked: argparse.Namespace) -> checkpoint.Checkpoint:
    folder = asked.runs / cell
    if (folder / "state.safetensors").exists():
        plotsketch("train", asked.set, "--folder", folder, "--resume")
    else:
        steps = round(60 * asked.minutes / seconds_a_step(cell, asked))
        plotsketch("train", asked.set, "--folder", folder, "--steps", steps, *options(cell, asked))
    return checkpoint.load(folder / f"{cell}.safetensors")


def main() -> None:
    asked = _arguments()
    data = TrainingSet.load(asked.set)
    held_out = data.subset(data.select("test"))
    print(f"{asked.minutes:g} minutes of one core each, from nothing, on {asked.set.stem}; {len(held_out)} held out")
    print("| decoder | weights | steps | reconstruction | KL | in all | / the first |")
    print("|" + "---|" * 7)
    first = None
    for cell in asked.cell or ["lstm", "layer_norm", "hyper"]:
        model = trained(cell, asked)
        figures = evaluate(model.network, held_out, model.scale_factor, padding=False).all
        first = first or figures.total.mean
        weights = sum(parameter.numel() for parameter in model.network.parameters())
        print(f"| {cell} | {weights:,} | {model.training['step']:,} | {figures.reconstruction.mean:.1f} | "
              f"{figures.kl.mean:.1f} | {figures.total.mean:.1f} ± {figures.total.standard_error:.1f} | "
              f"{figures.total.mean / first:.3f} |", flush=True)  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path, help="training set")
    parser.add_argument("--minutes", type=float, default=10.0, help="of processor time, for each cell")
    parser.add_argument("--cell", action="append", choices=["lstm", "layer_norm", "hyper"])
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--runs", type=Path, default=Path("runs/equal-hours"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
