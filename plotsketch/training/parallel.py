"""Several processes that train one network, under torchrun."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, distributed
from torch.nn.utils import parameters_to_vector, vector_to_parameters


@dataclass(frozen=True)
class Group:
    """The processes of one run; alone unless torchrun started several."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes files and messages."""
        return self.rank == 0

    def mean_(self, gradients: Sequence[Tensor]) -> None:
        """Replaces gradients by their mean over the processes, in one exchange."""
        if self.size == 1:
            return
        flat = parameters_to_vector(gradients)
        distributed.all_reduce(flat)
        vector_to_parameters(flat.div_(self.size), gradients)

    def agree(self, flag: bool) -> bool:
        """Whether any process says yes: so that all stop at the same step."""
        if self.size == 1:
            return flag
        said = torch.tensor([int(flag)])
        distributed.all_reduce(said, op=distributed.ReduceOp.MAX)
        return bool(said.item())

    def meet(self) -> None:
        """Waits until all have come this far: the connections of those still at work break when one leaves."""
        if self.size > 1:
            distributed.barrier()

    def leave(self) -> None:
        if self.size > 1:
            distributed.destroy_process_group()


def join() -> Group:
    """The group that torchrun's environment describes (gloo: weights are small, and it runs everywhere)."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Group()
    distributed.init_process_group("gloo")
    return Group(distributed.get_rank(), distributed.get_world_size())
