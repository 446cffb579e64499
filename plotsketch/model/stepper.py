"""The decoder one point at a time, made ready for thousands of small steps.

A step multiplies a few rows with matrices that never change. A matrix product first lays the matrix out as its kernel
likes it, which takes as long as the product itself when there are few rows. Here that is done once.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .network import SketchRNN
from .recurrent import LSTM, double_candidate


class Product:
    """x W for many x (n, in), with W (in, out) laid out once where this build of torch can do that.

    The operators are oneDNN's, which torch's own compiler calls; they have no public name, and a build without them
    (or with others) multiplies in the plain way. Twice as fast at 8 rows of 512 and half as fast again at 64.
    """

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight.detach()
        self.laid = _laid_out(self.weight)

    def __call__(self, x: Tensor) -> Tensor:
        return torch.mm(x, self.weight) if self.laid is None else _multiply(x, self.laid)


def _laid_out(weight: Tensor) -> Tensor | None:
    """None where it cannot be done, or is not done right."""
    if weight.dtype != torch.float32 or weight.device.type != "cpu":
        return None
    try:
        laid: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.t().contiguous(), 32)
        probe = torch.linspace(-1, 1, 2 * len(weight)).view(2, -1)
        near = torch.allclose(_multiply(probe, laid), probe @ weight, rtol=1e-3, atol=1e-4)
    except (AttributeError, RuntimeError, TypeError):
        return None
    return laid if near else None


def _multiply(x: Tensor, laid: Tensor) -> Tensor:
    product: Tensor = torch.ops.mkldnn._linear_pointwise(x, laid, None, "none", [], "")
    return product


class Stepper:
    """Steps of a network's decoder, for any cell; rows of a block do not know of each other."""

    def __init__(self, network: SketchRNN) -> None:
        self.network = network

    def start(self, z: Tensor | None, rows: int) -> tuple[Tensor, Tensor]:
        """static (n, K) and state (n, S), with which n drawings begin, from their latents z (n, Nz)."""
        return self.network.decoder.static(z, rows), self.network.initial_state(z, rows)

    def step(self, x: Tensor, static: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One point: x (n, 5) -> head outputs (n, 3 + 6M) and the next state."""
        return self.network.step(x, static, state)


class LSTMStepper(Stepper):
    """One product for x and h, and tanh taken as 2 sigmoid(2x) - 1, so that the four gates are one sigmoid."""

    def __init__(self, network: SketchRNN, lstm: LSTM) -> None:
        super().__init__(network)
        self.hidden = lstm.hidden_size
        joined = torch.cat([lstm.weight_x[: lstm.input_size].detach(), lstm.weight_h.detach()])
        self.gates = Product(double_candidate(joined, self.hidden))
        self.head = Product(network.head.weight)

    def start(self, z: Tensor | None, rows: int) -> tuple[Tensor, Tensor]:
        static, state = super().start(z, rows)
        return double_candidate(static.clone(), self.hidden), state

    def step(self, x: Tensor, static: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        c, h = state.split(self.hidden, dim=1)
        gates = self.gates(torch.cat([x, h], dim=1)).add_(static).sigmoid_()
        i, j, f, o = gates.split(self.hidden, dim=1)
        following = torch.empty_like(state)
        c_next, h_next = following.split(self.hidden, dim=1)
        torch.mul(f, c, out=c_next).add_(j.mul_(2).sub_(1).mul_(i))
        torch.mul(c_next, 2, out=h_next).sigmoid_().mul_(2).sub_(1).mul_(o)
        return self.head(h_next.contiguous()).add_(self.network.head.bias), following


def stepper(network: SketchRNN) -> Stepper:
    """The weights are looked at now: what training does to them later is not seen."""
    if isinstance(network.decoder, LSTM):
        return LSTMStepper(network, network.decoder)
    return Stepper(network)
