"""Files are read back by programs that are not ours: they are true to size, complete and stable."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import svgelements
import vpype
from PIL import Image

from plotsketch.api.sheet import Sheet
from plotsketch.art.plan import Plate
from plotsketch.errors import UserError
from plotsketch.output.formats import Medium, check_outputs, write_sheet
from plotsketch.output.layers import ink_length
from plotsketch.output.png import png_bytes, render
from plotsketch.output.svg import svg_bytes
from plotsketch.sheet.document import Pen, to_document
from plotsketch.sheet.paper import Paper
from plotsketch.strokes.sketch import Sketch

SVG = "{http://www.w3.org/2000/svg}"
INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"
RECIPE = {"seed": 7, "corners": ["a & b <c>.svg", "größe\x07.svg"], "digest": "0123456789ab"}
MM = 96 / 25.4


def sheet(*lines: object, paper: Paper = Paper(120, 80), pen: Pen = Pen()) -> vpype.Document:  # noqa: B008
    return to_document([Sketch(tuple(np.array(line, dtype=float) for line in lines))], paper, pen)


def two_layers() -> vpype.Document:
    document = sheet([[10, 10], [20, 10]], pen=Pen("black", 0.3))
    red = sheet([[10, 30], [20, 30]], pen=Pen("2 red", 0.5, "#cc0000"))
    blue = sheet([[10, 50], [20, 50]], pen=Pen("12 & <blue>", 0.7, "#0000cc"))
    document.add(red.layers[1], 2, with_metadata=True)
    document.add(blue.layers[1], 4, with_metadata=True)
    return document


def read(document: vpype.Document, ppi: float = 25.4) -> svgelements.SVG:
    return svgelements.SVG.parse(io.BytesIO(svg_bytes(document, RECIPE)), ppi=ppi)


def test_a_millimetre_is_a_millimetre() -> None:
    root = ElementTree.fromstring(svg_bytes(sheet([[0, 0], [1, 1]], paper=Paper(215.9, 279.4)), RECIPE))
    assert (root.get("width"), root.get("height")) == ("215.9mm", "279.4mm")
    assert root.get("viewBox") == "0 0 215.9 279.4"
    svg = read(sheet([[12.3456, 7], [100, 79.9994]]), ppi=96)
    assert (svg.width, svg.height) == pytest.approx((120 * MM, 80 * MM))
    (line,) = (element for element in svg.elements() if isinstance(element, svgelements.Polyline))
    ends = [(point.x / MM, point.y / MM) for point in line]
    assert np.array(ends) == pytest.approx(np.array([(12.346, 7), (100, 79.999)]), abs=1e-4)


def test_coordinates_have_fixed_decimals_and_no_minus_nothing() -> None:
    root = ElementTree.fromstring(svg_bytes(sheet([[-0.0001, 1 / 3], [2, 1e-9]]), RECIPE))
    assert root.find(f".//{SVG}polyline").get("points") == "0.000,0.333 2.000,0.000"


def test_every_line_is_there_in_its_order() -> None:
    lines = [[[x, 5], [x + 1, 6], [x, 7], [x, 5]] for x in (40, 10, 30)]
    polylines = [shape for shape in read(sheet(*lines)).elements() if isinstance(shape, svgelements.Polyline)]
    found = np.array([[(point.x, point.y) for point in shape] for shape in polylines])
    assert found == pytest.approx(np.array(lines, dtype=float), abs=1e-3)


def test_layers_have_labels_that_begin_with_a_number_of_their_own() -> None:
    root = ElementTree.fromstring(svg_bytes(two_layers(), RECIPE))
    layers = [group for group in root.iter(f"{SVG}g") if group.get(f"{INKSCAPE}groupmode") == "layer"]
    assert [layer.get(f"{INKSCAPE}label") for layer in layers] == ["1 black", "2 red", "4 12 & <blue>"]
    assert [layer.get("stroke") for layer in layers] == ["#000000", "#cc0000", "#0000cc"]
    assert [layer.get("stroke-width") for layer in layers] == ["0.3", "0.5", "0.7"]
    assert [layer.get("fill") for layer in layers] == ["none"] * 3


def test_vpype_reads_its_own_document_back() -> None:
    written = two_layers()
    back = vpype.read_multilayer_svg(io.StringIO(svg_bytes(written, RECIPE).decode()), 0.1)
    assert back.page_size == pytest.approx(written.page_size)
    assert sorted(back.layers) == [1, 2, 4]
    for number, layer in written.layers.items():
        assert back.layers[number][0] == pytest.approx(layer[0], abs=0.002 * MM)


def test_the_recipe_is_in_the_file_and_no_date() -> None:
    data = svg_bytes(sheet([[1, 1], [2, 2]]), RECIPE)
    assert json.loads(ElementTree.fromstring(data).find(f"{SVG}metadata").text) == RECIPE
    assert data == svg_bytes(sheet([[1, 1], [2, 2]]), dict(reversed(RECIPE.items())))


def test_a_document_without_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match="page size"):
        svg_bytes(vpype.Document(), {})


def test_png_has_size_resolution_and_recipe() -> None:
    image = Image.open(io.BytesIO(png_bytes(sheet([[1, 1], [2, 2]]), RECIPE, 150)))
    assert image.size == (round(120 / 25.4 * 150), round(80 / 25.4 * 150))
    assert image.info["dpi"] == pytest.approx((150, 150), abs=0.02)
    assert json.loads(image.info["plotsketch"]) == {**RECIPE, "dpi": 150}


@pytest.mark.parametrize("dpi", [100, 150, 400])
@pytest.mark.parametrize("degrees", [0, 17, 45, 90])
@pytest.mark.parametrize("length", [0.0001, 8.0])
def test_ink_covers_the_area_that_a_round_pen_does(dpi: float, degrees: float, length: float) -> None:
    width, middle = 1.2, np.array([15.03, 14.97])
    along = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]) * length / 2
    image = render(sheet([middle - along, middle + along], paper=Paper(30, 30), pen=Pen(width=width)), dpi)
    ink = 1 - np.asarray(image, dtype=float)[:, :, 0] / 255
    drawn = max(length, 0.1)  # a dot is drawn as a short stroke
    assert ink.sum() * (25.4 / dpi) ** 2 == pytest.approx(drawn * width + np.pi * width**2 / 4, rel=0.06)
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]] + 0.5
    found = np.array([(ink * x).sum(), (ink * y).sum()]) / ink.sum() * 25.4 / dpi
    assert found == pytest.approx(middle, abs=0.1 * 25.4 / dpi)


def test_a_line_thinner_than_a_pixel_is_pale() -> None:
    image = render(sheet([[10, 10.5], [110, 10.5]], pen=Pen(width=0.25)), 25.4)
    assert image.getpixel((60, 10)) == (191, 191, 191)
    assert image.getpixel((60, 9)) == (255, 255, 255)


def test_a_corner_shows_no_seam() -> None:
    image = render(sheet([[20, 20], [60, 20], [60, 60]], pen=Pen(width=6)), 25.4)
    ink = np.asarray(image)[:, :, 0]
    assert (ink[18:22, 20:60] == 0).all() and (ink[20:60, 58:62] == 0).all()
    assert ink[17, 62] > 0  # round, not mitred


def test_layers_keep_their_colours_and_lines_off_the_page_do_no_harm() -> None:
    document = two_layers()
    document.add([[-50 * MM, (40 + 40j) * MM, 500 * MM]], 4)
    image = render(document, 254)
    assert image.getpixel((150, 100)) == (0, 0, 0)
    assert image.getpixel((150, 300)) == (204, 0, 0)
    assert image.getpixel((150, 500)) == (0, 0, 204)


def test_ink_is_measured_in_millimetres() -> None:
    assert ink_length(sheet([[0, 0], [30, 40]], [[5, 5], [5, 15]])) == pytest.approx(60)


@pytest.mark.parametrize(
    ("name", "dpi", "words"),
    [
        ("sheet.xyz", 150, r"no format for .*sheet\.xyz; end the name in \.svg, "),
        ("sheet", 150, "no format"),
        ("sheet.png", 0, "--dpi is 0"),
        ("sheet.png", float("nan"), "--dpi is nan"),
        ("sheet.png", 1e300, "--dpi is 1e"),
        ("sheet.png", 9999, "pixels"),
        ("sheet.png", 0.01, "0 x 0 pixels"),
    ],
)
def test_outputs_that_cannot_be_are_said_before_any_work(tmp_path: Path, name: str, dpi: float, words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_outputs([tmp_path / name], (120, 80), Medium(dpi=dpi))


def test_a_sheet_is_written_to_no_file_when_one_cannot_be(tmp_path: Path) -> None:
    made = Sheet(sheet([[1, 1], [2, 2]]), Plate((), (), 1, 1), RECIPE)
    with pytest.raises(UserError, match=r"no format for .*b\.xyz"):
        made.save(tmp_path / "a.svg", tmp_path / "b.xyz")
    assert not list(tmp_path.iterdir())
    with pytest.raises(UserError, match="no format"):
        write_sheet(tmp_path / "b.xyz", made.document, RECIPE, Medium(dpi=50))


def test_the_suffix_names_the_format_in_any_case(tmp_path: Path) -> None:
    paths = [tmp_path / "a.SVG", tmp_path / "b.Png"]
    check_outputs(paths, (120, 80), Medium(dpi=50))
    for path in paths:
        write_sheet(path, sheet([[1, 1], [2, 2]]), RECIPE, Medium(dpi=50))
    assert paths[0].read_bytes().startswith(b"<?xml")
    assert Image.open(paths[1]).format == "PNG"


def test_sheets_and_files_are_made_without_torch() -> None:
    modules = ["plotsketch.sheet.compose", "plotsketch.sheet.document"]
    modules += ["plotsketch.output.svg", "plotsketch.output.png", "plotsketch.latent"]
    program = f"import sys, {', '.join(modules)}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
