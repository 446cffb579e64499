"""A round trip over lines, and the moves that change it, in machine code.

Line i has the ends 2i and 2i + 1. A tour is an array with, for every line in turn, the end at which the pen comes in;
it leaves at the other one (``end ^ 1``). The hop behind the last line leads to the first. Every move is made of
reversals of a part of the tour, which are written down, so that all can be taken back.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plotsketch.compiled import compiled

LOG = 1 << 14  # reversals that can be taken back


class Tour(NamedTuple):
    """n lines; `entries` and `places` say the same: what stands where, and where a line stands.

    `points` (2n, 2) are the ends in mm, not-a-number for an end to which every hop is free. `pace` is what a hop
    costs: below pace[0] mm nothing, else pace[1] and the travel at speed pace[2] and acceleration pace[3].
    `near` (2n, k) holds the nearest ends of every end, nearest first, and `near_costs` the hops to them. `log` and
    `logged` (one number) are the reversals since they were last forgotten.
    """

    entries: NDArray[np.int32]
    places: NDArray[np.int32]
    points: NDArray[np.float64]
    pace: NDArray[np.float64]
    near: NDArray[np.int32]
    near_costs: NDArray[np.float64]
    log: NDArray[np.int32]
    logged: NDArray[np.int64]


@compiled
def cost_of(distance: float, pace: NDArray[np.float64]) -> float:
    """What a hop of `distance` mm costs (`Tour.pace`); nothing where the distance is not a number."""
    if not distance >= pace[0]:
        return 0.0
    speed, acceleration = pace[2], pace[3]
    if distance < speed * speed / acceleration:
        return float(pace[1] + 2.0 * math.sqrt(distance / acceleration))
    return float(pace[1] + distance / speed + speed / acceleration)


@compiled
def hop(tour: Tour, a: int, b: int) -> float:
    """What the hop between two ends costs."""
    x = tour.points[a, 0] - tour.points[b, 0]
    y = tour.points[a, 1] - tour.points[b, 1]
    return cost_of(math.sqrt(x * x + y * y), tour.pace)


@compiled
def is_entry(tour: Tour, end: int) -> bool:
    return bool(tour.entries[tour.places[end >> 1]] == end)


@compiled
def mate(tour: Tour, end: int) -> int:
    """The end at the other side of an end's hop."""
    place, count = tour.places[end >> 1], len(tour.entries)
    if tour.entries[place] == end:
        return int(tour.entries[place - 1 if place > 0 else count - 1] ^ 1)
    return int(tour.entries[place + 1 if place + 1 < count else 0])


@compiled
def reverse(tour: Tour, first: int, last: int) -> None:
    """Turns round the lines at places `first` to `last`, over the array's end if need be.

    Turning round all others instead makes the same round trip, seen from behind; the shorter way is taken.
    """
    entries, places, count = tour.entries, tour.places, len(tour.entries)
    length = (last - first) % count + 1
    if 2 * length > count:
        first, last, length = (last + 1) % count, (first - 1) % count, count - length
    for _ in range(length // 2):
        a, b = entries[first], entries[last]
        entries[first], entries[last] = b ^ 1, a ^ 1
        places[b >> 1], places[a >> 1] = first, last
        first = first + 1 if first + 1 < count else 0
        last = last - 1 if last > 0 else count - 1
    if length % 2 == 1:
        entries[first] ^= 1


@compiled
def swap(tour: Tour, a: int, b: int, c: int, d: int) -> None:
    """Takes the hops a-b and c-d out and puts b-c and a-d in; b and c are both entries or both exits."""
    count = len(tour.entries)
    if is_entry(tour, b):
        first, last = tour.places[b >> 1], (tour.places[c >> 1] - 1) % count
    else:
        first, last = (tour.places[b >> 1] + 1) % count, tour.places[c >> 1]
    if tour.logged[0] < LOG:
        tour.log[tour.logged[0], 0], tour.log[tour.logged[0], 1] = first, last
    tour.logged[0] += 1
    reverse(tour, first, last)


@compiled
def swap_parts(tour: Tour, t1: int, t2: int, t3: int, t4: int, t5: int, t6: int) -> None:
    """Exchanges the neighbours t2..t5 and t6..t3, which lie between t1 and t4: both keep their direction."""
    swap(tour, t1, t2, t4, t3)
    swap(tour, t1, t3, t5, t6)
    swap(tour, t3, t5, t4, t2)


@compiled
def take_back(tour: Tour) -> None:
    """The tour as it was when the log was empty."""
    for step in range(tour.logged[0] - 1, -1, -1):
        reverse(tour, tour.log[step, 0], tour.log[step, 1])
    tour.logged[0] = 0
