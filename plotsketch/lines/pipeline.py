"""A user's own vpype pipeline, run on a sheet.

``vpype_cli.execute`` reseeds the global random generators, sets up logging and prints to stdout. Here the pipeline's
words are made into vpype's processors by vpype's own commands, but under a group of ours, and whatever they do to this
process is undone.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib.metadata
import logging
import random
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import click
import numpy as np
import vpype
import vpype_cli
from vpype_cli.cli import preprocess_argument_list

from plotsketch.errors import UserError


def check_pipeline(pipeline: str) -> None:
    """Raises UserError for a pipeline that vpype does not understand. Runs nothing."""
    _processors(pipeline)


def run_pipeline(document: vpype.Document, pipeline: str, seed: int = 0) -> vpype.Document:
    """What the pipeline (``linemerge linesort``) makes of a copy of the document.

    Commands that draw random numbers get them from ``seed``: the same sheet and pipeline make the same lines. What they
    print goes to stderr. A pipeline that loses the page's size gets the old one back. Raises UserError when a command
    fails, or when no line is left.
    """
    processors = _processors(pipeline)
    state = vpype_cli.State(copy.deepcopy(document))
    with _as_it_was(), _told(pipeline):
        random.seed(seed)
        np.random.seed(seed % 2**32)
        vpype_cli.execute_processors(processors, state)
    result = state.document
    if result.is_empty():
        raise UserError(
            f"the vpype pipeline '{pipeline}' leaves no lines on the sheet; look at what it deletes or crops"
        )
    if result.page_size is None:
        result.page_size = document.page_size
    return result


class _Commands(click.Group):
    """vpype's commands and its plugins', chained. Called, it gives their processors and runs none of them."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return vpype_cli.cli.get_command(ctx, cmd_name) or _plugins().get(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*vpype_cli.cli.list_commands(ctx), *_plugins()]


def _processors(pipeline: str) -> list[Any]:
    with _as_it_was(), _told(pipeline):
        words = preprocess_argument_list(shlex.split(pipeline))
        if not words:
            raise click.UsageError("it is empty")
        processors = _Commands("vpype", chain=True).main(words, prog_name="vpype", standalone_mode=False)
        if not isinstance(processors, list):  # --help and its like leave with an exit code
            raise click.UsageError("it has an option, such as --help, that ends it")
        return processors


@functools.cache
def _plugins() -> dict[str, click.Command]:
    """The commands of installed plugins; one that cannot be loaded is as good as absent, as for vpype itself."""
    found: dict[str, click.Command] = {}
    for entry in importlib.metadata.entry_points(group="vpype.plugins"):
        with contextlib.suppress(Exception):
            command = entry.load()
            found[command.name] = command
    return found


@contextlib.contextmanager
def _told(pipeline: str) -> Iterator[None]:
    """Any failure of a user's pipeline, which may be any failure of any plugin, is one line."""
    try:
        yield
    except click.ClickException as error:
        raise UserError(_line(pipeline, error.format_message())) from error
    except click.Abort as error:
        raise UserError(_line(pipeline, "it gave up")) from error
    except (Exception, SystemExit) as error:
        raise UserError(_line(pipeline, f"{type(error).__name__}: {error}")) from error


def _line(pipeline: str, reason: str) -> str:
    reason = " ".join(reason.split()).rstrip(".")
    return f"the vpype pipeline '{pipeline}' fails: {reason}; try it alone as: vpype read sheet.svg {pipeline} show"


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Gives back random generators, logging and vpype's current state as they were; stdout is stderr meanwhile."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    python, numpy = random.getstate(), np.random.get_state()
    current = vpype_cli.State._current_state
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        root.handlers[:], root.level = handlers, level
        random.setstate(python)
        np.random.set_state(numpy)
        vpype_cli.State._current_state = current
