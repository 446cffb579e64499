"""A room with the repeat on its wall, in true scale: skirting, floor boards, an armchair, a lamp, a plant."""

from __future__ import annotations

import numpy as np
from PIL import Image

from plotsketch.output.proof_stage import Floats, Stage, capsule, ellipse, linear, rounded_box, smooth, to_linear
from plotsketch.output.proof_swatch import Swatch

FLOOR = 0.8  # of the picture's height: where the wall ends
SKIRTING = 110.0  # mm
EYE = 1150.0  # mm above the floor
BOARD = 150.0  # mm
FEET = 120.0  # mm in front of the wall, as they look from there
TIMES = 2  # places looked up across and down a pixel

WOOD, PAINT = "#a9835a", "#efece6"
CHAIR, CUSHION, LEGS = "#66766d", "#c9b79c", "#5b3f2a"
BRASS, SHADE, LEAF, POT = "#a98a4f", "#f3e3c3", "#4b6b4d", "#e9e4da"


def wall(swatch: Swatch, pixels: int, width: float) -> Image.Image:
    """The picture, ``pixels`` wide; ``width`` mm of the wall are to be seen."""
    stage = Stage.of(pixels, width)
    floor = FLOOR * stage.height
    papered(stage, swatch, floor - SKIRTING)
    _daylight(stage, floor)
    _skirting(stage, floor)
    _boards(stage, floor)
    _plant(stage, 0.13 * width, floor + 0.7 * FEET)
    _lamp(stage, 0.86 * width, floor + 0.5 * FEET)
    _armchair(stage, 0.66 * width, floor + FEET)
    return stage.finished()


def papered(stage: Stage, swatch: Swatch, bottom: float) -> None:
    """The repeat from the picture's top to ``bottom`` (mm), a corner of it in the wall's middle at the top."""
    from plotsketch.output.proof_sampling import look_up

    texture = swatch.texture(stage.scale * TIMES)
    wall = stage.part(0, 0, stage.width, bottom)
    fine = (np.arange(stage.wide * TIMES) + 0.5) / (TIMES * stage.scale)  # as wide as it is high, and more
    across = ((fine - stage.width / 2) / swatch.size[0]).astype(np.float32)
    down = (fine / swatch.size[1]).astype(np.float32)
    for top in range(0, wall.high, 100):
        end = min(top + 100, wall.high)
        places = np.meshgrid(across, down[top * TIMES : end * TIMES])
        colours = look_up(texture, places[0], places[1], TIMES)
        wall.light[top:end] = to_linear(colours)


def _daylight(stage: Stage, floor: float) -> None:
    """Light from a window at the left: dimmer to the right and in the corners, and the sun's panes on the wall."""
    x, y = stage.x, stage.y
    base = 0.95 - 0.28 * smooth(0, stage.width, x + 0.25 * y)
    base = base - 0.1 * smooth(0.35 * floor, floor, np.abs(y - 0.4 * floor))
    panes = np.zeros((stage.high, stage.wide), dtype=np.float32)
    for col in range(2):
        for row in range(3):
            corners = np.array([(430, 260), (720, 260), (720, 600), (430, 600)], dtype=float)
            corners += np.array([330 * col, 380 * row])
            corners[:, 1] += 0.34 * (corners[:, 0] - 430)
            corners[:, 0] += 0.1 * corners[:, 1]
            panes = np.maximum(panes, stage.polygon(corners))
    sun = stage.blurred(panes, 40.0)
    warm = np.array([1.0, 0.95, 0.86], dtype=np.float32)
    cool = np.array([0.97, 0.985, 1.0], dtype=np.float32)
    stage.light *= base[..., None] * cool + 0.22 * sun[..., None] * warm


def _skirting(stage: Stage, floor: float) -> None:
    top = floor - SKIRTING
    stage = stage.part(0, top - 120, stage.width, floor + 10)
    x, y = stage.x, stage.y
    face = (y >= top) & (x > 0)
    light = 0.93 - 0.3 * smooth(0, stage.width, x) - 0.16 * smooth(top, floor, y)
    board = linear(PAINT) * light[..., None]
    stage.shade(np.broadcast_to(np.exp(-np.maximum(top - y, 0) / 22) * (y < top), face.shape).astype(np.float32), 0.22)
    stage.lay(stage.covered(rounded_box(-100, top, stage.width + 100, floor + 5, 1)), board.astype(np.float32))
    for edge, bright in ((top + 7, 0.12), (top + 24, -0.14)):
        line = np.broadcast_to(np.exp(-(((y - edge) / 4) ** 2)), face.shape).astype(np.float32)
        stage.light *= (1 + bright * line)[..., None]


