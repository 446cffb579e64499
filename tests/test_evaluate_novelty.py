"""The distance between drawings, the search for the nearest, and how many samples come to an end."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from evaluation_cases import known_network, random_network, random_set

from plotsketch.strokes.sketch import Sketch
from plotsketch.training.batches import gather
from plotsketch.training.dataset import TrainingSet
from plotsketch.training.novelty import CLOUD, chamfer, clouds, nearest
from plotsketch.training.samples import report_samples


def cloud_of(*lines: list[tuple[float, float]]) -> np.ndarray:
    rows = Sketch(tuple(np.array(line, float) for line in lines)).to_stroke3()
    return clouds(rows, np.array([len(rows)]))[0]


SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(chamfer(torch.from_numpy(a), torch.from_numpy(b)))


def test_a_cloud_is_spaced_evenly_along_the_ink_and_not_between_lines() -> None:
    points = cloud_of([(0, 0), (4, 0)], [(4, 3), (0, 3)])
    assert points.shape == (CLOUD, 2)
    first, second = points[: CLOUD // 2], points[CLOUD // 2 :]
    assert np.ptp(first[:, 1]) == np.ptp(second[:, 1]) == 0
    np.testing.assert_allclose(np.diff(first[:, 0]), 1 / (CLOUD // 2 - 1), rtol=1e-5)
    assert first[0, 0] == pytest.approx(-0.5)
    assert second[0, 1] - first[0, 1] == pytest.approx(3 / 3.875)


def test_place_size_and_order_of_lines_do_not_matter() -> None:
    one = cloud_of(SQUARE, [(2, 2), (8, 2)])
    two = cloud_of([(27, 22), (39, 22)], [(23, 18), (43, 18), (43, 38), (23, 38), (23, 18)][::-1])
    assert distance(one, two) < 0.02  # points fall elsewhere on the same ink
    assert distance(one, one) == 0


def test_the_distance_is_symmetric_and_what_it_says() -> None:
    level, plumb = cloud_of([(0, 0), (10, 0)]), cloud_of([(0, 0), (0, 10)])
    assert distance(level, plumb) == distance(plumb, level) == pytest.approx(0.25, rel=0.02)


def test_a_batch_of_clouds_is_the_clouds_one_by_one() -> None:
    data = random_set(lengths=[1, 20, 2, 9])
    together = clouds(*gather(data, np.arange(4)))
    alone = [clouds(data.drawing(i), data.lengths[i : i + 1])[0] for i in range(4)]
    np.testing.assert_allclose(together, np.stack(alone), atol=1e-5)


def test_a_drawing_of_dots_alone_is_a_point() -> None:
    assert np.isfinite(cloud_of([(3, 3)])).all()
    assert (clouds(np.array([[0, 0, 1.0]]), np.array([1])) == 0).all()


def test_the_search_finds_what_a_full_search_finds() -> None:
    data = random_set(lengths=list(np.random.default_rng(0).integers(2, 20, 700)))
    known = clouds(*gather(data, np.arange(700)))
    random = np.random.default_rng(1)
    queries = (known[::50] + random.normal(0, 0.02, known[::50].shape)).astype(np.float32)
    quick, full = nearest(queries, known), nearest(queries, known, shortlist=700)
    np.testing.assert_array_equal(quick.index, full.index)
    np.testing.assert_allclose(quick.distance, full.distance)
    np.testing.assert_array_equal(nearest(known[:20], known).index, np.arange(20))
    assert (nearest(known[:20], known).distance == 0).all()


def test_finish_rates_follow_the_pen() -> None:
    """A pen that ends with chance 0.1 a point is through 20 points in 1 - 0.9^20 = 88 % of the attempts."""
    network = known_network()
    report = report_samples(network, 200, temperatures=[1.0])
    figures = report.temperatures[0]
    assert figures.finished_at_first == pytest.approx(0.88, abs=0.07)
    assert figures.finished == 1
    assert report.reference is report.held_out is figures.novelty is figures.near_copies is None
    with torch.no_grad():
        network.head.bias[2] = -100.0
    endless = report_samples(network, 5, temperatures=[1.0]).temperatures[0]
    assert (endless.finished, endless.points) == (0, 30)  # the last attempt may be half as long again


@pytest.mark.parametrize("conditional", [True, False])
def test_novelty_stands_beside_that_of_held_out_drawings(conditional: bool) -> None:
    data = random_set(lengths=[6, 9, 12] * 30)
    held_out = data.subset(data.select("test"))
    report = report_samples(random_network(conditional=conditional), 12, train=data, held_out=held_out)
    assert report.reference == len(data.select("train"))
    assert report.held_out is not None and report.held_out.drawings == 12
    for figures in report.temperatures:
        assert figures.novelty is not None and figures.novelty.drawings == 12
        assert 0 < figures.novelty.nearest <= figures.novelty.median < 0.5
        assert figures.near_copies is not None


def test_training_drawings_are_not_taken_for_held_out_ones() -> None:
    data = random_set(lengths=[6, 9, 12] * 5)
    train = data.subset(data.select("train"))
    report = report_samples(random_network(), 3, train=data, held_out=train)
    assert report.held_out is None and report.temperatures[0].near_copies is None
    assert report.temperatures[0].novelty is not None


def test_a_copy_is_seen_as_one() -> None:
    """A network that draws nothing but one training drawing."""
    network = known_network(conditional=False)
    with torch.no_grad():  # always straight on by (1, 1), with hardly any spread
        network.head.bias[3:] = torch.tensor([0.0, 0, 1, 1, 1, 1, -7, -7, -7, -7, 0, 0])
    lines = np.array([[1, 1, 0]] * 5 + [[1, 1, 1]], np.float32)
    other = random_set(lengths=[8] * 40)
    data = TrainingSet(np.concatenate([lines, other.points]), np.append(6, other.lengths).astype(np.int32),
                       np.append(0, other.labels).astype(np.int16), np.append(0, other.split).astype(np.uint8),
                       np.append("line", other.keys), other.names)  # fmt: skip
    report = report_samples(network, 10, train=data, held_out=data.subset(data.select("test")), temperatures=[0.1])
    assert report.temperatures[0].near_copies == 1
    assert report.temperatures[0].novelty is not None and report.temperatures[0].novelty.mean < 0.02
