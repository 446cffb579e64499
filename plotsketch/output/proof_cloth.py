"""A cloth with the repeat on it that hangs from a wooden rod in soft folds."""

from __future__ import annotations

import numpy as np
from PIL import Image

from plotsketch.output.proof_stage import Floats, Stage, capsule, linear, smooth, to_linear
from plotsketch.output.proof_swatch import Swatch

WALL, WOOD = "#e2dcd2", "#b08a5e"
TIMES = 2  # places looked up across and down a pixel
BAND = 100  # rows at a time

# All of the cloth's shape is in widths of the cloth as it hangs.
TOP, BOTTOM = 0.125, 0.905  # of the picture's height
ASIDE = 0.115  # of the picture's width
# Folds: height, how many in the width, where they begin (turns), and how far they drift from top to bottom (turns)
FOLDS = ((0.0155, 4.3, 0.10, 0.16), (0.0088, 7.1, 0.55, -0.22), (0.0042, 11.7, 0.30, 0.35), (0.0100, 1.7, 0.75, 0.08))
GLOSS = 0.02  # light that any colour throws back where the cloth faces the light
SWING = 0.55  # how much lower the hem is where a fold comes forward, in its heights
SUN = np.array([-0.56, -0.34, 0.76])


def cloth(swatch: Swatch, pixels: int, width: float) -> Image.Image:
    """The picture, ``pixels`` wide; the cloth is ``width`` mm wide as it hangs, and a bit wider when it lies flat."""
    stage = Stage.of(pixels, width / (1 - 2 * ASIDE))
    left, top, bottom = ASIDE * stage.width, TOP * stage.height, BOTTOM * stage.height
    _backdrop(stage)
    form = _Form(stage, left, top, width, bottom - top)
    stage.shadow(form.covered, (0.035 * width, 0.028 * width), 0.05 * width, 0.42)
    stage.shadow(form.covered, (0.008 * width, 0.008 * width), 0.012 * width, 0.25)
    _rod(stage, left, top, width)
    _lay(stage, swatch, form)
    return stage.finished(vignette=0.26)


class _Form:
    """How the cloth hangs: ``across`` and ``down`` (mm of the cloth), its ``light`` and ``gloss``, and where it
    ``covered`` the picture, all (height, width)."""

    def __init__(self, stage: Stage, left: float, top: float, width: float, height: float) -> None:
        x, y = (stage.x - left) / width, (stage.y - top) / width
        long = height / width
        fall = np.clip(y / long, 0, 1)
        high = _heights(x, fall)
        step = 1 / (stage.scale * width)
        slope_down, slope_across = np.gradient(high, step, axis=0), np.gradient(high, step, axis=1)
        stretch = np.sqrt(1 + slope_across**2)
        across = np.cumsum(stretch, axis=1) / (stage.scale * width)
        across -= across[:, [round(across.shape[1] / 2)]]
        self.across = (across * width).astype(np.float32)
        self.down = ((y - SWING * high * fall) * width).astype(np.float32)
        facing = _facing(slope_across, slope_down)
        self.light = _lit(high, facing, fall)
        self.gloss = (GLOSS * facing**14).astype(np.float32)
        self.covered = self._edge(stage, x, y, high, long)

    def _edge(self, stage: Stage, x: Floats, y: Floats, high: Floats, long: float) -> Floats:
        """The hem swings with the folds, the sides a little."""
        fall = np.clip(y / long, 0, 1)
        sway = 0.004 * np.sin(5.1 * fall + 0.6) * fall
        inside = np.minimum(x - sway - 0.004 * fall, 1 - x + 0.8 * sway - 0.006 * fall)
        inside = np.minimum(inside, np.minimum(y + 0 * x, long + SWING * high - y))
        pixels = inside * stage.wide * (1 - 2 * ASIDE)
        return np.asarray(np.clip(0.5 + pixels, 0, 1), dtype=np.float32)


def _heights(x: Floats, fall: Floats) -> Floats:
    """How far the cloth comes forward: small waves on the rod that join into larger folds below."""
    total = np.zeros(np.broadcast(x, fall).shape, dtype=np.float32)
    for number, (height, count, begin, drift) in enumerate(FOLDS):
        turn = 2 * np.pi * (count * x + begin + drift * fall + 0.035 * np.sin(6.3 * x + 2.1 * number + 2.4 * fall))
        grow = 0.25 + 0.75 * smooth(0, 0.75, fall) if count < 6 else 1.0 - 0.55 * smooth(0.1, 0.9, fall)
        wave = np.sin(turn)
        total += (height * grow * (wave + 0.18 * np.cos(2 * turn))).astype(np.float32)
    return total


