"""Evaluation's figures: against networks whose likelihood is known, and against a padded pass as Magenta's."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from evaluation_cases import (
    PEN,
    POSTERIOR_MEAN,
    POSTERIOR_SIGMA,
    gaussian_nats,
    known_network,
    random_network,
    random_set,
)

from plotsketch.model.importers import import_model
from plotsketch.model.mixture import offset_nll, pen_nll, split
from plotsketch.model.network import START_ROW, SketchRNN
from plotsketch.training.baseline import Baseline, baseline_figures
from plotsketch.training.batches import gather
from plotsketch.training.building import Filters
from plotsketch.training.class_latents import COMMON_DRAWINGS, class_latents, posteriors
from plotsketch.training.dataset import TrainingSet
from plotsketch.training.evaluation import evaluate, measure_drawings
from plotsketch.training.importing import import_files
from plotsketch.training.selection import select_drawings

SCALE = 8.0
CELLS = [("lstm", "lstm"), ("layer_norm", "layer_norm"), ("layer_norm", "hyper")]


def test_nats_per_drawing_are_those_of_the_known_density() -> None:
    data = random_set()
    figures = evaluate(known_network(), data, SCALE).all
    offsets = [gaussian_nats(data.drawing(i), SCALE) for i in range(len(data))]
    lifts = [data.drawing(i)[:, 2].sum() for i in range(len(data))]
    pens = [-(n - up) * math.log(PEN[0]) - up * math.log(PEN[1]) - math.log(PEN[2])
            for n, up in zip(data.lengths, lifts, strict=True)]  # fmt: skip
    drawings = np.array(offsets) + np.array(pens)
    assert figures.reconstruction.mean == pytest.approx(drawings.mean(), rel=1e-5)
    assert figures.reconstruction.standard_error == pytest.approx(drawings.std(ddof=1) / len(data) ** 0.5, rel=1e-5)
    assert (figures.drawings, figures.points) == (len(data), len(data.points))


def test_kl_is_that_of_the_known_posterior() -> None:
    network = known_network()
    with torch.no_grad():
        network.encoder.mu.bias[1:], network.encoder.presig.bias[1:] = 0.0, 0.0  # type: ignore[union-attr]
    figures = evaluate(network, random_set(), SCALE).all
    one = 0.5 * (POSTERIOR_MEAN**2 + POSTERIOR_SIGMA**2 - 1) - math.log(POSTERIOR_SIGMA)
    np.testing.assert_allclose(figures.kl_per_dimension, [one, 0, 0, 0], atol=1e-6)
    assert figures.l_kl == pytest.approx(one / 4, rel=1e-5)
    assert figures.kl.mean == pytest.approx(one, rel=1e-5)
    assert figures.total.mean == pytest.approx(figures.reconstruction.mean + figures.kl.mean)
    assert (figures.active_dimensions(0.01), figures.active_dimensions(1.0)) == (1, 0)


def test_the_masks_differ_by_end_rows_alone() -> None:
    data, limit = random_set(), 20
    figures = evaluate(known_network(), data, SCALE).all
    ends = (limit - data.lengths).sum()  # rows in the end state; none for the drawing of 20 points
    difference = figures.l_r_training_mask - figures.l_r_evaluation_mask
    assert difference == pytest.approx(-math.log(PEN[2]) * ends / (limit * len(data)), rel=1e-5)
    assert figures.l_r_one_end_row - figures.l_r_evaluation_mask == pytest.approx(-math.log(PEN[2]) / limit, rel=1e-5)


def test_the_density_floor_is_in_l_r_and_not_in_nats() -> None:
    """An offset a hundred deviations off costs Magenta's loss -log 1e-6 and the likelihood all it takes."""
    rows = np.array([[0, 0, 0], [2000, 0, 1]], np.float32)
    data = TrainingSet(rows, np.array([2], np.int32), np.array([0], np.int16), np.array([2], np.uint8),
                       np.array(["far"]), np.array(["far"]))  # fmt: skip
    nats = measure_drawings(known_network(), data, SCALE)
    assert nats.offsets[0] + 4 * math.log(SCALE) == pytest.approx(gaussian_nats(rows, SCALE), rel=1e-5)
    near = gaussian_nats(rows[:1], SCALE) - 2 * math.log(SCALE)
    assert nats.floored[0] == pytest.approx(near + 6 * math.log(10), rel=1e-4)


@torch.no_grad()
def padded(network: SketchRNN, rows: np.ndarray) -> tuple[float, float]:
    """L_R of one drawing under both masks, all N_max rows computed: straight from Magenta's graph."""
    limit = network.config.max_points
    table = np.zeros((limit, 5), np.float32)
    table[: len(rows), :2] = rows[:, :2] / SCALE
    table[: len(rows), 2], table[: len(rows), 3] = 1 - rows[:, 2], rows[:, 2]
    table[len(rows) :, 4] = 1
    targets = torch.from_numpy(table)
    inputs = torch.cat([torch.tensor([START_ROW]), targets[:-1]])
    z = None
    if network.encoder is not None:
        z, _ = network.encode(targets[: len(rows)], [1] * len(rows))
    mixture = split(network.decode(inputs, [1] * limit, z), network.config.mixtures)
    drawn = 1 - targets[:, 4]
    offsets = (offset_nll(mixture, targets[:, 0], targets[:, 1]) * drawn).sum()
    pen = pen_nll(mixture, targets[:, 2:].argmax(1))
    return float(offsets + pen.sum()) / limit, float(offsets + (pen * drawn).sum()) / limit


