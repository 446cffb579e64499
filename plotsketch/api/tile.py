"""A large sheet over several pages."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotsketch import __version__
from plotsketch.api.convert import as_machine, check_not_over, recipe_in
from plotsketch.errors import UserError
from plotsketch.files import check_writable, write_atomically
from plotsketch.lines.machine import Machine
from plotsketch.output.fitting import overhangs
from plotsketch.output.formats import DPI, PLOTTER_FILES, Medium, check_format, check_outputs, write_sheet
from plotsketch.output.layers import LEFT_OUT, layers, page_size
from plotsketch.output.sheet_in import read_sheet
from plotsketch.output.tiles import overview, page
from plotsketch.sheet.paper import Paper, parse_paper
from plotsketch.sheet.tile_marks import check_marks, room_for
from plotsketch.sheet.tiling import Tiling, page_name, row_name, tiling

if TYPE_CHECKING:
    import vpype

    from plotsketch.api.sheet import Sheet

OVERLAP, MARGIN = 5.0, 10.0  # mm
FIELDS = ("page", "row", "col")
PDF = ".pdf"


@dataclass(frozen=True, eq=False)
class Page:
    """A page by its name, ``row`` and ``col`` from 0; ``number`` counts from 1 those that there are."""

    name: str
    number: int
    row: int
    col: int
    document: vpype.Document

    def path(self, template: Path) -> Path:
        """The page's file: A, B ... for {row}, 1, 2 ... for {col} and {page}."""
        return Path(str(template).format(page=self.number, row=row_name(self.row), col=self.col + 1))


@dataclass(frozen=True, eq=False)
class Tiled:
    """A sheet on several pages: ``document`` whole, and cut as ``tiling`` says.

    ``empty`` names pages that nothing is on, which are not made; ``notes`` says what is not as in the sheet.
    """

    document: vpype.Document
    paper: Paper
    margin: float
    tiling: Tiling
    pages: tuple[Page, ...]
    empty: tuple[str, ...]
    notes: tuple[str, ...]
    recipe: dict[str, Any]

    def save(
        self,
        *templates: Path | str,
        overview: Path | str | None = None,
        dpi: float = DPI,
        machine: str | Machine | None = None,
        curves: float | None = None,
    ) -> list[Path]:
        """Writes the pages, all in one where a name ends in .pdf, and how they go together as ``overview``; the paths.

        In other names, and in those of PDFs that are to have one page each, stand {page}, {row} and {col}. Raises
        UserError.
        """
        medium = Medium(dpi=dpi, machine=as_machine(machine), curves=curves)
        jobs = [job for template in templates for job in self._jobs(Path(template))]
        jobs += [(Path(overview), [self.overview()], {**self.recipe, "overview": True})] if overview else []
        if clash := _twice([file for file, _, _ in jobs]):
            raise UserError(f"several pages would be written to {clash}; put {{page}}, or {{row}}{{col}}, in its name")
        check_outputs([file for file, _, _ in jobs], (self.paper.width, self.paper.height), medium)
        for file, documents, recipe in jobs:
            _write(file, documents, recipe, medium)
        return [file for file, _, _ in jobs]

    def overview(self) -> vpype.Document:
        """The whole sheet on one page, with the cuts and the pages' names over it."""
        width, height = self.tiling.size
        return overview(self.document, self.tiling, self.paper.turned(width > height), self.margin)

    def _jobs(self, template: Path) -> list[tuple[Path, list[vpype.Document], dict[str, Any]]]:
        """What is written by one name: a file, its pages, and its recipe."""
        if template.suffix.lower() == PDF and not _fields(template):
            names = [found.name for found in self.pages]
            return [(template, [found.document for found in self.pages], {**self.recipe, "pages": names})]
        return [(found.path(template), [found.document], {**self.recipe, "page": found.name}) for found in self.pages]


