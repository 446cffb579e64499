"""Makes an SVG from anywhere safe and plain before svgelements expands and measures it.

svgelements trusts its input: it expands every ``use``, however they nest, runs regular expressions over any
length of text, and draws what is inside ``symbol``, ``marker`` and ``mask``. All of this is settled here; entities are
looked at by `svg_entities`, frames and switches made plain by `svg_frames`.
"""

from __future__ import annotations

from xml.etree import ElementTree

from plotsketch.errors import UserError
from plotsketch.strokes.svg_entities import DEEPEST, check_declarations
from plotsketch.strokes.svg_frames import HREFS, SVG, settle_frames, settle_switches

MOST_ELEMENTS = 200_000  # each use counted with what it shows
LONGEST_ATTRIBUTE = 20_000  # characters; d and points may be longer

NOT_DRAWN_IN_PLACE = ("symbol", "marker", "mask", "foreignObject")


def guarded(data: bytes, name: str) -> bytes:
    """An SVG that draws the same as ``data`` and is safe to expand.

    Raises UserError, naming ``name``, when it is no SVG, is not well-formed, declares entities that are not harmless,
    would grow too deep or too large, or has frames (nested ``svg``, ``symbol``) without a sense.
    """
    check_declarations(data, name)
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise UserError(f"{name} is not a well-formed SVG: {error}") from error
    if _tag(root) != "svg":
        raise UserError(f"{name} is not an SVG: its outermost element is {_tag(root)}")
    _check_growth(root, name)
    settle_switches(root)
    settle_frames(root, name)
    for element in list(root.iter()):
        _tame(element)
    plain: bytes = ElementTree.tostring(root)
    return plain


def _check_growth(root: ElementTree.Element, name: str) -> None:
    """Raises UserError when the drawing with every ``use`` written out is too deep, endless or too large."""
    by_id = {element.get("id"): element for element in root.iter()}
    known: dict[ElementTree.Element, tuple[int, int]] = {}

    def measure(element: ElementTree.Element, depth: int) -> tuple[int, int]:
        """(elements, height) of what ``element`` grows to."""
        if element not in known:
            if depth > DEEPEST:
                raise UserError(f"{name} nests elements and uses more than {DEEPEST} deep, or without an end")
            shown = _shown_by_use(element, by_id)
            below = [measure(child, depth + 1) for child in [*element, *([] if shown is None else [shown])]]
            size = 1 + sum(elements for elements, _ in below)
            height = 1 + max((height for _, height in below), default=0)
            if height > DEEPEST or size > MOST_ELEMENTS:
                raise UserError(f"{name} grows too large: more than {MOST_ELEMENTS:,} elements or {DEEPEST} levels")
            known[element] = size, height
        return known[element]

    measure(root, 1)


def _shown_by_use(
    element: ElementTree.Element, by_id: dict[str | None, ElementTree.Element]
) -> ElementTree.Element | None:
    if _tag(element) != "use":
        return None
    href = next((element.attrib[name] for name in HREFS if name in element.attrib), "")
    return by_id.get(href[1:])


def _tame(element: ElementTree.Element) -> None:
    """Drops overlong attributes, tidies a style sheet, moves what is not drawn in its place into ``defs``."""
    for key in [key for key, value in element.attrib.items() if len(value) > LONGEST_ATTRIBUTE]:
        if key not in ("d", "points"):
            del element.attrib[key]
    if _tag(element) == "path":
        element.attrib.setdefault("d", "")  # svgelements fails without one
    if _tag(element) == "style":
        element.text = _tidy_style(element.text or "")
    for index, child in enumerate(element):
        if _tag(child) in NOT_DRAWN_IN_PLACE:
            element[index] = ElementTree.Element(f"{SVG}defs")
            element[index].append(child)


def _tidy_style(text: str) -> str:
    """The whole rules of a style sheet, without comments, in a form that takes linear time to match."""
    pieces = text.split("/*")
    text = pieces[0] + "".join(piece.partition("*/")[2] for piece in pieces[1:])
    rules = [rule.split("{") for rule in text.split("}")]
    return "\n".join(f"{rule[0].strip()}{{{rule[1].strip()}}}" for rule in rules if len(rule) == 2 and rule[1].strip())


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).removeprefix(SVG)
