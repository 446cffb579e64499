"""Repeats by their trade names, rooms of motifs, and backgrounds."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.sheet.background import dots, stripes
from plotsketch.sheet.repeat import REPEATS, closes, repeat, shape_for
from plotsketch.sheet.room import Room, divided, furnish
from plotsketch.sheet.wrap import fill

WITH_ROOMS = [name for name in REPEATS if name != "tossed"]
# by how many units across and down the plain tile counts
TILES = {
    "block": (1, 1), "half-drop": (2, 1), "third-drop": (3, 1), "quarter-drop": (4, 1), "brick": (1, 2),
    "third-brick": (1, 3), "quarter-brick": (1, 4), "mirror": (2, 2), "centre": (1, 1), "ogee": (2, 1),
    "diamond": (2, 1), "stripe": (1, 1), "tossed": (1, 1),
}  # fmt: skip
shapes = st.tuples(st.integers(1, 5), st.integers(1, 5))
lengths = st.floats(20, 900)


def copies(made, reach: int = 3):
    """Rooms as polygons with all copies near the cell."""
    steps = [(i, j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]
    return [shapely.Polygon(room.shape + np.array(step) @ made.lattice) for step in steps for room in made.rooms]


@pytest.mark.parametrize("name", REPEATS)
@settings(max_examples=15)
@given(shape=shapes, width=lengths, height=lengths)
def test_tile_rooms_and_motifs(name: str, shape, width: float, height: float) -> None:
    rows, cols = shape
    cols += next(more for more in range(4) if closes(name, rows, cols + more))
    made = repeat(name, width, height, rows, cols)
    across, down = TILES[name]
    assert made.tile == pytest.approx((across * width, down * height))
    cell = abs(np.linalg.det(made.lattice))
    assert cell == pytest.approx(width * height * (4 if name == "mirror" else 1))
    if name == "tossed":
        return
    assert made.motifs == rows * cols * (2 if name == "centre" else 1)
    rooms = [shapely.Polygon(room.shape) for room in made.rooms]
    assert all(room.area > 0.999 * room.convex_hull.area for room in rooms)
    filled = sum(room.area for room in rooms) / cell
    assert filled <= 1 + 1e-9
    if name not in ("ogee", "stripe"):
        assert filled == pytest.approx(1)
    tree = shapely.STRtree(copies(made, 1))
    for room in rooms:
        others = tree.geometries[tree.query(room)]
        assert room.intersection(shapely.union_all([o for o in others if not o.equals(room)])).area < 1e-6 * room.area


@given(st.integers(1, 4), st.sampled_from([("half-drop", 2), ("third-drop", 3), ("quarter-drop", 4), ("ogee", 2)]))
def test_each_next_column_of_motifs_is_shifted_and_the_unit_too(times: int, drop) -> None:
    """The columns of a drop go on with one shift, over the edge of a unit as well."""
    name, parts = drop
    made = repeat(name, 100, 80, times, times)
    assert made.lattice[0] == pytest.approx([100, 80 / parts])
    middles = np.array([shapely.Polygon(room.shape).centroid.coords[0] for room in made.rooms])
    pitch = 80 / times
    for x, y in middles:
        wanted = np.array([x + 100 / times, y + pitch / parts])
        apart = (middles - wanted) @ np.linalg.inv(made.lattice)
        assert np.abs(apart - np.round(apart)).max(axis=1).min() < 1e-9


def test_a_mirror_repeat_is_its_own_reflection() -> None:
    made = repeat("mirror", 30, 20, 1, 2)
    sketch = np.array([[0.0, 0], [3, 1], [1, 4]])
    silhouettes = [shapely.LineString(sketch).buffer(0.2)] * 2
    lines = [line for place in furnish(made.rooms, silhouettes, 1) for line in place.lines([sketch])]
    tile = shapely.MultiLineString(lines)
    for flip in (lambda p: (60, 0) + p * (-1, 1), lambda p: (0, 40) + p * (1, -1)):
        assert shapely.transform(tile, flip).difference(tile.buffer(1e-6)).length < 1e-9


@pytest.mark.parametrize("name", ["ogee", "diamond", "stripe"])
def test_lines_between_motifs_run_over_the_sheet_in_one_go_and_meet_no_room(name: str) -> None:
    made = repeat(name, 90, 60, 3, 3)
    drawn = fill(made.lines, made.lattice, 500, 400)
    whole = [line for line in drawn if line[:, 0].min() > 1e-6 and line[:, 0].max() < 500 - 1e-6]
    assert all(line[0][1] == pytest.approx(0) and line[-1][1] == pytest.approx(400) for line in whole)
    assert len(whole) == pytest.approx(len(made.lines) * 500 / 90, abs=2)
    inner = shapely.union_all([room.buffer(-0.05) for room in copies(made)])
    assert not any(shapely.LineString(line).intersects(inner) for line in drawn)


@given(st.sampled_from(sorted(WITH_ROOMS)), st.integers(1, 500), lengths, lengths)
def test_a_shape_for_so_many_motifs_has_room_for_them_and_closes(name: str, count: int, w: float, h: float) -> None:
    assume(1 / 5 < w / h < 5)
    rows, cols = shape_for(name, count, w, h)
    cells = rows * cols * (2 if name == "centre" else 1)
    assert closes(name, rows, cols) and cells >= count
    assert cells <= max(2 * count, count + 12)
    assert shape_for("half-drop", 400, 640, 640) == (20, 20)


hulls = st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=3, max_size=12)


@settings(max_examples=40)
@given(hulls, st.sampled_from([0.0, 0.3, 4.0]), st.booleans(), st.sampled_from(sorted(WITH_ROOMS)))
def test_a_motif_fills_its_room_and_keeps_the_gap(points, gap: float, turned: bool, name: str) -> None:
    shape = shapely.MultiPoint(points).convex_hull
    assume(shape.area > 1 and shape.length**2 / shape.area < 500)
    made = repeat(name, 80, 80, 2, 2)
    for room in made.rooms:
        (place,) = furnish([Room(room.shape, 0, room.mirrored)], [shape], gap, turned)
        stand, inner = place.shape(shape), shapely.Polygon(room.shape).buffer(-gap / 2, join_style="mitre")
        assert inner.buffer(1e-6).covers(stand)
        larger = shapely.transform(stand, lambda p, c=stand.centroid.coords[0]: c + (p - c) * 1.01)
        moves = [(x, y) for x in np.linspace(-1, 1, 9) for y in np.linspace(-1, 1, 9)]
        assert not any(inner.covers(shapely.transform(larger, lambda p, m=move: p + m)) for move in moves)


@settings(max_examples=30)
@given(hulls, st.integers(1, 9))
def test_a_room_is_divided_into_equal_convex_parts(points, count: int) -> None:
    hull = shapely.MultiPoint(points).convex_hull
    assume(hull.area > 1 and hull.length**2 / hull.area < 200)
    corners = shapely.get_coordinates(hull)[:-1]
    parts = [shapely.Polygon(part) for part in divided(corners, count)]
    assert [part.area for part in parts] == pytest.approx([hull.area / count] * count, rel=1e-4)
    # on a grid, as without one a side that two parts share may make GEOS take one of them for both
    overlaps = (shapely.intersection(a, b, grid_size=1e-6) for a, b in combinations(parts, 2))
    assert all(overlap.area < 1e-4 * hull.area for overlap in overlaps)
    assert all(part.convex_hull.area == pytest.approx(part.area, rel=1e-6) for part in parts)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("half-drip", 10, 10), "half-drop"),
        (("block", 0, 10), "above 0"),
        (("block", 10, math.inf), "above 0"),
        (("block", 10, 10, 0, 3), "1 row"),
        (("half-drop", 10, 10, 2, 3), "2 x 2, 2 x 4"),
    ],
)
def test_what_cannot_be_is_told(call, told: str) -> None:
    with pytest.raises(UserError, match=told):
        repeat(*call)


def test_a_gap_that_leaves_no_room_is_told() -> None:
    with pytest.raises(UserError, match="^with a gap of 12 mm 0 of 25 motifs fitted"):
        furnish(repeat("block", 50, 50, 5, 5).rooms, [shapely.box(0, 0, 1, 1)] * 25, gap=12)


def test_dots_keep_their_distance_over_every_edge() -> None:
    lattice = repeat("half-drop", 80, 60).lattice
    circles = dots(lattice, 6, 2)
    drawn = fill(circles, lattice, 160, 120)
    middles = np.array([line.mean(axis=0) for line in drawn if len(line) > 8 and (line[0] == line[-1]).all()])
    apart = np.hypot(*(middles[:, None] - middles).transpose(2, 0, 1)) + 99 * np.eye(len(middles))
    assert apart.min() > 4 and apart.min(axis=1).max() < 9
    with pytest.raises(UserError, match="touch"):
        dots(lattice, 2, 2)


def test_stripes_come_at_even_distances() -> None:
    lattice = repeat("half-drop", 80, 60).lattice
    drawn = fill(stripes(lattice, 7), lattice, 160, 120)
    x = sorted(line[0][0] for line in drawn)
    assert np.diff(x) == pytest.approx([80 / 11] * (len(x) - 1))
    assert all(np.ptp(line[:, 1]) == pytest.approx(120) for line in drawn)
    with pytest.raises(UserError, match="above 0"):
        stripes(lattice, 0)
