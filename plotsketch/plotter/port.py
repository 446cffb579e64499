"""A serial port: bytes out, bytes in, and time that passes in between.

Drivers wait by the port's clock alone. At a simulator, which has a clock of its own, nothing is waited for, so that a
plot of an hour is simulated in seconds.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from plotsketch.errors import UserError

SIMULATED = "simulator:"  # before the path of a simulator's pseudo-terminal
EBB_USB = (0x04D8, 0xFD92)  # vendor and product of an EiBotBoard
EBB_NAME = "EiBotBoard"
XOFF = 3600.0  # seconds: a plotter that has said Xoff may be drawing a long line, or somebody has paused it
STUCK = 30.0  # seconds in which a simulator, which waits for nobody, takes what is written
SLICE = 0.2  # seconds: the longest that one call of the system waits, so that Ctrl-C is answered


class PortLost(UserError):
    """The port is gone: the cable was pulled, or the machine's power cut."""


@dataclass(frozen=True)
class Found:
    """A serial port of this computer. ``is_ebb``: by its USB numbers or its name it is an EiBotBoard."""

    path: str
    description: str
    is_ebb: bool


class Port:
    """An open serial port, or a simulator's pseudo-terminal (``simulator:/dev/pts/3``).

    Args:
        path: the device, ``/dev/ttyACM0`` or ``COM3``.
        baud: bits a second, 8N1.
        xonxoff: whether the system keeps Xon/Xoff.

    Raises UserError, with what to do, for a port that cannot be opened.
    """

    def __init__(self, path: str, baud: int = 9600, *, xonxoff: bool = False) -> None:
        self.is_simulated = path.startswith(SIMULATED)
        self.path = path.removeprefix(SIMULATED)
        self._pending = b""
        _check_name(path, self.path)
        serial = _pyserial()
        patience = STUCK if self.is_simulated else XOFF
        try:
            # exclusive: two programs that write to one plotter spoil both plots
            self._serial: Any = serial.Serial(
                self.path, baud, timeout=SLICE, write_timeout=patience, xonxoff=xonxoff, exclusive=True
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise UserError(_cannot_open(self.path, error)) from error

    def write(self, data: bytes) -> None:
        """Hands all of `data` to the system. Raises PortLost."""
        with self._guarded():
            self._serial.write(data)

    def drain(self) -> None:
        """Returns when the system has sent all that was written. Raises PortLost."""
        with self._guarded():
            while not self._has_drained():
                pass

    def _has_drained(self) -> bool:
        """Waits for it; False where a signal came first, as Ctrl-C does in a wait of seconds at 9600 baud."""
        try:
            self._serial.flush()
        except _losses() as error:
            if error.args[:1] != (errno.EINTR,):
                raise
            return False
        return True

    def read(self, timeout: float) -> bytes:
        """What has come in, at least a byte; empty when nothing comes for `timeout` seconds. Raises PortLost."""
        if self._pending:
            data, self._pending = self._pending, b""
            return data
        end = time.monotonic() + timeout
        with self._guarded():
            while True:
                self._serial.timeout = min(max(end - time.monotonic(), 0.0), SLICE)
                data = bytes(self._serial.read(max(self._serial.in_waiting, 1)))
                if data or time.monotonic() >= end:
                    return data

    def read_until(self, ends: bytes, timeout: float) -> bytes:
        """What comes in up to the first byte that is one of `ends`, and that byte; what has come when the time is up.

        Bytes after that one stay for the next read. Raises PortLost.
        """
        data, end = b"", time.monotonic() + timeout
        while True:
            data += self.read(max(end - time.monotonic(), 0.0))
            stops = [data.index(byte) + 1 for byte in (bytes([one]) for one in ends) if byte in data]
            if stops:
                first = min(stops)
                data, self._pending = data[:first], data[first:] + self._pending
                return data
            if time.monotonic() >= end:
                return data

    def discard(self) -> None:
        """Forgets what has come in unread."""
        self._pending = b""
        with self._guarded():
            self._serial.reset_input_buffer()

    def drop(self) -> None:
        """Forgets what was written and has not left yet, and lets what follows go although the machine said Xoff."""
        with self._guarded():
            self._serial.reset_output_buffer()
            if hasattr(self._serial, "set_output_flow_control"):
                # Linux starts again only what was stopped in this way, and not by an Xoff (tty_ioctl.c, TCXONC)
                self._serial.set_output_flow_control(False)
                self._serial.set_output_flow_control(True)

    def sleep(self, seconds: float) -> None:
        """Lets time pass; at a simulator none does."""
        if seconds > 0 and not self.is_simulated:
            time.sleep(seconds)

    def close(self) -> None:
        with contextlib.suppress(*_losses()):
            self._serial.close()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except _pyserial().SerialTimeoutException as error:
            raise PortLost(f"{self.path} takes nothing any more: is the machine on, and not paused?") from error
        except _losses() as error:
            raise PortLost(f"{self.path} is gone: is the cable in, and the machine on?") from error


def find_ports() -> list[Found]:
    """The serial ports of this computer, EiBotBoards first."""
    _pyserial()
    from serial.tools.list_ports import comports

    found = [
        Found(
            port.device,
            port.description or port.device,
            (port.vid, port.pid) == EBB_USB or (port.description or "").startswith(EBB_NAME),
        )
        for port in comports()
    ]
    return sorted(found, key=lambda port: (not port.is_ebb, port.path))


def _pyserial() -> ModuleType:
    import serial

    module: ModuleType = serial
    return module


def _losses() -> tuple[type[Exception], ...]:
    """What is raised where a port is gone. What the system says to a drain or a discard, which is no OSError, pyserial
    lets through."""
    losses: list[type[Exception]] = [_pyserial().SerialException, OSError]
    with contextlib.suppress(ImportError):  # Windows has none
        import termios

        losses.append(termios.error)
    return tuple(losses)


def _check_name(said: str, path: str) -> None:
    """Raises UserError for what can be no port, whatever the system would say to it."""
    if not path.strip():
        raise UserError(f"'{said}' names no port; write one such as /dev/ttyUSB0, or `simulator` alone to try it")
    if os.path.isdir(path):
        raise UserError(f"{path} is a folder, and no port; `plotsketch machines` lists those that there are")


def _cannot_open(path: str, error: Exception) -> str:
    number = _number(error)
    if number == 13:
        return f"you may not open {path}: add yourself to its group (often dialout), and log in again"
    if number == 2:
        return f"there is no port {path}; `plotsketch machines` lists those that there are"
    if number in (11, 16, 35):
        return f"{path} is in use by another program; close that one first"
    if number in (errno.ENOTTY, errno.EINVAL):
        return f"{path} is no serial port; `plotsketch machines` lists those that there are"
    return f"cannot open {path}: {os.strerror(number) if number else error}"


def _number(error: BaseException) -> int | None:
    """The system's number of an error; pyserial hides that of a port that takes no settings behind its own words."""
    found = getattr(error, "errno", None)
    if found is None and error.__context__ is not None:
        found = next(iter(error.__context__.args), None)
    return found if isinstance(found, int) else None
