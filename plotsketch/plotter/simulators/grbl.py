"""The simulator of a GRBL 1.1 controller: the options of ``grbl``."""

from __future__ import annotations

import argparse

from plotsketch.errors import UserError
from plotsketch.plotter.simulators.grbl_ink import Rule
from plotsketch.plotter.simulators.grbl_machine import Grbl
from plotsketch.plotter.simulators.grbl_settings import DEFAULTS, Setting


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds what a GRBL controller alone takes."""
    add = parser.add_argument
    add("--pen-down", default="S>=50", metavar="RULE", help="when the pen is down: S>=50 (default), or Z<=0")
    add("--set", action="append", default=[], metavar="N=V", help="a $ setting, as $120 at 120=500; several times")
    add("--baud", type=_baud, default=115200, metavar="N", help="bits a second; default 115200")
    add("--latency", type=_time, default=0.001, metavar="S", help="of the computer and its USB; default 0.001")
    add("--poll", type=_time, default=0.02, metavar="S", help="between two looks at a machine that moves")
    add("--dtr-reset", action="store_true", help="a host that opens the port resets it, as an Arduino")
    add("--hand-home", action="store_true", help="somebody pushes the pen to zero whenever its position is forgotten")
    add("--homing-fails", action="store_true", help="$H finds no switch")
    add("--limit-at", type=_time, metavar="S", help="a limit switch closes then")
    add("--power-off-after", type=_time, metavar="S", help="the power goes then, and comes back at once")
    add("--unplug-after", type=_time, metavar="S", help="the cable is pulled then")


def machine(args: argparse.Namespace) -> Grbl:
    """The controller of the parsed options. Raises UserError for a rule or a setting that is none."""
    return Grbl(
        Setting(
            rule=Rule.read(args.pen_down),
            baud=args.baud,
            latency=args.latency,
            poll=args.poll,
            dtr_reset=args.dtr_reset,
            hand_home=args.hand_home,
            homing_fails=args.homing_fails,
            limit_at=args.limit_at,
            power_off_after=args.power_off_after,
            unplug_after=args.unplug_after,
            settings=dict(_assignment(text) for text in args.set),
        )
    )


def _assignment(text: str) -> tuple[int, float]:
    number, _, value = text.lstrip("$").partition("=")
    try:
        pair = int(number), float(value)
    except ValueError as error:
        raise UserError(f"--set {text}: it is a setting's number, = and a value, as in 120=500") from error
    if pair[0] not in DEFAULTS:
        raise UserError(f"--set {text}: GRBL has no ${pair[0]}")
    return pair


def _time(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError("a time is 0 seconds or more")
    return seconds


def _baud(text: str) -> int:
    baud = int(text)
    if baud <= 0:
        raise argparse.ArgumentTypeError("a number above 0")
    return baud
