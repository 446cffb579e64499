"""The commands that go through an EiBotBoard's motion queue: moves, pen lifts, motors on and off."""

from __future__ import annotations

from collections.abc import Callable

from plotsketch.plotter.simulators.ebb_board import Board
from plotsketch.plotter.simulators.ebb_motion import (
    FULL,
    TICKS,
    Axis,
    Move,
    in_milliseconds,
    limited_by_steps,
    limited_by_time,
    pause,
)
from plotsketch.plotter.simulators.ebb_queue import Item
from plotsketch.plotter.simulators.ebb_syntax import FUTURE, Answer, Ending, Parameters, Refused

LONG = 2**31  # the bound of a signed number of 32 bits
MEDIUM = 2**24 - 1  # of one of 24
CLEAR = (2, 7, 0)  # the first firmware with the mask that clears accumulators, and with the rewritten LM
SLOWEST = 1.31  # steps a second: of SM before firmware 3
DELAY_MS = 100_000  # the longest delay of firmware 3
HOME_MS = 5  # before HM begins to move
HOME_FAR = 4_294_967  # steps: the furthest of HM before firmware 3
MILLISECOND = TICKS // 1000


def stepper_move(board: Board, given: Parameters) -> Answer:
    """SM,duration,steps1[,steps2[,clear]]"""
    most = _most(board)
    duration, first = given.number(1, 2**32 - 1 if board.firmware >= FUTURE else MEDIUM), given.number(-most, most)
    second = given.maybe(-most, most, 0)
    return _even(board, duration, (first, second), _clear(board, given))


def mixed_move(board: Board, given: Parameters) -> Answer:
    """XM,duration,a,b[,clear]: motors turn a + b and a - b."""
    most = _most(board)
    duration = given.number(1, LONG - 1 if board.firmware >= FUTURE else MEDIUM)
    first, second = given.number(-most, most), given.number(-most, most)
    return _even(board, duration, (first + second, first - second), _clear(board, given))


def low_level_move(board: Board, given: Parameters) -> Answer:
    """LM,rate1,steps1,accel1,rate2,steps2,accel2[,clear]"""
    lowest = -LONG if board.firmware >= FUTURE else 0
    first = given.number(lowest, LONG - 1), given.number(-LONG, LONG - 1), given.number(-LONG, LONG - 1)
    second = given.number(lowest, LONG - 1), given.number(-LONG, LONG - 1), given.number(-LONG, LONG - 1)
    clear = _clear(board, given)
    board.room()
    halves = board.firmware >= CLEAR
    starts = _starts(board, clear)
    axes = [
        limited_by_steps(start, *three, halves=halves) for start, three in zip(starts, (first, second), strict=True)
    ]
    for axis, three in zip(axes, (first, second), strict=True):
        if three[1] and axis.steps == 0:
            board.complain(f"LM cannot do {three[1]} steps at rate {three[0]} and acceleration {three[2]}")
    return _queue(board, "LM", Move((axes[0], axes[1])))


def timed_move(board: Board, given: Parameters) -> Answer:
    """LT,intervals,rate1,accel1,rate2,accel2[,clear]"""
    ticks = given.number(0, 2**32 - 1)
    first = given.number(-LONG, LONG - 1), given.number(-LONG, LONG - 1)
    second = given.number(-LONG, LONG - 1), given.number(-LONG, LONG - 1)
    clear = _clear(board, given)
    board.room()
    starts = _starts(board, clear)
    axes = limited_by_time(starts[0], ticks, *first), limited_by_time(starts[1], ticks, *second)
    return _queue(board, "LT", Move(axes))


def home(board: Board, given: Parameters) -> Answer:
    """HM,frequency[,position1,position2]: after all else, to a place that the step counters know."""
    queue = board.queue
    hertz = given.number(2, TICKS)
    far = LONG - 1 if board.firmware >= FUTURE else HOME_FAR
    target = (0, 0)
    if not given.is_empty and board.firmware >= CLEAR:
        target = given.number(-far, far), given.number(-far, far)
    given.end()
    board.room(queue.wait_until_idle)
    way = [target[motor] - queue.position[motor] for motor in (0, 1)]
    longest = max(abs(one) for one in way)
    if longest > far:
        raise Refused("!6 Err: Invalid parameter value")
    milliseconds = max(round(longest * 1000 / hertz), 1)
    if longest * 1000 > milliseconds * TICKS:
        milliseconds += 1
    starts = queue.accumulators
    axes = in_milliseconds(starts[0], milliseconds, way[0]), in_milliseconds(starts[1], milliseconds, way[1])
    return _queue(board, "HM", Move(axes, HOME_MS * MILLISECOND))


