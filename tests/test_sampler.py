"""The sampler through its public surface: the same drawing in any company, ends, temperatures, best of n."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plotsketch.model import blocks, mixture
from plotsketch.model.blocks import BLOCK, block_sizes
from plotsketch.model.config import ModelConfig
from plotsketch.model.network import START_ROW, SketchRNN
from plotsketch.model.packing import pack
from plotsketch.model.points import Temperatures, draw_points
from plotsketch.model.randomness import latent_normals, step_draws
from plotsketch.model.sampler import Drawn, sample
from plotsketch.model.stepper import LSTMStepper, Product, stepper

CELLS = 70  # more than two blocks
MEAN_POINTS = 12


def make_network(end_rate: float = 1 / MEAN_POINTS, **config: object) -> SketchRNN:
    """Random weights, with an end bias that gives drawings of about 1 / end_rate points."""
    sizes = {"encoder_size": 8, "decoder_size": 24, "latent_size": 6, "mixtures": 3, "max_points": 40,
             "hyper_size": 8, "hyper_embedding": 4}  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = SketchRNN(ModelConfig(**{**sizes, **config})).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        if network.initial is not None:
            network.initial.weight.normal_(std=0.5, generator=torch.Generator().manual_seed(1))
        network.head.bias[2] = math.log(2 * end_rate / (1 - end_rate))
    return network


def make_latents(network: SketchRNN, count: int = CELLS) -> np.ndarray | None:
    if not network.config.conditional:
        return None
    return np.array([latent_normals(3, network.config.latent_size, cell) for cell in range(count)], np.float32)


def draw(network: SketchRNN, cells: list[int] | range, **options: object) -> list[Drawn]:
    latents = make_latents(network)
    return sample(network, None if latents is None else latents[list(cells)], cells, seed=5, **options)  # type: ignore


def assert_same(left: Drawn, right: Drawn) -> None:
    np.testing.assert_array_equal(left.rows, right.rows)
    assert (left.finished, left.attempt, left.log_likelihood) == (right.finished, right.attempt, right.log_likelihood)


KINDS = ("lstm", "layer_norm", "hyper", "decoder-only")


@pytest.fixture(scope="module")
def networks() -> dict[str, SketchRNN]:
    kinds = {kind: make_network(decoder_cell=kind) for kind in KINDS[:3]}
    return {**kinds, "decoder-only": make_network(conditional=False)}


@pytest.fixture(scope="module")
def everyone(networks: dict[str, SketchRNN]) -> dict[str, list[Drawn]]:
    """All cells of every network, drawn together."""
    return {kind: draw(network, range(CELLS), threads=1) for kind, network in networks.items()}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12)
@given(cells=st.lists(st.integers(0, CELLS - 1), min_size=1, max_size=CELLS), threads=st.integers(1, 3))
def test_a_cell_is_the_same_drawing_in_any_company(
    networks: dict[str, SketchRNN], everyone: dict[str, list[Drawn]], kind: str, cells: list[int], threads: int
) -> None:
    for cell, drawn in zip(cells, draw(networks[kind], cells, threads=threads), strict=True):
        assert_same(drawn, everyone[kind][cell])


@pytest.mark.parametrize("conditional", [True, False])
def test_company_does_not_matter_at_full_size(conditional: bool) -> None:
    network = make_network(1 / 5, encoder_size=8, decoder_size=512, latent_size=128, mixtures=20, max_points=12,
                           conditional=conditional)  # fmt: skip
    latents = make_latents(network, 150)
    together = sample(network, latents, range(150), threads=2)
    assert any(drawn.attempt > 0 for drawn in together), "redrawing is part of what is to be shown"
    for cells, threads in (([17], 1), ([17], 2), ([3, 17, 149, 60], 1), (list(range(149, 90, -1)), 3)):
        part = sample(network, None if latents is None else latents[cells], cells, threads=threads)
        for cell, drawn in zip(cells, part, strict=True):
            assert_same(drawn, together[cell])


@pytest.mark.parametrize("intra_op", [1, 2])
def test_torch_keeps_its_threads(networks: dict[str, SketchRNN], everyone: dict, intra_op: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(intra_op)
    try:
        drawn = draw(networks["lstm"], range(20))
        assert torch.get_num_threads() == intra_op
    finally:
        torch.set_num_threads(before)
    for cell, one in enumerate(drawn):
        assert_same(one, everyone["lstm"][cell])


def test_seed_and_cell_make_the_drawing(networks: dict[str, SketchRNN]) -> None:
    network = networks["lstm"]
    z = np.repeat(make_latents(network, 1), 4, axis=0)  # type: ignore[arg-type]
    first = sample(network, z, [0, 1, 0, 1 << 63], seed=1)
    assert_same(first[0], first[2])
    assert len({drawn.rows.tobytes() for drawn in first}) == 3
    assert_same(sample(network, z[:1], [0], seed=-1)[0], sample(network, z[:1], [0], seed=(1 << 64) - 1)[0])
    assert sample(network, z[:1], [0], seed=2)[0].rows.tobytes() != first[0].rows.tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("temperature", [0.0, 0.25, 1.0])
def test_it_draws_what_a_plain_loop_draws(networks: dict[str, SketchRNN], kind: str, temperature: float) -> None:
    """Against one point, one drawing and one attempt at a time, at a limit that makes many attempts necessary."""
    network, cells, options = networks[kind], range(24), {"temperature": temperature, "max_points": 8, "attempts": 4}
    drawn = draw(network, cells, **options)
    assert {one.attempt for one in drawn} >= {0, 1, 2}
    for cell, one in zip(cells, drawn, strict=True):
        rows, finished, attempt = plain_loop(network, cell, Temperatures(temperature), 8, 4)
        assert (one.finished, one.attempt) == (finished, attempt)
        np.testing.assert_allclose(one.rows, rows, rtol=1e-4, atol=1e-5)


def plain_loop(
    network: SketchRNN, cell: int, temperatures: Temperatures, most: int, attempts: int
) -> tuple[np.ndarray, bool, int]:
    """The sampler's rules, spelt out."""
    latents = make_latents(network)
    z = None if latents is None else torch.from_numpy(latents[cell : cell + 1])
    for attempt in range(attempts):
        warmer = temperatures.at_attempt(attempt, attempts)
        rows, finished = plain_attempt(network, z, step_draws(5, cell, attempt, most + 1), warmer)
        if finished:
            break
    return np.array(rows, np.float32).reshape(-1, 3), finished, attempt


