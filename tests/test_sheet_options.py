"""Pens, words and frames from the command line to the file, with drawings that are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import Result

from plotsketch.cli import sheet_options
from plotsketch.errors import UserError
from plotsketch.output import printing
from plotsketch.sheet import style
from plotsketch.sheet.compose import compose
from plotsketch.sheet.document import Pen
from plotsketch.sheet.inks import INKS, SHARED_BY, parse_pen
from plotsketch.sheet.letters import width, written
from plotsketch.sheet.palettes import PALETTES
from plotsketch.sheet.style import Style
from plotsketch.strokes.clean import Levers
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

SVG = "{http://www.w3.org/2000/svg}"
LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"
Command = Callable[..., Result]
CROSS = Sketch((np.array([[0, 0], [9, 9]]), np.array([[0, 9], [9, 0]])))


@pytest.fixture
def grid(plotsketch: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs `plotsketch grid` on 2 x 3 crosses, and writes sheet.svg."""
    checkpoint = SimpleNamespace(name="fake", digest="0123456789ab")
    fake: Any = SimpleNamespace(checkpoint=checkpoint, latent=lambda reference: np.array([len(reference), 1.0]))
    fake.sample = lambda latents, **how: [CROSS] * len(how["cells"])
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda *model: fake)
    monkeypatch.chdir(tmp_path)
    return lambda *words: plotsketch("grid", "cat", "pigs", "--rows", 2, "--cols", 3, "-o", "sheet.svg", *words)


def layers() -> dict[str, ElementTree.Element]:
    return {layer.get(LABEL, ""): layer for layer in ElementTree.parse("sheet.svg").getroot().iter(f"{SVG}g")}


def test_the_command_line_offers_what_a_style_knows() -> None:
    assert sheet_options.LAYOUTS == style.ARRANGEMENTS
    assert sheet_options.CAPTIONS == style.CAPTIONS
    assert sheet_options.PEN_BY == SHARED_BY
    assert sheet_options.SWELLS == printing.SWELLS


@pytest.mark.parametrize(("by", "counts"), [("row", [6, 6]), ("col", [8, 4]), ("parity", [6, 6]), ("role", [12])])
def test_pens_are_shared_out_in_layers_of_their_own(grid: Command, by: str, counts: list[int]) -> None:
    result = grid("--pen", "#2244AA 0.5mm", "--pen", "red", "--pen-by", by, "--pen-width", "0.4mm")
    assert result.exit_code == 0, result.output
    found = layers()
    assert list(found) == ["1 #2244aa", "2 red"][: len(counts)]
    assert [len(layer) for layer in found.values()] == counts
    assert [layer.get("stroke") for layer in found.values()] == ["#2244aa", INKS["red"]][: len(counts)]
    assert [layer.get("stroke-width") for layer in found.values()] == ["0.5", "0.4"][: len(counts)]


