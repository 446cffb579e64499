"""What stands for every command: options from the user's configuration and from the environment.

The command line goes first, then ``--preset``, the environment, the configuration file and what is built in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import click
from click.core import ParameterSource

from plotsketch.cli.idle import is_idle
from plotsketch.config import config_file, nearest, read_config
from plotsketch.errors import UserError

PREFIX = "PLOTSKETCH_"
RESERVED = ("HOME", "CONFIG", "LIBRARY")  # folders and files, no options
BETWEEN = ";"  # between the values of an option that may be repeated, in a variable
AT_THE_TOP = ("machine", "model")  # of the file, for they are more than one command's option
# Options of one name that are another thing here: never from what stands for all commands.
ANOTHER_THING = {
    ("convert", "paper"), ("optimize", "paper"), ("plot", "paper"), ("outline", "paper"), ("plot", "pen"),
    ("proof", "paper-colour"),
}  # fmt: skip
SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Standing:
    """A value as click takes it, and where it stands, in words."""

    value: Any
    origin: str


class StandingContext(click.Context):
    """The context of a command: what stands is taken for what is not typed, where it has something to do.

    Attributes:
        standing: by the command's own names of its arguments; those that a preset names too are taken out.
    """

    def __init__(self, command: click.Command, parent: click.Context | None = None, **more: Any) -> None:
        super().__init__(command, parent, **more)
        self.standing: dict[str, Standing] = {}
        self._trouble: UserError | None = None
        try:
            self.standing = {} if self.resilient_parsing else standing_options(self)
        except UserError as error:  # a broken file does not stop --help
            self._trouble = error
        values = {name: standing.value for name, standing in self.standing.items()}
        self.default_map = {**(self.default_map or {}), **values}

    def invoke(self, callback: Any, /, *args: Any, **words: Any) -> Any:
        """Raises UserError for what is wrong with the configuration, and says where a value stands that is refused."""
        is_the_command = callback is self.command.callback
        if not is_the_command:
            return super().invoke(callback, *args, **words)
        if self._trouble is not None:
            raise self._trouble
        try:
            return super().invoke(callback, *args, **self._without_idle(words))
        except UserError as error:
            raise UserError(f"{error}{self._where(str(error))}") from error

    def _without_idle(self, words: Mapping[str, Any]) -> dict[str, Any]:
        typed = {name for name in words if self.get_parameter_source(name) is ParameterSource.COMMANDLINE}
        idle = [name for name in words if name not in typed and name in self.standing and is_idle(name, words, typed)]
        options = {option.name: option for option in self.command.params}
        return {**words, **{name: self._built_in(options[name]) for name in idle}}

    def _built_in(self, option: click.Parameter) -> Any:
        """The value that an option has where nobody says anything."""
        kept, self.default_map = self.default_map, None
        try:
            value = option.process_value(self, option.consume_value(self, {})[0])
        finally:
            self.default_map = kept
        if isinstance(value, Enum):  # what click has in place of no value until a command's words are complete
            return () if option.multiple else None
        return value

    def _where(self, message: str) -> str:
        for name, standing in self.standing.items():
            stands = self.get_parameter_source(name) is ParameterSource.DEFAULT_MAP
            values = standing.value if isinstance(standing.value, list) else [standing.value]
            if stands and any(f"'{value}'" in message for value in values):
                return f" ({standing.origin})"
        return ""


def standing_options(ctx: click.Context) -> dict[str, Standing]:
    """What stands for the command of a context, from the weakest on: the file's, then the environment's.

    Raises UserError, naming file and key or the variable, for what no command has and for values that do not fit.
    """
    path = path_of(ctx)
    if not path:
        return {}
    options = options_of(ctx.command)
    config = read_config()
    check_commands(ctx, config)
    found: dict[str, Standing] = {}
    for key, option in options.items():
        if key in AT_THE_TOP[:1] and key in config:
            found[str(option.name)] = _fitting(ctx, option, config[key], f"{key} in {config_file()}")
    for key, value in config.get("options", {}).items():
        if standing := general(ctx, key, value):
            found[str(options[key].name)] = standing
    for key, value in _table_of(config, path).items():
        if not isinstance(value, dict):
            found[_name(options, key, path)] = own(ctx, path, key, value)
    return found | _in_environment(ctx, ()) | _in_environment(ctx, path)


def general(ctx: click.Context, key: str, value: Any) -> Standing | None:
    """A line of ``[options]`` for this command; None where it has no such option, or another thing of that name.

    Raises UserError for what no command takes.
    """
    where = f"{key} in [options] of {config_file()}"
    if key in AT_THE_TOP:
        raise UserError(f"{config_file()}: {key} stands at the top of the file, not under [options]")
    options, refusals = options_of(ctx.command), []
    if key in options and (path_of(ctx)[-1], key) not in ANOTHER_THING:
        try:
            return _fitting(ctx, options[key], value, where, key)
        except UserError as error:
            refusals.append(error)
    for command in _commands(ctx.find_root()):
        other = options_of(command)
        if key in other:
            try:
                _fitting(ctx, other[key], value, where, key)
            except UserError as error:
                refusals.append(error)
            else:
                return None
    if refusals:
        raise refusals[0]
    every = {option: None for command in _commands(ctx.find_root()) for option in options_of(command)}
    raise UserError(f"{config_file()}: [options] {key}: no command has it; {_near(key, every)}")


def own(ctx: click.Context, path: tuple[str, ...], key: str, value: Any) -> Standing:
    """A line of the command's own table. Raises UserError."""
    options = options_of(ctx.command)
    _name(options, key, path)
    return _fitting(ctx, options[key], value, f"{key} in [commands.{'.'.join(path)}] of {config_file()}", key)


