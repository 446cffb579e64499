"""Curves in place of polylines: as near as was asked for, ends and corners exact, and read back as what they are."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import vpype
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plotsketch.output.curves import curved
from plotsketch.output.sheet_in import read_sheet
from plotsketch.output.svg import svg_bytes

PX = 96 / 25.4
SVG = "{http://www.w3.org/2000/svg}"
Points = NDArray[np.float64]


def sheet(*lines: Points) -> vpype.Document:
    layer = vpype.LineCollection([line @ np.array([1, 1j]) * PX for line in lines])
    document = vpype.Document(page_size=(200 * PX, 200 * PX))
    document.add(layer, 1)
    return document


def drawn(data: bytes) -> list[Points]:
    """The lines of a file of ours by the grammar of path data: M and l and c alone, 200 points a curve."""
    lines = []
    for element in ElementTree.fromstring(data).iter():
        if element.tag == f"{SVG}polyline":
            numbers = re.findall(r"[-\d.]+", element.get("points", ""))
            lines.append(np.array(numbers, dtype=float).reshape(-1, 2))
        if element.tag == f"{SVG}path":
            lines.append(followed(element.get("d", "")))
    return lines


def followed(data: str) -> Points:
    found = re.findall(r"([Mlc])([^Mlc]*)", data)
    assert "".join(word + rest for word, rest in found) == data
    words = [(word, np.array(re.findall(r"-?[\d.]+", rest), dtype=float).reshape(-1, 2)) for word, rest in found]
    points = [words[0][1]]
    for word, numbers in words[1:]:
        here = points[-1][-1]
        if word == "l":
            points.append(here + np.cumsum(numbers, axis=0))
        else:
            controls = np.concatenate([[here], here + numbers])
            assert controls.shape == (4, 2)
            t = np.linspace(0, 1, 201)[1:, None]
            weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3]
            points.append(sum(weight * control for weight, control in zip(weights, controls, strict=True)))
    return np.concatenate(points)


def farthest(points: Points, line: Points) -> float:
    """How far the farthest of ``points`` is from a polyline."""
    best = np.full(len(points), np.inf)
    for a, b in pairwise(line):
        way = b - a
        along = np.clip(((points - a) @ way) / max(way @ way, 1e-30), 0, 1)
        best = np.minimum(best, np.hypot(*(a + along[:, None] * way - points).T))
    return float(best.max())


def filled_in(line: Points) -> Points:
    steps = np.linspace(0, 1, 12)[:, None]
    return np.concatenate([a + steps * (b - a) for a, b in pairwise(line)])


def arc(radius: float, start: float, turn: float, count: int) -> Points:
    angles = start + np.linspace(0, turn, count)
    return 100 + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


places = st.tuples(*[st.integers(0, 150_000).map(lambda n: n / 1000)] * 2)
steps = st.tuples(*[st.integers(-2_000, 2_000).map(lambda n: n / 1000)] * 2)
rough = st.lists(steps, min_size=1, max_size=25).map(lambda way: 75 + np.cumsum(np.array(way), axis=0))
arcs = st.builds(arc, st.floats(0.2, 60), st.floats(0, 6), st.floats(0.1, 12), st.integers(2, 60))
wild = st.lists(places, min_size=1, max_size=6).map(np.array)
repeated = st.builds(lambda line, times: np.repeat(line, times, axis=0), rough, st.integers(1, 3))


def closed(line: Points) -> Points:
    return np.concatenate([line, line[:1]])


@given(st.lists(rough | arcs | wild | repeated | arcs.map(closed) | rough.map(closed), min_size=1, max_size=4),
       st.sampled_from([0.005, 0.02, 0.05, 0.5]))  # fmt: skip
def test_curve_and_line_are_within_the_tolerance_of_each_other(lines: list[Points], tolerance: float) -> None:
    lines = [line if len(line) > 1 else np.repeat(line, 2, axis=0) for line in lines]
    found = drawn(svg_bytes(sheet(*lines), {}, curves=tolerance))
    assert len(found) == len(lines)
    for line, curve in zip(lines, found, strict=True):
        assert curve[[0, -1]] == pytest.approx(line[[0, -1]], abs=0.00051)
        assert farthest(curve, line) <= tolerance + 1e-9
        # 201 points a curve: their own chords are off by no more than this
        assert farthest(filled_in(line), curve) <= tolerance + 0.001


def test_a_circle_is_a_few_curves_and_smooth_where_it_begins() -> None:
    circle = np.round(closed(arc(20, 1, 2 * np.pi, 101)[:-1]), 3)
    (curve,) = curved([circle], 0.03)
    assert curve is not None and len(curve.controls) <= 8 and not curve.is_straight.any()
    out, back = curve.controls[0, 1] - curve.controls[0, 0], curve.controls[-1, 3] - curve.controls[-1, 2]
    assert out @ back == pytest.approx(np.hypot(*out) * np.hypot(*back))


def test_pieces_go_on_in_the_direction_in_which_the_last_one_ends() -> None:
    x = np.linspace(0, 30, 300)
    (curve,) = curved([np.stack([x, 5 * np.sin(x)], axis=1)], 0.02)
    assert curve is not None and 5 < len(curve.controls) < 60
    ins, outs = curve.controls[:-1, 3] - curve.controls[:-1, 2], curve.controls[1:, 1] - curve.controls[1:, 0]
    cosines = (ins * outs).sum(axis=1) / np.hypot(*ins.T) / np.hypot(*outs.T)
    assert cosines == pytest.approx(1)


def test_corners_stay_corners_and_straight_lines_straight() -> None:
    square = np.array([[0, 0], [40, 0], [40, 40], [0, 40], [0, 0]], dtype=float)
    assert curved([square], 0.5) == [None]
    half = np.concatenate([arc(10, 0, np.pi, 30), [[90.0, 60.0], [110.0, 60.0]]])
    (curve,) = curved([np.round(half, 3)], 0.02)
    assert curve is not None
    knots = np.concatenate([curve.controls[:, 0], curve.controls[-1:, 3]])
    for corner in half[-3:].round(3):
        assert (knots == corner).all(axis=1).any()
    assert curve.is_straight[-2:].all()


def test_dots_and_repeated_points_are_no_curves() -> None:
    dot, twice = np.array([[3.0, 4], [3, 4]]), np.array([[1.0, 1], [1, 1], [5, 5], [5, 5]])
    assert curved([dot, twice, np.zeros((0, 2))], 0.05) == [None, None, None]
    assert curved([], 0.05) == []


def test_our_reader_flattens_curves_within_the_tolerance(tmp_path: Path) -> None:
    lines = [arc(radius, 1, 5, 200) for radius in (1, 9, 80)]
    (tmp_path / "curves.svg").write_bytes(svg_bytes(sheet(*lines), {}, curves=0.02))
    assert b"<path" in (tmp_path / "curves.svg").read_bytes()
    found = [vpype.as_vector(line) / PX for line in read_sheet(tmp_path / "curves.svg").layers[1]]
    for line, curve in zip(lines, found, strict=True):
        assert farthest(curve, line) <= 0.022 and farthest(line, curve) <= 0.022


def test_files_of_smooth_lines_are_smaller() -> None:
    smooth = sheet(*(arc(radius, 0, 5, 200) for radius in range(2, 60)))
    assert len(svg_bytes(smooth, {}, curves=0.03)) < len(svg_bytes(smooth, {})) / 5


def test_the_option(plotsketch, tmp_path: Path) -> None:
    given = tmp_path / "in.svg"
    given.write_bytes(svg_bytes(sheet(arc(30, 0, 5, 300)), {}))
    for command in ("optimize", "convert"):
        done = plotsketch(command, given, "-o", tmp_path / "o.svg", "--curves", "0.03mm")
        assert done.exit_code == 0, done.output
        assert "<path" in (tmp_path / "o.svg").read_text()
        fine = plotsketch(command, given, "-o", tmp_path / "no.svg", "--curves", "0.001mm")
        assert fine.exit_code == 1 and "--curves" in fine.stderr and not (tmp_path / "no.svg").exists()
