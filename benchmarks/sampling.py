"""How fast drawings are drawn: the batched sampler against a loop that draws one point after another.

    python benchmarks/sampling.py [--model everyday] [--threads 2] [--json]

The loop is written in the usual way of PyTorch ports: ``nn.LSTMCell`` on one drawing, the latent joined to every input,
``torch.distributions`` for the mixture, the pen and the point. It is timed twice: leaving off at the end row, and
computing every drawing to the limit and cutting it afterwards, as Magenta's ``sample`` does. Both use the same weights,
latents and temperatures as the sampler. Without a model, a network of the default size with random weights whose
drawings have 45 points on average.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributions import Categorical, MultivariateNormal

from plotsketch.model import catalogue, checkpoint
from plotsketch.model.config import ModelConfig
from plotsketch.model.mixture import split
from plotsketch.model.network import START_ROW, SketchRNN
from plotsketch.model.points import Temperatures
from plotsketch.model.randomness import latent_normals
from plotsketch.model.sampler import sample

BATCHES = (1, 100, 256, 1024)
MEAN_POINTS = 45


@dataclass(frozen=True)
class Figure:
    """``drawings`` in ``seconds`` (median), all their points with the end rows, CPU seconds of the fastest run."""

    name: str
    drawings: int
    seconds: float
    points: int
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.drawings / self.seconds

    def line(self, loops: list[Figure]) -> str:
        against = " ".join(f"{self.rate / loop.rate:7.1f}" for loop in loops)
        return (
            f"{self.name:22} {self.drawings:8} {self.seconds:8.3f} {self.cpu_seconds:8.3f} {self.rate:11.1f} "
            f"{self.points / self.seconds:9.0f} {against}"
        )


HEADINGS = f"{'':22} drawings  seconds    CPU s  drawings/s  points/s  x loop x limit"


def timed(name: str, drawings: int, run: Callable[[], int], repeats: int) -> Figure:
    """``run`` returns how many points it drew; the first, untimed call warms up."""
    run()
    walls, cpus, points = [], [], 0
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        points = run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Figure(name, drawings, statistics.median(walls), points, min(cpus))


def invented_network() -> SketchRNN:
    """Random weights; one row in 46 is an end row, and no drawing is longer than 130 points."""
    torch.manual_seed(0)
    network = SketchRNN(ModelConfig(max_points=130)).eval()
    with torch.no_grad():
        network.head.bias[2] = math.log(2 / MEAN_POINTS)
    return network


class PlainLoop:
    """One drawing, one point at a time."""

    def __init__(self, network: SketchRNN, temperatures: Temperatures) -> None:
        self.network, self.temperatures = network, temperatures
        hidden, decoder = network.config.decoder_size, network.decoder
        self.cell = nn.LSTMCell(decoder.weight_x.shape[0], hidden)
        self.head = nn.Linear(hidden, network.config.head_size)
        with torch.no_grad():
            to_torch = [part for gate in (0, 2, 1, 3) for part in range(gate * hidden, (gate + 1) * hidden)]
            self.cell.weight_ih.copy_(decoder.weight_x.t()[to_torch])
            self.cell.weight_hh.copy_(decoder.weight_h.t()[to_torch])
            self.cell.bias_ih.copy_(decoder.bias[to_torch])
            self.cell.bias_hh.zero_()
            self.cell.bias_hh[hidden : 2 * hidden] = 1.0
            self.head.weight.copy_(network.head.weight.t())
            self.head.bias.copy_(network.head.bias)

    @torch.no_grad()
    def draw(self, z: Tensor | None, to_the_limit: bool) -> int:
        """Rows computed, the end row included."""
        c, h = self.network.initial_state(z, 1).chunk(2, dim=1)
        x = torch.tensor([START_ROW])
        rows, ended = 0, False
        while rows <= self.network.config.max_points and (to_the_limit or not ended):
            h, c = self.cell(x if z is None else torch.cat([x, z], dim=1), (h, c))
            x, ended = self.next_point(self.head(h))
            rows += 1
        return rows

    def next_point(self, raw: Tensor) -> tuple[Tensor, bool]:
        mix = split(raw[0], self.network.config.mixtures)
        k = Categorical(logits=mix.pi_logits / self.temperatures.mixture_divisor).sample()
        sigma_x = mix.log_sigma_x[k].exp() * self.temperatures.spread
        sigma_y = mix.log_sigma_y[k].exp() * self.temperatures.spread
        between = mix.rho[k] * sigma_x * sigma_y
        covariance = torch.stack([torch.stack([sigma_x**2, between]), torch.stack([between, sigma_y**2])])
        offset = MultivariateNormal(torch.stack([mix.mu_x[k], mix.mu_y[k]]), covariance).sample()
        pen = Categorical(logits=mix.pen_logits / self.temperatures.pen_divisor).sample()
        x = torch.zeros(1, 5)
        x[0, :2] = offset
        x[0, 2 + pen] = 1
        return x, bool(pen == 2)


def loop_figures(network: SketchRNN, latents: NDArray[np.float32] | None, drawings: int, temperature: float,
                 repeats: int) -> list[Figure]:  # fmt: skip
    loop = PlainLoop(network, Temperatures(temperature))

    def run(to_the_limit: bool) -> int:
        torch.manual_seed(0)
        rows = None if latents is None else torch.from_numpy(latents)
        return sum(loop.draw(None if rows is None else rows[i : i + 1], to_the_limit) for i in range(drawings))

    return [
        timed("loop, to the end row", drawings, lambda: run(False), repeats),
        timed("loop, to the limit", drawings, lambda: run(True), repeats),
    ]


def sampler_figure(network: SketchRNN, latents: NDArray[np.float32] | None, drawings: int, temperature: float,
                   threads: int, repeats: int) -> Figure:  # fmt: skip
    given = None if latents is None else latents[:drawings]

    def run() -> int:
        drawn = sample(network, given, range(drawings), temperature=temperature, threads=threads)
        return sum(len(one.rows) + one.finished for one in drawn)

    return timed(f"sampler, {threads} thread{'s' * (threads > 1)}", drawings, run, repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a checkpoint with an LSTM decoder, by name or path")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--temperature", type=float, default=0.25)
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES)
    parser.add_argument("--loop-drawings", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    network = checkpoint.load(catalogue.find(options.model)).network if options.model else invented_network()
    size = network.config.latent_size
    latents = np.array([latent_normals(0, size, cell) for cell in range(max(options.batches))], np.float32)
    given = latents if network.config.conditional else None
    figures = loop_figures(network, given, options.loop_drawings, options.temperature, max(1, options.repeats // 2))
    figures += [
        sampler_figure(network, given, count, options.temperature, options.threads, options.repeats)
        for count in options.batches
    ]
    if options.json:
        print(json.dumps({"torch": torch.__version__, "figures": [asdict(figure) for figure in figures]}, indent=2))
        return
    print(f"{options.model or 'invented network'}, temperature {options.temperature}")
    print(HEADINGS)
    for figure in figures:
        print(figure.line(figures[:2]))


if __name__ == "__main__":
    main()
