"""Paper, cells and the document: sketches stand evenly on the sheet and nothing leaves it."""

from __future__ import annotations

import random

import numpy as np
import pytest
import vpype
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plotsketch.errors import UserError
from plotsketch.sheet.cells import Layout, place
from plotsketch.sheet.document import Pen, to_document
from plotsketch.sheet.paper import PAPERS, Paper, parse_length, parse_paper
from plotsketch.strokes.sketch import Sketch

A4 = Paper(210, 297)


@pytest.mark.parametrize(
    ("text", "millimetres"),
    [
        ("1cm", 10),
        ("10", 10),
        (" 2.5 MM ", 2.5),
        ("0.5in", 12.7),
        ('1"', 25.4),
        ("72pt", 25.4),
        ("96px", 25.4),
        (".5m", 500),
        ("0", 0),
    ],
)
def test_lengths_have_units(text: str, millimetres: float) -> None:
    assert parse_length(text) == pytest.approx(millimetres)


@pytest.mark.parametrize("text", ["", "cm", "1.2.3cm", "-1cm", "nan", "inf", "1e3mm", "1 furlong", "9" * 400])
def test_what_is_no_length_is_said(text: str) -> None:
    with pytest.raises(UserError):
        parse_length(text)


@pytest.mark.parametrize(
    ("text", "landscape", "size"),
    [
        ("a4", None, (210, 297)),
        ("A4", True, (297, 210)),
        ("letter", False, (215.9, 279.4)),
        ("300x200mm", None, (300, 200)),
        ("300x200mm", False, (200, 300)),
        ("300x200mm", True, (300, 200)),
        ("300mm x 20cm", None, (300, 200)),
        ("9x12in", None, (228.6, 304.8)),
        ("96pxx192px", None, (25.4, 50.8)),
        ("30cmx400mm", None, (300, 400)),
        ("100x100", True, (100, 100)),
    ],
)
def test_paper_has_a_name_or_a_size(text: str, landscape: bool | None, size: tuple[float, float]) -> None:
    paper = parse_paper(text, landscape)
    assert (paper.width, paper.height) == pytest.approx(size)


def test_unknown_paper_names_the_near_ones() -> None:
    with pytest.raises(UserError, match=r"unknown paper 'leter'; did you mean letter"):
        parse_paper("leter")
    with pytest.raises(UserError, match=r"known papers: a0, a1, .*arch-e, or write a size such as 300x200mm"):
        parse_paper("???")


@pytest.mark.parametrize("text", ["0x10mm", "10x0", "10xmm", "-3x4mm", "3x4parsec", "9" * 400 + "x1", ""])
def test_paper_without_area_is_said(text: str) -> None:
    with pytest.raises(UserError):
        parse_paper(text)


def test_all_named_papers_stand_upright() -> None:
    assert all(width < height for width, height in PAPERS.values())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rows": 0}, "0 x 10 cells is empty"),
        ({"cols": -1}, "10 x -1 cells is empty"),
        ({"margin": 105.0}, "smaller than its margins"),
        ({"margin": 400.0}, "smaller than its margins"),
        ({"rows": 500}, "no room"),
        ({"gutter": 100.0}, "no room"),
        ({"pen_width": 20.0}, "no room"),
        ({"pen_width": 0.0}, "--pen-width"),
    ],
)
def test_a_layout_without_room_is_said(settings: dict[str, float], words: str) -> None:
    with pytest.raises(UserError, match=words):
        Layout(**{"paper": A4, "rows": 10, "cols": 10, **settings})  # type: ignore[arg-type]


def test_cells_reach_the_margin_and_stand_in_the_middle() -> None:
    layout = Layout(A4, 4, 3, margin=15, gutter=6)
    (left, top), (right, bottom) = layout.centre(0), layout.centre(11)
    assert left - layout.side / 2 == pytest.approx(15)
    assert right + layout.side / 2 == pytest.approx(195)
    assert top == pytest.approx(297 - bottom)
    assert layout.centre(1)[0] - left == pytest.approx(layout.side + 6)
    assert layout.centre(3)[1] - top == pytest.approx(layout.side + 6)


