"""The checkpoint: a network and all that is known about it, in one safetensors file.

Tensors: ``network.*`` as in the network's state_dict; ``landmarks`` (n, Nz); ``class_means`` and ``class_spreads``
(C, Nz), ``class_axes`` (C, R, Nz). What the rows are called, and everything else, stands in the header (see
``header``). Nothing in the file is ever executed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as format_tensors
from torch import Tensor
from torch.overrides import TorchFunctionMode

from plotsketch.errors import UserError
from plotsketch.files import write_atomically

from .blocks import one_thread
from .config import ModelConfig
from .header import DIGEST_LENGTH, FORMAT, KEY, check_about, damaged, read_head, read_header, read_whole
from .network import SketchRNN

__all__ = ["Checkpoint", "ClassLatent", "load", "read_head", "read_header", "save", "to_bytes"]

LATENT_TABLES = ("landmarks", "class_means", "class_spreads", "class_axes")


@dataclass(frozen=True, eq=False)
class ClassLatent:
    """Where a class of drawings lies in the latent space: mean (Nz,) and standard deviation (Nz,) of its latents.

    ``axes`` (R, Nz) are the principal axes of its drawings' latent means, each as long as their deviation along it: in
    which directions drawings of the class differ, which the deviations of single dimensions do not say. Files from
    before there were any have none.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    axes: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def away(self, normals: NDArray[np.float64]) -> NDArray[np.float64]:
        """(Nz,): how far from the mean a drawing of the class is that standard normal numbers (Nz,) choose."""
        return normals[: len(self.axes)] @ self.axes if len(self.axes) else self.spread * normals


@dataclass(eq=False)
class Checkpoint:
    """A network ready to run, and where it comes from.

    ``scale_factor`` is the length of one model unit in data units (QuickDraw: a drawing's longest side is 255).
    ``digest`` names the file that the checkpoint was loaded from, and is empty before it is saved.
    """

    network: SketchRNN
    scale_factor: float
    name: str
    classes: dict[str, ClassLatent] = field(default_factory=dict)
    landmarks: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    evaluation: dict[str, Any] = field(default_factory=dict)
    licence: str = ""
    description: str = ""
    digest: str = ""

    @property
    def config(self) -> ModelConfig:
        return self.network.config

    def require_latent_space(self, wish: str) -> None:
        """Raises UserError for a decoder-only model; ``wish`` says what it is asked for ("interpolate")."""
        if not self.config.conditional:
            raise UserError(
                f"model '{self.name}' is a decoder alone and has no latent space: it draws at random and cannot "
                f"{wish}; take a model with an encoder ('plotsketch models list')"
            )


def save(checkpoint: Checkpoint, path: Path | str, half: bool = True) -> str:
    """Writes the file, whole or not at all, and returns its digest.

    ``half`` stores weights and latents as float16: half the size, and relative errors of 5e-4. Raises UserError when
    a weight is not finite or does not fit, when the header cannot be written as JSON, or when the disk refuses.
    """
    data = to_bytes(checkpoint, half)
    write_atomically(Path(path), data)
    return _digest(data)


