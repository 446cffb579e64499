"""Many endings of one unfinished drawing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plotsketch.errors import UserError
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

from .plan import Plate, Spot
from .recipe import Recipe

if TYPE_CHECKING:
    from .studio import Studio

BOX = 255.0  # longer side of the drawings that a model knows
MANY = 1000  # points that are worth a word


@dataclass(frozen=True, kw_only=True)
class CompleteRecipe(Recipe):
    """``rows`` by ``cols`` endings of what ``drawing`` names; the given part has the role ``given``.

    ``share`` is the given part's longer side as a share of the finished drawing's (None: the likeliest).
    ``lift`` says that the pen is up at its end. ``like`` names a drawing that the endings are to make of it; without it
    the model finds latents that fit (``model.completion``). A model without a latent space needs none.
    """

    command: ClassVar[str] = "complete"
    drawing: str = field()
    rows: int = 4
    cols: int = 6
    share: float | None = None
    lift: bool = True
    like: str | None = None

    def __post_init__(self) -> None:
        if self.rows < 1 or self.cols < 1:
            raise UserError(f"a sheet of {self.rows} x {self.cols} cells is empty; give 1 row and column or more")
        if self.share is not None and not 0.05 <= self.share <= 1:  # no number fails too
            raise UserError(f"--share is {self.share:g}; give a number from 0.05 to 1, the whole size")

    @property
    def references(self) -> tuple[str, ...]:
        return (self.drawing,) if self.like is None else (self.drawing, self.like)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.cols

    def draw(self, studio: Studio) -> Plate:
        raw = self._raw(studio)
        seen, share = studio.sketcher.as_beginning(raw, share=self.share, lift=self.lift, source=self.drawing)
        given = _sized(raw, share)
        shift = given.lines[-1][-1] - seen.lines[-1][-1]  # the model sees whole numbers
        endings = [ending.translated(*shift) for ending in self._endings(studio, seen)]
        figures = tuple(
            Figure((Part(given, "given"), Part(ending)), *divmod(place, self.cols), group=self.drawing)
            for place, ending in enumerate(endings)
        )
        facts = {"share": round(share, 2), "points_given": raw.point_count, "points_read": seen.point_count}
        remark = self._remark(share, raw.point_count, seen.point_count, studio)
        return Plate(figures, (None,) * len(figures), self.rows, self.cols, facts=facts, remark=remark)

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        """Where the model reads each finished drawing to be: its own beginning was given, not drawn."""
        figures = self.draw(studio).figures
        return {
            (figure.row, figure.col): replace(
                studio.read(figure.outline, f"{self.drawing}, completed"), stream=1 + place, group=self.drawing
            )
            for place, figure in enumerate(figures)
        }

    def _raw(self, studio: Studio) -> Sketch:
        """What is given, in its own units."""
        found = studio.drawing(self.drawing)
        found = studio.draw([studio.spot(self.drawing)], self.hand)[0] if found is None else found
        return replace(found, finished=True)

    def _endings(self, studio: Studio, seen: Sketch) -> list[Sketch]:
        cells = range(1, 1 + self.rows * self.cols)
        latents = None
        if self.like is not None:
            latents = np.repeat(np.asarray(studio.spot(self.like).latent)[None], len(cells), axis=0)
        return studio.sketcher.complete(
            seen, latents, cells=cells, lift=self.lift, seed=self.hand.seed, temperature=self.hand.temperature,
            best_of=self.hand.best_of,
        )  # fmt: skip

    def _remark(self, share: float, before: int, after: int, studio: Studio) -> str:
        text = f"the given part is {share:.0%} as large as a finished drawing"
        text += " (--share changes that)" if self.share is None else ""
        if before >= MANY:
            limit = studio.sketcher.most_given
            text += f"; of its {before:,} points the model saw {after} (it goes on from {limit} at most)"
        return text


def _sized(raw: Sketch, share: float) -> Sketch:
    """Its own lines, where and as large as the model sees them."""
    xmin, ymin, xmax, ymax = raw.bounds
    extent = max(xmax - xmin, ymax - ymin)
    return raw.translated(-xmin, -ymin).scaled(share * BOX / extent if extent > 0 else 1.0)