def test_a_pen_goes_back_and_forth() -> None:
    assert list(Layout(A4, 3, 3).snake()) == [0, 1, 2, 5, 4, 3, 6, 7, 8]


points = st.integers(1, 6).flatmap(
    lambda n: arrays(np.float64, (n, 2), elements=st.floats(-1e4, 1e4, allow_subnormal=False))
)
sketches = st.lists(points, max_size=4).map(lambda lines: Sketch(tuple(lines)))


@given(
    st.lists(sketches, min_size=6, max_size=6),
    st.floats(30, 600),
    st.floats(30, 600),
    st.floats(0, 14),
    st.none() | st.floats(0, 5),
    st.floats(0.05, 2),
)
def test_ink_stays_in_its_cell_whatever_is_drawn(
    drawn: list[Sketch], width: float, height: float, margin: float, gutter: float | None, pen: float
) -> None:
    try:
        layout = Layout(Paper(width, height), 2, 3, margin, gutter, pen)
    except UserError:
        assume(False)
    placed = place(drawn, layout)
    assert [sketch.point_count for sketch in placed] == [sketch.point_count for sketch in drawn]
    for index, sketch in enumerate(placed):
        x, y = layout.centre(index)
        lines = to_document([sketch], layout.paper, Pen(width=pen)).layers[1]
        ink = np.concatenate([vpype.as_vector(line) for line in lines] or [np.empty((0, 2))]) * 25.4 / 96
        assert (np.abs(ink - (x, y)) <= layout.side / 2 - pen / 2 + 1e-6).all()
        assert (ink >= margin).all() and (ink <= np.array([width, height]) - margin).all()


def test_drawings_of_any_size_and_shape_look_equally_large() -> None:
    def box(width: float, height: float) -> Sketch:
        return Sketch((np.array([[0, 0], [width, 0], [width, height], [0, height], [0, 0]]),))

    drawn = [box(100, 100), box(900, 700), box(3, 4), box(300, 1)]
    placed = place(drawn, Layout(A4, 2, 2))
    diagonals = [np.hypot(*np.subtract(sketch.bounds[2:], sketch.bounds[:2])) for sketch in placed]
    assert diagonals[:3] == pytest.approx([diagonals[0]] * 3)
    assert diagonals[3] < diagonals[0]  # a line as long as that would leave its cell


def test_sketches_and_cells_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="3 sketches for 2 x 2 cells"):
        place([Sketch(())] * 3, Layout(A4, 2, 2))


@pytest.mark.parametrize("coordinate", [np.nan, np.inf, 1e308])
def test_coordinates_that_cannot_be_placed_are_said(coordinate: float) -> None:
    broken = Sketch((np.array([[-coordinate, 0], [coordinate, 1]]),))
    with pytest.raises(UserError, match="no numbers, or too large"):
        place([broken], Layout(A4, 1, 1))


def test_the_sheet_is_a_vpype_document() -> None:
    corner = Sketch((np.array([[0, 0], [25.4, 50.8]]), np.array([[10.0, 10.0]])))
    document = to_document([corner], A4, Pen("ink", 0.5, "#112233"))
    assert document.page_size == pytest.approx(vpype.convert_page_size("a4"))
    layer = document.layers[1]
    assert layer[0] == pytest.approx([0, 96 + 192j])
    assert layer.property("vp_pen_width") == pytest.approx(vpype.convert_length("0.5mm"))
    assert layer.property("vp_color") == vpype.Color("#112233")
    assert layer.property("vp_name") == "ink"


def test_a_dot_becomes_a_stroke_that_plotters_draw() -> None:
    document = to_document([Sketch((np.array([[10.0, 20.0]]),))], A4, Pen())
    (dot,) = document.layers[1]
    assert np.mean(dot) * 25.4 / 96 == pytest.approx(10 + 20j)
    assert 0 < abs(dot[1] - dot[0]) * 25.4 / 96 < 0.3


def test_laying_out_leaves_global_randomness_alone() -> None:
    random.seed(5)
    np.random.seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist()
    to_document(place([Sketch((np.eye(2),))], Layout(A4, 1, 1)), A4, Pen())
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
