"""How an EiBotBoard is spoken to: parameters, errors, and both of its reply syntaxes (ebb.html, "Syntax", "Errors")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

Version = tuple[int, int, int]

FUTURE = (3, 0, 0)  # the first firmware with the future syntax
ERRORS_NAMED = (3, 0, 3)  # the first that puts errors into its syntaxes
NUMBER = re.compile(r"-?\d+")


class Refused(Exception):
    """A command that the board does not do: what it says instead, from ``!`` on."""


class Dropped(Exception):
    """The board was reset while a command waited: it says nothing."""


class Ending(Enum):
    """What follows an answer in the legacy syntax; orders of CR and LF as the documentation has them."""

    OK = "OK\r\n"
    OK_TURNED = "OK\n\r"
    CRLF_OK = "\r\nOK\r\n"
    LFCR_OK = "\n\rOK\r\n"
    CRLF = "\r\n"
    LFCR = "\n\r"


@dataclass(frozen=True)
class Answer:
    """``data``: what a query tells. ``legacy``: what is said in its stead, and ``raw`` in any syntax."""

    data: str | None = None
    ending: Ending = Ending.OK
    legacy: str | None = None
    raw: str | None = None


@dataclass
class Syntax:
    """How replies are to be: firmware, future syntax or legacy, with OK or (CU,1,0) without."""

    firmware: Version
    future: bool = False
    ok: bool = True
    checksums: bool = False

    def reply(self, name: str, answer: Answer) -> str:
        if answer.raw is not None:
            return answer.raw
        if self.future:
            return f"{name}\n" if answer.data is None else f"{name},{answer.data}\n"
        ending = answer.ending.value
        if not self.ok:
            ending = ending.replace("OK\r\n", "").replace("OK\n\r", "")
        data = answer.legacy if answer.legacy is not None else answer.data
        return f"{data or ''}{ending}"

    def error(self, name: str, words: str) -> str:
        """Since 3.0.3 an error is the answer's data, and OK ends its line; before that it has a line of its own."""
        if self.future:
            return f"{name},{words}\n" if self.firmware >= ERRORS_NAMED else f"{words}\n"
        if self.firmware >= ERRORS_NAMED:
            return f"{words}OK\r\n"
        return f"{words}\r\nOK\r\n" if self.ok else f"{words}\r\n"

    def unchecked(self, command: str) -> str:
        """A command without its checksum. Raises Refused where it is missing or wrong."""
        if not self.checksums:
            return command
        numbers = (10, 9) if self.firmware >= ERRORS_NAMED else (8, 8)
        body, comma, given = command.rpartition(",")
        if not comma or not given.isdecimal():
            raise Refused(f"!{numbers[0]} Err: No checksum found but required")
        if int(given) != checksum(body):
            raise Refused(f"!{numbers[1]} Err: Checksum incorrect, expected {checksum(body)}")
        return body


def checksum(command: str) -> int:
    """The two's complement of the sum of a command's bytes (ebb.html, CU,54)."""
    return -sum(command.encode("latin-1")) % 256


def split_name(command: str) -> tuple[str, str]:
    """The name of a command, one or two characters, in capitals, and what follows it."""
    head = command.split(",", 1)[0][:2]
    return head.upper(), command[len(head) :]


def unknown(name: str) -> Refused:
    return Refused(f"!8 Err: Unknown command '{name}:{''.join(f'{ord(one):02X}' for one in name)}'")


class Parameters:
    """The parameters of a command, read one after another. Every method raises Refused as the board would."""

    def __init__(self, text: str) -> None:
        self._rest = text

    @property
    def is_empty(self) -> bool:
        return not self._rest

    def number(self, low: int, high: int) -> int:
        """The next, between `low` and `high`."""
        self._comma()
        found = NUMBER.match(self._rest)
        if found is None:
            raise Refused("!6 Err: Invalid parameter value" if self._rest else "!4 Err: Missing parameter(s)")
        self._rest = self._rest[found.end() :]
        if not low <= int(found[0]) <= high:
            raise Refused("!6 Err: Invalid parameter value")
        return int(found[0])

    def maybe(self, low: int, high: int, default: int) -> int:
        """The next, or `default` where there is none."""
        return default if self.is_empty else self.number(low, high)

    def text(self, longest: int) -> str:
        """All that follows a comma, but no more than `longest` characters."""
        self._comma()
        text, self._rest = self._rest, ""
        if len(text) > longest:
            raise Refused("!6 Err: Invalid parameter value")
        return text

    def end(self) -> None:
        if self._rest.startswith(","):
            raise Refused("!7 Err: Extra parameter")
        if self._rest:
            raise Refused(f"!5 Err: Need comma next, found: '{self._rest[0]}'")

    def _comma(self) -> None:
        if self.is_empty:
            raise Refused("!4 Err: Missing parameter(s)")
        if not self._rest.startswith(","):
            raise Refused(f"!5 Err: Need comma next, found: '{self._rest[0]}'")
        self._rest = self._rest[1:]
