"""A checkpoint put to work: references, latents and drawings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plotsketch.errors import UserError
from plotsketch.model.checkpoint import Checkpoint, ClassLatent, save
from plotsketch.model.config import ModelConfig
from plotsketch.model.network import SketchRNN
from plotsketch.model.packing import pack
from plotsketch.model.sketcher import CLASS_SPREAD, TYPICAL, Sketcher, is_prepared, prepared, shortened
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.quickdraw import write_ndjson
from plotsketch.strokes.sketch import Sketch
from plotsketch.strokes.svg import write_svg

SIZE = 6
MOST = 30
SCALE = 40.0


def make_checkpoint(conditional: bool = True) -> Checkpoint:
    config = ModelConfig(encoder_size=8, decoder_size=16, latent_size=SIZE, mixtures=3, max_points=MOST,
                         conditional=conditional)  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = SketchRNN(config).eval()
    with torch.no_grad():
        network.head.bias[2] = -1.0
        if network.encoder is not None:  # untrained, it gives all drawings nearly the same latent
            network.encoder.mu.weight.normal_(generator=torch.Generator().manual_seed(0))
    if not conditional:
        return Checkpoint(network, SCALE, "scribbler")
    means = {name: np.full(SIZE, value, np.float32) for value, name in enumerate(("cat", "flamingo", "pig"))}
    classes = {name: ClassLatent(mean, np.full(SIZE, 0.5, np.float32)) for name, mean in means.items()}
    landmarks = {name: np.full(SIZE, -value, np.float32) for value, name in enumerate(("cat-full", "cat-head"), 1)}
    return Checkpoint(network, SCALE, "tiny", classes=classes, landmarks=landmarks)


@pytest.fixture(scope="module")
def sketcher() -> Sketcher:
    return Sketcher(make_checkpoint())


@pytest.fixture(scope="module")
def decoder_only() -> Sketcher:
    return Sketcher(make_checkpoint(conditional=False))


def wave(turns: float = 2.0, points: int = 400) -> Sketch:
    """A hand-drawn kind of drawing: many points, two lines."""
    x = np.linspace(0, 600, points)
    curve = np.stack([x, 80 * np.sin(x / 600 * 2 * np.pi * turns)], axis=1)
    return Sketch((curve, np.array([[0.0, 150.0], [600.0, 150.0]])))


def test_reading_a_drawing_is_the_encoder_on_its_rows(sketcher: Sketcher) -> None:
    sketch = prepared(wave())
    rows = sketch.to_stroke5(end_row=False) / [SCALE, SCALE, 1, 1, 1]
    packed = pack([rows])
    with torch.inference_mode():
        expected = sketcher.checkpoint.network.encode(packed.rows, packed.sizes)[0].numpy()
    np.testing.assert_allclose(sketcher.encode([sketch], prepare=False), expected, rtol=1e-5, atol=1e-6)


def test_a_drawings_latent_does_not_hang_on_its_company(sketcher: Sketcher) -> None:
    some = [wave(turns) for turns in (1, 2, 3, 0.5)]
    together = sketcher.encode(some)
    assert together.shape == (4, SIZE) and together.dtype == np.float32
    np.testing.assert_array_equal(together[[2, 0]], sketcher.encode([some[2], some[0]]))
    assert len({latent.tobytes() for latent in together}) == 4
    assert sketcher.encode([]).shape == (0, SIZE)


def test_foreign_drawings_are_prepared_as_the_training_data_was(sketcher: Sketcher) -> None:
    """Neither where nor how large nor with how many points they were drawn matters."""
    plain = sketcher.encode([wave()])
    np.testing.assert_array_equal(sketcher.encode([wave().scaled(0.04).translated(7, -3)]), plain)
    np.testing.assert_allclose(sketcher.encode([wave(points=900)]), plain, atol=0.3)
    assert not np.allclose(sketcher.encode([wave()], prepare=False), plain, atol=0.3)


def test_drawings_of_the_dataset_are_taken_as_they_are(sketcher: Sketcher) -> None:
    sketch = prepared(wave())
    assert is_prepared(sketch) and not is_prepared(wave()) and not is_prepared(Sketch(()))
    np.testing.assert_array_equal(sketcher.encode([sketch]), sketcher.encode([sketch], prepare=False))


def test_most_drawings_of_the_dataset_count_as_prepared(shared: Path) -> None:
    from plotsketch.strokes.reading import read_drawings

    sketches = [drawing.sketch for drawing in read_drawings(shared / "data/quickdraw/flamingo.ndjson.gz")]
    assert np.mean([is_prepared(sketch) for sketch in sketches]) > 0.95


def test_long_drawings_are_thinned_to_what_the_model_was_trained_on(sketcher: Sketcher) -> None:
    long = wave(turns=40, points=4000)
    assert len(prepared(long).to_stroke3()) > MOST
    short = shortened(prepared(wave(turns=6)), MOST)
    assert 10 < len(short.to_stroke3()) <= MOST
    assert len(short.lines) == 2 and short.lines[0][0] == pytest.approx(prepared(wave(turns=6)).lines[0][0])
    assert sketcher.encode([long]).shape == (1, SIZE)


@pytest.mark.parametrize("place", [0.0, 10.0])
def test_too_many_lines_are_too_much(sketcher: Sketcher, place: float) -> None:
    dots = Sketch(tuple(np.array([[place * i, 0.0]]) for i in range(MOST + 1)))
    with pytest.raises(UserError, match=f"drawing 1.*{MOST + 1} lines.*at most {MOST} points"):
        sketcher.encode([wave(), dots])


def test_an_empty_drawing_is_refused(sketcher: Sketcher) -> None:
    with pytest.raises(UserError, match="empty drawing"):
        sketcher.encode([Sketch(())])


def test_numbers_beyond_reason_are_refused(sketcher: Sketcher) -> None:
    with pytest.raises(UserError, match="not a number"):
        sketcher.encode([Sketch((np.array([[0, 0], [np.nan, 1.0]]),))], prepare=False)


def test_references_to_files(sketcher: Sketcher, tmp_path: Path) -> None:
    write_svg(tmp_path / "wave.svg", wave())
    write_ndjson(tmp_path / "two.ndjson", [Drawing(prepared(wave(turns))) for turns in (1, 2)])
    expected = sketcher.encode([wave(2)])[0]
    np.testing.assert_allclose(sketcher.latent(f"{tmp_path}/wave.svg"), expected, atol=0.3)
    np.testing.assert_allclose(sketcher.latent(f"{tmp_path}/two.ndjson#1"), expected, atol=1e-5)
    with pytest.raises(UserError, match="no such drawing"):
        sketcher.latent(f"{tmp_path}/two.ndjson#2")


def test_a_seed_is_a_draw_from_the_prior(sketcher: Sketcher) -> None:
    latents = np.array([sketcher.latent(f"seed:{seed}") for seed in range(500)])
    assert latents.shape == (500, SIZE)
    np.testing.assert_allclose(latents.mean(0), 0, atol=0.2)
    np.testing.assert_allclose(latents.std(0), 1, atol=0.15)
    np.testing.assert_array_equal(latents[7], sketcher.prior(7))


def test_a_class_is_what_is_typical_of_it_or_a_draw_from_around_it(sketcher: Sketcher) -> None:
    np.testing.assert_array_equal(sketcher.latent("class:pig"), np.full(SIZE, TYPICAL * 2, np.float32))
    draws = np.array([sketcher.class_latent("pig", seed) for seed in range(500)])
    np.testing.assert_allclose(draws.mean(0), TYPICAL * 2, atol=0.1)
    np.testing.assert_allclose(draws.std(0), CLASS_SPREAD * 0.5, atol=0.05)


def test_draws_of_a_class_go_along_its_axes(sketcher: Sketcher) -> None:
    axes = np.zeros((2, SIZE), np.float32)
    axes[0, :2], axes[1, 2] = (3, 3), 0.5
    pig = sketcher.checkpoint.classes["pig"]
    own = replace(sketcher.checkpoint, classes={"pig": ClassLatent(pig.mean, pig.spread, axes)})
    draws = np.array([Sketcher(own).class_latent("pig", seed, spread=1) for seed in range(500)]) - TYPICAL * pig.mean
    np.testing.assert_allclose(draws[:, 0], draws[:, 1], atol=1e-6)
    np.testing.assert_allclose(draws[:, :3].std(0), (3, 3, 0.5), rtol=0.1)
    assert not draws[:, 3:].any()


def test_a_name_is_a_landmark(sketcher: Sketcher) -> None:
    found = sketcher.latent("cat-head")
    np.testing.assert_array_equal(found, np.full(SIZE, -2, np.float32))
    found[:] = 0  # a caller may do what it likes with its own
    np.testing.assert_array_equal(sketcher.latent("cat-head"), np.full(SIZE, -2, np.float32))


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("cat-hed", "'tiny' knows no 'cat-hed'; did you mean cat-head"),
        ("cat", "class:cat"),
        ("class:flamngo", "no class 'flamngo'; did you mean class:flamingo?"),
        ("zzz", r"it knows cat-full, cat-head, class:cat, class:flamingo, class:pig; a file"),
        ("missing.svg", "missing.svg"),
        ("", "empty"),
    ],
)
def test_unknown_names_are_told_with_the_near_ones(sketcher: Sketcher, reference: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as error:
        sketcher.latent(reference)
    assert "\n" not in str(error.value)


def test_drawings_come_in_data_units(sketcher: Sketcher) -> None:
    from plotsketch.model.sampler import sample

    latents = np.array([sketcher.prior(seed) for seed in range(12)])
    sketches = sketcher.sample(latents, seed=4, temperature=0.5)
    plain = sample(sketcher.checkpoint.network, latents, range(12), seed=4, temperature=0.5)
    assert len(sketches) == 12
    for sketch, drawn in zip(sketches, plain, strict=True):
        assert sketch.finished == drawn.finished
        expected = Sketch.from_stroke3(drawn.rows * [SCALE, SCALE, 1])
        np.testing.assert_allclose(sketch.points, expected.points)
        assert [len(line) for line in sketch.lines] == [len(line) for line in expected.lines]


def test_cells_number_the_drawings(sketcher: Sketcher) -> None:
    latents = np.array([sketcher.prior(seed) for seed in range(12)])
    everyone = sketcher.sample(latents, seed=4)
    for sketch, cell in zip(sketcher.sample(latents[[7, 2]], seed=4, cells=[7, 2]), (7, 2), strict=True):
        np.testing.assert_array_equal(sketch.points, everyone[cell].points)


def test_a_decoder_alone_draws_and_says_what_it_cannot(decoder_only: Sketcher) -> None:
    assert len(decoder_only.sample(None, cells=range(5), seed=1)) == 5
    with pytest.raises(ValueError, match="cells"):
        decoder_only.sample(None)
    wishes = [
        lambda: decoder_only.latent("seed:1"), lambda: decoder_only.encode([wave()]), lambda: decoder_only.prior(1),
        lambda: decoder_only.class_latent("cat"), lambda: decoder_only.sample(np.zeros((1, SIZE))),
    ]  # fmt: skip
    for wish in wishes:
        with pytest.raises(UserError, match="'scribbler'.*no latent space"):
            wish()


def test_a_saved_checkpoint_draws_the_same(tmp_path: Path) -> None:
    checkpoint = make_checkpoint()
    path = tmp_path / "tiny.safetensors"
    save(checkpoint, path, half=False)
    z = np.ones((1, SIZE))
    first, second = (one.sample(z)[0].points for one in (Sketcher(checkpoint), Sketcher.load(path)))
    np.testing.assert_array_equal(first, second)