def _boards(stage: Stage, floor: float) -> None:
    """Oak boards that run towards the viewer, and a soft reflection of the wall's foot in them."""
    part = stage.part(0, floor, stage.width, stage.height)
    y = part.y
    nearer = (y - floor + EYE) / EYE  # how much larger than at the wall
    across = (stage.x - stage.width / 2) / nearer
    depth = 3500.0 / nearer  # mm to the viewer
    number = np.floor(across / BOARD)
    length = depth / 1100.0 + _random(number, 1) * 3
    tone = 0.78 + 0.3 * _random(number + 17 * np.floor(length), 2)
    grain = 0.035 * np.sin(across / 3.1 + 3 * np.sin(depth / 210 + number))
    grain = grain + 0.03 * np.sin(across / 9.7 + depth / 90 + number)
    sides, ends = (np.abs(part - np.round(part)) * long for part, long in ((across / BOARD, BOARD), (length, 1100)))
    joint = np.exp(-((np.minimum(sides, ends) / max(2.2, 1.2 / stage.scale)) ** 2))
    light = (tone + grain) * (1 - 0.45 * joint) * (0.95 - 0.25 * smooth(0, stage.width, stage.x))
    mirror = np.exp(-(y - floor) / 130)
    colour = linear(WOOD) * light[..., None] * (1 - 0.25 * mirror[..., None])
    glow = linear(PAINT) * 0.12 * np.exp(-(y - floor) / 240)[..., None]
    part.light[:] = (colour + glow) * (1 - 0.5 * np.exp(-(y - floor) / 14))[..., None]


def _random(number: Floats, kind: int) -> Floats:
    """A fixed number between 0 and 1 for each whole ``number``."""
    value = np.sin(number * 127.1 + kind * 311.7) * 43758.5453
    return np.asarray(value - np.floor(value))


def _on_the_floor(stage: Stage, x: float, y: float, half: float) -> None:
    """The soft dark patch under something that stands at x, y."""
    for size, softness, darkness in ((1.25, 90.0, 0.38), (0.95, 28.0, 0.4)):
        patch = stage.covered(ellipse(x + 20, y - 4, half * size, 0.13 * half * size + 8))
        stage.shade(stage.blurred(patch, softness), darkness)


def _armchair(stage: Stage, x: float, y: float) -> None:
    """Upholstered, on tapered legs, 780 mm wide and 840 mm high; ``x``, ``y``: the middle between its feet."""
    stage = stage.part(x - 700, y - 1050, x + 800, y + 350)
    back = rounded_box(x - 320, y - 840, x + 320, y - 260, 110)
    body = rounded_box(x - 390, y - 430, x + 390, y - 150, 60)
    stage.shadow(np.maximum(stage.covered(back), stage.covered(body)), (95, 40), 150, 0.4)
    _on_the_floor(stage, x, y, 400)
    for side in (-1, 1):
        stage.solid(capsule(x + side * 300, y - 170, 19, x + side * 345, y - 8, 11), LEGS, 10, 0.5)
        stage.solid(capsule(x + side * 290, y - 170, 15, x + side * 318, y - 70, 9), "#432d1d", 8, 0.3)
    drawn = stage.solid(back, CHAIR, 150, 0.55)
    for place in (-107, 107):  # channels of the back
        line = stage.covered(capsule(x + place, y - 800, 3, x + place, y - 420, 3))
        stage.shade(stage.blurred(line, 16) * drawn, 0.75)
    stage.shadow(stage.covered(rounded_box(x - 275, y - 450, x + 275, y - 300, 40)), (0, -20), 60, 0.35)
    stage.solid(rounded_box(x - 300, y - 330, x + 300, y - 160, 30), CHAIR, 60, 0.3)
    stage.solid(rounded_box(x - 285, y - 450, x + 285, y - 305, 62), "#6e7f75", 70, 0.6)
    _cushion(stage, x + 70, y - 560)
    for side in (-1, 1):
        arm = rounded_box(x + side * 330 - 72, y - 575, x + side * 330 + 72, y - 150, 66)
        stage.shadow(stage.covered(arm), (18, 12), 40, 0.35)
        stage.solid(arm, CHAIR, 85, 0.62)


def _cushion(stage: Stage, x: float, y: float) -> None:
    def distance(across: Floats, down: Floats) -> Floats:
        u, v = (across - x) * 0.97 + (down - y) * 0.24, (down - y) * 0.97 - (across - x) * 0.24
        bulge = 20 * (np.cos(u / 150 * np.pi / 2) + np.cos(v / 130 * np.pi / 2) - 1)
        near = np.maximum(abs(u) / 150, abs(v) / 130) < 1.2
        return rounded_box(-150, -130, 150, 130, 26)(u, v) - np.where(near, bulge, 0)

    stage.shadow(stage.covered(distance), (22, 24), 50, 0.4)
    stage.solid(distance, CUSHION, 130, 0.5)


