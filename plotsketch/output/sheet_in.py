"""A sheet's file as a document, whatever its format."""

from __future__ import annotations

import zlib
from pathlib import Path

import vpype

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.output.formats import GCODE_SUFFIXES, HPGL_SUFFIXES
from plotsketch.strokes.source import read_whole

LARGEST_FILE = 256 << 20  # bytes
GZIPPED = b"\x1f\x8b"  # how gzip files begin, .svgz among them
SUFFIXES = (".svg", ".svgz", *HPGL_SUFFIXES, *GCODE_SUFFIXES)


def read_sheet(path: Path, machine: Machine | None = None) -> vpype.Document:
    """The document in an SVG, HPGL or G-code file from anywhere; ``machine`` says how the latter two are meant.

    SVGs may be packed by gzip. A file of an unknown suffix is taken for SVG if it begins like one. Raises UserError for
    a file that is missing, too large, damaged, unsafe or none of these, and for one without lines.
    """
    suffix = path.suffix.lower()
    data = read_whole(path, LARGEST_FILE)
    if suffix in HPGL_SUFFIXES:
        from plotsketch.output.hpgl_in import document_of as hpgl_document

        return hpgl_document(data, str(path), machine if machine is not None and machine.hpgl else None)
    if suffix in GCODE_SUFFIXES:
        from plotsketch.output.gcode_in import document_of as gcode_document

        return gcode_document(data, str(path), machine if machine is not None and machine.gcode else None)
    if data.startswith(GZIPPED) and suffix in (".svg", ".svgz"):
        data = _unpacked(data, path)
    if suffix in (".svg", ".svgz") and not data.strip():
        raise UserError(f"{path} is empty; save the drawing again")
    if suffix not in (".svg", ".svgz") and b"<svg" not in data[:4096]:
        raise UserError(f"{path} is no sheet that plotsketch reads; it reads {', '.join(SUFFIXES)} files")
    return svg_document(data, path)


def _unpacked(data: bytes, path: Path) -> bytes:
    """What a gzip file holds. Raises UserError for a damaged one, and for one that grows beyond `LARGEST_FILE`."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)  # 16: with gzip's head
    try:
        unpacked = unpacker.decompress(data, LARGEST_FILE + 1)
    except zlib.error as error:
        raise UserError(f"{path} is damaged: {error}") from error
    if len(unpacked) > LARGEST_FILE:
        raise UserError(f"{path} unpacks to more than {LARGEST_FILE >> 20} MiB; plotsketch reads smaller files only")
    if not unpacker.eof:
        raise UserError(f"{path} is cut short; save it again")
    return unpacked


def svg_document(data: bytes, path: Path) -> vpype.Document:
    """The document in an SVG file's bytes. Raises UserError, naming ``path``, for what is unsafe or no SVG."""
    from plotsketch.output.svg_in import document_of
    from plotsketch.strokes.svg_guard import guarded

    return document_of(guarded(data, str(path)), str(path))
