"""A sheet as SVG: true to the millimetre, one Inkscape layer a pen, its recipe inside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.output.curves import Curve, curved
from plotsketch.output.layers import Layer, layers, page_size

FILLED_MARK = "data-filled"  # on a layer whose closed lines have ink inside
DECIMALS = 3  # micrometres: finer than any plotter steps
ROUNDING = 0.0015  # mm: the most that the decimals of a curve's points move it


def svg_bytes(document: vpype.Document, recipe: Mapping[str, object], *, curves: float | None = None) -> bytes:
    """The file. One user unit is one millimetre; ``recipe`` stands as JSON in <metadata>, with no date.

    Layer labels begin with the layer's number, by which AxiDraw and vpype know a layer, or with what they tell an
    AxiDraw. With ``curves`` (0.005 at least), lines are Bezier curves where these stay within so many mm of them.
    """
    return "".join(f"{line}\n" for line in _lines(document, recipe, curves)).encode()


def _lines(document: vpype.Document, recipe: Mapping[str, object], curves: float | None) -> Iterator[str]:
    width, height = (_short(size) for size in page_size(document))
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        'xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" '
        f'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">'
    )
    yield f"<metadata>{escape(json.dumps(recipe, sort_keys=True))}</metadata>"
    yield '<sodipodi:namedview inkscape:document-units="mm"/>'
    for layer in layers(document):
        yield from _layer(layer, curves)
    yield "</svg>"


def _layer(layer: Layer, curves: float | None) -> Iterator[str]:
    filled = f' {FILLED_MARK}="true"' if layer.filled else ""
    yield (
        f'<g inkscape:groupmode="layer" id="layer{layer.number}" inkscape:label={quoteattr(layer.label)} '
        f'fill="none" stroke="{layer.colour}" stroke-width="{_short(layer.pen_width)}" '
        f'stroke-linecap="round" stroke-linejoin="round"{filled}>'
    )
    if layer.filled:
        yield from _areas(layer)
        return
    lines = [np.round(line, DECIMALS) for line in layer.lines]
    found = [None] * len(lines) if curves is None else curved(lines, curves - ROUNDING)
    for line, curve in zip(lines, found, strict=True):
        yield f'<polyline points="{_points(line)}"/>' if curve is None else f'<path d="{_path(curve)}"/>'
    yield "</g>"


def _areas(layer: Layer) -> Iterator[str]:
    """All rings as one path, so that one within another is a hole as it is in pictures; other lines beside it."""
    rings = {id(ring) for ring in layer.rings}
    data = "".join(f"M{_points(line[:-1])}Z" for line in layer.lines if id(line) in rings)
    if data:
        yield f'<path fill="{layer.colour}" fill-rule="nonzero" d="{data}"/>'
    for line in layer.lines:
        if id(line) not in rings:
            yield f'<polyline points="{_points(line)}"/>'
    yield "</g>"


def _path(curve: Curve) -> str:
    """Path data with each point relative to the last one as it is written, so that roundings do not add up."""
    steps = np.round(curve.controls * 10**DECIMALS)
    x, y = steps[0, 0].tolist()
    words = [f"M{_micro(x)},{_micro(y)}"]
    for points, is_straight in zip(steps - steps[:, :1], curve.is_straight.tolist(), strict=True):
        ends = points[3:] if is_straight else points[1:]
        words.append(("l" if is_straight else "c") + " ".join(f"{_micro(x)},{_micro(y)}" for x, y in ends.tolist()))
    return "".join(words)


def _micro(steps: float) -> str:
    """A whole number of the last decimal's steps."""
    return f"{steps / 10**DECIMALS:.{DECIMALS}f}".rstrip("0").rstrip(".") if steps else "0"


def _points(line: NDArray[np.float64]) -> str:
    # adding 0 turns -0.0, which would be written "-0.000", into 0.0
    return " ".join(f"{x:.{DECIMALS}f},{y:.{DECIMALS}f}" for x, y in (line + 0.0).tolist())


def _short(length: float) -> str:
    return f"{length:.{DECIMALS}f}".rstrip("0").rstrip(".")
