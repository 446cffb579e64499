"""Large sheets on several pages: nothing is lost, nothing is off the paper, and cuts are where they do least harm."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
import vpype
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

import plotsketch as ps
from plotsketch.api.tile import Tiled
from plotsketch.output.layers import FILLED, layers
from plotsketch.sheet.document import to_layers
from plotsketch.sheet.paper import Paper

SVG, LABEL = "{http://www.w3.org/2000/svg}", "{http://www.inkscape.org/namespaces/inkscape}label"
Points = list[tuple[float, float]]


def sheet(*pens: tuple[str, list[Points]], size: tuple[float, float] = (400, 300)) -> vpype.Document:
    drawn = {
        ps.Pen(name, 0.3 + 0.1 * number, f"#00000{number}"): [ps.Sketch(tuple(np.array(line, float) for line in lines))]
        for number, (name, lines) in enumerate(pens)
    }
    return to_layers(drawn, Paper(*size))


def geometry(lines: list[np.ndarray]) -> BaseGeometry:
    return shapely.MultiLineString([line for line in lines if len(line) > 1])


def on_the_sheet(tiled: Tiled, number: int) -> list[np.ndarray]:
    """A layer's lines of all pages, moved back to where they are on the sheet."""
    back = []
    for page in tiled.pages:
        left, top, _, _ = tiled.tiling.window(page.row, page.col)
        for layer in layers(page.document):
            if layer.number == number:
                back += [np.add(line, (left - tiled.margin, top - tiled.margin)) for line in layer.lines]
    return back


coordinates = st.tuples(st.integers(8, 3192).map(lambda x: x / 8), st.integers(8, 2392).map(lambda y: y / 8))
strokes = st.lists(st.lists(coordinates, min_size=2, max_size=6), min_size=1, max_size=12)


@given(strokes, strokes, st.floats(0, 20), st.floats(7, 15), st.sampled_from([None, True, False]))
def test_pages_moved_back_to_place_are_the_sheet(
    one: list[Points], two: list[Points], overlap: float, margin: float, landscape: bool | None
) -> None:
    document = sheet(("pine", one), ("moss", two))
    tiled = ps.tile(document, "a5", overlap=overlap, margin=margin, landscape=landscape)
    for layer in layers(document):
        whole, back = geometry(layer.lines), geometry(on_the_sheet(tiled, layer.number))
        assert whole.difference(back.buffer(1e-6)).length < 1e-6
        assert back.difference(whole.buffer(1e-6)).length < 1e-6
        pieces = shapely.linestrings([pair for line in layer.lines for pair in pairwise(line)])
        shown = [shapely.box(*tiled.tiling.window(page.row, page.col)) for page in tiled.pages]
        drawn = sum(float(shapely.length(shapely.intersection(pieces, box)).sum()) for box in shown)
        assert back.length == pytest.approx(drawn, abs=1e-4), "each line once on each page that shows it"


@given(strokes, st.floats(0, 20), st.floats(7, 15))
def test_nothing_is_outside_of_what_a_page_can_show(lines: list[Points], overlap: float, margin: float) -> None:
    tiled = ps.tile(sheet(("pine", lines)), "a5", overlap=overlap, margin=margin)
    width, height = tiled.paper.width, tiled.paper.height
    for page in tiled.pages:
        for layer in layers(page.document):
            points = np.concatenate(layer.lines)
            white = margin if layer.number == 1 else 1.0  # marks stand in the margin
            assert (points >= white - 1e-6).all() and (points <= np.array([width, height]) - white + 1e-6).all()


@given(strokes, st.floats(0, 20))
def test_no_more_strokes_are_cut_than_by_equal_parts(lines: list[Points], overlap: float) -> None:
    cut = ps.tile(sheet(("pine", lines)), "a5", overlap=overlap).tiling

    def crossed(xs: list[float], ys: list[float]) -> int:
        arrays = [np.array(line) for line in lines]
        return sum(
            int(line[:, axis].min() < place < line[:, axis].max())
            for line in arrays
            for axis, places in enumerate((xs, ys))
            for place in places
        )

    assert cut.crossed == crossed(list(cut.xs), list(cut.ys)) <= cut.crossed_evenly
    even = [
        [overlap / 2 + part * (length - overlap) / count for part in range(1, count)]
        for length, count in zip((400, 300), (cut.cols, cut.rows), strict=True)
    ]
    assert cut.crossed_evenly == crossed(*even)


