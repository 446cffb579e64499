"""What all readers share: is the file there, and are its coordinates numbers that can be drawn?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError

LARGEST_COORDINATE = 1e9  # squares of it, and sums of those, are still far from the end of float32


def check_file(path: Path) -> None:
    """Raises UserError when ``path`` is missing, a folder, or may not be looked at."""
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder; name a file of drawings in it")
        if not path.exists():
            raise UserError(f"{path}: no such file")
    except OSError as error:
        raise unreadable(path, error) from error


def read_whole(path: Path, most: int) -> bytes:
    """The bytes of a file. Raises UserError when it is missing, cannot be read, or holds more than ``most``."""
    check_file(path)
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(data) > most:
        raise UserError(f"{path} is larger than {most >> 20} MiB; plotsketch reads smaller files of its kind only")
    return data


def unreadable(path: Path, error: OSError) -> UserError:
    """The error for a file that the system does not hand over."""
    return UserError(f"{path} cannot be read: {error.strerror or error}")


def check_coordinates(points: NDArray[np.float64], where: str) -> None:
    """Raises UserError, naming ``where``, for a NaN, an infinity or a number too large to be a coordinate."""
    if points.size == 0 or np.abs(points).max() <= LARGEST_COORDINATE:
        return
    if not np.isfinite(points).all():
        raise UserError(f"{where}: a coordinate is not a finite number")
    raise UserError(f"{where}: a coordinate is larger than {LARGEST_COORDINATE:,.0f}")
