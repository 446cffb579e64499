"""SVG: what a pen would draw of a file, what it must not, and files that mean harm."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from strokes_cases import assert_same, house, real, sketches

from plotsketch.errors import UserError
from plotsketch.strokes import Sketch, parse_svg, read_drawings, read_svg, svg_text, write_svg
from plotsketch.strokes.svg_guard import DEEPEST

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def svg(content: str, attributes: str = "") -> bytes:
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {namespaces} {attributes}>{content}</svg>".encode()


def lines(content: str, attributes: str = "") -> list[list[list[float]]]:
    return [line.tolist() for line in parse_svg(svg(content, attributes)).lines]


def refusal(data: bytes) -> str:
    with pytest.raises(UserError) as caught:
        parse_svg(data, "mine.svg")
    message = str(caught.value)
    assert "\n" not in message and "mine.svg" in message
    return message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<path d="M1 2L3 4 5 6"/>', [[[1, 2], [3, 4], [5, 6]]]),
        ('<path d="m1,2 3,4h1v-1z"/>', [[[1, 2], [4, 6], [5, 6], [5, 5], [1, 2]]]),
        ('<path d="M0 0L5 0M1 1L2 2"/>', [[[0, 0], [5, 0]], [[1, 1], [2, 2]]]),
        ('<path d="M0 0L5 0 5 5 0 0z"/>', [[[0, 0], [5, 0], [5, 5], [0, 0]]]),
        ('<path d="M0 0L5 0 5 5zl-3 3"/>', [[[0, 0], [5, 0], [5, 5], [0, 0]], [[0, 0], [-3, 3]]]),
        ('<path d="M7 8h0"/>', [[[7, 8]]]),
        ('<path d="M7 8z"/><path d="M1 1"/><path/>', [[[7, 8]]]),
        ('<rect x="1" y="2" width="3" height="4"/>', [[[1, 2], [4, 2], [4, 6], [1, 6], [1, 2]]]),
        ('<line x1="1" y1="2" x2="3" y2="4" stroke="red"/>', [[[1, 2], [3, 4]]]),
        ('<polyline points="0,0 1,1 2,0"/>', [[[0, 0], [1, 1], [2, 0]]]),
        ('<polygon points="0,0 1,1 2,0"/>', [[[0, 0], [1, 1], [2, 0], [0, 0]]]),
        ('<g transform="translate(10 0) scale(2)"><path d="M1 1L2 2"/></g>', [[[12, 2], [14, 4]]]),
        ('<g transform="rotate(90)"><path transform="translate(5)" d="M0 0L1 0"/></g>', [[[0, 5], [0, 6]]]),
    ],
)
def test_paths_shapes_and_transforms(content: str, expected: list[list[list[float]]]) -> None:
    assert_same(Sketch(tuple(map(np.array, lines(content)))), Sketch(tuple(map(np.array, expected))), within=1e-9)


def test_view_box_and_size_give_css_pixels() -> None:
    content = '<path d="M10 20L110 70"/>'
    (line,) = lines(content, 'viewBox="10 20 100 50" width="100mm" height="50mm"')
    assert line == [pytest.approx([0, 0]), pytest.approx([100 / 25.4 * 96, 50 / 25.4 * 96], rel=1e-5)]
    assert lines(content, 'viewBox="10 20 100 50"') == [[[0, 0], [100, 50]]]
    # the aspect is kept and the drawing centred unless told otherwise
    assert lines(content, 'viewBox="10 20 100 50" width="200" height="200"') == [[[0, 50], [200, 150]]]
    assert lines(content, 'viewBox="10 20 100 50" width="200" height="200" preserveAspectRatio="none"') == [
        [[0, 0], [200, 200]]
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        '<g display="none"><path d="M0 0L9 9"/></g>',
        '<path style="display:none" d="M0 0L9 9"/>',
        '<g visibility="hidden"><path d="M0 0L9 9"/></g>',
        '<style>/* a { */ .off { display : none } </style><path class="off" d="M0 0L9 9"/>',
        '<defs><path d="M0 0L9 9"/></defs>',
        '<symbol><path d="M0 0L9 9"/></symbol>',
        '<marker><path d="M0 0L9 9"/></marker>',
        '<mask><path d="M0 0L9 9"/></mask>',
        '<pattern><path d="M0 0L9 9"/></pattern>',
        '<clipPath><path d="M0 0L9 9"/></clipPath>',
        '<g><mask><g><symbol><path d="M0 0L9 9"/></symbol></g></mask></g>',
        '<path fill="none" d="M0 0h24v24H0z"/>',
        '<path fill="none" stroke="none" d="M0 0h24v24H0z"/>',
        "<text>word</text><title>title</title><desc>words</desc>",
        '<image href="https://example.org/picture.png" width="5" height="5"/>',
        '<use href="#nowhere"/>',
        '<use href="other.svg#part"/>',
    ],
)
def test_what_is_not_seen_is_not_drawn(hidden: str) -> None:
    assert lines(hidden + '<path d="M1 1L2 2"/>') == [[[1, 1], [2, 2]]]
    assert "no paths or shapes to draw" in refusal(svg(hidden))


def test_fill_and_stroke_are_inherited() -> None:
    icon = '<path stroke="none" d="M0 0h24v24H0z" fill="none"/><path d="M1 1L2 2"/>'
    assert lines(icon, 'fill="none" stroke="currentColor"') == [[[1, 1], [2, 2]]]


@pytest.mark.parametrize("href", ["href", "xlink:href"])
def test_use_shows_what_is_defined_elsewhere(href: str) -> None:
    content = (
        f'<defs><path id="a" d="M0 0L1 1"/></defs><symbol id="s"><path d="M0 0L2 2"/></symbol><use {href}="#a" x="10"/>'
    )
    assert lines(content + f'<g transform="scale(2)"><use {href}="#s" y="5"/></g>') == [
        [[10, 0], [11, 1]],
        [[0, 10], [4, 14]],
    ]


@pytest.mark.parametrize("tolerance", [10.0, 0.5, 0.01, 0.001])
@pytest.mark.parametrize(
    "transform", ["", "scale(.01)", "scale(5 .5)", "skewX(40)", "rotate(30) skewY(20) scale(-2 1)"]
)
def test_circles_stay_within_the_tolerance_under_any_transform(tolerance: float, transform: str) -> None:
    """A circle and the line through its exact points, both carried through the same transform, keep together."""
    angles = np.linspace(0, 2 * math.pi, 5000)
    points = " ".join(f"{50 + 40 * math.cos(a)},{50 + 40 * math.sin(a)}" for a in angles)
    shapes = f'<g transform="{transform}"><circle cx="50" cy="50" r="40"/><polyline points="{points}"/></g>'
    circle, exact = parse_svg(svg(shapes), tolerance=tolerance).lines
    assert distances(exact, circle).max() <= tolerance + 1e-4
    assert distances(circle, exact).max() <= 1e-3


@pytest.mark.parametrize(
    "curve", ["Q50 100 100 0", "C0 100 100 100 100 0", "C200 100 -100 100 100 0", "A60 30 20 1 0 100 0"]
)
def test_curves_stay_within_the_tolerance(curve: str) -> None:
    path = svg(f'<path d="M0 0{curve}"/>')
    fine, coarse = parse_svg(path, tolerance=1e-4).lines[0], parse_svg(path, tolerance=0.2).lines[0]
    assert len(coarse) < len(fine) / 5
    assert distances(fine, coarse).max() <= 0.2 + 1e-4
    assert coarse[-1].tolist() == pytest.approx([100, 0])


def distances(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """From each of ``points`` (n, 2) to the nearest place of ``line`` (k, 2)."""
    starts, along = line[:-1], np.diff(line, axis=0)
    lengths = np.maximum((along**2).sum(axis=1), 1e-300)
    nearest = np.full(len(points), np.inf)
    for start, step, length in zip(starts, along, lengths, strict=True):
        at = np.clip((points - start) @ step / length, 0, 1)[:, None]
        nearest = np.minimum(nearest, np.hypot(*(points - start - at * step).T))
    return nearest


@pytest.mark.parametrize("size", [1e-3, 1, 1e6])
def test_curves_are_as_fine_at_any_size(size: float) -> None:
    (circle,) = parse_svg(svg(f'<circle cx="0" cy="0" r="{size}"/>')).lines
    assert 40 < len(circle) < 120


@given(sketches(real, min_lines=1))
@same_folder
def test_round_trip(tmp_path: Path, sketch: Sketch) -> None:
    """All but the place on the page comes back, to nine digits; several points in one place come back as a dot."""
    write_svg(tmp_path / "mine.svg", sketch)
    again = read_svg(tmp_path / "mine.svg").sketch
    dots = tuple(line[:1] if (line == line[0]).all() else line for line in sketch.lines)
    if all(len(set(map(tuple, np.round(line, 2)))) > 1 for line in dots if len(line) > 1):
        assert_same(again.centred(), Sketch(dots).centred(), within=0.02)


def test_written_files_show_the_drawing_with_a_margin() -> None:
    text = svg_text(house().sketch, stroke_width=2)
    assert 'viewBox="-6 -6 112 212" width="112" height="212"' in text
    assert 'stroke-width="2"' in text and 'd="M50 150h0"' in text
    assert text == svg_text(house().sketch, stroke_width=2)
    assert_same(parse_svg(text.encode()), house().sketch.translated(6, 6), within=1e-9)


def test_an_empty_sketch_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="empty drawing"):
        write_svg(tmp_path / "mine.svg", Sketch(()))
    assert not (tmp_path / "mine.svg").exists()


PATH = '<path d="M0 0L1 1"/>'


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE svg [<!ENTITY x "many"><!ENTITY y "&x;&x;&x;">]>',
        '<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://example.org/x.dtd"> %x;]>',
        '<!DOCTYPE svg [<!ATTLIST path d CDATA "M0 0L9 9">]>',
        '<!DOCTYPE svg [<!ATTLIST path d CDATA #FIXED "M0 0L9 9">]>',
        '<!DOCTYPE svg [<!ENTITY % x "many">]>',
        '<!DOCTYPE svg [<!ENTITY x PUBLIC "x" "http://example.org/x.ent">]>',
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "x.gif" NDATA gif><!NOTATION gif SYSTEM "gif">]>',
        "<!DOCTYPE svg [<!ENTITY x \"&#60;path d='M0 0L9 9'/>\">]>",
        '<!DOCTYPE svg [<!ENTITY x "&#38;y;"><!ENTITY y "&#38;x;">]>',
        '<!DOCTYPE svg [<!ENTITY x "' + "a" * 1001 + '">]>',
        "<!DOCTYPE svg [" + "".join(f"<!ENTITY x{n} 'a'>" for n in range(33)) + "]>",
    ],
)
def test_declared_entities_are_refused(doctype: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        data = (doctype + svg(PATH + "<text>&x;</text>").decode()).encode(encoding)
        assert "declares XML entities" in refusal(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_short_entities_are_put_in_place(encoding: str) -> None:
    doctype = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE svg [<!ENTITY way "M0 0"><!ATTLIST g a CDATA #IMPLIED>]>'
    )
    data = (doctype + svg('<path d="&way;L1 1"/>').decode()).encode(encoding)
    assert parse_svg(data).lines[0].tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_short_entities_cannot_grow_large(encoding: str) -> None:
    doctype = '\ufeff<!DOCTYPE svg [<!ENTITY x "' + "a" * 1000 + '">]>'
    data = (doctype + svg(PATH + f"<desc>{'&x;' * 1001}</desc>").decode()).encode(encoding)
    assert "grow to more than" in refusal(data)
    assert parse_svg(data.replace("&x;".encode(encoding), b"", 1)).point_count == 2


def test_the_refusal_says_what_to_do_in_ones_program() -> None:
    words = refusal(b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + svg(PATH))
    assert "save it as plain SVG" in words and "Illustrator" in words and "Inkscape" in words


def test_frames_in_a_reference_are_drawn_where_they_lie() -> None:
    frames = (
        '<symbol id="s" viewBox="0 0 4 2"><path d="M0 0L4 2"/></symbol><use href="#s" x="10" width="8" height="8"/>'
    )
    assert lines(frames) == [[[10, 2], [18, 6]]]


def test_the_usual_doctype_is_welcome() -> None:
    doctype = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert parse_svg(b'<?xml version="1.0"?>\n' + doctype + svg(PATH)).point_count == 2


def chain(numbers: range, copies: int = 1) -> str:
    """Groups a1, a2, ... each of which shows the one before it ``copies`` times."""
    use = '<use href="#a{}"/>'
    return "".join(f'<g id="a{number}">{use.format(number - 1) * copies}</g>' for number in numbers)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('<g id="a"><use href="#a"/></g>', "without an end"),
        ('<use id="a" href="#b"/><use id="b" href="#a"/>', "without an end"),
        (chain(range(1, 9), copies=10), "too large"),
        (chain(range(1, 300)), "too large"),
        (chain(range(300, 0, -1)), "deep"),
        ("<g>" * DEEPEST + "</g>" * DEEPEST, "deep"),
        ("<g>" * 100_000, "deep"),
    ],
)
def test_drawings_that_would_grow_without_bound_are_refused(content: str, fault: str) -> None:
    assert fault in refusal(svg(content))


def test_overlong_attributes_and_style_sheets_take_no_time() -> None:
    style, transform = " " * 300_000 + "/*" * 100_000, "(" * 100_000
    content = f'<style>{style}</style><g transform="{transform}">{PATH}</g>'
    assert lines(content) == [[[0, 0], [1, 1]]]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('<path d="M0 0L nan 5 6 6"/>', "cannot be understood"),
        ('<path d="M0 0L garbage"/>', "cannot be understood"),
        ('<path d="M0 0L1e999 5"/>', "not a finite number"),
        ('<path d="M0 0L1e300 5"/>', "larger than"),
        ('<path d="M0 0Q1e300 5 1 1"/>', "larger than"),
        ('<path transform="scale(1e300)" d="M0 0L1e300 5"/>', "not a finite number"),
        ('<path transform="scale(1e12)" d="M0 0L1 5"/>', "larger than"),
    ],
)
def test_numbers_that_cannot_be_drawn(content: str, fault: str) -> None:
    assert fault in refusal(svg(content))


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02", bytes(range(256)) * 8, b"<svg", svg(PATH)[:-9], b"plain text", b"<svg>&x;</svg>"]
)
def test_what_is_no_xml(data: bytes) -> None:
    assert "not a well-formed SVG" in refusal(data)


def test_unknown_encoding_and_other_xml() -> None:
    assert "not a well-formed SVG" in refusal(b'<?xml version="1.0" encoding="nonsense"?><svg/>')
    assert "outermost element is html" in refusal(b"<html><body/></html>")
    assert "no paths or shapes" in refusal(b"<svg/>")
    assert "no paths or shapes" in refusal(svg(PATH, 'viewBox="0 0 0 0"'))


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty, folder, missing = tmp_path / "empty.svg", tmp_path / "folder.svg", tmp_path / "missing.svg"
    empty.write_bytes(b" \n")
    folder.mkdir()
    for path, fault in [(empty, "is empty"), (folder, "is a folder"), (missing, "no such file")]:
        with pytest.raises(UserError, match=fault):
            read_svg(path)
    monkeypatch.setattr("plotsketch.strokes.svg.LARGEST_FILE", 50)
    empty.write_bytes(svg(PATH * 9))
    with pytest.raises(UserError, match="larger than"):
        read_svg(empty)


def test_an_svg_is_a_file_of_one_drawing(tmp_path: Path) -> None:
    (tmp_path / "a.SVG").write_bytes(svg(PATH))
    (drawing,) = read_drawings(tmp_path / "a.SVG")
    assert drawing.source == "a.SVG" and drawing.sketch.finished
