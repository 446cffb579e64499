"""sketch-rnn-js models: JSON of [info, shapes, weights], the weights as 16-bit whole numbers.

A decoder-only model ("gen", mode 2) has 5 arrays, a full one ("vae", mode 0 or 1) 17, in the order in which
TensorFlow made them. The published files hold each array as base64 of little-endian int16; their uncompressed
variant (``*.full.json``) as a plain list.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.model.checkpoint import Checkpoint, assemble
from plotsketch.model.config import ModelConfig
from plotsketch.model.header import LARGEST_SIZE

LARGEST_WEIGHT = 10.0  # weights were clamped to it, then stored as fractions of it
STEPS = 32767
PIXEL_FACTOR = 2.0  # the players draw at half the scale factor of their files
FIRST_UNCLIPPED_VERSION = 6
LONGEST_FILE = 1 << 30

GENERATOR = ("head.weight", "head.bias", "decoder.weight_x", "decoder.weight_h", "decoder.bias")
AUTOENCODER = (
    *(f"encoder.{side}.{name}" for side in ("forwards", "backwards") for name in ("weight_x", "weight_h", "bias")),
    "encoder.mu.weight", "encoder.mu.bias", "encoder.presig.weight", "encoder.presig.bias",
    "initial.weight", "initial.bias",
    *GENERATOR,
)  # fmt: skip
MODES = {2: GENERATOR, "gen": GENERATOR, 0: AUTOENCODER, 1: AUTOENCODER, "vae": AUTOENCODER}


def read(path: Path, scale_factor: float | None, pixel_factor: float | None, name: str | None) -> Checkpoint:
    """The model in the JSON file at ``path``. Arguments and errors as in ``import_model``."""
    data = _bytes(path)
    info, shapes, blobs = _parts(data, path)
    names = _names(info, shapes, blobs, path)
    arrays = {key: _array(key, shape, blob, path) for key, shape, blob in zip(names, shapes, blobs, strict=True)}
    config = _config(arrays, _whole(info, "max_seq_len", path), path)
    title = _title(info, path)
    weights = {key: torch.from_numpy(array) for key, array in arrays.items()}
    return Checkpoint(
        network=assemble(config, weights, path),
        scale_factor=_scale_factor(info, scale_factor, pixel_factor, path),
        name=name or title,
        training=_provenance(info, title, path, data),
        licence="none stated by the publisher of the weights; they are not ours to license",
        description=f"Imported from {path.name}, a sketch-rnn-js model of '{title}'.",
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(LONGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if data[:4] == b"PK\x03\x04":
        raise UserError(f"{path} is a zip archive; unpack it and import the model inside")
    if not data.lstrip()[:1] == b"[" or len(data) > LONGEST_FILE:
        raise UserError(
            f"{path} is neither a sketch-rnn-js model (a JSON list) nor a TensorFlow checkpoint (name its folder or "
            ".index file)"
        )
    return data


def _parts(data: bytes, path: Path) -> tuple[dict[str, Any], list[Any], list[Any]]:
    try:
        parts = json.loads(data)
    except (ValueError, RecursionError) as error:
        _broken(path, f"its JSON is broken or cut short ({error})")
    match parts:
        case [dict() as info, list() as shapes, list() as blobs] if len(shapes) == len(blobs):
            return info, shapes, blobs
    _broken(path, "it should hold a list of info, shapes and as many weights")


def _names(info: dict[str, Any], shapes: list[Any], blobs: list[Any], path: Path) -> tuple[str, ...]:
    """What the arrays are, in order; told by the mode, and by their number where the mode is not given."""
    by_count = {len(names): names for names in (GENERATOR, AUTOENCODER)}
    mode = info.get("mode", len(blobs))
    names = by_count.get(mode) if "mode" not in info else MODES.get(mode) if isinstance(mode, int | str) else None
    if names is None:
        _broken(path, f"its mode is {mode!r}; known are gen (2) and vae (0, 1)")
    if len(blobs) != len(names):
        _broken(path, f"it holds {len(blobs)} arrays and its mode {mode!r} has {len(names)}")
    version = info.get("version", 0)
    if names is AUTOENCODER and not (isinstance(version, int | float) and version >= FIRST_UNCLIPPED_VERSION):
        raise UserError(
            f"{path}: full models before version {FIRST_UNCLIPPED_VERSION} (this is {version!r}) squeeze the latent "
            "vector through tanh before the decoder's first state, which plotsketch does not do; it would draw "
            "something else"
        )
    return names


def _array(name: str, shape: Any, blob: Any, path: Path) -> NDArray[np.float32]:
    """One weight array (float32), from base64 or a list, of the stated shape."""
    sizes = shape if isinstance(shape, list) else []
    if not sizes or not all(type(size) is int and 0 < size <= LARGEST_SIZE for size in sizes):
        _broken(path, f"the shape of '{name}' is {shape!r}"[:200])
    steps = _from_base64(name, blob, path) if isinstance(blob, str) else _from_list(name, blob, path)
    if steps.size != math.prod(sizes):
        _broken(path, f"'{name}' has {steps.size:,} numbers and its shape {shape} needs {math.prod(sizes):,}"[:200])
    return (steps.reshape(sizes) * (LARGEST_WEIGHT / STEPS)).astype(np.float32)


def _from_base64(name: str, text: str, path: Path) -> NDArray[np.float64]:
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype="<i2").astype(np.float64)
    except ValueError as error:  # not base64, or an odd number of bytes
        _broken(path, f"the numbers of '{name}' cannot be read ({error})")


def _from_list(name: str, numbers: Any, path: Path) -> NDArray[np.float64]:
    if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
        _broken(path, f"'{name}' is neither base64 text nor a flat list of whole numbers")
    if any(abs(number) > STEPS + 1 for number in numbers):
        _broken(path, f"a number of '{name}' does not fit 16 bits")
    return np.array(numbers, dtype=np.float64)


def _config(arrays: dict[str, NDArray[np.float32]], max_points: int, path: Path) -> ModelConfig:
    """Sizes as the arrays have them; that they agree with one another is checked when the network is put together."""
    if arrays["head.weight"].ndim != 2 or (arrays["head.weight"].shape[1] - 3) % 6:
        _broken(path, f"its output layer has shape {arrays['head.weight'].shape}; 3 + 6 x mixtures columns expected")
    sizes: dict[str, Any] = {
        "decoder_size": arrays["decoder.weight_h"].shape[0],
        "mixtures": (arrays["head.weight"].shape[1] - 3) // 6,
        "max_points": max_points,
        "conditional": "initial.weight" in arrays,
    }
    if sizes["conditional"]:
        sizes["encoder_size"] = arrays["encoder.forwards.weight_h"].shape[0]
        sizes["latent_size"] = arrays["initial.weight"].shape[0]
    return ModelConfig(**sizes)


def _scale_factor(info: dict[str, Any], given: float | None, pixel_factor: float | None, path: Path) -> float:
    if given is not None:
        return given
    stated = info.get("scale_factor")
    if not isinstance(stated, int | float) or isinstance(stated, bool) or not 0 < stated < float("inf"):
        _broken(path, f"its scale factor is {stated!r}; give one with --scale-factor")
    factor = PIXEL_FACTOR if pixel_factor is None else pixel_factor
    if not 0 < factor < float("inf"):
        raise UserError(f"the pixel factor is {factor}; it must be a number above 0")
    return float(stated) / factor


def _whole(info: dict[str, Any], key: str, path: Path) -> int:
    value = info.get(key)
    if type(value) is not int or not 0 < value <= LARGEST_SIZE:
        _broken(path, f"'{key}' is {value!r}"[:200])
    return value


def _title(info: dict[str, Any], path: Path) -> str:
    title = info.get("name")
    return title if isinstance(title, str) and title else path.name.split(".")[0]


def _provenance(info: dict[str, Any], title: str, path: Path, data: bytes) -> dict[str, Any]:
    told = {key: info[key] for key in ("version", "training_size", "r_loss", "kl_loss")
            if isinstance(info.get(key), int | float) and math.isfinite(info[key])}  # fmt: skip
    return {
        "imported_from": path.name,
        "format": "sketch-rnn-js",
        "sha256": hashlib.sha256(data).hexdigest(),
        "drawings_of": [title],
        **told,
    }


def _broken(path: Path, what: str) -> NoReturn:
    raise UserError(f"{path} is not a readable sketch-rnn-js model: {what}")
