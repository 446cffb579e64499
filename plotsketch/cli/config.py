"""``plotsketch config``: what stands for every command."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import click

from plotsketch.cli.config_check import check_all, check_key, unknown_variables
from plotsketch.cli.options import json_option, note, report
from plotsketch.cli.standing import PREFIX
from plotsketch.config import config_file, parsed_config
from plotsketch.config_text import as_toml, with_key, without_key
from plotsketch.errors import UserError


@click.group()
def config() -> None:
    """Show and change what stands for every command: machine, model, library, options, pens.

    It is one TOML file. What is typed goes before a --preset, that before the environment (PLOTSKETCH_GRID_ROWS,
    PLOTSKETCH_MARGIN), and that before the file.
    """


@config.command("path")
@json_option
def show_path(as_json: bool) -> None:
    """Say where the file is, or would be.

    \b
    Example:
      plotsketch config path
    """
    path = config_file()
    report({"file": path, "exists": path.exists()}, as_json, [str(path)])
    if not path.exists():
        note("It is not there yet; `plotsketch config set` begins it.")


@config.command("show")
@json_option
def show_config(as_json: bool) -> None:
    """Say what stands in the file and, over it, in the environment.

    \b
    Example:
      plotsketch config show
    """
    values = parsed_config()
    variables = {name: text for name, text in sorted(os.environ.items()) if name.startswith(PREFIX) and text}
    lines = [f"{key} = {as_toml(value)}" for key, value in flat(values)]
    lines += [f"${name} = {as_toml(text)}" for name, text in variables.items()]
    report({"file": config_file(), "values": values, "environment": variables}, as_json, lines)
    for problem in check_all(values):
        note(f"{config_file()}: {problem}")


@config.command("set")
@click.argument("key")
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
@json_option
def set_key(key: str, values: tuple[str, ...], as_json: bool) -> None:
    """Write a line of the file: KEY is machine, model, library, options.NAME, commands.COMMAND.NAME or pens.SET.PEN.

    Several VALUEs make a list. Comments and the order of lines stay.

    \b
    Examples:
      plotsketch config set machine hp7475a
      plotsketch config set options.margin 2cm
      plotsketch config set commands.grid.pen "red 0.5mm" navy
      plotsketch config set pens.studio.rose "#d0607a 0.4mm"
    """
    from plotsketch.files import write_atomically

    parts = _parts(key)
    found: Any = [_value(text) for text in values] if len(values) > 1 else _value(values[0])
    check_key(parts, found)
    text = with_key(_text(), parts, found)
    write_atomically(config_file(), text.encode())
    report({"file": config_file(), "key": key, "value": found}, as_json, [f"{key} = {as_toml(found)}"])


@config.command("unset")
@click.argument("key")
@json_option
def unset_key(key: str, as_json: bool) -> None:
    """Take a line, or a whole table such as pens.studio, out of the file.

    \b
    Example:
      plotsketch config unset options.margin
    """
    from plotsketch.config import nearest
    from plotsketch.files import write_atomically

    parts = _parts(key)
    inner: Any = parsed_config()
    for part in parts:
        if not isinstance(inner, Mapping) or part not in inner:
            known = [name for name, _ in flat(parsed_config())]
            raise UserError(f"{config_file()} has no {key}; {nearest(key, known) if known else 'it is empty'}")
        inner = inner[part]
    write_atomically(config_file(), without_key(_text(), parts).encode())
    report({"file": config_file(), "key": key}, as_json, [f"{key}: taken out"])


@config.command("check")
@json_option
def check(as_json: bool) -> int:
    """Look at the whole file, for all commands, and at the environment; what is wrong is exit code 1.

    \b
    Example:
      plotsketch config check
    """
    path = config_file()
    problems = list(check_all(parsed_config()))
    good = "nothing is wrong" if path.exists() else "not there; nothing stands for all commands"
    report({"file": path, "problems": problems}, as_json, [] if problems else [f"{path}: {good}"])
    for problem in problems:
        click.echo(f"Error: {path}: {problem}", err=True)
    for line in unknown_variables():
        note(line)
    return 1 if problems else 0


def flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and their values."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def _parts(key: str) -> list[str]:
    parts = key.split(".")
    if not all(part and part.replace("-", "").replace("_", "").isalnum() and part.isascii() for part in parts):
        raise UserError(f"'{key}' is no key; write one such as machine, options.margin or commands.grid.rows")
    return parts


def _text() -> str:
    parsed_config()  # raises UserError for what is no TOML
    path = config_file()
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _value(text: str) -> Any:
    """A number, true, false or a list of such if it is one in TOML, else a text."""
    try:
        value = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    found = value["value"]
    return found if len(value) == 1 and isinstance(found, bool | int | float | list | str) else text
