"""Frames as pictures in shades of grey, and as a film: GIF and animated PNG.

A film that stands still in two frames stores one of them, for twice as long: its length is what was asked for.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from plotsketch.errors import UserError

FINER = 4  # lines are drawn so many times as large and then reduced: 4 x 4 dots a pixel
SHADES = 16  # more cannot be told apart at the edge of a line, and files grow with them
AIR = 0.06  # of a picture's side, white around the square of the drawings
THIN = 160  # a usual line is this part of the picture's side
SMALLEST, LARGEST = 16, 2048  # pixels
FASTEST = 50.0  # frames a second; programs take GIFs that claim more for mistaken, and show 10
MOST_PIXELS = 1_000_000_000  # of all frames: 1 GB of memory

Picture = Image.Image


@dataclass(frozen=True)
class Screen:
    """How a film is shown: pictures of ``size`` by ``size`` pixels, ``fps`` a second, drawn by a pen of ``pen`` pixels
    (None: as fits the size). The last picture stays for ``rest`` seconds longer. Raises UserError for what cannot be.
    """

    size: int = 480
    fps: float = 20.0
    pen: float | None = None
    rest: float = 0.0

    def __post_init__(self) -> None:
        if not SMALLEST <= self.size <= LARGEST:
            raise UserError(f"--size is {self.size}; give a number of pixels from {SMALLEST} to {LARGEST}")
        if not 0.1 <= self.fps <= FASTEST:
            raise UserError(f"--fps is {self.fps:g}; give from 0.1 to {FASTEST:g} frames a second, such as 20")
        if self.pen is not None and not 0 < self.pen <= self.size:
            raise UserError(
                f"a pen of {self.pen:g} pixels cannot draw a picture of {self.size}; give another --pen-width"
            )
        if not 0 <= self.rest <= 600:
            raise UserError(f"--rest is {self.rest:g}; give from 0 to 600 seconds")

    @property
    def pen_pixels(self) -> float:
        return max(1.0, self.size / THIN) if self.pen is None else self.pen

    def check(self, frames: int) -> None:
        """Raises UserError when so many frames would need too much memory."""
        if frames * self.size**2 > MOST_PIXELS:
            most = MOST_PIXELS // self.size**2
            raise UserError(
                f"{frames} frames of {self.size} pixels are too many for one film; take {most}, or a smaller --size"
            )

    def durations(self, frames: int) -> list[int]:
        """Milliseconds of each frame, whole hundredths of a second as GIF counts them, with no error that adds up."""
        ends = [round(100 * (frame + 1) / self.fps) for frame in range(frames)]
        ends[-1] += round(100 * self.rest)
        return [10 * (end - start) for start, end in zip([0, *ends], ends, strict=False)]

    def on_screen(self, line: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels of points in the square from (0, 0) to (1, 1)."""
        return np.asarray((AIR + (1 - 2 * AIR) * line) * self.size)

    def to_dict(self) -> dict[str, float]:
        return {**asdict(self), "pen": self.pen_pixels}


def picture(lines: Iterable[NDArray[np.float64]], screen: Screen) -> Picture:
    """Lines (n, 2) in the square from (0, 0) to (1, 1), as black ink on white in a palette of SHADES greys.

    ``output.png`` counts the ink on every pixel, in full colour; a film needs neither, and its frames stay small.
    """
    large = Image.new("L", (screen.size * FINER, screen.size * FINER), 255)
    canvas = ImageDraw.Draw(large)
    width = max(1, round(screen.pen_pixels * FINER))
    for line in lines:
        _draw(canvas, screen.on_screen(line) * FINER, width)
    shades = large.reduce(FINER).point([round(level / 255 * (SHADES - 1)) for level in range(256)])
    grey = Image.frombytes("P", shades.size, shades.tobytes())
    grey.putpalette([round(shade / (SHADES - 1) * 255) for shade in range(SHADES) for _ in "rgb"])
    return grey


def _draw(canvas: ImageDraw.ImageDraw, line: NDArray[np.float64], width: int) -> None:
    """Pieces, and a disc at every corner: round ends and joins."""
    corners = [(float(x), float(y)) for x, y in line]
    canvas.line(corners, fill=0, width=width)
    radius = width / 2
    for x, y in dict.fromkeys(corners):
        canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)


def gif_bytes(frames: Sequence[Picture], durations: Sequence[int], recipe: Mapping[str, object]) -> bytes:
    """A film that runs again and again, with its recipe as a comment (JSON); ``durations`` in milliseconds."""
    file = io.BytesIO()
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=list(durations), loop=0, optimize=False,
        comment=json.dumps(recipe, sort_keys=True).encode(),
    )  # fmt: skip
    return file.getvalue()


def apng_bytes(frames: Sequence[Picture], durations: Sequence[int], recipe: Mapping[str, object]) -> bytes:
    """As ``gif_bytes``, with the recipe as text under ``plotsketch``."""
    file = io.BytesIO()
    frames[0].save(
        file, "PNG", save_all=True, append_images=frames[1:], duration=list(durations), loop=0, pnginfo=_notes(recipe)
    )
    return file.getvalue()


def still_bytes(frame: Picture, recipe: Mapping[str, object]) -> bytes:
    """One frame as PNG."""
    file = io.BytesIO()
    frame.save(file, "PNG", pnginfo=_notes(recipe))
    return file.getvalue()


def _notes(recipe: Mapping[str, object]) -> PngInfo:
    notes = PngInfo()
    notes.add_text("plotsketch", json.dumps(recipe, sort_keys=True))
    return notes
