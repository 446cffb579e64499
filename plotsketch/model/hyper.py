"""The HyperLSTM over packed rows: a small LSTM rescales the pre-activations of a large one at each step.

Ha, Dai and Le 2016, "HyperNetworks", section 3.2 and appendix A.2, with layer norm, as Magenta wired it for sketch-rnn.
The inner cell is a layer-norm LSTM that reads the step's input and the outer cell's output. Its own output becomes,
through an embedding for each half (x or h) of each gate, a scale of that half; the h halves get a shift as well.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .layer_norm import GateTape, LayerNormLSTM, Norm, gates_and_cell, joined_inputs, joined_weights
from .packing import offsets
from .recurrent import glorot_uniform, orthogonal_blocks, recurrent_dropout

INPUT_HALVES = ("ix", "jx", "fx", "ox")
HIDDEN_HALVES = ("ih", "jh", "fh", "oh")
FIRST_SCALE = 0.1  # of every pre-activation before training (Cooijmans et al. 2016)


class Linear(nn.Module):
    """Holds a matrix laid (in, out)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))


class BiasedLinear(Linear):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.bias = nn.Parameter(torch.empty(outputs))


class Half(nn.Module):
    """Holds what turns the inner cell's output into the scale of the x half of a gate."""

    def __init__(self, hyper_size: int, embedding: int, hidden_size: int) -> None:
        super().__init__()
        self.zw, self.alpha = BiasedLinear(hyper_size, embedding), Linear(embedding, hidden_size)

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Scales start at 0.1, whatever the inner cell says."""
        self.zw.weight.zero_()
        self.zw.bias.fill_(1.0)
        self.alpha.weight.fill_(FIRST_SCALE / len(self.alpha.weight))


class ShiftedHalf(Half):
    """The same for an h half, which is shifted as well."""

    def __init__(self, hyper_size: int, embedding: int, hidden_size: int) -> None:
        super().__init__(hyper_size, embedding, hidden_size)
        self.zb, self.beta = Linear(hyper_size, embedding), Linear(embedding, hidden_size)

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Shifts start at 0."""
        super().reset_parameters()
        nn.init.normal_(self.zb.weight, std=0.01)
        self.beta.weight.zero_()


