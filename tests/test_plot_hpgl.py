"""Plotting on HP-GL plotters: the driver against simulated plotters that were written from the manuals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from plot_cases import DyingPort, Killed

from plotsketch.api.plot import Unattended, run
from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import LayerCode, parse
from plotsketch.lines.machine import Machine, load_machine
from plotsketch.output.hpgl_device import hpgl_device
from plotsketch.output.hpgl_paper import choose_paper, lay
from plotsketch.plotter import hpgl_talk
from plotsketch.plotter.hpgl_driver import HpglDriver
from plotsketch.plotter.hpgl_file import hpgl_bytes_of
from plotsketch.plotter.journal import Job
from plotsketch.plotter.plan import Plan, PlanLayer, Stroke
from plotsketch.plotter.port import Port, PortLost
from plotsketch.plotter.serial_recorder import Recorder
from plotsketch.plotter.serial_settings import serial_settings
from plotsketch.plotter.simulators.wire import Running, running

Floats = NDArray[np.float64]
A4 = (297.0, 210.0)
H7475A = load_machine("hp7475a")


def never() -> bool:
    return False


def with_serial(machine: Machine, **values: object) -> Machine:
    return replace(machine, serial={**machine.serial, **values})


def layer(number: int, label: str = "", pen: int | None = None) -> PlanLayer:
    return PlanLayer(number, label, "#000000", 0.3, parse(label) if label else LayerCode(number), pen)


def wavy(rng: np.random.Generator, page: tuple[float, float], most: int, step: float) -> Floats:
    """A stroke of up to `most` points, some of them dots, well within a page."""
    start = rng.uniform([45, 45], [page[0] - 45, page[1] - 45])
    turns = rng.uniform(0, 6.28) + np.cumsum(rng.normal(0, 0.4, int(rng.integers(0, most))))
    ways = np.stack([np.cos(turns), np.sin(turns)], axis=1) * step
    points: Floats = np.concatenate([[start], start + np.cumsum(ways, axis=0)]).clip(25, np.array(page) - 25)
    return points


def plan_of(
    machine: Machine, count: int, *, page: tuple[float, float] = A4, layers: int = 1, most: int = 20, step: float = 2.0,
) -> Plan:  # fmt: skip
    rng = np.random.default_rng(count)
    strokes = tuple(Stroke(n * layers // count, wavy(rng, page, most, step)) for n in range(count))
    return Plan(machine, page, tuple(layer(n + 1) for n in range(layers)), strokes)


def one_stroke(machine: Machine, points: object) -> Plan:
    return Plan(machine, A4, (layer(1),), (Stroke(0, np.array(points, dtype=float)),))


@contextmanager
def driving(simulator: Running, machine: Machine, port: type[Port] = Port) -> Iterator[HpglDriver]:
    line = serial_settings(machine)
    driver = HpglDriver(machine, port(simulator.port, line.baud, xonxoff=line.xonxoff))
    try:
        yield driver
    finally:
        driver.close()


def draw(driver: HpglDriver, plan: Plan, first: int = 0, sent: Callable[[int], None] = lambda count: None) -> None:
    """Draws a plan's strokes from `first` on, as a session does."""
    current = None
    for number, stroke in enumerate(plan.strokes[first:], first):
        if stroke.layer != current:
            current = stroke.layer
            driver.layer(plan.layers[current])
        assert driver.draw(stroke.points, never).is_whole
        sent(number + 1)
    driver.settle()


def plotted(plan: Plan, kind: str = "hp7475a", **options: object) -> dict[str, Any]:
    """A simulator's trace after a whole plan; the paper lies in it that the plan takes."""
    device = hpgl_device(plan.machine)
    paper = choose_paper(device.papers, plan.page, plan.paper, "")
    with running(kind, **({"paper": paper.name} | options)) as simulator, driving(simulator, plan.machine) as driver:
        driver.open()
        driver.begin(plan)
        draw(driver, plan)
        assert driver.inked == len(plan.strokes)
        driver.park()
        return simulator.trace()


def wanted(plan: Plan) -> list[Floats]:
    """Plotter units of a plan's strokes; no point twice in a row."""
    device = hpgl_device(plan.machine)
    place = lay(choose_paper(device.papers, plan.page, plan.paper, ""), plan.page, device.unit)
    return [distinct(place.units(stroke.points).round()) for stroke in plan.strokes]


