"""What may be done to lines besides joining and ordering them: the wishes, and the order in which they are met."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.cuts import LIFT_GAP, is_dot, length_of, relooped, split
from plotsketch.lines.shapes import DEFAULT_CLOSED
from plotsketch.strokes.clean import CORNER
from plotsketch.strokes.simplify import rdp
from plotsketch.strokes.smooth import smooth

Floats = NDArray[np.float64]

LENGTHS = ("simplify", "smooth", "drop_tiny", "dedupe", "split", "closed")
FINEST = 0.05  # mm: no pen draws finer, and a sheet has room for many lines
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Tidy:
    """How lines are treated. Lengths are mm, and 0 or nothing leaves a treatment out.

    Attributes:
        simplify: points are left out as long as the line moves by no more (Ramer-Douglas-Peucker).
        smooth: polylines become curves, no farther from them.
        hatch: layers whose closed lines are filled, by number or name; "all" for all of them. Closed lines in closed
            lines are holes (even-odd).
        hatch_gap: between the lines of a filling; None: as wide as the layer's pen.
        hatch_angle: of these lines, degrees counter-clockwise.
        hatch_cross: fill twice, the second time across.
        occlude: closed lines hide what was drawn before them, in their layer and those below.
        mask: layers, by number or name, whose closed lines hide so and which are not drawn themselves.
        closed: how far apart the ends of a line may be that counts as closed. It may also cross itself near its ends.
        dedupe: parts of lines within so much of each other, in one layer, are drawn once.
        drop_tiny: shorter lines are left out, once all are joined; dots stay.
        drop_dots: dots are left out.
        split: longer lines are cut into equal pieces, between which the pen lifts.
        reloop: closed lines begin anywhere, by the seed.

    Raises UserError for numbers that make no sense, and for what says how to do a thing that is not asked for.
    """

    simplify: float = 0.0
    smooth: float = 0.0
    hatch: tuple[str, ...] = ()
    hatch_gap: float | None = None
    hatch_angle: float = 45.0
    hatch_cross: bool = False
    occlude: bool = False
    mask: tuple[str, ...] = ()
    closed: float = DEFAULT_CLOSED
    dedupe: float = 0.0
    drop_tiny: float = 0.0
    drop_dots: bool = False
    split: float = 0.0
    reloop: bool = False

    def __post_init__(self) -> None:
        for name in LENGTHS:
            length = getattr(self, name)
            if not 0 <= length < math.inf:
                option = name.replace("_", "-")
                raise UserError(f"--{option} is {length:g} mm; give a length of 0 or more, such as 0.1mm")
        for name, finest in (("split", self.split or None), ("hatch-gap", self.hatch_gap)):
            if finest is not None and not FINEST <= finest < math.inf:
                raise UserError(f"--{name} is {finest:g} mm; give {FINEST:g} mm or more")
        if not math.isfinite(self.hatch_angle):
            raise UserError("--hatch-angle is no number; give degrees, such as 45")
        for name in self.facts():
            if name.startswith("hatch_") and not self.hatch:
                raise UserError(f"--{name.replace('_', '-')} says how to fill; give --hatch too, such as --hatch all")
            if name == "closed" and not self.shapes:
                raise UserError("--closed says which lines count as closed; give --hatch, --occlude or --mask too")

    @property
    def whole(self) -> bool:
        """Whether it matters which pieces belong together as one line."""
        return bool(self.simplify or self.smooth) or self.shapes

    @property
    def shapes(self) -> bool:
        """Whether it matters what lines enclose."""
        return bool(self.hatch or self.occlude or self.mask)

    @property
    def removes(self) -> bool:
        """Whether ink is left out, so that what is left may take less room."""
        return bool(self.occlude or self.mask or self.dedupe or self.drop_tiny or self.drop_dots)

    def halves(self) -> tuple[Tidy, Tidy]:
        """What is done to lines before they are joined, and what after."""
        before = replace(self, drop_tiny=0.0, drop_dots=False, split=0.0, reloop=False)
        return before, Tidy(drop_tiny=self.drop_tiny, drop_dots=self.drop_dots, split=self.split, reloop=self.reloop)

    def facts(self) -> dict[str, Any]:
        """The wishes that are not the defaults."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        return {name: value for name, (value, default) in values.items() if value != default}


