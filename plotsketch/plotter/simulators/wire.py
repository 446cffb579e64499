"""The wire that all simulated machines hang on: a pseudo-terminal, served by a process of its own.

A machine is pure: bytes in, bytes out, and a simulated clock. `serve` gives it a port; `running` starts the process
that does so, for tests and for ``--port simulator``.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from plotsketch.errors import UserError
from plotsketch.files import write_atomically

CHUNK = 4096  # bytes: what a pseudo-terminal hands over at once
BACKLOG = 65536  # bytes: what is kept for a host that does not read; a machine too drops what nobody fetches
TICK = 0.02  # seconds of the wall clock between two looks at a paced machine
START_S = 60.0  # how long a simulator may take to start, and to write its trace, on a computer that is very busy
PORT = "simulator:"  # before the path of a simulator's pseudo-terminal (`plotsketch.plotter.port.SIMULATED`)


class Unplugged(Exception):
    """Raised by a machine's `receive` or `pass_time` when its cable is pulled: it never answers again."""


class Machine(Protocol):
    """A simulated machine. Its time goes on in `receive` alone, or, for people to watch, in `pass_time`."""

    @property
    def seconds(self) -> float:
        """Simulated seconds since it was switched on; never goes back."""

    def receive(self, data: bytes) -> bytes:
        """What comes back for bytes that came over the wire, in pieces of any size. The clock is then where the last
        byte has been taken and answered. Raises Unplugged."""

    def pass_time(self, until: float) -> bytes:
        """Lets time go on to `until` simulated seconds with nothing coming in (no further back than now); what the
        machine says by itself meanwhile. Called only when paced. Raises Unplugged."""

    def trace(self) -> dict[str, Any]:
        """What has happened, as JSON: ``kind``, ``seconds``, ``ink`` (polylines), ``errors``, ``events``, ..."""

    # It may have ``hello() -> bytes``, which is told of a host that has opened the port, the first or another one, and
    # gives what the machine says to it.


def serve(
    machine: Machine,
    *,
    link: Path | None = None,
    trace: Path | None = None,
    paced: float | None = None,
    ready: Callable[[str], None] | None = None,
    lifeline: int | None = None,
) -> None:
    """Serves a machine at a pseudo-terminal until SIGTERM or SIGINT; prints nothing. For a process of its own.

    The terminal stays while hosts come, are killed and come back. SIGUSR1 writes the trace and goes on.

    Args:
        link: becomes a symbolic link to the terminal; removed at the end.
        trace: where the machine's trace is written, whole or not at all.
        paced: None runs as fast as it can; a number lets simulated time pass at that many times the wall clock.
        ready: called with the terminal's path once hosts may come.
        lifeline: a file descriptor at whose end (when the process at its other side is gone) serving ends too.

    Raises UserError when there is no pseudo-terminal to be had, or the link cannot be made.
    """
    wire = _Wire(machine, paced)
    with _signals() as signals, _linked(link, wire.path):
        if ready is not None:
            ready(wire.path)
        serving = True
        while serving:
            come = wire.turn([signals, *([] if lifeline is None else [lifeline])])
            asked = os.read(signals, 64) if signals in come else b""
            serving = not (signal.SIGTERM in asked or signal.SIGINT in asked)
            if lifeline in come and lifeline is not None and not os.read(lifeline, 64):
                serving = False
            if trace is not None and (asked or not serving):
                write_atomically(trace, json.dumps(machine.trace()).encode())


@dataclass
class Running:
    """A simulator at work in a process of its own. ``port`` is what `plotsketch.plotter.port.Port` takes."""

    port: str
    pid: int
    _process: subprocess.Popen[bytes] = field(repr=False)
    _trace: Path = field(repr=False)
    _errors: Path = field(repr=False)

    def trace(self) -> dict[str, Any]:
        """What has happened up to now; after `stop`, up to the end. Raises UserError if the simulator broke down."""
        if self._process.poll() is None:
            self._trace.unlink(missing_ok=True)
            self._process.send_signal(signal.SIGUSR1)
            self._wait(lambda: self._trace.exists() or self._process.poll() is not None)
        if not self._trace.exists() or self._process.poll():
            raise UserError(f"the simulator broke down: {_last_line(self._errors)}")
        read: dict[str, Any] = json.loads(self._trace.read_bytes())
        return read

    def stop(self) -> None:
        """Ends the process, which writes its trace; no second call is needed, none does harm."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(START_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + START_S
        while not until():
            if time.monotonic() > end:
                raise UserError(f"the simulator (process {self.pid}) does not answer; is the computer overloaded?")
            time.sleep(0.002)


@contextlib.contextmanager
def running(kind: str, **options: object) -> Iterator[Running]:
    """A simulator in a process of its own, which ends with the block, or with this program however that ends.

    Args:
        kind: ebb, hp7475a, hp7550a or grbl.
        options: those of ``python -m plotsketch.plotter.simulators``, with _ for -: ``firmware="2.8.1"``. True gives a
            bare option, None and False none, a list or tuple the option several times.

    Raises UserError when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="plotsketch-simulator-") as folder:
        trace, errors = Path(folder, "trace.json"), Path(folder, "stderr")
        command = [sys.executable, "-m", "plotsketch.plotter.simulators", kind, "--trace", str(trace), "--lifeline"]
        with errors.open("wb") as stderr:
            process = subprocess.Popen(
                [*command, *_words(options)],
                stdin=subprocess.PIPE,  # the lifeline: it closes when this program ends, even by kill -9
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,  # Ctrl-C is the host's, not the machine's
            )
        simulator = Running("", process.pid, process, trace, errors)
        try:
            simulator.port = PORT + _slave(process, errors)
            yield simulator
        finally:
            simulator.stop()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


