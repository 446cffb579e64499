"""What every test may use: the shared data when it is there, and the command line in this process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

# Before torch is imported: one thread a test process, so that results and times do not hang on the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parents[1]

# Property tests share their machine with training runs and CI: no deadlines, and the same examples in CI.
settings.register_profile("plotsketch", deadline=None, max_examples=60, derandomize="CI" in os.environ)
settings.load_profile("plotsketch")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data sets and fixtures beside the checkout; skips the test where it is absent."""
    folder = Path(os.environ.get("PLOTSKETCH_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}: set PLOTSKETCH_SHARED to its folder")
    return folder


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tester's own checkpoints out of the tests, and the tests' out of theirs."""
    monkeypatch.setenv("PLOTSKETCH_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def plotsketch() -> Callable[..., Result]:
    """Run a command line in this process: `plotsketch("models", "list")` -> exit_code, stdout, stderr."""
    from plotsketch.cli.main import cli

    def run(*args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="plotsketch")

    return run
