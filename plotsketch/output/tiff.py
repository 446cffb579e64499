"""A sheet as TIFF, written from the top down: 8 bits a channel, Deflate, the resolution exact.

The format: Adobe, TIFF Revision 6.0 (1992); Deflate is compression 8 of Adobe's Photoshop TIFF Technical Notes (2002).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

from plotsketch.errors import UserError
from plotsketch.output.raster import STRIP, Raster

LEVEL = 6
SHORT, LONG = (3, "H"), (4, "I")
ASCII, RATIONAL = 2, 5
LARGEST = 2**32 - 1  # bytes: places in a file are 32 bits
INCH, CHUNKY, UPRIGHT, DEFLATE, UNASSOCIATED = 2, 1, 1, 8, 2
BLACK_IS_ZERO, RGB = 1, 2


def write_tiff(file: BinaryIO, raster: Raster, dpi: float, note: str) -> None:
    """Writes a picture as it is made into a file that can be sought in; ``note`` (ASCII) is its ImageDescription.

    Raises UserError for a picture of more than 4 GB.
    """
    file.write(b"II*\0" + bytes(4))  # where the directory begins is known at the end
    places, lengths = [], []
    place = 8
    for rows in _strips(raster):
        data = zlib.compress(rows, LEVEL)
        data += bytes(len(data) % 2)  # what follows begins at an even place
        file.write(data)
        places.append(place)
        lengths.append(len(data))
        place += len(data)
    directory = _directory(place, [*_fields(raster, dpi, note), (273, *LONG, places), (279, *LONG, lengths)])
    if place + len(directory) > LARGEST:
        raise UserError("a TIFF has room for 4 GB, and this picture needs more; take a smaller --dpi or .png")
    file.write(directory)
    file.seek(4)
    file.write(struct.pack("<I", place))


def _strips(raster: Raster) -> Iterator[bytes]:
    for rows in raster.strips:
        for start in range(0, len(rows), STRIP):
            yield rows[start : start + STRIP].tobytes()


Field = tuple[int, int, str, list[int]]


def _fields(raster: Raster, dpi: float, note: str) -> list[Field]:
    """What a reader needs to know, but for the strips' places: tag, type, how it is packed, values."""
    resolution = Fraction(dpi).limit_denominator(10_000)
    per_inch = [resolution.numerator, resolution.denominator]
    fields: list[Field] = [
        (256, *LONG, [raster.width]),
        (257, *LONG, [raster.height]),
        (258, *SHORT, [8] * raster.channels),
        (259, *SHORT, [DEFLATE]),
        (262, *SHORT, [BLACK_IS_ZERO if raster.channels == 1 else RGB]),
        (270, ASCII, "B", [*note.encode("ascii"), 0]),
        (274, *SHORT, [UPRIGHT]),
        (277, *SHORT, [raster.channels]),
        (278, *LONG, [STRIP]),
        (282, RATIONAL, "I", per_inch),
        (283, RATIONAL, "I", per_inch),
        (284, *SHORT, [CHUNKY]),
        (296, *SHORT, [INCH]),
        (305, ASCII, "B", [*b"plotsketch", 0]),
    ]
    return [*fields, (338, *SHORT, [UNASSOCIATED])] if raster.channels == 4 else fields


def _directory(place: int, fields: list[Field]) -> bytes:
    """The image file directory that begins at ``place``, and behind it the values that are too long for it."""
    entries, beyond = b"", b""
    behind = place + 2 + 12 * len(fields) + 4
    for tag, kind, code, values in sorted(fields):
        data = struct.pack(f"<{len(values)}{code}", *values)
        count = len(values) // 2 if kind == RATIONAL else len(values)
        if len(data) > 4:
            entries += struct.pack("<HHII", tag, kind, count, behind + len(beyond))
            beyond += data + bytes(len(data) % 2)
        else:
            entries += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0")
    return struct.pack("<H", len(fields)) + entries + bytes(4) + beyond
