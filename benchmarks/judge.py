"""A judge of drawings: a small network, trained on people's drawings alone, that says what a picture shows.

    python benchmarks/judge.py train everyday.npz judge.pt [--minutes 20]
    python benchmarks/judge.py report judge.pt everyday.npz --model everyday [--model RUN.safetensors:cat,pig]

It sees a drawing as a picture of 32 x 32 pixels, smoothed at the edges, in four layers by the direction of the ink, and
knows the classes of the set that it was trained on: of its train split alone, and of nothing that a model drew.
``train`` goes on with a file that is not finished; the file is a cache, not a product.

``report`` has the judge name (a) held-out drawings by people, (b) reconstructions: these, encoded to the mean of their
latent and drawn again, (c) samples: of classes, around the class's mean by a seed ("class samples") or where class:NAME
is ("typical"), and of the prior. Three shares are counted:

- class, of own: the judge chooses between the model's own classes, and chose the one asked for;
- class, of all: it chooses between all classes that it knows;
- any own, of all: it chooses between all, and chose any of the model's own. A prior sample has no class that it should
  have, so this is its figure, and that of people's drawings what it may be compared with.

Each share is the mean over classes, which count alike, of the share of a class; in brackets, the share divided by that
of people's drawings. A model of more than 40 classes is measured by its 40 largest in the set, and all are its own.
"""

from __future__ import annotations

import argparse
import io
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from judge_pictures import DIRECTIONS, SIDE, distortions, rasters
from numpy.typing import NDArray
from torch import Tensor, nn

from plotsketch.files import write_atomically
from plotsketch.model import catalogue, checkpoint
from plotsketch.model.checkpoint import Checkpoint
from plotsketch.model.importers import import_model
from plotsketch.model.randomness import latent_normals
from plotsketch.model.sampler import sample
from plotsketch.model.sketcher import Sketcher
from plotsketch.training.batches import gather
from plotsketch.training.class_latents import class_latents, posteriors
from plotsketch.training.dataset import TEST, TrainingSet, key_place
from plotsketch.training.products import choose_products

WARMUP = 0.1  # share of training in which the rate rises
LARGEST = 40  # classes measured of a model that has more
TEMPERATURES = (0.1, 0.25, 0.5)
BLOCK = 256  # drawings judged at once


