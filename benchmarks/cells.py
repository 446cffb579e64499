"""One training step with layer-norm and Hyper cells: this project against the usual eager loop.

    python benchmarks/cells.py drawings.npz            # a training set of 'plotsketch data import'
    python benchmarks/cells.py --threads 2 --steps 5   # made-up drawings of the same lengths as QuickDraw's

The eager loop is what public ports of sketch-rnn do: drawings padded to N_max steps, the latent joined to the input
at each step, one product and one layer norm at a time, float32, gradients by autograd. Both sides train the same
weights (Magenta's sizes) on the same drawings: forward, backward, gradient clip, Adam.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from plotsketch.model.config import ModelConfig
from plotsketch.model.hyper import HIDDEN_HALVES, INPUT_HALVES, HyperLSTM
from plotsketch.model.layer_norm import EPSILON, LayerNormLSTM, Norm
from plotsketch.model.mixture import offset_nll, pen_nll, split
from plotsketch.model.network import SketchRNN
from plotsketch.training.allocator import keep_freed_memory
from plotsketch.training.batches import Batch, gather, make_batch
from plotsketch.training.dataset import TrainingSet
from plotsketch.training.loss import cost, kl_divergence, measure
from plotsketch.training.products import PRECISIONS, choose_products

KEEP, KL_WEIGHT, KL_FLOOR, RATE = 0.9, 0.5, 0.2, 1e-3


def eager_gates(gates: list[Tensor], c: Tensor, ln_all: Norm, ln_c: Norm, keep: float) -> tuple[Tensor, Tensor]:
    size = (c.shape[1],)
    gammas, betas = ln_all.gamma.chunk(4), ln_all.beta.chunk(4)
    i, j, f, o = (functional.layer_norm(gates[k], size, gammas[k], betas[k], EPSILON) for k in range(4))
    candidate = functional.dropout(torch.tanh(j), 1 - keep)
    c = c * torch.sigmoid(f + 1.0) + torch.sigmoid(i) * candidate
    return torch.tanh(functional.layer_norm(c, size, ln_c.gamma, ln_c.beta, EPSILON)) * torch.sigmoid(o), c


def eager_layer_norm(cell: LayerNormLSTM, x: Tensor, state: tuple[Tensor, ...], keep: float) -> tuple[Tensor, ...]:
    h, c = state
    joined = torch.cat([x, h], dim=1) @ torch.cat([cell.weight_x, cell.weight_h])
    return eager_gates(list(joined.chunk(4, dim=1)), c, cell.ln_all, cell.ln_c, keep)


def eager_hyper(cell: HyperLSTM, x: Tensor, state: tuple[Tensor, ...], keep: float) -> tuple[Tensor, ...]:
    h, inner_h, c, inner_c = state
    inner_h, inner_c = eager_layer_norm(cell.hyper_cell, torch.cat([x, h], dim=1), (inner_h, inner_c), 1.0)
    from_x, from_h = (x @ cell.weight_x).chunk(4, dim=1), (h @ cell.weight_h).chunk(4, dim=1)
    gates = []
    for k, bias in enumerate(cell.bias.chunk(4)):
        on_x, on_h = getattr(cell, f"hyper_{INPUT_HALVES[k]}"), getattr(cell, f"hyper_{HIDDEN_HALVES[k]}")
        scale_x = (inner_h @ on_x.zw.weight + on_x.zw.bias) @ on_x.alpha.weight
        scale_h = (inner_h @ on_h.zw.weight + on_h.zw.bias) @ on_h.alpha.weight
        shift = inner_h @ on_h.zb.weight @ on_h.beta.weight
        gates.append(scale_x * from_x[k] + (scale_h * from_h[k] + shift) + bias)
    h, c = eager_gates(gates, c, cell.ln_all, cell.ln_c, keep)
    return h, inner_h, c, inner_c


def eager_loop(cell: LayerNormLSTM | HyperLSTM, x: Tensor, state: Tensor, keep: float) -> Tensor:
    """x (N_max, B, F) -> outputs (N_max, B, H)."""
    if isinstance(cell, HyperLSTM):
        step, widths = eager_hyper, [cell.hidden_size, cell.hyper_size] * 2
    else:
        step, widths = eager_layer_norm, [cell.hidden_size] * 2
    parts, outputs = state.split(widths, dim=1), []
    for row in x:
        parts = step(cell, row, parts, keep)
        outputs.append(parts[0])
    return torch.stack(outputs)


class Padded:
    """A batch as ports lay it out: N_max steps, end rows behind each drawing, and the same backwards."""

    def __init__(self, batch: Batch, steps: int) -> None:
        lengths = np.bincount(batch.owner.numpy()) - 1
        ended = torch.tensor([0.0, 0, 0, 0, 1])
        self.targets = ended.repeat(steps, batch.drawings, 1)
        start = 0
        for t, n in enumerate(batch.sizes):
            if t < steps:
                self.targets[t, :n] = batch.targets[start : start + n]
            start += n
        first = torch.tensor([0.0, 0, 1, 0, 0]).repeat(1, batch.drawings, 1)
        self.inputs = torch.cat([first, self.targets[:-1]])
        self.last = torch.from_numpy(lengths - 1)
        self.backwards = ended.repeat(steps, batch.drawings, 1)
        for b, length in enumerate(lengths):
            self.backwards[:length, b] = self.targets[:length, b].flip(0)


def eager_measure(network: SketchRNN, data: Padded, noise: Tensor, keep: float) -> tuple[Tensor, Tensor, Tensor]:
    """Sums in nats of offsets and pen states (padding included, as Magenta does), and the mean KL."""
    steps, batch, encoder = len(data.inputs), noise.shape[0], network.encoder
    ends = []
    for cell, x in ((encoder.forwards, data.targets), (encoder.backwards, data.backwards)):
        outputs = eager_loop(cell, x, x.new_zeros(batch, cell.state_size), keep)
        ends.append(outputs[data.last, torch.arange(batch)])
    joined = torch.cat(ends, dim=1)
    mu, presig = encoder.mu(joined), encoder.presig(joined)
    z = mu + torch.exp(0.5 * presig) * noise
    x = torch.cat([data.inputs, z.expand(steps, -1, -1)], dim=2)
    raw = network.head(eager_loop(network.decoder, x, network.initial_state(z, batch), keep).flatten(0, 1))
    mixture, targets = split(raw, network.config.mixtures), data.targets.flatten(0, 1)
    offsets = offset_nll(mixture, targets[:, 0], targets[:, 1]) * (1 - targets[:, 4])
    return offsets.sum(), pen_nll(mixture, targets[:, 2:].argmax(1)).sum(), kl_divergence(mu, presig).mean()


def made_up(drawings: int, longest: int) -> TrainingSet:
    """Random walks; lengths as those of QuickDraw's cats and pigs (median 65, nine tenths between 39 and 97)."""
    random = np.random.default_rng(0)
    lengths = np.clip(random.normal(66, 18, drawings), 10, longest).astype(np.int32)
    rows = np.concatenate(
        [random.normal(0, 30, (lengths.sum(), 2)), random.random((lengths.sum(), 1)) < 0.1], axis=1
    ).astype(np.float32)
    zeros = np.zeros(drawings, np.int16)
    keys = np.array([f"made-up-{i}" for i in range(drawings)])
    return TrainingSet(rows, lengths, zeros, zeros.astype(np.uint8), keys, np.array(["walk"]))


