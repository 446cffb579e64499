"""`plotsketch data import`, `info` and `sample`: from files to a training set and a look at it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from plotsketch.strokes import Drawing, Sketch, write_npz, write_svg
from plotsketch.training.dataset import TrainingSet, split_of

Run = Callable[..., Result]


def record(word: str, key: str, points: int = 4, recognized: bool | None = True, times: bool = False) -> str:
    xs = [10 * i for i in range(points)]
    stroke = [xs, [x % 40 for x in xs], *([xs] if times else [])]
    made = {
        "word": word,
        "key_id": key,
        "drawing": [stroke, [[3, 7], [1, 1], *([[900, 950]] if times else [])]],
    }
    return json.dumps(made | ({} if recognized is None else {"recognized": recognized}))


def ndjson(path: Path, *records: str) -> Path:
    text = "".join(line + "\n" for line in records).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.fixture
def cats(tmp_path: Path) -> Path:
    return ndjson(tmp_path / "cat.ndjson.gz", *(record("cat", f"cat-{i}", 3 + i % 5) for i in range(60)))


def sketch(*lines: list[tuple[float, float]]) -> Sketch:
    return Sketch(tuple(np.array(line, dtype=float) for line in lines))


def loaded(run: Run, *arguments: object) -> TrainingSet:
    result = run("data", "import", *arguments)
    assert result.exit_code == 0, result.stderr
    return TrainingSet.load(Path(str(arguments[arguments.index("-o") + 1])))


def refused(run: Run, *arguments: object) -> str:
    """The one line that a command fails with."""
    result = run("data", *arguments)
    assert result.exit_code == 1 and result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("Error: ")
    return lines[0]


def test_any_mix_of_files(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    npz, svg, out = tmp_path / "boat.npz", tmp_path / "my bird.svg", tmp_path / "set.npz"
    write_npz(
        npz,
        {
            "train": [Drawing(sketch([(0, 0), (5, 1), (9, 9)]))],
            "test": [Drawing(sketch([(0, 0), (7, 7), (1, 0)]))],
        },
    )
    write_svg(svg, sketch([(0, 0), (50, 0), (50, 50)]))
    made = loaded(plotsketch, cats, npz, svg, "-o", out)
    assert made.names.tolist() == ["boat", "cat", "my bird"]
    assert np.bincount(made.labels).tolist() == [2, 60, 1]
    assert made.split[made.select(name="boat")].tolist() == [0, 2]
    for index in made.select(name="cat"):
        assert made.split[index] == split_of(str(made.keys[index]))
    assert made.meta["sources"] == ["boat.npz", "cat.ndjson.gz", "my bird.svg"]


def test_first_segment_dots_and_lifts_survive(plotsketch: Run, tmp_path: Path) -> None:
    text = '{"drawing": [[[5], [5]], [[9, 9, 20], [5, 15, 15]]]}'
    made = loaded(plotsketch, ndjson(tmp_path / "dot.ndjson", text), "-o", tmp_path / "set.npz")
    assert made.drawing(0).tolist() == [[0, 0, 1], [4, 0, 0], [0, 10, 0], [11, 0, 1]]
    assert made.names.tolist() == ["dot"] and made.keys[0].startswith("points-")


def test_the_order_of_files_changes_nothing_but_the_order(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    pigs = ndjson(tmp_path / "pig.ndjson", *(record("pig", f"pig-{i}") for i in range(40)))
    sets = [loaded(plotsketch, *files, "--per-class", 10, "-o", tmp_path / f"{len(files[0].name)}.npz")
            for files in ((cats, pigs), (pigs, cats))]  # fmt: skip
    tables = [set(zip(s.keys.tolist(), s.names[s.labels].tolist(), s.split.tolist(), strict=True)) for s in sets]
    assert tables[0] == tables[1] and len(tables[0]) == 20


def test_recognized_and_key_filters(plotsketch: Run, tmp_path: Path) -> None:
    path = ndjson(
        tmp_path / "x.ndjson",
        record("x", "1"),
        record("x", "2", recognized=False),
        record("x", "3", recognized=None),
        record("x", "1"),
    )
    made = loaded(plotsketch, path, "-o", tmp_path / "set.npz")
    assert made.keys.tolist() == ["1", "3"]
    assert loaded(plotsketch, path, "--all", "-o", tmp_path / "set.npz").keys.tolist() == ["1", "2", "3"]


def test_point_and_class_filters(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    pigs, out = ndjson(tmp_path / "pig.ndjson", record("pig", "p")), tmp_path / "set.npz"
    made = loaded(plotsketch, cats, pigs, "--class", "cat", "--min-points", 5, "--max-points", 6, "-o", out)
    assert made.names.tolist() == ["cat"] and set(made.lengths.tolist()) == {5, 6}


def test_own_splits_are_kept_or_not(plotsketch: Run, tmp_path: Path) -> None:
    drawings = [Drawing(sketch([(0, 0), (i, 1), (i, 9)])) for i in range(1, 60)]
    write_npz(tmp_path / "a.npz", {"valid": drawings})
    kept = loaded(plotsketch, tmp_path / "a.npz", "-o", tmp_path / "set.npz")
    assert set(kept.split.tolist()) == {1}
    by_key = loaded(plotsketch, tmp_path / "a.npz", "--split-by-key", "-o", tmp_path / "set.npz")
    assert by_key.split.tolist() == [split_of(str(key)) for key in by_key.keys]
    assert np.bincount(by_key.split).argmax() == 0


def test_first_row_as_a_move(plotsketch: Run, tmp_path: Path) -> None:
    write_npz(tmp_path / "icon.npz", {"train": [Drawing(sketch([(0, 0), (5, 5), (9, 5), (9, 9)]))]})
    arguments = (tmp_path / "icon.npz", "-o", tmp_path / "set.npz")
    assert loaded(plotsketch, *arguments).drawing(0).tolist() == [[5, 5, 0], [4, 0, 0], [0, 4, 1]]
    assert loaded(plotsketch, *arguments, "--first-row", "move").drawing(0).tolist() == [[4, 0, 0], [0, 4, 1]]


def test_svg_and_raw_drawings_are_prepared_unless_told_otherwise(plotsketch: Run, tmp_path: Path) -> None:
    raw = ndjson(tmp_path / "raw.ndjson", record("cat", "1", points=40, times=True))
    made = loaded(plotsketch, raw, "-o", tmp_path / "set.npz")
    across = np.concatenate([[0], np.cumsum(made.drawing(0)[:, 0])])
    assert made.points.dtype == np.int16 and (across.min(), across.max()) == (0, 255)
    as_is = loaded(plotsketch, raw, "--as-is", "-o", tmp_path / "set.npz")
    assert len(as_is.drawing(0)) == 41
    write_svg(tmp_path / "a.svg", sketch([(0, 0), (5, 0), (10, 0), (10, 10)]))
    made = loaded(plotsketch, tmp_path / "a.svg", "-o", tmp_path / "set.npz")
    assert made.drawing(0).tolist() == [[255, 0, 0], [0, 255, 1]]


def test_word_names_what_has_no_name(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    for index in range(3):
        write_svg(tmp_path / f"{index}.svg", sketch([(0, 0), (10 + index, 0), (10, 10)]))
    svgs = sorted(tmp_path.glob("*.svg"))
    made = loaded(plotsketch, *svgs, cats, "--word", "bird", "-o", tmp_path / "set.npz")
    assert made.names.tolist() == ["bird", "cat"] and len(made.select(name="bird")) == 3


def test_odd_words_and_keys_become_plain(plotsketch: Run, tmp_path: Path) -> None:
    path = ndjson(
        tmp_path / "x.ndjson", record("a\n\ud800cat\0", "\ud800"), record("", "k" * 100_000), record("b", "1")
    )
    made = loaded(plotsketch, path, "-o", tmp_path / "set.npz")
    assert made.names.tolist() == ["a cat", "b", "x"]
    assert made.keys.itemsize < 300 and len(set(made.keys.tolist())) == 3
    assert plotsketch("data", "info", tmp_path / "set.npz").exit_code == 0


def test_sets_are_joined_with_their_keys_and_splits(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    pigs = ndjson(tmp_path / "pig.ndjson", *(record("pig", f"pig-{i}") for i in range(40)))
    first = loaded(plotsketch, cats, "-o", tmp_path / "a.npz")
    loaded(plotsketch, pigs, cats, "-o", tmp_path / "b.npz")
    both = loaded(plotsketch, tmp_path / "a.npz", tmp_path / "b.npz", "-o", tmp_path / "both.npz")
    assert both.meta["dropped"] == {"with a key that was there already": 60}
    assert both.keys[:60].tolist() == first.keys.tolist() and len(both) == 100
    assert np.array_equal(both.drawing(7), first.drawing(7))


def test_import_and_info_tell_the_same(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.npz"
    imported = json.loads(plotsketch("data", "import", cats, "-o", out, "--json").stdout)
    told = json.loads(plotsketch("data", "info", out, "--json").stdout)
    assert imported == told
    assert told["drawings"] == 60 == sum(told["splits"].values()) == sum(told["points_per_drawing"]["counts"])
    assert told["classes"]["cat"]["drawings"] == 60
    assert told["scale_factor"] == pytest.approx(TrainingSet.load(out).scale_factor())
    assert told["points_per_drawing"]["least"] == 4 and told["points_per_drawing"]["most"] == 8
    text = plotsketch("data", "info", out).stdout
    assert "60 drawings of 1 class," in text and "scale factor" in text and "#" in text


def test_sample_draws_a_sheet(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    out, sheet = tmp_path / "set.npz", tmp_path / "sheet.png"
    loaded(plotsketch, cats, "-o", out)
    result = plotsketch("data", "sample", out, "--class", "cat", "--seed", 5, "--count", 9, "-o", sheet)
    assert result.stdout.strip() == str(sheet)
    first = sheet.read_bytes()
    assert first.startswith(b"\x89PNG")
    plotsketch("data", "sample", out, "--class", "cat", "--seed", 5, "--count", 9, "-o", sheet)
    assert sheet.read_bytes() == first
    assert "near ones: cat" in refused(plotsketch, "sample", out, "--class", "cta", "-o", sheet)
    assert ".png" in refused(plotsketch, "sample", out, "-o", tmp_path / "sheet.jpg")


def test_bad_input_is_one_line(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.npz"
    broken = ndjson(tmp_path / "broken.ndjson", record("x", "1"), record("x", "2"), '{"drawing": [[[1,')
    assert "line 3" in refused(plotsketch, "import", cats, broken, "-o", out)
    assert "none.npz: no such file" in refused(plotsketch, "import", cats, tmp_path / "none.npz", "-o", out)
    (tmp_path / "cat.jpg").touch()
    assert "cat.jpg is no file of drawings" in refused(plotsketch, "import", tmp_path / "cat.jpg", "-o", out)
    cut = tmp_path / "cut.ndjson.gz"
    cut.write_bytes(cats.read_bytes()[:200])
    assert "cut short" in refused(plotsketch, "import", cut, "-o", out)
    assert "must end in .npz" in refused(plotsketch, "import", cats, "-o", tmp_path / "set")
    assert "name another" in refused(plotsketch, "import", cats, tmp_path / "s.npz", "-o", _copy(cats, tmp_path))
    assert "--min-points 9" in refused(plotsketch, "import", cats, "--min-points", 9, "--max-points", 8, "-o", out)
    assert "no drawing is left" in refused(plotsketch, "import", cats, "--min-points", 50, "-o", out)
    assert not out.exists()


def _copy(cats: Path, folder: Path) -> Path:
    """A file that is both read and to be written."""
    target = folder / "s.npz"
    target.write_bytes(cats.read_bytes())
    return target


def test_a_failed_import_leaves_the_old_set(plotsketch: Run, cats: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.npz"
    loaded(plotsketch, cats, "-o", out)
    before = out.read_bytes()
    refused(plotsketch, "import", cats, "--max-points", 1, "--min-points", 1, "-o", out)
    assert out.read_bytes() == before


def test_info_of_other_files(plotsketch: Run, tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", {"train": [Drawing(sketch([(0, 0), (1, 1)]))]})
    assert "data import" in refused(plotsketch, "info", tmp_path / "a.npz")
    (tmp_path / "b.npz").write_bytes(b"")
    assert "b.npz" in refused(plotsketch, "info", tmp_path / "b.npz")


def test_the_real_data(plotsketch: Run, shared: Path, tmp_path: Path) -> None:
    made = loaded(plotsketch, shared / "data/quickdraw/flamingo.ndjson.gz", "-o", tmp_path / "f.npz")
    assert len(made) == 2075 and made.points.dtype == np.int16
    sheep = loaded(plotsketch, shared / "data/npz/aaron_sheep.npz", "--max-points", 250, "-o", tmp_path / "s.npz")
    assert np.bincount(sheep.split).tolist() == [7400, 300, 300] and sheep.names.tolist() == ["aaron_sheep"]
    assert sheep.scale_factor() == pytest.approx(18.5198, abs=1e-4)  # as Magenta's notebook prints it