class _Wire:
    """Bytes to and fro between a machine and its pseudo-terminal."""

    def __init__(self, machine: Machine, paced: float | None) -> None:
        self._machine, self._paced = machine, paced
        self._master, self._slave = _pseudo_terminal()
        self.path = os.ttyname(self._slave)
        self._answer = b""  # what is still to be sent
        self._plugged = True
        # Who wants to know of a new host must see the port without one, and so must not hold it open.
        self._hello: Callable[[], bytes] | None = getattr(machine, "hello", None)
        self._has_host = self._hello is None
        if self._hello is not None:
            os.close(self._slave)
        self._zero = time.monotonic()

    def turn(self, others: list[int]) -> list[int]:
        """Waits until something comes, and sees to the machine's part of it; which of `others` can be read."""
        self._look_for_host()
        works = self._plugged and self._has_host and not self._is_ahead()
        readers = [*others, self._master] if works else others
        writers = [self._master] if works and self._answer else []
        waits = None if self._paced is None and (self._has_host or not self._plugged) else TICK
        come, free, _ = select.select(readers, writers, [], waits)
        try:
            if self._plugged and self._paced is not None:
                self._keep(self._machine.pass_time(max(self._wall(), self._machine.seconds)))
            if self._master in free:
                self._send()
            if self._master in come:
                self._keep(self._machine.receive(_read(self._master)))
                if not self._is_ahead():
                    self._send()
        except Unplugged:
            self._unplug()
        return [one for one in come if one in others]

    def _look_for_host(self) -> None:
        """Tells the machine of a host that has opened the port: an Arduino is reset by it."""
        if self._hello is None or not self._plugged:
            return
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        state = dict(poll.poll(0)).get(self._master, 0)
        if state & select.POLLIN and state & select.POLLHUP:
            return  # what the last host wrote comes first
        if not self._has_host and not state & select.POLLHUP:
            self._answer = self._hello()
        self._has_host = not state & select.POLLHUP

    def _wall(self) -> float:
        return (time.monotonic() - self._zero) * (self._paced or 0.0)

    def _is_ahead(self) -> bool:
        """Whether the machine's clock is ahead of a paced wall clock: what it says is not to be heard yet."""
        return self._paced is not None and self._machine.seconds > self._wall()

    def _keep(self, answer: bytes) -> None:
        self._answer = (self._answer + answer)[-BACKLOG:]

    def _send(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._answer:
                self._answer = self._answer[os.write(self._master, self._answer) :]

    def _unplug(self) -> None:
        # a slave that is held stays open, else its number could be given to another program's terminal
        self._plugged, self._answer = False, b""
        os.close(self._master)


def _read(master: int) -> bytes:
    try:
        return os.read(master, CHUNK)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EIO):  # nothing there; the host has closed the port
            return b""
        raise


def _pseudo_terminal() -> tuple[int, int]:
    """Master and slave, raw. Raises UserError where the system has none."""
    try:
        import tty

        master, slave = os.openpty()
    except (ImportError, AttributeError, OSError) as error:
        raise UserError(
            f"no pseudo-terminal for a simulator ({error}); it needs Linux, macOS or another Unix"
        ) from error
    tty.setraw(slave)
    os.set_blocking(master, False)
    return master, slave


@contextlib.contextmanager
def _signals() -> Iterator[int]:
    """A file descriptor from which the numbers of the signals come that a server answers."""
    end, start = os.pipe()
    os.set_blocking(start, False)
    before = signal.set_wakeup_fd(start)
    handlers = {one: signal.signal(one, lambda *_: None) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)}
    try:
        yield end
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)
        signal.set_wakeup_fd(before)
        os.close(end)
        os.close(start)


@contextlib.contextmanager
def _linked(link: Path | None, path: str) -> Iterator[None]:
    if link is None:
        yield
        return
    try:
        if link.is_symlink():
            link.unlink()  # left by a simulator that was killed
        link.symlink_to(path)
    except OSError as error:
        raise UserError(f"cannot make the link {link}: {error.strerror or error}") from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if os.readlink(link) == path:
                link.unlink()


def _words(options: dict[str, object]) -> list[str]:
    words: list[str] = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, list | tuple) else [value]:
            if one is True:
                words.append(option)
            elif one is not None and one is not False:
                words.append(f"{option}={one}")
    return words


def _slave(process: subprocess.Popen[bytes], errors: Path) -> str:
    """The path that a simulator prints once it is ready."""
    assert process.stdout is not None
    come, _, _ = select.select([process.stdout], [], [], START_S)
    line = process.stdout.readline().decode().strip() if come else ""
    if not line:
        raise UserError(f"the simulator did not start: {_last_line(errors)}")
    return line


def _last_line(errors: Path) -> str:
    lines = errors.read_text(errors="replace").split("\n") if errors.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