@dataclass(frozen=True)
class Ply:
    """A layer for the time of its treatment: lines (k, 2) in mm, each with points, and the pen's width in mm."""

    number: int
    name: str
    pen: float
    lines: list[Floats]


# The order: lines get their shape first, as all that follows looks at it. Fillings need whole outlines, so they come
# before any line is cut, and before hiding, which hides fillings too. Doubles are looked for among what is still to be
# seen: of two equal lines the one on top might be left out, and the other be hidden. Joining then closes what was cut
# and meets again. Only now it is known which lines are tiny. Cutting into lengths comes after joining, which would undo
# it, and a new beginning of closed lines last, when it is settled which are closed.


def before_joining(plies: Sequence[Ply], tidy: Tidy) -> list[Ply]:
    """The layers shaped, filled, without what is hidden or drawn twice; layers that are masks have no lines left.

    Raises UserError for names of layers that are not there.
    """
    filled, masks = numbers(plies, tidy.hatch, "--hatch"), numbers(plies, tidy.mask, "--mask")
    result = [replace(ply, lines=[_shaped(line, tidy) for line in ply.lines]) for ply in plies]
    if tidy.shapes:
        from plotsketch.lines.areas import filled_and_hidden

        result = filled_and_hidden(result, tidy, filled=filled, masks=masks)
    if tidy.dedupe:
        from plotsketch.lines.dedupe import deduped

        result = [replace(ply, lines=deduped(ply.lines, tidy.dedupe)) for ply in result]
    return result


def after_joining(lines: Sequence[Floats], tidy: Tidy, seed: Sequence[int], lift_gap: float = LIFT_GAP) -> list[Floats]:
    """The lines (k, 2) in mm of a layer without tiny ones, cut into lengths, closed ones begun anew by the `seed`.

    Pieces that a line is cut into are `lift_gap` mm apart, which is what makes a machine lift its pen between them in
    every format: where one begins at the other's end, it does not.
    """
    kept = [line for line in lines if not _is_dropped(line, tidy)]
    if tidy.split:
        kept = [piece for line in kept for piece in split(line, tidy.split, lift_gap)]
    if tidy.reloop:
        random = np.random.default_rng(list(seed))
        kept = [relooped(line, random) for line in kept]
    return kept


def numbers(plies: Sequence[Ply], named: Sequence[str], option: str) -> set[int]:
    """The numbers of the layers that are named: by number, by name with it or without, or "all". Raises UserError."""
    found: set[int] = set()
    for name in named:
        fitting = {ply.number for ply in plies if name.strip().lower() in set(_names(ply))}
        if not fitting:
            if not plies:
                raise UserError(f"{option} {name}: the sheet has no lines")
            there = ", ".join(f"{ply.number} ({ply.name})" if ply.name else f"{ply.number}" for ply in plies)
            raise UserError(f"{option} {name}: the sheet has no such layer; it has {there}")
        found |= fitting
    return found


def _names(ply: Ply) -> Iterator[str]:
    name = ply.name.lower().strip()
    yield from (ALL, str(ply.number), name, name.removeprefix(str(ply.number)).strip(" -_:"))


def _shaped(line: Floats, tidy: Tidy) -> Floats:
    if (line == line[0]).all():
        return line
    if tidy.simplify:
        line = rdp(line, tidy.simplify)
    return smooth(line, tidy.smooth, CORNER) if tidy.smooth else line


def _is_dropped(line: Floats, tidy: Tidy) -> bool:
    return tidy.drop_dots if is_dot(line) else length_of(line) < tidy.drop_tiny
