"""A sheet as PDF, true to size and ready for prepress: lines as they are, boxes, marks, layers, inks as spot colours.

The format: ISO 32000-1:2008 (page boxes 14.11.2, Separation 8.6.6.4, optional content 8.11, overprint 8.6.7). pikepdf
writes the file's structure; the few operators of a page are our own.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import floor

import numpy as np
import pikepdf
import vpype
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, String

from plotsketch.output.layers import Layer, layers, page_size
from plotsketch.output.marks import WIDTH, marks
from plotsketch.output.printing import PLAIN, WHITE, Printing
from plotsketch.output.separations import separations
from plotsketch.output.swell import swollen

POINTS = 72 / 25.4  # of a millimetre
STEP = 1 / 16  # of a pen's width: how finely a line swells
PAPER, MARKS = "paper", "marks"


def pdf_bytes(pages: Sequence[vpype.Document], recipe: Mapping[str, object], printing: Printing = PLAIN) -> bytes:
    """The file, a page a document; recipe as JSON under ``plotsketch`` in the document's information, with no date.

    Layers of one label are one layer (optional content group) on all pages. Raises UserError for a page of more than
    5 m, which no reader shows.
    """
    for page in pages:
        printing.check_pdf(page_size(page))
    file = pikepdf.new()
    ways = _Ways(file, pages, printing)
    for document in pages:
        _page(file, document, ways)
    groups = Array(ways.groups.values())
    file.Root.OCProperties = Dictionary(OCGs=groups, D=Dictionary(Order=groups))
    wishes = printing.to_dict()
    note = {**recipe, **({"print": wishes} if wishes else {})}
    file.docinfo["/Creator"] = f"plotsketch {recipe.get('version', '')}".rstrip()
    file.docinfo["/plotsketch"] = json.dumps(note, sort_keys=True)
    if "digest" in recipe:
        file.docinfo["/Subject"] = f"{recipe.get('model', 'model')} {recipe['digest']}"
    made = io.BytesIO()
    file.save(made, deterministic_id=True, min_version="1.5")
    return made.getvalue()


class _Ways:
    """What all pages share: the groups of their layers, and their inks as colour spaces."""

    def __init__(self, file: pikepdf.Pdf, pages: Sequence[vpype.Document], printing: Printing) -> None:
        self.printing = printing
        self.paper = printing.paper if printing.paper != WHITE and not printing.spot else None
        labels = [*dict.fromkeys(layer.label for page in pages for layer in layers(page))]
        extra = [PAPER] * (self.paper is not None) + [MARKS] * printing.marks
        self.groups = {
            label: file.make_indirect(Dictionary(Type=Name.OCG, Name=String(label))) for label in [*extra, *labels]
        }
        self.tags = {label: f"/G{number}" for number, label in enumerate(self.groups)}
        self.inks = {ink.colour: f"/I{ink.number}" for ink in separations(*pages)} if printing.spot else {}
        self.resources = file.make_indirect(
            Dictionary(
                Properties=Dictionary({self.tags[label]: group for label, group in self.groups.items()}),
                ColorSpace=Dictionary(self._spaces(pages)),
                # inks lie on one another as they do on plates, and do not spare one another out
                ExtGState=Dictionary(Over=Dictionary(OP=True, op=True)),
            )
        )

    def _spaces(self, pages: Sequence[vpype.Document]) -> dict[str, Array]:
        if not self.printing.spot:
            return {}
        spaces = {self.inks[ink.colour]: _separation(ink.name, ink.colour) for ink in separations(*pages)}
        return {**spaces, "/All": _separation("All", "#000000")}

    def ink(self, colour: str, *, registration: bool = False) -> str:
        """The operators that choose an ink for lines and areas."""
        if self.printing.spot:
            space = "/All" if registration else self.inks[colour]
            return f"/Over gs {space} CS 1 SCN {space} cs 1 scn"
        red, green, blue = _shares(colour)
        return f"{red} {green} {blue} RG {red} {green} {blue} rg"


def _separation(name: str, colour: str) -> Array:
    """A spot colour that is shown as ``colour`` where there is no such ink."""
    shares = [round(value / 255, 4) for value in bytes.fromhex(colour[1:])]
    tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[1, 1, 1], C1=shares, N=1)
    return Array([Name.Separation, Name("/" + name.replace("\0", "")), Name.DeviceRGB, tint])


def _page(file: pikepdf.Pdf, document: vpype.Document, ways: _Ways) -> None:
    """One page, its trim box at the document's size and the printed bleed and marks around it."""
    width, height = page_size(document)
    outside, bleed = ways.printing.outside, ways.printing.bleed
    whole = (width + 2 * outside, height + 2 * outside)
    page = file.add_blank_page()
    page.obj.MediaBox = _box(0, 0, *whole)
    page.obj.TrimBox = _box(outside, outside, width, height)
    page.obj.BleedBox = _box(outside - bleed, outside - bleed, width + 2 * bleed, height + 2 * bleed)
    page.obj.Resources = ways.resources
    page.obj.Contents = file.make_stream("\n".join(_operators(document, ways)).encode())


