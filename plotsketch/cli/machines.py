"""``plotsketch machines``: what is connected to this computer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from plotsketch.cli.options import json_option, note, report
from plotsketch.cli.plot_table import aligned
from plotsketch.cli.port_options import typed
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.plotter.port import Found
    from plotsketch.plotter.probe import Seen

SIMULATOR = "simulator"


@click.command()
@click.option("--machine", metavar="NAME", help="Ask as this machine is asked, at its speed of the line.")
@click.option("--port", metavar="PORT", help="Look at this port alone, and ask; `simulator` starts a machine to ask.")
@click.option("--all", "everything", is_flag=True, help="Ask at every serial port, whatever hangs on it.")
@json_option
def machines(machine: str | None, port: str | None, everything: bool, as_json: bool) -> None:
    """Say what is connected: ports, EiBotBoards (AxiDraws), firmware, motor power, names. Nothing moves.

    An EiBotBoard is known by its USB numbers. Other serial ports are listed and left alone, since a question is bytes
    to a device that nobody knows: --all, or --port, asks there too, in the languages of GRBL and of HP's plotters.

    The machines that plotsketch has profiles of are in `plotsketch estimate --machine list`.

    \b
    Examples:
      plotsketch machines
      plotsketch machines --port /dev/ttyUSB0 --machine hp7475a
      plotsketch machines --all --json
    """
    # what stands in the configuration is the machine to plot on; this says what there is
    machine, port = machine if typed("machine") else None, port if typed("port") else None
    found = _seen(machine, port, everything)
    if port is not None and found[0].trouble:
        raise UserError(found[0].trouble)
    report({"ports": [asdict(one) for one in found]}, as_json, _rows(found))
    if not found:
        note("No serial port, and so no machine, is connected; `--port simulator` of every command does without.")


def _seen(machine: str | None, port: str | None, everything: bool) -> list[Seen]:
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.connect import EBB_BAUD, kind_of, path_for
    from plotsketch.plotter.port import Found, find_ports
    from plotsketch.plotter.probe import EBB, GRBL, HPGL, Seen, asked
    from plotsketch.plotter.serial_settings import serial_settings

    chosen = None if machine is None and port != SIMULATOR else load_machine(machine or "axidraw-v3")
    kinds: tuple[str, ...] = (GRBL, HPGL)
    bauds: dict[str, int] = {}
    if chosen is not None:
        kinds = (kind_of(chosen),)
        bauds = {kinds[0]: EBB_BAUD if kinds[0] == EBB else serial_settings(chosen).baud}
    if chosen is not None and port == SIMULATOR:
        with path_for(chosen, port) as path:
            return [asked(Found(path, SIMULATOR, False), kinds, bauds)]
    there = find_ports()
    if port is not None:
        known = [one for one in there if one.path == port] or [Found(port, port, False)]
        return [asked(one, _kinds(one, kinds, chosen is None), bauds) for one in known]
    untold = "not asked; --all asks"
    return [
        asked(one, _kinds(one, kinds, chosen is None), bauds)
        if everything or one.is_ebb
        else Seen(one.path, one.description, trouble=untold)
        for one in there
    ]


def _kinds(one: Found, kinds: Sequence[str], is_open: bool) -> Sequence[str]:
    """A port that is known to be an EiBotBoard's is asked as such; one that is not may be one all the same."""
    if one.is_ebb:
        return ("ebb",)
    return (*kinds, "ebb") if is_open else kinds


def _rows(found: Sequence[Seen]) -> Iterator[str]:
    if not found:
        return
    rows = [("port", "machine", "firmware", "power", "name", "")]
    for one in found:
        facts = dict(one.facts)
        power, name = facts.pop("power", ""), facts.pop("name", "")
        rest = [f"{key} {value}" for key, value in facts.items()]
        plain = "" if one.description in ("n/a", one.path) or one.kind else one.description
        rows.append(
            (one.path, one.title, one.firmware, power, name, "; ".join(filter(None, [plain, *rest, one.trouble])))
        )
    yield from aligned(rows)
