"""A box wrapped in paper with the repeat on it: three faces in true perspective on a table, and a ribbon if asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from plotsketch.output.proof_stage import Floats, Stage, linear, rounded_box, smooth, to_linear
from plotsketch.output.proof_swatch import Swatch, Texture

TABLE, RIBBON = "#ece4d8", "#9d3d3f"
TIMES = 3  # places looked up across and down a pixel
BAND = 60  # rows at a time
DEPTH, HEIGHT = 0.74, 0.5  # of the box's width
AZIMUTH, ELEVATION, AWAY = np.radians(-33), np.radians(27), 3.6  # where the camera is; away in widths
VIEW = 1.98  # widths of the box that the picture shows at the box's middle
SUN = np.array([-0.62, -0.42, 1.15])  # towards the light
BAND_WIDTH = 0.075  # of the ribbon, in widths
COLOURED = 40.0  # of 255: how colourful an ink is that the ribbon takes on

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Face:
    """A side of the box: where it begins, its sides (3,) in widths of the box; where of the paper (in widths) its
    corner lies and which way the paper goes; how light it is."""

    corner: Points
    along: Points
    down: Points
    paper: tuple[float, float]
    light: float


TOP = Face(np.array([0, 1, 1]), np.array([1, 0, 0]), np.array([0, -1, 0]), (0.0, -DEPTH), 1.04)
FRONT = Face(np.array([0, 0, 1]), np.array([1, 0, 0]), np.array([0, 0, -1]), (0.0, 0.0), 0.82)
SIDE = Face(np.array([1, 0, 1]), np.array([0, 1, 0]), np.array([0, 0, -1]), (1.0, 0.0), 0.5)


class Camera:
    """From the box, in widths, to the picture in mm."""

    def __init__(self, stage: Stage) -> None:
        middle = np.array([0.5, DEPTH / 2, HEIGHT / 2])
        flat = np.array([-np.sin(AZIMUTH), -np.cos(AZIMUTH), 0]) * np.cos(ELEVATION)
        back = flat + np.array([0, 0, np.sin(ELEVATION)])
        right = np.array([np.cos(AZIMUTH), -np.sin(AZIMUTH), 0])
        self.turn = np.stack([right, np.cross(right, back), back])
        self.eye = middle + back * AWAY
        self.zoom = stage.width / VIEW * AWAY
        self.middle = np.array([stage.width * 0.5, stage.height * 0.55])

    def homogeneous(self, points: Points) -> Points:
        """(n, 3) of (n, 3): divide the first two by the last for mm on the picture."""
        seen = (points - self.eye) @ self.turn.T
        return np.stack([seen[:, 0] * self.zoom - seen[:, 2] * self.middle[0],
                         seen[:, 1] * self.zoom - seen[:, 2] * self.middle[1], -seen[:, 2]], axis=1)  # fmt: skip

    def seen(self, points: Points) -> Points:
        """(n, 2) mm on the picture."""
        found = self.homogeneous(np.atleast_2d(np.asarray(points, dtype=float)))
        return np.asarray(found[:, :2] / found[:, 2:])

    def to_face(self, face: Face) -> Points:
        """The matrix (3, 3) from mm on the picture to how far along and down a face, in widths."""
        size = np.array([1, DEPTH, HEIGHT])
        corner = self.homogeneous((face.corner * size)[None])[0]
        ends = self.homogeneous(np.stack([face.corner * size + face.along, face.corner * size + face.down]))
        return np.linalg.inv(np.column_stack([ends[0] - corner, ends[1] - corner, corner]))


def box(swatch: Swatch, pixels: int, width: float, ribbon: bool = True) -> Image.Image:
    """The picture, ``pixels`` wide, of a box ``width`` mm wide."""
    stage = Stage.of(pixels, VIEW)  # all lengths in widths of the box from here on
    camera = Camera(stage)
    _table(stage, camera)
    texture = swatch.texture(1.15 * stage.scale * TIMES / width)
    repeat = (swatch.size[0] / width, swatch.size[1] / width)
    colour = ribbon_colour(texture)
    for face in (SIDE, FRONT, TOP):
        _wrapped(stage, camera, face, texture, repeat, linear(colour) if ribbon else None)
    _edges(stage, camera)
    if ribbon:
        _bow(stage, camera, colour)
    return stage.finished(vignette=0.18)


def _table(stage: Stage, camera: Camera) -> None:
    """A pale table that goes over into the wall without an edge, and the box's shadows on it."""
    x, y = stage.x / stage.width, stage.y / stage.height
    pool = np.hypot((x - 0.38) * 1.05, (y - 0.5) * 1.2)
    light = 1.04 - 0.46 * smooth(0.05, 0.95, pool) - 0.05 * smooth(0.25, 0.0, y + 0 * x)
    stage.light[:] = linear(TABLE) * light[..., None]
    base = np.array([(0, 0, 0), (1, 0, 0), (1, DEPTH, 0), (0, DEPTH, 0)], dtype=float)
    cast = base + np.array([*(-SUN[:2] / SUN[2] * HEIGHT), 0])
    hull = np.concatenate([base[[0]], base[[1]], cast[[1]], cast[[2]], cast[[3]], base[[3]]])
    for softness, darkness in ((0.16, 0.34), (0.06, 0.28)):
        stage.shade(stage.blurred(stage.polygon(camera.seen(hull)), softness), darkness)
    grown = (base - (0.5, DEPTH / 2, 0)) * 1.025 + (0.5, DEPTH / 2, 0)
    stage.shade(stage.blurred(stage.polygon(camera.seen(grown)), 0.03), 0.6)


