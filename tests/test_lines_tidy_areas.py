"""Closed lines hide what lies under them, and are filled: checked point by point against their areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.lines.cuts import DOT
from plotsketch.lines.tidy import Ply, Tidy, before_joining

places = st.tuples(st.integers(0, 20), st.integers(0, 20))
# from left to right, so that none closes
polyline = st.lists(places, min_size=2, max_size=6, unique=True).map(
    lambda points: np.array(sorted(points), dtype=float)
)
SAMPLE = 0.05  # mm between points that are looked at


def star(x: float, y: float, radius: float, tips: int) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 4 * tips + 1)
    ring = np.array([x, y]) + (radius * (1 + 0.4 * np.cos(tips * turn)))[:, None] * np.column_stack(
        [np.cos(turn), np.sin(turn)]
    )
    ring[-1] = ring[0]
    return ring


stars = st.builds(star, st.integers(0, 20), st.integers(0, 20), st.integers(1, 8), st.integers(2, 6))


def treated(lines: list[np.ndarray], pen: float = 0.3, **wishes: object) -> list[np.ndarray]:
    return before_joining([Ply(1, "1 black", pen, lines)], Tidy(**wishes))[0].lines


def points_of(lines: list[np.ndarray]) -> np.ndarray:
    dense = [shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), SAMPLE)) for line in lines]
    return np.concatenate([*dense, np.empty((0, 2))])


def multi(lines: list[np.ndarray]) -> shapely.Geometry:
    return shapely.MultiLineString([shapely.LineString(line) for line in lines])


@given(st.lists(polyline | stars, min_size=1, max_size=8))
def test_what_lies_under_a_later_closed_line_is_hidden_and_the_rest_is_there(lines: list[np.ndarray]) -> None:
    # an open line may close by chance; it hides then, as shapely sees it
    rings = [len(line) > 3 and (line[0] == line[-1]).all() for line in lines]
    hold = [n for n, ring in enumerate(rings) if ring and shapely.Polygon(lines[n]).is_valid]
    lines = [line for n, line in enumerate(lines) if n in hold or not rings[n]]
    areas = [shapely.Polygon(line) if len(line) > 3 and (line[0] == line[-1]).all() else None for line in lines]
    done = multi(treated(lines, occlude=True, closed=0.0))
    for number, line in enumerate(lines):
        above = shapely.union_all([area for area in areas[number + 1 :] if area is not None])
        points = shapely.points(points_of([line]))
        hidden = shapely.contains(shapely.buffer(above, -0.002), points)
        others = shapely.union_all([multi([other]) for n, other in enumerate(lines) if n != number])
        lonely = hidden & (shapely.distance(points, others) > 1e-3)
        assert (shapely.distance(points[lonely], done) > 1e-4).all()
        # a piece that is cut off and no longer than a dot may be missing
        assert (shapely.distance(points[~shapely.intersects(above, points)], done) <= DOT).all()


def test_a_line_that_crosses_itself_and_one_in_sight_stay_whole() -> None:
    loop = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 5.0], [5.0, -5.0], [20.0, -5.0]])
    free = np.array([[0.0, 30.0], [40.0, 30.0]])
    mask = star(20.0, -5.0, 2.0, 3)
    done = treated([loop, free, mask], occlude=True)
    assert len(done) == 3
    assert done[1] is free and (done[2] == mask).all()
    assert (done[0][:4] == loop[:4]).all()


def test_equal_outlines_are_not_cut_to_pieces() -> None:
    ring = star(10.0, 10.0, 5.0, 5)
    done = treated([ring + np.array([1e-4, 0.0]), ring, ring[::-1]], occlude=True)
    assert len(done) == 3


def test_a_ring_that_overshoots_hides_what_it_goes_round() -> None:
    line = np.array([[-9.0, 0.0], [9.0, 0.0]])
    round_trip = np.array([[3.0, -4.0], [3.0, 4.0], [-3.0, 4.0], [-3.0, -3.0], [4.0, -3.0]])
    left, right, ring = treated([line, round_trip], occlude=True)
    assert ring is round_trip
    assert (left[-1][0], right[0][0]) == pytest.approx((-3, 3))
    assert len(treated([line, round_trip[:4]], occlude=True)) == 2  # it only comes near


def test_masks_hide_below_and_are_not_drawn() -> None:
    line = np.array([[0.0, 0.0], [30.0, 0.0]])
    plies = [
        Ply(1, "", 0.3, [line]),
        Ply(2, "2 cloud", 0.3, [star(15.0, 0.0, 3.0, 4), line + 3]),
        Ply(3, "top", 0.3, [line]),
    ]
    for name in ("2", "2 Cloud", "cloud"):
        below, mask, top = before_joining(plies, Tidy(mask=(name,)))
        assert len(below.lines) == 2 and mask.lines == [] and len(top.lines) == 1
    with pytest.raises(UserError, match="no such layer; it has 1, 2"):
        before_joining(plies, Tidy(mask=("4",)))


def test_rings_that_are_almost_closed_hide_by_choice() -> None:
    line, ring = np.array([[-9.0, 0.0], [9.0, 0.0]]), star(0.0, 0.0, 4.0, 8)[:-1]
    assert len(treated([line, ring], occlude=True)) == 2
    assert len(treated([line, ring], occlude=True, closed=2.0)) == 3


@settings(max_examples=25)
@given(stars, stars, st.sampled_from([0.2, 0.5]), st.sampled_from([1.0, 1.8]), st.integers(0, 180))
def test_fillings_stay_inside_and_leave_no_hole(
    outer: np.ndarray, hole: np.ndarray, pen: float, wide: float, angle: int
) -> None:
    area = shapely.Polygon(outer)
    cut = shapely.Polygon((hole - hole.mean(axis=0)) * 0.2 + outer.mean(axis=0))
    lines = [outer]
    if area.contains(cut):
        lines.append(shapely.get_coordinates(cut))
        area = area.difference(cut)
    fill = [done for done in treated(lines, pen, hatch=("all",), hatch_gap=pen * wide, hatch_angle=angle)]
    fill = [line for line in fill if not any(line is given for given in lines)]
    inner = area.buffer(-pen / 2, quad_segs=64)
    assert area.buffer(-pen / 2 + 0.003, quad_segs=64).covers(multi(fill)) or not fill
    if inner.is_empty or not fill:
        assert inner.area < pen * pen
        return
    low, high = np.array(inner.bounds).reshape(2, 2)
    spots = shapely.points(np.random.default_rng(0).uniform(low, high, (2000, 2)))
    spots = spots[shapely.contains(inner, spots)]
    assert (shapely.distance(spots, multi(fill)) <= pen * wide / 2 + 0.01).all()


def test_a_filled_disc_takes_one_lift_and_open_lines_stay_apart() -> None:
    turn = np.linspace(0, 2 * np.pi, 100)
    disc = 10 * np.column_stack([np.cos(turn), np.sin(turn)])
    disc[-1] = disc[0]
    assert len(treated([disc], hatch=("all",))) == 2
    rows = treated([disc], hatch=("1",), hatch_gap=2.0, hatch_angle=0)[1:]
    assert len(rows) == 10 and all(len(row) == 2 and row[0][1] == pytest.approx(row[1][1]) for row in rows)
    assert len(treated([disc], hatch=("all",), hatch_gap=2.0, hatch_cross=True)) == 21


def test_fillings_are_even_odd_and_hidden_by_what_is_above() -> None:
    rings = [star(0.0, 0.0, radius, 9) for radius in (12.0, 8.0, 4.0)]
    cover = star(12.0, 0.0, 6.0, 5)
    done = treated([*rings, cover], hatch=("all",), occlude=True, hatch_gap=0.5, hatch_angle=30)
    points = shapely.points(points_of([line for line in done if not any(line is ring for ring in [*rings, cover])]))
    outer, middle, inner, top = map(shapely.Polygon, [*rings, cover])
    outlines = shapely.union_all([shapely.boundary(shape) for shape in (outer, middle, inner, top)])
    full = shapely.union_all([outer.difference(middle), inner, top])
    free = shapely.distance(points, outlines) > 0.1
    assert shapely.contains(full, points[free]).all()


def test_overlapping_shapes_are_filled_once() -> None:
    one, other = star(0.0, 0.0, 8.0, 5), star(8.0, 0.0, 8.0, 5)
    fill = treated([one, other], hatch=("all",), hatch_gap=1.0)
    rows = [line for line in fill if len(line) == 2]
    assert shapely.union_all([shapely.LineString(row) for row in rows]).length == pytest.approx(
        sum(shapely.LineString(row).length for row in rows)
    )
