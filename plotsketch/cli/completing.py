"""Names for the shell's completion: machines, models, presets, drawings that have a name. Nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from plotsketch.errors import UserError

Names = Callable[[click.Context], Iterable[str]]


class Named(StringParamType):
    """A text for which there are names; ``files`` if it may be a file as well."""

    def __init__(self, names: Names, files: bool) -> None:
        self.names, self.files = names, files

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
        try:
            found = [name for name in self.names(ctx) if name.startswith(incomplete)]
        except (UserError, OSError):  # a shell that completes has no place for complaints
            found = []
        # shells complete files themselves, as soon as they are told so, and only after that take names
        files = [CompletionItem[Any](incomplete, type="file")] if self.files else []
        return [*files, *(CompletionItem[Any](name) for name in found)]


def complete_names(command: click.Command) -> None:
    """Gives the parameters of a command, that take a text, the names that there are for it."""
    draws = any(isinstance(parameter, click.Option) and parameter.name == "model" for parameter in command.params)
    for parameter in command.params:
        if parameter.type is not click.STRING:
            continue
        if isinstance(parameter, click.Argument) and draws and parameter.name != "name":
            parameter.type = Named(_drawings, files=True)
        elif (names := _NAMES.get(parameter.name or "")) and not _is_new(command, parameter):
            parameter.type = Named(names, files=parameter.name != "palette")


def _is_new(command: click.Command, parameter: click.Parameter) -> bool:
    """Whether a name is one to be given, not to be found."""
    return parameter.name == "name" and command.name != "show"


def _machines(_ctx: click.Context) -> Iterable[str]:
    from plotsketch.files import PACKAGE_FOLDER

    # lines.machine knows the same, and takes numpy along
    return sorted(path.stem for path in (PACKAGE_FOLDER / "lines" / "machines").glob("*.toml"))


def _models(_ctx: click.Context) -> Iterable[str]:
    from plotsketch.model import catalogue

    return dict.fromkeys(entry.name for entry in catalogue.list_all())


def _presets(_ctx: click.Context) -> Iterable[str]:
    from plotsketch.presets import preset_files

    return preset_files()


def _drawings(ctx: click.Context) -> Iterable[str]:
    """The landmarks of the model on the line, or of the usual one, and the user's own."""
    from plotsketch.cli.standing import usual_model
    from plotsketch.model import catalogue
    from plotsketch.model.header import read_head

    model: str | Path = ctx.params.get("model") or usual_model() or "catpig"
    yield from read_head(catalogue.find(model)).about["landmarks"]
    if (catalogue.user_folder().parent / "landmarks.json").exists():
        from plotsketch.art.landmark_library import read_library

        yield from read_library()


def _palettes(_ctx: click.Context) -> Iterable[str]:
    from plotsketch.sheet.palettes import palette_names

    return palette_names()


def _pen_sets(_ctx: click.Context) -> Iterable[str]:
    from plotsketch.config import pen_tables

    return pen_tables()


def _jobs(_ctx: click.Context) -> Iterable[str]:
    from plotsketch.plotter.journal import job_names

    return job_names()


_NAMES: dict[str, Names] = {
    "machine": _machines,
    "source": _machines,
    "model": _models,
    "init": _models,
    "preset": _presets,
    "name": _presets,
    "like": _presets,
    "palette": _palettes,
    "pens": _pen_sets,
    "job": _jobs,
    "jobs": _jobs,
    "resume": _jobs,
}
