"""Drawings from a decoder, many at a time, each of them the same in any company.

A drawing's random numbers hang on (seed, cell, attempt) alone (see ``randomness``), and its products are computed so
that they round alike in any batch (see ``blocks``): in a block of slots, in which a finished drawing makes room for a
waiting one and an empty slot is computed and ignored (see ``slots``). More threads work on more blocks.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .blocks import block_sizes, one_thread
from .network import POINT, SketchRNN
from .points import TEMPERATURE, Temperatures
from .slots import INTAKE, Block, Drawn, Intake, Order
from .stepper import stepper

__all__ = ["ATTEMPTS", "TEMPERATURE", "Drawn", "sample"]

ATTEMPTS = 8
GRACE = 0.5  # of the longest drawing learnt from: what has not ended by then in all other attempts is long, like a mane


def sample(
    network: SketchRNN,
    latents: NDArray[np.floating] | None,
    cells: Sequence[int],
    *,
    seed: int = 0,
    temperature: float = TEMPERATURE,
    pen_temperature: float | None = None,
    max_points: int | None = None,
    attempts: int = ATTEMPTS,
    best_of: int = 1,
    threads: int | None = None,
    given: NDArray[np.floating] | None = None,
) -> list[Drawn]:
    """One drawing for each cell, in the order of ``cells``; for the temperatures see ``points.Temperatures``.

    ``latents`` (n, Nz) belong to the n cells; None for a decoder-only network. A cell's drawing hangs on its latent,
    on ``seed`` and its number in ``cells`` (whole numbers from 0), and on the other options, but on no other cell and
    not on ``threads`` (default: as many as torch is set to use).

    A drawing without an end row after ``max_points`` (default: the config's) is drawn again, up to ``attempts`` times
    in all, after the first quarter of them warmer and warmer; unless you gave ``max_points``, the last attempt may have
    half as many points more. Of ``best_of`` candidates the likeliest a row is taken, a finished one before any
    unfinished. Drawings are never empty: an end as the very first row is not drawn.

    ``given`` are stroke-5 rows (k, 5), model units, without start and end row: all drawings begin with them, and only
    what follows is returned. They count against ``max_points``. Raises ValueError for numbers that make no sense.
    """
    read = np.zeros((0, POINT), np.float32) if given is None else np.array(given, dtype=np.float32)
    limit = (network.config.max_points if max_points is None else max_points) - len(read)
    last_limit = limit + round(GRACE * network.config.max_points) if max_points is None else limit
    if min(limit, attempts, best_of) < 1 or (threads is not None and threads < 1):
        raise ValueError("max_points (beyond what is given), attempts, best_of and threads must be 1 or more")
    table = _latent_table(network, latents, len(cells))
    temperatures = Temperatures(temperature, pen_temperature)
    order = Order(stepper(network), table, cells, seed, temperatures, limit, last_limit, attempts, best_of, read)
    waiting = deque((place, candidate) for candidate in range(best_of) for place in range(len(cells)))
    workers = min(threads or torch.get_num_threads(), -(-len(waiting) // INTAKE))
    drawn = _Workers(order, waiting, workers).run() if waiting else {}
    return [_best([drawn[place, candidate] for candidate in range(best_of)]) for place in range(len(cells))]


def _latent_table(network: SketchRNN, latents: NDArray[np.floating] | None, count: int) -> Tensor | None:
    size = network.config.latent_size
    if not network.config.conditional:
        if latents is not None:
            raise ValueError("a decoder-only network takes no latents")
        return None
    if latents is None or np.shape(latents) != (count, size):
        given = None if latents is None else np.shape(latents)
        raise ValueError(f"latents for {count} cells have shape ({count}, {size}), not {given}")
    return torch.from_numpy(np.array(latents, dtype=np.float32))


def _best(candidates: list[Drawn]) -> Drawn:
    """The first of the likeliest."""
    return max(candidates, key=lambda drawn: (drawn.finished, drawn.score))


class _Workers:
    """Threads that empty one list of waiting drawings, each with a block of its own.

    An error or Ctrl-C in any of them ends them all.
    """

    def __init__(self, order: Order, waiting: deque[tuple[int, int]], count: int) -> None:
        self.order, self.waiting, self.count = order, waiting, count
        self.share = -(-len(waiting) // count)
        self.drawn: dict[tuple[int, int], Drawn] = {}
        self.errors: list[BaseException] = []

    def run(self) -> dict[tuple[int, int], Drawn]:
        """The drawings by place and candidate. This thread is one of the workers."""
        helpers = [threading.Thread(target=self._help) for _ in range(self.count - 1)]
        with one_thread():
            block_sizes(self.order.stepper)  # tried out before all of them want to know
            for helper in helpers:
                helper.start()
            self._guarded()
            for helper in helpers:
                helper.join()
        if self.errors:
            raise self.errors[0]
        return self.drawn

    def _help(self) -> None:
        torch.set_num_threads(1)  # counts for this thread
        self._guarded()

    def _guarded(self) -> None:
        try:
            self._work()
        except BaseException as error:  # Ctrl-C too: it must not leave the helpers at work
            self.errors.append(error)

    @torch.inference_mode()
    def _work(self) -> None:
        block, intake = Block(self.order, self.share), Intake(self.order, self.waiting)
        while not self.errors:
            block.fill(intake)
            if not block.live.any():
                return
            for race in block.advance():
                outcome = race.outcome()
                assert outcome is not None
                self.drawn[race.place, race.candidate] = outcome
