"""Lines whose ends meet become one, and nothing is lost or made up."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_lines_order import ink, sheets

from plotsketch.lines.join import join_lines


@settings(deadline=None)
@given(sheets, st.sampled_from([0.0, 1.0, 1.5]))
def test_ink_is_kept_and_only_gaps_are_drawn_over(lines, gap: float) -> None:
    done = join_lines(lines, gap)
    before, after = ink(lines), ink(done)
    assert not before - after
    strokes = list((after - before).elements())
    assert all(np.hypot(*(np.array(a) - b)) <= gap + 1e-5 for a, b in strokes)
    assert len(strokes) <= len(lines) - len(done)


@settings(deadline=None)
@given(sheets)
def test_dots_and_closed_lines_stay_as_they_are(lines) -> None:
    def alone(points) -> bool:
        return (points == points[0]).all() or (len(points) > 3 and (points[0] == points[-1]).all())

    done = [points.tolist() for points in join_lines(lines, 1.0)]
    for points in filter(alone, lines):
        assert points.tolist() in done


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
