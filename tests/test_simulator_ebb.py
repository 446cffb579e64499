"""The simulated EiBotBoard: its queue, its pen, the ink it leaves, and mishaps."""

from __future__ import annotations

import pytest
from simulated_ebb import Board

from plotsketch.plotter.simulators import wire


def test_the_queue_holds_one_and_blocks_with_the_third() -> None:
    board = Board()
    board.all("SM,100,100,0", "SM,100,100,0")
    assert board.machine.seconds == pytest.approx(0.002)
    board("SM,100,100,0")  # waits until the first is done
    assert board.machine.seconds == pytest.approx(0.101)
    assert board("QG") == "DD\r\n"  # motor 1 turns, one waits
    assert board("QM") == "QM,1,1,0,1\n\r"


def test_firmware_3_has_a_deeper_queue() -> None:
    board = Board("--firmware=3.0.3")
    board("CU,4,32")
    assert board("QU,3") == "QU,32\r\nOK\r\n"
    for _ in range(33):
        board("SM,100,100,0")
    assert board.machine.seconds < 0.1
    assert board("QU,6") == "QU,32\r\nOK\r\n"
    board("CU,4,5")  # waits for the queue to empty
    assert board.machine.seconds == pytest.approx(3.3, abs=0.1)


def test_a_host_that_polls_waits_without_waiting() -> None:
    board = Board()
    board("SM,1000,1000,0")
    asked = 0
    while board("QG") != "D0\r\n":
        asked += 1
    assert asked < 60
    assert board.machine.seconds == pytest.approx(1.0, abs=0.003)


def test_a_single_query_does_not_make_the_queue_run_dry() -> None:
    board = Board()
    for _ in range(50):
        board.all("SM,10,100,100", "QB", "QM")
    assert board.machine.seconds == pytest.approx(0.49, abs=0.02)


def test_running_dry_at_speed_is_told_and_coming_to_rest_is_not() -> None:
    board = Board()
    board("SM,20,200,0")
    board.settle()
    assert [(round(one["seconds"], 3), one["steps_per_second"]) for one in board.trace()["underruns"]] == [
        (0.021, 10000.0)
    ]
    board = Board()
    board("LM,0,500,85899,0,0,0")
    board("LM,430000000,500,-85899,0,0,0")
    board.settle()
    assert board.trace()["underruns"] == []
    assert board.trace()["abrupt"] == []


def test_motors_of_mixed_axes_draw_in_millimetres() -> None:
    board = Board("--travel=300x218")
    board.all("EM,1,1", "SP,0,500", "XM,1000,800,0", "XM,1000,0,400", "SP,1,500", "XM,1000,-800,-400")
    board.settle()
    trace = board.trace()
    (line,) = trace["ink"]
    assert (line[0], line[-1]) == ([0, 0], [10, 5])
    assert all(y < 0.0126 or x > 9.98 for x, y in line)
    assert trace["place"] == (0, 0)
    assert trace["errors"] == []
    assert trace["lifts"] == 1


def test_bent_moves_show_in_the_ink() -> None:
    board = Board()
    # motor 2 is done long before motor 1
    board.all("SP,0,500", "LM,85899346,1000,0,85899346,250,0", "SP,1,500")
    board.settle()
    (line,) = board.trace()["ink"]
    corner = [250 / 80, 0.0]
    assert min(abs(x - corner[0]) + abs(y - corner[1]) for x, y in line) < 0.013
    assert len(line) > 100


def test_microsteps_change_the_way_and_zero_the_counters() -> None:
    board = Board()
    board.all("SM,100,80,80", "EM,2,2")
    assert board("QE") == "16,16\r\nOK\r\n"  # EM waits in the queue
    board.settle()
    assert board.all("QE", "QS") == ["8,8\r\nOK\r\n", "0,0\n\rOK\r\n"]
    board("SM,100,80,80")
    board.settle()
    assert board.trace()["place"] == (3, 0)


def test_homing_returns_to_zero_and_to_places() -> None:
    board = Board("--firmware=2.8.1")
    board.all("EM,1,1", "SM,1000,4000,-1000", "HM,4000")
    board.settle()
    assert board("QS") == "0,0\n\rOK\r\n"
    assert board.machine.seconds == pytest.approx(2.005, abs=0.03)
    board("HM,1000,500,-20")
    board.settle()
    assert board("QS") == "500,-20\n\rOK\r\n"