def distinct(points: object) -> Floats:
    found = np.array(points, dtype=float).reshape(-1, 2)
    if not len(found):  # a broken-off stroke without its one point
        return found
    return found[np.append(True, (np.diff(found, axis=0) != 0).any(axis=1))]


def same(ink: object, stroke: Floats) -> bool:
    """Whether a line of ink is a stroke, within a plotter unit."""
    drawn = distinct(ink)
    return drawn.shape == stroke.shape and bool(np.abs(drawn - stroke).max(initial=0) <= 1)


def assert_drawn(trace: dict[str, Any], plan: Plan) -> None:
    strokes = wanted(plan)
    assert len(trace["ink"]) == len(strokes)
    assert all(same(ink, stroke) for ink, stroke in zip(trace["ink"], strokes, strict=True))
    assert trace["errors"] == [] and trace["overflows"] == 0
    assert trace["idle_pen_down_seconds"] < 0.005
    assert not trace["pen_down"] and trace["pen"] == 0


PLANS = {
    "lying": (plan_of(H7475A, 40, layers=3), "hp7475a"),
    "standing": (plan_of(H7475A, 20, page=(210, 297)), "hp7475a"),
    "a3": (plan_of(H7475A, 20, page=(420, 297)), "hp7475a"),
    "7550a": (plan_of(load_machine("hp7550a"), 40, layers=2), "hp7550a"),
    "dense": (one_stroke(H7475A, [(x, 100 + 20 * np.sin(x / 5)) for x in np.linspace(30, 260, 1000)]), "hp7475a"),
    "dot": (one_stroke(H7475A, [(100, 100)]), "hp7475a"),
    "slowest": (
        one_stroke(replace(H7475A, hpgl={**H7475A.hpgl, "layers": {"1": {"velocity": 0.38}}}), [(30, 50), (260, 50)]),
        "hp7475a",
    ),
}


@pytest.mark.parametrize(("plan", "kind"), PLANS.values(), ids=PLANS)
def test_the_ink_is_the_sheet(plan: Plan, kind: str) -> None:
    assert_drawn(plotted(plan, kind), plan)


@pytest.mark.parametrize(("name", "step"), [("hp7475a", 2.0), ("hp7550a", 4.0)])
def test_500_strokes_take_as_long_as_was_estimated(name: str, step: float) -> None:
    plan = plan_of(load_machine(name), 500, layers=3, step=step)
    trace = plotted(plan, name)
    assert_drawn(trace, plan)
    # how much waits in the buffer at each question hangs on how busy this computer is: 0.6 to 1.9 % were seen
    assert trace["seconds"] == pytest.approx(sum(times.seconds for times in plan.times()), rel=0.03)


@pytest.mark.parametrize(
    ("flow", "options"),
    [("xonxoff", {}), ("xonxoff", {"lag": 64}), ("both", {}), ("both", {"deaf": True}), ("poll", {"deaf": True})],
)
def test_no_way_of_pacing_overflows(flow: str, options: dict[str, object]) -> None:
    plan = plan_of(with_serial(H7475A, flow=flow), 100)
    assert_drawn(plotted(plan, **options), plan)


def test_a_buffer_of_60_bytes_is_enough() -> None:
    small = {"buffer": 60, "longest": 50}
    plan = plan_of(with_serial(replace(H7475A, hpgl={**H7475A.hpgl, **small}), reserve=5), 40)
    assert_drawn(plotted(plan, buffer=60), plan)


def test_a_slow_line_is_only_slow() -> None:
    plan = plan_of(with_serial(H7475A, baud=1200), 10)
    trace = plotted(plan, baud=1200)
    assert [same(ink, stroke) for ink, stroke in zip(trace["ink"], wanted(plan), strict=True)] == [True] * 10


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A barrier that was lost is sent again after two seconds of the wall's clock rather than thirty."""
    monkeypatch.setattr(hpgl_talk, "AGAIN", 2.0)