def tile(
    sheet: Path | str | Sheet | vpype.Document,
    paper: str | Paper = "a4",
    *,
    overlap: float = OVERLAP,
    margin: float = MARGIN,
    landscape: bool | None = None,
    marks: bool = True,
    machine: str | Machine | None = None,
) -> Tiled:
    """Cuts a sheet into as few pages as it needs, and through as few strokes as can be.

    Args:
        sheet: an SVG, HPGL or G-code file from anywhere, a drawn sheet or a document.
        paper: of the pages, a name (``a4``), a size (``300x200mm``) or a Paper.
        overlap: mm at each cut that are on both pages.
        margin: mm of white around what a page shows.
        landscape: pages lie (True) or stand (False); None: whichever takes fewer pages or, of the same number, cuts
            fewer strokes.
        marks: crosses where the cuts are and the pages' names, in the margins, on a layer of their own.
        machine: whose HPGL or G-code ``sheet`` is.

    Raises UserError for what cannot be read, margins and overlaps that leave nothing, and too many pages.
    """
    _check(overlap, margin)
    if marks:
        check_marks(margin)
    chosen = parse_paper(paper) if isinstance(paper, str) else paper
    ways = _ways(chosen, landscape, margin)
    whole = read_sheet(Path(sheet), as_machine(machine)) if isinstance(sheet, Path | str) else sheet
    document: vpype.Document = getattr(whole, "document", whole)
    if document.page_size is None or not min(document.page_size) > 0:
        raise UserError("the sheet has no size; give the SVG a width and a height")
    size = page_size(document)
    beyond = overhangs(document, (0.0, 0.0, *size))
    lines = [line for layer in layers(document) for line in layer.lines]
    found = [(way, tiling(lines, size, room_for(way, margin), overlap)) for way in ways]
    lying, cut = min(found, key=lambda pair: (pair[1].rows * pair[1].cols, pair[1].crossed))
    pages, empty = _pages(document, cut, lying, margin, marks=marks)
    if not pages:
        raise UserError("no line of the sheet lies on its page, so that there is nothing to draw")
    facts = {"paper": [lying.width, lying.height], "overlap": overlap, "margin": margin, "cuts": [cut.xs, cut.ys]}
    recipe = {**_recipe(sheet), "tile": {"by": "plotsketch", "version": __version__, **facts}}
    return Tiled(document, lying, margin, cut, pages, empty, _notes(document, beyond), recipe)


def check_templates(templates: Sequence[Path], overview: Path | None, sheet: Path, machine: str | None = None) -> None:
    """Raises UserError, before any work, for names that no page could have, and for a machine whose files none is."""
    files = [sheet, *templates, *([overview] if overview else [])]
    if machine is not None and not any(file.suffix.lower() in PLOTTER_FILES for file in files):
        raise UserError("--machine is for .hpgl and .gcode files; name one, or leave --machine out")
    for template in templates:
        check_format(template)
        try:
            strange = _fields(template) - set(FIELDS)
        except ValueError as error:
            raise UserError(f"{template}: {error}; write {{page}}, {{row}} or {{col}}") from error
        if strange:
            raise UserError(f"{template}: there is no {{{min(strange)}}}; write {{page}}, {{row}} or {{col}}")
        if template.suffix.lower() == PDF and not _fields(template):
            check_writable(template)
    if overview is not None:
        check_outputs([overview], None, Medium())
    check_not_over(sheet, files[1:])


def _check(overlap: float, margin: float) -> None:
    for option, length in (("--overlap", overlap), ("--margin", margin)):
        if not 0 <= length < math.inf:
            raise UserError(f"{option} is {length:g} mm; give 0 or more, such as 5mm")


def _ways(paper: Paper, landscape: bool | None, margin: float) -> list[Paper]:
    """The paper as it may lie, standing first. Raises UserError for margins that leave nothing."""
    ways = [paper.turned(lying) for lying in ([False, True] if landscape is None else [landscape])]
    for way in ways:
        room_for(way, margin)
    return ways[:1] if paper.width == paper.height else ways


def _pages(
    document: vpype.Document, cut: Tiling, paper: Paper, margin: float, *, marks: bool
) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """The pages that something is on, row by row, and the names of those that nothing is on."""
    pages: list[Page] = []
    empty = []
    for row in range(cut.rows):
        for col in range(cut.cols):
            drawn = page(document, cut, (row, col), paper, margin, marks=marks)
            if drawn is None:
                empty.append(page_name(row, col))
            else:
                pages.append(Page(page_name(row, col), len(pages) + 1, row, col, drawn))
    return tuple(pages), tuple(empty)


def _notes(document: vpype.Document, beyond: Mapping[str, float]) -> tuple[str, ...]:
    sides = ", ".join(f"{distance:.2f} mm at the {side}" for side, distance in beyond.items())
    off = (f"lines go beyond the sheet, by {sides}; what is off it is on no page",) if beyond else ()
    return (*(document.property(LEFT_OUT) or ()), *off)


def _recipe(sheet: object) -> dict[str, Any]:
    return dict(getattr(sheet, "provenance", {})) or recipe_in(sheet)


def _fields(template: Path) -> set[str]:
    """The names in braces. Raises ValueError where braces are not closed."""
    return {name for _, name, _, _ in string.Formatter().parse(str(template)) if name is not None}


def _twice(files: Sequence[Path]) -> Path | None:
    return next((file for index, file in enumerate(files) if file in files[:index]), None)


def _write(file: Path, documents: list[vpype.Document], recipe: Mapping[str, Any], medium: Medium) -> None:
    if file.suffix.lower() != PDF:
        write_sheet(file, documents[0], recipe, medium)
        return
    from plotsketch.output.pdf import pdf_bytes

    write_atomically(file, pdf_bytes(documents, recipe, medium.printing))
