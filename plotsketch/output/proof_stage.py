"""A picture in the making: linear light on a plane measured in millimetres, with soft shapes, shadows and a lens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from plotsketch.output.raster import rgb

Floats = NDArray[np.floating[Any]]
Shape = Callable[[Floats, Floats], Floats]  # mm from the edge at x, y (mm); below 0 inside

ASPECT = 4 / 3
LIGHT = (-0.6, -0.8)  # where light comes from, on the picture
FINE = 3  # times finer than the picture polygons are drawn
GRAIN = 0.9  # of 255: noise that keeps soft shades from showing steps


def linear(colour: str) -> Floats:
    """The light of ``#rrggbb``, (3,), 0 to 1."""
    return to_linear(np.array(rgb(colour), dtype=np.float32))


def to_linear(srgb: Floats) -> Floats:
    """Light, 0 to 1, of sRGB values from 0 to 255 (IEC 61966-2-1)."""
    share = srgb / np.float32(255)
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(light: Floats) -> Floats:
    """The inverse of ``to_linear``."""
    share = np.clip(light, 0, 1)
    return (255 * np.where(share <= 0.0031308, share * 12.92, 1.055 * share ** (1 / 2.4) - 0.055)).astype(np.float32)


class Stage:
    """``light`` (height, width, 3) and the middles of its pixels, ``x`` (1, width) and ``y`` (height, 1), in mm from
    the picture's upper left corner; ``scale`` pixels are a mm."""

    def __init__(self, light: Floats, scale: float, corner: tuple[int, int] = (0, 0)) -> None:
        self.light, self.scale, self.corner = light, scale, corner
        self.high, self.wide = light.shape[:2]
        self.width, self.height = self.wide / scale, self.high / scale
        self.x = ((corner[0] + np.arange(self.wide, dtype=np.float32) + 0.5) / scale)[None, :]
        self.y = ((corner[1] + np.arange(self.high, dtype=np.float32) + 0.5) / scale)[:, None]

    @classmethod
    def of(cls, pixels: int, width: float) -> Stage:
        """A dark one, ``pixels`` wide, that shows ``width`` mm."""
        return cls(np.zeros((round(pixels / ASPECT), pixels, 3), dtype=np.float32), pixels / width)

    def part(self, left: float, top: float, right: float, bottom: float) -> Stage:
        """What is between these mm, a pixel at least; what is drawn there is in the whole picture."""
        size, corner = np.array([self.wide, self.high]), np.array(self.corner)
        low = np.clip(np.floor(np.array([left, top]) * self.scale).astype(int) - corner, 0, size - 1)
        high = np.clip(np.ceil(np.array([right, bottom]) * self.scale).astype(int) - corner, low + 1, size)
        light = self.light[low[1] : high[1], low[0] : high[0]]
        return Stage(light, self.scale, (int(corner[0] + low[0]), int(corner[1] + low[1])))

    def covered(self, shape: Shape) -> Floats:
        """(height, width) how far a shape covers each pixel, 0 to 1."""
        return np.asarray(np.clip(0.5 - shape(self.x, self.y) * self.scale, 0, 1), dtype=np.float32)

    def polygon(self, points: NDArray[np.float64]) -> Floats:
        """As ``covered``, for a polygon (k, 2) in mm."""
        image = Image.new("L", (self.wide * FINE, self.high * FINE))
        corners = (points * self.scale - self.corner) * FINE
        ImageDraw.Draw(image).polygon([(x, y) for x, y in corners.tolist()], fill=255)
        return np.asarray(image.reduce(FINE), dtype=np.float32) / 255

    def lay(self, covered: Floats, colour: Floats) -> None:
        """Lays a colour, one (3,) or of each pixel, over the picture."""
        self.light += covered[..., None] * (colour - self.light)

    def shade(self, covered: Floats, darkness: float) -> None:
        """Takes a part of the light away where it is covered."""
        self.light *= (1 - darkness * covered)[..., None]

    def shadow(self, covered: Floats, shift: tuple[float, float], softness: float, darkness: float) -> None:
        """What a covered part leaves in the dark, ``shift`` and ``softness`` in mm."""
        moved = np.roll(covered, (round(shift[1] * self.scale), round(shift[0] * self.scale)), (0, 1))
        self.shade(self.blurred(moved, softness), darkness)

    def solid(self, shape: Shape, colour: str, round_off: float = 30.0, strength: float = 0.45) -> Floats:
        """A padded thing: light where its edge looks up to the left, dark where it looks down; what it covers."""
        distance = np.broadcast_to(shape(self.x, self.y), (self.high, self.wide))
        covered: Floats = np.clip(0.5 - distance * self.scale, 0, 1).astype(np.float32)
        down, across = np.gradient(distance, 1 / self.scale)
        edge = np.clip(1 + distance / round_off, 0, 1) ** 2
        lit = 1 + strength * edge * (across * LIGHT[0] + down * LIGHT[1])
        self.lay(covered, (linear(colour) * lit[..., None]).astype(np.float32))
        return covered

    def blurred(self, covered: Floats, softness: float) -> Floats:
        """A mask with soft edges, about ``softness`` mm wide."""
        image = Image.fromarray(np.rint(covered * 255).astype(np.uint8))
        image = image.filter(ImageFilter.GaussianBlur(softness * self.scale / 2))
        return np.asarray(image, dtype=np.float32) / 255

    def finished(self, vignette: float = 0.22) -> Image.Image:
        """The picture as a camera gives it back: darker corners, highlights rolled off, a little grain."""
        across, down = self.x / self.width - 0.5, self.y / self.height - 0.5
        away = (across**2 + down**2) / 0.5
        light = self.light * (1 - vignette * away**1.5)[..., None]
        light = np.where(light > 0.8, 0.8 + 0.2 * np.tanh((light - 0.8) / 0.2), light)
        noise = np.random.default_rng(0).uniform(-GRAIN, GRAIN, (self.high, self.wide, 1))
        return Image.fromarray(np.clip(np.rint(to_srgb(light.astype(np.float32)) + noise), 0, 255).astype(np.uint8))


def smooth(low: float, high: float, values: Floats) -> Floats:
    """0 below ``low``, 1 above ``high``, and a soft step between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def rounded_box(left: float, top: float, right: float, bottom: float, radius: float) -> Shape:
    """A box in mm with round corners."""
    x0, y0, half_x, half_y = (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2

    def distance(x: Floats, y: Floats) -> Floats:
        dx, dy = np.abs(x - x0) - half_x + radius, np.abs(y - y0) - half_y + radius
        outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
        return np.asarray(outside + np.minimum(np.maximum(dx, dy), 0) - radius)

    return distance


def capsule(x0: float, y0: float, r0: float, x1: float, y1: float, r1: float) -> Shape:
    """A straight limb from one round end to another."""

    def distance(x: Floats, y: Floats) -> Floats:
        way_x, way_y = x1 - x0, y1 - y0
        along = np.clip(((x - x0) * way_x + (y - y0) * way_y) / (way_x**2 + way_y**2), 0, 1)
        return np.hypot(x - x0 - along * way_x, y - y0 - along * way_y) - (r0 + along * (r1 - r0))

    return distance


def ellipse(x0: float, y0: float, half_x: float, half_y: float) -> Shape:
    """Nearly the distance from an ellipse, right at its edge."""

    def distance(x: Floats, y: Floats) -> Floats:
        across, down = (x - x0) / half_x, (y - y0) / half_y
        away = np.hypot(across, down)
        return np.asarray(away * (away - 1) / np.maximum(np.hypot(across / half_x, down / half_y), 1e-9))

    return distance