def _wrapped(
    stage: Stage, camera: Camera, face: Face, texture: Texture, repeat: tuple[float, float], satin: Floats | None
) -> None:
    """Lays a face over the picture: the paper, which goes on round the edges, its shade, and the ribbon."""
    from plotsketch.output.proof_sampling import look_up

    long, high = (float(np.abs(side) @ (1, DEPTH, HEIGHT)) for side in (face.along, face.down))
    under = 0.0 if face is TOP else 1.5 / stage.scale  # goes on under the faces that are laid over it
    corners = np.array([(0, -under), (long, -under), (long, high), (0, high)])
    if face is FRONT:
        corners[1:3, 0] += under
    size = np.array([1, DEPTH, HEIGHT])
    seen = camera.seen(face.corner * size + corners @ np.stack([face.along, face.down]))
    part = stage.part(*(seen.min(axis=0) - 0.01), *(seen.max(axis=0) + 0.01))
    covered = part.polygon(seen)
    matrix = camera.to_face(face)
    for top in range(0, part.high, BAND):
        rows = slice(top, min(top + BAND, part.high))
        along, down = _places(part, rows, matrix)
        across, below = (along + face.paper[0] - 0.5) / repeat[0], (down + face.paper[1]) / repeat[1]
        colours = to_linear(look_up(texture, across.astype(np.float32), below.astype(np.float32), TIMES))
        if face is SIDE:
            colours *= _averaged(_folds(along, down))
        if satin is not None:
            colours = _ribbon(colours, face, along, down, satin)
        colours *= _averaged(_face_light(face, along, down))
        seen_before = part.light[rows]
        seen_before += covered[rows][..., None] * (colours - seen_before)


def _places(part: Stage, rows: slice, matrix: Points) -> tuple[Points, Points]:
    """How far along and down a face, in widths, the places inside the pixels of some rows are."""
    inside = ((np.arange(TIMES) + 0.5) / TIMES - 0.5) / part.scale
    x = (part.x[0][:, None] + inside).reshape(1, -1).astype(np.float64)
    y = (part.y[rows][:, 0][:, None] + inside).reshape(-1, 1).astype(np.float64)
    along, down, scale = (row[0] * x + row[1] * y + row[2] for row in matrix)
    return along / scale, down / scale


def _face_light(face: Face, along: Points, down: Points) -> Floats:
    """Soft light: dimmer towards the table, brighter towards the window; the paper is not quite flat."""
    swell = 0.012 * np.sin(7 * along + 2.3) * np.sin(9 * down + 0.7)
    if face is TOP:
        return np.asarray(face.light * (1.03 - 0.16 * along + 0.05 * down / DEPTH + swell), dtype=np.float32)
    dim = 0.2 * smooth(0.3, 1.0, np.asarray(down / HEIGHT)) + 0.1 * np.exp(-np.maximum(HEIGHT - down, 0) / 0.02)
    turn = 0.1 * along if face is FRONT else 0.18 * along
    return np.asarray(face.light * (1.06 - turn - dim + swell), dtype=np.float32)


