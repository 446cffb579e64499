"""``plotsketch edit``: a file made once more, but for what is typed."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.again import compared
from plotsketch.cli.options import json_option, output_option, report
from plotsketch.cli.rerun import anyway_option, check, run, trust_option, typed_in
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.api.command_line import CommandLine

LONGEST = 60  # letters of a value that a person is shown


class PassingOn(click.Command):
    """A command that leaves options which it does not know to another."""

    ignore_unknown_options = True


@click.command(cls=PassingOn)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[DRAWING]... [OPTIONS OF ITS COMMAND]")
@output_option("File to write, in any format; may be repeated.", multiple=True)
@click.option("--without", multiple=True, metavar="OPTION", help="Leave out what FILE was made with: frame, vpype ...")
@click.option("--preset", metavar="NAME", help="A preset for its command; it goes before what FILE says.")
@trust_option
@anyway_option
@json_option
def edit(
    file: Path,
    words: tuple[str, ...],
    output: tuple[Path, ...],
    without: tuple[str, ...],
    preset: str | None,
    trust: bool,
    anyway: bool,
    as_json: bool,
) -> None:
    """Make FILE, which plotsketch wrote, once more with changes, and nothing else changed.

    After FILE come options of the command that drew it (`plotsketch info FILE` names it), and other drawings than its
    own, if you like. What is not typed stays as it was: also what the command would settle otherwise for another paper.

    \b
    Examples:
      plotsketch edit sheet.svg --cols 9 -o wider.svg
      plotsketch edit sheet.svg cat-full pig-head --pen crimson -o others.svg -o others.png
      plotsketch edit sheet.svg --without title --paper a3 -o larger.pdf
    """
    from plotsketch.api.convert import check_not_over
    from plotsketch.api.provenance import info

    if str(file).startswith("-"):
        raise click.UsageError("Name the file first, as in: plotsketch edit sheet.svg --cols 9 -o new.svg")
    found = info(file)
    check_not_over(file, output)
    typed = [*(["--preset", preset] if preset else []), *words]
    with tempfile.TemporaryDirectory() as folder:
        first, *rest = found.lines(*output, folder=Path(folder))
        first = _less(first, [name.lstrip("-") for name in without], file)
        check(found, {*typed_in(first, typed), *(name.lstrip("-") for name in without)}, anyway=anyway, trust=trust)
        answer = run([first, *rest], [typed, *([()] * len(rest))])
    results = {**answer, **compared(found, [Path(name) for name in answer["files"]])}
    fields = results["changed"] or {}
    changes = [f"{name}: {_short(old)} -> {_short(new)}" for name, (old, new) in fields.items()]
    report(results, as_json, [*map(str, answer["files"]), *(changes or ["nothing changed"])])


def _less(line: CommandLine, names: list[str], file: Path) -> CommandLine:
    """The line without some of its options. Raises UserError for one that it has not."""
    for name in names:
        if name not in line.options:
            there = ", ".join(key for key in line.options if key not in ("output", "model"))
            raise UserError(f"{file} was not made with --{name}, which --without leaves out; it was made with {there}")
    return replace(line, options={name: value for name, value in line.options.items() if name not in names})


def _short(value: Any) -> str:
    from plotsketch.api.command_line import printable

    text = printable(_told(value)) or "none"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _told(value: Any) -> str:
    """A value of a recipe as people write it: a pen as its name and width."""
    match value:
        case {"name": name, "width": width}:
            return f"{name} {width} mm"
        case {"width": width, "height": height}:
            return f"{width} x {height} mm"
        case dict():
            return ", ".join(f"{name} {_told(item)}" for name, item in value.items())
        case list():
            return ", ".join(map(_told, value))
    return "none" if value is None else str(value)
