"""G-code as text: lines cut into words, comments apart, whoever wrote them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from plotsketch.errors import UserError

WORD = re.compile(r"([A-Z])\s*([-+]?(?:\d+\.?\d*|\.\d+))|(\S)")  # or what is no word
COMMENT = re.compile(r"\(([^)]*)\)?|;(.*)")
PLAIN = re.compile(r"G0*[0-3]\b[ XYZFIJR\d.+-]*$")  # most lines of most files
CHECKSUM = re.compile(r"\*\s*\d+\s*$")
# lines that are for a sender or a display, not for the machine's axes: $H, %, M117 Hello
PASSED_OVER = re.compile(r"\s*(?:N\d+\s*)?(?:[$%].*|M\s*0*(?:117|118|18|20|23|24|28|29|32|84)(?!\d).*)")
HOMING = re.compile(r"\bG\s*0*28(?![\d.])")
AXIS_ALONE = re.compile(r"([XYZE])(?!\s*[-+.\d])")  # Marlin: G28 X Y
EXPONENT = re.compile(r"\de[-+]?\d")  # some program's 1e-05, which no machine takes for a number
LARGEST = 1e9  # of any number
LONGEST = 10_000  # characters of a line without its comments; machines take 80 to 256
PAUSE_WITH_WORDS = re.compile(r"(\s*(?:N\d+\s*)?M\s*0*[01])(?![\d.])\s*[A-Z]{2,}.*")  # Marlin: M0 put in the red pen


class Block(NamedTuple):
    """A line: its number from 1, and its words in their order; none on a line of comments."""

    number: int
    words: tuple[tuple[str, float], ...]


def blocks(text: str, name: str) -> Iterator[Block]:
    """The lines that say something. Raises UserError, naming ``name`` and the line, for what is no G-code."""
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        is_commented = "(" in line or ";" in line
        plain = COMMENT.sub(" ", line).rstrip() if is_commented else line.rstrip()
        if len(plain) > LONGEST:
            raise UserError(f"{name}, line {number}: a line of {len(plain):,} characters, which no machine takes")
        words = _words(plain, name, number)
        if words or is_commented:
            yield Block(number, words)


def _words(line: str, name: str, number: int) -> tuple[tuple[str, float], ...]:
    plain = line.upper()
    if not PLAIN.match(plain):
        plain = _plain(plain)
    words = []
    for letter, digits, rest in WORD.findall(plain):
        if rest or ("e" in line and EXPONENT.search(line)):
            raise UserError(f"{name}, line {number}: '{line.strip()[:40]}' is no G-code that plotsketch understands")
        value = float(digits)
        if abs(value) > LARGEST:
            raise UserError(f"{name}, line {number}: a number above {LARGEST:,.0f}")
        if letter != "N":
            words.append((letter, value))
    return tuple(words)


def _plain(line: str) -> str:
    """A line without what is not for the machine's axes: checksum, switch, words for people."""
    plain = CHECKSUM.sub("", line.strip("\0\x1a\ufeff \t"))
    if PASSED_OVER.match(plain):
        return ""
    if match := PAUSE_WITH_WORDS.fullmatch(plain):
        plain = match[1]
    if HOMING.search(plain):
        plain = AXIS_ALONE.sub(r"\g<1>0", plain)
    return plain.removeprefix("/")  # a line that a switch would skip; the switch is off
