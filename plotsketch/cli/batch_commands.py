"""The command line as a run's jobs need it: options looked at one by one, commands rehearsed, and run."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from plotsketch.cli import drawing
from plotsketch.cli.standing import usual_model
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.art.recipe import Recipe
    from plotsketch.batch.commands import Rehearsed
    from plotsketch.model.sketcher import Sketcher

NOT_FOR_JOBS = ("json", "show", "output", "help", "quiet")  # a run says where files go, and nobody sits before it
NO_JOBS = ("batch", "again", "edit", "evaluate")


class CommandLine:
    """Implements ``plotsketch.batch.commands.Commands``; it has no state, and goes to other processes as it is."""

    def names(self) -> list[str]:
        """The commands that can be jobs."""
        from plotsketch.cli.main import COMMANDS

        return [name for name in COMMANDS if self.makes_files(name)]

    def makes_files(self, command: str) -> bool:
        """Whether a command writes files and so can be a job."""
        return _makes_files(command)

    def reads_a_file(self, command: str) -> bool:
        """Whether it works on one file, as the steps of a job do: convert, estimate, optimize ..."""
        return _reads_a_file(command)

    def draws(self, command: str) -> bool:
        """Whether its arguments are drawings and a model draws."""
        return _draws(command)

    def options(self, command: str) -> Mapping[str, str]:
        """The names of its options, each with ``flag``, ``many`` (it may be repeated) or ``one``."""
        return _kinds(command)

    def value(self, command: str, name: str, value: Any) -> tuple[str, str | bool | tuple[str, ...]] | None:
        """An option as it stands on the command line: its name there, and its value; None for a flag that is not set.

        Raises UserError for an unknown option, with the nearest, and for a value that it does not take.
        """
        options = _options(command)
        if name not in options:
            near = get_close_matches(name, options, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; `plotsketch {command} --help` has them all"
            raise UserError(f"{command} has no option '{name}'{hint}")
        option = options[name]
        if option.is_flag:
            return _flag(option, name, value)
        texts = tuple(_text(name, item) for item in (value if isinstance(value, list | tuple) else [value]))
        if not option.multiple and (len(texts) != 1 or isinstance(value, list | tuple)):
            raise UserError(f"{name} = {list(texts)!r}; it takes one value; lists of values stand in `each`")
        _check_type(command, option, texts)
        return name, texts if option.multiple else texts[0]

    def parse(self, words: Sequence[str]) -> None:
        """Raises UserError for a command line that click does not understand."""
        with _one_line():
            _parsed(words)

    def rehearse(self, words: Sequence[str], outputs: Sequence[str]) -> Rehearsed:
        """Goes through a command line as far as it goes without a model, for files of such names.

        Raises UserError for whatever the command finds wrong by then.
        """
        from plotsketch.batch.commands import Rehearsed

        met: list[Rehearsed] = []

        def stop(_model: str | Path, recipe: Recipe) -> Sketcher:
            rows, cols = recipe.shape or (0, 0)
            context = click.get_current_context()
            named = context.params.get("model") or ""
            met.append(Rehearsed(named, usual_model() or "", rows * cols, _settings(context)))
            raise _Enough

        with tempfile.TemporaryDirectory() as folder, _by_names(folder, outputs) as places, _one_line():
            line = [words[0], *(f"--output={place}" for place in places), *words[1:]]
            if not self.draws(words[0]):
                return Rehearsed(settings=_settings(_parsed(line)))
            with _loading(stop), _silent():
                _run(line)
        return met[0]

    def run(self, words: Sequence[str]) -> tuple[Mapping[str, Any], Sequence[str]]:
        """Runs a command line: what it says with --json, and its remarks. The model stays loaded for the next.

        Raises UserError for whatever goes wrong, in one line.
        """
        words = [words[0], *(["--json"] if "json" in _spellings(words[0]) else []), *words[1:]]
        with _one_line(), _loading(_shared), _silent() as (said, remarks):
            _run(words)
        try:
            results = json.loads(said.getvalue())
        except ValueError:  # a command that says nothing
            results = {}
        return results, [line for line in remarks.getvalue().splitlines() if not _PASSING.search(line)]


# Words to who waits, which hang on how busy a machine is: progress, and patience with the first run.
_PASSING = re.compile(r": \d+ %, about \d+ s left$|^Ordering lines\. The first run")


class _Enough(Exception):
    """A rehearsal has come to its end."""


@functools.lru_cache(maxsize=1)  # jobs come by their models
def _loaded(path: Path, _marks: tuple[int, int]) -> Sketcher:
    from plotsketch.api.model import load

    return load(path)


def _shared(model: str | Path, _recipe: Recipe) -> Sketcher:
    from plotsketch.model import catalogue

    path = catalogue.find(model)
    found = path.stat()
    return _loaded(path.resolve(), (found.st_mtime_ns, found.st_size))


@contextlib.contextmanager
def _loading(loader: Callable[[str | Path, Recipe], Sketcher]) -> Iterator[None]:
    token = drawing.LOADER.set(loader)
    try:
        yield
    finally:
        drawing.LOADER.reset(token)


@contextlib.contextmanager
def _silent() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """Keeps what a command prints: on stdout, and on stderr."""
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()) as remarks:
        yield said, remarks


@contextlib.contextmanager
def _one_line() -> Iterator[None]:
    """Whatever a command fails of, in one line."""
    try:
        yield
    except click.ClickException as error:
        raise UserError(" ".join(error.format_message().split())) from error
    except click.Abort as error:  # click's word for Ctrl-C, and for a file that ends too early
        if isinstance(error.__cause__, EOFError):
            raise UserError("a file that is read ends too early") from error
        raise KeyboardInterrupt from error
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        raise UserError(f"{error.strerror or error}{place}") from error
    except MemoryError as error:
        raise UserError("there is not enough memory for it; run fewer jobs at a time (--jobs)") from error


@contextlib.contextmanager
def _by_names(folder: str, names: Sequence[str]) -> Iterator[list[str]]:
    """A place in a folder for each file; a UserError that speaks of it speaks of the file's own name."""
    places = {os.path.join(folder, f"{i}{PurePosixPath(name).suffix}"): name for i, name in enumerate(names)}
    try:
        yield list(places)
    except UserError as error:
        text = str(error)
        for place, name in places.items():
            text = text.replace(place, name)
        raise UserError(text) from error


