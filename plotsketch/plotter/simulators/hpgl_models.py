"""What is known of the two HP-GL plotters that are simulated: their papers, speeds, pens and memory.

The numbers are those of the service sheets and Interfacing and Programming Manuals, as far as these were at hand; what
was not is marked as assumed. Lengths are in plotter units unless they say mm.
"""

from __future__ import annotations

from dataclasses import dataclass

Area = tuple[int, int, int, int]


@dataclass(frozen=True)
class Paper:
    """``area``: the hard-clip limits (OH). ``frame``: P1 and P2 at power-up. ``large``: it is A3 or B."""

    area: Area
    frame: Area
    large: bool
    metric: bool


@dataclass(frozen=True)
class Model:
    """A plotter. Speeds in mm/s, ``acceleration`` in mm/s2, ``unit`` in mm, times in seconds, ``buffer`` in bytes."""

    identity: str
    unit: float
    pens: int
    buffer: int
    draw_speed: float
    travel_speed: float
    acceleration: float
    papers: dict[str, Paper]
    velocities: tuple[float, float]
    extra: frozenset[str] = frozenset()
    rotations: frozenset[int] = frozenset({0, 90})
    lift_s: float = 0.05
    drop_s: float = 0.05
    pen_change_s: float = 5.0
    memory: int | None = None
    options: str = "0,1,0,0,1,0,0,0"  # OO: it has pen selection, arcs and circles


# Instructions of the 7475A's summary that take numbers or nothing, and that are read and checked for being there, but
# not obeyed here: arcs, fills, tick marks, character sizes. A trace says where one came.
UNDONE = frozenset(
    (
        "AA",
        "AR",
        "CA",
        "CI",
        "CP",
        "CS",
        "DC",
        "DI",
        "DP",
        "DR",
        "DT",
        "EA",
        "ER",
        "EW",
        "FT",
        "IM",
        "LT",
        "PT",
        "RA",
        "RR",
        "SA",
        "SI",
        "SL",
        "SM",
        "SR",
        "SS",
        "TL",
        "UC",
        "WG",
        "XT",
        "YT",
    )
)

# 38.1 cm/s down, 50.8 up: service sheet. About 2 g, as the 7470A, whose drive it has. Lifts and pen changes assumed.
HP7475A = Model(
    identity="7475A",
    unit=0.02488,
    pens=6,
    buffer=1024,
    draw_speed=381,
    travel_speed=508,
    acceleration=19600,
    velocities=(0.38, 38.1),
    extra=frozenset({"PS"}),
    papers={
        "a4": Paper((0, 0, 11040, 7721), (603, 521, 10603, 7721), large=False, metric=True),
        "a3": Paper((0, 0, 16158, 11040), (170, 602, 15370, 10602), large=True, metric=True),
        "letter": Paper((0, 0, 10365, 7962), (250, 596, 10250, 7796), large=False, metric=False),
        "tabloid": Paper((0, 0, 16640, 10365), (522, 259, 15722, 10259), large=True, metric=False),
    },
)

# 80 cm/s and 6 g, as its owners say. 12,800 bytes of memory, which its user divides (front panel or ESC.T): here all of
# it is input buffer; as it leaves the factory, 1,024 bytes are (--buffer 1024). Neither was checked in its manual.
HP7550A = Model(
    identity="7550A",
    unit=0.025,
    pens=8,
    buffer=12800,
    memory=12800,
    draw_speed=800,
    travel_speed=800,
    acceleration=58800,
    velocities=(1, 80),
    extra=frozenset({"FS", "AS", "CO", "PG", "NR", "AF", "AH"}),
    rotations=frozenset({0, 90, 180, 270}),
    papers={
        "a4": Paper((0, 0, 10870, 7600), (430, 200, 10430, 7400), large=False, metric=True),
        "a3": Paper((0, 0, 15970, 10870), (380, 430, 15580, 10430), large=True, metric=True),
        "letter": Paper((0, 0, 10170, 7840), (80, 320, 10080, 7520), large=False, metric=False),
        "tabloid": Paper((0, 0, 16540, 10170), (620, 80, 15820, 10080), large=True, metric=False),
    },
)

MODELS = {"hp7475a": HP7475A, "hp7550a": HP7550A}