class HyperLSTM(nn.Module):
    """Same interface as ``LSTM``; with H outer and K inner units the state is packed [h, inner h, c, inner c]."""

    def __init__(
        self, input_size: int, hidden_size: int, static_size: int = 0, hyper_size: int = 256, hyper_embedding: int = 32
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.static_size = input_size, hidden_size, static_size
        self.hyper_size, self.hyper_embedding = hyper_size, hyper_embedding
        self.product_dtype = torch.float32
        self.weight_x = nn.Parameter(torch.empty(input_size + static_size, 4 * hidden_size))
        self.weight_h = nn.Parameter(torch.empty(hidden_size, 4 * hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        self.hyper_cell = LayerNormLSTM(input_size + static_size + hidden_size, hyper_size)
        for name in INPUT_HALVES:
            self.add_module(f"hyper_{name}", Half(hyper_size, hyper_embedding, hidden_size))
        for name in HIDDEN_HALVES:
            self.add_module(f"hyper_{name}", ShiftedHalf(hyper_size, hyper_embedding, hidden_size))
        self.ln_all = Norm(hidden_size, groups=4)
        self.ln_c = Norm(hidden_size)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        glorot_uniform(self.weight_x)
        orthogonal_blocks(self.weight_h)
        self.bias.zero_()
        self.hyper_cell.reset_parameters()
        for half in (*self._halves(), *self._shifted_halves()):
            half.reset_parameters()
        for norm in (self.ln_all, self.ln_c):
            norm.gamma.fill_(1.0)
            norm.beta.zero_()

    def _halves(self) -> list[Half]:
        return [getattr(self, f"hyper_{name}") for name in INPUT_HALVES]

    def _shifted_halves(self) -> list[ShiftedHalf]:
        return [getattr(self, f"hyper_{name}") for name in HIDDEN_HALVES]

    @property
    def state_size(self) -> int:
        return 2 * (self.hidden_size + self.hyper_size)

    def hidden(self, state: Tensor) -> Tensor:
        """The output part (B, H) of a packed state (B, S)."""
        return state[:, : self.hidden_size]

    def static(self, z: Tensor | None, batch: int) -> Tensor:
        """The latent's (B, Nz) part of both cells' pre-activations, or zeros: (B, 4H + 4K)."""
        if z is None:
            return self.weight_x.new_zeros(1, 1).expand(batch, 4 * (self.hidden_size + self.hyper_size))
        latent = slice(self.input_size, self.input_size + self.static_size)
        return z @ torch.cat([self.weight_x[latent], self.hyper_cell.weight_x[latent]], dim=1)

    def embedding(self) -> tuple[Tensor, Tensor, Tensor]:
        """All twelve embeddings side by side, (K, 12E) and (12E), and what is made of them, (12, E, H).

        Order: scales of the x halves, scales of the h halves, shifts of the h halves; within each i, j, f, o.
        """
        shifted = self._shifted_halves()
        halves = [*self._halves(), *shifted]
        weights: list[Tensor] = [*(half.zw.weight for half in halves), *(half.zb.weight for half in shifted)]
        unfold: list[Tensor] = [*(half.alpha.weight for half in halves), *(half.beta.weight for half in shifted)]
        bias = torch.cat([half.zw.bias for half in halves])
        return torch.cat(weights, dim=1), nn.functional.pad(bias, (0, 4 * self.hyper_embedding)), torch.stack(unfold)

    def forward(
        self,
        rows: Tensor,
        sizes: list[int],
        static: Tensor,
        state: Tensor | None = None,
        keep: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Outputs (N, H) for packed rows (N, input_size), and the last state of each sequence (B, S)."""
        if state is None:
            state = rows.new_zeros(sizes[0], self.state_size)
        mask = None if keep >= 1.0 else recurrent_dropout(len(rows), self.hidden_size, keep, generator, rows)
        inner, x = self.hyper_cell, self.input_size
        joined_inner = torch.cat([inner.weight_x[x + self.static_size :], inner.weight_h, inner.weight_x[:x]])
        outputs, last = _PackedHyperLSTM.apply(
            rows, static, state, mask, self.weight_x[:x], self.weight_h, self.bias, joined_inner, *self.embedding(),
            self.ln_all.gamma, self.ln_all.beta, self.ln_c.gamma, self.ln_c.beta,
            inner.ln_all.gamma, inner.ln_all.beta, inner.ln_c.gamma, inner.ln_c.beta, sizes, self.product_dtype,
        )  # fmt: skip
        return outputs, last

    def step(self, x: Tensor, static: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One time step for n rows: x (n, input_size), static (n, 4H + 4K), state (n, S) -> h (n, H), state."""
        size, inner_size = self.hidden_size, self.hyper_size
        h, inner_h, c, inner_c = state.split([size, inner_size, size, inner_size], dim=1)
        static, inner_static = static.split([4 * size, 4 * inner_size], dim=1)
        inner_h, inner_c = self._inner_step(x, h, inner_static, inner_h, inner_c)
        weight, bias, unfold = self.embedding()
        embedded = torch.addmm(bias, inner_h, weight).unflatten(1, (12, -1)).transpose(0, 1)
        scale_x, scale_h, shift = torch.bmm(embedded, unfold).transpose(0, 1).split(4, dim=1)
        from_x = torch.addmm(static, x, self.weight_x[: self.input_size]).view_as(scale_x)
        gates = (scale_x * from_x + scale_h * (h @ self.weight_h).view_as(scale_h) + shift).flatten(1) + self.bias
        h, c = gates_and_cell(self.ln_all(gates), c, self.ln_c)
        return h, torch.cat([h, inner_h, c, inner_c], dim=1)

    def _inner_step(self, x: Tensor, h: Tensor, static: Tensor, inner_h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        inner, latent = self.hyper_cell, self.input_size + self.static_size
        gates = torch.addmm(static, inner_h, inner.weight_h).addmm(x, inner.weight_x[: self.input_size])
        return gates_and_cell(inner.ln_all(gates.addmm(h, inner.weight_x[latent:])), c, inner.ln_c)


class ScaleTape:
    """The outer cell's pre-activations from both halves and the inner cell's output, and back; used as ``GateTape``.

    Tensors per half are (4, n, H) or (12, n, H), in the order of ``HyperLSTM.embedding``.
    """

    def __init__(self, bias: Tensor, embed: Tensor, embed_bias: Tensor, unfold: Tensor) -> None:
        self.bias = bias.detach().view(4, 1, -1)
        self.embed, self.embed_bias, self.unfold = embed.detach(), embed_bias.detach(), unfold.detach()
        self.kept: dict[int, tuple[Tensor, Tensor, Tensor, Tensor]] = {}

    def forward(self, here: slice, inner_h: Tensor, from_x: Tensor, from_h: Tensor) -> Tensor:
        """Inner output (n, K), halves (n, 4H) each -> pre-activations (n, 4H), contiguous."""
        embedded = torch.addmm(self.embed_bias, inner_h, self.embed).unflatten(1, (12, -1)).transpose(0, 1)
        factors = torch.bmm(embedded, self.unfold)
        scale_x, scale_h, shift = factors.split(4)
        x, h = _by_gate(from_x), _by_gate(from_h)
        pre = torch.empty_like(from_x)
        torch.addcmul(shift, scale_x, x, out=_by_gate(pre)).addcmul_(scale_h, h).add_(self.bias)
        self.kept[here.start] = embedded, factors, x, h
        return pre

    def start_backward(self) -> None:
        self.grad_bias, self.grad_unfold = torch.zeros_like(self.bias), torch.zeros_like(self.unfold)
        self.grad_embed, self.grad_embed_bias = torch.zeros_like(self.embed), torch.zeros_like(self.embed_bias)

    def backward(self, here: slice, inner_h: Tensor, grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Gradients of the inner output (n, K) and of both halves (n, 4H), from those of the pre-activations."""
        embedded, factors, x, h = self.kept[here.start]
        by_gate = _by_gate(grads)
        self.grad_bias += by_gate.sum(1, keepdim=True)
        grad_factors = torch.cat([by_gate * x, by_gate * h, by_gate])
        self.grad_unfold.baddbmm_(embedded.transpose(1, 2), grad_factors)
        grad_embedded = torch.bmm(grad_factors, self.unfold.transpose(1, 2)).transpose(0, 1).flatten(1)
        self.grad_embed.addmm_(inner_h.t(), grad_embedded)
        self.grad_embed_bias += grad_embedded.sum(0)
        grad_x, grad_h = torch.empty_like(grads), torch.empty_like(grads)
        torch.mul(by_gate, factors[:4], out=_by_gate(grad_x))
        torch.mul(by_gate, factors[4:8], out=_by_gate(grad_h))
        return torch.mm(grad_embedded, self.embed.t()), grad_x, grad_h

    def gradients(self) -> tuple[Tensor, Tensor, Tensor]:
        """Of the embedding's matrix and bias and of what is made of it."""
        return self.grad_embed, self.grad_embed_bias, self.grad_unfold


def _by_gate(values: Tensor) -> Tensor:
    """(n, 4H) seen as (4, n, H)."""
    return values.unflatten(1, (4, -1)).transpose(0, 1)


class _PackedHyperLSTM(torch.autograd.Function):
    """One layer over packed rows; nothing it keeps is changed by ``backward``, which may run more than once.

    ``joined`` holds [h, inner h, x] of all rows, ``inner_weight`` the matrix that it meets in the inner cell.
    """

    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, static: Tensor, state: Tensor, mask: Tensor | None, weight_x: Tensor, weight_h: Tensor,
        bias: Tensor, inner_weight: Tensor, embed: Tensor, embed_bias: Tensor, unfold: Tensor, *rest: Any,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        *norms, sizes, dtype = rest
        hidden, inner = weight_h.shape[0], embed.shape[0]
        widths, starts = [hidden, inner, hidden, inner], offsets(sizes)
        joined = joined_inputs(rows, hidden + inner, dtype)
        recurrent, inner_recurrent = weight_h.to(dtype), joined_weights([inner_weight], joined.shape[1], dtype)
        gates, inner_gates = GateTape(len(rows), *norms[:4]), GateTape(len(rows), *norms[4:])
        scales = ScaleTape(bias, embed, embed_bias, unfold)
        outputs, inner_outputs = rows.new_empty(len(rows), hidden), rows.new_empty(len(rows), inner)
        last = torch.empty_like(state)
        h, inner_h, c, inner_c = state.split(widths, dim=1)
        for t, n in enumerate(sizes):
            here = slice(starts[t], starts[t + 1])
            joined[here, :hidden], joined[here, hidden : hidden + inner] = h[:n], inner_h[:n]
            inner_pre = static[:n, 4 * hidden :] + torch.mm(joined[here], inner_recurrent)
            inner_h, inner_c = inner_gates.forward(inner_pre, here, inner_c[:n], None)
            from_x = torch.addmm(static[:n, : 4 * hidden], rows[here], weight_x)
            from_h = torch.mm(joined[here, :hidden], recurrent).to(rows.dtype)
            pre = scales.forward(here, inner_h, from_x, from_h)
            h, c = gates.forward(pre, here, c[:n], None if mask is None else mask[here])
            outputs[here], inner_outputs[here] = h, inner_h
            ended = slice(sizes[t + 1] if t + 1 < len(sizes) else 0, n)
            last[ended] = torch.cat([part[ended] for part in (h, inner_h, c, inner_c)], dim=1)
        ctx.save_for_backward(rows, state, mask, weight_x, weight_h, inner_weight)
        ctx.gates, ctx.inner_gates, ctx.scales, ctx.widths = gates, inner_gates, scales, widths
        ctx.joined, ctx.inner_outputs, ctx.sizes, ctx.starts = joined, inner_outputs, sizes, starts
        return outputs, last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_outputs: Tensor, grad_last: Tensor) -> tuple[Tensor | None, ...]:
        steps = _BackwardSteps(ctx, grad_outputs, grad_last)
        for t in range(len(ctx.sizes) - 1, -1, -1):
            steps.step(t)
        return steps.gradients()


class _BackwardSteps:
    """The backward pass of ``_PackedHyperLSTM``: its time steps in reverse, then one product for each weight."""

    def __init__(self, ctx: Any, grad_outputs: Tensor, grad_last: Tensor) -> None:
        self.ctx, self.grad_outputs = ctx, grad_outputs
        self.rows, self.state, self.mask, self.weight_x, weight_h, inner_weight = ctx.saved_tensors
        self.hidden, self.inner = ctx.widths[:2]
        joined, count = ctx.joined, len(self.rows)
        self.recurrent, self.inner_recurrent = weight_h.to(joined.dtype).t(), inner_weight.to(joined.dtype).t()
        self.halves = joined.new_empty(count, 4 * self.hidden)  # gradients of the h halves, all steps
        self.inner_pres = joined.new_empty(count, 4 * self.inner)  # and of the inner cell's pre-activations
        self.grad_static = self.rows.new_zeros(ctx.sizes[0], 4 * (self.hidden + self.inner))
        self.grad_rows, self.grad_weight_x = torch.zeros_like(self.rows), torch.zeros_like(self.weight_x)
        self.h, self.inner_h, self.c, self.inner_c = (part.clone() for part in grad_last.split(ctx.widths, dim=1))
        for tape in (ctx.gates, ctx.inner_gates, ctx.scales):
            tape.start_backward()

    def step(self, t: int) -> None:
        ctx, n = self.ctx, self.ctx.sizes[t]
        here = slice(ctx.starts[t], ctx.starts[t + 1])
        before, inner_before = self._cells_before(t)
        self.h[:n] += self.grad_outputs[here]
        mask = None if self.mask is None else self.mask[here]
        grads = ctx.gates.backward(here, before, mask, self.h[:n], self.c[:n])
        to_inner, grad_x, self.halves[here] = ctx.scales.backward(here, ctx.inner_outputs[here], grads)
        self.inner_h[:n] += to_inner
        inner_grads = ctx.inner_gates.backward(here, inner_before, None, self.inner_h[:n], self.inner_c[:n])
        self.inner_pres[here] = inner_grads
        self.grad_static[:n, : 4 * self.hidden] += grad_x
        self.grad_static[:n, 4 * self.hidden :] += inner_grads
        self.grad_weight_x.addmm_(self.rows[here].t(), grad_x)
        through = torch.mm(self.inner_pres[here], self.inner_recurrent)
        self.h[:n] = torch.mm(self.halves[here], self.recurrent)
        self.h[:n] += through[:, : self.hidden]
        self.inner_h[:n] = through[:, self.hidden : self.hidden + self.inner]
        if ctx.needs_input_grad[0]:
            self.grad_rows[here] = torch.mm(grad_x, self.weight_x.t()) + through[:, self.hidden + self.inner :]

    def _cells_before(self, t: int) -> tuple[Tensor, Tensor]:
        ctx, n = self.ctx, self.ctx.sizes[t]
        if t == 0:
            _, _, c, inner_c = self.state[:n].split(ctx.widths, dim=1)
            return c, inner_c
        earlier = slice(ctx.starts[t - 1], ctx.starts[t - 1] + n)
        return ctx.gates.cells[earlier], ctx.inner_gates.cells[earlier]

    def gradients(self) -> tuple[Tensor | None, ...]:
        """In the order of ``_PackedHyperLSTM.forward``."""
        ctx, dtype = self.ctx, self.rows.dtype
        grad_weight_h = torch.mm(ctx.joined[:, : self.hidden].t(), self.halves).to(dtype)
        grad_inner_weight = torch.mm(ctx.joined.t(), self.inner_pres).to(dtype)[: self.inner_recurrent.shape[1]]
        return (
            self.grad_rows, self.grad_static, torch.cat([self.h, self.inner_h, self.c, self.inner_c], dim=1), None,
            self.grad_weight_x, grad_weight_h, ctx.scales.grad_bias.flatten(), grad_inner_weight,
            *ctx.scales.gradients(), *ctx.gates.gradients(), *ctx.inner_gates.gradients(), None, None,
        )  # fmt: skip
