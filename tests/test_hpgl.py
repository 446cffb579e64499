"""HP-GL files, as an independent plotter draws them, against the sheet that they were written from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import vpype
from click.testing import Result
from hpgl_reader import Strict
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plotsketch.errors import UserError
from plotsketch.lines.machine import Machine, load_machine, machine_names
from plotsketch.output.hpgl import hpgl_bytes

PX = 96 / 25.4
Lines = list[list[tuple[float, float]]]

# Machine, paper, the paper as it lies in mm, the pen's reach in units, the length of a unit in mm, and one place that
# is known in both: units and mm from the lower left corner. Of the 7475A and the 7550A it is the middle of P1 and
# P2, which is that of the paper; of plotters with 0,0 in the middle, that.
PLACES = [
    ("hp7475a", "a4", (297, 210), (0, 0, 11040, 7721), 0.02488, (5603, 4121), (148.5, 105)),
    ("hp7475a", "a3", (420, 297), (0, 0, 16158, 11040), 0.02488, (7770, 5602), (210, 148.5)),
    ("hp7475a", "letter", (279.4, 215.9), (0, 0, 10365, 7962), 0.02488, (5250, 4196), (139.7, 107.95)),
    ("hp7475a", "tabloid", (431.8, 279.4), (0, 0, 16640, 10365), 0.02488, (8122, 5259), (215.9, 139.7)),
    ("hp7550a", "a4", (297, 210), (0, 0, 10870, 7600), 0.025, (5430, 3800), (148.5, 105)),
    ("hp7550a", "a3", (420, 297), (0, 0, 15970, 10870), 0.025, (7980, 5430), (210, 148.5)),
    ("hp7550a", "letter", (279.4, 215.9), (0, 0, 10170, 7840), 0.025, (5080, 3920), (139.7, 107.95)),
    ("hp7550a", "tabloid", (431.8, 279.4), (0, 0, 16540, 10170), 0.025, (8220, 5080), (215.9, 139.7)),
    ("hp7440a", "a4", (297, 210), (0, 0, 10900, 7650), 0.025, (0, 0), (15, 10)),
    ("hp7440a", "letter", (279.4, 215.9), (0, 0, 10300, 7650), 0.025, (0, 0), (15, 10)),
    ("hp7580", "a4", (297, 210), (-4860, -3600, 4860, 3600), 0.025, (0, 0), (148.5, 105)),
    ("hp7580", "a1", (841, 594), (-15740, -11280, 15740, 11280), 0.025, (0, 0), (420.5, 297)),
    ("dxy", "a4", (297, 210), (0, 0, 11880, 8400), 0.025, (0, 0), (0, 0)),
    ("dxy", "a3", (420, 297), (0, 0, 16800, 11880), 0.025, (0, 0), (0, 0)),
    ("dmp161", "a3", (420, 297), (-7861, -5373, 7861, 5373), 0.025, (0, 0), (210, 148.5)),
    ("generic-hpgl", "any", (500, 300), (0, 0, 20000, 12000), 0.025, (0, 0), (0, 0)),
]
SUPPORTED = {"hp7475a": {"VS", "PS"}, "hp7550a": {"VS", "FS"}, "generic-hpgl": set()}


def sheet(layers: dict[int, Lines], page: tuple[float, float]) -> vpype.Document:
    """A document with these lines in mm on a page in mm."""
    document = vpype.Document(page_size=(page[0] * PX, page[1] * PX))
    for number, lines in layers.items():
        document.add(vpype.LineCollection([[complex(x, y) * PX for x, y in line] for line in lines]), number)
    return document


def machine_of(tmp_path: Path, text: str, like: str = "hp7475a") -> Machine:
    path = tmp_path / "own.toml"
    path.write_text(f'like = "{like}"\n{text}')
    return load_machine(str(path))


def plotted(data: bytes, machine: str = "hp7475a", limits: tuple[int, int, int, int] = (0, 0, 11040, 7721)) -> Strict:
    extra = frozenset(SUPPORTED.get(machine, {"VS"}))
    pens = 6 if machine == "hp7475a" else 8
    longest = {"hp7440a": 50, "generic-hpgl": 100}.get(machine, 200)
    return Strict(limits, pens=pens, longest=longest, extra=extra).read(data)


def units(points: object, paper: tuple[float, float], unit: float, known: object, where: object) -> NDArray[np.float64]:
    """Plotter units of points in mm on the paper as it lies, from its upper left corner, y down."""
    up = (np.asarray(points, dtype=float) * (1, -1) + (0, paper[1])) - np.asarray(where, dtype=float)
    return up / unit + np.asarray(known, dtype=float)


@pytest.mark.parametrize("standing", [False, True], ids=["lying", "standing"])
@pytest.mark.parametrize(("name", "paper", "size", "reach", "unit", "known", "where"), PLACES)
def test_every_plotter_draws_where_the_page_says(
    name: str,
    paper: str,
    size: tuple[float, float],
    reach: tuple[int, int, int, int],
    unit: float,
    known: tuple[float, float],
    where: tuple[float, float],
    standing: bool,
) -> None:
    width, height = size
    lying = [[(40.0, 30.0), (40.0, height - 40), (width - 50, height - 40)], [(40.0, 60.0), (55.0, 61.5)]]
    turns = standing and (name not in ("generic-hpgl", "dxy") or paper == "a3")
    if turns:  # a standing page is turned to the left: what lies at x, y in the machine is at height - y, x on it
        lines = [[(height - y, x) for x, y in line] for line in lying]
    else:
        lines = lying
    page = (height, width) if turns else size
    data = hpgl_bytes(sheet({1: lines[:1], 2: lines[1:]}, page), {}, load_machine(name))
    done = plotted(data, name, reach)
    assert [pen for pen, _ in done.strokes] == [1, 2]
    for (_, points), line in zip(done.strokes, lying, strict=True):
        assert np.abs(np.array(points) - units(line, size, unit, known, where)).max() <= 1


ALL = [(name, paper) for name in machine_names() for paper in load_machine(name).hpgl.get("papers", {})]


@pytest.mark.parametrize(("name", "paper"), ALL)
def test_every_paper_of_every_profile_can_be_written(name: str, paper: str) -> None:
    width, height = load_machine(name).hpgl["papers"][paper].get("size", (210, 297))
    page = sheet({1: [[(width / 2, height / 2), (width / 2 + 10, height / 2)]]}, (width, height))
    data = hpgl_bytes(page, {}, load_machine(name), paper=paper)
    ((_, (first, last)),) = plotted(data, name, (-32767, -32767, 32767, 32767)).strokes
    assert abs(first[1] - last[1]) == 0 and abs(first[0] - last[0]) == pytest.approx(401, abs=2)


def test_standing_paper_in_a_flat_bed_is_not_turned() -> None:
    data = hpgl_bytes(sheet({1: [[(0, 297), (210, 0)]]}, (210, 297)), {}, load_machine("dxy"))
    assert plotted(data, "dxy", (0, 0, 8400, 11880)).strokes == [(1, [(0, 0), (8400, 11880)])]


def test_paper_that_lies_half_turned_in_the_machine() -> None:
    data = hpgl_bytes(sheet({1: [[(20, 20), (148.5, 105)]]}, (297, 210)), {}, load_machine("dmp161"))
    ((_, points),) = plotted(data, "dmp161", (-5379, -3648, 5379, 3648)).strokes
    assert points == [(5140, -3400), (0, 0)]  # the page's upper left is to the right of the middle, and below


# hundredths of a mm are 0.4 plotter units: none of them lies just between two
coordinate = st.integers(2000, 19000).map(lambda n: n / 100)
paths = st.lists(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=30), min_size=1, max_size=8)


@given(first=paths, second=paths, relative=st.booleans(), longest=st.integers(20, 300))
def test_every_line_is_there_to_half_a_unit(first: Lines, second: Lines, relative: bool, longest: int) -> None:
    machine = load_machine("hp7550a")
    own = replace(machine, hpgl={**machine.hpgl, "relative": relative, "longest": longest})
    data = hpgl_bytes(sheet({1: first, 3: second}, (297, 210)), {}, own)
    done = Strict((0, 0, 10870, 7600), pens=8, longest=longest, extra=frozenset()).read(data)
    assert done.strokes == [*nearest(1, first), *nearest(3, second)]


def nearest(pen: int, lines: Lines) -> list[tuple[int, list[tuple[int, int]]]]:
    """The lines on the 7550A's grid; what goes on where the pen is needs no lift."""
    strokes: list[list[tuple[int, int]]] = []
    for line in lines:
        exact = units(line, (297, 210), 0.025, (5430, 3800), (148.5, 105))
        points = [(round(x), round(y)) for x, y in exact.tolist()]
        onward = [b for a, b in pairwise(points) if a != b]
        if strokes and strokes[-1][-1] == points[0]:
            strokes[-1] += onward
        else:
            strokes.append([points[0], *(onward or points[:1])])
    return [(pen, stroke) for stroke in strokes]


