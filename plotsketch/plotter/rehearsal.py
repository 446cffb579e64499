"""A plot with nobody to ask and nothing to go wrong: what `session.Session` has a driver do for one copy."""

from __future__ import annotations

import contextlib

from plotsketch.plotter.driver import Driver
from plotsketch.plotter.plan import Plan


def rehearse(driver: Driver, plan: Plan) -> None:
    """Plots all of a plan on a driver that is not open yet, and closes it. Raises UserError where the driver does."""
    with contextlib.closing(driver):
        driver.open()
        driver.begin(plan)
        current: int | None = None
        for stroke in plan.strokes:
            if stroke.layer != current:
                if current is not None:
                    driver.settle()
                current = stroke.layer
                driver.layer(plan.layers[current])
            driver.draw(stroke.points, lambda: False)
        driver.settle()
        driver.park()
