"""G-code from anywhere as a document: what its pen draws, layer by layer, in true millimetres."""

from __future__ import annotations

import io
import math
import re
from typing import Any

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.output.gcode_dialect import dialect_of
from plotsketch.output.gcode_frame import Frame
from plotsketch.output.gcode_motion import Follower, Moves
from plotsketch.output.gcode_notes import MARK, read_notes
from plotsketch.output.gcode_pen import Pen, strokes
from plotsketch.output.gcode_words import COMMENT, blocks
from plotsketch.output.layers import FILE_SPEED, MM_PER_PX, mean_speed

Floats = NDArray[np.float64]
Run = tuple[int, NDArray[np.intp]]  # a stroke: its pen, and its places as numbers into the moves
LONGEST_NAME = 200


def document_of(data: bytes, name: str, machine: Machine | None = None) -> vpype.Document:
    """What a G-code file draws; y down, on its page.

    A file of ours says itself where its page lies, what lifts the pen and which layers it has. Of others' files every
    pause (M0, M1), tool change (M6) and tool (T) begins a layer. With ``machine`` the page is its travel area and the
    pen is lifted in its dialect. Without, y grows up, the pen is found by how the file goes about it
    (`output.gcode_pen.strokes`), and the page reaches from the origin to as far beyond the ink as the ink is from it.

    Raises UserError, naming ``name``, for what is no G-code, for codes that draw otherwise than by plain moves and arcs
    in X and Y, and where there is nothing to draw.
    """
    text = data.decode("utf-8", "replace")
    notes = notes_of(text)
    about = next((said for _, kind, said in notes if kind == "page" and isinstance(said, dict)), {})
    own = [(line, said) for line, kind, said in notes if kind == "layer" and isinstance(said, dict)]
    begun = {line: place for place, (line, _) in enumerate(own)} if own else None
    moves = Follower(name, layers=begun).follow(blocks(text, name))
    runs = strokes(moves, _pen(about, machine))
    lines = _lines(moves, runs)
    if not lines:
        raise UserError(f"{name} has no lines to draw: its pen never moves across the page while it is down")
    frame = Frame.from_note(about)
    if frame is None and machine is not None:
        frame = Frame.of(machine, machine.travel, dialect_of(machine).y)
    if frame is None:
        lines, frame = _guessed(lines)
    return _document(lines, frame, [said for _, said in own], _speeds(moves, runs))


def notes_of(text: str) -> list[tuple[int, str, Any]]:
    """Our notes in a file: number of the line from 1, kind and data."""
    marked = [(i, line) for i, line in enumerate(io.StringIO(text, newline=None), 1) if MARK in line]
    comments = [" ".join(a or b for a, b in COMMENT.findall(line)) for _, line in marked]
    return [(marked[place][0], kind, data) for place, kind, data in read_notes(comments)]


def _pen(about: dict[str, Any], machine: Machine | None) -> Pen | None:
    own = Pen.of(*(about.get(key) for key in ("pen_up", "pen_down", "units")))
    if own is not None or machine is None:
        return own
    dialect = dialect_of(machine)
    return Pen.of(dialect.pen_up, dialect.pen_down, dialect.units)


def _lines(moves: Moves, runs: list[Run]) -> list[tuple[int, Floats]]:
    """Each stroke's pen and points (k, 2) in mm as the machine counts, none twice in a row; a dot is two alike."""
    places = np.stack([np.frombuffer(moves.x), np.frombuffer(moves.y)], axis=1)
    found = []
    for number, run in runs:
        points = places[run]
        points = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
        found.append((number, points if len(points) > 1 else np.repeat(points, 2, axis=0)))
    return found


def _speeds(moves: Moves, runs: list[Run]) -> dict[int, float | None]:
    """The feed in mm/s at which each pen draws, of several the mean; None where the file says none."""
    places = np.stack([np.frombuffer(moves.x), np.frombuffer(moves.y)], axis=1)
    rates = np.frombuffer(moves.rate)
    found: dict[int, float | None] = {}
    for pen in sorted({pen for pen, _ in runs}):
        own = [run for number, run in runs if number == pen]
        lengths = [np.hypot(*np.diff(places[run], axis=0).T) for run in own]
        found[pen] = mean_speed(np.concatenate(lengths), np.concatenate([rates[run[1:]] for run in own]))
    return found


def _guessed(lines: list[tuple[int, Floats]]) -> tuple[list[tuple[int, Floats]], Frame]:
    """The lines as counted from the lower left corner of a page that they fit on, and that page: see `document_of`."""
    points = np.concatenate([line for _, line in lines])
    low, high = points.min(axis=0), points.max(axis=0)
    begin, end = np.minimum(0, low + np.minimum(high, 0)), np.maximum(0, high + np.maximum(low, 0))
    width, height = np.maximum(end - begin, 1.0).tolist()
    frame = Frame(width=width, height=height, turned=False, corner="lower-left", y="up")
    return [(number, line - begin) for number, line in lines], frame


def _document(
    lines: list[tuple[int, Floats]], frame: Frame, facts: list[dict[str, Any]], speeds: dict[int, float | None]
) -> vpype.Document:
    document = vpype.Document(page_size=(frame.width / MM_PER_PX, frame.height / MM_PER_PX))
    layer_of = {pen: layer for layer, pen in enumerate(sorted({pen for pen, _ in lines}), 1)}
    for number, points in lines:
        on_page = frame.on_page(points) / MM_PER_PX
        said = facts[number] if number < len(facts) else {}
        own = said.get("number")
        target = own if isinstance(own, int) and 0 < own < 1_000_000 else layer_of[number]
        if target not in document.layers:
            document.add(vpype.LineCollection(), target)
            _say(document.layers[target], said)
            document.layers[target].set_property(FILE_SPEED, speeds[number])
        document.layers[target].append(on_page[:, 0] + 1j * on_page[:, 1])
    return document


def _say(layer: vpype.LineCollection, said: dict[str, Any]) -> None:
    """Name, colour and pen width of a layer, as far as its note has such."""
    label, colour, width = said.get("name"), said.get("colour"), said.get("pen_width")
    if isinstance(label, str) and 0 < len(label) <= LONGEST_NAME and label.isprintable():
        layer.set_property(vpype.METADATA_FIELD_NAME, label)
    if isinstance(colour, str) and re.fullmatch("#[0-9a-fA-F]{6}", colour):
        layer.set_property(vpype.METADATA_FIELD_COLOR, vpype.Color(colour))
    if isinstance(width, int | float) and 0 < width < 100 and math.isfinite(width):
        layer.set_property(vpype.METADATA_FIELD_PEN_WIDTH, width / MM_PER_PX)
