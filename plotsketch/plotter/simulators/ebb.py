"""An EiBotBoard (EBB) with an AxiDraw's motors and pen, simulated from the public EBB documentation.

``python -m plotsketch.plotter.simulators ebb --firmware 2.8.1``. The documents: ebb.html and EBBReleaseNotes.html of
evil-mad/EggBot, for firmware 2 and 3.
"""

from __future__ import annotations

import argparse
import random
from typing import Any

from plotsketch.plotter.simulators.ebb_board import Board
from plotsketch.plotter.simulators.ebb_motion import TICKS
from plotsketch.plotter.simulators.ebb_paper import Paper, millimetres
from plotsketch.plotter.simulators.ebb_queries import COMMANDS, STATES
from plotsketch.plotter.simulators.ebb_syntax import (
    FUTURE,
    Dropped,
    Parameters,
    Refused,
    Version,
    split_name,
    unknown,
)
from plotsketch.plotter.simulators.wire import Machine, Unplugged

LONGEST = {False: 64, True: 256}  # bytes of a command with its CR, before firmware 3 and since


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that an EiBotBoard takes beside those of every simulator."""
    parser.add_argument("--firmware", type=_version, default=(2, 8, 1), metavar="X.Y.Z", help="default 2.8.1")
    parser.add_argument("--servo-pin", type=int, choices=range(8), default=1, help="of port B, that lifts the pen")
    parser.add_argument("--travel", type=_area, metavar="WxH", help="mm; leaving it is an error")
    parser.add_argument("--latency", type=float, default=0.001, metavar="S", help="from an answer to the next command")
    parser.add_argument(
        "--poll", type=float, default=0.020, metavar="S", help="between two queries of a host that waits"
    )
    parser.add_argument("--rest", type=float, default=300.0, metavar="HZ", help="1/16 steps/s that motors stop from")
    parser.add_argument("--fine-ink", action="store_true", help="a point of ink for each millisecond of motion")
    parser.add_argument("--no-supply", action="store_true", help="the motors' supply is off from the beginning")
    parser.add_argument("--future-syntax", action="store_true", help="as other software may have left firmware 3")
    parser.add_argument("--nickname", default="")
    parser.add_argument("--garbage", type=float, default=0.0, metavar="P", help="share of replies with noise in them")
    parser.add_argument("--hand-home", action="store_true", help="somebody pushes the carriage home if it is let go")
    for name, what in [
        ("unplug-after", "the cable is pulled"),
        ("power-off-after", "supply and processor go, USB starts the processor anew"),
        ("supply-off-after", "the motors' supply alone goes"),
        ("power-on-after", "the supply comes back"),
    ]:
        parser.add_argument(f"--{name}", type=float, metavar="S", help=what)
    parser.add_argument("--button-at", type=float, action="append", default=[], metavar="S", help="may be repeated")


def machine(args: argparse.Namespace) -> Machine:
    """The board of parsed options."""
    return EBB(args)


class EBB:
    """A board at the end of a cable (`wire.Machine`)."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        paper = Paper(area=args.travel, fine=args.fine_ink)
        self.board = Board(args.firmware, paper, pin=args.servo_pin, rest=args.rest, by_hand=args.hand_home)
        self.board.nickname = args.nickname
        self.board.syntax.future = args.future_syntax and args.firmware >= FUTURE
        if args.no_supply:
            self.board.supply, self.board.queue.powered = 0, False
        self._latency, self._poll = _ticks(args.latency), _ticks(args.poll)
        self._random = random.Random(args.seed)
        self._plugged = True
        self._buffer = b""
        self._asked: set[str] = set()  # states asked since the last command of another kind
        self._commands = 0
        self.board.queue.mishaps = sorted(self._mishaps(args), key=lambda mishap: mishap[0])

    @property
    def seconds(self) -> float:
        return self.board.seconds

    def receive(self, data: bytes) -> bytes:
        self._still_there()
        self._buffer += data
        answers = b""
        while b"\r" in self._buffer:
            command, _, self._buffer = self._buffer.partition(b"\r")
            command = command.removeprefix(b"\n")  # of a CR LF before it
            if command:
                answers += self._noisy(self._do(command.decode("latin-1")).encode("latin-1"))
                self._still_there()
        return answers

    def pass_time(self, until: float) -> bytes:
        self.board.queue.advance(int(until * TICKS))
        self._still_there()
        return b""

    def trace(self) -> dict[str, Any]:
        board, queue, paper = self.board, self.board.queue, self.board.paper
        return {
            "kind": "ebb",
            "firmware": ".".join(map(str, board.firmware)),
            "seconds": board.seconds,
            "ink": [[[round(x, 5), round(y, 5)] for x, y in line] for line in paper.ink],
            "errors": board.errors,
            "events": board.events,
            "underruns": queue.underruns,
            "abrupt": queue.abrupt,
            "peak_steps_per_second": [round(peak, 3) for peak in paper.peaks],
            "position": queue.position,
            "place": millimetres(paper.at),
            "reached": paper.reached,
            "pen": {"up": not paper.is_down, "width": queue.servo.width, "told_up": board.pen_up},
            "motors": queue.enabled,
            "busy": queue.is_busy,
            "commands": self._commands,
            "blocks": queue.blocks,
            "lifts": board.lifts,
        }

    def _do(self, command: str) -> str:
        board = self.board
        board.queue.advance(board.queue.now + self._latency)
        self._still_there()
        self._commands += 1
        name, rest = split_name(command)
        self._wait_as_the_host_does(name)
        try:
            if len(command) >= LONGEST[board.firmware >= FUTURE]:
                raise Refused("!3 Err: RX Buffer overrun")
            name, rest = split_name(board.syntax.unchecked(command))
            since, handler = COMMANDS.get(name, ((999, 0, 0), None))
            if handler is None or board.firmware < since:
                raise unknown(name)
            return board.syntax.reply(name, handler(board, Parameters(rest)))
        except Refused as refused:
            board.complain(f"{command!r} was refused: {refused}")
            return board.syntax.error(name, str(refused))
        except Dropped:
            self._buffer = b""
            return ""

    def _wait_as_the_host_does(self, name: str) -> None:
        """A host that asks the same again waits for something: time passes as if it slept between its questions."""
        queue = self.board.queue
        if name not in STATES:
            self._asked.clear()
        elif name not in self._asked:
            self._asked.add(name)
        elif queue.items:
            queue.advance(min(queue.now + self._poll, queue.items[0].end))

    def _noisy(self, answer: bytes) -> bytes:
        """An answer with, now and then, a few bytes in it that are no ASCII."""
        if not answer or self._random.random() >= self._args.garbage:
            return answer
        at = self._random.randrange(len(answer) + 1)
        noise = bytes(self._random.randrange(128, 256) for _ in range(self._random.randint(1, 4)))
        self.board.tell(f"noise of {len(noise)} bytes")
        return answer[:at] + noise + answer[at:]

    def _mishaps(self, args: argparse.Namespace) -> list[tuple[int, Any]]:
        board = self.board
        at = [(args.unplug_after, self._unplug), (args.power_off_after, board.lose_power)]
        at += [(args.supply_off_after, board.lose_supply), (args.power_on_after, board.get_supply)]
        at += [(seconds, board.press) for seconds in args.button_at]
        return [(_ticks(seconds), what) for seconds, what in at if seconds is not None]

    def _unplug(self) -> None:
        self.board.tell("unplugged")
        self._plugged = False

    def _still_there(self) -> None:
        if not self._plugged:
            self.board.queue.wait_until_idle()  # what it has it does: the supply feeds it too
            raise Unplugged


def _ticks(seconds: float) -> int:
    return round(seconds * TICKS)


def _version(text: str) -> Version:
    numbers = text.split(".")
    if len(numbers) != 3 or not all(one.isdecimal() for one in numbers):
        raise argparse.ArgumentTypeError("a firmware is X.Y.Z, as 2.8.1")
    return int(numbers[0]), int(numbers[1]), int(numbers[2])


def _area(text: str) -> tuple[float, float]:
    width, _, height = text.partition("x")
    try:
        return float(width), float(height)
    except ValueError as error:
        raise argparse.ArgumentTypeError("an area is WxH mm, as 300x218") from error
