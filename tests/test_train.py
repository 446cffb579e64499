"""`plotsketch train` as a user runs it: to the end, stopped and resumed, from a parent, and as two processes."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from safetensors.numpy import load_file

from plotsketch.cli.main import cli
from plotsketch.model.checkpoint import load
from plotsketch.training.dataset import TrainingSet

SIZES = ["--encoder-size", "8", "--decoder-size", "16", "--latent-size", "4", "--mixtures", "2", "--batch", "8",
         "--threads", "1"]  # fmt: skip
SMALL = [*SIZES, "--warmup", "2"]


def make_set(path: Path, drawings: int = 60) -> Path:
    """Zigzags and arcs of 5 to 20 points, two classes, integers as QuickDraw's."""
    random = np.random.default_rng(5)
    lengths = random.integers(5, 21, drawings).astype(np.int32)
    labels = (np.arange(drawings) % 2).astype(np.int16)
    rows = []
    for length, label in zip(lengths, labels, strict=True):
        turn = np.arange(length) * (0.4 if label else np.pi * 0.9)
        lift = (random.random(length) < 0.15).astype(int)
        lift[-1] = 1
        rows.append(np.stack([np.round(20 * np.cos(turn)), np.round(20 * np.sin(turn)), lift], axis=1))
    split = np.where(np.arange(drawings) % 10 == 0, 1, 0).astype(np.uint8)
    keys = np.array([f"k{i}" for i in range(drawings)])
    TrainingSet(np.concatenate(rows).astype(np.int16), lengths, labels, split, keys,
                np.array(["arc", "zigzag"])).save(path)  # fmt: skip
    return path


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    return make_set(tmp_path / "lines.npz")


