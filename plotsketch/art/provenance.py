"""The recipe that a sheet's file carries, read back: SVGs hold it in <metadata>, PNGs in a text chunk.

Files may come from anywhere: they are read in small pieces and no further than the recipe, XML declarations are
refused, and what a recipe says is checked before anything is made of it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from xml.parsers import expat

from plotsketch.errors import UserError
from plotsketch.strokes.source import check_file, unreadable

from .recipe import Recipe, recipe_class

PROGRAM = "plotsketch"
LONGEST_RECIPE = 16 << 20  # bytes; ten thousand inputs have half a MB
LARGEST_FILE = 256 << 20  # bytes
MOST_CELLS = 100_000
PIECE = 1 << 16
GZIPPED = b"\x1f\x8b"
PNG_START = b"\x89PNG\r\n\x1a\n"
DIGEST_LENGTH = 12


@dataclass(frozen=True)
class SheetFile:
    """What a sheet's file says of how it was made.

    ``model`` and ``digest`` name the checkpoint; ``sources`` has the digest of each file and of each landmark of the
    user's own that it was drawn from, by the name that the recipe has for it.
    """

    path: Path
    recipe: Recipe
    model: str
    digest: str
    sources: Mapping[str, str]

    @property
    def identity(self) -> str:
        """The same for files whose drawings are the same, whatever their format, paper and pens."""
        return text_digest([self.digest, self.recipe.to_dict(), dict(self.sources)])


def read_sheet(path: Path) -> SheetFile:
    """Raises UserError for a file that is missing, damaged or cut short, that carries no recipe of ours, or one that
    this version cannot read."""
    values = read_provenance(path)
    try:
        recipe = recipe_class(_word(values, "command")).from_dict(values)
        sources = values.get("sources", {})
        if not isinstance(sources, dict) or not all(isinstance(digest, str) for digest in sources.values()):
            raise UserError("'sources' in the recipe are no digests")
        if recipe.shape is not None and recipe.shape[0] * recipe.shape[1] > MOST_CELLS:
            raise UserError(f"{recipe.shape[0]} x {recipe.shape[1]} cells are more than {MOST_CELLS:,}")
        return SheetFile(path, recipe, _word(values, "model"), _word(values, "digest"), sources)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise UserError(f"{path}: the recipe in it is damaged; draw the sheet again") from error


def read_provenance(path: Path) -> dict[str, Any]:
    """All that a sheet's file says of itself, unchecked but for being ours. Raises UserError."""
    check_file(path)
    try:
        with path.open("rb") as raw:
            head = raw.peek(len(PNG_START))
            file = gzip.GzipFile(fileobj=raw) if head.startswith(GZIPPED) else raw  # .svgz
            is_png = head.startswith(PNG_START) or path.suffix.lower() == ".png"  # the former: also .apng
            texts = _png_texts(file, path) if is_png else _svg_texts(file, path)
            for text in texts:
                values = _ours(text)
                if values is not None:
                    return values
    except (EOFError, zlib.error) as error:
        raise UserError(f"{path} is damaged or cut short; draw the sheet again") from error
    except OSError as error:
        raise unreadable(path, error) from error
    raise UserError(
        f"{path} carries no recipe of plotsketch: another program made it or wrote it anew; cells can be taken from "
        "files as plotsketch wrote them"
    )


def file_digest(path: Path) -> str:
    """Of a file's bytes. Raises UserError when it cannot be read."""
    check_file(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:DIGEST_LENGTH]
    except OSError as error:
        raise unreadable(path, error) from error


def text_digest(values: object) -> str:
    """Of what JSON can say."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:DIGEST_LENGTH]


def _word(values: Mapping[str, Any], name: str) -> str:
    if not isinstance(values.get(name), str):
        raise UserError(f"the recipe in it is damaged: '{name}' is missing; draw the sheet again")
    return str(values[name])


def _ours(text: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) and values.get("program") == PROGRAM else None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} in JSON")


def _svg_texts(file: BinaryIO | gzip.GzipFile, path: Path) -> Iterator[bytes]:
    """The text of each <metadata> of the outermost element, as soon as it has been read."""
    reader = _MetadataReader(path)
    read = 0
    try:
        while piece := file.read(PIECE):
            read += len(piece)
            if read > LARGEST_FILE:
                raise UserError(f"{path} is larger than {LARGEST_FILE >> 20} MiB and carries no recipe until there")
            reader.parser.Parse(piece, False)
            yield from reader.take()
        reader.parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an unknown encoding
        raise UserError(f"{path} is no sheet of plotsketch, or damaged or cut short: {error}") from error


class _MetadataReader:
    """Collects the text that stands directly in a <metadata> on the second level."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._declared
        self.parser.AttlistDeclHandler = self._declared
        self._depth = 0
        self._collected: list[str] | None = None
        self._size = 0
        self._done: list[bytes] = []

    def take(self) -> list[bytes]:
        done, self._done = self._done, []
        return done

    def _start(self, tag: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth == 2 and tag.rpartition(" ")[2] == "metadata":
            self._collected, self._size = [], 0

    def _end(self, _tag: str) -> None:
        if self._depth == 2 and self._collected is not None:
            self._done.append("".join(self._collected).strip().encode())
            self._collected = None
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._depth == 2 and self._collected is not None:
            self._size += len(text)
            if self._size > LONGEST_RECIPE:
                raise UserError(f"{self.path}: its <metadata> is larger than any recipe of plotsketch")
            self._collected.append(text)

    def _declared(self, *_declaration: object) -> NoReturn:
        raise UserError(f"{self.path} declares XML entities or attributes of its own; plotsketch writes no such file")


def _png_texts(file: BinaryIO | gzip.GzipFile, path: Path) -> Iterator[bytes]:
    """The tEXt chunks under our name: length (4 bytes, big-endian), type (4), data, checksum (4).

    The format: https://www.w3.org/TR/png-3/#5Chunk-layout
    """
    if file.read(len(PNG_START)) != PNG_START:
        raise UserError(f"{path} is no PNG file")
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise UserError(f"{path} is cut short; draw the sheet again")
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return
        if kind != b"tEXt" or length > LONGEST_RECIPE:
            file.seek(length + 4, 1)
            continue
        data, checksum = file.read(length), file.read(4)
        if len(checksum) < 4 or zlib.crc32(kind + data) != int.from_bytes(checksum, "big"):
            raise UserError(f"{path} is damaged or cut short; draw the sheet again")
        name, _, text = data.partition(b"\0")
        if name == PROGRAM.encode():
            yield text
