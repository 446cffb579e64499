"""The order, directions and seams in which a pen draws lines soonest."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.effort import Effort
from plotsketch.lines.pace import MILLIMETRES, Pace
from plotsketch.lines.seams import is_closed, with_best_seams

Floats = NDArray[np.float64]
Place = tuple[float, float]

NEIGHBOURS = 8
LONGEST_PART = 30  # lines in each of the three parts that a kick exchanges
LONGEST_DESCENT = 50_000  # lines that a move may reverse; more would take longer than it brings
LONGEST_MENDING = 3_000  # the same after a kick, which is a matter of the neighbourhood
BATCH = 1_000  # kicks between two looks at the clock
ROUNDS = 3  # parts of the kicks, between which closed lines get better seams
NOWHERE = np.full(2, math.nan)

DEFAULT_EFFORT = Effort()


def order_lines(
    lines: Sequence[Floats],
    *,
    pace: Pace = MILLIMETRES,
    start: Place | None = None,
    end: Place | None = None,
    effort: Effort = DEFAULT_EFFORT,
    seed: int = 0,
    seams: bool = True,
) -> list[Floats]:
    """The lines (k, 2) in mm in an order, and each in a direction, between which the ways cost little.

    The pen comes from `start` and goes to `end`; None where it may begin or end anywhere. A line that ends where it
    begins may be begun at any of its points, or with `seams` off only there. The same lines, effort in tries and seed
    make the same order. It never costs more than the order given. Lines without points are left out.
    """
    given = [line for line in lines if len(line)]
    if not given:
        return []
    until = math.inf if effort.seconds is None else time.monotonic() + effort.seconds
    home, goal = (NOWHERE if place is None else np.array(place, dtype=np.float64) for place in (start, end))
    rounds = ROUNDS if seams and any(map(is_closed, given)) else 1
    kicks = effort.kicks if effort.seconds is not None else math.ceil(effort.kicks * len(given) / rounds)
    found = given
    for number in range(rounds):
        left = until - time.monotonic()
        stop = time.monotonic() + left / (rounds - number) if left < math.inf else math.inf
        first = None if number == 0 else np.arange(0, 2 * len(found), 2, dtype=np.int32)
        entries = search(_ends(found), home, goal, pace, first, kicks=kicks, until=stop, seed=seed + number)
        found = [_entered(found, entry) for entry in entries]
        found = with_best_seams(found, home, goal) if seams else found
    return found if pace.total(found, home, goal) <= pace.total(given, home, goal) else given


def search(
    points: Floats,
    start: Floats,
    end: Floats,
    pace: Pace,
    first: NDArray[np.int32] | None = None,
    *,
    kicks: float,
    until: float,
    seed: int,
) -> list[int]:
    """The ends at which lines are entered, in turn; `points` (2n, 2) are their ends, two a line.

    The search sets out from the entries `first`, or from a greedy path, and ends after so many kicks, or `until` (of
    time.monotonic) has come.
    """
    from plotsketch.lines import search as moves
    from plotsketch.lines.greedy import greedy_path
    from plotsketch.lines.neighbours import nearest_ends
    from plotsketch.lines.tour import LOG, Tour

    count = len(points) // 2
    near, distances = nearest_ends(points, NEIGHBOURS)
    if first is None:
        first = greedy_path(points, near, distances)
    # one more line stands for the way from the last line to the first, by home: it begins at `end`, and ends at `start`
    points = np.vstack([points, end, start])
    near, distances = nearest_ends(points, min(NEIGHBOURS, 2 * count))
    entries = np.append(first, 2 * count).astype(np.int32)
    places = np.empty(count + 1, dtype=np.int32)
    places[entries >> 1] = np.arange(count + 1)
    tour = Tour(
        entries,
        places,
        points,
        pace.as_array(),
        near,
        pace.costs(distances),
        np.empty((LOG, 2), np.int32),
        np.zeros(1, np.int64),
    )
    queue = moves.Queue(np.empty(2 * count + 2, np.int32), np.zeros(2 * count + 2, np.bool_), np.zeros(2, np.int64))
    moves.descend(tour, queue, LONGEST_DESCENT)
    dice = np.array([seed * 0x9E3779B97F4A7C15 % 2**64 or 1], dtype=np.uint64)
    part = min(LONGEST_PART, count // 3)
    while part > 0 and kicks > 0 and time.monotonic() < until:
        batch = int(min(kicks, BATCH))
        moves.perturb(tour, queue, dice, batch, part, LONGEST_MENDING)
        kicks -= batch
    return _from_home(tour.entries)


def _from_home(entries: NDArray[np.int32]) -> list[int]:
    """The entries after the last line's, which stands for home, read in the direction in which that leads away."""
    home = len(entries) - 1
    place = int(np.flatnonzero(entries >> 1 == home)[0])
    if entries[place] == 2 * home:
        return [int(end) for end in np.roll(entries, -place)[1:]]
    return [int(end) ^ 1 for end in np.roll(entries, -place - 1)[-2::-1]]


def _ends(lines: list[Floats]) -> Floats:
    """(2n, 2): where each line begins and ends."""
    return np.array([point for line in lines for point in (line[0], line[-1])], dtype=np.float64)


def _entered(lines: list[Floats], entry: int) -> Floats:
    line = lines[entry >> 1]
    return line if entry % 2 == 0 else line[::-1]
