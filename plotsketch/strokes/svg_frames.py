"""Frames within an SVG: nested ``svg`` and ``symbol`` elements, and which part of a ``switch`` is drawn.

svgelements puts what is in them where it does not belong: it knows no viewBox of a symbol, no size of a ``use``, and no
place of a nested ``svg`` without a viewBox. Each frame is made into plain transforms here (SVG 2, 8.2 and 8.6 to 8.9).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from xml.etree import ElementTree

from plotsketch.errors import UserError

SVG = "{http://www.w3.org/2000/svg}"
EXTRANEOUS = "{http://ns.adobe.com/AdobeIllustrator/10.0/}extraneous"
HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
GEOMETRY = ("x", "y", "width", "height", "viewBox", "preserveAspectRatio")
UNITS = {"": 1, "px": 1, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6, "pt": 96 / 72, "pc": 16}
LENGTH = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([a-z%]*)", re.IGNORECASE | re.ASCII)
ALIGN = re.compile(r"(?:defer\s+)?x(Min|Mid|Max)Y(Min|Mid|Max)(?:\s+(meet|slice))?")
SHARES = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
SIDES = {
    **dict.fromkeys(("x", "x1", "x2", "cx", "rx", "width"), "across"),
    **dict.fromkeys(("y", "y1", "y2", "cy", "ry", "height"), "down"),
    "r": "both",
}
Element = ElementTree.Element
Size = tuple[float, float]
Box = tuple[float, float, float, float]


def length(element: Element, attribute: str, name: str) -> float | None:
    """The attribute in px, None if it is missing or relative. Raises UserError, naming ``name``, for what is none."""
    text = element.get(attribute, "auto").strip()
    if text == "auto" or not text:
        return None
    found = LENGTH.fullmatch(text)
    unit = found[2].lower() if found else "?"
    if found and unit == "%":
        return None
    if found is None or unit not in UNITS or not math.isfinite(float(found[1])):
        raise UserError(f"{name} has a {attribute} of '{text[:40]}', which is no length; write one such as 210mm")
    return float(found[1]) * UNITS[unit]


def view_box(element: Element, name: str) -> Box | None:
    """Left, top, width and height of the viewBox, None without one. Raises UserError for one that is none."""
    text = element.get("viewBox")
    if text is None:
        return None
    try:
        left, top, across, down = numbers = [float(word) for word in re.split(r"[\s,]+", text.strip())]
    except ValueError as error:
        raise UserError(f"{name} has a viewBox of '{text[:40]}'; it takes four numbers") from error
    if not all(map(math.isfinite, numbers)) or not (across > 0 and down > 0):
        raise UserError(f"{name} has a viewBox of '{text[:40]}'; its last two numbers are a width and a height above 0")
    return left, top, across, down


def settle_switches(root: Element) -> None:
    """Leaves in each ``switch`` the one child that is drawn.

    That is the first that needs no extension and no language, else the first that needs no extension, else the first.
    Illustrator's copy of a drawing for other programs, one group around all layers, is taken out of its switch.
    """
    for parent in list(root.iter()):
        for switch in [child for child in parent if child.tag == f"{SVG}switch"]:
            drawn = _drawn(switch)
            plain = drawn is not None and drawn.tag == f"{SVG}g" and set(drawn.keys()) == {EXTRANEOUS}
            if drawn is not None and plain and not set(switch.keys()) - {"id"}:
                place = list(parent).index(switch)
                parent[place : place + 1] = list(drawn)
            else:
                switch[:] = [] if drawn is None else [drawn]


def _drawn(switch: Element) -> Element | None:
    children = [child for child in switch if isinstance(child.tag, str) and child.tag.startswith(SVG)]
    free = [child for child in children if not child.get("requiredExtensions") and child.tag != f"{SVG}foreignObject"]
    everywhere = [child for child in free if "systemLanguage" not in child.attrib]
    return next(iter([*everywhere, *free, *children]), None)


def settle_frames(root: Element, name: str) -> None:
    """Makes nested ``svg`` elements groups, and gives every ``use`` of a frame the transform that its size asks for.

    What lies beyond a frame stays. Shares of a frame's size (``50%``) become numbers within nested ones. Raises
    UserError, naming ``name``, for sizes and viewBoxes that are none.
    """
    by_id = {element.get("id"): element for element in root.iter() if "id" in element.attrib}
    frames = [inner for inner in root.iter() if inner is not root and inner.tag in (f"{SVG}svg", f"{SVG}symbol")]
    if not frames:
        return
    page = _page(root, name)
    _Settler(name, page, {element: dict(element.attrib) for element in frames}, by_id).go(root, page)


@dataclass
class _Settler:
    name: str
    page: Size
    frames: dict[Element, dict[str, str]]  # and what they say, which is taken from them on the way
    by_id: dict[str | None, Element]

    def go(self, element: Element, viewport: Size) -> None:
        """Settles what is in an element; ``viewport`` is what shares are of, in its units."""
        for child in list(element):
            if child in self.frames:
                self.go(child, self._frame(child, viewport))
                continue
            if child.tag == f"{SVG}use":
                self._use(child, viewport)
            if viewport != self.page:  # svgelements takes all shares for shares of the page
                _settle_shares(child, viewport)
            self.go(child, viewport)

    def _frame(self, frame: Element, viewport: Size) -> Size:
        """Takes a frame's size from it, places it, and gives what shares are of inside."""
        own = Element(frame.tag, self.frames[frame])
        size = self._size(own, own, viewport)
        box = view_box(own, self.name)
        for key in GEOMETRY:
            frame.attrib.pop(key, None)
        if frame.tag == f"{SVG}svg":
            inner = Element(f"{SVG}g", frame.attrib)
            inner.attrib.pop("transform", None)
            inner[:] = frame[:]
            self._replace(frame, inner, own, size, viewport)
        elif "transform" in frame.attrib:
            del frame.attrib["transform"]  # it is in that of each use
        return box[2:] if box else size

    def _replace(self, frame: Element, inner: Element, own: Element, size: Size, viewport: Size) -> None:
        """A nested svg becomes a link around a group: neither is a layer by itself."""
        place = self._place(own, size, viewport)
        frame.tag = f"{SVG}a" if place is not None else f"{SVG}defs"
        frame.attrib.clear()
        if place is not None:
            frame.set("transform", place)
        frame[:] = [inner]

    def _use(self, use: Element, viewport: Size) -> None:
        """A use of a frame: its place, and the frame's own for the size that the use asks for, as one transform."""
        href = next((use.attrib[key] for key in HREFS if key in use.attrib), "")
        frame = self.by_id.get(href[1:])
        if frame is None or frame not in self.frames:
            return
        own = Element(frame.tag, self.frames[frame])
        at = self._offset(use, viewport)
        place = self._place(own, self._size(use, own, viewport), viewport)
        for key in GEOMETRY:
            use.attrib.pop(key, None)
        if place is None:
            use.tag = f"{SVG}defs"
            return
        use.set("transform", f"{use.get('transform', '')} translate({at[0]!r},{at[1]!r}) {place}".strip())

    def _place(self, frame: Element, size: Size, viewport: Size) -> str | None:
        """The transform from a frame's inside to its outside, None where it has no room."""
        if not min(size) > 0:
            return None
        x, y = self._offset(frame, viewport)
        a, d, e, f = fit(view_box(frame, self.name), size, frame.get("preserveAspectRatio", ""))
        return f"{frame.get('transform', '')} translate({x!r},{y!r}) matrix({a!r},0,0,{d!r},{e!r},{f!r})".strip()

    def _size(self, element: Element, frame: Element, viewport: Size) -> Size:
        """Width and height as a use says, else as its frame does, else all of the room."""
        sizes = []
        for side, whole in zip(("width", "height"), viewport, strict=True):
            saying = (one for one in (element, frame) if one.get(side, "auto").strip() not in ("auto", ""))
            said = next(saying, None)
            sizes.append(whole if said is None else _share(said, side, whole, self.name))
        return sizes[0], sizes[1]

    def _offset(self, element: Element, viewport: Size) -> Size:
        x, y = (
            _share(element, side, whole, self.name) if side in element.attrib else 0.0
            for side, whole in zip("xy", viewport, strict=True)
        )
        return x, y


