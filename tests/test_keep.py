"""Drawings kept under a name: the user's own library, and the list of all names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from reference_cases import tiny

from plotsketch.api import drawing, landmarks
from plotsketch.api.model import load, model_for
from plotsketch.art.landmark_library import library_file, read_library
from plotsketch.art.plan import LARGEST_SEED, Hand
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.model import checkpoint
from plotsketch.model.sketcher import Sketcher
from plotsketch.output.braille import braille

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def catpig() -> Sketcher:
    return load("catpig")


@pytest.fixture
def keep(plotsketch: Command, catpig: Sketcher, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`keep`, without loading the model each time."""
    monkeypatch.setattr(landmarks, "load", lambda model: catpig)
    return lambda *words: plotsketch("keep", *words)


def test_a_kept_cell_is_a_name_everywhere(keep: Command, catpig: Sketcher, tmp_path: Path) -> None:
    made = drawing.vary("cat-head", rows=3, cols=3, model=catpig, seed=5)
    made.save(tmp_path / "s.svg")
    result = keep(f"{tmp_path}/s.svg@r2c2", "--as", "whiskers")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("whiskers: ")
    again = drawing.grid("whiskers", "pig-full", rows=1, cols=2, model=catpig, seed=5)
    np.testing.assert_array_equal(again.plate.figures[0].outline.points, made.plate.figures[4].outline.points)
    (tmp_path / "s.svg").unlink()  # the library needs it no more
    assert Studio(catpig).spot("whiskers").stream == 5
    assert again.provenance["sources"].keys() == {"whiskers"}
    kept = read_library()["whiskers"]
    assert kept.hand == Hand(0.25, 5) and kept.model == "catpig" and kept.origin.endswith("@r2c2 (vary)")


def test_any_drawing_can_be_kept_and_forgotten(keep: Command, plotsketch: Command, catpig: Sketcher) -> None:
    assert keep("seed:7", "--as", "lucky seven").exit_code == 0
    np.testing.assert_array_equal(Studio(catpig).spot("lucky seven").latent, catpig.prior(7))  # type: ignore[arg-type]
    answer = json.loads(plotsketch("landmarks", "--json").stdout)["landmarks"]
    assert answer[0] == {"name": "cat-head", "own": False}
    assert {"name": "lucky seven", "own": True, "from": "seed:7"}.items() <= answer[-1].items()
    with pytest.raises(UserError, match="did you mean lucky seven"):
        Studio(catpig).spot("luckyseven")
    assert plotsketch("landmarks", "--forget", "lucky seven").exit_code == 0
    assert read_library() == {}
    assert "kept no landmark 'lucky seven'; you have none" in plotsketch("landmarks", "--forget", "lucky seven").stderr


def test_names_are_not_taken_twice_without_force(keep: Command, catpig: Sketcher) -> None:
    assert keep("seed:1", "--as", "a").exit_code == 0
    assert "kept a landmark 'a' already" in keep("seed:2", "--as", "a").stderr
    assert keep("seed:2", "--as", "a", "--force").exit_code == 0
    np.testing.assert_array_equal(read_library()["a"].latent, catpig.prior(2))
    assert "is a landmark of model 'catpig'" in keep("seed:1", "--as", "cat-head").stderr
    assert keep("seed:1", "--as", "cat-head", "--force").exit_code == 0
    np.testing.assert_array_equal(Studio(catpig).spot("cat-head").latent, catpig.prior(1))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a.svg", "seed:1", "class:cat", "a/b", "a#1", "a*", "-x", " a", "a ", "", "x" * 61])
def test_names_that_could_not_be_used_are_refused(keep: Command, name: str) -> None:
    result = keep("seed:1", f"--as={name}")
    assert result.exit_code == 1 and "cannot name a landmark" in result.stderr, result.output
    assert not library_file().exists()


@pytest.mark.parametrize(
    "damage",
    [
        "", "[]", "nonsense", '{"format": 1}', '{"format": 1, "landmarks": {"a": {}}}',
        '{"format": 1, "landmarks": {"a": {"latent": ["x"]}}}', '{"format": 9}', "[" * 10_000,
    ],
)  # fmt: skip
def test_a_damaged_library_is_said_and_left_as_it_is(keep: Command, catpig: Sketcher, damage: str) -> None:
    library_file().parent.mkdir(exist_ok=True)
    library_file().write_text(damage)
    result = keep("seed:1", "--as", "b")
    assert result.exit_code == 1 and result.stderr.count("\n") == 1
    assert "are damaged; mend the file" in result.stderr or "newer plotsketch" in result.stderr
    assert library_file().read_text() == damage


def test_a_damaged_entry_is_found(keep: Command) -> None:
    keep("seed:1", "--as", "b")
    whole = json.loads(library_file().read_text())
    for field, value in [("stream", -1), ("latent", [float("nan")]), ("model", 3), ("temperature", "x"), ("seed", 1.5)]:
        entry = whole["landmarks"]["b"] | {field: value}
        library_file().write_text(json.dumps(whole | {"landmarks": {"b": entry}}))
        with pytest.raises(UserError, match="are damaged"):
            read_library()


