"""Magenta's TensorFlow checkpoints of sketch-rnn, for all three cells.

The network's sizes and cells are read from the weights themselves: ``model_config.json`` may be absent, or a bare
list of names as some versions of Magenta wrote it. Where it is complete it must agree with the weights.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch

from plotsketch.errors import UserError
from plotsketch.model.checkpoint import Checkpoint, assemble, blank_network
from plotsketch.model.config import ModelConfig
from plotsketch.model.header import LARGEST_SIZE

from .tensor_bundle import Bundle

SCOPE = "vector_rnn/"
CELLS = {"LSTMCell": "lstm", "LayerNormLSTMCell": "layer_norm", "HyperLSTMCell": "hyper"}
CELL_NAMES = {cell: name for name, cell in CELLS.items()}
PLACES = {"encoder.mu": "ENC_RNN_mu", "encoder.presig": "ENC_RNN_sigma", "initial": "linear"}
LEAVES = {"weight_x": "W_xh", "weight_h": "W_hh", "bias": "bias", "gamma": "ln_gamma", "beta": "ln_beta"}
HEAD = {"head.weight": "RNN/output_w", "head.bias": "RNN/output_b"}
BOOLEANS = ("use_recurrent_dropout", "use_input_dropout", "use_output_dropout", "conditional", "is_training")
SETTINGS = {  # of model_config.json: ours
    "enc_model": "encoder_cell", "enc_rnn_size": "encoder_size", "dec_model": "decoder_cell",
    "dec_rnn_size": "decoder_size", "z_size": "latent_size", "num_mixture": "mixtures", "conditional": "conditional",
}  # fmt: skip
DECODER_ONLY_SETTINGS = ("dec_model", "dec_rnn_size", "num_mixture", "conditional")


def find_prefix(path: Path) -> Path | None:
    """What a TensorFlow checkpoint's files begin with, from its folder or any of its files; None for other files."""
    if path.is_dir():
        return _prefix_in(path)
    if path.name == "checkpoint":
        return _prefix_in(path.parent)
    stem = re.sub(r"\.(index|meta|data-\d{5}-of-\d{5})$", "", path.name)
    if stem and (stem != path.name or path.with_name(path.name + ".index").is_file()):
        return path.with_name(stem)
    return None


def _prefix_in(folder: Path) -> Path:
    """The checkpoint that the folder's file ``checkpoint`` calls the latest, else the one of the highest step."""
    try:
        steps = {path.name.removesuffix(".index"): path for path in sorted(folder.glob("*.index"))}
        named = folder / "checkpoint"
        text = named.read_text(errors="replace") if named.is_file() else ""
    except OSError as error:
        raise UserError(f"cannot read {folder}: {error.strerror or error}") from error
    if not steps:
        raise UserError(f"there is no TensorFlow checkpoint (a .index file) in the folder {folder}")
    latest = re.search(r'^model_checkpoint_path:\s*"(?:[^"]*[/\\])?([^"/\\]+)"', text, re.MULTILINE)
    if latest and latest[1] in steps:
        return folder / latest[1]
    return folder / max(steps, key=_step_in_name)


def _step_in_name(name: str) -> tuple[int, str]:
    digits = re.search(r"-([0-9]{1,18})$", name)
    return (int(digits[1]) if digits else -1, name)


def read(prefix: Path, scale_factor: float | None, name: str | None) -> Checkpoint:
    """The model in the checkpoint files ``prefix.*``. Arguments and errors as in ``import_model``."""
    if scale_factor is None:
        raise UserError(
            f"{prefix}: a TensorFlow checkpoint does not hold the scale factor of its training data; give it with "
            "--scale-factor (the standard deviation of all dx and dy of the training split, which training printed)"
        )
    bundle = Bundle(prefix)
    settings = _settings(prefix.with_name("model_config.json"))
    config = _config(bundle, settings)
    _check_agreement(config, settings, prefix)
    drawings = _data_sets(settings)
    return Checkpoint(
        network=assemble(config, _weights(bundle, config), prefix),
        scale_factor=scale_factor,
        name=name or (drawings[0] if drawings else prefix.absolute().parent.name or prefix.name),
        training=_provenance(bundle, settings, drawings),
        licence="none stated in the checkpoint; that of its training data and its author holds",
        description=f"Imported from the TensorFlow checkpoint {prefix.name}.",
    )


def tensor_name(ours: str, config: ModelConfig) -> str:
    """Magenta's name for the weights that our state_dict calls ``ours``."""
    if ours in HEAD:
        return SCOPE + HEAD[ours]
    encoder, decoder = CELL_NAMES[config.encoder_cell], CELL_NAMES[config.decoder_cell]
    cells = {
        "encoder.forwards": f"ENC_RNN/fw/{encoder}",
        "encoder.backwards": f"ENC_RNN/bw/{encoder}",
        "decoder": f"RNN/{decoder}",
    }
    place = next(place for place in (*cells, *PLACES) if ours.startswith(place + "."))
    *inner, leaf = ours.removeprefix(place + ".").split(".")
    inner = ["LayerNormLSTMCell" if part == "hyper_cell" else part for part in inner]
    linear = place in PLACES or (inner and inner[-1] in ("zw", "alpha", "zb", "beta"))
    last = {"weight": "super_linear_w", "bias": "super_linear_b"}[leaf] if linear else LEAVES[leaf]
    return SCOPE + "/".join([{**cells, **PLACES}[place], *inner, last])


