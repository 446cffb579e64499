"""What every command has: ``--preset``, ``--quiet``, what stands in configuration and environment, completion."""

from __future__ import annotations

import click

from plotsketch.cli.completing import complete_names
from plotsketch.cli.options import take_quiet
from plotsketch.cli.preset_option import with_preset
from plotsketch.cli.standing import StandingContext

# The first two are there to mend a configuration, which must not stop them; to the others nothing counts but the file.
UNCONFIGURED = ("config", "completion", "again", "edit")


def with_all(name: str, command: click.Command) -> click.Command:
    """The command of a name, or a group's commands, with what every command has, once."""
    with_preset(command)
    for leaf in _leaves(command):
        if not any(parameter.name == "quiet" for parameter in leaf.params):
            leaf.params.append(
                click.Option(
                    ["-q", "--quiet"], is_flag=True, is_eager=True, expose_value=False, callback=take_quiet,
                    help="Results, warnings and errors only; of files, their paths.",
                )
            )  # fmt: skip
            complete_names(leaf)
            if name not in UNCONFIGURED:
                leaf.context_class = StandingContext
    return command


def _leaves(command: click.Command) -> list[click.Command]:
    if isinstance(command, click.Group):
        return [leaf for inner in command.commands.values() for leaf in _leaves(inner)]
    return [command]
