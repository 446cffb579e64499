"""How large an SVG's page is, in absolute terms, by its width, height and viewBox."""

from __future__ import annotations

from xml.etree import ElementTree

from plotsketch.errors import UserError
from plotsketch.strokes.svg_frames import length, view_box

LARGEST = 1e6 * 96 / 25.4  # px: 1 km, more than any page and farther than any pen goes


def settle_page(root: ElementTree.Element, name: str) -> tuple[float, float]:
    """Width and height in px (96 an inch), which are also written into ``root``.

    Units are exact. A width or height that is missing, or a share of a window that a plotter does not have, follows
    from the viewBox: its shape, or where neither is said its numbers as px. Raises UserError, naming ``name``, for
    sizes and a viewBox that are none, and where nothing says a size.
    """
    box = view_box(root, name)
    width, height = (length(root, attribute, name) for attribute in ("width", "height"))
    if box is None and (width is None or height is None):
        raise UserError(f"{name} does not say how large it is; give it a width and a height, such as 210mm and 297mm")
    if box is not None:
        _, _, across, down = box
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


def guess_of_size(root: ElementTree.Element, name: str) -> tuple[str, ...]:
    """A line to the user where no width and height say the page's size, so that it is a guess; asked before
    `settle_page` writes it. Raises UserError as that does."""
    if any(length(root, attribute, name) is not None for attribute in ("width", "height")):
        return ()
    box = view_box(root, name)
    if box is None:
        return ()
    across, down = (number * 25.4 / 96 for number in box[2:])
    return (
        f"no width and height say how large the page is: it is taken for {across:.1f} x {down:.1f} mm, as if the "
        "viewBox were pixels, 96 an inch",
    )
