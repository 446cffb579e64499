"""The wallpaper groups: what the International Tables say each keeps, built here as turns, mirrors and glides."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.sheet.symmetry import GROUPS, images, symmetry

HEIGHTS = ("p1", "p2", "pm", "pg", "cm", "pmm", "pmg", "pgg", "cmm")
lengths = st.floats(5, 200)


def turn(degrees: float, x: float = 0.0, y: float = 0.0):
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    linear, centre = np.array([[cos, -sin], [sin, cos]]), np.array([x, y])
    return linear, centre - linear @ centre


def mirror(degrees: float, x: float = 0.0, y: float = 0.0, glide: float = 0.0):
    """In the line through (x, y) in that direction, then ``glide`` along it."""
    cos, sin = math.cos(math.radians(2 * degrees)), math.sin(math.radians(2 * degrees))
    linear, point = np.array([[cos, sin], [sin, -cos]]), np.array([x, y])
    along = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    return linear, point - linear @ point + glide * along


def generators(name: str, w: float, h: float):
    """Besides the translations; on a cell w x h from (0, 0), hexagonal ones with sides at 120 degrees."""
    return {
        "p1": [],
        "p2": [turn(180)],
        "pm": [mirror(90)],
        "pg": [mirror(90, glide=h / 2)],
        "cm": [mirror(90), mirror(90, x=w / 4, glide=h / 2)],
        "pmm": [mirror(90), mirror(0)],
        "pmg": [mirror(90, x=w / 4), turn(180)],
        "pgg": [turn(180), mirror(90, x=w / 4, glide=h / 2), mirror(0, y=h / 4, glide=w / 2)],
        "cmm": [mirror(90), mirror(0), turn(180, w / 4, h / 4)],
        "p4": [turn(90)],
        "p4m": [turn(90), mirror(45), mirror(90)],
        "p4g": [turn(90), mirror(-45, x=w / 2)],
        "p3": [turn(120)],
        "p3m1": [turn(120), mirror(30)],
        "p31m": [turn(120), mirror(0)],
        "p6": [turn(60)],
        "p6m": [turn(60), mirror(0), mirror(30)],
    }[name]


def translations(name: str, w: float, h: float):
    if name in ("p3", "p3m1", "p31m", "p6", "p6m"):
        return np.array([[w, 0], [w * math.cos(math.radians(120)), w * math.sin(math.radians(120))]])
    if name in ("cm", "cmm"):
        return np.array([[w / 2, h / 2], [-w / 2, h / 2]])
    return np.array([[w, 0], [0, h]])


ORDERS = dict(zip(GROUPS, (1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 8, 8, 3, 6, 6, 6, 12), strict=True))


def same_sets(some, others, lattice) -> bool:
    """Whether two lists of strokes of three points are one set modulo the lattice."""
    left = [line for line in others]
    for line in some:
        for index, other in enumerate(left):
            apart = (line - other) @ np.linalg.inv(lattice)
            if np.abs(apart - np.round(apart[0])).max() < 1e-6:
                del left[index]
                break
        else:
            return False
    return not left


@pytest.mark.parametrize("name", GROUPS)
@settings(max_examples=12)
@given(width=lengths, height=lengths, seed=st.integers(0, 2**20))
def test_each_generator_takes_the_strokes_into_themselves(name: str, width: float, height: float, seed: int) -> None:
    height = height if name in HEIGHTS else width
    made = symmetry(name, width, height if name in HEIGHTS else None)
    lattice = translations(name, width, height)
    assert np.abs(np.linalg.det(made.lattice)) == pytest.approx(np.abs(np.linalg.det(lattice)))
    whole = made.lattice @ np.linalg.inv(lattice)
    assert whole == pytest.approx(np.round(whole), abs=1e-9)
    motif = [np.random.default_rng([seed, k]).uniform(0, width, (3, 2)) for k in range(2)]
    strokes = images(motif, made.isometries)
    assert len(strokes) == 2 * ORDERS[name]
    assert all(np.allclose(a, b) for a, b in zip(strokes, motif, strict=False))
    for linear, shift in generators(name, width, height):
        assert same_sets([line @ linear.T + shift for line in strokes], strokes, lattice)


@pytest.mark.parametrize("name", GROUPS)
@settings(max_examples=10)
@given(width=lengths, height=lengths, angle=st.floats(40, 140))
def test_images_of_the_domain_fill_the_plane_without_overlap(
    name: str, width: float, height: float, angle: float
) -> None:
    made = symmetry(name, width, height if name in HEIGHTS else None, angle if name in ("p1", "p2") else 90)
    domains = [shapely.Polygon(corners) for corners in images([made.domain], made.isometries)]
    cell = abs(np.linalg.det(made.lattice))
    assert all(
        domain.equals(domain.convex_hull) or domain.convex_hull.area < domain.area * 1.000001 for domain in domains
    )
    assert sum(domain.area for domain in domains) == pytest.approx(cell)
    steps = range(-2, 3)
    around = [
        shapely.transform(domain, lambda p, s=i * made.lattice[0] + j * made.lattice[1]: p + s)
        for domain in domains for i in steps for j in steps
    ]  # fmt: skip
    own = domains[0]
    overlap = sum(own.intersection(other).area for other in around)
    assert overlap == pytest.approx(own.area, rel=1e-6)  # with itself alone


@pytest.mark.parametrize("name", GROUPS)
def test_the_tile_repeats_straight_and_none_is_smaller(name: str) -> None:
    made = symmetry(name, 60, 40 if name in HEIGHTS else None)
    height = {"hexagonal": 60 * math.sqrt(3), "square": 60}.get(made.group.kind, 40)
    assert made.tile == pytest.approx((60, height))


def test_a_slanting_lattice_has_a_tile_where_its_slant_comes_out_even() -> None:
    assert symmetry("p2", 60, 30, 45).tile == pytest.approx((60, 60))
    assert symmetry("p2", 60, 30, 71.3).tile is None


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("p5", 10), "p6m"),
        (("p4", 10, 20), "width"),
        (("pm", 10, 20, 80), "angle"),
        (("p1", 10, 20, 5), "slivers"),
        (("p1", -1), "above 0"),
        (("p1", math.nan), "above 0"),
    ],
)
def test_what_cannot_be_is_told(call, told: str) -> None:
    with pytest.raises(UserError, match=told):
        symmetry(*call)
