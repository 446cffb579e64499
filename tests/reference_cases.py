"""A model for tests of references: untrained, and installed."""

from __future__ import annotations

import numpy as np
import torch

from plotsketch.model import catalogue, checkpoint
from plotsketch.model.checkpoint import Checkpoint
from plotsketch.model.config import ModelConfig
from plotsketch.model.network import SketchRNN
from plotsketch.model.sketcher import Sketcher


def tiny() -> Sketcher:
    """An untrained model, saved among the user's own."""
    config = ModelConfig(encoder_size=8, decoder_size=16, latent_size=4, mixtures=2, max_points=60)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = SketchRNN(config).eval()
    made = Checkpoint(network, scale_factor=40.0, name="tiny", landmarks={"dot": np.ones(4, np.float32)})
    path = catalogue.path_for("tiny")
    checkpoint.save(made, path)
    return Sketcher.load(path)
