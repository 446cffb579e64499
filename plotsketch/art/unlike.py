"""Many drawings of which no two are alike: a place whose drawing is too near to an earlier one gets another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from plotsketch.errors import UserError
from plotsketch.strokes.distance import Gallery
from plotsketch.strokes.sketch import Sketch

from .plan import Hand, Spot

if TYPE_CHECKING:
    from .studio import Studio

TRIES = 12  # at a place, before there are too few different drawings to be had

Found = tuple[Sketch, Spot | None]


def unlike_drawings(
    studio: Studio,
    hand: Hand,
    count: int,
    unlike: float,
    spot_at: Callable[[int, int], Spot],
    given: Mapping[int, Found] | None = None,
) -> list[Found]:
    """A drawing for each of ``count`` places with the spot that drew it, no two nearer than ``unlike``
    (``strokes.distance.chamfer``).

    ``spot_at`` says for a place and a try (from 0) what is to be drawn; places that are ``given`` have their drawing.
    Raises UserError where TRIES at each place find too few.
    """
    gallery = Gallery(unlike, count)
    found = dict(given or {})
    for sketch, _ in found.values():
        gallery.admit(sketch)
    for attempt in range(TRIES):
        places = [place for place in range(count) if place not in found]
        spots = [spot_at(place, attempt) for place in places]
        for place, spot, sketch in zip(places, spots, studio.draw(spots, hand), strict=True):
            if gallery.admit(sketch):
                found[place] = sketch, spot
        if len(found) == count:
            return [found[place] for place in range(count)]
    raise UserError(
        f"after {TRIES} tries a place only {len(found)} of {count} drawings are {unlike:g} or more from "
        "one another; take a larger --spread or --temperature, or a smaller --unlike"
    )
