"""Where the pen is, and whether it draws, at any second of a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import Machine
from plotsketch.lines.motion import Blocks, hop_blocks, stroke_blocks
from plotsketch.lines.times import as_coded, keeps_delays

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]
Columns = dict[str, NDArray[np.generic]]

# What happens for a line, in this order; the hop and what stands about it are left out where the pen need not lift.
LIFT, CHANGE, HOP, DROP, TOUCH, DRAW = range(6)


@dataclass(frozen=True)
class Timeline:
    """A plot as moves that follow one another; some of them stand still.

    Attributes:
        begin, seconds: (n,) when each begins, and how long it takes; a touch, with which each line begins, takes none.
        start, end: (n, 2) mm.
        v0, v1: (n,) speed at start and end, mm/s.
        line: (n,) the line that it draws or leads to, numbered through all layers; the way home has the next number.
        what: (n,) LIFT, CHANGE, HOP, DROP, TOUCH or DRAW.
        line_begin: (lines,) when each line is begun.
    """

    begin: Floats
    seconds: Floats
    start: Floats
    end: Floats
    v0: Floats
    v1: Floats
    line: Numbers
    what: Numbers
    line_begin: Floats

    @property
    def total(self) -> float:
        """Seconds of the whole plot."""
        return float(self.begin[-1] + self.seconds[-1])

    def move_at(self, second: float) -> int:
        """The number of the move under way."""
        return max(int(np.searchsorted(self.begin, second, side="right")) - 1, 0)

    def place_at(self, second: float) -> Floats:
        """(2,) mm: where the pen is."""
        return self._place(self.move_at(second), second)

    def ways(self, since: float, until: float, *, drawn: bool) -> list[tuple[int, Floats]]:
        """What the pen has drawn (or gone in the air) after `since` and up to `until`: number of the line and the way
        (k, 2). A line's first point belongs to what is drawn when it is touched."""
        first, last = self.move_at(since), self.move_at(until)
        chosen = np.arange(first, last + 1)
        kinds = (TOUCH, DRAW) if drawn else (HOP,)
        fresh = (self.begin[chosen] + self.seconds[chosen] > since) | (self.begin[chosen] >= since)
        chosen = chosen[np.isin(self.what[chosen], kinds) & fresh]
        if not len(chosen):
            return []
        starts, ends = self.start[chosen], self.end[chosen]
        if chosen[0] == first:
            starts[0] = self._place(first, since)
        if chosen[-1] == last:
            ends[-1] = self._place(last, until)
        parts = np.flatnonzero(np.diff(self.line[chosen])) + 1
        return [
            (int(self.line[chosen[part[0]]]), np.concatenate([starts[part[:1]], ends[part]]))
            for part in np.split(np.arange(len(chosen)), parts)
        ]

    def _place(self, move: int, second: float) -> Floats:
        """Along a straight move of even acceleration the way gone is v0·t + (v1 - v0)·t² / (2·T)."""
        start, way = self.start[move], self.end[move] - self.start[move]
        length, whole = float(np.hypot(*way)), float(self.seconds[move])
        if not length or not whole:
            return np.array(start)
        t = min(max(second - float(self.begin[move]), 0.0), whole)
        gone = self.v0[move] * t + (self.v1[move] - self.v0[move]) * t * t / (2 * whole)
        place: Floats = start + way * min(gone / length, 1.0)
        return place


def timeline(
    layers: Sequence[Sequence[Floats]],
    machine: Machine,
    *,
    home: tuple[float, float] = (0.0, 0.0),
    codes: Sequence[LayerCode] | None = None,
) -> Timeline:
    """The plot whose times `layer_times` gives: the same strokes, hops, lifts and pen changes, one after another.

    Lines (k, 2) in mm without points are skipped. Raises ValueError where none is left.
    """
    said = [LayerCode()] * len(layers) if codes is None else codes
    pairs = zip(layers, said, strict=True)
    drawn = [[] if code.skip else [line for line in lines if len(line)] for lines, code in pairs]
    flat = [line for lines in drawn for line in lines]
    if not flat:
        raise ValueError("there is no line to draw")
    owner = np.repeat(np.arange(len(drawn)), [len(lines) for lines in drawn])
    parts = [*_hops(flat, owner, machine, home), *_pauses(flat, owner, machine, home, said)]
    first = 0
    for lines, code in zip(drawn, said, strict=True):
        strokes = stroke_blocks(lines, as_coded(machine, code))
        parts.append(_moves(DRAW, strokes.line + first, strokes))
        first += len(lines)
    return _in_order(parts)


def _hops(lines: list[Floats], owner: Numbers, machine: Machine, home: tuple[float, float]) -> list[Columns]:
    """Lift, hop and drop between lines, from home and back, and the touch with which each line begins."""
    begins = np.array([*(line[0] for line in lines), home], dtype=np.float64)
    ends = np.array([home, *(line[-1] for line in lines)], dtype=np.float64)
    needed = machine.is_hop(np.hypot(*(begins - ends).T))
    needed[1:-1] |= np.diff(owner) > 0
    needed[[0, -1]] = True
    hops = np.flatnonzero(needed)
    travel = hop_blocks(ends[hops], begins[hops], machine)
    return [
        _still(LIFT, hops[1:], ends[hops[1:]], machine.lift_s),  # the first pen is up when it sets out
        _moves(HOP, hops[travel.line], travel),
        _still(DROP, hops[:-1], begins[hops[:-1]], machine.drop_s),
        _still(TOUCH, np.arange(len(lines)), begins[:-1], 0.0),
    ]


def _pauses(
    lines: list[Floats], owner: Numbers, machine: Machine, home: tuple[float, float], codes: Sequence[LayerCode]
) -> list[Columns]:
    """Pens changed, and delays that a layer's code asks for, where the pen is before the layer."""
    fresh = np.flatnonzero(np.diff(owner, prepend=-1))
    places = np.array([home, *(lines[line - 1][-1] for line in fresh[1:])], dtype=np.float64)
    parts = [_still(CHANGE, fresh[1:], places[1:], machine.pen_change_s)]
    if machine.has_carousel:  # the first pen is fetched, the last put away
        ends = np.array([home, lines[-1][-1]], dtype=np.float64)
        parts.append(_still(CHANGE, np.array([0, len(lines)]), ends, machine.pen_change_s))
    for number, line in enumerate(fresh) if keeps_delays(machine) else ():
        if delay := codes[owner[line]].delay:
            parts.append(_still(CHANGE, fresh[[number]], places[[number]], delay / 1000))
    return parts


def _still(what: int, line: Numbers, places: Floats, seconds: float) -> Columns:
    count = len(line)
    return {
        "what": np.full(count, what), "line": line, "seconds": np.full(count, seconds),
        "start": places, "end": places, "v0": np.zeros(count), "v1": np.zeros(count),
    }  # fmt: skip


def _moves(what: int, line: Numbers, blocks: Blocks) -> Columns:
    return {
        "what": np.full(len(line), what), "line": line, "seconds": blocks.seconds,
        "start": blocks.start, "end": blocks.end, "v0": blocks.v0, "v1": blocks.v1,
    }  # fmt: skip


def _in_order(parts: Sequence[Columns]) -> Timeline:
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((columns["what"], columns["line"]))
    columns = {name: values[order] for name, values in columns.items()}
    begin = np.cumsum(columns["seconds"]) - columns["seconds"]
    return Timeline(begin=begin, line_begin=begin[columns["what"] == TOUCH], **columns)
