"""What the documentation tells people to type works, and every command is shown."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from plotsketch.cli.main import cli

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(plotsketch [^`]+)`")
# A command line, perhaps after a prompt, a variable (A=1) or another program (torchrun -m plotsketch).
CALL = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S+/)?(?:(?:python3?|torchrun) .*-m )?plotsketch( .*)?$")
SHELL = {"|", ">", ">>", "2>", "&&", "||", ";", "&", "#"}


def calls_in(text: str) -> Iterator[list[str]]:
    """The words after `plotsketch` of every command line in a page."""
    blocks = FENCED.findall(text)
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += [re.sub(r"[\[\]]|\.\.\.", "", line) for line in INLINE.findall(FENCED.sub("", text))]
    for line in lines:
        if match := CALL.match(line):
            words = shlex.split(match[1] or "")
            end = next((place for place, word in enumerate(words) if word in SHELL), len(words))
            yield words[:end]


CALLS = [(page.name, words) for page in PAGES for words in calls_in(page.read_text())]


def find_command(words: list[str]) -> tuple[click.Context, list[str]]:
    """The command that a line calls, and the words that are left for it."""
    context = click.Context(cli, info_name="plotsketch")
    while isinstance(context.command, click.Group) and words and not words[0].startswith("-"):
        command = context.command.get_command(context, words[0])
        assert command is not None, f"no command '{context.command_path} {words[0]}'"
        context = click.Context(command, info_name=words[0], parent=context)
        words = words[1:]
    return context, words


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> list[str]:
    """Every command that does something, as it is called."""
    found = []
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        inner = isinstance(command, click.Group)
        found += leaves(command, (*path, name)) if inner else [" ".join((*path, name))]
    return found


@pytest.mark.parametrize(("page", "words"), CALLS)
def test_what_the_docs_say_to_type_is_understood(page: str, words: list[str]) -> None:
    context, rest = find_command(words)
    try:
        context.command.make_parser(context).parse_args(list(rest))
    except click.UsageError as error:
        pytest.fail(f"{page}: plotsketch {' '.join(words)}: {error.format_message()}")


@pytest.mark.parametrize("command", leaves(cli))
def test_every_command_has_an_example(command: str) -> None:
    name = command.split()
    assert any(words[: len(name)] == name for _, words in CALLS), f"no example of `plotsketch {command}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} points at {target}, which is not there"