def _folds(along: Points, down: Points) -> Floats:
    """The paper folded in at the end: two creases rise from the lower corners, and a flap lies over them."""
    slope, flap = 0.72, 0.52 * HEIGHT
    shade = np.ones(along.shape)
    for side in (along, DEPTH - along):
        away = (HEIGHT - down) - slope * side
        below = (down > flap) & (side < DEPTH / 2)
        shade -= np.where(below, 0.16 * np.exp(-np.maximum(away, 0) / 0.03) * (away > 0), 0)
        shade -= np.where(below, 0.2 * np.exp(-((away / 0.0025) ** 2)), 0)
        shade += np.where(below & (away < 0), 0.05, 0)
    reach = slope * np.minimum(along, DEPTH - along)
    inside = (HEIGHT - flap) < reach
    shade -= np.where(inside, 0.24 * np.exp(-(((down - flap) / 0.0025) ** 2)), 0)
    shade -= np.where(inside & (down > flap), 0.14 * np.exp(-(down - flap) / 0.022), 0)
    return shade.astype(np.float32)


def _averaged(values: Points | Floats) -> Floats:
    """(height, width, 1) for pixels of values at the places inside them."""
    high, wide = values.shape[0] // TIMES, values.shape[1] // TIMES
    return np.asarray(values.reshape(high, TIMES, wide, TIMES).mean(axis=(1, 3))[..., None], dtype=np.float32)


def _ribbon(colours: Floats, face: Face, along: Points, down: Points, satin: Floats) -> Floats:
    """The ribbon round the box both ways, with a soft shadow beside it."""
    half = BAND_WIDTH / 2
    bands = {
        id(TOP): (along - 0.5, down - DEPTH / 2),
        id(FRONT): (along - 0.5,),
        id(SIDE): (along - DEPTH / 2,),
    }[id(face)]
    for away in bands:
        beside = np.abs(away) - half
        colours = colours * (1 - 0.3 * _averaged(np.exp(-np.maximum(beside, 0) / 0.012)))
        sheen = 0.82 + 0.3 * np.exp(-(((away / half + 0.25) / 0.42) ** 2)) + 0.05 * np.cos(away / half * 24)
        sheen -= 0.22 * np.exp(-((beside / 0.004) ** 2))
        over = beside < 0
        colours = colours * (1 - _averaged(over)) + satin * _averaged(over * sheen)
    return colours


