"""Ports, at pseudo-terminals in place of cables."""

from __future__ import annotations

import errno
import os
import select
import sys
import termios
from collections.abc import Callable

import pytest
import serial

from plotsketch.errors import UserError
from plotsketch.plotter.port import SIMULATED, Port, PortLost

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


def opened() -> tuple[Port, int]:
    """A port, and the other end of its cable."""
    other, end = os.openpty()
    port = Port(SIMULATED + os.ttyname(end))
    os.close(end)
    return port, other


@pytest.mark.parametrize(
    "use",
    [
        lambda port: port.write(b"V"), lambda port: port.drain(), lambda port: port.discard(),
        lambda port: port.read(1), lambda port: port.read_until(b"x", 1),
    ],
)  # fmt: skip
def test_a_cable_that_is_pulled_is_a_lost_port_whatever_is_done(use: Callable[[Port], object]) -> None:
    port, other = opened()
    port.write(b"V")
    os.close(other)
    with pytest.raises(PortLost) as lost:
        use(port)
    assert str(lost.value) == f"{port.path} is gone: is the cable in, and the machine on?"
    port.close()
    port.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/tmp", "/tmp is a folder, and no port"), (SIMULATED, "'simulator:' names no port"), ("", "'' names no port"),
        ("/dev/null", "/dev/null is no serial port"), (SIMULATED + "/dev/nothing", "there is no port /dev/nothing"),
    ],
)  # fmt: skip
def test_what_is_no_port_is_said_in_one_line(name: str, words: str) -> None:
    with pytest.raises(UserError) as said:
        Port(name)
    assert str(said.value).startswith(words) and "Errno" not in str(said.value)


def test_a_signal_in_a_wait_for_the_line_is_no_lost_port(monkeypatch: pytest.MonkeyPatch) -> None:
    port, other = opened()
    waits = iter([termios.error(errno.EINTR, "Interrupted system call"), None])

    def drains(_port: object) -> None:
        if error := next(waits):
            raise error

    monkeypatch.setattr(serial.Serial, "flush", drains)
    port.drain()
    assert next(waits, "none") == "none"
    port.close()
    os.close(other)


def test_what_comes_in_is_read_by_lines_and_the_rest_kept() -> None:
    port, other = opened()
    port.read(0.01)  # makes the terminal raw
    os.write(other, b"one\rtwo")
    assert port.read_until(b"\r\n", 5) == b"one\r"
    assert port.read_until(b"\r\n", 0.05) == b"two"
    assert port.read_until(b"\r\n", 0.01) == b""
    os.write(other, b"three\nfour")
    assert port.read_until(b"\n", 5) == b"three\n"
    port.discard()
    assert port.read(0.05) == b""
    port.close()
    os.close(other)


def test_a_port_that_is_not_there_or_in_use_is_said() -> None:
    with pytest.raises(UserError, match="there is no port /dev/nothing"):
        Port("/dev/nothing")
    port, other = opened()
    with pytest.raises(UserError, match="in use by another program"):
        Port(port.path)
    port.close()
    os.close(other)


def test_a_machine_that_said_xoff_can_be_told_to_stop_all_the_same() -> None:
    other, end = os.openpty()
    port = Port(SIMULATED + os.ttyname(end), xonxoff=True)
    os.write(other, b"\x13")
    while select.select([other], [], [], 0)[0]:
        os.read(other, 64)
    assert not select.select([], [end], [], 0)[1], "the system would send although the machine said Xoff"
    port.drop()
    port.write(b"K")
    assert os.read(other, 4096) == b"K"
    port.close()
