"""What a printer is to do with a sheet, apart from what stands on it: paper, bleed, marks, plates, the line's swell."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from plotsketch.errors import UserError

Swell = Literal["taper", "nib"]
SWELLS = ("taper", "nib")
WHITE = "#ffffff"
WIDEST_BLEED = 100.0  # mm
SLUG = 8.0  # mm around the bleed that marks need
LARGEST_PDF = 5080.0  # mm, a side of what readers can show: ISO 32000-1, annex C.2

PICTURES = (".png", ".tif", ".tiff")
PRINTS = (*PICTURES, ".pdf")

# Where each wish means something, and the option that it comes from.
_WISHES = {
    "paper": ("--paper-colour", PRINTS),
    "transparent": ("--transparent", PICTURES),
    "bleed": ("--bleed", PRINTS),
    "marks": ("--marks", PRINTS),
    "spot": ("--spot", (".pdf",)),
    "plates": ("--plates", PICTURES),
    "negative": ("--negative", PICTURES),
    "swell": ("--swell", PRINTS),
}


@dataclass(frozen=True, kw_only=True)
class Printing:
    """Wishes for print files; other formats know nothing of them.

    Attributes:
        paper: the paper's colour as ``#rrggbb``; it ends where the bleed does.
        transparent: no paper at all behind the ink of a picture; a PDF on white has none anyway.
        bleed: mm around the page that are printed and cut off.
        marks: crop and registration marks outside of the bleed.
        spot: a spot colour for each ink of a PDF, in place of RGB.
        plates: beside a picture, a grey one for each ink: 0 is ink, 255 is none.
        negative: plates the other way round.
        swell: how a line's width changes along it, never beyond the pen's: ``taper`` or ``nib``.

    Raises UserError for what cannot be.
    """

    paper: str = WHITE
    transparent: bool = False
    bleed: float = 0.0
    marks: bool = False
    spot: bool = False
    plates: bool = False
    negative: bool = False
    swell: Swell | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"#[0-9a-f]{6}", self.paper):
            raise UserError(f"paper of colour '{self.paper}' is not known; write it as #rrggbb")
        if self.transparent and self.paper != WHITE:
            raise UserError("--transparent leaves the paper out and --paper-colour gives it a colour; take one of them")
        if not (0 <= self.bleed <= WIDEST_BLEED and math.isfinite(self.bleed)):
            raise UserError(f"--bleed is {self.bleed:g} mm; give from 0 to {WIDEST_BLEED:g} mm, such as 3mm")
        if self.negative and not self.plates:
            raise UserError("--negative turns plates over; give --plates too")
        if self.swell not in (None, *SWELLS):
            raise UserError(f"--swell is '{self.swell}'; choose {' or '.join(SWELLS)}")

    def check(self, suffixes: Collection[str]) -> None:
        """Raises UserError for a wish that means nothing to any file with one of these ``suffixes``."""
        for name in self.idle(suffixes):
            option, meant = _WISHES[name]
            *most, last = (suffix for suffix in meant if suffix != ".tiff")
            files = f"{', '.join(most)} and {last}" if most else last
            raise UserError(f"{option} is for {files} files; name one with --output, or leave {option} out")

    def idle(self, suffixes: Collection[str]) -> list[str]:
        """The wishes, by their attributes, that mean nothing to any file with one of these ``suffixes``."""
        return [name for name in self.to_dict() if not set(suffixes) & set(_WISHES[name][1])]

    def without(self, names: Collection[str]) -> Printing:
        """As if nobody had wished these."""
        kept = {name: value for name, value in asdict(self).items() if name not in names}
        return Printing(**kept)

    @property
    def outside(self) -> float:
        """mm around the page to the edge of the file's own page."""
        return self.bleed + (SLUG if self.marks else 0.0)

    def margins(self, dpi: float) -> tuple[int, int]:
        """Pixels of the bleed on each side of a picture, and of what is around it: whole ones."""
        return round(self.bleed / 25.4 * dpi), round(SLUG / 25.4 * dpi) if self.marks else 0

    def check_pdf(self, page: tuple[float, float]) -> None:
        """Raises UserError where a PDF of a ``page`` (width and height in mm) would be larger than readers can show."""
        width, height = (size + 2 * self.outside for size in page)
        if max(width, height) > LARGEST_PDF:
            raise UserError(
                f"a PDF page is {LARGEST_PDF:g} mm at most, and this one {width:g} x {height:g} mm; make it "
                "smaller, or take .tif or .svg"
            )

    def to_dict(self) -> dict[str, Any]:
        """For a file's recipe: what is not as usual, as JSON's types."""
        values = asdict(self)
        return {field.name: values[field.name] for field in fields(self) if values[field.name] != field.default}


PLAIN = Printing()
