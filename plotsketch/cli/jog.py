"""``plotsketch jog``: move a plotter's raised pen by so much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, report, warn
from plotsketch.cli.plot_table import rounded
from plotsketch.cli.port_options import at_machine, identity_data, port_options
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.lines.machine import Machine

NEAR = 0.1  # mm: what rounding to a machine's steps makes of a way
_NEGATIVE = re.compile(r"-[\d.]")


class SignedLengths(click.Command):
    """A command whose arguments may begin with a minus: ``-1in`` is no option."""

    def make_parser(self, ctx: click.Context) -> Any:
        parser = super().make_parser(ctx)
        parse = parser.parse_args
        # a blank before it, which lengths may have, and options not
        parser.parse_args = lambda args: parse(  # type: ignore[method-assign]
            [f" {word}" if _NEGATIVE.match(word) else word for word in args]
        )
        return parser


@click.command(cls=SignedLengths)
@click.argument("dx")
@click.argument("dy")
@port_options
@json_option
def jog(dx: str, dy: str, machine: str, port: str | None, software: str, as_json: bool) -> None:
    """Move the raised pen by DX along the machine's long side and by DY away from its home corner.

    Lengths take a unit, and a minus goes back.

    \b
    Examples:
      plotsketch jog 10mm 0
      plotsketch jog -1in 2.5cm
      plotsketch jog 5 5 --machine hp7475a --port /dev/ttyUSB0
    """
    from plotsketch.lines.machine import load_machine

    way = signed_length(dx), signed_length(dy)
    chosen = load_machine(machine)
    check_reach(chosen, way)
    with at_machine(chosen, port, software) as (driver, identity):
        before = driver.where()
        driver.jog(*way)
        place = driver.where()
    moved = way if before is None or place is None else (place[0] - before[0], place[1] - before[1])
    if max(abs(moved[0] - way[0]), abs(moved[1] - way[1])) < NEAR:
        moved = way
    else:
        warn(f"asked for {_words(way)}, the machine moved by {_words(moved)}: its reach ends there")
    words = f"moved by {_words(moved)}"
    words += "" if place is None else f", to {_words(place)} from home"
    results = {"dx_mm": round(moved[0], 3), "dy_mm": round(moved[1], 3), "from_home_mm": place and rounded(place)}
    if chosen.ebb:
        words += "; the motors hold it there until `plotsketch home` takes it back, or `plotsketch home --set`"
    report({**results, **identity_data(chosen, identity)}, as_json, [words])


def check_reach(machine: Machine, way: tuple[float, float]) -> None:
    """Raises UserError for more than there is from one end of a machine to the other."""
    across, down = machine.travel
    if abs(way[0]) > across + NEAR or abs(way[1]) > down + NEAR:
        raise UserError(
            f"a jog by {_words(way)} is more than all that {machine.title} reaches, {across:g} x {down:g} mm; "
            "give less, or your own machine's travel in a machine file"
        )


def _words(place: tuple[float, float]) -> str:
    return f"{', '.join(f'{round(length, 2) + 0:g}' for length in place)} mm"


def signed_length(text: str) -> float:
    """Millimetres of a length such as ``-1in``. Raises UserError."""
    from plotsketch.sheet.paper import parse_length

    text = text.strip()
    return -parse_length(text[1:]) if text.startswith("-") else parse_length(text)
