"""Moves on their way to an EiBotBoard: how many it has, whether it has done them, and where its motors will be.

A board takes commands of motion one after another into a queue. Its answer to one comes when that has found a place in
the queue, so what is under way then are at most the command that is being done and ``depth`` that wait: all before them
are done. That is known without asking, and paces us: on firmware 2 (depth 1) the board answers just when it can take
more, and never is a command stuck in its USB buffer, where queries could not pass it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine
from plotsketch.plotter.ebb_moves import FASTEST, Integers, Moves, Tactics, moves_of
from plotsketch.plotter.ebb_protocol import Board, Firmware, Status
from plotsketch.plotter.ebb_settings import EbbSettings
from plotsketch.plotter.ebb_way import Floats, Way, hop_way
from plotsketch.plotter.port import Port

AHEAD = 0.5  # seconds: as much as a deep queue is filled, so that a stop does not come late
LOOK = 0.25  # seconds of motion between two looks at the button within a stroke
POLL = 0.02  # seconds between two looks at what the board does
FEWEST_POLLS = 3_000  # a minute of looking, beyond what the commands sent take
# Firmware: tactics. What a move takes to be taken in is from ebb.html and ebb2.html, Performance: SM 4 ms at 2,500
# steps a second and 7 at 25,000 before 2.7, LM 3 and 5 in 2.7 and 2.8, 4 in 3; short moves are drawn, at 6,000 or less.
SETTINGS = {
    (3, 0, 1): Tactics(is_low_level=True, longest=0.25, each=0.004, depth=32, look=LOOK),
    # without QU,6 nobody knows how full the queue is: one that is short is never too full
    (3, 0): Tactics(is_low_level=True, longest=0.1, each=0.004, depth=4, look=LOOK),
    (2, 7, 0): Tactics(is_low_level=True, longest=0.25, each=0.004, depth=1, look=LOOK),
    (2, 6, 2): Tactics(is_low_level=False, longest=0.025, each=0.005, depth=1, look=LOOK),
    (0,): Tactics(is_low_level=False, longest=0.025, each=0.005, depth=1),  # and no QG: nothing tells of the button
}


def tactics_for(firmware: Firmware) -> Tactics:
    """How moves are told to a board: LM from 2.7.0, where it was written anew, SM before."""
    return next(tactics for least, tactics in SETTINGS.items() if firmware.version >= least)


class Stream:
    """The commands of motion of one sitting. ``at`` is where the motors will be, in steps from home, when all is done.

    Every method that sends raises what `Board.command` does.
    """

    def __init__(self, port: Port, board: Board, settings: EbbSettings) -> None:
        self._port, self._board = port, board
        self._settings = settings
        self.tactics = tactics_for(board.firmware)
        self.at: Integers = np.zeros(2, dtype=np.int64)
        self._waiting: deque[float] = deque(maxlen=self.tactics.depth + 1)  # seconds of those that may not be done

    @property
    def fastest(self) -> float:
        """mm/s along an axis at which a motor makes its most steps."""
        return FASTEST / self._settings.steps_per_mm

    def deepen(self) -> None:
        """Makes the board's queue as deep as it is counted on to be."""
        if self._board.firmware.future_syntax:
            most = int(self._board.query("QU,2").rpartition(",")[2])
            depth = max(min(self.tactics.depth, most), 1)
            self._board.command(f"CU,4,{depth}")
            self._waiting = deque(maxlen=depth + 1)

    def send(self, text: str, seconds: float) -> None:
        """Sends a command of motion that takes so long, once there is room for it."""
        if self.tactics.depth > 1:
            self._make_room()
        self._board.command(text, sum(self._waiting))
        self._waiting.append(seconds)

    def moves(self, way: Way, ahead: float = 0.0) -> Moves:
        """The moves of a stroke's way from where the motors will be; nothing is sent. `ahead`: see `ebb_way.slowed`."""
        return moves_of(way, self.at, self._settings.steps_per_mm, self.tactics, ahead)

    def send_move(self, moves: Moves, number: int) -> None:
        """Sends one of `moves`."""
        self.send(moves.commands[number], float(moves.seconds[number]))
        self.at = self.at + moves.steps[number]

    def hop(self, start: Floats, end: Floats, machine: Machine) -> None:
        """Sends the way straight from `start` to `end`, (2,) mm each from home."""
        way = hop_way(start, end, machine, self.fastest)
        moves = moves_of(way, self.at, self._settings.steps_per_mm, self.tactics, leads=False)
        for number in range(len(moves)):
            self.send_move(moves, number)

    def wait_until_up(self) -> Status:
        """Returns when the turn of the last command has come, which told the pen to go up: all before it is done.

        That nothing waits is what says so. The pen alone does not: in a deep queue even the command that lowers it may
        still wait.
        """
        return self._wait(lambda status: status.is_up and not status.waits)

    def wait_until_idle(self) -> Status:
        """Returns when all that was sent has been done."""
        status = self._wait(lambda status: not status.is_busy)
        self._waiting.clear()
        return status

    def forget(self) -> None:
        """The board's queue was emptied."""
        self._waiting.clear()

    def _wait(self, is_done: Callable[[Status], bool]) -> Status:
        """Looks until it is done; the last look, with whatever an earlier one told of button and power."""
        button = lost = False
        for _ in range(FEWEST_POLLS + int(sum(self._waiting) / POLL)):
            status = self._board.status()
            button, lost = button or status.button, lost or status.lost_power
            if is_done(status):
                return replace(status, button=button, lost_power=lost)
            self._port.sleep(POLL)
        raise UserError(
            f"the EiBotBoard at {self._port.path} does not come to the end of its moves: switch it off and on, put the "
            "pen home, then `plotsketch plot --resume`"
        )

    def _make_room(self) -> None:
        """Waits while a deep queue holds more than AHEAD seconds of motion."""
        while sum(self._waiting) > AHEAD and self._board.firmware.queue_query:
            behind = int(self._board.query("QU,6").rpartition(",")[2])
            while len(self._waiting) > behind + 1:
                self._waiting.popleft()
            if not behind or sum(self._waiting) <= AHEAD:
                return
            self._port.sleep(min(sum(self._waiting) - AHEAD, POLL))
