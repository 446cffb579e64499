"""Pictures for printers, read by Pillow and tifffile: sizes, places, colours and plates are right to the pixel."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from print_cases import BLACK, BLUE, RECIPE, RED, filled, sheet, three_inks

from plotsketch.errors import UserError
from plotsketch.output.formats import Medium, check_outputs, write_sheet
from plotsketch.output.png import png_bytes, render
from plotsketch.output.printing import Printing
from plotsketch.output.raster import STRIP_PIXELS, picture
from plotsketch.sheet.document import Pen
from plotsketch.sheet.inks import INKS, parse_pen
from plotsketch.sheet.palettes import PALETTES, PAPER_COLOURS, parse_palette, parse_paper_colour
from plotsketch.sheet.paper import Paper

FULL = Printing(bleed=3, marks=True, paper="#f0e0c0", plates=True)


def read(path: Path) -> NDArray[np.int64]:
    """By tifffile for TIFF, by Pillow for PNG."""
    if path.suffix == ".png":
        return np.asarray(Image.open(path)).astype(int)
    tifffile = pytest.importorskip("tifffile", reason="tifffile is not installed: pip install plotsketch[dev]")
    return tifffile.imread(path).astype(int)


def written(path: Path, document: object, dpi: float = 254, printing: Printing = Printing()) -> list[Path]:  # noqa: B008
    return write_sheet(path, document, RECIPE, Medium(dpi=dpi, printing=printing))  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_line_is_where_and_as_wide_as_it_is_asked_for(tmp_path: Path, suffix: str) -> None:
    document = sheet({BLACK: [[(10, 15.5), (40, 15.5)]], BLUE: [[(45.2, 5), (45.2, 30)]]})
    written(tmp_path / f"a{suffix}", document)
    pixels = read(tmp_path / f"a{suffix}")
    assert pixels.shape == (400, 600, 3)
    black = (pixels == 0).all(axis=2)
    assert np.flatnonzero(black[:, 200]).tolist() == list(range(150, 160))
    assert np.flatnonzero(black[154]).tolist() == list(range(96, 404))  # ends are round
    blue = (pixels == (0, 0, 0xCC)).all(axis=2)
    assert np.flatnonzero(blue[100]).tolist() == list(range(450, 454))


@pytest.mark.parametrize(
    ("paper", "dpi", "size"),
    [
        (Paper(640, 640), 300, (7559, 7559)),
        (Paper(25.25 * 25.4, 10), 150, (3788, 59)),
        (Paper(10, 7), 1200, (472, 331)),
    ],
)
def test_size_and_resolution_are_exact_in_tiff(tmp_path: Path, paper: Paper, dpi: float, size: tuple[int, int]) -> None:
    tifffile = pytest.importorskip("tifffile")
    written(tmp_path / "a.tif", sheet({BLACK: [[(1, 1), (9, 6)]]}, paper), dpi)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        tags = file.pages[0].tags
        assert (tags["ImageWidth"].value, tags["ImageLength"].value) == size
        assert tags["XResolution"].value == tags["YResolution"].value == (dpi, 1)
        assert tags["ResolutionUnit"].value == 2
        assert json.loads(tags["ImageDescription"].value) == {**RECIPE, "dpi": dpi}
    Image.MAX_IMAGE_PIXELS, before = None, Image.MAX_IMAGE_PIXELS
    with Image.open(tmp_path / "a.tif") as image:
        assert (image.size, image.info["dpi"]) == (size, (dpi, dpi))
        assert image.getpixel((size[0] - 1, 0)) == (255, 255, 255)
    Image.MAX_IMAGE_PIXELS = before


def test_png_and_tiff_hold_the_same_pixels(tmp_path: Path) -> None:
    document = three_inks()
    for printing in (Printing(), FULL, Printing(transparent=True, swell="nib")):
        for suffix in (".png", ".tif", ".tiff"):
            written(tmp_path / f"a{suffix}", document, 300, printing)
        pixels = [read(tmp_path / f"a{suffix}") for suffix in (".png", ".tif", ".tiff")]
        assert (pixels[0] == pixels[1]).all() and (pixels[0] == pixels[2]).all()
        assert (np.asarray(Image.open(tmp_path / "a.tif")) == pixels[0]).all()


@settings(max_examples=25)
@given(
    rows=st.integers(1, 500),
    dpi=st.floats(20, 200),
    printing=st.sampled_from([Printing(), FULL, Printing(transparent=True), Printing(bleed=1.3, swell="taper")]),
)
def test_a_picture_is_the_same_whatever_strips_it_is_made_of(rows: int, dpi: float, printing: Printing) -> None:
    for document in (three_inks(), filled([(-3, 5), (50, 1), (33, 60)], [(10, 10), (20, 20), (30, 9)])):
        whole = np.concatenate(list(picture(document, dpi, printing, rows=10_000).strips))
        parts = list(picture(document, dpi, printing, rows=rows).strips)
        assert [len(part) for part in parts[:-1]] == [rows] * (len(parts) - 1)
        assert (np.concatenate(parts) == whole).all()


def test_strips_of_a_large_picture_are_small() -> None:
    raster = picture(sheet({BLACK: [[(1, 1), (2, 2)]]}, Paper(210, 297)), 1200)
    assert (raster.width, raster.height) == (9921, 14031)
    assert raster.rows * raster.width <= STRIP_PIXELS and raster.rows % 64 == 0
    first = next(iter(raster.strips))
    assert first.shape == (raster.rows, raster.width, 3)


def test_transparent_ink_on_white_is_the_picture_on_white(tmp_path: Path) -> None:
    document = three_inks()
    written(tmp_path / "a.png", document, 120, Printing(transparent=True))
    ink = Image.open(tmp_path / "a.png")
    assert ink.mode == "RGBA" and ink.getpixel((0, 100)) == (0, 0, 0, 0)
    laid = Image.alpha_composite(Image.new("RGBA", ink.size, "white"), ink).convert("RGB")
    assert np.abs(np.asarray(laid).astype(int) - np.asarray(render(document, 120))).max() <= 2
    assert ink.getpixel((200, 94)) == (0xCC, 0, 0, 255)


def test_paper_has_its_colour_up_to_the_bleed_and_none_around_marks(tmp_path: Path) -> None:
    written(tmp_path / "a.png", three_inks(), 254, FULL)
    pixels = read(tmp_path / "a.png")
    assert pixels.shape == (400 + 2 * 110, 600 + 2 * 110, 3)
    paper = (pixels == (0xF0, 0xE0, 0xC0)).all(axis=2)
    rows, columns = np.flatnonzero(paper.any(axis=1)), np.flatnonzero(paper.any(axis=0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (80, 620 - 81, 80, 820 - 81)
    red = (pixels == (0xCC, 0, 0)).all(axis=2)
    assert np.flatnonzero(red[310])[0] == 80  # the line goes on to the edge of the bleed


def test_the_page_within_bleed_and_marks_is_the_page_alone() -> None:
    document, paper = three_inks(), Printing(paper=FULL.paper)
    alone = np.concatenate(list(picture(document, 97, paper).strips))
    framed = np.concatenate(list(picture(document, 97, FULL).strips))
    around = round(3 / 25.4 * 97) + round(8 / 25.4 * 97)
    assert (framed[around:-around, around:-around] == alone).all()


def test_crop_marks_point_at_the_pages_edges_and_registration_marks_at_their_middle(tmp_path: Path) -> None:
    written(tmp_path / "a.tif", sheet({BLACK: [[(20, 20), (30, 20)]]}), 254, Printing(bleed=3, marks=True))
    dark = read(tmp_path / "a.tif")[:, :, 0] < 200
    edge = 110  # of the page, 8 mm of slug and 3 mm of bleed away from the picture's
    assert dark[edge - 1 : edge + 1, 20:60].any(axis=0).all()  # at the left, on the height of the upper edge
    assert dark[20:60, edge + 600 - 1 : edge + 600 + 1].any(axis=1).all()  # above, over the right edge
    middle = edge + 300
    assert dark[15:55, middle - 1 : middle + 1].any(axis=1).all()  # 4.5 mm from the bleed, 5 mm high
    assert not dark[80 : 620 - 80, 80 : 820 - 80][:100].any()


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_plates_laid_on_one_another_are_the_picture(tmp_path: Path, suffix: str) -> None:
    document = three_inks()
    del document.layers[4]
    printing = Printing(plates=True, bleed=2, marks=True)
    files = written(tmp_path / f"a{suffix}", document, 200, printing)
    names = ["a", "a-1-black", "a-2-dark-red", "a-3-blue"]
    assert files == [tmp_path / f"{name}{suffix}" for name in names]
    assert sorted(files) == sorted(tmp_path.iterdir())
    whole, *plates = map(read, files)
    laid = np.full(whole.shape, 255.0)
    for plate, pen in zip(plates, (BLACK, RED, BLUE), strict=True):
        assert plate.shape == whole.shape[:2]
        share = plate[:, :, None] / 255
        laid = laid * share + np.array(list(bytes.fromhex(pen.colour[1:]))) * (1 - share)
    inside = (slice(79, -79), slice(79, -79))
    assert np.abs(laid - whole)[inside].max() <= 2
    assert (plates[0][20, 150:200] == plates[2][20, 150:200]).all()


def test_layers_of_one_colour_share_a_plate_and_a_negative_is_the_other_way_round(tmp_path: Path) -> None:
    document = three_inks()
    files = written(tmp_path / "a.png", document, 150, Printing(plates=True))
    turned = written(tmp_path / "b.png", document, 150, Printing(plates=True, negative=True))
    assert len(files) == len(turned) == 4
    thin = read(files[1])[round(20 / 25.4 * 150), round(5 / 25.4 * 150)]
    assert thin < 128  # the fourth layer, 0.3 mm, is on the first plate
    for file, other in zip(files[1:], turned[1:], strict=True):
        assert (read(file) == 255 - read(other)).all()
        note = json.loads(Image.open(file).info["plotsketch"])
        assert note["plate"]["number"] == int(file.stem[2]) and note["print"] == {"plates": True}


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(1, 59), st.floats(1, 39)), min_size=3, max_size=3))
def test_a_filled_ring_covers_its_area(corners: list[tuple[float, float]]) -> None:
    (x0, y0), (x1, y1), (x2, y2) = corners
    area = abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2
    ink = 1 - np.asarray(render(filled(corners), 127), dtype=float)[:, :, 0] / 255
    # the least pen there is leaves a trace of 0.001 mm
    assert ink.sum() / 25 == pytest.approx(area, abs=0.3)


def test_filled_rings_have_holes_and_cover_nothing_twice() -> None:
    outer, inner = [(5, 5), (25, 5), (25, 25), (5, 25)], [(10, 10), (10, 20), (20, 20), (20, 10)]
    pixels = np.asarray(render(filled(outer, inner, [(22, 8), (40, 8), (40, 12), (22, 12)]), 254))[:, :, 0]
    assert pixels[150, 150] == 255 and pixels[70, 150] == 0
    assert pixels[100, 230] == 0 and pixels[100, 300] == 0 and pixels[100, 390] == 0
    assert np.asarray(render(filled([(-30, -30), (90, -30), (90, 90), (-30, 90)]), 50)).max() == 0


@pytest.mark.parametrize("swell", ["taper", "nib"])
def test_lines_that_swell_are_thinner_than_the_pen_and_nowhere_wider(swell: str) -> None:
    lines = [[(5, 10), (55, 10)], [(10, 15), (30, 35)], [(35, 35), (55, 15)]]
    document = sheet({BLACK: lines})
    plain = np.asarray(render(document, 254)).astype(int)
    swollen = np.concatenate(list(picture(document, 254, Printing(swell=swell)).strips)).astype(int)  # type: ignore
    assert (swollen >= plain - 1).all() and swollen.sum() > plain.sum()
    widths = [(swollen[50:150, x, 0] < 128).sum() for x in (52, 60, 300, 540, 548)]
    if swell == "taper":
        assert widths[2] == 10 and max(widths[0], widths[-1]) <= 4 and widths == widths[::-1]
    else:
        assert widths[0] == widths[2] == widths[4] == pytest.approx(10 * (0.25 + 0.75 * 0.7071), abs=1)
        down, up = ((swollen[150:360, 90:310, 0] < 128).sum(), (swollen[150:360, 340:560, 0] < 128).sum())
        assert down > 3 * up


def test_the_same_sheet_is_the_same_file(tmp_path: Path) -> None:
    for suffix in (".png", ".tif"):
        for name in "ab":
            written(tmp_path / f"{name}{suffix}", three_inks(), 90, FULL)
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_what_is_not_as_usual_stands_in_the_recipe() -> None:
    note = Image.open(io.BytesIO(png_bytes(three_inks(), RECIPE, 90, FULL))).info["plotsketch"]
    wishes = {"bleed": 3, "marks": True, "paper": "#f0e0c0", "plates": True}
    assert json.loads(note) == {**RECIPE, "dpi": 90, "print": wishes}


@pytest.mark.parametrize(
    ("names", "wishes", "message"),
    [
        (["a.svg"], {"marks": True}, "--marks is for .png, .tif and .pdf files"),
        (["a.png", "a.tif"], {"spot": True}, "--spot is for .pdf files"),
        (["a.pdf"], {"transparent": True}, "--transparent is for .png and .tif files"),
        ([], {"bleed": 3.0}, "--bleed is for"),
        (["a.pdf"], {"bleed": 100.0, "paper": "#aabbcc"}, "5080 mm at most, and this one 5200 x 5200 mm"),
        (["a.tif"], {"bleed": 100.0}, "33070 x 33070 pixels .* take --dpi 1147 or less"),
    ],
)
def test_wishes_that_mean_nothing_are_said(
    tmp_path: Path, names: list[str], wishes: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        page = (5000, 5000) if names == ["a.pdf"] else (500, 500)
        check_outputs([tmp_path / name for name in names], page, Medium(dpi=1200, printing=Printing(**wishes)))  # type: ignore


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"transparent": True, "paper": "#000000"}, "take one of them"),
        ({"paper": "kraft"}, "write it as #rrggbb"),
        ({"bleed": float("nan")}, "--bleed is nan"),
        ({"bleed": 101.0}, "from 0 to 100 mm"),
        ({"negative": True}, "give --plates too"),
        ({"swell": "wave"}, "choose taper or nib"),
    ],
)
def test_wishes_that_cannot_be_are_refused(wishes: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Printing(**wishes)  # type: ignore[arg-type]


def test_palettes_and_papers_have_names_and_colours_that_pens_can_take() -> None:
    for name, inks in PALETTES.items():
        assert parse_palette(name.upper()) == inks and len(set(inks.values())) == len(inks)
        for ink, colour in inks.items():
            assert parse_pen(f"{ink} 0.5mm", palette=inks) == Pen(ink, 0.5, colour)
            assert len(bytes.fromhex(colour[1:])) == 3 and colour == colour.lower()
    assert parse_pen("navy", palette=PALETTES["riso"]).colour == INKS["navy"]
    assert parse_paper_colour("Kraft") == PAPER_COLOURS["kraft"] and parse_paper_colour("#FED") == "#ffeedd"
    with pytest.raises(UserError, match="did you mean okabe-ito"):
        parse_palette("okabe")
    with pytest.raises(UserError, match="there are white, ivory"):
        parse_paper_colour("xyzzy")
