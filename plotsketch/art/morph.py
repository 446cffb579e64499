"""Drawings that turn into one another in time: the model's drawings on a way, and the frames between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plotsketch.errors import UserError
from plotsketch.strokes.clean import Levers, clean
from plotsketch.strokes.sketch import Sketch
from plotsketch.strokes.tween import tween

from .interpolate import InterpolateRecipe
from .plan import Plate, Spot
from .recipe import Recipe
from .walk import WalkRecipe

if TYPE_CHECKING:
    from .studio import Studio

EASINGS = ("smooth", "linear")
MOST_FRAMES = 10_000
USUAL_GAP = 10  # frames from one drawing of the model to the next: its own drawings are seen, and the eye can follow
ROUNDING = 0.25  # mm that a curve may leave the line that it replaces, in a picture of SIDE mm
SIDE = 25.0


@dataclass(frozen=True, kw_only=True)
class MorphRecipe(Recipe):
    """``drawings`` are references; the way leads through all of them, as that of ``interpolate`` does, and with
    ``loop`` back to the first. With ``walk`` it leads from the one drawing, or from the draw from the prior that the
    seed names, to wherever the seed leads, in steps of ``step``, as that of ``walk`` does.

    On the way the model makes ``steps`` drawings (None: one in ten frames), the very ones of those commands. Between
    two of them lines move, at an even pace (``easing`` linear) or slower near the drawings (smooth).

    With ``draw_lines`` the frames show as much as a pen has drawn that does one line after the other; it has finished
    at the end, or in the middle of a loop, which then takes back what was drawn. One drawing is enough for that.
    ``smooth`` makes curves of the model's lines, and keeps their corners.
    """

    command: ClassVar[str] = "morph"
    drawings: tuple[str, ...] = ()
    frames: int = 120
    steps: int | None = None
    easing: str = "smooth"
    loop: bool = False
    walk: bool = False
    step: float = 0.1
    draw_lines: bool = False
    smooth: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.frames <= MOST_FRAMES:
            raise UserError(f"--frames is {self.frames}; give a number from 1 to {MOST_FRAMES}, such as 120")
        if self.easing not in EASINGS:
            raise UserError(f"no easing is called '{self.easing}'; there are {' and '.join(EASINGS)}")
        if self.walk and len(self.drawings) > 1:
            raise UserError(
                f"a walk starts from one drawing, not from {len(self.drawings)}; name one, or leave --walk out"
            )
        if not self.walk and len(self.drawings) < 2 and not (self.drawings and self.draw_lines):
            named = f"'{self.drawings[0]}' alone has nothing to turn into" if self.drawings else "no drawing was named"
            raise UserError(f"{named}; name two drawings or more, see one drawn with --draw, or go for a --walk")
        if self._single and self.steps is not None:
            raise UserError("--steps are drawings on the way to another one; name two drawings, or leave it out")
        if self.count > self.frames:
            raise UserError(
                f"{self.frames} frames cannot hold {self.count} drawings of the model; "
                "give more --frames or fewer --steps"
            )
        if not self._single:
            _ = self._way  # checks the rest

    @property
    def references(self) -> tuple[str, ...]:
        return self.drawings if self._single else self._way.references

    @property
    def count(self) -> int:
        """How many drawings the model makes."""
        if self._single:
            return 1
        if self.steps is not None:
            return self.steps
        return max(len(self._stops), 2, self.frames // USUAL_GAP + (not self.loop))

    @property
    def shape(self) -> tuple[int, int]:
        return 1, self.count

    @property
    def times(self) -> list[int]:
        """The frame, from 0, of each drawing of the model's; for a loop also the one after all, where it closes."""
        last, count = (self.frames, self.count + 1) if self.loop else (self.frames - 1, self.count)
        return [round(time) for time in np.linspace(0, last, count).tolist()]

    def draw(self, studio: Studio) -> Plate:
        """The model's drawings, in one row."""
        spots = list(self.spots(studio).values())
        return Plate.in_rows(spots, studio.draw(spots, self.hand), *self.shape)

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        path = [studio.spot(self.drawings[0])] if self._single else self._way.path(studio)
        return {(0, place): spot for place, spot in enumerate(path)}

    def film(self, plate: Plate) -> list[Sketch]:
        """The frames, as sketches in the square from (0, 0) to (1, 1), of what ``draw`` gave."""
        keys = in_one_square([figure.outline for figure in plate.figures])
        if self.smooth:
            keys = [clean(key.scaled(SIDE), Levers(smooth=ROUNDING)).scaled(1 / SIDE) for key in keys]
        if self.loop or len(keys) == 1:
            keys.append(keys[0])
        legs = [tween(a, b, reverse=not self.draw_lines) for a, b in pairwise(keys)]
        times = self.times if len(keys) == len(self.times) else [0, self.frames]
        frames = []
        for frame in range(self.frames):
            leg = min(int(np.searchsorted(times, frame, side="right")) - 1, len(legs) - 1)
            u = (frame - times[leg]) / (times[leg + 1] - times[leg])
            frames.append(legs[leg].at(self._eased(u), self._reveal(frame)))
        return frames

    @property
    def _single(self) -> bool:
        return len(self.drawings) == 1 and not self.walk

    @property
    def _stops(self) -> tuple[str, ...]:
        """The drawings, without a last one that a loop comes back to anyway."""
        again = self.loop and len(self.drawings) > 2 and self.drawings[0] == self.drawings[-1]
        return self.drawings[:-1] if again else self.drawings

    @property
    def _way(self) -> InterpolateRecipe | WalkRecipe:
        """The command whose drawings these are."""
        if self.walk:
            start = self.drawings[0] if self.drawings else None
            return WalkRecipe(
                start=start, step=self.step, steps=self.count, cols=max(self.count, 1), loop=self.loop, hand=self.hand
            )
        return InterpolateRecipe(
            drawings=self._stops, steps=self.count, cols=max(self.count, 1), loop=self.loop, hand=self.hand
        )

    def _eased(self, u: float) -> float:
        return u * u * (3 - 2 * u) if self.easing == "smooth" else u

    def _reveal(self, frame: int) -> float:
        """Share of the ink that is to be seen."""
        if not self.draw_lines:
            return 1.0
        return 1 - abs(1 - 2 * frame / self.frames) if self.loop else (frame + 1) / self.frames


def in_one_square(sketches: Sequence[Sketch]) -> list[Sketch]:
    """Each in the middle of the square from (0, 0) to (1, 1) and none outside of it, all with the same diagonal.

    Raises UserError for coordinates that are no numbers or too large to measure.
    """
    sizes = np.array([np.ptp(sketch.points, axis=0) if not sketch.is_empty else (0.0, 0.0) for sketch in sketches])
    diagonals = np.hypot(*sizes.T)
    if not np.isfinite(diagonals).all():
        raise UserError("a drawing has coordinates that are no numbers, or too large; the model is damaged")
    seen = diagonals > 1e-6 * diagonals.max()  # a dot has no size to be scaled to
    common = min((diagonals[seen] / sizes[seen].max(axis=1)).tolist(), default=1.0)
    scales = np.where(seen, common / np.where(seen, diagonals, 1.0), 1.0)
    return [
        sketch.centred().scaled(scale).translated(0.5, 0.5)
        for sketch, scale in zip(sketches, scales.tolist(), strict=True)
    ]