def set_pen(board: Board, given: Parameters) -> Answer:
    """SP,state[,delay[,pin]]; 2 and 3 lift at once since firmware 3.0.1."""
    state = given.number(0, 3 if board.firmware >= (3, 0, 1) else 1)
    delay, pin = given.maybe(0, 65535, 0), given.maybe(0, 7, 1)
    given.end()
    if state >= 2:
        return _lift_now(board, pin + 3, forever=state == 3)
    return _pen(board, up=state == 1, delay=delay, rp=pin + 3)


def toggle_pen(board: Board, given: Parameters) -> Answer:
    """TP[,delay]"""
    delay = given.maybe(0, 65535, 0)
    given.end()
    return _pen(board, up=not board.pen_up, delay=delay, rp=4)


def general_servo(board: Board, given: Parameters) -> Answer:
    """S2,width,RP number[,rate[,delay]]; a width of 0 stops its pulses at once."""
    width, rp = given.number(0, 65535), given.number(0, 24)
    rate, delay = given.maybe(0, 65535, 0), given.maybe(0, 65535, 0)
    given.end()
    if width == 0:
        servo = board.servo(rp)
        servo.send(servo.width, 0)
        return Answer()
    board.room()
    item = Item("S2", 0, 0, pause(board.queue.accumulators, delay * MILLISECOND))

    def begin() -> None:
        if board.servo(rp) is board.queue.servo:
            board.queue.height = board.settings.paper()
        board.send_servo(rp, width, rate)

    item.begin = begin
    board.queue.put(item, delay * MILLISECOND)
    return Answer()


def enable_motors(board: Board, given: Parameters) -> Answer:
    """EM,mode1[,mode2]: through the queue since 2.8.0, at once before."""
    first, second = given.number(0, 5), given.maybe(0, 5, -1)
    given.end()

    def begin() -> None:
        queue = board.queue
        if any(queue.turning()):
            board.complain("EM while the motors turn: steps are lost")
        if first:
            queue.microstep = 1 << (first - 1)
        if board.firmware >= (2, 6, 2):
            queue.position = [0, 0]
        if board.firmware >= CLEAR:
            queue.settled = (0, 0)
        queue.enable(first > 0, queue.enabled[1] if second < 0 else second > 0)
        board.limits[51] = 0
        board.tell(f"EM,{first},{second}" if second >= 0 else f"EM,{first}")

    if board.firmware < (2, 8, 0):
        begin()
        if not board.queue.is_busy:
            board.queue.accumulators = board.queue.settled
        return Answer()
    board.room()
    item = Item("EM", 0, 0, begin=begin)
    board.queue.accumulators = (0, 0)
    board.queue.put(item, 0)
    return Answer()


def stop(board: Board, given: Parameters) -> Answer:
    """ES[,1]: motors stand at once, the queue is forgotten; 1 lets the motors go (since 2.8.0)."""
    let_go = given.maybe(0, 1, 0) if board.firmware >= (2, 8, 0) else 0
    given.end()
    queue = board.queue
    numbers = _left(board)
    speed = 0.0
    if queue.executing is not None and queue.executing.move is not None:
        speed = max(abs(one) for one in queue.executing.move.hertz(queue.now - queue.executing.start))
    interrupted = queue.flush()
    board.tell(f"ES: {'stopped at ' + format(speed, '.0f') + ' steps/s' if interrupted else 'nothing to stop'}")
    if let_go:
        queue.enable(False, False)
    data = str(int(interrupted)) if board.firmware >= FUTURE else ",".join(map(str, [int(interrupted), *numbers]))
    return Answer(data, Ending.LFCR_OK)


