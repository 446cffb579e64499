"""Lines simplified, drawn once, dropped, cut up and begun elsewhere: what stays, stays where it was."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.lines.cuts import length_of, relooped, split
from plotsketch.lines.dedupe import SHORTEST, deduped
from plotsketch.lines.tidy import Ply, Tidy, after_joining, before_joining

TOLERANCE = 0.01
FAR = np.array([[50.0, 50.0], [60.0, 50.0]])  # a line, so that no sheet is empty

# few places, so that lines touch, lie on one another, and are dots
coordinate = st.integers(0, 6).map(float)
line = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=5).map(np.array)
closed = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=5).map(lambda p: np.array([*p, p[0]]))
sheets = st.lists(line | closed, max_size=10)


def shape_of(lines: list[np.ndarray]) -> shapely.Geometry:
    """The ink, however often it is drawn."""
    drawn = [shapely.LineString(line if len(line) > 1 else line[[0, 0]]) for line in lines]
    return shapely.union_all([shapely.Point(ink.coords[0]) if ink.length == 0 else ink for ink in drawn])


def treated(lines: list[np.ndarray], **wishes: object) -> list[np.ndarray]:
    return before_joining([Ply(1, "1 black", 0.3, lines)], Tidy(**wishes))[0].lines


def length(lines: list[np.ndarray]) -> float:
    return sum(map(length_of, lines))


@given(sheets, st.sampled_from([0.1, 0.5, 2.0]))
def test_simplified_and_smoothed_lines_stay_within_the_tolerance(lines: list[np.ndarray], tolerance: float) -> None:
    for wish in ("simplify", "smooth"):
        for before, after in zip(lines, treated(lines, **{wish: tolerance}), strict=True):
            assert (before[0] == after[0]).all() and (before[-1] == after[-1]).all()
            assert shapely.hausdorff_distance(shape_of([before]), shape_of([after])) <= tolerance + 1e-9


@given(sheets)
def test_deduped_ink_is_the_same_ink(lines: list[np.ndarray]) -> None:
    before, after = shape_of([FAR, *lines]), shape_of(deduped([FAR, *lines], TOLERANCE))
    # no ink is new, and what is gone lies within the tolerance of what stays
    assert before.buffer(1e-6).covers(after)
    assert after.buffer(TOLERANCE * 1.02, quad_segs=32).covers(before)


@given(sheets)
def test_deduped_ink_is_drawn_once(lines: list[np.ndarray]) -> None:
    done = deduped(lines, TOLERANCE)
    # at each end and each turn back of a line two tolerances and less than a shortest part may remain
    places = sum(len(line) + 1 for line in lines)
    assert length(done) <= shape_of(lines).length + places * 2 * SHORTEST * TOLERANCE


def test_duplicates_go_whichever_way_they_run() -> None:
    draw = np.random.default_rng(1)
    lines = [draw.uniform(0, 200, 2) + np.cumsum(draw.normal(0, 3, (20, 2)), axis=0) for _ in range(50)]
    shaken = [line[::-1] + draw.uniform(-0.01, 0.01, line.shape) for line in lines]
    single = deduped(lines, 0.05)
    assert len(single) < 70 and length(single) > 0.98 * length(lines)
    assert length(deduped([*lines, *lines, *shaken], 0.05)) == pytest.approx(length(single), rel=0.01)


def test_a_line_drawn_thousands_of_times_is_one_at_once() -> None:
    one, dot = np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]]), np.array([[50.0, 50.0], [50.0, 50.0]])
    started = time.process_time()
    done = deduped([one, one[::-1], dot] * 4000, TOLERANCE)
    assert [len(line) for line in done] == [3, 2] and (done[0] == one).all()
    assert time.process_time() - started < 2  # pair by pair it took minutes


@pytest.mark.parametrize("way", [1, -1])
def test_partly_overlapping_lines_meet_where_the_longer_ends(way: int) -> None:
    one, other = np.array([[0.0, 0.0], [10.0, 0.0]]), np.array([[6.0, 0.0], [15.0, 0.0]])[::way]
    kept, cut = deduped([one, other], TOLERANCE)
    assert (kept == one).all()
    assert sorted(cut[:, 0]) == pytest.approx([10, 15])


def test_there_and_back_is_drawn_once_and_a_chain_of_near_lines_does_not_vanish() -> None:
    (once,) = deduped([np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 0.0]])], TOLERANCE)
    assert length_of(once) == pytest.approx(10, abs=2 * TOLERANCE)
    rows = [np.array([[0.0, y], [50.0, y]]) for y in np.arange(0, 10, 0.2)]
    done = deduped(rows, 0.3)
    assert len(done) == len(rows) // 2  # each is near the next: every other one stays
    zigzag = np.concatenate([row[:: 1 - 2 * (n % 2)] for n, row in enumerate(rows)])
    assert shape_of(deduped([zigzag], 0.3)).buffer(0.31).covers(shape_of(rows))


def test_fine_curves_and_crossings_stay_as_they_are() -> None:
    t = np.linspace(0, 2 * np.pi, 4000)
    curve = np.column_stack([30 * np.cos(t), 30 * np.sin(2 * t)])  # points closer than the tolerance, a crossing
    grid = [np.array([[x, -40.0], [x + 20, 40.0]]) for x in range(-60, 40, 5)]
    done = deduped([curve, *grid], 0.1)
    assert len(done) == 21 and all((a == b).all() for a, b in zip(done, [curve, *grid], strict=True))


@given(line | closed, st.sampled_from([0.3, 1.0, 7.0]))
def test_split_pieces_make_the_line(line: np.ndarray, longest: float) -> None:
    pieces = split(line, longest)
    assert all(length_of(piece) <= longest * (1 + 1e-9) for piece in pieces)
    assert all((a[-1] == b[0]).all() for a, b in pairwise(pieces))
    assert (pieces[0][0] == line[0]).all() and (pieces[-1][-1] == line[-1]).all()
    assert length(pieces) == pytest.approx(length_of(line))
    assert shapely.hausdorff_distance(shape_of(pieces), shape_of([line])) < 1e-9


@given(closed.filter(lambda line: length_of(line) > 1))
def test_pieces_of_a_ring_are_apart_all_round(line: np.ndarray) -> None:
    pieces = split(line, length_of(line) / 3.5, 0.04)
    assert len(pieces) == 4
    gap = min(0.04, length_of(line) / 8)
    assert length(pieces) == pytest.approx(length_of(line) - 4 * gap)
    for before, after in pairwise([*pieces, pieces[0]]):
        assert np.hypot(*(before[-1] - after[0])) <= gap * (1 + 1e-9)


@given(line | closed, st.integers(0, 9))
def test_a_closed_line_begun_elsewhere_is_the_same_line(line: np.ndarray, seed: int) -> None:
    done = relooped(line, np.random.default_rng(seed))
    if len(line) > 3 and (line[0] == line[-1]).all():
        assert done[0] == pytest.approx(done[-1])
        assert length_of(done) == pytest.approx(length_of(line))
        assert shapely.hausdorff_distance(shape_of([done]), shape_of([line])) < 1e-9
    else:
        assert done is line


def test_reloop_spreads_the_beginnings_by_the_seed() -> None:
    square = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10], [0, 0]])
    begun = [after_joining([square] * 50, Tidy(reloop=True), [seed, 1]) for seed in (1, 1, 2)]
    starts = [np.array([line[0] for line in lines]) for lines in begun]
    assert (starts[0] == starts[1]).all() and not (starts[0] == starts[2]).all()
    assert np.ptp(starts[0], axis=0) == pytest.approx([10, 10], abs=1)


def test_tiny_lines_go_and_dots_by_choice() -> None:
    dot, stroke, tick, long = (np.array([[0.0, 0.0], [x, 0.0]]) for x in (0.0, 0.1, 0.4, 5.0))
    lines = [dot, stroke, tick, long]
    assert len(after_joining(lines, Tidy(drop_tiny=0.5), [0])) == 3
    assert len(after_joining(lines, Tidy(drop_dots=True), [0])) == 2
    assert len(after_joining(lines, Tidy(drop_tiny=0.5, drop_dots=True), [0])) == 1


@pytest.mark.parametrize(
    "lines", [[], [np.zeros((1, 2))], [np.zeros((3, 2))] * 4, [np.ones((n, 2)) for n in (1, 2, 5)]]
)
def test_sheets_without_extent_are_taken(lines: list[np.ndarray]) -> None:
    wishes = {"simplify": 0.1, "smooth": 0.1, "hatch": ("all",) if lines else (), "occlude": True, "dedupe": 0.1}
    done = treated(lines, **wishes)
    assert len(done) == min(len(lines), 1)  # dots in one place are one dot
    assert len(after_joining(done, Tidy(split=1.0, reloop=True), [0])) == len(done)


@pytest.mark.parametrize(
    "wishes",
    [
        {"simplify": -1},
        {"dedupe": np.inf},
        {"split": 1e-9},
        {"hatch_gap": 0.0},
        {"hatch_angle": np.nan},
        {"hatch_cross": True},
        {"closed": 3.0},
        {"hatch_gap": 1.0, "occlude": True},
    ],
)
def test_wishes_that_make_no_sense_are_refused(wishes: dict[str, float]) -> None:
    with pytest.raises(UserError, match="--"):
        Tidy(**wishes)
