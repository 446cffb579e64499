"""Endings of unfinished drawings: the sampler's part, the latents that fit, and ``plotsketch complete``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import svgelements
import torch
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plotsketch.art.complete import CompleteRecipe
from plotsketch.art.plan import Hand
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.model import completion, mixture
from plotsketch.model.checkpoint import Checkpoint, ClassLatent, save
from plotsketch.model.config import ModelConfig
from plotsketch.model.network import START_ROW, SketchRNN
from plotsketch.model.sketcher import Sketcher
from plotsketch.strokes.sketch import Sketch
from plotsketch.strokes.svg import write_svg

SIZE, MOST, SCALE = 6, 40, 40.0
RED = "#d42a1e"
Command = Callable[..., Result]


def make_sketcher(conditional: bool = True) -> Sketcher:
    config = ModelConfig(encoder_size=8, decoder_size=24, latent_size=SIZE, mixtures=3, max_points=MOST,
                         conditional=conditional)  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = SketchRNN(config).eval()
    with torch.no_grad():
        network.head.bias[2] = -1.0
        if network.initial is not None:  # untrained, no latent would make a difference
            network.initial.weight.normal_(generator=torch.Generator().manual_seed(1))
    if not conditional:
        return Sketcher(Checkpoint(network, SCALE, "scribbler"))
    classes = {name: ClassLatent(np.full(SIZE, at, np.float32), np.ones(SIZE, np.float32))
               for at, name in enumerate(("cat", "pig"))}  # fmt: skip
    landmarks = {"cat-full": np.full(SIZE, 2.0, np.float32)}
    return Sketcher(Checkpoint(network, SCALE, "tiny", classes=classes, landmarks=landmarks))


@pytest.fixture(scope="module", params=[True, False], ids=["latent space", "decoder only"])
def sketcher(request: pytest.FixtureRequest) -> Sketcher:
    return make_sketcher(request.param)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    folder = tmp_path_factory.mktemp("models")
    for conditional in (True, False):
        save(make_sketcher(conditional).checkpoint, folder / f"{conditional}.safetensors")
    return {conditional: folder / f"{conditional}.safetensors" for conditional in (True, False)}


def ears(points: int = 3) -> Sketch:
    turn = np.linspace(0, 3, points)
    return Sketch((np.stack([40 * turn, 60 * np.abs(np.sin(2 * turn))], axis=1), np.array([[10.0, 80], [90, 85]])))


@pytest.fixture
def start(tmp_path: Path) -> Path:
    write_svg(tmp_path / "start.svg", ears(40))
    return tmp_path / "start.svg"


def same(left: Sketch, right: Sketch) -> bool:
    return [line.tolist() for line in left.lines] == [line.tolist() for line in right.lines]


def test_an_ending_is_the_same_in_any_company(sketcher: Sketcher) -> None:
    together = sketcher.complete(ears(), cells=range(20), seed=3)
    for cells, threads in (([7], 1), ([19, 2, 7], 2)):
        for cell, ending in zip(cells, sketcher.complete(ears(), cells=cells, seed=3, threads=threads), strict=True):
            assert same(ending, together[cell])
    assert not same(sketcher.complete(ears(), cells=[7], seed=4)[0], together[7])
    assert len({str(ending.lines) for ending in together}) == 20


def test_the_pen_goes_on_or_is_lifted(sketcher: Sketcher) -> None:
    last = ears().lines[-1][-1]
    for ending in sketcher.complete(ears(), cells=range(8), lift=False):
        np.testing.assert_array_equal(ending.lines[0][0], last)
    for ending in sketcher.complete(ears(), cells=range(8), lift=True):
        assert np.abs(ending.lines[0][0] - last).max() > 0


def test_latents_of_ones_own_are_taken() -> None:
    sketcher = make_sketcher()
    latents = np.stack([np.full(SIZE, value, np.float32) for value in (-3, 3)])
    first, second = sketcher.complete(ears(), latents, cells=[1, 1])
    assert not same(first, second)
    assert same(sketcher.complete(ears(), latents[1:], cells=[1])[0], second)


def test_more_points_than_the_model_goes_on_from_are_refused(sketcher: Sketcher) -> None:
    assert sketcher.most_given == 30
    with pytest.raises(UserError, match="goes on from 30 at most"):
        sketcher.complete(Sketch((np.random.default_rng(0).normal(size=(40, 2)),)), cells=[0])


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_a_beginning_is_as_large_as_asked_and_short_enough(sketcher: Sketcher, share: float) -> None:
    turn = np.linspace(0, 60, 5000)
    begun, found = sketcher.as_beginning(Sketch((np.stack([turn, np.sin(turn * 9)], axis=1),)), share=share)
    xmin, _, xmax, _ = begun.bounds
    assert (xmax - xmin, found) == (pytest.approx(share * 255, abs=1), share)
    assert len(begun.to_stroke3()) <= 30
    assert sketcher.as_beginning(ears())[1] in completion.SHARES


@torch.inference_mode()
def test_the_likelihood_is_that_of_the_decoder_step_by_step(sketcher: Sketcher) -> None:
    network = sketcher.checkpoint.network
    rows = completion.beginning(ears().to_stroke5(end_row=False) / [SCALE, SCALE, 1, 1, 1], lift=True)
    latents = completion.candidates(SIZE, [], 0, 5) if network.config.conditional else None
    z = None if latents is None else torch.from_numpy(latents)
    count = 5 if network.config.conditional else 1
    static, state = network.decoder.static(z, count), network.initial_state(z, count)
    x, expected = torch.tensor(START_ROW).expand(count, 5), torch.zeros(count)
    for row in torch.from_numpy(rows):
        raw, state = network.step(x, static, state)
        x = row.expand(count, 5)
        mix = mixture.split(raw, network.config.mixtures)
        expected -= mixture.offset_nll(mix, x[:, 0], x[:, 1]) + mixture.pen_nll(mix, x[:, 2:].argmax(1))
    np.testing.assert_allclose(completion.log_likelihoods(network, rows, latents), expected.numpy(), rtol=1e-4)


@given(arrays(np.float64, st.integers(20, 60), elements=st.floats(-1e4, 0)))
def test_tempered_weights_count_for_as_many_as_asked(log_weights: np.ndarray) -> None:
    weights = completion.tempered(log_weights, 12.0)
    assert weights.sum() == pytest.approx(1)
    assert 1 / np.square(weights).sum() >= 11.99
    assert weights[np.argmax(log_weights)] == weights.max()


def test_cells_take_candidates_by_weight() -> None:
    log_weights = np.log(np.repeat([0.04, 0.01], [20, 20]))
    taken = completion.resampled(log_weights, range(20_000), seed=1)
    assert (taken < 20).mean() == pytest.approx(0.8, abs=0.01)
    np.testing.assert_array_equal(completion.resampled(log_weights, [17, 5], seed=1), taken[[17, 5]])


def test_a_figure_is_the_given_part_and_an_ending() -> None:
    sketcher = make_sketcher()
    studio = Studio(sketcher)
    recipe = CompleteRecipe(drawing="cat-full", rows=2, cols=3, share=0.5, lift=False, hand=Hand(seed=2))
    plate = recipe.draw(studio)
    assert [[part.role for part in figure.parts] for figure in plate.figures] == [["given", "drawing"]] * 6
    for figure in plate.figures:
        given_part, ending = (part.sketch for part in figure.parts)
        np.testing.assert_allclose(ending.lines[0][0], given_part.lines[-1][-1])
    assert max(np.ptp(plate.figures[0].parts[0].sketch.points, axis=0)) == pytest.approx(127.5)
    assert list(recipe.spots(studio)) == [(row, col) for row in range(2) for col in range(3)]


def test_a_recipe_goes_through_a_file_unchanged() -> None:
    recipe = CompleteRecipe(drawing="cat-head", rows=3, share=0.4, lift=False, like="class:pig", hand=Hand(seed=4))
    assert CompleteRecipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe


@pytest.mark.parametrize("conditional", [True, False])
def test_the_command_draws_in_two_pens(
    plotsketch: Command, models: dict[bool, Path], start: Path, tmp_path: Path, conditional: bool
) -> None:
    out = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in out:
        result = plotsketch("complete", start, "--rows", 2, "--cols", 3, "--model", models[conditional], "-o", path)
        assert result.exit_code == 0, result.output
    assert out[0].read_bytes() == out[1].read_bytes()
    assert "as large as a finished drawing" in result.stdout
    shapes = [shape for shape in svgelements.SVG.parse(str(out[0])).elements()
              if isinstance(shape, svgelements.Polyline)]  # fmt: skip
    colours = [shape.stroke.hex for shape in shapes]
    assert colours.count(RED) == 6 * 2 and len(colours) > 6 * 3 - 1


def test_like_and_json(plotsketch: Command, models: dict[bool, Path], start: Path, tmp_path: Path) -> None:
    words = ["complete", start, "--rows", 1, "--cols", 2, "--model", models[True], "--share", 0.5, "--json"]
    answer = json.loads(plotsketch(*words, "-o", tmp_path / "a.svg").stdout)
    assert (answer["cells"], answer["share"], answer["points_given"]) == (2, 0.5, 42)
    assert plotsketch(*words, "--like", "cat-full", "-o", tmp_path / "b.svg").exit_code == 0
    assert (tmp_path / "a.svg").read_bytes() != (tmp_path / "b.svg").read_bytes()


def test_a_long_drawing_is_thinned_and_said(plotsketch: Command, models: dict[bool, Path], tmp_path: Path) -> None:
    turn = np.linspace(0, 20, 5000)
    write_svg(tmp_path / "long.svg", Sketch((np.stack([turn * np.cos(turn), turn * np.sin(turn)], axis=1),)))
    words = ["complete", tmp_path / "long.svg", "--rows", 1, "--cols", 1, "--model", models[True]]
    result = plotsketch(*words, "-o", tmp_path / "out.svg")
    assert result.exit_code == 0, result.output
    assert "of its 5,000 points the model saw" in result.stdout and "goes on from 30 at most" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rows", "0"], "0 x 6 cells is empty"),
        (["--share", "0"], "--share is 0; give"),
        (["--share", "nan"], "--share is nan; give"),
        (["--like", "nobody"], "knows no 'nobody'"),
        (["--like", "cat-full", "--model", "decoder"], "latent"),
    ],
)
def test_mistakes_are_one_line(
    plotsketch: Command, models: dict[bool, Path], start: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    words = [str(models[False]) if word == "decoder" else word for word in words]
    result = plotsketch("complete", start, "--model", models[True], "-o", tmp_path / "out.svg", *words)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    assert message in result.stderr and not (tmp_path / "out.svg").exists()


def test_too_many_lines_are_refused(plotsketch: Command, models: dict[bool, Path], tmp_path: Path) -> None:
    lines = [np.array([[x, 0.0], [x, 10.0]]) for x in range(60)]
    write_svg(tmp_path / "rain.svg", Sketch(tuple(lines)))
    result = plotsketch("complete", tmp_path / "rain.svg", "--model", models[True], "-o", tmp_path / "out.svg")
    assert result.exit_code == 1 and "60 lines is too much" in result.stderr
