"""A table of a machine's profile, such as ``[ebb]``, made what its fields say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, TypeVar

from plotsketch.errors import UserError

T = TypeVar("T")


def of_table(kind: type[T], name: str, table: Mapping[str, Any]) -> T:
    """The dataclass `kind` of a table; lists become tuples. Raises UserError for a key that it has not, naming a near
    one, and for what `kind` refuses."""
    known = [one.name for one in fields(kind)]  # type: ignore[arg-type]  # it is a dataclass
    if unknown := [key for key in table if key not in known]:
        near = get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"it has {', '.join(known)}"
        raise UserError(f"[{name}] has no '{unknown[0]}': {hint}")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})
