"""The wheel that pip installs holds the shipped data, and the program finds it there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHIPPED = ("checkpoints/cats.safetensors", "presets/a4.toml")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel of this source, and of two small data files, installs."""
    pytest.importorskip("hatchling", reason="the wheel is built with hatchling, which the dev extra installs")
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(REPOSITORY / name, source)
    shutil.copytree(REPOSITORY / "plotsketch", source / "plotsketch")
    for name in SHIPPED:
        (source / name).parent.mkdir()
        (source / name).write_text(name)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(next(target.glob("plotsketch-*.whl"))) as wheel:
        wheel.extractall(target)
    return target


def run_installed(installed: Path, code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=installed, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("shipped", SHIPPED)
def test_shipped_data_is_found_in_an_installed_wheel(installed: Path, shipped: str) -> None:
    folder, name = shipped.split("/")
    code = f"from plotsketch.files import package_data; print(package_data({folder!r}) / {name!r})"
    found = Path(run_installed(installed, code))
    assert found.is_relative_to(installed)
    assert found.read_text() == shipped


def test_machines_are_found_in_an_installed_wheel(installed: Path) -> None:
    code = "from plotsketch.lines import machine; print(machine.__file__, *machine.machine_names())"
    file, *names = run_installed(installed, code).split()
    assert Path(file).is_relative_to(installed) and {"axidraw-v3", "hp7475a", "grbl"} <= set(names)


def test_the_wheel_puts_nothing_beside_the_package(installed: Path) -> None:
    names = {path.name for path in installed.iterdir() if path.is_dir() and path.suffix != ".dist-info"}
    assert names == {"plotsketch"}
