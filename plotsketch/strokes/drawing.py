"""A sketch with what its file says about it."""

from __future__ import annotations

from dataclasses import dataclass

from plotsketch.strokes.sketch import Sketch


@dataclass(frozen=True, eq=False)
class Drawing:
    """A sketch as it was found in a file.

    ``word`` is what was to be drawn (a QuickDraw class, a label), ``key`` the file's own identity for the
    drawing, ``recognized`` QuickDraw's verdict at the time, ``source`` a reference that finds it again in its
    folder (``cat.ndjson.gz#12``, ``sheep.npz:test#5``). What a format does not tell keeps the default.
    """

    sketch: Sketch
    word: str = ""
    key: str = ""
    recognized: bool = True
    source: str = ""
