"""PDF for printers: how it looks to pdfium and poppler, to the pixel, and what stands in it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pikepdf
import pytest
import vpype
from print_cases import BLACK, RECIPE, RED, filled, pdf_pages, sheet, three_inks

from plotsketch.errors import UserError
from plotsketch.output.pdf import pdf_bytes
from plotsketch.output.printing import Printing
from plotsketch.output.raster import picture
from plotsketch.sheet.paper import Paper

POINTS = 72 / 25.4
SPOT = Printing(spot=True, bleed=3, marks=True)
readers = pytest.mark.parametrize("reader", ["pdfium", "poppler"])


def saved(path: Path, *pages: vpype.Document, printing: Printing = Printing()) -> Path:  # noqa: B008
    path.write_bytes(pdf_bytes(pages, RECIPE, printing))
    return path


@readers
def test_a_line_is_where_and_as_wide_as_it_is_asked_for(tmp_path: Path, reader: str) -> None:
    document = sheet({BLACK: [[(10, 15.5), (40, 15.5)]], RED: [[(45, 5), (45, 30)]]})
    (page,) = pdf_pages(saved(tmp_path / "a.pdf", document), reader, 254)
    assert page.shape == (400, 600, 3)
    black, red = (page < 30).all(axis=2), (np.abs(page.astype(int) - (0xCC, 0, 0)) < 30).all(axis=2)
    for found, first, last in (
        (np.flatnonzero(black[:, 200]), 150, 159),
        (np.flatnonzero(black[155]), 95, 404),
        (np.flatnonzero(red[100]), 440, 459),
    ):
        assert (found[0], found[-1]) == pytest.approx((first, last), abs=1)


@readers
@pytest.mark.parametrize("printing", [Printing(), SPOT, Printing(bleed=2, paper="#f0e0c0", swell="nib")])
def test_it_looks_as_our_own_picture(tmp_path: Path, reader: str, printing: Printing) -> None:
    document = three_inks()
    (page,) = pdf_pages(saved(tmp_path / "a.pdf", document, printing=printing), reader, 254)
    ours = np.concatenate(list(picture(document, 254, printing).strips)).astype(int)
    assert page.shape == ours.shape
    off = np.abs(page - ours).max(axis=2) > 128
    assert off.mean() < 2e-4  # pdfium draws marks a pixel wide


@readers
def test_filled_rings_have_holes(tmp_path: Path, reader: str) -> None:
    outer, inner = [(5, 5), (25, 5), (25, 25), (5, 25)], [(10, 10), (10, 20), (20, 20), (20, 10)]
    (page,) = pdf_pages(saved(tmp_path / "a.pdf", filled(outer, inner)), reader, 100)
    assert page[30, 60].max() == 0 and page[60, 60].min() == 255


def test_boxes_say_where_to_cut(tmp_path: Path) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    with pdfium.PdfDocument(saved(tmp_path / "a.pdf", sheet({BLACK: [[(1, 1), (2, 2)]]}), printing=SPOT)) as file:
        page = file[0]
        media, bleed, trim = page.get_mediabox(), page.get_bleedbox(), page.get_trimbox()
    assert np.array(media) / POINTS == pytest.approx([0, 0, 60 + 22, 40 + 22], abs=1e-4)
    assert np.array(bleed) / POINTS == pytest.approx([8, 8, 74, 54], abs=1e-4)
    assert np.array(trim) / POINTS == pytest.approx([11, 11, 71, 51], abs=1e-4)


def test_recipe_and_digest_are_in_the_file_and_no_date(tmp_path: Path) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    path = saved(tmp_path / "a.pdf", three_inks(), printing=SPOT)
    with pdfium.PdfDocument(path) as file:
        said = file.get_metadata_dict()
    assert (said["Creator"], said["Subject"]) == ("plotsketch 1.2", "catpig 0123456789ab")
    assert said["CreationDate"] == said["ModDate"] == ""
    wishes = {"spot": True, "bleed": 3, "marks": True}
    with pikepdf.open(path) as file:
        assert json.loads(str(file.docinfo["/plotsketch"])) == {**RECIPE, "print": wishes}
    assert path.read_bytes() == pdf_bytes([three_inks()], RECIPE, SPOT)


def test_layers_can_be_switched_and_are_the_same_on_all_pages(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pdf", three_inks(), three_inks(), printing=Printing(paper="#f0e0c0", marks=True))
    with pikepdf.open(path) as file:
        assert len(file.pages) == 2
        groups = [str(group.Name) for group in file.Root.OCProperties.OCGs]
        assert groups == ["paper", "marks", "1 black", "2 dark red", "3 blue", "4 again"]
        for page in file.pages:
            found = [words for words, operator in pikepdf.parse_content_stream(page) if str(operator) == "BDC"]
            tags = [str(page.Resources.Properties[tag].Name) for _, tag in found]
            assert tags == ["paper", "1 black", "2 dark red", "3 blue", "4 again", "marks"]


def test_an_ink_is_a_spot_colour_and_marks_are_in_all_of_them(tmp_path: Path) -> None:
    with pikepdf.open(saved(tmp_path / "a.pdf", three_inks(), printing=SPOT)) as file:
        resources = file.pages[0].Resources
        spaces = {str(key): list(map(str, space[:3])) for key, space in resources.ColorSpace.items()}
        assert {name: space[1] for name, space in spaces.items()} == {
            "/I1": "/black", "/I2": "/dark red", "/I3": "/blue", "/All": "/All",
        }  # fmt: skip
        assert {(space[0], space[2]) for space in spaces.values()} == {("/Separation", "/DeviceRGB")}
        assert [float(share) for share in resources.ColorSpace["/I2"][3].C1] == [0.8, 0, 0]
        operators = list(pikepdf.parse_content_stream(file.pages[0]))
    assert not [operator for _, operator in operators if str(operator) in ("rg", "RG", "k", "K", "g", "G")]
    chosen = [str(words[0]) for words, operator in operators if str(operator) == "CS"]
    assert chosen == ["/I1", "/I2", "/I3", "/I1", "/All"]


def test_a_page_larger_than_any_reader_shows_is_refused() -> None:
    with pytest.raises(UserError, match="5080 mm at most"):
        pdf_bytes([sheet({BLACK: [[(1, 1), (2, 2)]]}, Paper(640, 6000))], {})