@torch.inference_mode()
def plain_attempt(
    network: SketchRNN,
    z: torch.Tensor | None,
    draws: np.ndarray,
    temperatures: Temperatures,
    given: np.ndarray | None = None,
) -> tuple[list[tuple[float, float, int]], bool]:
    static, state = network.decoder.static(z, 1), network.initial_state(z, 1)
    x, rows = torch.tensor([START_ROW]), []
    for row in () if given is None else given:
        _, state = network.step(x, static, state)
        x = torch.from_numpy(row[None])
    for step, (u_pen, u_component, e1, e2) in enumerate(draws.tolist()):
        raw, state = network.step(x, static, state)
        mix = mixture.split(raw, network.config.mixtures)
        pens = mix.pen_logits[0, : 2 if step == 0 else 3] / temperatures.pen_divisor
        pen = int((pens.softmax(0).cumsum(0) <= u_pen).sum())
        if pen == 2:
            return rows, True
        weights = (mix.pi_logits[0] / temperatures.mixture_divisor).softmax(0)
        k = min(int((weights.cumsum(0) <= u_component).sum()), len(weights) - 1)
        rho, spread = float(mix.rho[0, k]), math.sqrt(temperatures.drawing)
        dx = float(mix.mu_x[0, k]) + spread * math.exp(mix.log_sigma_x[0, k]) * e1
        dy = float(mix.mu_y[0, k]) + spread * math.exp(mix.log_sigma_y[0, k]) * (
            rho * e1 + math.sqrt(1 - rho * rho) * e2
        )
        rows.append((dx, dy, pen))
        x = torch.tensor([[dx, dy, pen == 0, pen == 1, 0]], dtype=torch.float32)
    return rows[:-1], False


