"""Notes on drawings of more points than a model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plotsketch.strokes.sketch import Sketch

if TYPE_CHECKING:
    from plotsketch.model.sketcher import Sketcher

MANY = 1000  # points of an input that is worth a word, even where the usual preparation makes it short enough
SINGLY = 3  # notes; more are drawn together


class Thinned:
    """Which inputs lost points, and how many."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}
        self._limit = ""

    def add(self, reference: str, given: Sketch, prepared: Sketch, sketcher: Sketcher) -> None:
        """Takes note of a drawing that is too long for the model even when it is prepared, or very long."""
        from plotsketch.model.sketcher import ready_for_reading

        if given.point_count >= MANY or ready_for_reading(given).point_count > prepared.point_count:
            self._counts[reference] = given.point_count, prepared.point_count
            checkpoint = sketcher.checkpoint
            self._limit = f"model '{checkpoint.name}' reads at most {checkpoint.config.max_points}"

    def lines(self) -> list[str]:
        if len(self._counts) <= SINGLY:
            return [
                f"{reference}: {before:,} points, thinned to {after} ({self._limit})."
                for reference, (before, after) in self._counts.items()
            ]
        before = [before for before, _ in self._counts.values()]
        after = max(after for _, after in self._counts.values())
        return [
            f"{len(self._counts)} drawings of {min(before):,} to {max(before):,} points, thinned to {after} or fewer "
            f"({self._limit}); --show-prepared FILE shows what is left."
        ]
