"""Drawings from a trained sketch-rnn, laid out on paper for pen plotters and printers.

The public names below load their module when they are first used, so that ``import plotsketch`` and
``plotsketch --help`` wait for neither torch nor vpype.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from plotsketch.errors import UserError as UserError
    from plotsketch.model.checkpoint import Checkpoint as Checkpoint
    from plotsketch.model.sketcher import Sketcher as Sketcher
    from plotsketch.strokes.drawing import Drawing as Drawing
    from plotsketch.strokes.reading import read_drawings as read_drawings
    from plotsketch.strokes.simplify import simplify as simplify
    from plotsketch.strokes.sketch import Sketch as Sketch

_HOME = {
    "Checkpoint": "plotsketch.model.checkpoint",
    "Drawing": "plotsketch.strokes.drawing",
    "Sketch": "plotsketch.strokes.sketch",
    "Sketcher": "plotsketch.model.sketcher",
    "UserError": "plotsketch.errors",
    "read_drawings": "plotsketch.strokes.reading",
    "simplify": "plotsketch.strokes.simplify",
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> object:
    """Import a public name from its module (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'plotsketch' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
