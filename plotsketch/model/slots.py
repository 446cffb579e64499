"""Drawings side by side in a block: each at its own step, coming and going, none of them aware of the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .blocks import block_sizes
from .network import POINT, START_ROW
from .points import END, LIFT, PEN_STATES, Temperatures, draw_points, log_likelihood
from .randomness import step_draws
from .stepper import Stepper

INTAKE = 8  # drawings whose beginning (the latent's products, the given rows) is computed at once, before their slots
LATE = 3  # past this part of the limit (a third), a drawing may well be one of those that never end
STROKE_3 = [0, 1, 2 + LIFT]  # dx, dy and lift in a stroke-5 row
STRIDE = 16  # numbers an attempt of the next candidate is away, at least: fewer attempts leave all candidates the same


@dataclass(frozen=True, eq=False)
class Drawn:
    """One drawing: stroke-3 ``rows`` (n, 3), n >= 1, in model units and without the end row.

    ``finished`` is False when no attempt came to an end row within the limit; such a drawing is cut there.
    ``log_likelihood`` (only with ``best_of`` above 1) is that of all points and the end row under the model at
    temperature 1, in nats, offsets in model units.
    """

    rows: NDArray[np.float32]
    finished: bool
    attempt: int
    log_likelihood: float | None = None

    @property
    def score(self) -> float:
        """Log-likelihood a row, the end row among them; 0 where it was not computed."""
        return 0.0 if self.log_likelihood is None else self.log_likelihood / (len(self.rows) + self.finished)


@dataclass(frozen=True)
class Order:
    """All that is asked for, the same for every drawing.

    ``latents`` (n, Nz) or None belong to the n ``cells``. ``given`` (k, 5) are stroke-5 rows, in model units, that all
    drawings begin with; ``max_points`` rows may follow them, and ``last_points`` in the last of several attempts.
    """

    stepper: Stepper
    latents: Tensor | None
    cells: Sequence[int]
    seed: int
    temperatures: Temperatures
    max_points: int
    last_points: int
    attempts: int
    best_of: int
    given: NDArray[np.float32]

    def limit(self, attempt: int) -> int:
        return self.last_points if 0 < attempt == self.attempts - 1 else self.max_points


@dataclass(eq=False)
class Race:
    """The attempts at one candidate for the drawing at ``place`` in the caller's list.

    The first attempt, by number, that finishes counts, in whatever order they are computed. ``start`` is what every
    attempt begins with: the row x (5,) that the decoder reads first, static (K,) and state (S,).
    """

    order: Order
    place: int
    candidate: int
    start: tuple[Tensor, Tensor, Tensor]
    started: int = 0
    results: dict[int, Drawn] = field(default_factory=dict)

    def number(self, attempt: int) -> int:
        """An attempt's number among all at its cell: the first candidate's are those that best_of 1 has too."""
        return self.candidate * max(STRIDE, self.order.attempts) + attempt

    def draws(self, attempt: int) -> NDArray[np.float64]:
        """(last_points + 1, 4) random numbers: a drawing as long as the limit still has an end row to draw."""
        cell = self.order.cells[self.place]
        return step_draws(self.order.seed, cell, self.number(attempt), self.order.last_points + 1)

    def factors(self, attempt: int) -> tuple[float, float, float]:
        return self.order.temperatures.at_attempt(attempt, self.order.attempts).factors

    @property
    def may_start(self) -> bool:
        return self.started < self.order.attempts and not any(drawn.finished for drawn in self.results.values())

    @property
    def running(self) -> bool:
        return len(self.results) < self.started

    def outcome(self) -> Drawn | None:
        """What counts, as soon as that is certain."""
        for attempt in range(self.started):
            drawn = self.results.get(attempt)
            if drawn is None or drawn.finished:
                return drawn
        return self.results[self.started - 1] if self.started == self.order.attempts else None


class Intake:
    """Takes waiting (place, candidate) pairs in small groups and gives them one by one, ready to be drawn."""

    def __init__(self, order: Order, waiting: deque[tuple[int, int]]) -> None:
        self.order, self.waiting = order, waiting
        self.ready: deque[Race] = deque()

    def take(self) -> Race | None:
        if not self.ready:
            self._prepare()
        return self.ready.popleft() if self.ready else None

    def _prepare(self) -> None:
        group: list[tuple[int, int]] = []
        while len(group) < INTAKE:
            try:
                group.append(self.waiting.popleft())  # other workers take from it too
            except IndexError:
                break
        if group:
            places = [place for place, _ in group]
            x, static, state = self._begun(self._latents(places))
            self.ready.extend(Race(self.order, *pair, (x[i], static[i], state[i])) for i, pair in enumerate(group))

    def _begun(self, z: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """x, static and state (INTAKE, ...) once the decoder has read what is given."""
        static, state = self.order.stepper.start(z, INTAKE)
        x = torch.tensor(START_ROW).expand(INTAKE, POINT)
        for row in torch.from_numpy(self.order.given):
            _, state = self.order.stepper.step(x, static, state)
            x = row.expand(INTAKE, POINT)
        return x, static, state

    def _latents(self, places: list[int]) -> Tensor | None:
        """(INTAKE, Nz), whose last rows may be nobody's: the number of rows decides how a product rounds."""
        if self.order.latents is None:
            return None
        z = self.order.latents.new_zeros(INTAKE, self.order.latents.shape[1])
        z[: len(places)] = self.order.latents[places]
        return z


