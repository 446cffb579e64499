"""The options that name a machine, the port that it hangs on, and the pens that are in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.lines.machine import Machine
    from plotsketch.plotter.driver import Driver, Identity
    from plotsketch.plotter.plan import Plan

SOFTWARE = ("plotsketch", "pyaxidraw")  # `plotter.connect` has the same
_PEN = re.compile(r"\s*(\d{1,6})\s*=\s*(\S+)\s*")

_PORT_OPTIONS = (
    click.option(
        "--machine", default="axidraw-v3", show_default=True, metavar="NAME",
        help="A plotter's name or a .toml file; `plotsketch estimate --machine list` names them.",
    ),
    click.option(
        "--port", metavar="PORT",
        help="Where it is connected: /dev/ttyUSB0, COM3; `simulator` tries everything without a machine.  "
        "[default: the machine's [serial] port, or the only one that it can be]",
    ),
    click.option(
        "--driver", "software", type=click.Choice(SOFTWARE), default=SOFTWARE[0], show_default=True,
        help="Who drives an AxiDraw: plotsketch, or its maker's own library, if you have it.",
    ),
)  # fmt: skip

_PENS_OPTIONS = (
    click.option(
        "--pens", metavar="SET", help="Pens to draw with: a .toml file, or a [pens.SET] of the configuration."
    ),
    click.option(
        "--pen", multiple=True, metavar="N=NAME", help="Draw layer N with this pen of the set; may be repeated."
    ),
)


def port_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--machine``, ``--port`` and ``--driver`` (as ``software``), under these names in the arguments."""
    return _with(command, _PORT_OPTIONS)


def pens_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--pens`` and ``--pen``, under these names in the arguments."""
    return _with(command, _PENS_OPTIONS)


def _with(command: Callable[..., Any], options: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


def typed(name: str) -> bool:
    """Whether a parameter of the command that runs stands on its command line."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def paper_in(machine: Machine, paper: str | None) -> str | None:
    """What ``--paper`` says of an HP-GL plotter; of others nothing. Raises UserError where it is typed for these."""
    if paper is not None and not machine.hpgl and typed("paper"):
        raise UserError(f"--paper {paper} is what lies in an HPGL plotter, and {machine.title} is none; leave it out")
    return paper if machine.hpgl else None


def port_wish(machine: Machine, port: str | None) -> str | None:
    """The port to ask for: one that only stands in the configuration gives way to the machine's own."""
    ctx = click.get_current_context(silent=True)
    stands = ctx is not None and ctx.get_parameter_source("port") is ParameterSource.DEFAULT_MAP
    return None if stands and machine.serial.get("port") else port


@contextmanager
def at_machine(machine: Machine, port: str | None, software: str) -> Iterator[tuple[Driver, Identity]]:
    """The driver of a machine, open, and what the machine says of itself. Raises UserError."""
    from plotsketch.plotter.bench import at_work
    from plotsketch.plotter.connect import driver_for

    with driver_for(machine, port_wish(machine, port), software=software) as driver, at_work(driver) as identity:
        yield driver, identity


def identity_data(machine: Machine, identity: Identity) -> dict[str, Any]:
    """What ``--json`` says of the machine that did it."""
    return {
        "machine": machine.name,
        "connected": {"kind": identity.kind, "firmware": identity.firmware, **identity.facts},
    }


def pen_wishes(pen: Sequence[str]) -> dict[int, str]:
    """The pens of ``--pen 2=rose`` by the layers' numbers. Raises UserError for what is none."""
    found: dict[int, str] = {}
    for text in pen:
        match = _PEN.fullmatch(text)
        if match is None:
            raise UserError(f"--pen {text}: write a layer's number and a pen of the set, such as 2=rose")
        found[int(match[1])] = match[2]
    return found


def with_pens(plan: Plan, pens: str | None, pen: Sequence[str]) -> Plan:
    """The plan with the pens of a set; as it is where none is named. Raises UserError."""
    from plotsketch.plotter.pen_set import pens_for

    wishes: Mapping[int, str] = pen_wishes(pen)
    if pens is None:
        if wishes:
            raise UserError("--pen takes a pen of a set; name the set too, as in --pens pens.toml")
        return plan
    from plotsketch.api.pens import read_pens

    return pens_for(plan, read_pens(pens), wishes)
