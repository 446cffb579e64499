"""How large an SVG's page is, in absolute terms, by its width, height and viewBox."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from plotsketch.errors import UserError

SVG = "{http://www.w3.org/2000/svg}"
UNITS = {"": 1, "px": 1, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6, "pt": 96 / 72, "pc": 16}
LENGTH = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([a-z%]*)", re.IGNORECASE | re.ASCII)
LARGEST = 1e6 * 96 / 25.4  # px: 1 km, more than any page and farther than any pen goes


def settle_page(root: ElementTree.Element, name: str) -> tuple[float, float]:
    """Width and height in px (96 an inch), which are also written into ``root``.

    Units are exact. A width or height that is missing, or a share of a window that a plotter does not have, follows
    from the viewBox: its shape, or where neither is said its numbers as px. Raises UserError, naming ``name``, for
    sizes and a viewBox that are none, and where nothing says a size.
    """
    box = _view_box(root, name)
    width, height = (length(root, attribute, name) for attribute in ("width", "height"))
    if box is None and (width is None or height is None):
        raise UserError(f"{name} does not say how large it is; give it a width and a height, such as 210mm and 297mm")
    if box is not None:
        across, down = box
        width, height = (
            width if width is not None else across if height is None else height * across / down,
            height if height is not None else down if width is None else width * down / across,
        )
    assert width is not None and height is not None
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        raise UserError(
            f"{name} has a width or height of no length, or beyond 1 km; give both, such as 210mm and 297mm"
        )
    root.set("width", repr(width))
    root.set("height", repr(height))
    return width, height


def _view_box(root: ElementTree.Element, name: str) -> tuple[float, float] | None:
    """Width and height of the viewBox, None without one."""
    text = root.get("viewBox")
    if text is None:
        return None
    try:
        _, _, across, down = numbers = [float(word) for word in re.split(r"[\s,]+", text.strip())]
    except ValueError as error:
        raise UserError(f"{name} has a viewBox of '{text[:40]}'; it takes four numbers") from error
    if not all(map(math.isfinite, numbers)) or not (across > 0 and down > 0):
        raise UserError(f"{name} has a viewBox of '{text[:40]}'; its last two numbers are a width and a height above 0")
    return across, down


def length(root: ElementTree.Element, attribute: str, name: str) -> float | None:
    """The attribute in px, None if it is missing or relative. Raises UserError, naming ``name``, for what is none."""
    text = root.get(attribute, "auto").strip()
    if text == "auto" or not text:
        return None
    found = LENGTH.fullmatch(text)
    unit = found[2].lower() if found else "?"
    if found and unit == "%":
        return None
    if found is None or unit not in UNITS or not math.isfinite(float(found[1])):
        raise UserError(f"{name} has a {attribute} of '{text[:40]}', which is no length; write one such as 210mm")
    return float(found[1]) * UNITS[unit]
