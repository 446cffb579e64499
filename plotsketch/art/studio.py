"""A model at work for the recipes: what references mean to it, and spots drawn by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from plotsketch.errors import UserError
from plotsketch.strokes.drawing import Drawing
from plotsketch.strokes.lookup import DrawingFiles
from plotsketch.strokes.reference import CellRef, FileRef, NameRef, near_names, parse_reference
from plotsketch.strokes.sketch import Sketch

from . import cells
from .plan import Hand, Spot
from .provenance import SheetFile
from .thinned import Thinned

if TYPE_CHECKING:
    from plotsketch.model.sketcher import Sketcher

    from .landmark_library import Landmark


class Studio:
    """All that a recipe needs from the world, for one sheet. ``sketcher`` draws with one model.

    Files are read once, however many references there are into them. ``sources`` has the digests of the files and of
    the user's own landmarks that were asked for, for the sheet's recipe. A studio ``inside`` a sheet that was drawn
    earlier (made by ``within``) resolves the references of that sheet's recipe: with its model, and with files that
    must be what they were.
    """

    def __init__(self, sketcher: Sketcher, *, inside: SheetFile | None = None, outer: Studio | None = None) -> None:
        self.sketcher = sketcher
        self.inside = inside
        self.outer = outer
        self.sources: dict[str, str] = {}
        self.shared: cells.Shared = outer.shared if outer else cells.Shared({sketcher.checkpoint.digest: sketcher})
        self._files: DrawingFiles = outer._files if outer else DrawingFiles()
        self._thinned: Thinned = outer._thinned if outer else Thinned()
        self._spots: dict[str, Spot] = {}

    def within(self, sheet: SheetFile | None, sketcher: Sketcher) -> Studio:
        """A studio inside ``sheet``, or (None) one for another model alone."""
        return Studio(sketcher, inside=sheet, outer=self)

    @property
    def notes(self) -> list[str]:
        """What the user should know of how references were read, a line each."""
        return [*dict.fromkeys(self.shared.notes), *self._thinned.lines()]

    def spot(self, reference: str) -> Spot:
        """Where ``reference`` is in the model's latent space, with the stream that draws it.

        A cell of a sheet that this model drew keeps its latent and its stream: the same hand draws it as it is there.
        Drawings of other models' sheets and landmarks are drawn by their model and read by this one. Raises UserError
        for a reference that nothing is known of and for a model without a latent space.
        """
        if reference not in self._spots:
            self._spots[reference] = replace(self._found(reference), temperature=None, group=reference)
        return self._spots[reference]

    def drawing(self, reference: str) -> Sketch | None:
        """The drawing of a file as it was given, in the file's own units; None for a reference that is no file.

        Raises UserError for whatever is wrong with the file.
        """
        ref = parse_reference(reference)
        return self._file(ref) if isinstance(ref, FileRef) else None

    def word(self, reference: str) -> str:
        """What its file says that a drawing is of; "" where it does not, and for a reference that is no file.

        Raises UserError for whatever is wrong with the file.
        """
        ref = parse_reference(reference)
        return self._load(ref).word if isinstance(ref, FileRef) else ""

    def seen(self, reference: str) -> Sketch | None:
        """What the model sees of a file's drawing, prepared and shortened, in data units; None as ``drawing``."""
        given = self.drawing(reference)
        if given is None:
            return None
        prepared = self.sketcher.prepare(given, reference)
        self._thinned.add(reference, given, prepared, self.sketcher)
        return prepared

    def read(self, sketch: Sketch, source: str) -> Spot:
        """Where a drawing is in the model's latent space. Raises UserError, naming ``source``."""
        seen = self.sketcher.prepare(sketch, source)
        return Spot.at(self.sketcher.encode([seen], prepare=False)[0])

    def draw(self, spots: Sequence[Spot], hand: Hand) -> list[Sketch]:
        """A sketch a spot, in order; each the same in any company."""
        drawn: dict[int, Sketch] = {}
        temperatures = [hand.temperature if spot.temperature is None else spot.temperature for spot in spots]
        for temperature in sorted(set(temperatures)):
            places = [place for place, t in enumerate(temperatures) if t == temperature]
            drawn |= dict(zip(places, self._draw([spots[i] for i in places], hand, temperature), strict=True))
        return [drawn[place] for place in range(len(spots))]

    def _draw(self, spots: Sequence[Spot], hand: Hand, temperature: float) -> list[Sketch]:
        latents = [spot.latent for spot in spots if spot.latent is not None]
        return self.sketcher.sample(
            np.stack(latents) if latents else None,
            cells=[spot.stream for spot in spots],
            seed=hand.seed,
            temperature=temperature,
            best_of=hand.best_of,
        )

    def _found(self, reference: str) -> Spot:
        match parse_reference(reference):
            case FileRef():
                seen = self.seen(reference)
                assert seen is not None
                return Spot.at(self.sketcher.encode([seen], prepare=False)[0])
            case CellRef() as cell:
                return cells.spot_of_cell(self, cell)
            case NameRef(name):
                return self._named(name)
            case _:
                return Spot.at(self.sketcher.latent(reference))

    def _file(self, ref: FileRef) -> Sketch:
        return self._load(ref).sketch

    def _load(self, ref: FileRef) -> Drawing:
        path = cells.place_of(self, ref.path, self.shared.file_digest)
        return self._files.load(replace(ref, path=path))

    def _named(self, name: str) -> Spot:
        """The user's own landmark of this very model comes first (``keep --force`` said so), then the checkpoint's."""
        own = self._library.get(name)
        if self.inside and (own is None or name not in self.inside.sources):
            cells.check_not_gone(name, self.inside)
            own = None  # kept after that sheet was drawn
        mine = self.sketcher.checkpoint
        if own is not None and (own.digest == mine.digest or name not in mine.landmarks):
            return cells.spot_of_landmark(self, name, own)
        try:
            return Spot.at(self.sketcher.latent(name))
        except UserError as error:
            if not near_names(name, self._library):
                raise
            near = near_names(name, [*self._library, *mine.landmarks])
            raise UserError(
                f"neither you nor model '{mine.name}' know '{name}'; did you mean {' or '.join(near)}?"
            ) from error

    @cached_property
    def _library(self) -> dict[str, Landmark]:
        from .landmark_library import read_library

        return self.outer._library if self.outer else read_library()
