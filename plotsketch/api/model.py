"""Which model draws, and models made ready."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from plotsketch.art.landmark_library import read_library
from plotsketch.art.provenance import read_sheet
from plotsketch.strokes.reference import CellRef, NameRef, parse_reference

if TYPE_CHECKING:
    from plotsketch.model.sketcher import Sketcher

DEFAULT_MODEL = "catpig"


def load(model: str | Path = DEFAULT_MODEL) -> Sketcher:
    """The model of a name (shipped or the user's own) or a path, ready to draw. Raises UserError."""
    from plotsketch.model import catalogue
    from plotsketch.model.sketcher import Sketcher

    return Sketcher.load(catalogue.find(model))


def model_for(references: Iterable[str], otherwise: str | None = None) -> str | Path:
    """The model to take where none is named: the one that drew the first reference which was drawn before (a cell of a
    sheet, a landmark of the user's own), if it is installed, else ``otherwise`` or DEFAULT_MODEL.

    Raises UserError for a malformed reference and for a file that is no sheet."""
    from plotsketch.model import catalogue

    usual = otherwise or DEFAULT_MODEL
    for reference in references:
        match parse_reference(reference):
            case CellRef(path):
                sheet = read_sheet(path)
                return catalogue.find_digest(sheet.model, sheet.digest, (path.parent, Path())) or usual
            case NameRef(name) if kept := read_library().get(name):
                return catalogue.find_digest(kept.model, kept.digest) or usual
    return usual
