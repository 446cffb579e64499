"""Ink on the rows of a picture, in machine code: how far each pixel is covered, and its colour after that.

All lengths are pixels. The rules hang on a pixel's own place alone, so that a picture is the same whatever rows it is
made of; what lies beyond its edges is passed over. Imported when a picture is made: see ``plotsketch.compiled``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotsketch.compiled import compiled

Coverage = NDArray[np.uint8]


@compiled
def _within(place: float, low: int, high: int) -> int:
    return int(min(max(place, low), high))


@compiled
def cover_lines(covered: Coverage, top: int, pieces: NDArray[np.float64]) -> None:
    """Adds the ink of round pens to ``covered`` (height, width), whose first row is the picture's row ``top``.

    ``pieces`` (n, 6) are straight: x, y and the pen's radius where each begins, and where it ends. A pixel is covered
    as far as the pen's width overlaps the pixel's, both measured across the line. That hangs on the distance to the
    line alone, so pieces and joins that overlap leave no seam under a maximum.
    """
    height, width = covered.shape
    for i in range(len(pieces)):
        x0, y0, r0, x1, y1, r1 = pieces[i]
        reach = max(r0, r1) + 1
        first = _within(np.floor(min(y0, y1) - reach), top, top + height)
        last = _within(np.ceil(max(y0, y1) + reach), top, top + height)
        dx, dy = x1 - x0, y1 - y0
        inverse = 1 / max(dx * dx + dy * dy, 1e-12)
        for row in range(first, last):
            y = row + 0.5 - y0
            # the part of the piece that is near enough to this row, and so the pixels that it may reach
            near, far = 0.0, 1.0
            if abs(dy) > 1e-9:
                one, other = (y - reach) / dy, (y + reach) / dy
                near, far = max(near, min(one, other)), min(far, max(one, other))
            if near > far:
                continue
            one, other = x0 + near * dx, x0 + far * dx
            left = _within(np.floor(min(one, other) - reach), 0, width)
            right = _within(np.ceil(max(one, other) + reach), 0, width)
            for column in range(left, right):
                if covered[row - top, column] == 255:
                    continue
                x = column + 0.5 - x0
                along = min(max((x * dx + y * dy) * inverse, 0.0), 1.0)
                radius = r0 + along * (r1 - r0)
                distance = np.sqrt((x - along * dx) ** 2 + (y - along * dy) ** 2)
                overlap = min(distance + radius, 0.5) - max(distance - radius, -0.5)
                if overlap > 0:
                    ink = np.uint8(np.rint(min(overlap, 1.0) * 255))
                    covered[row - top, column] = max(covered[row - top, column], ink)


@compiled
def _add(area: NDArray[np.float64], x0: float, x1: float, rise: float) -> None:
    """Adds to one row's ``area`` what an edge with ``rise`` (down is above 0) between ``x0`` and ``x1`` leaves of each
    pixel to its right, as differences: their running sum is the area covered."""
    left, right = min(x0, x1), max(x0, x1)
    width = len(area) - 2
    if left < 0:  # what passes on the left covers whole rows
        share = 1.0 if right <= 0 else -left / (right - left)
        area[0] += rise * share
        rise *= 1 - share
        left, right = 0.0, max(right, 0.0)
    if right > width:
        rise *= 0.0 if left >= width else (width - left) / (right - left)
        left, right = min(left, float(width)), float(width)
    first = int(left)
    if right - left < 1e-9:
        area[first] += rise * (first + 1 - left)
        area[first + 1] += rise * (left - first)
        return
    place = left
    slope = rise / (right - left)
    for column in range(first, int(np.ceil(right))):
        end = min(column + 1.0, right)
        part = slope * (end - place)
        here = part * (column + 1 - (place + end) / 2)
        area[column] += here
        area[column + 1] += part - here
        place = end


@compiled
def cover_areas(covered: Coverage, top: int, edges: NDArray[np.float64]) -> None:
    """As ``cover_lines``, with the insides of rings whose ``edges`` (n, 4) go from x, y to x, y.

    A pixel is covered by the part of it that is inside. Rings that run the same way add up and never cover twice; one
    the other way round within another is a hole.
    """
    height, width = covered.shape
    area = np.zeros((height, width + 2))
    inked = np.zeros(height, dtype=np.bool_)
    for i in range(len(edges)):
        x0, y0, x1, y1 = edges[i]
        if y0 == y1:
            continue
        upper, lower = min(y0, y1), max(y0, y1)
        first = _within(np.floor(upper), top, top + height)
        last = _within(np.ceil(lower), top, top + height)
        slope = (x1 - x0) / (y1 - y0)
        for row in range(first, last):
            begin, end = max(upper, float(row)), min(lower, row + 1.0)
            rise = (end - begin) if y1 > y0 else begin - end
            _add(area[row - top], x0 + (begin - y0) * slope, x0 + (end - y0) * slope, rise)
            inked[row - top] = True
    for row in range(height):
        if inked[row]:
            total = 0.0
            for column in range(width):
                total += area[row, column]
                ink = np.uint8(np.rint(min(abs(total), 1.0) * 255))
                covered[row, column] = max(covered[row, column], ink)


@compiled
def _mixed(over: int, under: int, share: int) -> int:
    """``share`` of 255 parts of one colour and the rest of another, rounded."""
    value = over * share + under * (255 - share) + 128
    return ((value >> 8) + value) >> 8


@compiled
def paint(rows: Coverage, covered: Coverage, colour: NDArray[np.int64]) -> None:
    """Lays opaque ink on ``rows`` (height, width, 3 or 4) as far as ``covered`` (height, width) says.

    Four channels are a transparent sheet: the last one says how far anything covers it, the others its colour.
    """
    height, width, channels = rows.shape
    for row in range(height):
        for column in range(width):
            ink = int(covered[row, column])
            if ink == 0:
                continue
            if channels == 3:
                for channel in range(3):
                    rows[row, column, channel] = _mixed(colour[channel], int(rows[row, column, channel]), ink)
                continue
            under = int(rows[row, column, 3])
            whole = 255 * ink + under * (255 - ink)
            for channel in range(3):
                value = 255 * ink * colour[channel] + under * (255 - ink) * int(rows[row, column, channel])
                rows[row, column, channel] = (2 * value + whole) // (2 * whole)
            rows[row, column, 3] = (2 * whole + 255) // 510
