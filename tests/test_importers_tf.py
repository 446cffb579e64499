"""Magenta's TensorFlow checkpoints: the fixture that TensorFlow wrote, and bundles written here byte by byte."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
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
from plotsketch.model.config import ModelConfig
from plotsketch.model.importers import import_model
from plotsketch.model.importers.crc32c import crc32c
from plotsketch.model.importers.magenta import tensor_name
from plotsketch.model.importers.tensor_bundle import Bundle
from plotsketch.model.mixture import split
from plotsketch.model.network import SketchRNN

Arrays = Mapping[str, NDArray[Any]]
NAMES = {"float32": 1, "int32": 3, "int64": 9}


def shifted_out(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


SHIFTED = [shifted_out(byte) for byte in range(256)]


def crc_byte_by_byte(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ SHIFTED[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> bytes:
    crc = crc_byte_by_byte(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    """A LevelDB block with shared prefixes, its compression byte and checksum."""
    body, last = b"", b""
    for key, value in entries:
        shared = 0
        while shared < min(len(last), len(key)) and last[shared] == key[shared]:
            shared += 1
        body += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    body += struct.pack("<II", 0, 1)
    return body + b"\0" + masked(body + b"\0")


def write_bundle(prefix: Path, arrays: Arrays, blocks: int = 2, compression: int = 0) -> Path:
    """A V2 checkpoint as TensorFlow lays it out: one data file, the index in a few blocks."""
    data, entries = b"", [(b"", b"\x08\x01")]
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        content = array.tobytes()
        shape = b"".join(b"\x12" + varint(len(dim)) + dim for dim in (b"\x08" + varint(n) for n in array.shape))
        entry = b"\x08" + varint(NAMES[array.dtype.name]) + b"\x12" + varint(len(shape)) + shape
        entry += b"\x20" + varint(len(data)) + b"\x28" + varint(len(content)) + b"\x35" + masked(content)
        entries.append((name.encode(), entry))
        data += content
    prefix.parent.mkdir(parents=True, exist_ok=True)
    prefix.with_name(prefix.name + ".data-00000-of-00001").write_bytes(data)
    out, index = b"", []
    size = -(-len(entries) // blocks)
    for start in range(0, len(entries), size):
        part = block(entries[start : start + size])
        index.append((entries[min(start + size, len(entries)) - 1][0], varint(len(out)) + varint(len(part) - 5)))
        out += part
    meta, table = block([]), block(index)
    if compression:
        table = table[:-5] + bytes([compression]) + table[-4:]
    footer = varint(len(out)) + varint(len(meta) - 5) + varint(len(out) + len(meta)) + varint(len(table) - 5)
    out += meta + table + footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    path = prefix.with_name(prefix.name + ".index")
    path.write_bytes(out)
    return path


def small_config(encoder: str = "lstm", decoder: str = "lstm", conditional: bool = True) -> ModelConfig:
    sizes = {"encoder_size": 3, "decoder_size": 4, "latent_size": 2, "mixtures": 2} if conditional else {
        "decoder_size": 4, "mixtures": 2}  # fmt: skip
    hyper = {"hyper_size": 5, "hyper_embedding": 3} if "hyper" in (encoder, decoder) else {}
    cells = {"encoder_cell": encoder, "decoder_cell": decoder} if conditional else {"decoder_cell": decoder}
    return ModelConfig(conditional=conditional, **sizes, **hyper, **cells)  # type: ignore[arg-type]


def random_arrays(config: ModelConfig) -> dict[str, NDArray[Any]]:
    torch.manual_seed(2)
    weights = SketchRNN(config).state_dict()
    arrays = {tensor_name(name, config): torch.randn_like(tensor).numpy() for name, tensor in weights.items()}
    return arrays | {"vector_rnn/global_step": np.array(7, np.int32), "vector_rnn/Variable": np.array(0.5, np.float32)}


def settings_of(config: ModelConfig, **changes: Any) -> str:
    values = {
        "max_seq_len": 77, "enc_model": config.encoder_cell, "enc_rnn_size": config.encoder_size,
        "dec_model": config.decoder_cell, "dec_rnn_size": config.decoder_size, "z_size": config.latent_size,
        "num_mixture": config.mixtures, "conditional": int(config.conditional), "is_training": 1,
        "data_set": ["sheep.npz"], "kl_weight": 0.5,
    }  # fmt: skip
    return json.dumps(values | changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small checkpoint of an LSTM model."""
    config = small_config()
    write_bundle(tmp_path / "vector-10", random_arrays(config))
    (tmp_path / "model_config.json").write_text(settings_of(config))
    return tmp_path