def batches(data: TrainingSet, drawings: int, longest: int, count: int) -> list[Batch]:
    train = data.select("train")
    train = train[data.lengths[train] <= longest]
    random, made = np.random.default_rng(1), []
    for _ in range(count):
        rows, lengths = gather(data, np.sort(random.choice(train, drawings, replace=False)))
        rows[:, :2] /= data.scale_factor()
        made.append(make_batch(rows, lengths))
    return made


def stepper(network: SketchRNN, loss: Callable[[], Tensor]) -> Callable[[], None]:
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, fused=True)

    def step() -> None:
        optimizer.zero_grad(set_to_none=False)
        loss().backward()
        torch.nn.utils.clip_grad_value_(network.parameters(), 1.0)
        optimizer.step()

    return step


def our_loss(network: SketchRNN, batch: Batch, noise: Tensor, longest: int) -> Tensor:
    nats = measure(network, batch, noise, KEEP, torch.Generator().manual_seed(0))
    return cost(nats, batch.drawings, longest, KL_WEIGHT, KL_FLOOR).total


def eager_loss(network: SketchRNN, padded: Padded, noise: Tensor) -> Tensor:
    offsets, pen, kl = eager_measure(network, padded, noise, KEEP)
    return (offsets + pen) / padded.targets[..., 0].numel() + KL_WEIGHT * kl.clamp_min(KL_FLOOR)


