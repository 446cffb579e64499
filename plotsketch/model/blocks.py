"""Products that round alike: how many rows at once, and on how many threads.

A matrix product may sum in another order, and so round differently, for another number of rows or threads. (With MKL,
512 units and one thread: 1 to 3 rows are rounded differently from 4 and more; with two threads 5 to 7 rows are rounded
according to their place.) What must be the same in any company is therefore computed by one thread, in blocks of a
fixed number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from .config import ModelConfig
from .network import SketchRNN

BLOCK = 32  # rows: four fifths of the rate of large products at 512 units, and little work for nobody in small batches
SIZES = (8, 16, BLOCK, 64)

_agreeing: dict[ModelConfig, tuple[int, ...]] = {}


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch's operations in this thread run on this thread alone; what was set before comes back."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def block_sizes(network: SketchRNN) -> tuple[int, ...]:
    """Those of SIZES, ascending, that a step may be computed in, as every bit comes out as in blocks of BLOCK rows.

    BLOCK itself always does. Which others do depends on the matrix library, the processor and the network's sizes;
    it is tried out once a process, on random rows, in about 10 ms. Kernels do not look at what they multiply, and
    sums in another order differ in most rows, so the answer holds for all rows.
    """
    if network.config not in _agreeing:
        with one_thread(), torch.inference_mode():
            _agreeing[network.config] = _tried_out(network)
    return _agreeing[network.config]


def _tried_out(network: SketchRNN) -> tuple[int, ...]:
    most = max(SIZES)
    inputs = _random_inputs(network, most)
    # turned round, so that a row also meets another place in its block
    turned = [
        _step(network, [part[start : start + BLOCK].flip(0) for part in inputs]) for start in range(0, most, BLOCK)
    ]
    expected = torch.cat([block.flip(0) for block in turned])
    return tuple(
        size
        for size in SIZES
        if size == BLOCK or torch.equal(_step(network, [part[:size].clone() for part in inputs]), expected[:size])
    )


def _random_inputs(network: SketchRNN, rows: int) -> list[Tensor]:
    """x (rows, 5), static (rows, K) and state (rows, S)."""
    generator = torch.Generator().manual_seed(0)
    width = network.decoder.static(_latent(network), BLOCK).shape[1]
    widths = (network.decoder.input_size, width, network.decoder.state_size)
    return [torch.empty(rows, width).uniform_(-1, 1, generator=generator) for width in widths]


def _latent(network: SketchRNN) -> Tensor | None:
    return torch.zeros(BLOCK, network.config.latent_size) if network.config.conditional else None


def _step(network: SketchRNN, inputs: list[Tensor]) -> Tensor:
    return torch.cat(network.step(*inputs), dim=1)
