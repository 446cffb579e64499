"""A sheet as G-code: absolute moves, a pen that is up before it travels, a pause for every pen, the recipe in comments.

The words are GRBL 1.1's (its wiki's "Supported G-codes"; Marlin and FluidNC know them too): G0, G1, G4, G17, G20, G21,
G90, G94, M0 and what the profile has for the pen. Every G1 run carries its feed, as GRBL refuses a G1 before any (error
22) and a pen on an axis has a feed of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.lines.layer_speeds import as_coded
from plotsketch.lines.machine import Machine
from plotsketch.output.fitting import Oversize, fitted
from plotsketch.output.gcode_dialect import UNIT_WORDS, Dialect, dialect_of
from plotsketch.output.gcode_frame import Frame
from plotsketch.output.gcode_notes import comment, note, safe
from plotsketch.output.layers import Layer, check_numbers, layers, page_size, plotted

Floats = NDArray[np.float64]


def gcode_bytes(
    document: vpype.Document, recipe: Mapping[str, object], machine: Machine, *, oversize: Oversize = "refuse"
) -> bytes:
    """The file: each layer's lines in order, from the machine's home and back, as `lines.times.layer_times` counts.

    Coordinates are absolute and rounded each for itself, to the dialect's decimals. A page lies as ``machine.turns``
    says, with the machine's ``corner`` on the origin. Lines nearer than half a motor step are drawn without a lift, and
    a line without length is a dot. The feed is that of `lines.layer_speeds.as_coded`. A layer whose label begins with %
    is left out, as an AxiDraw would. Raises UserError for a machine without G-code, for lines that it
    cannot reach (or see ``oversize``), coordinates that are no numbers, and where there is no line to draw.
    """
    dialect = dialect_of(machine)
    page = page_size(document) if document.page_size else machine.travel
    fitting = check_gcode(document, machine, oversize=oversize)
    skipped = [layer for layer in layers(document) if layer.lines and layer.code.skip]
    program = Program(machine, dialect, Frame.of(machine, page, dialect.y))
    drawn = [layer for layer in layers(fitting) if layer.lines]
    return "".join(f"{line}\n" for line in program.lines(drawn, skipped, recipe)).encode("ascii")


def check_gcode(document: vpype.Document, machine: Machine, *, oversize: Oversize) -> vpype.Document:
    """What of the document is drawn, all within the machine's reach. Raises UserError where `gcode_bytes` would."""
    page = page_size(document) if document.page_size else machine.travel
    check_numbers(document)
    return fitted(plotted(document), machine.reach_on(*page), oversize, machine.title)


