"""Parameters of a job: lists and ranges, in all combinations or side by side."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from plotsketch.errors import UserError

MOST_JOBS = 100_000
_RANGE = re.compile(r"\s*(-?\d{1,18})\s*\.\.\s*(-?\d{1,18})\s*", re.ASCII)
_KEYS = {"from", "to", "step"}


def combinations(each: Mapping[str, list[Any]], side_by_side: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Every combination of ``each``'s values (the last varies fastest), once for each place in ``side_by_side``.

    Raises UserError for lists of different lengths side by side, and for more than MOST_JOBS.
    """
    lengths = {name: len(values) for name, values in side_by_side.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise UserError(f"values side by side are equally many: {told}")
    count = math.prod(len(values) for values in each.values()) * next(iter(lengths.values()), 1)
    if count > MOST_JOBS:
        raise UserError(f"that makes {count:,} jobs, and a run has {MOST_JOBS:,} at most; split it")
    rows = [dict(zip(side_by_side, row, strict=True)) for row in zip(*side_by_side.values(), strict=True)] or [{}]
    return [
        {**dict(zip(each, combination, strict=True)), **row}
        for combination in itertools.product(*each.values())
        for row in rows
    ]


def values_of(name: str, value: Any) -> list[Any]:
    """The values that a parameter takes: a list, ``"1..150"``, ``{from = 0.1, to = 0.5, step = 0.1}``, or one value.

    Both ends belong to a range. Raises UserError for an empty list and for a range that makes no sense.
    """
    if isinstance(value, list):
        if not value:
            raise UserError(f'{name} has no values; give some, as in [1, 2, 3] or "1..3"')
        return value
    if isinstance(value, dict):
        return _steps(name, value)
    if isinstance(value, str) and (ends := _RANGE.fullmatch(value)):
        return _steps(name, {"from": int(ends[1]), "to": int(ends[2])})
    return [value]


def _steps(name: str, value: Mapping[str, Any]) -> list[Any]:
    if not {"from", "to"} <= value.keys() <= _KEYS or not all(map(_is_number, value.values())):
        raise UserError(f'{name} is no range; write "1..150" or {{from = 0.1, to = 0.5, step = 0.1}}')
    # in decimals, as they are written: 0.1 three times is 0.3
    first, last, step = (Decimal(str(value.get(key, 1))) for key in ("from", "to", "step"))
    if step == 0 or (last - first) * step < 0:
        raise UserError(f"{name} runs from {first} to {last} by {step}, which never comes there; turn it round")
    count = int((last - first) / step) + 1
    if count > MOST_JOBS:
        raise UserError(f"{name} has {count:,} values, and a run has {MOST_JOBS:,} jobs at most; split it")
    whole = all(isinstance(item, int) for item in value.values())
    return [int(first + i * step) if whole else float(first + i * step) for i in range(count)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
