"""Areas with ink inside, written as SVG: other programs see them filled, and read back they are the same picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
import svgelements
import vpype
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from print_cases import RECIPE, sheet, three_inks

from plotsketch.output.layers import FILLED, layers
from plotsketch.output.png import render
from plotsketch.output.svg import svg_bytes
from plotsketch.output.svg_in import document_of
from plotsketch.sheet.document import Pen

Points = list[tuple[float, float]]
OUTER: Points = [(5, 5), (25, 5), (25, 25), (5, 25), (5, 5)]
HOLE: Points = [(10, 10), (10, 20), (20, 20), (20, 10), (10, 10)]
OVER: Points = [(22, 8), (40, 8), (40, 12), (22, 12), (22, 8)]


def with_areas(*lines: Points, width: float = 0.4) -> vpype.Document:
    """A filled layer in gold under the layers of ``three_inks``."""
    document = sheet({Pen("gold", width, "#b8923a"): list(lines)})
    document.layers[1].set_property(FILLED, True)
    for number, layer in three_inks().layers.items():
        document.add(layer, number + 1, with_metadata=True)
    return document


def pixels(document: vpype.Document, dpi: float = 200) -> NDArray[np.int64]:
    return np.asarray(render(document, dpi)).astype(int)


def areas_in(path: Path) -> list[tuple[str, float]]:
    """Colour and area of what has a fill, as another program reads it."""
    svg = svgelements.SVG.parse(str(path), ppi=25.4)
    shapes = [shape for shape in svg.elements() if isinstance(shape, svgelements.Shape)]
    found = []
    for shape in shapes:
        if shape.fill is not None and shape.fill.value is not None:
            rings = [svgelements.Path(part).as_points() for part in svgelements.Path(shape).as_subpaths()]
            found.append((shape.fill.hex, abs(sum(signed_area([(p.x, p.y) for p in ring]) for ring in rings))))
    return found


def signed_area(ring: Points) -> float:
    area = shapely.Polygon(ring).area
    return area if shapely.is_ccw(shapely.linearrings(ring)) else -area


def test_other_programs_see_one_filled_path_with_its_holes_and_no_other_fill(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(svg_bytes(with_areas(OUTER, HOLE, [(30, 30), (40, 35)]), RECIPE))
    assert areas_in(tmp_path / "a.svg") == [("#b8923a", pytest.approx(400 - 100, rel=1e-4))]


@pytest.mark.parametrize("curves", [None, 0.05])
def test_read_back_it_is_the_same_picture(curves: float | None) -> None:
    document = with_areas(OUTER, HOLE, OVER, [(45, 3), (55, 3), (58, 30)])
    back = document_of(svg_bytes(document, RECIPE, curves=curves), "a.svg")
    assert [layer.filled for layer in layers(back)] == [True, False, False, False, False]
    assert len(layers(back)[0].rings) == 3  # the open line is a line still
    if curves is None:
        assert np.abs(pixels(back) - pixels(document)).max() <= 2
    assert svg_bytes(back, RECIPE) == svg_bytes(document_of(svg_bytes(back, RECIPE), "b.svg"), RECIPE)


corner = st.tuples(st.floats(-5, 65), st.floats(-5, 45))


@settings(max_examples=20)
@given(st.lists(st.lists(corner, min_size=3, max_size=7), min_size=1, max_size=4))
def test_any_rings_come_back_as_they_were(rings: list[Points]) -> None:
    document = with_areas(*([*ring, ring[0]] for ring in rings))
    back = document_of(svg_bytes(document, RECIPE), "a.svg")
    apart = np.abs(pixels(back, 127) - pixels(document, 127))
    assert (apart > 3).mean() < 1e-3  # an SVG's decimals move a line by half a micrometre


def test_a_filled_layer_without_a_ring_has_lines_alone(tmp_path: Path) -> None:
    document = with_areas([(5, 5), (30, 20)])
    (tmp_path / "a.svg").write_bytes(svg_bytes(document, RECIPE))
    assert areas_in(tmp_path / "a.svg") == []
    assert np.abs(pixels(document_of((tmp_path / "a.svg").read_bytes(), "a.svg")) - pixels(document)).max() <= 2