@pytest.mark.parametrize("relative", [False, True])
def test_a_path_of_2000_points_goes_in_pieces_that_the_buffer_holds(relative: bool, tmp_path: Path) -> None:
    turn = np.linspace(0, 60, 2000)
    line = [(150 + t * np.cos(t), 105 + t * np.sin(t)) for t in turn.tolist()]
    machine = machine_of(tmp_path, f"[hpgl]\nrelative = {str(relative).lower()}")
    data = hpgl_bytes(sheet({1: [line]}, (297, 210)), {}, machine)
    ((_, points),) = plotted(data).strokes  # which refuses instructions of more than 200 bytes
    expected = units(line, (297, 210), 0.02488, (5603, 4121), (148.5, 105))
    distances = np.abs(expected[:, None] - np.array(points)[None]).max(axis=2).min(axis=1)
    assert distances.max() <= 1 and len(points) > 1900
    assert max(len(word) for word in data.split(b";")) < 200


def test_strokes_that_touch_are_one_and_dots_are_drawn() -> None:
    lines = [[(50, 50), (60, 50)], [(60.005, 50), (60, 70)], [(80, 80), (80, 80)], [(90, 90), (90.001, 90)]]
    strokes = plotted(hpgl_bytes(sheet({1: lines}, (297, 210)), {}, load_machine("hp7475a"))).strokes
    assert [len(points) for _, points in strokes] == [3, 2, 2]
    assert all(points[0] == points[1] for _, points in strokes[1:])


