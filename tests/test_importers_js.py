"""sketch-rnn-js models: the public ones draw what sketch-rnn-js draws; full ones are checked against plain numpy."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.model.checkpoint import load, save
from plotsketch.model.importers import import_model
from plotsketch.model.mixture import split

ENCODER, DECODER, LATENT = 3, 4, 2  # units; a file's sizes are read from its shapes
OUTPUTS = 3 + 6 * 20
Arrays = list[NDArray[np.int64]]


def shapes(mode: str) -> list[list[int]]:
    """Shapes in a file's order."""
    width = 5 if mode == "gen" else 5 + LATENT
    decoder = [[width, 4 * DECODER], [DECODER, 4 * DECODER], [4 * DECODER]]
    output = [[DECODER, OUTPUTS], [OUTPUTS]]
    if mode == "gen":
        return output + decoder
    side = [[5, 4 * ENCODER], [ENCODER, 4 * ENCODER], [4 * ENCODER]]
    latent = [[2 * ENCODER, LATENT], [LATENT]]
    return side + side + latent + latent + [[LATENT, 2 * DECODER], [2 * DECODER]] + output + decoder


def stored_numbers(mode: str, seed: int = 3) -> Arrays:
    random = np.random.default_rng(seed)
    return [random.integers(-4000, 4000, shape) for shape in shapes(mode)]


def text_of(mode: str | int, arrays: Arrays, plain: bool = False, **info: Any) -> str:
    """A model file."""
    told = {"name": "duck", "mode": mode, "version": 6, "max_seq_len": 60, "scale_factor": 80.0} | info
    blobs: list[Any] = [array.ravel().tolist() for array in arrays]
    if not plain:
        blobs = [base64.b64encode(np.array(blob, "<i2").tobytes()).decode() for blob in blobs]
    return json.dumps([told, [list(array.shape) for array in arrays], blobs])


def write(folder: Path, text: str, name: str = "duck.gen.json") -> Path:
    (folder / name).write_text(text)
    return folder / name


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-x))


def lstm(w: Arrays | list[NDArray[np.float64]], x: Any, c: Any, h: Any) -> tuple[Any, Any]:
    """One step as sketch-rnn-js does it."""
    i, g, f, o = np.split(np.concatenate([x, h]) @ np.vstack([w[0], w[1]]) + w[2], 4)
    c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(g)
    return c, sigmoid(o) * np.tanh(c)


def real_numbers(arrays: Arrays) -> list[NDArray[np.float64]]:
    return [array / 32767 * 10 for array in arrays]


@pytest.mark.parametrize("name", ["bird", "dog", "mosquito"])
@pytest.mark.parametrize("through_file", [False, True])
def test_public_models_give_the_mixtures_of_sketch_rnn_js(
    shared: Path, tmp_path: Path, name: str, through_file: bool
) -> None:
    folder = shared / "fixtures" / "sketch-rnn-js"
    expected = json.loads((folder / f"{name}.expected.json").read_text())
    model = import_model(folder / f"{name}.gen.json")
    if through_file:
        save(model, tmp_path / "m.safetensors", half=False)
        model = load(tmp_path / "m.safetensors")
    assert model.scale_factor == pytest.approx(expected["scale_factor"])
    assert (model.config.max_points, model.name) == (expected["max_seq_len"], name)
    rows = torch.tensor(expected["inputs_pixels"], dtype=torch.float32)
    rows[:, :2] /= model.scale_factor
    with torch.no_grad():
        mixture = split(model.network.decode(rows, [1] * len(rows), None), model.config.mixtures)
    found = {
        "pi": mixture.pi_logits.softmax(1), "mu1": mixture.mu_x, "mu2": mixture.mu_y,
        "sigma1": mixture.log_sigma_x.exp(), "sigma2": mixture.log_sigma_y.exp(), "corr": mixture.rho,
        "pen": mixture.pen_logits.softmax(1),
    }  # fmt: skip
    for column, title in enumerate(expected["pdf_names"]):
        wanted = np.array([point[column] for point in expected["pdf"]])
        np.testing.assert_allclose(found[title].numpy(), wanted, rtol=1e-4, atol=1e-4, err_msg=title)


@pytest.mark.parametrize("mode", ["vae", 0, 1])
def test_a_full_model_encodes_and_decodes_as_plain_numpy_does(tmp_path: Path, mode: str | int) -> None:
    arrays = stored_numbers("vae")
    model = import_model(write(tmp_path, text_of(mode, arrays)))
    w = real_numbers(arrays)
    rows = np.random.default_rng(1).normal(size=(6, 5))
    last = []
    for cell, reading in ((w[0:3], rows), (w[3:6], rows[::-1])):
        c = h = np.zeros(ENCODER)
        for x in reading:
            c, h = lstm(cell, x, c, h)
        last.append(h)
    joined = np.concatenate(last)
    z, presig = joined @ w[6] + w[7], joined @ w[8] + w[9]
    c, h = np.split(np.tanh(z @ w[10] + w[11]), 2)
    outputs = []
    for x in rows:
        c, h = lstm(w[14:17], np.concatenate([x, z]), c, h)
        outputs.append(h @ w[12] + w[13])
    packed, sizes = torch.tensor(rows, dtype=torch.float32), [1] * len(rows)
    with torch.no_grad():
        mu, found_presig = model.network.encode(packed, sizes)
        raw = model.network.decode(packed, sizes, mu)
    np.testing.assert_allclose(mu.numpy()[0], z, atol=1e-5)
    np.testing.assert_allclose(found_presig.numpy()[0], presig, atol=1e-5)
    np.testing.assert_allclose(raw.numpy(), np.array(outputs), atol=2e-5)


