"""`plotsketch evaluate` as it is typed: which drawings it takes, what it prints, what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from evaluation_cases import random_network, random_set

from plotsketch.errors import UserError
from plotsketch.model.checkpoint import Checkpoint, save
from plotsketch.strokes import Drawing, Sketch
from plotsketch.strokes.npz import write_npz
from plotsketch.strokes.quickdraw import write_ndjson
from plotsketch.strokes.svg import write_svg
from plotsketch.training.building import Filters
from plotsketch.training.dataset import TEST, split_of
from plotsketch.training.selection import default_split, select_drawings

Run = Callable[..., Result]
MODEL = "model.safetensors"
FIGURES = {"drawings", "points", "l_r", "l_kl", "active_dimensions", "nats_per_drawing", "baseline"}


def drawings(count: int, word: str = "cat", points: int = 9) -> list[Drawing]:
    random = np.random.default_rng(len(word))
    return [
        Drawing(Sketch((np.rint(random.uniform(0, 255, (points + i % 3, 2))),)), word, f"{word}-{i}",
                recognized=i % 10 != 3)
        for i in range(count)
    ]  # fmt: skip


def in_test(made: list[Drawing]) -> int:
    return sum(drawing.recognized and split_of(drawing.key) == TEST for drawing in made)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model and drawings of two classes, and the process in it."""
    monkeypatch.chdir(tmp_path)
    save(Checkpoint(random_network(), 30.0, "tiny"), MODEL)
    write_ndjson(Path("cat.ndjson.gz"), drawings(200))
    write_ndjson(Path("pig.ndjson"), drawings(150, "pig"))
    random_set(lengths=[6, 9, 12] * 20).save(Path("set.npz"))
    return tmp_path


