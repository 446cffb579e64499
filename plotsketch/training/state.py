"""A stopped run on disk: weights, optimizer, running mean and place in the data, in one safetensors file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as format_tensors
from torch import Tensor

from plotsketch.errors import UserError
from plotsketch.files import write_atomically

from .trainer import Trainer

KEY = "plotsketch-run"
FORMAT = 1


def save_state(trainer: Trainer, about: dict[str, Any], path: Path) -> None:
    """Writes the whole state, or leaves the old file as it was. ``about`` comes back from ``read_state``."""
    tensors, values = trainer.state()
    text = json.dumps({"format": FORMAT, "values": values, "about": about}, sort_keys=True)
    stored = {name: tensor.detach().to("cpu").contiguous() for name, tensor in tensors.items()}
    write_atomically(path, bytes(format_tensors(stored, metadata={KEY: text})))


def read_state(path: Path) -> tuple[dict[str, Tensor], dict[str, Any], dict[str, Any]]:
    """(tensors, values, about) of a stopped run. Raises UserError when the file is not one, or is damaged."""
    try:
        data = path.read_bytes()
        tensors = parse_tensors(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        stored = json.loads(header["__metadata__"][KEY])
    except OSError as error:
        raise UserError(f"{path}: cannot read the run's state ({error.strerror or error})") from error
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a run's state, or cut short; start the run anew in another folder") from error
    if stored["format"] != FORMAT:
        raise UserError(f"{path}: a run's state of format {stored['format']}; this version reads format {FORMAT}")
    return tensors, stored["values"], stored["about"]