def fit(box: Box | None, size: Size, aspect: str) -> tuple[float, float, float, float]:
    """How a viewBox lies in a frame of ``size`` by its preserveAspectRatio: factors across and down, then shifts."""
    if box is None:
        return 1.0, 1.0, 0.0, 0.0
    left, top, across, down = box
    x, y = size[0] / across, size[1] / down
    if aspect.split()[-1:] == ["none"] or aspect.split()[:1] == ["none"]:
        return x, y, -left * x, -top * y
    found = ALIGN.fullmatch(aspect.strip())
    beside, below, kind = found.groups() if found else ("Mid", "Mid", "meet")
    both = max(x, y) if kind == "slice" else min(x, y)
    right, under = (size[0] - across * both) * SHARES[beside], (size[1] - down * both) * SHARES[below]
    return both, both, right - left * both, under - top * both


def _settle_shares(element: Element, viewport: Size) -> None:
    """Writes lengths that are shares (``50%``) of a frame as numbers."""
    across, down = viewport
    for key, text in element.items():
        found = LENGTH.fullmatch(text.strip()) if key in SIDES else None
        if found and found[2] == "%":
            whole = {"across": across, "down": down, "both": math.hypot(across, down) / math.sqrt(2)}[SIDES[key]]
            element.set(key, repr(float(found[1]) / 100 * whole))


def _share(element: Element, side: str, whole: float, name: str) -> float:
    """A length in px, or as a share of ``whole``."""
    found = LENGTH.fullmatch(element.get(side, "").strip())
    if found and found[2] == "%":
        return float(found[1]) / 100 * whole
    return length(element, side, name) or 0.0


def _page(root: Element, name: str) -> Size:
    """What shares at the top are of: the viewBox, else the page, else what a browser takes for one."""
    box = view_box(root, name)
    if box is not None:
        return box[2:]
    return length(root, "width", name) or 300.0, length(root, "height", name) or 150.0
