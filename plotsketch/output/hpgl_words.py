"""HP-GL as a sequence of instructions: what stands between the mnemonics, whatever plotter it was written for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plotsketch.errors import UserError

# ESC . and a letter, with parameters that a colon ends for some of them: handshakes and the like, not for the pen.
# ESC % and so on: printers' languages around the drawing.
ESCAPE = re.compile(
    r"\x1b(?:\.(?:[@HIMNPST][\d; ]*:?|.)|%-?\d*[A-Z](?:@PJL[^\n]*\n?)*|[&*(][^A-Z]*[A-Z]|[E9=])", re.DOTALL
)
SPACE = re.compile(r"[\s;,!\x00-\x1a\x7f]+")  # Roland's cutters have !PG
WORD = re.compile(r"[A-Za-z]{2}")
PARAMETERS = re.compile(r'[\s\d,.+-]*(?:"[^"]*"[\s\d,.+-]*)*;?')
STRING = re.compile(r'"[^"]*"')
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
COMMENT = re.compile(r'\s*(?:"[^"]*")?[^;]*;?')
ENCODED = re.compile(r"[^;]*;?")  # of PE
LONGEST = 8 << 20  # bytes of an instruction
LABELS = {"LB", "BL", "WD"}  # texts, which go on to the terminator that DT sets


@dataclass(frozen=True)
class Instruction:
    """``word``: two capital letters. ``numbers``: its parameters. ``text``: those of PE, as they are encoded.
    ``at``: the byte where it begins."""

    word: str
    numbers: tuple[float, ...]
    text: str
    at: int


def instructions(data: bytes, name: str) -> Iterator[Instruction]:
    """The instructions in their order, those of texts without the text; comments and device control are passed over.

    Raises UserError, naming ``name`` and the byte, where none begins.
    """
    text = data.decode("latin-1")
    place, terminator = 0, "\x03"
    while place < len(text):
        if space := SPACE.match(text, place) or ESCAPE.match(text, place):
            place = space.end()
            continue
        found = WORD.match(text, place)
        if found is None:
            raise UserError(f"{name} is no HPGL: at byte {place} stands {text[place : place + 8]!r}, no instruction")
        word, start, place = found[0].upper(), place, found.end()
        if word in LABELS:
            end = text.find(terminator, place)
            place = len(text) if end < 0 else end + 1
            yield Instruction(word, (), "", start)
        elif word == "DT":
            terminator, place = _terminator(text, place)
        elif word == "SM":  # a character that marks points, even a semicolon's neighbour
            place += 1 if text[place : place + 1] not in (";", "") else 0
        elif word == "CO":
            place = _end(COMMENT, text, place)
        elif word == "PE":
            end = _limited(_end(ENCODED, text, place), start, name)
            yield Instruction(word, (), text[place:end].rstrip(";"), start)
            place = end
        else:
            end = _limited(_end(PARAMETERS, text, place), start, name)
            yield Instruction(word, tuple(map(float, NUMBER.findall(STRING.sub("", text[place:end])))), "", start)
            place = end


def _limited(end: int, start: int, name: str) -> int:
    if end - start > LONGEST:
        raise UserError(f"{name}: the instruction at byte {start} has {end - start:,} bytes; no plotter takes that")
    return end


def _terminator(text: str, place: int) -> tuple[str, int]:
    """What DT sets, and where it ends: ETX if it names nothing."""
    character = text[place : place + 1]
    return ("\x03", place) if character in (";", "") else (character, place + 1)


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.match(text, place)
    return match.end() if match else place
