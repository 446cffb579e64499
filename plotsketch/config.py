"""The user's configuration: one TOML file with what stands for every command.

``machine`` and ``model`` are those to take where none is named, ``library`` is the folder of the user's own models and
landmarks. ``[options]`` holds defaults of options for all commands that have them, ``[commands.grid]`` those of one,
``[pens.NAME]`` a set of pens, each with its colour and width, or as a table that says more (`plotsketch.api.pens`).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from plotsketch.errors import UserError

WORDS = ("machine", "model", "library")
TABLES = ("options", "commands", "pens")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def config_file() -> Path:
    """``$PLOTSKETCH_CONFIG``, else ``config.toml`` in ``$PLOTSKETCH_HOME`` or the platform's place for settings."""
    if named := os.environ.get("PLOTSKETCH_CONFIG"):
        return Path(named)
    if home := os.environ.get("PLOTSKETCH_HOME"):
        return Path(home) / "config.toml"
    import click

    return Path(click.get_app_dir("plotsketch")) / "config.toml"


def read_config() -> Mapping[str, Any]:
    """What the file says; nothing where there is none.

    Raises UserError, with file and key, for a file that cannot be read, is no TOML, or has keys that mean nothing.
    """
    values = parsed_config()
    for problem in problems(values):
        raise UserError(f"{config_file()}: {problem}")
    return values


def parsed_config() -> Mapping[str, Any]:
    """As ``read_config``, but only the TOML is looked at."""
    path = config_file()
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    return _parsed(path, state.st_mtime_ns, state.st_size)


def problems(values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of a configuration and their types, a line each; commands and options have names of
    their own (`plotsketch.cli.standing`)."""
    for key, value in values.items():
        if key not in (*WORDS, *TABLES):
            yield f"'{key}' means nothing here; {nearest(key, (*WORDS, *TABLES))}"
        elif key in WORDS and not isinstance(value, str):
            yield f"{key} = {value!r}; it takes a text"
        elif key in TABLES and not isinstance(value, dict):
            yield f"{key} = {value!r}; it is a table: write [{key}] and a line for each"
        elif key == "pens":
            yield from _pen_problems(value)


def pen_tables() -> Mapping[str, Mapping[str, Any]]:
    """The user's sets of pens as they are written: by the set's name and the pen's, a text (a colour and perhaps a
    width, as in ``#d0607a 0.4mm``) or a table. Raises UserError as ``read_config`` does."""
    sets: Mapping[str, Mapping[str, Any]] = read_config().get("pens", {})
    return sets


def pen_sets() -> Mapping[str, Mapping[str, str]]:
    """The user's sets of pens by the set's name and the pen's, each as a text: its colour and perhaps its width; pens
    without a colour of their own left out. Raises UserError as ``read_config`` does."""
    return {
        name: {pen: text for pen, words in pens.items() if (text := _pen_text(words))}
        for name, pens in pen_tables().items()
    }


def _pen_text(words: str | Mapping[str, Any]) -> str:
    if isinstance(words, str):
        return words
    width = words.get("width", "")
    unit = "mm" if isinstance(width, int | float) else ""
    return f"{words['colour']} {width}{unit}".strip() if "colour" in words else ""


def library_folder() -> Path | None:
    """``$PLOTSKETCH_LIBRARY``, else the configuration's ``library``, which lies beside the file if its name does not
    begin at the root; None where neither is given. Raises UserError as ``read_config`` does."""
    if named := os.environ.get("PLOTSKETCH_LIBRARY"):
        return Path(named).expanduser()
    if written := read_config().get("library"):
        return config_file().parent / Path(written).expanduser()
    return None


def nearest(word: str, known: Iterable[str]) -> str:
    """How a message goes on after an unknown word."""
    known = list(known)
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"


@cache
def _parsed(path: Path, _changed: int, _size: int) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{path} is no TOML: {error}; mend it, or see `plotsketch config path`") from error


def _pen_problems(sets: Mapping[str, Any]) -> Iterator[str]:
    for name, pens in sets.items():
        if not NAME.fullmatch(name):
            yield f"[pens.{name}]: a set's name has small letters, digits, '-' and '_'"
        elif not isinstance(pens, dict):
            yield f'pens.{name} = {pens!r}; it is a table: write [pens.{name}] and lines such as rose = "#d0607a 0.4mm"'
        for pen, words in pens.items() if isinstance(pens, dict) else ():
            if not NAME.fullmatch(pen):
                yield f"pens.{name}.{pen}: a pen's name has small letters, digits, '-' and '_'"
            elif not isinstance(words, str | dict):
                yield f'pens.{name}.{pen} = {words!r}; it takes a text such as "#d0607a 0.4mm", or a table'
