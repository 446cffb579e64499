"""Patterns: motifs that a model draws, repeated without a seam, as a tile for print or on a sheet for a plotter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from plotsketch import __version__
from plotsketch.api.model import load, model_for
from plotsketch.api.sheet import Sheet, check_sources_stay
from plotsketch.art.pattern import PatternRecipe, weighted
from plotsketch.art.plan import Hand
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.output.formats import Medium, MediumWishes, check_outputs, medium_of, write_sheet
from plotsketch.output.layers import page_size
from plotsketch.output.printing import PICTURES, PRINTS
from plotsketch.sheet.design import Design, Ground
from plotsketch.sheet.paper import Paper
from plotsketch.sheet.pattern import period_of
from plotsketch.sheet.pixels import check_pixels, whole_pixels

if TYPE_CHECKING:
    import vpype

    from plotsketch.art.plan import Plate
    from plotsketch.model.sketcher import Sketcher
    from plotsketch.sheet.period import Period

# How far outside of what is printed strokes are looked for: mm, and pen widths. A pixel and half a pen would do, but
# endless lines end there, and a tapering end must not be seen.
BEYOND, WIDTHS = 1.0, 16.0
MOST_REPEATS = 100  # in a row or column of a swatch


@dataclass(frozen=True)
class Cut:
    """What is cut from an endless pattern.

    ``tile``: the rectangle that repeats straight; ``unit``: the design itself, for printers who drop it themselves;
    ``swatch``: ``repeats`` tiles across and down; ``sheet``: ``paper`` with so much ``margin`` (mm).
    """

    kind: Literal["tile", "unit", "swatch", "sheet"] = "tile"
    repeats: tuple[int, int] = (3, 3)
    paper: Paper | None = None
    margin: float = 10.0

    def __post_init__(self) -> None:
        if not all(1 <= count <= MOST_REPEATS for count in self.repeats):
            most = f"{MOST_REPEATS}x{MOST_REPEATS}"
            raise UserError(f"--swatch is {self.repeats[0]}x{self.repeats[1]}; give from 1x1 to {most}")
        if self.paper is not None and not 0 <= 2 * self.margin < min(self.paper.width, self.paper.height):
            raise UserError(f"the paper ({self.paper}) is smaller than its margins (twice {self.margin:g} mm)")

    def page(self, ground: Ground) -> tuple[float, float]:
        """Width and height in mm."""
        if self.paper is not None:
            return self.paper.width, self.paper.height
        if self.kind == "swatch":
            return ground.tile[0] * self.repeats[0], ground.tile[1] * self.repeats[1]
        return ground.unit if self.kind == "unit" else ground.tile

    def grain(self, ground: Ground) -> tuple[float, float] | None:
        """What has to be whole pixels in a picture; None where nothing repeats."""
        return {"tile": ground.tile, "unit": ground.grain}.get(self.kind)

    def to_dict(self) -> dict[str, Any]:
        """For a file's recipe."""
        if self.paper is not None:
            return {"kind": self.kind, "paper_mm": [self.paper.width, self.paper.height], "margin_mm": self.margin}
        return {"kind": self.kind, **({"repeats": list(self.repeats)} if self.kind == "swatch" else {})}


@dataclass(frozen=True, eq=False)
class PatternSheet(Sheet):
    """What is cut from a pattern.

    ``document`` ends at the page's edges; pictures and PDF are made from what ``reaching`` gives for a length in mm:
    the same with strokes that go on so far over the edges, so that ink of strokes just outside is not lost.
    """

    reaching: Callable[[float], vpype.Document] = field(kw_only=True)
    pattern: Pattern = field(kw_only=True)
    cut: Cut = field(kw_only=True)

    def save(self, *paths: Path | str, **wishes: Unpack[MediumWishes]) -> list[Path]:
        """As ``Sheet.save``. Raises UserError too for a picture of a tile that would have a part of a pixel over."""
        files, medium = [Path(path) for path in paths], medium_of(**wishes)
        _check_pixels(self.pattern.design, self.pattern.period.ground, self.cut, files, medium.dpi)
        check_outputs(files, page_size(self.document), medium)
        reaching = cache(lambda: self.reaching(BEYOND + medium.printing.bleed))
        written: list[Path] = []
        for path in files:
            document = reaching() if path.suffix.lower() in PRINTS else self.document
            written += write_sheet(path, document, self.provenance, medium)
        return written

    def through(self, pipeline: str) -> PatternSheet:
        done = super().through(pipeline)
        return replace(self, document=done.document, provenance=done.provenance,
                       reaching=lambda length: self._reached(length).through(pipeline).document)  # fmt: skip

    def coded(self, *layer_codes: str) -> PatternSheet:
        done = super().coded(*layer_codes)
        return replace(self, document=done.document, provenance=done.provenance,
                       reaching=lambda length: self._reached(length).coded(*layer_codes).document)  # fmt: skip

    def _reached(self, length: float) -> Sheet:
        return Sheet(self.reaching(length), self.plate, self.provenance)