def test_a_unit_is_as_long_as_each_manual_says() -> None:
    for name, expected in [("hp7475a", 4019), ("hp7550a", 4000)]:
        data = hpgl_bytes(sheet({1: [[(50, 50), (150, 50)]]}, (297, 210)), {}, load_machine(name))
        ((_, points),) = plotted(data, name).strokes
        assert points[1][0] - points[0][0] == pytest.approx(expected, abs=1)


def test_what_is_out_of_reach_is_refused_with_the_overhang_clipped_or_scaled(
    plotsketch: Callable[..., Result], tmp_path: Path
) -> None:
    svg = tmp_path / "wide.svg"
    svg.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="297mm" height="210mm" viewBox="0 0 297 210">'
                   '<path d="M5 105 L290 105 M100 100 L100 110"/></svg>')  # fmt: skip
    out = tmp_path / "wide.hpgl"
    done = plotsketch("convert", svg, "-o", out, "--machine", "hp7475a")
    assert done.exit_code == 1 and not out.exists()
    assert "4.10 mm at the left" in done.stderr and "mm at the right" in done.stderr and "HP 7475A on a4" in done.stderr
    for oversize in ("clip", "scale"):
        done = plotsketch("convert", svg, "-o", out, "--machine", "hp7475a", "--oversize", oversize)
        assert done.exit_code == 0, done.stderr
        strokes = plotted(out.read_bytes()).strokes  # which refuses what is out of reach
        assert (strokes[0][1][0][0], strokes[0][1][-1][0]) == (0, 11040)


