"""Sets of pens read: from TOML files, and from the user's configuration."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plotsketch.config import NAME, config_file, nearest, pen_tables
from plotsketch.errors import UserError
from plotsketch.plotter.pen_set import PenSet, SetPen
from plotsketch.sheet.inks import parse_pen
from plotsketch.sheet.paper import parse_length

LIKE = "like"
KEYS = ("colour", "width", "speed", "height", "delay", "force", "slot")
_SPEED = re.compile(r"(\d+\.?\d*|\.\d+)\s*(mm/s|cm/s|%)")

Tables = Mapping[str, Any]


def read_pens(reference: str) -> PenSet:
    """The pens of a TOML file, or of a set ``[pens.NAME]`` in the user's configuration.

    A pen is a table or, in short, a text: ``rose = "#d0607a 0.4mm"``. A pen may be ``like`` another of the set, and a
    file ``like`` another file (beside it) or a set: it takes from that what it does not say itself.

    Raises UserError for a file or set that is not there, keys and values that mean nothing, and what is like itself.
    """
    tables, where = _set(reference, Path(), ())
    if not tables:
        raise UserError(f'{where} has no pens; write a line for each, such as rose = "#d0607a 0.4mm"')
    try:
        pens = tuple(_pen(name, _whole(name, tables, ())) for name in tables)
    except UserError as error:
        raise UserError(f"{where}: {error}") from error
    return PenSet(reference, pens)


def _set(reference: str, folder: Path, seen: tuple[str, ...]) -> tuple[dict[str, Tables], str]:
    """The pens of a set as tables, with those of the set that it is like, and where they stand."""
    is_file = Path(reference).suffix.lower() == ".toml"
    where = str(folder / Path(reference).expanduser()) if is_file else reference
    if where in seen:
        raise UserError(f"{seen[-1]}: like = '{reference}' leads back to itself; name another set")
    found: Tables = _read(Path(where)) if is_file else _configured(reference)
    place = where if is_file else f"[pens.{reference}] of {config_file()}"
    like = found.get(LIKE) if is_file else None  # a pen of the configuration may be called so
    own = {str(name): _table(str(name), value, place) for name, value in found.items() if name != LIKE or not is_file}
    if like is None:
        return own, place
    if not isinstance(like, str):
        raise UserError(f"{place}: like is {like!r}; it takes the name of a file or of a set")
    base, _ = _set(like, Path(where).parent, (*seen, where))
    return {name: {**base.get(name, {}), **own.get(name, {})} for name in {**base, **own}}, place


def _read(path: Path) -> Tables:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read the pens in {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{path} is no TOML: {error}") from error


def _configured(name: str) -> Tables:
    sets = pen_tables()
    if name in sets:
        return sets[name]
    others = nearest(name, sets) if sets else f"there is none in {config_file()}"
    raise UserError(f"no set of pens '{name}': {others} (or give a file: pens.toml)")


def _table(name: str, value: object, place: str) -> Tables:
    """What stands for a pen; a text is its colour and perhaps its width."""
    if not NAME.fullmatch(name):
        raise UserError(f"{place}: pen '{name}': a pen's name has small letters, digits, '-' and '_'")
    if isinstance(value, str):
        return _short(value, place)
    if not isinstance(value, Mapping):
        raise UserError(f'{place}: {name} = {value!r}; write a colour and a width, such as "#d0607a 0.4mm", or a table')
    if unknown := [key for key in value if key not in (LIKE, *KEYS)]:
        raise UserError(f"{place}: pen {name} has no '{unknown[0]}'; {nearest(unknown[0], (LIKE, *KEYS))}")
    return value


def _short(text: str, place: str) -> Tables:
    """A colour and perhaps a width."""
    try:
        pen = parse_pen(text, math.nan)
    except UserError as error:
        raise UserError(f"{place}: {error}") from error
    return {"colour": pen.colour} | ({} if math.isnan(pen.width) else {"width": pen.width})


def _whole(name: str, tables: Mapping[str, Tables], seen: tuple[str, ...]) -> Tables:
    """A pen's table with what it takes from the pen that it is like."""
    table = tables[name]
    like = table.get(LIKE)
    if like is None:
        return table
    if not isinstance(like, str) or like not in tables:
        raise UserError(f"pen {name}: like is {like!r}, which is no pen of the set; {nearest(str(like), tables)}")
    if like in (*seen, name):
        raise UserError(f"pen {name}: like = '{like}' leads back to the same pen; name another")
    return {**_whole(like, tables, (*seen, name)), **table}


def _pen(name: str, table: Tables) -> SetPen:
    """Raises UserError for values that no pen has."""
    if "colour" not in table:
        raise UserError(f'pen {name} has no colour; give it one, such as colour = "#d0607a"')
    if not isinstance(table["colour"], str):
        raise UserError(f"pen {name}: colour is {table['colour']!r}; it takes a text such as '#d0607a' or 'red'")
    width = table.get("width")
    if not isinstance(width, str | int | float | None) or isinstance(width, bool):
        raise UserError(f"pen {name}: width is {width!r}; it takes a length such as '0.4mm'")
    return SetPen(
        name=name,
        colour=parse_pen(table["colour"]).colour,
        width=parse_length(width) if isinstance(width, str) else width,
        **_speed(name, table.get("speed")),
        **{key: table[key] for key in ("height", "delay", "force", "slot") if key in table},
    )


def _speed(name: str, value: object) -> dict[str, Any]:
    """A number is mm/s; texts name their unit."""
    if value is None:
        return {}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"speed": float(value)}
    match = _SPEED.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise UserError(f"pen {name}: speed is {value!r}; it takes mm/s, such as 40 or '40mm/s', or a percent, '30%'")
    number = float(match[1])
    if match[2] == "%":
        return {"percent": int(number) if number.is_integer() else number}
    return {"speed": number * (10 if match[2] == "cm/s" else 1)}
