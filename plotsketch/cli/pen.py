"""``plotsketch pen``: the pen of a plotter, up and down."""

from __future__ import annotations

import time
from typing import Any

import click

from plotsketch.cli.options import json_option, note, numbers, report
from plotsketch.cli.port_options import at_machine, identity_data, port_options
from plotsketch.errors import UserError

PERCENT = click.FloatRange(0, 100)


@click.group()
def pen() -> None:
    """Lift and lower the pen of a plotter, and try its heights, without drawing.

    Nothing moves but the pen. Lay scrap paper under it.
    """


@pen.command("up")
@click.option("--height", type=PERCENT, metavar="PERCENT", help="How high, on an AxiDraw.  [default: the machine's]")
@port_options
@json_option
def up(height: float | None, machine: str, port: str | None, software: str, as_json: bool) -> None:
    """Lift the pen.

    \b
    Examples:
      plotsketch pen up
      plotsketch pen up --height 70
      plotsketch pen up --machine hp7475a --port /dev/ttyUSB0
    """
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.bench import at_heights

    chosen = at_heights(load_machine(machine), up=height)
    with at_machine(chosen, port, software) as (driver, identity):
        driver.pen(up=True)
        report({"pen": "up", **identity_data(chosen, identity)}, as_json, ["the pen is up"])


@pen.command("down")
@click.option("--height", type=PERCENT, metavar="PERCENT", help="How low, on an AxiDraw.  [default: the machine's]")
@port_options
@json_option
def down(height: float | None, machine: str, port: str | None, software: str, as_json: bool) -> None:
    """Lower the pen, and leave it there: to fix a pen in its holder, for one. It makes a dot.

    \b
    Examples:
      plotsketch pen down
      plotsketch pen down --height 35
    """
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.bench import at_heights

    chosen = at_heights(load_machine(machine), down=height)
    with at_machine(chosen, port, software) as (driver, identity):
        driver.pen(up=False)
        report(
            {"pen": "down", **identity_data(chosen, identity)},
            as_json,
            ["the pen is down, and stays so: `plotsketch pen up` lifts it"],
        )


@pen.command("cycle")
@click.option("--times", type=click.IntRange(1, 1000), default=1, show_default=True, help="How often.")
@port_options
@json_option
def cycle(times: int, machine: str, port: str | None, software: str, as_json: bool) -> None:
    """Lower and lift the pen where it is.

    \b
    Examples:
      plotsketch pen cycle
      plotsketch pen cycle --times 3 --machine grbl --port simulator
    """
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.bench import cycle as cycled

    chosen = load_machine(machine)
    with at_machine(chosen, port, software) as (driver, identity):
        cycled(driver, times)
        words = "once" if times == 1 else f"{times} times"
        report(
            {"pen": "up", "times": times, **identity_data(chosen, identity)},
            as_json,
            [f"lowered and lifted {words}; the pen is up"],
        )


@pen.command("test")
@click.option(
    "--down", "heights", callback=numbers, default="20,25,30,35,40,45", show_default=True, metavar="PERCENT,...",
    help="Heights of the lowered pen to try, one after another.",
)  # fmt: skip
@click.option("--up", "lifted", type=PERCENT, metavar="PERCENT", help="Height between them.  [default: the machine's]")
@click.option("--times", type=click.IntRange(1, 100), default=2, show_default=True, help="How often at each height.")
@click.option("--wait", type=click.FloatRange(0, 60), default=1, show_default=True, help="Seconds before each height.")
@port_options
@json_option
def test(
    heights: tuple[float, ...],
    lifted: float | None,
    times: int,
    wait: float,
    machine: str,
    port: str | None,
    software: str,
    as_json: bool,
) -> None:
    """Find the height of an AxiDraw's lowered pen: it goes down to one after another, from high to low.

    The pen stays where it is and makes dots. The best height is the highest at which it touches the paper surely.

    \b
    Examples:
      plotsketch pen test
      plotsketch pen test --down 28,30,32 --times 3 --up 60
    """
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.bench import at_heights, cycle

    if wrong := [height for height in heights if not 0 <= height <= 100]:
        raise UserError(f"--down {wrong[0]:g}: a height is 0 to 100 percent")
    chosen = load_machine(machine)
    order = sorted(heights, reverse=True)
    machines = [at_heights(chosen, up=lifted, down=height) for height in order]  # all are looked at before any moves
    found: dict[str, Any] = {}
    for height, one in zip(order, machines, strict=True):
        note(f"{height:g} percent")
        time.sleep(wait)
        with at_machine(one, port, software) as (driver, identity):
            cycle(driver, times)
            found = identity_data(chosen, identity)
    tried = ", ".join(f"{height:g}" for height in order)
    report(
        {"pen": "up", "heights": order, "times": times, **found},
        as_json,
        [f"tried {tried} percent; keep the best in a machine file of your own, [ebb] pen_down"],
    )


@pen.command("select")
@click.argument("number", type=click.IntRange(min=0), metavar="N")
@port_options
@json_option
def select(number: int, machine: str, port: str | None, software: str, as_json: bool) -> None:
    """Fetch pen N of a plotter's carousel; 0 puts the pen away.

    \b
    Examples:
      plotsketch pen select 3 --machine hp7475a --port /dev/ttyUSB0
      plotsketch pen select 0 --machine hp7475a --port simulator
    """
    from plotsketch.lines.machine import load_machine
    from plotsketch.plotter.bench import carousel, fetch

    chosen = load_machine(machine)
    places = carousel(chosen)
    if number > places:
        raise UserError(f"{chosen.title} has no pen {number}; there are 1 to {places}, and 0 puts the pen away")
    with at_machine(chosen, port, software) as (driver, identity):
        fetch(driver, number)
        words = f"pen {number} is in the holder, and up" if number else "the pen is put away"
        report({"pen": "up", "selected": number, **identity_data(chosen, identity)}, as_json, [words])