@pytest.mark.usefixtures("impatient")
def test_an_overflow_is_named_and_nothing_after_the_last_check_counts() -> None:
    plan = plan_of(with_serial(H7475A, flow="xonxoff"), 200)
    with running("hp7475a", deaf=True) as simulator, driving(simulator, plan.machine) as driver:
        driver.open()
        driver.begin(plan)
        with pytest.raises(UserError, match=r"I/O error 16: its buffer has overflowed"):
            draw(driver, plan)
        assert driver.inked == 0


@pytest.mark.usefixtures("impatient")
def test_strokes_that_an_overflow_may_have_spoilt_are_drawn_again_by_a_plot_that_goes_on() -> None:
    job = Job.create(plan_of(with_serial(H7475A, flow="xonxoff"), 200), "sheet.svg", {})
    inked: list[int] = []

    class Watched(Unattended):
        def progress(self, seconds: float) -> None:
            inked.append(job.progress.inked)

    with running("hp7475a", deaf=True) as simulator, pytest.raises(UserError, match="goes on from where it last said"):
        run(job, simulator.port, desk=Watched())
    assert max(inked) > 0  # the plotter had told of strokes that it came to, and not yet of what it had lost
    assert Job.load(job.name).progress.inked == 0
    with running("hp7475a", lag=16) as simulator:
        run(Job.load(job.name), simulator.port, is_resumed=True)
        assert_drawn(simulator.trace(), job.plan)


def test_a_plotter_that_is_paused_is_waited_for() -> None:
    plan = plan_of(H7475A, 40)
    trace = plotted(plan, pause_at=10, pause_for=1000)
    assert_drawn(trace, plan)
    assert trace["seconds"] > 1000


def test_a_plotter_that_is_paused_already_is_refused() -> None:
    paused = running("hp7475a", pause_at=0, pause_for=1e6)
    with paused as simulator, driving(simulator, H7475A) as driver, pytest.raises(UserError, match="paused .VIEW."):
        driver.open()


def resume(plan: Plan, simulator: Running, sent: int, inked: int) -> int:
    """Goes on with a plot; with which stroke."""
    with driving(simulator, plan.machine) as driver:
        driver.open()
        found = driver.resumed(sent, inked)
        driver.begin(plan)
        draw(driver, plan, found)
        driver.park()
        return found


def assert_all_drawn(trace: dict[str, Any], plan: Plan, most_twice: int, broken: int) -> None:
    """Every stroke is on paper whole; beside these `broken` beginnings of strokes at most."""
    strokes = wanted(plan)
    which = [next((n for n, stroke in enumerate(strokes) if same(ink, stroke)), None) for ink in trace["ink"]]
    whole = [n for n in which if n is not None]
    assert set(whole) == set(range(len(strokes)))
    assert len(whole) - len(strokes) <= most_twice
    parts = [distinct(ink) for ink, n in zip(trace["ink"], which, strict=True) if n is None]
    assert len(parts) <= broken
    for part in parts:  # no line goes where none should, but its last may end early
        assert any(len(part) <= len(stroke) and same(part[:-1], stroke[: len(part) - 1]) for stroke in strokes)


def test_after_a_power_cut_what_was_in_the_buffer_is_drawn_again() -> None:
    plan = plan_of(H7475A, 40)
    with running("hp7475a", power_off_after=12) as simulator:
        with driving(simulator, plan.machine) as driver:
            driver.open()
            driver.begin(plan)
            counts = [0]
            with pytest.raises(UserError, match="switched off meanwhile"):
                draw(driver, plan, sent=counts.append)
            sent, inked = counts[-1], driver.inked
            driver.stop_now()
        assert 0 < inked < sent < 40
        assert resume(plan, simulator, sent, inked) == inked
        trace = simulator.trace()
    strokes = wanted(plan)
    assert all(any(same(ink, stroke) for ink in trace["ink"]) for stroke in strokes)


def test_a_cable_that_is_pulled_is_a_lost_port() -> None:
    plan = plan_of(H7475A, 40)
    with running("hp7475a", unplug_after=12) as simulator, driving(simulator, plan.machine) as driver:
        driver.open()
        driver.begin(plan)
        with pytest.raises(PortLost):
            draw(driver, plan)