def _weights(bundle: Bundle, config: ModelConfig) -> dict[str, torch.Tensor]:
    weights = {}
    for ours in blank_network(config).state_dict():
        theirs = tensor_name(ours, config)
        if theirs not in bundle.entries:
            raise UserError(f"{bundle.prefix} holds no tensor '{theirs}'; it is not a whole sketch-rnn model")
        array = bundle.read(theirs).astype(np.float32)
        if not np.isfinite(array).all():
            raise UserError(f"{bundle.prefix}: a number in tensor '{theirs}' is not finite; its training went wrong")
        weights[ours] = torch.from_numpy(array)
    return weights


def _config(bundle: Bundle, settings: dict[str, Any]) -> ModelConfig:
    """Sizes and cells, from the tensors' names and shapes; only the longest drawing is not among them."""
    decoder = _cell(bundle, "RNN/")
    sizes: dict[str, Any] = {
        "decoder_cell": CELLS[decoder],
        "decoder_size": _size(bundle, f"RNN/{decoder}/W_hh", 0),
        "mixtures": (_size(bundle, "RNN/output_w", 1) - 3) // 6,
        "conditional": f"{SCOPE}linear/super_linear_w" in bundle.entries,
    }
    hyper = [f"RNN/{decoder}"] if decoder == "HyperLSTMCell" else []
    if sizes["conditional"]:
        encoder = _cell(bundle, "ENC_RNN/fw/")
        sizes["encoder_cell"] = CELLS[encoder]
        sizes["encoder_size"] = _size(bundle, f"ENC_RNN/fw/{encoder}/W_hh", 0)
        sizes["latent_size"] = _size(bundle, "linear/super_linear_w", 0)
        hyper += [f"ENC_RNN/fw/{encoder}"] if encoder == "HyperLSTMCell" else []
    if hyper:
        sizes["hyper_size"] = _size(bundle, f"{hyper[0]}/LayerNormLSTMCell/W_hh", 0)
        sizes["hyper_embedding"] = _size(bundle, f"{hyper[0]}/hyper_ix/zw/super_linear_w", 1)
    longest = settings.get("max_seq_len")
    if isinstance(longest, int) and 0 < longest <= LARGEST_SIZE:
        sizes["max_points"] = longest
    return ModelConfig(**sizes)


def _cell(bundle: Bundle, place: str) -> str:
    for cell in CELLS:
        if f"{SCOPE}{place}{cell}/W_hh" in bundle.entries:
            return cell
    raise UserError(f"{bundle.prefix} is not a sketch-rnn model: it holds no '{SCOPE}{place}...Cell/W_hh'")


def _size(bundle: Bundle, name: str, axis: int) -> int:
    entry = bundle.entries.get(SCOPE + name)
    if entry is None or len(entry.shape) != 2 or not 0 < entry.shape[axis] <= LARGEST_SIZE:
        raise UserError(f"{bundle.prefix} is not a sketch-rnn model: its '{SCOPE}{name}' is missing or misshapen")
    return entry.shape[axis]


def _settings(path: Path) -> dict[str, Any]:
    """model_config.json, its 0 and 1 turned into booleans where they are meant so; empty when it is absent or a list.

    Raises UserError when it is there and unreadable.
    """
    try:
        if not path.is_file():
            return {}
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read ({error}); mend or remove it") from error
    if not isinstance(values, dict):
        return {}
    return {key: bool(value) if key in BOOLEANS and value in (0, 1) else value for key, value in values.items()}


def _check_agreement(config: ModelConfig, settings: dict[str, Any], prefix: Path) -> None:
    keys = SETTINGS if config.conditional else DECODER_ONLY_SETTINGS
    for key in keys:
        found = getattr(config, SETTINGS[key])
        if key in settings and settings[key] != found:
            raise UserError(
                f"{prefix}: model_config.json says {key} = {settings[key]!r} and the weights have {found!r}; "
                "it belongs to another model"
            )


def _data_sets(settings: dict[str, Any]) -> list[str]:
    """Names of the files that the model was trained on."""
    files = settings.get("data_set")
    files = files if isinstance(files, list) else [files]
    return [Path(file).name.split(".")[0] for file in files if isinstance(file, str) and file]


def _provenance(bundle: Bundle, settings: dict[str, Any], drawings: list[str]) -> dict[str, Any]:
    index = bundle.prefix.with_name(bundle.prefix.name + ".index")
    return {
        "imported_from": bundle.prefix.name,
        "format": "magenta-tensorflow",
        "index_sha256": hashlib.sha256(index.read_bytes()).hexdigest(),  # the index holds each tensor's checksum
        "drawings_of": drawings,
        "settings": settings,
    }
