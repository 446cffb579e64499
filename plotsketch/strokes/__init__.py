"""What a drawing is, and how drawings are read, written, prepared and referred to."""

from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.lookup import DrawingFiles, load_file_reference
from plotsketch.strokes.npz import read_npz, write_npz
from plotsketch.strokes.quickdraw import read_ndjson, write_ndjson
from plotsketch.strokes.reading import read_drawings
from plotsketch.strokes.reference import (
    CellRef,
    ClassRef,
    FileRef,
    NameRef,
    Reference,
    SeedRef,
    near_names,
    parse_reference,
)
from plotsketch.strokes.simplify import rdp, simplify
from plotsketch.strokes.sketch import FirstRow, Line, Sketch
from plotsketch.strokes.svg import parse_svg, read_svg, svg_text, write_svg

__all__ = [
    "CellRef",
    "ClassRef",
    "Drawing",
    "DrawingFiles",
    "FileRef",
    "FirstRow",
    "Line",
    "NameRef",
    "Reference",
    "SeedRef",
    "Sketch",
    "load_file_reference",
    "near_names",
    "parse_reference",
    "parse_svg",
    "rdp",
    "read_drawings",
    "read_ndjson",
    "read_npz",
    "read_svg",
    "simplify",
    "svg_text",
    "write_ndjson",
    "write_npz",
    "write_svg",
]
