"""Lines strung together end to end, the pen kept down between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NO_POINTS: Floats = np.zeros((0, 2))


@dataclass(frozen=True)
class Joint:
    """Two ends (2i and 2i + 1 are line i's) and the points (k, 2) in mm that the pen passes from the one to the other.

    One that `closes` may make a ring of lines that hang together already.
    """

    a: int
    b: int
    via: Floats
    closes: bool = False


def chained(lines: Sequence[Floats], joints: Sequence[Joint]) -> tuple[list[Floats], list[Joint]]:
    """The lines (k, 2), those that joints hold together as one; and the joints made. Each end may have one joint.

    What is joined stands where the first of its lines stood, and goes in that one's direction.
    """
    used = []
    hops: dict[int, tuple[int, Floats]] = {}
    other = [end ^ 1 for end in range(2 * len(lines))]
    closings: dict[int, tuple[int, Floats]] = {}
    for joint in joints:
        a, b = joint.a, joint.b
        makes_ring = other[a] == b
        if makes_ring and not joint.closes:
            continue
        used.append(joint)
        (closings if makes_ring else hops).update({a: (b, joint.via), b: (a, joint.via[::-1])})
        if not makes_ring:
            far_a, far_b = other[a], other[b]
            other[far_a], other[far_b] = far_b, far_a
    starts = [end for end in range(2 * len(lines)) if end not in hops and end < other[end]]
    chains = [_chain(hops, start) for start in starts]
    found = {min(entry >> 1 for entry in chain): _strung(lines, chain, hops, closings) for chain in chains}
    return [found[place] for place in sorted(found)], used


def _chain(hops: dict[int, tuple[int, Floats]], start: int) -> list[int]:
    """The ends at which lines are entered, from a free end on, in the direction of the line that comes first of all."""
    chain = [start]
    while chain[-1] ^ 1 in hops:
        chain.append(hops[chain[-1] ^ 1][0])
    first = min(chain, key=lambda entry: entry >> 1)
    return chain if first % 2 == 0 else [entry ^ 1 for entry in reversed(chain)]


def _strung(
    lines: Sequence[Floats],
    chain: list[int],
    hops: dict[int, tuple[int, Floats]],
    closings: dict[int, tuple[int, Floats]],
) -> Floats:
    """The lines of a chain as one, closed if there is a joint for that; what two parts share stands once."""
    if len(chain) == 1 and not closings:
        return lines[chain[0] >> 1]
    parts = []
    for entry in chain:
        line = lines[entry >> 1]
        parts.append(line if entry % 2 == 0 else line[::-1])
        parts.append(hops.get(entry ^ 1, (0, NO_POINTS))[1])
    if chain[-1] ^ 1 in closings:
        parts += [closings[chain[-1] ^ 1][1], parts[0][:1]]
    return end_to_end(parts)


def end_to_end(parts: Sequence[Floats]) -> Floats:
    """The parts (k, 2) as one line; a point that one ends and the next begins with stands once."""
    kept = [part for part in parts if len(part)]
    follow = [part[1:] if (before[-1] == part[0]).all() else part for before, part in pairwise(kept)]
    return np.concatenate([kept[0], *follow])
