"""A training step of ours against a plain padded nn.LSTM one, on the same drawings in the same run.

    python benchmarks/training.py SET.npz [--steps 8] [--threads 2]

SET.npz comes from ``plotsketch data import`` (cat and pig for the published figures). Each side runs in a process of
its own, turn by turn, since the allocator's settings hold for a whole process. The plain side is what most ports do:
sequences padded to N_max, the latent vector joined to every input, nn.LSTM both sides, float32, autograd through all
of it. It is measured with glibc's allocator as it comes and as plotsketch sets it; ours runs as ``plotsketch train``
does.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

N_MAX, BATCH = 130, 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", choices=["ours", "plain", "plain-tuned"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(child(arguments)))
    else:
        compare(arguments)


def compare(arguments: argparse.Namespace) -> None:
    seconds: dict[str, list[float]] = {"ours": [], "plain": [], "plain-tuned": []}
    ours: dict[str, float] = {}
    for _ in range(arguments.rounds):
        for side in seconds:
            result = run_child(side, arguments)
            seconds[side] += result.pop("seconds")
            ours = result or ours
    middle = {side: statistics.median(values) for side, values in seconds.items()}
    print(f"batch {BATCH}, N_max {N_MAX}, encoder 256 bi, decoder 512, z 128, {arguments.threads} threads")
    for side, value in middle.items():
        spread = f"{min(seconds[side]):.3f}-{max(seconds[side]):.3f}"
        print(f"{side:12s} {value:7.3f} s a step ({spread}), {value / middle['ours']:5.1f} x ours")
    print(f"ours: {ours['gflop']:.1f} GFLOP of recurrent products a step; the machine multiplies 100x520x2048 at "
          f"{ours['rate']:.0f} GFLOP/s, so {ours['gflop'] / ours['rate']:.3f} s is the floor and the step reaches "
          f"{100 * ours['gflop'] / ours['rate'] / middle['ours']:.0f} % of the matrix rate")  # fmt: skip
    for name, share in ours["shares"].items():  # type: ignore[attr-defined]
        print(f"  {name:22s} {100 * share:5.1f} %")


def run_child(side: str, arguments: argparse.Namespace) -> dict:  # type: ignore[type-arg]
    command = [sys.executable, __file__, str(arguments.data), "--child", side, "--steps", str(arguments.steps),
               "--threads", str(arguments.threads)]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": str(arguments.threads)}
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(result.stdout)


def child(arguments: argparse.Namespace) -> dict:  # type: ignore[type-arg]
    import torch

    from plotsketch.training.allocator import keep_freed_memory

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    if arguments.child != "plain":
        keep_freed_memory()
    if arguments.child == "ours":
        step = our_step(arguments.data)
        figures = {"gflop": gflop(arguments.data), "rate": matrix_rate(), "shares": shares(step)}
    else:
        step, figures = plain_step(arguments.data), {}
    return {"seconds": times(step, arguments.steps), **figures}


def times(step: Callable[[], object], count: int) -> list[float]:
    step(), step()
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        step()
        taken.append(time.perf_counter() - began)
    return taken


def our_step(path: Path) -> Callable[[], object]:
    import torch

    from plotsketch.model.config import ModelConfig
    from plotsketch.training.dataset import TrainingSet
    from plotsketch.training.products import PRECISIONS, choose_products
    from plotsketch.training.settings import TrainingSettings
    from plotsketch.training.trainer import Trainer

    data = TrainingSet.load(path)
    settings = TrainingSettings(model=ModelConfig(max_points=N_MAX), batch=BATCH)
    dtype = PRECISIONS[choose_products("auto", torch.device("cpu"))]
    return Trainer(data, settings, data.scale_factor(), product_dtype=dtype).step


def gflop(path: Path) -> float:
    """Multiplications and additions of the recurrent products in one step: forward once, backward twice."""
    from plotsketch.training.dataset import TrainingSet

    data = TrainingSet.load(path)
    kept = 0.93  # share of points that survive Magenta's point dropping
    points = BATCH * float(data.lengths[data.select("train")].mean()) * kept
    weights = 512 * 2048 + 2 * 256 * 1024
    return 3 * 2 * points * weights / 1e9


def matrix_rate() -> float:
    import torch

    from plotsketch.training.products import PRECISIONS, choose_products

    dtype = PRECISIONS[choose_products("auto", torch.device("cpu"))]
    a, b = torch.randn(BATCH, 520).to(dtype), torch.randn(520, 2048).to(dtype)
    out = torch.empty(BATCH, 2048, dtype=dtype)
    taken = times(lambda: torch.mm(a, b, out=out), 50)
    return 2 * BATCH * 520 * 2048 / statistics.median(taken) / 1e9


def shares(step: Callable[[], object]) -> dict[str, float]:
    """Where a step's time goes, by the profiler's account of operations."""
    from torch.profiler import ProfilerActivity, profile

    step()
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        step(), step()
    groups = {"matrix products": ("aten::mm", "aten::addmm"), "copies and casts": ("aten::copy_",)}
    totals = {event.key: event.self_cpu_time_total for event in profiler.key_averages()}
    whole = sum(totals.values())
    found = {name: sum(totals.get(key, 0) for key in keys) / whole for name, keys in groups.items()}
    arithmetic = ("add", "mul", "sigmoid", "tanh", "addcmul", "sub", "exp", "log", "div")
    small = {key for key in totals if key.removeprefix("aten::").rstrip("_") in arithmetic}
    found["elementwise arithmetic"] = sum(totals[key] for key in small) / whole
    found["all else"] = 1 - sum(found.values())
    return found


def plain_step(path: Path) -> Callable[[], object]:
    """The usual port: padded tensors, nn.LSTM, mixture loss by torch operations, Adam."""
    import torch
    from torch import nn

    from plotsketch.training.dataset import TrainingSet

    data = TrainingSet.load(path)
    drawings = [data.drawing(int(i)) for i in data.select("train")]
    scale = data.scale_factor()
    encoder = nn.LSTM(5, 256, bidirectional=True, batch_first=True)
    decoder = nn.LSTM(5 + 128, 512, batch_first=True)
    to_mu, to_presig = nn.Linear(512, 128), nn.Linear(512, 128)
    initial, head = nn.Linear(128, 1024), nn.Linear(512, 123)
    modules = nn.ModuleList([encoder, decoder, to_mu, to_presig, initial, head])
    optimizer = torch.optim.Adam(modules.parameters(), 1e-3)
    chooser = torch.Generator().manual_seed(1)

    def padded_batch() -> torch.Tensor:
        padded = torch.zeros(BATCH, N_MAX + 1, 5)
        padded[:, :, 4] = 1
        padded[:, 0] = torch.tensor([0.0, 0, 1, 0, 0])
        for i, chosen in enumerate(torch.randint(len(drawings), (BATCH,), generator=chooser).tolist()):
            rows = torch.from_numpy(drawings[chosen].astype("float32"))
            n = len(rows)
            padded[i, 1 : n + 1, :2] = rows[:, :2] / scale
            padded[i, 1 : n + 1, 2], padded[i, 1 : n + 1, 3], padded[i, 1 : n + 1, 4] = 1 - rows[:, 2], rows[:, 2], 0
        return padded

    def step() -> None:
        batch = padded_batch()
        inputs, targets = batch[:, :-1], batch[:, 1:]
        _, (h, _) = encoder(targets)
        joined = torch.cat([h[0], h[1]], dim=1)
        mu, presig = to_mu(joined), to_presig(joined)
        z = mu + torch.exp(presig / 2) * torch.randn_like(mu)
        h0, c0 = torch.tanh(initial(z)).unsqueeze(0).chunk(2, dim=2)
        joined_inputs = torch.cat([inputs, z.unsqueeze(1).expand(-1, N_MAX, -1)], dim=2)
        outputs, _ = decoder(joined_inputs, (h0.contiguous(), c0.contiguous()))
        raw = head(outputs)
        pen, pi, mu_x, mu_y, log_sx, log_sy, rho = raw.split([3] + [20] * 6, dim=2)
        rho = torch.tanh(rho)
        dx = (targets[:, :, :1] - mu_x) / log_sx.exp()
        dy = (targets[:, :, 1:2] - mu_y) / log_sy.exp()
        squared = 1 - rho**2
        exponent = -(dx**2 + dy**2 - 2 * rho * dx * dy) / (2 * squared)
        density = exponent - 1.8379 - log_sx - log_sy - 0.5 * squared.log()
        likelihood = torch.logsumexp(torch.log_softmax(pi, dim=2) + density, dim=2)
        offsets = -(likelihood * (1 - targets[:, :, 4])).sum() / (BATCH * N_MAX)
        pens = -(targets[:, :, 2:] * torch.log_softmax(pen, dim=2)).sum() / (BATCH * N_MAX)
        kl = -0.5 * (1 + presig - mu**2 - presig.exp()).mean()
        optimizer.zero_grad()
        (offsets + pens + 0.5 * kl).backward()
        nn.utils.clip_grad_value_(modules.parameters(), 1.0)
        optimizer.step()

    return step


if __name__ == "__main__":
    main()
