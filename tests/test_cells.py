"""Each recurrent cell: its own backward pass against finite differences and against autograd through its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd.function import once_differentiable

from plotsketch.model.hyper import HyperLSTM
from plotsketch.model.layer_norm import LayerNormLSTM
from plotsketch.model.packing import final_rows, live_sizes, offsets
from plotsketch.model.recurrent import LSTM, recurrent_dropout

Cell = LSTM | LayerNormLSTM | HyperLSTM
Run = Callable[..., tuple[Tensor, ...]]
INPUT = 3
KINDS = ("lstm", "layer_norm", "hyper")


def make(kind: str, hidden: int, latent: int, dtype: torch.dtype = torch.float64) -> Cell:
    """A cell with no weight at a special value (gains of 1, biases of 0)."""
    if kind == "hyper":
        cell: Cell = HyperLSTM(INPUT, hidden, latent, hyper_size=3, hyper_embedding=2)
    else:
        cell = {"lstm": LSTM, "layer_norm": LayerNormLSTM}[kind](INPUT, hidden, latent)
    for parameter in cell.parameters():
        parameter.data = (parameter.data + 0.4 * torch.randn_like(parameter)).to(dtype)
    for module in cell.modules():
        if hasattr(module, "product_dtype"):
            module.product_dtype = dtype
    return cell


class Recomputed(torch.autograd.Function):
    """Runs a function anew for each backward pass, which may therefore change what the forward pass kept."""

    @staticmethod
    def forward(ctx: Any, run: Run, *inputs: Tensor) -> tuple[Tensor, ...]:
        ctx.run = run
        ctx.save_for_backward(*inputs)
        return run(*inputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        inputs = [x.detach().requires_grad_() for x in ctx.saved_tensors]
        with torch.enable_grad():
            return (None, *torch.autograd.grad(ctx.run(*inputs), inputs, grads))


def whole(cell: Cell, sizes: list[int], keep: float) -> Run:
    """outputs, last state as a function of rows, z, state and the parameters, in this order."""
    names = [name for name, _ in cell.named_parameters()]

    def run(rows: Tensor, z: Tensor, state: Tensor, *parameters: Tensor) -> tuple[Tensor, ...]:
        values = dict(zip(names, parameters, strict=True))
        static = torch.func.functional_call(_Static(cell), {f"cell.{k}": v for k, v in values.items()}, (z,))
        dropout = torch.Generator().manual_seed(4)
        return tuple(torch.func.functional_call(cell, values, (rows, sizes, static, state, keep, dropout)))

    return run


class _Static(torch.nn.Module):
    """``cell.static`` as a module's forward, so that functional_call reaches it."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, z: Tensor) -> Tensor:
        return self.cell.static(z, len(z))


