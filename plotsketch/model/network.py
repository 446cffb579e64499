"""sketch-rnn: a variational autoencoder whose encoder and decoder read and write pen strokes (Ha and Eck 2017)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .config import ModelConfig
from .hyper import HyperLSTM
from .layer_norm import LayerNormLSTM
from .packing import final_rows, reversal
from .recurrent import LSTM, glorot_uniform

POINT = 5  # a stroke-5 row: dx, dy, draw, lift, end
START_ROW = (0.0, 0.0, 1.0, 0.0, 0.0)

Cell = LSTM | LayerNormLSTM | HyperLSTM


def make_cell(kind: str, config: ModelConfig, hidden_size: int, static_size: int = 0) -> Cell:
    if kind == "hyper":
        return HyperLSTM(POINT, hidden_size, static_size, config.hyper_size, config.hyper_embedding)
    if kind == "layer_norm":
        return LayerNormLSTM(POINT, hidden_size, static_size)
    return LSTM(POINT, hidden_size, static_size)


class Affine(nn.Module):
    """x W + b with W laid (in, out), as the public weights are."""

    def __init__(self, inputs: int, outputs: int, std: float | None = None) -> None:
        super().__init__()
        self.std = std
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Glorot, or normal with the given deviation (Magenta: 0.001 around the latent)."""
        if self.std is None:
            glorot_uniform(self.weight)
        else:
            nn.init.normal_(self.weight, std=self.std)
        self.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        return torch.addmm(self.bias, x, self.weight)


class Encoder(nn.Module):
    """Bidirectional: the last outputs of both readings, joined, give the latent's mean and log variance."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.forwards = make_cell(config.encoder_cell, config, config.encoder_size)
        self.backwards = make_cell(config.encoder_cell, config, config.encoder_size)
        self.mu = Affine(2 * config.encoder_size, config.latent_size, std=0.001)
        self.presig = Affine(2 * config.encoder_size, config.latent_size, std=0.001)

    def forward(
        self, rows: Tensor, sizes: list[int], keep: float = 1.0, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """rows (N, 5) without start and end rows -> mu, presig (B, Nz); sigma = exp(presig / 2)."""
        backwards = rows[torch.from_numpy(reversal(sizes)).to(rows.device)]
        last = torch.from_numpy(final_rows(sizes)).to(rows.device)
        both = []
        for cell, reading in ((self.forwards, rows), (self.backwards, backwards)):
            outputs, _ = cell(reading, sizes, cell.static(None, sizes[0]), None, keep, generator)
            both.append(outputs[last])
        joined = torch.cat(both, dim=1)
        return self.mu(joined), self.presig(joined)


class SketchRNN(nn.Module):
    """Encoder (none in a decoder-only model), the latent's way into the decoder's first state, decoder and head."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        latent = config.latent_size if config.conditional else 0
        self.encoder = Encoder(config) if config.conditional else None
        self.decoder = make_cell(config.decoder_cell, config, config.decoder_size, latent)
        self.initial = Affine(latent, self.decoder.state_size, std=0.001) if config.conditional else None
        self.head = Affine(config.decoder_size, config.head_size)

    def set_product_dtype(self, dtype: torch.dtype) -> None:
        """Type in which the recurrent products run (bfloat16 where the processor has it); sums stay float32."""
        for module in self.modules():
            if isinstance(module, LSTM | LayerNormLSTM | HyperLSTM):
                module.product_dtype = dtype

    def encode(self, rows: Tensor, sizes: list[int]) -> tuple[Tensor, Tensor]:
        """Packed stroke-5 rows (N, 5) without start and end rows -> mu, presig (B, Nz)."""
        if self.encoder is None:
            raise ValueError("a decoder-only model has no encoder")
        mu, presig = self.encoder(rows, sizes)
        return mu, presig

    def initial_state(self, z: Tensor | None, batch: int) -> Tensor:
        """tanh(W z + b), or zeros for a decoder-only model: (B, S)."""
        if self.initial is None or z is None:
            return self.head.weight.new_zeros(batch, self.decoder.state_size)
        return torch.tanh(self.initial(z))

    def decode(
        self,
        rows: Tensor,
        sizes: list[int],
        z: Tensor | None,
        keep: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Head outputs (N, 3 + 6M) for packed inputs (N, 5) that begin with the start row, given z (B, Nz)."""
        static = self.decoder.static(z, sizes[0])
        state = self.initial_state(z, sizes[0])
        outputs, _ = self.decoder(rows, sizes, static, state, keep, generator)
        return self.head(outputs)

    def step(self, x: Tensor, static: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One point for n rows: x (n, 5), static (n, K), state (n, S) -> head outputs (n, 3 + 6M), state."""
        h, state = self.decoder.step(x, static, state)
        return self.head(h), state
