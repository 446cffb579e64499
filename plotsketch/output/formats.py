"""The formats that a sheet is written in, told apart by the file's suffix."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypedDict, Unpack, get_args

from plotsketch.errors import UserError
from plotsketch.files import check_writable, write_atomically
from plotsketch.output.printing import PICTURES, PLAIN, Printing

if TYPE_CHECKING:
    import vpype

    from plotsketch.lines.machine import Machine

Oversize = Literal["refuse", "clip", "scale"]
# What recipes say of one file alone, and no other that is made from it.
FILE_FACTS = ("dpi", "print", "plotter", "curves_mm")

DPI = 150.0
FINEST = 10_000  # dots an inch
FINEST_CURVES = 0.005  # mm: finer ones are lost in an SVG's decimals
# Pictures are made in strips, so that this is a matter of sense: 64 cm by 10 m at 300 dpi has 893 million, A0 at 600
# dpi has 558 million, and few programs open more.
MOST_PIXELS = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Medium:
    """What files are made for, as far as the sheet itself does not say.

    Attributes:
        dpi: dots an inch of pictures.
        machine: whose HPGL or G-code is written; files for machines need one.
        paper: what lies in the machine, by the machine's own names; None: the one that is as large as the page.
        oversize: what becomes of lines that the machine cannot reach: ``refuse``, ``clip`` or ``scale``.
        curves: mm that the Bezier curves of an SVG may be off the lines; None: polylines.
        printing: paper colour, bleed, marks, plates and the like in pictures and PDF.

    Raises UserError for paper without a machine that has papers, for curves finer than an SVG's decimals, and for
    another ``oversize``.
    """

    dpi: float = DPI
    machine: Machine | None = None
    paper: str | None = None
    oversize: Oversize = "refuse"
    curves: float | None = None
    printing: Printing = PLAIN

    def __post_init__(self) -> None:
        if self.curves is not None and not FINEST_CURVES <= self.curves < math.inf:
            raise UserError(f"--curves is {self.curves:g} mm; give {FINEST_CURVES} mm or more, such as 0.03mm")
        if self.paper is not None and not (self.machine and self.machine.hpgl):
            raise UserError(f"--paper {self.paper} is for an HPGL plotter; name one, as in --machine hp7475a")
        if self.oversize not in get_args(Oversize):
            raise UserError(f"--oversize is '{self.oversize}'; it takes {', '.join(get_args(Oversize))}")

    def check(self, suffixes: Collection[str]) -> None:
        """Raises UserError for a wish that means nothing to any file with one of these ``suffixes``."""
        self.printing.check(suffixes)
        if self.curves is not None and ".svg" not in suffixes:
            raise UserError("--curves is for .svg files; name one with --output, or leave --curves out")
        if self.paper is not None and not set(HPGL_SUFFIXES) & set(suffixes):
            raise UserError(f"--paper is for {', '.join(HPGL_SUFFIXES)} files; name one, or leave --paper out")
        if self.oversize != "refuse" and not PLOTTER_FILES.keys() & set(suffixes):
            raise UserError("--oversize is for HPGL and G-code files; name one with --output, or leave --oversize out")


class MediumWishes(TypedDict, total=False):
    """The fields of a Medium, as functions of the library take them: ``machine`` may also be a profile's name or a TOML
    file's path."""

    dpi: float
    machine: str | Machine | None
    paper: str | None
    oversize: Oversize
    curves: float | None
    printing: Printing


def medium_of(**wishes: Unpack[MediumWishes]) -> Medium:
    """Raises UserError for an unknown machine, and as Medium does."""
    from plotsketch.lines.machine import load_machine

    machine = wishes.get("machine")
    found: dict[str, Any] = {**wishes, "machine": load_machine(machine) if isinstance(machine, str) else machine}
    return Medium(**found)


Recipe = Mapping[str, object]
Content = bytes | Callable[[BinaryIO], None]
Writer = Callable[["vpype.Document", Recipe, Medium], Content]