def _lamp(stage: Stage, x: float, y: float) -> None:
    """A floor lamp, 1550 mm high, lit; ``x``, ``y``: the middle of its foot."""
    top = y - 1550
    stage = stage.part(x - 1300, top - 1100, x + 1300, y + 300)
    glow = np.exp(-np.hypot((stage.x - x) / 520, (stage.y - top - 140) / 470) ** 2 * 1.2)
    stage.light *= 1 + (0.42 * glow[..., None] * np.array([1.0, 0.78, 0.48])).astype(np.float32)
    stage = stage.part(x - 320, top - 60, x + 420, y + 200)
    _on_the_floor(stage, x, y, 150)
    stage.shadow(stage.covered(capsule(x, top + 260, 9, x, y - 20, 9)), (70, 10), 30, 0.3)
    stage.solid(ellipse(x, y - 8, 145, 26), BRASS, 30, 0.5)
    stage.solid(capsule(x, top + 280, 9, x, y - 18, 9), BRASS, 9, 0.75)
    corners = np.array([(x - 140, top), (x + 140, top), (x + 205, top + 290), (x - 205, top + 290)])
    shape = stage.polygon(corners)
    across = np.abs(stage.x - x) / (140 + 65 * np.clip((stage.y - top) / 290, 0, 1))
    inside = 1.05 - 0.3 * across**2 - 0.16 * np.abs((stage.y - top - 150) / 150) ** 2
    stage.lay(shape, (linear(SHADE) * inside[..., None] * np.array([1.06, 0.97, 0.82])).astype(np.float32))
    for edge, half in ((top, 140), (top + 287, 204)):
        stage.lay(0.5 * stage.covered(rounded_box(x - half, edge, x + half, edge + 6, 3)), linear("#c7ab78"))


def _plant(stage: Stage, x: float, y: float) -> None:
    """A snake plant in a white pot, 900 mm high."""
    stage = stage.part(x - 450, y - 1050, x + 550, y + 250)
    leaves = [(-150, -560, 40), (155, -610, 42), (-85, -760, 46), (95, -800, 48), (-15, -900, 52), (-215, -400, 36),
              (210, -440, 36), (40, -640, 46), (-45, -600, 42)]  # fmt: skip
    outlines = [_leaf(x + dx * 0.28, y - 250, x + dx, y + dy, half) for dx, dy, half in leaves]
    everything = np.maximum.reduce([stage.polygon(outline) for outline in outlines])
    stage.shadow(everything, (70, 35), 70, 0.38)
    _on_the_floor(stage, x, y, 165)
    for number, outline in enumerate(outlines):
        low, high = outline.min(axis=0) - 40, outline.max(axis=0) + 40
        leaf = stage.part(*low, *high)
        covered = leaf.polygon(outline)
        middle = outline[: len(outline) // 2].mean(axis=0) / 2 + outline[len(outline) // 2 :].mean(axis=0) / 2
        stripes = 0.1 * np.sin((leaf.y * 0.9 + 0.35 * np.abs(leaf.x - middle[0])) / 11 + number)
        dark = smooth(-900, -150, np.asarray(leaf.y - y))
        tone = (0.75 + 0.07 * number + stripes) * (1 - 0.45 * dark)
        side = 1 + 0.3 * np.tanh((middle[0] - leaf.x) / 30)
        leaf.shade(leaf.blurred(covered, 12), 0.3)
        leaf.lay(covered, (linear(LEAF) * (tone * side)[..., None]).astype(np.float32))
    pot = np.array([(x - 165, y - 300), (x + 165, y - 300), (x + 125, y), (x - 125, y)])
    shape = np.maximum(stage.polygon(pot), stage.covered(ellipse(x, y - 4, 125, 18)))
    round_off = 1.0 - 0.42 * smooth(-0.6, 1.1, (stage.x - x) / 165) - 0.1 * smooth(-300, 0, stage.y - y)
    stage.lay(shape, (linear(POT) * round_off[..., None]).astype(np.float32))
    rim = stage.covered(rounded_box(x - 172, y - 318, x + 172, y - 282, 8))
    stage.lay(rim, (linear(POT) * (1.06 * round_off)[..., None]).astype(np.float32))
    stage.shadow(stage.covered(rounded_box(x - 160, y - 284, x + 160, y - 278, 3)) * shape, (0, 6), 12, 0.3)


def _leaf(x0: float, y0: float, x1: float, y1: float, half: float) -> np.ndarray:
    """The outline of a long leaf with a pointed tip."""
    along = np.linspace(0, 1, 24)
    bend = np.sin(along * np.pi / 2) ** 1.5
    middle = np.stack([x0 + (x1 - x0) * bend, y0 + (y1 - y0) * along], axis=1)
    wide = half * (0.55 + 0.6 * np.sin(np.pi * (0.12 + 0.7 * along))) * (1 - along**5) / 1.15
    return np.concatenate([middle - np.stack([wide, 0 * wide], 1), (middle + np.stack([wide, 0 * wide], 1))[::-1]])
