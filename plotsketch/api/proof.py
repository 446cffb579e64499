"""A mock-up picture of a repeat: how it will look on a wall, a cloth or a wrapped box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotsketch import __version__
from plotsketch.api.convert import check_not_over, recipe_in
from plotsketch.errors import UserError
from plotsketch.files import check_writable, write_atomically
from plotsketch.output.formats import PLOTTER_FILES
from plotsketch.output.printing import PICTURES, WHITE
from plotsketch.output.proof import Picture, proof_bytes, scene
from plotsketch.output.proof_swatch import Swatch, read_swatch, swatch_of
from plotsketch.output.sheet_in import read_sheet
from plotsketch.sheet.palettes import parse_paper_colour
from plotsketch.strokes.reference import near_names

if TYPE_CHECKING:
    import vpype

    from plotsketch.api.sheet import Sheet

# Surface -> mm that are usual, the least and the most: of the wall that is seen, of the cloth's and the box's width.
SURFACES = {"wall": (3200.0, 2000.0, 6000.0), "cloth": (1400.0, 200.0, 5000.0), "box": (300.0, 40.0, 1500.0)}
PIXELS, LEAST_PIXELS, MOST_PIXELS = 1600, 200, 4000
SUFFIXES = (".png", ".jpg", ".jpeg")
UNREAD = (".pdf", ".jpg", ".jpeg")  # files that a repeat may well be at hand as
LEAST_REPEAT = 6.0  # pixels: smaller repeats are a grey haze


@dataclass(frozen=True, eq=False)
class Proof:
    """The picture, the ``repeat`` (width, height mm) and the ``size`` (mm) that it shows, and the file's recipe."""

    image: Picture
    on: str
    size: float
    repeat: tuple[float, float]
    recipe: dict[str, Any]

    def save(self, *paths: Path | str) -> None:
        """Writes .png and .jpg files, which carry the recipe. Raises UserError."""
        files = [Path(path) for path in paths]
        check_proof(files)
        for file in files:
            write_atomically(file, proof_bytes(self.image, self.recipe, file.suffix.lower()))


def proof(
    tile: Path | str | Sheet | vpype.Document,
    on: str = "wall",
    *,
    size: float | None = None,
    repeat: float | None = None,
    paper: str | None = None,
    ribbon: bool | None = None,
    pixels: int = PIXELS,
) -> Proof:
    """A picture of what is printed with a repeat.

    Args:
        tile: one repeat: a file (SVG, PNG, TIFF) of which the page goes on seamlessly on all sides, a drawn sheet or a
            document.
        on: ``wall``, ``cloth`` or ``box``.
        size: mm of the wall that are seen across, or the width of the cloth or box; None: 3.2 m, 1.4 m or 30 cm.
        repeat: width of the repeat in mm; None: what the file says.
        paper: colour of the paper or cloth behind the ink; None: white. An opaque picture has its own.
        ribbon: whether a box has one, in a colour of the repeat; None: it has.
        pixels: width of the picture, of 4 x 3.

    Raises UserError for what cannot be read, is unknown, or would not be seen.
    """
    usual, least, most = _surface(on)
    width = usual if size is None else size
    if not least <= width <= most:
        raise UserError(f"--size is {width:g} mm; a {on} has from {least:g} to {most:g} mm")
    if not LEAST_PIXELS <= pixels <= MOST_PIXELS:
        raise UserError(f"--pixels is {pixels}; give from {LEAST_PIXELS} to {MOST_PIXELS}, such as {PIXELS}")
    if ribbon is not None and on != "box":
        raise UserError(f"a {on} has no ribbon; leave --ribbon and --no-ribbon out, or take --on box")
    swatch = _swatch(tile, paper)
    if repeat is not None:
        if not 0 < repeat < float("inf"):
            raise UserError(f"--repeat is {repeat:g} mm; give a length above 0, such as 64cm")
        swatch = swatch.resized(repeat)
    if min(swatch.size) / width * pixels < LEAST_REPEAT:
        raise UserError(
            f"the repeat is {swatch.size[0]:g} x {swatch.size[1]:g} mm, too small to be seen on a {on} of {width:g} mm"
            "; give a smaller --size, or the --repeat that it is to have"
        )
    tied = on == "box" and ribbon is not False
    image = scene(on, swatch, pixels, width, ribbon=tied)
    facts = {"on": on, "size": width, "repeat": swatch.size, "paper": paper, "ribbon": tied}
    recipe = {**_recipe(tile), "proof": {"by": "plotsketch", "version": __version__, "pixels": pixels, **facts}}
    return Proof(image, on, width, swatch.size, recipe)


def check_proof(paths: Iterable[Path], tile: Path | None = None) -> None:
    """Raises UserError, before any work, for files that could not be written after it, or over ``tile``."""
    for path in paths:
        if path.suffix.lower() not in SUFFIXES:
            raise UserError(f"no format of a proof for {path}; end the name in .png or .jpg")
        check_writable(path)
        if tile is not None:
            check_not_over(tile, [path])


def _surface(on: str) -> tuple[float, float, float]:
    if on not in SURFACES:
        near = near_names(on, SURFACES)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise UserError(f"there is no proof on '{on}'; {meant}there are {', '.join(SURFACES)}")
    return SURFACES[on]


def _swatch(tile: object, paper: str | None) -> Swatch:
    """The repeat on paper of its colour."""
    colour = None if paper is None else parse_paper_colour(paper)
    suffix = Path(tile).suffix.lower() if isinstance(tile, Path | str) else ""
    if suffix in PLOTTER_FILES:
        raise UserError(f"{tile} does not say how large its repeat is; give the repeat as .svg, .png or .tif")
    if suffix in UNREAD:
        raise UserError(f"{tile} is no file that a proof is made of; give the repeat as .svg, .png or .tif")
    if isinstance(tile, Path | str) and suffix in PICTURES:
        return read_swatch(Path(tile), colour)
    whole = read_sheet(Path(tile)) if isinstance(tile, Path | str) else tile
    document: vpype.Document = getattr(whole, "document", whole)
    if document.page_size is None or not min(document.page_size) > 0:
        raise UserError("the repeat has no size; give the SVG a width and a height")
    return swatch_of(document, colour or WHITE)


def _recipe(tile: object) -> dict[str, Any]:
    return dict(getattr(tile, "provenance", {})) or recipe_in(tile)