@pytest.mark.parametrize("conditional", [True, False], ids=["vae", "decoder"])
@pytest.mark.parametrize(("encoder", "decoder"), CELLS, ids=[cells[1] for cells in CELLS])
def test_l_r_equals_a_padded_pass(encoder: str, decoder: str, conditional: bool) -> None:
    network = random_network(encoder_cell=encoder, decoder_cell=decoder, conditional=conditional)
    if network.encoder is not None:
        torch.nn.init.constant_(network.encoder.presig.bias, -100.0)  # the posterior is its mean
        torch.nn.init.zeros_(network.encoder.presig.weight)
    data = random_set()
    figures = evaluate(network, data, SCALE).all
    expected = np.mean([padded(network, data.drawing(i)) for i in range(len(data))], axis=0)
    assert (figures.l_r_training_mask, figures.l_r_evaluation_mask) == pytest.approx(tuple(expected), rel=1e-5)


def test_without_padding_only_the_training_mask_is_unknown() -> None:
    network, data = random_network(), random_set()
    whole, short = (evaluate(network, data, SCALE, padding=padding).all for padding in (True, False))
    assert math.isnan(short.l_r_training_mask)
    assert short.l_r_evaluation_mask == whole.l_r_evaluation_mask
    assert short.total == whole.total


def test_the_order_of_drawings_does_not_matter() -> None:
    network, data = random_network(), random_set(lengths=[3, 9, 9, 4, 20, 11, 2, 9, 6] * 3)
    order = np.random.default_rng(0).permutation(len(data))
    first, second = (evaluate(network, one, SCALE, seed=5) for one in (data, data.subset(order)))
    assert first.to_dict() == second.to_dict()


def test_the_seed_moves_only_what_is_drawn_from_the_posterior() -> None:
    network, data = random_network(), random_set()
    one, two = (evaluate(network, data, SCALE, seed=seed).all for seed in (0, 1))
    assert one.reconstruction.mean != two.reconstruction.mean
    assert one.kl == two.kl
    decoder = random_network(conditional=False)
    one, two = (evaluate(decoder, data, SCALE, seed=seed).all for seed in (0, 1))
    assert one.total == two.total
    assert one.kl.mean == one.l_kl == one.active_dimensions(0.0) == 0


def test_models_of_other_scale_factors_compare_in_nats_and_not_in_l_r() -> None:
    """The same network on drawings twice the size: each point has a quarter of the density."""
    network, data = random_network(), random_set()
    larger = TrainingSet(data.points * np.array([2, 2, 1], np.float32), data.lengths, data.labels, data.split,
                         data.keys, data.names)  # fmt: skip
    small, large = evaluate(network, data, SCALE).all, evaluate(network, larger, 2 * SCALE).all
    assert large.l_r_training_mask == pytest.approx(small.l_r_training_mask)
    mean_points = len(data.points) / len(data)
    assert large.total.mean - small.total.mean == pytest.approx(2 * math.log(2) * mean_points)
    assert large.baseline.nats_per_drawing - small.baseline.nats_per_drawing == pytest.approx(
        2 * math.log(2) * mean_points
    )


def test_all_is_the_mean_over_the_classes_drawings() -> None:
    evaluation = evaluate(random_network(), random_set(classes=3), SCALE)
    weights = [figures.drawings for figures in evaluation.classes.values()]
    for read in (lambda f: f.total.mean, lambda f: f.l_r_training_mask, lambda f: f.l_kl):
        parts = [read(figures) for figures in evaluation.classes.values()]
        assert read(evaluation.all) == pytest.approx(np.average(parts, weights=weights))


def test_a_drawing_longer_than_the_model_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="21 points"):
        measure_drawings(random_network(), random_set(lengths=[3, 21]), SCALE)


def test_the_baseline_is_the_likeliest_gaussian_and_nan_without_spread() -> None:
    data = random_set()
    rows, _ = gather(data, np.arange(len(data)))
    baseline = Baseline.fit(rows, len(data))
    entropy = len(rows) * (1 + math.log(2 * math.pi) + 0.5 * np.linalg.slogdet(baseline.covariance)[1])
    assert baseline.offset_nats(rows) == pytest.approx(entropy)
    share = np.array([baseline.draw, baseline.lift, len(data)]) / (len(rows) + len(data))
    pen_entropy = -(share * np.log(share)).sum() * (len(rows) + len(data))
    assert baseline.pen_nats(rows, len(data), 1) == pytest.approx(pen_entropy)
    level = rows * np.array([1, 0, 1])
    assert math.isnan(Baseline.fit(level, len(data)).offset_nats(level))