def test_cuts_go_through_a_gap_where_there_is_one() -> None:
    """Two cuts between three pages of 190 mm, and a long stroke that leaves 3 mm free in the slack of each."""
    bars = [(0.0, 130.0), (133.0, 299.0), (302.0, 430.0)]
    lines: list[Points] = [[(start, y), (end, y)] for start, end in bars for y in (10, 20, 30)]
    tiled = ps.tile(sheet(("pine", lines), size=(430, 100)), "a4", landscape=False)
    assert len(tiled.tiling.xs) == 2 and tiled.tiling.crossed == 0
    assert 130 <= tiled.tiling.xs[0] <= 133 and 299 <= tiled.tiling.xs[1] <= 302
    assert tiled.tiling.crossed_evenly == 6


def test_a_sheet_that_fits_is_one_page_and_nothing_is_cut() -> None:
    tiled = ps.tile(sheet(("pine", [[(1, 1), (99, 60)]]), size=(100, 70)), "a4")
    assert [page.name for page in tiled.pages] == ["A1"]
    assert (tiled.tiling.crossed, tiled.empty) == (0, ())


def test_crosses_of_neighbours_are_at_one_place_of_the_sheet() -> None:
    tiled = ps.tile(sheet(("pine", [[(0, 0), (400, 300)], [(0, 300), (400, 0)]])), "a4")
    (x,), (y,) = tiled.tiling.xs, tiled.tiling.ys
    middles = []
    for page in tiled.pages:
        left, top, _, _ = tiled.tiling.window(page.row, page.col)
        marks = next(layer for layer in layers(page.document) if layer.label == "2 marks")
        back = [np.add(line, (left - 10, top - 10)) for line in marks.lines]
        level = {tuple(line.mean(axis=0).round(6)) for line in back if len(line) == 2 and np.ptp(line[:, 1]) < 1e-6}
        upright = {tuple(line.mean(axis=0).round(6)) for line in back if len(line) == 2 and np.ptp(line[:, 0]) < 1e-6}
        middles.append({middle for middle in level & upright})
    assert all(len(found) >= 4 for found in middles)
    at_the_cut = [{middle for middle in found if middle[0] == pytest.approx(x)} for found in middles]
    assert at_the_cut[0] == at_the_cut[1] and at_the_cut[2] == at_the_cut[3]
    beside = [{middle for middle in found if middle[1] == pytest.approx(y)} for found in middles]
    assert beside[0] == beside[2] and beside[1] == beside[3]


def test_filled_areas_stay_areas() -> None:
    ring: Points = [(20, 20), (380, 30), (350, 280), (60, 250), (20, 20)]
    document = sheet(("pine", [ring]))
    document.layers[1].set_property(FILLED, True)
    tiled = ps.tile(document, "a4", overlap=0)
    parts = [shapely.Polygon(line) for line in on_the_sheet(tiled, 1)]
    assert sum(part.area for part in parts) == pytest.approx(shapely.Polygon(ring).area)
    assert all(part.exterior.is_ccw == shapely.LinearRing(ring).is_ccw for part in parts)


@pytest.fixture
def poster(tmp_path: Path) -> Path:
    path = tmp_path / "poster.svg"
    document = sheet(("pine", [[(5, 5), (395, 290)]]), ("moss", [[(200, 150), (205, 150)]]))
    from plotsketch.output.svg import svg_bytes

    path.write_bytes(svg_bytes(document, {}))
    return path