@dataclass(frozen=True, eq=False)
class Pattern:
    """A pattern without end, of which tiles, swatches and sheets are cut.

    ``period`` are its strokes in mm, each once; ``plate`` the motifs in the model's units, with the spots that drew
    them; the rest as ``Sheet``.
    """

    period: Period
    plate: Plate
    design: Design
    provenance: dict[str, Any]
    model_seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @cached_property
    def tile(self) -> PatternSheet:
        """The rectangle that repeats straight."""
        return self.cut(Cut("tile"))

    @property
    def document(self) -> vpype.Document:
        """The tile's."""
        return self.tile.document

    @property
    def unit(self) -> PatternSheet:
        """The design itself, to be repeated with its drop or shift."""
        return self.cut(Cut("unit"))

    def swatch(self, across: int = 3, down: int | None = None) -> PatternSheet:
        """So many tiles, to look at."""
        return self.cut(Cut("swatch", (across, across if down is None else down)))

    def sheet(self, paper: Paper, margin: float = 10.0) -> PatternSheet:
        """A sheet full of the pattern for a plotter: strokes are whole, and cut at the margin (mm) alone."""
        return self.cut(Cut("sheet", paper=paper, margin=margin))

    def cut(self, cut: Cut) -> PatternSheet:
        page = cut.page(self.period.ground)

        def reaching(length: float) -> vpype.Document:
            if cut.kind == "sheet":
                inset = cut.margin + self.design.widest / 2
                return self.period.document(*page, (cut.margin, cut.margin), inset if cut.margin else -length)
            return self.period.document(*page, margin=-length - WIDTHS * self.design.widest if length else 0.0)

        return PatternSheet(
            reaching(0.0), self.plate, {**self.provenance, "cut": cut.to_dict()}, self.model_seconds, self.notes,
            reaching=reaching, pattern=self, cut=cut,
        )  # fmt: skip

    def save(self, *paths: Path | str, **wishes: Unpack[MediumWishes]) -> list[Path]:
        """The tile: see ``PatternSheet.save``."""
        return self.tile.save(*paths, **wishes)

    def in_whole_pixels(self, dpi: float, kind: Literal["tile", "unit"] = "tile") -> Pattern:
        """The pattern stretched by the part of a pixel that its tile, or unit, has over at that resolution."""
        grain = Cut(kind).grain(self.period.ground)
        assert grain is not None
        period = self.period.stretched(*whole_pixels(grain, dpi))
        return replace(self, period=period, provenance={**self.provenance, **_measures(period), "pixels_dpi": dpi})

    @property
    def facts(self) -> dict[str, Any]:
        """What a designer asks first."""
        return {"motifs": len(self.plate.figures), **_measures(self.period)}


def check(
    recipe: PatternRecipe,
    design: Design,
    cut: Cut,
    outputs: Sequence[Path] = (),
    medium: Medium | None = None,
    whole: bool = False,
) -> None:
    """Raises UserError for what can be known to be wrong before any model is loaded.

    ``whole``: the pattern will be stretched to whole pixels.
    """
    check_sources_stay(recipe.references, outputs)
    ground, medium = design.ground(), medium or Medium()
    if not whole:
        _check_pixels(design, ground, cut, outputs, medium.dpi)
    check_outputs(outputs, cut.page(ground), medium)


def _check_pixels(design: Design, ground: Ground, cut: Cut, files: Iterable[Path], dpi: float) -> None:
    grain = cut.grain(ground)
    if grain is not None and any(path.suffix.lower() in PICTURES for path in files):
        check_pixels(grain, dpi, design.size, design.has_free_height)


def pattern(
    *drawings: str,
    motifs: int | None = None,
    way: str = "vary",
    spread: float = 0.3,
    unlike: float = 0.025,
    design: Design | None = None,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
) -> Pattern:
    """A repeating pattern of drawings, each perhaps with a weight: ``cat-head*3``; see ``PatternRecipe``.

    ``motifs`` are as many as fill the ``design``'s rows and columns, about 24 where it has none. Raises UserError.
    """
    settled, count = (design or Design()).settled(motifs)
    recipe = PatternRecipe(
        drawings=weighted(drawings), motifs=count, way=way, spread=spread, unlike=unlike,
        hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    if model is None or isinstance(model, str):
        model = load(model or model_for(recipe.references))
    return draw(recipe, model, settled)


def draw(recipe: PatternRecipe, sketcher: Sketcher, design: Design) -> Pattern:
    """The pattern that a recipe and a settled design describe. Raises UserError."""
    started = time.monotonic()
    studio = Studio(sketcher)
    plate = recipe.draw(studio)
    seconds = time.monotonic() - started
    period = period_of(plate.figures, design, recipe.hand.seed)
    provenance = {
        "program": "plotsketch",
        "version": __version__,
        "model": sketcher.checkpoint.name,
        "digest": sketcher.checkpoint.digest,
        **({"sources": studio.sources} if studio.sources else {}),
        **recipe.to_dict(),
        "design": design.to_dict(),
        **_measures(period),
    }
    return Pattern(period, plate, design, provenance, seconds, tuple(studio.notes))


def _measures(period: Period) -> dict[str, Any]:
    ground = period.ground
    return {
        "placed": period.placed,
        "density": round(period.density, 4),
        "repeat_mm": [round(side, 4) for side in ground.unit],
        "tile_mm": [round(side, 4) for side in ground.tile],
        "lattice_mm": [[round(part, 4) for part in vector] for vector in ground.lattice.tolist()],
    }
