"""Repeats by their trade names, rooms of motifs, and backgrounds."""

from __future__ import annotations

import math
from itertools import combinations, islice

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.sheet.background import dots, stripes
from plotsketch.sheet.design import Design
from plotsketch.sheet.lattice import area
from plotsketch.sheet.neighbours import copies_near
from plotsketch.sheet.repeat import REPEATS, closes, repeat, shape_for
from plotsketch.sheet.room import Room, furnish, in_rows
from plotsketch.sheet.sharing import shares
from plotsketch.sheet.symmetry import symmetry
from plotsketch.sheet.wrap import fill

WITH_ROOMS = [name for name in REPEATS if name != "tossed"]
# by how many units across and down the plain tile counts
TILES = {
    "block": (1, 1), "half-drop": (2, 1), "third-drop": (3, 1), "quarter-drop": (4, 1), "brick": (1, 2),
    "third-brick": (1, 3), "quarter-brick": (1, 4), "hexagonal": (1, 1), "mirror": (2, 2), "centre": (1, 1),
    "ogee": (2, 1), "diamond": (2, 1), "stripe": (1, 1), "tossed": (1, 1),
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
    rows, cols = shape if name != "hexagonal" else (2 * shape[0], shape[1])
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


@pytest.mark.parametrize(
    ("count", "rows"), [(1, [1]), (12, [3] * 4), (24, [4] * 6), (7, [2, 2, 3]), (13, [3, 3, 3, 4]), (400, [20] * 20)]
)
def test_a_rectangle_is_divided_into_rows(count: int, rows: list[int]) -> None:
    parts = in_rows(np.array([10.0, 5]), np.array([60.0, 60]), count)
    tops = [round(float(part[:, 1].min()), 6) for part in parts]
    assert [tops.count(top) for top in sorted(set(tops))] == rows
    assert all(len(part) == 4 for part in parts)
    assert all(np.prod(np.ptp(part, axis=0)) == pytest.approx(3600 / count) for part in parts)


@pytest.mark.parametrize("count", [1, 2, 5, 12])
@pytest.mark.parametrize("name", ["p3", "p3m1", "p31m", "p4m", "p4g", "p6", "p6m"])
def test_a_group_is_shared_out_in_convex_rooms_that_fill_the_plane(name: str, count: int) -> None:
    made = symmetry(name, 100)
    for plan in islice(shares(made, count), 3):
        rooms = [shapely.Polygon(room) for room in plan]
        assert len(rooms) == count
        assert sum(room.area for room in rooms) * len(made.isometries) == pytest.approx(area(made.lattice), rel=1e-4)
        assert all(room.convex_hull.area == pytest.approx(room.area, rel=1e-6) for room in rooms)
        images = [shapely.transform(room, lambda p, to=to: p @ to[:, :2].T + to[:, 2])
                  for to in made.isometries for room in rooms]  # fmt: skip
        copies = copies_near(images, made.lattice, np.zeros(2), np.full(2, 100.0))
        overlaps = (shapely.intersection(a, b, grid_size=1e-6).area for a, b in combinations(copies, 2))
        assert max(overlaps) < 1e-3


def test_rooms_of_a_group_are_the_same_every_time() -> None:
    once, again = (next(shares(symmetry("p3m1", 100), 6)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(once, again, strict=True))


@pytest.mark.parametrize(("name", "least"), [("p3", 0.39), ("p3m1", 0.33), ("p31m", 0.39), ("p6", 0.39), ("p6m", 0.36)])
def test_motifs_of_groups_with_thirds_of_a_turn_leave_no_open_areas(name: str, least: float) -> None:
    """Discs, the worst case for corners of rooms, would cover 0.26 to 0.31 in equal parts of the group's own domain."""
    for count in (2, 3, 6):
        made, disc = symmetry(name, 100), shapely.Point(0, 0).buffer(1)
        best = 0.0
        for plan in shares(made, count):
            places = furnish([Room(room, 0) for room in plan], [disc], gap=2.0)
            best = max(best, sum(disc.area * place.size**2 for place in places))
        assert best * len(made.isometries) / area(made.lattice) > least


def test_hexagonal_rows_are_as_far_apart_as_the_neighbours_in_a_row() -> None:
    made = repeat("hexagonal", 120, 4 * 40 * math.sqrt(3) / 2, 4, 3)
    middles = [shapely.Polygon(room.shape).centroid for room in made.rooms]
    everywhere = copies_near(middles, made.lattice, np.full(2, -60.0), np.full(2, 220.0))
    for middle in middles[4:8]:
        apart = sorted(middle.distance(other) for other in everywhere)[1:7]
        assert apart == pytest.approx([40.0] * 6)


def test_a_hexagonal_repeat_finds_the_height_that_makes_it_even() -> None:
    settled, count = Design(repeat="hexagonal", width=200).settled(24)
    assert (settled.rows, settled.cols, count) == (6, 4, 24)
    assert settled.height == pytest.approx(6 * 50 * math.sqrt(3) / 2)
    stretched, _ = Design(repeat="hexagonal", width=200, height=200).settled(24)
    assert stretched.height == 200
    with pytest.raises(UserError, match="3 rows x 4 columns do not go on .* take 2 x 4, 4 x 4"):
        Design(repeat="hexagonal", rows=3, cols=4).settled()[0].made_repeat()
    with pytest.raises(UserError, match="3 rows"):
        Design(repeat="hexagonal", rows=3).settled(12)


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


@pytest.mark.parametrize("name", [name for name in REPEATS if name != "mirror"])
def test_stripes_are_plumb_in_every_repeat(name: str) -> None:
    made = repeat(name, 60, 40)
    drawn = fill(stripes(made.lattice, 5), made.lattice, *made.tile)
    assert all(np.ptp(line[:, 0]) < 1e-6 and np.ptp(line[:, 1]) == pytest.approx(made.tile[1]) for line in drawn)
    assert len(drawn) in (made.tile[0] / 5, made.tile[0] / 5 + 1)  # one on the edge shows on both sides
