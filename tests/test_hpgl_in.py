"""HP-GL from anywhere, read as its manuals say, and our own files read back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import vpype
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.machine import load_machine, machine_names
from plotsketch.output.hpgl import hpgl_bytes
from plotsketch.output.hpgl_in import document_of
from plotsketch.output.hpgl_words import instructions
from plotsketch.output.layers import LEFT_OUT

MM = 25.4 / 96
UNIT = 0.025  # mm, of the generic plotter
BORDER = 10.0


def read(text: str | bytes, machine: str | None = None) -> vpype.Document:
    data = text if isinstance(text, bytes) else text.encode("latin-1")
    return document_of(data, "file.plt", load_machine(machine) if machine else None)


def strokes(text: str | bytes) -> dict[int, list[NDArray[np.float64]]]:
    """Lines by pen, in units from the lower left corner of the whole drawing."""
    document = read(text)
    height = document.page_size[1] * MM
    return {
        number: [
            np.round((vpype.as_vector(line) * MM * (1, -1) + (-BORDER, height - BORDER)) / UNIT, 3) + 0.0
            for line in layer
        ]
        for number, layer in document.layers.items()
    }


def lines(text: str | bytes) -> list[list[tuple[float, float]]]:
    """Those of a file with one pen."""
    (found,) = strokes(text).values()
    return [[(x, y) for x, y in line.tolist()] for line in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IN;SP1;PU0,0;PD100,0,100,50;PU;SP0;", [[(0, 0), (100, 0), (100, 50)]]),
        ("in sp1 pa0,0 pd pa100,0 100,50 pu", [[(0, 0), (100, 0), (100, 50)]]),
        ("IN;SP1;PA0,0;PD;PR100,0,0,50;PU;", [[(0, 0), (100, 0), (100, 50)]]),
        ("IN;PU0 0;PD100 0;PU;PA;PD;PU;", [[(0, 0), (100, 0)], [(100, 0), (100, 0)]]),
        ("PD;PA10,10;PU;", [[(0, 0), (10, 10)]]),
        ("PR;PU10,10;PD5,5;PA;PD0,0;", [[(10, 10), (15, 15), (0, 0)]]),
        ("IN;SP1;PU0,0;PD100,0;LBPD9,9;PU\x03PD100,50;PU;", [[(0, 0), (100, 0), (100, 50)]]),
        ("DT#;PU0,0;PD8,0;LBno PD5,5 here#PD8,9;", [[(0, 0), (8, 0), (8, 9)]]),
        ('CO "PD5,5; is said";PU0,0;PD8,0;CO;PD8,9;', [[(0, 0), (8, 0), (8, 9)]]),
        ('BP5,"PD 1,2";PU0,0;PD8,9;', [[(0, 0), (8, 9)]]),
        ("\x1b.(\x1b.@;0:\x1b.I80;;17:\x1b.N;19:IN;PU0,0;PD8,9;\x1b.B\x1b.)", [[(0, 0), (8, 9)]]),
        ("\x1b%-12345X@PJL SET X=1\n\x1bE\x1b%1BIN;PU0,0;PD8,9;\x1b%0A\x1bE", [[(0, 0), (8, 9)]]),
        ("SM*;PU0,0;PD8,9;SM;", [[(0, 0), (8, 9)]]),
        ("SI.2,.3;LT2,4;XX1,2;FS3;PU0,0;PD8.5,-.0,8.5,9.;", [[(0, 0), (8.5, 0), (8.5, 9)]]),
        ("PU5,5;EA10,20;", [[(0, 0), (5, 0), (5, 15), (0, 15), (0, 0)]]),
        ("PU5,5;RR10,20;", [[(0, 0), (10, 0), (10, 20), (0, 20), (0, 0)]]),
        ("PU0,0;CI50,90;", [[(100, 50), (50, 100), (0, 50), (50, 0), (100, 50)]]),
        ("PU50,0;PD;AA0,0,180,90;PU;", [[(100, 0), (50, 50), (0, 0)]]),
        ("PU50,0;PD;AR-50,0,-90,90;PU;", [[(50, 50), (0, 0)]]),
        ("PU50,0;PD;AT0,50,-50,0,90;PU;", [[(100, 0), (50, 50), (0, 0)]]),
        ("PU0,0;EW50,0,90,90;", [[(0, 0), (50, 0), (0, 50), (0, 0)]]),
        ("PU0,0;PM0;PD10,0,10,10;PM2;EP;", [[(0, 0), (10, 0), (10, 10), (0, 0)]]),
        ("IP0,0,1000,1000;SC0,10,0,10;PU0,0;PD10,5;", [[(0, 0), (1000, 500)]]),
        ("IP0,0,1000,1000;SC0,10,0,10;PU0,0;PD10,5;SC;PD0,500;", [[(0, 0), (1000, 500), (0, 500)]]),
        ("IP0,0,1000,2000;SC0,10,0,10,1;PU0,0;PD10,10;", [[(0, 0), (1000, 1000)]]),
        ("IP0,0,1000,1000;SC0,5,0,2,2;PU0,0;PD10,10;", [[(0, 0), (50, 20)]]),
        ("IP0,0,1000,1000;SC10,0,0,10;PU0,0;PD10,5;", [[(1000, 0), (0, 500)]]),
        ("RO90;PU0,0;PD100,0,100,50;", [[(50, 0), (50, 100), (0, 100)]]),
        ("RO180;PU0,0;PD100,0,100,50;", [[(100, 50), (0, 50), (0, 0)]]),
    ],
)
def test_what_a_plotter_draws(text: str, expected: list[list[tuple[float, float]]]) -> None:
    found = lines(text)
    low = np.min([point for line in expected for point in line], axis=0)
    assert [len(line) for line in found] == [len(line) for line in expected]
    for line, wanted in zip(found, expected, strict=True):
        assert np.abs(np.array(line) - (np.array(wanted) - low)).max() < 0.01


def test_a_circle_has_chords_of_five_degrees_and_is_round() -> None:
    ((*circle,),) = lines("PU500,500;CI500;")
    assert len(circle) == 73 and circle[0] == pytest.approx(circle[-1])
    assert all(math.hypot(x - 500, y - 500) == pytest.approx(500, abs=0.1) for x, y in circle)


def test_pens_are_layers_and_the_size_is_true() -> None:
    document = read("IN;SP2;PU0,0;PD4000,0;SP1;PU0,400;PD4000,2000;SP2;PU0,0;PD0,1;SP0;PD9999,9999;")
    assert sorted(document.layers) == [1, 2] and len(document.layers[2]) == 2  # pen 0 is no pen
    assert [size * MM for size in document.page_size] == pytest.approx([100 + 20, 50 + 20])
    line = vpype.as_vector(document.layers[1][0]) * MM
    assert line == pytest.approx(np.array([[10, 50], [110, 10]]))
    assert document.layers[1].property("vp_name") == "pen 1"


def test_paper_that_the_file_names() -> None:
    assert np.array(read("PS4000,2000;PU0,0;PD100,100;").page_size) * MM == pytest.approx([100, 50])
    for text, expected in [("PS4;", (297, 210)), ("PS0;", (420, 297)), ("", (297, 210))]:
        size = np.array(read(f"IN;{text}SP1;PU100,100;PD7000,7000;", "hp7475a").page_size) * MM
        assert size == pytest.approx(expected)
    assert np.array(read("SP1;PU100,100;PD15000,10000;", "hp7475a").page_size) * MM == pytest.approx((420, 297))


def test_user_units_hang_on_the_plotters_own_p1_and_p2() -> None:
    document = read("IN;PS4;SP1;SC0,100,0,100;PU0,0;PD100,100;", "hp7475a")
    line = vpype.as_vector(document.layers[1][0]) * MM  # the frame lies in the middle of the page
    assert line.mean(axis=0) == pytest.approx((148.5, 105), abs=0.02)
    assert line[1] - line[0] == pytest.approx((248.8, -179.136), abs=0.01)


def test_a_turned_drawing_stays_on_the_paper() -> None:
    document = read("IN;PS4;SP1;RO90;PU0,0;PD7000,0;", "hp7475a")
    line = vpype.as_vector(document.layers[1][0]) * MM
    assert line[:, 0] == pytest.approx([9.1 + 11040 * 0.02488] * 2, abs=0.01)  # up the right edge of what it reaches


def encoded(value: int, base: int) -> bytes:
    """A number as PE has it, by the steps in HP's PCL 5 Technical Reference Manual, table 20-24."""
    value = 2 * value if value >= 0 else 2 * -value + 1
    digits = []
    while value >= base:
        digits.append(63 + value % base)
        value //= base
    return bytes([*digits, value + (191 if base == 64 else 95)])


