"""An SVG from anywhere as a document: true size, its layers apart, with their names and colours."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

import numpy as np
import vpype

from plotsketch.errors import UserError
from plotsketch.output.layers import FILLED, LEFT_OUT
from plotsketch.output.svg import FILLED_MARK
from plotsketch.output.svg_page import LARGEST, guess_of_size, settle_page
from plotsketch.strokes.svg_layers import KEY, SvgLayer, read_layers

TOLERANCE = 0.002 * 96 / 25.4  # px: how far chords are from their curve, far finer than any plotter steps
SVG, LABEL = "{http://www.w3.org/2000/svg}", "{http://www.inkscape.org/namespaces/inkscape}label"
GROUP = f"{SVG}g"
LABELS = (LABEL, "data-name", "{http://www.serif.com/}id")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
LOOSE = {"path", "line", "polyline", "polygon", "rect", "circle", "ellipse", "use", "svg", "a", "switch"}
IGNORED = {"text": "text", "image": "picture", "foreignObject": "foreign object"}
POINTS = {"polyline", "polygon"}
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE | re.ASCII)
NO_NUMBER = re.compile("nan|inf", re.IGNORECASE)
NO_POINT = re.compile(r"[^-+\d.eE,\s]", re.ASCII)
PATH = re.compile(r"\s*(?:M[-+\d.eE,\sMZLHVCSQTA]*)?", re.IGNORECASE | re.ASCII)
NUMBERS = {
    "d", "points", "transform", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height",
}  # fmt: skip


def document_of(data: bytes, name: str) -> vpype.Document:
    """The document that a safe, well-formed SVG holds, nothing cropped, also of what lies off its page.

    Each group at the top is a layer, numbered as its label begins where that keeps the file's order; what is in none is
    layer 1. Lines of no length are kept as dots. What a pen cannot draw is named in the document's property `LEFT_OUT`,
    and so is a size that is a guess.
    Raises UserError, naming ``name``, for values that cannot be understood, coordinates that are no numbers or farther
    off than any paper goes, a page without a size, and where there is no line to draw.
    """
    root = ElementTree.fromstring(data)
    for element in root.iter():
        _check_element(element, name)
    notes = (*guess_of_size(root, name), *_left_out(root))
    document = vpype.Document(page_size=settle_page(root, name))
    labels = _number(root)
    filled = {group.get(KEY) for group in root.findall(GROUP) if group.get(FILLED_MARK) == "true"}
    for layer in read_layers(root, name, TOLERANCE):
        if layer.lines:
            lines = _collection(layer, labels[int(layer.key)], name)
            lines.set_property(FILLED, layer.key in filled or None)
            document.add(lines, int(layer.key), with_metadata=True)
    if document.is_empty():
        raise UserError(f"{name} has no lines to draw (text and pictures do not count; convert text to paths)")
    document.set_property(LEFT_OUT, notes)
    return document


def _check_element(element: ElementTree.Element, name: str) -> None:
    """Raises UserError for what svgelements would leave out, or draw elsewhere, without a word."""
    if any(key in NUMBERS and NO_NUMBER.search(value) for key, value in element.attrib.items()):
        raise UserError(f"{name} has coordinates that are no numbers (nan or inf); mend the file")
    tag, text = _tag(element), element.get("d") or element.get("points") or ""
    if (tag == "path" and not PATH.fullmatch(text)) or (tag in POINTS and not _are_pairs(text)):
        raise UserError(f"{name} has a {tag} that cannot be understood: '{text.strip()[:40]}'; mend the file")


def _are_pairs(text: str) -> bool:
    return NO_POINT.search(text) is None and len(NUMBER.findall(text)) % 2 == 0


def _number(root: ElementTree.Element) -> dict[int, str]:
    """Gives each layer's group a number of its own; the labels by these numbers.

    Numbers grow in the file's order, in which the layers are drawn.
    """
    loose = [child for child in root if _tag(child) in LOOSE]
    labels = {}
    last = 0
    if loose:
        for child in loose:
            root.remove(child)
        group = ElementTree.SubElement(root, GROUP, {KEY: "1"})
        group.extend(loose)
        labels[1], last = "", 1
    for group in root.findall(GROUP):
        if KEY not in group.attrib:
            last = max(last + 1, _own_number(group))
            labels[last] = _label(group)
            group.set(KEY, str(last))
    return labels


def _label(group: ElementTree.Element) -> str:
    """What a layer is called in the program that drew it: Inkscape's label, Illustrator's and Affinity's own names,
    else the id, in which Illustrator and CorelDRAW spell a space ``_x0020_``."""
    given = next((group.attrib[key] for key in LABELS if group.get(key)), None)
    return given or ESCAPED.sub(lambda found: chr(int(found[1], 16)), group.get("id", ""))


def _own_number(group: ElementTree.Element) -> int:
    """The number with which a label begins, perhaps after AxiDraw's ! or %, or of an id like layer3; 0 for none."""
    in_label = re.match(r"[!%\s]{0,3}(\d{1,6})", group.get(LABEL, ""))
    found = in_label or re.fullmatch(r"layer(\d{1,6})", group.get("id", ""))
    return int(found[1]) if found else 0


def _collection(layer: SvgLayer, label: str, name: str) -> vpype.LineCollection:
    points = np.concatenate(layer.lines)
    if not np.isfinite(points).all():
        raise UserError(f"{name}: layer {layer.key} has coordinates that are no numbers; mend the file")
    if np.abs(points).max() > LARGEST:
        raise UserError(f"{name}: layer {layer.key} has lines more than 1 km away; look at its transforms and units")
    result = vpype.LineCollection()
    for line in layer.lines:
        is_dot = (line == line[0]).all()  # which is a line to its own place
        result.append((np.repeat(line[:1], 2, axis=0) if is_dot else line) @ np.array([1, 1j]))
    result.set_property(vpype.METADATA_FIELD_NAME, label or None)
    result.set_property(vpype.METADATA_FIELD_COLOR, layer.colour)
    result.set_property(vpype.METADATA_FIELD_PEN_WIDTH, layer.width)
    return result


def _left_out(root: ElementTree.Element) -> tuple[str, ...]:
    """What is in the file and is not drawn, or not as it looks, a line each."""
    counts = Counter(_tag(element) for element in root.iter())
    words = [f"{counts[tag]} {word}{'s' * (counts[tag] > 1)}" for tag, word in IGNORED.items() if counts[tag]]
    clipped = any({"clip-path", "mask"} & set(element.keys()) for element in root.iter())
    notes = [f"{' and '.join(words)} not drawn: a pen draws paths and shapes alone"] if words else []
    return (*notes, *(["clip paths and masks do not cut: lines are drawn whole"] if clipped else []))


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).removeprefix(SVG)
