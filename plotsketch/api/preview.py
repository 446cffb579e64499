"""What a plotter will do with a sheet, to be looked at before paper is used up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import vpype

from plotsketch import __version__
from plotsketch.api.convert import as_machine, check_not_over, recipe_in
from plotsketch.api.estimate import Estimate, estimate
from plotsketch.errors import UserError
from plotsketch.files import check_writable, write_atomically
from plotsketch.lines.machine import DEFAULT_MACHINE, Machine, load_machine
from plotsketch.output.animation import Picture, Screen, apng_bytes, gif_bytes
from plotsketch.output.formats import DPI
from plotsketch.output.layers import MM_PER_PX
from plotsketch.output.layers import layers as layers_of
from plotsketch.output.plot_picture import Look, Plot, picture, picture_bytes
from plotsketch.output.plot_picture_film import film as filmed
from plotsketch.output.sheet_in import read_sheet

if TYPE_CHECKING:
    from plotsketch.api.sheet import Sheet
    from plotsketch.output.plot_picture_board import Board

FILMS = (".gif", ".apng")
SUFFIXES = (".png", *FILMS)
LONGEST = 600.0  # seconds of a film


@dataclass(frozen=True)
class Film:
    """How the plot is filmed: in ``seconds``, at ``fps`` pictures a second, the longer side ``size`` pixels at most.

    The last picture stays for ``rest`` seconds more. A .png is a film too where ``apng`` says so. Raises UserError.
    """

    seconds: float = 10.0
    fps: float = 20.0
    size: int = 640
    rest: float = 2.0
    apng: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= LONGEST:
            raise UserError(f"--seconds is {self.seconds:g}; give more than 0 and at most {LONGEST:g}, such as 10")
        self.screen.check(round(self.seconds * self.fps))

    @property
    def screen(self) -> Screen:
        return Screen(self.size, self.fps, rest=self.rest)

    def is_made(self, path: Path) -> bool:
        """Whether the file is a film, and no picture. Raises UserError for what is neither."""
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise UserError(f"no format of a preview for {path}; end the name in .png, or in .gif or .apng for a film")
        return suffix in FILMS or self.apng


@dataclass(frozen=True, eq=False)
class Preview:
    """A sheet as it will be plotted.

    ``document`` has the layers that are shown and a page; ``starts`` None shows where strokes begin in pictures and not
    in films; ``recipe`` is what the files carry.
    """

    document: vpype.Document
    estimate: Estimate
    plot: Plot
    travel: bool
    starts: bool | None
    order: bool
    recipe: dict[str, Any]

    def picture(self, dpi: float = DPI) -> tuple[Picture, Board]:
        """The picture, and where the page lies in it. Raises UserError when it would have no or far too many pixels."""
        if dpi not in self._made:
            self._made[dpi] = picture(self.plot, dpi, self._look(film=False))
        return self._made[dpi]

    @property
    def overhang(self) -> tuple[str, ...]:
        """What the machine that was named cannot reach, a line a side; nothing where none was."""
        return self.estimate.overhang if self.plot.reach else ()

    @cached_property
    def _made(self) -> dict[float, tuple[Picture, Board]]:
        return {}

    def save(self, *paths: Path | str, dpi: float = DPI, film: Film | None = None) -> None:
        """Writes .png pictures of ``dpi`` dots an inch, and .gif and .apng films. Raises UserError."""
        film = film or Film()
        files = [Path(path) for path in paths]
        check_preview(files, film)
        shots: list[Picture] = []
        for file in files:
            if not film.is_made(file):
                image, _ = self.picture(dpi)
                write_atomically(file, picture_bytes(image, dpi, self._recipe(film=False, dpi=dpi)))
                continue
            shots = shots or self._shots(film)
            write_atomically(file, self._film_bytes(shots, film, gif=file.suffix.lower() == ".gif"))

    def _shots(self, film: Film) -> list[Picture]:
        return filmed(self.plot, film.screen, film.seconds, self._look(film=True))

    def _film_bytes(self, shots: list[Picture], film: Film, *, gif: bool) -> bytes:
        durations = film.screen.durations(len(shots))
        how = {"seconds": film.seconds, "fps": film.fps, "size": film.size, "rest": film.rest}
        return (gif_bytes if gif else apng_bytes)(shots, durations, self._recipe(film=True, **how))

    def _look(self, *, film: bool) -> Look:
        return Look(self.travel, not film if self.starts is None else self.starts, self.order)

    def _recipe(self, *, film: bool, **how: float) -> dict[str, Any]:
        look = self._look(film=film)
        shown = {"travel": look.travel, "starts": look.starts, "order": look.order, **how}
        return {**self.recipe, "preview": {**self.recipe["preview"], **shown}}


def preview(
    sheet: Path | str | Sheet | vpype.Document,
    machine: str | Machine | None = None,
    *,
    layers: Collection[int] = (),
    travel: bool = True,
    starts: bool | None = None,
    order: bool = False,
) -> Preview:
    """What a plotter will do with ``sheet``, as a picture or a film.

    Args:
        sheet: a file (SVG, HPGL, G-code) from anywhere, a drawn sheet or a document; one without a page is as large as
            the machine's reach.
        machine: whose times, home and reach are shown: a profile's name, a TOML file's path or a Machine. None: the
            times and the home of the usual one.
        layers: the numbers of those to be shown, as if there were no others; all if empty.
        travel: show the ways of the lifted pen, from home and back.
        starts: show where strokes begin; None does so in pictures and not in films.
        order: colour strokes by when they are drawn, in place of their ink.

    Raises UserError as ``estimate`` does, and for a layer that the sheet has not.
    """
    given = as_machine(machine)
    chosen = given or load_machine(DEFAULT_MACHINE)
    whole = read_sheet(Path(sheet), given) if isinstance(sheet, Path | str) else getattr(sheet, "document", sheet)
    document = _only(whole, layers)
    found = estimate(document, chosen)
    document.page_size = (found.page[0] / MM_PER_PX, found.page[1] / MM_PER_PX)
    facts = {"version": __version__, "machine": chosen.name, "layers": sorted(layers)}
    return Preview(
        document=document,
        estimate=found,
        plot=_plot(sheet, document, found, reach=given is not None),
        travel=travel,
        starts=starts,
        order=order,
        recipe={**recipe_in(sheet), "preview": {"by": "plotsketch", **facts}},
    )


def check_preview(paths: Iterable[Path], film: Film, sheet: Path | None = None) -> None:
    """Raises UserError, before any work, for files that could not be written after it, or over ``sheet``."""
    for path in paths:
        film.is_made(path)
        check_writable(path)
        if sheet is not None:
            check_not_over(sheet, [path])


def _only(document: vpype.Document, numbers: Collection[int]) -> vpype.Document:
    """The document with the layers of these numbers alone, or with all of them."""
    if missing := sorted(set(numbers) - set(document.layers)):
        there = ", ".join(map(str, sorted(document.layers)))
        raise UserError(f"the sheet has no layer {missing[0]}; there are {there}")
    result = document.empty_copy(keep_layers=False)
    for number, layer in document.layers.items():
        if not numbers or number in numbers:
            result.add(layer, number, with_metadata=True)
    return result


def _plot(sheet: object, document: vpype.Document, found: Estimate, *, reach: bool) -> Plot:
    name = Path(sheet).name if isinstance(sheet, Path | str) else "sheet"
    drawn = [layer for layer in layers_of(document) if layer.lines]
    return Plot(name, found.page, drawn, found.machine, reach)
