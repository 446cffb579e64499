"""The recipe in a plotter's file of ours: a note of G-code, or HP-GL's comment (CO) where a profile writes those."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from plotsketch.output.formats import GCODE_SUFFIXES, HPGL_SUFFIXES
from plotsketch.output.gcode_in import notes_of
from plotsketch.output.sheet_in import LARGEST_FILE
from plotsketch.strokes.source import read_whole

PROGRAM = "plotsketch"
COMMENT = re.compile(rb'^CO "([^"\x00-\x1f;]*)";$', re.MULTILINE)


def plotter_recipe(path: Path) -> dict[str, Any]:
    """What an HP-GL or G-code file of ours says of itself; nothing for others' files and for other formats.

    Raises UserError for a file that cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in (*HPGL_SUFFIXES, *GCODE_SUFFIXES):
        return {}
    data = read_whole(path, LARGEST_FILE)
    found = _of_gcode(data) if suffix in GCODE_SUFFIXES else _of_hpgl(data)
    return next((recipe for recipe in found if isinstance(recipe, dict) and recipe.get("program") == PROGRAM), {})


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
