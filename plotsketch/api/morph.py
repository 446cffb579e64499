"""Drawings in motion: films, numbered frames and flip-books of what ``MorphRecipe`` describes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotsketch import __version__
from plotsketch.api.model import load, model_for
from plotsketch.art.morph import MorphRecipe
from plotsketch.art.plan import Hand
from plotsketch.art.studio import Studio
from plotsketch.files import write_atomically
from plotsketch.output.animation import Picture, Screen, apng_bytes, gif_bytes, picture, still_bytes
from plotsketch.output.film_files import Kind, check_files, kind_of, numbered

if TYPE_CHECKING:
    from plotsketch.art.plan import Plate
    from plotsketch.model.sketcher import Sketcher
    from plotsketch.sheet.flipbook import FlipBook
    from plotsketch.strokes.sketch import Sketch

DPI = 150.0  # of a flip-book's sheets as PNG


@dataclass(frozen=True)
class Release:
    """How a film leaves the house: ``screen`` for films and frames, ``book`` (and ``dpi``) for .svg and .png files
    where the film is to be a flip-book, ``apng`` for .png files where they are to be films."""

    screen: Screen = field(default_factory=Screen)
    apng: bool = False
    book: FlipBook | None = None
    dpi: float = DPI

    def kind(self, path: Path) -> Kind:
        return kind_of(path, apng=self.apng, flipbook=self.book is not None)

    def files(self, path: Path, frames: int) -> list[Path]:
        """What is written for one output."""
        kind = self.kind(path)
        if kind is Kind.FRAMES:
            return numbered(path, frames)
        if kind is Kind.FLIPBOOK and self.book is not None:
            return numbered(path, self.book.sheets(frames))
        return [path]


@dataclass(frozen=True, eq=False)
class Morph:
    """A film that has been drawn.

    ``frames`` are sketches in the square from (0, 0) to (1, 1); ``plate`` the model's drawings on the way, in its own
    units; ``provenance`` all that the film hangs on, as its files carry it; ``notes`` as ``Sheet.notes``.
    """

    frames: tuple[Sketch, ...]
    plate: Plate
    provenance: dict[str, Any]
    model_seconds: float = 0.0
    notes: tuple[str, ...] = ()

    def save(self, *paths: Path | str, release: Release | None = None) -> list[Path]:
        """Writes .gif and .apng films, numbered frames (``name-####.svg`` or ``.png``; a folder) and a flip-book's
        sheets, each file whole or not at all, and says which. Raises UserError when one cannot be written."""
        release = release or Release()
        written = []
        for path in map(Path, paths):
            files = release.files(path, len(self.frames))
            for file, content in zip(files, self._contents(path, release), strict=True):
                write_atomically(file, content)
                written.append(file)
        return written

    def _contents(self, path: Path, release: Release) -> Iterator[bytes]:
        """What stands in each file of one output."""
        kind, screen = release.kind(path), release.screen
        if kind is Kind.FLIPBOOK:
            yield from self._sheets(path, release)
        elif kind is not Kind.FRAMES:
            encode = gif_bytes if kind is Kind.GIF else apng_bytes
            yield encode(
                self._pictures(screen), screen.durations(len(self.frames)), self._recipe(screen=screen.to_dict())
            )
        elif path.suffix.lower() == ".png":
            for number, shot in enumerate(self._pictures(screen), start=1):
                yield still_bytes(shot, self._recipe(screen=screen.to_dict(), frame=number))
        else:
            yield from self._vectors(screen)

    def _pictures(self, screen: Screen) -> list[Picture]:
        if screen not in self._shot:
            self._shot[screen] = [picture(frame.lines, screen) for frame in self.frames]
        return self._shot[screen]

    @cached_property
    def _shot(self) -> dict[Screen, list[Picture]]:
        """Pictures are the same for GIF and PNG."""
        return {}

    def _vectors(self, screen: Screen) -> Iterator[bytes]:
        from plotsketch.output.svg import svg_bytes
        from plotsketch.sheet.screen import document_of

        for number, frame in enumerate(self.frames, start=1):
            lines = [screen.on_screen(line) for line in frame.lines]
            yield svg_bytes(
                document_of(lines, screen.size, screen.pen_pixels), self._recipe(screen=screen.to_dict(), frame=number)
            )

    def _sheets(self, path: Path, release: Release) -> Iterator[bytes]:
        from plotsketch.output.png import png_bytes
        from plotsketch.output.svg import svg_bytes
        from plotsketch.sheet.flipbook import bind

        assert release.book is not None
        for number, sheet in enumerate(bind(self.frames, release.book), start=1):
            recipe = self._recipe(flipbook=release.book.to_dict(), sheet=number)
            yield svg_bytes(sheet, recipe) if path.suffix.lower() == ".svg" else png_bytes(sheet, recipe, release.dpi)

    def _recipe(self, **more: Any) -> dict[str, Any]:
        return {**self.provenance, **more}


def morph(
    *drawings: str,
    frames: int = 120,
    steps: int | None = None,
    easing: str = "smooth",
    loop: bool = False,
    walk: bool = False,
    step: float = 0.1,
    draw_lines: bool = False,
    smooth: bool = False,
    model: Sketcher | str | None = None,
    temperature: float = 0.25,
    seed: int = 0,
    best_of: int = 1,
) -> Morph:
    """Drawings that turn into one another, in frames; see ``MorphRecipe``. Raises UserError."""
    recipe = MorphRecipe(
        drawings=drawings, frames=frames, steps=steps, easing=easing, loop=loop, walk=walk, step=step,
        draw_lines=draw_lines, smooth=smooth, hand=Hand(temperature, seed, best_of),
    )  # fmt: skip
    if model is None or isinstance(model, str):
        model = load(model or model_for(recipe.references))
    return film(recipe, model)


def film(recipe: MorphRecipe, sketcher: Sketcher) -> Morph:
    """The film that a recipe describes. Raises UserError."""
    started = time.monotonic()
    studio = Studio(sketcher)
    plate = recipe.draw(studio)
    seconds = time.monotonic() - started
    provenance = {
        "program": "plotsketch",
        "version": __version__,
        "model": sketcher.checkpoint.name,
        "digest": sketcher.checkpoint.digest,
        **({"sources": studio.sources} if studio.sources else {}),
        **recipe.to_dict(),
    }
    return Morph(tuple(recipe.film(plate)), plate, provenance, seconds, tuple(studio.notes))


def check_release(recipe: MorphRecipe, release: Release, outputs: Iterable[Path]) -> None:
    """Raises UserError for what can be known to be wrong before any model is loaded."""
    for path in outputs:
        kind = release.kind(path)
        if kind is Kind.FLIPBOOK and release.book is not None:
            _check_sheets(path, release.book, release.dpi)
        else:
            release.screen.check(recipe.frames)
        files = release.files(path, recipe.frames)
        check_files(files if kind is Kind.FLIPBOOK else files[:1])
    if any(release.kind(path) in (Kind.FLIPBOOK, Kind.FRAMES) for path in outputs):
        from plotsketch.api.sheet import check_sources_stay

        check_sources_stay(recipe.references, (file for path in outputs for file in release.files(path, recipe.frames)))


def _check_sheets(path: Path, book: FlipBook, dpi: float) -> None:
    from plotsketch.output.formats import picture_size

    if path.suffix.lower() == ".png":
        picture_size((book.paper.width, book.paper.height), dpi)