def test_leaving_the_travel_area_is_an_error_once() -> None:
    board = Board("--travel=10x10")
    board.all("SM,100,-800,-800", "SM,100,1600,1600")
    board.settle()
    assert len(board.trace()["errors"]) == 1
    assert "left the travel area" in board.trace()["errors"][0]


def test_an_emergency_stop_flushes_and_leaves_the_pen_down() -> None:
    board = Board("--firmware=2.8.1")
    board.all("SP,0,500", "SM,1000,1000,500", "SM,1000,100,50")
    while board.machine.seconds < 1.0:
        board("QM")
    reply = board("ES")
    assert reply.startswith("1,100,50,")
    position = board("QS")
    assert board("QG") == "C0\r\n"
    steps = int(position.split(",")[0])
    assert int(reply.split(",")[3]) == 1000 - steps
    assert board.trace()["underruns"] == []
    board("ES,1")
    assert board("QE") == "0,0\r\nOK\r\n"
    assert Board("--firmware=3.0.3")("ES") == "0\n\rOK\r\n"


def test_the_servo_slews_by_frames() -> None:
    board = Board()
    board.all("SC,4,20000", "SC,5,10000", "SP,1,1000", "SC,12,1000", "SP,0,10")
    board("QM")
    board("SM,400,4000,4000")
    board.settle()
    (line,) = board.trace()["ink"]
    # half the way is 5 frames of 24 ms and one step more; the move began 10 ms after the pen
    begun = line[0][0] / 50 * 0.4
    assert 0.110 - 0.024 <= begun + 0.010 <= 6 * 0.024 + 0.024
    assert board.trace()["pen"]["width"] == 10000


def test_a_pen_on_another_pin_needs_its_pin() -> None:
    board = Board("--servo-pin=2")
    board.all("SP,0,500", "SM,100,100,100", "SP,1,500")
    board.settle()
    assert board.trace()["ink"] == []
    board.all("SP,0,500,2", "SM,100,100,100", "SP,1,500,2")
    board.settle()
    assert len(board.trace()["ink"]) == 1
    board.all("S2,15302,5,0,300", "S2,22565,5,0,300")
    board.settle()
    assert len(board.trace()["ink"]) == 2


def test_lifting_at_once_keeps_queued_strokes_off_the_paper() -> None:
    board = Board("--firmware=3.0.3")
    board.all("CU,4,10", "SP,0,300", "SM,300,300,0", "SP,1,300", "SP,0,300", "SM,300,300,0", "SP,3")
    board.settle()
    assert board.trace()["ink"] == []
    assert board.trace()["pen"]["up"]


def test_the_pen_bit_is_the_commanded_state() -> None:
    board = Board("--firmware=3.0.3")
    board("SP,0,500")
    assert board.all("QG", "QP") == ["08\r\n", "0\n\rOK\r\n"]
    board("TP,100")
    board.settle()
    assert board("QP") == "1\n\rOK\r\n"


def test_old_and_new_firmware_boot_with_their_pen_positions() -> None:
    assert Board("--firmware=2.5.3").trace()["pen"]["width"] == 12000
    assert Board("--firmware=2.6.5").trace()["pen"]["width"] == 22565


def test_servo_power_goes_off_by_itself() -> None:
    board = Board()
    board.all("SR,1000", "SP,1")
    assert board("QR") == "1\n\rOK\r\n"
    board("SM,1500,0,0")
    board.settle()
    assert board("QR") == "0\n\rOK\r\n"


def test_the_button_is_told_once() -> None:
    board = Board("--button-at=0.5", "--button-at=1.5", "--firmware=3.0.3")
    board("SM,600,0,0")
    board.settle()
    assert board.trace()["events"][-1] == (0.5, "button")
    replies = board.all("SM,1000,0,0", "QB", "QB")
    assert replies[1:] == ["1\r\nOK\r\n", "0\r\nOK\r\n"]
    while board.machine.seconds < 1.5:
        board("QS")
    assert board.all("QB", "QG") == ["1\r\nOK\r\n", "18\r\n"]


