"""Tiles without a seam: what is cut at one edge comes in at the other, and a sheet is the tile over and over."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from plotsketch.sheet.clip import clipped, outside
from plotsketch.sheet.hide import visible, visible_shapes
from plotsketch.sheet.lattice import plain_tile
from plotsketch.sheet.wrap import fill, fill_shapes

LATTICES = {
    "block": [[40, 0], [0, 30]],
    "half-drop": [[40, 15], [0, 30]],
    "brick": [[40, 0], [20, 30]],
    "third-drop": [[40, 10], [0, 30]],
    "hexagonal": [[40, 0], [-20, 20 * math.sqrt(3)]],
}


def strokes(seed: int, count: int = 6):
    draws = np.random.default_rng(seed)
    walks = [draws.uniform(-60, 60, 2) + np.cumsum(draws.normal(0, 6, (draws.integers(2, 9), 2)), axis=0)
             for _ in range(count)]  # fmt: skip
    ring = draws.uniform(0, 40, (4, 2))
    return [*walks, np.concatenate([ring, ring[:1]])]


def ink(lines, step: float = 0.0):
    return shapely.MultiLineString([line for line in lines if len(line) > 1])


def length(lines) -> float:
    return float(sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines))


def same_ink(some, others) -> bool:
    """Equal lengths, and neither goes anywhere where the other does not."""
    if abs(length(some) - length(others)) > 1e-6 * max(1, length(some)):
        return False
    a, b = ink(some), ink(others)
    return a.difference(b.buffer(1e-6)).length < 1e-4 and b.difference(a.buffer(1e-6)).length < 1e-4


@pytest.mark.parametrize("name", LATTICES)
@settings(max_examples=8)
@given(seed=st.integers(0, 2**20))
def test_three_by_three_tiles_are_the_same_area_drawn_at_once(name: str, seed: int) -> None:
    lattice, lines = np.array(LATTICES[name], dtype=float), strokes(seed)
    width, height = plain_tile(lattice)
    tile = fill(lines, lattice, width, height)
    nine = [line + np.array([i * width, j * height]) for i in range(3) for j in range(3) for line in tile]
    assert same_ink(nine, fill(lines, lattice, 3 * width, 3 * height))


@settings(max_examples=25)
@given(st.integers(0, 2**20), st.floats(-500, 500), st.floats(-500, 500), st.floats(0, 5))
def test_a_sheet_anywhere_is_cut_at_its_margin_alone(seed: int, x: float, y: float, margin: float) -> None:
    lattice, lines = np.array(LATTICES["half-drop"], dtype=float), strokes(seed)
    sheet = fill(lines, lattice, 70, 50, (x, y), margin)
    window = shapely.box(margin, margin, 70 - margin, 50 - margin)
    wanted = []
    for i in range(-7, 8):
        for j in range(-12, 13):
            shift = np.round(np.linalg.solve(lattice.T, [-x, -y])) + np.array([i, j])
            wanted.extend(line + (x, y) + shift @ lattice for line in lines)
    wanted = [line for line in wanted if shapely.LineString(line).intersects(window)]
    assert len(wanted) <= len(sheet)
    whole = [line for line in wanted if shapely.LineString(line).within(window)]
    assert all(any(np.allclose(line, other) for other in sheet if len(other) == len(line)) for line in whole)
    assert length(sheet) == pytest.approx(sum(
        shapely.LineString(pair).intersection(window).length
        for line in wanted for pair in pairwise(line)
    ))  # fmt: skip
    assert all(shapely.LineString(line).within(window.buffer(1e-6)) for line in sheet)


def test_a_closed_line_that_leaves_stays_in_one_piece() -> None:
    ring = np.array([[5.0, 5], [12, 5], [12, 8], [5, 8], [5, 5]])
    (piece,) = clipped([ring], (0, 0, 10, 10))
    assert piece.tolist() == [[10, 8], [5, 8], [5, 5], [10, 5]]


def test_endless_lines_are_drawn_in_one_go() -> None:
    lattice = np.array(LATTICES["half-drop"], dtype=float)
    down = np.array([[7.0, 0], [9, 15], [7, 30]])
    sheet = fill([down], lattice, 400, 300, (3, 4))
    assert len(sheet) == 10
    assert all(line[0][1] == pytest.approx(0) and line[-1][1] == pytest.approx(300) for line in sheet)
    slanting = fill([np.array([[0.0, 0], [80, 60]])], lattice, 100, 100)
    direct = fill([np.array([[0.0, 0], [40, 30]]), np.array([[40.0, 30], [80, 60]])], lattice, 100, 100)
    assert len(slanting) < len(direct) / 2 or same_ink(slanting, direct)


@settings(max_examples=30)
@given(st.integers(0, 2**20))
def test_endless_lines_are_the_same_ink_as_their_pieces(seed: int) -> None:
    draws = np.random.default_rng(seed)
    lattice = np.array(list(LATTICES.values())[seed % 5], dtype=float)
    step = draws.integers(-2, 3, 2)
    if not step.any():
        step[0] = 1
    ends = np.array([[0, 0], step @ lattice]) + draws.uniform(-90, 90, 2)
    bent = np.array([ends[0], ends.mean(axis=0) + draws.normal(0, 3, 2), ends[1]])
    one = fill([bent], lattice, 90, 70)
    halves = fill([bent[:2], bent[1:]], lattice, 90, 70)
    assert length(one) == pytest.approx(length(halves))
    assert ink(one).difference(ink(halves).buffer(1e-6)).length < 1e-4


@settings(max_examples=40)
@given(st.integers(0, 2**20))
def test_all_of_a_line_is_shown_but_what_a_shape_hides(seed: int) -> None:
    shape = shapely.Point(0, 0).buffer(30).difference(shapely.Point(5, 0).buffer(10))
    lines = strokes(seed)
    shown = outside(lines, shape)
    hidden = sum(segment_length(line, shape) for line in lines)
    assert length(shown) + hidden == pytest.approx(length(lines))
    assert all(shape.buffer(-1e-6).intersection(shapely.LineString(line)).length < 1e-6 for line in shown)


def segment_length(line: np.ndarray, shape: shapely.Polygon) -> float:
    """Of the line's pieces, one by one, within the shape: where it crosses itself it counts twice."""
    pieces = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
    return float(shapely.length(shapely.intersection(pieces, shape)).sum())


