"""Where a TOML file says what: the line of each table and key, which tomllib does not tell.

The grammar: https://toml.io/en/v1.0.0 (keys, tables, arrays of tables). Only texts that tomllib has read without a
fault are looked at, so that this has nothing to check.
"""

from __future__ import annotations

import functools
import re

Path = tuple[str | int, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')"""
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")
_PARTS = re.compile(_PART)
_TOKEN = re.compile(r'''"""|\'\'\'|"(?:\\.|[^"\\])*"|'[^']*'|#.*|[\[\]{}]''')
_OPENS = re.compile(r"""[\[{]|\"{3}|'{3}""")  # of a value that may go on in the next line
_ENDS = {'"""': re.compile(r'(?:\\.|[^"\\]|"(?!""))*"{3,5}'), "'''": re.compile(r"(?:[^']|'(?!''))*'{3,5}")}


class TomlLines:
    """Lines, counted from 1, by the path to a key: ("job", 2, "each", "seed") is in the third [[job]]."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._counts: dict[Path, int] = {}
        self._table: Path = ()
        self._keys: dict[Path, list[tuple[int, str]]] = {(): []}  # of each table, not looked at yet
        self._depth, self._text_end = 0, ""
        for number, line in enumerate(text.split("\n"), start=1):
            self._take(line, number)

    def at(self, *path: str | int) -> int:
        """The line of a key, or of the nearest thing around it that has one."""
        if path not in self._lines:
            self._take_keys(path)
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _take(self, line: str, number: int) -> None:
        if self._text_end or self._depth:
            self._skip(line)
        elif "[" in line and (header := _HEADER.match(line)):
            self._table = self._opened(_names(header[2]), array=header[1] == "[[")
            self._lines.setdefault(self._table, number)
            self._keys.setdefault(self._table, [])
        else:  # keys are many, and their lines are asked for where one is wrong
            self._keys[self._table].append((number, line))
            if _OPENS.search(line):
                self._skip(line)

    def _take_keys(self, path: Path) -> None:
        """Looks at the keys of the tables that a path leads through."""
        for table in (path[:length] for length in range(len(path) + 1)):
            for number, line in self._keys.pop(table, ()):
                key = _KEY.match(line)
                names = _names(key[1]) if key else []
                for length in range(1, len(names) + 1):
                    self._lines.setdefault((*table, *names[:length]), number)

    def _opened(self, names: list[str], array: bool) -> Path:
        """The full path of a table: a name that is an array of tables means its last one."""
        path: Path = ()
        for place, name in enumerate(names):
            path = (*path, name)
            if array and place == len(names) - 1:
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _skip(self, rest: str) -> None:
        """Passes over a value, of which the end may be on a later line."""
        place = 0
        while True:
            if self._text_end:
                end = _ENDS[self._text_end].match(rest, place)
                if end is None:
                    return
                place, self._text_end = end.end(), ""
            token = _TOKEN.search(rest, place)
            if token is None:
                return
            place = token.end()
            if token[0] in _ENDS:
                self._text_end = token[0]
            elif token[0] in "[{":
                self._depth += 1
            elif token[0] in "]}":
                self._depth -= 1


@functools.lru_cache(maxsize=1024)
def _names(dotted: str) -> list[str]:
    return [part[1:-1] if part[0] in "\"'" else part for part in _PARTS.findall(dotted)]
