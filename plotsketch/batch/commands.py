"""The command line, as runs need it. ``cli.batch_commands`` is it: what is to the left of cli is given it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Rehearsed:
    """What is known of a command line before a model is loaded.

    ``model`` is the one that its options name, on the line or in a preset ("" where none does), ``usual`` the one that
    the user's settings name; ``cells`` says how many drawings there will be (0: nobody knows), and ``settings`` is the
    digest of what presets and settings say to options that are not on the line.
    """

    model: str = ""
    usual: str = ""
    cells: int = 0
    settings: str = ""


class Commands(Protocol):
    """Looks at command lines, rehearses them and runs them; it can be handed to another process (pickle)."""

    def names(self) -> list[str]: ...

    def makes_files(self, command: str) -> bool: ...

    def reads_a_file(self, command: str) -> bool: ...

    def draws(self, command: str) -> bool: ...

    def options(self, command: str) -> Mapping[str, str]: ...

    def value(self, command: str, name: str, value: Any) -> tuple[str, str | bool | tuple[str, ...]] | None: ...

    def parse(self, words: Sequence[str]) -> None: ...

    def rehearse(self, words: Sequence[str], outputs: Sequence[str]) -> Rehearsed: ...

    def run(self, words: Sequence[str]) -> tuple[Mapping[str, Any], Sequence[str]]:
        """Runs a command line (without ``plotsketch``): what it says with --json, and its remarks, a line each.

        Models stay loaded for the next. Raises UserError for whatever goes wrong, in one line.
        """
        ...
