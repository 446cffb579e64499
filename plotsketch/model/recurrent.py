"""The LSTM over packed rows, with a backward pass of its own.

What a plain loop over ``nn.LSTMCell`` loses and this layer does not: padded steps are never computed; the latent
vector's part of the pre-activations is multiplied once a sequence; weight gradients are one product over all steps;
no autograd node is made for the small operations within a step; products may run in bfloat16 while all that is summed
or kept from step to step stays in float32.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .packing import final_rows, offsets

FORGET_BIAS = 1.0  # added at run time, not stored: Magenta's convention


def glorot_uniform(weight: Tensor) -> None:
    """Glorot and Bengio 2010, equation 16, for a matrix laid (in, out)."""
    bound = (6.0 / (weight.shape[0] + weight.shape[1])) ** 0.5
    nn.init.uniform_(weight, -bound, bound)


def orthogonal_blocks(weight: Tensor) -> None:
    """Each gate's square block of a recurrent matrix (H, k H) starts as an orthogonal matrix."""
    for block in weight.split(weight.shape[0], dim=1):
        nn.init.orthogonal_(block)


def recurrent_dropout(rows: int, width: int, keep: float, generator: torch.Generator | None, like: Tensor) -> Tensor:
    """Mask (rows, width) of 0 and 1/keep (Semeniuta et al. 2016: only the candidate of each step is dropped).

    One random byte an element, eight from each number drawn: a draw an element costs a tenth of a training step.
    ``keep`` is therefore rounded to a 256th, in the mask and in its scale alike.
    """
    kept = max(1, round(256 * keep))
    words = torch.empty(-(-rows * width // 8), dtype=torch.int64, device=like.device)
    words.random_(-(2**63), None, generator=generator)
    chosen = words.view(torch.uint8)[: rows * width].view(rows, width) < kept
    return chosen.to(like.dtype).mul_(256 / kept)


class LSTM(nn.Module):
    """LSTM in Magenta's layout: weights (in, out), gates in the order i, j, f, o, state packed [c, h].

    ``static_size`` is the width of an input that stays the same over a sequence (the latent vector): its rows of
    ``weight_x`` come after those of the changing input, as if both had been joined at each step.
    """

    def __init__(self, input_size: int, hidden_size: int, static_size: int = 0) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.static_size = input_size, hidden_size, static_size
        self.product_dtype = torch.float32
        self.weight_x = nn.Parameter(torch.empty(input_size + static_size, 4 * hidden_size))
        self.weight_h = nn.Parameter(torch.empty(hidden_size, 4 * hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        glorot_uniform(self.weight_x)
        orthogonal_blocks(self.weight_h)
        self.bias.zero_()

    @property
    def state_size(self) -> int:
        return 2 * self.hidden_size

    def hidden(self, state: Tensor) -> Tensor:
        """The output part (B, H) of a packed state (B, 2H)."""
        return state[:, self.hidden_size :]

    def static(self, z: Tensor | None, batch: int) -> Tensor:
        """What does not change over a sequence: biases and, with a latent (B, Nz), its product. (B, 4H)."""
        forget = torch.zeros_like(self.bias)
        forget[2 * self.hidden_size : 3 * self.hidden_size] = FORGET_BIAS
        constant = self.bias + forget
        if z is None:
            return constant.expand(batch, -1)
        return torch.addmm(constant, z, self.weight_x[self.input_size :])

    def forward(
        self,
        rows: Tensor,
        sizes: list[int],
        static: Tensor,
        state: Tensor | None = None,
        keep: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Outputs (N, H) for packed rows (N, input_size), and the last state of each sequence (B, 2H)."""
        if state is None:
            state = rows.new_zeros(sizes[0], self.state_size)
        mask = None if keep >= 1.0 else recurrent_dropout(len(rows), self.hidden_size, keep, generator, rows)
        outputs, cells = _PackedLSTM.apply(
            rows, static, state, mask, self.weight_x[: self.input_size], self.weight_h, sizes, self.product_dtype
        )
        last = torch.from_numpy(final_rows(sizes)).to(rows.device)
        return outputs, torch.cat([cells, outputs[last]], dim=1)

    def step(self, x: Tensor, static: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One time step for n rows: x (n, input_size), static (n, 4H), state (n, 2H) -> h (n, H), state."""
        c, h = state.split(self.hidden_size, dim=1)
        gates = torch.addmm(static, h, self.weight_h).addmm_(x, self.weight_x[: self.input_size])
        i, j, f, o = gates.split(self.hidden_size, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(j)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, torch.cat([c, h], dim=1)


class _PackedLSTM(torch.autograd.Function):
    """One layer over packed rows. tanh is taken as 2 sigmoid(2x) - 1: several times faster on a CPU, and so the four
    gates of a step are one sigmoid."""

    @staticmethod
    def forward(
        ctx: Any,
        rows: Tensor,
        static: Tensor,
        state: Tensor,
        mask: Tensor | None,
        weight_x: Tensor,
        weight_h: Tensor,
        sizes: list[int],
        dtype: torch.dtype,
    ) -> tuple[Tensor, Tensor]:
        hidden = weight_h.shape[0]
        total, batch, starts = len(rows), sizes[0], offsets(sizes)
        joined, weight = _joined(rows, weight_h, weight_x, dtype)
        doubled_static = double_candidate(static.detach().clone(), hidden)
        gates = rows.new_empty(total, 4 * hidden)
        cells, outputs = rows.new_empty(total, hidden), rows.new_empty(total, hidden)
        squashed = rows.new_empty(total, hidden)  # tanh of the cell
        first = state.detach()
        c, h = first[:, :hidden].contiguous(), first[:, hidden:]
        product = joined.new_empty(batch, 4 * hidden)
        last_cells = rows.new_empty(batch, hidden)
        for t, n in enumerate(sizes):
            here = slice(starts[t], starts[t + 1])
            joined[here, :hidden].copy_(h[:n])
            torch.mm(joined[here], weight, out=product[:n])
            gate = torch.add(doubled_static[:n], product[:n], out=gates[here]).sigmoid_()
            i, j, f, o = gate.split(hidden, dim=1)
            j.mul_(2).sub_(1)
            new_c = torch.mul(f, c[:n], out=cells[here])
            candidate = i * j if mask is None else (i * j).mul_(mask[here])
            new_c.add_(candidate)
            tanh_c = torch.mul(new_c, 2, out=squashed[here]).sigmoid_().mul_(2).sub_(1)
            h = torch.mul(o, tanh_c, out=outputs[here])
            c = new_c
            following = sizes[t + 1] if t + 1 < len(sizes) else 0
            last_cells[following:n] = c[following:]
        ctx.save_for_backward(first, mask, weight_x, weight_h, joined, gates, cells, squashed)
        ctx.sizes, ctx.starts, ctx.dtype, ctx.features = sizes, starts, dtype, rows.shape[1]
        return outputs, last_cells

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_outputs: Tensor, grad_cells: Tensor) -> tuple[Tensor | None, ...]:
        first, mask, weight_x, weight_h, joined, gates, cells, squashed = ctx.saved_tensors
        hidden, sizes, starts = weight_h.shape[0], ctx.sizes, ctx.starts
        recurrent = weight_h.detach().to(ctx.dtype).t()
        steps = joined.new_empty(len(gates), 4 * hidden)  # gradients of the pre-activations, all steps
        grad_static = torch.zeros_like(gates[: sizes[0]])
        grad_c = grad_cells.clone()
        grad_h = torch.zeros_like(grad_c)
        for t in range(len(sizes) - 1, -1, -1):
            n, here = sizes[t], slice(starts[t], starts[t + 1])
            before = first[:n, :hidden] if t == 0 else cells[starts[t - 1] : starts[t - 1] + n]
            grad_h[:n] += grad_outputs[here]
            factor = None if mask is None else mask[here]
            _step_backward(gates[here], squashed[here], before, factor, grad_h[:n], grad_c[:n])
            grad_static[:n] += gates[here]
            steps[here].copy_(gates[here])
            grad_h[:n].copy_(torch.mm(steps[here], recurrent))
        grad_weight = torch.mm(joined.t(), steps).to(gates.dtype)
        grad_rows = None
        if ctx.needs_input_grad[0]:
            grad_rows = torch.mm(steps, weight_x.detach().to(ctx.dtype).t()).to(gates.dtype)
        grad_state = torch.cat([grad_c, grad_h], dim=1)
        return (
            grad_rows, grad_static, grad_state, None,
            grad_weight[hidden : hidden + ctx.features], grad_weight[:hidden], None, None,
        )  # fmt: skip


def _joined(rows: Tensor, weight_h: Tensor, weight_x: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """[h, x] for all rows (h still empty) and the matrix they meet, its candidate columns doubled, padded to 8s."""
    hidden, features = weight_h.shape[0], rows.shape[1]
    width = hidden + -(-features // 8) * 8
    joined = rows.new_zeros(len(rows), width, dtype=dtype)
    joined[:, hidden : hidden + features] = rows
    weight = weight_h.new_zeros(width, weight_h.shape[1])
    weight[:hidden], weight[hidden : hidden + features] = weight_h.detach(), weight_x.detach()
    return joined, double_candidate(weight, hidden).to(dtype)


def double_candidate(values: Tensor, hidden: int) -> Tensor:
    values[:, hidden : 2 * hidden].mul_(2)
    return values


def _step_backward(
    gates: Tensor, squashed: Tensor, before: Tensor, mask: Tensor | None, grad_h: Tensor, grad_c: Tensor
) -> None:
    """Turns ``gates`` (n, 4H: activations i, j, f, o) into gradients of their pre-activations, in place, and
    ``grad_c`` (n, H) from the gradient of this step's cell into that of the one before."""
    i, j, f, o = gates.split(squashed.shape[1], dim=1)
    through = torch.addcmul(squashed.new_ones(()), squashed, squashed, value=-1).mul_(o).mul_(grad_h)
    grad_c += through
    o.copy_(torch.addcmul(o, o, o, value=-1).mul_(squashed).mul_(grad_h))
    candidate = grad_c if mask is None else grad_c * mask
    grad_i = torch.addcmul(i, i, i, value=-1).mul_(j).mul_(candidate)
    j.copy_(torch.addcmul(i, i * j, j, value=-1).mul_(candidate))
    i.copy_(grad_i)
    grad_f = torch.addcmul(f, f, f, value=-1).mul_(before).mul_(grad_c)
    grad_c *= f
    f.copy_(grad_f)
