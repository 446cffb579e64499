"""``--preset NAME``, which every command has: options by a name; those on the command line win."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import click
from click.core import ParameterSource

from plotsketch.cli.standing import StandingContext
from plotsketch.errors import UserError

Names = tuple[str, ...]


def with_preset(command: click.Command) -> click.Command:
    """The command with the option ``--preset``, once; of a group, its commands."""
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        with_preset(inner)
    if not isinstance(command, click.Group) and not any(parameter.name == "preset" for parameter in command.params):
        command.params.append(
            click.Option(
                ["--preset"], metavar="NAME", is_eager=True, expose_value=False, callback=_take,
                help="Options by a name (`plotsketch presets list`) or from a .toml file; those on the line win.",
            )
        )  # fmt: skip
    return command


def values_for(command: click.Command, name: str, reference: str) -> dict[str, Any]:
    """What the preset says, by the command's own names of its arguments.

    Raises UserError for a preset that is not for this command, and for an option that the command has not.
    """
    from plotsketch.presets import load_preset

    preset = load_preset(reference)
    if preset.commands and name not in preset.commands:
        raise UserError(f"preset '{preset.name}' is for {' and '.join(preset.commands)}, not for {name}")
    options = {
        spelling.lstrip("-"): parameter
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.name != "preset"
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    }
    values = {}
    for key, value in preset.options.items():
        if key not in options:
            near = get_close_matches(key, options, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise UserError(f"{preset.path}: {name} has no option '{key}'{hint}")
        values[str(options[key].name)] = _value(options[key], key, value, str(preset.path))
    return values


def typed_first(words: Mapping[str, Any], in_place_of: Iterable[tuple[Names, Names]]) -> dict[str, Any]:
    """The command's ``words`` without those of the preset that others, typed on the line, stand ``in_place_of``.

    Each of ``in_place_of`` is the names of options that are typed, all of them, and of those that they replace.
    """
    ctx = click.get_current_context()
    options = {option.name: option for option in ctx.command.params if isinstance(option, click.Option)}
    kept = dict(words)
    for typed, replaced in in_place_of:
        if all(ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in typed):
            for name in replaced:
                if ctx.get_parameter_source(name) is ParameterSource.DEFAULT_MAP:
                    kept[name] = _none_of(options[name])
    return kept


def _none_of(option: click.Option) -> Any:
    """The value of an option that nobody gave and that has no default."""
    if option.multiple:
        return ()
    return False if option.is_flag and not option.secondary_opts else None


def _value(option: click.Option, key: str, value: Any, path: str) -> Any:
    """A TOML value as click takes it. Raises UserError for a list where there is one value, and the like."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise UserError(f"{path}: {key} = {value!r}; it takes true or false")
        return value if f"--{key}" in option.opts else not value
    if option.multiple:
        return [str(item) for item in (value if isinstance(value, list) else [value])]
    if isinstance(value, list | Mapping | bool):
        raise UserError(f"{path}: {key} = {value!r}; it takes one text or number")
    return str(value)


def _take(ctx: click.Context, _parameter: click.Parameter, reference: str | None) -> None:
    if reference is not None and not ctx.resilient_parsing:
        values = values_for(ctx.command, str(ctx.info_name), reference)
        ctx.default_map = {**(ctx.default_map or {}), **values}
        if isinstance(ctx, StandingContext):
            ctx.standing = {key: standing for key, standing in ctx.standing.items() if key not in values}