@pytest.mark.parametrize(("seed", "away"), [(0, None), (1, 0.0), (2, 1.5), (3, 0.0), (4, None)])
def test_a_program_that_is_killed_leaves_nothing_undone(seed: int, away: float | None) -> None:
    rng = np.random.default_rng(seed)
    plan = plan_of(H7475A, 30, layers=2)
    sent = inked = deaths = 0
    with running("hp7475a", away=away) as simulator:
        for lifetime in [*rng.integers(250, 3000, 3).tolist(), 1 << 30]:
            with driving(simulator, plan.machine, DyingPort) as driver:
                driver._port.left = lifetime  # type: ignore[attr-defined]
                try:
                    driver.open()
                    base = sent = inked = driver.resumed(sent, inked)
                    driver.begin(plan)

                    def note(count: int, base: int = base, driver: HpglDriver = driver) -> None:
                        nonlocal sent, inked
                        sent, inked = count, base + driver.inked

                    draw(driver, plan, base, note)
                    driver.park()
                except Killed:
                    deaths += 1
        trace = simulator.trace()
    assert trace["errors"] == []
    assert_all_drawn(trace, plan, most_twice=deaths, broken=deaths)


def test_when_asked_to_stop_it_lifts_and_says_how_far_it_came() -> None:
    points = np.stack([np.linspace(30, 260, 400), np.full(400, 90.0)], axis=1)
    plan = one_stroke(H7475A, points)
    with running("hp7475a") as simulator, driving(simulator, plan.machine) as driver:
        driver.open()
        driver.begin(plan)
        driver.layer(plan.layers[0])
        asked = iter([False] * 9)
        drawn = driver.draw(points, lambda: next(asked, True))
        trace = simulator.trace()
        assert drawn.why == "asked" and 0 < drawn.mm < 230
        ink = np.array(trace["ink"][0], dtype=float)
        assert np.hypot(*(ink[-1] - ink[0])) * hpgl_device(H7475A).unit == pytest.approx(drawn.mm, abs=0.05)
        assert not trace["pen_down"] and driver.inked == 0
        assert driver.draw(points, lambda: True).mm == 0


def test_a_stop_between_strokes_waits_for_those_in_the_buffer() -> None:
    plan = plan_of(replace(H7475A, draw_speed=10), 12)
    with running("hp7475a") as simulator, driving(simulator, plan.machine) as driver:
        driver.open()
        driver.begin(plan)
        driver.layer(plan.layers[0])
        for stroke in plan.strokes[:8]:
            driver.draw(stroke.points, never)
        assert driver.inked < 8
        assert driver.draw(plan.strokes[8].points, lambda: True).mm == 0
        assert driver.inked == 8
        trace = simulator.trace()
        assert trace["left_in_buffer"] == 0 and not trace["pen_down"]


def test_a_plotter_that_still_draws_for_another_program_is_waited_for() -> None:
    looks = iter([0, 0, 0])

    def answer(data: bytes) -> bytes:
        if data == b"\x1b.O":
            return b"%d\r" % next(looks, 8)
        if data == b"\x1b.L" and next(looks, 8) == 0:
            return b""  # said once the buffer is empty
        known = {b"\x1b.B": b"900", b"\x1b.E": b"0", b"\x1b.L": b"1024", b"OI;": b"7475A", b"OS;": b"16", b"OE;": b"0"}
        return known[data] + b"\r" if data in known else b""

    assert HpglDriver(H7475A, Recorder(answer)).open().facts["buffer"] == "1,024 bytes"


def test_an_emergency_stop_lifts_puts_the_pen_away_and_is_known_afterwards() -> None:
    plan = plan_of(replace(H7475A, draw_speed=10), 20)
    with running("hp7475a") as simulator:
        with driving(simulator, plan.machine) as driver:
            driver.open()
            driver.begin(plan)
            driver.layer(plan.layers[0])
            for stroke in plan.strokes[:8]:
                driver.draw(stroke.points, never)
            inked = driver.inked
            driver.stop_now()
        assert inked < 8
        assert resume(plan, simulator, 8, inked) == inked
        trace = simulator.trace()
    assert not trace["pen_down"] and trace["pen"] == 0
    assert all(any(same(ink, stroke) for ink in trace["ink"]) for stroke in wanted(plan))