def to_bytes(checkpoint: Checkpoint, half: bool = True) -> bytes:
    """The checkpoint file's content: the same bytes for the same checkpoint."""
    about = _about(checkpoint)
    check_about(about, f"'{checkpoint.name}'")
    tensors = {f"network.{name}": tensor for name, tensor in checkpoint.network.state_dict().items()}
    tensors |= _latent_tables(checkpoint)
    stored = {name: _stored(name, tensor, half) for name, tensor in tensors.items()}
    try:
        text = json.dumps(about, ensure_ascii=False, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise UserError(f"checkpoint '{checkpoint.name}' cannot be saved: its header holds {error}") from error
    return bytes(format_tensors(stored, metadata={KEY: text}))


def load(path: Path | str) -> Checkpoint:
    """Reads a checkpoint, all of it or nothing; the network is on the CPU, float32, in evaluation mode.

    Raises UserError when the file is missing, foreign, damaged, cut short or from a newer plotsketch, when a tensor
    has the wrong shape or a number is not finite.
    """
    path = Path(path)
    head, data = read_whole(path)
    try:
        tensors = parse_tensors(data)
    except (SafetensorError, RuntimeError, ValueError, KeyError, TypeError) as error:
        damaged(path, f"its tensors cannot be read ({error})".replace("\n", " "))
    with one_thread():  # on a busy machine, waking another takes longer than it saves
        tensors = {name: _loaded(name, tensor, path) for name, tensor in tensors.items()}
    tables = {name: tensors.pop(name).numpy() for name in LATENT_TABLES if name in tensors}
    about = head.about
    return Checkpoint(
        network=_network(head.config, tensors, path),
        scale_factor=float(about["scale_factor"]),
        name=about["name"],
        classes=_classes(about["classes"], tables, head.config, path),
        landmarks=_rows("landmarks", about["landmarks"], tables, head.config, path),
        training=about["training"],
        evaluation=about["evaluation"],
        licence=about["licence"],
        description=about["description"],
        digest=_digest(data),
    )


def blank_network(config: ModelConfig) -> SketchRNN:
    """A network whose parameters have shapes and no memory: drawing random weights only to replace them takes longer
    than loading. Fill it with ``load_state_dict(..., assign=True)``."""
    with torch.device("meta"), _NoRandomDraws():
        return SketchRNN(config)


class _NoRandomDraws(TorchFunctionMode):
    """Initialisers leave their tensor alone. Without memory they would do nothing anyway, but the first of them makes
    torch import its operator library in Python, which takes seconds."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if getattr(func, "__module__", None) == "torch.nn.init" or func.__name__ in ("normal_", "uniform_"):
            return args[0] if args else given["tensor"]
        return func(*args, **given)


def assemble(config: ModelConfig, weights: dict[str, Tensor], source: Path | str) -> SketchRNN:
    """A network in evaluation mode from float32 tensors named as in its state_dict. Raises UserError, naming
    ``source``, when one is missing, superfluous or of the wrong shape."""
    network = blank_network(config)
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    for name, shape in expected.items():
        if name not in weights:
            damaged(source, f"weights '{name}' are missing")
        if tuple(weights[name].shape) != shape:
            damaged(source, f"weights '{name}' have shape {tuple(weights[name].shape)} and should have {shape}")
    for name in weights.keys() - expected.keys():
        damaged(source, f"the network has no weights '{name}'")
    network.load_state_dict(weights, assign=True)
    return network.eval()


def _about(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": checkpoint.name,
        "config": checkpoint.config.to_dict(),
        "scale_factor": float(checkpoint.scale_factor),
        "classes": list(checkpoint.classes),
        "landmarks": list(checkpoint.landmarks),
        "training": checkpoint.training,
        "evaluation": checkpoint.evaluation,
        "licence": checkpoint.licence,
        "description": checkpoint.description,
    }


def _latent_tables(checkpoint: Checkpoint) -> dict[str, Tensor]:
    classes = checkpoint.classes.values()
    tables = {
        "landmarks": list(checkpoint.landmarks.values()),
        "class_means": [latent.mean for latent in classes],
        "class_spreads": [latent.spread for latent in classes],
    }
    size = checkpoint.config.latent_size
    if any(np.shape(row) != (size,) for rows in tables.values() for row in rows):
        raise ValueError(f"a landmark or class latent is not of shape ({size},)")
    axes = [latent.axes for latent in classes]
    if len({np.shape(rows) for rows in axes}) > 1 or any(len(rows) and np.shape(rows)[1:] != (size,) for rows in axes):
        raise ValueError(f"classes have axes of unlike shapes, or not of shape (R, {size})")
    if any(len(rows) for rows in axes):
        tables["class_axes"] = axes
    return {name: torch.from_numpy(np.array(rows, dtype=np.float32)) for name, rows in tables.items() if rows}


def _stored(name: str, tensor: Tensor, half: bool) -> Tensor:
    tensor = tensor.detach().to("cpu", torch.float16 if half else torch.float32).contiguous()
    if not torch.isfinite(tensor).all():
        reason = " or does not fit half precision" if half else ""
        raise UserError(f"nothing saved: a number in '{name}' is not finite{reason}; the training has gone wrong")
    return tensor


def _loaded(name: str, tensor: Tensor, path: Path) -> Tensor:
    if tensor.dtype not in (torch.float16, torch.float32):
        damaged(path, f"tensor '{name}' is of type {tensor.dtype}")
    tensor = tensor.to(torch.float32, copy=True)  # copy: what the parser gives may be read-only memory
    if not np.isfinite(tensor.numpy()).all():  # torch takes ten times as long, and longer still for float16
        damaged(path, f"a number in tensor '{name}' is not finite")
    return tensor


def _network(config: ModelConfig, tensors: dict[str, Tensor], path: Path) -> SketchRNN:
    for name in tensors:
        if not name.startswith("network."):
            damaged(path, f"it holds an unknown tensor '{name}'")
    return assemble(config, {name.removeprefix("network."): tensor for name, tensor in tensors.items()}, path)


def _classes(
    names: list[str], tables: dict[str, NDArray[np.float32]], config: ModelConfig, path: Path
) -> dict[str, ClassLatent]:
    means = _rows("class_means", names, tables, config, path)
    spreads = _rows("class_spreads", names, tables, config, path)
    if any((spread < 0).any() for spread in spreads.values()):
        damaged(path, "a class has a negative spread")
    axes = tables.get("class_axes")
    if axes is None:
        return {name: ClassLatent(means[name], spreads[name]) for name in names}
    if axes.ndim != 3 or axes.shape[::2] != (len(names), config.latent_size):
        wanted = f"({len(names)}, R, {config.latent_size})"
        damaged(path, f"table 'class_axes' has shape {axes.shape} and should have {wanted}")
    return {name: ClassLatent(means[name], spreads[name], own) for name, own in zip(names, axes, strict=True)}


def _rows(
    table: str, names: list[str], tables: dict[str, NDArray[np.float32]], config: ModelConfig, path: Path
) -> dict[str, NDArray[np.float32]]:
    width = config.latent_size if config.conditional else 0
    rows = tables.get(table, np.zeros((0, width), np.float32))
    if rows.shape != (len(names), width):
        damaged(path, f"table '{table}' has shape {rows.shape} and should have {(len(names), width)}")
    return dict(zip(names, rows, strict=True))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]