def test_files_of_single_pages_keep_names_colours_and_pens(plotsketch, poster: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = plotsketch("tile", poster, "-o", tmp_path / "p-{row}{col}-{page}.svg", "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert [Path(file).name for file in said["files"]] == ["p-A1-1.svg", "p-A2-2.svg", "p-B1-3.svg", "p-B2-4.svg"][
        : len(said["files"])
    ]
    assert said["strokes_cut"] <= said["strokes_cut_evenly"] and said["paper_mm"] == [297, 210]
    root = ElementTree.parse(said["files"][0]).getroot()
    assert (root.get("width"), root.get("height")) == ("297mm", "210mm")
    groups = {group.get(LABEL): group for group in root.findall(f"{SVG}g")}
    assert groups["1 pine"].get("stroke") == "#000000" and groups["1 pine"].get("stroke-width") == "0.3"
    assert "3 marks" in groups
    found = [ElementTree.parse(file).getroot().findall(f"{SVG}g") for file in said["files"]]
    moss = [group for page in found for group in page if group.get(LABEL) == "2 moss"]
    assert moss and all(group.get("stroke") == "#000001" and group.get("stroke-width") == "0.4" for group in moss)
    assert any(len(page) == 2 for page in found), "a layer without lines is not on the page"


def test_a_pdf_has_all_pages_and_the_plan_is_one(plotsketch, poster: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed: pip install plotsketch[dev]")
    done = plotsketch("tile", poster, "--portrait", "-o", tmp_path / "a.pdf", "--overview", tmp_path / "plan.pdf")
    assert done.exit_code == 0, done.stderr
    for name, count, size in (("a.pdf", 4, (210, 297)), ("plan.pdf", 1, (297, 210))):
        with pdfium.PdfDocument(tmp_path / name) as file:
            assert len(file) <= count and file[0].get_size() == pytest.approx([x * 72 / 25.4 for x in size], abs=0.01)
    assert "strokes cut" in done.stdout or "stroke cut" in done.stdout


def test_pages_with_nothing_on_them_are_left_out_and_named(tmp_path: Path) -> None:
    tiled = ps.tile(sheet(("pine", [[(5, 5), (30, 30)], [(380, 290), (395, 290)]])), "a4")
    assert [page.name for page in tiled.pages] == ["A1", "B2"] and tiled.empty == ("A2", "B1")
    assert [file.name for file in tiled.save(tmp_path / "{page}.svg")] == ["1.svg", "2.svg"]


def test_the_same_sheet_gives_the_same_bytes(poster: Path, tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        ps.tile(poster, "a5").save(tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_lines_off_the_sheet_are_named(plotsketch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from plotsketch.output.svg import svg_bytes

    path = tmp_path / "off.svg"
    path.write_bytes(svg_bytes(sheet(("pine", [[(5, 5), (404, 30)]])), {}))
    done = plotsketch("tile", path, "-o", tmp_path / "a.pdf")
    assert done.exit_code == 0 and "4.00 mm at the right" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-o", "{out}/page.svg"], "put {page}"),
        (["-o", "{out}/page-{{row}}.svg"], "put {page}"),
        (["-o", "{out}/page-{{folio}}.svg"], "there is no {folio}"),
        (["-o", "{out}/page-{{.svg"], "write {page}"),
        (["-o", "{out}/page-{{page}}.doc"], "no format"),
        (["-o", "{out}/poster.svg"], "written over itself"),
        (["-o", "{out}/a.pdf", "--overlap", "200mm"], "--overlap is 200 mm"),
        (["-o", "{out}/a.pdf", "--machine", "hp7475a"], "--machine is for .hpgl"),
        (["-o", "{out}/a.pdf", "--margin", "3mm"], "--no-marks"),
        (["-o", "{out}/a.pdf", "--margin", "12cm"], "smaller than its margins"),
        (["-o", "{out}/a.pdf", "--paper", "a44"], "unknown paper"),
        (["-o", "{out}/a.pdf", "--paper", "27x27mm"], "more than 1,000"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(plotsketch, poster: Path, words: list[str], says: str) -> None:  # type: ignore[no-untyped-def]
    done = plotsketch("tile", poster, *(word.format(out=poster.parent) for word in words))
    assert done.exit_code == 1 and says in done.stderr and done.stderr.count("\n") == 1
    assert sorted(path.name for path in poster.parent.iterdir()) == ["poster.svg"]
