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
from .network import POINT
from .stepper import Stepper

BLOCK = 32  # rows
SIZES = (8, 16, 24, BLOCK, 48, 64)  # more rows are no faster a row, and leave more work for nobody at the end

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


def block_sizes(stepper: Stepper) -> tuple[int, ...]:
    """Those of SIZES, ascending, that a step may be computed in, as every bit comes out as in blocks of BLOCK rows.

    BLOCK itself always does. Which others do depends on the matrix library, the processor and the network's sizes;
    it is tried out once a process, on random rows, in about 10 ms. Kernels do not look at what they multiply, and
    sums in another order differ in most rows, so the answer holds for all rows.
    """
    if stepper.network.config not in _agreeing:
        with one_thread(), torch.inference_mode():
            _agreeing[stepper.network.config] = _tried_out(stepper)
    return _agreeing[stepper.network.config]


def _tried_out(stepper: Stepper) -> tuple[int, ...]:
    most = -(-max(SIZES) // BLOCK) * BLOCK
    inputs = _random_inputs(stepper, most)
    # turned round, so that a row also meets another place in its block
    turned = [
        _step(stepper, [part[start : start + BLOCK].flip(0) for part in inputs]) for start in range(0, most, BLOCK)
    ]
    expected = torch.cat([block.flip(0) for block in turned])
    return tuple(
        size
        for size in SIZES
        if size == BLOCK or torch.equal(_step(stepper, [part[:size].clone() for part in inputs]), expected[:size])
    )


def _random_inputs(stepper: Stepper, rows: int) -> list[Tensor]:
    """x (rows, 5), static (rows, K) and state (rows, S)."""
    generator = torch.Generator().manual_seed(0)
    config = stepper.network.config
    z = torch.zeros(BLOCK, config.latent_size) if config.conditional else None
    widths = (POINT, *(part.shape[1] for part in stepper.start(z, BLOCK)))
    return [torch.empty(rows, width).uniform_(-1, 1, generator=generator) for width in widths]


def _step(stepper: Stepper, inputs: list[Tensor]) -> Tensor:
    return torch.cat(stepper.step(*inputs), dim=1)
