"""``plotsketch completion``: the script that lets a shell complete commands, options and names."""

from __future__ import annotations

import click

from plotsketch.cli.options import json_option, report

SHELLS = ("bash", "zsh", "fish")
PROGRAM, VARIABLE = "plotsketch", "_PLOTSKETCH_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@json_option
@click.pass_context
def completion(ctx: click.Context, shell: str, as_json: bool) -> None:
    """Print the script that lets SHELL complete commands, options, machines, models, presets and landmarks.

    \b
    Examples:
      plotsketch completion bash > ~/.local/share/bash-completion/completions/plotsketch
      plotsketch completion zsh > ~/.zfunc/_plotsketch
      plotsketch completion fish > ~/.config/fish/completions/plotsketch.fish
    """
    from click.shell_completion import ShellComplete, get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # click has the three
    # not bash's own `source`, which looks for a bash on this machine
    script = ShellComplete.source(kind(ctx.find_root().command, {}, PROGRAM, VARIABLE))
    report({"shell": shell, "script": script}, as_json, [script.strip("\n")])