def test_a_page_that_is_no_paper_is_refused_naming_the_papers(
    plotsketch: Callable[..., Result], tmp_path: Path
) -> None:
    svg = tmp_path / "square.svg"
    svg.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="150mm" height="150mm" viewBox="0 0 150 150">'
                   '<path d="M50 50 L100 50"/></svg>')  # fmt: skip
    out = tmp_path / "square.hpgl"
    done = plotsketch("convert", svg, "-o", out, "--machine", "hp7475a")
    assert done.exit_code == 1 and not out.exists()
    assert all(word in done.stderr for word in ("150 x 150 mm", "a4", "a3", "letter", "tabloid", "--paper"))
    done = plotsketch("convert", svg, "-o", out, "--machine", "hp7475a", "--paper", "b7")
    assert done.exit_code == 1 and "no paper 'b7'" in done.stderr
    done = plotsketch("convert", svg, "-o", out, "--machine", "hp7475a", "--paper", "A3")
    assert done.exit_code == 0
    ((_, points),) = plotted(out.read_bytes(), limits=(0, 0, 16158, 11040)).strokes
    middle = units([(210 - 25, 148.5 - 25)], (420, 297), 0.02488, (7770, 5602), (210, 148.5))  # the page in the middle
    assert np.abs(np.array(points[0]) - middle).max() <= 1


def test_three_layers_whose_labels_have_the_same_digits_are_three_pens(
    plotsketch: Callable[..., Result], tmp_path: Path
) -> None:
    groups = "".join(
        f'<g inkscape:groupmode="layer" inkscape:label="{colour} 0.3mm" stroke="{colour}">'
        f'<path d="M50 {y} L100 {y}"/></g>'
        for colour, y in [("black", 50), ("red", 60), ("blue", 70)]
    )
    svg = tmp_path / "pens.svg"
    svg.write_text('<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
                   f' width="297mm" height="210mm" viewBox="0 0 297 210">{groups}</svg>')  # fmt: skip
    assert plotsketch("convert", svg, "-o", tmp_path / "pens.plt", "--machine", "hp7475a").exit_code == 0
    assert [pen for pen, _ in plotted((tmp_path / "pens.plt").read_bytes()).strokes] == [1, 2, 3]


LINE: Lines = [[(50, 50), (100, 50)]]


def test_pens_go_by_the_layers_numbers_or_by_the_users_table(tmp_path: Path) -> None:
    seven = sheet({number: [[(50, 20 + 10 * number), (60, 20 + 10 * number)]] for number in (1, 7)}, (297, 210))
    with pytest.raises(UserError, match="layer 7 has no pen.*hpgl.layers.7"):
        hpgl_bytes(seven, {}, load_machine("hp7475a"))
    for text, expected in [("[hpgl]\nwrap = true", [1, 1]), ("[hpgl.layers.7]\npen = 4", [1, 4])]:
        done = plotted(hpgl_bytes(seven, {}, machine_of(tmp_path, text)))
        assert [pen for pen, _ in done.strokes] == expected


def test_velocity_and_force(tmp_path: Path) -> None:
    three = sheet({number: [[(50, 20 + 10 * number), (60, 20 + 10 * number)]] for number in (1, 2, 3)}, (297, 210))

    def said(machine: Machine) -> list[str]:
        done = plotted(hpgl_bytes(three, {}, machine), "hp7550a")
        words = [f"{word}{','.join(f'{n:g}' for n in numbers)}" for word, numbers in done.said]
        return [word for word in words if word[:2] in ("SP", "VS", "FS")]

    assert said(load_machine("hp7550a")) == ["SP1", "SP2", "SP3", "SP0"]  # as fast as its carousel allows
    slow = machine_of(tmp_path, "draw_speed = 100\n[hpgl.layers.2]\nvelocity = 5\nforce = 3", "hp7550a")
    assert said(slow) == ["SP1", "VS10", "SP2", "VS5", "FS3", "SP3", "VS10", "FS", "SP0"]
    three.layers[2].set_property(vpype.METADATA_FIELD_NAME, "2+S25 slowly")
    assert said(load_machine("hp7550a")) == ["SP1", "SP2", "VS20", "SP3", "VS", "SP0"]
    three.layers[2].set_property(vpype.METADATA_FIELD_NAME, "%2 not this one")
    assert said(load_machine("hp7550a")) == ["SP1", "SP3", "SP0"]
    with pytest.raises(UserError, match="too slow"):
        said(machine_of(tmp_path, "draw_speed = 4", "hp7550a"))


