"""Talking to an EiBotBoard: both syntaxes, line ends in any order, errors, garbage, and a board left in the middle."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotsketch.errors import UserError
from plotsketch.plotter.ebb_file import Recorder
from plotsketch.plotter.ebb_protocol import Board, Firmware, Refused, Restarted, Silent


class Scripted(Recorder):
    """A board that answers as a test says; versions it knows by itself."""

    def __init__(self, firmware: str, answer: Callable[[str], bytes | None] = lambda text: None) -> None:
        super().__init__(firmware)
        self.answer = answer

    def _answer(self, text: str) -> None:
        answer = self.answer(text)
        if answer is None:
            super()._answer(text)
        else:
            self._answers += answer


def board(firmware: str = "2.8.1", answer: Callable[[str], bytes | None] = lambda text: None) -> Board:
    found = Board(Scripted(firmware, answer))
    found.connect()
    return found


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("EBBv13_and_above EB Firmware Version 2.8.1", (2, 8, 1)),
        ("V,EBBv13_and_above EB Firmware Version 3.0.3", (3, 0, 3)),
        ("~x EBB Firmware Version 2.5.3 ", (2, 5, 3)),
    ],
)
def test_a_version_is_read_out_of_whatever_stands_around_it(line: str, version: tuple[int, ...]) -> None:
    assert Firmware.parse(line) == Firmware(version)


@pytest.mark.parametrize("line", ["OK", "", "Firmware Version", "EBB Version 2.8"])
def test_other_lines_are_no_version(line: str) -> None:
    assert Firmware.parse(line) is None


def test_what_a_firmware_knows() -> None:
    old, middle, late, three = (Firmware(version) for version in [(2, 5, 3), (2, 6, 5), (2, 8, 1), (3, 0, 1)])
    assert [one.low_level for one in (old, middle, late, three)] == [False, False, True, True]
    assert [one.general_query for one in (old, middle)] == [False, True]
    assert [one.homing for one in (old, middle)] == [False, True]
    assert [one.servo_power for one in (old, middle)] == [False, True]
    assert [one.motor_query for one in (middle, late)] == [False, True]
    assert [one.future_syntax for one in (late, three)] == [False, True]
    assert [one.queue_query for one in (Firmware((3, 0, 0)), three)] == [False, True]


@pytest.mark.parametrize("end", ["\r\n", "\n\r", "\n", "\r", "\r\n\r\n"])
def test_line_ends_in_any_order(end: str) -> None:
    answers = {"QC": f"0394,0300{end}OK{end}", "QG": f"3E{end}", "SC,4,1": f"OK{end}", "QS": f"{end}5,-7{end}OK{end}"}
    found = board("2.8.1", lambda text: answers[text].encode() if text in answers else None)
    for _ in range(2):
        assert found.query("QC") == "0394,0300"
        found.command("SC,4,1")
        assert found.query("QS") == "5,-7"
        status = found.status()
    assert (status.is_busy, status.waits, status.is_up, status.button, status.lost_power) == (
        True, False, True, True, False,
    )  # fmt: skip


def test_firmware_3_is_put_into_the_syntax_where_answers_have_names() -> None:
    port = Scripted("3.0.3")
    found = Board(port)
    found.connect()
    assert b"CU,10,1\r" in port.sent
    assert found.is_future
    assert found.query("QS") == "0,0"
    found.command("SM,10,1,1")


def test_older_firmware_is_not_asked_for_a_syntax_that_it_has_not() -> None:
    port = Scripted("2.8.1")
    Board(port).connect()
    assert b"CU" not in port.sent


@pytest.mark.parametrize("answer", [b"", b"\n", b"CU\n", b"OK\r\n", b"CUOK\r\n"])
def test_the_change_of_syntax_may_be_answered_in_any(answer: bytes) -> None:
    port = Scripted("3.0.3", lambda text: answer if text == "CU,10,1" else None)
    found = Board(port)
    found.connect()
    port._is_future = True
    assert found.query("QL") == "0"


@pytest.mark.parametrize(("firmware", "error"), [("2.8.1", b"!8 Err: Unknown command 'XX'\r\nOK\r\n"),
                                                 ("3.0.3", b"XX,!8 Err: Unknown command 'XX'\n")])  # fmt: skip
def test_an_error_names_the_command_and_leaves_nothing_behind(firmware: str, error: bytes) -> None:
    found = board(firmware, lambda text: error if text == "XX,1" else None)
    with pytest.raises(Refused, match=r"\(firmware .*\) refuses XX,1: !8 Err: Unknown command 'XX'"):
        found.command("XX,1")
    found.command("SC,4,1")
    assert found.query("QS") == "0,0"


@pytest.mark.parametrize("firmware", ["2.8.1", "3.0.3"])
@given(noise=st.lists(st.binary(min_size=1, max_size=6).filter(lambda data: b"!" not in data), max_size=5))
def test_garbage_before_an_answer_is_passed_over(firmware: str, noise: list[bytes]) -> None:
    """Lines of garbage, unless they are an answer."""
    lines = b"".join(
        b"\x80" + data.replace(b"K", b"k").replace(b"Q", b"q").replace(b"S", b"s") + b"#\r\n" for data in noise
    )
    answers = {
        "2.8.1": {"QS": b"12,-5\n\rOK\r\n", "SC,4,1": b"OK\r\n"},
        "3.0.3": {"QS": b"QS,12,-5\n", "SC,4,1": b"SC\n"},
    }
    found = board(firmware, lambda text: lines + answers[firmware][text] if text in answers[firmware] else None)
    for _ in range(2):
        assert found.query("QS") == "12,-5"
        found.command("SC,4,1")


def test_a_query_whose_data_are_spoilt_is_asked_again() -> None:
    answers = iter([b"1,\xff2\xfe;\r\nOK\r\n", b"12,-5\r\nOK\r\n"])
    assert board("2.8.1", lambda text: next(answers) if text == "QS" else None).query("QS") == "12,-5"


def test_half_a_command_of_a_host_that_died_is_ended_and_its_answer_passed_over() -> None:
    port = Scripted("2.8.1")
    port.write(b"LM,85899346,10")
    found = Board(port)
    found.connect()
    assert port.sent.startswith(b"LM,85899346,10\rV\r")
    assert found.query("QS") == "0,0"


def test_a_machine_that_is_no_board_is_named() -> None:
    with pytest.raises(UserError, match="nothing at file answers like an EiBotBoard"):
        board("2.8.1", lambda text: b"?\r\n")


def test_a_silent_board_is_an_error_that_says_so() -> None:
    found = board("2.8.1", lambda text: b"" if text == "SC,4,1" else None)
    with pytest.raises(Silent, match="does not answer SC,4,1"):
        found.command("SC,4,1")


def test_firmware_from_before_boards_told_what_they_do_is_refused() -> None:
    with pytest.raises(UserError, match=r"firmware 2\.2\.1, which is too old"):
        board("2.2.1")


def test_a_board_that_falls_back_to_the_old_syntax_has_begun_anew() -> None:
    found = board("3.0.3", lambda text: b"OK\r\n" if text.startswith("SM") else None)
    with pytest.raises(Restarted, match="began anew .*`plotsketch plot --resume`"):
        found.command("SM,10,1,1")


def test_a_board_without_the_general_query_is_asked_three_others() -> None:
    answers = {"QM": b"QM,1,1,0,1\n\r", "QP": b"0\n\rOK\r\n", "QB": b"1\r\nOK\r\n"}
    status = board("2.5.3", answers.get).status()
    assert (status.is_busy, status.waits, status.is_up, status.button) == (True, True, False, True)