def _box(x: float, y: float, width: float, height: float) -> Array:
    """Rounded down: programs that make pixels of a page round up, and would add a row for a millionth of a point."""
    return Array([floor(value * POINTS * 1e4 + 1e-6) / 1e4 for value in (x, y, x + width, y + height)])


def _operators(document: vpype.Document, ways: _Ways) -> Iterator[str]:
    """A page's content, in millimetres from the page's upper left corner, y down, as everywhere else."""
    width, height = page_size(document)
    outside, bleed = ways.printing.outside, ways.printing.bleed
    left, top = outside * POINTS, (outside + height) * POINTS
    yield f"{POINTS:.8f} 0 0 {-POINTS:.8f} {left:.6f} {top:.6f} cm 1 J 1 j q"
    box = f"{-bleed:.3f} {-bleed:.3f} {width + 2 * bleed:.3f} {height + 2 * bleed:.3f} re"
    yield f"{box} W n"
    if ways.paper is not None:
        yield from _group(ways, PAPER, [f"{' '.join(_shares(ways.paper))} rg {box} f"])
    for layer in layers(document):
        yield from _group(ways, layer.label, _layer(layer, ways))
    yield "Q"
    if ways.printing.marks:
        lines = [_path(line) + " S" for line in marks((width, height), bleed)]
        yield from _group(ways, MARKS, [ways.ink("#000000", registration=True), f"{WIDTH:.4f} w", *lines])


def _group(ways: _Ways, label: str, operators: Sequence[str] | Iterator[str]) -> Iterator[str]:
    yield f"/OC {ways.tags[label]} BDC q"
    yield from operators
    yield "Q EMC"


def _layer(layer: Layer, ways: _Ways) -> Iterator[str]:
    yield ways.ink(layer.colour)
    if layer.rings:
        yield " ".join(f"{_path(ring)} h" for ring in layer.rings) + " f"
    last = 0.0
    for line in layer.lines:
        for width, points in _runs(*swollen(line, layer.pen_width, ways.printing.swell), layer.pen_width * STEP):
            if width != last:
                yield f"{width:.4f} w"
            yield _path(points) + " S"
            last = width


def _runs(
    points: NDArray[np.float64], widths: NDArray[np.float64], step: float
) -> Iterator[tuple[float, NDArray[np.float64]]]:
    """A line in pieces of one width each, which differ from the true one by half a ``step`` at most."""
    if np.ptp(widths) == 0:
        yield float(widths[0]), points
        return
    levels: list[int] = []
    fine = [points[:1]]
    for (start, end), (begin, stop) in zip(pairwise(points), pairwise(widths), strict=True):
        parts = max(1, int(np.ceil(abs(stop - begin) / step)))
        shares = np.arange(1, parts + 1)[:, None] / parts
        fine.append(start + shares * (end - start))
        levels += [max(1, round((begin + (part + 0.5) / parts * (stop - begin)) / step)) for part in range(parts)]
    way, first = np.concatenate(fine), 0
    for place, level in enumerate(levels):
        if place + 1 == len(levels) or levels[place + 1] != level:
            yield level * step, way[first : place + 2]
            first = place + 1


def _path(points: NDArray[np.float64]) -> str:
    # adding 0 turns -0.0 into 0.0
    start, *rest = (f"{x:.3f} {y:.3f}" for x, y in (np.round(points, 3) + 0.0).tolist())
    return f"{start} m " + " ".join(f"{corner} l" for corner in rest)


def _shares(colour: str) -> tuple[str, ...]:
    return tuple(f"{value / 255:.4g}" for value in bytes.fromhex(colour[1:]))