def test_words_and_frames_are_drawn_by_the_first_pen(grid: Command) -> None:
    words = ["--title", "Cats", "--signature", "Zoë", "--edition", "3/150", "--captions", "references", "--frame"]
    assert grid("--pen", "navy", "--pen", "red", "--pen-by", "row", *words).exit_code == 0
    first, second = layers().values()
    assert len(second) == 6
    letters = [*("Cats", "3/150"), *(f"r{r}c{c}" for r in (1, 2) for c in (1, 2, 3))]
    strokes = sum(len(written(text, 1).lines) for text in letters) + len(written("Zoë", 1, "scripts").lines)
    assert len(first) == 6 + 6 + strokes
    recipe = json.loads(ElementTree.parse("sheet.svg").getroot().find(f"{SVG}metadata").text)  # type: ignore
    assert Style.from_dict(recipe["style"]) == Style(
        captions="references", frame=True, title="Cats", signature="Zoë", edition="3/150", pen_by="row",
        pens=(Pen("navy", 0.3, INKS["navy"]), Pen("red", 0.3, INKS["red"])),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--pen", "rde"], "unknown ink 'rde' in the pen 'rde'; did you mean red"),
        (["--pen", "ivory"], "unknown ink 'ivory' in the pen 'ivory'; it is a colour of paper, for --paper-colour"),
        (["--pen", "#12345"], "unknown ink '#12345'"),
        (["--pen", "red wide"], "'wide' is not a length"),
        (["--pen", "red 0mm"], "a pen of 0 mm draws nothing"),
        (["--pen", " "], "a pen without a name"),
        (["--pen-by", "row"], "--pen-by row shares out several pens"),
        (["--pen", "red"] * 4, "4 pens, but by role there is work for 3"),
        (["--edition", "151/150"], "no edition has a number 151/150"),
        (["--title", "猫"], "no single-stroke letter"),
        (["--title", "x" * 200], "is too long"),
        (["--gutter", "1km"], "unknown unit 'km'"),
        (["--captions", "references", "--rows", "40", "--cols", "40"], "do not fit"),
        (["--palette", "rizo"], "unknown palette 'rizo'; did you mean riso"),
        (["--palette", "toile", "--pen", "plumb"], "unknown ink 'plumb' in the pen 'plumb'; did you mean plum"),
        (["--paper-colour", "craft"], "unknown paper colour 'craft'; did you mean kraft"),
        (["--paper-colour", "kraft"], "--paper-colour is for .png, .tif and .pdf files"),
        (["--transparent", "--paper-colour", "kraft"], "take one of them"),
        (["--spot", "-o", "sheet.png"], "--spot is for .pdf files; name one with --output, or leave --spot out"),
        (["--bleed", "1m", "-o", "sheet.pdf"], "--bleed is 1000 mm; give from 0 to 100 mm"),
        (["--negative", "-o", "sheet.png"], "give --plates too"),
        (["--dpi", "5000", "-o", "sheet.tif"], "take --dpi 3216 or less, or .pdf or .svg, which have no pixels"),
    ],
)
def test_mistakes_are_one_line_before_any_model_is_loaded(
    grid: Command, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.setattr("plotsketch.cli.drawing._sketcher", lambda *model: pytest.fail("the model was loaded"))
    result = grid(*words)
    assert result.exit_code == 1
    assert message in result.stderr and result.stderr.count("\n") == 1
    assert not Path("sheet.svg").exists()


def test_a_palette_gives_the_pens_and_every_file_written_is_told_of(grid: Command) -> None:
    wishes = ["--plates", "--paper-colour", "cream", "--bleed", "3mm", "--spot", "--swell", "nib", "--json"]
    result = grid("--palette", "toile", "--pen-by", "row", "-o", "sheet.tif", "-o", "sheet.pdf", "--dpi", 50, *wishes)
    assert result.exit_code == 0, result.output
    assert [layer.get("stroke") for layer in layers().values()] == [PALETTES["toile"]["red"], PALETTES["toile"]["blue"]]
    files = json.loads(result.stdout)["files"]
    assert files == ["sheet.svg", "sheet.tif", "sheet-1-red.tif", "sheet-2-blue.tif", "sheet.pdf"]
    assert all(Path(file).exists() for file in files)


def test_by_role_a_palette_gives_as_many_pens_as_there_are_roles(grid: Command) -> None:
    assert grid("--palette", "okabe-ito").exit_code == 0
    assert list(layers()) == ["1 black"]
    assert grid("--palette", "okabe-ito", "--pen", "vermillion 0.5mm").exit_code == 0
    assert [layer.get("stroke") for layer in layers().values()] == ["#d55e00"]


def test_labels_that_no_drawing_has_are_asked_for_in_vain(grid: Command) -> None:
    result = grid("--captions", "labels")
    assert (result.exit_code, Path("sheet.svg").exists()) == (1, False)
    assert "no drawing on this sheet has a label" in result.stderr


def test_levers_that_leave_nothing_of_the_drawings_are_refused(grid: Command) -> None:
    result = grid("--drop-short", "1m", "--frame")
    assert (result.exit_code, result.stderr.count("\n"), Path("sheet.svg").exists()) == (1, 1, False)
    assert "leave no line of any drawing; take a smaller --drop-short" in result.stderr


def parts(*roles: str, group: str = "", col: int = 0) -> Figure:
    return Figure(tuple(Part(CROSS, role) for role in roles), 0, col, group=group)


@pytest.mark.parametrize(
    ("pens", "names"),
    [
        ([], ["black", "grey", "red"]),
        (["blue"], ["blue", "grey", "red"]),
        (["blue", "gold"], ["blue", "gold", "grey"]),
        (["blue", "gold", "teal"], ["blue", "gold", "teal"]),
        (["blue", "blue 0.5mm"], ["blue 0.3 mm", "blue 0.5 mm", "grey"]),
    ],
)
def test_by_role_the_first_pen_draws_drawings_the_second_inputs_the_third_signs(
    pens: list[str], names: list[str]
) -> None:
    figures = [parts("drawing"), parts("input", col=1), parts("given", col=2), parts("sign", col=3)]
    sheet = compose(figures, 1, 4, Style(pens=tuple(map(parse_pen, pens))))
    assert [layer.property("vp_name") for layer in sheet.layers.values()] == names


def test_by_group_inputs_keep_their_own_pen() -> None:
    groups = ["pig", "cat", "pig"]
    figures = [parts("drawing", "input", group=group, col=col) for col, group in enumerate(groups)]
    sheet = compose(figures, 1, 3, Style(pens=(parse_pen("blue"), parse_pen("gold")), pen_by="group"))
    found = {layer.property("vp_name"): len(layer) for layer in sheet.layers.values()}
    assert found == {"blue": 4, "gold": 2, "grey": 6}


def test_signs_have_neither_frame_nor_caption() -> None:
    sheet = compose([parts("drawing"), parts("sign", col=1)], 1, 2, Style(captions="references", frame=True))
    assert [len(layer) for layer in sheet.layers.values()] == [2 + 1 + len(written("r1c1", 1).lines), 2]


def test_a_style_goes_through_a_file_unchanged() -> None:
    full = Style(
        gutter=2, arrangement="hex", captions="both", levers=Levers(smooth=0.3), pens=(Pen("a", 1, "#123456"),)
    )
    for known in (Style(), full):
        assert Style.from_dict(json.loads(json.dumps(known.to_dict()))) == known
    assert Style.from_dict({}) == Style()


@pytest.mark.parametrize(
    "look", [{"margin": -1.0}, {"gutter": float("nan")}, {"pen_width": float("inf")}, {"pens": (Pen(width=0.0),)}]
)
def test_lengths_that_no_sheet_has_are_refused(look: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=" mm"):
        Style(**look)


@pytest.mark.parametrize(
    "damage", [{"paper": 3}, {"pens": [3]}, {"margin": "wide"}, {"levers": {"x": 1}}, {"pen_by": 1}]
)
def test_a_damaged_style_is_said(damage: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        Style.from_dict(damage)


def test_letters_stand_on_their_line() -> None:
    capital, accented = written("H", 2.0), written("Ä", 2.0)
    assert capital.bounds[1::2] == pytest.approx((-2, 0))
    assert accented.bounds[3] == pytest.approx(0) and accented.bounds[1] < -2.2
    assert width("AB") > width("A") > 0 == width("")
    assert width("größe – 3×4") == pytest.approx(width("grösse - 3x4"))


def test_a_sheet_is_put_in_order_for_a_machine(grid: Command) -> None:
    done = grid("--paper", "a4", "--margin", "2cm", "--optimize", "--machine", "hp7475a", "-o", "sheet.plt")
    assert done.exit_code == 0, done.output
    assert Path("sheet.plt").read_text().startswith("IN;")
    recipe = json.loads(str(next(ElementTree.parse("sheet.svg").getroot().iter(f"{SVG}metadata")).text))
    assert recipe["command"] == "grid" and recipe["optimized"]["machine"] == "hp7475a"


def test_a_sheet_beyond_a_plotters_reach_is_refused_whole_or_fitted(
    grid: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--margin", "5mm", "--frame", "--optimize", "--machine", "hp7475a", "-o", "sheet.plt"]
    done = grid(*words, "--oversize", "scale")
    assert done.exit_code == 0 and "Warning: --oversize scale: HP 7475A draws all at" in done.stderr, done.output
    plain = grid(*words[:3], *words[4:], "--oversize", "clip")
    assert plain.exit_code == 0 and "of ink lie beyond what HP 7475A can draw, and are cut off" in plain.stderr
    assert plain.stderr.count("Warning") == 1
    Path("sheet.svg").unlink()
    monkeypatch.setattr("plotsketch.api.optimize.treated", lambda *_: pytest.fail("lines were ordered"))
    done = grid(*words)
    assert done.exit_code == 1 and "at the right" in done.stderr and "--oversize" in done.stderr
    assert not Path("sheet.svg").exists()


def test_a_machine_without_work_is_refused(grid: Command) -> None:
    done = grid("--machine", "hp7475a")
    assert done.exit_code == 1 and "--optimize" in done.stderr
