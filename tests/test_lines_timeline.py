"""Where the pen is at a second of a plot, held against the times that are predicted for it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plotsketch.lines.layer_codes import LayerCode
from plotsketch.lines.machine import load_machine
from plotsketch.lines.timeline import CHANGE, HOP, timeline
from plotsketch.lines.times import Times, layer_times

Floats = NDArray[np.float64]
PLACES = st.tuples(st.integers(0, 40), st.integers(0, 40))
LINES = st.lists(st.lists(PLACES, min_size=1, max_size=6).map(lambda line: np.array(line, dtype=float)), max_size=5)
SHEETS = st.lists(LINES, min_size=1, max_size=3).filter(lambda layers: any(layers))
CODES = st.builds(LayerCode, speed=st.none() | st.integers(1, 110), delay=st.none() | st.integers(1, 9000))


def length(ways: list[tuple[int, Floats]]) -> float:
    return float(sum(np.hypot(*np.diff(way, axis=0).T).sum() for _, way in ways))


@given(SHEETS, st.sampled_from(["axidraw-v3", "hp7475a"]), st.integers(1, 30), st.data())
def test_a_plot_in_pieces_is_the_plot(layers: list[list[Floats]], name: str, pieces: int, data: st.DataObject) -> None:
    machine = load_machine(name)
    codes = [data.draw(CODES) for _ in layers]
    wanted = sum(layer_times(layers, machine, home=(3, 4), codes=codes), start=Times())
    time = timeline(layers, machine, home=(3, 4), codes=codes)
    assert time.total == pytest.approx(wanted.seconds, abs=1e-6)
    moments = np.linspace(0, time.total, pieces + 1)
    pairs = list(pairwise(moments.tolist()))
    drawn = [way for since, until in pairs for way in time.ways(since, until, drawn=True)]
    hops = [way for since, until in pairs for way in time.ways(since, until, drawn=False)]
    assert length(drawn) == pytest.approx(wanted.ink_mm, abs=1e-6)
    assert length(hops) == pytest.approx(wanted.travel_mm, abs=1e-6)
    flat = [line for lines in layers for line in lines]
    assert {number for number, _ in drawn} == set(range(len(flat)))
    assert time.place_at(0.0) == pytest.approx([3, 4]) and time.place_at(time.total) == pytest.approx([3, 4])


def test_the_pen_stands_still_while_it_is_changed_and_hurries_in_the_middle_of_a_hop() -> None:
    machine = load_machine("axidraw-v3")
    lines = [[np.array([[10.0, 0], [20, 0]])], [np.array([[120.0, 0], [130, 0]])]]
    time = timeline(lines, machine)
    change = int(np.flatnonzero(time.what == CHANGE)[0])
    begin = float(time.begin[change])
    assert time.seconds[change] == machine.pen_change_s
    assert time.place_at(begin) == pytest.approx([20, 0]) and time.place_at(begin + 19) == pytest.approx([20, 0])
    hop = np.flatnonzero((time.what == HOP) & (time.line == 1))
    start, end = float(time.begin[hop[0]]), float(time.begin[hop[-1]] + time.seconds[hop[-1]])
    half = (start + end) / 2
    assert time.place_at(half) == pytest.approx([70, 0])
    pace = (time.place_at(half + 0.01) - time.place_at(half))[0] / 0.01
    assert pace == pytest.approx(machine.travel_speed, rel=0.01)


def test_a_skipped_layer_is_none() -> None:
    machine = load_machine("axidraw-v3")
    lines = [[np.array([[10.0, 0], [20, 0]])], [np.array([[50.0, 0], [60, 0]])]]
    time = timeline(lines, machine, codes=[LayerCode(skip=True), LayerCode()])
    assert time.ways(0, time.total, drawn=True)[0][1][0] == pytest.approx([50, 0])
    with pytest.raises(ValueError, match="no line"):
        timeline([[]], machine)
