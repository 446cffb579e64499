"""Repeats in whole pixels: a picture repeats without a seam only if its repeat has no part of a pixel over."""

from __future__ import annotations

import math
from collections.abc import Callable

from plotsketch.errors import UserError

EXACT = 1e-3  # of a pixel, over a whole repeat: what the decimals of a length or a resolution may leave over
FAR = 2.0  # times finer or coarser: the resolutions that are looked at

Size = tuple[float, float]  # mm


def whole_pixels(size: Size, dpi: float) -> tuple[float, float]:
    """By what a repeat of ``size`` has to be stretched, across and down, to have the nearest whole pixels."""
    across, down = (max(1, round(side)) / side for side in _pixels(size, dpi))
    return across, down


def check_pixels(size: Size, dpi: float, unit: Size, is_free: bool = True) -> None:
    """Raises UserError, saying which sizes and resolutions would do, for a repeat with a part of a pixel over.

    ``unit`` is what a user calls the size of that repeat; ``is_free``: its height does not hang on its width.
    """
    if not (math.isfinite(dpi) and dpi > 0) or _is_whole(size, dpi):
        return  # what no dpi is, is told where pictures are made
    width, height = _pixels(size, dpi)
    wishes = [f"--dpi {' or '.join(map(str, near))}"] if (near := _resolutions(size, dpi)) else []
    if is_free:
        sizes = dict.fromkeys(_size(size, dpi, unit, rounded) for rounded in (math.floor, math.ceil))
        wishes.insert(0, f"--size {' or '.join(sizes)}")
    most = max(abs(factor - 1) for factor in whole_pixels(size, dpi))
    raise UserError(
        f"a repeat of {size[0]:g} x {size[1]:g} mm at {dpi:g} dpi is {width:.2f} x {height:.2f} pixels, and a picture "
        f"that repeats has whole ones; take {''.join(f'{wish}, or ' for wish in wishes)}--whole-pixels, which makes "
        f"it fit by {100 * most:.1g} %"
    )


def _pixels(size: Size, dpi: float) -> Size:
    return size[0] / 25.4 * dpi, size[1] / 25.4 * dpi


def _is_whole(size: Size, dpi: float) -> bool:
    return all(round(side) > 0 and abs(side - round(side)) < EXACT for side in _pixels(size, dpi))


def _size(size: Size, dpi: float, unit: Size, rounded: Callable[[float], int]) -> str:
    """The unit at which both it and the repeat, of which one goes into the other, have pixels rounded down, or up."""
    sides = []
    for length, own in zip(size, unit, strict=True):
        step = min(length, own)
        pixels = step / 25.4 * dpi
        near = round(pixels) if abs(pixels - round(pixels)) < EXACT else max(1, rounded(pixels))
        sides.append(f"{round(own * near / pixels, 4):.10g}")
    return f"{sides[0]}mm" if sides[0] == sides[1] else f"{sides[0]}x{sides[1]}mm"


def _resolutions(size: Size, dpi: float) -> list[int]:
    """Up to two whole numbers of dots an inch, the nearest, that leave nothing over."""
    able = [near for near in range(math.ceil(dpi / FAR), math.floor(dpi * FAR) + 1) if _is_whole(size, near)]
    return sorted(sorted(able, key=lambda near: abs(near - dpi))[:2])
