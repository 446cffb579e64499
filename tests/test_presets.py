"""Presets: options by a name, shipped and of the user's own."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from PIL import Image

from plotsketch.art.provenance import read_provenance
from plotsketch.cli.main import cli
from plotsketch.cli.preset_option import values_for
from plotsketch.errors import UserError
from plotsketch.files import package_data
from plotsketch.presets import load_preset
from plotsketch.sheet.inks import parse_pen
from plotsketch.sheet.palettes import parse_palette, parse_paper_colour

SHIPPED = sorted(path.stem for path in package_data("presets").glob("*.toml"))
SMALLER = {
    "pattern": ["cat-head", "--motifs", "6", "--dpi", "20", "--best-of", "1"],
    "grid": ["cat-head", "pig-full", "--rows", "2", "--cols", "2", "--best-of", "1"],
    "vary": ["cat-head", "--best-of", "1"],
    "interpolate": ["cat-head", "pig-full", "--steps", "6", "--cols", "6", "--best-of", "1"],
    "analogy": ["cat-head", "cat-full", "pig-head", "--best-of", "1"],
    "morph": ["cat-head", "pig-head", "--frames", "9"],
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's own presets."""
    monkeypatch.setenv("PLOTSKETCH_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "presets").mkdir(parents=True)
    return tmp_path / "home" / "presets"


PROMISED = (
    "a4-postcards", "a3-latent-grid", "axidraw-a4", "hp7475a-a3", "wallpaper-half-drop-53cm", "textile-64cm",
    "wrapping-paper", "poster-a2-rings", "flipbook", "analogy-plate", "poster-a3", "poster-a1", "poster-arch-d",
    "postcard", "fabric-8in", "textile-25.25in",
    *(f"wallpaper-{match}{width}" for match in ("", "half-drop-") for width in ("52cm", "53cm", "68.5cm", "20.5in",
                                                                                 "27in")),
)  # fmt: skip


def test_no_preset_has_lost_its_name() -> None:
    assert set(PROMISED) <= set(SHIPPED)


def test_there_are_a_dozen_and_each_says_what_it_is() -> None:
    assert len(SHIPPED) >= 12
    assert all(len(load_preset(name).about) > 20 for name in SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_preset_makes_its_sheet(plotsketch, tmp_path: Path, name: str) -> None:
    preset = load_preset(name)
    command = preset.commands[0] if preset.commands else "grid"
    output = tmp_path / ("sheet.hpgl" if "hp7475a" in name else "sheet.svg")
    result = plotsketch(command, *SMALLER[command], "--preset", name, "-o", output)
    assert result.exit_code == 0, result.output + result.stderr
    assert list(tmp_path.glob("sheet*"))


def test_what_the_preset_says_holds_and_the_command_line_goes_before(plotsketch, own: Path, tmp_path: Path) -> None:
    options = ['paper = "100x80mm"', "dpi = 50", 'margin = "5mm"', 'pen = ["red", "navy"]', 'pen-by = "row"']
    (own / "small.toml").write_text("\n".join(["[options]", *options]))
    words = ("grid", "cat-head", "pig-full", "--rows", "2", "--cols", "2", "--preset", "small")
    assert plotsketch(*words, "-o", tmp_path / "a.png", "-o", tmp_path / "a.svg").exit_code == 0
    assert Image.open(tmp_path / "a.png").size == (197, 157)
    assert {"1 red", "2 navy"} <= set((tmp_path / "a.svg").read_text().split('"'))
    assert plotsketch(*words, "--dpi", "100", "-o", tmp_path / "b.png").exit_code == 0
    assert Image.open(tmp_path / "b.png").size == (394, 315)


@pytest.mark.parametrize(
    ("says", "typed", "kept"),
    [
        ('repeat = "block"\nmotifs = 4', ["--group", "p4m"], {"group": "p4m", "motifs": 4}),
        ('group = "p4m"', ["--repeat", "brick"], {"group": None, "repeat": "brick"}),
        ("motifs = 48", ["--rows", "1", "--cols", "3"], {"motifs": 3}),
        ('rows = 1\nrepeat = "block"', ["--motifs", "2"], {"motifs": 2}),
        ('sheet = "a5"\nmargin = "2cm"', ["--swatch", "2"], {"cut": {"kind": "swatch", "repeats": [2, 2]}}),
        ('sheet = "a5"\nlandscape = true', ["--unit"], {"cut": {"kind": "unit"}}),
        ("unit = true", ["--sheet", "5x5cm"], {"cut": {"kind": "sheet", "paper_mm": [50, 50], "margin_mm": 10}}),
        ('fill = "gold"', ["--silhouette"], {"fill": None, "silhouette": True}),
        ("silhouette = true", ["--fill", "gold"], {"silhouette": False}),
        ('pen = ["red", "navy"]', ["--palette", "blue-white"], {"pens": ["cobalt", "sky", "ink"]}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_typed_takes_the_place_of_what_a_preset_says(
    plotsketch, own: Path, tmp_path: Path, says: str, typed: list[str], kept: dict[str, object]
) -> None:
    (own / "mine.toml").write_text(f"[options]\n{says}")
    done = plotsketch("pattern", "cat-head", "--size", "6cm", "--preset", "mine", *typed, "-o", tmp_path / "a.svg")
    assert done.exit_code == 0, done.stderr
    found = read_provenance(tmp_path / "a.svg")
    found |= found["design"] | {"pens": [pen["name"] for pen in found["design"]["pens"]]}
    assert {name: found[name] for name in kept} == kept


@pytest.mark.parametrize("name", [name for name in SHIPPED if name.startswith(("wallpaper", "textile", "fabric"))])
def test_every_repeat_has_inks_and_paper_of_its_own_that_stand_out_from_one_another(name: str) -> None:
    options = load_preset(name).options
    paper = parse_paper_colour(options.get("paper-colour", "white"))
    palette = parse_palette(options["palette"]) if "palette" in options else {}
    inks = [parse_pen(pen, palette=palette).colour for pen in options["pen"]]
    areas = [options["fill"]] if "fill" in options else []
    behind = [parse_pen(area, palette=palette).colour for area in areas] or [paper]
    assert all(abs(lightness(ink) - lightness(ground)) > 0.12 for ink in inks for ground in behind)
    assert "background" in options or options["repeat"] in ("stripe", "ogee")
    assert options["size"].split("x")[0].rstrip("cmin") in name


def lightness(colour: str) -> float:
    """0 for black, 1 for white: of what a grey copy would keep."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_what_a_preset_says_of_print_files_is_left_out_where_none_is_written(plotsketch, tmp_path: Path) -> None:
    words = ("grid", "cat-head", "pig-full", "--rows", "2", "--cols", "2", "--best-of", "1", "--preset", "poster-a3")
    assert plotsketch(*words, "-o", tmp_path / "a.svg").exit_code == 0
    assert plotsketch(*words, "-o", tmp_path / "a.png", "--dpi", "20").exit_code == 0
    assert Image.open(tmp_path / "a.png").convert("RGB").getpixel((0, 0)) == (252, 248, 234)
    typed = plotsketch(*words, "--paper-colour", "kraft", "-o", tmp_path / "a.svg")
    assert (typed.exit_code, "--paper-colour is for .png" in typed.stderr) == (1, True)


def test_two_rivals_of_one_preset_are_refused(plotsketch, own: Path, tmp_path: Path) -> None:
    (own / "mine.toml").write_text('[options]\nrepeat = "block"\ngroup = "p4"')
    done = plotsketch("pattern", "cat-head", "--preset", "mine", "-o", tmp_path / "a.svg")
    assert done.exit_code == 1 and "two ways to repeat" in done.stderr


def test_switches_can_be_given_and_taken_back(own: Path) -> None:
    (own / "lying.toml").write_text("[options]\nlandscape = true\nframe = true")
    (own / "standing.toml").write_text('like = "lying"\n[options]\nportrait = true\nframe = false')
    grid = cli.get_command(click.Context(cli), "grid")
    assert grid is not None
    assert values_for(grid, "grid", "lying") == {"landscape": True, "frame": True}
    assert values_for(grid, "grid", "standing") == {"landscape": False, "frame": False}


def test_one_of_mine_goes_before_the_shipped_one_and_may_be_like_it(own: Path) -> None:
    (own / "axidraw-a4.toml").write_text('like = "axidraw-a4"\n[options]\nmargin = "3cm"')
    mine = load_preset("axidraw-a4")
    assert mine.options["margin"] == "3cm"
    assert mine.options["machine"] == "axidraw-v3"
    assert mine.about


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[options]\nrow = 3", "grid has no option 'row'; did you mean 'rows'?"),
        ("rows = 3", "a preset has no 'rows': options stand under \\[options\\]"),
        ("[options]\nrows = [1, 2]", "rows = \\[1, 2\\]; it takes one text or number"),
        ("[options]\nframe = 3", "frame = 3; it takes true or false"),
        ('command = "vary"\n[options]\nrows = 3', "preset 'bad' is for vary, not for grid"),
        ('like = "bad"\n[options]', "leads back to the same preset"),
        ('like = "calmer"\n', "no preset 'calmer': did you mean calm"),
        ("like = 3", "like = 3; it takes the name of a preset"),
        ("command = 3", "command = 3; it takes a command's name"),
        ("options = 3", "options are a table"),
        ("[options", "is no TOML"),
    ],
)
def test_what_is_wrong_with_a_preset_is_said_before_any_work(plotsketch, own: Path, text: str, words: str) -> None:
    (own / "bad.toml").write_text(text)
    result = plotsketch("grid", "cat-head", "pig-full", "--preset", "bad", "-o", own / "a.svg")
    assert result.exit_code == 1
    with pytest.raises(UserError, match=words):
        raise UserError(result.stderr)
    assert not (own / "a.svg").exists()


def test_a_longer_ring_of_presets_ends_too(own: Path) -> None:
    for name, like in ("ab", "bc", "ca"):
        (own / f"{name}.toml").write_text(f'like = "{like}"')
    with pytest.raises(UserError, match="leads back"):
        load_preset("a")


def test_unknown_names_list_near_ones(plotsketch) -> None:
    result = plotsketch("grid", "cat-head", "pig-full", "--preset", "axidraw_a4", "-o", "a.svg")
    assert (result.exit_code, "did you mean axidraw-a4" in result.stderr) == (1, True)


def test_list_show_and_new(plotsketch, own: Path) -> None:
    listed = json.loads(plotsketch("presets", "list", "--json").stdout)["presets"]
    assert [row["name"] for row in listed] == SHIPPED
    shown = plotsketch("presets", "show", "textile-25.25in").stdout
    assert "plotsketch pattern ... --repeat tossed" in shown
    made = plotsketch("presets", "new", "my-cloth", "--like", "textile-25.25in", "--json")
    path = Path(json.loads(made.stdout)["file"])
    assert path == own / "my-cloth.toml"
    assert load_preset("my-cloth").options == load_preset("textile-25.25in").options
    assert plotsketch("presets", "new", "my-cloth").exit_code == 1
    assert plotsketch("presets", "new", "../cloth").exit_code == 1
    assert "(yours)" in plotsketch("presets", "list").stdout


def test_show_tells_of_switches_that_are_off(plotsketch, own: Path) -> None:
    (own / "bare.toml").write_text('about = "Bare."\n[options]\nframe = false\nrows = 3')
    lines = plotsketch("presets", "show", "bare").stdout.splitlines()
    assert lines[:3] == ["Bare.", "plotsketch COMMAND ... --rows 3", "without --frame"]


def test_a_file_anywhere_is_a_preset(plotsketch, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[options]\nmachine = "hp7475a"')
    result = plotsketch("estimate", "--preset", tmp_path / "mine.toml", tmp_path / "none.svg")
    assert (result.exit_code, "none.svg" in result.stderr) == (1, True)
