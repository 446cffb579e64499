"""The whole configuration looked at: for all commands, with machines, models and pens made out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from plotsketch.cli import standing
from plotsketch.config import WORDS, config_file, nearest, problems
from plotsketch.errors import UserError


def check_all(values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a configuration, a line each, without the file's name."""
    wrong = list(problems(values))
    yield from wrong
    if not wrong:
        for key, value in _lines(values):
            try:
                check_key(key, value)
            except UserError as error:
                yield str(error).removeprefix(f"{config_file()}: ").replace(f" of {config_file()}", "")


def check_key(key: Sequence[str], value: Any) -> None:
    """Raises UserError for a line that the file cannot have."""
    first, *rest = key
    for problem in problems(_nested(key, value)):
        raise UserError(f"{config_file()}: {problem}")
    if first in WORDS and not rest:
        _check_word(first, value)
    elif first == "options" and len(rest) == 1:
        _check_option(rest[0], value)
    elif first == "commands" and len(rest) > 1:
        _check_own(rest[:-1], rest[-1], value)
    elif first == "pens" and len(rest) == 2:
        _check_pen(".".join(key), value)
    else:
        shapes = {"options": "options.margin", "commands": "commands.grid.rows", "pens": "pens.studio.rose"}
        raise UserError(f"{'.'.join(key)} is no key; write one such as {shapes.get(first, first)}")


def unknown_variables() -> Iterator[str]:
    """Variables of the environment that mean nothing to any command, with near ones."""
    known = {standing.variable(word) for word in (*standing.RESERVED, "model")}
    for path, ctx in _commands():
        for option in standing.options_of(ctx.command):
            known |= {standing.variable(option), standing.variable(*path, option)}
    for name in sorted(os.environ):
        if name.startswith(standing.PREFIX) and name not in known:
            hint = nearest(name, known)
            yield f"${name} means nothing to any command" + (f"; {hint}" if hint.startswith("did") else "")


def _lines(values: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _lines(value, (*before, key))
        else:
            yield (*before, key), value


def _nested(key: Sequence[str], value: Any) -> dict[str, Any]:
    for part in reversed(key):
        value = {part: value}
    found: dict[str, Any] = value
    return found


def _check_word(word: str, value: str) -> None:
    try:
        if word == "machine":
            from plotsketch.lines.machine import load_machine

            load_machine(value)
        elif word == "model":
            from plotsketch.model import catalogue

            catalogue.find(value)
        else:
            folder = config_file().parent / os.path.expanduser(value)
            if folder.exists() and not folder.is_dir():
                raise UserError(f"{folder} is no folder")
    except UserError as error:
        raise UserError(f"{word}: {error}") from error


def _check_option(name: str, value: Any) -> None:
    root = click.get_current_context().find_root()
    standing.general(click.Context(click.Command("none"), parent=root, info_name="none"), name, value)


def _check_own(words: Sequence[str], name: str, value: Any) -> None:
    standing.check_commands(click.get_current_context(), {"commands": {words[0]: {}}})
    for path, ctx in _commands():
        if path == tuple(words):
            standing.own(ctx, path, name, value)
            return
    known = [".".join(path) for path, _ in _commands()]
    raise UserError(f"commands.{'.'.join(words)}: no such command; {nearest('.'.join(words), known)}")


def _check_pen(key: str, value: str) -> None:
    from plotsketch.sheet.inks import parse_pen

    try:
        parse_pen(value)
    except UserError as error:
        raise UserError(f"{key}: {error}") from error


def _commands() -> Iterator[tuple[tuple[str, ...], click.Context]]:
    """Every command that does something, with the words that call it."""
    root = click.get_current_context().find_root()
    inner: list[tuple[tuple[str, ...], click.Context]] = [((), root)]
    for path, ctx in inner:
        if not isinstance(ctx.command, click.Group):
            yield path, ctx
            continue
        for name in ctx.command.list_commands(ctx):
            if (child := ctx.command.get_command(ctx, name)) is not None:
                inner.append(((*path, name), click.Context(child, parent=ctx, info_name=name)))
