"""The commands that an EiBotBoard answers at once: queries, settings, names and variables."""

from __future__ import annotations

from collections.abc import Callable

from plotsketch.plotter.simulators import ebb_moves as moves
from plotsketch.plotter.simulators.ebb_board import CURRENT, MOST_QUEUED, Board
from plotsketch.plotter.simulators.ebb_motion import TICKS
from plotsketch.plotter.simulators.ebb_syntax import FUTURE, Answer, Ending, Parameters, Refused, Version

MODEL = "EBBv13_and_above EB Firmware Version"


def version(board: Board, given: Parameters) -> Answer:
    given.end()
    return Answer(f"{MODEL} {'.'.join(map(str, board.firmware))}", Ending.CRLF)


def general(board: Board, given: Parameters) -> Answer:
    """QG: bits from 0: queue, motor 2, motor 1, executing, pen up, button; and of firmware 3 power lost, limit."""
    given.end()
    queue = board.queue
    first, second = queue.turning()
    bits = [queue.waiting > 0, second, first, queue.executing is not None, board.pen_up, board.button]
    # before firmware 3 bits 6 and 7 are inputs B2 and B5, which resistors hold high
    bits += [board.power_lost, False] if board.firmware >= FUTURE else [True, True]
    board.button = board.power_lost = False
    return Answer(f"{sum(bit << place for place, bit in enumerate(bits)):02X}", Ending.CRLF)


def motors(board: Board, given: Parameters) -> Answer:
    given.end()
    queue = board.queue
    first, second = queue.turning()
    numbers = ",".join(str(int(one)) for one in (queue.executing is not None, first, second, queue.waiting > 0))
    return Answer(numbers, Ending.LFCR, legacy=f"QM,{numbers}")


def position(board: Board, given: Parameters) -> Answer:
    given.end()
    return Answer(f"{board.queue.position[0]},{board.queue.position[1]}", Ending.LFCR_OK)


def clear_position(board: Board, given: Parameters) -> Answer:
    given.end()
    board.queue.position = [0, 0]
    return Answer()


def current(board: Board, given: Parameters) -> Answer:
    given.end()
    return Answer(f"{CURRENT:04},{board.supply:04}", Ending.CRLF_OK)


def enabled(board: Board, given: Parameters) -> Answer:
    given.end()
    resolution = 16 // board.queue.microstep
    return Answer(",".join(str(resolution if on else 0) for on in board.queue.enabled), Ending.CRLF_OK)


def button(board: Board, given: Parameters) -> Answer:
    given.end()
    pressed, board.button = board.button, False
    return Answer(str(int(pressed)), Ending.CRLF_OK)


def pen(board: Board, given: Parameters) -> Answer:
    given.end()
    return Answer(str(int(board.pen_up)), Ending.LFCR_OK)


def servo_power(board: Board, given: Parameters) -> Answer:
    given.end()
    return Answer(str(int(board.has_servo_power())), Ending.LFCR_OK)


def set_servo_power(board: Board, given: Parameters) -> Answer:
    """SR,milliseconds[,state]"""
    board.servo_timeout = given.number(0, 2**32 - 1)
    state = given.maybe(0, 1, int(board.servo_on))
    given.end()
    board.servo_last = board.queue.now
    board.switch_servo(bool(state))
    return Answer()


def set_variable(board: Board, given: Parameters) -> Answer:
    """SL,value[,index]: one variable up to 127 before firmware 3."""
    modern = board.firmware >= FUTURE
    value, index = given.number(0, 255 if modern else 127), given.maybe(0, 31, 0) if modern else 0
    given.end()
    board.variables[index] = value
    return Answer()


def variable(board: Board, given: Parameters) -> Answer:
    index = given.maybe(0, 31, 0) if board.firmware >= FUTURE else 0
    given.end()
    return Answer(str(board.variables[index]), Ending.CRLF_OK)


def set_nickname(board: Board, given: Parameters) -> Answer:
    board.nickname = given.text(16)
    return Answer()


def nickname(board: Board, given: Parameters) -> Answer:
    given.end()
    return Answer(board.nickname, Ending.CRLF_OK)


def utility(board: Board, given: Parameters) -> Answer:
    """QU,number. Answers are those of 3.0.2 and later; what the first two releases of firmware 3 said is not known."""
    number = given.number(0, 255)
    given.end()
    values: dict[int, Callable[[], str]] = {
        1: lambda: "00",
        2: lambda: str(MOST_QUEUED),
        3: lambda: str(board.queue.depth),
        60: lambda: str(board.threshold),
        61: lambda: str(board.idle_off_s),
        200: lambda: f"{board.queue.settled[0]},{board.queue.settled[1]}",
    }
    if board.firmware >= (3, 0, 1):
        values[6] = lambda: f"{board.queue.waiting:02}"
    if number not in values:
        raise Refused("!6 Err: Invalid parameter value")
    value = values[number]()
    return Answer(value, Ending.CRLF_OK, legacy=f"QU,{value}")


def configure(board: Board, given: Parameters) -> Answer:
    """CU,number,value"""
    number, value = given.number(0, 65535), given.number(-32768, 65535)
    given.end()
    if number == 1:
        board.syntax.ok = bool(value)
    elif number == 2:
        board.checks = bool(value)
    elif board.firmware < FUTURE or number not in MODERN:
        raise Refused("!6 Err: Invalid parameter value")
    else:
        return MODERN[number](board, number, value)
    return Answer()


