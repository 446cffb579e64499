"""The checkpoint file's header: all that is said about a model, readable without its weights and without torch.

A checkpoint is a safetensors file: 8 bytes with the length of a JSON header, the header (each tensor's type, shape
and place, and a ``__metadata__`` of strings), then the tensors' bytes. Ours keeps one metadata entry,
``plotsketch``, itself JSON.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from plotsketch.errors import UserError

from .config import ModelConfig

FORMAT = 2  # raised when an older plotsketch could not read, or would misread, the file
KEY = "plotsketch"
DIGEST_LENGTH = 12
LONGEST_HEADER = 100_000_000  # safetensors' own limit
LARGEST_SIZE = 1 << 16  # units of a layer; stops a damaged config before its products overflow

# name: (type, what it must be, in words)
FIELDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "name": (str, "text"),
    "config": (dict, "an object"),
    "scale_factor": ((int, float), "a number"),
    "classes": (list, "a list of names"),
    "landmarks": (list, "a list of names"),
    "training": (dict, "an object"),
    "evaluation": (dict, "an object"),
    "licence": (str, "text"),
    "description": (str, "text"),
}


@dataclass(frozen=True)
class FileHead:
    """The header of one checkpoint file, checked.

    ``about`` is our own metadata; ``shapes`` has the shape of each tensor; ``length`` is the size in bytes that
    the whole file must have.
    """

    about: dict[str, Any]
    config: ModelConfig
    shapes: dict[str, tuple[int, ...]]
    length: int

    @property
    def parameters(self) -> int:
        """Numbers that the network was trained to."""
        return sum(math.prod(shape) for name, shape in self.shapes.items() if name.startswith("network."))


def read_header(path: Path | str) -> dict[str, Any]:
    """The metadata of the checkpoint at ``path``: format, name, config, scale_factor, classes, landmarks, training,
    evaluation, licence, description. Weights are not read. Raises UserError as ``read_head`` does."""
    return read_head(path).about


def read_head(path: Path | str) -> FileHead:
    """Reads and checks a checkpoint's header.

    Raises UserError when the file is missing, is no checkpoint of ours, is cut short, or comes from a newer
    plotsketch.
    """
    with open_checkpoint(Path(path)) as stream:
        return parse_head(stream, Path(path))


def read_whole(path: Path) -> tuple[FileHead, bytes]:
    """Header, checked, and all bytes of the file. A foreign file is refused before the rest of it is read."""
    with open_checkpoint(path) as stream:
        head = parse_head(stream, path)
        stream.seek(0)
        return head, _read(stream, -1, path)


def digest(path: Path | str) -> str:
    """What a recipe calls the checkpoint by: the first 12 hexadecimal digits of the file's SHA-256."""
    try:
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:DIGEST_LENGTH]
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error


def open_checkpoint(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder, not a checkpoint; name a .safetensors file")
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise UserError(f"cannot read checkpoint {path}: {getattr(error, 'strerror', None) or error}") from error


def parse_head(stream: BinaryIO, path: Path) -> FileHead:
    size = stream.seek(0, 2)
    stream.seek(0)
    start = _read(stream, 8, path)
    if len(start) < 8:
        foreign(path, "it is too short")
    (length,) = struct.unpack("<Q", start)
    if length > LONGEST_HEADER:  # a pickle's or a zip's first bytes are a far larger number
        foreign(path, "it is no safetensors file")
    if length > size - 8:
        foreign(path, "its header is cut short or it is no safetensors file")
    entries = _json_object(_read(stream, length, path), path)
    metadata = entries.pop("__metadata__", None)
    if not isinstance(metadata, dict) or not isinstance(metadata.get(KEY), str):
        foreign(path, "the safetensors file says nothing of plotsketch")
    about = _json_object(metadata[KEY], path)
    config = check_about(about, path)
    shapes, end = _tensor_table(entries, path)
    if size != 8 + length + end:
        damaged(path, f"it has {size:,} bytes and should have {8 + length + end:,}")
    return FileHead(about, config, shapes, size)


def check_about(about: dict[str, Any], path: Path | str) -> ModelConfig:
    """Checks our metadata field by field; gives the network's config."""
    number = about.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        damaged(path, "its format number is missing")
    if number > FORMAT:
        raise UserError(
            f"{path} is a checkpoint of format {number}, from a newer plotsketch (this one reads up to {FORMAT}); "
            "update plotsketch"
        )
    for name, (kind, words) in FIELDS.items():
        if not isinstance(about.get(name), kind) or isinstance(about[name], bool):
            damaged(path, f"'{name}' in its header is not {words}")
    if not (math.isfinite(about["scale_factor"]) and about["scale_factor"] > 0):
        damaged(path, f"its scale factor is {about['scale_factor']}")
    for name in ("classes", "landmarks"):
        names = about[name]
        if not all(isinstance(item, str) and item for item in names) or len(set(names)) != len(names):
            damaged(path, f"'{name}' in its header are not names, each once")
    return _config(about["config"], path)


def _config(values: dict[str, Any], path: Path | str) -> ModelConfig:
    try:
        config = ModelConfig.from_dict(values)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    if not isinstance(config.conditional, bool):
        damaged(path, f"'conditional' in its config is {config.conditional!r}")
    for name, value in config.to_dict().items():
        if isinstance(value, int) and value > LARGEST_SIZE:
            damaged(path, f"'{name}' in its config is {value:,}")
    return config


def _tensor_table(entries: dict[str, Any], path: Path) -> tuple[dict[str, tuple[int, ...]], int]:
    """Shapes by name, and where the last tensor ends."""
    shapes: dict[str, tuple[int, ...]] = {}
    end = 0
    for name, entry in entries.items():
        try:
            shapes[name] = tuple(_size(number) for number in entry["shape"])
            end = max(end, _size(entry["data_offsets"][1]))
        except (TypeError, KeyError, IndexError, ValueError):
            damaged(path, f"the entry of tensor '{name}' is malformed")
    return shapes, end


def _size(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 1 << 48:
        raise ValueError(number)
    return number


def _json_object(text: str | bytes, path: Path) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # broken JSON, broken UTF-8, NaN, nesting without end
        value = None
    if not isinstance(value, dict):
        foreign(path, "its header is not readable")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} in JSON")


def _read(stream: BinaryIO, count: int, path: Path) -> bytes:
    try:
        return stream.read(count)
    except OSError as error:
        raise UserError(f"cannot read checkpoint {path}: {error.strerror or error}") from error


def damaged(path: Path | str, what: str) -> NoReturn:
    raise UserError(f"checkpoint {path} is damaged: {what}; get or make it again")


def foreign(path: Path | str, what: str) -> NoReturn:
    raise UserError(
        f"{path} is not a plotsketch checkpoint, or a damaged one: {what} "
        "(public sketch-rnn weights are converted by 'plotsketch models import')"
    )
