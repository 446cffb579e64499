"""What a drawing is: stroke-3 and stroke-5 both ways, bounds, centre and fit."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strokes_cases import assert_same, from_first_point, house, real, sketches, whole

from plotsketch.strokes import Sketch, read_drawings


def lists(sketch: Sketch) -> list[list[list[float]]]:
    return [line.tolist() for line in sketch.lines]


def test_first_row_is_drawn_from_the_origin() -> None:
    sketch = Sketch.from_stroke3([(5, 0, 0), (0, 5, 1), (2, 2, 0), (1, 0, 1)], origin=(10, 20))
    assert lists(sketch) == [[[10, 20], [15, 20], [15, 25]], [[17, 27], [18, 27]]]


def test_first_row_can_be_a_move() -> None:
    rows = [(5, 0, 0), (0, 5, 1), (2, 2, 0), (1, 0, 1)]
    assert lists(Sketch.from_stroke3(rows, first_row="move")) == [[[5, 0], [5, 5]], [[7, 7], [8, 7]]]


def test_unlifted_last_line_is_kept() -> None:
    sketch = Sketch.from_stroke3([(1, 0, 1), (0, 3, 0), (1, 1, 0)])
    assert lists(sketch) == [[[0, 0], [1, 0]], [[1, 3], [2, 4]]]
    assert sketch.to_stroke3().tolist() == [[1, 0, 1], [0, 3, 0], [1, 1, 1]]


def test_leading_dot_is_a_dot() -> None:
    sketch = Sketch.from_stroke3([(0, 0, 1), (3, 4, 0), (1, 0, 1)])
    assert lists(sketch) == [[[0, 0]], [[3, 4], [4, 4]]]


def test_lone_rows_after_a_lift_are_dots() -> None:
    assert lists(Sketch.from_stroke3([(1, 0, 1), (1, 1, 1), (2, 2, 0)])) == [[[0, 0], [1, 0]], [[2, 1]], [[4, 3]]]


def test_stroke5_stops_at_the_end_row_and_ignores_its_offset() -> None:
    rows = [(1, 0, 1, 0, 0), (0, 1, 0, 1, 0), (9, 9, 0, 0, 1), (5, 5, 1, 0, 0)]
    sketch = Sketch.from_stroke5(rows)
    assert lists(sketch) == [[[0, 0], [1, 0], [1, 1]]]
    assert sketch.finished
    assert not Sketch.from_stroke5(rows[:2]).finished


def test_nothing_is_empty() -> None:
    for sketch in (Sketch(()), Sketch.from_stroke3([]), Sketch.from_stroke5(np.zeros((0, 5)))):
        assert sketch.is_empty and sketch.point_count == 0 and sketch.length == 0
        assert sketch.to_stroke3().shape == (0, 3)
        assert sketch.fit(10, 10).is_empty and sketch.centred().is_empty
        with pytest.raises(ValueError, match="no bounds"):
            _ = sketch.bounds
    assert Sketch(()).to_stroke5().tolist() == [[0, 0, 0, 0, 1]]


@pytest.mark.parametrize("lines", [([1, 2],), (np.zeros((0, 2)),), (np.zeros((3, 3)),)])
def test_odd_shapes_are_refused(lines: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(k, 2\)"):
        Sketch(lines)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"shape \(n, 3\)"):
        Sketch.from_stroke3([(1, 2)])


@given(sketches(whole))
def test_stroke3_loses_nothing(sketch: Sketch) -> None:
    origin = sketch.lines[0][0] if sketch.lines else (0, 0)
    again = Sketch.from_stroke3(sketch.to_stroke3(), origin=origin, finished=sketch.finished)
    assert_same(again, sketch)
    assert again.finished == sketch.finished


@given(sketches(whole))
def test_stroke5_loses_nothing(sketch: Sketch) -> None:
    again = Sketch.from_stroke5(sketch.to_stroke5())
    assert_same(again, from_first_point(sketch))
    assert again.finished == sketch.finished


@given(sketches(whole, min_lines=1))
def test_stroke5_is_stroke3_with_pen_states(sketch: Sketch) -> None:
    stroke3, stroke5 = sketch.to_stroke3(), sketch.to_stroke5(end_row=False)
    assert np.array_equal(stroke5[:, [0, 1, 3]], stroke3)
    assert (stroke5[:, 2:].sum(axis=1) == 1).all()
    assert len(sketch.to_stroke5()) == len(stroke3) + sketch.finished


@given(sketches(real))
def test_conversions_hold_to_rounding_for_any_numbers(sketch: Sketch) -> None:
    assert_same(Sketch.from_stroke5(sketch.to_stroke5()), from_first_point(sketch), within=1e-6)


@given(st.lists(st.tuples(whole, whole, st.booleans()), max_size=12))
def test_any_rows_come_back_but_for_the_last_lift(rows: list[tuple[int, int, bool]]) -> None:
    again = Sketch.from_stroke3(rows).to_stroke3().tolist()
    expected = [[dx, dy, float(lift)] for dx, dy, lift in rows]
    if expected:
        expected[-1][2] = 1.0
    if rows != [(0, 0, False)]:  # a point drawn onto itself is the dot that it looks like
        assert again == expected


def test_measures() -> None:
    sketch = Sketch(([(0, 0), (3, 4)], [(10, -2)]))
    assert sketch.bounds == (0, -2, 10, 4)
    assert sketch.length == 5
    assert sketch.point_count == 3
    assert sketch.points.tolist() == [[0, 0], [3, 4], [10, -2]]
    assert lists(sketch.translated(1, 2).scaled(2, 3)) == [[[2, 6], [8, 18]], [[22, 0]]]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (([(0, 0), (10, 20)],), (15, 0, 25, 20)),  # as high as the box, in its middle
        (([(5, 5), (9, 5)],), (0, 10, 40, 10)),  # level: as wide as the box
        (([(5, 5)],), (20, 10, 20, 10)),  # a dot
        (([(5, 5), (5, 5 + 5e-324)],), (20, 10, 20, 10)),  # as good as a dot
    ],
)
def test_fit_keeps_the_aspect_and_centres(lines: object, expected: tuple[float, ...]) -> None:
    fitted = Sketch(lines).fit(40, 20)  # type: ignore[arg-type]
    assert fitted.bounds == pytest.approx(expected)


@given(sketches(real, min_lines=1), st.floats(0.1, 1000), st.floats(0.1, 1000))
def test_fit_stays_in_its_box(sketch: Sketch, width: float, height: float) -> None:
    xmin, ymin, xmax, ymax = sketch.fit(width, height).bounds
    slack = 1e-6 * (width + height)
    assert -slack <= xmin <= xmax <= width + slack
    assert -slack <= ymin <= ymax <= height + slack
    assert (xmin + xmax, ymin + ymax) == pytest.approx((width, height), abs=1e-6 * (width + height))


@given(sketches(real, min_lines=1))
def test_centred_is_around_zero(sketch: Sketch) -> None:
    xmin, ymin, xmax, ymax = sketch.centred().bounds
    assert (xmin + xmax, ymin + ymax) == pytest.approx((0, 0), abs=1e-6)


def test_transforms_keep_whether_it_was_finished() -> None:
    sketch = Sketch(house().sketch.lines, finished=False)
    assert not sketch.fit(10, 10).centred().scaled(2).translated(1, 1).finished


def test_two_equal_points_look_like_a_dot_and_become_one_at_the_start_only() -> None:
    sketch = Sketch(([(0, 0), (0, 0)], [(5, 5), (5, 5)]))
    assert lists(Sketch.from_stroke3(sketch.to_stroke3())) == [[[0, 0]], [[5, 5], [5, 5]]]


def test_real_drawings_survive_both_conversions(shared: Path) -> None:
    for drawing in islice(read_drawings(shared / "data" / "quickdraw" / "pig.ndjson.gz"), 300):
        expected = from_first_point(drawing.sketch)
        first = expected.lines[0]
        if len(first) == 2 and np.array_equal(first[0], first[1]):
            expected = Sketch((first[:1], *expected.lines[1:]))
        assert_same(Sketch.from_stroke5(drawing.sketch.to_stroke5()), expected)
