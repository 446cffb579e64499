"""The command lines that make a file again, from what it says of itself: how it was drawn, and what came after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotsketch.api.command_line import (
    CommandLine,
    Options,
    length,
    number,
    of_levers,
    of_pens,
    of_recipe,
    of_style,
    pen_text,
    size,
)
from plotsketch.errors import UserError
from plotsketch.lines.effort import KICKS
from plotsketch.lines.machine import load_machine, machine_names
from plotsketch.output.formats import PLOTTER_FILES
from plotsketch.output.printing import PICTURES, Printing
from plotsketch.sheet.design import UPRIGHT, Design
from plotsketch.sheet.document import Pen
from plotsketch.sheet.style import Style
from plotsketch.strokes.clean import Levers

if TYPE_CHECKING:
    from plotsketch.art.recipe import Recipe

Values = Mapping[str, Any]
BETWEEN = "step-{}{}"  # files on the way: their number and suffix


def command_lines(
    values: Values, recipe: Recipe, model: str, outputs: Sequence[Path | str], folder: Path = Path()
) -> list[CommandLine]:
    """How a file whose recipe says ``values`` is made: drawn as ``outputs``, or drawn to a file in ``folder`` that
    further commands read.

    What the recipe says of its own format is left out where no output has that format. Raises UserError for a recipe
    that no command draws; what is damaged raises UserError, TypeError, ValueError, LookupError or AttributeError.
    """
    if recipe.command == "prepared":
        raise UserError("it shows what a model sees of files; draw with these again, with --show-prepared")
    passes = list(values.get("passed", []))
    between = [str(folder / BETWEEN.format(n, _writable(read["read"]))) for n, read in enumerate(passes, start=1)]
    targets = [*((name,) for name in between), tuple(map(str, outputs))]
    facts = [*passes, values]  # each says of the file that it was read from, the last of the one at hand
    lines = [_drawing(values, recipe, model, facts[0], targets[0])]
    for read, file, fact, target in zip(passes, between, facts[1:], targets[1:], strict=True):
        made = {"optimize": _of_optimize, "convert": _of_convert}[read["by"]](read)
        made |= _of_file(fact, target) | _of_reach(fact, target)
        lines.append(CommandLine(read["by"], (file,), {**made, "output": target}))
    return lines


def machines_of(values: Values) -> Iterator[str]:
    """The machines that had to do with a file, by their names."""
    for facts in (values, *values.get("passed", [])):
        for held in (facts, facts.get("optimized", {}), facts.get("plotter", {})):
            yield from (str(held[name]) for name in ("machine", "source") if name in held)


def _writable(suffix: str) -> str:
    return ".svg" if suffix == ".svgz" else suffix


def _drawing(values: Values, recipe: Recipe, model: str, facts: Values, outputs: tuple[str, ...]) -> CommandLine:
    arguments, options = of_recipe(recipe)
    options |= {"model": model} if model else {}
    match recipe.command:
        case "morph":
            options |= _of_film(values, outputs)
            return CommandLine("morph", arguments, {**options, "output": outputs})
        case "pattern":
            options |= _of_design(values["design"], recipe) | _of_cut(values)
        case "landmarks":
            return CommandLine("landmarks", (), {**options, **_dpi(facts, outputs), "output": outputs})
        case _:
            options |= of_style(Style.from_dict(values["style"]))
    options |= _of_finish(values) | _of_file(facts, outputs)
    return CommandLine(recipe.command, arguments, {**options, "output": outputs})


def _of_finish(values: Values) -> Options:
    """What was done to a sheet before it was written for the first time."""
    found: Options = {}
    if values.get("vpype"):
        found["vpype"] = " ".join(map(str, values["vpype"]))
    if values.get("layer_codes"):
        found["layer-code"] = tuple(map(str, values["layer_codes"]))
    orders = (read for read in values.get("passed", []) if read["by"] == "optimize")
    if ordered := next(orders, values).get("optimized"):
        found |= {"optimize": True, **_machine(ordered["machine"])}
    return found


def _of_file(facts: Values, outputs: Iterable[str]) -> Options:
    """What was wished of a file, as far as it means anything to one of the ``outputs``."""
    suffixes = _suffixes(outputs)
    found = _dpi(facts, outputs) | _of_print(Printing(**facts.get("print", {})), suffixes)
    plotter = facts.get("plotter", {})
    if plotter and suffixes & PLOTTER_FILES.keys():
        found |= _machine(plotter["machine"])
        found |= {"oversize": str(plotter["oversize"])} if "oversize" in plotter else {}
    return found


def _of_reach(facts: Values, outputs: Iterable[str]) -> Options:
    """More of the same, which commands have that read files."""
    suffixes, found = _suffixes(outputs), {}
    plotter = facts.get("plotter", {})
    if plotter and suffixes & PLOTTER_FILES.keys():
        found = _speed(plotter) | ({"paper": str(plotter["paper"])} if "paper" in plotter else {})
    if ".svg" in suffixes and "curves_mm" in facts:
        found["curves"] = length(facts["curves_mm"])
    return found


def _of_print(printing: Printing, suffixes: set[str]) -> Options:
    found: Options = {}
    for name, value in printing.to_dict().items():
        try:  # by itself: another wish may mean nothing
            Printing(**{name: value} | ({"plates": True} if name == "negative" else {})).check(suffixes)
        except UserError:
            continue
        said = length(value) if name == "bleed" else value  # the rest are texts and switches
        found["paper-colour" if name == "paper" else name] = said
    return found


def _dpi(facts: Values, outputs: Iterable[str]) -> Options:
    return {"dpi": number(facts["dpi"])} if "dpi" in facts and _suffixes(outputs) & {*PICTURES} else {}


def _suffixes(outputs: Iterable[str]) -> set[str]:
    return {Path(output).suffix.lower() for output in outputs}


def _machine(name: Any) -> Options:
    """A machine that has a name; others are files, which no recipe may name."""
    return {"machine": str(name)} if name in machine_names() else {}


def _speed(facts: Values) -> Options:
    """The speed that was given to a machine."""
    name, speed = facts.get("machine"), facts.get("draw_speed")
    if speed is None or name not in machine_names() or load_machine(str(name)).draw_speed == speed:
        return {}
    return {"speed": number(speed)}


def _of_convert(read: Values) -> Options:
    found: Options = {"layer-code": tuple(map(str, read["layer_codes"]))} if read.get("layer_codes") else {}
    return found | ({"from": str(read["source"])} if read.get("source") in machine_names() else {})


def _of_optimize(read: Values) -> Options:
    usual = {"objective": "seconds", "seed": 0}
    found: Options = {name: str(read[name]) for name in usual if read[name] != usual[name]}
    found |= _machine(read["machine"]) | _speed(read) | {"join": length(read["join_mm"])}
    if read.get("retrace_mm"):
        found["retrace"] = length(read["retrace_mm"])
    effort = read["effort"]
    by_name = {kicks: name for name, kicks in KICKS.items()}
    if "seconds" in effort:
        found["effort"] = f"{number(effort['seconds'])}s"
    elif effort["kicks"] != KICKS["normal"]:
        found["effort"] = by_name.get(effort["kicks"], number(effort["kicks"]))
    for name in ("simplify", "smooth", "hatch_gap", "closed", "dedupe", "drop_tiny", "split"):
        found |= {name.replace("_", "-"): length(read[name])} if name in read else {}
    for name in ("hatch_cross", "occlude", "drop_dots", "reloop"):
        found |= {name.replace("_", "-"): True} if read.get(name) else {}
    found |= {name: tuple(map(str, read[name])) for name in ("hatch", "mask") if name in read}
    found |= {"hatch-angle": number(read["hatch_angle"])} if "hatch_angle" in read else {}
    return found | _of_convert(read)


def _of_design(values: Values, recipe: Any) -> Options:
    usual, width = Design(), float(values["pen_width"])
    height = values["height"]
    side = float(values["width"])
    found: Options = {"size": length(side) if height is None else size(side, float(height))}
    if values["group"] is not None:
        found["group"] = str(values["group"])
    elif values["repeat"] != usual.repeat:
        found["repeat"] = str(values["repeat"])
    if values["rows"] is None:
        found["motifs"] = str(recipe.motifs)
    found |= {name: str(values[name]) for name in ("rows", "cols") if values[name] is not None}
    found |= _of_motifs(values)
    found |= {name.replace("_", "-"): True for name in ("flip", "silhouette") if values[name]}
    found |= {} if values["outlines"] else {"no-outlines": True}
    pens = {name: _pen(values[name]) for name in ("fill", "background_pen", "outline_pen")}
    if values["background"] is not None:
        found["background"] = str(values["background"])
    elif pens["background_pen"] is not None:
        del pens["background_pen"]
    found |= {name.replace("_", "-"): pen_text(pen, width) for name, pen in pens.items() if pen is not None}
    found |= of_pens([pen for pen in map(_pen, values["pens"]) if pen], width)
    found |= {"pen-by": str(values["pen_by"])} if values["pen_by"] is not None else {}
    return found | of_levers(None if values["levers"] is None else Levers(**values["levers"]))


def _of_motifs(values: Values) -> Options:
    """How motifs stand and how large they are."""
    found: Options = {}
    gap, turn, sizes = values["gap"], values["rotate"], tuple(values["sizes"])
    if gap is not None:
        found["gap"] = length(gap)
    if turn is not None:
        found["rotate"] = {UPRIGHT: "none", 0.0: "free"}.get(turn) or number(turn)
    if sizes != (1.0, 1.0):
        found["sizes"] = "-".join(map(number, sizes))
    if values["motif_size"] is not None:
        found["motif-size"] = length(values["motif_size"])
    if values["overlaps"] != "keep":
        found["overlaps"] = str(values["overlaps"])
    if values["spacing"] is not None:
        found["background-spacing"] = length(values["spacing"])
    return found


def _pen(values: Any) -> Pen | None:
    return None if values is None else Pen(str(values["name"]), float(values["width"]), str(values["colour"]))


def _of_cut(values: Values) -> Options:
    cut = values.get("cut", {"kind": "tile"})
    found: Options = {}
    if "pixels_dpi" in values:
        found |= {"whole-pixels": True, "dpi": number(values["pixels_dpi"])}
    match cut["kind"]:
        case "unit":
            found["unit"] = True
        case "swatch":
            found["swatch"] = "x".join(str(int(count)) for count in cut["repeats"])
        case "sheet":
            found |= {"sheet": size(*map(float, cut["paper_mm"])), "margin": length(cut["margin_mm"])}
    return found


def _of_film(values: Values, outputs: Iterable[str]) -> Options:
    if book := values.get("flipbook"):
        found: Options = {"flipbook": True}
        found |= {name: size(book[name]["width"], book[name]["height"]) for name in ("paper", "page")}
        found |= {name.replace("_", "-"): length(book[name]) for name in ("margin", "binding", "pen_width")}
        return found | _dpi(values, outputs)
    if not (screen := values.get("screen")):
        return {}
    found = {"size": str(int(screen["size"])), "fps": number(screen["fps"])}
    found |= {"rest": number(screen["rest"])} if screen["rest"] else {}
    if pen := _pixels(screen):
        found["pen-width"] = pen
    is_film = "frame" not in values and any(Path(output).suffix.lower() == ".png" for output in outputs)
    return found | ({"apng": True} if is_film else {})


def _pixels(screen: Values) -> str:
    """The words for a pen of exactly so many pixels; "" for the usual one of the size."""
    from plotsketch.output.animation import Screen
    from plotsketch.sheet.paper import parse_length

    pen = float(screen["pen"])
    if Screen(int(screen["size"])).pen_pixels == pen:
        return ""
    mm = pen * 25.4 / 96
    texts = (f"{number(pen)}px", length(round(mm, 6)), length(mm))
    return next((text for text in texts if parse_length(text) * 96 / 25.4 == pen), texts[0])
