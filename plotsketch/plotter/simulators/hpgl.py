"""Simulators of HP-GL plotters: the options of ``hp7475a`` and ``hp7550a``."""

from __future__ import annotations

import argparse

from plotsketch.errors import UserError
from plotsketch.plotter.simulators.hpgl_machine import Plotter, Setting
from plotsketch.plotter.simulators.hpgl_models import MODELS, Area


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds what an HP-GL plotter alone takes."""
    default = Setting()
    add = parser.add_argument
    add("--baud", type=_above_0, default=default.baud, metavar="N", help="bits a second; default 9600")
    add("--paper", help="the paper that lies in it: a4 (default), a3, letter or tabloid; PS cannot change it then")
    add("--area", type=_area, metavar="X0,Y0,X1,Y1", help="its limits in plotter units; default: those of the paper")
    add("--buffer", type=_above_0, metavar="BYTES", help="of the input buffer; default 1024, of the 7550A 12800")
    add("--poll", type=_time, default=default.poll, metavar="S", help="between two looks at a busy plotter")
    add("--lag", type=_count, default=default.lag, metavar="BYTES", help="that still come after Xoff; default 16")
    add("--deaf", action="store_true", help="the computer takes no notice of Xoff")
    add("--pause-at", type=_time, metavar="S", help="somebody presses View then")
    add("--pause-for", type=_time, default=default.pause_for, metavar="S", help="and again so much later; default 5")
    add("--power-off-after", type=_time, metavar="S", help="the power goes then, and comes back at once")
    add("--unplug-after", type=_time, metavar="S", help="the cable is pulled then")
    add("--away", type=_time, metavar="S", help="between two hosts; default: until the plotter has done all it has")


def machine(args: argparse.Namespace) -> Plotter:
    """The plotter of the parsed options. Raises UserError for a paper that it does not know."""
    model = MODELS[args.kind]
    name = (args.paper or "a4").lower()
    if name not in model.papers:
        raise UserError(f"--paper {args.paper}: {args.kind} takes {', '.join(model.papers)}")
    setting = Setting(
        baud=args.baud,
        poll=args.poll,
        lag=args.lag,
        deaf=args.deaf,
        pause_at=args.pause_at,
        pause_for=args.pause_for,
        power_off_after=args.power_off_after,
        unplug_after=args.unplug_after,
        away=args.away,
        buffer=args.buffer,
    )
    chosen = args.paper is not None or args.area is not None
    return Plotter(args.kind, model, model.papers[name], setting, area=args.area, chosen=chosen)


def _area(text: str) -> Area:
    x0, y0, x1, y1 = (int(one) for one in text.split(","))
    if not (x0 < x1 and y0 < y1):
        raise argparse.ArgumentTypeError("an area is X0,Y0,X1,Y1, the lower left corner first")
    return x0, y0, x1, y1


def _time(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError("a time is 0 seconds or more")
    return seconds


def _above_0(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise argparse.ArgumentTypeError("a number above 0")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("a number, 0 or more")
    return number
