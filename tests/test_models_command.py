"""`plotsketch models`: the table, the facts and the import, as a user types them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import Result

from plotsketch.errors import UserError
from plotsketch.model import catalogue
from plotsketch.model.checkpoint import Checkpoint, ClassLatent, load, save
from plotsketch.model.config import ModelConfig
from plotsketch.model.network import SketchRNN

Command = Callable[..., Result]


def make(name: str = "tiny") -> Checkpoint:
    torch.manual_seed(1)
    network = SketchRNN(ModelConfig(encoder_size=4, decoder_size=6, latent_size=3, mixtures=2, max_points=40))
    latent = np.ones(3, np.float32)
    return Checkpoint(
        network,
        scale_factor=42.25,
        name=name,
        classes={"cat": ClassLatent(latent, latent), "pig": ClassLatent(latent, latent)},
        landmarks={"cat-head": latent},
        training={"hours": 1.5, "data": {"name": "quickdraw", "drawings": 6000}},
        evaluation={"cat": {"reconstruction": -1.25, "kl": 26.0}},
        licence="CC BY 4.0",
        description="Cats and pigs",
    )


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped checkpoints with one model in it, in place of the package's own."""
    folder = tmp_path / "shipped"
    save(make("catpig"), folder / "catpig.safetensors")
    monkeypatch.setattr(catalogue, "package_data", lambda name: folder)
    return folder


@pytest.fixture
def generator(tmp_path: Path) -> Path:
    """A sketch-rnn-js model without a latent space."""
    shapes = [[4, 123], [123], [5, 16], [4, 16], [16]]
    blobs = [base64.b64encode(np.ones(np.prod(shape), "<i2").tobytes()).decode() for shape in shapes]
    info = {"name": "dog", "mode": 2, "version": 6, "max_seq_len": 60, "scale_factor": 80.0}
    path = tmp_path / "dog.gen.json"
    path.write_text(json.dumps([info, shapes, blobs]))
    return path


def own(name: str) -> Path:
    path = catalogue.user_folder() / f"{name}.safetensors"
    save(make(name), path)
    return path


def as_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def test_the_list_has_what_is_shipped_and_what_is_the_users(plotsketch: Command) -> None:
    path = own("mine")
    lines = plotsketch("models", "list").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["NAME", "FROM"], ["catpig", "shipped"], ["mine", "yours"]]
    rows = as_json(plotsketch("models", "list", "--json"))["models"]
    assert [(row["name"], row["shipped"], row["classes"]) for row in rows] == [("catpig", True, 2), ("mine", False, 2)]
    assert rows[1]["path"] == str(path)
    assert rows[1]["digest"] == load(path).digest


def test_a_damaged_model_does_not_hide_the_others(plotsketch: Command) -> None:
    own("mine").write_bytes(b"nothing")
    result = plotsketch("models", "list")
    assert result.exit_code == 0
    assert "catpig" in result.stdout
    assert "not a plotsketch checkpoint" in result.stdout


