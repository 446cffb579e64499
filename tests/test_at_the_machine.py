"""What people do at a machine: the pen, walks, the way home, and what is connected; on simulators of each kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vpype
from click.testing import CliRunner, Result

from plotsketch.cli.main import cli
from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine, load_machine
from plotsketch.plotter import bench, connect
from plotsketch.plotter.driver import Drawn, Identity
from plotsketch.plotter.plan import Floats, Plan, PlanLayer
from plotsketch.plotter.port import EBB_NAME, Found
from plotsketch.plotter.probe import asked
from plotsketch.plotter.simulators.wire import Running, running

Run = Callable[..., Result]
PX = 96 / 25.4

MACHINES = {"ebb": "axidraw-v3", "hp7475a": "hp7475a", "hp7550a": "hp7550a", "grbl": "grbl"}


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A landscape A4 with a line in each of two layers, and one that is not plotted."""
    document = vpype.Document(page_size=(297 * PX, 210 * PX))
    for number, (label, line) in enumerate(
        [("1 rose", [50 + 40j, 90 + 60j]), ("2 ink", [60 + 50j, 120 + 100j]), ("%3 notes", [20 + 20j, 280 + 190j])], 1
    ):
        document.add(vpype.LineCollection([np.array(line) * PX]), number)
        document.layers[number].set_property(vpype.METADATA_FIELD_NAME, label)
    path = tmp_path / "sheet.svg"
    with path.open("w") as file:
        vpype.write_svg(file, document)
    return path


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> Iterator[tuple[str, Running]]:
    """Each kind of machine, by the name of its profile, at work."""
    with running(request.param) as simulator:
        yield MACHINES[request.param], simulator