def facts(plotsketch: Run, *arguments: object) -> dict[str, object]:
    result = plotsketch("evaluate", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.mark.usefixtures("here")
def test_json_has_every_figure_under_its_name(plotsketch: Run) -> None:
    found = facts(plotsketch, MODEL, "cat.ndjson.gz", "pig.ndjson", "--samples", 4, "--train", "set.npz")
    assert set(found) == {"model", "split", "seed", "seen", "left_out", "all", "classes", "samples", "interpolation"}
    assert found["model"].keys() == {"name", "digest", "scale_factor", "max_points", "conditional"}
    assert found["all"].keys() == FIGURES | {"kl_per_dimension"}
    assert len(found["all"]["kl_per_dimension"]) == 4
    assert list(found["classes"]) == ["cat", "pig"]
    for figures in found["classes"].values():
        assert figures.keys() == FIGURES
        assert figures["l_r"].keys() == {"training_mask", "evaluation_mask", "one_end_row"}
        assert figures["baseline"]["l_r"].keys() == {"training_mask", "evaluation_mask"}
        assert figures["active_dimensions"].keys() == {"0.01", "0.1"}
        for estimate in ("reconstruction", "kl", "total"):
            assert figures["nats_per_drawing"][estimate].keys() == {"mean", "standard_error"}
    samples = found["samples"]
    assert [row["temperature"] for row in samples["temperatures"]] == [0.1, 0.25, 0.5, 1.0]
    assert samples["reference"] == 20
    assert samples["held_out"].keys() == samples["temperatures"][0]["novelty"].keys()


@pytest.mark.usefixtures("here")
def test_held_out_means_the_test_split_by_key(plotsketch: Run) -> None:
    found = facts(plotsketch, MODEL, "cat.ndjson.gz", "pig.ndjson", "--samples", 0)
    cats, pigs = drawings(200), drawings(150, "pig")
    assert found["split"] == "test" and found["seen"] == 350
    assert found["classes"]["cat"]["drawings"] == in_test(cats)
    assert found["classes"]["pig"]["drawings"] == in_test(pigs)
    assert found["all"]["drawings"] == in_test(cats) + in_test(pigs)
    assert found["left_out"]["of another split"] == sum(split_of(d.key) != TEST for d in cats + pigs)
    assert found["samples"] is None
    every = facts(plotsketch, MODEL, "cat.ndjson.gz", "--samples", 0, "--split", "all")
    assert every["all"]["drawings"] == 180 and every["left_out"] == {"not recognized": 20}
    assert facts(plotsketch, MODEL, "cat.ndjson.gz", "--samples", 0, "--split", "all", "--all")["left_out"] == {}


@pytest.mark.usefixtures("here")
def test_files_in_another_order_give_the_same_figures(plotsketch: Run) -> None:
    one = facts(plotsketch, MODEL, "cat.ndjson.gz", "pig.ndjson", "--samples", 3)
    assert one == facts(plotsketch, MODEL, "pig.ndjson", "cat.ndjson.gz", "--samples", 3)
    assert one != facts(plotsketch, MODEL, "pig.ndjson", "cat.ndjson.gz", "--samples", 3, "--seed", 1)


@pytest.mark.usefixtures("here")
def test_a_person_reads_tables_of_at_most_120_columns(plotsketch: Run) -> None:
    result = plotsketch("evaluate", MODEL, "cat.ndjson.gz", "pig.ndjson", "--samples", 4, "--train", "set.npz")
    assert result.exit_code == 0, result.output
    for words in ("split test", "training mask", "evaluation mask", "nats per drawing", "one gaussian", "cat", "pig",
                  "all ", "samples from the prior", "held-out drawings"):
        assert words in result.stdout.lower()
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 120


@pytest.mark.usefixtures("here")
def test_training_sets_and_sketch_rnn_files_keep_their_own_splits(plotsketch: Run) -> None:
    data = random_set(lengths=[6, 9, 12] * 20)
    found = facts(plotsketch, MODEL, "set.npz", "--samples", 0)
    assert found["all"]["drawings"] == len(data.select("test"))
    assert set(found["classes"]) == {"class0", "class1"}
    one = facts(plotsketch, MODEL, "set.npz", "--samples", 0, "--class", "class1", "--split", "valid")
    assert list(one["classes"]) == ["class1"]
    assert one["all"]["drawings"] == len(data.select("valid", "class1"))
    write_npz(Path("sheep.npz"), {"train": drawings(9), "test": drawings(2, "x")})
    assert facts(plotsketch, MODEL, "sheep.npz", "--samples", 0)["all"]["drawings"] == 2


@pytest.mark.usefixtures("here")
def test_svg_files_have_no_held_out_part_and_are_taken_whole(plotsketch: Run) -> None:
    for i in range(3):
        write_svg(Path(f"star{i}.svg"), drawings(3)[i].sketch)
    found = facts(plotsketch, MODEL, "star0.svg", "star1.svg", "star2.svg", "--samples", 0)
    assert found["split"] == "all" and found["all"]["drawings"] == 3
    assert default_split([Path("a.svg"), Path("b.ndjson")]) == "test"


@pytest.mark.usefixtures("here")
def test_longer_drawings_than_the_model_knows_are_left_out_and_counted(plotsketch: Run) -> None:
    long = [Drawing(d.sketch, "cat", f"long-{d.key}") for d in drawings(6, points=30)]
    write_ndjson(Path("mixed.ndjson"), [*drawings(10)[:3], *long])
    found = facts(plotsketch, MODEL, "mixed.ndjson", "--split", "all", "--samples", 0)
    assert found["all"]["drawings"] == 3 and found["left_out"] == {"with too many points": 6}
    short = facts(plotsketch, MODEL, "mixed.ndjson", "--split", "all", "--samples", 0, "--max-points", 8)
    assert short["all"]["drawings"] == 1


@pytest.mark.usefixtures("here")
def test_one_drawing_and_no_padding_are_null_where_nothing_is_known(plotsketch: Run) -> None:
    write_ndjson(Path("one.ndjson"), drawings(1))
    found = facts(plotsketch, MODEL, "one.ndjson", "--split", "all", "--samples", 0, "--no-training-mask")
    assert found["all"]["nats_per_drawing"]["total"]["standard_error"] is None
    assert found["all"]["l_r"]["training_mask"] is None
    assert plotsketch("evaluate", MODEL, "one.ndjson", "--split", "all", "--samples", 0).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((MODEL, "none.ndjson"), "none.ndjson: no such file"),
        ((MODEL, "cat.ndjson.gz", MODEL), "no file of drawings"),
        (("nobody", "cat.ndjson.gz"), "there is no model 'nobody'"),
        (("pig.ndjson", "cat.ndjson.gz"), "there is no model 'pig.ndjson'"),
        ((MODEL, "cat.ndjson.gz", "--class", "cta"), "no class 'cta' in these files; they have cat"),
        ((MODEL, "cat.ndjson.gz", "--max-points", "5"), "with too many points"),
        ((MODEL, "cat.ndjson.gz", "--train", "cat.ndjson.gz"), "cat.ndjson.gz: not a training set"),
        ((MODEL, "cat.ndjson.gz", "--train", "set.npz", "--samples", "0"), "ask for some with --samples"),
        ((MODEL, "broken.ndjson"), "broken.ndjson, line 1"),
    ],
)
@pytest.mark.usefixtures("here")
def test_bad_input_is_one_clear_line(plotsketch: Run, arguments: tuple[str, ...], said: str) -> None:
    Path("broken.ndjson").write_text("{]\n")
    result = plotsketch("evaluate", *arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    assert said in result.stderr


def test_an_empty_split_says_which_option_takes_more(tmp_path: Path) -> None:
    path = tmp_path / "few.ndjson"
    write_ndjson(path, [d for d in drawings(30) if split_of(d.key) != TEST][:4])
    with pytest.raises(UserError, match=r"4 of another split; '--split all' takes every split"):
        select_drawings([path], "test", Filters())
