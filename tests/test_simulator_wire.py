"""The pseudo-terminal that simulators share: hosts come, are killed and come back; traces; no leftovers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from plotsketch.errors import UserError
from plotsketch.plotter.port import Port, PortLost
from plotsketch.plotter.simulators.wire import running

HOST = """
import sys, time
from plotsketch.plotter.port import Port
port = Port(sys.argv[1])
port.write(b"SL,42\\rQ")
port.read_until(b"\\n", 5)
print("there", flush=True)
time.sleep(60)
"""


def ask(port: Port, command: str) -> bytes:
    port.write(command.encode() + b"\r")
    return port.read_until(b"\n", 10)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_host_is_killed_and_another_comes_back() -> None:
    with running("ebb") as simulator:
        host = subprocess.Popen([sys.executable, "-c", HOST, simulator.port], stdout=subprocess.PIPE)
        assert host.stdout is not None and host.stdout.readline() == b"there\n"
        host.kill()
        host.wait()
        host.stdout.close()
        port = Port(simulator.port)
        ask(port, "")  # ends what the other left half said: QQ is no command
        port.discard()
        assert ask(port, "QL") == b"42\r\n"
        port.close()
        assert simulator.trace()["commands"] == 3
    assert not alive(simulator.pid)


def test_the_trace_is_there_while_it_runs_and_after() -> None:
    with running("ebb") as simulator:
        port = Port(simulator.port)
        ask(port, "SM,500,500,500")
        first = simulator.trace()
        ask(port, "SM,500,500,500")
        ask(port, "SM,500,500,500")
        port.close()
        assert simulator.trace()["seconds"] > first["seconds"]
        simulator.stop()
        simulator.stop()
        assert simulator.trace()["commands"] == 3


def test_link_and_trace_by_the_command_line(tmp_path: Path) -> None:
    link, trace = tmp_path / "plotter", tmp_path / "trace.json"
    link.symlink_to("/dev/nowhere")  # left by one that was killed
    command = [sys.executable, "-m", "plotsketch.plotter.simulators", "ebb", f"--link={link}", f"--trace={trace}"]
    process = subprocess.Popen([*command, "--firmware=2.5.3"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    path = process.stdout.readline().decode().strip()
    assert os.readlink(link) == path
    port = Port(f"simulator:{link}")
    assert ask(port, "V").endswith(b"2.5.3\r\n")
    port.close()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    process.stdout.close()
    assert not link.is_symlink()
    assert json.loads(trace.read_text())["firmware"] == "2.5.3"


def test_an_unplugged_port_is_lost() -> None:
    with running("ebb", unplug_after=0.5) as simulator:
        port = Port(simulator.port)
        with pytest.raises(PortLost):
            for _ in range(1000):
                ask(port, "SM,100,0,0")
        port.close()
        with pytest.raises(UserError):
            Port(simulator.port)
        assert simulator.trace()["events"][-1][1] == "unplugged"


def test_it_ends_with_the_program_that_started_it() -> None:
    starter = """
import os, signal
from plotsketch.plotter.simulators.wire import running
with running("ebb") as simulator:
    print(simulator.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", starter], stdout=subprocess.PIPE, check=False)
    pid = int(done.stdout)
    for _ in range(3000):
        if not alive(pid):
            return
        os.sched_yield()
        signal.sigtimedwait([], 0.01)
    pytest.fail("the simulator outlived its starter")


def test_a_paced_machine_keeps_its_clock_by_the_wall() -> None:
    with running("ebb", paced=200.0) as simulator:
        port = Port(simulator.port)
        for _ in range(4):
            ask(port, "SM,10000,1000,1000")  # the fourth waits for 20 simulated seconds, a tenth of a second here
        ask(port, "QM")
        assert simulator.trace()["seconds"] >= 20
        port.close()


def test_wrong_options_are_told_in_a_line() -> None:
    with pytest.raises(UserError, match="did not start.*X.Y.Z"), running("ebb", firmware="two"):
        pass


def test_options_may_be_repeated_and_left_out() -> None:
    with running("ebb", button_at=[0.01, 0.02], travel=None, fine_ink=True, no_supply=False) as simulator:
        port = Port(simulator.port)
        ask(port, "SM,100,100,100")
        ask(port, "SM,1,1,1")
        ask(port, "SM,1,1,1")
        port.close()
        assert [event[1] for event in simulator.trace()["events"]] == ["button", "button"]