def run(*arguments: object) -> str:
    result = CliRunner().invoke(cli, ["train", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def same_tensors(a: Path, b: Path) -> bool:
    one, two = load_file(a), load_file(b)
    return one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)


def test_a_run_learns_and_leaves_a_checkpoint_a_log_and_a_curve(drawings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(drawings, "--folder", folder, "--steps", 300, "--rate", 0.01, *SMALL, "--licence", "CC0")
    rows = list(csv.DictReader((folder / "log.csv").open()))
    assert [int(row["step"]) for row in rows] == [50, 100, 150, 200, 250, 300]
    assert float(rows[-1]["L_R"]) < float(rows[0]["L_R"]) - 0.3
    assert rows[-1]["valid_reconstruction_nats"]
    assert Image.open(folder / "curve.png").size[0] > 400
    checkpoint = load(folder / "run.safetensors")
    assert (checkpoint.name, checkpoint.licence) == ("run", "CC0")
    assert set(checkpoint.classes) == {"arc", "zigzag"}
    assert checkpoint.training["step"] == 300
    assert checkpoint.training["settings"]["peak_rate"] == 0.01
    assert checkpoint.scale_factor == pytest.approx(TrainingSet.load(drawings).scale_factor())


def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit(drawings: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    common = [*SIZES, "--schedule", "magenta", "--seed", "3"]
    run(drawings, "--folder", whole, "--steps", 23, *common)
    run(drawings, "--folder", parts, "--steps", 9, *common)
    run(drawings, "--folder", parts, "--resume", "--steps", 23)
    assert same_tensors(whole / "state.safetensors", parts / "state.safetensors")
    assert not same_tensors(whole / "state.safetensors", _other_seed(drawings, tmp_path, common))


def _other_seed(drawings: Path, tmp_path: Path, common: list[str]) -> Path:
    run(drawings, "--folder", tmp_path / "other", "--steps", 23, *common[:-1], "4")
    return tmp_path / "other" / "state.safetensors"


def test_an_interrupted_run_saves_says_how_to_go_on_and_exits_130(drawings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "plotsketch", "train", str(drawings), "--folder", str(folder),
               "--steps", "1000000", *SMALL]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("step 1/")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume" in errors and "Traceback" not in errors
    step = load(folder / "run.safetensors").training["step"]
    assert step >= 1
    run(drawings, "--folder", folder, "--resume", "--steps", step + 2)
    assert load(folder / "run.safetensors").training["step"] == step + 2


def test_fine_tuning_begins_from_the_parents_weights(drawings: Path, tmp_path: Path) -> None:
    run(drawings, "--folder", tmp_path / "parent", "--steps", 20, *SMALL)
    parent = tmp_path / "parent" / "parent.safetensors"
    run(drawings, "--folder", tmp_path / "child", "--init", parent, "--steps", 1, "--rate", "1e-6", "--batch", "8")
    first, second = load(parent), load(tmp_path / "child" / "child.safetensors")
    assert second.config == first.config and second.scale_factor == first.scale_factor
    assert second.training["parent"].startswith("parent ")
    for name, tensor in first.network.state_dict().items():
        assert np.allclose(tensor, second.network.state_dict()[name], atol=1e-3), name


@pytest.mark.parametrize("cell", ["layer_norm", "hyper"])
def test_the_other_cells_train(drawings: Path, tmp_path: Path, cell: str) -> None:
    run(drawings, "--folder", tmp_path / "run", "--steps", 60, "--rate", 0.01, "--decoder", cell, "--encoder",
        "layer_norm", *SMALL)  # fmt: skip
    rows = list(csv.DictReader((tmp_path / "run" / "log.csv").open()))
    assert float(rows[-1]["L_R"]) < float(rows[0]["L_R"])
    assert load(tmp_path / "run" / "run.safetensors").config.decoder_cell == cell


def test_a_decoder_only_model_trains_without_a_latent_space(drawings: Path, tmp_path: Path) -> None:
    run(drawings, "--folder", tmp_path / "run", "--steps", 5, "--decoder-only", "--decoder-size", 16, "--threads", 1)
    checkpoint = load(tmp_path / "run" / "run.safetensors")
    assert not checkpoint.config.conditional and not checkpoint.classes


def test_two_processes_of_torchrun_train_one_network(drawings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m",
               "plotsketch", "train", str(drawings), "--folder", str(folder), "--steps", "12", *SMALL]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert result.returncode == 0, result.stderr
    assert load(folder / "run.safetensors").training["processes"] == 2
    assert load(folder / "run.safetensors").training["step"] == 12


def test_bad_wishes_are_one_line_before_any_work(drawings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(drawings, "--folder", folder, "--steps", 1, *SMALL)
    other = make_set(tmp_path / "other.npz", drawings=40)
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "state.safetensors").write_bytes((folder / "state.safetensors").read_bytes()[:200])
    cases = {
        ("--folder", folder): "already holds a run",
        ("--folder", tmp_path / "none", "--resume"): "no run to resume",
        ("--folder", folder, "--resume", "--batch", 9): "--batch was fixed",
        ("--folder", tmp_path / "cut", "--resume"): "cut short",
        ("--folder", tmp_path / "x", "--init", "no-such-model"): "no-such-model",
        ("--folder", tmp_path / "x", "--device", "cuda"): "CUDA",
        ("--folder", tmp_path / "x", "--init", "m", "--decoder-size", 9): "leave out --decoder-size",
        ("--folder", tmp_path / "x", "--schedule", "magenta", "--warmup", 9): "leave out --warmup",
        ("--folder", tmp_path / "x", "--decoder-only", "--kl-floor", 0): "leave out --kl-floor",
    }
    for arguments, message in cases.items():
        result = CliRunner().invoke(cli, ["train", str(drawings), *map(str, arguments)])
        assert result.exit_code == 1 and message in result.output, (arguments, result.output)
        assert len(result.output.strip().splitlines()) == 1
    result = CliRunner().invoke(cli, ["train", str(other), "--folder", str(folder), "--resume"])
    assert result.exit_code == 1 and "not the training set" in result.output


def test_a_run_that_diverges_stops_with_one_line_and_keeps_its_last_save(drawings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = ["train", str(drawings), "--folder", str(folder), "--steps", "400", "--rate", "1e30", *SMALL]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 1 and "lower --rate" in result.output
    assert not (folder / "run.safetensors").exists()


def test_a_set_without_held_out_drawings_trains_without_validation_figures(tmp_path: Path) -> None:
    data = TrainingSet.load(make_set(tmp_path / "all.npz"))
    path = tmp_path / "train.npz"
    data.subset(data.select("train")).save(path)
    run(path, "--folder", tmp_path / "run", "--steps", 2, *SMALL)
    row = next(csv.DictReader((tmp_path / "run" / "log.csv").open()))
    assert row["L_R"] and not row["valid_reconstruction_nats"]
    data.subset(data.select("valid")).save(path)
    result = CliRunner().invoke(cli, ["train", str(path), "--folder", str(tmp_path / "x"), *SMALL])
    assert result.exit_code == 1 and "no drawings in its train split" in result.output
