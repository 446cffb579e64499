"""``plotsketch home``: take a plotter's pen home, or say where home is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plotsketch.cli.options import json_option, report
from plotsketch.cli.port_options import at_machine, identity_data, port_options, port_wish
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.lines.machine import Machine


@click.command()
@click.option("--set", "is_here", is_flag=True, help="Home is where the pen is now; nothing moves.")
@port_options
@json_option
def home(is_here: bool, machine: str, port: str | None, software: str, as_json: bool) -> None:
    """Take the raised pen home and let the motors go.

    An AxiDraw knows the way as long as its motors have been on since it was home. One whose motors are off is home
    wherever it is: move its pen by hand.

    \b
    Examples:
      plotsketch home
      plotsketch home --set
      plotsketch home --machine grbl --port /dev/ttyUSB0
    """
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.bench import go_home

    chosen = load_machine(machine)
    if is_here:
        _set(chosen, port, software, as_json)
        return
    with at_machine(chosen, port, software) as (driver, identity):
        before = driver.where()
        go_home(driver)
    results = {"home": "reached", "from_mm": before, **identity_data(chosen, identity)}
    report(results, as_json, ["the pen is home" + (", and the motors are let go" if chosen.ebb else "")])


def _set(machine: Machine, port: str | None, software: str, as_json: bool) -> None:
    from plotsketch.plotter.connect import OWN, path_for
    from plotsketch.plotter.origin import set_home

    if software != OWN:
        raise UserError(f"--set is done by plotsketch itself; leave out --driver {software}")
    with path_for(machine, port_wish(machine, port)) as path:
        set_home(machine, path)
    line = "home is where the pen is now"
    line += "; the motors are let go, and it moves with the pen until they go on" if machine.ebb else ""
    report({"home": "set", "machine": machine.name}, as_json, [line])