def test_the_last_of_several_attempts_may_be_longer_unless_a_limit_was_given() -> None:
    network = make_network(end_rate=1 / 60, max_points=20)
    wishes = ({"attempts": 3}, {"attempts": 3, "max_points": 20}, {"attempts": 1})
    free, bound, single = (draw(network, range(60), temperature=1.0, **options) for options in wishes)
    for long, short in zip(free, bound, strict=True):
        if short.finished:
            assert_same(long, short)
        else:
            np.testing.assert_array_equal(long.rows[:20], short.rows)
            assert long.attempt == 2 and (20 <= len(long.rows) <= 30 if long.finished else len(long.rows) == 30)
    assert sum(drawn.finished for drawn in free) > sum(drawn.finished for drawn in bound)
    assert max(len(drawn.rows) for drawn in [*bound, *single]) == 20
    alone = draw(network, [17], temperature=1.0, attempts=3)
    assert_same(alone[0], free[17])


def test_unfinished_drawings_are_drawn_again(networks: dict[str, SketchRNN]) -> None:
    once = draw(networks["lstm"], range(CELLS), max_points=10, attempts=1)
    often = draw(networks["lstm"], range(CELLS), max_points=10, attempts=40)
    assert not all(drawn.finished for drawn in once) and all(drawn.finished for drawn in often)
    assert all(len(drawn.rows) == 10 for drawn in once if not drawn.finished)
    for first, last in zip(once, often, strict=True):
        assert (last.attempt == 0) == first.finished
        if first.finished:
            assert_same(first, last)


def test_later_attempts_are_warmer() -> None:
    cold = Temperatures(0.2, pen=0.5)
    assert [round(cold.at_attempt(i, 8).drawing, 3) for i in range(8)] == [
        0.2, 0.2, 0.333, 0.467, 0.6, 0.733, 0.867, 1.0,
    ]  # fmt: skip
    assert all(cold.at_attempt(i, 8).pen == 0.5 for i in range(8))
    for attempts in (1, 2, 3, 16):
        assert cold.at_attempt(0, attempts) == cold
        assert attempts == 1 or cold.at_attempt(attempts - 1, attempts).drawing == pytest.approx(1.0)
    assert Temperatures(1.3).at_attempt(15, 16) == Temperatures(1.3)


def test_what_never_ends_is_cut_and_flagged() -> None:
    for drawn in draw(make_network(1e-12), range(40), max_points=6, attempts=3):
        assert not drawn.finished and drawn.rows.shape == (6, 3) and drawn.attempt == 2


def test_a_drawing_is_never_empty() -> None:
    for drawn in draw(make_network(1 - 1e-12), range(40)):
        assert drawn.finished and drawn.attempt == 0 and drawn.rows.shape == (1, 3)


def test_a_drawing_may_be_as_long_as_the_limit(networks: dict[str, SketchRNN]) -> None:
    drawn = draw(networks["lstm"], range(CELLS), max_points=5, attempts=300)
    assert any(one.finished and len(one.rows) == 5 for one in drawn)
    assert all(one.finished and 1 <= len(one.rows) <= 5 for one in drawn)


def test_no_temperature_leaves_nothing_to_chance_but_the_component() -> None:
    network = make_network(mixtures=1)
    latents = np.repeat(make_latents(network, 1), 3, axis=0)  # type: ignore[arg-type]
    drawn = sample(network, latents, range(3), temperature=0, pen_temperature=0, max_points=9, attempts=1)
    assert len({one.rows.tobytes() for one in drawn}) == 1


def test_the_pen_temperature_is_its_own(networks: dict[str, SketchRNN]) -> None:
    """The end is the least likely state by far: a cold pen never ends, a hot one soon."""
    cold, usual, hot = (
        draw(networks["lstm"], range(CELLS), pen_temperature=value, attempts=1) for value in (0.1, None, 5.0)
    )
    lengths = [np.mean([len(drawn.rows) for drawn in some]) for some in (cold, usual, hot)]
    assert lengths[0] > 38 and lengths[0] > lengths[1] + 5 and lengths[1] > lengths[2] + 5


