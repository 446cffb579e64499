"""Simplification as QuickDraw does it: align, scale, resample, Ramer-Douglas-Peucker."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strokes_cases import house, real, sketches

from plotsketch.strokes import Sketch, rdp, read_drawings, simplify
from plotsketch.strokes.simplify import resample

points = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=40).map(
    lambda pairs: np.array(pairs, dtype=np.float64)
)


def to_pieces(point: np.ndarray, line: np.ndarray) -> float:
    """From ``point`` to the nearest place of ``line``, written out as the school book has it."""
    best = float(np.hypot(*(point - line[0])))
    for start, end in pairwise(line):
        along = end - start
        length = along @ along
        at = 0.0 if length == 0 else min(1.0, max(0.0, float((point - start) @ along / length)))
        best = min(best, float(np.hypot(*(point - start - at * along))))
    return best


def recursive_rdp(line: np.ndarray, epsilon: float) -> np.ndarray:
    """The textbook's recursion, to compare with."""
    if len(line) < 3:
        return line
    away = [to_pieces(point, line[[0, -1]]) for point in line[1:-1]]
    middle = int(np.argmax(away)) + 1
    if away[middle - 1] <= epsilon:
        return line[[0, -1]]
    return np.concatenate([recursive_rdp(line[: middle + 1], epsilon)[:-1], recursive_rdp(line[middle:], epsilon)])


@given(points, st.floats(0.1, 10))
def test_rdp_keeps_every_point_within_epsilon(line: np.ndarray, epsilon: float) -> None:
    kept = rdp(line, epsilon)
    assert np.array_equal(kept[0], line[0]) and np.array_equal(kept[-1], line[-1])
    assert all(to_pieces(point, kept) <= epsilon + 1e-9 for point in line)


@given(points, st.sampled_from([0.3, 1.7, 4.1]))
def test_rdp_is_the_textbooks(line: np.ndarray, epsilon: float) -> None:
    # among equally far points rounding may choose either; jitter makes ties all but impossible
    line = line + np.random.default_rng(0).normal(scale=0.01, size=line.shape)
    assert np.array_equal(rdp(line, epsilon), recursive_rdp(line, epsilon))


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ([(5, 5)], [0]),
        ([(5, 5), (6, 6)], [0, 1]),
        ([(0, 0), (5, 1), (10, 0)], [0, 2]),
        ([(0, 0), (5, 3), (10, 0)], [0, 1, 2]),
        ([(0, 0), (15, 0), (10, 0)], [0, 1, 2]),  # turns back beyond its end
        ([(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)], [0, 1, 2, 3, 4]),  # closed
        ([(3, 3)] * 5, [0, 4]),
    ],
)
def test_rdp_by_hand(line: list[tuple[float, float]], kept: list[int]) -> None:
    array = np.array(line, dtype=np.float64)
    assert np.array_equal(rdp(array, 2.0), array[kept])


def test_no_depth_is_too_deep() -> None:
    """Every split takes one point off the end: a recursion 5,000 deep."""
    x = np.arange(5000.0)
    line = np.stack([x, np.where(x % 2 == 0, 50.0, -50.0) * np.exp(-x / 2000)], axis=1)
    assert len(rdp(line, 2.0)) > 4000


@given(points.filter(lambda line: len(np.unique(line, axis=0)) > 1), st.floats(0.5, 7))
def test_resampling_steps_evenly_along_the_line(line: np.ndarray, spacing: float) -> None:
    out = resample(line, spacing)
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    assert len(out) in (int(length / spacing) + 1, int(length / spacing) + 2)
    assert np.hypot(*np.diff(out, axis=0).T).max() <= spacing + 1e-9
    assert np.array_equal(out[0], line[0]) and np.allclose(out[-1], line[-1])
    assert all(to_pieces(point, line) < 1e-9 for point in out)


def test_a_straight_line_of_any_direction_becomes_its_ends() -> None:
    simple = simplify(Sketch(([(10, 10), (20, 15), (30, 20), (110, 60)],)))
    assert np.allclose(simple.lines[0], [(0, 0), (255, 127.5)])


def test_the_four_steps_by_hand() -> None:
    simple = simplify(house().sketch.translated(-7, 900))
    assert simple.bounds == pytest.approx((0, 0, 127.5, 255), abs=0.5)  # a cut roof
    assert [len(line) for line in simple.lines] == [5, 3, 1]
    assert np.allclose(simple.lines[2], [(63.75, 191.25)])
    assert np.abs(simple.lines[0] - house().sketch.lines[0] * 1.275).max() <= 1.0  # corners are cut by resampling


def test_degenerate_drawings() -> None:
    assert simplify(Sketch(())).is_empty
    assert simplify(Sketch(([(7, 9)], [(7, 9), (7, 9)]))).points.tolist() == [[0, 0], [0, 0]]
    assert simplify(Sketch(([(7, 9)],), finished=False)).finished is False


@given(sketches(real, min_lines=1))
def test_any_drawing_ends_up_in_the_square(sketch: Sketch) -> None:
    simple = simplify(sketch)
    xmin, ymin, xmax, ymax = simple.bounds
    assert len(simple.lines) == len(sketch.lines)
    assert min(xmin, ymin) >= -1e-6 and max(xmax, ymax) <= 255 + 1e-6
    extent = max(sketch.bounds[2] - sketch.bounds[0], sketch.bounds[3] - sketch.bounds[1])
    if extent > 0:
        scale = 255 / extent
        again = sketch.translated(-sketch.bounds[0], -sketch.bounds[1]).scaled(scale)
        for before, after in zip(again.lines, simple.lines, strict=True):
            assert all(to_pieces(point, after) <= 2.0 + 1.0 for point in before)  # epsilon and a cut corner


def test_size_spacing_and_epsilon_are_in_the_same_unit() -> None:
    small = simplify(house().sketch, size=2.55, spacing=0.01, epsilon=0.02)
    large = simplify(house().sketch)
    assert [len(line) for line in small.lines] == [len(line) for line in large.lines]
    assert np.allclose(small.points * 100, large.points)


def test_the_dataset_is_all_but_unchanged(shared: Path) -> None:
    """The dataset's own drawings went through the same steps: few points can still be spared."""
    before = after = 0
    for drawing in list(read_drawings(shared / "data" / "quickdraw" / "cat.ndjson.gz"))[:200]:
        simple = simplify(drawing.sketch)
        before += drawing.sketch.point_count
        after += simple.point_count
        assert simple.bounds[:2] == pytest.approx((0, 0), abs=2.5)  # epsilon and a cut corner
    assert 0.9 < after / before <= 1.05
