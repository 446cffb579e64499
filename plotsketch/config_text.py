"""Keys of a TOML file set and taken out in its text, so that comments and the order of lines stay."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from typing import Any

from plotsketch.errors import UserError

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")


def with_key(text: str, key: Sequence[str], value: Any) -> str:
    """The text with ``value`` at the dotted ``key``, in its table; a table that is not there yet comes last.

    Raises UserError where that cannot be done line by line (inline tables, for one).
    """
    *table, name = key
    lines, written = text.splitlines(), f"{name} = {as_toml(value)}"
    found = _table(lines, table)
    if found is None:
        lines += [*([""] if lines else []), f"[{'.'.join(table)}]", written]
    else:
        place, end = _entry(lines, *found, name) or (_last(lines, *found), None)
        lines[place : place if end is None else end] = [written]
    expected = tomllib.loads(text)
    inner = expected
    for part in table:
        inner = inner.setdefault(part, {})
        if not isinstance(inner, dict):
            raise UserError(f"{'.'.join(key)} cannot stand there: {part} has a value and is no table")
    inner[name] = value
    return _checked(lines, expected, key)


def without_key(text: str, key: Sequence[str]) -> str:
    """The text without the dotted ``key``, which is there; as ``with_key``."""
    *table, name = key
    lines = text.splitlines()
    found = _table(lines, key)
    if found is not None:
        found = found[0] - 1, found[1]  # with its header
    elif (around := _table(lines, table)) is not None:
        found = _entry(lines, *around, name)
    if found is not None:
        del lines[slice(*found)]
    expected = tomllib.loads(text)
    inner = expected
    for part in table:
        inner = inner[part]
    del inner[name]
    return _checked(lines, expected, key)


def as_toml(value: Any) -> str:
    """A bool, number, text or list of these as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _table(lines: list[str], table: Sequence[str]) -> tuple[int, int] | None:
    """From the line after a table's header to the line of the next header; the first lines have none."""
    headers = [place for place, line in enumerate(lines) if _HEADER.fullmatch(line)]
    begin = -1 if not table else next((place for place in headers if _names(lines[place]) == list(table)), None)
    if begin is None:
        return None
    return begin + 1, next((place for place in headers if place > begin), len(lines))


def _names(header: str) -> list[str]:
    match = _HEADER.fullmatch(header)
    return [part.strip().strip("\"'") for part in match[1].split(".")] if match else []


def _entry(lines: list[str], begin: int, end: int, name: str) -> tuple[int, int] | None:
    """The lines that hold ``name = ...``; a value may go over several."""
    for place in range(begin, end):
        if re.match(rf"\s*([\"']?){re.escape(name)}\1\s*=", lines[place]):
            for last in range(place + 1, end + 1):
                if _is_toml("\n".join(lines[place:last])):
                    return place, last
    return None


def _last(lines: list[str], begin: int, end: int) -> int:
    """Where a line is to be added to a table: before the blank lines at its end."""
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return end


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _checked(lines: list[str], expected: dict[str, Any], key: Sequence[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    if not _is_toml(text) or _bare(tomllib.loads(text)) != _bare(expected):
        raise UserError(f"{'.'.join(key)} cannot be changed without touching more of the file; edit it by hand")
    return text


def _bare(values: Any) -> Any:
    """Without tables that are empty."""
    if not isinstance(values, dict):
        return values
    return {key: inner for key, value in values.items() if (inner := _bare(value)) != {}}