@pytest.mark.parametrize("mode", ["gen", "vae"])
def test_the_uncompressed_variant_is_the_same_model(tmp_path: Path, mode: str) -> None:
    arrays = stored_numbers(mode)
    small = import_model(write(tmp_path, text_of(mode, arrays)))
    full = import_model(write(tmp_path, text_of(mode, arrays, plain=True), "duck.full.json"))
    assert small.config == full.config
    theirs = full.network.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in small.network.state_dict().items())


def test_the_scale_factor_is_that_of_the_training_data(tmp_path: Path) -> None:
    path = write(tmp_path, text_of("gen", stored_numbers("gen")))
    assert import_model(path).scale_factor == 40.0
    assert import_model(path, pixel_factor=1.0).scale_factor == 80.0
    assert import_model(path, scale_factor=12.5).scale_factor == 12.5
    with pytest.raises(UserError, match="pixel factor"):
        import_model(path, pixel_factor=0)
    with pytest.raises(UserError, match="scale factor"):
        import_model(path, scale_factor=float("nan"))


def test_where_the_weights_come_from_is_kept(tmp_path: Path) -> None:
    told = {"version": 2, "r_loss": -0.5, "training_size": 40300, "kl_loss": 0}
    model = import_model(write(tmp_path, text_of("gen", stored_numbers("gen"), **told)), name="mine")
    assert model.name == "mine"
    assert model.training["drawings_of"] == ["duck"]
    assert model.training["r_loss"] == -0.5
    assert model.training["imported_from"] == "duck.gen.json"
    assert "none stated" in model.licence


def test_an_old_full_model_is_refused_since_it_would_draw_something_else(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="before version 6.*tanh"):
        import_model(write(tmp_path, text_of("vae", stored_numbers("vae"), version=5)))


def broken(**changes: Any) -> str:
    """A generator's file with parts replaced: ``shapes``, ``blobs`` or entries of the info."""
    info, sizes, blobs = json.loads(text_of("gen", stored_numbers("gen")))
    sizes = changes.pop("shapes", sizes)
    blobs = changes.pop("blobs", blobs)
    return json.dumps([info | changes, sizes, blobs])


GOOD_SHAPES = shapes("gen")


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "neither"),
        ("hello", "neither"),
        ("{}", "neither"),
        ("[1, 2", "broken or cut short"),
        ("[1, 2, 3]", "info, shapes"),
        ("[" * 100_000, "broken"),
        ("[" + "9" * 5000 + "]", "broken"),
        (broken(mode="other"), "mode is 'other'"),
        (broken(mode=[2]), "mode"),
        (broken(mode="vae"), "17"),
        (broken(max_seq_len=0), "max_seq_len"),
        (broken(max_seq_len="60"), "max_seq_len"),
        (broken(scale_factor=None), "scale factor"),
        (broken(scale_factor=float("inf")), "scale factor"),
        (broken(shapes=[[4, 123], [123], [5, 16], [4, 16]]), "info, shapes"),
        (broken(shapes=[[4, -123], *GOOD_SHAPES[1:]]), "shape"),
        (broken(shapes=[[4, True], *GOOD_SHAPES[1:]]), "shape"),
        (broken(shapes=[[], *GOOD_SHAPES[1:]]), "shape"),
        (broken(shapes=[[123, 4], *GOOD_SHAPES[1:]]), "output layer"),
        (broken(shapes=[[4, 124], *GOOD_SHAPES[1:]]), "numbers"),
        (broken(shapes=[*GOOD_SHAPES[:2], [5 * 16], *GOOD_SHAPES[3:]]), "decoder.weight_x"),
        (broken(blobs=["?"] * 5), "cannot be read"),
        (broken(blobs=["AAA="] * 5), "numbers"),
        (broken(blobs=["AAAA"] * 5), "cannot be read"),
        (broken(blobs=[None] * 5), "neither base64"),
        (broken(blobs=[[0.5]] * 5), "whole numbers"),
        (broken(blobs=[[40000]] * 5), "16 bits"),
    ],
)
def test_files_that_do_not_hold_are_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        import_model(write(tmp_path, text))
    assert "duck.gen.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_model_file_at_all(tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(b"PK\x03\x04rest")
    (tmp_path / "binary.json").write_bytes(bytes(range(256)))
    for path, said in (
        (tmp_path / "absent.json", "cannot read"),
        (tmp_path / "model.zip", "unpack"),
        (tmp_path / "binary.json", "neither"),
    ):
        with pytest.raises(UserError, match=said):
            import_model(path)


@given(
    mode=st.sampled_from(["gen", "vae"]),
    plain=st.booleans(),
    places=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=4),
    cut=st.none() | st.integers(0, 1 << 20),
)
def test_damaged_files_load_or_fail_with_one_line(
    tmp_path_factory: pytest.TempPathFactory, mode: str, plain: bool, places: list[tuple[int, int]], cut: int | None
) -> None:
    data = bytearray(text_of(mode, stored_numbers(mode), plain).encode())
    for place, byte in places:
        data[(place if byte % 2 else place % 300) % len(data)] = byte
    path = tmp_path_factory.mktemp("damaged") / "m.json"
    path.write_bytes(data if cut is None else data[: cut % len(data)])
    try:
        model = import_model(path)
    except UserError as error:
        assert "\n" not in str(error)
    else:
        assert all(torch.isfinite(tensor).all() for tensor in model.network.state_dict().values())