class Block:
    """A fixed number of slots, one drawing in each. Slots without one are computed too, and ignored."""

    def __init__(self, order: Order, wanted: int) -> None:
        """``wanted`` is how many drawings there are to draw, as far as one can say."""
        self.order = order
        self.sizes = block_sizes(order.stepper)
        size, steps = self._room_for(wanted), order.last_points + 1
        self.inputs: list[Tensor] = []  # x (size, 5), static (size, K), state (size, S); shaped by the first drawing
        self.slots = np.arange(size)
        self.races: list[Race | None] = [None] * size
        self.attempt = np.zeros(size, dtype=np.intp)
        self.step = np.zeros(size, dtype=np.intp)
        self.limit = np.zeros(size, dtype=np.intp)  # of points in this attempt
        self.live = np.zeros(size, dtype=bool)
        self.draws = np.zeros((size, steps, 4))
        self.factors = np.ones((size, 3))
        self.rows = np.zeros((size, steps, 3), dtype=np.float32)
        # head outputs, kept where drawings are compared by their likelihood
        kept, width = steps if order.best_of > 1 else 0, order.stepper.network.config.head_size
        self.heads = np.zeros((size, kept, width), dtype=np.float32)
        self.failed: deque[Race] = deque()  # no attempt running or finished so far

    def _room_for(self, wanted: int) -> int:
        """The smallest size of a block with that many slots, or the largest there is."""
        return next((size for size in self.sizes if size >= wanted), self.sizes[-1])

    def fill(self, intake: Intake) -> None:
        """Drawings into the empty slots: those to be drawn again, then waiting ones.

        When there are none, the block shrinks around the drawings that are left, and the slots that are still empty go
        to further attempts at drawings that may never end.
        """
        for slot in np.flatnonzero(~self.live).tolist():
            race = self.failed.popleft() if self.failed else intake.take()
            if race is None:
                self._shrink()
                self._hedge()
                return
            self._start(race, slot)

    def _start(self, race: Race, slot: int) -> None:
        """The race's next attempt."""
        if not self.inputs:
            self.inputs = [part.new_zeros(len(self.races), len(part)) for part in race.start]
        for held, given in zip(self.inputs, race.start, strict=True):
            held[slot] = given
        self.races[slot], self.attempt[slot], self.step[slot], self.live[slot] = race, race.started, 0, True
        self.draws[slot], self.factors[slot] = race.draws(race.started), race.factors(race.started)
        self.limit[slot] = self.order.limit(race.started)
        race.started += 1

    def _shrink(self) -> None:
        size = self._room_for(int(self.live.sum()))
        if size >= len(self.races) or not self.inputs:
            return
        kept = np.argsort(~self.live, kind="stable")[:size]  # the live ones, and others as far as there is room
        self.slots, self.races = np.arange(size), [self.races[slot] for slot in kept.tolist()]
        self.attempt, self.step, self.limit = self.attempt[kept], self.step[kept], self.limit[kept]
        self.live = self.live[kept]
        self.draws, self.factors = self.draws[kept], self.factors[kept]
        self.rows, self.heads = self.rows[kept], self.heads[kept]
        self.inputs = [part[torch.from_numpy(kept)] for part in self.inputs]

    def _hedge(self) -> None:
        """Drawings that have failed, or in the smallest block are far on without an end, are begun again beside
        themselves, so that nobody waits for many attempts one after the other. Which of them counts does not hang on
        it. (In larger blocks too much would be begun for nothing, and keep them from shrinking.)"""
        late = self.attempt > 0
        if len(self.races) == self.sizes[0]:
            late |= LATE * self.step > self.order.max_points
        late &= self.live
        races = {id(race): race for slot in np.flatnonzero(late).tolist() if (race := self.races[slot])}
        for slot in np.flatnonzero(~self.live).tolist():
            open_to_more = [race for race in races.values() if race.may_start]
            if not open_to_more:
                return
            self._start(min(open_to_more, key=lambda race: race.started), slot)

    def advance(self) -> list[Race]:
        """One more point for every slot. Returns the races whose outcome is now certain."""
        raw, self.inputs[2] = self.order.stepper.step(*self.inputs)
        heads, here = raw.numpy(), (self.slots, self.step)
        offsets, pen = draw_points(heads, self.draws[here], self.factors, self.step == 0)
        x = self.inputs[0].numpy()
        x[:, :2], x[:, 2:] = offsets, PEN_STATES[pen]
        self.rows[here] = x[:, STROKE_3]
        if self.heads.size:
            self.heads[here] = heads
        over = self.live & ((pen == END) | (self.step == self.limit))
        ended = [self._leave(slot, bool(pen[slot] == END)) for slot in np.flatnonzero(over).tolist()]
        self.step += self.live
        return self._settle(ended) if ended else []

    def _leave(self, slot: int, finished: bool) -> Race:
        race, attempt = self.races[slot], int(self.attempt[slot])
        assert race is not None
        rows = self.rows[slot, : self.step[slot]].copy()
        likelihood = log_likelihood(self.heads[slot], rows, finished) if self.heads.size else None
        race.results[attempt] = Drawn(rows, finished, race.number(attempt), likelihood)
        self.live[slot], self.races[slot] = False, None
        return race

    def _settle(self, ended: list[Race]) -> list[Race]:
        """Those of the races that are over; their other attempts leave, and races that merely failed wait to go on."""
        races = list({id(race): race for race in ended}.values())  # two attempts may end at once
        over = [race for race in races if race.outcome()]
        for slot in np.flatnonzero(self.live).tolist():
            if any(self.races[slot] is race for race in over):
                self.live[slot], self.races[slot] = False, None
        self.failed.extend(race for race in races if not race.running and not race.outcome())
        return over
