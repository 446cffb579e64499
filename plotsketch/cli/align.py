"""``plotsketch align``: walk to the corners of a page, to lay the paper in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plotsketch.cli.options import json_option, note, report, warn
from plotsketch.cli.plot_desk import is_attended
from plotsketch.cli.plot_table import rounded
from plotsketch.cli.port_options import at_machine, identity_data, port_options
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.lines.machine import Machine


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--paper", metavar="NAME", help="A page without a FILE: a4, 9x12in, or a paper of an HPGL plotter.")
@click.option("--landscape/--portrait", default=None, help="Lay it down or stand it up.")
@click.option("--yes", is_flag=True, help="Ask for no key: go on by yourself.")
@click.option("--wait", type=click.FloatRange(0, 60), default=2, show_default=True, help="Seconds at each corner then.")
@port_options
@json_option
def align(
    file: Path | None,
    paper: str | None,
    landscape: bool | None,
    yes: bool,
    wait: float,
    machine: str,
    port: str | None,
    software: str,
    as_json: bool,
) -> None:
    """Walk with the raised pen to the corners of a page, or of the page of FILE, and wait for a key at each.

    So you see where the paper has to lie. Where the machine does not reach so far, it stops where it can.

    \b
    Examples:
      plotsketch align --paper a4
      plotsketch align sheet.svg --machine axidraw-v3-a3
      plotsketch align sheet.svg --yes --wait 1 --machine hp7475a --port /dev/ttyUSB0
    """
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.bench import NAMES, corners, reach, walk, within

    if file is not None and (paper is not None or landscape is not None):
        raise click.UsageError("FILE has a page of its own; leave out '--paper', '--landscape' and '--portrait'.")
    if not yes and not _has_keys():
        raise UserError("there is no terminal to press a key at; give --yes, and --wait how long it stands at each")
    chosen = load_machine(machine)
    page = _page(file, paper, landscape, chosen)
    box = within(page, reach(chosen, page))
    if any(abs(side - edge) > 0.5 for side, edge in zip(box, (0, 0, *page), strict=True)):
        reached = f"{box[2] - box[0]:.4g} x {box[3] - box[1]:.4g} mm"
        warn(f"of a page of {page[0]:.4g} x {page[1]:.4g} mm the pen reaches {reached}")
    places = corners(box)
    with at_machine(chosen, port, software) as (driver, identity):
        is_whole = walk(driver, chosen, page, places, waiting(NAMES, yes=yes, wait=wait))
    if not is_whole:
        raise click.Abort
    results = {
        "page_mm": rounded(page),
        "corners_mm": [rounded(place) for place in places],
        **identity_data(chosen, identity),
    }
    report(results, as_json, ["the pen is home"])


def waiting(names: tuple[str, ...], *, yes: bool, wait: float) -> Callable[[int], bool]:
    """What is done at each corner: a key is waited for, or time passes; whether to go on."""

    def arrived(number: int) -> bool:
        words = f"{names[number]} corner ({number + 1} of {len(names)})"
        if yes:
            note(words)
            time.sleep(wait)
            return True
        click.echo(f"{words}: any key goes on, q ends", err=True)
        return _key().lower() not in ("q", "\x03")

    return arrived


def _has_keys() -> bool:
    """Whether a key can be pressed: at the standard input, or at the terminal that the command was started from."""
    if is_attended():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _key() -> str:
    """The key that is pressed, at a terminal here or over ssh. Raises UserError where there is none any more."""
    try:
        key = click.getchar()
    except KeyboardInterrupt:  # the pen stands still: it may walk home first
        return "q"
    except (OSError, EOFError) as error:
        raise UserError("the terminal to press a key at is gone; give --yes") from error
    if not key and not is_attended():
        raise UserError("the terminal to press a key at is gone; give --yes")
    return key


def _page(file: Path | None, paper: str | None, landscape: bool | None, machine: Machine) -> tuple[float, float]:
    """Width and height of the page in mm. Raises UserError."""
    if file is not None:
        from plotsketch.output.layers import page_size
        from plotsketch.output.sheet_in import read_sheet

        document = read_sheet(file, machine)
        return page_size(document) if document.page_size else machine.travel
    from plotsketch.plotter.bench import page_of
    from plotsketch.sheet.paper import Paper, parse_paper

    if paper is None and landscape is None and not machine.hpgl:
        return machine.travel
    own = page_of(machine, paper) if paper is not None else None
    found = parse_paper(paper or "a4", landscape) if own is None else Paper(*own).turned(landscape)
    return found.width, found.height
