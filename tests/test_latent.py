"""Ways through latent space keep their promises for any vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from plotsketch.latent import grid, lattice, lerp, path, slerp, stops, walk

Vector = NDArray[np.float64]

numbers = st.floats(-10, 10, allow_subnormal=False).map(lambda x: 0.0 if abs(x) < 1e-6 else x)
vectors = arrays(np.float64, 8, elements=numbers)
times = st.floats(0, 1)


def angle(a: Vector, b: Vector) -> float:
    """Between two vectors, also where the cosine says nothing."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return 2 * float(np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b)))


@given(vectors, vectors)
def test_the_ends_are_the_very_vectors(a: Vector, b: Vector) -> None:
    for way in (slerp, lerp):
        assert_array_equal(way(a, b, 0), a)
        assert_array_equal(way(a, b, 1), b)
        assert_array_equal(way(a, b, [[0, 1]]), [[a, b]])


@given(vectors, times)
def test_between_equal_vectors_nothing_moves(a: Vector, t: float) -> None:
    assert_allclose(slerp(a, a, t), a, atol=1e-12)


@given(vectors, vectors, times)
def test_the_length_goes_in_a_straight_line(a: Vector, b: Vector, t: float) -> None:
    assume(a.any() and b.any())
    expected = (1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b)
    assert_allclose(np.linalg.norm(slerp(a, b, t)), expected, rtol=1e-9)


@given(vectors, vectors, times)
def test_the_direction_turns_at_a_constant_rate(a: Vector, b: Vector, t: float) -> None:
    assume(a.any() and b.any())
    assert_allclose(angle(a, slerp(a, b, t)), t * angle(a, b), atol=1e-6)


@given(vectors, times)
def test_opposite_vectors_are_passed_round_not_through(a: Vector, t: float) -> None:
    assume(a.any())
    between = slerp(a, -a, t)
    assert_allclose(np.linalg.norm(between), np.linalg.norm(a), rtol=1e-9)
    assert_array_equal(between, slerp(a, -a, t))


@given(vectors, times)
def test_from_nothing_the_way_is_straight(a: Vector, t: float) -> None:
    nothing = np.zeros_like(a)
    assert_allclose(slerp(nothing, a, t), t * a, atol=1e-12)
    assert_allclose(slerp(a, nothing, t), (1 - t) * a, atol=1e-12)


@given(vectors, vectors, times)
def test_there_and_back_is_the_same_way(a: Vector, b: Vector, t: float) -> None:
    assume(a.any() and b.any() and angle(a, b) < 3.1)
    assert_allclose(slerp(a, b, t), slerp(b, a, 1 - t), atol=1e-6)


def test_between_vectors_of_one_length_it_is_shoemakes_formula() -> None:
    a, b = np.array([3.0, 0, 0]), np.array([0, 0, 3.0])
    omega = np.pi / 2
    for t in (0.2, 0.5, 0.9):
        expected = (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)
        assert_allclose(slerp(a, b, t), expected, atol=1e-12)


def test_vectors_of_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="one size"):
        slerp(np.ones(3), np.ones(4), 0.5)


@given(st.lists(vectors, min_size=1, max_size=4), st.integers(1, 9))
def test_a_path_begins_and_ends_at_its_points(points: list[Vector], n: int) -> None:
    way = path(points, n)
    assert way.shape == (n, 8)
    assert_array_equal(way[0], points[0])
    if n > 1:
        assert_array_equal(way[-1], points[-1])


def test_a_path_goes_through_the_points_between() -> None:
    points = np.random.default_rng(3).standard_normal((4, 8))
    assert_allclose(path(points, 10)[::3], points, atol=1e-12)


def test_a_path_without_points_or_places_is_refused() -> None:
    with pytest.raises(ValueError, match="path"):
        path(np.zeros((0, 8)), 3)
    with pytest.raises(ValueError, match="path"):
        path(np.zeros((2, 8)), 0)


@given(vectors, vectors, st.integers(1, 5), st.integers(1, 5))
def test_two_corners_are_joined_in_reading_order(a: Vector, b: Vector, rows: int, cols: int) -> None:
    cells = grid([a, b], rows, cols)
    assert cells.shape == (rows, cols, 8)
    assert_array_equal(cells.reshape(rows * cols, 8), path([a, b], rows * cols))


@given(arrays(np.float64, (4, 8), elements=numbers), st.integers(2, 5), st.integers(2, 5))
def test_four_corners_stand_in_the_corners(corners: Vector, rows: int, cols: int) -> None:
    cells = grid(corners, rows, cols)
    assert_array_equal(cells[[0, 0, -1, -1], [0, -1, 0, -1]], corners)
    assert_array_equal(cells[0], path(corners[:2], cols))
    assert_array_equal(cells[-1], path(corners[2:], cols))
    for col in range(cols):
        assert_array_equal(cells[:, col], path([cells[0, col], cells[-1, col]], rows))