@given(
    st.lists(st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000)), min_size=1, max_size=20),
    st.sampled_from([32, 64]),
)
def test_encoded_polylines(steps: list[tuple[int, int]], base: int) -> None:
    data = b"IN;PE" + (b"7" if base == 32 else b"") + b":" + encoded(3, base) + b"<=" + encoded(500, base)
    data += encoded(-20, base) + b"".join(encoded(x, base) + encoded(y, base) for x, y in steps) + b";"
    ((pen, (line,)),) = strokes(data).items()
    places = np.cumsum([(500, -20), *steps], axis=0)
    assert pen == 3
    assert line == pytest.approx(places - places.min(axis=0), abs=0.01)


def test_encoded_fractions() -> None:
    data = b"PU0,0;PE>" + encoded(2, 64) + encoded(5, 64) + encoded(10, 64) + b";"
    assert lines(data) == [[(0, 0), (1.25, 2.5)]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "draws nothing"),
        (b"IN;SP1;PU5,5;SP0;", "draws nothing"),
        (b"LBPD0,0,5,5;", "draws nothing"),
        (b"%PDF-1.4 and so on", "no HPGL: at byte 0"),
        (b"IN;PD1,2;\xff\xfe\x00", "at byte 9"),
        (b"PD0,0,99999999999999999999,1;", "out of every plotter's range"),
        (b"SC5,5,0,1;PD1,1;", "endlessly large"),
        (b"PE" + b"?" * 200 + b";", "no end"),
        (b"SC0,0,0,0,2;PD1,1;", "endlessly small"),
        (b"PD" + b"9" * 400 + b",1;", "out of every"),
        (b"CI" + b"9" * 400 + b";", "out of every"),
        (b"PM" + b"9" * 400 + b";PD1,1;", "out of every"),
        (b"RO" + b"9" * 400 + b";PD1,1;", "out of every"),
        (b"EW1," + b"9" * 400 + b",90;", "out of every"),
        (b"PS" + b"9" * 400 + b"," + b"9" * 400 + b";PD1,1;", "out of every"),
        (b"SC0,0." + b"0" * 20 + b"1,0,1;PU0,0;PD5,1;", "out of every"),
    ],
)
def test_what_is_no_drawing_is_refused_by_name(data: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        read(data)
    assert "file.plt" in str(caught.value) and "\n" not in str(caught.value)


def test_texts_that_are_not_drawn_are_counted() -> None:
    assert read("LBone\x03PD5,5;LBtwo\x03").property(LEFT_OUT) == ("2 texts (LB) not drawn",)
    assert not read("PD5,5;").property(LEFT_OUT)


def test_a_small_file_that_draws_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plotsketch.output.hpgl_pen.MOST_POINTS", 10_000)
    with pytest.raises(UserError, match="10,000 points"):
        read("PD5,5;" + "CI100,.5;" * 20)


DRAWING = "INSPPUPDPAPRAAARATCISCIPROPMEPPELBDTSMCOEWEABZBRDFPSXX"
WORDS = st.sampled_from([DRAWING[i : i + 2] for i in range(0, len(DRAWING), 2)])
NUMBERS = st.lists(st.integers(-40000, 40000) | st.floats(-1e7, 1e7).map(lambda x: f"{x:f}"), max_size=8)


@given(st.lists(st.tuples(WORDS, NUMBERS), max_size=12))
def test_any_instructions_give_a_document_or_a_word_to_the_user(found: list[tuple[str, list[object]]]) -> None:
    text = ";".join(word + ",".join(map(str, numbers)) for word, numbers in found)
    try:
        document = read(text, "hp7475a")
    except UserError:
        return
    assert all(np.isfinite(line).all() for layer in document.layers.values() for line in layer)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_to_their_end(data: bytes) -> None:
    try:
        assert all(len(one.word) == 2 for one in instructions(data, "x"))
    except UserError:
        return


def able() -> list[str]:
    return [name for name in machine_names() if load_machine(name).hpgl]


@pytest.mark.parametrize("name", able())
def test_our_own_files_come_back_where_they_were(name: str) -> None:
    drawing = [np.array([[60, 40], [60, 150], [200, 150]]), np.array([[70, 50], [80, 51.3], [90, 40]])]
    document = vpype.Document(page_size=(297 / MM, 210 / MM))
    for number, line in enumerate(drawing, 1):
        document.add(vpype.LineCollection([line @ np.array([1, 1j]) / MM]), number)
    machine = load_machine(name)
    back = document_of(hpgl_bytes(document, {}, machine), "own.hpgl", machine)
    shift = np.zeros(2)
    if name == "generic-hpgl":  # which has no paper of its own: 10 mm around the drawing
        shift = np.array([60 - 10, 40 - 10])
    else:
        assert np.array(back.page_size) * MM == pytest.approx([297, 210])
    for number, line in enumerate(drawing, 1):
        (found,) = back.layers[number]
        assert vpype.as_vector(found) * MM + shift == pytest.approx(line, abs=0.025)


def test_a_file_of_anyone_goes_through_the_command_line(plotsketch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "old.plt").write_text("IN;SP1;PA1000,1000;PD;PA4000,1000,4000,3000;PU;SP0;")
    done = plotsketch("convert", tmp_path / "old.plt", "-o", tmp_path / "new.svg", "--from", "hp7550a")
    assert done.exit_code == 0, done.stderr
    assert 'width="297mm"' in (tmp_path / "new.svg").read_text()
    assert plotsketch("estimate", tmp_path / "old.plt", "--machine", "hp7475a").exit_code == 0


@pytest.mark.parametrize("wish", [("--curves", "1mm"), ("--oversize", "clip"), ("--paper", "a4")])
def test_wishes_for_another_kind_of_file_are_refused(plotsketch, tmp_path: Path, wish: tuple[str, str]) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "old.plt").write_text("PD5,5;")
    done = plotsketch("convert", tmp_path / "old.plt", "-o", tmp_path / "new.png", "--machine", "hp7475a", *wish)
    assert done.exit_code == 1 and f"{wish[0]} is for" in done.stderr and not (tmp_path / "new.png").exists()


def test_what_a_new_file_lacks_is_said(plotsketch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "old.plt").write_text("PD5,5;LBhello\x03")
    done = plotsketch("convert", tmp_path / "old.plt", "-o", tmp_path / "new.svg")
    assert done.exit_code == 0 and "1 text (LB) not drawn" in done.stderr
