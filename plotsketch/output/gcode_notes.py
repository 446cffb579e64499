"""What a file of ours says in comments: its page, its layers and its recipe, in lines that no machine trips over.

A note is a line ``; plotsketch KIND {json}``; what is too long goes on in lines ``; plotsketch + ...``. The JSON is
plain ASCII, and the characters that end a comment or that GRBL obeys at once are escaped, which JSON allows.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from plotsketch.output.gcode_dialect import Dialect

MARK = "plotsketch"
UNSAFE = re.compile(r"[?!~();%*]")
NOTE = re.compile(rf"\s*{MARK} (\+|[a-z]+) (.*)")
LARGEST = 1 << 22  # characters of one note that are read


def note(kind: str, data: object, dialect: Dialect) -> Iterator[str]:
    """The comment lines that say ``data`` (of JSON's types); none where the dialect has no comments."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    text = UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    while text and dialect.comments != "none":
        head = f"{MARK} {kind} "
        piece = text[: dialect.longest - len(head) - 4]
        piece = piece.rstrip(" ") or piece  # some programs cut blanks off the ends of lines
        yield comment(head + piece, dialect)
        kind, text = "+", text[len(piece) :]


def comment(text: str, dialect: Dialect) -> str:
    """A comment line, cut to what fits and may be sent."""
    fitting = safe(text)[: dialect.longest - 4]
    return f"; {fitting}" if dialect.comments == "semicolon" else f"({fitting})"


def safe(text: str) -> str:
    """A text that can stand in a comment or a message: ASCII, without what ends either or what GRBL obeys."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(sign if sign.isprintable() else " " for sign in UNSAFE.sub(" ", plain)).strip()


def read_notes(comments: Iterable[str]) -> Iterator[tuple[int, str, Any]]:
    """The notes among a file's comments: place of the first line, kind and data; what is no JSON is left out."""
    place, kind, parts, size = 0, "", [""], 0
    for i, text in enumerate(comments):
        match = NOTE.match(text)
        if match is None:
            continue
        if match[1] == "+":
            parts.append(match[2])
            size += len(match[2])
            continue
        yield from _parsed(place, kind, parts, size)
        place, kind, parts, size = i, match[1], [match[2]], len(match[2])
    yield from _parsed(place, kind, parts, size)


def _parsed(place: int, kind: str, parts: list[str], size: int) -> Iterator[tuple[int, str, Any]]:
    if kind and size <= LARGEST:
        try:
            yield place, kind, json.loads("".join(parts))
        except (ValueError, RecursionError):  # somebody else's words
            return