def _run(words: Sequence[str]) -> None:
    from plotsketch.cli.main import cli

    with contextlib.suppress(_Enough):
        cli.main(list(words), prog_name="plotsketch", standalone_mode=False)


def _parsed(words: Sequence[str]) -> click.Context:
    """The context of a command that has its words and has not run."""
    from plotsketch.cli.main import cli

    parent = cli.make_context("plotsketch", [words[0]])
    return _command(words[0]).make_context(words[0], list(words[1:]), parent=parent)


def _settings(context: click.Context) -> str:
    """Digest of what options come to that do not stand on the command line: of presets, settings and defaults."""
    from plotsketch.art.provenance import text_digest

    sources = {name: context.get_parameter_source(name) for name in context.params}
    silent = [name for name, source in sources.items() if source is not ParameterSource.COMMANDLINE]
    return text_digest({name: repr(context.params[name]) for name in silent})


@functools.cache
def _command(name: str) -> click.Command:
    from plotsketch.cli.main import cli

    found = cli.get_command(click.Context(cli), name)
    if found is None:
        raise UserError(f"there is no command '{name}'")
    return found


@functools.cache
def _makes_files(name: str) -> bool:
    from plotsketch.cli.main import COMMANDS

    if name not in COMMANDS or name in NO_JOBS:
        return False
    command = _command(name)
    return not isinstance(command, click.Group) and any(parameter.name == "output" for parameter in command.params)


@functools.cache
def _reads_a_file(name: str) -> bool:
    from plotsketch.cli.main import COMMANDS

    if name not in COMMANDS:
        return False
    arguments = [parameter.name for parameter in _command(name).params if isinstance(parameter, click.Argument)]
    return arguments == ["file"]


@functools.cache
def _draws(command: str) -> bool:
    return {"model", "temperature"} <= {parameter.name for parameter in _command(command).params}


@functools.cache
def _kinds(command: str) -> dict[str, str]:
    return {
        name: "flag" if option.is_flag else "many" if option.multiple else "one"
        for name, option in _options(command).items()
    }


@functools.cache
def _spellings(command: str) -> dict[str, click.Option]:
    return {
        spelling.lstrip("-"): option
        for option in _command(command).params
        if isinstance(option, click.Option)
        for spelling in (*option.opts, *option.secondary_opts)
        if spelling.startswith("--")
    }


@functools.cache
def _options(command: str) -> dict[str, click.Option]:
    return {name: option for name, option in _spellings(command).items() if name not in NOT_FOR_JOBS}


def _flag(option: click.Option, name: str, value: Any) -> tuple[str, bool] | None:
    if not isinstance(value, bool):
        raise UserError(f"{name} = {value!r}; it takes true or false")
    if value:
        return name, True
    others = option.secondary_opts if f"--{name}" in option.opts else option.opts
    return (others[0].lstrip("-"), True) if others else None


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UserError(f"{name} = {value!r}; it takes a text or a number")
    return str(value)


@functools.cache
def _context(command: str) -> click.Context:
    """One for all values: they are looked at alone, and leave nothing in it."""
    return click.Context(_command(command), info_name=command)


def _check_type(command: str, option: click.Option, texts: tuple[str, ...]) -> None:
    if option.name == "preset":  # its callback wants a command line that is being read
        from plotsketch.cli.preset_option import values_for

        values_for(_command(command), command, texts[0])
        return
    try:
        option.process_value(_context(command), texts if option.multiple else texts[0])
    except click.BadParameter as error:
        raise UserError(f"{max(option.opts, key=len).lstrip('-')}: {error.message}") from error
