"""How a sheet looks, apart from what is drawn on it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from plotsketch.errors import UserError
from plotsketch.sheet.document import Pen
from plotsketch.sheet.inks import ROLE_PEN, SHARED_BY
from plotsketch.sheet.paper import PAPERS, Paper

if TYPE_CHECKING:
    from plotsketch.strokes.clean import Levers

ARRANGEMENTS = ("grid", "snake", "hex", "ring")  # those that a user may choose; a plate may also ask for a map
CAPTIONS = ("references", "labels", "both")

_EDITION = re.compile(r"(\d+)\s*/\s*(\d+)")


@dataclass(frozen=True)
class Style:
    """Paper, white, pens and words. Lengths are millimetres. Raises UserError for what no sheet can be.

    ``gutter`` is the least distance between cells (None: a share of the cell). ``pens`` are shared out by ``pen_by``
    (see ``inks.Pens``); without any, one black pen of ``pen_width``, which is also the width of pens that nobody named.
    ``arrangement`` is one of ARRANGEMENTS, None for the plate's own; ``captions`` one of CAPTIONS, None for none.
    ``levers`` clean the drawings (``strokes.clean``).
    """

    paper: Paper = field(default_factory=lambda: Paper(*PAPERS["a4"]))
    margin: float = 10.0
    gutter: float | None = None
    arrangement: str | None = None
    captions: str | None = None
    frame: bool = False
    title: str = ""
    signature: str = ""
    edition: str = ""
    pens: tuple[Pen, ...] = ()
    pen_by: str = "role"
    pen_width: float = 0.3
    levers: Levers | None = None

    def __post_init__(self) -> None:
        _one_of("--layout", self.arrangement, (None, *ARRANGEMENTS))
        _one_of("--captions", self.captions, (None, *CAPTIONS))
        _one_of("--pen-by", self.pen_by, SHARED_BY)
        for option, length in (("--margin", self.margin), ("--gutter", self.gutter or 0.0)):
            if not 0 <= length < math.inf:
                raise UserError(f"{option} is {length:g} mm; give 0 or more, such as 1cm")
        for width in (self.pen_width, *(pen.width for pen in self.pens)):
            if not 0 < width < math.inf:
                raise UserError(f"a pen of {width:g} mm draws nothing; give a --pen-width such as 0.3mm")
        if self.pen_by != "role" and len(self.pens) < 2:
            raise UserError(f"--pen-by {self.pen_by} shares out several pens; name two or more with --pen")
        if self.pen_by == "role" and len(self.pens) > 1 + max(ROLE_PEN.values()):
            raise UserError(
                f"{len(self.pens)} pens, but by role there is work for {1 + max(ROLE_PEN.values())} (drawings, inputs, "
                "signs); share them out with --pen-by row, col, group or parity"
            )
        counted = _EDITION.fullmatch(self.edition.strip())
        if counted and not 1 <= int(counted[1]) <= int(counted[2]):
            raise UserError(f"no edition has a number {self.edition}; count from 1, as in --edition 3/150")

    @property
    def holder(self) -> tuple[Pen, ...]:
        """The pens that draw: those named, or the one usual pen."""
        return self.pens or (Pen(width=self.pen_width),)

    @property
    def pen(self) -> Pen:
        """The first pen, which writes all words and frames."""
        return self.holder[0]

    @property
    def widest(self) -> float:
        """Millimetres of the widest line that any pen may draw on the sheet."""
        return max(self.pen_width, *(pen.width for pen in self.holder))

    def to_dict(self) -> dict[str, Any]:
        """For a file's recipe: JSON's types; lengths are millimetres."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The style that ``to_dict`` wrote; what is missing is as usual. Raises UserError for what is no style."""
        own = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        try:
            return cls(**{name: _READERS[name](value) if name in _READERS else value for name, value in own.items()})
        except (TypeError, ValueError, LookupError) as error:
            raise UserError("the style in the file is damaged; give paper and pens anew") from error


def _pens(values: Any) -> tuple[Pen, ...]:
    return tuple(Pen(str(pen["name"]), float(pen["width"]), str(pen["colour"])) for pen in values)


def _levers(values: Any) -> Levers | None:
    from plotsketch.strokes.clean import Levers

    return None if values is None else Levers(**values)


# From JSON to the fields that are no strings or switches; each fails for what is none.
_READERS: dict[str, Callable[[Any], Any]] = {
    "paper": lambda sides: Paper(float(sides["width"]), float(sides["height"])),
    "margin": float,
    "gutter": lambda length: None if length is None else float(length),
    "title": str,
    "signature": str,
    "edition": str,
    "pens": _pens,
    "pen_width": float,
    "levers": _levers,
}


def _one_of(option: str, value: str | None, known: tuple[str | None, ...]) -> None:
    if value not in known:
        raise UserError(f"{option} is '{value}'; choose {', '.join(name for name in known if name)}")
