"""``plotsketch presets``: options that have a name."""

from __future__ import annotations

import shlex
from typing import Any

import click

from plotsketch.cli.options import json_option, report
from plotsketch.errors import UserError


@click.group()
def presets() -> None:
    """List, show and begin presets: a command's options with a name.

    Every command takes --preset NAME. What stands on the command line goes before what the preset says.
    """


@presets.command("list")
@json_option
def list_presets(as_json: bool) -> None:
    """Name all presets, your own among them.

    \b
    Example:
      plotsketch presets list
    """
    from plotsketch.presets import load_preset, own_folder, preset_files

    found = [load_preset(name) for name in sorted(preset_files())]
    own = own_folder()
    rows = [{"name": p.name, "for": p.commands, "about": p.about, "own": p.path.parent == own} for p in found]
    width = max(len(preset.name) for preset in found)
    lines = (f"{row['name']:<{width}}  {row['about']}{'  (yours)' if row['own'] else ''}" for row in rows)
    report({"presets": rows}, as_json, lines)


@presets.command("show")
@click.argument("name")
@json_option
def show_preset(name: str, as_json: bool) -> None:
    """Say what a preset stands for.

    \b
    Example:
      plotsketch presets show textile-64cm
    """
    from plotsketch.presets import load_preset

    preset = load_preset(name)
    words = [word for key, value in preset.options.items() for word in _words(key, value)]
    command = preset.commands[0] if preset.commands else "COMMAND"
    off = [key for key, value in preset.options.items() if value is False]
    without = [f"without {', '.join(f'--{key}' for key in off)}"] if off else []
    lines = [preset.about, f"plotsketch {command} ... {' '.join(words)}", *without, str(preset.path)]
    report({"name": preset.name, "for": preset.commands, "about": preset.about, "options": preset.options,
            "file": preset.path}, as_json, lines)  # fmt: skip


@presets.command("new")
@click.argument("name")
@click.option("--like", metavar="PRESET", help="Begin from this one.")
@json_option
def new_preset(name: str, like: str | None, as_json: bool) -> None:
    """Begin a preset of your own: a file to fill in, in your settings folder.

    \b
    Example:
      plotsketch presets new my-cloth --like textile-64cm
    """
    from plotsketch.files import write_atomically
    from plotsketch.presets import NAME, load_preset, own_folder

    if not NAME.fullmatch(name):
        raise UserError(f"'{name}' is no name for a preset; take small letters, digits and dashes, such as my-cloth")
    path = own_folder() / f"{name}.toml"
    if path.exists():
        raise UserError(f"{path} is there already; change it, or choose another name")
    write_atomically(path, _template(None if like is None else load_preset(like).name).encode())
    report({"file": path}, as_json, [str(path)])


def _template(like: str | None) -> str:
    """A file that says how to fill it in."""
    begin = [f'like = "{like}"'] if like else ['command = "grid"  # leave out for any command that has the options']
    about = f"As {like}, but ..." if like else "What it is for, in a sentence."
    return "\n".join(
        [f'about = "{about}"', *begin, "", "[options]", "# a line for each option, by its name on the command line:",
         '# margin = "2cm"', "# landscape = true", '# pen = ["red 0.5mm", "navy"]', ""]
    )  # fmt: skip


def _words(key: str, value: Any) -> list[str]:
    """An option as it would stand on the command line."""
    if isinstance(value, bool):
        return [f"--{key}"] if value else []
    items = value if isinstance(value, list) else [value]
    return [word for item in items for word in (f"--{key}", shlex.quote(str(item)))]