def test_an_empty_list_says_where_models_go(plotsketch: Command, shipped: Path) -> None:
    (shipped / "catpig.safetensors").unlink()
    result = plotsketch("models", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert str(catalogue.user_folder()) in result.stderr


def test_info_says_what_a_model_is(plotsketch: Command, shipped: Path) -> None:
    model = load(shipped / "catpig.safetensors")
    text = plotsketch("models", "info", "catpig").stdout
    parameters = sum(parameter.numel() for parameter in model.network.parameters())
    for said in (model.digest, "CC BY 4.0", "Cats and pigs", f"{parameters:,}", "cat, pig", "cat-head", "42.25",
                 "3 dimensions", "LSTM 6", "hours", "quickdraw", "reconstruction  -1.25"):  # fmt: skip
        assert said in text
    facts = as_json(plotsketch("models", "info", shipped / "catpig.safetensors", "--json"))
    assert facts["digest"] == model.digest
    assert facts["parameters"] == parameters
    assert facts["evaluation"] == model.evaluation
    assert facts["config"] == model.config.to_dict()
    assert (facts["classes"], facts["landmarks"]) == (["cat", "pig"], ["cat-head"])


def test_info_cuts_long_tables_short(plotsketch: Command, shipped: Path) -> None:
    model = make()
    model.evaluation = {f"class {number}": 1.0 for number in range(345)}
    save(model, shipped / "catpig.safetensors")
    text = plotsketch("models", "info", "catpig").stdout
    assert "and 333 more" in text
    assert len(text.splitlines()) < 60


@pytest.mark.parametrize(
    "asked, said",
    [("catpog", "did you mean catpig?"), ("zzzz", "there are catpig"), ("./no.safetensors", "no checkpoint file")],
)
def test_unknown_models_are_named_with_those_that_are_near(plotsketch: Command, asked: str, said: str) -> None:
    result = plotsketch("models", "info", asked)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_users_model_goes_before_a_shipped_one_of_the_same_name() -> None:
    assert catalogue.find("catpig").parent.name == "shipped"
    path = own("catpig")
    assert catalogue.find("catpig") == path


def test_an_imported_model_is_found_by_its_name(plotsketch: Command, generator: Path) -> None:
    result = plotsketch("models", "import", generator)
    assert result.exit_code == 0, result.stderr
    path = catalogue.find("dog")
    assert result.stdout == f"{path}\n"
    assert "no latent space" in result.stderr
    facts = as_json(plotsketch("models", "info", "dog", "--json"))
    assert (facts["latent_size"], facts["scale_factor"]) == (None, 40.0)
    assert "cannot encode, interpolate" in plotsketch("models", "info", "dog").stdout


def test_import_writes_where_it_is_told(plotsketch: Command, generator: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "hound.safetensors"
    result = as_json(
        plotsketch("models", "import", generator, "-o", target, "--name", "hound", "--pixel-factor", 1, "--json")
    )
    model = load(target)
    assert result == {"path": str(target), "name": "hound", "digest": model.digest, "latent_size": None}
    assert model.scale_factor == 80.0
    assert catalogue.list_all()[-1].name == "catpig"


def test_import_replaces_a_model_only_when_told_to(plotsketch: Command, generator: Path) -> None:
    path = own("dog")
    before = path.read_bytes()
    for name in ([], ["--name", "dog"]):
        result = plotsketch("models", "import", generator, *name)
        assert result.exit_code == 1
        assert "--force" in result.stderr
    assert path.read_bytes() == before
    assert plotsketch("models", "import", generator, "--force").exit_code == 0
    assert load(path).config.conditional is False
    assert plotsketch("models", "import", generator, "--name", "catpig", "--force").exit_code == 1


@pytest.mark.parametrize("name", ["a/b", "..", "", ".hidden", "x" * 101])
def test_a_name_that_is_no_file_name_is_refused(plotsketch: Command, generator: Path, name: str) -> None:
    result = plotsketch("models", "import", generator, "--name", name)
    assert result.exit_code == 1
    assert "cannot name a model" in result.stderr


def test_import_refuses_what_it_cannot_write_or_read(plotsketch: Command, generator: Path, tmp_path: Path) -> None:
    assert plotsketch("models", "import", generator, "-o", tmp_path / "dog.pt").exit_code == 2
    (tmp_path / "file").write_text("")
    for arguments in ((generator, "-o", tmp_path / "file" / "m.safetensors"), (tmp_path / "file",), (tmp_path,)):
        result = plotsketch("models", "import", *arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the folder of each platform")
def test_where_the_users_models_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PLOTSKETCH_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert catalogue.user_folder() == tmp_path / "plotsketch" / "checkpoints"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert catalogue.user_folder() == tmp_path / ".local" / "share" / "plotsketch" / "checkpoints"


def test_an_installation_without_checkpoints_still_has_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise UserError("missing")

    monkeypatch.setattr(catalogue, "package_data", missing)
    own("mine")
    assert [entry.name for entry in catalogue.list_all()] == ["mine"]


def test_listing_and_describing_models_needs_no_torch(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save(make(), path)
    program = (
        "import sys; sys.modules['torch'] = None\n"  # importing it fails
        "from plotsketch.cli.main import cli\n"
        f"cli(['models', 'list'], standalone_mode=False); cli(['models', 'info', {str(path)!r}], standalone_mode=False)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Cats and pigs" in done.stdout
