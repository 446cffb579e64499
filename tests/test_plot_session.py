"""Sittings with a plot: what is asked, what the journal knows, and that a plot broken off at any moment is finished."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plot_cases import Answers, FakeDriver, Killed, Paper, length, plan_with

from plotsketch.errors import UserError
from plotsketch.plotter.desk import Moment
from plotsketch.plotter.journal import Job, Progress, forget, job_names, jobs_folder, latest_unfinished
from plotsketch.plotter.pieces import rest, run_in
from plotsketch.plotter.plan import Plan, restricted
from plotsketch.plotter.port import PortLost
from plotsketch.plotter.session import Session, Stopped

ZIGZAG = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 20.0)]


def strokes(count: int, points: int = 4) -> list[list[tuple[float, float]]]:
    """Strokes that can be told apart by their first point."""
    return [[(5.0 * n, float(3 * k)) for k in range(points)] for n in range(count)]


def sit(job: Job, driver: FakeDriver, desk: Answers | None = None, **wishes: object) -> Session:
    session = Session(job, driver, desk or Answers(), lambda layer: f"pen {layer.number}", **wishes)  # type: ignore[arg-type]
    session.run()
    return session


def drawn_strokes(paper: Paper, plan: Plan) -> list[int]:
    """How often each stroke of the plan lies on paper whole."""
    whole = [stroke.points for stroke in plan.strokes]
    return [sum(np.array_equal(ink, points) for ink in paper.ink) for points in whole]


# a plot from end to end


def test_a_plot_draws_each_stroke_once_in_order_and_parks() -> None:
    plan, paper = plan_with(strokes(5)), Paper()
    driver, desk = FakeDriver(paper), Answers()
    job = Job.create(plan, "sheet.svg", {})
    sit(job, driver, desk)
    assert [ink[0][0] for ink in paper.ink] == [0, 5, 10, 15, 20]
    assert drawn_strokes(paper, plan) == [1] * 5
    assert driver.calls == ["open", "begin", "layer 1", *["draw"] * 5, "settle", "park", "close"]
    assert desk.questions == [] and job.progress.is_done
    assert desk.seconds == sorted(desk.seconds)
    with pytest.raises(UserError, match="no plot to go on with"):
        latest_unfinished()


def test_pens_pauses_and_paper_are_asked_for_when_they_are_due() -> None:
    plan = plan_with(strokes(4), [0, 0, 1, 2], ["1 black", "!2 red", "3 blue"])
    desk = Answers()
    sit(Job.create(plan, "sheet.svg", {"copies": 2}), FakeDriver(Paper()), desk)
    moments = [question.moment for question in desk.questions]
    assert moments == [*[Moment.PEN] * 2, Moment.PAPER, *[Moment.PEN] * 3]
    assert "pen 2" in desk.questions[0].words and "copy 2 of 2" in desk.questions[2].words


def test_a_pause_is_asked_for_where_no_pen_is() -> None:
    for labels, changes in ((["!1 black"], False), (["1 black", "!2 red"], True)):
        plan, desk, driver = plan_with(strokes(2), [0, len(labels) - 1], labels), Answers(), FakeDriver(Paper())
        driver.changes_pens = changes
        sit(Job.create(plan, "sheet.svg", {}), driver, desk)
        assert [question.moment for question in desk.questions] == [Moment.LAYER]


@pytest.mark.parametrize("sent", range(4))
def test_a_plot_that_begins_in_a_later_layer_asks_for_its_pen(sent: int) -> None:
    plan, desk = plan_with(strokes(4), [0, 0, 1, 1], ["1 black", "2 red"]), Answers()
    sit(Job.create(plan, "sheet.svg", {}, Progress(sent=sent, inked=sent)), FakeDriver(Paper()), desk)
    assert [question.words for question in desk.questions] == ["Put in pen 2."]


def test_a_machine_that_changes_pens_is_not_asked_about() -> None:
    plan, desk, driver = plan_with(strokes(2), [0, 1], ["1 black", "2 red"]), Answers(), FakeDriver(Paper())
    driver.changes_pens = True
    sit(Job.create(plan, "sheet.svg", {}), driver, desk)
    assert desk.questions == [] and "layer 2" in driver.calls


def test_a_layer_begins_when_the_one_before_is_on_paper() -> None:
    plan, driver = plan_with(strokes(4), [0, 0, 1, 1], ["1 black", "2 red"]), FakeDriver(Paper(), holds=10)
    sit(Job.create(plan, "sheet.svg", {}), driver)
    assert driver.calls.index("settle") < driver.calls.index("layer 2")
    assert driver.inked == 4


def test_no_at_a_question_parks_and_keeps_the_plot() -> None:
    plan, paper = plan_with(strokes(4), [0, 0, 1, 1], ["1 black", "2 red"]), Paper()
    driver, job = FakeDriver(paper), Job.create(plan, "sheet.svg", {})
    with pytest.raises(Stopped):
        sit(job, driver, Answers(False))
    assert driver.calls[-2:] == ["park", "close"] and len(paper.ink) == 2
    again = latest_unfinished()
    assert again.name == job.name and again.progress.sent == 2
    sit(again, FakeDriver(paper), is_resumed=True)
    assert drawn_strokes(paper, plan) == [1] * 4


# stopping in the middle


def test_a_stop_in_the_middle_of_a_stroke_goes_on_from_there() -> None:
    plan, paper = plan_with([ZIGZAG]), Paper()
    job = Job.create(plan, "sheet.svg", {})
    driver, desk = FakeDriver(paper), Answers()
    session = Session(job, driver, desk, lambda layer: "")
    driver.before = lambda name: setattr(session, "stop", session.stop or (name == "segment" and len(paper.ink) == 1))
    session.run()
    assert [question.moment for question in desk.questions] == [Moment.PAUSE]
    assert [length(ink) for ink in paper.ink] == [10, 30]
    np.testing.assert_allclose(paper.ink[1][0], (10, 0))


def test_a_plot_that_was_stopped_in_a_stroke_is_resumed_with_a_run_in() -> None:
    plan, paper = plan_with([*strokes(2), ZIGZAG]), Paper()
    job = Job.create(plan, "sheet.svg", {})
    driver = FakeDriver(paper)
    session = Session(job, driver, Answers(False), lambda layer: "")
    driver.before = lambda name: setattr(session, "stop", name == "segment" and len(paper.ink) == 3)
    with pytest.raises(Stopped):
        session.run()
    assert job.progress == Progress(sent=2, inked=2, part=10.0, is_parked=True)
    paper.ink.clear()
    sit(Job.load(job.name), FakeDriver(paper), is_resumed=True, run_in=15.0)
    # 15 mm: all 10 of the broken stroke and the last 5 of the 9 before it
    assert [length(ink) for ink in paper.ink] == [5, 40]
    np.testing.assert_allclose(paper.ink[0][-1], plan.strokes[1].points[-1])


def test_the_second_interrupt_lifts_the_pen_and_the_journal_goes_on() -> None:
    plan, paper = plan_with(strokes(3)), Paper()
    driver = FakeDriver(paper)

    def interrupted(name: str) -> None:
        if name == "segment" and len(paper.ink) == 2:
            raise KeyboardInterrupt

    driver.before = interrupted
    job = Job.create(plan, "sheet.svg", {})
    with pytest.raises(KeyboardInterrupt):
        sit(job, driver)
    assert driver.calls[-2:] == ["stop_now", "close"] and not paper.is_down
    assert (job.progress.sent, job.progress.begun) == (1, True)


def test_a_lost_port_keeps_the_journal_and_says_so() -> None:
    plan, paper = plan_with(strokes(3)), Paper()
    driver = FakeDriver(paper)

    def lost(name: str) -> None:
        if name == "segment" and len(paper.ink) == 3:
            raise PortLost("/dev/ttyACM0 is gone")

    driver.before = lost
    with pytest.raises(PortLost):
        sit(Job.create(plan, "sheet.svg", {}), driver)
    assert driver.calls[-1] == "close" and "stop_now" not in driver.calls
    sit(latest_unfinished(), FakeDriver(paper), is_resumed=True)
    assert drawn_strokes(paper, plan) == [1, 1, 1]


def test_the_pen_is_put_home_by_hand_when_nobody_knows_where_it_is() -> None:
    plan = plan_with(strokes(2))
    job = Job.create(plan, "sheet.svg", {}, Progress(sent=1, inked=1))
    desk = Answers(False)
    with pytest.raises(Stopped):
        sit(job, FakeDriver(Paper(), knows_where=False), desk, is_resumed=True)
    assert desk.questions[0].moment is Moment.HOME
    sit(job, FakeDriver(Paper(), knows_where=False), desk, is_resumed=True)  # since then it is where it was parked
    assert len(desk.questions) == 1


# killed at any moment


@given(
    count=st.integers(1, 8), holds=st.sampled_from([0, 0, 1, 3]), deaths=st.lists(st.integers(1, 40), max_size=4),
    power=st.booleans(), layers=st.integers(1, 2),
)  # fmt: skip
@settings(max_examples=150)
def test_a_plot_killed_at_any_moment_is_finished_and_hardly_anything_drawn_twice(
    count: int, holds: int, deaths: list[int], power: bool, layers: int
) -> None:
    owners = [n * layers // count for n in range(count)]
    plan, paper = plan_with(strokes(count), owners, [f"{n + 1} pen" for n in range(max(owners) + 1)]), Paper()
    job = Job.create(plan, "sheet.svg", {})
    twice_at_most, is_resumed, cut = 0, False, False
    for death in [*deaths, 0]:
        driver, left = FakeDriver(paper, holds=holds), [death]
        driver.lost_power = cut and is_resumed

        def fate(_name: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        driver.before = fate
        try:
            sit(Job.load(job.name), driver, is_resumed=is_resumed)
        except Killed:
            cut = power and holds > 0
            twice_at_most += 1 + (holds if cut else 0)
            driver.dies(power=cut)
        is_resumed = True
        if Job.load(job.name).progress.is_done:
            break
    often = drawn_strokes(paper, plan)
    assert min(often) >= 1, "a stroke is missing"
    assert sum(often) - count <= twice_at_most, "too much was drawn twice"


# the journal


def test_a_journal_survives_a_line_cut_short() -> None:
    job = Job.create(plan_with(strokes(30)), "sheet.svg", {})
    with job.open():
        for n in range(17):
            job.write(f"begin {n}")
            job.write(f"sent {n + 1}")
    path = job.folder / "progress"
    path.write_bytes(path.read_bytes() + b"begin 17\nsent 1")
    assert (Job.load(job.name).progress.sent, Job.load(job.name).progress.begun) == (17, True)
    again = Job.load(job.name)
    with again.open():
        again.write("begin 17")
    assert path.read_text().endswith("begin 17\nbegin 17\n")


def test_a_plan_is_kept_whole() -> None:
    plan = plan_with([*strokes(3), [(1.0, 2.0)]], [0, 0, 1, 1], ["1+S30+H40 fine", "!2 red"])
    kept = Job.load(Job.create(plan, "some/sheet.svg", {"copies": 3}).name)
    assert kept.plan.layers == plan.layers and kept.plan.machine == plan.machine and kept.plan.page == plan.page
    assert kept.copies == 3 and kept.name.startswith("sheet-")
    for mine, theirs in zip(kept.plan.strokes, plan.strokes, strict=True):
        assert mine.layer == theirs.layer
        np.testing.assert_array_equal(mine.points, theirs.points)


def test_two_processes_do_not_plot_one_job() -> None:
    job = Job.create(plan_with(strokes(1)), "sheet.svg", {})
    with job.open():
        assert Job.load(job.name).is_running()
        with pytest.raises(UserError, match="another process"), Job.load(job.name).open():
            pass
        with pytest.raises(UserError, match="stop it first"):
            Job.load(job.name).remove()
    assert not job.is_running()
    job.remove()
    assert job_names() == []


@pytest.mark.parametrize("spoil", ["job.json", "plan.npz", "newer"])
def test_a_spoilt_folder_is_one_clear_error(spoil: str) -> None:
    job = Job.create(plan_with(strokes(1)), "sheet.svg", {})
    if spoil == "newer":
        data = json.loads((job.folder / "job.json").read_text())
        (job.folder / "job.json").write_text(json.dumps({**data, "format": 99}))
    else:
        (job.folder / spoil).write_bytes(b"{\x00")
    with pytest.raises(UserError, match="newer|cannot be read"):
        Job.load(job.name)


def test_an_unknown_plot_names_near_ones() -> None:
    job = Job.create(plan_with(strokes(1)), "cats.svg", {})
    with pytest.raises(UserError, match=f"did you mean '{job.name}'"):
        Job.load(job.name[:-1])


def test_a_message_names_a_handful_of_plots_the_latest_first() -> None:
    for number in range(8):
        os.utime(Job.create(plan_with(strokes(1)), f"s{number}.svg", {}).folder / "job.json", (number, number))
    with pytest.raises(UserError) as said:
        Job.load("zzzzzzzz")
    words = str(said.value)
    assert words.index("s7-") < words.index("s6-") < words.index("s3-") and "s2-" not in words
    assert words.endswith("and 3 more; `plotsketch jobs` lists them")


@pytest.mark.parametrize("name", ["..", ".", "../other", "/tmp", "{job}/", "./{job}", "../plots/{job}", ""])
def test_a_name_never_leaves_the_folder_of_plots(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLOTSKETCH_JOBS", str(tmp_path / "plots"))
    job = Job.create(plan_with(strokes(1)), "cats.svg", {})
    shutil.copytree(job.folder, tmp_path / "other")
    for file in job.folder.iterdir():
        shutil.copy(file, tmp_path)
        shutil.copy(file, tmp_path / "plots")
    for use in (Job.load, forget):
        with pytest.raises(UserError, match="there is no plot"):
            use(name.format(job=job.name))
    assert (tmp_path / "other" / "job.json").exists() and (job.folder / "job.json").exists()


@pytest.mark.parametrize("spoil", ["job.json", "plan.npz"])
def test_a_spoilt_folder_can_be_forgotten(spoil: str) -> None:
    job = Job.create(plan_with(strokes(1)), "sheet.svg", {})
    (job.folder / spoil).write_bytes(b"{\x00")
    forget(job.name)
    assert not job.folder.exists()


@pytest.mark.parametrize("file", ["plan.npz", "job.json"])
def test_a_full_disk_leaves_no_half_plot(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.name == file:
            raise UserError(f"cannot write {path}: no space left on device")
        path.write_bytes(data)

    monkeypatch.setattr("plotsketch.plotter.journal.write_atomically", full)
    with pytest.raises(UserError, match="no space left"):
        Job.create(plan_with(strokes(1)), "sheet.svg", {})
    assert list(jobs_folder().iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_before_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PLOTSKETCH_JOBS", str(tmp_path / "file" / "plots"))
    assert jobs_folder() == tmp_path / "file" / "plots"
    with pytest.raises(UserError, match="cannot keep the plot's journal"):
        Job.create(plan_with(strokes(1)), "cats.svg", {})


# parts of strokes


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=9), st.floats(0, 300))
def test_what_is_drawn_and_the_rest_make_the_stroke(corners: list[tuple[int, int]], done: float) -> None:
    points = np.array(corners, dtype=float)
    left = rest(points, done)
    assert length(left) == pytest.approx(max(length(points) - done, 0.0), abs=1e-9)
    np.testing.assert_array_equal(left[-1], points[-1])


@given(st.floats(0, 60), st.floats(0, 9), st.integers(0, 5))
def test_a_run_in_is_as_long_as_asked_and_of_one_pen(asked: float, part: float, stroke: int) -> None:
    plan = plan_with(strokes(6), [0, 0, 1, 1, 1, 1], ["1 a", "2 b"])
    pieces = run_in(plan, stroke, part, asked)
    layer = plan.strokes[stroke].layer
    there = sum(plan.strokes[n].mm for n in range(stroke) if plan.strokes[n].layer == layer)
    assert sum(map(length, pieces)) == pytest.approx(min(max(asked - part, 0.0), there), abs=1e-9)


def test_a_plan_can_be_restricted() -> None:
    plan = plan_with(strokes(6), [0, 0, 1, 1, 2, 2], ["1 a", "2 b", "3 c"])
    some = restricted(plan, [2, 3], (4, 5))
    assert [layer.label for layer in some.layers] == ["2 b", "3 c"]
    assert [stroke.points[0][0] for stroke in some.strokes] == [15, 20] and [s.layer for s in some.strokes] == [0, 1]
    for wrong, match in [(([9], None), "no layer 9"), (([], (7, 9)), "none from 7 on"), (([1], (3, 6)), "no stroke")]:
        with pytest.raises(UserError, match=match):
            restricted(plan, *wrong)
