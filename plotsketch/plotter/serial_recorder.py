"""A port that leads nowhere: it keeps what is written and answers as a healthy machine would."""

from __future__ import annotations

from collections.abc import Callable

from plotsketch.plotter.port import Port

NOWHERE = "a file"


class Recorder(Port):
    """``data``: all that was written. ``answer``: what a machine sends back for bytes that it gets."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:  # no port is opened
        self.is_simulated = True  # so that nobody waits
        self.path = NOWHERE
        self.data = bytearray()
        self._answer = answer
        self._pending = b""

    def heard(self, data: bytes) -> None:
        """What the machine says by itself."""
        self._pending += data

    def write(self, data: bytes) -> None:
        self.data += data
        self._pending += self._answer(data)

    def drain(self) -> None:
        pass

    def read(self, timeout: float) -> bytes:
        data, self._pending = self._pending, b""
        return data

    def discard(self) -> None:
        self._pending = b""

    def close(self) -> None:
        pass
