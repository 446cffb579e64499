"""Local search for short round trips: 2-opt, or-opt and their kin with neighbour lists, then small random kicks.

A move takes out two or three hops and puts others in, as Lin and Kernighan found them (1973, "An effective heuristic
algorithm for the traveling-salesman problem"): from end t2, whose hop to t1 is to go, to a near end t3, from t3's mate
t4 to a near end t5, and from its mate t6 back to t1; only while what was taken out is longer than what was put in. That
covers 2-opt, or-opt with parts of any length and reversals. Kicks put three short neighbouring parts in another order
(a double bridge), the search mends the place, and what came out worse is taken back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plotsketch.compiled import compiled
from plotsketch.lines.tour import LOG, Tour, hop, is_entry, mate, swap, swap_parts, take_back

LEAST = 1e-9  # a gain below is rounding
BREADTH = 5  # near ends that are tried for t5
NONE, TWO, TURNED, BOTH_TURNED, EXCHANGED = 0, 1, 2, 3, 4


class Queue(NamedTuple):
    """Ends whose surroundings have changed: a ring of 2n places, `marks` of what is in it, and [head, length]."""

    ring: NDArray[np.int32]
    marks: NDArray[np.bool_]
    span: NDArray[np.int64]


@compiled
def push(queue: Queue, end: int) -> None:
    if not queue.marks[end]:
        queue.marks[end] = True
        queue.ring[(queue.span[0] + queue.span[1]) % len(queue.ring)] = end
        queue.span[1] += 1


@compiled
def pop(queue: Queue) -> int:
    end = queue.ring[queue.span[0]]
    queue.span[0] = (queue.span[0] + 1) % len(queue.ring)
    queue.span[1] -= 1
    queue.marks[end] = False
    return int(end)


@compiled
def along(tour: Tour, start: int, forward: bool, end: int) -> int:
    """How many ends lie between the entry `start` and `end` on the way round; backwards if not `forward`."""
    lines = tour.places[end >> 1] - tour.places[start >> 1]
    if not forward:
        lines = -lines
    if lines < 0:
        lines += len(tour.entries)
    return int(2 * lines + (1 if is_entry(tour, end) != forward else 0))


@compiled
def too_far(tour: Tour, ends: int, longest: int) -> bool:
    """Whether a move over so many ends would reverse more than `longest` lines."""
    return min(ends // 2, len(tour.entries) - ends // 2) > longest


@compiled
def improve(tour: Tour, queue: Queue, t2: int, longest: int) -> float:
    """Makes the best move that begins at end `t2` and returns what it gains, or 0."""
    t1 = mate(tour, t2)
    forward = is_entry(tour, t2)
    whole = hop(tour, t1, t2)
    best, kind = LEAST, NONE
    b3, b4, b5, b6 = 0, 0, 0, 0
    for k in range(tour.near.shape[1]):
        t3 = int(tour.near[t2, k])
        gain = whole - tour.near_costs[t2, k]
        if gain <= LEAST:
            break
        t4 = mate(tour, t3)
        if t3 == t1:
            continue
        reach = along(tour, t2, forward, t3)
        if too_far(tour, reach, longest):
            continue
        turned = reach % 2 == 0  # t3 is met as t2 is: a reversal of all between closes the tour
        gain += hop(tour, t3, t4)
        if turned and gain - hop(tour, t4, t1) > best:
            best, kind = gain - hop(tour, t4, t1), TWO
            b3, b4 = t3, t4
        for m in range(min(BREADTH, tour.near.shape[1])):
            t5 = int(tour.near[t4, m])
            rest = gain - tour.near_costs[t4, m]
            if rest <= best:
                break
            if t5 == t3:
                continue
            at = along(tour, t2, forward, t5)
            if too_far(tour, at, longest):
                continue
            t6 = mate(tour, t5)
            if turned:
                # beyond t3 the tour goes on as it did, before it all is reversed
                if (at >= reach) != (at % 2 == 0) or t5 == t2 or t6 == t3:
                    continue
                found = TURNED
            else:
                if at >= reach or t5 == t2:
                    continue  # t2..t3 has become a ring: only an end on it opens it again
                found = BOTH_TURNED if at % 2 == 0 else EXCHANGED
            if rest + hop(tour, t5, t6) - hop(tour, t6, t1) > best:
                best, kind = rest + hop(tour, t5, t6) - hop(tour, t6, t1), found
                b3, b4, b5, b6 = t3, t4, t5, t6
    if kind == NONE:
        return 0.0
    move(tour, kind, t1, t2, b3, b4, b5, b6)
    push(queue, t1)
    push(queue, t2)
    push(queue, b3)
    push(queue, b4)
    if kind != TWO:
        push(queue, b5)
        push(queue, b6)
    return best


@compiled
def move(tour: Tour, kind: int, t1: int, t2: int, t3: int, t4: int, t5: int, t6: int) -> None:
    """Takes out t1-t2, t3-t4 (and t5-t6), puts in t2-t3 and t4-t1 (or t4-t5 and t6-t1)."""
    if kind == TWO:
        swap(tour, t1, t2, t3, t4)
    elif kind == TURNED:
        swap(tour, t1, t2, t3, t4)
        swap(tour, t1, t4, t5, t6)
    elif kind == BOTH_TURNED:
        swap(tour, t1, t2, t5, t6)
        swap(tour, t5, t2, t3, t4)
    else:
        swap_parts(tour, t1, t2, t3, t4, t5, t6)


@compiled
def settle(tour: Tour, queue: Queue, longest: int) -> float:
    """Makes moves until none gains at any end of the queue; what they gain together."""
    gained = 0.0
    while queue.span[1] > 0:
        end = pop(queue)
        gain = improve(tour, queue, end, longest)
        while gain > 0.0:
            gained += gain
            gain = improve(tour, queue, end, longest)
    return gained


@compiled
def descend(tour: Tour, queue: Queue, longest: int) -> float:
    """Settles the whole tour, in its order; what that gains."""
    for place in range(len(tour.entries)):
        push(queue, tour.entries[place])
        push(queue, tour.entries[place] ^ 1)
    return settle(tour, queue, longest)


@compiled
def draw(dice: NDArray[np.uint64], sides: int) -> int:
    """A number from 0 to sides - 1: Marsaglia's xorshift with 64 bits."""
    x = dice[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    dice[0] = x
    return int((x >> np.uint64(11)) % np.uint64(sides))


@compiled
def exit_at(tour: Tour, place: int) -> int:
    """The end at which the pen leaves the line at a place, counted on over the array's end."""
    return int(tour.entries[place % len(tour.entries)]) ^ 1


@compiled
def kick(tour: Tour, queue: Queue, dice: NDArray[np.uint64], part: int) -> float:
    """Puts three neighbouring parts P Q R of 1 to `part` lines in the order R Q P; what it costs.

    This double bridge is the smallest change that no move of `improve` takes back.
    """
    first = draw(dice, len(tour.entries))
    second = first + 1 + draw(dice, part)
    third = second + 1 + draw(dice, part)
    last = third + 1 + draw(dice, part)
    a, b = exit_at(tour, first), exit_at(tour, first + 1) ^ 1  # P is b..c, Q d..e, R f..g
    c, d = exit_at(tour, second), exit_at(tour, second + 1) ^ 1
    e, f = exit_at(tour, third), exit_at(tour, third + 1) ^ 1
    g, h = exit_at(tour, last), exit_at(tour, last + 1) ^ 1
    cost = hop(tour, a, f) + hop(tour, g, d) + hop(tour, e, b) + hop(tour, c, h)
    cost -= hop(tour, a, b) + hop(tour, c, d) + hop(tour, e, f) + hop(tour, g, h)
    swap_parts(tour, a, b, e, f, c, d)
    swap_parts(tour, a, d, g, h, c, f)
    for end in (a, b, c, d, e, f, g, h):
        push(queue, end)
    return cost


@compiled
def perturb(tour: Tour, queue: Queue, dice: NDArray[np.uint64], kicks: int, part: int, longest: int) -> float:
    """Kicks the tour so many times and keeps what is no worse; what that gains. 3 * part + 1 lines are needed."""
    gained = 0.0
    for _ in range(kicks):
        tour.logged[0] = 0
        worse = kick(tour, queue, dice, part) - settle(tour, queue, longest)
        if worse <= LEAST or tour.logged[0] > LOG:
            gained -= worse
        else:
            take_back(tour)
    tour.logged[0] = 0
    return gained
