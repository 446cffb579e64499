"""What hangs on a serial port: asked without moving anything, by questions that a kind of machine answers at once."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from plotsketch.errors import UserError
from plotsketch.plotter.port import Found, Port

EBB, GRBL, HPGL = "ebb", "gcode", "hpgl"  # as `connect.kind_of` says
BAUDS = {EBB: 9600, GRBL: 115200, HPGL: 9600}
TITLES = {EBB: "EiBotBoard", GRBL: "GRBL", HPGL: "HP-GL plotter"}

PATIENCE = 0.5  # seconds for an answer
QUIET = 0.1  # seconds of silence after which it is complete; at 9600 baud a letter takes one thousandth
WAKING = 2.5  # seconds that an Arduino takes after the port's opening has reset it, before GRBL greets
LEAST_POWER = 250  # of QC's second number (EBB documentation, ebb.html, QC): below, no supply feeds the motors

Answer = tuple[str, dict[str, str]]  # firmware, and what else it says


@dataclass(frozen=True)
class Seen:
    """A port, and what is known of what hangs on it.

    ``kind`` is empty where nothing answered or nobody asked, ``trouble`` says why.
    """

    path: str
    description: str
    kind: str = ""
    firmware: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def title(self) -> str:
        return TITLES.get(self.kind, "")


def asked(found: Found, kinds: Iterable[str], bauds: dict[str, int] | None = None) -> Seen:
    """Asks what hangs on a port, as one of ``kinds`` after another, each at its ``bauds``. Never raises UserError."""
    for kind in kinds:
        try:
            with contextlib.closing(Port(found.path, {**BAUDS, **(bauds or {})}[kind])) as port:
                answer = ASK[kind](port)
        except UserError as error:
            return Seen(found.path, found.description, trouble=str(error))
        if answer is not None:
            return Seen(found.path, found.description, kind, *answer)
    return Seen(found.path, found.description, trouble=f"nothing answers at {found.path} that plotsketch knows")


def _ask_ebb(port: Port) -> Answer | None:
    """V, QC and QT, in the reply syntax of any firmware."""
    _lines(port, b"\r")  # ends half a command that somebody left
    port.discard()
    version = re.search(r"Firmware Version (\S+)", " ".join(_lines(port, b"V\r")))
    if version is None:
        return None
    facts = {}
    power = next((re.search(r"(\d+)$", line) for line in _lines(port, b"QC\r") if "," in line), None)
    if power:
        facts["power"] = "on" if int(power[1]) >= LEAST_POWER else "off"
    name = [line.removeprefix("QT,") for line in _lines(port, b"QT\r") if line not in ("OK", "QT") and "!" not in line]
    if name:
        facts["name"] = name[0]
    return version[1], facts


def _ask_grbl(port: Port) -> Answer | None:
    """Its greeting, which costs no byte; else $I. Then ?, a realtime command, for its state (GRBL 1.1 interface.md)."""
    said = b""
    while b"Grbl" not in said and (come := port.read(0.0 if port.is_simulated else WAKING)):
        said += come
    port.discard()
    answer = " ".join(_lines(port, b"$I\n"))
    version = re.search(r"\[VER:([^:\]]*)", answer) or re.search(r"Grbl (\S+)", said.decode("ascii", "replace"))
    if version is None:
        return None
    state = re.search(r"<([A-Za-z]+)", " ".join(_lines(port, b"?")))
    return version[1], {"state": state[1].lower()} if state else {}


def _ask_hpgl(port: Port) -> Answer | None:
    """ESC.L, the size of its buffer, and OI, its model: a plotter that still draws answers neither in time."""
    size = _lines(port, b"\x1b.L")
    if not size or not size[0].isdecimal():
        return None
    model = _lines(port, b"OI;")
    return "", {**({"model": model[0]} if model else {}), "buffer": f"{int(size[0]):,} bytes"}


ASK: dict[str, Callable[[Port], Answer | None]] = {EBB: _ask_ebb, GRBL: _ask_grbl, HPGL: _ask_hpgl}


def _lines(port: Port, question: bytes) -> list[str]:
    """What comes back for a question, by lines, until nothing more does."""
    port.write(question)
    said = b""
    while come := port.read(QUIET if said else PATIENCE):
        said += come
    return [line.strip() for line in re.split(r"[\r\n]+", said.decode("ascii", "replace")) if line.strip()]