def test_a_stop_that_loses_nothing_leaves_the_users_frame_alone() -> None:
    with running("hp7475a") as simulator, driving(simulator, H7475A) as driver:
        driver.open()
        driver.stop_now()
        driver.open()
        assert driver.resumed(5, 3) == 5


def test_a_plotter_that_says_nothing_is_asked_about() -> None:
    driver = HpglDriver(H7475A, Recorder(lambda data: b""))
    with pytest.raises(UserError, match=r"nothing answers on .* at 9600 baud: is it on, .*null-modem.* 9600 8N1"):
        driver.open()


def test_a_plotter_that_falls_silent_is_an_error() -> None:
    plan = plan_of(H7475A, 40)
    with running("hp7475a") as simulator, driving(simulator, plan.machine) as driver:
        driver.open()
        driver.begin(plan)
        driver.layer(plan.layers[0])
        driver._port.read = lambda timeout: b""  # type: ignore[method-assign]
        with pytest.raises(UserError, match="does not answer any more"):
            for stroke in plan.strokes:
                driver.draw(stroke.points, never)


def test_another_model_is_warned_of() -> None:
    with running("hp7475a") as simulator, driving(simulator, load_machine("hp7550a")) as driver:
        identity = driver.open()
        assert identity.kind == "7475A"
        assert "hp7550a" in identity.facts["warning"]


def test_another_plotters_instructions_are_an_error_in_its_words() -> None:
    plan = plan_of(H7475A, 3)
    with running("hp7550a") as simulator, driving(simulator, H7475A) as driver:
        driver.open()
        with pytest.raises(UserError, match="HP-GL error 1: it does not know an instruction"):
            driver.begin(plan)


def test_what_does_not_fit_is_refused() -> None:
    plan = one_stroke(H7475A, [(1, 100), (296, 100)])
    with running("hp7475a") as simulator, driving(simulator, H7475A) as driver:
        driver.open()
        with pytest.raises(UserError, match="mm at the left, .* mm at the right"):
            driver.begin(plan)


def test_a_plotter_that_does_not_know_of_its_limits_is_taken_at_the_profiles_word() -> None:
    status = 16

    def answer(data: bytes) -> bytes:
        nonlocal status
        status |= 32 * (b"OH;" in data)
        told = {b"\x1b.B": 900, b"\x1b.E": 0, b"\x1b.L": 1024, b"\x1b.O": 8, b"OI;": "7470A", b"OS;": status}
        said = told.get(data)
        if data == b"OA;":
            said = "0,0,0"
        elif data == b"OE;":
            said, status = status >> 5, 16
        return b"" if said is None else f"{said}\r".encode()

    driver = HpglDriver(H7475A, Recorder(answer))
    driver.open()
    driver.begin(plan_of(H7475A, 2))
    assert driver.inked == 0


def test_a_plotter_set_for_other_paper_is_refused() -> None:
    plan = plan_of(H7475A, 20, page=(420, 297))
    with running("hp7475a", area="0,0,11040,7721") as simulator, driving(simulator, H7475A) as driver:
        driver.open()
        with pytest.raises(UserError, match=r"is it set for a3 .*switches MET and A3"):
            driver.begin(plan)


def test_layers_have_the_pens_of_the_carousel() -> None:
    strokes = tuple(Stroke(n, np.array([[50.0 + 10 * n, 50], [50 + 10 * n, 90]])) for n in range(3))
    plan = Plan(H7475A, A4, (layer(2), layer(3, pen=6), layer(4, "4+S10 slow")), strokes)
    assert plotted(plan)["pens"] == [2, 6, 4]
    words = hpgl_bytes_of(plan).decode("ascii")
    assert [words.index(word) for word in ("SP2;VS;", "SP6;VS;", "SP4;VS3;")] == sorted(
        words.index(word) for word in ("SP2;VS;", "SP6;VS;", "SP4;VS3;")
    )
    assert HpglDriver(H7475A, Recorder(lambda data: b"")).changes_pens
    single = replace(H7475A, hpgl={**H7475A.hpgl, "pens": 1})
    assert not HpglDriver(single, Recorder(lambda data: b"")).changes_pens
    one = Plan(single, A4, (layer(1), layer(2)), (strokes[0], strokes[1]))
    assert plotted(one)["pens"] == [1, 1]