def check_commands(ctx: click.Context, config: Mapping[str, Any]) -> None:
    """Raises UserError for a table of ``[commands]`` that is no command's."""
    root = ctx.find_root().command
    known = root.list_commands(ctx.find_root()) if isinstance(root, click.Group) else []
    for name, table in config.get("commands", {}).items():
        if name not in known:
            raise UserError(f"{config_file()}: [commands.{name}]: no such command; {nearest(name, known)}")
        if not isinstance(table, dict):
            raise UserError(f"{config_file()}: commands.{name} = {table!r}; write [commands.{name}] and its options")


def usual_model() -> str | None:
    """The model to take where neither command nor cell names one: ``$PLOTSKETCH_MODEL``, else the configuration's.

    None where there is neither. Raises UserError as ``read_config`` does.
    """
    named: str | None = os.environ.get(f"{PREFIX}MODEL") or read_config().get("model")
    return named


def path_of(ctx: click.Context) -> tuple[str, ...]:
    """The words that call a command, without the program's name; none for one that is called by itself."""
    words: list[str] = []
    while ctx.parent is not None:
        words.insert(0, str(ctx.info_name))
        ctx = ctx.parent
    return tuple(words)


def options_of(command: click.Command) -> dict[str, click.Option]:
    """A command's options that can stand, by their names on the command line, without dashes."""
    return {
        spelling.lstrip("-"): option
        for option in command.params
        if isinstance(option, click.Option) and option.name not in ("preset", "help")
        for spelling in (*option.opts, *option.secondary_opts)
        if spelling.startswith("--")
    }


def variable(*words: str) -> str:
    """``PLOTSKETCH_GRID_PEN_BY`` of ``grid`` and ``pen-by``."""
    return PREFIX + "_".join(words).upper().replace("-", "_")


def _in_environment(ctx: click.Context, words: tuple[str, ...]) -> dict[str, Standing]:
    """What variables say for all commands (no ``words``), or for the one that ``words`` call."""
    found = {}
    for key, option in options_of(ctx.command).items():
        name = variable(*words, key)
        # PLOTSKETCH_MODEL is the usual one, behind the model that drew a cell
        elsewhere = not words and (key == "model" or (path_of(ctx)[-1], key) in ANOTHER_THING)
        if (text := os.environ.get(name)) and not elsewhere:
            found[str(option.name)] = _fitting(ctx, option, _from_text(option, text), f"${name}", key)
    return found


def _commands(root: click.Context) -> Iterator[click.Command]:
    """All commands, imported one by one."""
    inner = [(root, root.command)]
    for ctx, command in inner:
        if not isinstance(command, click.Group):
            yield command
            continue
        for name in command.list_commands(ctx):
            if (child := command.get_command(ctx, name)) is not None:
                inner.append((ctx, child))


def _table_of(config: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    table = config.get("commands", {})
    for word in path:
        table = table.get(word, {})
    return table if isinstance(table, dict) else {}


def _name(options: Mapping[str, click.Option], key: str, path: tuple[str, ...]) -> str:
    if key in options:
        return str(options[key].name)
    where = f"{config_file()}: [commands.{'.'.join(path)}] {key}"
    if key == "preset":
        raise UserError(f"{where}: a preset is named on the command line; write its options here")
    raise UserError(f"{where}: {' '.join(path)} has no such option; {_near(key, options)}")


def _near(key: str, known: Mapping[str, Any]) -> str:
    text = nearest(key, known)
    return text if text.startswith("did") else "leave it out"


def _fitting(ctx: click.Context, option: click.Option, value: Any, origin: str, key: str = "") -> Standing:
    """The value as click takes it. Raises UserError for one that it does not take."""
    try:
        fitting = _value(option, key, value)
        option.type_cast_value(ctx, fitting)
        if option.callback is not None and not option.is_eager:
            option.process_value(ctx, fitting)
    except click.BadParameter as error:
        raise UserError(f"{origin}: {error.message}") from error
    except UserError as error:
        raise UserError(f"{origin}: {error}") from error
    return Standing(fitting, origin)


def _value(option: click.Option, key: str, value: Any) -> Any:
    if option.is_flag:
        if not isinstance(value, bool):
            raise UserError(f"it is {value!r} and takes true or false")
        return value if f"--{key}" in option.opts else not value
    if option.multiple:
        return [str(item) for item in (value if isinstance(value, list) else [value])]
    if isinstance(value, list | Mapping | bool):
        raise UserError(f"it is {value!r} and takes one text or number")
    return str(value)


def _from_text(option: click.Option, text: str) -> Any:
    """What a variable holds, as it would stand in the file."""
    if option.is_flag:
        return SWITCHES.get(text.strip().lower(), text)
    return [part.strip() for part in text.split(BETWEEN) if part.strip()] if option.multiple else text
