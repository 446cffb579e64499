"""Presets: a command's options with a name and a sentence, one TOML file each.

A file says what it is (``about``), for which ``command`` (a name or a list; without it any command that has all its
options) and the ``[options]``, by the names that they have on the command line. ``like = "other"`` takes from another
preset what the file leaves out.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from plotsketch.errors import UserError
from plotsketch.files import package_data

KEYS = ("about", "command", "like", "options")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True)
class Preset:
    """``options`` by their names on the command line, without dashes; ``commands`` is empty for any that has them."""

    name: str
    path: Path
    about: str
    commands: tuple[str, ...]
    options: Mapping[str, Any]


def own_folder() -> Path:
    """Folder of the user's own presets: ``$PLOTSKETCH_HOME/presets``, else the platform's place for settings."""
    if home := os.environ.get("PLOTSKETCH_HOME"):
        return Path(home) / "presets"
    import click

    return Path(click.get_app_dir("plotsketch")) / "presets"


def preset_files() -> dict[str, Path]:
    """The file of each preset by its name, sorted; the user's own go before shipped ones of the same name."""
    found = {path.stem: path for folder in (package_data("presets"), own_folder()) for path in folder.glob("*.toml")}
    return dict(sorted(found.items()))


def load_preset(reference: str) -> Preset:
    """The preset of a name, or of a TOML file's path.

    Raises UserError for an unknown name (with near ones), a file that cannot be read, what is no preset, and one that
    is ``like`` itself.
    """
    path = Path(reference) if reference.lower().endswith(".toml") else _file_of(reference)
    values = _values(path, ())
    command = values.get("command", [])
    commands = (command,) if isinstance(command, str) else tuple(command)
    return Preset(path.stem, path, str(values.get("about", "")), commands, values.get("options", {}))


def _file_of(name: str, whose: str = "") -> Path:
    files = preset_files()
    if name in files:
        return files[name]
    near = get_close_matches(name, files, n=3, cutoff=0.5)
    choices = f"did you mean {' or '.join(near)}?" if near else "`plotsketch presets list` names them all"
    raise UserError(f"{whose}no preset '{name}': {choices}")


def _values(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """What a file says, and what it does not say from the preset that it is like."""
    values = _read(path)
    like = values.pop("like", None)
    if like is None:
        return values
    base = _base(path, like)
    if base in (*seen, path):
        raise UserError(f"{path}: like = '{like}' leads back to the same preset; name another")
    inherited = _values(base, (*seen, path))
    return {**inherited, **values, "options": {**inherited.get("options", {}), **values.get("options", {})}}


def _base(path: Path, like: object) -> Path:
    """The file of the preset that another is like. A preset of the user's may be like the shipped one of its name."""
    if not isinstance(like, str):
        raise UserError(f"{path}: like = {like!r}; it takes the name of a preset")
    shipped = package_data("presets") / f"{like}.toml"
    if like == path.stem and shipped.is_file() and shipped != path:
        return shipped
    return _file_of(like, f"{path}: ")


def _read(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no TOML: {error}") from error
    if unknown := [key for key in values if key not in KEYS]:
        near = get_close_matches(unknown[0], KEYS, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "options stand under [options]"
        raise UserError(f"{path}: a preset has no '{unknown[0]}': {hint}")
    if not isinstance(values.get("options", {}), dict):
        raise UserError(f"{path}: options are a table; write [options] and a line for each")
    command = values.get("command", [])
    if not isinstance(command, str) and not (isinstance(command, list) and all(isinstance(c, str) for c in command)):
        raise UserError(f"{path}: command = {command!r}; it takes a command's name, or a list of names")
    return values