def data(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr or repr(result.exception)
    return json.loads(result.stdout)


class Idle:
    """A driver that notes what it is asked for; `fails` names the method at which it raises."""

    changes_pens = False
    inked = 0

    def __init__(self, fails: str = "", error: BaseException | None = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.fails, self.error = fails, error or UserError("an alarm")

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        if call[0] == self.fails:
            raise self.error

    def open(self) -> Identity:
        self._note("open")
        return Identity("none", "0")

    def where(self) -> tuple[float, float] | None:
        return None

    def resumed(self, sent: int, inked: int) -> int:
        return sent

    def begin(self, plan: Plan) -> None:
        self._note("begin", plan.page)

    def layer(self, layer: PlanLayer) -> None:
        self._note("layer", layer.pen)

    def draw(self, points: Floats, should_stop: Callable[[], bool]) -> Drawn:
        raise AssertionError("nothing here draws")

    def settle(self) -> None:
        self._note("settle")

    def park(self) -> None:
        self._note("park")

    def stop_now(self) -> None:
        self._note("stop_now")

    def pen(self, up: bool) -> None:
        self._note("up" if up else "down")

    def jog(self, dx: float, dy: float) -> None:
        self._note("jog", dx, dy)

    def go(self, x: float, y: float) -> None:
        self._note("go", x, y)

    def home(self) -> None:
        self._note("home")

    def close(self) -> None:
        self._note("close")

    @property
    def names(self) -> list[str]:
        return [call[0] for call in self.calls]


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Idle]:
    """In place of every machine's driver one that notes what it is asked for."""

    def use(*args: Any, **words: Any) -> Idle:
        driver = Idle(*args, **words)
        monkeypatch.setattr(connect, "_driver", lambda *_: driver)
        return driver

    return use


def ports(monkeypatch: pytest.MonkeyPatch, *found: Found) -> None:
    monkeypatch.setattr(connect, "find_ports", lambda: list(found))
    monkeypatch.setattr("plotsketch.plotter.port.find_ports", lambda: list(found))


AXIDRAW = Found("/dev/ttyACM0", EBB_NAME, True)
ADAPTER = Found("/dev/ttyUSB0", "USB2.0-Serial", False)


# The commands, on every machine


def test_every_command_works_at_every_machine_and_draws_nothing(
    machine: tuple[str, Running], sheet: Path, plotsketch: Run
) -> None:
    name, simulator = machine
    at = ("--machine", name, "--port", simulator.port, "--json")
    assert data(plotsketch("pen", "up", *at))["pen"] == "up"
    if name == "grbl":  # it does not know where it is
        assert data(plotsketch("home", "--set", *at))["home"] == "set"
    assert data(plotsketch("jog", "1cm", "20mm", *at))["dx_mm"] == 10
    assert data(plotsketch("home", *at))["home"] == "reached"
    fits = ("--oversize", "scale") if name.startswith("hp") else ()
    found = data(plotsketch("outline", sheet, *at, *fits))
    assert found["box_mm"] == pytest.approx([50, 40, 120, 100], abs=0.01)
    assert len(data(plotsketch("align", sheet, "--yes", "--wait", 0, *at))["corners_mm"]) == 4
    seen = data(plotsketch("machines", "--machine", name, "--port", simulator.port, "--json"))
    assert seen["ports"][0]["kind"] == connect.kind_of(load_machine(name))
    trace = simulator.trace()
    assert trace["ink"] == []
    assert trace["errors"] == []


def test_the_pen_goes_down_where_it_is_and_whatever_is_asked_next_lifts_it(
    machine: tuple[str, Running], plotsketch: Run
) -> None:
    name, simulator = machine
    at = ("--machine", name, "--port", simulator.port)
    if name.startswith("hp"):
        plotsketch("pen", "select", 2, *at)
    result = plotsketch("pen", "down", *at)
    assert result.stdout == "the pen is down, and stays so: `plotsketch pen up` lifts it\n", result.stderr
    assert is_down(simulator.trace())
    assert data(plotsketch("pen", "cycle", "--times", 2, *at, "--json"))["times"] == 2
    assert not is_down(simulator.trace())
    assert all(len(set(map(tuple, line))) == 1 for line in simulator.trace()["ink"])  # dots at most


def is_down(trace: dict[str, Any]) -> bool:
    return bool(trace["pen_down"] if "pen_down" in trace else not trace["pen"]["up"])


def test_every_command_can_be_tried_without_a_machine(sheet: Path, plotsketch: Run) -> None:
    lines: list[tuple[Any, ...]] = [
        ("pen", "cycle", "--machine", "grbl-z"),
        ("pen", "test", "--down", "20,30", "--wait", 0),
        ("jog", "-1in", "-2cm"),
        ("align", "--paper", "a4", "--landscape", "--yes", "--wait", 0, "--machine", "hp7550a"),
        ("outline", sheet, "--layer", 2, "--times", 2),
        ("machines",),
    ]
    for line in lines:
        result = plotsketch(*line, "--port", "simulator")
        assert result.exit_code == 0, (line, result.stderr, result.exception)
        assert result.stdout


# An AxiDraw


def test_an_axidraw_knows_the_way_home_until_its_motors_are_let_go(plotsketch: Run) -> None:
    with running("ebb") as simulator:
        at = ("--port", simulator.port)
        plotsketch("jog", "10mm", "20mm", *at)
        assert data(plotsketch("jog", "-5mm", "1in", *at, "--json"))["from_home_mm"] == pytest.approx(
            [5, 45.4], abs=0.02
        )
        assert simulator.trace()["motors"] == [True, True]
        plotsketch("home", *at)
        trace = simulator.trace()
        assert (trace["place"], trace["motors"]) == ([0, 0], [False, False])
        lost = plotsketch("home", *at)
        assert (lost.exit_code, lost.stderr.count("\n")) == (1, 1)
        assert "does not know where its home is" in lost.stderr


def test_home_is_where_it_is_set(plotsketch: Run) -> None:
    with running("ebb") as simulator:
        at = ("--port", simulator.port)
        plotsketch("jog", "10mm", "20mm", *at)
        assert plotsketch("home", "--set", *at).exit_code == 0
        assert simulator.trace()["motors"] == [False, False]
        plotsketch("jog", "1mm", "1mm", *at)
        plotsketch("home", *at)
        assert simulator.trace()["place"] == pytest.approx([10, 20])
    refused = plotsketch("home", "--set", "--machine", "hp7475a", "--port", "simulator")
    assert refused.exit_code == 1 and "cannot be set: move the paper" in refused.stderr


def test_home_is_where_it_is_set_with_grbl_too(plotsketch: Run) -> None:
    with running("grbl") as simulator:
        at = ("--machine", "grbl", "--port", simulator.port)
        plotsketch("jog", "10mm", "20mm", *at)
        assert "put the pen home by hand" in plotsketch("home", *at).stderr
        assert plotsketch("home", "--set", *at).stdout == "home is where the pen is now\n"
        plotsketch("jog", "5mm", "5mm", *at)
        assert data(plotsketch("home", *at, "--json"))["from_mm"] == pytest.approx([5, 5])
        plotsketch("jog", "1mm", "2mm", *at)
        plotsketch("home", "--set", *at)  # another time, with a zero there already
        assert plotsketch("home", *at).exit_code == 0
        assert simulator.trace()["at"][:2] == pytest.approx([11, 22])


def test_heights_hold_for_a_command_alone_and_give_the_pen_its_time() -> None:
    machine = load_machine("axidraw-v3")
    high = bench.at_heights(machine, up=100, down=0)
    assert (high.ebb["pen_up"], high.ebb["pen_down"]) == (100, 0)
    assert high.lift_s > machine.lift_s and high.drop_s > machine.drop_s
    assert bench.at_heights(machine) == machine
    for name, words in [("hp7475a", "front panel"), ("grbl", r"\[gcode\] pen_up")]:
        with pytest.raises(UserError, match=words):
            bench.at_heights(load_machine(name), up=50)


def test_a_chosen_height_comes_to_the_lift(plotsketch: Run) -> None:
    with running("ebb") as simulator:
        widths = []
        for height in (40, 80):
            plotsketch("pen", "up", "--height", height, "--port", simulator.port)
            widths.append(simulator.trace()["pen"]["width"])
        assert widths[0] < widths[1]


# An HP plotter


def test_a_carousels_pen_is_fetched_and_put_away(plotsketch: Run) -> None:
    with running("hp7475a") as simulator:
        at = ("--machine", "hp7475a", "--port", simulator.port)
        assert plotsketch("pen", "select", 4, *at).stdout == "pen 4 is in the holder, and up\n"
        assert simulator.trace()["pen"] == 4
        assert plotsketch("pen", "select", 0, *at).stdout == "the pen is put away\n"
        assert simulator.trace()["pen"] == 0
        too_many = plotsketch("pen", "select", 7, *at)
        assert too_many.exit_code == 1 and "has no pen 7; there are 1 to 6" in too_many.stderr
    by_hand = plotsketch("pen", "select", 1, "--port", "simulator")
    assert by_hand.exit_code == 1 and "fetches no pens" in by_hand.stderr


# Walks


def test_a_walk_goes_clockwise_from_the_upper_left_corner_and_home(idle: Callable[..., Idle], plotsketch: Run) -> None:
    driver = idle()
    result = plotsketch("align", "--paper", "a5", "--landscape", "--yes", "--wait", 0, "--port", "x")
    assert result.exit_code == 0
    assert [call[1:] for call in driver.calls if call[0] == "go"] == [(0, 0), (210, 0), (210, 148), (0, 148)]
    assert driver.names[0] == "open" and driver.names[-2:] == ["park", "close"]
    assert "upper left corner (1 of 4)" in result.stderr


def test_each_corner_waits_for_a_key_and_q_goes_home(
    idle: Callable[..., Idle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plotsketch.cli.align._has_keys", lambda: True)
    for keys, goes, code in [("xxxx", 4, 0), ("xq", 2, 130), ("x", 2, 1), ("", 1, 1)]:
        driver = idle()
        result = CliRunner().invoke(cli, ["align", "--paper", "a5", "--port", "x"], input=keys)
        assert (driver.names.count("go"), result.exit_code) == (goes, code), keys
        assert driver.names[-1] == "close"
        assert driver.names.count("park") == 1
    assert "the terminal to press a key at is gone; give --yes" in result.stderr


def test_a_page_beyond_reach_is_walked_as_far_as_the_machine_goes(idle: Callable[..., Idle], plotsketch: Run) -> None:
    driver = idle()
    result = plotsketch("align", "--paper", "a3", "--yes", "--wait", 0, "--port", "x")
    goes = [call[1:] for call in driver.calls if call[0] == "go"]
    assert goes == [(79, 0), (297, 0), (297, 300), (79, 300)]  # a standing page lies turned to the left
    assert "Warning: of a page of 297 x 420 mm the pen reaches 218 x 300 mm" in result.stderr


def test_without_paper_the_machines_whole_reach_is_walked(idle: Callable[..., Idle], plotsketch: Run) -> None:
    driver = idle()
    plotsketch("align", "--yes", "--wait", 0, "--machine", "axidraw-minikit", "--port", "x")
    assert ("go", 160, 101.6) in driver.calls


def test_an_outline_is_the_box_of_the_layers_that_are_drawn(
    idle: Callable[..., Idle], sheet: Path, plotsketch: Run
) -> None:
    driver = idle()
    found = data(plotsketch("outline", sheet, "--layer", 2, "--times", 2, "--port", "x", "--json"))
    assert found["box_mm"] == pytest.approx([60, 50, 120, 100], abs=0.01)
    assert driver.names.count("go") == 9
    whole = data(plotsketch("outline", sheet, "--port", "x", "--json"))
    assert whole["box_mm"] == pytest.approx([50, 40, 120, 100], abs=0.01)  # without the layer of notes
    assert "layer 7" in plotsketch("outline", sheet, "--layer", 7, "--port", "x").stderr


def test_an_outline_beyond_reach_is_refused_before_anything_moves(
    idle: Callable[..., Idle], sheet: Path, plotsketch: Run
) -> None:
    driver = idle()
    at = ("--machine", "axidraw-minikit", "--port", "x")
    result = plotsketch("outline", sheet, "--layer", 1, "--layer", 2, *at, "--oversize", "refuse")
    assert result.exit_code == 0, result.stderr
    big = sheet.with_name("big.svg")
    big.write_text(sheet.read_text().replace("%3", "3"))
    driver.calls.clear()
    refused = plotsketch("outline", big, *at)
    assert refused.exit_code == 1 and "goes beyond" in refused.stderr and not driver.calls
    assert plotsketch("outline", big, *at, "--oversize", "clip").exit_code == 0


# Whatever happens


@pytest.mark.parametrize("error", [UserError("an alarm"), KeyboardInterrupt(), RuntimeError("a fault")])
@pytest.mark.parametrize("place", ["begin", "go", "settle"])
def test_whatever_is_raised_lifts_the_pen_and_lets_the_port_go(error: BaseException, place: str) -> None:
    driver = Idle(place, error)
    with pytest.raises(type(error)), bench.at_work(driver):
        bench.walk(driver, load_machine("axidraw-v3"), (210, 148), [(1, 1)], lambda _: True)
    assert "stop_now" in driver.names


def test_a_pen_that_was_lowered_is_lifted_when_something_goes_wrong(idle: Callable[..., Idle], plotsketch: Run) -> None:
    driver = idle("up")
    result = plotsketch("pen", "cycle", "--port", "x")
    assert (result.exit_code, result.stderr) == (1, "Error: an alarm\n")
    assert driver.names == ["open", "down", "up", "stop_now", "close"]


# Ports


def test_a_machine_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch, plotsketch: Run) -> None:
    ports(monkeypatch)
    assert plotsketch("pen", "up").stderr == (
        "Error: no EiBotBoard is connected: is its cable in, and its power on? Or name a port with --port, "
        "or try it with --port simulator\n"
    )
    missing = plotsketch("home", "--machine", "hp7475a").stderr
    assert missing.startswith("Error: this computer has no serial port for a HP 7475A:") and missing.count("\n") == 1
    gone = plotsketch("pen", "up", "--port", "/dev/no-such-port").stderr
    assert gone == "Error: there is no port /dev/no-such-port; `plotsketch machines` lists those that there are\n"


def test_the_only_port_that_fits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    ebb, hpgl = load_machine("axidraw-v3"), load_machine("hp7475a")
    ports(monkeypatch, AXIDRAW, ADAPTER)
    assert connect.port_for(ebb, None) == "/dev/ttyACM0"
    assert connect.port_for(hpgl, None) == "/dev/ttyUSB0"
    assert connect.port_for(hpgl, "COM3") == "COM3"
    ports(monkeypatch, AXIDRAW, Found("/dev/ttyACM1", EBB_NAME, True))
    with pytest.raises(UserError, match=r"there are 2 EiBotBoards, /dev/ttyACM0 .* name one with --port"):
        connect.port_for(ebb, None)


def test_a_machines_own_port_goes_before_one_that_stands_and_after_one_that_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plotsketch: Run
) -> None:
    own = tmp_path / "cellar.toml"
    own.write_text('like = "hp7475a"\n[serial]\nport = "/dev/cellar"\n')
    monkeypatch.setenv("PLOTSKETCH_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('[options]\nport = "/dev/standing"\n')
    for words, port in [
        (("--machine", own), "/dev/cellar"),
        (("--machine", own, "--port", "/dev/typed"), "/dev/typed"),
        (("--machine", "hp7475a"), "/dev/standing"),
    ]:
        assert f"there is no port {port};" in plotsketch("pen", "up", *words).stderr


def test_a_machine_that_nobody_drives_says_what_to_do(plotsketch: Run) -> None:
    marlin = plotsketch("pen", "up", "--machine", "marlin", "--port", "x").stderr
    assert "plotsketch convert SHEET -o sheet.gcode" in marlin and marlin.count("\n") == 1
    bare = Machine(
        name="bare", title="bare", draw_speed=1, travel_speed=1, acceleration=1, travel_acceleration=1, junction=0,
        lift_s=0, drop_s=0, pen_change_s=0, step=1, travel=(1, 1),
    )  # fmt: skip
    with pytest.raises(UserError, match="nobody knows how to drive it"):
        connect.kind_of(bare)
    wrong = plotsketch("pen", "up", "--machine", "hp7475a", "--driver", "pyaxidraw", "--port", "x")
    assert wrong.exit_code == 1 and "HP 7475A is none; leave --driver out" in wrong.stderr


# What is connected


def test_ports_are_listed_and_unknown_devices_left_alone(monkeypatch: pytest.MonkeyPatch, plotsketch: Run) -> None:
    with running("ebb") as board, running("grbl") as router:
        ports(monkeypatch, Found(board.port, EBB_NAME, True), Found(router.port, "USB2.0-Serial", False))
        first, second = data(plotsketch("machines", "--json"))["ports"]
        assert (first["kind"], first["facts"]["power"]) == ("ebb", "on")
        assert (second["kind"], second["trouble"]) == ("", "not asked; --all asks")
        assert "not asked; --all asks" in plotsketch("machines").stdout
        both = data(plotsketch("machines", "--all", "--json"))["ports"]
        assert [one["kind"] for one in both] == ["ebb", "gcode"]
        assert both[1]["firmware"].startswith("1.1")
    ports(monkeypatch)
    nothing = plotsketch("machines")
    assert (nothing.exit_code, nothing.stdout) == (0, "") and "--port simulator" in nothing.stderr


@pytest.mark.parametrize("firmware", ["2.5.3", "2.8.1", "3.0.3"])
def test_a_board_is_asked_in_the_words_of_any_firmware(firmware: str) -> None:
    with running("ebb", firmware=firmware) as board:
        seen = asked(Found(board.port, "", True), ["ebb"])
        assert (seen.kind, seen.firmware, seen.facts["power"]) == ("ebb", firmware, "on")
        assert board.trace()["events"] == []


def test_whoever_does_not_answer_is_said_and_a_named_port_is_an_error(plotsketch: Run) -> None:
    with running("hp7550a") as plotter:
        result = plotsketch("machines", "--port", plotter.port, "--machine", "axidraw-v3")
        assert result.exit_code == 1 and "nothing answers at" in result.stderr
        seen = data(plotsketch("machines", "--port", plotter.port, "--json"))["ports"][0]
        assert (seen["kind"], seen["facts"]["model"]) == ("hpgl", "7550A")


def test_where_no_key_can_be_pressed_nothing_moves(idle: Callable[..., Idle], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plotsketch.cli.align._has_keys", lambda: False)
    driver = idle()
    result = CliRunner().invoke(cli, ["align", "--paper", "a5", "--port", "x"])
    assert result.exit_code == 1 and "--yes" in result.stderr and driver.names == []


def test_a_jog_beyond_the_machine_is_refused_or_told(plotsketch: Run) -> None:
    refused = plotsketch("jog", "10m", "0", "--port", "simulator")
    assert refused.exit_code == 1 and "300 x 218 mm" in refused.stderr
    result = plotsketch("jog", "-5", "-5", "--machine", "hp7475a", "--port", "simulator")
    assert result.exit_code == 0 and "moved by 0, 0 mm" in result.stdout and "its reach ends" in result.stderr


def test_paper_is_for_plotters_that_have_some(plotsketch: Run, sheet: Path) -> None:
    refused = plotsketch("outline", sheet, "--paper", "a4", "--port", "simulator")
    assert refused.exit_code == 1 and "HPGL" in refused.stderr