def test_strokes_are_not_cut_where_they_cross_themselves() -> None:
    loop = np.array([[0.0, 0], [10, 10], [10, 0], [0, 10], [-30, 10]])
    (piece,) = outside([loop], shapely.box(-20, 5, -10, 15))[:1]
    assert piece.tolist() == [[0, 0], [10, 10], [10, 0], [0, 10], [-10, 10]]


def test_the_later_motif_hides_the_earlier_over_the_edge_too() -> None:
    lattice = np.array([[40.0, 0], [0, 40]])
    squares = [shapely.box(-5, 10, 5, 20), shapely.box(36, 12, 38, 18)]  # the second lies on the first's copy
    lines = [[shapely.get_coordinates(square)] for square in squares]
    across = np.array([[-5.0, 15], [5, 15]])
    seen = visible([[across], lines[1]], squares, lattice)
    assert [line.tolist() for line in seen[0]] == [[[-5, 15], [-4, 15]], [[-2, 15], [5, 15]]]
    assert seen[1] == lines[1]
    shapes = visible_shapes(squares, lattice)
    assert [shape.area for shape in shapes] == [100 - 12, 12]


def test_a_motif_larger_than_its_cell_hides_its_own_copies_the_same_everywhere() -> None:
    lattice = np.array([[8.0, 0], [0, 50]])
    square = shapely.box(0, 0, 10, 10)
    (seen,) = visible([[np.array([[0.0, 5], [10, 5]])]], [square], lattice)
    assert [line.tolist() for line in seen] == [[[0, 5], [8, 5]]]


def test_areas_are_wrapped_as_lines_are() -> None:
    lattice = np.array(LATTICES["half-drop"], dtype=float)
    shape = shapely.Point(39, 1).buffer(6)
    tile = fill_shapes([shape], lattice, 80, 30)
    assert sum(part.area for part in tile) == pytest.approx(2 * shape.area)
    assert shapely.union_all(tile).area == pytest.approx(2 * shape.area)
