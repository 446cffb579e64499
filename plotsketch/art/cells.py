"""Drawings that were drawn before: cells of sheets and kept landmarks, by the model that drew them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from plotsketch.errors import UserError
from plotsketch.strokes.reference import CellRef

from .plan import Hand, Spot
from .provenance import SheetFile, file_digest, read_sheet

if TYPE_CHECKING:
    from plotsketch.model.sketcher import Sketcher

    from .landmark_library import Landmark
    from .studio import Studio

DEEPEST = 30  # sheets that were drawn from one another


@dataclass
class Shared:
    """What the studios of one sheet have in common: models by digest, and what each sheet's file holds."""

    sketchers: dict[str, Sketcher]
    notes: list[str] = field(default_factory=list)
    sheets: dict[str, SheetFile] = field(default_factory=dict)
    digests: dict[Path, str] = field(default_factory=dict)
    spots: dict[str, tuple[Studio, dict[tuple[int, int], Spot]]] = field(default_factory=dict)

    def sheet(self, path: Path) -> SheetFile:
        """Read once. Raises UserError as ``read_sheet``."""
        key = os.path.realpath(path)
        if key not in self.sheets:
            self.sheets[key] = read_sheet(path)
        return self.sheets[key]

    def file_digest(self, path: Path) -> str:
        """Read once. Raises UserError as ``provenance.file_digest``."""
        if path not in self.digests:
            self.digests[path] = file_digest(path)
        return self.digests[path]


def spot_of_cell(studio: Studio, ref: CellRef) -> Spot:
    """What draws a cell, for the studio's model. Raises UserError when the sheet, the cell, a file that the sheet was
    drawn from, or the model that drew it is not there."""
    sheet = cell_sheet(studio, ref)
    inside, spots = _spots(studio, sheet)
    spot = spots.get((ref.row - 1, ref.col - 1))
    if spot is None:
        raise UserError(f"{ref}: {_what_there_is(sheet, ref, list(spots))}")
    return _for_this_model(studio, inside, spot, sheet.recipe.hand, str(ref))


def cell_sheet(studio: Studio, ref: CellRef) -> SheetFile:
    """The sheet that a cell is on. Raises UserError as ``spot_of_cell``."""
    return studio.shared.sheet(place_of(studio, ref.path, lambda path: studio.shared.sheet(path).identity))


def spot_of_landmark(studio: Studio, name: str, landmark: Landmark) -> Spot:
    """What draws a landmark of the user's own, for the studio's model. Raises UserError as ``spot_of_cell``."""
    if studio.inside:
        _check_unchanged(name, landmark.identity, studio.inside)
    studio.sources[name] = landmark.identity
    sketcher = _sketcher(studio, landmark.model, landmark.digest, [], f"the landmark '{name}'")
    size = sketcher.checkpoint.config.latent_size
    if len(landmark.latent) != size:
        raise UserError(f"your landmark '{name}' is damaged: {len(landmark.latent)} numbers, not {size}; keep it again")
    inside = studio if sketcher is studio.sketcher else studio.within(None, sketcher)
    return _for_this_model(studio, inside, Spot.at(landmark.latent, landmark.stream), landmark.hand, name)


def place_of(studio: Studio, path: Path, digest_of: Callable[[Path], str]) -> Path:
    """Where a file of a reference is; its digest is noted in the studio's ``sources``.

    Inside a sheet a file may also stand beside the sheet, and must be what it was. Raises UserError where it is gone
    or has changed.
    """
    sheet = studio.inside
    if sheet is None:
        studio.sources[str(path)] = digest_of(path)
        return path
    places = [place for place in dict.fromkeys((path, sheet.path.parent / path)) if place.exists()]
    if not places:
        raise UserError(f"{path}, which {sheet.path} was drawn from, is gone; put it back or name another drawing")
    expected = sheet.sources.get(str(path))
    for place in places:
        if expected in (None, digest_of(place)):
            return place
    raise UserError(_changed(str(path), sheet))


def check_not_gone(name: str, sheet: SheetFile) -> None:
    """Raises UserError for a landmark of the user's own that a sheet was drawn from."""
    if name in sheet.sources:
        raise UserError(f"your landmark '{name}', which {sheet.path} was drawn from, is gone; keep it again")


def _check_unchanged(name: str, identity: str, sheet: SheetFile) -> None:
    if sheet.sources.get(name, identity) != identity:
        raise UserError(_changed(f"your landmark '{name}'", sheet))


def _changed(name: str, sheet: SheetFile) -> str:
    return f"{name} has changed since {sheet.path} was drawn from it; draw that sheet again, or take it as it was"


def _spots(studio: Studio, sheet: SheetFile) -> tuple[Studio, dict[tuple[int, int], Spot]]:
    """What draws each cell of a sheet, and the studio where that is so."""
    key = os.path.realpath(sheet.path)
    if key not in studio.shared.spots:
        above = [os.path.realpath(outer.inside.path) for outer in _outward(studio) if outer.inside]
        if key in above:
            raise UserError(f"{sheet.path} goes round in a circle: it names a cell of itself; draw it again")
        if len(above) >= DEEPEST:
            raise UserError(f"{sheet.path}: more than {DEEPEST} sheets are drawn from one another; keep the drawing")
        sketcher = _sketcher(studio, sheet.model, sheet.digest, [sheet.path.parent, Path()], str(sheet.path))
        inside = studio.within(sheet, sketcher)
        studio.shared.spots[key] = inside, sheet.recipe.spots(inside)
    return studio.shared.spots[key]


def _outward(studio: Studio) -> list[Studio]:
    return [studio, *(_outward(studio.outer) if studio.outer else [])]


def _sketcher(studio: Studio, model: str, digest: str, beside: list[Path], what: str) -> Sketcher:
    """The model of that digest: one in use, an installed one, or one in a folder of ``beside``."""
    from plotsketch.model import catalogue
    from plotsketch.model.sketcher import Sketcher

    known = studio.shared.sketchers
    if digest not in known:
        path = catalogue.find_digest(model, digest, beside)
        if path is None:
            raise UserError(
                f"{what} was drawn by model '{model}' (digest {digest}), which is not installed; "
                f"put its file into {catalogue.user_folder()}"
            )
        known[digest] = Sketcher.load(path)
    return known[digest]


def _for_this_model(studio: Studio, inside: Studio, spot: Spot, hand: Hand, source: str) -> Spot:
    """The spot itself where its model is the studio's; else where the studio's model sees what it draws."""
    mine, other = studio.sketcher.checkpoint, inside.sketcher.checkpoint
    if mine.digest == other.digest:
        if spot.latent is None:
            mine.require_latent_space(f"start from '{source}'")
        return spot
    (sketch,) = inside.draw([spot], hand)
    studio.shared.notes.append(f"{source}: drawn by model '{other.name}' ({other.digest}), read by '{mine.name}'.")
    return studio.read(sketch, source)


def _what_there_is(sheet: SheetFile, ref: CellRef, cells: list[tuple[int, int]]) -> str:
    rows, cols = sheet.recipe.shape or tuple(max((cell[axis] for cell in cells), default=-1) + 1 for axis in (0, 1))
    if ref.row > rows or ref.col > cols:
        return f"there is no such cell; the sheet has {rows} x {cols} (rows x columns), r1c1 to r{rows}c{cols}"
    some = ", ".join(f"r{row + 1}c{col + 1}" for row, col in cells[:6])
    if not cells:
        return "the model drew nothing on that sheet; take the file that it shows"
    return f"the model drew nothing in that cell; take {some}{' ...' if len(cells) > 6 else ''}"