@pytest.mark.parametrize("temperatures", [Temperatures(1.0), Temperatures(0.25), Temperatures(0.25, pen=2.0)])
def test_points_follow_the_distribution(temperatures: Temperatures) -> None:
    """Pen and component frequencies, means and covariance of 200,000 points from one head output."""
    count, rho, sigma = 200_000, 0.6, np.array([0.5, 2.0])
    pen_logits, pi_logits = np.array([0.3, -0.5, -1.0]), np.array([1.0, -1.0])
    components = [pi_logits, [-50, 50], [7, -3], np.full(2, np.log(sigma[0])), np.full(2, np.log(sigma[1]))]
    head = np.concatenate([pen_logits, *components, np.full(2, np.arctanh(rho))]).astype(np.float32)
    heads = np.broadcast_to(head, (count, 15))
    draws = step_draws(0, 0, 0, count)
    factors = np.tile(temperatures.factors, (count, 1))
    offsets, pen = draw_points(heads, draws, factors, np.zeros(count, bool))
    expected = np.exp(pen_logits / temperatures.pen_divisor)
    np.testing.assert_allclose(np.bincount(pen, minlength=3) / count, expected / expected.sum(), atol=0.005)
    right = offsets[:, 0] > 0
    weights = np.exp(pi_logits / temperatures.mixture_divisor)
    assert right.mean() == pytest.approx(weights[1] / weights.sum(), abs=0.005)
    covariance = np.outer(sigma, sigma) * [[1, rho], [rho, 1]] * temperatures.drawing
    np.testing.assert_allclose(np.cov(offsets[~right].T), covariance, rtol=0.03)
    np.testing.assert_allclose(offsets[~right].mean(0), [-50, 7], atol=0.03)
    assert 2 not in draw_points(heads, draws, factors, np.ones(count, bool))[1]


def test_the_random_numbers_are_what_they_should_be() -> None:
    draws = np.concatenate([step_draws(9, cell, attempt, 500) for cell in range(40) for attempt in range(3)])
    assert draws[:, :2].min() >= 0 and draws[:, :2].max() < 1
    np.testing.assert_allclose(draws.mean(0), [0.5, 0.5, 0, 0], atol=0.01)
    np.testing.assert_allclose(draws.var(0), [1 / 12, 1 / 12, 1, 1], rtol=0.02)
    np.testing.assert_allclose(np.corrcoef(draws.T), np.eye(4), atol=0.015)
    np.testing.assert_array_equal(step_draws(9, 2, 1, 500)[:7], step_draws(9, 2, 1, 7))


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_of_n_is_the_likeliest(networks: dict[str, SketchRNN], kind: str) -> None:
    network, cells = networks[kind], range(20)
    one, best = draw(network, cells), draw(network, cells, best_of=4)
    single = [likelihood(network, cell, drawn) for cell, drawn in zip(cells, one, strict=True)]
    for cell, drawn, plain, first in zip(cells, best, single, one, strict=True):
        assert drawn.log_likelihood == pytest.approx(likelihood(network, cell, drawn), rel=1e-4, abs=1e-3)
        assert drawn.score >= plain / (len(first.rows) + 1) - 1e-4
    assert sum(drawn.rows.tobytes() != first.rows.tobytes() for drawn, first in zip(best, one, strict=True)) > 5
    for cell, drawn in zip([11, 4], draw(network, [11, 4], best_of=4, threads=2), strict=True):
        assert_same(drawn, best[cell])


def given_rows(count: int) -> np.ndarray:
    """Stroke-5 rows that no network here would draw."""
    rows = np.zeros((count, 5), np.float32)
    rows[:, :2] = np.random.default_rng(1).normal(size=(count, 2))
    rows[np.arange(count), 2 + (np.arange(count) % 3 == 2)] = 1
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_drawing_goes_on_from_what_is_given(networks: dict[str, SketchRNN], kind: str) -> None:
    """Against a plain loop; in any company, and with as many points less to draw as are given."""
    network, given = networks[kind], given_rows(7)
    drawn = draw(network, range(20), given=given, max_points=19, attempts=1)
    latents = make_latents(network)
    for cell, one in enumerate(drawn):
        z = None if latents is None else torch.from_numpy(latents[cell : cell + 1])
        rows, finished = plain_attempt(network, z, step_draws(5, cell, 0, 13), Temperatures(), given)
        assert one.finished == finished and 1 <= len(one.rows) <= 12
        np.testing.assert_allclose(one.rows, np.array(rows, np.float32), rtol=1e-4, atol=1e-5)
    for cell, one in zip([18, 3], draw(network, [18, 3], given=given, max_points=19, attempts=1), strict=True):
        assert_same(one, drawn[cell])
    assert_same(draw(network, [3], given=given[:0])[0], draw(network, [3])[0])


