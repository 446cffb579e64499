"""An SVG from anywhere as a document: true size, its layers apart, with their names and colours."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import numpy as np
import vpype

from plotsketch.errors import UserError

QUANTIZATION = 0.1 * 96 / 25.4  # px: the longest chord of a curve, as in vpype's own read
SVG, LABEL = "{http://www.w3.org/2000/svg}", "{http://www.inkscape.org/namespaces/inkscape}label"
SHAPES = {f"{SVG}{tag}" for tag in ("path", "line", "polyline", "polygon", "rect", "circle", "ellipse", "use")}


def document_of(data: bytes, name: str) -> vpype.Document:
    """The document that a well-formed SVG holds, nothing cropped, also of what lies off its page.

    Each group at the top is a layer, numbered as its label begins where that keeps the file's order. vpype alone takes
    the first digits anywhere in a label for the number and makes one layer of all "0.3mm" pens. Raises UserError,
    naming ``name``, for what vpype cannot read, coordinates that are no numbers, and where there is no line to draw.
    """
    root = ElementTree.fromstring(data)
    places = (element.get(attribute, "") for element in root.iter() for attribute in ("d", "points"))
    if any(re.search("nan|inf", text, re.IGNORECASE) for text in places):
        raise UserError(f"{name} has coordinates that are no numbers (nan or inf); mend the file")  # else left out
    labels = _number(root)
    try:
        document = vpype.read_multilayer_svg(
            io.StringIO(ElementTree.tostring(root, encoding="unicode")), QUANTIZATION, crop=False
        )
    except Exception as error:  # svgelements raises just about anything for odd values
        raise UserError(f"{name} has a path, shape or size with values that cannot be understood") from error
    for number, label in labels.items():
        if number in document.layers:
            document.layers[number].set_property(vpype.METADATA_FIELD_NAME, label or None)
    _check(document, name)
    return document


def _number(root: ElementTree.Element) -> dict[int, str]:
    """Puts a number of its own before each layer's label; the labels as they were, by these numbers.

    Numbers grow in the file's order, in which the layers are drawn.
    """
    last = 1 if any(child.tag in SHAPES for child in root) else 0  # vpype's layer 1 is what is in no group
    labels = {}
    for group in root.findall(f"{SVG}g"):
        last = max(last + 1, _own_number(group))
        labels[last] = group.get(LABEL) or group.get("id") or ""
        group.set(LABEL, f"{last} {labels[last]}")
    return labels


def _own_number(group: ElementTree.Element) -> int:
    """The number with which a label begins, perhaps after AxiDraw's ! or %, or of an id like layer3; 0 for none."""
    in_label = re.match(r"[!%\s]{0,3}(\d{1,6})", group.get(LABEL, ""))
    found = in_label or re.fullmatch(r"layer(\d{1,6})", group.get("id", ""))
    return int(found[1]) if found else 0


def _check(document: vpype.Document, name: str) -> None:
    size = np.array(document.page_size, dtype=object)
    if not all(isinstance(length, float | int) and 0 < length < np.inf for length in size):
        raise UserError(f"{name} has a width or height that is no length; give both, such as 210mm and 297mm")
    if document.is_empty():
        raise UserError(f"{name} has no lines to draw (text and pictures do not count; convert text to paths)")
    for number, layer in document.layers.items():
        if not all(np.isfinite(line).all() for line in layer):
            raise UserError(f"{name}: layer {number} has coordinates that are no numbers; mend the file")
