"""SVGs as they come: odd ones are read for what they say, bad ones refused in a line, and nothing is half written."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
import svgelements
import vpype

from plotsketch.cli.main import COMMANDS
from plotsketch.output.sheet_in import read_sheet
from plotsketch.output.svg import svg_bytes

PX = 96 / 25.4
NAMES = " ".join(
    f'xmlns{prefix}="http://www.{place}"'
    for prefix, place in [
        ("", "w3.org/2000/svg"), (":inkscape", "inkscape.org/namespaces/inkscape"), (":xlink", "w3.org/1999/xlink"),
    ]
)  # fmt: skip
SIZE = 'width="100mm" height="50mm" viewBox="0 0 100 50"'
DRAWN = [[[10, 10], [20, 10]]]  # where a page of SIZE has it
LINE = '<path d="M10,10 L20,10" stroke="#f00"/>'
FITTED = f'<symbol id="s" viewBox="0 0 40 20" {{}}>{LINE}</symbol>'


def svg(body: str, size: str = SIZE, before: str = "") -> str:
    return f"{before}<svg {NAMES} {size}>{body}</svg>"


def layer(label: str, body: str = LINE, more: str = "") -> str:
    return f'<g inkscape:groupmode="layer" inkscape:label="{label}" {more}>{body}</g>'


def lines_of(path: Path) -> list[list[list[float]]]:
    """Every line of a document, in mm, to the micrometre."""
    document = read_sheet(path)
    return [
        np.round(vpype.as_vector(line) / PX, 3).tolist()
        for number in sorted(document.layers)
        for line in document.layers[number]
    ]


# what cannot be: (content, a word of why)
BAD: dict[str, tuple[str | bytes, str]] = {
    "empty drawing": (svg(""), "no lines"),
    "a move and no line": (svg('<path d="M5,5"/>'), "no lines"),
    "text alone": (svg("<text>cat</text>"), "no lines"),
    "definitions alone": (svg(f"<defs>{LINE}</defs>"), "no lines"),
    "hidden": (svg(f'<g display="none">{LINE}</g>'), "no lines"),
    "nan in a path": (svg('<path d="M nan 3 L 4 4"/>'), "no numbers"),
    "inf in points": (svg('<polyline points="0,0 inf,3"/>'), "no numbers"),
    "nan in a transform": (svg(f'<g transform="translate(nan 3)">{LINE}</g>'), "no numbers"),
    "nan in a circle": (svg('<circle cx="nan" cy="4" r="3"/>'), "no numbers"),
    "infinite by transforms": (
        svg(f'<g transform="scale(1e200)"><g transform="scale(1e200)">{LINE}</g></g>'),
        "no numbers",
    ),
    "far away": (svg('<path d="M1e9,1 L2e9,3e9"/>'), "1 km"),
    "farther away": (svg('<path d="M1e300,1 L2e300,3e300"/>'), "1 km"),
    "a page as large": (svg(LINE, 'width="1e9mm" height="1e9mm"'), "no length"),
    "negative width": (svg(LINE, 'width="-100mm" height="50mm"'), "no length"),
    "no width": (svg(LINE, 'width="0" height="50mm"'), "no length"),
    "a word for a width": (svg(LINE, 'width="wide" height="50mm"'), "no length"),
    "em": (svg(LINE, 'width="10em" height="50mm"'), "no length"),
    "no size": (svg(LINE, ""), "how large"),
    "percentages of nothing": (svg(LINE, 'width="100%" height="100%"'), "how large"),
    "viewBox of nothing": (svg(LINE, 'width="9mm" height="9mm" viewBox="0 0 0 0"'), "viewBox"),
    "negative viewBox": (svg(LINE, 'width="9mm" height="9mm" viewBox="0 0 -9 9"'), "viewBox"),
    "viewBox of words": (svg(LINE, 'width="9mm" height="9mm" viewBox="a b c d"'), "viewBox"),
    "viewBox of three": (svg(LINE, 'width="9mm" height="9mm" viewBox="0 0 9"'), "viewBox"),
    "a path that stops": (svg(LINE + '<path d="M10 10 L 5"/>'), "understood"),
    "a path of other letters": (svg(LINE + '<path d="M10 10 X 5 5"/>'), "understood"),
    "a path without a move": (svg(LINE + '<path d="10 10 L 5 5"/>'), "understood"),
    "half a point": (svg(LINE + '<polyline points="1,2 3"/>'), "understood"),
    "points of words": (svg(LINE + '<polygon points="a,b c,d"/>'), "understood"),
    "a transform of words": (svg(f'<g transform="rotate(abc)">{LINE}</g>'), "understood"),
    "half a matrix": (svg(f'<g transform="matrix(1 2 3)">{LINE}</g>'), "understood"),
    "a symbol fitted to no box": (svg(f'<symbol id="s" viewBox="0 0 9">{LINE}</symbol><use href="#s"/>'), "viewBox"),
    "a nested svg of no length": (svg(f'<svg width="3 cats" viewBox="0 0 9 9">{LINE}</svg>'), "no length"),
    "entities": (svg("<text>&b;</text>", before='<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'), "entities"),
    "a use of itself": (svg('<g id="a"><use href="#a"/></g>'), "deep"),
    "deep": (svg("<g>" * 200 + LINE + "</g>" * 200), "deep"),
    "another language": ("<html/>", "not an SVG"),
    "no XML": ("hello", "well-formed"),
    "cut off": (svg(LINE)[:-9], "well-formed"),
    "nothing": ("", "is empty"),
    "spaces": (" \n ", "is empty"),
    "binary": (bytes(range(256)) * 9, "well-formed"),
    "compressed and cut short": (gzip.compress(svg(LINE).encode())[:-9], "cut short"),
    "compressed and damaged": (gzip.compress(b"x")[:10] + b"\xff" * 40, "damaged"),
    "an unknown encoding": (svg(LINE, before='<?xml version="1.0" encoding="foo-8"?>'), "encoding"),
    "bytes of another encoding": (svg(layer("x")).encode().replace(b'"x"', b'"\xff\xfe"'), "well-formed"),
    "more behind it": (svg(LINE) + "more", "well-formed"),
}
# commands that read a sheet, and what they are asked for
ASKED = {"estimate": [], "optimize": ["-o"], "convert": ["-o"], "preview": ["-o"]}
READERS = [command for command in ASKED if command in COMMANDS]


def written(content: str | bytes, path: Path) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ask(plotsketch, command: str, path: Path, out: Path):
    words = [word for option in ASKED[command] for word in (option, out)]
    return plotsketch(command, path, *words)


# all read by the same function: one command tries every case, the others some
TRIED = [(case, command) for n, case in enumerate(BAD) for command in READERS if command == "optimize" or n % 7 == 0]


@pytest.mark.parametrize(("case", "command"), TRIED)
def test_bad_sheets_are_refused_in_a_line(plotsketch, tmp_path: Path, case: str, command: str) -> None:
    content, reason = BAD[case]
    out = tmp_path / ("out.png" if command == "preview" else "out.svg")
    done = ask(plotsketch, command, written(content, tmp_path / "bad.svg"), out)
    assert (done.exit_code, done.stdout) == (1, ""), done.output
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1
    assert "bad.svg" in done.stderr and reason in done.stderr and len(done.stderr) < 400
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.svg"]


@pytest.mark.parametrize("command", READERS)
def test_files_that_cannot_be_read_or_written(plotsketch, tmp_path: Path, command: str) -> None:
    given = written(svg(LINE), tmp_path / "in.svg")
    folder = tmp_path / "folder.svg"
    folder.mkdir()
    for source in (tmp_path / "none.svg", folder):
        done = ask(plotsketch, command, source, tmp_path / "out.png")
        assert done.exit_code == 1 and source.name in done.stderr and done.stderr.count("\n") == 1
    if ASKED[command]:
        for out in (given, given / "under.svg"):
            done = ask(plotsketch, command, given, out)
            assert done.exit_code in (1, 2) and "Traceback" not in done.output
        assert given.read_text() == svg(LINE)
        assert ask(plotsketch, command, given, folder).exit_code in (1, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.svg", "in.svg"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_files_that_one_may_not_read_or_write(plotsketch, tmp_path: Path) -> None:
    given = written(svg(LINE), tmp_path / "in.svg")
    out = written("old", tmp_path / "out.svg")
    out.chmod(0o400)
    assert plotsketch("optimize", given, "-o", out).exit_code == 1 and out.read_text() == "old"
    given.chmod(0)
    assert plotsketch("optimize", given, "-o", tmp_path / "new.svg").exit_code == 1


# what is odd, and where its lines are: (content, lines in mm)
ODD: dict[str, tuple[str | bytes, list[object]]] = {
    "a line of no length": (
        svg('<path d="M5,5 L5,5"/><line x1="3" y1="4" x2="3" y2="4"/>'),
        [[[5, 5]] * 2, [[3, 4]] * 2],
    ),
    "all in one point": (svg('<polyline points="5,5 5,5 5,5"/>' * 3), [[[5, 5]] * 2] * 3),
    "a 1 mm sheet": (
        svg('<path d="M.1,.1 L.9,.9"/>', 'width="1mm" height="1mm" viewBox="0 0 1 1"'),
        [[[0.1, 0.1], [0.9, 0.9]]],
    ),
    "nested transforms": (
        svg(
            f'<g transform="translate(10 5)"><g transform="rotate(90)"><g transform="scale(2 3)">{LINE}'
            '<line x1="0" y1="0" x2="1" y2="2" transform="matrix(1 0 1 1 4 0)"/></g></g></g>'
        ),
        # rotate(90): (x, y) -> (-y, x); so (10, 10) -> scaled (20, 30) -> (-30, 20) -> (-20, 25)
        [[[-20, 25], [-20, 45]], [[10, 13], [4, 19]]],
    ),
    "a group's transform on plain polylines": (
        svg('<g transform="scale(2)"><polyline points="1,2 3,4"/><polyline points="5 6,7,8"/></g>'),
        [[[2, 4], [6, 8]], [[10, 12], [14, 16]]],
    ),
    "a nested svg": (
        svg(f'<svg x="10" y="5" width="50" height="25" viewBox="0 0 100 50">{LINE}</svg>'),
        [[[15, 10], [20, 10]]],
    ),
    "a nested svg as it is": (svg(f'<g><svg x="10" y="5">{LINE}</svg></g>'), [[[20, 15], [30, 15]]]),
    "and at the top": (svg(f'<svg y="5">{LINE}</svg>'), [[[10, 15], [20, 15]]]),
    "uses": (
        svg(
            f'<defs><g id="a">{LINE}</g></defs><use xlink:href="#a" x="5" y="6"/><use href="#a" transform="scale(2)"/>'
        ),
        [[[15, 16], [25, 16]], [[20, 20], [40, 20]]],
    ),
    "a fitted symbol": (
        svg(FITTED.format("") + '<use href="#s" x="1" width="20" height="10" transform="translate(0 2)"/>'),
        [[[6, 7], [11, 7]]],
    ),
    "a fitted symbol in more room than it needs": (
        svg(FITTED.format("") + '<use href="#s" width="20" height="20"/>'),
        [[[5, 10], [10, 10]]],
    ),
    "and in a corner of it": (
        svg(FITTED.format('preserveAspectRatio="xMinYMax meet"') + '<use href="#s" width="20" height="20"/>'),
        [[[5, 15], [10, 15]]],
    ),
    "and filling it": (
        svg(FITTED.format('preserveAspectRatio="xMidYMid slice"') + '<use href="#s" width="20" height="20"/>'),
        [[[0, 10], [10, 10]]],
    ),
    "and stretched to it": (
        svg(FITTED.format('preserveAspectRatio="none"') + '<use href="#s" width="20" height="20"/>'),
        [[[5, 10], [10, 10]]],
    ),
    "a symbol as large as it says, as the page, and as nothing": (
        svg(
            FITTED.format('width="20" height="10"') + '<use href="#s"/><use href="#s" width="50%" height="100%"/>'
            '<use href="#s" width="0"/>'
        ),
        [[[5, 5], [10, 5]], [[12.5, 25], [25, 25]]],
    ),
    "a use of a nested svg": (
        svg(
            f'<svg id="n" x="10" width="20" height="10" viewBox="0 0 40 20">{LINE}</svg>'
            '<use href="#n" y="20" width="40" height="20"/>'
        ),
        [[[15, 5], [20, 5]], [[20, 30], [30, 30]]],
    ),
    "nested svgs that fill, and shares of them": (
        svg(
            '<svg x="10" width="50%" height="50%" viewBox="0 0 10 10" preserveAspectRatio="xMaxYMid">'
            '<line x1="0" y1="50%" x2="100%" y2="50%"/></svg>'
        ),
        [[[35, 12.5], [60, 12.5]]],
    ),
    "a switch": (
        svg(
            '<switch><foreignObject requiredExtensions="http://x" width="1" height="1"/>'
            f'<path systemLanguage="de" d="M0 0L1 1"/><g>{LINE}</g><path d="M0 0L2 2"/></switch>'
        ),
        DRAWN,
    ),
    "a symbol": (svg(f'<symbol id="s">{LINE}</symbol><use href="#s" x="1"/>'), [[[11, 10], [21, 10]]]),
    "clip paths, masks, patterns": (
        svg(
            f'<clipPath id="c"><rect width="5" height="5"/></clipPath><mask><rect width="5" height="5"/></mask>'
            f'<pattern><rect width="5" height="5"/></pattern><g clip-path="url(#c)">{LINE}</g>'
        ),
        DRAWN,
    ),
    "hidden things": (svg(f'<g style="display:none">{LINE}</g><g visibility="hidden">{LINE}</g>{LINE}'), DRAWN),
    "styles": (svg('<style>/* c */ .a { stroke: blue }</style><path class="a" d="M1 1L5 5"/>'), [[[1, 1], [5, 5]]]),
    "empty shapes": (svg('<polyline points=""/><polyline/><path d=""/><path/><circle r="0"/>' + LINE), DRAWN),
    "no namespace": (f"<svg {SIZE}>{LINE}</svg>", DRAWN),
    "a prefix": (
        f'<s:svg xmlns:s="http://www.w3.org/2000/svg" {SIZE}><s:path d="M1,1 L5,5"/></s:svg>',
        [[[1, 1], [5, 5]]],
    ),
    "UTF-16": (svg(LINE, before='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"), DRAWN),
    "Latin-1": (svg(layer("größe"), before='<?xml version="1.0" encoding="ISO-8859-1"?>').encode("latin-1"), DRAWN),
    "a byte order mark": (b"\xef\xbb\xbf" + svg(LINE).encode(), DRAWN),
    "numbers without gaps": (
        svg('<polyline points="1-2-3-4"/><polyline points="1,-2,-3,-4"/>'),
        [[[1, -2], [-3, -4]]] * 2,
    ),
    "a viewBox with a corner": (
        svg(LINE, 'width="100mm" height="50mm" viewBox="-10,-5 100 50"'),
        [[[20, 15], [30, 15]]],
    ),
    "a viewBox of another shape": (
        svg(LINE, 'width="100mm" height="100mm" viewBox="0 0 100 50"'),
        [[[10, 35], [20, 35]]],
    ),
    "and stretched": (
        svg(LINE, 'width="100mm" height="100mm" viewBox="0 0 100 50" preserveAspectRatio="none"'),
        [[[10, 20], [20, 20]]],
    ),
    "no viewBox": (svg('<path d="M0 0 H96"/>', 'width="100mm" height="50mm"'), [[[0, 0], [25.4, 0]]]),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_sheets_are_read_for_what_they_say(plotsketch, tmp_path: Path, case: str) -> None:
    content, lines = ODD[case]
    path = written(content, tmp_path / "odd.svg")
    assert lines_of(path) == lines
    done = plotsketch("convert", path, "-o", tmp_path / "out.svg")
    assert done.exit_code == 0, done.output
    assert lines_of(tmp_path / "out.svg") == lines
    assert plotsketch("optimize", path, "-o", tmp_path / "out.svg", "--effort", "fast").exit_code == 0


@pytest.mark.parametrize(
    ("size", "page"),
    [
        ('width="100mm" height="50mm"', (100, 50)), ('width="10cm" height="5cm"', (100, 50)),
        ('width="4in" height="2IN"', (101.6, 50.8)), ('width="72pt" height="36pt"', (25.4, 12.7)),
        ('width="6pc" height="3pc"', (25.4, 12.7)), ('width="96px" height="48"', (25.4, 12.7)),
        ('width="400q" height="200Q"', (100, 50)), ('width=" 1e2 mm " height="+50.mm"', (100, 50)),
        ('width="100mm" viewBox="0 0 96 48"', (100, 50)), ('height="50mm" viewBox="0 0 96 48"', (100, 50)),
        ('viewBox="0 0 96 48"', (25.4, 12.7)), ('width="100%" height="50%" viewBox="0 0 96 48"', (25.4, 12.7)),
        ('width="auto" height="auto" viewBox="0 0 96 48"', (25.4, 12.7)),
    ],
)  # fmt: skip
def test_sizes_are_true_to_the_micrometre(plotsketch, tmp_path: Path, size: str, page: tuple[float, float]) -> None:
    path = written(svg('<path d="M0 0 L96 0"/>', size), tmp_path / "in.svg")
    document = read_sheet(path)
    assert [length / PX for length in document.page_size or ()] == pytest.approx(page, abs=1e-9)
    across = page[0] if "viewBox" in size else 25.4
    assert lines_of(path) == [[[0, 0], [across, 0]]]
    assert plotsketch("convert", path, "-o", tmp_path / "out.svg").exit_code == 0
    # by a reader that is not ours
    read = svgelements.SVG.parse(str(tmp_path / "out.svg"), ppi=25.4)
    assert (read.width, read.height) == pytest.approx(page, rel=1e-6)
    (line,) = (shape for shape in read.elements() if isinstance(shape, svgelements.Polyline))
    assert (line[-1].x, line[-1].y) == pytest.approx((across, 0), abs=1e-3)


def test_three_hundred_layers_and_equal_labels(plotsketch, tmp_path: Path) -> None:
    path = written(svg("".join(layer("1 pen") for _ in range(300))), tmp_path / "in.svg")
    assert plotsketch("optimize", path, "-o", tmp_path / "out.svg").exit_code == 0
    document = read_sheet(tmp_path / "out.svg")
    assert list(document.layers) == list(range(1, 301))
    assert document.layers[300].property(vpype.METADATA_FIELD_NAME) == "300 1 pen"


def test_colours_and_widths_that_a_layer_shares(tmp_path: Path) -> None:
    body = layer("1", '<path d="M0 0H9" stroke="blue" stroke-width="2"/>' * 2, 'transform="scale(2)"')
    body += layer("2", LINE + '<path d="M0 0H9" stroke="blue" stroke-width="wide"/>')
    document = read_sheet(written(svg(body), tmp_path / "in.svg"))
    one, two = document.layers[1], document.layers[2]
    assert one.property("vp_color").as_rgb_hex() == "#0000ff" and one.property("vp_pen_width") == pytest.approx(4 * PX)
    assert two.property("vp_color") is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<text x="5" y="5">hi</text><text>you</text><image width="5" height="5"/>', "2 texts and 1 picture not drawn"),
        ('<clipPath id="c"/><g clip-path="url(#c)"/>', "clip paths and masks do not cut"),
    ],
)
def test_what_is_not_drawn_is_said(plotsketch, tmp_path: Path, body: str, words: str) -> None:
    path = written(svg(body + LINE), tmp_path / "in.svg")
    for command in (["estimate"], ["optimize", "-o", tmp_path / "out.svg"]):
        done = plotsketch(command[0], path, *command[1:])
        assert done.exit_code == 0 and words in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("size", ["", 'width="100%" height="100%" ', 'width="auto" '])
def test_a_size_that_is_a_guess_is_said_to_be(plotsketch, tmp_path: Path, size: str) -> None:
    path = written(svg(LINE, f'{size}viewBox="0 0 210 297"'), tmp_path / "in.svg")
    for command in (["estimate"], ["convert", "-o", tmp_path / "out.svg"]):
        done = plotsketch(command[0], path, *command[1:])
        assert done.exit_code == 0 and done.stderr.count("\n") == 1
        assert "taken for 55.6 x 78.6 mm" in done.stderr


def test_a_size_on_one_side_is_no_guess(plotsketch, tmp_path: Path) -> None:
    path = written(svg(LINE, 'width="210mm" viewBox="0 0 210 297"'), tmp_path / "in.svg")
    done = plotsketch("estimate", path)
    assert (done.exit_code, done.stderr) == (0, "")


def test_plain_polylines_read_the_same_as_any_shape(tmp_path: Path) -> None:
    """Runs of polylines are read past svgelements; with an attribute of their own they are not."""
    rng = np.random.default_rng(3)
    lines = [rng.uniform(-200, 200, (rng.integers(2, 9), 2)) for _ in range(60)]
    texts = [" ".join(f"{x:.6g},{y:.3e}" for x, y in line) for line in lines]
    bodies = []
    for more in ("", ' opacity="1"'):
        shapes = [f'<polyline points="{text}"{more}/>' + (n % 9 == 0) * LINE for n, text in enumerate(texts)]
        inner = f'<g transform="rotate(33) skewX(10)">{"".join(shapes[:30])}</g>{"".join(shapes[30:])}'
        bodies.append(layer("1", inner, 'transform="translate(3,4) scale(.37)" stroke="red"'))
    size = 'width="123.4mm" height="77mm" viewBox="-7 3 210 297"'
    fast, slow = (read_sheet(written(svg(body, size), tmp_path / "in.svg")) for body in bodies)
    assert len(fast.layers[1]) == len(slow.layers[1]) == 67
    for one, other in zip(fast.layers[1], slow.layers[1], strict=True):
        assert one == pytest.approx(other, abs=1e-11)
    assert svg_bytes(fast, {}) == svg_bytes(slow, {})


def test_the_recipe_of_a_sheet_stays_through_both(plotsketch, tmp_path: Path) -> None:
    recipe = {"program": "plotsketch", "command": "grid", "seed": 3}
    path = written(svg(f"<metadata>{json.dumps(recipe)}</metadata>{LINE}"), tmp_path / "in.svg")
    for command in ("optimize", "convert"):
        assert plotsketch(command, path, "-o", tmp_path / "a.svg").exit_code == 0
        assert plotsketch(command, path, "-o", tmp_path / "b.svg").exit_code == 0
        text = (tmp_path / "a.svg").read_text()
        assert text == (tmp_path / "b.svg").read_text()
        kept = json.loads(text.split("<metadata>")[1].split("</metadata>")[0])
        assert kept["command"] == "grid" and kept["seed"] == 3
