"""What a training run is asked to do; stored whole in the run's state and in the checkpoint it makes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from plotsketch.model.config import ModelConfig

from .augment import Augmentation


@dataclass(frozen=True)
class TrainingSettings:
    """Defaults follow Magenta where they do not concern speed; see each field."""

    model: ModelConfig = field(default_factory=ModelConfig)
    steps: int = 20_000
    batch: int = 100  # drawings of mean length, over all processes
    peak_rate: float = 1e-3
    warmup: int = 200
    schedule: str = "cosine"  # or "magenta": 0.9999 a step
    kl_weight: float = 0.5
    kl_decay: float = 0.99995
    kl_floor: float = 0.2  # nats a dimension below which the KL term is left alone
    keep: float = 0.9  # recurrent dropout: share of the candidate that is kept
    clip: float = 1.0  # each gradient value is cut to this
    augmentation: Augmentation = field(default_factory=Augmentation)
    class_power: float = 1.0
    average: float = 0.999  # decay of the running mean of weights that is evaluated and kept; 0: the weights themselves
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainingSettings:
        model = ModelConfig.from_dict(values["model"])
        return cls(**{**values, "model": model, "augmentation": Augmentation(**values["augmentation"])})