def test_the_paper_is_announced_where_the_plotter_has_ps_and_the_pen_parks() -> None:
    for page, ps, park in [((297.4, 209.6), 4, (11040, 7721)), ((297, 420), 0, (0, 11040))]:
        done = plotted(hpgl_bytes(sheet({1: LINE}, page), {}, load_machine("hp7475a")), limits=(0, 0, 16158, 11040))
        assert ("PS", (ps,)) in done.said and done.at == park


def test_the_recipe_stands_in_a_comment_where_the_plotter_has_comments(tmp_path: Path) -> None:
    recipe = {"command": "grid", "references": ['a "b";\x03 ö']}
    assert b"grid" not in hpgl_bytes(sheet({1: LINE}, (297, 210)), recipe, load_machine("hp7475a"))
    machine = machine_of(tmp_path, "[hpgl]\ncomments = true", "generic-hpgl")
    comment = hpgl_bytes(sheet({1: LINE}, (297, 210)), recipe, machine).split(b"\n")[1].decode("ascii")
    assert comment.startswith('CO "') and comment.endswith('";')
    assert json.loads(unquote(comment[4:-2])) == recipe
    assert '"' not in comment[4:-2] and ";" not in comment[4:-2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[hpgl]\nunit = "0.025mmmm"', "unit"),
        ("[hpgl]\nunit = 0", "unit"),
        ("[hpgl]\npens = 0", "pens"),
        ("[hpgl]\nlongest = 4000", "longest"),
        ("[hpgl]\npen = 3", "did you mean 'pens'"),
        ("[hpgl]\nvelocity = 10", "velocity"),
        ("[hpgl]\nwrap = 1", "wrap"),
        ("[hpgl]\npapers = 3", "papers"),
        ("[hpgl.layers.two]\npen = 1", "no layer's number"),
        ("[hpgl.layers.2]\npen = 7", "pens 1 to 6"),
        ("[hpgl.layers.2]\nforce = 2", "no such instruction"),
        ("[hpgl.layers.2]\nvelocity = 90", "0.38 to 38.1"),
        ('[hpgl.papers.a3]\norigin = ["22mm", "285mmmm"]', "origin"),
        ("[hpgl.papers.a3]\nsize = [420]", "2 numbers"),
        ("[hpgl.papers.a3]\narea = [0, 0, 0, 10]", "area"),
        ("[hpgl.papers.a3]\nmargins = [0, 0, 0, 0]", "either area"),
        ("[hpgl.papers.own]\nsize = [10, 10]\nmargins = [5, 5, 5, 5]", "no room"),
        ('[hpgl.papers.a3]\nx = "up"', "two such as right and up"),
        ('[hpgl.papers.a3]\nx = "sideways"', "two such as right and up"),
        ('[hpgl.papers.a3]\norigin_from = "middle"', "centre"),
        ("[hpgl.papers.a3]\nwidth = 3", "no 'width'"),
    ],
)
def test_a_profile_with_odd_values_is_refused_before_anything_is_written(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=message):
        hpgl_bytes(sheet({1: LINE}, (297, 210)), {}, machine_of(tmp_path, text))


def test_sheets_that_cannot_be_written() -> None:
    machine = load_machine("hp7475a")
    with pytest.raises(UserError, match="reads no HP-GL"):
        hpgl_bytes(sheet({1: LINE}, (297, 210)), {}, load_machine("axidraw-v3"))
    with pytest.raises(UserError, match="no size"):
        hpgl_bytes(vpype.Document(), {}, machine)
    with pytest.raises(UserError, match="no lines"):
        hpgl_bytes(sheet({1: []}, (297, 210)), {}, machine)
    with pytest.raises(UserError, match="no numbers"):
        hpgl_bytes(sheet({1: [[(50, 50), (float("nan"), 50)]]}, (297, 210)), {}, machine)