def check_outputs(paths: Iterable[Path], page: tuple[float, float] | None, medium: Medium) -> None:
    """Raises UserError, before any work, for files that could not be written after it.

    These are a suffix that has no format, a place that cannot be written, a picture of a ``page`` (width and height in
    mm; None where it is not known yet) that has no or far too many pixels, a PDF that is too large, a plotter's file
    without a machine that reads it, and a wish that is for none of these.
    """
    paths = list(paths)
    medium.check({path.suffix.lower() for path in paths})
    for path in paths:
        check_format(path)
        suffix = path.suffix.lower()
        if suffix in PICTURES and page is not None:
            picture_size(page, medium.dpi, medium.printing)
        if suffix == ".pdf" and page is not None:
            medium.printing.check_pdf(page)
        if kind := PLOTTER_FILES.get(suffix):
            _machine_for(kind, medium)
        check_writable(path)


def check_fits(paths: Iterable[Path], document: vpype.Document, medium: Medium) -> tuple[str, ...]:
    """What ``oversize`` makes of the document in the plotters' files among ``paths``, a line each; none where it fits.

    Raises UserError for a file that could not be written for what is in the document: lines beyond the machine's reach,
    a page that is none of its papers, layers without a pen.
    """
    return tuple(line for kind in _plotters(paths) for line in _drawn(kind, document, medium)[1])


def fit_first(
    paths: Iterable[Path], document: vpype.Document, medium: Medium
) -> tuple[vpype.Document, tuple[str, ...]]:
    """The document with the lines that ``oversize`` leaves for the plotters' files among ``paths``, and what became of
    it, a line each. Layers that are not plotted stay as they are. Raises UserError as `check_fits` does."""
    notes: list[str] = []
    for kind in _plotters(paths):
        drawn, changed = _drawn(kind, document, medium)
        notes += changed
        if changed:
            result = document.empty_copy(keep_layers=False)
            for number, layer in document.layers.items():
                result.add(drawn.layers.get(number, layer), number, with_metadata=True)
            document = result
    return document, tuple(notes)


def _plotters(paths: Iterable[Path]) -> list[str]:
    return sorted({PLOTTER_FILES.get(path.suffix.lower(), "") for path in paths} - {""})


def _drawn(kind: str, document: vpype.Document, medium: Medium) -> tuple[vpype.Document, tuple[str, ...]]:
    """What of the document a file of HPGL or G-code will draw, and what ``oversize`` made of it."""
    from plotsketch.output.fitting import changes
    from plotsketch.output.layers import plotted

    machine = _machine_for(kind, medium)
    if kind == "HPGL":
        from plotsketch.output.hpgl import check_hpgl

        drawn = check_hpgl(document, machine, paper=medium.paper, oversize=medium.oversize)
    else:
        from plotsketch.output.gcode import check_gcode

        drawn = check_gcode(document, machine, oversize=medium.oversize)
    return drawn, tuple(changes(plotted(document), drawn, medium.oversize, machine.title))


def check_format(path: Path) -> None:
    """Raises UserError for a suffix that has no format."""
    if path.suffix.lower() not in WRITERS:
        *most, last = (suffix for suffix in WRITERS if suffix not in SYNONYMS)
        raise UserError(f"no format for {path}; end the name in {', '.join(most)} or {last}")


def picture_size(page: tuple[float, float], dpi: float, printing: Printing = PLAIN) -> tuple[int, int]:
    """Pixels of a picture of a ``page`` in mm, with bleed and marks. Raises UserError when there are none or far too
    many pixels."""
    if not 0 < dpi <= FINEST:
        raise UserError(f"--dpi is {dpi:g}; give a number above 0 and up to {FINEST}, such as 150")
    around = 2 * sum(printing.margins(dpi))
    width, height = (round(size / 25.4 * dpi) + around for size in page)
    if width < 1 or height < 1:
        raise UserError(f"a picture of {width} x {height} pixels cannot be made; choose another --dpi than {dpi:g}")
    if width * height > MOST_PIXELS:
        finest = int(dpi * (MOST_PIXELS / (width * height)) ** 0.5)
        raise UserError(
            f"a picture of {width} x {height} pixels is too large for most programs; take --dpi {finest} or less, or "
            ".pdf or .svg, which have no pixels"
        )
    return width, height