@dataclass(frozen=True)
class Program:
    """A machine, its dialect and the page on it: what every line of a file hangs on."""

    machine: Machine
    dialect: Dialect
    frame: Frame

    def lines(self, drawn: list[Layer], skipped: list[Layer], recipe: Mapping[str, object]) -> Iterator[str]:
        """The file's lines; `drawn` are layers with at least a line each, `skipped` only named."""
        dialect = self.dialect
        pen = {"pen_down": dialect.pen_down, "pen_up": dialect.pen_up, "units": dialect.units}
        yield from note("page", {**self.frame.as_note(), **pen}, dialect)
        yield from note("recipe", dict(recipe), dialect)
        if skipped:
            yield from note("skipped", [layer.label for layer in skipped], dialect)
        yield from self.start()
        for place, layer in enumerate(drawn):
            facts: dict[str, object] = {"colour": layer.colour, "name": layer.label, "number": layer.number}
            facts["pen_width"] = round(layer.pen_width, 6)
            yield from note("layer", facts, dialect)
            if place > 0:
                yield from self._pen_change(layer)
            yield from self._layer(layer)
        yield from self.way_home()
        yield from dialect.end

    def start(self) -> Iterator[str]:
        """Modes that every move hangs on, and the pen up."""
        yield from self.dialect.start
        yield f"{UNIT_WORDS[self.dialect.units]} G90"
        yield from self.up()

    def way_home(self) -> Iterator[str]:
        """From wherever the raised pen is."""
        yield self.travel(self.machine.home_on(self.frame.width, self.frame.height))

    def travel(self, place: tuple[float, float]) -> str:
        """The raised pen's way to a place in mm on the page."""
        return self._travel(self.places(np.array([place]))[0])

    def stroke(self, points: Floats) -> Iterator[str]:
        """One stroke, points (k, 2) in mm on the page: there, down, along, up."""
        return self._layer(Layer(0, "", "", 0.0, [points]))

    def _layer(self, layer: Layer) -> Iterator[str]:
        """A layer's strokes; the pen is up before and after."""
        begins = np.array([line[0] for line in layer.lines])
        ends = np.array([line[-1] for line in layer.lines])
        hops = self.machine.is_hop(np.hypot(*(begins[1:] - ends[:-1]).T))
        feed = f" F{self._feed(as_coded(self.machine, layer.code).draw_speed)}"
        down, last, word = False, "", feed
        stops = iter(self.places(np.concatenate(layer.lines)))
        for line, lifts_after in zip(layer.lines, [*hops.tolist(), True], strict=True):
            places = list(islice(stops, len(line)))
            if not down:
                yield self._travel(places[0])
                yield from self.down()
                last, word = places[0], feed
            for place in places:
                if place != last:
                    yield f"G1 {place}{word}"
                    last, word = place, ""
            down = not lifts_after
            if lifts_after:
                yield from self.up()

    def places(self, points: Floats) -> list[str]:
        """Points (n, 2) mm on the page as words of coordinates."""
        decimals = self.dialect.decimals
        # adding 0 turns -0.0, which would be written "-0", into 0.0
        rounded = np.round(self.frame.on_machine(points) * self.dialect.scale, decimals) + 0.0
        if not decimals:
            return [f"X{x:.0f} Y{y:.0f}" for x, y in rounded.tolist()]
        form = f".{decimals}f"
        words = ((f"{x:{form}}".rstrip("0"), f"{y:{form}}".rstrip("0")) for x, y in rounded.tolist())
        return [f"X{x.rstrip('.')} Y{y.rstrip('.')}" for x, y in words]

    def _travel(self, place: str) -> str:
        fed = self.dialect.travel_feed or self.dialect.travel_word == "G1"
        return f"{self.dialect.travel_word} {place}" + (f" F{self._feed(self.machine.travel_speed)}" if fed else "")

    def _feed(self, speed: float) -> str:
        """A speed in mm/s as the file's units a minute, to a ten thousandth of it."""
        feed = speed * 60 * self.dialect.scale
        return _short(feed, max(0, 4 - int(np.floor(np.log10(feed)))))

    def up(self) -> Iterator[str]:
        yield self.dialect.pen_up
        yield from self._dwell(self.dialect.lift_dwell)

    def down(self) -> Iterator[str]:
        yield self.dialect.pen_down
        yield from self._dwell(self.dialect.drop_dwell)

    def _dwell(self, seconds: float) -> Iterator[str]:
        milliseconds = round(seconds * 1000)
        if milliseconds:
            yield self.dialect.dwell.format(seconds=_short(milliseconds / 1000, 3), milliseconds=milliseconds)

    def _pen_change(self, layer: Layer) -> Iterator[str]:
        """The pause before a layer: what to put in, for whoever stands by."""
        dialect = self.dialect
        message = f"Pen for layer {' '.join(safe(layer.label).split())}, {layer.colour}"
        if not dialect.pen_change:
            return
        if "{message}" in dialect.pen_change:
            room = dialect.longest - len(dialect.pen_change) + len("{message}")
            yield dialect.pen_change.format(message=message[:room].strip())
            return
        if dialect.comments != "none":
            yield comment(f"MSG, {message}", dialect)
        yield dialect.pen_change


def _short(number: float, decimals: int) -> str:
    text = f"{number:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text
