"""Device control: what follows ESC and a dot. It is obeyed at once, and never enters the buffer.

From the 7475A's Interfacing and Programming Manual and, where that was not at hand, the 7470A's, chapter 10.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ESC = 0x1B
PLAIN = frozenset("BELOJKR()YZ")  # without parameters
# with parameters, ended by a colon: how many there may be, and the most that each may be, the last for all others
LISTS = {
    "@": (2, (32767, 255)),
    "H": (12, (32767, 127)),
    "I": (12, (32767, 127)),
    "M": (6, (54612, 127)),
    "N": (11, (54612, 127)),
    "T": (5, (32767,)),
    "S": (1, (6,)),
}
LARGER_MODEL = frozenset("TS")  # the 7550A's alone


@dataclass
class Escape:
    """What one instruction is: ``letter`` and its parameters, None where one is left out."""

    letter: str
    numbers: list[int | None]


@dataclass
class Reader:
    """Takes bytes one by one; tells device control from data.

    ``error`` is that of the byte just taken: 11 (not an instruction), 12 (not a number), 13 (out of range) or 14 (too
    many numbers); 0 for none.
    """

    memory: bool  # has the instructions about memory
    error: int = 0
    _escaped: int = 0  # how many of ESC . letter have come
    _letter: str = ""
    _digits: str = ""
    _numbers: list[int | None] = field(default_factory=list)

    def reset(self) -> None:
        self._escaped, self._letter, self._digits, self._numbers = 0, "", "", []

    def take(self, byte: int) -> Escape | bool:
        """An instruction that is whole with this byte; else whether the byte is a part of one. False: it is data."""
        self.error = 0
        if byte == ESC:
            if self._letter:
                self.error = 12
            self.reset()
            self._escaped = 1
            return True
        if self._escaped == 0:
            return False
        if self._escaped == 1:
            self._escaped = 2 if byte == ord(".") else 0
            return self._escaped == 2
        return self._name(byte) if not self._letter else self._parameter(byte)

    def _name(self, byte: int) -> Escape | bool:
        letter = chr(byte)
        if letter in PLAIN:
            self.reset()
            return Escape(letter, [])
        if letter in LISTS and (self.memory or letter not in LARGER_MODEL):
            self._letter = letter
            return True
        self.reset()
        self.error = 11
        return True

    def _parameter(self, byte: int) -> Escape | bool:
        sign = chr(byte)
        if sign.isascii() and sign.isdigit():
            self._digits = (self._digits + sign)[-9:]
        elif sign in ";:":
            if self._digits or sign == ";" or self._numbers:
                self._numbers.append(int(self._digits) if self._digits else None)
            self._digits = ""
            if sign == ":":
                return self._whole()
        elif sign != " ":
            self.reset()
            self.error = 12
        return True

    def _whole(self) -> Escape | bool:
        letter, numbers = self._letter, self._numbers
        most, limits = LISTS[letter]
        self.reset()
        if len(numbers) > most:
            self.error = 14
            return True
        if any(one is not None and one > limits[min(n, len(limits) - 1)] for n, one in enumerate(numbers)):
            self.error = 13
            return True
        return Escape(letter, numbers)


@dataclass
class Handshake:
    """What ESC.M, N, H and I set. Times in seconds.

    ``block``: what an enquiry asks room for, or the room at which Xoff is sent. ``enquiry``: 0 is none. ``mode``: 1 or
    2 (ESC.H or ESC.I); ``acknowledge`` is the answer, or Xon; ``immediate`` what is said at once, or Xoff.
    """

    turnaround: float = 0.0
    trigger: int = 0
    terminator: bytes = b"\r"
    initiator: bytes = b""
    gap: float = 0.0
    immediate: bytes = b""
    block: int = 80
    enquiry: int = 0
    acknowledge: bytes = b""
    mode: int = 0

    @property
    def xonxoff(self) -> bool:
        return self.mode > 0 and not self.enquiry and bool(self.acknowledge) and bool(self.immediate)

    def obey(self, one: Escape) -> None:
        """Takes ESC.M, N, H or I; those left out get their defaults."""
        given = [*one.numbers, *[None] * 12]
        if one.letter == "M":
            self.turnaround, self.trigger = (given[0] or 0) / 1000, given[1] or 0
            self.terminator = _string(given[3:5]) or b"\r"
            self.initiator = _string(given[5:6])
        elif one.letter == "N":
            self.gap, self.immediate = (given[0] or 0) / 1000, _string(given[1:11])
        else:
            self.mode = 1 if one.letter == "H" else 2
            self.block, self.enquiry = 80 if given[0] is None else given[0], given[1] or 0
            self.acknowledge = _string(given[2:12])


def _string(numbers: list[int | None]) -> bytes:
    """Characters up to the first that is 0 or left out, which ends the string."""
    found = bytearray()
    for one in numbers:
        if not one:
            break
        found.append(one)
    return bytes(found)
