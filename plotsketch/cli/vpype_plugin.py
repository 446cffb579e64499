"""The commands that draw a sheet, as commands of vpype: ``vpype sketchgrid cat-head pig-full linesort write out.svg``.

Each is made from our own click command (``plotsketch grid`` becomes ``sketchgrid``), so that arguments, options and
help stand in one place. vpype loads this module when it starts, and finds its commands by the entry points in
pyproject.toml: nothing here may import more than help needs.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.drawing import SHARED_OPTIONS, Wishes, names_of
from plotsketch.cli.main import COMMANDS
from plotsketch.cli.sheet_options import PRINT_OPTIONS
from plotsketch.errors import UserError

if TYPE_CHECKING:
    import vpype

    from plotsketch.api.sheet import Sheet

PREFIX = "sketch"
# What becomes of the sheet is the rest of the pipeline's business.
LEFT_OUT = (
    "output", "dpi", "as_json", "vpype", "preview", "show", "show_prepared", "optimize", "machine", "oversize",
    *names_of(PRINT_OPTIONS),
)  # fmt: skip


def __getattr__(name: str) -> click.Command:
    """``sketchgrid`` and its like; a name that is no such command raises AttributeError, as for any module."""
    ours = name.removeprefix(PREFIX)
    if name != ours and ours in COMMANDS:
        command = _command(ours)
        if draws_a_sheet(command):
            return _plugin(name, command)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def plugin_names() -> list[str]:
    """All commands that vpype can have from here."""
    return [PREFIX + name for name in COMMANDS if draws_a_sheet(_command(name))]


def draws_a_sheet(command: click.Command) -> bool:
    """Whether ``cli.drawing.drawing_options`` made the command."""
    given = {parameter.name for parameter in command.params}
    return hasattr(command.callback, "__wrapped__") and given >= set(names_of(SHARED_OPTIONS))


class PipelineCommand(click.Command):
    """A command whose words end where the next command of the pipeline begins.

    vpype's parser gives a command with any number of arguments all that follows it. What stands after an option that
    takes a value is the value, even if it is also a command's name (``--layout grid``).
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = self._end(ctx, args)
        ctx.allow_interspersed_args = True
        super().parse_args(ctx, args[:end])
        ctx.args = [*ctx.args, *args[end:]]
        return ctx.args

    def _end(self, ctx: click.Context, args: Sequence[str]) -> int:
        taken = 0  # values of the option just seen
        for place, word in enumerate(args):
            if taken:
                taken -= 1
            elif word.startswith("-"):
                taken = self._values(word)
            elif _is_command(ctx, word):
                return place
        return len(args)

    def _values(self, word: str) -> int:
        """How many words after the option ``word`` belong to it."""
        for parameter in self.params:
            if isinstance(parameter, click.Option) and word in (*parameter.opts, *parameter.secondary_opts):
                return 0 if parameter.is_flag or parameter.count else parameter.nargs
        return 0


def _is_command(ctx: click.Context, word: str) -> bool:
    group = ctx.parent and ctx.parent.command
    return isinstance(group, click.Group) and ctx.parent is not None and group.get_command(ctx.parent, word) is not None


def _command(name: str) -> click.Command:
    module, attribute = COMMANDS[name][0].split(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


def _plugin(name: str, command: click.Command) -> click.Command:
    """``command`` as a processor of vpype that adds the sheet to the pipeline's document."""
    from vpype_cli import global_processor

    @global_processor  # type: ignore[untyped-decorator]
    def processor(document: vpype.Document, **values: Any) -> vpype.Document:
        return _added(document, _drawn(command, values))

    plugin = PipelineCommand(
        name,
        params=[parameter for parameter in command.params if parameter.name not in LEFT_OUT],
        callback=processor,
        help=_help(name, command),
    )
    plugin.help_group = "plotsketch"  # type: ignore[attr-defined]  # where vpype's help lists it
    return plugin


def _drawn(command: click.Command, values: dict[str, Any]) -> Sheet:
    """The sheet that a command draws from its own arguments. Raises click.ClickException for what a user can mend."""
    defaults = {"output": (), "dpi": 150.0, "as_json": False, "preview": False, "show": False, "optimize": False}
    words = {name: values.pop(name, defaults.get(name)) for name in names_of(SHARED_OPTIONS)}
    sheets: list[Sheet] = []
    body = getattr(command.callback, "__wrapped__")  # noqa: B009  # what drawing_options wraps
    try:
        body(wishes=Wishes(words, taker=sheets.append), **values)
    except UserError as error:
        raise click.ClickException(str(error)) from error
    for note in sheets[0].notes:
        click.echo(note, err=True)
    return sheets[0]


def _added(document: vpype.Document, sheet: Sheet) -> vpype.Document:
    """The document with the sheet's layers after its own, and a page that holds both."""
    first = max(document.layers, default=0)
    for number, layer in sheet.document.layers.items():
        document.add(layer, first + number, with_metadata=True)
    document.extend_page_size(sheet.document.page_size)
    return document


def _help(name: str, command: click.Command) -> str:
    """The command's own help, less its examples, which are command lines of ours."""
    text = re.split(r"^\x08\nExamples?:", inspect.cleandoc(command.help or ""), maxsplit=1, flags=re.MULTILINE)[0]
    return (
        f"{text.rstrip()}\n\nThe drawings go on down the pipeline, each pen's on a new layer. The words of {name} end "
        f"at the next command's name: {name} ... linemerge linesort write out.svg"
    )
