"""Levers that clean drawings, on any polylines: what they may move, and how far."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import LineString, MultiPoint, hausdorff_distance

from plotsketch.errors import UserError
from plotsketch.strokes.clean import Levers, clean
from plotsketch.strokes.sketch import Sketch

LEAST = 1e-9  # what rounding may add to a distance, mm

coordinates = st.floats(0, 200, allow_nan=False).map(lambda number: round(number, 3))
points = st.tuples(coordinates, coordinates)
polylines = st.lists(points, min_size=2, max_size=25).map(np.array)
rings = st.lists(points, min_size=3, max_size=25).map(lambda corners: np.array([*corners, corners[0]]))
tolerances = st.floats(0.01, 5)
corners = st.floats(0, 180)


def cleaned(line: NDArray[np.float64], **levers: float) -> NDArray[np.float64]:
    (only,) = clean(Sketch((line,)), Levers(**levers)).lines
    return only


def turns(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees by which a line turns at its inner points."""
    ahead = np.diff(line, axis=0)
    angles = np.degrees(np.arctan2(ahead[:, 1], ahead[:, 0]))
    return np.abs((np.diff(angles) + 180) % 360 - 180)


def ring(count: int, radius: float, upto: float = 360.0) -> NDArray[np.float64]:
    angles = np.radians(np.linspace(0, upto, count + 1))
    return np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1) + 50


@given(polylines | rings, tolerances, corners)
def test_a_curve_stays_within_its_tolerance(line: NDArray[np.float64], tolerance: float, corner: float) -> None:
    curve = cleaned(line, smooth=tolerance, corner=corner)
    there, back = LineString(line), LineString(curve) if len(curve) > 1 else MultiPoint(curve)
    assert hausdorff_distance(back, there, densify=0.05) <= tolerance + LEAST  # both ways: nothing is left out either
    np.testing.assert_array_equal(curve[[0, -1]], line[[0, -1]])


@given(st.integers(8, 40), st.floats(2, 40))
def test_a_ring_of_pieces_becomes_round(count: int, radius: float) -> None:
    line = ring(count, radius)
    line[-1] = line[0]
    curve = cleaned(line, smooth=0.1 * radius)
    distances = np.hypot(*(curve - 50).T)
    assert distances == pytest.approx(radius, rel=0.06)
    seam = np.concatenate([curve[-3:-1], curve[:3]])
    assert turns(seam).max() < 20 and turns(curve).max() < 20


def test_a_circle_is_nearly_exact() -> None:
    line = ring(12, 10)
    line[-1] = line[0]
    curve = cleaned(line, smooth=0.6)
    assert np.hypot(*(curve - 50).T) == pytest.approx(10, abs=0.01)


def test_the_ears_of_a_cat_stay() -> None:
    ear = np.array([[0, 20], [2, 0], [10, 14], [14, 15.0], [18, 15]])
    curve = cleaned(ear, smooth=0.3, corner=80)
    (tip,) = np.flatnonzero((curve == [2, 0]).all(axis=1))
    assert turns(curve)[tip - 1] > 100
    rest = np.delete(turns(curve), tip - 1)
    assert rest.max() < 30
    rounded = cleaned(ear, smooth=4, corner=180)
    assert turns(rounded).max() < 30


def test_every_corner_may_be_kept() -> None:
    line = np.array([[0, 0], [10, 1], [20, 8], [22, 20.0]])
    np.testing.assert_allclose(cleaned(line, smooth=0.5, corner=0), line)


def test_a_trembling_line_becomes_straight() -> None:
    along = np.linspace(0, 50, 40)
    line = np.stack([along, 0.05 * (-1.0) ** np.arange(40)], axis=1)
    np.testing.assert_array_equal(cleaned(line, smooth=0.5), line[[0, -1]])


@given(polylines, st.floats(0.01, 40))
def test_closing_moves_no_point_by_more_than_half_the_gap(line: NDArray[np.float64], gap: float) -> None:
    closed = cleaned(line, close=gap)
    assert len(closed) == len(line)
    assert np.hypot(*(closed - line).T).max() <= gap / 2 + LEAST
    if (closed != line).any():
        np.testing.assert_array_equal(closed[0], closed[-1])


def test_a_ring_that_is_nearly_closed_closes_without_a_seam() -> None:
    line = ring(24, 10, upto=356)
    curve = cleaned(line, close=1, smooth=0.3)
    np.testing.assert_array_equal(curve[0], curve[-1])
    assert turns(np.concatenate([curve[-3:-1], curve[:3]])).max() < 10
    assert np.hypot(*(curve - 50).T) == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(
    "line",
    [ring(24, 10, upto=300), np.array([[0, 0], [0.25, 0.8], [0.5, 0]]), np.array([[0, 0], [0.5, 0]])],
    ids=["a wide gap", "a V", "a dash"],
)
def test_what_is_no_ring_stays_open(line: NDArray[np.float64]) -> None:
    np.testing.assert_array_equal(cleaned(line, close=1), line)


def test_dots_and_short_lines_go_only_when_asked() -> None:
    dot, dash, long = np.zeros((1, 2)), np.array([[0, 0], [0.4, 0]]), np.array([[0, 0], [9, 0.0]])
    sketch = Sketch((dot, long, dash), finished=False)

    def left(**levers: float) -> list[int]:
        result = clean(sketch, Levers(**levers))
        assert not result.finished
        return [next(n for n, line in enumerate(sketch.lines) if line is other) for other in result.lines]

    assert left() == [0, 1, 2]
    assert left(drop_dots=True) == [1, 2]
    assert left(drop_short=0.5) == [0, 1]
    assert left(drop_short=0.4) == [0, 1, 2]
    assert left(drop_short=10, drop_dots=True) == []


def test_levers_at_rest_leave_a_sketch_as_it_is() -> None:
    sketch = Sketch((ring(5, 3),))
    assert Levers().at_rest and clean(sketch, Levers()) is sketch
    assert not clean(Sketch(()), Levers(smooth=1)).lines


@pytest.mark.parametrize(
    ("levers", "message"),
    [
        ({"smooth": -1}, "--smooth is -1 mm"),
        ({"close": float("nan")}, "--close is nan mm"),
        ({"drop_short": float("inf")}, "--drop-short is inf mm"),
        ({"corner": 181}, "--corner is 181"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(levers: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Levers(**levers)


def test_levers_go_through_a_file() -> None:
    levers = Levers(smooth=0.3, corner=60, drop_short=0.5, drop_dots=True, close=1)
    assert Levers(**json.loads(json.dumps(asdict(levers)))) == levers