def _facing(across: Floats, down: Floats) -> Floats:
    """How far the cloth looks at the light, 0 to 1, from its slopes."""
    towards = (-across * SUN[0] - down * SUN[1] + SUN[2]) / np.sqrt(across**2 + down**2 + 1)
    return np.asarray(np.clip(towards, 0, 1), dtype=np.float32)


def _lit(high: Floats, facing: Floats, fall: Floats) -> Floats:
    """Daylight from the upper left, and less of it in the folds."""
    light = (0.3 + 0.72 * facing**1.15) * (0.8 + 0.24 * smooth(-0.03, 0.022, high)) + 0.07 * facing**12
    return np.asarray(light * (1.03 - 0.1 * fall), dtype=np.float32)


def _backdrop(stage: Stage) -> None:
    """A plastered wall in daylight from the left."""
    away = np.hypot((stage.x - 0.25 * stage.width) / stage.width, (stage.y - 0.2 * stage.height) / stage.height)
    light = 1.02 - 0.42 * smooth(0.0, 1.2, away)
    rough = np.random.default_rng(1).standard_normal((stage.high // 4 + 1, stage.wide // 4 + 1)).astype(np.float32)
    grown = np.kron(rough, np.ones((4, 4), dtype=np.float32))[: stage.high, : stage.wide]
    stage.light[:] = linear(WALL) * (light + 0.004 * grown)[..., None]


def _rod(stage: Stage, left: float, top: float, width: float) -> None:
    """A round rod on two cords, behind and over the cloth's upper edge."""
    thick, sides = 0.0125 * width, 0.055 * width
    y = top + 0.2 * thick
    part = stage.part(0, 0, stage.width, top + 0.2 * width)
    rod = capsule(left - sides, y, thick, left + width + sides, y, thick)
    middle = stage.width / 2
    for end in (left - 0.4 * sides, left + width + 0.4 * sides):
        cord = capsule(end, y, 0.0016 * width, middle, y - 0.42 * width, 0.0016 * width)
        part.shadow(part.covered(cord), (0.02 * width, 0.016 * width), 0.014 * width, 0.25)
        part.solid(cord, "#8d7a63", 0.002 * width, 0.5)
    part.shadow(part.covered(rod), (0.03 * width, 0.026 * width), 0.03 * width, 0.4)
    part.solid(rod, WOOD, thick, 0.75)
    grain = 0.05 * np.sin(part.y / thick * 7 + 1.5 * np.sin(part.x / width * 21)) * part.covered(rod)
    part.light *= (1 + grain)[..., None]


def _lay(stage: Stage, swatch: Swatch, form: _Form) -> None:
    """The cloth itself: the repeat bent into its folds, a sewn hem, a fine weave."""
    from plotsketch.output.proof_sampling import look_up

    texture = swatch.texture(stage.scale * TIMES)
    for top in range(0, stage.high, BAND):
        rows = slice(top, min(top + BAND, stage.high))
        if not form.covered[rows].any():
            continue
        fine = [_finer(values[rows], TIMES) for values in (form.across / swatch.size[0], form.down / swatch.size[1])]
        colours = to_linear(look_up(texture, fine[0], fine[1], TIMES))
        under = stage.light[rows]
        lit = colours * form.light[rows][..., None] + form.gloss[rows][..., None]
        under += form.covered[rows][..., None] * (lit - under)
    _hem(stage, form)


def _finer(values: Floats, times: int) -> Floats:
    """Values between the middles of pixels, for places inside each."""
    for axis in (0, 1):
        step = np.gradient(values, axis=axis)
        shares = ((np.arange(times) + 0.5) / times - 0.5).astype(np.float32)
        parts = [values + step * share for share in shares]
        shape = list(values.shape)
        shape[axis] *= times
        values = np.stack(parts, axis=axis + 1).reshape(shape)
    return np.ascontiguousarray(values, dtype=np.float32)


def _hem(stage: Stage, form: _Form) -> None:
    """A seam over the lower edge, and the sleeve that the rod goes through."""
    width = stage.width * (1 - 2 * ASIDE)
    thread = 0.0011 * width
    sleeve = form.down - 0.032 * width
    hem = form.down - (BOTTOM - TOP) * stage.height + 0.02 * width
    for seam in (sleeve, hem):
        line = np.exp(-((seam / thread) ** 2)) * form.covered
        stage.shade(line.astype(np.float32), 0.22)
        below = np.exp(-np.maximum(seam, 0) / (6 * thread)) * (seam > 0) * form.covered
        stage.shade(below.astype(np.float32), 0.07)
    over = smooth(-0.02 * width, 0.0, -np.abs(form.down - 0.013 * width)) * form.covered
    stage.light *= (1 + 0.13 * over * np.sign(0.013 * width - form.down))[..., None]
