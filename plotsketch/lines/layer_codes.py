"""What a layer's label tells an AxiDraw: skip it, pause before it, its number, pen height, speed and a delay.

The language is that of the AxiDraw software's manual, "AxiDraw Layer Control": spaces are skipped, then ``%`` (a layer
that is not plotted) or ``!`` (a pause before it), the layer's number, and ``+H40`` (height of the lowered pen,
percent), ``+S30`` (speed of the lowered pen, percent) and ``+D200`` (milliseconds before the layer) one right after
another, in capitals or not; of two of a kind the last counts. What follows is a name for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import vpype

from plotsketch.errors import UserError

LABEL = re.compile(r"\s*([%!]{0,2})\s*(\d{0,6})((?:\+[HSD]\d{1,9})*)\s*(.*)", re.IGNORECASE | re.DOTALL | re.ASCII)
FIELDS = {"H": "height", "S": "speed", "D": "delay"}
RANGES = {"height": (0, 100), "speed": (1, 110), "delay": (1, 10_000_000)}
WORDS = ("skip", "pause")


@dataclass(frozen=True)
class LayerCode:
    """What a label says. ``height`` and ``speed`` in percent, ``delay`` in ms; None: as the machine is set.

    ``mm_s`` is no part of a label: it is the speed that stands in the layer's file, if that is one for plotters."""

    number: int | None = None
    name: str = ""
    skip: bool = False
    pause: bool = False
    height: int | None = None
    speed: int | None = None
    delay: int | None = None
    mm_s: float | None = None

    @property
    def is_plain(self) -> bool:
        """Whether there is no code in it: a number and a name at most."""
        return self == LayerCode(self.number, self.name)

    def label(self) -> str:
        """The label that says this."""
        marks = "%" * self.skip + "!" * self.pause
        number = "" if self.number is None else str(self.number)
        asked = [(letter, getattr(self, field)) for letter, field in FIELDS.items()]
        codes = "".join(f"+{letter}{value}" for letter, value in asked if value is not None)
        return f"{marks}{number}{codes} {self.name}".strip()


def parse(label: str) -> LayerCode:
    """What a label says; numbers out of their range say nothing. Every text is a label."""
    marks, number, codes, name = LABEL.fullmatch(label).groups()  # type: ignore[union-attr]  # it matches every text
    said = {FIELDS[code[0].upper()]: int(code[1:]) for code in codes.split("+")[1:]}
    known: dict[str, Any] = {field: value for field, value in said.items() if _fits(field, value)}
    return LayerCode(int(number) if number else None, name.rstrip(), "%" in marks, "!" in marks, **known)


def label_of(number: int, name: str) -> str:
    """The label of a document's layer in a file.

    One with codes stays as it is, to the byte. Others begin with the layer's number: vpype and AxiDraw take the first
    digits of a label for it, wherever they stand.
    """
    code = parse(name)
    return name if code.number == number or not code.is_plain else f"{number} {name}".rstrip()


def code_of(document: vpype.Document, number: int) -> LayerCode:
    """What the label of a document's layer says."""
    name = document.layers[number].property(vpype.METADATA_FIELD_NAME) or ""
    return parse(label_of(number, name))


def coded(document: vpype.Document, wishes: Iterable[str]) -> vpype.Document:
    """A document with the same lines whose labels have the codes of ``2=S30,H40``, ``3=pause`` or ``all=D500``.

    What a label says already stays, unless the wish says otherwise. Raises UserError for a wish that is none and for a
    layer that the document has not.
    """
    result = document.empty_copy(keep_layers=False)
    for number, layer in document.layers.items():
        result.add(layer.clone(layer), number, with_metadata=True)
    for wish in wishes:
        layers, changes = _wish(wish)
        if layers is not None and layers not in result.layers:
            there = ", ".join(map(str, sorted(result.layers)))
            raise UserError(f"--layer-code {wish}: the sheet has no layer {layers}; there are {there}")
        for number in result.layers if layers is None else [layers]:
            code = replace(code_of(result, number), **changes)
            result.layers[number].set_property(vpype.METADATA_FIELD_NAME, replace(code, number=number).label())
    return result


def check_wishes(wishes: Iterable[str]) -> None:
    """Raises UserError for what ``coded`` does not understand, before there is a document."""
    for wish in wishes:
        _wish(wish)


def _wish(wish: str) -> tuple[int | None, dict[str, Any]]:
    """The layer that a wish is about (None: all of them), and the fields that it sets."""
    layer, _, codes = (part.strip() for part in wish.partition("="))
    if not re.fullmatch(r"all|\d{1,6}", layer) or not codes:
        raise UserError(f"--layer-code {wish}: write a layer, or all, and its codes, such as 2=S30,H40,D200 or 3=pause")
    return (None if layer == "all" else int(layer)), dict(_change(code.strip(), wish) for code in codes.split(","))


def _change(code: str, wish: str) -> tuple[str, Any]:
    if code.lower() in WORDS:
        return code.lower(), True
    field = FIELDS.get(code[:1].upper(), "")
    if not field or not re.fullmatch(r"\d{1,9}", code[1:], re.ASCII):
        raise UserError(
            f"--layer-code {wish}: '{code}' is no code; there are S30 (speed, percent), H40 (pen height, percent), "
            "D200 (delay, ms), pause and skip"
        )
    if not _fits(field, int(code[1:])):
        raise UserError(f"--layer-code {wish}: {field} goes from {RANGES[field][0]} to {RANGES[field][1]}")
    return field, int(code[1:])


def _fits(field: str, value: int) -> bool:
    low, high = RANGES[field]
    return low <= value <= high
