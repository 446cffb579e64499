"""Augmentation, batches and the layer they feed: what must hold for any drawing."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plotsketch.model.config import ModelConfig
from plotsketch.model.mixture import pen_nll, split
from plotsketch.model.network import START_ROW, SketchRNN
from plotsketch.model.packing import final_rows, live_sizes, pack, reversal
from plotsketch.training.augment import Augmentation, augment
from plotsketch.training.batches import BatchPlan, make_batch
from plotsketch.training.dataset import TrainingSet
from plotsketch.training.loss import cost, measure

lengths_of_lines = st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=4), min_size=1, max_size=6)


def drawings_from(lines: list[list[int]], seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    lengths = np.array([sum(drawing) for drawing in lines], dtype=np.int64)
    rows = random.integers(-20, 21, (int(lengths.sum()), 3)).astype(np.float32)
    rows[:, 2] = 0
    rows[np.cumsum([n for drawing in lines for n in drawing]) - 1, 2] = 1
    return rows, lengths


@given(lengths_of_lines, st.floats(0.0, 0.9))
def test_dropping_points_moves_no_line_end_and_keeps_three_points(lines: list[list[int]], drop: float) -> None:
    rows, lengths = drawings_from(lines)
    out, new_lengths = augment(rows.copy(), lengths, Augmentation(0.0, drop), np.random.default_rng(1))
    assert new_lengths.sum() == len(out) <= len(rows)
    before, after = np.cumsum(rows[:, :2], axis=0), np.cumsum(out[:, :2], axis=0)
    assert np.array_equal(before[rows[:, 2] == 1], after[out[:, 2] == 1])
    kept = np.diff(np.flatnonzero(np.concatenate([[1], out[:, 2]])))
    meant = np.array([n for drawing in lines for n in drawing])
    assert (kept >= np.minimum(meant, 3)).all()


def test_augmentation_drops_as_many_points_as_magenta_and_stretches_each_drawing_once() -> None:
    rows, lengths = drawings_from([[40, 40]] * 200)
    out, _ = augment(rows.copy(), lengths, Augmentation(0.0, 0.1), np.random.default_rng(1))
    assert abs(len(out) / len(rows) - (1 - 0.1 * 36 / 40)) < 0.01  # 3 first points and the last of 40 always stay
    out, _ = augment(rows.copy(), lengths, Augmentation(0.15, 0.0), np.random.default_rng(1))
    moved = rows[:, 0] != 0
    factors = (out[moved, 0] / rows[moved, 0]).reshape(-1)
    per_drawing = [factors[np.repeat(np.arange(200), 80)[moved] == i] for i in range(200)]
    assert all(np.ptp(f) < 1e-5 for f in per_drawing)
    assert 0.85 <= min(f[0] for f in per_drawing) < 0.9 and 1.1 < max(f[0] for f in per_drawing) <= 1.15


@given(st.lists(st.integers(1, 15), min_size=1, max_size=8))
def test_packed_rows_hold_each_sequence_once_forwards_and_backwards(lengths: list[int]) -> None:
    lengths = sorted(lengths, reverse=True)
    sequences = [np.stack([np.full(n, i), np.arange(n)], axis=1).astype(np.float32) for i, n in enumerate(lengths)]
    packed = pack(sequences)
    assert packed.sizes == live_sizes(np.array(lengths)) and sum(packed.sizes) == sum(lengths)
    rows = packed.rows.numpy()
    backwards = rows[reversal(packed.sizes)]
    for i, n in enumerate(lengths):
        assert np.array_equal(rows[rows[:, 0] == i, 1], np.arange(n))
        assert np.array_equal(backwards[backwards[:, 0] == i, 1], np.arange(n)[::-1])
    assert np.array_equal(rows[final_rows(packed.sizes)], [[i, n - 1] for i, n in enumerate(lengths)])


@given(lengths_of_lines)
def test_a_batch_begins_with_start_rows_ends_with_end_rows_and_loses_nothing(lines: list[list[int]]) -> None:
    rows, lengths = drawings_from(lines)
    batch = make_batch(rows, lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    for place, original in enumerate(batch.order):
        mine = batch.owner == place
        inputs, targets = batch.inputs[mine].numpy(), batch.targets[mine].numpy()
        drawing = rows[starts[original] : starts[original + 1]]
        assert np.array_equal(inputs[0], START_ROW) and np.array_equal(targets[-1], [0, 0, 0, 0, 1])
        assert np.array_equal(inputs[1:], targets[:-1])
        assert np.array_equal(targets[:-1, :2], drawing[:, :2]) and np.array_equal(targets[:-1, 3], drawing[:, 2])
        assert batch.target_pen[mine].tolist() == [*drawing[:, 2].astype(int).tolist(), 2]


def small_set(sizes: dict[str, int]) -> TrainingSet:
    labels = np.repeat(np.arange(len(sizes)), list(sizes.values())).astype(np.int16)
    lengths = (3 + np.arange(len(labels)) % 7).astype(np.int32)
    rows = np.ones((int(lengths.sum()), 3), np.int16)
    keys = np.array([str(i) for i in range(len(labels))])
    return TrainingSet(rows, lengths, labels, np.zeros(len(labels), np.uint8), keys, np.array(list(sizes)))


def test_an_epoch_holds_each_drawing_once_in_batches_of_like_size() -> None:
    data = small_set({"a": 300, "b": 100})
    plan = BatchPlan(data, np.arange(400), drawings=20, seed=7)
    batches = plan.epoch(0)
    assert sorted(np.concatenate(batches).tolist()) == list(range(400))
    points = [int(data.lengths[batch].sum()) for batch in batches]
    assert max(points) < 1.3 * np.mean(points)
    assert [b.tolist() for b in plan.epoch(0)] == [b.tolist() for b in batches]
    assert [b.tolist() for b in plan.epoch(1)] != [b.tolist() for b in batches]


def test_class_power_draws_small_classes_more_often() -> None:
    data = small_set({"large": 900, "small": 100})
    epoch = np.concatenate(BatchPlan(data, np.arange(1000), drawings=20, seed=1, class_power=0.5).epoch(0))
    counts = np.bincount(data.labels[epoch])
    assert abs(counts[1] / counts.sum() - 0.25) < 0.01  # 30 : 10
    assert np.bincount(epoch, minlength=1000)[900:].min() >= 2  # every small drawing before any for the third time


@given(lengths_of_lines)
def test_the_loss_of_a_packed_batch_is_the_loss_of_each_drawing_alone(lines: list[list[int]]) -> None:
    network = SketchRNN(ModelConfig(encoder_size=6, decoder_size=7, latent_size=3, mixtures=2)).double().eval()
    network.set_product_dtype(torch.float64)
    rows, lengths = drawings_from(lines)
    together = measure(network, _double(make_batch(rows / 10, lengths)))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    for place, original in enumerate(make_batch(rows, lengths).order):
        drawing = rows[starts[original] : starts[original + 1]] / 10
        alone = measure(network, _double(make_batch(drawing, lengths[original : original + 1])))
        assert torch.allclose(together.offsets[place], alone.offsets[0], atol=1e-9)
        assert torch.allclose(together.pen[place], alone.pen[0], atol=1e-9)
        assert torch.allclose(together.kl[place], alone.kl[0], atol=1e-9)


def _double(batch):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(batch, points=batch.points.double(), inputs=batch.inputs.double(), targets=batch.targets.double())


def test_the_cost_leaves_the_kl_alone_below_its_floor() -> None:
    torch.manual_seed(0)
    network = SketchRNN(ModelConfig(encoder_size=6, decoder_size=7, latent_size=3, mixtures=2))
    nats = measure(network, make_batch(*drawings_from([[5, 4], [6]])), torch.zeros(2, 3))
    low, high = (cost(nats, 2, 20, 0.5, floor) for floor in (0.0, 0.2))
    assert torch.isclose(high.total, high.reconstruction + 0.5 * 0.2)
    assert torch.isclose(low.total, low.reconstruction + 0.5 * low.kl)
    assert torch.isclose(low.reconstruction, (nats.offsets.sum() + nats.pen.sum()) / 40)


def test_pen_states_are_told_apart_by_the_first_three_numbers_of_the_head() -> None:
    raw = torch.zeros(1, 15)
    raw[0, 2] = 9.0
    right, wrong = (pen_nll(split(raw, 2), torch.tensor([state])).item() for state in (2, 0))
    assert right < 0.01 < 5 < wrong
