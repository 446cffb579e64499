"""The ``plotsketch`` command: a table of commands, each imported only when it is called.

`plotsketch --help` reads the table alone. A command's module may import click and the standard library at its
top; numpy, torch, vpype and rich wait until the command runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from plotsketch import __version__
from plotsketch.cli.every_command import with_all
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Name -> where the click command lives, and its line in `plotsketch --help`.
COMMANDS: dict[str, tuple[str, str]] = {
    "grid": ("plotsketch.cli.grid:grid", "Draw a sheet that morphs between two, four or more drawings."),
    "sample": ("plotsketch.cli.sample:sample", "Draw what the model dreams up, at large or of a class."),
    "interpolate": ("plotsketch.cli.interpolate:interpolate", "Draw the way from a drawing to another, and on."),
    "walk": ("plotsketch.cli.walk:walk", "Draw a random walk: drawings that keep changing."),
    "vary": ("plotsketch.cli.vary:vary", "Draw many drawings like one, no two of them alike."),
    "pattern": ("plotsketch.cli.pattern:pattern", "Repeat drawings over cloth or wallpaper without a seam."),
    "reconstruct": ("plotsketch.cli.reconstruct:reconstruct", "Draw drawings beside what the model makes of them."),
    "analogy": ("plotsketch.cli.analogy:analogy", "Draw what A is to B as C is to it: C + (B - A)."),
    "complete": ("plotsketch.cli.complete:complete", "Draw many endings of an unfinished drawing."),
    "keep": ("plotsketch.cli.keep:keep", "Keep a drawing under a name, as a landmark of your own."),
    "landmarks": ("plotsketch.cli.landmarks:landmarks", "List the drawings that have a name."),
    "explore": ("plotsketch.cli.explore:explore", "Draw a map of drawings: what is alike stands together."),
    "morph": ("plotsketch.cli.morph:morph", "Draw a film or flip-book of drawings in motion."),
    "estimate": ("plotsketch.cli.estimate:estimate", "Say how long a sheet takes on a plotter."),
    "convert": ("plotsketch.cli.convert:convert", "Write a sheet as SVG, HPGL, G-code or a picture of it."),
    "optimize": ("plotsketch.cli.optimize:optimize", "Put the lines of a sheet in the order that plots soonest."),
    "preview": ("plotsketch.cli.preview:preview", "Show what a plotter will do, as a picture or a film."),
    "tile": ("plotsketch.cli.tile:tile", "Cut a large sheet into pages of smaller paper."),
    "proof": ("plotsketch.cli.proof:proof", "Show a repeat on a wall, a cloth or a wrapped box."),
    "plot": ("plotsketch.cli.plot:plot", "Plot a sheet on the machine that is connected."),
    "jobs": ("plotsketch.cli.jobs:jobs", "List, show and forget plots that were begun."),
    "machines": ("plotsketch.cli.machines:machines", "Say what is connected."),
    "pen": ("plotsketch.cli.pen:pen", "Lift and lower the pen of a plotter, and try its heights."),
    "jog": ("plotsketch.cli.jog:jog", "Move the raised pen by so much."),
    "home": ("plotsketch.cli.home:home", "Take the pen home, or say where home is."),
    "align": ("plotsketch.cli.align:align", "Walk to the corners of a page, to lay the paper in."),
    "outline": ("plotsketch.cli.outline:outline", "Go around what will be drawn, with the pen up."),
    "info": ("plotsketch.cli.info:info", "Show how a file was made, and what makes it again."),
    "again": ("plotsketch.cli.again:again", "Make a file again, byte for byte, from what it says of itself."),
    "edit": ("plotsketch.cli.edit:edit", "Make a file again with changes."),
    "batch": ("plotsketch.cli.batch:batch", "Make all sheets that a manifest asks for."),
    "presets": ("plotsketch.cli.presets:presets", "List, show and begin presets: options that have a name."),
    "config": ("plotsketch.cli.config:config", "Show and change what stands for every command."),
    "completion": ("plotsketch.cli.completion:completion", "Print a script that lets your shell complete words."),
    "models": ("plotsketch.cli.models:models", "List, inspect and import trained models."),
    "data": ("plotsketch.cli.data:data", "Fetch, import, inspect and sample training drawings."),
    "train": ("plotsketch.cli.train:train", "Train a model on drawings of your own."),
    "evaluate": ("plotsketch.cli.evaluate:evaluate", "Measure a model on drawings it has not seen."),
}

USER_AT_FAULT = 1
INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


class LazyGroup(click.Group):
    """A click group whose commands are a table of 'module:attribute' names, imported one at a time.

    It also owns what the process tells its caller: exit codes, and one line on stderr for every failure
    that a user can mend.
    """

    def __init__(self, *, table: dict[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, attribute = self.table[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return with_all(cmd_name, command)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        from click.shell_completion import CompletionItem

        lines = {name: line for name, (_, line) in self.table.items() if name.startswith(incomplete)}
        options = [] if lines else click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem[Any](name, help=line) for name, line in lines.items()), *options]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        # A misplaced option such as `plotsketch --rows 3` goes on to click, which names the option.
        if name not in self.table and not name.startswith("-") and not ctx.resilient_parsing:
            near = get_close_matches(name, self.table, cutoff=0.6)
            choices = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(self.table)}."
            raise click.UsageError(f"No such command '{name}'. {choices}", ctx)
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; in standalone mode (the default) leave the process with its exit code."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        sys.exit(self._exit_code(args, prog_name, complete_var, **extra))

    def _exit_code(
        self, args: Sequence[str] | None, prog_name: str | None, complete_var: str | None, **extra: Any
    ) -> int:
        """Run one command line and turn whatever comes of it into an exit code."""
        try:
            done = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            _flush_stdout()
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except click.Abort as abort:
            return _interrupted(abort)
        except UserError as error:
            click.echo(f"Error: {error}", err=True)
            return USER_AT_FAULT
        except BrokenPipeError:  # the reader of `plotsketch ... | head` has left: as click, 1 and no word
            _close_stdout()
            return USER_AT_FAULT
        except OSError as error:
            return _machine_at_fault(error)
        return done if isinstance(done, int) else 0


def _flush_stdout() -> None:
    """Lets a full disk be known while it can be said; a stdout that was closed (``>&-``) has nothing to lose."""
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()


def _interrupted(abort: click.Abort) -> int:
    """Answer Ctrl-C; click aborts on EOFError too, which from a truncated file is a bug of ours to show."""
    if isinstance(abort.__cause__, EOFError):
        raise abort.__cause__
    click.echo("Interrupted.", err=True)
    return INTERRUPTED


def _machine_at_fault(error: OSError) -> int:
    """Name a failure of the system that no command expected, such as a full disk under stdout."""
    if error.filename is None:
        _close_stdout()
    place = f": {error.filename}" if error.filename else ""
    click.echo(f"Error: {error.strerror or error}{place}", err=True)
    return USER_AT_FAULT


def _close_stdout() -> None:
    """Point stdout at nothing, or Python complains about the same broken pipe again when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="plotsketch %(version)s")
def cli() -> None:
    """Draw with a trained sketch-rnn and put the drawings on paper.

    A drawing is named the same way everywhere: cat.svg, cats.ndjson#12, sheep.npz:test#5, grid.svg@r3c7 (a cell
    of a sheet drawn before), seed:7 (a draw from the model's prior), class:flamingo (what is typical of a
    class), or a landmark: one of the model's, such as cat-head, or one that you have kept.

    \b
    Example:
      plotsketch grid cat-head pig-full --model catpig --rows 10 --cols 10 -o grid.svg
    """
