"""Lines put in order: the same ink in less time, every time the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.lines.effort import Effort
from plotsketch.lines.machine import load_machine
from plotsketch.lines.order import NOWHERE, order_lines
from plotsketch.lines.pace import MILLIMETRES, Pace

# few places, so that lines touch, lie on one another, and are dots
coordinate = st.integers(0, 6).map(float)
line = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=5).map(np.array)
closed = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=5).map(lambda p: np.array([*p, p[0]]))
sheets = st.lists(line | closed, max_size=14)


def ink(lines: list[np.ndarray]) -> Counter[tuple[tuple[float, ...], ...]]:
    """The segments, of whatever direction, and the dots."""
    found: Counter[tuple[tuple[float, ...], ...]] = Counter()
    for points in lines:
        ends = [tuple(map(float, point)) for point in points]
        found.update(tuple(sorted(pair)) for pair in pairwise(ends))
        if len(ends) == 1:
            found[(ends[0],)] += 1
    return found


def scattered(count: int, seed: int = 0) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    return [draw.uniform(0, 200, 2) + draw.normal(0, 1, (draw.integers(2, 6), 2)) for _ in range(count)]


def travel(lines: list[np.ndarray]) -> float:
    return MILLIMETRES.total(lines, NOWHERE, NOWHERE)


@settings(deadline=None)
@given(sheets, st.none() | st.just((0.0, 0.0)), st.none() | st.just((6.0, 6.0)))
def test_all_ink_stays_and_travel_never_grows(lines, start, end) -> None:
    done = order_lines(lines, start=start, end=end, effort=Effort(5))
    places = [NOWHERE if place is None else np.array(place) for place in (start, end)]
    assert ink(done) == ink(lines)
    assert len(done) == len(lines)
    if lines:
        assert MILLIMETRES.total(done, *places) <= MILLIMETRES.total(lines, *places) + 1e-9


@settings(deadline=None)
@given(sheets)
def test_open_lines_are_at_most_turned_round_and_closed_ones_stay_closed(lines) -> None:
    def name(points):
        if len(points) > 3 and (points[0] == points[-1]).all():
            return "closed", len(points)
        return min(points.tolist(), points[::-1].tolist())

    done = order_lines(lines, effort=Effort(5))
    assert sorted(map(str, map(name, done))) == sorted(map(str, map(name, lines)))


def test_the_same_seed_and_effort_make_the_same_order_and_others_may_not() -> None:
    lines = scattered(300)
    first, again = (order_lines(lines, effort=Effort(10), seed=3) for _ in range(2))
    assert all(a is b or (a == b).all() for a, b in zip(first, again, strict=True))
    others = [travel(order_lines(lines, effort=Effort(10), seed=seed)) for seed in range(3)]
    assert len(set(others)) > 1


def test_more_effort_makes_less_travel() -> None:
    lines = scattered(500)
    lengths = [travel(order_lines(lines, effort=Effort(kicks))) for kicks in (0, 20)]
    assert lengths[1] < lengths[0] < travel(lines) / 5


def test_small_sheets_get_the_best_order_of_all() -> None:
    from itertools import permutations, product

    lines = scattered(4, seed=8)
    turned = [[order[i][:: -1 if back else 1] for i, back in enumerate(backs)]
              for order in permutations(lines) for backs in product((False, True), repeat=4)]  # fmt: skip
    assert travel(order_lines(lines)) == pytest.approx(min(map(travel, turned)))


def test_the_pen_comes_from_home_and_ends_near_it() -> None:
    lines = [np.array([[x, 0.0], [x, 1.0]]) for x in (30.0, 10.0, 20.0)]
    done = order_lines(lines, start=(0.0, 0.0), end=(40.0, 0.0))
    assert [points[0, 0] for points in done] == [10, 20, 30]
    back = order_lines(lines, start=(40.0, 0.0), end=(0.0, 0.0))
    assert [points[0, 0] for points in back] == [30, 20, 10]


def test_a_closed_line_begins_where_the_pen_is() -> None:
    square = np.array([[10.0, 10], [20, 10], [20, 20], [10, 20], [10, 10]])
    (done,) = order_lines([square], start=(25.0, 25.0), end=(25.0, 25.0))
    assert done[0].tolist() == done[-1].tolist() == [20, 20]
    assert ink([done]) == ink([square])


def test_seconds_spare_a_lift_where_millimetres_see_none() -> None:
    machine = replace(load_machine("axidraw-v3"), lift_s=1.0, drop_s=1.0)
    pace = Pace.of(machine)
    distances = np.array([0.0, 0.001, 0.5, 300.0])
    assert pace.costs(distances) == pytest.approx(machine.hop_seconds(distances))
    lines = scattered(200)
    assert pace.total(order_lines(lines, pace=pace), NOWHERE, NOWHERE) < pace.total(lines, NOWHERE, NOWHERE)


def test_many_lines_in_one_point_are_no_trouble() -> None:
    lines = [np.full((2, 2), 5.0) for _ in range(3000)]
    assert len(order_lines(lines, effort=Effort(1))) == 3000


def test_a_time_is_an_effort_too() -> None:
    lines = scattered(100)
    assert travel(order_lines(lines, effort=Effort.of("0.05s"))) < travel(lines)


@pytest.mark.parametrize("words", ["", "none", "-1", "nan", "5m", "infs"])
def test_an_effort_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(UserError, match="--effort"):
        Effort.of(words)
