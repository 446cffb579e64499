"""The run's log, one CSV row every few steps, and its training curve as a picture."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plotsketch.errors import UserError
from plotsketch.files import write_atomically

COLUMNS = ("step", "seconds", "cost", "L_R", "L_KL", "learning_rate", "kl_weight", "points_per_second",
           "valid_reconstruction_nats", "valid_kl_nats")  # fmt: skip
Row = dict[str, float]


@dataclass
class Log:
    """Rows in memory, written out whole at each save: a run that resumes drops what came after its last save."""

    path: Path
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.rows.append(row)

    def save(self) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in self.rows:
            writer.writerow({name: _short(row[name]) for name in COLUMNS if name in row})
        write_atomically(self.path, text.getvalue().encode())

    def seconds(self) -> float:
        """Seconds trained so far, over all sessions of the run."""
        return self.rows[-1]["seconds"] if self.rows else 0.0


def read_log(path: Path, until_step: int) -> Log:
    """The log of a run up to the step it resumes at; an absent file gives an empty log. Raises UserError."""
    if not path.exists():
        return Log(path)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
        return Log(path, [row for row in rows if row["step"] <= until_step])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: the run's log is damaged; move it away and resume again") from error


def _short(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6g}"


PANELS = (
    ("training", ("cost", "L_R"), ("#1f4e79", "#8fb4d9")),
    ("KL a dimension (nats)", ("L_KL",), ("#b5562b",)),
    ("validation, nats a drawing", ("valid_reconstruction_nats",), ("#2e7d4f",)),
)


def save_curve(rows: Sequence[Row], path: Path, width: int = 900, panel: int = 220) -> None:
    """A PNG with one panel a quantity over the steps; nothing is written before there are two rows."""
    from PIL import Image, ImageDraw

    if len(rows) < 2:
        return
    image = Image.new("RGB", (width, panel * len(PANELS)), "white")
    draw = ImageDraw.Draw(image)
    for number, (title, names, colours) in enumerate(PANELS):
        box = (70, number * panel + 28, width - 20, (number + 1) * panel - 28)
        curves = {n: [(r["step"], r[n]) for r in rows if n in r and math.isfinite(r[n])] for n in names}
        _panel(draw, box, f"{title}: {', '.join(names)}", list(curves.values()), colours, rows[-1]["step"])
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())


def _panel(draw, box, title, curves, colours, last_step) -> None:  # type: ignore[no-untyped-def]
    left, top, right, bottom = box
    draw.rectangle(box, outline="#999999")
    draw.text((left, top - 18), title, fill="black")
    values = sorted(y for curve in curves for _, y in curve)
    if not values:
        return
    low, high = values[0], values[min(len(values) - 1, int(0.98 * len(values)))]  # the first steps tower above the rest
    high = high if high > low else low + 1
    for value, y in ((high, top), ((low + high) / 2, (top + bottom) / 2), (low, bottom)):
        draw.text((6, y - 6), f"{value:.4g}", fill="#555555")
    draw.text((right - 60, bottom + 6), f"step {int(last_step)}", fill="#555555")
    for curve, colour in zip(curves, colours, strict=True):
        points = [
            (left + (right - left) * step / last_step, bottom - (bottom - top) * min(1.0, (y - low) / (high - low)))
            for step, y in curve
        ]
        if len(points) > 1:
            draw.line(points, fill=colour, width=2)
