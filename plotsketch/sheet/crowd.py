"""Bodies made of discs that push one another about on a torus until none overlap and the room is shared out evenly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotsketch.compiled import compiled
from plotsketch.sheet.lattice import Lattice, brought_home
from plotsketch.sheet.neighbours import near_bodies

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

ROUNDS = 200  # of pushing while bodies grow
GROWN = 0.1  # of their size: how large bodies are at first, so that no two of them are born entangled ...
ROUNDNESS = 1.4  # ... and what they lack then, in their reaches, they have as a rim instead, which makes them round
MORE = 160  # rounds at most after that, as long as any bodies overlap
LOOK_AHEAD = 0.4  # of a body's reach: how far bodies move before their neighbours are looked for again
SLACK = 1e-3  # of a body's reach: an overlap that does not count


def settle(
    at: Floats,
    angle: Floats,
    discs: Floats,
    owner: Indices,
    lattice: Lattice,
    turning: bool,
    extra: float | None = None,
) -> tuple[Floats, Floats]:
    """Where bodies (n,) come to lie, (n, 2) in the lattice's first cell, and their angles (n,) in radians.

    They start at ``at`` and ``angle``. ``discs`` (m, 3), in the order of their ``owner`` (m,), are x, y and radius in
    mm relative to the body. ``turning``: bodies may turn as they are pushed. Bodies grow from seeds, with rims that are
    ``extra`` mm wider than the room allows and get narrower, so that room is shared out; without ``extra`` they are
    full-grown.
    """
    at, angle = at.copy(), angle.copy()
    starts = np.searchsorted(owner, np.arange(len(at) + 1))
    reach = np.zeros(len(at))
    np.maximum.at(reach, owner, np.hypot(discs[:, 0], discs[:, 1]) + discs[:, 2])
    middling = float(np.median(reach))
    skin = LOOK_AHEAD * middling
    moved = np.full(len(at), np.inf)
    for turn in range(ROUNDS + MORE) if extra is not None else range(ROUNDS, ROUNDS + MORE):
        grown = min(1.0, GROWN + (1 - GROWN) * turn / (0.7 * ROUNDS))
        enlarged = (extra or 0.0) * max(0.0, 1 - turn / ROUNDS) + ROUNDNESS * (1 - grown) * middling
        if moved.max() > skin / 2:
            at += brought_home(at, lattice)
            first, second, shift = near_bodies(at, reach + (enlarged + skin) / 2, lattice)
            moved[:] = 0.0
        deepest = _push(at, angle, grown * discs, starts, grown * reach, first, second, shift, enlarged, turning, moved)
        if turn >= ROUNDS and deepest < SLACK * float(reach.min()):
            break
    return at + brought_home(at, lattice), angle


@compiled
def _push(
    at: Floats,
    angle: Floats,
    discs: Floats,
    starts: Indices,
    reach: Floats,
    first: Indices,
    second: Indices,
    shift: Floats,
    enlarged: float,
    turning: bool,
    moved: Floats,
) -> float:
    """One round: bodies that touch move and turn away from one another. Returns the deepest overlap in mm.

    ``at``, ``angle`` and ``moved``, how far each has gone, change.
    """
    world = np.empty((len(discs), 2))
    for body in range(len(at)):
        cos, sin = np.cos(angle[body]), np.sin(angle[body])
        for k in range(starts[body], starts[body + 1]):
            world[k, 0] = cos * discs[k, 0] - sin * discs[k, 1]
            world[k, 1] = sin * discs[k, 0] + cos * discs[k, 1]
    force = np.zeros((len(at), 3))  # x, y, torque
    contacts = np.zeros(len(at))
    deepest = 0.0
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        gap_x = at[b, 0] + shift[pair, 0] - at[a, 0]
        gap_y = at[b, 1] + shift[pair, 1] - at[a, 1]
        if gap_x * gap_x + gap_y * gap_y >= (reach[a] + reach[b] + enlarged) ** 2:
            continue
        for k in range(starts[a], starts[a + 1]):
            near_x, near_y = gap_x - world[k, 0], gap_y - world[k, 1]
            limit = discs[k, 2] + enlarged
            if near_x * near_x + near_y * near_y >= (limit + reach[b]) ** 2:
                continue
            for m in range(starts[b], starts[b + 1]):
                x, y = near_x + world[m, 0], near_y + world[m, 1]
                touch = limit + discs[m, 2]
                square = x * x + y * y
                if square >= touch * touch:
                    continue
                distance = max(np.sqrt(square), 1e-9)
                depth = touch - distance
                deepest = max(deepest, depth)
                push_x, push_y = x * depth / distance / 2, y * depth / distance / 2
                force[a, 0] -= push_x
                force[a, 1] -= push_y
                force[a, 2] -= world[k, 0] * push_y - world[k, 1] * push_x
                force[b, 0] += push_x
                force[b, 1] += push_y
                force[b, 2] += world[m, 0] * push_y - world[m, 1] * push_x
                contacts[a] += 1
                contacts[b] += 1
    for body in range(len(at)):
        share = 1 / (1 + 0.4 * max(contacts[body] - 1, 0))
        at[body, 0] += share * force[body, 0]
        at[body, 1] += share * force[body, 1]
        moved[body] += share * np.hypot(force[body, 0], force[body, 1])
        if turning:
            angle[body] += max(-0.2, min(0.2, share * force[body, 2] / (0.3 * reach[body] ** 2)))
    return deepest
