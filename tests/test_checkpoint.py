"""Checkpoints: what is saved comes back, and nothing else is ever loaded."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as format_tensors

from plotsketch.errors import UserError
from plotsketch.model.checkpoint import Checkpoint, ClassLatent, load, read_header, save, to_bytes
from plotsketch.model.config import ModelConfig
from plotsketch.model.header import FORMAT
from plotsketch.model.network import SketchRNN

SIZES: dict[str, Any] = {
    "encoder_size": 4, "decoder_size": 6, "latent_size": 3, "mixtures": 2, "hyper_size": 5, "hyper_embedding": 2,
    "max_points": 40,
}  # fmt: skip


def make(**config: Any) -> Checkpoint:
    """A small network with random weights, two classes and a landmark."""
    torch.manual_seed(5)
    network = SketchRNN(ModelConfig(**(SIZES | config)))
    if not network.config.conditional:
        return Checkpoint(network, 30.5, "alone")
    latents = np.arange(15, dtype=np.float32).reshape(5, 3) / 8
    axes = np.arange(12, dtype=np.float32).reshape(2, 2, 3) / 4 - 1
    return Checkpoint(
        network,
        scale_factor=42.25,
        name="tiny",
        classes={"cat": ClassLatent(latents[0], latents[1], axes[0]), "größe": ClassLatent(*latents[2:4], axes[1])},
        landmarks={"cat-head": latents[4]},
        training={"hours": 1.5, "data": ["quickdraw"]},
        evaluation={"cat": {"reconstruction": -1.25}},
        licence="CC BY 4.0",
        description="Two classes",
    )


def rewritten(path: Path, tensors: dict[str, torch.Tensor] | None = None, **changes: Any) -> Path:
    """The checkpoint file at ``path`` with some tensors (None: removed) or header fields replaced."""
    about = read_header(path) | changes
    held = parse_tensors(path.read_bytes()) | (tensors or {})
    kept = {name: tensor for name, tensor in held.items() if tensor is not None}
    path.write_bytes(format_tensors(kept, {"plotsketch": json.dumps(about)}))
    return path


def with_header(path: Path, header: bytes, body: bytes = b"") -> Path:
    path.write_bytes(struct.pack("<Q", len(header)) + header + body)
    return path


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save(make(), tmp_path / "tiny.safetensors")
    return tmp_path / "tiny.safetensors"


@pytest.mark.parametrize("cells", [("lstm", "lstm"), ("layer_norm", "layer_norm"), ("lstm", "hyper")])
def test_full_precision_gives_back_every_number(tmp_path: Path, cells: tuple[str, str]) -> None:
    model = make(encoder_cell=cells[0], decoder_cell=cells[1])
    save(model, tmp_path / "m.safetensors", half=False)
    back = load(tmp_path / "m.safetensors")
    assert back.config == model.config
    weights = model.network.state_dict()
    assert back.network.state_dict().keys() == weights.keys()
    for name, tensor in back.network.state_dict().items():
        assert torch.equal(tensor, weights[name]), name
    rows = torch.randn(4, 5)
    z = torch.randn(2, 3)
    assert torch.equal(back.network.decode(rows, [2, 2], z), model.network.decode(rows, [2, 2], z))


def test_half_precision_gives_back_what_float16_holds(saved: Path) -> None:
    model, back = make(), load(saved)
    for name, tensor in model.network.state_dict().items():
        assert torch.equal(back.network.state_dict()[name], tensor.half().float())
    assert all(parameter.dtype == torch.float32 for parameter in back.network.parameters())
    assert not back.network.training


def test_everything_said_about_the_model_comes_back(saved: Path) -> None:
    model, back = make(), load(saved)
    for name in ("scale_factor", "name", "training", "evaluation", "licence", "description"):
        assert getattr(back, name) == getattr(model, name)
    assert list(back.classes) == ["cat", "größe"]
    for name, latent in model.classes.items():
        np.testing.assert_array_equal(back.classes[name].mean, latent.mean)
        np.testing.assert_array_equal(back.classes[name].spread, latent.spread)
        np.testing.assert_array_equal(back.classes[name].axes, latent.axes)
    np.testing.assert_array_equal(back.landmarks["cat-head"], model.landmarks["cat-head"])


def test_the_same_checkpoint_is_the_same_bytes_and_digest(tmp_path: Path) -> None:
    first, second = (save(make(), tmp_path / name) for name in ("a.safetensors", "b.safetensors"))
    assert first == second == load(tmp_path / "b.safetensors").digest
    assert len(first) == 12
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert save(make(), tmp_path / "a.safetensors", half=False) != first


def test_half_precision_is_half_the_size() -> None:
    model = make(decoder_size=64)
    assert len(to_bytes(model)) < 0.6 * len(to_bytes(model, half=False))


def test_the_header_is_read_without_weights(saved: Path) -> None:
    about = read_header(saved)
    assert about["classes"] == ["cat", "größe"]
    assert ModelConfig.from_dict(about["config"]) == make().config
    assert about["format"] == FORMAT


def test_loading_draws_no_random_weights(saved: Path) -> None:
    before = torch.get_rng_state()
    load(saved)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_decoder_alone_says_what_it_cannot_do(tmp_path: Path) -> None:
    save(make(conditional=False), tmp_path / "alone.safetensors")
    back = load(tmp_path / "alone.safetensors")
    assert back.network.encoder is None
    with pytest.raises(UserError, match="'alone' is a decoder alone.*cannot interpolate"):
        back.require_latent_space("interpolate")
    make().require_latent_space("interpolate")


def test_a_loaded_network_can_be_trained_on(saved: Path) -> None:
    network = load(saved).network
    network.decode(torch.randn(2, 5), [1, 1], torch.randn(1, 3)).sum().backward()
    assert network.decoder.weight_x.grad is not None


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e6])
def test_weights_that_cannot_be_stored_are_not(saved: Path, bad: float) -> None:
    before = saved.read_bytes()
    model = make()
    with torch.no_grad():
        model.network.head.bias[1] = bad
    with pytest.raises(UserError, match="'network.head.bias' is not finite"):
        save(model, saved)
    assert saved.read_bytes() == before


def test_a_large_weight_fits_full_precision(saved: Path) -> None:
    model = make()
    with torch.no_grad():
        model.network.head.bias[1] = 1e6
    save(model, saved, half=False)
    assert load(saved).network.head.bias[1] == 1e6


@pytest.mark.parametrize("field, value", [("evaluation", {"cat": float("nan")}), ("training", {"at": object()})])
def test_a_header_that_is_not_json_is_refused(saved: Path, field: str, value: Any) -> None:
    model = make()
    setattr(model, field, value)
    with pytest.raises(UserError, match="cannot be saved"):
        save(model, saved)


def test_a_full_disk_leaves_the_old_file(saved: Path) -> None:
    resource = pytest.importorskip("resource")
    before = saved.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # writing fails half way, as on a full disk
    try:
        with pytest.raises(UserError, match=r"tiny\.safetensors"):
            save(make(decoder_size=64), saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_a_file_cut_short_is_refused_wherever_the_cut_is(saved: Path, tmp_path: Path) -> None:
    data = saved.read_bytes()
    cut = tmp_path / "cut.safetensors"
    for length in [*range(0, 40), len(data) // 2, len(data) - 1]:
        cut.write_bytes(data[:length])
        with pytest.raises(UserError, match=r"cut\.safetensors"):
            load(cut)
    cut.write_bytes(data + b"\0")
    with pytest.raises(UserError, match="should have"):
        load(cut)


def test_a_header_of_any_length_is_read(tmp_path: Path) -> None:
    """Its length stands in the first bytes of the file, which were once taken for a pickle's where they begin so."""
    firsts = set()
    for letters in range(0, 256, 8):
        path = tmp_path / "any.safetensors"
        save(replace(make(), description="x" * letters), path)
        firsts.add(path.read_bytes()[0])
        assert load(path).description == "x" * letters
    assert firsts == set(range(0, 256, 8))


