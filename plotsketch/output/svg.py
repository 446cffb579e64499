"""A sheet as SVG: true to the millimetre, one Inkscape layer a pen, its recipe inside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import vpype
from numpy.typing import NDArray

from plotsketch.output.layers import Layer, layers, page_size

DECIMALS = 3  # micrometres: finer than any plotter steps


def svg_bytes(document: vpype.Document, recipe: Mapping[str, object]) -> bytes:
    """The file. One user unit is one millimetre; ``recipe`` stands as JSON in <metadata>, with no date.

    Layer labels begin with the layer's number, by which AxiDraw and vpype know a layer.
    """
    return "".join(f"{line}\n" for line in _lines(document, recipe)).encode()


def _lines(document: vpype.Document, recipe: Mapping[str, object]) -> Iterator[str]:
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
        yield from _layer(layer)
    yield "</svg>"


def _layer(layer: Layer) -> Iterator[str]:
    yield (
        f'<g inkscape:groupmode="layer" id="layer{layer.number}" inkscape:label={quoteattr(layer.label)} '
        f'fill="none" stroke="{layer.colour}" stroke-width="{_short(layer.pen_width)}" '
        'stroke-linecap="round" stroke-linejoin="round">'
    )
    for line in layer.lines:
        yield f'<polyline points="{_points(line)}"/>'
    yield "</g>"


def _points(line: NDArray[np.float64]) -> str:
    # adding 0 turns -0.0, which would be written "-0.000", into 0.0
    return " ".join(f"{x:.{DECIMALS}f},{y:.{DECIMALS}f}" for x, y in np.round(line, DECIMALS) + 0.0)


def _short(length: float) -> str:
    return f"{length:.{DECIMALS}f}".rstrip("0").rstrip(".")