def test_a_landmark_keeps_the_temperature_of_its_cell(keep: Command, catpig: Sketcher, tmp_path: Path) -> None:
    drawing.reconstruct("cat-head", temperatures=(0.1, 0.8), model=catpig, seed=3).save(tmp_path / "s.svg")
    assert keep(f"{tmp_path}/s.svg@r1c2", "--as", "wild").exit_code == 0
    assert read_library()["wild"].hand == Hand(0.8, 3)


def test_no_seed_is_kept_that_could_not_be_read_again(keep: Command, catpig: Sketcher, tmp_path: Path) -> None:
    drawing.grid("cat-head", "pig-full", rows=1, cols=2, model=catpig, seed=LARGEST_SEED).save(tmp_path / "s.svg")
    assert keep(f"{tmp_path}/s.svg@r1c1", "--as", "far").exit_code == 0
    assert read_library()["far"].hand.seed == LARGEST_SEED
    with pytest.raises(UserError, match="the seed is"):
        drawing.grid("cat-head", "pig-full", model=catpig, seed=LARGEST_SEED + 1)


def test_a_landmark_of_another_model_is_drawn_by_it_and_read(keep: Command, catpig: Sketcher) -> None:
    small = tiny()
    landmarks.keep("dot", "spot", model=small)
    studio = Studio(catpig)
    (there,) = Studio(small).draw([Studio(small).spot("spot")], Hand())
    np.testing.assert_array_equal(studio.spot("spot").latent, catpig.encode([there])[0])  # type: ignore[arg-type]
    assert "drawn by model 'tiny'" in studio.notes[0]
    assert Path(model_for(["spot"])).stem == "tiny"


def test_a_sheet_of_a_landmark_that_has_changed(keep: Command, catpig: Sketcher, tmp_path: Path) -> None:
    keep("seed:1", "--as", "a")
    drawing.grid("a", "cat-head", rows=1, cols=2, model=catpig).save(tmp_path / "s.svg")
    cell = f"{tmp_path}/s.svg@r1c1"
    assert Studio(catpig).spot(cell).latent is not None
    keep("seed:2", "--as", "a", "--force")
    with pytest.raises(UserError, match="your landmark 'a' has changed since"):
        Studio(catpig).spot(cell)
    landmarks.forget("a")
    with pytest.raises(UserError, match="your landmark 'a', which .* was drawn from, is gone"):
        Studio(catpig).spot(cell)


def test_a_name_kept_later_changes_no_sheet(keep: Command, catpig: Sketcher, tmp_path: Path) -> None:
    drawing.grid("cat-head", "seed:1", rows=1, cols=2, model=catpig).save(tmp_path / "s.svg")
    keep("seed:9", "--as", "cat-head", "--force")
    np.testing.assert_array_equal(
        Studio(catpig).spot(f"{tmp_path}/s.svg@r1c1").latent,  # type: ignore[arg-type]
        catpig.latent("cat-head"),
    )


def test_all_names_on_a_sheet_and_in_the_terminal(plotsketch: Command, tmp_path: Path) -> None:
    tiny()
    result = plotsketch("landmarks", "--model", "tiny", "--pictures", "-o", tmp_path / "l.svg")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert any("\u2801" <= letter <= "\u28ff" for letter in lines[0] + lines[1] + lines[2])
    assert "dot" in lines and lines[-1] == str(tmp_path / "l.svg")
    assert model_for([f"{tmp_path}/l.svg@r1c1"]) != "catpig"
    assert plotsketch("landmarks").stdout.splitlines()[0] == "cat-head"


@pytest.mark.parametrize(
    "words", [("--forget", "a", "-o", "l.svg"), ("--forget", "a", "--model", "tiny"), ("--json", "--pictures")]
)
def test_options_of_the_list_that_would_do_nothing_are_refused(plotsketch: Command, words: tuple[str, ...]) -> None:
    assert plotsketch("landmarks", *words).exit_code == 2


def test_a_sheet_of_no_names_is_refused(plotsketch: Command, tmp_path: Path) -> None:
    bare = tiny().checkpoint
    bare.landmarks.clear()
    checkpoint.save(bare, tmp_path / "bare.safetensors")
    result = plotsketch("landmarks", "--model", tmp_path / "bare.safetensors", "-o", tmp_path / "l.svg")
    assert result.exit_code == 1 and "has no landmarks" in result.stderr
    assert not (tmp_path / "l.svg").exists()


def test_lines_in_braille() -> None:
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]], dtype=float)
    assert braille([square], columns=2, rows=1) == ["\u28cf\u28f9"]
    assert braille([], columns=2, rows=1) == ["\u2800\u2800"]
    assert len(set(braille([np.zeros((1, 2))], columns=3, rows=3))) == 2
