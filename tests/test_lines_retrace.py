"""The pen goes back along ink where a lift takes longer, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_lines_join import any_sheets, check_ink, length

from plotsketch.lines.join import join_lines
from plotsketch.lines.machine import load_machine
from plotsketch.lines.retrace import retraced
from plotsketch.lines.times import layer_times

MACHINE = load_machine("axidraw-v3")


def seconds(lines) -> float:
    """What drawing and a lift for every line take."""
    return layer_times([lines], MACHINE)[0].draw_seconds + len(lines) * (MACHINE.lift_s + MACHINE.drop_s)


@settings(deadline=None, max_examples=60)
@given(any_sheets, st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.5, 4.0, 1000.0]))
def test_ink_is_kept_and_drawing_and_lifts_take_no_longer(lines, gap: float, longest: float) -> None:
    given = join_lines(lines, gap)
    done = retraced(given, MACHINE, gap, longest)
    check_ink(given, done.lines, done.bridges, gap, done.twice_mm)
    assert seconds(done.lines) <= seconds(given) + 1e-9
    assert done.twice_mm <= longest * (len(given) - len(done.lines)) + 1e-6
    again = retraced(given, MACHINE, gap, longest)
    assert all((a == b).all() for a, b in zip(done.lines, again.lines, strict=True))


def test_a_whisker_is_drawn_there_and_back() -> None:
    face = np.array([[0.0, 0], [100, 0]])
    whisker = np.array([[50.0, 0], [50, 5]])
    done = retraced([face, whisker], MACHINE, 0.05, 10.0)
    (drawn,) = done.lines
    assert drawn.tolist() == [[0, 0], [50, 0], [50, 5], [50, 0], [100, 0]]
    assert done.twice_mm == pytest.approx(5)
    assert done.bridges == []


def test_a_way_leads_along_another_line() -> None:
    bow = np.array([[0.0, 0], [100, 0]])
    ears = [np.array([[20.0, 0], [20, 60]]), np.array([[23.0, 0], [23, 60]])]
    done = retraced([bow, *ears], MACHINE, 0.05, 10.0)
    assert len(done.lines) == 2
    assert [20, 60] in done.lines[1].tolist() and [23, 60] in done.lines[1].tolist()
    assert done.twice_mm == pytest.approx(3)


def test_nothing_longer_than_allowed_or_slower_than_a_lift_is_drawn_twice() -> None:
    face = np.array([[0.0, 0], [100, 0]])
    whisker = np.array([[50.0, 0], [50, 5]])
    assert len(retraced([face, whisker], MACHINE, 0.05, 4.9).lines) == 2
    quick = replace(MACHINE, lift_s=0.01, drop_s=0.01)
    assert retraced([face, whisker], quick, 0.05, 100.0).twice_mm == 0


def test_a_line_that_touches_nothing_is_left_alone() -> None:
    lines = [np.array([[0.0, y], [2, y]]) for y in range(5)]
    done = retraced(lines, MACHINE, 0.5, 100.0)
    assert all(a is b for a, b in zip(done.lines, lines, strict=True))


def test_a_crowd_in_one_point_is_a_few_lines() -> None:
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    star = [np.array([[0.0, 0.0], [3 * np.cos(a), 3 * np.sin(a)]]) for a in angles]
    done = retraced(join_lines(star), MACHINE, 0.05, 10.0)
    assert len(done.lines) == 1
    assert length(done.lines) <= 2 * length(star) + 1e-6