def test_a_newer_format_asks_for_an_update(saved: Path) -> None:
    with pytest.raises(UserError, match=f"format {FORMAT + 1}, from a newer plotsketch.*update"):
        load(rewritten(saved, format=FORMAT + 1))


def test_a_file_from_before_classes_had_axes_is_read(saved: Path) -> None:
    read = load(rewritten(saved, {"class_axes": None}, format=1))
    assert not len(read.classes["cat"].axes)
    np.testing.assert_array_equal(read.classes["cat"].away(np.ones(3)), read.classes["cat"].spread)


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"format": "1"}, "format number"),
        ({"format": True}, "format number"),
        ({"config": {"cells": 3}}, "unknown keys cells"),
        ({"config": {"decoder_cell": "gru"}}, "gru"),
        ({"config": {"conditional": 1}}, "conditional"),
        ({"config": {"decoder_size": 1 << 40}}, "decoder_size"),
        ({"config": {"decoder_size": 7}}, "shape"),
        ({"config": SIZES | {"encoder_cell": "hyper"}}, "missing"),
        ({"scale_factor": 0}, "scale factor"),
        ({"scale_factor": "40"}, "scale_factor"),
        ({"classes": ["cat"]}, "class_means"),
        ({"classes": ["cat", "cat"]}, "each once"),
        ({"classes": [1, 2]}, "names"),
        ({"landmarks": []}, "landmarks"),
        ({"training": None}, "training"),
        ({"licence": 4}, "licence"),
    ],
)
def test_a_header_that_does_not_hold_is_refused(saved: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        load(rewritten(saved, **changes))
    assert "tiny.safetensors" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "tensors, said",
    [
        ({"network.head.bias": torch.zeros(16)}, "should have"),
        ({"network.head.bias": torch.full((15,), float("nan"))}, "not finite"),
        ({"network.head.bias": torch.zeros(15, dtype=torch.int32)}, "int32"),
        ({"network.head.bias": None}, "missing"),
        ({"network.extra": torch.zeros(1)}, "no weights 'extra'"),
        ({"extra": torch.zeros(1)}, "unknown tensor"),
        ({"landmarks": torch.zeros(1, 4)}, "landmarks"),
        ({"landmarks": None}, "landmarks"),
        ({"class_spreads": -torch.ones(2, 3)}, "negative"),
        ({"class_means": torch.full((2, 3), float("inf"))}, "not finite"),
        ({"class_axes": torch.zeros(2, 2, 4)}, "class_axes"),
        ({"class_axes": torch.zeros(2, 3)}, "class_axes"),
        ({"class_axes": torch.zeros(3, 2, 3)}, "class_axes"),
    ],
)
def test_tensors_that_do_not_hold_are_refused(saved: Path, tensors: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        load(rewritten(saved, tensors))


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"__metadata__": {}}',
        b'{"__metadata__": {"plotsketch": "[1]"}}',
        b'{"__metadata__": {"plotsketch": "{\\"format\\": NaN}"}}',
        b'{"__metadata__": {"format": "pt"}}',
        b'{"__metadata__": {"plotsketch": 1}}',
    ],
)
def test_foreign_safetensors_are_refused(tmp_path: Path, header: bytes) -> None:
    with pytest.raises(UserError, match="not a plotsketch checkpoint"):
        load(with_header(tmp_path / "foreign.safetensors", header))


def test_foreign_files_and_folders_are_refused(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(2)}, tmp_path / "pickle.safetensors")
    (tmp_path / "model.json").write_text('[{"name": "dog"}, [], []]')
    for path, said in (
        (tmp_path / "pickle.safetensors", "not a plotsketch checkpoint"),
        (tmp_path / "model.json", "models import"),
        (tmp_path / "absent.safetensors", "cannot read"),
        (tmp_path, "folder"),
    ):
        with pytest.raises(UserError, match=said):
            load(path)


@given(place=st.integers(0, 1 << 20), byte=st.integers(0, 255), cut=st.integers(0, 1 << 20))
def test_damaged_files_load_whole_or_fail_with_one_line(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int, cut: int
) -> None:
    data = bytearray(to_bytes(make()))
    if place % 2:  # a changed byte in the header, where most can go wrong
        place = place % struct.unpack("<Q", data[:8])[0] + 8
    data[place % len(data)] = byte
    path = tmp_path_factory.mktemp("damaged") / "m.safetensors"
    path.write_bytes(data if cut % 3 else data[: cut % len(data)])
    try:
        digest = load(path).digest
    except UserError as error:
        assert "\n" not in str(error)
    else:
        assert len(digest) == 12
