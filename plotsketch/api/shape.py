"""How many rows and columns a number of drawings wants on a sheet, where nobody says."""

from __future__ import annotations

from plotsketch.art.shape import shape_for
from plotsketch.sheet.style import Style
from plotsketch.sheet.words import drawings_area

LONG_WAY, SHORT_WAY = 12, 9  # cells along a full sheet; on A sizes they leave even margins
VARY_LONG, VARY_SHORT = 8, 6  # the same for variations, which are few enough to look at one by one
A_SHEET = 48  # drawings
A_LOOP = 24  # drawings of a walk that comes back


def shape_of_grid(
    given: tuple[int, int] | None, style: Style, rows: int | None = None, cols: int | None = None
) -> dict[str, int]:
    """``rows`` and ``cols`` of a grid: as they are wished, or about as many as fill a sheet, so that ``given`` rows
    and columns stand evenly among them."""
    usual = _turned(LONG_WAY, SHORT_WAY, style)
    down, across = usual if given is None else (_fitting(*pair) for pair in zip(given, usual, strict=True))
    return {"rows": down if rows is None else rows, "cols": across if cols is None else cols}


def shape_of_vary(style: Style, rows: int | None = None, cols: int | None = None) -> dict[str, int]:
    """``rows`` and ``cols`` of a sheet of variations: as they are wished, or as many as suit the paper."""
    down, across = _turned(VARY_LONG, VARY_SHORT, style)
    return {"rows": down if rows is None else rows, "cols": across if cols is None else cols}


def shape_of_sample(
    count: int | None, style: Style, rows: int | None = None, cols: int | None = None
) -> dict[str, int]:
    """``count``, ``rows`` and ``cols`` of a sheet of drawings that have no order."""
    if count is None:
        count = rows * cols if rows is not None and cols is not None else A_SHEET
    down, across = shape_for(count, _aspect(style), rows, cols)
    return {"count": count, "rows": down, "cols": across}


def _fitting(given: int, near: int) -> int:
    """The count of rows (or columns) nearest to ``near`` over which so many given ones stand evenly; the larger of two.

    One given row fills one row, for there is nothing that the others could turn into.
    """
    if given == 1:
        return 1
    step = given - 1
    return step * max(1, (near - 1 + step // 2) // step) + 1


def steps_of_walk(steps: int | None, loop: bool) -> int:
    """As wished, or as many as a full sheet (a ring, if it is a loop) shows well."""
    return (A_LOOP if loop else A_SHEET) if steps is None else steps


def cols_of_path(steps: int, style: Style, cols: int | None = None, *, fill: bool = False) -> int:
    """Columns of a path: as given; enough to fill the sheet if ``fill`` or if an arrangement in rows is asked for;
    otherwise one row, or one ring, of all."""
    if cols is not None:
        return cols
    if style.arrangement == "ring" or (style.arrangement is None and not fill):
        return steps
    return shape_for(steps, _aspect(style))[1]


def _turned(long: int, short: int, style: Style) -> tuple[int, int]:
    """Rows and columns, of which more go along the longer side of the paper."""
    return (short, long) if style.paper.width > style.paper.height else (long, short)


def _aspect(style: Style) -> float:
    area = drawings_area(style)
    return area.width / area.height
