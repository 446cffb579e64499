"""The recipe in files of ours that are neither SVG nor PNG: notes of G-code, HP-GL's comment (CO) where a profile
writes those, a TIFF's description, a PDF's information, the comment of a GIF or JPEG.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote

from plotsketch.errors import UserError
from plotsketch.output.formats import GCODE_SUFFIXES, HPGL_SUFFIXES
from plotsketch.output.gcode_in import notes_of
from plotsketch.output.sheet_in import LARGEST_FILE
from plotsketch.strokes.source import check_file, read_whole, unreadable

PROGRAM = "plotsketch"
LONGEST_RECIPE = 16 << 20  # bytes
COMMENT = re.compile(rb'^CO "([^"\x00-\x1f;]*)";$', re.MULTILINE)


def plotter_recipe(path: Path) -> dict[str, Any]:
    """What an HP-GL or G-code file of ours says of itself; nothing for others' files and for other formats.

    Raises UserError for a file that cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in (*HPGL_SUFFIXES, *GCODE_SUFFIXES):
        return {}
    data = read_whole(path, LARGEST_FILE)
    return _ours(_of_gcode(data) if suffix in GCODE_SUFFIXES else _of_hpgl(data))


def print_recipe(path: Path) -> dict[str, Any]:
    """What a TIFF, PDF, GIF or JPEG of ours says of itself, whatever its name ends in; nothing for other files.

    No more than the recipe is read of pictures. Raises UserError for a file that cannot be read or is damaged.
    """
    check_file(path)
    try:
        with path.open("rb") as file:
            head = file.read(8)
            readers = {b"II*\0": _of_tiff, b"%PDF": _of_pdf, b"GIF8": _of_picture, b"\xff\xd8\xff": _of_picture}
            reader = next((reader for magic, reader in readers.items() if head.startswith(magic)), None)
            if reader is None:
                return {}
            file.seek(0)
            return _ours([_parsed(reader(file))])
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, struct.error, SyntaxError, EOFError) as error:
        raise UserError(f"{path} is damaged or cut short; draw the sheet again") from error


def _ours(found: Iterable[object]) -> dict[str, Any]:
    return next((recipe for recipe in found if isinstance(recipe, dict) and recipe.get("program") == PROGRAM), {})


def _of_tiff(file: BinaryIO) -> bytes:
    """The ImageDescription of the first directory. The format: Adobe, TIFF Revision 6.0 (1992), page 14."""
    (start,) = struct.unpack("<4xI", file.read(8))
    file.seek(start)
    (count,) = struct.unpack("<H", file.read(2))
    for tag, _kind, length, place in struct.iter_unpack("<HHII", file.read(12 * count)):
        if tag == 270 and 4 < length <= LONGEST_RECIPE:
            file.seek(place)
            text = file.read(length)
            if len(text) < length:
                raise EOFError
            return text.rstrip(b"\0")
    return b""


def _of_pdf(file: BinaryIO) -> bytes:
    import pikepdf

    if file.seek(0, 2) > LARGEST_FILE:
        return b""
    file.seek(0)
    try:
        with pikepdf.open(file, suppress_warnings=True) as pdf:
            return str(pdf.docinfo.get("/plotsketch", "")).encode()
    except pikepdf.PdfError as error:
        raise ValueError(str(error)) from error


def _of_picture(file: BinaryIO) -> bytes:
    """The comment, without a look at the pixels."""
    from PIL import Image

    try:
        with Image.open(file, formats=("GIF", "JPEG")) as picture:
            comment = picture.info.get("comment", b"")
    except Image.DecompressionBombError:  # larger than any of ours
        return b""
    return comment if isinstance(comment, bytes) else b""


def _parsed(text: bytes) -> object:
    try:
        return json.loads(text, parse_constant=_refuse) if len(text) <= LONGEST_RECIPE else None
    except (ValueError, RecursionError):  # somebody else's words
        return None


def _of_gcode(data: bytes) -> Iterator[object]:
    yield from (said for _, kind, said in notes_of(data.decode("utf-8", "replace")) if kind == "recipe")


def _of_hpgl(data: bytes) -> Iterator[object]:
    for comment in COMMENT.finditer(data):
        try:
            yield json.loads(unquote(comment[1].decode("ascii"), errors="strict"), parse_constant=_refuse)
        except (ValueError, RecursionError):  # somebody else's words
            continue


def _refuse(name: str) -> None:
    raise ValueError(f"{name} in JSON")
