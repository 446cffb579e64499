"""What several commands share: options with one spelling, and how results and messages leave the program.

Results go to stdout (lines, or one JSON object with ``--json``), everything else to stderr.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from plotsketch.clock import counted as counted

QUIET = "plotsketch.quiet"  # in the meta of click's contexts

# `--json` arrives in the command as `as_json`.
json_option = click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON object.")

# The same seed draws the same drawings, on any machine of the same kind.
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="What all randomness hangs on."
)


def output_option(help: str, *, multiple: bool = False, required: bool = True) -> Callable[[Any], Any]:
    """``-o/--output PATH``, which arrives as `output`: a Path, a tuple of them (`multiple`), or None."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        multiple=multiple,
        required=required,
        help=help,
    )


def numbers(ctx: click.Context, param: click.Parameter, value: str) -> tuple[float, ...]:
    """Callback of an option that takes numbers with commas between them, as in 0.1,0.5,1."""
    try:
        return tuple(float(number) for number in value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"'{value}' is no list of numbers such as 0.1,0.5,1") from error


def report(results: Mapping[str, object], as_json: bool, lines: Iterable[str] | None = None) -> None:
    """Print a command's results on stdout.

    Args:
        results: names to values; paths, numpy scalars and arrays are welcome.
        as_json: print `results` as one JSON object (a value that is not finite becomes null).
        lines: what a person reads instead; by default one "name: value" a result.

    With ``--quiet`` a command that wrote files names these alone.
    """
    if as_json:
        click.echo(json.dumps(_plain(results), ensure_ascii=False, allow_nan=False))
        return
    if is_quiet() and (files := results.get("files")):
        lines = map(str, files) if isinstance(files, list | tuple) else [str(files)]
    for line in lines if lines is not None else (f"{name}: {value}" for name, value in results.items()):
        click.echo(line)


def note(message: str) -> None:
    """Tell the user something that is no result: progress, a hint. Goes to stderr, unless --quiet."""
    if not is_quiet():
        click.echo(message, err=True)


def warn(message: str) -> None:
    """Tell the user, even with --quiet, that the result is not all that was asked for. Goes to stderr."""
    click.echo(f"Warning: {message}", err=True)


def is_quiet() -> bool:
    """Whether the command that runs in this thread was called with ``--quiet``."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(QUIET))


def take_quiet(ctx: click.Context, _parameter: click.Parameter, quiet: bool) -> None:
    """Callback of ``--quiet``, which every command has (`plotsketch.cli.every_command`)."""
    ctx.meta[QUIET] = quiet


def _plain(value: Any) -> Any:
    """`value` in JSON's own types. numpy's scalars and arrays are known by their `tolist`, without numpy."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
