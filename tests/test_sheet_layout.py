"""Every arrangement: sketches stand evenly in their cells, and nothing leaves cell or paper."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import vpype
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.sheet.cells import Cell
from plotsketch.sheet.compose import compose
from plotsketch.sheet.layout import Layout, check_layout, lay_out
from plotsketch.sheet.paper import Paper
from plotsketch.sheet.place import place_figures
from plotsketch.sheet.style import ARRANGEMENTS, Style
from plotsketch.strokes.clean import Levers
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

BOX = np.array([[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]])
points = st.integers(1, 6).flatmap(
    lambda n: arrays(np.float64, (n, 2), elements=st.floats(-1e4, 1e4, allow_subnormal=False))
)
sketches = st.lists(points, max_size=4).map(lambda lines: Sketch(tuple(lines)))
styles = st.builds(
    Style,
    paper=st.builds(Paper, st.floats(60, 600), st.floats(60, 600)),
    margin=st.floats(0, 14),
    gutter=st.none() | st.floats(0, 5),
    arrangement=st.sampled_from(ARRANGEMENTS),
    captions=st.sampled_from([None, "references", "both"]),
    frame=st.booleans(),
    title=st.sampled_from(["", "Katzen, größer", "gjpqy"]),
    signature=st.sampled_from(["", "Zoë"]),
    edition=st.sampled_from(["", "3/150"]),
    pen_width=st.floats(0.05, 1),
)


def figures(rows: int, cols: int, sketch: Sketch | None = None) -> list[Figure]:
    parts = (Part(sketch or Sketch((BOX,))),)
    return [Figure(parts, row, col) for row in range(rows) for col in range(cols)]


def ink_of(document: vpype.Document) -> NDArray[np.float64]:
    """All points (n, 2) in mm."""
    lines = [vpype.as_vector(line) for layer in document.layers.values() for line in layer]
    return np.concatenate([*lines, np.empty((0, 2))]) * 25.4 / 96


def apart(one: Cell, other: Cell) -> float:
    """Millimetres between two cells: below 0 where they overlap."""
    if one.disc:
        return float(np.hypot(one.x - other.x, one.y - other.y) - (one.width + other.width) / 2)
    sideways = abs(one.x - other.x) - (one.width + other.width) / 2
    return float(max(sideways, abs(one.y - other.y) - (one.height + other.height) / 2))


def is_inside(ink: NDArray[np.float64], cell: Cell) -> bool:
    away = np.abs(ink - (cell.x, cell.y))
    if cell.disc:
        return bool((np.hypot(*away.T) <= cell.width / 2 + 1e-6).all())
    return bool((away <= np.array([cell.width, cell.height]) / 2 + 1e-6).all())


def try_layout(drawn: list[Figure], rows: int, cols: int, style: Style) -> Layout:
    try:
        return lay_out(drawn, rows, cols, style)
    except UserError:
        assume(False)
        raise


@settings(max_examples=30)
@given(st.lists(sketches, min_size=8, max_size=8), styles, st.booleans())
def test_ink_stays_in_its_cell_and_on_the_paper(drawn: list[Sketch], style: Style, smooth: bool) -> None:
    filled = [Figure((Part(sketch),), *divmod(i, 3), label=f"T 0.{i}") for i, sketch in enumerate(drawn)]
    layout = try_layout(filled, 3, 3, style)
    half = style.pen_width / 2
    placed = place_figures(filled, layout, style.widest)
    for figure, cell, sketch in zip(placed, layout.cells, drawn, strict=True):
        assert [len(line) for line in figure.outline.lines] == [len(line) for line in sketch.lines]
        assert is_inside(figure.outline.points, replace(cell, width=cell.width - 2 * half))
    for one, other in combinations(layout.cells, 2):
        assert apart(one, other) >= layout.gutter - 1e-6
    ink = ink_of(compose(filled, 3, 3, replace(style, levers=Levers(smooth=0.5)) if smooth else style))
    low = style.margin + half
    assert (ink >= low - 1e-6).all()
    assert (ink <= np.array([style.paper.width, style.paper.height]) - low + 1e-6).all()


@pytest.mark.parametrize("frame", [False, True])
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_captions_frames_and_drawings_keep_apart(arrangement: str, frame: bool) -> None:
    """Every cell holds its drawing, under it its caption, and nothing of another cell."""
    drawn = [replace(figure, label="cat-head") for figure in figures(4, 3)]
    style = Style(arrangement=arrangement, captions="both", frame=frame)
    layout = lay_out(drawn, 4, 3, style)
    placed = place_figures(drawn, layout, style.widest)
    lines = [vpype.as_vector(line) * 25.4 / 96 for line in compose(drawn, 4, 3, style).layers[1]]
    for figure, cell in zip(placed, layout.cells, strict=True):
        mine = [line for line in lines if is_inside(line, cell)]
        bottom = figure.outline.bounds[3]
        letters = [line for line in mine if line[:, 1].min() > bottom + 0.2]
        assert len(mine) - len(letters) == 1 + frame
        assert len(letters) > 8  # r1c1 and cat-head have more lines than letters
        words = np.concatenate(letters)
        assert is_inside(words, replace(cell, width=cell.width - 4 * 0.3 * frame))
    assert len(lines) == sum(is_inside(line, cell) for line in lines for cell in layout.cells)


def test_cells_reach_the_margin_and_stand_in_the_middle() -> None:
    layout = lay_out(figures(4, 3), 4, 3, Style(margin=15, gutter=6))
    first, below, last = layout.cells[0], layout.cells[3], layout.cells[-1]
    assert first.x - layout.side / 2 == pytest.approx(15)
    assert last.x + layout.side / 2 == pytest.approx(195)
    assert first.y == pytest.approx(297 - last.y)
    assert layout.cells[1].x - first.x == pytest.approx(layout.side + 6)
    assert below.y - first.y == pytest.approx(layout.side + 6)


def test_in_a_snake_every_second_row_runs_backwards() -> None:
    layout = lay_out(figures(3, 3), 3, 3, Style(arrangement="snake"))
    columns = sorted({round(cell.x, 6) for cell in layout.cells})
    assert [columns.index(round(cell.x, 6)) for cell in layout.cells] == [0, 1, 2, 2, 1, 0, 0, 1, 2]
    assert list(layout.order) == list(range(9))


def test_a_pen_goes_back_and_forth() -> None:
    assert list(lay_out(figures(3, 3), 3, 3, Style()).order) == [0, 1, 2, 5, 4, 3, 6, 7, 8]


def test_in_a_hex_layout_every_neighbour_is_as_near() -> None:
    layout = lay_out(figures(3, 4), 3, 4, Style(arrangement="hex", gutter=2))
    near = sorted(apart(one, other) for one, other in combinations(layout.cells, 2))
    assert near[: 9 + 14] == pytest.approx([2] * 23)  # 3 rows of 3 gaps, and 7 between each two rows
    assert near[23] > 5


def test_a_ring_begins_at_the_top_and_runs_clockwise() -> None:
    layout = lay_out(figures(1, 12), 1, 12, Style(arrangement="ring"))
    middle = np.array([105, 148.5])
    spokes = np.array([(cell.x, cell.y) for cell in layout.cells]) - middle
    assert np.hypot(*spokes.T) == pytest.approx([95 - layout.side / 2] * 12)
    assert np.degrees(np.arctan2(spokes[:, 0], -spokes[:, 1])) % 360 == pytest.approx(np.arange(12) * 30, abs=1e-6)


def test_many_figures_take_several_rings_evenly() -> None:
    layout = lay_out(figures(12, 9), 12, 9, Style(arrangement="ring"))
    radii = np.hypot(*(np.array([(cell.x, cell.y) for cell in layout.cells]) - (105, 148.5)).T).round(3)
    rings, counts = np.unique(radii, return_counts=True)
    assert len(rings) > 1
    assert np.ptp(2 * np.pi * rings / counts) < 0.3 * layout.side
    assert layout.side > 8  # on one ring they would be 5 mm


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_ring_of_few_has_room(count: int) -> None:
    assert lay_out(figures(1, count), 1, count, Style(arrangement="ring")).side > 50


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 0.5)), min_size=1, max_size=8))
def test_a_map_keeps_places_and_sizes_as_they_were(places: list[tuple[float, float, float]]) -> None:
    drawn = [replace(figures(1, 1)[0], col=i, at=(x, y), size=size) for i, (x, y, size) in enumerate(places)]
    try:
        layout = lay_out(drawn, 1, len(drawn), Style(), "map")
    except UserError:
        assume(False)
    ink = ink_of(compose(drawn, 1, len(drawn), Style(), "map"))
    assert (ink >= 10).all() and (ink <= (200, 287)).all()
    wide = [cell.width for cell in layout.cells]
    assert np.array(wide) / wide[0] == pytest.approx([size / places[0][2] for *_, size in places])
    for (one, a), (other, b) in combinations(zip(layout.cells, places, strict=True), 2):
        if np.hypot(a[0] - b[0], a[1] - b[1]) >= (a[2] + b[2]) / 2:
            assert apart(one, other) >= -1e-6


def test_a_place_on_a_map_is_a_place_on_the_paper() -> None:
    drawn = [replace(f, at=at, size=0.2) for f, at in zip(figures(1, 2), [(0.5, 0.1), (0.9, 0.5)], strict=True)]
    first, second = lay_out(drawn, 1, 2, Style(), "map").cells
    assert (first.x, first.y) == pytest.approx((105, 10 + 27.7))
    assert (second.x, second.y, second.width) == pytest.approx((10 + 171, 148.5, 38))


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_drawings_of_any_size_and_shape_look_equally_large(arrangement: str) -> None:
    def box(width: float, height: float) -> Figure:
        return Figure((Part(Sketch((BOX / 100 * (width, height),))),), 0, 0)

    drawn = [replace(box(*size), col=i) for i, size in enumerate([(100, 100), (900, 700), (3, 4), (300, 1)])]
    style = Style(arrangement=arrangement)
    placed = place_figures(drawn, lay_out(drawn, 1, 4, style), style.widest)
    diagonals = [np.hypot(*np.subtract(f.outline.bounds[2:], f.outline.bounds[:2])) for f in placed]
    assert diagonals[:3] == pytest.approx([diagonals[0]] * 3)
    assert diagonals[3] <= diagonals[0] + 1e-9  # in a box, a line as long as that would leave its cell
    assert (diagonals[3] < 0.95 * diagonals[0]) == (arrangement in ("grid", "snake"))


def test_a_figure_may_be_smaller_than_the_others_but_never_larger_than_its_cell() -> None:
    drawn = [replace(f, size=size) for f, size in zip(figures(1, 3), (1.0, 0.5, 9.0), strict=True)]
    style = Style(margin=5)
    layout = lay_out(drawn, 1, 3, style)
    wide = [f.outline.bounds[2] - f.outline.bounds[0] for f in place_figures(drawn, layout, style.widest)]
    assert wide[1] == pytest.approx(wide[0] / 2)
    assert wide[2] <= layout.side


@pytest.mark.parametrize("coordinate", [np.nan, np.inf, 1e308])
def test_coordinates_that_cannot_be_placed_are_said(coordinate: float) -> None:
    broken = Sketch((np.array([[-coordinate, 0], [coordinate, 1]]),))
    for arrangement in ("grid", "ring"):
        with pytest.raises(UserError, match="no numbers, or too large"):
            compose(figures(1, 1, broken), 1, 1, Style(arrangement=arrangement))


@pytest.mark.parametrize(
    ("shape", "look", "words"),
    [
        ((0, 10), {}, "0 x 10 cells is empty"),
        ((10, -1), {}, "10 x -1 cells is empty"),
        ((10, 10), {"margin": 105.0}, "smaller than its margins"),
        ((10, 10), {"margin": 400.0}, "smaller than its margins"),
        ((500, 10), {}, "no room"),
        ((10**9, 10**9), {}, "no room"),
        ((60, 60), {"arrangement": "ring", "margin": 60}, "3600 drawings .* no room"),
        ((10, 10), {"gutter": 100.0}, "no room"),
        ((1, 5), {"gutter": 500.0, "arrangement": "ring"}, "no room"),
        ((30, 30), {"gutter": 20.0, "arrangement": "ring"}, "no room"),
        ((10, 10), {"pen_width": 20.0}, "no room"),
        ((30, 30), {"captions": "references"}, r"captions such as 'r\d\dc\d\d' do not fit"),
        ((12, 12), {"captions": "references", "pen_width": 1.0}, "captions .* below 4 mm nobody reads them"),
        ((1, 1), {"title": "long " * 40}, "the title 'long .*\\.\\.\\.' is too long: .* there are 190"),
        ((1, 1), {"signature": "A" * 300, "edition": "3/150"}, r"with the edition '3/150 A+\.\.\.' is too long"),
        ((1, 1), {"paper": Paper(100, 21), "title": "x", "margin": 10}, "no room"),
        ((1, 1), {"title": "猫"}, "no single-stroke letter for '猫'"),
        (None, {"title": "猫"}, "no single-stroke letter for '猫'"),
    ],
)
def test_a_layout_without_room_is_said(shape: tuple[int, int] | None, look: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_layout(shape, Style(**look))
