"""A pattern's design: how motifs repeat, how large they are, what lies behind them and which pens draw it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from plotsketch.errors import UserError
from plotsketch.sheet.document import Pen
from plotsketch.sheet.inks import INKS
from plotsketch.sheet.lattice import Lattice
from plotsketch.sheet.repeat import HIGH, PARTS, REPEATS, WITH_LINES, Repeat, closes, repeat, shape_for
from plotsketch.sheet.symmetry import Symmetry, group_named, symmetry
from plotsketch.strokes.reference import near_names

if TYPE_CHECKING:
    from plotsketch.strokes.clean import Levers

OVERLAPS = ("keep", "hide")
BACKGROUNDS = ("dots", "stripes", "motifs")
PEN_BY = ("group", "row", "col", "parity")
USUAL_MOTIFS = 24  # in a repeat; a group has about as many images of its motifs in a cell
UPRIGHT = 360.0  # degrees of a turn that changes nothing
MOST_BEHIND = 100_000  # dots or stripes in a repeat, which bounds the time
PER_PLACE = {"centre": 2}  # motifs for a row and column


@dataclass(frozen=True, eq=False)
class Ground:
    """What a design repeats on, in mm. ``lattice`` (2, 2): the shortest vectors; ``tile``: the rectangle that repeats
    straight; ``unit``: the design itself, which a printer who knows of drops repeats with its shift; ``grain``: what
    goes into the unit's width and height, and into its shift, a whole number of times."""

    lattice: Lattice
    tile: tuple[float, float]
    unit: tuple[float, float]
    grain: tuple[float, float]

    def stretched(self, across: float, down: float) -> Ground:
        scale = np.array([across, down])
        tile, unit, grain = ((w * across, h * down) for w, h in (self.tile, self.unit, self.grain))
        return Ground(self.lattice * scale, tile, unit, grain)