def inputs(cell: Cell, sizes: list[int], latent: int) -> list[Tensor]:
    shapes = (sum(sizes), INPUT), (sizes[0], latent), (sizes[0], cell.state_size)
    dtype = cell.weight_h.dtype
    made = [torch.randn(shape, dtype=dtype) for shape in shapes]
    return [x.requires_grad_() for x in made] + [p.detach().clone().requires_grad_() for p in cell.parameters()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keep", [1.0, 0.7])
@pytest.mark.parametrize("sizes", [[3, 3, 2, 1, 1], [2, 2], [1]], ids=str)
def test_gradients_are_those_of_finite_differences(kind: str, keep: float, sizes: list[int]) -> None:
    """For all inputs: rows, latent, first state and every parameter; of all outputs and of the last state."""
    torch.manual_seed(len(sizes))
    cell = make(kind, hidden=3, latent=2)
    run = whole(cell, sizes, keep)
    # a HyperLSTM has 50 weight matrices: its Jacobian is probed along random directions, not entry by entry
    fast = kind == "hyper"
    assert torch.autograd.gradcheck(lambda *xs: Recomputed.apply(run, *xs), inputs(cell, sizes, 2), fast_mode=fast)


def by_steps(cell: Cell, rows: Tensor, sizes: list[int], static: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """The layer written out with ``step``, its gradients left to autograd."""
    starts, outputs, states = offsets(sizes), [], []
    for t, n in enumerate(sizes):
        h, state = cell.step(rows[starts[t] : starts[t + 1]], static[:n], state[:n])
        outputs.append(h)
        states.append(state)
    return torch.cat(outputs), torch.cat(states)[torch.from_numpy(final_rows(sizes))]


lengths = st.lists(st.integers(1, 7), min_size=1, max_size=5).map(lambda values: sorted(values, reverse=True))


@pytest.mark.parametrize("kind", KINDS)
@given(lengths=lengths, hidden=st.integers(2, 9), latent=st.integers(0, 3), seed=st.integers(0, 99))
@settings(max_examples=25)
def test_the_layer_is_its_steps(kind: str, lengths: list[int], hidden: int, latent: int, seed: int) -> None:
    """Outputs, last state and gradients, whatever the sizes; a latent of 0 numbers is a decoder-only model."""
    torch.manual_seed(seed)
    cell, sizes = make(kind, hidden, latent), live_sizes(torch.tensor(lengths).numpy())
    rows, z, state, *_ = inputs(cell, sizes, latent)
    results = []
    for layer in (lambda *xs: cell(xs[0], sizes, *xs[1:]), lambda *xs: by_steps(cell, xs[0], sizes, *xs[1:])):
        outputs, last = layer(rows, cell.static(z if latent else None, sizes[0]), state)
        weighted = (outputs * torch.linspace(-1, 1, hidden)).sum() + last.square().sum()
        wanted = [rows, state, *cell.parameters()]
        gradients = torch.autograd.grad(weighted, wanted, allow_unused=True, materialize_grads=True)
        results.append((outputs, last, cell.hidden(last), *gradients))
    for ours, plain in zip(*results, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_sequences_do_not_reach_each_other(kind: str) -> None:
    torch.manual_seed(0)
    cell, sizes = make(kind, hidden=4, latent=2), [3, 3, 1]
    rows, z, state, *_ = inputs(cell, sizes, 2)
    outputs, last = cell(rows, sizes, cell.static(z, 3), state)
    alone, last_alone = cell(rows[[1, 4]], [1, 1], cell.static(z[1:2], 1), state[1:2])
    torch.testing.assert_close(outputs[[1, 4]], alone)
    torch.testing.assert_close(last[1:2], last_alone)


@pytest.mark.parametrize("kind", KINDS)
def test_products_in_bfloat16_stay_near(kind: str) -> None:
    """What training on a processor with bfloat16 computes, and the direction in which it moves each weight."""
    torch.manual_seed(1)
    cell, sizes = make(kind, hidden=32, latent=4, dtype=torch.float32), [6, 6, 5, 5, 3, 2, 2, 1]
    rows, z, state, *_ = inputs(cell, sizes, 4)
    found = []
    for dtype in (torch.float32, torch.bfloat16):
        for module in cell.modules():
            if hasattr(module, "product_dtype"):
                module.product_dtype = dtype
        outputs, _ = cell(rows, sizes, cell.static(z, 6), state)
        assert outputs.dtype == torch.float32
        found.append((outputs, *torch.autograd.grad(outputs.square().sum(), list(cell.parameters()))))
    for exact, rounded in zip(*found, strict=True):
        cosine = torch.cosine_similarity(exact.flatten(), rounded.flatten(), dim=0)
        assert exact.dtype == rounded.dtype and cosine > 0.99


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_hangs_on_the_generator_alone(kind: str) -> None:
    torch.manual_seed(2)
    cell, sizes = make(kind, hidden=8, latent=2), [4, 4, 2]
    rows, z, state, *_ = inputs(cell, sizes, 2)
    static = cell.static(z, 4)

    def run(seed: int, keep: float) -> Tensor:
        return cell(rows, sizes, static, state, keep, torch.Generator().manual_seed(seed))[0]

    torch.testing.assert_close(run(1, 0.5), run(1, 0.5), rtol=0, atol=0)
    assert not torch.equal(run(1, 0.5), run(2, 0.5))
    torch.testing.assert_close(run(1, 1.0), cell(rows, sizes, static, state)[0], rtol=0, atol=0)


def test_dropout_keeps_the_mean() -> None:
    mask = recurrent_dropout(400, 50, 0.75, torch.Generator().manual_seed(0), torch.zeros(1))
    assert mask.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert mask.mean() == pytest.approx(1.0, abs=0.02)
