"""Where a page lies on a machine: from its millimetres, y down, to those of the machine's axes and back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.lines.machine import CORNERS, Machine

Floats = NDArray[np.float64]
LARGEST = 1e5  # mm, of a page


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A page of ``width`` x ``height`` mm whose ``corner``, once it lies as it is plotted, is the machine's origin.

    A ``turned`` page is turned counter-clockwise (`Machine.home_on`); ``y`` grows ``up`` or ``down`` on the machine.
    """

    width: float
    height: float
    turned: bool
    corner: str
    y: str

    @classmethod
    def of(cls, machine: Machine, page: tuple[float, float], y: str) -> Frame:
        return cls(width=page[0], height=page[1], turned=machine.turns(*page), corner=machine.corner, y=y)

    @classmethod
    def from_note(cls, note: Any) -> Frame | None:
        """The frame that `as_note` wrote into a file, None for anything else."""
        if not isinstance(note, dict):
            return None
        said: list[Any] = [note.get(field.name) for field in fields(cls)]
        width, height, turned, corner, y = said
        if not all(isinstance(size, int | float) and 0 < size < LARGEST for size in (width, height)):
            return None
        if not isinstance(turned, bool) or corner not in CORNERS or y not in ("up", "down"):
            return None
        return cls(width=width, height=height, turned=turned, corner=corner, y=y)

    def as_note(self) -> dict[str, Any]:
        return {**asdict(self), "width": round(self.width, 6), "height": round(self.height, 6)}

    def on_machine(self, points: Floats) -> Floats:
        """Points (n, 2) in mm on the page, as the machine counts."""
        x, y = points[:, 0], points[:, 1]
        lying = np.stack([y, self.width - x], axis=1) if self.turned else np.stack([x, y], axis=1)
        return np.stack([lying[:, 0], self._sign * (lying[:, 1] - self._origin)], axis=1)

    def on_page(self, points: Floats) -> Floats:
        """Points (n, 2) as the machine counts, in mm on the page."""
        x, y = points[:, 0], self._sign * points[:, 1] + self._origin
        return np.stack([self.width - y, x] if self.turned else [x, y], axis=1)

    @property
    def _sign(self) -> float:
        return -1.0 if self.y == "up" else 1.0

    @property
    def _origin(self) -> float:
        """How far down the page, as it lies, the machine's origin is."""
        if self.corner == "upper-left":
            return 0.0
        return self.width if self.turned else self.height
