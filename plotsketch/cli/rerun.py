"""Command lines run from within: what a file was made by, with what is typed going before it."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from plotsketch.cli.options import is_quiet
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.api.command_line import CommandLine
    from plotsketch.api.provenance import Provenance

trust_option = click.option(
    "--trust", is_flag=True, help="Run the vpype pipeline that FILE names; it can write files and run programs."
)
anyway_option = click.option("--anyway", is_flag=True, help="Draw, even if not all is as it was.")

ARGUMENTS = ("corners", "drawings", "drawing", "start")
# What is typed, by its name and perhaps its value, and what of a file's own options it stands in place of.
IN_PLACE_OF: dict[tuple[str, str | None], tuple[str, ...]] = {
    ("palette", None): ("pen",),
    ("repeat", None): ("rows", "cols"),
    ("group", None): ("rows", "cols"),
    ("way", "walk"): ("spread",),
    ("way", "same"): ("spread", "unlike"),
}


def check(found: Provenance, given: Iterable[str], *, anyway: bool, trust: bool) -> None:
    """Raises UserError for what stands in the way of making a file again, unless it is waived: pipelines, and what is
    not as it was. ``given`` are the names of what the user says in its place."""
    from plotsketch.api.command_line import printable

    typed = set(given)
    if found.pipelines and not trust and "vpype" not in typed:
        pipeline = printable(" ".join(found.pipelines))
        raise UserError(
            f"{found.path} went through a vpype pipeline, '{pipeline}', which can write files and run programs; "
            "add --trust to run it"
        )
    counts = {"model": "model" not in typed, "sources": not typed & {*ARGUMENTS}, "machine": "machine" not in typed}
    if different := [] if anyway else found.differences(**counts):
        raise UserError(f"{found.path} cannot be made as it was: {'; '.join(different)}; add --anyway to draw it so")


def typed_in(line: CommandLine, words: Sequence[str]) -> dict[str, Any]:
    """The arguments and options of a command that stand among ``words``, by its own names, and their values."""
    command = _bare(line.command)
    with command.make_context(line.command, list(words), resilient_parsing=True) as ctx:
        names = (str(parameter.name) for parameter in command.params)
        return {n: ctx.params.get(n) for n in names if ctx.get_parameter_source(n) is ParameterSource.COMMANDLINE}


def run(lines: Sequence[CommandLine], typed: Sequence[Sequence[str]]) -> Mapping[str, Any]:
    """Runs command lines one after another, each with the words that are ``typed`` to it; what the last one says.

    Neither the user's settings nor the environment have a part in it. Raises as the commands do.
    """
    answer: Mapping[str, Any] = {}
    for line, words in zip(lines, typed, strict=True):
        answer = _run(line, words)
    return answer


def _run(line: CommandLine, words: Sequence[str]) -> Mapping[str, Any]:
    command = _bare(line.command)
    outer = click.get_current_context()
    given = typed_in(line, words)
    named = {str(p.name) for p in command.params if isinstance(p, click.Argument)}
    arguments = () if given.keys() & named else line.arguments
    values = _values(command, edited(line, words, given))
    args = [*(["--quiet"] if is_quiet() else []), *words, *(["--", *arguments] if arguments else [])]
    said = io.StringIO()
    ctx = command.make_context(line.command, args, parent=outer.parent, default_map={**values, "as_json": True})
    with ctx, contextlib.redirect_stdout(said):
        command.invoke(ctx)
    answer: Mapping[str, Any] = json.loads(said.getvalue())
    return answer


def edited(line: CommandLine, words: Sequence[str], given: Mapping[str, Any]) -> CommandLine:
    """The line without those of its options that what is ``given``, by its ``words``, stands in place of."""
    options = dict(line.options)
    asked = ((name, value) for name, typed in given.items() for value in (None, typed) if isinstance(value, str | None))
    replaced = {name for way in asked for name in IN_PLACE_OF.get(way, ())}
    if {"repeat", "group"} & given.keys() and "rows" in options:
        options["motifs"] = str(_motifs(options))
    replaced |= set(_settled(line, {*given}))
    if "paper" in given and any(re.search(r"\d\s*[a-z\"]*\s*[x×]", word.lower()) for word in words):
        replaced |= {"landscape", "portrait"}  # a size is taken as it is written
    return replace(line, options={name: value for name, value in options.items() if name not in replaced})


def _settled(line: CommandLine, given: set[str]) -> Iterator[str]:
    """What was worked out from what is typed now."""
    held = {name: line.options.get(name) for name in ("count", "rows", "cols", "steps")}
    if line.command == "sample":
        full = held["count"] == str(int(str(held["rows"])) * int(str(held["cols"])))
        if given & {"rows", "cols"} and full:
            yield "count"
        elif "count" in given:
            yield from {"rows"} - given
    if line.command in ("interpolate", "walk") and "steps" in given and held["steps"] == held["cols"]:
        yield "cols"


def _motifs(options: Mapping[str, Any]) -> int:
    per_place = 2 if options.get("repeat") == "centre" else 1
    return int(options["rows"]) * int(options["cols"]) * per_place


def _bare(name: str) -> click.Command:
    """The command as it is built in: nothing that stands for all commands has a part in making a file again."""
    from plotsketch.cli.main import cli

    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    bare = copy.copy(command)
    bare.context_class = click.Context
    return bare


def _options(command: click.Command) -> dict[str, click.Option]:
    """By their names on the command line."""
    options = (option for option in command.params if isinstance(option, click.Option))
    return {spelling.lstrip("-"): option for option in options for spelling in (*option.opts, *option.secondary_opts)}


def _values(command: click.Command, line: CommandLine) -> dict[str, Any]:
    """The options of a line as click's defaults take them."""
    options, found = _options(command), dict[str, Any]()
    for name, value in line.options.items():
        option = options[name]
        on = value if f"--{name}" in option.opts else not value
        found[str(option.name)] = on if option.is_flag else list(value) if isinstance(value, tuple) else value
    return found
