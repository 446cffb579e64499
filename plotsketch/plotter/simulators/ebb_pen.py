"""Servos at an EiBotBoard: pulses that slew, frame by frame, to where they are sent.

Widths are in 1/12,000,000 s. A channel's pulse comes once in a frame (8 channels of 3 ms at boot), and changes by its
rate each time until it is where it should be; a rate of 0 goes there at once (ebb.html, S2 "Slew rate").
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from plotsketch.plotter.simulators.ebb_motion import TICKS


@dataclass
class Servo:
    """One channel: the width at which its servo is, where it goes, and by how much in a frame.

    Without power (``powered``) a servo stays where it is, whatever its pulses say.
    """

    width: int
    target: int
    rate: int = 0
    powered: bool = True

    @property
    def is_moving(self) -> bool:
        return self.powered and self.width != self.target

    def send(self, target: int, rate: int) -> None:
        self.target, self.rate = target, rate

    def pulse(self) -> None:
        """A frame goes by."""
        if not self.powered:
            return
        way = self.target - self.width
        if self.rate and abs(way) > self.rate:
            way = self.rate if way > 0 else -self.rate
        self.width += way


@dataclass
class PenSettings:
    """What SC sets: widths with the pen up (SC,4) and down (SC,5), rates (SC,11 and SC,12), channels (SC,8) and
    milliseconds for each (SC,9), and whether a servo lifts the pen at all (SC,1)."""

    up: int
    down: int
    rate_up: int = 0
    rate_down: int = 0
    channels: int = 8
    channel_ms: int = 3
    mechanism: int = 2

    def reset(self, up: int, down: int) -> None:
        """All as at boot."""
        for one in fields(PenSettings):
            setattr(self, one.name, one.default)
        self.up, self.down = up, down

    @property
    def frame(self) -> int:
        """Ticks from pulse to pulse."""
        return self.channels * self.channel_ms * TICKS // 1000

    def paper(self) -> PaperHeight:
        """Where the paper is taken to be: in the middle between up and down."""
        side = (self.down > self.up) - (self.down < self.up)
        return PaperHeight((self.up + self.down) / 2, side)


@dataclass(frozen=True)
class PaperHeight:
    """The width at which a pen comes to the paper; `side` is 1 where greater ones press it down, -1 where lesser do,
    and 0 while none does.

    It is taken anew when the pen is sent down, so that a new SC,4 or SC,5 does not move the paper to the pen.
    """

    width: float = 0.0
    side: int = 0

    def is_touched(self, width: int) -> bool:
        return (width - self.width) * self.side > 0