def test_the_baseline_reaches_its_anchor_on_sheep(shared: Path) -> None:
    """2.285 and 1.942 (shared research): fitted on the train split, measured on the test split, N_max 250."""
    data = import_files([shared / "data" / "npz" / "aaron_sheep.npz"], Filters(min_points=1, max_points=250))
    train, test = (gather(data, data.select(name)) for name in ("train", "test"))
    figures = baseline_figures(Baseline.fit(train[0], len(train[1])), test[0], len(test[1]), 250, data.scale_factor())
    assert len(test[1]) == 300
    assert figures.l_r_training_mask == pytest.approx(2.285, abs=1e-3)
    assert figures.l_r_evaluation_mask == pytest.approx(1.942, abs=1e-3)


def test_a_public_decoder_needs_about_what_was_measured_elsewhere(shared: Path) -> None:
    """371 nats a drawing on bird, in another tool on other held-out drawings: a wrong scale is 60 nats off."""
    checkpoint = import_model(shared / "fixtures" / "sketch-rnn-js" / "bird.gen.json")
    path = shared / "data" / "quickdraw" / "bird.ndjson.gz"
    chosen = select_drawings([path], "test", Filters(max_points=checkpoint.config.max_points))
    figures = evaluate(checkpoint.network, chosen.data, checkpoint.scale_factor, padding=False).all
    assert figures.drawings > 100
    assert abs(figures.total.mean - 371) < 3 * figures.total.standard_error
    assert figures.total.mean < figures.baseline.nats_per_drawing - 60


def test_class_latents_are_the_moments_of_their_drawings_posteriors() -> None:
    data = random_set(lengths=[4, 6, 8, 10, 12, 14] * 3)
    latents = class_latents(known_network(), data, SCALE)
    assert list(latents) == ["class0", "class1"]
    np.testing.assert_allclose(latents["class0"].mean, POSTERIOR_MEAN, rtol=1e-5)
    np.testing.assert_allclose(latents["class0"].spread, POSTERIOR_SIGMA, rtol=1e-5)

    network = random_network()
    members = data.select("train", "class1")
    network.encoder.presig.bias.data.fill_(-100)  # type: ignore[union-attr]
    network.encoder.presig.weight.data.zero_()  # type: ignore[union-attr]
    means = []
    for i in members:
        rows = data.drawing(i) / np.array([SCALE, SCALE, 1], np.float32)
        stroke5 = np.column_stack([rows[:, :2], 1 - rows[:, 2], rows[:, 2], np.zeros(len(rows), np.float32)])
        with torch.no_grad():
            means.append(network.encode(torch.from_numpy(stroke5.astype(np.float32)), [1] * len(rows))[0][0].numpy())
    found = class_latents(network, data, SCALE)["class1"]
    np.testing.assert_allclose(found.mean, np.mean(means, axis=0), atol=1e-5)
    np.testing.assert_allclose(found.spread, np.std(means, axis=0), atol=1e-5)


def test_the_axes_of_a_class_are_those_of_its_latents_covariance() -> None:
    """A class that is all there is has all in common with itself; a small one beside others leans on them."""
    network, data = random_network(), random_set(lengths=[4, 6, 8, 10, 12, 14] * 20)
    alone = data.subset(data.select(name="class1"))
    mu, _ = posteriors(network, alone, alone.select("train"), SCALE)
    own = np.cov(mu.T.astype(np.float64), bias=True)
    axes = class_latents(network, alone, SCALE)["class1"].axes
    np.testing.assert_allclose(axes.T @ axes, own, atol=1e-6)
    lengths = np.linalg.norm(axes, axis=1)
    assert (np.diff(lengths) < 0).all()
    np.testing.assert_allclose(axes @ axes.T, np.diag(lengths**2), atol=1e-6)
    assert (axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)] > 0).all()  # a solver may give either sign
    beside = class_latents(network, data, SCALE)["class1"].axes
    other, _ = posteriors(network, data, data.select("train", "class0"), SCALE)
    parts = len(mu) * own, len(other) * np.cov(other.T.astype(np.float64), bias=True)
    common = (parts[0] + parts[1]) / (len(mu) + len(other))
    leaning = (parts[0] + COMMON_DRAWINGS * common) / (len(mu) + COMMON_DRAWINGS)
    np.testing.assert_allclose(beside.T @ beside, leaning, atol=1e-6)


def test_class_latents_take_at_most_so_many_and_skip_classes_without_training_drawings() -> None:
    data = random_set(lengths=[5] * 30)
    network = random_network()
    few = class_latents(network, data, SCALE, per_class=2)
    order = np.random.default_rng(1).permutation(len(data))
    again = class_latents(network, data.subset(order), SCALE, per_class=2)
    np.testing.assert_allclose(few["class0"].mean, again["class0"].mean, atol=1e-6)
    assert not np.allclose(few["class0"].mean, class_latents(network, data, SCALE)["class0"].mean)
    held_out = data.subset(np.concatenate([data.select(name="class0"), data.select("test", "class1")]))
    assert list(class_latents(network, held_out, SCALE)) == ["class0"]
    assert class_latents(random_network(conditional=False), data, SCALE) == {}
