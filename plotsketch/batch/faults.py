"""What is wrong with a manifest, all of it, each with its line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from plotsketch.errors import UserError

MOST = 20  # are told of


class Faults:
    """Collects mistakes in the file of that name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._found: dict[tuple[int, str], None] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, line: int, message: str) -> None:
        self._found[line, message] = None

    @contextlib.contextmanager
    def at(self, line: int) -> Iterator[None]:
        """Takes down a UserError that is raised inside."""
        try:
            yield
        except UserError as error:
            self.add(line, str(error))

    def refuse(self) -> None:
        """Raises UserError with all of them, a line each, if there are any."""
        if not self._found:
            return
        told = [f"{self.name}:{line}: {message}" for line, message in sorted(self._found)]
        if len(told) == 1:
            raise UserError(told[0])
        more = [f"... and {len(told) - MOST} more"] if len(told) > MOST else []
        raise UserError("\n".join([f"{len(told)} mistakes, and nothing was run", *told[:MOST], *more]))