def _left(board: Board) -> list[int]:
    """Steps of the move that waits, and of the one that is done: what ES told before firmware 3."""
    queue = board.queue
    item = queue.executing
    moving = item.move if item is not None else None
    rest = [0, 0]
    if item is not None and moving is not None:
        ends, now = moving.moved(moving.ticks), moving.moved(queue.now - item.start)
        rest = [abs(ends[motor] - now[motor]) for motor in (0, 1)]
    waiting = next((one.move for one in queue.items if one.start > queue.now and one.move is not None), None)
    queued = (0, 0) if waiting is None else waiting.moved(waiting.ticks)
    return [abs(queued[0]), abs(queued[1]), *rest]


def _even(board: Board, duration: int, steps: tuple[int, int], clear: int) -> Answer:
    """A move at an even speed, or a delay."""
    if steps == (0, 0) and board.firmware >= FUTURE:
        duration = min(duration, DELAY_MS)
    if board.firmware < FUTURE and board.checks:
        for axis, count in enumerate(steps, start=1):
            hertz = abs(count) * 1000 / duration
            if hertz > TICKS:
                raise Refused(f"!0 Err: <axis{axis}> step rate too high")
            if 0 < hertz < SLOWEST:
                raise Refused(f"!0 Err: <axis{axis}> step rate too low")
    elif max(abs(one) for one in steps) > duration * MILLISECOND:
        board.complain(f"SM,{duration},{steps[0]},{steps[1]} is over 25,000 steps/s: it will take longer")
    board.room()
    starts = _starts(board, clear)
    if steps == (0, 0):
        return _queue(board, "SM", pause(starts, duration * MILLISECOND))
    axes = in_milliseconds(starts[0], duration, steps[0]), in_milliseconds(starts[1], duration, steps[1])
    return _queue(board, "SM", Move(axes))


def _queue(board: Board, name: str, move: Move) -> Answer:
    queue = board.queue
    answer = Answer(ending=Ending.OK_TURNED if name in ("LM", "LT") and board.firmware < FUTURE else Ending.OK)
    if board.limits[51] and move.is_motion:
        board.tell(f"{name} with limit switches armed, of which there are none here")
    for motor, axis in enumerate(move.axes, start=1):
        _check(board, name, motor, axis)
    if move.ticks > 0:
        queue.put(Item(name, 0, 0, move, _enabler(board, move)), move.ticks)
    return answer


def _check(board: Board, name: str, motor: int, axis: Axis) -> None:
    if axis.wraps:
        last = axis.rate + axis.accel * axis.done
        what = "passes 25,000 steps/s" if max(axis.rate, last) >= FULL else "falls below 0 and is rolled over"
        board.complain(f"the rate of motor {motor} {what} in {name}")


def _enabler(board: Board, move: Move) -> Callable[[], None]:
    def begin() -> None:
        if board.auto_enable and move.is_motion:
            board.queue.enable(True, True)
            if (2, 6, 0) <= board.firmware < (2, 6, 5):
                board.power_servo()  # release notes of 2.6.5: before it, motors' moves powered the servo too

    return begin


def _pen(board: Board, *, up: bool, delay: int, rp: int) -> Answer:
    board.room()
    settings, queue = board.settings, board.queue
    item = Item("SP", 0, 0, pause(queue.accumulators, delay * MILLISECOND))
    item.target = settings.up if up else settings.down
    rate = settings.rate_up if up else settings.rate_down
    height = settings.paper()

    def begin() -> None:
        board.lifts += up and not board.pen_up
        board.pen_up = up
        if not up:
            queue.height = height
        if settings.mechanism:
            board.send_servo(rp, item.target, rate)

    item.begin = begin
    queue.put(item, delay * MILLISECOND)
    return Answer()


def _lift_now(board: Board, rp: int, *, forever: bool) -> Answer:
    """SP,2, and SP,3: then nothing that is queued lowers the pen again."""
    settings = board.settings
    board.lifts += not board.pen_up
    board.pen_up = True
    board.send_servo(rp, settings.up, settings.rate_up)
    if forever:
        settings.down = settings.up
        for item in board.queue.items:
            item.target = settings.up
    return Answer()


def _most(board: Board) -> int:
    return LONG - 1 if board.firmware >= FUTURE else MEDIUM


def _clear(board: Board, given: Parameters) -> int:
    clear = given.maybe(0, 3, 0) if board.firmware >= CLEAR else 0
    given.end()
    return clear


def _starts(board: Board, clear: int) -> tuple[int, int]:
    first, second = board.queue.accumulators
    return 0 if clear & 1 else first, 0 if clear & 2 else second