@pytest.mark.parametrize(("corners", "rows", "cols"), [(3, 2, 2), (1, 2, 2), (4, 0, 2), (2, 2, 0)])
def test_a_grid_that_cannot_be_is_refused(corners: int, rows: int, cols: int) -> None:
    with pytest.raises(ValueError, match="grid"):
        grid(np.ones((corners, 8)), rows, cols)


@given(st.integers(1, 6), st.integers(1, 40), st.booleans())
def test_stops_are_as_even_as_whole_steps_go(count: int, n: int, loop: bool) -> None:
    places = stops(count, n, loop)
    assert len(places) == count and places[0] == 0
    gaps = np.diff([*places, n] if loop else places)
    if count > 1:
        assert (loop or places[-1] == n - 1) and max(gaps) - min(gaps) <= 1
    assert n < count or len(set(places)) == count


@given(st.lists(vectors, min_size=2, max_size=4), st.integers(4, 12), st.booleans())
def test_a_path_goes_through_all_its_points_at_their_stops(points: list[Vector], n: int, loop: bool) -> None:
    for way in (slerp, lerp):
        assert_array_equal(path(points, n, way, loop)[stops(len(points), n, loop)], points)


def test_a_closed_path_goes_on_to_its_first_point_and_does_not_repeat_it() -> None:
    a, b, c = np.eye(3) * 3
    assert_allclose(path([a, b, c], 12, loop=True), path([a, b, c, a], 13)[:-1], atol=1e-12)


@given(arrays(np.float64, (2, 3, 4), elements=numbers), st.integers(1, 3), st.integers(1, 3))
def test_given_points_stand_evenly_in_a_lattice(points: Vector, down: int, across: int) -> None:
    cells = lattice(points, down + 1, 2 * across + 1)
    assert_array_equal(cells[::down, ::across], points)
    assert_array_equal(cells[0], path(points[0], 2 * across + 1))


def test_a_lattice_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="lattice"):
        lattice(np.ones((2, 0, 4)), 3, 3)


def normals_of(seed: int, size: int) -> Callable[[int], Vector]:
    return lambda number: np.random.default_rng([seed, number]).standard_normal((2, size))


walks = given(
    seed=st.integers(0, 9), steps=st.integers(2, 40), step=st.floats(0.01, 0.3), loop=st.booleans(), far=st.floats(0, 3)
)


@walks
def test_a_walk_begins_at_its_start_and_its_steps_are_even(
    seed: int, steps: int, step: float, loop: bool, far: float
) -> None:
    start = np.full(64, far)
    way = walk(start, steps, step, normals_of(seed, 64), loop)
    assert way.shape == (steps, 64)
    assert_array_equal(way[0], start)
    lengths = np.linalg.norm(np.diff([*way, start] if loop else way, axis=0), axis=1)
    assert lengths.max() <= 1.35 * lengths.min() or steps < 4  # chords of a bent way; with few steps it turns between


@settings(max_examples=20)
@given(st.integers(0, 99), st.booleans())
def test_a_step_is_as_long_as_was_asked(seed: int, loop: bool) -> None:
    way = walk(np.zeros(128), 60, 0.05, normals_of(seed, 128), loop)
    lengths = np.linalg.norm(np.diff(way, axis=0), axis=1) / np.sqrt(256)
    assert_allclose(lengths.mean(), 0.05, rtol=0.3)


def test_a_walk_goes_over_to_the_prior_and_stays_there() -> None:
    ends = np.array([walk(np.full(128, 0.3), 50, 0.2, normals_of(seed, 128))[20:] for seed in range(20)])
    assert_allclose(np.linalg.norm(ends, axis=-1).mean(), np.sqrt(128), rtol=0.03)
    assert_allclose(ends[:, -1].var(), 1, rtol=0.1)
    assert_allclose(ends[:, -1].mean(), 0, atol=0.05)


def test_a_closed_walk_is_smooth_where_it_closes() -> None:
    way = walk(np.zeros(128), 40, 0.1, normals_of(1, 128), loop=True)
    bends = np.linalg.norm(way - (np.roll(way, 1, axis=0) + np.roll(way, -1, axis=0)) / 2, axis=1)
    assert bends[[0, -1]].max() < 2 * np.median(bends)


@pytest.mark.parametrize(("steps", "step"), [(0, 0.1), (3, 0.0), (3, np.nan), (3, -1.0)])
def test_a_walk_that_cannot_be_is_refused(steps: int, step: float) -> None:
    with pytest.raises(ValueError, match="walk"):
        walk(np.zeros(4), steps, step, normals_of(0, 4))


def test_a_walk_of_one_step_is_its_start() -> None:
    assert_array_equal(walk(np.ones(4), 1, 0.1, normals_of(0, 4)), np.ones((1, 4)))
