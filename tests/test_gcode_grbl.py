"""The GRBL of our tests refuses what GRBL refuses, by GRBL's numbers, and moves as it is told."""

from __future__ import annotations

import pytest
from gcode_interpreter import Grbl, GrblError, RealTimeByte

REFUSED = {
    "G1X": 2,
    "G1 X-": 2,
    "%": 1,
    "5X": 1,
    "$H": 3,
    "G4 P-1": 4,
    "G0 X" + "1" * 80: 11,
    "G5 X1": 20,
    "M6": 20,
    "G0 E1": 20,
    "G0 G1 X1": 24,
    "G90 G91": 21,
    "M3 M5": 21,
    "G1 X1": 22,
    "G1": 22,
    "G1.5 X1 F9": 23,
    "M3.1": 23,
    "G0 G92 X1": 24,
    "G0 X1 X2": 25,
    "G2 I1 F9": 26,
    "G92": 26,
    "N0 G0 X1": 27,
    "G4": 28,
    "G53 G2 X1 I1 F9": 30,
    "G80 X1": 31,
    "G2 Z1 I1 F9": 32,
    "G2 X10 I1 F9": 33,
    "G2 X0 Y0 R5 F9": 33,
    "G2 X50 R1 F9": 34,
    "G2 X5 F9": 35,
    "G0 X1 I5": 36,
}


@pytest.mark.parametrize(("line", "number"), REFUSED.items())
def test_it_refuses_what_grbl_refuses(line: str, number: int) -> None:
    with pytest.raises(GrblError) as refused:
        Grbl().send(line.encode())
    assert refused.value.code == number


@pytest.mark.parametrize("line", [b"(what?)", b"; wow!", b"G0 X1 (~)", "; ü".encode()])
def test_some_bytes_are_obeyed_even_in_comments(line: bytes) -> None:
    with pytest.raises(RealTimeByte):
        Grbl().send(line)


def test_it_keeps_its_modes() -> None:
    grbl = Grbl()
    grbl.run(b"G20 G91 G1 X1 F10 (an inch)\nY1\n G21 G90 x0 ; back\nG92 X5\nG0 X5 Y0\nM0\nM3 S9\nG4 P.5\nG1X6\n")
    assert [move.end[:2] for move in grbl.moves] == [(25.4, 0), (25.4, 25.4), (0, 25.4), (0, 0), (1, 0)]
    assert [move.feed for move in grbl.moves] == [254, 254, 254, 0, 254]
    assert (grbl.pauses, grbl.dwells, grbl.moves[-1].speed) == (1, [0.5], 9)