def test_a_checkpoint_that_tensorflow_wrote(shared: Path, tmp_path: Path) -> None:
    folder = shared / "fixtures" / "magenta" / "tf-checkpoint"
    model = import_model(folder, scale_factor=1.6843144)
    settings = json.loads((folder / "model_config.json").read_text())
    assert model.config == ModelConfig(
        encoder_size=settings["enc_rnn_size"], decoder_size=settings["dec_rnn_size"], latent_size=settings["z_size"],
        mixtures=settings["num_mixture"], max_points=settings["max_seq_len"],
    )  # fmt: skip
    assert (model.name, model.scale_factor) == ("aaron_sheep", 1.6843144)
    assert model.training["settings"]["conditional"] is True
    bundle = Bundle(folder / "vector-500")
    for name, tensor in model.network.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), bundle.read(tensor_name(name, model.config)))
    save(model, tmp_path / "m.safetensors", half=False)
    assert load(tmp_path / "m.safetensors").config == model.config


@pytest.mark.parametrize("cell", ["lstm", "layer_norm", "hyper"])
def test_each_cell_imported_computes_what_magenta_computed(shared: Path, tmp_path: Path, cell: str) -> None:
    with np.load(shared / "fixtures" / "magenta" / f"{cell}.npz") as archive:
        golden = {name: archive[name] for name in archive.files}
    weights = {name.removeprefix("weights/"): array for name, array in golden.items() if name.startswith("weights/")}
    write_bundle(tmp_path / "vector", weights)
    model = import_model(tmp_path / "vector", scale_factor=float(golden["scale_factor"]))
    z = torch.from_numpy(golden["mean"])
    rows = torch.from_numpy(golden["strokes5"][:, :-1])
    with torch.no_grad():
        state = model.network.initial_state(z, len(z))
        raw = model.network.decode(rows.transpose(0, 1).reshape(-1, 5), [len(z)] * rows.shape[1], z)
        mixture = split(raw.unflatten(0, (rows.shape[1], -1)).transpose(0, 1).flatten(0, 1), model.config.mixtures)
    np.testing.assert_allclose(state, golden["initial_state"], atol=1e-5)
    found = {"pi": mixture.pi_logits.softmax(1), "mu1": mixture.mu_x, "sigma2": mixture.log_sigma_y.exp(),
             "corr": mixture.rho, "pen_logits": mixture.pen_logits}  # fmt: skip
    for name, values in found.items():
        np.testing.assert_allclose(values.numpy(), golden[name], rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(
    "config",
    [
        small_config(),
        small_config("layer_norm", "layer_norm"),
        small_config("layer_norm", "hyper"),
        small_config("hyper", "lstm"),
        small_config("hyper", "hyper"),
        small_config(decoder="lstm", conditional=False),
        small_config(decoder="hyper", conditional=False),
    ],
)
def test_sizes_and_cells_are_read_from_the_weights(tmp_path: Path, config: ModelConfig) -> None:
    arrays = random_arrays(config)
    write_bundle(tmp_path / "vector", arrays)
    model = import_model(tmp_path / "vector.index", scale_factor=2.0)
    assert model.config == config
    for name, tensor in model.network.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), arrays[tensor_name(name, config)])


