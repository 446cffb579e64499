"""Drawings from a trained sketch-rnn, laid out on paper for pen plotters and printers.

The public names below load their module when they are first used, so that ``import plotsketch`` and
``plotsketch --help`` wait for neither torch nor vpype.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from plotsketch.api.convert import convert as convert
    from plotsketch.api.drawing import analogy as analogy
    from plotsketch.api.drawing import complete as complete
    from plotsketch.api.drawing import explore as explore
    from plotsketch.api.drawing import grid as grid
    from plotsketch.api.drawing import interpolate as interpolate
    from plotsketch.api.drawing import reconstruct as reconstruct
    from plotsketch.api.drawing import sample as sample
    from plotsketch.api.drawing import vary as vary
    from plotsketch.api.drawing import walk as walk
    from plotsketch.api.estimate import estimate as estimate
    from plotsketch.api.model import load as load
    from plotsketch.api.morph import morph as morph
    from plotsketch.api.optimize import optimize as optimize
    from plotsketch.api.pattern import pattern as pattern
    from plotsketch.api.plot import plot as plot
    from plotsketch.api.preview import preview as preview
    from plotsketch.api.proof import proof as proof
    from plotsketch.api.provenance import Provenance as Provenance
    from plotsketch.api.provenance import info as info
    from plotsketch.api.sheet import Sheet as Sheet
    from plotsketch.api.tile import tile as tile
    from plotsketch.errors import UserError as UserError
    from plotsketch.lines.tidy import Tidy as Tidy
    from plotsketch.model.checkpoint import Checkpoint as Checkpoint
    from plotsketch.model.sketcher import Sketcher as Sketcher
    from plotsketch.output.printing import Printing as Printing
    from plotsketch.sheet.design import Design as Design
    from plotsketch.sheet.document import Pen as Pen
    from plotsketch.sheet.paper import parse_length as parse_length
    from plotsketch.sheet.paper import parse_paper as parse_paper
    from plotsketch.sheet.style import Style as Style
    from plotsketch.strokes.clean import Levers as Levers
    from plotsketch.strokes.drawing import Drawing as Drawing
    from plotsketch.strokes.reading import read_drawings as read_drawings
    from plotsketch.strokes.simplify import simplify as simplify
    from plotsketch.strokes.sketch import Sketch as Sketch

_HOME = {
    "Checkpoint": "plotsketch.model.checkpoint",
    "Design": "plotsketch.sheet.design",
    "Drawing": "plotsketch.strokes.drawing",
    "Levers": "plotsketch.strokes.clean",
    "Pen": "plotsketch.sheet.document",
    "Printing": "plotsketch.output.printing",
    "Provenance": "plotsketch.api.provenance",
    "Sheet": "plotsketch.api.sheet",
    "Sketch": "plotsketch.strokes.sketch",
    "Sketcher": "plotsketch.model.sketcher",
    "Style": "plotsketch.sheet.style",
    "Tidy": "plotsketch.lines.tidy",
    "UserError": "plotsketch.errors",
    "analogy": "plotsketch.api.drawing",
    "complete": "plotsketch.api.drawing",
    "convert": "plotsketch.api.convert",
    "estimate": "plotsketch.api.estimate",
    "explore": "plotsketch.api.drawing",
    "grid": "plotsketch.api.drawing",
    "info": "plotsketch.api.provenance",
    "interpolate": "plotsketch.api.drawing",
    "load": "plotsketch.api.model",
    "morph": "plotsketch.api.morph",
    "optimize": "plotsketch.api.optimize",
    "parse_length": "plotsketch.sheet.paper",
    "parse_paper": "plotsketch.sheet.paper",
    "pattern": "plotsketch.api.pattern",
    "plot": "plotsketch.api.plot",
    "preview": "plotsketch.api.preview",
    "proof": "plotsketch.api.proof",
    "read_drawings": "plotsketch.strokes.reading",
    "reconstruct": "plotsketch.api.drawing",
    "sample": "plotsketch.api.drawing",
    "simplify": "plotsketch.strokes.simplify",
    "tile": "plotsketch.api.tile",
    "vary": "plotsketch.api.drawing",
    "walk": "plotsketch.api.drawing",
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> object:
    """Import a public name from its module (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'plotsketch' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
