"""How long to look for a better order."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plotsketch.errors import UserError

KICKS = {"fast": 1.0, "normal": 5.0, "best": 100.0}
MOST_KICKS = 1e6


@dataclass(frozen=True)
class Effort:
    """`kicks` tries a line, which make the same order on every machine, or `seconds` of this one."""

    kicks: float = KICKS["normal"]
    seconds: float | None = None

    @classmethod
    def of(cls, words: str) -> Effort:
        """`fast`, `normal`, `best`, a number of tries a line (`50`) or a time (`10s`). Raises UserError for others."""
        if words in KICKS:
            return cls(KICKS[words])
        try:
            number = float(words.removesuffix("s"))
        except ValueError:
            number = math.nan
        if not 0 <= number <= MOST_KICKS:
            raise UserError(f"--effort '{words}' is none: give {', '.join(KICKS)}, tries a line (50) or a time (10s)")
        return cls(math.inf, number) if words.endswith("s") else cls(number)

    def share(self, lines: int, of_all: int) -> Effort:
        """The part of the effort for so many lines of all: a time is shared out, tries a line are not."""
        if self.seconds is None:
            return self
        return Effort(self.kicks, self.seconds * lines / max(of_all, 1))
