"""The network computes what Magenta's TensorFlow graph computed from the same weights and drawings.

The fixtures hold weights of all three cells at small sizes (16/32 units, 8 latent numbers, 5 components; all gains,
shifts and biases away from their starting values), 8 drawings of at most 30 points, and the graph's outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from plotsketch.model.config import ModelConfig
from plotsketch.model.importers.magenta import tensor_name
from plotsketch.model.mixture import offset_nll, pen_nll, split
from plotsketch.model.network import SketchRNN
from plotsketch.model.packing import pack
from plotsketch.training.loss import kl_divergence

CELLS = {
    "lstm": ("lstm", "lstm"),
    "layer_norm": ("layer_norm", "layer_norm"),
    "hyper": ("layer_norm", "hyper"),
}
KL_FLOOR = 0.2
RELATIVE = 1e-5

@dataclass(frozen=True)
class Case:
    network: SketchRNN
    theirs: dict[str, NDArray[np.float32]]
    dtype: torch.dtype

    @property
    def inputs(self) -> Tensor:
        """Decoder inputs (8 x 30, 5), all drawings padded to 30 steps, time-major."""
        return torch.from_numpy(self.theirs["strokes5"][:, :-1]).transpose(0, 1).reshape(-1, 5).to(self.dtype)

    @property
    def targets(self) -> Tensor:
        return torch.from_numpy(self.theirs["strokes5"][:, 1:]).transpose(0, 1).reshape(-1, 5).to(self.dtype)

    @property
    def sizes(self) -> list[int]:
        drawings, steps, _ = self.theirs["strokes5"].shape
        return [drawings] * (steps - 1)

    def encode(self) -> tuple[Tensor, Tensor]:
        """mu and presig of the drawings, without padding, in the fixture's order."""
        lengths = self.theirs["lengths"]
        order = np.argsort(-lengths, kind="stable")
        packed = pack([self.theirs["strokes5"][i, 1 : 1 + lengths[i]] for i in order])
        back = torch.from_numpy(np.argsort(order))
        mu, presig = self.network.encode(packed.rows.to(self.dtype), packed.sizes)
        return mu[back], presig[back]

    @torch.no_grad()
    def compute(self) -> dict[str, Tensor]:
        """What the fixture holds, from our network; rows per point in the graph's batch-major order."""
        mu, presig = self.encode()
        mixture = split(self.network.decode(self.inputs, self.sizes, mu), self.network.config.mixtures)
        drawn = 1 - self.targets[:, 4]
        offsets = offset_nll(mixture, self.targets[:, 0], self.targets[:, 1]) * drawn
        pen = pen_nll(mixture, self.targets[:, 2:].argmax(1))
        rows = {
            "pi": mixture.pi_logits.softmax(1), "mu1": mixture.mu_x, "mu2": mixture.mu_y,
            "sigma1": mixture.log_sigma_x.exp(), "sigma2": mixture.log_sigma_y.exp(), "corr": mixture.rho,
            "pen_logits": mixture.pen_logits,
        }  # fmt: skip
        steps = len(self.sizes)
        batch_major = {name: x.unflatten(0, (steps, -1)).transpose(0, 1).flatten(0, 1) for name, x in rows.items()}
        return batch_major | {
            "mean": mu,
            "presig": presig,
            "initial_state": self.network.initial_state(mu, len(mu)),
            "r_cost": offsets.mean() + pen.mean(),
            "kl_cost": kl_divergence(mu, presig).mean().clamp_min(KL_FLOOR),
        }


def load(shared: Path, cell: str, dtype: torch.dtype) -> Case:
    with np.load(shared / "fixtures" / "magenta" / f"{cell}.npz") as archive:
        theirs = {name: archive[name] for name in archive.files}
    encoder, decoder = CELLS[cell]
    config = ModelConfig(encoder, 16, decoder, 32, latent_size=8, mixtures=5, hyper_size=256, hyper_embedding=32)
    network = SketchRNN(config)
    names = {ours: f"weights/{tensor_name(ours, config)}" for ours in network.state_dict()}
    assert set(names.values()) == {name for name in theirs if name.startswith("weights/")}
    network.load_state_dict({ours: torch.from_numpy(theirs[name]) for ours, name in names.items()})
    network.to(dtype).set_product_dtype(dtype)
    return Case(network, theirs, dtype)


def relative_error(ours: Tensor, theirs: NDArray[np.float32]) -> float:
    """Largest difference, over the largest magnitude of the item."""
    expected = np.asarray(theirs, dtype=np.float64)
    return float(np.abs(ours.double().numpy() - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_outputs_and_losses_equal_magentas(shared: Path, cell: str, dtype: torch.dtype) -> None:
    case = load(shared, cell, dtype)
    errors = {name: relative_error(ours, case.theirs[name]) for name, ours in case.compute().items()}
    assert max(errors.values()) < RELATIVE, errors


@pytest.mark.parametrize("cell", CELLS)
def test_one_point_at_a_time_is_the_same_network(shared: Path, cell: str) -> None:
    """Sampling goes through ``step``; it must not differ from what training sees."""
    case = load(shared, cell, torch.float64)
    network, z = case.network, torch.from_numpy(case.theirs["mean"]).double()
    with torch.no_grad():
        whole = network.decode(case.inputs, case.sizes, z)
        static, state = network.decoder.static(z, len(z)), network.initial_state(z, len(z))
        stepped = []
        for x in case.inputs.split(case.sizes[0]):
            raw, state = network.step(x, static, state)
            stepped.append(raw)
    torch.testing.assert_close(torch.cat(stepped), whole, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        (ModelConfig(), 2_186_107),
        (ModelConfig(conditional=False), 1_123_963),
        (ModelConfig(encoder_cell="layer_norm", decoder_cell="layer_norm"), 2_192_251),
        (ModelConfig(decoder_cell="layer_norm", conditional=False), 1_127_035),
        (ModelConfig(encoder_cell="layer_norm", decoder_cell="hyper"), 3_480_699),
    ],
    ids=["lstm", "lstm decoder", "layer norm", "layer norm decoder", "hyper"],
)
def test_trainable_parameters_are_as_many_as_magentas(config: ModelConfig, parameters: int) -> None:
    network = SketchRNN(config)
    assert sum(p.numel() for p in network.parameters() if p.requires_grad) == parameters
