"""The [ebb] table of a machine: what it says to the board, how long the pen takes, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine, load_machine, machine_names
from plotsketch.plotter.ebb_settings import ebb_settings

V3 = load_machine("axidraw-v3")
AXIDRAWS = [name for name in machine_names() if name.startswith("axidraw")]


def like_v3(**changes: Any) -> Machine:
    return replace(V3, name="mine", ebb={**V3.ebb, **changes})


@pytest.mark.parametrize("name", AXIDRAWS)
def test_what_a_shipped_profile_waits_is_what_its_pen_takes(name: str) -> None:
    machine = load_machine(name)
    settings = ebb_settings(machine)
    assert settings.raise_ms() == round(machine.lift_s * 1000)
    assert settings.lower_ms() == round(machine.drop_s * 1000)
    assert machine.step == 1 / settings.steps_per_mm


def test_the_axidraw_softwares_own_times_come_out() -> None:
    assert (ebb_settings(V3).raise_ms(), ebb_settings(V3).lower_ms()) == (130, 146)


def test_one_profile_has_the_brushless_lift() -> None:
    settings = ebb_settings(load_machine("axidraw-v3-brushless"))
    assert settings.setup(has_power_switch=True)[:3] == ["SC,4,9720", "SC,5,7560", "SC,8,1"]
    assert settings.pen_command(up=False, ms=61) == "SP,0,61,2"


def test_a_servo_is_told_its_heights_and_rates() -> None:
    settings = ebb_settings(V3)
    assert settings.setup(has_power_switch=False) == ["SC,4,20641", "SC,5,15248", "SC,8,8", "SC,11,1618", "SC,12,1079"]
    assert settings.setup(has_power_switch=True)[-1] == "SR,60000,1"
    assert settings.pen_command(up=True, ms=0) == "SP,1,1"


def test_a_lower_pen_takes_longer() -> None:
    settings = ebb_settings(V3)
    assert settings.raise_ms(down=0) > settings.raise_ms() > settings.raise_ms(down=50)
    assert ebb_settings(like_v3(raise_delay=-100)).raise_ms() == 30


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lift": "magnet"}, "lift is 'magnet'; it takes servo or brushless"),
        ({"microsteps": 4}, "microsteps is 4; it takes 16 or 8"),
        ({"microsteps": True}, "microsteps is True"),
        ({"pen_up": 101}, "pen_up is 101; it takes a number from 0 to 100"),
        ({"raise_rate": 0}, "raise_rate is 0"),
        ({"pen_down": float("nan")}, "pen_down is nan"),
        ({"range": [1]}, "range is"),
        ({"range": [5, 5]}, "range is"),
        ({"range": [0, 70000]}, "range is"),
        ({"power_check": 1}, "power_check is 1; it takes true or false"),
        ({"pen_dwn": 3}, "has no 'pen_dwn': did you mean 'pen_down'"),
        ({"lower_rate": 5}, "drop_s is 0.146, but at these heights and rates of \\[ebb\\] the pen takes 1.2 seconds"),
        ({"raise_delay": 50}, "lift_s is 0.13, but"),
    ],
)
def test_odd_values_are_refused_in_one_line(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=f"machine mine: .*{words}") as refused:
        ebb_settings(like_v3(**changes))
    assert "\n" not in str(refused.value)


def test_a_machine_without_a_board_is_refused() -> None:
    with pytest.raises(UserError, match=r"has no EiBotBoard; choose such as axidraw-v3"):
        ebb_settings(load_machine("hp7475a"))


def test_home_is_where_the_board_counts_from() -> None:
    with pytest.raises(UserError, match="corner"):
        ebb_settings(replace(V3, corner="lower-left"))
