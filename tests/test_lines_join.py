"""Lines whose ends meet, and closed lines that touch others, become one, and nothing is lost or made up."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from test_lines_order import line, sheets

from plotsketch.lines.join import join_lines, joined

NEAR = 1e-5  # mm


def length(lines) -> float:
    return sum(float(np.hypot(*np.diff(points, axis=0).T).sum()) for points in lines)


def shapes(lines) -> list[shapely.Geometry]:
    return [shapely.Point(p[0]) if (p == p[0]).all() else shapely.LineString(p) for p in lines]


def check_ink(before, after, bridges, gap: float, twice_mm: float = 0.0) -> None:
    """All of the ink before is there, and nothing new but bridges from ink to ink and what is drawn twice."""
    assert len(after) <= len(before)
    assert all(0 < bridge <= gap + NEAR for bridge in bridges)
    old, new = shapes(before), shapes(after)
    assert all(shapely.union_all(shapely.buffer(new, NEAR)).covers(old))
    assert all(shapely.union_all(shapely.buffer(old, gap / 2 + 2 * NEAR)).covers(new))
    drawn = length(after) - length(before) - twice_mm
    assert sum(bridges) - 1e-3 <= drawn <= 2 * sum(bridges) + 1e-3


floats = st.floats(0, 6, allow_nan=False)
loose = st.lists(st.tuples(floats, floats), min_size=2, max_size=5).map(np.array)
any_sheets = sheets | st.lists(line | loose, max_size=10)


@settings(deadline=None, max_examples=60)
@given(any_sheets, st.sampled_from([0.0, 0.3, 1.0, 1.5]))
def test_ink_is_kept_and_only_gaps_are_drawn_over(lines, gap: float) -> None:
    done = joined(lines, gap)
    check_ink(lines, done.lines, done.bridges, gap)


@settings(deadline=None, max_examples=60)
@given(sheets)
def test_dots_stay_as_they_are(lines) -> None:
    dots = [points.tolist() for points in lines if (points == points[0]).all()]
    done = [points.tolist() for points in join_lines(lines, 1.0)]
    assert [points for points in done if points in dots] == dots


def test_the_pen_goes_straight_on_at_a_crossing() -> None:
    arms = [np.array([[5.0, 5.0], end]) for end in ([0.0, 5.0], [5.0, 0.0], [10.0, 5.0], [5.0, 10.0])]
    done = join_lines(arms)
    assert len(done) == 2
    assert all((points[0] == points[-1]).any() for points in done)  # one goes across, one down


def test_as_many_ends_are_joined_as_can_be() -> None:
    """Ends in a row, each within the gap of the next: the nearest two alone would leave the outer ones apart."""
    places = (0.0, 0.9, 1.4, 2.3)
    lines = [np.array([[x, 0.0], [x, 50.0 + 20 * i]]) for i, x in enumerate(places)]
    assert len(join_lines(lines, 1.0)) == 2


def test_a_gap_wider_than_asked_stays_open() -> None:
    lines = [np.array([[0.0, 0], [10, 0]]), np.array([[10.06, 0], [20, 0]])]
    assert len(join_lines(lines)) == 2
    (joined,) = join_lines(lines, 0.1)
    assert joined.tolist() == [[0, 0], [10, 0], [10.06, 0], [20, 0]]


def test_four_sides_become_one_closed_line_in_the_first_ones_direction() -> None:
    corners = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10], [0, 0]])
    sides = [corners[i : i + 2][:: 1 if i % 2 == 0 else -1] for i in range(4)]
    (done,) = join_lines(sides)
    assert len(done) == 5
    assert (done[0] == done[-1]).all()


def test_a_crowd_in_one_point_is_joined_in_pairs() -> None:
    angles = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    lines = [np.array([[0.0, 0.0], [100 * np.cos(a), 100 * np.sin(a)]]) for a in angles]
    assert 500 <= len(join_lines(lines)) < 700


SQUARE = np.array([[10.0, 10], [20, 10], [20, 20], [10, 20], [10, 10]])


def test_a_ring_that_a_line_ends_at_is_drawn_with_it() -> None:
    done = joined([np.array([[0.0, 15], [9.8, 15]]), SQUARE], 0.25)
    (drawn,) = done.lines
    assert drawn[[0, 1, 2, -1]].tolist() == [[0, 15], [9.8, 15], [10, 15], [10, 15]]
    assert done.bridges == pytest.approx([0.2])


def test_a_ring_beside_a_line_is_a_detour_of_it_in_the_smoother_direction() -> None:
    across = np.array([[0.0, 9.9], [40, 9.9]])
    done = joined([across, SQUARE[::-1]], 0.2)
    (drawn,) = done.lines
    assert drawn[0].tolist() == [0, 9.9] and drawn[-1].tolist() == [40, 9.9]
    assert length([drawn]) == pytest.approx(40 + 40 + 2 * 0.1)
    assert done.bridges == pytest.approx([0.1])
    ring = [points for points in drawn.tolist() if points[1] > 9.95]
    assert ring[:3] == [[10, 10], [20, 10], [20, 20]]


def test_rings_in_a_row_are_one_line_and_a_ring_alone_stays_as_it_was() -> None:
    rings = [SQUARE + np.array([10.1 * number, 0]) for number in range(50)]
    (drawn,) = join_lines(rings, 0.2)
    assert (drawn[0] == drawn[-1]).all()
    assert length([drawn]) == pytest.approx(50 * 40 + 49 * 2 * 0.1)
    assert join_lines(rings, 0.05)[7] is rings[7]


def test_ends_on_both_sides_of_a_line_are_joined_across_it() -> None:
    wall = np.array([[-50.0, 0], [50, 0]])
    above, below = np.array([[0.0, 0.3], [0, 30]]), np.array([[0.2, -0.3], [0, -30]])
    done = joined([wall, above, below], 0.4)
    assert sorted(map(len, done.lines)) == [2, 5]
    assert len(done.bridges) == 2
    assert len(join_lines([above, below], 0.4)) == 2


def test_what_is_woven_stands_where_the_first_of_its_lines_stood() -> None:
    alone = np.array([[90.0, 90], [95, 95]])
    done = join_lines([SQUARE, alone, np.array([[0.0, 15], [10, 15]])])
    assert len(done) == 2
    assert done[1] is alone


def test_thousands_of_rings_in_one_place_are_no_trouble() -> None:
    rings = [SQUARE + np.array([0.001 * number, 0]) for number in range(2000)]
    assert len(join_lines(rings)) == 1
