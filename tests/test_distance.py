"""The distance between drawings, and the gallery that keeps them apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotsketch.strokes.distance import MANY, Gallery, chamfer
from plotsketch.strokes.sketch import Sketch

COORDINATES = st.floats(-100, 100, allow_nan=False, width=32)
LINES = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=8)
SKETCHES = st.lists(LINES, min_size=1, max_size=4).map(lambda lines: Sketch(tuple(np.array(line) for line in lines)))


def scribble(seed: int) -> Sketch:
    return Sketch((np.random.default_rng(seed).uniform(0, 100, (6, 2)),))


@given(SKETCHES, SKETCHES)
def test_it_is_symmetric_and_at_most_a_diagonal(a: Sketch, b: Sketch) -> None:
    assert 0 <= chamfer(a, b) <= 1
    assert chamfer(a, b) == pytest.approx(chamfer(b, a))
    assert chamfer(a, a) == 0


@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(-50, 50))
def test_size_and_place_do_not_matter(seed: int, scale: float, shift: float) -> None:
    a, b = scribble(seed), scribble(seed + 1)
    assert chamfer(a.scaled(scale).translated(shift, -shift), b) == pytest.approx(chamfer(a, b), abs=1e-6)


def test_order_and_direction_of_lines_do_not_matter() -> None:
    one, two = np.array([[0.0, 0], [100, 10]]), np.array([[0.0, 80], [100, 60]])
    assert chamfer(Sketch((one, two)), Sketch((two[::-1], one[::-1]))) == pytest.approx(0, abs=0.01)


def test_a_shifted_line_is_as_far_as_it_was_shifted() -> None:
    frame = np.array([[0.0, 0], [300, 0], [300, 400], [0, 400], [0, 0]])  # a diagonal of 500
    near, far = (Sketch((frame, np.array([[0.0, y], [300, y]]))) for y in (100, 150))
    ink = 1400 + 300  # each way, the line's share of it is 50 away, or less near the frame
    assert chamfer(near, far) == pytest.approx(300 / ink * 50 / 500, rel=0.2)


def test_dots_alone_have_a_distance_and_nothing_has_none() -> None:
    dots = Sketch((np.array([[0.0, 0]]), np.array([[30.0, 40]])))
    assert chamfer(dots, dots) == 0
    assert chamfer(dots, Sketch((np.array([[0.0, 0], [30, 40]]),))) > 0
    with pytest.raises(ValueError, match="empty"):
        chamfer(dots, Sketch(()))


@pytest.mark.parametrize("capacity", [60, MANY])
@pytest.mark.parametrize("apart", [0.03, 0.06, 0.1])
def test_a_gallery_takes_what_is_far_from_all_that_it_has(apart: float, capacity: int) -> None:
    gallery = Gallery(apart, capacity)
    taken: list[Sketch] = []
    for seed in range(60):
        line = scribble(seed % 20).lines[0]
        moved = Sketch((line + np.random.default_rng(seed).normal(0, seed / 10, line.shape),))
        near = any(chamfer(moved, other) < apart for other in taken)
        assert gallery.admit(moved) is not near
        if not near:
            taken.append(moved)
    assert gallery.count == len(taken) < 60
    assert min(chamfer(a, b) for a, b in combinations(taken, 2)) >= apart
