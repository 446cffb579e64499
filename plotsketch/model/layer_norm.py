"""The layer-norm LSTM over packed rows (Ba, Kiros and Hinton 2016, as Magenta wired it for sketch-rnn).

Like the LSTM it has a backward pass of its own. What comes after the products (norms, gates, cell) is ``GateTape``,
which the two cells of a HyperLSTM use as well.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .packing import offsets
from .recurrent import FORGET_BIAS, glorot_uniform, orthogonal_blocks, recurrent_dropout

EPSILON = 1e-3  # added to the variance: Magenta's value


class Norm(nn.Module):
    """Gain and shift of ``groups`` normalisations of ``width`` numbers each, held as one row."""

    def __init__(self, width: int, groups: int = 1) -> None:
        super().__init__()
        self.width, self.groups = width, groups
        self.gamma = nn.Parameter(torch.ones(groups * width))
        self.beta = nn.Parameter(torch.zeros(groups * width))

    def forward(self, x: Tensor) -> Tensor:
        """Each group of x (n, groups * width) brought to mean 0 and variance 1, then scaled and shifted."""
        grouped = x.unflatten(1, (self.groups, self.width))
        normal = nn.functional.layer_norm(grouped, (self.width,), eps=EPSILON).flatten(1)
        return torch.addcmul(self.beta, self.gamma, normal)


class LayerNormLSTM(nn.Module):
    """LSTM whose four pre-activations, each on its own, and whose cell are normalised; it has no bias.

    Layout as ``LSTM``, but the state is packed [h, c].
    """

    def __init__(self, input_size: int, hidden_size: int, static_size: int = 0) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.static_size = input_size, hidden_size, static_size
        self.product_dtype = torch.float32
        self.weight_x = nn.Parameter(torch.empty(input_size + static_size, 4 * hidden_size))
        self.weight_h = nn.Parameter(torch.empty(hidden_size, 4 * hidden_size))
        self.ln_all = Norm(hidden_size, groups=4)
        self.ln_c = Norm(hidden_size)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        glorot_uniform(self.weight_x)
        orthogonal_blocks(self.weight_h)
        for norm in (self.ln_all, self.ln_c):
            norm.gamma.fill_(1.0)
            norm.beta.zero_()

    @property
    def state_size(self) -> int:
        return 2 * self.hidden_size

    def hidden(self, state: Tensor) -> Tensor:
        """The output part (B, H) of a packed state (B, 2H)."""
        return state[:, : self.hidden_size]

    def static(self, z: Tensor | None, batch: int) -> Tensor:
        """The latent's (B, Nz) part of the pre-activations, or zeros: (B, 4H)."""
        if z is None:
            return self.weight_x.new_zeros(1, 1).expand(batch, 4 * self.hidden_size)
        return z @ self.weight_x[self.input_size :]

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
        outputs, last = _PackedLayerNormLSTM.apply(
            rows, static, state, mask, self.weight_x[: self.input_size], self.weight_h,
            self.ln_all.gamma, self.ln_all.beta, self.ln_c.gamma, self.ln_c.beta, sizes, self.product_dtype,
        )  # fmt: skip
        return outputs, last

    def step(self, x: Tensor, static: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One time step for n rows: x (n, input_size), static (n, 4H), state (n, 2H) -> h (n, H), state."""
        h, c = state.split(self.hidden_size, dim=1)
        gates = torch.addmm(static, h, self.weight_h).addmm(x, self.weight_x[: self.input_size])
        h, c = gates_and_cell(self.ln_all(gates), c, self.ln_c)
        return h, torch.cat([h, c], dim=1)


def gates_and_cell(normal: Tensor, c: Tensor, ln_c: Norm) -> tuple[Tensor, Tensor]:
    """h and c after a step, from normalised pre-activations (n, 4H) and the cell (n, H) before it."""
    i, j, f, o = normal.split(c.shape[1], dim=1)
    c = torch.sigmoid(f + FORGET_BIAS) * c + torch.sigmoid(i) * torch.tanh(j)
    return torch.tanh(ln_c(c)) * torch.sigmoid(o), c


class GateTape:
    """From pre-activations to output and cell, step by step, and back again.

    ``forward`` is called for the row ranges of all time steps, then ``backward`` for the same ranges in reverse; what
    the second needs is kept here. tanh is taken as 2 sigmoid(2x) - 1, so that the four gates are one sigmoid.
    """

    def __init__(self, rows: int, gamma: Tensor, beta: Tensor, gamma_c: Tensor, beta_c: Tensor) -> None:
        self.gamma, self.gamma_c, self.beta_c = gamma.detach(), gamma_c.detach(), beta_c.detach()
        self.hidden = hidden = len(gamma_c)
        self.candidate = slice(hidden, 2 * hidden)
        self.run_gamma, self.run_beta = self.gamma.clone(), beta.detach().clone()
        self.run_beta[2 * hidden : 3 * hidden] += FORGET_BIAS
        self.run_gamma[self.candidate] *= 2
        self.run_beta[self.candidate] *= 2
        self.gates, self.cells = gamma.new_empty(rows, 4 * hidden), gamma.new_empty(rows, hidden)
        self.squashed = gamma.new_empty(rows, hidden)  # tanh of the normalised cell
        self.kept: dict[int, tuple[Tensor, Tensor, Tensor, Tensor]] = {}  # by a step's first row

    def forward(self, pre: Tensor, here: slice, before: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """pre (n, 4H), contiguous; cell ``before`` (n, H); dropout mask (n, H) -> h, c (n, H)."""
        hidden = self.hidden
        normal, _, rstd = torch.native_layer_norm(pre.view(-1, hidden), (hidden,), None, None, EPSILON)
        normal = normal.view_as(pre)
        gates = torch.addcmul(self.run_beta, normal, self.run_gamma, out=self.gates[here]).sigmoid_()
        i, j, f, o = gates.split(hidden, dim=1)
        j.mul_(2).sub_(1)
        candidate = i * j if mask is None else (i * j).mul_(mask)
        c = torch.addcmul(candidate, f, before, out=self.cells[here])
        scaled, mean_c, rstd_c = torch.native_layer_norm(c, (hidden,), 2 * self.gamma_c, 2 * self.beta_c, EPSILON)
        squashed = torch.sigmoid(scaled, out=self.squashed[here]).mul_(2).sub_(1)
        self.kept[here.start] = normal, rstd.view(-1, 1), mean_c, rstd_c
        return o * squashed, c

    def start_backward(self) -> None:
        self.grad_gamma, self.grad_beta = torch.zeros_like(self.gamma), torch.zeros_like(self.gamma)
        self.grad_gamma_c, self.grad_beta_c = torch.zeros_like(self.gamma_c), torch.zeros_like(self.gamma_c)

    def backward(self, here: slice, before: Tensor, mask: Tensor | None, grad_h: Tensor, grad_c: Tensor) -> Tensor:
        """Gradient of the pre-activations (n, 4H); ``grad_c`` (n, H) becomes that of the cell before, in place."""
        hidden, (normal, rstd, mean_c, rstd_c) = self.hidden, self.kept[here.start]
        grads = torch.empty_like(normal)
        self._through_output(here, mean_c, rstd_c, grad_h, grad_c, grads[:, 3 * hidden :])
        i, j, f, _ = self.gates[here].split(hidden, dim=1)
        grad_i, grad_j, grad_f, _ = grads.split(hidden, dim=1)
        candidate = grad_c if mask is None else grad_c * mask
        grad_i.copy_(torch.addcmul(i, i, i, value=-1).mul_(j).mul_(candidate))
        grad_j.copy_(torch.addcmul(i, i * j, j, value=-1).mul_(candidate))
        grad_f.copy_(torch.addcmul(f, f, f, value=-1).mul_(before).mul_(grad_c))
        grad_c *= f
        self.grad_beta += grads.sum(0)
        self.grad_gamma += (grads * normal).sum(0)
        grads = grads.mul_(self.gamma).view(-1, hidden)
        return _norm_backward(grads, normal.view(-1, hidden), rstd).view_as(normal)

    def _through_output(
        self, here: slice, mean_c: Tensor, rstd_c: Tensor, grad_h: Tensor, grad_c: Tensor, grad_o: Tensor
    ) -> None:
        squashed, o = self.squashed[here], self.gates[here, 3 * self.hidden :]
        grad_o.copy_(torch.addcmul(o, o, o, value=-1).mul_(squashed).mul_(grad_h))
        through = torch.addcmul(squashed.new_ones(()), squashed, squashed, value=-1).mul_(o).mul_(grad_h)
        grad_cell, grad_gamma, grad_beta = torch.ops.aten.native_layer_norm_backward(
            through, self.cells[here], (self.hidden,), mean_c, rstd_c, self.gamma_c, self.beta_c, [True, True, True]
        )
        grad_c += grad_cell
        self.grad_gamma_c += grad_gamma
        self.grad_beta_c += grad_beta

    def gradients(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Of gamma, beta, gamma_c, beta_c, summed over all steps."""
        return self.grad_gamma, self.grad_beta, self.grad_gamma_c, self.grad_beta_c


def _norm_backward(grads: Tensor, normal: Tensor, rstd: Tensor) -> Tensor:
    """Gradient of what was normalised, from that of the normalised (n, H), the normalised and 1 / deviation (n, 1)."""
    zeros, ones = torch.zeros_like(rstd), torch.ones_like(rstd)
    grad, _, _ = torch.ops.aten.native_layer_norm_backward(
        grads, normal, (normal.shape[1],), zeros, ones, None, None, [True, False, False]
    )
    return grad.mul_(rstd)


def joined_inputs(rows: Tensor, hidden: int, dtype: torch.dtype) -> Tensor:
    """[h, x] for all rows, h still empty, padded with zeros to a multiple of 8: products like it."""
    joined = rows.new_zeros(len(rows), hidden + -(-rows.shape[1] // 8) * 8, dtype=dtype)
    joined[:, hidden : hidden + rows.shape[1]] = rows
    return joined


def joined_weights(weights: list[Tensor], height: int, dtype: torch.dtype) -> Tensor:
    """Matrices one below the other, zeros below to ``height`` rows."""
    stacked = torch.cat([weight.detach().to(dtype) for weight in weights])
    return nn.functional.pad(stacked, (0, 0, 0, height - len(stacked)))


class _PackedLayerNormLSTM(torch.autograd.Function):
    """One layer over packed rows; nothing it keeps is changed by ``backward``, which may run more than once."""

    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, static: Tensor, state: Tensor, mask: Tensor | None, weight_x: Tensor, weight_h: Tensor,
        gamma: Tensor, beta: Tensor, gamma_c: Tensor, beta_c: Tensor, sizes: list[int], dtype: torch.dtype,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        hidden, starts = weight_h.shape[0], offsets(sizes)
        joined = joined_inputs(rows, hidden, dtype)
        weight = joined_weights([weight_h, weight_x], joined.shape[1], dtype)
        tape = GateTape(len(rows), gamma, beta, gamma_c, beta_c)
        outputs, last = rows.new_empty(len(rows), hidden), torch.empty_like(state)
        h, c = state.split(hidden, dim=1)
        for t, n in enumerate(sizes):
            here = slice(starts[t], starts[t + 1])
            joined[here, :hidden] = h[:n]
            pre = static[:n] + torch.mm(joined[here], weight)
            h, c = tape.forward(pre, here, c[:n], None if mask is None else mask[here])
            outputs[here] = h
            ended = slice(sizes[t + 1] if t + 1 < len(sizes) else 0, n)
            last[ended, :hidden], last[ended, hidden:] = h[ended], c[ended]
        ctx.save_for_backward(rows, state, mask, weight_x, weight_h)
        ctx.tape, ctx.joined, ctx.sizes, ctx.starts = tape, joined, sizes, starts
        return outputs, last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_outputs: Tensor, grad_last: Tensor) -> tuple[Tensor | None, ...]:
        rows, state, mask, weight_x, weight_h = ctx.saved_tensors
        tape, joined, sizes, starts = ctx.tape, ctx.joined, ctx.sizes, ctx.starts
        hidden, features = weight_h.shape[0], rows.shape[1]
        recurrent = weight_h.to(joined.dtype).t()
        steps = joined.new_empty(len(rows), 4 * hidden)  # gradients of the pre-activations, all steps
        grad_static = rows.new_zeros(sizes[0], 4 * hidden)
        grad_h, grad_c = grad_last[:, :hidden].clone(), grad_last[:, hidden:].clone()
        tape.start_backward()
        for t in range(len(sizes) - 1, -1, -1):
            n, here = sizes[t], slice(starts[t], starts[t + 1])
            before = state[:n, hidden:] if t == 0 else tape.cells[starts[t - 1] : starts[t - 1] + n]
            grad_h[:n] += grad_outputs[here]
            grads = tape.backward(here, before, None if mask is None else mask[here], grad_h[:n], grad_c[:n])
            grad_static[:n] += grads
            steps[here] = grads
            grad_h[:n] = torch.mm(steps[here], recurrent)
        grad_weight = torch.mm(joined.t(), steps).to(rows.dtype)
        grad_rows = torch.mm(steps, weight_x.to(joined.dtype).t()).to(rows.dtype) if ctx.needs_input_grad[0] else None
        return (
            grad_rows, grad_static, torch.cat([grad_h, grad_c], dim=1), None,
            grad_weight[hidden : hidden + features], grad_weight[:hidden], *tape.gradients(), None, None,
        )  # fmt: skip
