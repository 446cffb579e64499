"""The files that a film is written to, told apart by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from plotsketch.errors import UserError
from plotsketch.files import check_writable

_NUMBER = re.compile(r"#+")


class Kind(Enum):
    """What is written to an output."""

    GIF = "gif"
    APNG = "apng"
    FRAMES = "frames"  # a numbered file each, .svg or .png
    FLIPBOOK = "flipbook"  # sheets of paper, .svg or .png


def kind_of(path: Path, *, apng: bool = False, flipbook: bool = False) -> Kind:
    """``apng`` and ``flipbook`` say what a .png (and a .svg) without a number is. Raises UserError."""
    suffix = path.suffix.lower()
    if not suffix or (_NUMBER.search(path.name) and suffix in (".svg", ".png") and not flipbook):
        return Kind.FRAMES
    if suffix == ".gif":
        return Kind.GIF
    if suffix == ".apng" or (suffix == ".png" and apng):
        return Kind.APNG
    if suffix in (".svg", ".png"):
        if flipbook:
            return Kind.FLIPBOOK
        film = "--apng for a film" if suffix == ".png" else f"a name like {path.stem}-####.svg for a file a frame"
        raise UserError(f"{path} would be one picture of a film; add {film}, or --flipbook for sheets to be cut up")
    raise UserError(
        f"no film format for {path}; end the name in .gif, .apng, .svg or .png, or name a folder for frames"
    )


def numbered(path: Path, count: int) -> list[Path]:
    """``count`` names, from 1: the number takes the place of ``####`` in the name, as many digits or more.

    A name without a suffix is a folder, for 0001.svg and so on. One without ``#`` is the one name of a single file,
    and gets -1, -2 ... before its suffix where there are more.
    """
    if not path.suffix:
        path = path / "####.svg"
    match = _NUMBER.search(path.name)
    if match is None and count == 1:
        return [path]
    if match is None:
        path = path.with_name(f"{path.stem}-{'#' * len(str(count))}{path.suffix}")
        match = _NUMBER.search(path.name)
    assert match is not None
    start, end = match.span()
    return [path.with_name(f"{path.name[:start]}{n:0{end - start}d}{path.name[end:]}") for n in range(1, count + 1)]


def check_files(paths: Iterable[Path]) -> None:
    """Raises UserError for places that cannot be written, before any work; a row of frames is asked by its first."""
    for path in paths:
        check_writable(path)
