"""Tossed motifs keep their distance over every edge of the repeat, and outlines hold what was drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.sheet.discs import cover
from plotsketch.sheet.holes import circles, fillers
from plotsketch.sheet.repeat import repeat
from plotsketch.sheet.silhouette import rough_outline, silhouette
from plotsketch.sheet.toss import Toss, toss, usual_size

LATTICES = [
    np.array(rows, dtype=float)
    for rows in ([[120, 0], [0, 90]], [[120, 45], [0, 90]], [[100, 0], [-50, 86.6]], [[60, 0], [0, 180]])
]


def bean(seed: int):
    """A lumpy closed line with a tail, somewhere far from the origin."""
    draws = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 24)
    radius = 10 * (1 + sum(draws.normal(0, 0.2) * np.cos(k * angles + draws.uniform(0, 6)) for k in (1, 2, 3)))
    ring = np.stack([radius * np.cos(angles), 0.6 * radius * np.sin(angles)], axis=1)
    ring[-1] = ring[0]
    far = np.array([300, -70])
    return [ring + far, np.array([ring[0], ring[0] * 1.8]) + far]


OUTLINES = [rough_outline(bean(seed)) for seed in range(40)]


def nearest(places, outlines, lattice) -> float:
    """The least distance between any two outlines, or one and its copy."""
    stand = [place.shape(outlines[place.motif]) for place in places]
    copies = [
        shapely.transform(shape, lambda p, i=i, j=j: p + i * lattice[0] + j * lattice[1])
        for i in (-1, 0, 1) for j in (-1, 0, 1) for shape in stand
    ]  # fmt: skip
    middle = 4 * len(stand)
    distances = [
        shapely.distance(shape, np.array(copies[: middle + k] + copies[middle + k + 1 :])).min()
        for k, shape in enumerate(stand)
    ]
    return min(distances)


@settings(max_examples=12)
@given(st.integers(0, 3), st.integers(0, 2**16), st.floats(0, 2.5), st.sampled_from([0, 90, 360]), st.integers(1, 25))
def test_motifs_keep_the_gap_from_one_another_and_from_their_copies(
    which: int, seed: int, gap: float, turns: float, count: int
) -> None:
    lattice = LATTICES[which]
    size = min(usual_size(OUTLINES[:count], lattice, gap, 0.4), 45)
    how = Toss(0.6 * size, size, gap, turns, seed % 2 == 0, seed)
    tossed = toss(OUTLINES[:count], lattice, how)
    assert [place.motif for place in tossed.places] == list(range(count))
    assert nearest(tossed.places, OUTLINES, lattice) >= gap * (1 - 1e-6)
    for place in tossed.places:
        bounds = OUTLINES[place.motif].bounds
        span = place.size * math.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])
        assert how.smallest * (1 - 1e-9) <= span <= how.largest * (1 + 1e-9)
        assert turns == 0 or place.angle % turns == pytest.approx(0, abs=1e-6) or turns - place.angle % turns < 1e-6
    covered = sum(OUTLINES[place.motif].area * place.size**2 for place in tossed.places)
    assert tossed.density == pytest.approx(covered / abs(np.linalg.det(lattice)))


def test_the_same_toss_is_the_same_and_another_seed_another() -> None:
    how = Toss(14, 20, 1.0, seed=3)
    first, again = (toss(OUTLINES[:12], LATTICES[0], how).places for _ in range(2))
    assert first == again
    assert toss(OUTLINES[:12], LATTICES[0], Toss(14, 20, 1.0, seed=4)).places != first


def test_a_toss_fills_its_repeat_evenly() -> None:
    lattice = LATTICES[1]
    size = usual_size(OUTLINES, lattice, 1.0)
    tossed = toss(OUTLINES, lattice, Toss(0.8 * size, 1.1 * size, 1.0))
    assert tossed.density > 0.38
    stand = [place.shape(OUTLINES[place.motif]) for place in tossed.places]
    hole = circles(stand, lattice, 1, 100, 0.0, 1)[0, 2]
    assert 2 * hole < size  # no motif of the common size is missing anywhere


def test_how_many_fitted_is_told() -> None:
    with pytest.raises(UserError, match=r"^about \d+ of 40 motifs fitted; take fewer"):
        toss(OUTLINES, LATTICES[0], Toss(60, 60))
    size = usual_size(OUTLINES, LATTICES[0], 1.5, 0.85)
    with pytest.raises(UserError, match=r"^[1-3]?\d of 40 motifs fitted; take fewer"):
        toss(OUTLINES, LATTICES[0], Toss(size, size, 1.5))
    with pytest.raises(UserError, match=r"^with gaps of 40 mm about 4 of 40 motifs fitted; take fewer"):
        usual_size(OUTLINES, LATTICES[0], 40)


@pytest.mark.parametrize(
    ("wishes", "told"),
    [((5, 3), "the smaller first"), ((0, 3), "above 0"), ((1, 2, math.nan), "gap"), ((1, 2, 1, 400), "turns")],
)
def test_a_toss_that_cannot_be_is_told(wishes, told: str) -> None:
    with pytest.raises(UserError, match=told):
        Toss(*wishes)


def test_overlaps_are_as_deep_as_asked() -> None:
    size = usual_size(OUTLINES[:20], LATTICES[0], 0, 0.75)
    tossed = toss(OUTLINES[:20], LATTICES[0], Toss(size, size, -4.0))
    assert nearest(tossed.places, [outline.buffer(-2 / p.size) for outline, p in
                                   zip(OUTLINES, tossed.places, strict=False)], LATTICES[0]) > 0  # fmt: skip


@settings(max_examples=15)
@given(st.integers(0, 2**16))
def test_discs_cover_an_outline_and_little_more(seed: int) -> None:
    shape = rough_outline(bean(seed))
    discs = cover(shape)
    span = math.hypot(shape.bounds[2] - shape.bounds[0], shape.bounds[3] - shape.bounds[1])
    whole = shapely.union_all(shapely.buffer(shapely.points(discs[:, :2]), discs[:, 2]))
    assert whole.buffer(0.025 * span).covers(shape)
    assert shape.buffer(0.05 * span).covers(whole)


def test_fillers_stand_in_the_holes_in_turn() -> None:
    lattice = repeat("half-drop", 120, 90).lattice
    tossed = toss(OUTLINES[:20], lattice, Toss(18, 22, 2.0))
    stand = [place.shape(OUTLINES[place.motif]) for place in tossed.places]
    small = [shapely.box(0, 0, 3, 1), shapely.Point(50, 50).buffer(2)]
    places = fillers(stand, small, lattice, (4, 7), 1.0)
    assert len(places) > 5 and [place.motif for place in places] == [k % 2 for k in range(len(places))]
    together = [place.shape(small[place.motif]) for place in places]
    shifts = [np.array([i, j]) @ lattice for i in (-1, 0, 1) for j in (-2, -1, 0, 1, 2)]
    copies = np.array([shapely.transform(o, lambda p, s=s: p + s) for s in shifts for o in (*together, *stand)])
    middle = 7 * (len(together) + len(stand))  # where the copies stand that are not moved
    tree = shapely.STRtree(copies)
    for k, shape in enumerate(together):
        near = [n for n in tree.query(shape.buffer(2)) if n != middle + k]
        assert not near or shapely.distance(shape, copies[near]).min() > 1 - 1e-3
    with pytest.raises(UserError, match="no hole"):
        fillers(stand, small, lattice, (40, 50), 1.0)


@settings(max_examples=30)
@given(st.integers(0, 2**16), st.integers(1, 6))
@example(1, 6)  # lines that go round something together
def test_a_silhouette_holds_every_line(seed: int, count: int) -> None:
    draws = np.random.default_rng(seed)
    lines = [np.cumsum(draws.normal(0, 1, (draws.integers(1, 12), 2)), axis=0) for _ in range(count)]
    for shape in (silhouette(lines), rough_outline(lines)):
        assert shape.is_valid and shape.area > 0
        span = math.hypot(*np.ptp(np.concatenate(lines), axis=0))
        assert all(shape.buffer(0.012 * span + 1e-6).covers(shapely.MultiPoint(line)) for line in lines)
        assert not any(len(part.interiors) for part in shapely.get_parts(shape))


def arc(start: float, end: float):
    angles = np.radians(np.linspace(start, end, 60))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.mark.parametrize(
    "lines",
    [[arc(0, 360)], [arc(20, 340)], [arc(0, 170), arc(180, 350)], [arc(10, 110), arc(125, 235), arc(350, 245)]],
    ids=["closed", "open", "two arcs", "three arcs"],
)
def test_openings_of_an_outline_are_closed(lines) -> None:
    assert silhouette([*lines, arc(0, 360) * 0.2]).area == pytest.approx(math.pi, rel=0.08)
    if len(lines) < 3:  # packing does not mind the wider ones
        assert rough_outline([*lines, arc(0, 360) * 0.2]).area == pytest.approx(math.pi, rel=0.1)


def test_lines_that_go_round_nothing_stay_thin() -> None:
    cross = [np.array([[-1.0, 0], [1, 0]]), np.array([[0.0, -1], [0, 1]])]
    assert silhouette(cross, pen=0.02).area < 0.1
    assert silhouette([]).is_empty and rough_outline([]).is_empty
    assert silhouette([np.array([[3.0, 4.0]])], pen=0.5).area == pytest.approx(math.pi / 16, rel=0.15)
