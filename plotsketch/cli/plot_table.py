"""A plot in words and in JSON's own types: its layers, pens and times, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from plotsketch.clock import clock, counted

if TYPE_CHECKING:
    from plotsketch.lines.times import Times
    from plotsketch.plotter.journal import Job, Progress
    from plotsketch.plotter.plan import Plan, PlanLayer

COLUMNS = ("layer", "", "time", "ink", "strokes", "pen", "")
RIGHT = (2, 3, 4)
DECIMALS = 3  # of seconds and millimetres in JSON


def table(plan: Plan) -> Iterator[str]:
    """A row a layer, with its pen and how long it takes, the sum, and what the time goes into."""
    from plotsketch.cli.estimate import spent
    from plotsketch.lines.times import Times

    times = plan.times()
    total = sum(times, Times())
    rows = [_row(plan, layer, taken) for layer, taken in zip(plan.layers, times, strict=True)]
    yield from aligned([COLUMNS, *rows, ("total", "", *_cells(total), "", "")], RIGHT)
    yield f"{clock(total.seconds)} on {plan.machine.title}: {spent(total)}"


def aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    """Rows of equal length as text, the columns of these numbers to the right and the others to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [f"{cell:{'>' if n in right else '<'}{widths[n]}}" for n, cell in enumerate(row)]
        yield "  ".join(cells).rstrip()


def _row(plan: Plan, layer: PlanLayer, taken: Times) -> tuple[str, ...]:
    code = layer.code
    asked = {"S": code.speed, "H": code.height, "D": code.delay}
    told = [f"{letter}{value}" for letter, value in asked.items() if value is not None]
    more = ", ".join(filter(None, [" ".join(told), "a pause before it" if code.pause else ""]))
    return str(layer.number), _name(layer), *_cells(taken), _pen(plan, layer), more


def _name(layer: PlanLayer) -> str:
    """What a layer's label calls it; its code may have the name of its pen instead."""
    from plotsketch.lines.layer_codes import parse

    return parse(layer.label).name


def _cells(taken: Times) -> tuple[str, str, str]:
    return clock(taken.seconds), f"{taken.ink_mm / 1000:.2f} m", f"{taken.strokes:,}"


def _pen(plan: Plan, layer: PlanLayer) -> str:
    """``rose, #d0607a, 0.4 mm``, behind its place where the machine fetches it."""
    place = _place(plan, layer)
    words = ["" if place is None else f"in place {place}", "" if layer.code.name == layer.colour else layer.code.name]
    return ", ".join([*filter(None, words), layer.colour, f"{layer.pen_width:g} mm"])


def _place(plan: Plan, layer: PlanLayer) -> int | None:
    """The place in a carousel that a layer's pen is fetched from; None where somebody puts it in."""
    from plotsketch.output.hpgl_device import hpgl_device
    from plotsketch.plotter.connect import changes_pens

    if not changes_pens(plan.machine):
        return None
    return hpgl_device(plan.machine).pen(layer.number) if layer.pen is None else layer.pen


def figures(plan: Plan) -> dict[str, Any]:
    """A plan in JSON's own types."""
    times = plan.times()
    return {
        "machine": plan.machine.name,
        "page_mm": rounded(plan.page),
        "strokes": len(plan.strokes),
        "ink_mm": round(sum(taken.ink_mm for taken in times), DECIMALS),
        "planned_seconds": round(sum(taken.seconds for taken in times), DECIMALS),
        "layers": [_figures(plan, layer, taken) for layer, taken in zip(plan.layers, times, strict=True)],
    }


def _figures(plan: Plan, layer: PlanLayer, taken: Times) -> dict[str, Any]:
    return {
        "number": layer.number, "label": layer.label, "pen": layer.code.name, "colour": layer.colour,
        "pen_width_mm": layer.pen_width, "place": _place(plan, layer), "strokes": taken.strokes,
        "ink_mm": round(taken.ink_mm, DECIMALS), "seconds": round(taken.seconds, DECIMALS),
    }  # fmt: skip


def rounded(lengths: Sequence[float]) -> list[float]:
    """Millimetres as JSON has them."""
    return [round(length, DECIMALS) for length in lengths]


def where(job: Job) -> str:
    """How far a plot has come, in words."""
    strokes = f"{job.progress.sent:,} of {counted(len(job.plan.strokes), 'stroke')}"
    return strokes if job.copies == 1 else f"{strokes} of copy {job.progress.copy + 1} of {job.copies}"


def seconds_done(plan: Plan, progress: Progress, copies: int) -> tuple[float, float]:
    """Of all copies of a plan: its seconds that are done, and all of them."""
    from plotsketch.plotter.planned import PlannedTime

    planned = PlannedTime(plan)
    total = planned.total * copies
    if progress.is_done:
        return total, total
    return progress.copy * planned.total + (planned.until(progress.sent) if progress.sent else 0.0), total