def test_the_names_are_magentas() -> None:
    config = ModelConfig(encoder_cell="layer_norm", decoder_cell="hyper")
    names = {
        "encoder.backwards.ln_all.beta": "vector_rnn/ENC_RNN/bw/LayerNormLSTMCell/ln_all/ln_beta",
        "encoder.mu.weight": "vector_rnn/ENC_RNN_mu/super_linear_w",
        "encoder.presig.bias": "vector_rnn/ENC_RNN_sigma/super_linear_b",
        "initial.bias": "vector_rnn/linear/super_linear_b",
        "head.weight": "vector_rnn/RNN/output_w",
        "decoder.bias": "vector_rnn/RNN/HyperLSTMCell/bias",
        "decoder.hyper_cell.weight_x": "vector_rnn/RNN/HyperLSTMCell/LayerNormLSTMCell/W_xh",
        "decoder.hyper_ih.beta.weight": "vector_rnn/RNN/HyperLSTMCell/hyper_ih/beta/super_linear_w",
        "decoder.hyper_ox.zw.bias": "vector_rnn/RNN/HyperLSTMCell/hyper_ox/zw/super_linear_b",
        "decoder.ln_c.gamma": "vector_rnn/RNN/HyperLSTMCell/ln_c/ln_gamma",
    }
    assert {name: tensor_name(name, config) for name in names} == names


@pytest.mark.parametrize("named", ["", "vector-10", "vector-10.index", "vector-10.data-00000-of-00001", "checkpoint"])
def test_any_of_its_files_or_its_folder_names_a_checkpoint(folder: Path, named: str) -> None:
    (folder / "checkpoint").write_text('model_checkpoint_path: "/elsewhere/vector-10"\n')
    assert import_model(folder / named, scale_factor=3.0).training["imported_from"] == "vector-10"


def test_the_latest_of_several_is_taken(folder: Path) -> None:
    for name in ("vector-9", "vector-100"):
        write_bundle(folder / name, random_arrays(small_config()))
    assert import_model(folder, scale_factor=3.0).training["imported_from"] == "vector-100"
    (folder / "checkpoint").write_text('model_checkpoint_path: "vector-9"\nall_model_checkpoint_paths: "vector-9"\n')
    assert import_model(folder, scale_factor=3.0).training["imported_from"] == "vector-9"


def test_settings_are_kept_with_their_booleans(folder: Path) -> None:
    model = import_model(folder, scale_factor=3.0)
    assert model.config.max_points == 77
    assert model.training["settings"]["is_training"] is True
    assert model.training["settings"]["kl_weight"] == 0.5
    assert model.training["drawings_of"] == ["sheep"]


@pytest.mark.parametrize("text", [None, '["max_seq_len", "dec_model"]'])
def test_settings_may_be_absent_or_a_list_of_names(folder: Path, text: str | None) -> None:
    path = folder / "model_config.json"
    path.unlink() if text is None else path.write_text(text)
    model = import_model(folder, scale_factor=3.0)
    assert model.config == small_config()
    assert model.name == folder.name


@pytest.mark.parametrize("changes", [{"dec_rnn_size": 512}, {"dec_model": "hyper"}, {"conditional": 0}])
def test_settings_of_another_model_are_refused(folder: Path, changes: dict[str, Any]) -> None:
    (folder / "model_config.json").write_text(settings_of(small_config(), **changes))
    with pytest.raises(UserError, match=f"{next(iter(changes))} = .*another model"):
        import_model(folder, scale_factor=3.0)


def test_the_scale_factor_must_be_given(folder: Path) -> None:
    with pytest.raises(UserError, match="--scale-factor"):
        import_model(folder)
    with pytest.raises(UserError, match="no pixel factor"):
        import_model(folder, scale_factor=3.0, pixel_factor=2.0)


def without(name: str) -> dict[str, NDArray[Any]]:
    return {key: array for key, array in random_arrays(small_config()).items() if key != f"vector_rnn/{name}"}


