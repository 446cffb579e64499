"""``python -m plotsketch.plotter.simulators KIND``: a simulated machine at a pseudo-terminal, until it is stopped."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from types import ModuleType

from plotsketch.errors import UserError
from plotsketch.plotter.simulators.wire import serve

# Each module has add_options(parser), which adds what the kind alone takes, and machine(args), which gives the
# `wire.Machine` of the parsed options (``args.kind``, ``args.seed`` and its own).
KINDS = {"ebb": "ebb", "hp7475a": "hpgl", "hp7550a": "hpgl", "grbl": "grbl"}


def main(words: list[str] | None = None) -> int | str:
    """Serves the machine that the words of a command line ask for; what `sys.exit` takes."""
    words = sys.argv[1:] if words is None else words
    module = _module(words[0]) if words and words[0] in KINDS else None
    args = _parser(module).parse_args(words)
    if module is None:  # options before the kind
        args = _parser(_module(args.kind)).parse_args(words)
    try:
        machine = _module(args.kind).machine(args)
        lifeline = sys.stdin.fileno() if args.lifeline else None
        serve(machine, link=args.link, trace=args.trace, paced=args.paced, ready=_say, lifeline=lifeline)
    except UserError as error:
        return str(error)  # which sys.exit writes on stderr, with exit status 1
    return 0


def _module(kind: str) -> ModuleType:
    return importlib.import_module(f"plotsketch.plotter.simulators.{KINDS[kind]}")


def _parser(module: ModuleType | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m plotsketch.plotter.simulators",
        description="A simulated machine at a pseudo-terminal, whose path is printed. SIGUSR1 writes the trace, "
        "SIGTERM and SIGINT write it and end. KIND --help lists what a kind takes.",
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--link", type=Path, metavar="PATH", help="a symbolic link to the terminal")
    parser.add_argument("--trace", type=Path, metavar="PATH", help="where the trace is written, as JSON")
    parser.add_argument("--paced", type=_pace, metavar="X", help="simulated time passes at X times the wall clock")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is random (garbage); default 0")
    parser.add_argument("--lifeline", action="store_true", help="end when the standard input does")
    if module is not None:
        module.add_options(parser)
    return parser


def _pace(text: str) -> float:
    pace = float(text)
    if not 0 < pace < float("inf"):
        raise argparse.ArgumentTypeError("a pace is above 0")
    return pace


def _say(path: str) -> None:
    sys.stdout.write(f"{path}\n")  # a program of its own, whose parent reads this line
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