def test_what_is_given_leaves_room(networks: dict[str, SketchRNN]) -> None:
    with pytest.raises(ValueError, match="beyond what is given"):
        draw(networks["lstm"], [0], given=given_rows(40))


@pytest.mark.parametrize("plain", [False, True])
def test_a_product_is_the_same_however_it_is_computed(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the operators that lay a matrix out, and on a machine whose torch has none."""
    if plain:
        monkeypatch.setattr("plotsketch.model.stepper._multiply", lambda *_: (_ for _ in ()).throw(RuntimeError("no")))
    x, weight = torch.randn(8, 37), torch.randn(37, 50)
    product = Product(weight)
    assert product.laid is None or not plain
    torch.testing.assert_close(product(x), x @ weight, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def likelihood(network: SketchRNN, cell: int, drawn: Drawn) -> float:
    """Of a finished drawing, as in training."""
    latents = make_latents(network)
    z = None if latents is None else torch.from_numpy(latents[cell : cell + 1])
    dx, dy, lift = drawn.rows.T
    rows = np.vstack([START_ROW, np.stack([dx, dy, 1 - lift, lift, 0 * lift], axis=1)])
    packed = pack([rows])
    mix = mixture.split(network.decode(packed.rows, packed.sizes, z), network.config.mixtures)
    pen = torch.tensor([*lift.astype(int).tolist(), 2])
    offsets = mixture.log_density(mix, torch.from_numpy(np.append(dx, 0)), torch.from_numpy(np.append(dy, 0)))
    return float(offsets[:-1].sum() - mixture.pen_nll(mix, pen).sum())


def test_nothing_wanted_is_nothing_drawn(networks: dict[str, SketchRNN]) -> None:
    assert draw(networks["lstm"], []) == []


@pytest.mark.parametrize(
    "options",
    [{"temperature": -0.1}, {"temperature": math.nan}, {"pen_temperature": math.inf}, {"attempts": 0},
     {"best_of": 0}, {"max_points": 0}, {"threads": 0}],
)  # fmt: skip
def test_options_without_sense_are_refused(networks: dict[str, SketchRNN], options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        draw(networks["lstm"], [0], **options)


def test_latents_must_fit_the_network(networks: dict[str, SketchRNN]) -> None:
    for latents in (None, np.zeros((3, 6)), np.zeros((2, 5))):
        with pytest.raises(ValueError, match=r"have shape \(2, 6\)"):
            sample(networks["lstm"], latents, [0, 1])
    with pytest.raises(ValueError, match="takes no latents"):
        sample(networks["decoder-only"], np.zeros((1, 6)), [0])


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What was tried out before the test, and in it, is forgotten."""
    known = dict(blocks._agreeing)
    blocks._agreeing.clear()
    yield
    blocks._agreeing.clear()
    blocks._agreeing.update(known)


def test_a_failure_in_any_thread_is_raised(networks: dict[str, SketchRNN], monkeypatch: pytest.MonkeyPatch) -> None:
    network = networks["layer_norm"]
    block_sizes(stepper(network))
    monkeypatch.setattr(type(network), "step", lambda *_: (_ for _ in ()).throw(RuntimeError("out of order")))
    with pytest.raises(RuntimeError, match="out of order"):
        draw(network, range(CELLS), threads=3)


@pytest.mark.usefixtures("forgetful")
def test_sizes_that_round_otherwise_are_not_used(
    networks: dict[str, SketchRNN], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine whose products of 8 and of 64 rows differ in the last bit from those of 32."""
    network, used = networks["lstm"], set()
    exact = LSTMStepper.step

    def rounding(self: LSTMStepper, x: torch.Tensor, *rest: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        used.add(len(x))
        raw, state = exact(self, x, *rest)
        return (raw * (1 + 2**-22) if len(x) in (8, 64) else raw), state

    monkeypatch.setattr(LSTMStepper, "step", rounding)
    sizes = block_sizes(stepper(network))
    assert BLOCK in sizes and 8 not in sizes and 64 not in sizes
    used.clear()
    draw(network, range(CELLS))
    assert used <= set(sizes)