@pytest.mark.parametrize(
    "arrays, said",
    [
        (without("RNN/LSTMCell/W_hh"), "not a sketch-rnn model"),
        (without("RNN/output_b"), "RNN/output_b"),
        (without("ENC_RNN/fw/LSTMCell/W_hh"), "not a sketch-rnn model"),
        (random_arrays(small_config()) | {"vector_rnn/RNN/output_w": np.zeros((4, 16), np.float32)}, "head.weight"),
        (random_arrays(small_config()) | {"vector_rnn/RNN/output_w": np.zeros((4, 4), np.float32)}, "mixtures"),
        (random_arrays(small_config()) | {"vector_rnn/RNN/output_w": np.zeros(60, np.float32)}, "misshapen"),
        (random_arrays(small_config()) | {"vector_rnn/RNN/output_b": np.full(15, np.nan, np.float32)}, "not finite"),
        ({"dense/kernel": np.zeros((2, 2), np.float32)}, "not a sketch-rnn model"),
    ],
)
def test_a_bundle_of_something_else_is_refused(tmp_path: Path, arrays: Arrays, said: str) -> None:
    write_bundle(tmp_path / "vector", arrays)
    with pytest.raises(UserError, match=said):
        import_model(tmp_path / "vector", scale_factor=3.0)


def test_damage_is_noticed_by_checksums(folder: Path) -> None:
    index, data = folder / "vector-10.index", folder / "vector-10.data-00000-of-00001"
    for path, place in ((index, 40), (index, 200), (data, 0), (data, 700)):
        before = path.read_bytes()
        path.write_bytes(before[:place] + bytes([before[place] ^ 4]) + before[place + 1 :])
        with pytest.raises(UserError, match="checksum is wrong"):
            import_model(folder, scale_factor=3.0)
        path.write_bytes(before)


def test_files_that_are_missing_short_or_foreign(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    index, data = folder / "vector-10.index", folder / "vector-10.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(UserError, match="cut short"):
        import_model(folder, scale_factor=3.0)
    data.unlink()
    with pytest.raises(UserError, match=r"cannot read .*data-00000-of-00001"):
        import_model(folder, scale_factor=3.0)
    index.write_bytes(b"x" * 100)
    with pytest.raises(UserError, match="LevelDB"):
        import_model(folder, scale_factor=3.0)
    with pytest.raises(UserError, match=r"cannot read .*absent\.index"):
        import_model(folder / "absent.index", scale_factor=3.0)
    write_bundle(folder / "vector-10", random_arrays(small_config()), compression=1)
    with pytest.raises(UserError, match="compressed"):
        import_model(folder, scale_factor=3.0)
    with pytest.raises(UserError, match="no TensorFlow checkpoint"):
        import_model(tmp_path_factory.mktemp("empty"), scale_factor=3.0)


def test_unreadable_settings_are_named(folder: Path) -> None:
    (folder / "model_config.json").write_text("{")
    with pytest.raises(UserError, match="model_config.json cannot be read"):
        import_model(folder, scale_factor=3.0)


def test_crc32c_has_the_values_of_rfc_3720() -> None:
    assert crc32c(b"") == 0
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E


@given(st.binary(max_size=300))
def test_crc32c_equals_the_plain_loop(data: bytes) -> None:
    assert crc32c(data) == crc_byte_by_byte(data)


@given(
    places=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=3),
    cut=st.none() | st.integers(0, 1 << 16),
    mend=st.booleans(),
)
def test_damaged_indexes_load_or_fail_with_one_line(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[int, int]], cut: int | None, mend: bool
) -> None:
    """Half of the damaged files get right checksums again, so that what is behind them is tried too."""
    folder = tmp_path_factory.mktemp("damaged")
    path = write_bundle(folder / "vector", random_arrays(small_config()), blocks=1)
    data = bytearray(path.read_bytes())
    for place, byte in places:
        data[place % len(data)] = byte
    if mend:
        first = data.index(struct.pack("<II", 0, 1)) + 8  # the end of the first block
        data[first + 1 : first + 5] = masked(bytes(data[: first + 1]))
    path.write_bytes(data if cut is None else data[: cut % len(data)])
    try:
        model = import_model(path, scale_factor=3.0)
    except UserError as error:
        assert "\n" not in str(error)
    else:
        assert all(torch.isfinite(tensor).all() for tensor in model.network.state_dict().values())
