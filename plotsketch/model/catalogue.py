"""Where checkpoints are kept: those that ship with plotsketch, the user's own folder, or any path."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from plotsketch.config import library_folder
from plotsketch.errors import UserError
from plotsketch.files import package_data

from .header import digest as file_digest
from .header import read_head, read_header

SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Entry:
    """A checkpoint that can be named: ``shipped`` with plotsketch, or the user's own."""

    name: str
    path: Path
    shipped: bool


def user_folder() -> Path:
    """Folder of the user's own checkpoints: ``checkpoints`` in the library that environment or configuration name, else
    in ``$PLOTSKETCH_HOME``, else in the platform's place for data. Raises UserError for a broken configuration."""
    if library := library_folder():
        return library / "checkpoints"
    if home := os.environ.get("PLOTSKETCH_HOME"):
        return Path(home) / "checkpoints"
    return _platform_data() / "plotsketch" / "checkpoints"


def _platform_data() -> Path:
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")


def list_all() -> list[Entry]:
    """The shipped checkpoints, then the user's own, each by name. Files are not opened."""
    return _entries(_shipped_folder(), shipped=True) + _entries(user_folder(), shipped=False)


def find(name_or_path: str | Path) -> Path:
    """The checkpoint file that a name or a path means.

    A path is what ends in ``.safetensors`` or has a folder in it; a name means the user's own checkpoint first, then
    the shipped one. Raises UserError when there is none; near names are listed.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith(SUFFIX) or os.path.basename(text) != text:
        if not os.path.exists(text):
            raise UserError(f"there is no checkpoint file {text}")
        return Path(text)
    by_name = {entry.name: entry.path for entry in list_all()}  # later ones, the user's, win
    if text in by_name:
        return by_name[text]
    raise UserError(f"there is no model '{text}'; {_others(text, list(by_name))}")


def find_digest(name: str, digest: str, beside: Iterable[Path] = ()) -> Path | None:
    """The checkpoint of that name and digest, whatever its file is called: an installed one, or one in a folder of
    ``beside``. None where there is none; files that cannot be read are passed over."""
    near = [path for folder in beside for path in sorted(folder.glob(f"*{SUFFIX}"))]
    for path in [*(entry.path for entry in list_all()), *near]:
        try:
            if read_header(path)["name"] == name and file_digest(path) == digest:
                return path
        except UserError:
            continue
    return None


def knowing(table: str, name: str) -> list[str]:
    """The installed checkpoints that have ``name`` among their ``landmarks`` or ``classes``, as ``table`` says; files
    that cannot be read are passed over."""
    found = []
    for entry in list_all():
        with contextlib.suppress(UserError):
            if name in read_head(entry.path).about.get(table, ()):
                found.append(entry.name)
    return found


def path_for(name: str) -> Path:
    """Where the user's checkpoint of that name is to be kept. Raises UserError for a name that is no file name."""
    if not re.fullmatch(r"[\w-][\w.-]{0,99}", name):
        raise UserError(f"'{name}' cannot name a model: letters, digits, '-', '_' and '.' only, at most 100")
    return user_folder() / f"{name}{SUFFIX}"


def _others(name: str, known: list[str]) -> str:
    from plotsketch.strokes.reference import near_names

    if near := near_names(name, known):
        return f"did you mean {' or '.join(near)}?"
    if known:
        return f"there are {', '.join(sorted(known))}"
    return "none is installed; train one, import one, or name a .safetensors file"


def _shipped_folder() -> Path | None:
    try:
        return package_data("checkpoints")
    except UserError:  # an installation without checkpoints still runs with the user's own
        return None


def _entries(folder: Path | None, shipped: bool) -> list[Entry]:
    if folder is None:
        return []
    try:
        paths = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())
    except OSError as error:
        raise UserError(f"cannot read the folder of models {folder}: {error.strerror or error}") from error
    return [Entry(path.name.removesuffix(SUFFIX), path, shipped) for path in paths]
