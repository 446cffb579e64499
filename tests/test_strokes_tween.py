"""Lines on their way from one drawing to another."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from plotsketch.strokes.assignment import assign
from plotsketch.strokes.sketch import Sketch
from plotsketch.strokes.tween import tween

coordinates = st.integers(-200, 200).map(float)
lines = st.integers(1, 7).flatmap(lambda count: arrays(np.float64, (count, 2), elements=coordinates))
sketches = st.lists(lines, max_size=5).map(lambda found: Sketch(tuple(found)))
shares = st.floats(0.001, 0.999)


def off_the_line(points: NDArray[np.float64], line: NDArray[np.float64]) -> float:
    """The farthest that any of ``points`` is from ``line``."""
    starts, steps = line[:-1], np.diff(line, axis=0)
    if len(line) == 1:
        starts, steps = line, np.zeros_like(line)
    squares = np.maximum((steps**2).sum(axis=1), 1e-300)
    along = np.clip(((points[:, None] - starts) * steps).sum(axis=-1) / squares, 0, 1)
    feet = starts + along[..., None] * steps
    return float(np.linalg.norm(points[:, None] - feet, axis=-1).min(axis=1).max())


def counts(sketch: Sketch) -> list[int]:
    return [len(line) for line in sketch.lines]


@given(sketches, sketches)
def test_the_ends_are_the_drawings_themselves(start: Sketch, end: Sketch) -> None:
    way = tween(start, end)
    assert (way.at(0.0), way.at(1.0)) == (start, end)


@given(sketches, sketches)
def test_every_line_takes_part_and_leaves_from_its_own_shape(start: Sketch, end: Sketch) -> None:
    """All corners of a line are points of it on its way, and no point is off it: nothing is cut and nothing jumps."""
    way = tween(start, end)
    for sketch, side, gone in ((start, "start", 1), (end, "end", -1)):
        moving = [getattr(move, side) for move in way.moves if move.grows != gone]
        assert len(moving) == len(sketch.lines)
        for line in sketch.lines:
            fits = [max(off_the_line(line, other), off_the_line(other, line)) for other in moving]
            assert min(fits) < 1e-9


@given(sketches, sketches, shares, shares)
def test_points_stay_the_same_in_number(start: Sketch, end: Sketch, one: float, other: float) -> None:
    way = tween(start, end)
    assert counts(way.at(one)) == counts(way.at(other))


@given(sketches, sketches, shares, shares)
def test_a_small_time_is_a_small_step(start: Sketch, end: Sketch, one: float, other: float) -> None:
    way = tween(start, end)
    for a, b in zip(way.at(one).lines, way.at(other).lines, strict=True):
        assert np.hypot(*(a - b).T).max() <= abs(one - other) * way.reach + 1e-9


@given(sketches, st.tuples(coordinates, coordinates))
def test_a_drawing_that_is_pushed_aside_moves_as_one(sketch: Sketch, push: tuple[float, float]) -> None:
    push = (push[0] / 100, push[1] / 100)
    way = tween(sketch, sketch)
    assert all(move.grows == 0 for move in way.moves) and way.reach == 0
    if len(sketch.lines) == 1:
        assert tween(sketch, sketch.translated(*push), reverse=False).reach <= np.hypot(*push) + 1e-9


def test_lines_go_to_their_counterparts_whatever_their_order_and_direction() -> None:
    left, right = np.array([[0.0, 0], [0, 50], [0, 100]]), np.array([[80.0, 0], [100, 100]])
    way = tween(Sketch((left, right)), Sketch((right[::-1] + 3, left + 2)))
    assert [move.grows for move in way.moves] == [0, 0]
    assert way.reach < 5
    assert tween(Sketch((left, right)), Sketch((right[::-1] + 3, left + 2)), reverse=False).reach > 50


def test_a_line_with_no_counterpart_is_drawn_or_taken_back() -> None:
    ring = np.array([[0.0, 0], [100, 0], [100, 100], [0, 100], [0, 0]])
    whisker = np.array([[200.0, 200], [240, 200]])
    way = tween(Sketch((ring,)), Sketch((ring, whisker)))
    assert sorted(move.grows for move in way.moves) == [0, 1]
    assert way.at(0.25).lines[1][-1].tolist() == [210, 200]
    back = tween(Sketch((ring, whisker)), Sketch((ring,)))
    assert back.at(0.25).lines[1][-1].tolist() == [230, 200]


def test_dots_move_and_empty_drawings_grow() -> None:
    dot = Sketch((np.array([[3.0, 4.0]]),))
    line = np.array([[0.0, 0], [0, 100]])
    moving = tween(Sketch((dot.lines[0], line)), Sketch((line, dot.lines[0] + [2, 0])))
    assert sorted(line.tolist() for line in moving.at(0.5).lines) == [[[0, 0], [0, 100]], [[4, 4], [4, 4]]]
    assert tween(Sketch(()), dot).at(1.0) is dot
    assert tween(Sketch(()), Sketch(())).at(0.5).is_empty


@given(sketches, shares)
def test_a_pen_draws_line_by_line(sketch: Sketch, share: float) -> None:
    """What is drawn lies on the drawing; all lines but the last one are whole, and those after it not begun."""
    pen = tween(sketch, sketch, reverse=False)
    drawn = pen.at(0.0, share).lines
    for line, whole in zip(drawn, sketch.lines, strict=False):
        assert off_the_line(line, whole) < 1e-9
    for line, whole in zip(drawn[:-1], sketch.lines, strict=False):
        assert off_the_line(whole, line) < 1e-9
    assert pen.at(0.0, 0.0).is_empty
    assert pen.at(0.0, 1.0).lines == sketch.lines


@given(sketches, sketches, shares, shares, shares)
def test_a_pen_at_work_on_moving_lines_only_adds(
    start: Sketch, end: Sketch, u: float, one: float, other: float
) -> None:
    way = tween(start, end, reverse=False)
    less, more = (way.at(u, share) for share in sorted((one, other)))
    assert less.length <= more.length + 1e-9
    assert len(less.lines) <= len(more.lines) <= len(way.moves)


@given(st.integers(1, 5).flatmap(lambda n: arrays(np.float64, (n, n + 1), elements=st.integers(-9, 9).map(float))))
def test_an_assignment_is_the_cheapest(costs: NDArray[np.float64]) -> None:
    rows, cols = costs.shape
    found = assign(costs)
    assert len(set(found.tolist())) == rows
    cheapest = min(sum(costs[range(rows), chosen]) for chosen in permutations(range(cols), rows))
    assert costs[range(rows), found].sum() == pytest.approx(cheapest)


@pytest.mark.parametrize("costs", [np.zeros((3, 2)), np.full((2, 2), np.nan), np.zeros(3)])
def test_costs_that_cannot_be_shared_out_are_refused(costs: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="costs are finite"):
        assign(costs)