@dataclass(frozen=True, kw_only=True)
class Design:
    """All wishes for a pattern but its motifs. Lengths are mm. Raises UserError for what no pattern can be.

    Attributes:
        repeat: one of ``repeat.REPEATS``, which are units of ``width`` by ``height`` (None: as high as wide, or as
            makes the triangles of a hexagonal one equilateral).
        group: in its place a wallpaper group (``symmetry.GROUPS``), whose conventional cell is so wide.
        rows, cols: of motifs in a unit; None: ``settled`` finds them.
        gap: the least distance between motifs; below 0 tossed ones may overlap by so much; None: a little air.
        rotate: motifs stand at random multiples of so many degrees: 0 any angle, 360 upright. None: upright in a
            repeat and in a group without turns, any angle where they are tossed, and else however each is largest.
        flip: half of the motifs look the other way.
        sizes: the least and the largest share of the common size, at random.
        motif_size: from corner to corner, where motifs are tossed; None: so that they fill the repeat.
        overlaps: ``keep`` them or ``hide`` what is behind another motif.
        fill: a pen whose ink fills the motifs behind their lines.
        silhouette: motifs are filled shapes and have no lines.
        background: ``dots``, ``stripes`` or small ``motifs`` between the others, by ``background_pen``, about
            ``spacing`` apart (None: a share of the motifs' distance; small motifs have none).
        outlines: the ogees, diamonds or stripes of a repeat are drawn, by ``outline_pen`` (None: the first pen).
        pens: shared out by ``pen_by``, see PEN_BY (None: by group where there are several, else by row and column).
        levers: clean the motifs (``strokes.clean``).
    """

    repeat: str = "half-drop"
    group: str | None = None
    width: float = 203.2
    height: float | None = None
    rows: int | None = None
    cols: int | None = None
    gap: float | None = None
    rotate: float | None = None
    flip: bool = False
    sizes: tuple[float, float] = (1.0, 1.0)
    motif_size: float | None = None
    overlaps: str = "keep"
    fill: Pen | None = None
    silhouette: bool = False
    background: str | None = None
    background_pen: Pen = Pen("silver", 0.3, INKS["silver"])  # noqa: RUF009  # frozen
    spacing: float | None = None
    outlines: bool = True
    outline_pen: Pen | None = None
    pens: tuple[Pen, ...] = ()
    pen_by: str | None = None
    pen_width: float = 0.3
    levers: Levers | None = None

    def __post_init__(self) -> None:
        if self.group is not None:
            group_named(self.group)
        elif self.repeat not in REPEATS:
            repeat(self.repeat, 1, 1)  # which says what there is
        _check_choice("--overlaps", self.overlaps, OVERLAPS)
        _check_choice("--background", self.background, (None, *BACKGROUNDS))
        _check_choice("--pen-by", self.pen_by, (None, *PEN_BY))
        self._check_lengths()
        self._check_motifs()
        self._check_inks()

    def _check_lengths(self) -> None:
        wide, high = self.width, self.width if self.height is None else self.height
        if not (0 < wide < math.inf and 0 < high < math.inf):
            raise UserError(f"--size is {wide:g} x {high:g} mm; give lengths above 0, such as 64cm or 53x64cm")
        if self.gap is not None and not math.isfinite(self.gap):
            raise UserError(f"--gap is {self.gap:g}; give a length, such as 2mm")
        if self.gap is not None and self.gap < 0 and not self.is_tossed:
            raise UserError("a --gap below 0 is for tossed motifs; others overlap with --sizes above 1")
        widths = [self.pen_width, self.background_pen.width, *(pen.width for pen in self.pens)]
        for width in [*widths, *(pen.width for pen in (self.fill, self.outline_pen) if pen)]:
            if not 0 < width < math.inf:
                raise UserError(f"a pen of {width:g} mm draws nothing; give a --pen-width such as 0.3mm")

    def _check_motifs(self) -> None:
        low, high = self.sizes
        if not 0 < low <= high < math.inf:
            raise UserError(f"--sizes are {low:g}-{high:g}; give shares above 0, the smaller first, such as 0.7-1.2")
        if self.rotate is not None and not 0 <= self.rotate <= UPRIGHT:
            raise UserError(f"--rotate is {self.rotate:g}; give none, free or a step in degrees, such as 90")
        if self.motif_size is not None:
            self._check_motif_size(self.motif_size)
        if self.group is not None and self.background is not None:
            raise UserError(f"a background would not keep the turns and mirrors of {self.group}; leave it out")
        if self.spacing is not None:
            self._check_spacing(self.spacing)
        if (self.is_tossed or self.group) and (self.rows is not None or self.cols is not None):
            raise UserError("--rows and --cols are for motifs in rows; here give --motifs, how many there are")

    def _check_inks(self) -> None:
        if self.silhouette and self.fill is not None:
            raise UserError("--silhouette already fills motifs, with their own pens; leave --fill out")
        if self.pen_by is not None and len(self.pens) < 2:
            raise UserError("--pen-by shares several pens out; name two with --pen, take a --palette, or leave it out")
        if not self.outlines and self.outline_pen is not None:
            raise UserError("--outline-pen draws outlines and --no-outlines leaves them out; take one of them")
        if not self.has_lines and (self.outline_pen is not None or not self.outlines):
            option = "--no-outlines" if self.outline_pen is None else "--outline-pen"
            raise UserError(f"{option} is for --repeat {', '.join(WITH_LINES)}; {self.name} has no outlines")

    def _check_motif_size(self, size: float) -> None:
        if not self.is_tossed:
            raise UserError("--motif-size is for --repeat tossed; others make motifs as large as there is room, "
                            "and --sizes changes that")  # fmt: skip
        if not 0 < size < math.inf:
            raise UserError(f"--motif-size is {size:g} mm; give a length above 0, such as 3cm")
        sides = self.ground().unit
        if size * self.sizes[1] > min(sides):
            raise UserError(
                f"motifs of {size * self.sizes[1]:g} mm are larger than their repeat, {sides[0]:g} x {sides[1]:g} mm; "
                "take a larger --size or a smaller --motif-size"
            )

    def _check_spacing(self, spacing: float) -> None:
        if self.background not in ("dots", "stripes"):
            raise UserError("--background-spacing is for dots and stripes; take --background dots, or leave it out")
        if not self.background_pen.width < spacing < math.inf:
            raise UserError(
                f"{self.background} every {spacing:g} mm run together, drawn by a pen of "
                f"{self.background_pen.width:g} mm; take a larger --background-spacing"
            )
        across, down = (side / spacing for side in self.size)
        count = across * down if self.background == "dots" else across
        if count > MOST_BEHIND:
            raise UserError(
                f"{self.background} every {spacing:g} mm are about {count:.0f} in a repeat, above {MOST_BEHIND}; "
                "take a larger --background-spacing"
            )

    @property
    def is_tossed(self) -> bool:
        return self.group is None and self.repeat == "tossed"

    @property
    def has_lines(self) -> bool:
        """Whether the repeat has lines of its own between motifs."""
        return self.group is None and self.repeat in WITH_LINES

    @property
    def name(self) -> str:
        return self.group or self.repeat

    @property
    def holder(self) -> tuple[Pen, ...]:
        """The pens that draw: those named, or the one usual pen."""
        return self.pens or (Pen(width=self.pen_width),)

    @property
    def widest(self) -> float:
        """Millimetres of the widest line in the pattern."""
        more = (pen for pen in (self.fill, self.outline_pen, self.background_pen) if pen)
        return max(pen.width for pen in (*self.holder, *more))

    def made_symmetry(self) -> Symmetry:
        """Raises UserError for a height that the group leaves no choice of."""
        return symmetry(self.name, self.width, self.height)

    def made_repeat(self) -> Repeat:
        """Raises UserError for rows and columns that do not go on from unit to unit."""
        return repeat(self.repeat, *self.size, self.rows, self.cols or 1)

    @property
    def size(self) -> tuple[float, float]:
        return self.width, self.width if self.height is None else self.height

    @property
    def has_free_height(self) -> bool:
        """Whether the height does not hang on the width."""
        return self.group is None or group_named(self.group).kind not in ("square", "hexagonal")

    def ground(self) -> Ground:
        """What it all repeats on; rows and columns have no part in that. Raises UserError."""
        if self.group is not None:
            made = self.made_symmetry()
            assert made.tile is not None  # cells are upright
            return Ground(made.lattice, made.tile, made.tile, made.tile)
        bare = repeat(self.repeat, *self.size)
        width, height = self.size
        parts = PARTS.get(self.repeat, 1)
        unit = bare.tile if self.repeat == "mirror" else (width, height)
        grain = (unit[0] / parts, unit[1]) if "brick" in self.repeat else (unit[0], unit[1] / parts)
        return Ground(bare.lattice, bare.tile, unit, grain)

    def settled(self, motifs: int | None = None) -> tuple[Design, int]:
        """The design with its rows and columns, and the number of its motifs: ``motifs``, or a few more that fill the
        rows. Raises UserError where numbers go against one another."""
        if motifs is not None and motifs < 1:
            raise UserError(f"a pattern of {motifs} motifs is empty; give --motifs 1 or more")
        if self.group is not None:
            usual = max(1, round(USUAL_MOTIFS / len(group_named(self.group).operations)))
            return self, usual if motifs is None else motifs
        if self.is_tossed:
            return self, USUAL_MOTIFS if motifs is None else motifs
        rows, cols = self._shape(USUAL_MOTIFS if motifs is None else motifs)
        settled = replace(self, rows=rows, cols=cols)
        if self.repeat == "hexagonal" and self.height is None:
            settled = replace(settled, height=self.width * HIGH * rows / cols)
        count = settled.made_repeat().motifs
        if motifs not in (None, count) and None not in (self.rows, self.cols):
            raise UserError(f"{rows} rows x {cols} columns take {count} motifs, not {motifs}; leave one of them out")
        return settled, count

    def _shape(self, motifs: int) -> tuple[int, int]:
        if self.rows is None and self.cols is None:
            return shape_for(self.repeat, motifs, *self.size)
        if self.rows is not None and self.cols is not None:
            return self.rows, self.cols
        given = self.rows or self.cols or 0
        if given < 1:
            raise UserError(f"a repeat of {given} rows or columns is empty; give 1 or more")
        other = math.ceil(motifs / PER_PLACE.get(self.repeat, 1) / given)
        others = range(other, other + max(PARTS.values()))
        shapes = [(given, other) if self.rows is not None else (other, given) for other in others]
        return next((shape for shape in shapes if closes(self.repeat, *shape)), shapes[0])  # which repeat refuses

    def to_dict(self) -> dict[str, Any]:
        """For a file's recipe: JSON's types; lengths are millimetres."""
        return asdict(self)


def _check_choice(option: str, value: str | None, known: tuple[str | None, ...]) -> None:
    if value not in known:
        names = [name for name in known if name]
        near = near_names(str(value), names)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise UserError(f"{option} is '{value}'; {meant}choose {', '.join(names)}")