def ribbon_colour(texture: Texture) -> str:
    """The most colourful ink of the repeat, or a red where all is grey."""
    some = texture[:: max(1, len(texture) // 256), :: max(1, texture.shape[1] // 256)].reshape(-1, 3).astype(float)
    paper = np.median(some, axis=0)
    off = np.abs(some - paper).max(axis=1)
    inked = some[off >= max(60.0, float(np.percentile(off, 97)))]
    if not len(inked):
        return RIBBON
    colourful = np.ptp(inked, axis=1)
    best = np.median(inked[colourful >= np.percentile(colourful, 75)], axis=0)
    return f"#{bytes(best.astype(np.uint8)).hex()}" if np.ptp(best) >= COLOURED else RIBBON


def _edges(stage: Stage, camera: Camera) -> None:
    """A thin light along the edges that meet at the near corner: paper is never folded sharp."""
    near = np.array([1, 0, HEIGHT])
    for far, bright in (((0, 0, HEIGHT), 0.5), ((1, DEPTH, HEIGHT), 0.4), ((1, 0, 0), 0.2)):
        ends = camera.seen(np.stack([near, np.array(far, dtype=float)]))
        way = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
        side = np.array([-way[1], way[0]]) * 0.0022
        strip = stage.polygon(np.stack([ends[0] + side, ends[1] + side, ends[1] - side, ends[0] - side]))
        line = stage.blurred(strip, 0.003)
        stage.light += (0.12 * bright * line)[..., None]
        stage.light *= (1 + 0.25 * bright * line)[..., None]


def _bow(stage: Stage, camera: Camera, colour: str) -> None:
    """Two loose ends that lie on the box, two loops and a knot where the ribbon crosses."""
    knot = camera.seen(np.array([0.5, DEPTH / 2, HEIGHT + 0.035]))[0]
    part = stage.part(knot[0] - 0.6, knot[1] - 0.5, knot[0] + 0.6, knot[1] + 0.5)
    ends = [part.polygon(camera.seen(_end(side))) for side in (-1, 1)]
    for covered in ends:
        part.shadow(covered, (0.008, 0.012), 0.02, 0.4)
    away = np.hypot(part.x - knot[0], part.y - knot[1])
    for covered in ends:
        part.lay(covered, (linear(colour) * (0.86 + 0.16 * np.sin(34 * away - 0.6))[..., None]).astype(np.float32))
    loops = [part.polygon(knot + _loop(side, 0.0)) for side in (-1, 1)]
    part.shadow(np.maximum(loops[0], loops[1]), (0.02, 0.05), 0.06, 0.5)
    for side in (-1, 1):
        _draw_loop(part, knot, side, linear(colour))
    middle = rounded_box(knot[0] - 0.036, knot[1] - 0.034, knot[0] + 0.036, knot[1] + 0.034, 0.022)
    part.shadow(part.covered(middle), (0.004, 0.008), 0.022, 0.5)
    drawn = part.solid(middle, colour, 0.034, 0.6)
    part.light *= (1 + 0.1 * drawn * np.sin((part.x - knot[0]) * 300 + 40 * (part.y - knot[1]) ** 2))[..., None]


def _end(side: int) -> Points:
    """The outline of a loose end on the box's top, cut like a swallow's tail: (n, 3) in widths."""
    t = np.linspace(0, 1, 30)
    middle = np.stack([side * (0.02 + 0.17 * t) + 0.016 * np.sin(5 * t), -0.02 - 0.29 * t + side * 0.05 * t**2], axis=1)
    way = np.gradient(middle, axis=0)
    flat = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.hypot(*way.T)[:, None] * BAND_WIDTH / 2
    notch = middle[[-1]] - 0.035 * way[[-1]] / np.hypot(*way[-1])
    outline = np.concatenate([middle - flat, notch, (middle + flat)[::-1]])
    return np.column_stack([outline[:, 0] + 0.5, outline[:, 1] + DEPTH / 2, np.full(len(outline), HEIGHT + 0.004)])


def _loop(side: int, inwards: float) -> Points:
    """The outline of a loop as it is seen, from the knot and back; ``inwards`` is that of the hole in it."""
    t = np.linspace(0, 2 * np.pi, 90)
    long, half = 0.3 * (1 - 0.28 * inwards), 0.105 * (1 - 0.42 * inwards)
    x = 0.085 * inwards + long * ((1 - np.cos(t)) / 2) ** 0.9
    y = -half * np.sin(t) * np.abs(np.sin(t / 2)) ** 1.3 - 0.012 * inwards
    lift = np.radians(24 if side > 0 else 17)
    return np.stack([side * (x * np.cos(lift) + y * np.sin(lift)), y * np.cos(lift) - x * np.sin(lift)], axis=1)


def _draw_loop(part: Stage, knot: Points, side: int, satin: Floats) -> None:
    """Satin gathered at the knot, round towards the light, and dark inside."""
    x, y = side * (part.x - knot[0]), part.y - knot[1]
    away, turn = np.hypot(x, y), np.arctan2(y, x)
    pleats = 0.2 * np.sin(turn * 26) * np.exp(-away / 0.085)
    light = 0.62 + 0.5 * np.exp(-(((away - 0.17) / 0.09) ** 2)) + pleats - 0.5 * (turn + 0.35)
    part.lay(part.polygon(knot + _loop(side, 0.0)), (satin * light[..., None]).astype(np.float32))
    hole = part.polygon(knot + _loop(side, 1.0))
    inside = 0.3 + 0.9 * np.maximum(away - 0.12, 0) + 0.5 * np.maximum(turn + 0.2, 0)
    part.lay(hole, (satin * inside[..., None]).astype(np.float32))
    part.shade(hole * part.blurred(1 - hole, 0.018), 0.45)
