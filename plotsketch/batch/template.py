"""Texts with parameters in them: ``{name}-{seed:04}.svg``."""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Mapping
from typing import Any

from plotsketch.errors import UserError
from plotsketch.strokes.reference import near_names

# {seed:04}, {temperature:.2f}: a width of up to 99 and nothing that asks an object for more than its text
_FORMAT = re.compile(r"[<>^]?0?\d{0,2}(\.\d{1,2})?[dfgsx]?", re.ASCII)
_UNFIT = re.compile(r"[^\w.+=,@-]+")


@functools.lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """The same for the same text. Raises UserError as ``Template`` does."""
    return Template(text)


class Template:
    """A text with places for values. ``{{`` and ``}}`` are braces. Raises UserError for one that is malformed."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError as error:
            how = "write {seed} for a value and {{ for a brace"
            raise UserError(f"'{text}' is no template ({error}); {how}") from error
        self._parts = [(before, field, form or "") for before, field, form, _ in parts]
        for _, field, form in self._parts:
            if field is not None and not (field.isidentifier() or field.replace("-", "_").isidentifier()):
                raise UserError(f"'{text}': {{{field}}} is no parameter's name")
            if not _FORMAT.fullmatch(form):
                raise UserError(f"'{text}': ':{form}' is no format; take {{seed:04}}, {{temperature:.2f}} or none")

    @property
    def fields(self) -> set[str]:
        return {field for _, field, _ in self._parts if field is not None}

    def fill(self, values: Mapping[str, Any], *, as_name: bool = False) -> str:
        """The text with its values; ``as_name`` leaves of each value what a file's name may have.

        Raises UserError for a value that is missing (with near ones) or does not suit its format.
        """
        return "".join(before + self._value(field, form, values, as_name) for before, field, form in self._parts)

    def _value(self, field: str | None, form: str, values: Mapping[str, Any], as_name: bool) -> str:
        if field is None:
            return ""
        if field not in values:
            near = near_names(field, values)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(values))}"
            raise UserError(f"'{self.text}': there is no {{{field}}}; {hint}")
        try:
            said = format(values[field], form)
        except (ValueError, TypeError) as error:
            raise UserError(f"'{self.text}': {values[field]!r} cannot be written as :{form}") from error
        return _UNFIT.sub("-", said).strip("-.") or "-" if as_name else said