def _red_light(board: Board, number: int, value: int) -> Answer:
    board.tell(f"the red light tells of an empty queue: {'yes' if value else 'no'}")
    return Answer()


def _depth(board: Board, number: int, value: int) -> Answer:
    if value < 1:
        raise Refused("!6 Err: Invalid parameter value")
    board.room(board.queue.wait_until_idle)
    board.queue.depth = min(value, MOST_QUEUED)
    return Answer()


def _future(board: Board, number: int, value: int) -> Answer:
    """CU,10: half of the answer is in the old syntax and half in the new (ebb.html)."""
    before, after = board.syntax.future, bool(value)
    board.syntax.future = after
    return Answer() if before == after else Answer(raw="\n" if after else "CUOK\r\n")


def _auto_enable(board: Board, number: int, value: int) -> Answer:
    board.auto_enable = bool(value)
    return Answer()


def _limit(board: Board, number: int, value: int) -> Answer:
    if not 0 <= value <= 255:
        raise Refused("!6 Err: Invalid parameter value")
    board.limits[number] = value
    return Answer()


def _checksums(board: Board, number: int, value: int) -> Answer:
    board.syntax.checksums = bool(value)
    return Answer()


def _threshold(board: Board, number: int, value: int) -> Answer:
    if not 0 <= value <= 1023:
        raise Refused("!6 Err: Invalid parameter value")
    board.set_threshold(value)
    return Answer()


def _idle_off(board: Board, number: int, value: int) -> Answer:
    if not 0 <= value <= 65534:
        raise Refused("!6 Err: Invalid parameter value")
    board.idle_off_s = value
    board.queue.idle_off = value * TICKS
    if not board.queue.is_busy:
        board.queue.idle_since = board.queue.now
    return Answer()


MODERN: dict[int, Callable[[Board, int, int], Answer]] = {
    3: _red_light, 4: _depth, 10: _future, 50: _auto_enable, 51: _limit, 52: _limit, 53: _limit, 54: _checksums,
    60: _threshold, 61: _idle_off,
}  # fmt: skip


# SC,2,0 drives the motors on the board, as it does anyway; SC,13 is for a second button, on an input.
HARMLESS = {(2, 0), (13, 0), (13, 1)}


def configure_pen(board: Board, given: Parameters) -> Answer:
    """SC,number,value"""
    number, value = given.number(0, 255), given.number(0, 65535)
    given.end()
    channels = 8 if board.firmware >= FUTURE else 24
    low, high = {1: (0, 2), 2: (0, 2), 4: (1, 65535), 5: (1, 65535), 8: (1, channels), 9: (1, 6)}.get(
        number, (0, 65535)
    )
    if not low <= value <= high:
        raise Refused("!6 Err: Invalid parameter value")
    fields = {
        1: ["mechanism"], 4: ["up"], 5: ["down"], 8: ["channels"], 9: ["channel_ms"], 10: ["rate_up", "rate_down"],
        11: ["rate_up"], 12: ["rate_down"],
    }  # fmt: skip
    if number not in fields and (number, value) not in HARMLESS:
        board.complain(f"SC,{number} sets nothing on this simulated board")
    for name in fields.get(number, []):
        setattr(board.settings, name, value)
    return Answer()


def restart(board: Board, given: Parameters) -> Answer:
    given.end()
    board.reset("R: reset")
    return Answer()


def reboot(board: Board, given: Parameters) -> Answer:
    given.end()
    board.reset("RB: reboot")
    return Answer(raw="")


Handler = Callable[[Board, Parameters], Answer]

# Each command and the first firmware that has it (ebb.html, EBBReleaseNotes.html).
COMMANDS: dict[str, tuple[Version, Handler]] = {
    "V": ((0, 0, 0), version), "R": ((0, 0, 0), restart), "RB": ((2, 5, 4), reboot),
    "SM": ((0, 0, 0), moves.stepper_move), "XM": ((2, 3, 0), moves.mixed_move),
    "LM": ((2, 5, 3), moves.low_level_move), "LT": ((2, 7, 0), moves.timed_move), "HM": ((2, 6, 2), moves.home),
    "EM": ((0, 0, 0), moves.enable_motors), "ES": ((2, 2, 7), moves.stop),
    "SP": ((0, 0, 0), moves.set_pen), "TP": ((1, 9, 0), moves.toggle_pen), "S2": ((2, 2, 0), moves.general_servo),
    "SC": ((0, 0, 0), configure_pen), "SR": ((2, 6, 0), set_servo_power), "QR": ((2, 6, 0), servo_power),
    "CS": ((2, 4, 3), clear_position), "QS": ((2, 4, 3), position), "QM": ((2, 4, 4), motors),
    "QG": ((2, 6, 2), general), "QB": ((1, 9, 2), button), "QP": ((1, 9, 0), pen), "QC": ((2, 2, 3), current),
    "QE": ((2, 8, 0), enabled), "SL": ((1, 9, 2), set_variable), "QL": ((1, 9, 2), variable),
    "ST": ((2, 5, 4), set_nickname), "QT": ((2, 5, 4), nickname), "CU": ((0, 0, 0), configure),
    "QU": ((3, 0, 0), utility),
}  # fmt: skip

# Queries of a state that changes by itself: asked again and again, they are a host that waits.
STATES = frozenset({"QG", "QM", "QS", "QP", "QB", "QU"})
