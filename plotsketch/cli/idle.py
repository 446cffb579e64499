"""Which of the options that stand in configuration or environment have nothing to do in a command, as it was typed.

What is typed and has nothing to do is an error; a default of the user's is meant for where it has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

PICTURES = {".png", ".tif", ".tiff"}
PRINTS = {*PICTURES, ".pdf"}
HPGL = {".hpgl", ".plt", ".hgl"}
PLOTTER_FILES = {*HPGL, ".gcode", ".nc", ".ngc", ".tap"}

Words = Mapping[str, Any]


def is_idle(name: str, words: Words, typed: Collection[str]) -> bool:
    """Whether the option that arrives as ``name`` has nothing to do beside these ``words``; ``typed`` are the names of
    those that stand on the command line."""
    if name == "pen":  # a palette on the line is meant in place of pens that stand
        return "palette" in typed
    works = _WORK.get(name)
    return works is not None and not works(words)


def _written(words: Words) -> set[str]:
    """The suffixes of the files to be written."""
    output = words.get("output") or ()
    return {Path(path).suffix.lower() for path in (output if isinstance(output, tuple) else (output,))}


def _machine(words: Words) -> bool:
    """Commands that draw have one for --optimize and plotters' files, `tile` for these alone, others always:
    those above all that drive one."""
    if "port" in words:
        return True
    if "overview" in words and words["file"].suffix.lower() in PLOTTER_FILES:
        return True
    return bool(words.get("optimize", "overview" not in words) or _written(words) & PLOTTER_FILES)


def _paper(words: Words) -> bool:
    """`convert` and `optimize` (which have --from) mean the paper in an HPGL plotter."""
    if "source" in words:
        return bool(words["machine"] and _written(words) & HPGL)
    return bool(words.get("flipbook", True))


def _on_paper(words: Words) -> bool:
    """`pattern` has paper with --sheet, `morph` with --flipbook."""
    return bool(words["sheet"] if "swatch" in words else words.get("flipbook", True))


def _files(suffixes: set[str]) -> Callable[[Words], bool]:
    return lambda words: bool(_written(words) & suffixes)


def _with(*names: str) -> Callable[[Words], bool]:
    """Where one of these is given, or the command has none of them."""
    return lambda words: any(words.get(name) for name in names) or not any(name in words for name in names)


_WORK: dict[str, Callable[[Words], bool]] = {
    "machine": _machine,
    "speed": _with("machine"),
    "oversize": lambda words: "output" not in words or bool(_written(words) & PLOTTER_FILES),  # `plot` always has it
    "curves": _files({".svg"}),
    "preview": _files({".svg"}),
    "paper": _paper,
    "margin": _on_paper,
    "landscape": _on_paper,
    "page": _with("flipbook"),
    "binding": _with("flipbook"),
    "dpi": _with("flipbook"),
    "step": _with("walk"),
    "apng": lambda words: not words.get("flipbook"),
    "paper_colour": lambda words: not words.get("transparent") and bool(_written(words) & {*PRINTS, ".jpg", ".jpeg"}),
    "bleed": _files(PRINTS),
    "marks": lambda words: "overview" in words or bool(_written(words) & PRINTS),
    "swell": _files(PRINTS),
    "transparent": _files(PICTURES),
    "plates": _files(PICTURES),
    "negative": lambda words: bool(words.get("plates") and _written(words) & PICTURES),
    "spot": _files({".pdf"}),
    "corner": _with("smooth"),
    "hatch_gap": _with("hatch"),
    "hatch_angle": _with("hatch"),
    "hatch_cross": _with("hatch"),
    "closed": _with("hatch", "occlude", "mask"),
    "pen_by": lambda words: len(words.get("pen", ())) > 1 or bool(words.get("palette")),
    "ribbon": lambda words: words.get("on") == "box",
    "pictures": lambda words: not words.get("as_json"),
}
