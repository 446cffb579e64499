"""The simulated interrupt of the EiBotBoard: golden vectors of its documentation, and the interrupt tick by tick."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_ebb import Board

from plotsketch.plotter.simulators.ebb_motion import FULL, Axis, in_milliseconds, limited_by_steps, limited_by_time
from plotsketch.plotter.simulators.ebb_syntax import checksum


def loop(axis: Axis) -> tuple[int, list[int], int]:
    """The interrupt as the documentation lists it: (ticks, tick of each step, accumulator)."""
    rate, accumulator, steps, tick = axis.rate, axis.start, [], 0
    while (tick < axis.ticks) if axis.steps is None else (len(steps) < axis.steps):
        tick += 1
        rate += axis.accel
        if rate < 0:
            rate += FULL
        accumulator += rate
        if accumulator >= FULL:
            accumulator -= FULL
            steps.append(tick)
    return tick, steps, accumulator


@pytest.mark.parametrize(
    "rate, steps, accel, ticks",
    [
        (3865471, 60, 1732, 10169),
        (85899346, 10, 0, 250),
        (42950000, 50, 13400, 1924),
        (17179000, 75, -687, 12500),
        (8592000, 75, 687, 12500),
    ],
)
def test_low_level_moves_of_the_documentation_take_their_ticks(rate: int, steps: int, accel: int, ticks: int) -> None:
    axis = limited_by_steps(0, rate, steps, accel)
    assert (axis.done, axis.moved(ticks), axis.moved(ticks - 1)) == (ticks, steps, steps - 1)


def test_the_remainder_of_the_first_example_is_carried() -> None:
    board = Board("--firmware=3.0.3")
    board("LM,3865471,60,1732,0,0,0")
    board.settle()
    assert board("QU,200") == "QU,10769545,0\r\nOK\r\n"
    board("LM,85899346,10,0,0,0,0,1")  # the mask clears it
    board.settle()
    assert board("QU,200") == f"QU,{85899346 * 250 - 10 * FULL},0\r\nOK\r\n"


def test_a_timed_move_of_the_documentation_does_its_steps() -> None:
    board = Board()
    board("LT,10169,3865471,1732,0,0,3")
    board.settle()
    assert board("QS") == "60,0\n\rOK\r\n"


def test_the_checksum_of_the_documentation() -> None:
    assert checksum("SM,1000,1000,1000") == 153
    board = Board("--firmware=3.0.3", "--future-syntax")
    board("CU,54,1")
    assert board("SM,1000,1000,1000,153") == "SM\n"
    assert board("V,100") == "V,!9 Err: Checksum incorrect, expected 170\n"
    assert board("V") == "V,!10 Err: No checksum found but required\n"
    assert board("CU,54,0,119") == "CU\n"


RATES = st.integers(0, FULL - 1)
ACCELERATIONS = st.integers(-(10**7), 10**7)


@settings(max_examples=150, deadline=None)
@given(start=RATES, rate=st.integers(10**6, FULL - 1), steps=st.integers(-40, 40), accel=st.integers(-2000, 10**6))
def test_moves_by_steps_equal_the_interrupt_tick_by_tick(start: int, rate: int, steps: int, accel: int) -> None:
    axis = limited_by_steps(start, rate, steps, accel)
    if axis.wraps and max(axis.rate, axis.rate + axis.accel * axis.done) >= FULL:
        return  # faster than the interrupt can step: an error of the trace, and not defined
    ticks, stepped, rest = loop(axis)
    assert (axis.done, axis.end) == (ticks, rest)
    sign = -1 if steps < 0 else 1
    for tick in {1, ticks // 2, max(ticks - 1, 0), *stepped[:20]}:
        assert axis.moved(tick) == sign * sum(1 for one in stepped if one <= tick)


@settings(max_examples=150, deadline=None)
@given(start=RATES, rate=RATES, ticks=st.integers(0, 3000), accel=ACCELERATIONS)
def test_moves_by_time_equal_the_interrupt_tick_by_tick(start: int, rate: int, ticks: int, accel: int) -> None:
    axis = limited_by_time(start, ticks, rate, accel)
    if axis.wraps and axis.accel > 0:
        return
    count, stepped, rest = loop(axis)
    assert (axis.done, axis.moved(count), axis.end) == (count, len(stepped), rest)


@given(start=RATES, milliseconds=st.integers(1, 10**6), steps=st.integers(-(10**6), 10**6))
def test_an_even_move_is_done_in_its_time(start: int, milliseconds: int, steps: int) -> None:
    axis = in_milliseconds(start, milliseconds, steps)
    assert axis.moved(axis.done) == steps
    if abs(steps) <= 25 * milliseconds:
        assert axis.done <= 25 * milliseconds


def test_a_rate_below_zero_is_rolled_over_and_told() -> None:
    board = Board()
    board("LM,8589935,1000,-100000,0,0,0")
    board.settle()
    assert board("QS") == "1000,0\n\rOK\r\n"
    assert "rolled over" in board.trace()["errors"][0]


def test_a_rate_above_what_the_interrupt_can_step_is_an_error() -> None:
    board = Board()
    board("LM,2000000000,1000,10000000,0,0,0")
    assert "25,000 steps/s" in board.trace()["errors"][0]


def test_an_hour_of_plotting_is_simulated_step_by_step() -> None:
    board = Board("--firmware=3.0.3")
    board("CU,4,32")
    board("SP,0,300")
    for _ in range(400):
        board.all("LM,0,2000,21475,0,1000,10737", "LM,430000000,2000,-21475,215000000,1000,-10737")
        board.all("SM,8000,-4000,-2000")
    board.settle()
    trace = board.trace()
    assert trace["seconds"] > 3000
    assert trace["position"] == [0, 0]
    assert max(trace["peak_steps_per_second"]) < 25_000