def write_sheet(path: Path, document: vpype.Document, recipe: Recipe, medium: Medium) -> list[Path]:
    """Writes one file, and beside a picture its plates where they are asked for, each whole or not at all; says which.

    Raises UserError when one cannot be written, and for a suffix that has no format.
    """
    check_format(path)
    suffix = path.suffix.lower()
    write_atomically(path, WRITERS[suffix](document, recipe, medium))
    return [path, *(_plates(path, document, recipe, medium) if medium.printing.plates and suffix in PICTURES else ())]


def _plates(path: Path, document: vpype.Document, recipe: Recipe, medium: Medium) -> Iterator[Path]:
    from plotsketch.output.pictures import plate_contents

    for file, content in plate_contents(path, document, recipe, medium.dpi, medium.printing):
        write_atomically(file, content)
        yield file


def _svg(document: vpype.Document, recipe: Recipe, medium: Medium) -> bytes:
    from plotsketch.output.svg import svg_bytes

    noted = {**recipe, "curves_mm": medium.curves} if recipe and medium.curves is not None else recipe
    return svg_bytes(document, noted, curves=medium.curves)


def _png(document: vpype.Document, recipe: Recipe, medium: Medium) -> Content:
    from plotsketch.output.pictures import picture_content

    return picture_content(".png", document, recipe, medium.dpi, medium.printing)


def _tiff(document: vpype.Document, recipe: Recipe, medium: Medium) -> Content:
    from plotsketch.output.pictures import picture_content

    return picture_content(".tif", document, recipe, medium.dpi, medium.printing)


def _pdf(document: vpype.Document, recipe: Recipe, medium: Medium) -> Content:
    from plotsketch.output.pdf import pdf_bytes

    return pdf_bytes([document], recipe, medium.printing)


def _hpgl(document: vpype.Document, recipe: Recipe, medium: Medium) -> bytes:
    from plotsketch.output.hpgl import hpgl_bytes

    machine = _machine_for("HPGL", medium)
    noted = _for_plotter(recipe, machine, medium)
    return hpgl_bytes(document, noted, machine, paper=medium.paper, oversize=medium.oversize)


def _gcode(document: vpype.Document, recipe: Recipe, medium: Medium) -> bytes:
    from plotsketch.output.gcode import gcode_bytes

    machine = _machine_for("G-code", medium)
    return gcode_bytes(document, _for_plotter(recipe, machine, medium), machine, oversize=medium.oversize)


def _for_plotter(recipe: Recipe, machine: Machine, medium: Medium) -> Recipe:
    """The recipe of a plotter's file, if there is one: also what it is made for."""
    if not recipe:
        return recipe
    wishes = {"paper": medium.paper, "oversize": medium.oversize if medium.oversize != "refuse" else None}
    asked = {name: wish for name, wish in wishes.items() if wish is not None}
    return {**recipe, "plotter": {"machine": machine.name, "draw_speed": machine.draw_speed, **asked}}


HPGL_SUFFIXES = (".hpgl", ".plt", ".hgl")
GCODE_SUFFIXES = (".gcode", ".nc", ".ngc", ".tap")
SYNONYMS = (".tiff", *HPGL_SUFFIXES[1:], *GCODE_SUFFIXES[1:])
PLOTTER_FILES = {**dict.fromkeys(HPGL_SUFFIXES, "HPGL"), **dict.fromkeys(GCODE_SUFFIXES, "G-code")}
TABLES = {"HPGL": "hpgl", "G-code": "gcode"}  # of a machine, for each kind of file
WRITERS: dict[str, Writer] = {
    ".svg": _svg,
    ".png": _png,
    ".tif": _tiff,
    ".tiff": _tiff,
    ".pdf": _pdf,
    **dict.fromkeys(HPGL_SUFFIXES, _hpgl),
    **dict.fromkeys(GCODE_SUFFIXES, _gcode),
}


def _machine_for(kind: str, medium: Medium) -> Machine:
    """The machine that HPGL or G-code is written for. Raises UserError without one that reads such files."""
    from plotsketch.lines.machine import load_machine, machine_names

    table = TABLES[kind]
    if medium.machine is not None and getattr(medium.machine, table):
        return medium.machine
    able = [name for name in machine_names() if getattr(load_machine(name), table)]
    whose = "no machine is named" if medium.machine is None else f"{medium.machine.title} reads no {kind}"
    raise UserError(f"a file of {kind} is for a machine, and {whose}; give --machine one of {', '.join(able)}")
