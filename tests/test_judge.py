"""The judge of drawings in benchmarks/: what it sees, that it learns, and how its answers are counted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from plotsketch.model.checkpoint import Checkpoint
from plotsketch.model.config import ModelConfig
from plotsketch.model.network import SketchRNN
from plotsketch.training.dataset import TrainingSet, split_of

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module", autouse=True)
def judge() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # so that losses are the same to the bit
    try:
        import judge

        yield judge
    finally:
        torch.set_num_threads(before)
        sys.path.remove(str(BENCHMARKS))


def stroke3(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """One line (k+1, 2) from the origin as rows (k, 3)."""
    offsets = np.diff(points, axis=0)
    return np.column_stack([offsets, np.arange(len(offsets)) == len(offsets) - 1])


def ring(corners: int, random: np.random.Generator) -> NDArray[np.float64]:
    """A wobbly polygon of some size, closed, begun anywhere: 4 corners a square upright, 24 a circle."""
    angle = np.pi / 4 + np.arange(corners + 1) * 2 * np.pi / corners + random.integers(4) * np.pi / 2
    points = random.uniform(40, 110) * np.column_stack([np.cos(angle), np.sin(angle)])
    return stroke3(points + random.normal(0, 2, points.shape))


def rings(count: int) -> TrainingSet:
    random = np.random.default_rng(3)
    drawings = [ring((24, 4)[k % 2], random) for k in range(count)]
    keys = np.array([f"ring-{k}" for k in range(count)])
    return TrainingSet(
        points=np.concatenate(drawings).astype(np.float32),
        lengths=np.array([len(rows) for rows in drawings], np.int32),
        labels=(np.arange(count) % 2).astype(np.int16),
        split=np.array([split_of(key) for key in keys], np.uint8),
        keys=keys,
        names=np.array(["circle", "square"]),
    )


def picture(judge: ModuleType, rows: NDArray[np.floating]) -> NDArray[np.float32]:
    return judge.rasters(rows, np.array([len(rows)]))[0]


def test_a_line_is_ink_along_its_way_in_the_layer_of_its_direction(judge: ModuleType) -> None:
    layers = picture(judge, np.array([[270.0, 0, 1]]))
    assert layers.shape == (4, 32, 32)
    assert layers[0].sum() == pytest.approx(27, abs=0.1)  # its longer side: 31 pixels less the margins
    assert layers[1:].sum() == 0
    rows = layers[0].sum(axis=1)
    assert rows[15] == pytest.approx(rows[16]) and rows.sum() == pytest.approx(rows[15:17].sum())  # in the middle
    assert picture(judge, np.array([[0, 5.0, 1]]))[2].sum() == pytest.approx(27, abs=0.1)
    assert picture(judge, np.array([[5.0, 5.0, 1]]))[1].sum() > 0.99 * picture(judge, np.array([[5.0, 5.0, 1]])).sum()


def test_which_way_round_and_in_what_units_makes_no_difference(judge: ModuleType) -> None:
    points = np.array([[0, 0], [30, 10], [20, 40], [-10, 15.0]])
    there = picture(judge, stroke3(points))
    assert picture(judge, stroke3(points[::-1])) == pytest.approx(there, abs=0.05)
    assert picture(judge, stroke3(points / 31.7)) == pytest.approx(there, abs=1e-6)


def test_the_way_with_the_pen_up_is_no_ink(judge: ModuleType) -> None:
    two = picture(judge, np.array([[0, 100.0, 1], [100, 0, 0], [0, -100, 1]]))
    assert two[0].sum() == 0 and two[2].sum() == pytest.approx(2 * 27, abs=0.2)
    assert not two[:, :, 5:27].any()


def test_drawings_are_the_same_alone_and_in_company(judge: ModuleType) -> None:
    random = np.random.default_rng(0)
    parts = [ring(corners, random) for corners in (4, 24, 3)]
    together = judge.rasters(np.concatenate(parts), np.array([len(rows) for rows in parts]))
    for part, found in zip(parts, together, strict=True):
        assert picture(judge, part) == pytest.approx(found, abs=1e-6)


def test_a_dot_is_seen_and_ink_never_more_than_full(judge: ModuleType) -> None:
    dot = picture(judge, np.array([[0.0, 0, 1]]))
    assert dot.sum() == pytest.approx(0.5)
    scribble = picture(judge, stroke3(np.array([[0, 0], [100, 0]] * 20)))
    assert scribble.max() == 1


def test_distorted_drawings_stay_in_the_picture(judge: ModuleType) -> None:
    random = np.random.default_rng(1)
    turns, shift = judge.distortions(50, random)
    parts = [ring(4, random) for _ in range(50)]
    found = judge.rasters(np.concatenate(parts), np.array([len(rows) for rows in parts]), turns, shift)
    assert found[:, :, 0].max() == 0 and found[:, :, :, 31].max() == 0
    assert len(np.unique(found.reshape(50, -1), axis=0)) == 50


def test_it_learns_circles_from_squares(judge: ModuleType, tmp_path: Path) -> None:
    data = rings(300)
    judge.train(data, tmp_path / "judge.pt", judge.Plan(steps=90, batch=10), minutes=5)
    rest = data.subset(np.flatnonzero(data.split != 0))
    logits = judge.Judge.load(tmp_path / "judge.pt").opinions(rest.points, rest.lengths)
    assert (logits.argmax(axis=1) == rest.labels).mean() > 0.9


def test_a_stopped_training_goes_on_as_if_never_stopped(judge: ModuleType, tmp_path: Path) -> None:
    data, plan = rings(40), judge.Plan(steps=6, batch=6)
    judge.train(data, tmp_path / "whole.pt", plan, minutes=5)
    half = judge.Training(data, plan)
    half.advance()
    half.save(tmp_path / "halves.pt")
    judge.train(data, tmp_path / "halves.pt", plan, minutes=5)
    one, other = (judge.Judge.load(tmp_path / name) for name in ("whole.pt", "halves.pt"))
    assert np.array_equal(one.opinions(data.points, data.lengths), other.opinions(data.points, data.lengths))
    with pytest.raises(SystemExit, match="other drawings or by another plan"):
        judge.train(data, tmp_path / "whole.pt", judge.Plan(steps=7, batch=6), minutes=5)


def test_lessons_are_of_the_train_split_and_of_small_classes_too(judge: ModuleType) -> None:
    data = rings(300)
    few = data.subset(np.concatenate([np.flatnonzero(data.labels == 0), np.flatnonzero(data.labels == 1)[:10]]))
    lessons = judge.Lessons(few, judge.Plan(batch=1000, power=0.5))
    assert (few.split[lessons.train] == 0).all()
    counts = np.bincount(few.labels[lessons.train])
    _, labels = lessons.step(0)
    expected = np.sqrt(counts[1]) / np.sqrt(counts).sum()
    assert float(labels.double().mean()) == pytest.approx(expected, abs=0.05)


def test_shares_are_means_over_classes(judge: ModuleType) -> None:
    best = [0, 0, 2, 1, 2]  # of four classes the model has 0 and 1
    logits = np.eye(4)[best]
    logits[2, 0] = 0.5  # of the model's own it looks most like 0
    logits[4, 0] = 0.5
    found = judge.shares(logits, np.array([0, 0, 0, 0, 1]), np.array([0, 1]))
    assert found.of_own == pytest.approx((3 / 4 + 0) / 2)
    assert found.of_all == pytest.approx((2 / 4 + 0) / 2)
    assert found.any_own == pytest.approx((3 / 4 + 0) / 2)
    prior = judge.shares(logits, None, np.array([0, 1]))
    assert (prior.of_own, prior.of_all, prior.any_own) == (None, None, pytest.approx(3 / 5))
    assert judge.shares(logits, np.array([0, 0, 0, 0, 1]), np.arange(4)).any_own is None


def test_the_table_sets_shares_beside_those_of_people(judge: ModuleType) -> None:
    found = {"people": judge.Shares(0.8, 0.5, 0.6), "prior": judge.Shares(None, None, 0.9)}
    assert judge.table("catpig", found) == [
        "| catpig | people | 80.0 % | 50.0 % | 60.0 % |",
        "|  | prior |  |  | 90.0 % (1.50) |",
    ]


def test_a_whole_report_of_a_small_model(judge: ModuleType) -> None:
    data = rings(400)
    torch.manual_seed(0)
    sizes = {"encoder_size": 4, "decoder_size": 8, "latent_size": 3, "mixtures": 2, "max_points": 25}
    model = Checkpoint(SketchRNN(ModelConfig(**sizes)).eval(), 30.0, "tiny")
    task = judge.Task.of(model, ["circle"], data, judge.Judge(data.names.tolist()), most=5)
    assert list(model.classes) == ["circle"]
    assert len(task.real) == 5 and (data.labels[task.real] == 0).all() and (data.split[task.real] == 2).all()
    found = judge.measured(task, count=4)
    assert len(found) == 13
    assert all(0 <= figures.any_own <= 1 for figures in found.values())
    assert found["class samples, T=0.25"].of_own == 1  # of one class it can only say that one
    assert judge.table("tiny", found)[0].startswith("| tiny | people, 5 held out | 100.0 % |")
    with pytest.raises(SystemExit, match="knows none of its classes"):
        judge.Task.of(model, ["owl"], data, task.judge, most=5)