def timed(step: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the clock and of processor time."""
    wall, used = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - wall, time.process_time() - used


def compare(name: str, config: ModelConfig, made: list[Batch], precisions: list[str]) -> None:
    torch.manual_seed(0)
    longest = config.max_points
    network = SketchRNN(config)
    noises = [torch.randn(batch.drawings, config.latent_size) for batch in made]
    padded = [Padded(batch, longest) for batch in made]
    check_equal(network, made[0], padded[0], noises[0])
    times: dict[str, list[tuple[float, float]]] = {side: [] for side in ("eager", *precisions)}
    for batch, pad, noise in zip(made, padded, noises, strict=True):
        times["eager"].append(timed(stepper(network, lambda p=pad, e=noise: eager_loss(network, p, e))))
        for precision in precisions:
            network.set_product_dtype(PRECISIONS[precision])
            step = stepper(network, lambda b=batch, e=noise: our_loss(network, b, e, longest))
            times[precision].append(timed(step))
    report(name, {side: found[1:] for side, found in times.items()})  # the first step warms up


@torch.no_grad()
def check_equal(network: SketchRNN, batch: Batch, padded: Padded, noise: Tensor) -> None:
    """Both sides compute the same, else their times do not compare."""
    network.set_product_dtype(torch.float32)
    nats, (offsets, _, kl) = measure(network, batch, noise), eager_measure(network, padded, noise, 1.0)
    torch.testing.assert_close(nats.offsets.sum(), offsets, rtol=1e-4, atol=0)
    torch.testing.assert_close(nats.kl.mean(), kl, rtol=1e-4, atol=1e-7)


def report(name: str, times: dict[str, list[tuple[float, float]]]) -> None:
    middle = {side: [statistics.median(column) for column in zip(*found, strict=True)] for side, found in times.items()}
    wall, used = middle.pop("eager")
    print(f"{name:12} eager loop {wall:6.2f} s a step ({used:.2f} s of processor time)")
    for side, (ours_wall, ours_used) in middle.items():
        print(f"{name:12} {side:10} {ours_wall:6.2f} s a step ({ours_used:.2f} s): "
              f"{wall / ours_wall:.2f} times the eager loop ({used / ours_used:.2f} by processor time)")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, help="training set; made-up drawings without it")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=2, help="measured steps of each side, after one to warm up")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--longest", type=int, default=130, help="N_max, to which the eager loop pads")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    data = TrainingSet.load(options.data) if options.data else made_up(1000, options.longest)
    made = batches(data, options.batch, options.longest, options.steps + 1)
    points = sum(len(batch.points) for batch in made) / len(made) / options.batch
    print(f"{options.batch} drawings of {points:.0f} points on average, N_max {options.longest}, "
          f"{options.threads} threads, torch {torch.__version__}")  # fmt: skip
    precisions = list(dict.fromkeys(["float32", choose_products("auto", torch.device("cpu"))]))
    for name, decoder in (("layer norm", "layer_norm"), ("hyper", "hyper")):
        config = ModelConfig(encoder_cell="layer_norm", decoder_cell=decoder, max_points=options.longest)
        compare(name, config, made, precisions)


if __name__ == "__main__":
    main()
