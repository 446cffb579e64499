"""A simulated EiBotBoard without its process, for tests."""

from __future__ import annotations

import argparse
from typing import Any

from plotsketch.plotter.simulators import ebb


class Board:
    """A simulated board without its process."""

    def __init__(self, *options: str, seed: int = 0) -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("--seed", type=int, default=seed)
        ebb.add_options(parser)
        self.machine = ebb.machine(parser.parse_args(options))

    def __call__(self, command: str) -> str:
        return self.machine.receive(command.encode() + b"\r").decode("latin-1")

    def all(self, *commands: str) -> list[str]:
        return [self(command) for command in commands]

    def settle(self) -> None:
        while not self("QM").startswith("QM,0,0,0,0"):
            pass

    def trace(self) -> dict[str, Any]:
        return self.machine.trace()
