"""`plotsketch explore`: which drawings, where they stand, and what the map says of itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import svgelements
from click.testing import Result
from evaluation_cases import random_network
from hypothesis import given, settings
from hypothesis import strategies as st

from plotsketch.api.drawing import explore
from plotsketch.art.explore import ExploreRecipe, chosen
from plotsketch.art.places import grid_shape, snap, spread
from plotsketch.art.plan import Hand
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.latent.project import company, pca
from plotsketch.model.checkpoint import Checkpoint, ClassLatent, save
from plotsketch.model.sketcher import Sketcher
from plotsketch.strokes import Drawing, Sketch, write_ndjson

Run = Callable[..., Result]
AREA = st.sampled_from([0.3, 0.7071, 1.0, 1.4, 3.0])


def scribbles(count: int, word: str) -> list[Drawing]:
    random = np.random.default_rng(len(word))
    return [Drawing(Sketch((np.rint(random.uniform(0, 255, (9, 2))),)), word, f"{word}-{i}") for i in range(count)]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a tiny model, drawings of two classes, and the process in it."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    landmarks = {f"mark-{i}": random.normal(size=4).astype(np.float32) for i in range(5)}
    classes = {name: ClassLatent(*random.uniform(0.1, 1, (2, 4)).astype(np.float32)) for name in ("cat", "sheep")}
    save(Checkpoint(random_network(), 30.0, "tiny", classes=classes, landmarks=landmarks), "tiny.safetensors")
    save(Checkpoint(random_network(conditional=False), 30.0, "blind"), "blind.safetensors")
    write_ndjson(Path("cats.ndjson"), scribbles(30, "cat"))
    write_ndjson(Path("sheep.ndjson.gz"), scribbles(4, "sheep"))
    return tmp_path


def run_map(plotsketch: Run, *words: object) -> dict[str, object]:
    result = plotsketch("explore", *words, "--model", "tiny.safetensors", "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def boxes_of(path: Path) -> list[tuple[float, float, float, float]]:
    """Bounds of each line of an SVG in mm; with these drawings a line is a drawing."""
    svg = svgelements.SVG.parse(str(path), ppi=25.4)
    shapes = [shape for shape in svg.elements() if isinstance(shape, svgelements.Polyline)]
    points = [np.array([(point.x, point.y) for point in shape]) for shape in shapes]
    return [(*p.min(axis=0), *p.max(axis=0)) for p in points]


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(0, 99), AREA, st.floats(0.05, 0.75), st.booleans())
def test_discs_stay_on_the_area_and_apart(n: int, seed: int, aspect: float, cover: float, alike: bool) -> None:
    places = np.zeros((n, 2)) if alike else np.random.default_rng(seed).normal(size=(n, 2)) ** 3
    at, diameter = spread(places, aspect, cover)
    size = np.array([aspect, 1.0]) / min(aspect, 1.0)
    assert diameter > 0.3 * np.sqrt(4 * min(cover, 0.1) * size.prod() / (np.pi * n))
    where = at * size
    assert (where >= diameter / 2 - 1e-9).all() and (where <= size - diameter / 2 + 1e-9).all()
    apart = np.hypot(*(where[:, None] - where[None]).T) + 9 * np.eye(n)
    assert apart.min() >= diameter - 1e-9
    np.testing.assert_array_equal(at, spread(places, aspect, cover)[0])


def test_places_that_have_room_keep_their_order() -> None:
    """A lattice is stretched, and nobody overtakes anybody."""
    lattice = np.stack(np.meshgrid(np.arange(6.0), np.arange(5.0)), axis=-1).reshape(-1, 2) * (3, -2)
    at, _ = spread(lattice, 1.2, 0.3)
    for axis in (0, 1):
        columns = [at[lattice[:, axis] == value, axis] for value in np.unique(lattice[:, axis])]
        assert all(left.max() < right.min() for left, right in pairwise(columns))


@settings(max_examples=15)
@given(st.integers(1, 60), AREA)
def test_a_grid_has_a_cell_for_each_and_hardly_more(n: int, aspect: float) -> None:
    at, _ = spread(np.random.default_rng(n).normal(size=(n, 2)), aspect, 0.5)
    cells, rows, cols = snap(at, aspect)
    assert (rows, cols) == grid_shape(n, aspect)
    assert len(set(cells.tolist())) == n and cells.max() < rows * cols
    assert rows * cols < n + max(rows, cols)


def test_snapping_a_grid_leaves_it_alone() -> None:
    row, col = np.divmod(np.arange(12), 4)
    at = np.stack([(col + 0.5) / 4, (row + 0.5) / 3], axis=1)
    shuffled = np.random.default_rng(1).permutation(12)
    cells, rows, cols = snap(at[shuffled], 4 / 3)
    assert (rows, cols) == (3, 4)
    np.testing.assert_array_equal(cells, shuffled)


def test_pca_finds_the_plane_that_latents_lie_in() -> None:
    random = np.random.default_rng(2)
    axes = np.linalg.qr(random.normal(size=(6, 2)))[0].T
    flat = random.normal(size=(50, 2)) * (5, 2)
    plane = pca(flat @ axes + 3)
    assert plane.shares is not None and plane.shares.sum() == pytest.approx(1) and plane.shares[0] > plane.shares[1]
    distance = np.hypot(*(flat[:, None] - flat[None]).T)
    np.testing.assert_allclose(np.hypot(*(plane.places[:, None] - plane.places[None]).T), distance, atol=1e-9)
    shuffled = random.permutation(50)
    np.testing.assert_allclose(pca((flat @ axes)[shuffled]).places, plane.places[shuffled], atol=1e-9)
    same = pca(np.ones((4, 6)))
    assert not same.places.any() and same.shares is not None and not same.shares.any()


def test_company_tells_a_true_map_from_a_shuffled_one() -> None:
    random = np.random.default_rng(3)
    latents = random.normal(size=(150, 2)) @ random.normal(size=(2, 8))
    true = company(latents, pca(latents).places)
    assert true is not None and true.neighbours == 10
    assert (true.kept, true.trustworthiness) == (1, 1)
    shuffled = company(latents, random.permutation(pca(latents).places))
    assert shuffled is not None
    assert shuffled.kept == pytest.approx(shuffled.by_chance, abs=0.04)
    assert shuffled.trustworthiness == pytest.approx(0.5, abs=0.06)
    assert company(latents[:3], latents[:3, :2]) is None


@pytest.mark.usefixtures("here")
def test_files_share_the_sheet_and_are_picked_evenly() -> None:
    assert chosen(["cats.ndjson", "sheep.ndjson.gz"], 8) == tuple(
        [f"cats.ndjson#{i}" for i in (3, 11, 18, 26)] + [f"sheep.ndjson.gz#{i}" for i in range(4)]
    )
    assert len(chosen(["cats.ndjson", "sheep.ndjson.gz"], 20)) == 20  # 4 sheep leave room for 16 cats
    assert chosen(["sheep.ndjson.gz", "cat-head", "cats.ndjson"], 3)[1] == "cat-head"
    assert len(chosen(["cats.ndjson"], 200)) == 30
    assert chosen(["cats.ndjson#2", "cats.ndjson#2"], 5) == ("cats.ndjson#2",)


@pytest.mark.usefixtures("here")
def test_a_map_is_drawn_and_nothing_overlaps(plotsketch: Run) -> None:
    words = ["cats.ndjson", "sheep.ndjson.gz", "--draw", "inputs", "--paper", "a5", "--margin", "12mm"]
    found = run_map(plotsketch, *words, "-o", "map.svg", "--pen", "black", "--pen", "red", "--pen-by", "group")
    assert found["cells"] == 34
    assert found["map"]["neighbours"].keys() == {"neighbours", "kept", "by_chance", "trustworthiness"}
    assert len(found["map"]["variance"]) == 2 and 0 < sum(found["map"]["variance"]) <= 1
    boxes = boxes_of(Path("map.svg"))
    assert len(boxes) == 34
    assert min(b[0] for b in boxes) >= 12 and max(b[2] for b in boxes) <= 148 - 12
    assert min(b[1] for b in boxes) >= 12 and max(b[3] for b in boxes) <= 210 - 12
    middles = np.array([((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in boxes])
    radii = np.array([np.hypot(b[2] - b[0], b[3] - b[1]) / 2 for b in boxes])
    apart = np.hypot(*(middles[:, None] - middles[None]).T) + 999 * np.eye(34)
    assert (apart > 0.7 * (radii[:, None] + radii[None])).all()
    run_map(plotsketch, *words, "-o", "again.svg", "--pen", "black", "--pen", "red", "--pen-by", "group")
    assert Path("map.svg").read_bytes() == Path("again.svg").read_bytes()


@pytest.mark.usefixtures("here")
def test_a_person_is_told_how_true_the_map_is(plotsketch: Run) -> None:
    result = plotsketch("explore", "cats.ndjson", "--model", "tiny.safetensors", "-o", "map.svg")
    assert result.exit_code == 0, result.output
    assert "% of the variance; of each drawing's 9 nearest" in result.stdout
    assert "by chance); trustworthiness 0." in result.stdout


@pytest.mark.usefixtures("here")
def test_landmarks_and_classes_stand_with_their_names(plotsketch: Run) -> None:
    assert run_map(plotsketch, "--landmarks", "--classes", "-o", "map.svg")["cells"] == 7
    sheet = explore("sheep.ndjson.gz#1", landmarks=True, classes=True, model="tiny.safetensors")
    labels = [figure.label for figure in sheet.plate.figures]
    assert labels == ["sheep", "mark-0", "mark-1", "mark-2", "mark-3", "mark-4", "cat", "sheep"]
    assert [figure.reference for figure in sheet.plate.figures][:2] == ["r1c1", "r1c2"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("snapped", [False, True])
def test_cells_are_drawn_by_the_spots_of_their_references(snapped: bool) -> None:
    studio = Studio(Sketcher.load("tiny.safetensors"))
    recipe = ExploreRecipe(drawings=tuple(f"cats.ndjson#{i}" for i in range(11)), snap=snapped, hand=Hand(0.4, 5))
    recipe = ExploreRecipe.from_dict(json.loads(json.dumps(recipe.to_dict())))
    plate, spots = recipe.draw(studio), recipe.spots(studio)
    assert recipe.shape == (plate.rows, plate.cols) and plate.arrangement == recipe.arrangement
    assert list(spots) == [(figure.row, figure.col) for figure in plate.figures] == sorted(spots)
    for figure, spot, again in zip(plate.figures, plate.spots, spots.values(), strict=True):
        assert spot is not None and spot.stream == again.stream == 0
        np.testing.assert_array_equal(spot.latent, again.latent)
        (alone,) = studio.draw([again], recipe.hand)
        np.testing.assert_array_equal(figure.parts[0].sketch.points, alone.points)
    known = {studio.spot(name).latent.tobytes() for name in recipe.drawings}  # type: ignore[union-attr]
    assert {spot.latent.tobytes() for spot in spots.values()} == known  # type: ignore[union-attr]


@pytest.mark.usefixtures("here")
def test_inputs_are_shown_as_they_were_given() -> None:
    sheet = explore("cats.ndjson#4-9", drawn="inputs", model="tiny.safetensors")
    for figure, drawing in zip(sheet.plate.figures, scribbles(30, "cat")[4:10], strict=True):
        np.testing.assert_array_equal(figure.outline.points, drawing.sketch.points)
    assert sheet.plate.spots == (None,) * 6


class FakeUMAP:
    """Keeps the first two numbers of each latent."""

    def __init__(self, **options: object) -> None:
        assert options["random_state"] is not None

    def fit_transform(self, latents: np.ndarray) -> np.ndarray:
        return latents[:, :2].astype(np.float32)


@pytest.mark.usefixtures("here")
def test_umap_is_used_where_it_is_installed(plotsketch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["cats.ndjson", "--project", "umap", "-o", "map.svg"]
    monkeypatch.setattr("plotsketch.art.chart.find_spec", lambda name: None)
    result = plotsketch("explore", *words, "--model", "nobody")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "UMAP is not installed; install it with pip install 'plotsketch[umap]'" in result.stderr
    monkeypatch.setattr("plotsketch.art.chart.find_spec", lambda name: object())
    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=FakeUMAP))
    found = run_map(plotsketch, *words)
    assert found["map"]["variance"] is None and found["map"]["neighbours"]["kept"] > 0.1


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "0 drawings make no map"),
        (["cats.ndjson#0", "cats.ndjson#1"], "2 drawings make no map"),
        (["--classes"], "2 drawings make no map"),
        (["none.ndjson"], "none.ndjson: no such file"),
        (["cats.ndjson", "--most", "0"], "raise --most"),
        (["cats.ndjson", "--cover", "0.9"], "--cover is 0.9; give a share"),
        (["cats.ndjson", "--cover", "nan"], "--cover is nan; give a share"),
        (["cats.ndjson", "--layout", "ring"], "a map has no cells to lay out"),
        (["cats.ndjson", "--gutter", "3mm"], "a map has no gutters"),
        (["cats.ndjson", "mark-1", "--draw", "inputs"], "'mark-1' is no drawing in a file"),
        (["cats.ndjson", "--landmarks", "--draw", "inputs"], "leave out --draw inputs"),
        (["cats.ndjson", "--model", "blind.safetensors"], "decoder alone"),
        (["cats.ndjson", "--paper", "20x20mm", "--margin", "9mm"], "no room on"),
    ],
)
def test_mistakes_are_one_line(plotsketch: Run, words: list[str], said: str) -> None:
    result = plotsketch("explore", "--model", "tiny.safetensors", "-o", "map.svg", *words)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    assert not Path("map.svg").exists()


def test_a_recipe_that_makes_no_sense_is_refused() -> None:
    for wrong in ({"projection": "tsne"}, {"drawn": "both"}, {"aspect": 0.0}):
        with pytest.raises(UserError):
            ExploreRecipe(drawings=("a.svg", "b.svg", "c.svg"), **wrong)  # type: ignore[arg-type]