def _network(classes: int) -> nn.Sequential:
    """Pictures (n, 4, 32, 32) to logits (n, classes); 14 million products a picture."""

    def layer(into: int, out: int) -> list[nn.Module]:
        return [nn.Conv2d(into, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]

    half = nn.MaxPool2d(2)
    parts = [*layer(DIRECTIONS, 32), half, *layer(32, 64), half, *layer(64, 96), *layer(96, 96), half, *layer(96, 192)]
    head = [nn.Flatten(), nn.Dropout(0.3), nn.Linear(192 * (SIDE // 8) ** 2, classes)]
    return nn.Sequential(*parts, *head).to(memory_format=torch.channels_last)


class Judge:
    """A trained network and the names (C,) of its classes, in the order of its logits."""

    def __init__(self, names: Sequence[str], network: nn.Sequential | None = None) -> None:
        self.names = np.array(names)
        self.network = network or _network(len(names))
        self.half = choose_products("auto", torch.device("cpu")) == "bfloat16"

    @classmethod
    def load(cls, path: Path) -> Judge:
        """From a file that ``train`` wrote; one whose training goes on may be loaded too."""
        held = torch.load(path, weights_only=True)
        judge = cls(held["names"])
        judge.network.load_state_dict(held["network"])
        if held["step"] < held["steps"]:
            print(f"note: this judge was trained for {held['step']} of {held['steps']} steps")
        return judge

    def logits(self, pictures: NDArray[np.float32]) -> Tensor:
        batch = torch.from_numpy(pictures).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.half):
            return self.network(batch).float()

    @torch.inference_mode()
    def opinions(self, rows: NDArray[np.floating], lengths: NDArray[np.integer]) -> NDArray[np.float32]:
        """Logits (n, C) of n drawings: stroke-3 rows (N, 3) end to end, lengths (n,)."""
        self.network.eval()
        starts = np.concatenate([[0], np.cumsum(lengths)])
        blocks = range(0, len(lengths), BLOCK)
        parts = [(starts[k], starts[min(k + BLOCK, len(lengths))], lengths[k : k + BLOCK]) for k in blocks]
        found = [self.logits(rasters(rows[begin:end], part)).numpy() for begin, end, part in parts]
        return np.concatenate([np.zeros((0, len(self.names)), np.float32), *found])


@dataclass(frozen=True)
class Plan:
    """``power``: a class is drawn in proportion to its size to this power: 55 drawings count beside thousands."""

    steps: int = 1500
    batch: int = 128
    rate: float = 2e-3
    power: float = 0.6
    seed: int = 0


class Lessons:
    """The pictures and labels of each step, which hang on the seed and the step alone; of the train split."""

    def __init__(self, data: TrainingSet, plan: Plan) -> None:
        self.data, self.plan, self.train = data, plan, data.select("train")
        labels = data.labels[self.train]
        weight = np.bincount(labels)[labels] ** (plan.power - 1.0)
        self.upto = np.cumsum(weight / weight.sum())

    def step(self, number: int) -> tuple[NDArray[np.float32], Tensor]:
        random = np.random.default_rng([self.plan.seed, number])
        places = np.searchsorted(self.upto, random.random(self.plan.batch))
        chosen = self.train[np.minimum(places, len(self.train) - 1)]
        turns, shift = distortions(self.plan.batch, random)
        pictures = rasters(*gather(self.data, chosen), turns, shift)
        return pictures, torch.from_numpy(self.data.labels[chosen].astype(np.int64))


class Training:
    """A judge at school: ``step`` of ``plan.steps`` are done. Saved whole, so that it goes on as if never stopped."""

    def __init__(self, data: TrainingSet, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.lessons, self.step = plan, Lessons(data, plan), 0
        self.judge = Judge(data.names.tolist())
        self.digest = data.digest()
        self.optimizer = torch.optim.AdamW(self.judge.network.parameters(), plan.rate, weight_decay=0.02)

    def resume(self, path: Path) -> None:
        held = torch.load(path, weights_only=True)
        if (held["digest"], held["plan"]) != (self.digest, asdict(self.plan)):
            raise SystemExit(f"{path}: trained on other drawings or by another plan; remove it to train anew")
        self.step = held["step"]
        self.judge.network.load_state_dict(held["network"])
        self.optimizer.load_state_dict(held["optimizer"])

    def save(self, path: Path) -> None:
        parts = {"network": self.judge.network.state_dict(), "optimizer": self.optimizer.state_dict()}
        facts = {"names": self.judge.names.tolist(), "step": self.step, "steps": self.plan.steps,
                 "plan": asdict(self.plan), "digest": self.digest}  # fmt: skip
        with io.BytesIO() as content:
            torch.save(facts | parts, content)
            write_atomically(path, content.getvalue())

    def advance(self) -> float:
        """One step; its loss in nats. The rate rises linearly and falls as a cosine."""
        done = self.step / self.plan.steps
        falling = 0.5 + 0.5 * math.cos(math.pi * (done - WARMUP) / (1 - WARMUP))
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate * (falling if done > WARMUP else (done + 0.1 / self.plan.steps) / WARMUP)
        torch.manual_seed(1_000_003 * self.plan.seed + self.step)  # dropout
        self.judge.network.train()
        pictures, labels = self.lessons.step(self.step)
        loss = nn.functional.cross_entropy(self.judge.logits(pictures), labels, label_smoothing=0.1)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.step += 1
        return float(loss.detach())


def train(data: TrainingSet, path: Path, plan: Plan, minutes: float, every: float = 60.0) -> Judge:
    """Trains for at most so many minutes of wall time, and says so where that was not enough. Saves now and then."""
    training = Training(data, plan)
    if path.exists():
        training.resume(path)
    began = saved = time.monotonic()
    losses: list[float] = []
    while training.step < plan.steps and time.monotonic() - began < 60 * minutes:
        losses.append(training.advance())
        if time.monotonic() - saved > every:
            training.save(path)
            print(f"step {training.step} of {plan.steps}, loss {np.mean(losses[-50:]):.2f}", flush=True)
            saved = time.monotonic()
    training.save(path)
    state = "done" if training.step == plan.steps else "not finished: the same command goes on with it"
    print(f"{path}: {training.step} of {plan.steps} steps, {state}")
    return training.judge


@dataclass(frozen=True)
class Shares:
    """What the judge said of some drawings: the three shares of the top of this file, or None where there is none."""

    of_own: float | None
    of_all: float | None
    any_own: float | None


def shares(logits: NDArray[np.floating], wanted: NDArray[np.integer] | None, own: NDArray[np.integer]) -> Shares:
    """From logits (n, C); ``own`` are the columns of the model's classes, ``wanted`` (n,) those of the drawings, which
    are among them. Without ``wanted``, for drawings that need not be of a class, all count alike. Where the model has
    all classes, "any own" would say nothing."""
    best = logits.argmax(axis=1)
    any_own = np.isin(best, own)
    if len(own) == logits.shape[1]:
        any_own = np.full(len(best), np.nan)
    if wanted is None:
        return Shares(None, None, float(any_own.mean()))
    among = own[logits[:, own].argmax(axis=1)]
    judged = np.stack([among == wanted, best == wanted, any_own])
    means = np.mean([judged[:, wanted == label].mean(axis=1) for label in np.unique(wanted)], axis=0)
    return Shares(*(None if np.isnan(mean) else float(mean) for mean in means))


@dataclass(frozen=True, eq=False)
class Task:
    """A model and the held-out drawings it is measured by: at most ``most`` of each of its classes, the judge's
    columns ``own`` of all its classes, and of those ``measured``."""

    model: Checkpoint
    data: TrainingSet
    judge: Judge
    own: NDArray[np.int64]
    measured: NDArray[np.int64]
    real: NDArray[np.int64]
    best_of: int = 1
    seed: int = 0

    @classmethod
    def of(cls, model: Checkpoint, classes: Sequence[str], data: TrainingSet, judge: Judge, most: int,
           best_of: int = 1) -> Task:  # fmt: skip
        if judge.names.tolist() != data.names.tolist():
            raise SystemExit("the judge was trained on other classes than those of the set; train one on the set")
        own = np.flatnonzero(np.isin(judge.names, classes))
        if not len(own):
            raise SystemExit(f"{model.name}: the judge knows none of its classes; name some: --model FILE:cat,pig")
        sizes = np.bincount(data.labels, minlength=len(data.names))[own]
        measured = np.sort(own[np.argsort(-sizes, kind="stable")[:LARGEST]])
        real = _held_out(data, measured, most, model.config.max_points)
        if not model.classes:  # a run that is not finished has none yet
            learned = data.subset(np.flatnonzero(np.isin(data.labels, own)))
            model.classes = class_latents(model.network, learned, model.scale_factor)
        return cls(model, data, judge, own, measured, real, best_of)

    def judged(self, rows: Sequence[NDArray[np.floating]], wanted: NDArray[np.integer] | None) -> Shares:
        """Of drawings as stroke-3 rows (k, 3) in any units."""
        lengths = np.array([len(one) for one in rows])
        return shares(self.judge.opinions(np.concatenate(rows), lengths), wanted, self.own)

    def people(self) -> Shares:
        return self.judged([self.data.drawing(int(i)) for i in self.real], self.data.labels[self.real])

    def drawn(self, latents: NDArray[np.floating] | None, wanted: NDArray[np.integer] | None, temperature: float,
              count: int) -> Shares:  # fmt: skip
        found = sample(self.model.network, latents, range(count), seed=self.seed, temperature=temperature,
                       best_of=self.best_of)  # fmt: skip
        return self.judged([one.rows for one in found], wanted)

    def reconstructions(self, temperature: float) -> Shares:
        latents, _ = posteriors(self.model.network, self.data, self.real, self.model.scale_factor)
        return self.drawn(latents, self.data.labels[self.real], temperature, len(latents))

    def samples(self, temperature: float, count: int, typical: bool = False) -> Shares:
        """``count`` of class samples, or of typical drawings by as many random numbers, the same of each class."""
        sketcher, each = Sketcher(self.model), -(-count // len(self.measured))
        wanted = np.repeat(self.measured, each)
        seeds = [None if typical else self.seed + k for k in range(each)] * len(self.measured)
        named = zip(self.judge.names[wanted], seeds, strict=True)
        latents = np.stack([sketcher.class_latent(str(name), k) for name, k in named])
        return self.drawn(latents, wanted, temperature, len(latents))

    def prior(self, temperature: float, count: int) -> Shares:
        config, latents = self.model.config, None
        if config.conditional:
            latents = np.stack([latent_normals(self.seed, config.latent_size, cell) for cell in range(count)])
        return self.drawn(latents, None, temperature, count)


def _held_out(data: TrainingSet, labels: NDArray[np.integer], most: int, longest: int) -> NDArray[np.int64]:
    """Of the test split, by key, at most ``most`` drawings of each label, none longer than ``longest`` points."""
    fitting = np.flatnonzero((data.split == TEST) & (data.lengths <= longest))
    fitting = fitting[np.argsort([key_place(str(data.keys[i]), use=1) for i in fitting], kind="stable")]
    return np.concatenate([fitting[data.labels[fitting] == label][:most] for label in labels])


def measured(task: Task, count: int) -> dict[str, Shares]:
    """All figures of a model, by what was judged. A decoder alone has prior samples only."""
    found = {f"people, {len(task.real):,} held out": task.people()}
    ways = {"reconstructions": task.reconstructions, "class samples": partial(task.samples, count=count),
            "typical": partial(task.samples, count=count, typical=True)}  # fmt: skip
    for name, way in ways.items() if task.model.config.conditional else ():
        found |= {f"{name}, T={temperature:g}": way(temperature) for temperature in TEMPERATURES}
    if len(task.own) < len(task.judge.names):  # of a model of all classes the figure would be 1
        found |= {f"prior samples, T={temperature:g}": task.prior(temperature, count) for temperature in TEMPERATURES}
    return found


def table(name: str, found: dict[str, Shares]) -> list[str]:
    """Markdown, without headings."""
    people = next(iter(found.values()))

    def cell(figures: Shares, field: str) -> str:
        value, theirs = getattr(figures, field), getattr(people, field)
        ratio = "" if figures is people or not theirs else f" ({(value or 0) / theirs:.2f})"
        return "" if value is None else f"{value:.1%}{ratio}".replace("%", " %")

    fields = ("of_own", "of_all", "any_own")
    return [
        f"| {name if k == 0 else ''} | {what} | " + " | ".join(cell(figures, field) for field in fields) + " |"
        for k, (what, figures) in enumerate(found.items())
    ]


HEADINGS = ["| model | drawings | class, of own | class, of all | any own, of all |", "|---|---|---|---|---|"]


def named_model(asked: str) -> tuple[Checkpoint, list[str]]:
    """``NAME`` or ``NAME:CLASS,CLASS``: the model and its classes, which the file of an unfinished run does not say,
    nor one of sketch-rnn-js (``dog.gen.json:dog``)."""
    name, _, classes = asked.partition(":")
    model = import_model(name) if name.endswith(".json") else checkpoint.load(catalogue.find(name))
    return model, classes.split(",") if classes else list(model.classes)


def report(judge: Judge, data: TrainingSet, models: Sequence[str], most: int, count: int, best_of: int) -> None:
    print(*HEADINGS, sep="\n")
    for asked in models:
        model, classes = named_model(asked)
        task = Task.of(model, classes, data, judge, most, best_of)
        print(*table(model.name, measured(task, count)), sep="\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    school, court = commands.add_parser("train"), commands.add_parser("report")
    school.add_argument("set", type=Path)
    school.add_argument("judge", type=Path, help="file of the weights; training goes on with one that is there")
    school.add_argument("--minutes", type=float, default=20.0, help="leave off after so long")
    school.add_argument("--steps", type=int, default=Plan.steps)
    court.add_argument("judge", type=Path)
    court.add_argument("set", type=Path)
    court.add_argument("--model", action="append", required=True, metavar="NAME[:CLASS,CLASS]")
    court.add_argument("--most", type=int, default=200, help="held-out drawings of a class, at most")
    court.add_argument("--samples", type=int, default=400, help="samples of a kind at each temperature")
    court.add_argument("--best-of", type=int, default=1, help="each drawing is the likeliest of so many")
    for command in (school, court):
        command.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    data = TrainingSet.load(asked.set)
    if asked.command == "train":
        train(data, asked.judge, Plan(steps=asked.steps), asked.minutes)
    else:
        report(Judge.load(asked.judge), data, asked.model, asked.most, asked.samples, asked.best_of)


if __name__ == "__main__":
    main()