def test_the_delay_of_a_label_is_waited_for_before_the_layer() -> None:
    slept = []

    class Sleepy(Port):
        def sleep(self, seconds: float) -> None:
            slept.append(seconds)

    plan = replace(one_stroke(H7475A, [(50, 50), (60, 50)]), layers=(layer(1, "1+D1500"),))
    with running("hp7475a") as simulator, driving(simulator, H7475A, Sleepy) as driver:
        driver.open()
        driver.begin(plan)
        driver.layer(plan.layers[0])
    assert 1.5 in slept
    assert plan.times()[0].wait_seconds == 1.5


def test_jog_where_pen_and_home() -> None:
    plan = plan_of(H7475A, 3)
    with running("hp7475a") as simulator, driving(simulator, H7475A) as driver:
        driver.open()
        driver.home()
        driver.jog(50, 20)
        assert driver.where() == pytest.approx((50, 20), abs=0.03)
        driver.pen(up=False)
        assert simulator.trace()["pen_down"]
        driver.pen(up=True)
        assert not simulator.trace()["pen_down"]
        driver.begin(plan)
        driver.go(100, 60)
        device = hpgl_device(H7475A)
        place = lay(device.papers["a4"], A4, device.unit)
        assert np.abs(np.array(simulator.trace()["at"]) - place.units(np.array([[100.0, 60.0]]))[0]).max() <= 1


def test_a_file_has_the_bytes_that_draw_the_sheet() -> None:
    plan = plan_of(H7475A, 30, layers=2)
    data = hpgl_bytes_of(plan)
    assert data.startswith(b"\x1b.J\x1b.R\x1b.(\x1b.E\x1b.O\x1b.L\x1b.K") and b"DF;PS4;PA;PU;OH;" in data
    assert b"IN;" not in data  # P1 and P2 are the user's
    assert hpgl_bytes_of(plan) == data
    with running("hp7475a", buffer=100_000) as simulator:
        port = Port(simulator.port)
        port.write(data)
        while simulator.trace()["left_in_buffer"]:
            port.write(b"\x1b.B")
            port.read(0.05)
        port.close()
        ink = simulator.trace()["ink"]
    assert [same(line, stroke) for line, stroke in zip(ink, wanted(plan), strict=True)] == [True] * 30


class Crumbs(Recorder):
    """A port that hands over an answer in pieces of the given sizes."""

    def __init__(self, answer: Callable[[bytes], bytes], sizes: list[int]) -> None:
        super().__init__(answer)
        self._sizes = iter(sizes)

    def read(self, timeout: float) -> bytes:
        size = next(self._sizes, 1 << 20)
        data, self._pending = self._pending[:size], self._pending[size:]
        return data


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 9), max_size=200), ends=st.sampled_from([b"\r", b"\r\n", b"\n"]))
def test_answers_may_come_in_pieces_and_end_as_they_like(sizes: list[int], ends: bytes) -> None:
    replies = {b"B": b"900", b"E": b"0", b"L": b"1024", b"O": b"8", b"OI": b"7475A", b"OS": b"16", b"OE": b"0"}

    def answer(data: bytes) -> bytes:
        questions = [key for key in replies if data.endswith(b"\x1b." + key) or data == key + b";"]
        if data == b"OA;":
            return b"10,20,0" + ends
        if b"PU;OI;OS;OE;" in data:
            return b""
        return b"".join(replies[key] + ends for key in questions)

    driver = HpglDriver(H7475A, Crumbs(answer, sizes))
    identity = driver.open()
    assert (identity.kind, driver.where()) == ("7475A", pytest.approx((10 * 0.02488, 20 * 0.02488)))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"baud": 9601}, "baud is 9601"), ({"flow": "rts"}, "flow is 'rts'"), ({"reserve": -1}, "reserve is -1"),
        ({"bauds": 9600}, "did you mean 'baud'"), ({"models": "7475A"}, "models is '7475A'"),
    ],
)  # fmt: skip
def test_odd_settings_of_a_line_are_named(values: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        serial_settings(with_serial(H7475A, **values))
