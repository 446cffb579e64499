"""``plotsketch pattern`` from the command line and from Python, with a sketcher whose drawings are known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
import svgelements
from click.testing import Result
from numpy.typing import NDArray
from PIL import Image

import plotsketch as ps
from plotsketch.api import pattern as api
from plotsketch.art import pattern as art
from plotsketch.art.pattern import PatternRecipe, weighted
from plotsketch.art.plan import Hand
from plotsketch.art.studio import Studio
from plotsketch.cli import pattern_options
from plotsketch.errors import UserError
from plotsketch.sheet import design as sheet_design
from plotsketch.sheet.design import Design
from plotsketch.sheet.repeat import REPEATS
from plotsketch.sheet.symmetry import GROUPS
from plotsketch.strokes.sketch import Sketch

SVG = "{http://www.w3.org/2000/svg}"
CORNERS = {"cat": [1.0, 0, 0], "pig": [0, 1.0, 0], "owl": [0, 0, 1.0]}
Command = Callable[..., Result]
# 50.8 mm are 200 pixels at 100 dpi and 508 at 254
SMALL = ("--size", "50.8mm", "--motifs", 6, "--dpi", 100)


@dataclass
class FakeSketcher:
    """Draws a star, a whisker and a dot, all different by seed, stream and latent."""

    checkpoint: Any = field(default_factory=lambda: SimpleNamespace(name="fake", digest="0123456789ab"))

    def latent(self, reference: str) -> NDArray[np.float64]:
        if reference not in CORNERS:
            raise UserError(f"there is no '{reference}'")
        return np.array(CORNERS[reference])

    def sample(self, latents: NDArray[np.float64], **how: Any) -> list[Sketch]:
        cells = zip(how["cells"], latents, strict=True)
        return [self._sketch([how["seed"], cell, *(abs(z) * 1e6).astype(int)]) for cell, z in cells]

    def _sketch(self, seed: list[int]) -> Sketch:
        draws = np.random.default_rng(seed)
        turn = np.linspace(0, 2 * np.pi, 12)
        star = np.stack([np.cos(turn), np.sin(turn)], axis=1) * draws.uniform(30, 100, (12, 1))
        star[-1] = star[0]
        return Sketch((star, draws.uniform(-100, 100, (3, 2)), np.array([[5.0, 5.0]])))


@pytest.fixture
def sketcher(monkeypatch: pytest.MonkeyPatch) -> FakeSketcher:
    fake = FakeSketcher()
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: fake)
    return fake


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command must have failed before it asks for a model."""
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda model: pytest.fail("the model was loaded"))


def drawn(*drawings: str, motifs: int | None = None, seed: int = 0, way: str = "vary", **wishes: Any) -> api.Pattern:
    """From Python, with the fake."""
    design = Design(**{"width": 50.8, **wishes})
    return ps.pattern(
        *(drawings or ("cat",)), motifs=motifs, seed=seed, way=way, design=design,
        model=FakeSketcher(),  # type: ignore[arg-type]
    )  # fmt: skip


def lines_of(path: Path) -> list[NDArray[np.float64]]:
    """The polylines of an SVG in millimetres, as another program reads them."""
    svg = svgelements.SVG.parse(str(path), ppi=25.4)
    shapes = [shape for shape in svg.elements() if isinstance(shape, svgelements.Polyline)]
    return [np.array([(point.x, point.y) for point in shape]) for shape in shapes]


def page_of(path: Path) -> tuple[float, float]:
    root = ElementTree.parse(path).getroot()
    width, height = (float(root.get(side, "").removesuffix("mm")) for side in ("width", "height"))
    return width, height


def ink(lines: list[NDArray[np.float64]]) -> shapely.MultiLineString:
    return shapely.MultiLineString([line for line in lines if len(line) > 1])


def same_ink(some: list[NDArray[np.float64]], others: list[NDArray[np.float64]], near: float = 0.003) -> bool:
    """Whether neither goes anywhere where the other does not, but for what an SVG's decimals leave over."""
    a, b = ink(some), ink(others)
    far = a.difference(b.buffer(near)).length + b.difference(a.buffer(near)).length
    return a.length == pytest.approx(b.length, rel=1e-3) and far < 1e-3 * a.length


