"""What a sketch-rnn is made of: the sizes and cells that its weights depend on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from plotsketch.errors import UserError

CELLS = ("lstm", "layer_norm", "hyper")


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of one network; the defaults are Magenta's (2,186,107 parameters).

    The paper's own model is ``ModelConfig(encoder_size=512, decoder_cell="hyper", decoder_size=2048)``
    (Ha and Eck 2017, section 4).
    """

    encoder_cell: str = "lstm"
    encoder_size: int = 256  # units of each of the two directions
    decoder_cell: str = "lstm"
    decoder_size: int = 512
    latent_size: int = 128
    mixtures: int = 20
    conditional: bool = True  # False: a decoder alone, without a latent space
    hyper_size: int = 256  # the small inner cell of a HyperLSTM
    hyper_embedding: int = 32
    max_points: int = 250  # longest drawing that the network was trained on

    def __post_init__(self) -> None:
        for name in ("encoder_cell", "decoder_cell"):
            if getattr(self, name) not in CELLS:
                raise UserError(f"model config: {name} is {getattr(self, name)!r}; known cells: {', '.join(CELLS)}")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type == "int" and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
                raise UserError(f"model config: {field.name} is {value!r}; it must be a whole number above 0")

    @property
    def head_size(self) -> int:
        """Numbers that the decoder gives for one point: 3 pen logits and 6 for each mixture component."""
        return 3 + 6 * self.mixtures

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Raises UserError for a key that this version does not know."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise UserError(f"model config: unknown keys {', '.join(unknown)}; the file is from a newer plotsketch")
        return cls(**values)
