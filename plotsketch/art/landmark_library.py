"""The user's own landmarks: drawings kept under a name, in one JSON file beside the user's own checkpoints."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.files import write_atomically
from plotsketch.model import catalogue
from plotsketch.strokes.reference import NameRef, parse_reference

from .plan import Hand
from .provenance import PROGRAM, text_digest

FORMAT = 1  # raised when an older plotsketch would misread the file
LARGEST_FILE = 64 << 20  # bytes; a landmark has some 3 KB
LARGEST_STREAM = 1 << 62


@dataclass(frozen=True, eq=False)
class Landmark:
    """A drawing that was kept: ``latent`` (Nz,) of the model that ``digest`` names, drawn with ``stream``.

    ``hand`` drew it when it was kept, and draws it again for another model to read. ``origin`` says where it came
    from: the reference, and the command of the sheet where it was a cell.
    """

    latent: NDArray[np.float32]
    stream: int
    model: str
    digest: str
    hand: Hand = field(default_factory=Hand)
    origin: str = ""

    @property
    def identity(self) -> str:
        return text_digest([self.digest, self.latent.tolist(), self.stream])

    def to_dict(self) -> dict[str, Any]:
        return {
            "latent": self.latent.tolist(),
            "stream": self.stream,
            "model": self.model,
            "digest": self.digest,
            "origin": self.origin,
            **asdict(self.hand),
        }


def library_file() -> Path:
    return catalogue.user_folder().parent / "landmarks.json"


def read_library() -> dict[str, Landmark]:
    """All kept landmarks by name; none where the file is missing.

    Raises UserError for a file that cannot be read, is damaged, or was written by a newer plotsketch: it is never
    overwritten then.
    """
    path = library_file()
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"your landmarks in {path} cannot be read: {error.strerror or error}") from error
    try:
        values = json.loads(data)
        newer = values["format"] > FORMAT
        landmarks = {} if newer else {_checked(name): _landmark(at) for name, at in values["landmarks"].items()}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError, UserError) as error:
        raise UserError(
            f"your landmarks in {path} are damaged; mend the file or move it away (it was left as it is)"
        ) from error
    if newer:
        raise UserError(f"your landmarks in {path} were kept by a newer plotsketch; update this one")
    return landmarks


def keep(name: str, landmark: Landmark, *, force: bool = False) -> None:
    """Adds a landmark to the library; ``force`` replaces one of that name. Raises UserError."""
    _write(check_free(name, force=force) | {name: landmark})


def check_free(name: str, *, force: bool = False) -> dict[str, Landmark]:
    """The library as it is. Raises UserError for a name that could not be a reference, or that is taken (unless
    ``force``)."""
    check_name(name)
    library = read_library()
    if name in library and not force:
        raise UserError(f"you have kept a landmark '{name}' already; take another name, or replace it with --force")
    return library


def forget(name: str) -> None:
    """Takes a landmark out of the library. Raises UserError where there is none."""
    library = read_library()
    if name not in library:
        raise UserError(f"you have kept no landmark '{name}'; {_kept(list(library))}")
    _write({other: landmark for other, landmark in library.items() if other != name})


def check_name(name: str) -> None:
    """Raises UserError for a name that could not be used as a reference."""
    if not re.fullmatch(r"\w[\w +.-]{0,59}", name) or name != name.strip() or parse_reference(name) != NameRef(name):
        raise UserError(
            f"{name!r} cannot name a landmark: letters, digits, blanks, '-', '+' and '_' only, at most 60, and nothing "
            "that reads as a file"
        )


def _kept(names: list[str]) -> str:
    return f"you have {', '.join(sorted(names))}" if names else "you have none"


def _checked(name: str) -> str:
    check_name(name)
    return name


def _landmark(entry: dict[str, Any]) -> Landmark:
    """Raises one of Python's errors for an entry that ``to_dict`` has not written."""
    latent = np.array(entry["latent"], dtype=np.float32)
    texts = [entry["model"], entry["digest"], entry["origin"]]
    stream, temperature, seed, best_of = (entry[key] for key in ("stream", "temperature", "seed", "best_of"))
    whole = all(type(number) is int and 0 <= number < LARGEST_STREAM for number in (stream, seed, best_of))
    if latent.ndim != 1 or not latent.size or not np.isfinite(latent).all() or not whole:
        raise ValueError("numbers")
    if not all(isinstance(text, str) for text in texts) or not math.isfinite(temperature):
        raise ValueError("texts")
    return Landmark(latent, stream, texts[0], texts[1], Hand(float(temperature), seed, best_of), texts[2])


def _write(library: dict[str, Landmark]) -> None:
    landmarks = {name: landmark.to_dict() for name, landmark in library.items()}
    text = json.dumps({"program": PROGRAM, "format": FORMAT, "landmarks": landmarks}, indent=1, ensure_ascii=False)
    write_atomically(library_file(), text.encode())