def tiled(lines: list[NDArray[np.float64]], width: float, height: float, across: int, down: int):
    shifts = [np.array([i * width, j * height]) for i in range(across) for j in range(down)]
    return [line + shift for shift in shifts for line in lines]


def test_a_tile_is_written_and_told_of(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    svg, pdf, png = (tmp_path / f"tile.{kind}" for kind in ("svg", "pdf", "png"))
    result = plotsketch("pattern", "cat*3", "pig", *SMALL, "-o", svg, "-o", pdf, "-o", png, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["files"] == [str(svg), str(pdf), str(png)]
    assert (told["motifs"], told["placed"], told["repeat"]) == (9, 9, "half-drop")  # 6 fill no rows
    assert (told["repeat_mm"], told["tile_mm"]) == ([50.8, 50.8], [101.6, 50.8])
    assert told["lattice_mm"] == [[50.8, 25.4], [0, 50.8]]
    assert 0.1 < told["density"] < 0.9
    assert page_of(svg) == (101.6, 50.8)
    assert Image.open(png).size == (400, 200)
    points = np.concatenate(lines_of(svg))
    assert (points >= -0.001).all() and (points <= np.array([101.6, 50.8]) + 0.001).all()
    recipe = json.loads(ElementTree.parse(svg).getroot().find(f"{SVG}metadata").text)
    assert (recipe["command"], recipe["drawings"], recipe["motifs"]) == ("pattern", ["cat*3", "pig"], 9)
    assert recipe["design"]["repeat"] == "half-drop" and recipe["cut"] == {"kind": "tile"}


def test_people_are_told_what_they_got(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    result = plotsketch("pattern", "cat", *SMALL, "-o", tmp_path / "tile.svg")
    line = result.stdout.splitlines()[1]
    assert re.fullmatch(
        r"half-drop of 50\.8 x 50\.8 mm, tile 101\.6 x 50\.8 mm: 9 motifs, 9 placed, \d+ % covered", line
    )


def test_the_same_command_writes_the_same_bytes(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    for name in ("a", "b"):
        files = ["-o", tmp_path / f"{name}.svg", "-o", tmp_path / f"{name}.png"]
        plotsketch("pattern", "cat", *SMALL, "--repeat", "tossed", "--background", "motifs", *files)
    for kind in ("svg", "png"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


@pytest.mark.parametrize("name", REPEATS)
def test_every_repeat_is_seamless_to_the_pixel_and_in_lines(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path, name: str
) -> None:
    names = {kind: tmp_path / f"{kind}.svg" for kind in ("tile", "swatch")}
    words = ["pattern", "cat", "pig", "--repeat", name, *SMALL, "--dpi", 50, "--pen", "red 0.5mm", "--pen", "navy 1mm"]
    words += ["--whole-pixels"] if name == "hexagonal" else []  # whose height no picture can show
    for kind, cut in (("tile", ()), ("swatch", ("--swatch", "2x3"))):
        result = plotsketch(*words, *cut, "-o", names[kind], "-o", names[kind].with_suffix(".png"))
        assert result.exit_code == 0, result.output
    tile, swatch = (np.asarray(Image.open(path.with_suffix(".png"))) for path in names.values())
    assert tile.std() > 0
    np.testing.assert_array_equal(np.tile(tile, (3, 2, 1)), swatch)
    if name in ("half-drop", "third-brick", "stripe", "tossed"):
        six = tiled(lines_of(names["tile"]), *page_of(names["tile"]), 2, 3)
        assert same_ink(six, lines_of(names["swatch"]))


@pytest.mark.parametrize("name", GROUPS)
def test_every_group_is_seamless_to_the_pixel(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path, name: str
) -> None:
    words = ["pattern", "cat", "--group", name, "--size", "50.8mm", "--motifs", 2, "--dpi", 60, "--whole-pixels"]
    for kind, cut in (("tile", ()), ("swatch", ("--swatch", "2x3"))):
        result = plotsketch(*words, *cut, "-o", tmp_path / f"{kind}.png")
        assert result.exit_code == 0, result.output
    tile, swatch = (np.asarray(Image.open(tmp_path / f"{kind}.png")) for kind in ("tile", "swatch"))
    np.testing.assert_array_equal(np.tile(tile, (3, 2, 1)), swatch)
    assert tile.std() > 0


@pytest.mark.parametrize(
    "looks",
    [
        ["--fill", "gold", "--overlaps", "hide", "--sizes", "1.4-1.8"],
        ["--silhouette", "--overlaps", "hide", "--sizes", "1.4"],
        ["--background", "dots", "--swell", "taper"],
        ["--background", "stripes", "--background-spacing", "3mm", "--swell", "nib"],
        ["--background", "motifs", "--repeat", "ogee", "--transparent"],
        ["--repeat", "tossed", "--gap", "-3mm", "--motif-size", "2cm", "--overlaps", "hide", "--fill", "#ffeedd"],
    ],
    ids=" ".join,
)
def test_whatever_it_looks_like_it_is_seamless(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path, looks: list[str]
) -> None:
    for kind, cut in (("tile", ()), ("swatch", ("--swatch", "2x2"))):
        result = plotsketch("pattern", "cat", *SMALL, *looks, *cut, "-o", tmp_path / f"{kind}.png")
        assert result.exit_code == 0, result.output
    tile, swatch = (np.asarray(Image.open(tmp_path / f"{kind}.png")) for kind in ("tile", "swatch"))
    repeats = (2, 2, 1)
    apart = np.abs(np.tile(tile, repeats).astype(int) - swatch)
    assert apart.max() <= 1 and (apart > 0).mean() < 1e-4  # areas are added up from the left, a tile's from its own


def test_bleed_shows_what_lies_beyond_the_tile(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    plotsketch("pattern", "cat", *SMALL, "-o", tmp_path / "tile.png")
    plotsketch("pattern", "cat", *SMALL, "--bleed", "2.54mm", "-o", tmp_path / "bleed.png")
    tile, bleed = (np.asarray(Image.open(tmp_path / f"{name}.png")) for name in ("tile", "bleed"))
    assert bleed.shape == (220, 420, 3)
    around = np.tile(tile, (3, 3, 1))[190:410, 390:810]
    np.testing.assert_array_equal(bleed, around)


def test_a_unit_drops_by_half_to_the_pixel(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    for kind, cut in (("tile", ()), ("unit", ("--unit",))):
        plotsketch("pattern", "cat", *SMALL, *cut, "-o", tmp_path / f"{kind}.png")
    tile, unit = (np.asarray(Image.open(tmp_path / f"{kind}.png")) for kind in ("tile", "unit"))
    assert unit.shape == (200, 200, 3)
    np.testing.assert_array_equal(np.hstack([unit, np.roll(unit, 100, axis=0)]), tile)


def test_a_sheet_is_full_of_whole_strokes(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    words = ["pattern", "cat", *SMALL, "--sheet", "a5", "--landscape", "--margin", "12mm"]
    result = plotsketch(*words, "-o", tmp_path / "sheet.svg", "-o", tmp_path / "sheet.png")
    assert result.exit_code == 0, result.output
    assert page_of(tmp_path / "sheet.svg") == (210, 148)
    lines = lines_of(tmp_path / "sheet.svg")
    edge = np.array([[12.15, 12.15], [210 - 12.15, 148 - 12.15]])
    points = np.concatenate(lines)
    assert (points >= edge[0] - 0.001).all() and (points <= edge[1] + 0.001).all()
    # a line is whole, as its star's 12 points tell, or ends at the margin
    at_edge = [line for line in lines if len(line) not in (2, 3, 12)]
    for line in at_edge:
        assert any(np.isclose(end, edge, atol=0.002).any() for end in (line[0], line[-1]))
    whole = sum(len(line) == 12 for line in lines)
    assert whole > 8 * 4
    points = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert (points[:46] == 255).all() and (points[:, :46] == 255).all()


def test_symmetry_is_kept_by_what_is_written(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    plotsketch("pattern", "cat", "--group", "p4m", "--size", "50.8mm", "--motifs", 2, "-o", tmp_path / "p4m.svg")
    lines = lines_of(tmp_path / "p4m.svg")
    assert same_ink([line[:, ::-1] for line in lines], lines)  # the diagonal
    assert same_ink([(50.8, 0) + line * (-1, 1) for line in lines], lines)
    plotsketch("pattern", "cat", "--group", "p3", "--size", "50.8mm", "--motifs", 2, "-o", tmp_path / "p3.svg")
    lines = tiled(lines_of(tmp_path / "p3.svg"), *page_of(tmp_path / "p3.svg"), 3, 3)
    turn = np.radians(120)
    cos, sin = np.cos(turn), np.sin(turn)
    middle = np.array([50.8, page_of(tmp_path / "p3.svg")[1]])  # a lattice point inside
    near = shapely.Point(middle).buffer(40)
    round_it = [(line - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle for line in lines]
    some, others = (ink(drawn).intersection(near) for drawn in (lines, round_it))
    assert some.difference(others.buffer(0.004)).length < 0.01 * some.length


def test_motifs_keep_their_distance(sketcher: FakeSketcher) -> None:
    for wishes in ({"repeat": "half-drop", "gap": 2.0}, {"repeat": "tossed", "gap": 1.5, "sizes": (0.7, 1.1)}):
        made = drawn("cat", "pig", motifs=8, **wishes)
        document = made.swatch(2).document
        groups = stars_of(document)
        tree = shapely.STRtree(groups)
        pairs = tree.query(groups, predicate="dwithin", distance=wishes["gap"] - 0.01)
        assert (pairs[0] == pairs[1]).all()


def stars_of(document: Any) -> list[shapely.LineString]:
    mm = 25.4 / 96
    lines = [np.stack([line.real, line.imag], axis=1) * mm for layer in document.layers.values() for line in layer]
    return [shapely.LineString(line) for line in lines if len(line) == 12]


@pytest.mark.parametrize("wishes", [{"rotate": 360.0}, {"rotate": 90.0}, {"gap": -2.0}, {"rotate": 360.0, "gap": 0.0}])
@pytest.mark.parametrize("motifs", [3, 8, 30])
def test_tossed_motifs_whose_size_nobody_asked_for_always_fit(motifs: int, wishes: dict[str, float]) -> None:
    made = drawn("cat", "pig", motifs=motifs, repeat="tossed", width=80, seed=motifs, **wishes)
    assert made.period.placed == motifs and made.facts["density"] > 0.2


def test_what_is_under_several_motifs_is_covered_once() -> None:
    large = drawn(motifs=4, repeat="block", sizes=(6.0, 6.0))
    assert 0.9 < large.facts["density"] <= 1
    crowd = drawn(motifs=8, repeat="tossed", gap=-3.0, motif_size=20.0)
    apart = drawn(motifs=8, repeat="tossed", motif_size=10.0)
    assert 0 < apart.facts["density"] < crowd.facts["density"] < 1


def test_rows_columns_and_motifs_agree() -> None:
    assert Design(rows=3).settled(12)[1] == 15  # 3 x 4 would not go on in half-drop
    assert Design(repeat="block", rows=3).settled(12)[1] == 12
    assert Design(repeat="centre", rows=2, cols=3).settled()[1] == 12
    assert Design(group="p6m").settled()[1] == 2
    assert Design(repeat="tossed").settled(17)[1] == 17
    settled, count = Design(width=640).settled(400)
    assert (settled.rows, settled.cols, count) == (20, 20, 400)


def test_pens_by_row_and_column_follow_the_repeat() -> None:
    pens = (ps.Pen("red", 0.3, "#ff0000"), ps.Pen("blue", 0.3, "#0000ff"))
    document = drawn(repeat="block", rows=2, cols=3, pens=pens, pen_by="row").document
    assert [layer.property("vp_name") for layer in document.layers.values()] == ["red", "blue"]
    mm = 25.4 / 96
    for layer, rows in zip(document.layers.values(), ((0, 25.4), (25.4, 50.8)), strict=True):
        level = np.concatenate([line.imag for line in layer]) * mm
        assert rows[0] <= level.min() and level.max() <= rows[1]


def test_layers_have_their_own_pens(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    words = ["--repeat", "diamond", "--background", "dots", "--background-pen", "gold", "--outline-pen", "black 0.5mm"]
    plotsketch("pattern", "cat", *SMALL, *words, "--fill", "pink", "-o", tmp_path / "tile.svg")
    layers = ElementTree.parse(tmp_path / "tile.svg").getroot().findall(f"{SVG}g")
    label = "{http://www.inkscape.org/namespaces/inkscape}label"
    assert [layer.get(label) for layer in layers] == ["1 gold", "2 black outlines", "3 pink", "4 black motifs"]
    assert [layer.get("stroke-width") for layer in layers] == ["0.3", "0.5", "0.3", "0.3"]


def test_the_background_keeps_away_from_motifs() -> None:
    made = drawn(motifs=6, background="dots", spacing=2.0)
    background, motifs = made.period.coats
    stars = [shapely.Polygon(line) for line in motifs.lines if len(line) == 12]
    lattice = made.period.ground.lattice
    copies = [
        shapely.transform(star.buffer(0), lambda points, s=i * lattice[0] + j * lattice[1]: points + s)
        for star in stars for i in range(-2, 3) for j in range(-3, 4)
    ]  # fmt: skip
    under = shapely.union_all(copies)
    assert background.shapes and not background.lines  # which print shops get as dots, not as rings
    assert not any(under.intersects(dot) for dot in background.shapes)


def test_plates_and_palette(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    words = ["--palette", "blue-white", "--plates", "--paper-colour", "ivory", "-o", tmp_path / "tile.tif"]
    result = plotsketch("pattern", "cat", *SMALL, *words)
    assert result.exit_code == 0, result.output
    assert [Path(line).name for line in result.stdout.splitlines()[:4]] == [
        "tile.tif", "tile-1-cobalt.tif", "tile-2-sky.tif", "tile-3-ink.tif",
    ]  # fmt: skip


def test_whole_pixels_are_said_and_made(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    words = ["pattern", "cat", "--size", "30x20mm", "--motifs", 2, "--repeat", "block", "--dpi", 100]
    result = plotsketch(*words, "-o", tmp_path / "tile.png")
    assert result.exit_code == 1
    assert "118.11 x 78.74 pixels" in result.stderr
    (size,) = re.findall(r"--size (\S+) or", result.stderr)
    assert plotsketch(*words[:2], "--size", size, *words[4:], "-o", tmp_path / "size.png").exit_code == 0
    assert "--dpi 127" in result.stderr
    assert plotsketch(*words[:-1], 127, "-o", tmp_path / "dpi.png").exit_code == 0
    assert plotsketch(*words, "--whole-pixels", "-o", tmp_path / "tile.png", "-o", tmp_path / "tile.svg").exit_code == 0
    assert Image.open(tmp_path / "tile.png").size == (118, 79)
    assert page_of(tmp_path / "tile.svg") == pytest.approx((118 * 0.254, 79 * 0.254), abs=1e-3)
    # files without pixels have any size
    assert plotsketch(*words, "-o", tmp_path / "any.svg", "-o", tmp_path / "any.pdf").exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--group", "p5"], "the 17 are p1 p2 pm"),
        (["--repeat", "halfdrop"], "did you mean half-drop"),
        (["--repeat", "brick", "--group", "p4"], "two ways to repeat"),
        (["--size", "0mm"], "above 0"),
        (["--size", "wide"], "'wide' is not a length"),
        (["--rows", "3", "--cols", "4"], "do not go on from one half-drop unit"),
        (["--rows", "3", "--cols", "5", "--motifs", "9"], "take 15 motifs, not 9"),
        (["--rows", "0"], "empty"),
        (["--motifs", "0"], "empty"),
        (["--repeat", "tossed", "--rows", "3"], "give --motifs"),
        (["--repeat", "tossed", "--size", "3cm", "--motif-size", "4cm"], "larger than their repeat, 30 x 30 mm"),
        (["--motif-size", "4cm"], "for --repeat tossed"),
        (["--gap", "-1mm"], "for tossed motifs"),
        (["--rotate", "sideways"], "none, free or a step"),
        (["--rotate", "0"], "above 0 degrees"),
        (["--sizes", "big"], "--sizes is 'big'"),
        (["--sizes", "2-1"], "the smaller first"),
        (["--group", "p4", "--background", "dots"], "would not keep the turns"),
        (["--group", "p4", "--size", "3x4cm"], "square lattice"),
        (["--background-spacing", "3mm"], "take --background dots"),
        (["--background", "stripes", "--background-spacing", "0.2mm"], "run together, drawn by a pen of 0.3 mm"),
        (["--background", "dots", "--background-spacing", "0"], "dots every 0 mm run together"),
        (["--background", "dots", "--background-spacing", "0.4mm"], "are about 258064 in a repeat, above 100000"),
        (["--silhouette", "--fill", "red"], "leave --fill out"),
        (["--repeat", "half-drop", "--group", "p4"], "two ways to repeat"),
        (["--background-pen", "red"], "take --background dots"),
        (["--outline-pen", "red"], "half-drop has no outlines"),
        (["--group", "p4", "--no-outlines"], "p4 has no outlines"),
        (["--repeat", "ogee", "--no-outlines", "--outline-pen", "red"], "take one of them"),
        (["--pen-by", "row", "--pen", "red"], "shares several pens out"),
        (["--margin", "3cm"], "--margin is that of a sheet"),
        (["--by", "same", "--spread", "0.3"], "this is --by same"),
        (["--by", "same", "--unlike", "0"], "whatever --unlike says"),
        (["--fill", "reed"], "did you mean red"),
        (["--fill", "ivory"], "it is a colour of paper, for --paper-colour: to draw with it, write it as #fcf8ea"),
        (["--background", "fish"], "--background is 'fish'; choose dots, stripes or motifs"),
        (["--background", "stripe"], "--background is 'stripe'; did you mean stripes? choose dots"),
        (["--overlaps", "hid"], "did you mean hide?"),
        (["--by", "very"], "did you mean vary?"),
        (["--swell", "nibs"], "did you mean nib?"),
        (["--repeat", "hexagon"], "did you mean hexagonal?"),
        (["--repeat", "hexagonal", "--rows", "3"], "take 2 x"),
        (["--pen", "glitter"], "write its colour as #rrggbb"),
        (["--pen", "red 0mm"], "draws nothing"),
        (["--unit", "--swatch", "2"], "one at a time"),
        (["--swatch", "many"], "such as 3x3"),
        (["--swatch", "0x3"], "give from 1x1"),
        (["--landscape"], "name it, as in --sheet a2"),
        (["--sheet", "a44"], "did you mean a4"),
        (["--sheet", "a6", "--margin", "6cm"], "smaller than its margins"),
        (["--by", "walk"], "two drawings or more"),
        (["--spread", "3"], "from 0 to 1"),
        (["--unlike", "-1"], "--unlike is -1"),
        (["cat*0"], "weight 0"),
        (["-o", "x.png", "--size", "30m", "--dpi", "254"], "is too large for most programs; take --dpi"),
        (["-o", "x.pdf", "--size", "6m"], "5080 mm at most"),
        (["-o", "x.jpeg"], "no format for x.jpeg"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_are_one_line_before_any_model_is_loaded(
    plotsketch: Command, no_model: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    drawings = ["cat"] if words[0].startswith("-") else []
    result = plotsketch("pattern", *drawings, "-o", "tile.svg", *words)
    assert result.exit_code == 1, result.output
    assert told in result.stderr
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--repeat", "tossed", "--motif-size", "4cm", "--motifs", "20"], r"about \d+ of 20 motifs fitted"),
        (["--repeat", "tossed", "--gap", "30mm", "--motifs", "20"], r"with gaps of 30 mm about \d of 20 motifs fitted"),
        (["--gap", "30mm"], r"with a gap of 30 mm 0 of \d+ motifs fitted, and the least has 0 mm of room"),
        (["--size", "2mm"], "a larger repeat"),
        (["--drop-short", "1m", "--drop-dots"], "leave no line of any motif"),
        (["dog"], "there is no 'dog'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_does_not_fit_is_said(
    plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path, words: list[str], told: str
) -> None:
    result = plotsketch("pattern", "cat", "--size", "10cm", *words, "-o", tmp_path / "tile.svg")
    assert result.exit_code == 1, result.output
    assert re.search(told, result.stderr) and result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_pattern_in_python(tmp_path: Path) -> None:
    made = drawn("cat*2", "pig", motifs=8, repeat="brick", seed=3)
    assert made.facts["tile_mm"] == [50.8, 101.6]
    files = made.save(tmp_path / "tile.svg", tmp_path / "tile.png", dpi=100)
    assert [path.name for path in files] == ["tile.svg", "tile.png"]
    assert len(made.document.layers) == len(made.tile.document.layers) == 1
    made.swatch(2, 1).save(tmp_path / "swatch.svg")
    assert page_of(tmp_path / "swatch.svg") == (101.6, 101.6)
    made.sheet(ps.parse_paper("a5"), margin=0).through("linemerge linesort").save(tmp_path / "sheet.png", dpi=50)
    assert Image.open(tmp_path / "sheet.png").size == (291, 413)
    with pytest.raises(UserError, match="whole"):
        made.save(tmp_path / "no.png", dpi=99.9)
    made.in_whole_pixels(99.9).save(tmp_path / "yes.png", dpi=99.9)
    assert Image.open(tmp_path / "yes.png").size == (200, 400)


def test_a_pipeline_goes_over_pictures_too(plotsketch: Command, sketcher: FakeSketcher, tmp_path: Path) -> None:
    plotsketch("pattern", "cat", *SMALL, "-o", tmp_path / "a.png")
    plotsketch("pattern", "cat", *SMALL, "--vpype", "penwidth 2mm", "-o", tmp_path / "b.png")
    dark = [float((255 - np.asarray(Image.open(tmp_path / f"{name}.png")).astype(int)).mean()) for name in "ab"]
    assert dark[1] > 2 * dark[0]


def test_words_on_the_command_line_are_those_of_the_library() -> None:
    assert pattern_options.WAYS == art.WAYS
    assert pattern_options.OVERLAPS == sheet_design.OVERLAPS
    assert pattern_options.BACKGROUNDS == sheet_design.BACKGROUNDS
    assert pattern_options.PEN_BY == sheet_design.PEN_BY


def test_weights_are_shares() -> None:
    recipe = PatternRecipe(drawings=("cat*3", "pig", "owl*0"), motifs=40)
    plate = recipe.draw(Studio(FakeSketcher()))  # type: ignore[arg-type]
    groups = [figure.group for figure in plate.figures]
    assert {name: groups.count(name) for name in set(groups)} == {"cat": 30, "pig": 10}
    assert groups != sorted(groups)  # mixed
    assert PatternRecipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe


def test_ways_to_make_motifs() -> None:
    studio = Studio(FakeSketcher())  # type: ignore[arg-type]
    same = PatternRecipe(drawings=("cat*2", "pig"), motifs=9, way="same").draw(studio)
    assert len({figure.outline.length for figure in same.figures}) == 2
    walk = PatternRecipe(drawings=("cat", "pig"), motifs=12, way="walk", hand=Hand(seed=5))
    spots = walk.draw(studio).spots
    latents = np.array([spot.latent for spot in spots if spot is not None])
    assert len(np.unique(latents.round(5), axis=0)) >= 6  # the closed way goes there and back
    assert any(np.allclose(latent, CORNERS["cat"]) for latent in latents)
    vary = PatternRecipe(drawings=("cat",), motifs=30, hand=Hand(seed=5)).draw(studio)
    assert len({figure.outline.length for figure in vary.figures}) == 30


def test_too_few_different_motifs_are_said() -> None:
    recipe = PatternRecipe(drawings=("cat",), motifs=12, unlike=0.6)
    with pytest.raises(UserError, match="only 1 of 12 drawings"):
        recipe.draw(Studio(FakeSketcher()))  # type: ignore[arg-type]


def test_words_with_weights_may_mean_several_drawings(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        (tmp_path / name).write_text("<svg/>")
    assert weighted(["cat-head*3", "pig", "seed:4*0.5"]) == ("cat-head*3", "pig", "seed:4*0.5")
    assert weighted([f"{tmp_path}/*.svg*2"]) == (f"{tmp_path}/a.svg*2", f"{tmp_path}/b.svg*2")
    assert weighted(["cats.ndjson#0-1*4"]) == ("cats.ndjson#0*4", "cats.ndjson#1*4")