def test_power_off_forgets_all_and_shows_in_qc() -> None:
    board = Board("--firmware=3.0.3", "--power-off-after=1", "--power-on-after=3")
    board.all("CU,60,200", "QG", "SL,77", "SP,0,300", "SM,2000,2000,0")
    assert board("QL") == "77\r\nOK\r\n"
    while board.machine.seconds < 1:
        board("QG")
    assert board.all("QC", "QL", "QS") == ["0394,0000\r\nOK\r\n", "0\r\nOK\r\n", "0,0\n\rOK\r\n"]
    assert not board.trace()["pen"]["up"]  # a servo without power stays where it is
    board("SM,500,500,500")
    board.settle()
    at = board.trace()["place"]
    board("SP,1,1900")
    board.settle()
    assert board.trace()["place"] == at
    assert board("QC") == "0394,0300\r\nOK\r\n"
    assert board.trace()["pen"]["up"]


def test_the_supply_alone_sets_the_flag_and_stops_the_motors() -> None:
    board = Board("--firmware=3.0.3", "--supply-off-after=0.5")
    board.all("CU,60,200", "SL,9", "SM,1000,1000,1000")
    board.settle()
    assert board.trace()["place"][0] == pytest.approx(0.497 * 12.5, abs=0.05)
    assert board.all("QS", "QL") == ["1000,1000\n\rOK\r\n", "9\r\nOK\r\n"]
    board = Board("--firmware=3.0.3", "--supply-off-after=0.005")
    assert board.all("CU,60,200", "QG", "SM,10,0,0", "QS", "QG", "QG") == [
        "OK\r\n", "10\r\n", "OK\r\n", "0,0\n\rOK\r\n", "58\r\n", "10\r\n",
    ]  # fmt: skip


def test_reboot_says_nothing_and_keeps_the_name() -> None:
    board = Board()
    assert board.all("ST,North", "SL,5", "SC,4,9000", "RB") == ["OK\r\n", "OK\r\n", "OK\r\n", ""]
    assert board.all("QT", "QL") == ["North\r\nOK\r\n", "0\r\nOK\r\n"]


def test_idle_motors_are_let_go_and_pushed_home() -> None:
    board = Board("--firmware=3.0.3", "--hand-home")
    board.all("CU,61,2", "SM,100,800,800")
    board.settle()
    assert board("QE") == "16,16\r\nOK\r\n"
    while board.machine.seconds < 2.2:
        board("V")
    assert board("QE") == "0,0\r\nOK\r\n"
    assert board.trace()["place"] == (0, 0)


def test_unplugged_it_does_what_it_has_and_never_answers() -> None:
    board = Board("--unplug-after=0.5")
    board.all("SP,0,200", "SM,1000,1000,1000")
    with pytest.raises(wire.Unplugged):
        while True:
            board("QG")
    with pytest.raises(wire.Unplugged):
        board("QG")
    trace = board.trace()
    assert trace["place"] == (12.5, 0)
    assert trace["events"][-1] == (0.5, "unplugged")


def test_noise_is_no_ascii_and_the_same_for_a_seed() -> None:
    boards = [Board("--garbage=0.5", f"--seed={seed}") for seed in (1, 1, 2)]
    texts = ["".join(board("QS") for _ in range(30)) for board in boards]
    assert texts[0] == texts[1] != texts[2]
    assert texts[0].encode("ascii", "ignore").decode() == "0,0\n\rOK\r\n" * 30
    assert not texts[0].isascii()


def test_new_heights_do_not_bring_the_paper_to_the_pen() -> None:
    board = Board("--servo-pin=2")
    board.all("SC,4,9720", "SC,5,7560", "SP,1,500,2", "SM,100,100,100")
    board.settle()
    assert board.trace()["ink"] == []
    board.all("SP,0,500,2", "SM,100,100,100", "SC,4,12000", "SP,1,500,2", "SC,5,11000")
    board.settle()
    assert len(board.trace()["ink"]) == 1


def test_queries_wait_behind_a_command_that_is_stuck() -> None:
    machine = Board("--firmware=2.8.1").machine
    replies = machine.receive(b"SM,100,10,0\rSM,100,10,0\rSM,100,10,0\rQM\r")
    assert replies == b"OK\r\n" * 3 + b"QM,1,1,0,1\n\r"
    assert machine.seconds > 0.1
