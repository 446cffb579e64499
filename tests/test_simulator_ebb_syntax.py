"""The simulated EiBotBoard's two reply syntaxes, its errors, and which firmware has which command."""

from __future__ import annotations

import pytest
from simulated_ebb import Board

LEGACY = {
    "V": "EBBv13_and_above EB Firmware Version 2.8.1\r\n",
    "QG": "D0\r\n",
    "QM": "QM,0,0,0,0\n\r",
    "QS": "0,0\n\rOK\r\n",
    "QC": "0394,0300\r\nOK\r\n",
    "QE": "0,0\r\nOK\r\n",
    "QB": "0\r\nOK\r\n",
    "QP": "1\n\rOK\r\n",
    "QR": "0\n\rOK\r\n",
    "QL": "0\r\nOK\r\n",
    "QT": "East EBB\r\nOK\r\n",
    "SM,10,5,5": "OK\r\n",
    "LM,85899346,1,0,0,0,0": "OK\n\r",
    "ES": "0,0,0,0,0\n\rOK\r\n",
    "SL,7": "OK\r\n",
    "em,1,1": "OK\r\n",
}
FUTURE = {
    "V": "V,EBBv13_and_above EB Firmware Version 3.0.3\n",
    "QG": "QG,10\n",
    "QM": "QM,0,0,0,0\n",
    "QS": "QS,0,0\n",
    "QC": "QC,0394,0300\n",
    "QE": "QE,0,0\n",
    "QP": "QP,1\n",
    "QL,3": "QL,0\n",
    "QT": "QT,East EBB\n",
    "QU,2": "QU,32\n",
    "QU,3": "QU,1\n",
    "SM,10,5,5": "SM\n",
    "LM,85899346,1,0,0,0,0": "LM\n",
    "SP,2": "SP\n",
    "em,1,1": "EM\n",
}


@pytest.mark.parametrize("command, reply", LEGACY.items())
def test_the_legacy_syntax(command: str, reply: str) -> None:
    assert Board("--nickname=East EBB")(command) == reply


@pytest.mark.parametrize("command, reply", FUTURE.items())
def test_the_future_syntax(command: str, reply: str) -> None:
    assert Board("--firmware=3.0.3", "--future-syntax", "--nickname=East EBB")(command) == reply


def test_changing_the_syntax_answers_half_in_each() -> None:
    board = Board("--firmware=3.0.3")
    assert board.all("CU,10,0", "CU,10,1", "CU,10,1", "CU,10,0", "QR") == [
        "OK\r\n", "\n", "CU\n", "CUOK\r\n", "0\n\rOK\r\n",
    ]  # fmt: skip


def test_ok_can_be_switched_off() -> None:
    board = Board()
    assert board.all("CU,1,0", "SL,3", "QL", "V")[1:] == [
        "", "3\r\n", "EBBv13_and_above EB Firmware Version 2.8.1\r\n",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "command, error",
    [
        ("SM,100", "!4 Err: Missing parameter(s)"),
        ("SM,100A", "!5 Err: Need comma next, found: 'A'"),
        ("TP,-1", "!6 Err: Invalid parameter value"),
        ("SM,1,1,1,0,0", "!7 Err: Extra parameter"),
        ("B", "!8 Err: Unknown command 'B:42'"),
        ("BB", "!8 Err: Unknown command 'BB:4242'"),
        ("CS," + "1" * 260, "!3 Err: RX Buffer overrun"),
    ],
)
def test_errors_of_the_documentation(command: str, error: str) -> None:
    board = Board("--firmware=3.0.3", "--future-syntax")
    name = command.split(",")[0]
    assert board(command) == f"{name},{error}\n"
    assert error in board.trace()["errors"][0]
    assert Board("--firmware=2.8.1")(command) == f"{error}\r\nOK\r\n"
    assert Board("--firmware=3.0.3")(command) == f"{error}OK\r\n"


@pytest.mark.parametrize(
    "command, since",
    [
        ("LT,100,1,1,1,1", "2.7.0"),
        ("SM,10,5,5,3", "2.7.0"),
        ("HM,1000", "2.6.2"),
        ("QG", "2.6.2"),
        ("SR,60000", "2.6.0"),
        ("QE", "2.8.0"),
        ("QU,2", "3.0.0"),
        ("CU,4,5", "3.0.0"),
        ("SP,3", "3.0.1"),
        ("SL,200", "3.0.0"),
    ],
)
def test_firmware_gates_commands(command: str, since: str) -> None:
    numbers = [int(one) for one in since.split(".")]
    before = [numbers[0], numbers[1], numbers[2] - 1] if numbers[2] else [numbers[0], numbers[1] - 1, 9]
    before = [2, 9, 9] if since == "3.0.0" else before
    assert not Board(f"--firmware={since}")(command).startswith("!")
    assert Board(f"--firmware={'.'.join(map(str, before))}")(command).startswith("!")


def test_commands_end_with_cr_and_come_in_pieces() -> None:
    machine = Board().machine
    assert machine.receive(b"Q") == b""
    assert machine.receive(b"S\rQ") == b"0,0\n\rOK\r\n"
    assert machine.receive(b"P\r\r\nQP\r") == b"1\n\rOK\r\n" * 2


def test_even_moves_of_old_firmware_refuse_speeds_that_it_cannot_do() -> None:
    board = Board("--firmware=2.6.5")
    assert board("SM,10,251") == "!0 Err: <axis1> step rate too high\r\nOK\r\n"
    assert board("XM,100000,60,-55").startswith("!0 Err: <axis1> step rate too low")
    board = Board("--firmware=3.0.3")
    assert board("SM,10,251") == "OK\r\n"
    board.settle()
    assert board("QS") == "251,0\n\rOK\r\n"
    assert "over 25,000 steps/s" in board.trace()["errors"][0]
