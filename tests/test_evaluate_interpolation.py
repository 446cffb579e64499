"""How evenly drawings change between two: the figures, and `plotsketch evaluate --interpolation`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import Result
from evaluation_cases import known_network, random_network, random_set

from plotsketch.model.checkpoint import Checkpoint, save
from plotsketch.training.interpolation import STEPS, drawings_of, report_interpolation

Run = Callable[..., Result]
WAY = {"mean_step", "worst_step", "worst_of_all", "mean_share", "worst_share"}


def test_ways_have_means_worst_steps_and_their_shares() -> None:
    done: list[int] = []
    report = report_interpolation(random_network(), random_set(), 30.0, 3, progress=done.append)
    assert report is not None
    assert (report.pairs, report.steps, report.temperature) == (3, 20, 0.1)
    assert sum(done) == drawings_of(3) == 3 * (2 + 2 * (STEPS + 1))
    for name, way in report.to_dict()["ways"].items():
        assert name in ("slerp", "lerp") and way.keys() == WAY
        assert 0 < way["mean_step"] <= way["worst_step"] <= way["worst_of_all"] < 0.5
        assert way["mean_share"] == pytest.approx(way["mean_step"] / report.direct)


def test_pairs_hang_on_keys_and_seed_and_not_on_the_order_of_drawings() -> None:
    data, network = random_set(), random_network()
    one = report_interpolation(network, data, 30.0, 2)
    turned = report_interpolation(network, data.subset(np.arange(len(data))[::-1].copy()), 30.0, 2)
    assert one is not None and turned is not None
    assert one.direct == pytest.approx(turned.direct, rel=1e-4)
    other = report_interpolation(network, data, 30.0, 2, seed=1)
    assert other is not None and other.direct != one.direct


def test_a_decoder_that_does_not_heed_its_latent_takes_no_steps() -> None:
    """Only chance is left: with the same random numbers all drawings of a way are one."""
    report = report_interpolation(known_network(), random_set(), 30.0, 2)
    assert report is not None
    assert report.direct == report.ways["slerp"].worst_of_all == 0
    assert report.redrawn > 0
    assert np.isnan(report.to_dict()["ways"]["lerp"]["mean_share"])


def test_there_is_nothing_between_fewer_than_two_drawings_or_without_latents() -> None:
    torch.manual_seed(0)
    assert report_interpolation(random_network(), random_set(lengths=[9]), 30.0, 5) is None
    assert report_interpolation(random_network(conditional=False), random_set(), 30.0, 5) is None
    report = report_interpolation(random_network(), random_set(lengths=[9] * 5), 30.0, 100)
    assert report is not None and report.pairs == 2


def test_the_command_measures_when_asked(plotsketch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(Checkpoint(random_network(), 30.0, "tiny"), "tiny.safetensors")
    save(Checkpoint(random_network(conditional=False), 30.0, "blind"), "blind.safetensors")
    random_set(lengths=[6, 9, 12] * 4).save(Path("set.npz"))
    words = ["set.npz", "--split", "all", "--samples", "0"]
    silent = plotsketch("evaluate", "tiny.safetensors", *words, "--json")
    assert json.loads(silent.stdout)["interpolation"] is None
    found = plotsketch("evaluate", "tiny.safetensors", *words, "--interpolation", "2", "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["interpolation"]["pairs"] == 2
    told = plotsketch("evaluate", "tiny.safetensors", *words, "--interpolation", "2").stdout
    assert "Ways of 20 steps between 2 pairs" in told and "slerp" in told and "lerp" in told
    assert max(map(len, told.splitlines())) <= 120
    blind = plotsketch("evaluate", "blind.safetensors", *words, "--interpolation", "2", "--json")
    assert blind.exit_code == 0 and json.loads(blind.stdout)["interpolation"] is None
    assert "model 'blind' is decoder-only and has no latents to go between: no --interpolation" in blind.stderr
